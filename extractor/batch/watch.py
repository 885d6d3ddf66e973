"""Folders that are watched: what arrives is converted once it is all there."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Never, Protocol

from extractor.batch.discover import Found
from extractor.batch.run import Batch

SETTLE = 2.0
"""Seconds for which a file must have kept its size and time before it is read."""

_OLD = 60.0
"""Seconds after which a file that was not seen changing counts as settled at first sight."""
_POLL = 2.0
_POLL_WITH_EVENTS = 30.0
_SHARE = 10
"""Looking and writing take no more than one part in so many of the time."""


class Told(Protocol):
    """Who is told of each round that did something."""

    def finished(self, account: dict[str, Any]) -> None:
        """A round is done."""


class Settling:
    """Which files have stopped changing: kept their size and time over two looks, and nobody has them open for writing."""

    def __init__(self, seconds: float = SETTLE) -> None:
        self.seconds = seconds
        self.looks: dict[str, tuple[Found, float]] = {}
        self.before: dict[str, tuple[Found, float]] = {}

    def look_again(self) -> None:
        """A new look begins; files that are gone are no longer waited for."""
        self.before, self.looks = self.looks, {}

    @property
    def waiting(self) -> bool:
        """Whether some file was seen that may still be changing."""
        return bool(self.looks)

    def __call__(self, found: Found) -> bool:
        """Whether a file may be read."""
        now = time.monotonic()
        seen = self.before.get(found.path)
        if seen is None and abs(time.time_ns() - found.mtime) > _OLD * 1e9:
            return True
        if seen is not None and seen[0] == found:
            if now - seen[1] >= self.seconds and not is_being_written(found.path):
                return True
            self.looks[found.path] = seen
        else:
            self.looks[found.path] = (found, now)
        return False


def is_being_written(path: str) -> bool:
    """Whether some process has a file open for writing, as far as the system tells: Linux grants no lease on such a file."""
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        # not our file, or a file system without leases: size and time must do
        return False
    finally:
        os.close(handle)
    return False


def keep_watching(batch: Batch, told: Told) -> Never:
    """Convert what is there and what arrives, until interrupted. A round in which nothing has happened leaves no trace."""
    settling = Settling()
    with _arrivals(batch.plan.inputs) as (arrived, idle):
        while True:
            began = time.monotonic()
            settling.look_again()
            if batch.look(settling):
                account = batch.work()
                if account["this_run"]["converted"] or account["this_run"]["vanished"]:
                    told.finished(account)
            spent = time.monotonic() - began
            arrived.wait(max(SETTLE / 2 if settling.waiting else idle, _SHARE * spent))
            arrived.clear()


@contextlib.contextmanager
def _arrivals(inputs: list[str]) -> Iterator[tuple[threading.Event, float]]:
    """An event that is set when something happens in the folders, and the seconds after which to look anyway.

    Without the library for it, or where the system has no more to give, looking is all there is.
    """
    arrived = threading.Event()
    try:
        from watchdog.events import FileSystemEvent, FileSystemEventHandler
        from watchdog.observers import Observer
    except ImportError:
        yield arrived, _POLL
        return

    class Handler(FileSystemEventHandler):
        """Wakes the watcher; what has happened it finds out by looking."""

        def on_any_event(self, event: FileSystemEvent) -> None:
            """Something has happened; being read by our own workers is nothing."""
            if event.event_type not in ("opened", "closed_no_write"):
                arrived.set()

    observer = Observer()
    idle = _POLL_WITH_EVENTS
    try:
        for name in inputs:
            path = Path(name)
            observer.schedule(Handler(), str(path if path.is_dir() else path.parent), recursive=path.is_dir())
        observer.start()
    except OSError:
        idle = _POLL
    try:
        yield arrived, idle
    finally:
        observer.stop()
        if observer.is_alive():
            observer.join()
