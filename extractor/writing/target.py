"""Where results go: standard output, or a file that is whole or not there."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from extractor.errors import OutputError

_WRITERS = 0o222


@contextlib.contextmanager
def open_target(path: Path | None, byte_order_mark: bool = False) -> Iterator[TextIO]:
    """A stream for the results. A file is written under another name first and takes its place when all is well.

    Raises OutputError where the file cannot be written.
    """
    if path is None:
        yield sys.stdout
        return
    if path.exists() and not path.is_file() and not path.is_dir():
        # a pipe or a device is written as it is: nothing may take its place
        with path.open("w", encoding="utf-8", newline="") as stream:
            yield stream
        return
    encoding = "utf-8-sig" if byte_order_mark else "utf-8"
    with replacing(path) as temporary, temporary.open("w", encoding=encoding, newline="") as stream:
        yield stream


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """The name of an empty file beside `path` that takes its place when all is well; else it is removed.

    Raises OutputError where `path` is a folder, is not to be written, or is open in a spreadsheet program.
    """
    _refuse(path)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror}); name another place with -o") from None
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        _refuse(path)
        _replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _replace(temporary: Path, path: Path) -> None:
    try:
        temporary.replace(path)
    except PermissionError:
        raise OutputError(f"{path}: is locked by another program; close it there, or name another file with -o") from None


def _refuse(path: Path) -> None:
    if path.is_dir():
        raise OutputError(f"{path}: is a folder; name a file with -o")
    if not path.exists():
        return
    if not path.is_file():
        raise OutputError(f"{path}: is no ordinary file; name a file with -o")
    if not path.stat().st_mode & _WRITERS:
        raise OutputError(f"{path}: is write-protected; take the protection off, or name another file with -o")
    for lock in (path.with_name(f".~lock.{path.name}#"), path.with_name(f"~${path.name}")):
        if lock.exists():
            raise OutputError(
                f"{path}: is open in a spreadsheet program; close it there, or delete {lock.name} if that is left over"
            )
