"""The unit of work of a batch: one input in, one record or one failure out. Every engine does its work with `convert`."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from extractor.errors import CatalogueError, InputError, printable
from extractor.pipeline import extractor_for
from extractor.reading import Member, ReadOptions, members, read_bytes
from extractor.types import Document

if TYPE_CHECKING:
    from extractor.models import Report


class Task(NamedTuple):
    """One input. `name` is what the record calls it; its content stands at `path`, or is `data` (a member of an archive)."""

    name: str
    path: str | None = None
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """What decides what a record holds, the same for all inputs of a batch.

    `catalogue` is a folder of own rules; `reading` says how inputs are read; `with_text` puts the text that offsets refer to
    into the record.
    """

    catalogue: str | None = None
    reading: ReadOptions = field(default_factory=ReadOptions)
    with_text: bool = False

    def fingerprint(self) -> str:
        """A name for what decides, but for the rules themselves."""
        return f"{self.reading} {self.with_text}"


class Failure(NamedTuple):
    """Why an input has no record: its name, a stable code (see docs/batch.md), what was wrong, what to do."""

    file: str
    code: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one task: a report or a failure, never both, never neither.

    `sha256` and `bytes` are of the content; the hash is empty where it could not be read. `text` is what the report's offsets
    refer to, whether or not the record holds it.
    """

    name: str
    sha256: str
    bytes: int
    report: Report | None = None
    text: str | None = None
    failure: Failure | None = None


Reader = Callable[[bytes, str, ReadOptions], Document]
"""Makes a document of an input's bytes and its name."""


def convert(task: Task, options: BatchOptions, read: Reader = read_bytes) -> Outcome:
    """Read one input and make its record. The rules are compiled once in each process.

    `read` may be `read_bytes_here` where this process can be ended by who watches over it; otherwise formats that need it are
    read by a process apart. An archive is a failure: its members are tasks of their own (`extractor.reading.members`).

    What is wrong with the input is a Failure in the outcome. Raises CatalogueError where the rules are wrong, and MemoryError
    where the process has no more: the caller should then count the input as `out_of_memory` and replace the process.
    """
    try:
        data = content(task, options)
    except InputError as error:
        return Outcome(printable(task.name), "", 0, failure=failure_of(error))
    digest = hashlib.sha256(data).hexdigest()
    try:
        document = read(data, task.name, options.reading)
        report = extractor_for(options.catalogue).extract(document, options.with_text)
    except InputError as error:
        return Outcome(printable(task.name), digest, len(data), failure=failure_of(error))
    except (CatalogueError, MemoryError):
        raise
    except Exception as error:
        return Outcome(printable(task.name), digest, len(data), failure=_bug(task.name, error))
    return Outcome(document.name, digest, len(data), report, document.text)


def content(task: Task, options: BatchOptions) -> bytes:
    """The bytes of a task's input. Raises InputError where they cannot be had, or are more than the limits allow."""
    if task.data is not None:
        return task.data
    found = next(members(task.path or task.name, options.reading))
    if isinstance(found, InputError):
        raise found
    return found.data


def members_of(path: str, options: ReadOptions) -> Iterator[Member | InputError]:
    """The members of an archive; whatever goes wrong with them is that archive's failure and nobody else's."""
    try:
        yield from members(path, options)
    except Exception as error:
        reason = f"cannot be unpacked ({type(error).__name__}: {str(error)[:120]})"
        yield InputError(path, reason, "it is damaged or too large; unpack it yourself")


def failure_of(error: InputError) -> Failure:
    """An input error as a failure of a batch."""
    return Failure(printable(error.name), error.code, error.reason, error.remedy)


def _bug(name: str, error: Exception) -> Failure:
    """A failure for what should not happen at all."""
    reason = f"{type(error).__name__}: {error}".replace(os.linesep, " ")[:300]
    return Failure(printable(name), "internal_error", reason, "report it as a bug of extractor, with the file if you can")
