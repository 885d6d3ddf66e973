"""`extractor evaluate`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from extractor.errors import GoldError, InputError

if TYPE_CHECKING:
    from extractor.gold import Gold
    from extractor.models import Report
    from extractor.pipeline import Extractor
    from extractor.types import Document


class EvaluationFormat(StrEnum):
    """Output formats of an evaluation."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"


_BY_ENDING = {".json": EvaluationFormat.JSON, ".md": EvaluationFormat.MARKDOWN, ".markdown": EvaluationFormat.MARKDOWN}


def evaluate(
    gold: Annotated[
        Path,
        typer.Argument(
            metavar="GOLD", help="Folder of NAME.txt with NAME.json or NAME.gold.json, or corrected records .jsonl."
        ),
    ],
    records: Annotated[
        Path | None, typer.Option("--records", help="Folder of records NAME.json to measure, instead of making them anew.")
    ] = None,
    errors: Annotated[int, typer.Option("--errors", min=0, help="Errors shown of each kind for each report; 0 for none.")] = 5,
    form: Annotated[
        EvaluationFormat | None,
        typer.Option(
            "--format", "-f", help="Output format. [default: as the ending of -o says, else table]", show_default=False
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file instead of standard output.")
    ] = None,
    catalogue: Annotated[
        Path | None,
        typer.Option("--catalogue", envvar="EXTRACTOR_CATALOGUE", help="Folder with own rules, laid over the built-in ones."),
    ] = None,
) -> None:
    """Measure records against annotated reports: precision, recall and F1 by stage, code and report, and every error.

    Examples:

      extractor evaluate samples

      extractor evaluate gold --errors 0 -f json

      extractor evaluate gold --records records -o evaluation.md

      extractor evaluate corrected.jsonl

    Exit codes: 0 done; 2 wrong use or a bad catalogue; 3 an annotation does not fit its text, or a record cannot be read (an
    annotation is passed over then, a record counts as empty; the others are measured).
    """
    from extractor.evaluation import evaluate as measure
    from extractor.pipeline import extractor_for
    from extractor.writing.evaluation import write_evaluation
    from extractor.writing.target import open_target

    run = _Run(extractor_for(str(catalogue) if catalogue else None), records)
    evaluation = measure(run.cases(gold))
    if evaluation.reports:
        chosen = form or _BY_ENDING.get(output.suffix.lower() if output else "", EvaluationFormat.TABLE)
        with open_target(output) as stream:
            write_evaluation(evaluation, stream, chosen.value, errors)
    if run.failed:
        raise typer.Exit(3)


class _Run:
    """One call: where records come from, and how many inputs could not be used."""

    def __init__(self, extractor: Extractor, records: Path | None) -> None:
        self.extractor = extractor
        self.records = records
        self.failed = 0
        if records is not None and not records.is_dir():
            raise InputError(str(records), "no such folder", "name the folder that holds the records NAME.json")

    def cases(self, folder: Path) -> Iterator[tuple[str, str, Gold, Report | None]]:
        """Name, text, annotation and record of each report; what cannot be used is told of."""
        from extractor.reading.gold import find_gold, read_gold

        if folder.suffix.lower() == ".jsonl":
            yield from self._corrected(folder)
            return
        for file in find_gold(folder):
            try:
                gold, document = read_gold(file, self.extractor.catalogue.codes)
            except GoldError as error:
                self._tell(error)
                continue
            yield file.name, document.text, gold, self._record(file.name, document)

    def _corrected(self, file: Path) -> Iterator[tuple[str, str, Gold, Report | None]]:
        from extractor.reading.gold import read_corrected
        from extractor.reading.records import read_records

        for record in read_records([str(file)]):
            try:
                if isinstance(record, InputError):
                    raise record
                name, gold, document = read_corrected(record, self.extractor.catalogue.codes)
            except (GoldError, InputError) as error:
                self._tell(error)
                continue
            yield name, document.text, gold, self._record(Path(name).stem, document)

    def _record(self, name: str, document: Document) -> Report | None:
        if self.records is None:
            return self.extractor.extract(document)
        from extractor.reading.gold import read_record

        try:
            return read_record(self.records / f"{name}.json")
        except InputError as error:
            self._tell(error)
            return None

    def _tell(self, error: GoldError | InputError) -> None:
        self.failed += 1
        for line in str(error).splitlines():
            sys.stderr.write(f"extractor: {line}\n")
