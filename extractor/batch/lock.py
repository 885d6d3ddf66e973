"""One run at a time in a folder: a lock that the system takes back whatever way the run ends."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from extractor.errors import UsageError


@contextlib.contextmanager
def locked(path: Path, folder: Path) -> Iterator[None]:
    """Hold the lock file `path` of an output folder. Raises UsageError, naming the process, where another run holds it."""
    with path.open("a+b") as stream:
        if not _take(stream):
            stream.seek(0)
            holder = stream.read(20).decode("ascii", "replace").strip() or "unknown"
            raise UsageError(
                f"{folder}: another run writes there (process {holder}); wait until it ends, or name another folder with -o"
            )
        stream.truncate(0)
        stream.write(f"{os.getpid()}\n".encode())
        stream.flush()
        yield


def _take(stream: BinaryIO) -> bool:
    if sys.platform == "win32":
        import msvcrt

        # far behind the number of the process, which the others must be able to read
        stream.seek(1 << 20)
        try:
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
