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


@contextlib.contextmanager
def open_target(path: Path | None, byte_order_mark: bool = False) -> Iterator[TextIO]:
    """A stream for the results. A file is written under another name first and takes its place when all is well.

    Raises OutputError where the file cannot be written.
    """
    if path is None:
        yield sys.stdout
        return
    if path.is_dir():
        raise OutputError(f"{path}: is a folder; name a file with -o")
    if path.exists() and not path.is_file():
        # a pipe or a device is written as it is: nothing may take its place
        with path.open("w", encoding="utf-8", newline="") as stream:
            yield stream
        return
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror}); name another place with -o") from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8-sig" if byte_order_mark else "utf-8", newline="") as stream:
            yield stream
        umask = os.umask(0)
        os.umask(umask)
        Path(temporary).chmod(0o666 & ~umask)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
