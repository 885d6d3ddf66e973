"""`extractor findings`: the codes listed and explained, or the findings of reports, line by line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from extractor.cli.reading import Encoding, EncodingErrors, LimitList, OnEncodingErrors, read_options
from extractor.errors import InputError, UsageError

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue
    from extractor.pipeline import Extractor
    from extractor.reading import ReadOptions
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
    encoding: Encoding = None,
    encoding_errors: OnEncodingErrors = EncodingErrors.STRICT,
    limit: LimitList = None,
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
    from extractor.pipeline import extractor_for

    stages = extractor_for(str(catalogue) if catalogue else None)
    given = names or []
    codes = [name for name in given if name in stages.catalogue.checks.findings]
    inputs = [name for name in given if name not in codes]
    if not inputs:
        _write_codes(catalogue, codes, form)
        return
    if codes:
        raise UsageError(f"{codes[0]} is a code and {inputs[0]} is not; ask for codes or for reports")
    if form is FindingsFormat.MARKDOWN:
        raise UsageError("markdown is the form of the list of codes; findings of reports are given as table or json")
    from extractor.writing.findings import write_found, write_found_json

    run = _Run(stages, read_options(encoding, encoding_errors, limit))
    write = write_found_json if form is FindingsFormat.JSON else write_found
    write(run.found(_inputs(stages.catalogue, inputs)), _from(severity), lang.value, sys.stdout, sys.stderr)
    if run.failed:
        raise typer.Exit(3)
    if fail_on is not None and run.severities & _from(fail_on):
        raise typer.Exit(1)


def _from(least: Least) -> set[str]:
    """This severity and those above it."""
    order = [severity.value for severity in Least]
    return set(order[order.index(least.value) :])


def _write_codes(catalogue: Path | None, codes: list[str], form: FindingsFormat) -> None:
    from extractor.catalogue import load_catalogue
    from extractor.writing.findings import write_codes, write_codes_json, write_codes_markdown

    write = {
        FindingsFormat.TABLE: write_codes,
        FindingsFormat.JSON: write_codes_json,
        FindingsFormat.MARKDOWN: write_codes_markdown,
    }[form]
    write(load_catalogue(catalogue), codes, sys.stdout)


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

    def __init__(self, stages: Extractor, options: ReadOptions) -> None:
        self.stages = stages
        self.options = options
        self.failed = 0
        self.severities: set[str] = set()

    def found(self, inputs: Iterator[str | InputError]) -> Iterator[Found]:
        """The findings of one report after another; an input that cannot be read is told of and passed over."""
        from extractor.reading import read_documents
        from extractor.writing.findings import Found

        for document in read_documents(inputs, self.options):
            if isinstance(document, InputError):
                self.failed += 1
                sys.stderr.write(f"extractor: {document}\n")
                continue
            report = self.stages.extract(document)
            self.severities |= {finding.severity for finding in report.findings}
            yield Found(document.name, document.text, report.findings)
