"""`extractor export`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from extractor.catalogue.memory import recall_catalogue
from extractor.cli.extract import LanguageName, TableName
from extractor.errors import InputError, UsageError
from extractor.reading.records import Record, input_files, read_records
from extractor.writing.export import Wish, form_of, write_lines
from extractor.writing.export import export as write

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue

LINES = ".jsonl"


def export(
    records: Annotated[
        list[str],
        typer.Argument(metavar="RECORDS...", help="Records: .jsonl, .json, folders of them, or - for standard input."),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", help="The file to write; its ending says the format: xlsx, csv, parquet, sqlite, jsonl."
        ),
    ],
    table: Annotated[TableName, typer.Option("--table", help="Which table csv and parquet give.")] = TableName.SUMMARY,
    lang: Annotated[LanguageName, typer.Option("--lang", help="Language of names and words.")] = LanguageName.ZH,
    all_columns: Annotated[
        bool, typer.Option("--all-columns", help="xlsx: a column for every indicator, not only for those that occur.")
    ] = False,
    catalogue: Annotated[
        Path | None,
        typer.Option("--catalogue", envvar="EXTRACTOR_CATALOGUE", help="The own rules that the records were made with."),
    ] = None,
) -> None:
    """Write records as a workbook, a table or a database.

    Examples:

      extractor export records.jsonl -o reports.xlsx

      extractor export records/ -o indicators.parquet --table indicators

      cat records.jsonl | extractor export - -o reports.sqlite

    Exit codes: 0 done; 2 wrong use, or records made with other rules; 3 some records could not be read (the others are
    written), or the file could not be written.
    """
    if any(file.resolve() == output.resolve() for file in input_files(records)):
        raise UsageError(f"{output} is one of the inputs; name another file with -o")
    rules = recall_catalogue(str(catalogue) if catalogue else None)
    if export_files(records, output, rules, Wish(table.value, lang.value, all_columns)):
        raise typer.Exit(3)


def export_files(inputs: list[str], output: Path, catalogue: Catalogue, wish: Wish) -> int:
    """Write the records of files, folders or standard input to a file; gives how many could not be read.

    They are told of on standard error. Ends with exit code 3, and leaves `output` alone, where there is not a single record.
    """
    run = Reading(inputs)
    if output.suffix.lower() == LINES:
        write_lines((record.line for record in run.records()), output)
    else:
        reports = (record.report for record in run.records())
        for note in write(reports, output, form_of(output), catalogue, wish):
            sys.stderr.write(f"extractor: {output}: {note}\n")
    return run.failed


class Reading:
    """Records while they are read: how many there were, and how many were none."""

    def __init__(self, inputs: list[str]) -> None:
        self.inputs = inputs
        self.failed = 0
        self.read = 0

    def records(self) -> Iterator[Record]:
        """The records; what is none is told of and passed over. Nothing at all is an error, and leaves the output alone."""
        for found in read_records(self.inputs):
            if isinstance(found, InputError):
                self.failed += 1
                sys.stderr.write(f"extractor: {found}\n")
            else:
                self.read += 1
                yield found
        if not self.read:
            raise typer.Exit(3)
