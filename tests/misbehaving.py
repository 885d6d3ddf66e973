"""A reader as the process apart has to bear it: what the bytes say, it does."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from extractor.errors import InputError
from extractor.reading import pace
from extractor.reading.types import Extracted, Limits
from extractor.types import Notice, Place

if TYPE_CHECKING:
    from extractor.batch.worker import Settings

FOREVER = 3_600


def read(data: bytes, name: str, limits: Limits) -> Extracted:
    """What the bytes say: the name of what to do, and for some a path."""
    deed, _, path = os.fsdecode(data).partition(" ")
    said = DEEDS[deed](path)
    place = Place(0, page=1, sheet="表一", cell="B2")
    text = f"{deed} {name} {limits.characters} {said or ''}"
    return Extracted(text, "application/x-test", None, 3, (place,), (Notice("replaced_characters", 0, 2, (("count", "2"),)),))


def _hang_with_child(seconds: str) -> None:
    with subprocess.Popen(["sleep", seconds]):
        time.sleep(FOREVER)


def _clear_temporary(_: str) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "inner").mkdir()
        (Path(folder) / "inner" / "a").write_text("x")
    return Path(folder).exists()


def _write_temporary(_: str) -> str:
    with tempfile.NamedTemporaryFile("w", delete=False) as file:
        file.write("x")
    return file.name


def _allocate(_: str) -> None:
    pieces = []
    while True:
        pieces.append(bytearray(64 * 1024**2))


def _crash(_: str) -> None:
    ctypes.string_at(0)


def _refuse(_: str) -> None:
    raise InputError("inner.name", "is refused", "give another one", "protected")


def _recurse(_: str) -> None:
    _recurse(_)


def _raise(_: str) -> None:
    raise ZeroDivisionError("a\nlong story" * 100)


def _miss(_: str) -> None:
    raise ModuleNotFoundError("No module named 'nowhere'", name="nowhere")


def _print(_: str) -> None:
    os.write(1, b"noise on standard output")
    os.write(2, b"noise on standard error")
    sys.stdout.write("more noise")
    sys.stdout.flush()


def _recognise(seconds: str) -> None:
    for _ in range(4):
        pace.page_begins()
        time.sleep(float(seconds))


def _connect(_: str) -> None:
    with socket.socket() as connection:
        connection.connect(("127.0.0.1", 9))


DEEDS = {
    "read": lambda _: None,
    "pid": lambda _: os.getpid(),
    "hang": lambda _: time.sleep(FOREVER),
    "spin": lambda _: [None for _ in iter(int, 1)],
    "hang_with_child": _hang_with_child,
    "allocate": _allocate,
    "crash": _crash,
    "exit": lambda _: os._exit(3),
    "refuse": _refuse,
    "recurse": _recurse,
    "raise": _raise,
    "miss": _miss,
    "print": _print,
    "connect": _connect,
    "recognise": _recognise,
    "clear_temporary": _clear_temporary,
    "write_temporary": _write_temporary,
    "write": lambda path: Path(path).write_text("x"),
    "remove": lambda path: Path(path).unlink(),
}


def recognise_slowly(connection: Connection, _: Path, settings: Settings) -> None:
    """A worker of a batch: a job takes so many pages as its number says, each less than the time-out; none takes for ever."""
    # here and not above: a process that reads takes no part in a batch, and starts more quickly
    from extractor.batch.worker import Done, Said  # noqa: PLC0415

    connection.send(Said("ready"))
    for job in connection.recv():
        for _page in range(job.number):
            connection.send(Said("page"))
            time.sleep(0.4 * settings.timeout)
        if not job.number:
            time.sleep(FOREVER)
        connection.send(Done(job.number))
