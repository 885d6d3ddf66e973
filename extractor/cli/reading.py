"""The options that say how inputs are read, the same for every command that reads reports."""

from __future__ import annotations

from dataclasses import fields
from enum import StrEnum
from typing import Annotated, Literal

import typer

from extractor.errors import UsageError
from extractor.reading import Limits, ReadOptions

_SCALES = {"k": 1024, "m": 1024**2, "g": 1024**3}


class EncodingErrors(StrEnum):
    """What becomes of bytes that cannot be decoded."""

    STRICT = "strict"
    REPLACE = "replace"


Encoding = Annotated[
    str | None, typer.Option("--encoding", help="Encoding of the inputs, if it is not to be told by their content.")
]
OnEncodingErrors = Annotated[
    EncodingErrors,
    typer.Option("--encoding-errors", help="Bytes that cannot be decoded: an error, or replaced by � with a finding."),
]
LimitList = Annotated[
    list[str] | None,
    typer.Option(
        "--limit",
        metavar="NAME=VALUE",
        envvar="EXTRACTOR_LIMITS",
        help="What reading one input may take, such as seconds=120 or file_bytes=300M; may be given several times.",
        show_default=False,
    ),
]


def read_options(encoding: str | None, errors: EncodingErrors, limits: list[str] | None) -> ReadOptions:
    """The options as reading takes them. Raises UsageError for a limit that there is not, or that is no positive number."""
    how: Literal["strict", "replace"] = "replace" if errors is EncodingErrors.REPLACE else "strict"
    return ReadOptions(encoding, how, Limits(**dict(map(_limit, limits or []))))  # type: ignore[arg-type]


def _limit(given: str) -> tuple[str, int | float]:
    name, sign, value = given.partition("=")
    kinds = {field.name: float if field.type == "float" else int for field in fields(Limits)}
    if name not in kinds or not sign:
        raise UsageError(f"--limit {given}: there is no such limit; the limits are {', '.join(kinds)}")
    scale = _SCALES.get(value[-1:].lower(), 1)
    digits = value if scale == 1 else value[:-1]
    try:
        number = kinds[name](digits) * scale
    except (ValueError, OverflowError):
        number = 0
    if not 0 < number < 2**62:
        raise UsageError(f"--limit {given}: {value!r} is no number above 0; give one such as 300, 64K, 300M or 2G")
    return name, number
