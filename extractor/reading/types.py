"""The table of media types, and what is recognised and not read."""

from __future__ import annotations

from extractor.errors import InputError

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
