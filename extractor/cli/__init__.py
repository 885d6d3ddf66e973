"""The command line: every command parses, calls and prints; the work is done elsewhere."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

from extractor import __version__

COMMANDS = ("extract", "batch", "export", "correct", "explain", "findings", "corpus", "evaluate", "schema", "catalogue")
"""The commands, as help lists them. Each has a module of its name with a function of its name, or with an `app` of commands."""

_HELP = "Numbers, sections and findings from Chinese annual reports on rule-of-law government (法治政府建设年度报告)."


def application(command: str | None = None) -> typer.Typer:
    """The command line with the command asked for alone, since loading takes time; with all where it is none of them."""
    app = typer.Typer(
        name="extractor",
        help=_HELP,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(help=_HELP)(_root)
    for name in (command,) if command in COMMANDS else COMMANDS:
        module = import_module(f"extractor.cli.{name}")
        if hasattr(module, "app"):
            app.add_typer(module.app)
        else:
            app.command()(getattr(module, str(name)))
    return app


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"extractor {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """What is the same for all commands."""
