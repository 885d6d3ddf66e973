"""`extractor extract`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Annotated, TextIO

import typer

from extractor.cli.reading import Encoding, EncodingErrors, LimitList, OnEncodingErrors, read_options
from extractor.errors import InputError, UsageError
from extractor.models import Report
from extractor.pipeline import Extractor, extractor_for
from extractor.reading import STANDARD_INPUT, ReadOptions, find_inputs, read_documents
from extractor.reading.formats import ARCHIVES, BY_ENDING, MAIL, ending
from extractor.writing.export import ENDINGS, ExportForm, Wish
from extractor.writing.rows import Language, Table
from extractor.writing.target import open_target


class Format(StrEnum):
    """Output formats."""

    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    TABLE = "table"
    XLSX = "xlsx"
    PARQUET = "parquet"
    SQLITE = "sqlite"


class TableName(StrEnum):
    """Tables of the formats that hold one."""

    SUMMARY = "summary"
    LONG = "long"
    REPORTS = "reports"
    INDICATORS = "indicators"
    SECTIONS = "sections"
    ITEMS = "items"
    FINDINGS = "findings"


class LanguageName(StrEnum):
    """Languages of column names."""

    ZH = "zh"
    EN = "en"


class FailOn(StrEnum):
    """Severities that end in exit code 1."""

    WARNING = "warning"
    ERROR = "error"


_FILES_ONLY: dict[Format, ExportForm] = {Format.XLSX: "xlsx", Format.PARQUET: "parquet", Format.SQLITE: "sqlite"}
_SEVERAL = "json holds one report and there are several; use -f jsonl"
FAILING = {FailOn.WARNING: {"warning", "error"}, FailOn.ERROR: {"error"}}


def extract(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[INPUT]...", help="Files, archives, folders, or - for standard input.", show_default=False),
    ] = None,
    form: Annotated[
        Format | None,
        typer.Option(
            "--format", "-f", help="Output format. [default: table in a terminal, else json or jsonl]", show_default=False
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file instead of standard output.")
    ] = None,
    table: Annotated[TableName, typer.Option("--table", help="Which table csv and parquet give.")] = TableName.SUMMARY,
    lang: Annotated[LanguageName, typer.Option("--lang", help="Language of column names.")] = LanguageName.ZH,
    encoding: Encoding = None,
    encoding_errors: OnEncodingErrors = EncodingErrors.STRICT,
    limit: LimitList = None,
    stdin_name: Annotated[str, typer.Option("--stdin-name", help="Name of standard input in the record.")] = STANDARD_INPUT,
    with_text: Annotated[bool, typer.Option("--with-text", help="Put the text that offsets refer to into the record.")] = False,
    catalogue: Annotated[
        Path | None,
        typer.Option("--catalogue", envvar="EXTRACTOR_CATALOGUE", help="Folder with own rules, laid over the built-in ones."),
    ] = None,
    fail_on: Annotated[
        FailOn | None,
        typer.Option("--fail-on", help="Exit with 1 when a finding is of this severity or above.", show_default=False),
    ] = None,
) -> None:
    """Read reports and print their records.

    Examples:

      extractor extract report.txt -f json

      cat report.txt | extractor extract -f csv --table indicators

      extractor extract reports/ -f csv -o summary.csv

      extractor extract reports.zip -f jsonl

    Exit codes: 0 done; 1 findings at or above --fail-on; 2 wrong use or a bad catalogue; 3 some inputs could not be read (the
    others are written); 130 interrupted.
    """
    options = read_options(encoding, encoding_errors, limit)
    run = _Run(extractor_for(str(catalogue) if catalogue else None), options, stdin_name, with_text)
    found = list(find_inputs(inputs or _piped()))
    chosen = form or _default_format(output, found)
    if chosen is Format.JSON and len(found) > 1:
        raise UsageError(_SEVERAL)
    if output is not None and any(isinstance(name, str) and _same_file(output, name) for name in found):
        raise UsageError(f"{output} is one of the inputs; name another file with -o")
    if chosen in _FILES_ONLY:
        _export(run, found, output, chosen, Wish(table.value, lang.value))
    else:
        bom = output is not None and chosen is Format.CSV
        with open_target(output, byte_order_mark=bom) as stream:
            _write(run, _fitting(run.reports(found), chosen), stream, chosen, table.value, lang.value)
            if not run.written:
                raise typer.Exit(3)
    if run.failed:
        raise typer.Exit(3)
    if fail_on is not None and run.severities & FAILING[fail_on]:
        raise typer.Exit(1)


class _Run:
    """One call: what was asked for, and what came of it so far."""

    def __init__(self, extractor: Extractor, options: ReadOptions, stdin_name: str, with_text: bool) -> None:
        self.extractor = extractor
        self.options = options
        self.stdin_name = stdin_name
        self.with_text = with_text
        self.failed = 0
        self.written = 0
        self.severities: set[str] = set()

    def reports(self, found: list[str | InputError]) -> Iterator[Report]:
        """The records, one after another; an input that cannot be read is told of and passed over."""
        for document in read_documents(found, self.options, self.stdin_name):
            if isinstance(document, InputError):
                self.failed += 1
                sys.stderr.write(f"extractor: {document}\n")
                continue
            report = self.extractor.extract(document, self.with_text)
            self.severities |= {finding.severity for finding in report.findings}
            self.written += 1
            yield report

    def some_reports(self, found: list[str | InputError]) -> Iterator[Report]:
        """The records; without a single one the command ends, and nothing is written."""
        yield from self.reports(found)
        if not self.written:
            raise typer.Exit(3)


def _piped() -> list[str]:
    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError("no input; name files or folders, or pipe a text into the command (see extractor extract --help)")
    return [STANDARD_INPUT]


def _same_file(output: Path, name: str) -> bool:
    return name != STANDARD_INPUT and output.exists() and output.samefile(name)


def _fitting(reports: Iterator[Report], form: Format) -> Iterator[Report]:
    """The reports, as many as the format can hold. Raises UsageError where an archive gives json more than one."""
    if form is not Format.JSON:
        return reports
    first = list(islice(reports, 2))
    if len(first) > 1:
        raise UsageError(_SEVERAL)
    return iter(first)


def _default_format(output: Path | None, found: list[str | InputError]) -> Format:
    if output is not None:
        by_ending = {".json": "json", **ENDINGS}
        return Format(by_ending.get(output.suffix.lower(), "jsonl"))
    if sys.stdout.isatty():
        return Format.TABLE
    return Format.JSON if len(found) == 1 and not _is_archive(found[0]) else Format.JSONL


def _is_archive(name: str | InputError) -> bool:
    """Whether an input may hold several reports, by its ending."""
    return isinstance(name, str) and BY_ENDING.get(ending(name)) in {*ARCHIVES, MAIL}


def _export(run: _Run, found: list[str | InputError], output: Path | None, form: Format, wish: Wish) -> None:
    """Formats that are no stream of text."""
    from extractor.writing.export import export

    if output is None:
        raise UsageError(f"{form.value} is written to a file; name it with -o")
    for note in export(run.some_reports(found), output, _FILES_ONLY[form], run.extractor.catalogue, wish):
        sys.stderr.write(f"extractor: {output}: {note}\n")


def _write(run: _Run, reports: Iterator[Report], stream: TextIO, form: Format, table: Table, language: Language) -> None:
    if form is Format.TABLE:
        from extractor.writing.table import write_table

        write_table(reports, stream, language)
    elif form is Format.CSV:
        from extractor.writing.csv import write_csv

        write_csv(reports, stream, table, run.extractor.catalogue, language)
    else:
        indent = 2 if form is Format.JSON else None
        for report in reports:
            stream.write(report.model_dump_json(indent=indent) + "\n")
            stream.flush()
