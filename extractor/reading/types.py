"""The table of media types, and what is recognised and not read."""

from __future__ import annotations

from dataclasses import dataclass

from extractor.errors import InputError
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
    characters: int = 20_000_000
    """Of the extracted text."""
    pages: int = 2_000
    pixels: int = 100_000_000
    """Of one image."""
    seconds: float = 60.0
    memory_bytes: int = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a format's reader finds in the bytes: the text that offsets refer to, and where its parts stand in the file."""

    text: str
    media_type: str
    encoding: str | None = None
    pages: int | None = None
    places: tuple[Place, ...] = ()
    notices: tuple[Notice, ...] = ()


TEXT_TYPES = {".txt": "text/plain", ".text": "text/plain", ".md": "text/markdown", ".markdown": "text/markdown"}
"""Endings of the files that a folder is searched for, and their media types."""

SIGNATURES = {
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a Word, spreadsheet or zip file",
    b"\xd0\xcf\x11\xe0": "an old Word or Office file",
    b"{\\rtf": "an RTF file",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
    b"\x1f\x8b": "a compressed archive",
    b"7z\xbc\xaf": "a compressed archive",
    b"Rar!": "a compressed archive",
}
"""First bytes of what is no text, and what to call it."""


def unsupported(name: str, kind: str) -> InputError:
    """The error for an input of a kind that is not read."""
    return InputError(name, f"is {kind}, which is not read", "save the report as plain text and give that file")
