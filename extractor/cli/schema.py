"""`extractor schema`."""

from __future__ import annotations

import typer


def schema() -> None:
    """Print the JSON Schema of the record.

    Example: extractor schema > report.schema.json
    """
    from extractor.writing.schema import schema_text

    typer.echo(schema_text(), nl=False)
