"""A worker: a process that converts what it is sent, keeps the results in a file of its own, and says where they stand."""

from __future__ import annotations

import gc
import hashlib
import math
import os
import signal
import sys
import zlib
from dataclasses import dataclass
from functools import partial
from io import BufferedWriter
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from extractor.batch.corpus import sketch
from extractor.batch.journal import Figures, Piece
from extractor.batch.task import BatchOptions, Failure, Outcome, Task, convert, failure_of
from extractor.errors import InputError, printable
from extractor.models import record_line
from extractor.pipeline import extractor_for
from extractor.reading import pace, read_bytes_here, single
from extractor.writing.csv import report_lines

if TYPE_CHECKING:
    from extractor.models import Report
    from extractor.writing.rows import Language, Table

TABLES: tuple[Table, ...] = ("summary", "indicators", "findings")
_ORPHANED = 30
"""Seconds after the time-out at which a worker that nobody ends any more is ended by the system."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a worker needs to know: the options of the records, the language of the tables, seconds for each input, and the
    bytes of memory that it may address (0: as many as there are)."""

    options: BatchOptions
    language: Language
    timeout: float
    memory: int


class Job(NamedTuple):
    """A task with its number in the run, and the hash of its content when it was converted before.

    The hash is None for what was never tried, and empty for what could not be read then.
    """

    number: int
    task: Task
    known: str | None = None


class Done(NamedTuple):
    """A worker's answer: what became of a job, and where in the worker's segment its parts stand.

    `same` says that the content is what it was: nothing was converted. `holds_members` says that the input is an archive or a
    mail, whose members are to be sent as jobs of their own.
    """

    number: int
    sha256: str = ""
    checksum: int = 0
    pieces: tuple[Piece, ...] = ()
    figures: Figures = Figures()
    failure: Failure | None = None
    same: bool = False
    holds_members: bool = False


class Said(NamedTuple):
    """What a worker says beside its answers: that it is ready, that it begins to recognise a page of a scan, which has time of
    its own, or that it cannot go on."""

    what: Literal["ready", "page", "unwritable"]
    why: str = ""


def work(connection: Connection, segment: Path, settings: Settings) -> None:
    """Convert what comes over the connection, until its other end is closed. Results are appended to the file `segment`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        # a group of its own: programs that a format's reader starts end with the worker
        os.setpgid(0, 0)
    _limit_memory(settings.memory)
    pace.listen(partial(_page_begins, connection, settings.timeout))
    try:
        extractor_for(settings.options.catalogue)
        # the rules stay: the collector need not walk them again and again
        gc.freeze()
        with segment.open("ab") as stream:
            connection.send(Said("ready"))
            while True:
                jobs: list[Job] = connection.recv()
                for job in jobs:
                    _set_alarm(settings.timeout)
                    done = answer(job, stream, settings)
                    connection.send(done)
                _drop_alarm()
    except OSError as error:
        _say(connection, Said("unwritable", error.strerror or str(error)))
    except EOFError:
        return


def answer(job: Job, stream: BufferedWriter, settings: Settings) -> Done:
    """Do one job and write its results. Raises OSError where they cannot be written."""
    task, options = job.task, settings.options
    try:
        data = task.data if task.path is None else single(task.path, options.reading)
        if data is None:
            return Done(job.number, holds_members=True)
        digest = hashlib.sha256(data).hexdigest()
        if digest == job.known:
            return Done(job.number, digest, same=True)
        outcome = convert(Task(task.name, data=data), options, read_bytes_here)
        parts = _parts(outcome, settings)
    except InputError as error:
        return Done(job.number, failure=failure_of(error))
    except MemoryError:
        return Done(job.number, failure=out_of_memory(task.name, settings.memory))
    if outcome.report is None:
        return Done(job.number, _hash_of_failed(outcome), figures=Figures(outcome.bytes), failure=outcome.failure)
    start = stream.tell()
    blob = b"".join(parts)
    stream.write(blob)
    stream.flush()
    return Done(job.number, outcome.sha256, zlib.crc32(blob), _pieces(start, parts), _figures(outcome.report))


def _hash_of_failed(outcome: Outcome) -> str:
    """The hash of a content that failed; none for what lacks a library, which may be there the next time."""
    return "" if outcome.failure is not None and outcome.failure.code == "needs_more" else outcome.sha256


def out_of_memory(name: str, memory: int) -> Failure:
    """The failure of an input that takes more memory than a worker may have."""
    allowed = f"more than {memory // 1024**2} MB of memory" if memory else "more memory than there is"
    return Failure(printable(name), "out_of_memory", f"takes {allowed}", "raise --memory, or divide the file")


def _parts(outcome: Outcome, settings: Settings) -> list[bytes]:
    """The bytes that a report gives for the record, each table and the sketch."""
    report = outcome.report
    if report is None:
        return []
    tables = [report_lines(report, table, settings.language).encode() for table in TABLES]
    found = sketch(outcome, extractor_for(settings.options.catalogue).catalogue.corpus)
    return [record_line(report) + b"\n", *tables, f"{found}\n".encode() if found else b""]


def _pieces(start: int, parts: list[bytes]) -> tuple[Piece, ...]:
    pieces = []
    for part in parts:
        pieces.append(Piece(start, len(part)))
        start += len(part)
    return tuple(pieces)


def _figures(report: Report) -> Figures:
    indicators = report.indicators
    severities = [finding.severity for finding in report.findings]
    return Figures(
        report.source.bytes,
        report.source.characters,
        len(indicators),
        sum(indicator.code is not None for indicator in indicators),
        sum(indicator.modality == "actual" for indicator in indicators),
        *(severities.count(severity) for severity in ("info", "warning", "error")),
    )


def _set_alarm(timeout: float) -> None:
    """Have the system end this process some time after the time-out: it might hang when nobody is left to end it."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, math.ceil(timeout) + _ORPHANED)


def _drop_alarm() -> None:
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, 0)


def _page_begins(connection: Connection, timeout: float) -> None:
    _set_alarm(timeout)
    connection.send(Said("page"))


def _limit_memory(memory: int) -> None:
    """Let this process address no more than so many bytes, where the system knows a limit that holds."""
    if memory and sys.platform == "linux":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (memory if hard == resource.RLIM_INFINITY else min(memory, hard), hard))


def _say(connection: Connection, said: Said) -> None:
    try:
        connection.send(said)
    except OSError:
        return
