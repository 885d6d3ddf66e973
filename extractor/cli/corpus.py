"""`extractor corpus`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from extractor.cli.extract import LanguageName
from extractor.errors import InputError, UsageError

if TYPE_CHECKING:
    from extractor.catalogue.models import CorpusRules
    from extractor.corpus import Digest

_RECORD = '"schema_version"'
_OF_BATCH = (".batch/sketches.jsonl", "digests")
"""Where a batch keeps its digests: on one machine, and on a cluster."""


class CorpusFormat(StrEnum):
    """Output formats of `corpus`."""

    TABLE = "table"
    CSV = "csv"
    JSONL = "jsonl"


def corpus(
    inputs: Annotated[
        list[Path],
        typer.Argument(metavar="INPUT...", help="Records (one a line, with their text), digests, or the folder of a batch."),
    ],
    form: Annotated[CorpusFormat, typer.Option("--format", "-f", help="Output format.")] = CorpusFormat.TABLE,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file instead of standard output.")
    ] = None,
    lang: Annotated[LanguageName, typer.Option("--lang", help="Language of messages and column names.")] = LanguageName.ZH,
    catalogue: Annotated[
        Path | None,
        typer.Option("--catalogue", envvar="EXTRACTOR_CATALOGUE", help="Folder with own rules, laid over the built-in ones."),
    ] = None,
) -> None:
    """Show what many reports show beside each other: copies, missing years, values far from others, units that change.

    Records are compared by their words only where they hold their text (--with-text).

    Examples:

      extractor extract reports/ --with-text -f jsonl -o records.jsonl

      extractor corpus records.jsonl

      extractor corpus results -f csv -o copies.csv

    Exit codes: 0 done; 2 wrong use or a bad catalogue; 3 an input is not there, or holds neither records nor digests.
    """
    from extractor.corpus import find
    from extractor.pipeline import extractor_for
    from extractor.writing.corpus import write_corpus_csv, write_corpus_lines, write_corpus_table
    from extractor.writing.target import open_target

    rules = extractor_for(str(catalogue) if catalogue else None).catalogue
    reader = _Reader(rules.corpus)
    found = find(reader.digests(inputs), rules)
    write = {
        CorpusFormat.TABLE: write_corpus_table,
        CorpusFormat.CSV: write_corpus_csv,
        CorpusFormat.JSONL: write_corpus_lines,
    }[form]
    with open_target(output, byte_order_mark=form is CorpusFormat.CSV) as stream:
        write(found, stream, lang.value)
    if reader.without_text:
        sys.stderr.write(
            f"extractor: {reader.without_text} records hold no text and were not compared by their words; "
            "make them with --with-text\n"
        )


class _Reader:
    """Digests from files, and how many records came without their text."""

    def __init__(self, rules: CorpusRules) -> None:
        self.rules = rules
        self.without_text = 0

    def digests(self, inputs: list[Path]) -> Iterator[Digest]:
        """The digests of all files. Raises InputError at what is neither, UsageError at a folder of no batch."""
        for file in [file for path in inputs for file in _files(path)]:
            try:
                with file.open(encoding="utf-8") as lines:
                    for number, line in enumerate(lines, 1):
                        yield self._digest(line, f"{file}:{number}")
            except UnicodeDecodeError:
                raise InputError(str(file), "is no text in UTF-8", "name records or digests, one a line") from None
            except OSError as error:
                raise InputError(str(file), f"cannot be read ({error.strerror})", "check its name and permissions") from None

    def _digest(self, line: str, place: str) -> Digest:
        from extractor.corpus import digest, from_line

        if not line.lstrip("{ ").startswith(_RECORD):
            return from_line(line, place)
        from extractor.models import Report

        try:
            report = Report.model_validate_json(line)
        except ValueError:
            raise InputError(place, "is no record of this version", "make the records anew with `extractor extract`") from None
        self.without_text += report.source.text is None
        return digest(report, report.source.text or "", self.rules)


def _files(path: Path) -> list[Path]:
    """A file itself; of a batch's folder, the files with its digests."""
    if not path.is_dir():
        return [path]
    files = [
        file for name in _OF_BATCH for file in ([path / name] if (path / name).is_file() else (path / name).glob("*.jsonl"))
    ]
    if not files:
        raise UsageError(f"{path}: is no folder of `extractor batch`; name one, or a file with records or digests")
    return sorted(files)
