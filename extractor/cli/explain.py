"""`extractor explain`."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from extractor.cli.reading import Encoding, EncodingErrors, LimitList, OnEncodingErrors, read_options
from extractor.errors import UsageError

if TYPE_CHECKING:
    from extractor.reading import ReadOptions
    from extractor.writing.explanation import Explanation


class ExplainFormat(StrEnum):
    """Output formats of `explain`."""

    TABLE = "table"
    JSON = "json"


def explain(
    file: Annotated[str, typer.Argument(help="A report, or - for standard input.", show_default=False)],
    code: Annotated[
        str | None, typer.Option("--code", help="Explain this indicator: where it won, where it failed and why.")
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="TEXT", help="Explain the first number that is TEXT, or stands beside it.")
    ] = None,
    number: Annotated[
        str | None, typer.Option("--number", metavar="N", help="Explain quantity N (17 or q17, as the record numbers them).")
    ] = None,
    form: Annotated[ExplainFormat, typer.Option("--format", "-f", help="Output format.")] = ExplainFormat.TABLE,
    catalogue: Annotated[
        Path | None,
        typer.Option("--catalogue", envvar="EXTRACTOR_CATALOGUE", help="Folder with own rules, laid over the built-in ones."),
    ] = None,
    encoding: Encoding = None,
    encoding_errors: OnEncodingErrors = EncodingErrors.STRICT,
    limit: LimitList = None,
) -> None:
    """Show why numbers were taken as they were, or not taken: rules tried, cues found, what won.

    Without an option: all quantities briefly. --code together with --number or --at: why that number has the code, or has not.

    Examples:

      extractor explain report.txt

      extractor explain report.txt --at 57起

      extractor explain report.txt --code mediation.success_rate

      extractor explain report.txt --number 17 --code mediation.disputes_resolved

    Exit codes: 0 done; 2 wrong use (no such number, code or text) or a bad catalogue; 3 the input could not be read.
    """
    if at is not None and number is not None:
        raise UsageError("--at and --number both name a number; give one of them")
    from extractor.writing.explanation import write_explanation, write_explanation_json

    options = read_options(encoding, encoding_errors, limit)
    explanation = _explanation(file, options, catalogue, code, at, number)
    write = write_explanation_json if form is ExplainFormat.JSON else write_explanation
    write(explanation, sys.stdout)


def _explanation(
    file: str, options: ReadOptions, catalogue: Path | None, code: str | None, at: str | None, number: str | None
) -> Explanation:
    from extractor.catalogue import load_catalogue
    from extractor.explaining import Explainer, Skipped, rule_of
    from extractor.reading import read_input

    rules = load_catalogue(catalogue)
    if code is not None:
        rule_of(rules, code)
    explainer = Explainer(rules, read_input(file, options).text)
    if number is not None or at is not None:
        found = explainer.by_number(number) if number is not None else explainer.at(at or "")
        if isinstance(found, Skipped):
            return found
        return explainer.number_for_code(found, code) if code is not None else explainer.number(found)
    return explainer.code(code) if code is not None else explainer.overview()
