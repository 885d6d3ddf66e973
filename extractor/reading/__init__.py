"""From files, folders and standard input to documents: one module per format, one table of media types."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from extractor.errors import InputError, printable
from extractor.reading.text import decode
from extractor.reading.types import SIGNATURES, TEXT_TYPES, unsupported
from extractor.types import Document

STANDARD_INPUT = "-"
_NAME_SHOWN = 120
_HEAD = 400


def find_inputs(inputs: list[str]) -> Iterator[str | InputError]:
    """The files that the arguments stand for, folders searched in sorted order; an error in the place of what is not there."""
    for name in inputs:
        path = Path(name)
        if name == STANDARD_INPUT or _is(path.is_file):
            yield name
        elif _is(path.is_dir):
            yield from _files_below(path)
        else:
            yield InputError(name[:_NAME_SHOWN], "no such file or folder", "check the name")


def _is(question: Callable[[], bool]) -> bool:
    """The answer of the file system; a name that it cannot have is the name of nothing."""
    try:
        return question()
    except OSError:
        return False


def _files_below(folder: Path) -> Iterator[str | InputError]:
    found = False
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith((".", "~$")) and Path(name).suffix.lower() in TEXT_TYPES:
                found = True
                yield str(Path(root) / name)
    if not found:
        yield InputError(
            str(folder), "holds no reports", f"files that are read here end in {' '.join(sorted(filter(None, TEXT_TYPES)))}"
        )


def read_input(name: str, encoding: str | None = None, stdin_name: str = STANDARD_INPUT) -> Document:
    """The document that an argument names; `-` is standard input, called `stdin_name` in the record."""
    if name == STANDARD_INPUT:
        return read_bytes(sys.stdin.buffer.read(), stdin_name, encoding)
    return read_file(name, encoding)


def read_file(path: str | os.PathLike[str], encoding: str | None = None) -> Document:
    """The document in a file. Raises InputError where it is missing, empty, of an unsupported type or undecodable."""
    name = os.fspath(path)
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise InputError(name, "no such file", "check the name") from None
    except IsADirectoryError:
        raise InputError(name, "is a folder", "name a file in it") from None
    except OSError as error:
        raise InputError(name, f"cannot be read ({error.strerror})", "check its permissions") from None
    return read_bytes(data, name, encoding)


def read_bytes(data: bytes, name: str, encoding: str | None = None) -> Document:
    """The document in `data`; its type is told by its content, then by the name's ending."""
    for signature, kind in SIGNATURES.items():
        if data.startswith(signature):
            raise unsupported(name, kind)
    text, used = decode(data, name, encoding)
    if not text.strip("\ufeff \t\r\n\f\v\u3000\xa0"):
        raise InputError(name, "is empty", "give a file with the report's text")
    if _is_web_page(text):
        raise unsupported(name, "a web page")
    media_type = TEXT_TYPES.get(Path(name).suffix.lower(), "text/plain")
    return Document(printable(name), text, media_type, used, hashlib.sha256(data).hexdigest(), len(data))


def _is_web_page(text: str) -> bool:
    head = text.lstrip("\ufeff \t\r\n")[:_HEAD].lower()
    return head.startswith(("<!doctype html", "<html")) or (head.startswith("<?xml") and "<html" in head)
