"""The command line: every command parses, calls and prints; the work is done elsewhere."""

from __future__ import annotations

from typing import Annotated

import typer

from extractor import __version__
from extractor.cli import catalogue
from extractor.cli.batch import batch
from extractor.cli.corpus import corpus
from extractor.cli.correct import correct
from extractor.cli.evaluate import evaluate
from extractor.cli.explain import explain
from extractor.cli.export import export
from extractor.cli.extract import extract
from extractor.cli.findings import findings
from extractor.cli.schema import schema

app = typer.Typer(
    name="extractor",
    help="Numbers, sections and findings from Chinese annual reports on rule-of-law government (法治政府建设年度报告).",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"extractor {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Numbers, sections and findings from Chinese annual reports on rule-of-law government (法治政府建设年度报告)."""


app.command()(extract)
app.command()(batch)
app.command()(export)
app.command()(correct)
app.command()(explain)
app.command()(findings)
app.command()(corpus)
app.command()(evaluate)
app.command()(schema)
app.add_typer(catalogue.app)
