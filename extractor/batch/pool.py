"""The workers and who watches over them: each has a time-out for each input, and one that ends is replaced.

Standard library only: `multiprocessing` starts the processes, one pipe each; a pool of it or of `concurrent.futures` would
take the whole run down with a worker that dies, and does not say which input it was at.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from multiprocessing import connection as pipes
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from extractor.batch.journal import unwritable
from extractor.batch.task import Failure
from extractor.batch.worker import Done, Job, Said, Settings, work
from extractor.errors import UsageError, printable

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

_CHUNK = 50
_CHUNK_BYTES = 32 * 1024
"""Sent at once to a worker that is busy: no more than a pipe takes without anyone reading it."""
_LOW = 2
"""Inputs that a worker still has in hand when it is sent more, so that it never waits."""
_TICK = 0.5
_STARTS = 3


class Answer(NamedTuple):
    """What became of a job, and the number of the segment that holds its results."""

    job: Job
    done: Done
    segment: int


class _Worker:
    """One process, and what it has in hand: the first of these is what it is at."""

    def __init__(self, segment: int, path: Path, settings: Settings) -> None:
        self.segment = segment
        context = _context()
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=work, args=(theirs, path, settings), daemon=True)
        with _held_back(signal.SIGINT, signal.SIGTERM):
            self.process.start()
        theirs.close()
        self.hand: deque[Job] = deque()
        self.since = time.monotonic()
        self.ready = False

    def give(self, jobs: list[Job]) -> None:
        if not self.hand:
            self.since = time.monotonic()
        self.hand.extend(jobs)
        try:
            self.connection.send(jobs)
        except OSError:
            return  # it has ended, which its connection will tell

    def end(self) -> None:
        """End the process and what it has started."""
        if sys.platform != "win32" and self.process.pid is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.join()
        self.connection.close()


class Pool:
    """Up to `jobs` workers, started when there is something to do, each with a segment file in `folder`.

    `first_segment` numbers the segments of this run: no file is used that a worker of an earlier run might still write to.
    """

    def __init__(self, jobs: int, settings: Settings, folder: Path, first_segment: int) -> None:
        self.jobs = jobs
        self.settings = settings
        self.folder = folder
        self.segments = list(range(first_segment + jobs - 1, first_segment - 1, -1))
        self.workers: list[_Worker] = []
        self.again: deque[Job] = deque()
        self.tried: set[int] = set()
        self.failed_starts = 0

    def answers(self, next_job: Callable[[], Job | None], expected: int) -> Iterator[Answer | None]:
        """The answers to all jobs as they come, and None now and then when none came.

        `next_job` gives a job, or None where there is none at present; all is done when there is none and all are answered.
        `expected` is how many there may be.
        Raises OutputError where results cannot be written, UsageError where workers cannot start.
        """
        feed = _Feed(next_job, self.again, expected)
        while True:
            self._deal(feed)
            busy = [worker for worker in self.workers if worker.hand]
            if not busy:
                return
            came = pipes.wait([worker.connection for worker in self.workers], self._patience(busy))
            answered = False
            for worker in [worker for worker in self.workers if worker.connection in came]:
                for answer in self._listen(worker):
                    answered = True
                    yield answer
            for answer in self._overdue():
                answered = True
                yield answer
            if not answered:
                yield None

    def close(self) -> None:
        """End all workers."""
        for worker in self.workers:
            worker.end()
        self.workers.clear()

    def _deal(self, feed: _Feed) -> None:
        """Give work to those who run short of it; start a worker where all are busy and there is more to do."""
        while feed.has_more() and len(self.workers) < self.jobs:
            segment = self.segments.pop()
            self.workers.append(_Worker(segment, self.folder / f"segment-{segment}", self.settings))
            self.workers[-1].give(feed.chunk(self.jobs, empty_handed=True))
        for worker in self.workers:
            if len(worker.hand) <= _LOW and feed.has_more():
                chunk = feed.chunk(self.jobs, empty_handed=not worker.hand)
                if chunk:
                    worker.give(chunk)

    def _patience(self, busy: list[_Worker]) -> float:
        now = time.monotonic()
        left = (worker.since + self.settings.timeout - now for worker in busy if worker.ready)
        return max(0.0, min([_TICK, *left]))

    def _listen(self, worker: _Worker) -> Iterator[Answer]:
        """What a worker has to say: answers, or that it has ended."""
        try:
            while worker.connection.poll():
                said: Done | Said = worker.connection.recv()
                worker.since = time.monotonic()
                if isinstance(said, Done):
                    yield Answer(worker.hand.popleft(), said, worker.segment)
                    if said.failure is not None and said.failure.code == "out_of_memory":
                        # what is left of its memory is of no use
                        self._remove(worker)
                        return
                elif said.what == "ready":
                    worker.ready = True
                    self.failed_starts = 0
                elif said.what == "unwritable":
                    raise unwritable(self.folder.parent, said.why)
        except (EOFError, ConnectionError):
            yield from self._replace(worker)

    def _replace(self, worker: _Worker) -> Iterator[Answer]:
        """A worker has ended by itself. The input it was at is tried once more by itself, and fails if that ends alike."""
        worker.process.join()
        code = worker.process.exitcode or 0
        if not worker.ready:
            self.failed_starts += 1
            if self.failed_starts >= _STARTS:
                raise UsageError(f"workers cannot start (they end with {_ending(code)}); give them more with --memory")
        elif worker.hand:
            job = worker.hand.popleft()
            if job.number in self.tried:
                self.tried.discard(job.number)
                yield Answer(job, Done(job.number, failure=_crash(job, code)), worker.segment)
            else:
                self.tried.add(job.number)
                self.again.append(job)
        self._remove(worker)

    def _overdue(self) -> Iterator[Answer]:
        """Workers that have been at one input for too long are ended."""
        limit = self.settings.timeout
        for worker in [w for w in self.workers if w.ready and w.hand and time.monotonic() - w.since > limit]:
            if worker.connection.poll():
                continue  # it has just answered
            job = worker.hand.popleft()
            self._remove(worker)
            reason = f"took longer than {limit:g} s"
            failure = Failure(printable(job.task.name), "timed_out", reason, "raise --timeout, or look what is in the file")
            yield Answer(job, Done(job.number, failure=failure), worker.segment)

    def _remove(self, worker: _Worker) -> None:
        """End a worker; what it has in hand goes to others."""
        worker.end()
        self.again.extend(worker.hand)
        worker.hand.clear()
        self.workers.remove(worker)
        self.segments.append(worker.segment)


class _Feed:
    """Jobs in chunks: large ones while there is much to do, small ones towards the end, so that all workers end together."""

    def __init__(self, next_job: Callable[[], Job | None], again: deque[Job], expected: int) -> None:
        self.next_job = next_job
        self.again = again
        self.left = expected
        self.next: Job | None = None

    def has_more(self) -> bool:
        if self.next is None and not self.again:
            self.next = self.next_job()
        return self.next is not None or bool(self.again)

    def chunk(self, workers: int, empty_handed: bool) -> list[Job]:
        """Some jobs. What is large, and what is tried again, goes to a worker with empty hands only."""
        if self.again:
            return [self.again.popleft()] if empty_handed else []
        chunk: list[Job] = []
        room, most = _CHUNK_BYTES, max(1, min(_CHUNK, self.left // (4 * workers)))
        while len(chunk) < most and self.has_more() and self.next is not None:
            room -= _weight(self.next)
            if room < 0 and (chunk or not empty_handed):
                break
            chunk.append(self.next)
            self.next = None
            self.left -= 1
        return chunk


def _weight(job: Job) -> int:
    """About how many bytes a job takes on its way."""
    return 100 + 4 * len(job.task.name) + len(job.task.data or b"")


def _context() -> ForkServerContext | SpawnContext:
    """How processes start: forked from a server that has imported what they need and nothing else runs in, or else anew.

    Neither way do they inherit threads or open files of this process, its lock among them.
    """
    if "forkserver" not in get_all_start_methods():
        return get_context("spawn")
    from multiprocessing import forkserver, resource_tracker

    context = get_context("forkserver")
    context.set_forkserver_preload(["extractor.batch.worker"])
    # started by itself first: it would let interrupts through again
    resource_tracker.ensure_running()
    # what starts while interrupts are held back never gets any: they are for the parent
    with _held_back(signal.SIGINT):
        forkserver.ensure_running()
    return context


@contextlib.contextmanager
def _held_back(*signals: signal.Signals) -> Iterator[None]:
    """Signals that come meanwhile come afterwards, where the system can hold them back."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _crash(job: Job, code: int) -> Failure:
    reason = f"the process that read it ended with {_ending(code)}, twice"
    return Failure(printable(job.task.name), "crashed", reason, "raise --memory if it is large; else report it as a bug")


def _ending(code: int) -> str:
    """How a process ended, in words: its exit code, or the name of the signal."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
