"""`extractor catalogue`: the rules listed, shown, checked, begun, and what they do not know yet."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from extractor.cli.reading import Encoding, EncodingErrors, LimitList, OnEncodingErrors, read_options
from extractor.errors import InputError, UsageError

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue
    from extractor.models import Report

app = typer.Typer(
    name="catalogue",
    help="The rules: list them, show one, check your own, begin a new one, discover what they do not know yet.",
    no_args_is_help=True,
)

Own = Annotated[
    Path | None,
    typer.Option("--catalogue", envvar="EXTRACTOR_CATALOGUE", help="Folder with own rules, laid over the built-in ones."),
]


class ListFormat(StrEnum):
    """Output formats of `list`."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"


class ShowFormat(StrEnum):
    """Output formats of `show`."""

    TABLE = "table"
    JSON = "json"


class DiscoverFormat(StrEnum):
    """Output formats of `discover`."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


@app.command("list")
def list_codes(
    form: Annotated[ListFormat, typer.Option("--format", "-f", help="Output format.")] = ListFormat.TABLE,
    catalogue: Own = None,
) -> None:
    """List the codes with their labels, units and aggregation.

    Example: extractor catalogue list -f markdown > catalogue.md
    """
    from extractor.writing.catalogue import write_list, write_list_json, write_list_markdown

    write = {ListFormat.TABLE: write_list, ListFormat.JSON: write_list_json, ListFormat.MARKDOWN: write_list_markdown}[form]
    write(_load(catalogue), sys.stdout)


@app.command()
def show(
    code: Annotated[str, typer.Argument(help="A code, such as mediation.success_rate.", show_default=False)],
    form: Annotated[ShowFormat, typer.Option("--format", "-f", help="Output format.")] = ShowFormat.TABLE,
    catalogue: Own = None,
) -> None:
    """Show one indicator: what it counts, its cues, its examples, and the codes that it competes with.

    Exit codes: 0 done; 2 no such code, or a bad catalogue.
    """
    from extractor.catalogue.examples import competitors
    from extractor.explaining import rule_of
    from extractor.writing.catalogue import write_rule, write_rule_json

    rules = _load(catalogue)
    rule = rule_of(rules, code)
    write = write_rule_json if form is ShowFormat.JSON else write_rule
    write(rules, rule, competitors(rules, rule, _extract(rules)), sys.stdout)


@app.command()
def check(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help="Folder with own rules; without it, EXTRACTOR_CATALOGUE or the built-in ones."),
    ] = None,
) -> None:
    """Check rules: read them strictly, run every example, your own and the built-in ones, and list those that do not hold.

    With own rules, a built-in example that does not hold without them either is counted and not listed.

    Exit codes: 0 all examples hold; 1 some do not; 2 the rules are wrong.
    """
    from extractor.catalogue.examples import run_examples
    from extractor.catalogue.files import builtin_folder
    from extractor.writing.catalogue import write_checked

    named = os.environ.get("EXTRACTOR_CATALOGUE")
    own = folder or (Path(named) if named else None)
    rules = _load(own)
    checked = run_examples(rules, _extract(rules), own)
    foreign = checked.foreign(own) if own is not None else []
    if foreign:
        builtin = _load(builtin_folder())
        checked = checked.without(f.example for f in run_examples(builtin, _extract(builtin), only=foreign).failures)
    for claim in checked.claims:
        sys.stderr.write(
            f"extractor: warning: {' and '.join(claim.codes)} claim the same number of one example: {claim.sentence}\n"
        )
    write_checked(checked, sys.stdout)
    if checked.failures:
        raise typer.Exit(1)


@app.command()
def new(
    code: Annotated[str, typer.Argument(help="The code of the new indicator: group.name, in lower case.", show_default=False)],
) -> None:
    """Print a commented rule file for a new indicator.

    Example: extractor catalogue new greening.trees_planted > my-rules/indicators/greening.yaml

    Exit codes: 0 done; 2 the code is not of the form group.name.
    """
    from extractor.catalogue.models import IndicatorRule
    from extractor.writing.catalogue import template

    form = IndicatorRule.model_json_schema()["properties"]["code"]["pattern"]
    if re.fullmatch(form, code) is None:
        raise UsageError(f"{code!r} is no code: it needs the form group.name in lower case, such as greening.trees_planted")
    rules = _load(None)
    if code in rules.codes:
        sys.stderr.write(f"extractor: {code} is a built-in code; a file with it takes its place\n")
    sys.stdout.write(template(rules, code))


@app.command()
def discover(
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="A folder of reports, or one report.", show_default=False)],
    form: Annotated[DiscoverFormat, typer.Option("--format", "-f", help="Output format.")] = DiscoverFormat.TABLE,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file instead of standard output.")
    ] = None,
    least: Annotated[int, typer.Option("--least", min=1, help="Leave out what is counted fewer times than this.")] = 1,
    catalogue: Own = None,
    encoding: Encoding = None,
    encoding_errors: OnEncodingErrors = EncodingErrors.STRICT,
    limit: LimitList = None,
) -> None:
    """Show what reports count and the catalogue has no code for, the most frequent first, with sentences to make examples of.

    Exit codes: 0 done; 2 wrong use or a bad catalogue; 3 some inputs could not be read (the others are counted).
    """
    from extractor.discovery import Discovery
    from extractor.pipeline import Extractor
    from extractor.reading import find_inputs, read_documents
    from extractor.writing.catalogue import write_groups, write_groups_csv, write_groups_json
    from extractor.writing.target import open_target

    rules = _load(catalogue)
    stages, discovery, failed = Extractor(rules), Discovery(rules), False
    for document in read_documents(find_inputs([folder]), read_options(encoding, encoding_errors, limit)):
        if isinstance(document, InputError):
            failed = True
            sys.stderr.write(f"extractor: {document}\n")
        else:
            discovery.add(document.name, stages.read(document.text))
    write = {DiscoverFormat.TABLE: write_groups, DiscoverFormat.JSON: write_groups_json, DiscoverFormat.CSV: write_groups_csv}[
        form
    ]
    with open_target(output, byte_order_mark=form is DiscoverFormat.CSV) as stream:
        write(discovery.groups(least), stream)
    if failed:
        raise typer.Exit(3)


def _load(folder: Path | None) -> Catalogue:
    from extractor.catalogue.loader import load_catalogue

    return load_catalogue(folder)


def _extract(rules: Catalogue) -> Callable[[str], Report]:
    from extractor.pipeline import Extractor, document_of

    stages = Extractor(rules)
    return lambda text: stages.extract(document_of(text))
