"""Zip files opened with care: the directory is counted before it is read into memory."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import IO

from extractor.errors import InputError, printable
from extractor.reading.types import Limits

DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error, RuntimeError)
"""What the standard library raises for damaged archives; RuntimeError for its child NotImplementedError."""
_END, _ENTRY = b"PK\x05\x06", b"PK\x01\x02"
_END_SIZE = 22
_COMMENT_LONGEST = 65_535


def open_zip(stream: IO[bytes], name: str, limits: Limits) -> zipfile.ZipFile:
    """The zip file in a stream. Raises InputError where its directory is damaged, or longer than `limits.members`."""
    if _entries(stream) > limits.members:
        raise too_many(name, limits)
    stream.seek(0)
    try:
        return zipfile.ZipFile(stream)
    except DAMAGE as error:
        reason = f"is a zip file, or a document in one, that is damaged or cut off ({printable(str(error)[:120])})"
        raise InputError(name, reason, "fetch it again, or pack or save it anew", code="damaged") from None


def too_many(name: str, limits: Limits) -> InputError:
    """The error for an archive of too many members."""
    return InputError(
        name, f"holds more than {limits.members} members", "split it, or raise the limit members", code="too_large"
    )


def _entries(stream: IO[bytes]) -> int:
    """How many entries the directory at the end of a zip file has at most, whatever it says of itself."""
    size = stream.seek(0, io.SEEK_END)
    reach = max(0, size - _END_SIZE - _COMMENT_LONGEST)
    stream.seek(reach)
    tail = stream.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        return 0
    end = reach + at
    length = min(int.from_bytes(tail[at + 12 : at + 16], "little"), end)
    stream.seek(end - length)
    return stream.read(length).count(_ENTRY)
