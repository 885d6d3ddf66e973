"""What passes between the readers of the formats: options, limits, and what was found in the bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from extractor.types import Notice, Place


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one input may take; what takes more is an InputError that names the limit."""

    file_bytes: int = 100 * 1024**2
    """Size of one file, or of one member of an archive once unpacked."""
    unpacked_bytes: int = 1024**3
    """All members of one archive together, nested ones too."""
    members: int = 100_000
    """Members of one archive, nested ones too."""
    depth: int = 3
    """Archives within archives."""
    characters: int = 2_000_000
    """Of the extracted text."""
    pages: int = 2_000
    pixels: int = 100_000_000
    """Of one image."""
    seconds: float = 60.0
    """For reading one file of a binary format."""
    page_seconds: float = 20.0
    """For recognising one page or picture: while one has had less, the file is not ended though `seconds` are over."""
    memory_bytes: int = 2 * 1024**3
    """Address space of the process that reads binary formats."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How inputs are read: their encoding where it is not to be told by their content, what becomes of bytes that cannot be
    decoded, and what reading may take."""

    encoding: str | None = None
    encoding_errors: Literal["strict", "replace"] = "strict"
    limits: Limits = field(default_factory=Limits)


class Member(NamedTuple):
    """An input, or a file of an archive: its name as the record has it, and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a format's reader finds in the bytes: the text that offsets refer to, and where its parts stand in the file."""

    text: str
    media_type: str
    encoding: str | None = None
    pages: int | None = None
    places: tuple[Place, ...] = ()
    notices: tuple[Notice, ...] = ()
