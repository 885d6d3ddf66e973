"""`extractor findings`: the codes listed and explained, or the findings of reports, line by line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from extractor.errors import InputError, UsageError

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue
    from extractor.writing.findings import Found


class FindingsFormat(StrEnum):
    """Output formats of `findings`."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"


class Least(StrEnum):
    """Severities, from the least."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class FindingsLanguage(StrEnum):
    """Languages of messages."""

    ZH = "zh"
    EN = "en"


def findings(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CODE | INPUT]...", help="A finding's code, or files, folders, or -.", show_default=False),
    ] = None,
    form: Annotated[FindingsFormat, typer.Option("--format", "-f", help="Output format.")] = FindingsFormat.TABLE,
    severity: Annotated[Least, typer.Option("--severity", help="Leave out what is less severe than this.")] = Least.INFO,
    fail_on: Annotated[
        Least | None,
        typer.Option("--fail-on", help="Exit with 1 when a finding is of this severity or above.", show_default=False),
    ] = None,
    lang: Annotated[FindingsLanguage, typer.Option("--lang", help="Language of messages.")] = FindingsLanguage.ZH,
    encoding: Annotated[
        str | None, typer.Option("--encoding", help="Encoding of the inputs, if it is not to be told by their content.")
    ] = None,
    catalogue: Annotated[
        Path | None,
        typer.Option("--catalogue", envvar="EXTRACTOR_CATALOGUE", help="Folder with own rules, laid over the built-in ones."),
    ] = None,
) -> None:
    """List the codes of findings, explain one, or show the findings of reports.

    Examples:

      extractor findings

      extractor findings rate_contradicted

      extractor findings report.txt

      extractor findings reports/ --severity warning --fail-on error

    Exit codes: 0 done; 1 findings at or above --fail-on; 2 wrong use (no such code) or a bad catalogue; 3 some inputs could not
    be read (the findings of the others are shown).
    """
    from extractor.catalogue import load_catalogue
    from extractor.writing.findings import write_codes, write_codes_json, write_codes_markdown, write_found, write_found_json

    rules = load_catalogue(catalogue)
    given = names or []
    codes = [name for name in given if name in rules.checks.findings]
    if len(codes) == len(given):
        write = {
            FindingsFormat.TABLE: write_codes,
            FindingsFormat.JSON: write_codes_json,
            FindingsFormat.MARKDOWN: write_codes_markdown,
        }[form]
        write(rules, codes, sys.stdout)
        return
    if codes:
        raise UsageError(f"{codes[0]} is a code and {_first_input(given, codes)} is not; ask for codes or for reports")
    if form is FindingsFormat.MARKDOWN:
        raise UsageError("markdown is the form of the list of codes; findings of reports are given as table or json")
    run = _Run(rules, encoding)
    write_report = write_found_json if form is FindingsFormat.JSON else write_found
    order = [least.value for least in Least]
    shown = set(order[order.index(severity.value) :])
    write_report(run.found(_inputs(rules, given)), shown, lang.value, sys.stdout, sys.stderr)
    if run.failed:
        raise typer.Exit(3)
    if fail_on is not None and run.severities & set(order[order.index(fail_on.value) :]):
        raise typer.Exit(1)


def _first_input(given: list[str], codes: list[str]) -> str:
    return next(name for name in given if name not in codes)


def _inputs(rules: Catalogue, given: list[str]) -> Iterator[str | InputError]:
    """The files that the arguments name. Raises UsageError for a word that is neither a file nor a code."""
    from extractor.catalogue.loader import nearest
    from extractor.reading import find_inputs

    for name in find_inputs(given):
        if isinstance(name, InputError) and name.name.isidentifier() and name.name in given:
            hint = nearest(name.name, rules.checks.findings) or "; extractor findings lists the codes"
            raise UsageError(f"{name.name!r} is no finding's code and no file{hint}")
        yield name


class _Run:
    """One call: what was read, and what came of it so far."""

    def __init__(self, rules: Catalogue, encoding: str | None) -> None:
        self.rules = rules
        self.encoding = encoding
        self.failed = 0
        self.severities: set[str] = set()

    def found(self, inputs: Iterator[str | InputError]) -> Iterator[Found]:
        """The findings of one report after another; an input that cannot be read is told of and passed over."""
        from extractor.pipeline import Extractor
        from extractor.reading import read_input
        from extractor.writing.findings import Found

        stages = Extractor(self.rules)
        for name in inputs:
            try:
                if isinstance(name, InputError):
                    raise name
                document = read_input(name, self.encoding)
            except InputError as error:
                self.failed += 1
                sys.stderr.write(f"extractor: {error}\n")
                continue
            report = stages.extract(document)
            self.severities |= {finding.severity for finding in report.findings}
            yield Found(document.name, document.text, report.findings)
