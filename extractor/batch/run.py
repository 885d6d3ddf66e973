"""A batch with the local engine: find the inputs, convert what is new, put the finished files together."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from extractor import __version__
from extractor.batch.discover import Found, Selection, find
from extractor.batch.journal import NO_PIECES, Figures, Input, Journal, Result, place_of, telling
from extractor.batch.lock import locked
from extractor.batch.outputs import RESULTS, RUN, STATE, Outputs, remove_all
from extractor.batch.pool import Answer, Pool
from extractor.batch.task import Failure, Task, failure_of, members_of
from extractor.batch.worker import Job, Settings
from extractor.errors import InputError, OutputError, UsageError
from extractor.models import SCHEMA_VERSION
from extractor.pipeline import extractor_for
from extractor.reading import Member

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue

_JOURNAL = "journal.sqlite"
_LOCK = "lock"
_COMMIT_EVERY = 1.0
_JUST_NOW = 2_000_000_000
"""Nanoseconds within which a file may change again without its time telling: the coarsest file system counts in 2 s."""


@dataclass(frozen=True)
class Plan:
    """What a batch is to do. `resume` goes on with what the folder holds, `force` throws it away."""

    inputs: list[str]
    folder: Path
    settings: Settings
    jobs: int
    selection: Selection = field(default_factory=Selection)
    resume: bool = False
    force: bool = False


class Observer(Protocol):
    """Who is told how a batch goes on."""

    def note(self, message: str) -> None:
        """Something that the user should know."""

    def begin(self, expected: int, unchanged: int) -> None:
        """So many files are to be read, so many are known already."""

    def expect_more(self, count: int = 1) -> None:
        """So many more are to be read than was said."""

    def ended(self, failure: Failure | None) -> None:
        """One input is done."""

    def publishing(self) -> None:
        """The finished files are put together."""


@dataclass
class Archive:
    """An archive whose members are being converted: those met so far, those not answered yet, and whether that is all."""

    input: Input
    stream: Iterator[Member | InputError]
    members: int = 0
    left: int = 0
    ended: bool = False


@dataclass
class Tally:
    """What one run did. `new`, `changed` and `retried` were converted or failed; `same` were read and are what they were."""

    expected: int = 0
    unchanged: int = 0
    same: int = 0
    changed: int = 0
    new: int = 0
    retried: int = 0
    vanished: int = 0
    failed: int = 0

    @property
    def converted(self) -> int:
        """Inputs that were converted or failed."""
        return self.changed + self.new + self.retried


def always(_: Found) -> bool:
    """Every input is settled."""
    return True


@contextlib.contextmanager
def opened(plan: Plan, observer: Observer) -> Iterator[Batch]:
    """The batch of a plan, its folder locked and its journal open.

    Raises UsageError where another run has the folder or it holds results and the plan says neither `resume` nor `force`,
    OutputError where it cannot be written, CatalogueError where the rules are wrong.
    """
    catalogue = extractor_for(plan.settings.options.catalogue).catalogue
    state = plan.folder / STATE
    foreign = [name for name in (*RESULTS, RUN) if (plan.folder / name).exists()]
    if foreign and not state.exists() and not plan.force:
        raise UsageError(
            f"{plan.folder}: holds {foreign[0]} already; name another folder with -o, or use --force to replace it"
        )
    try:
        state.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{plan.folder}: cannot be written ({error.strerror}); name another folder with -o") from None
    with locked(state / _LOCK, plan.folder):
        if plan.force:
            remove_all(path for path in state.iterdir() if path.name != _LOCK)
        elif (state / _JOURNAL).exists() and not plan.resume:
            raise UsageError(
                f"{plan.folder}: holds the results of an earlier run; use --resume to go on with it, or --force to start anew"
            )
        with telling(plan.folder):
            journal = Journal(state / _JOURNAL)
        with contextlib.closing(journal):
            batch = Batch(plan, observer, catalogue, Outputs(plan.folder, journal, catalogue, plan.settings.language))
            with telling(plan.folder):
                batch.take_up()
            yield batch


class Batch:
    """An output folder in the hands of one run."""

    def __init__(self, plan: Plan, observer: Observer, catalogue: Catalogue, outputs: Outputs) -> None:
        self.plan = plan
        self.observer = observer
        self.catalogue = catalogue
        self.outputs = outputs
        self.journal = outputs.journal
        self.in_hand: dict[int, tuple[Input, Archive | None]] = {}
        self.archives: deque[Archive] = deque()
        self.number = 0
        self.files: Iterator[tuple[Input, str | None]] = iter(())
        self.found_at = 0
        self.tally = Tally()
        self.clock = _Clock()
        self.started = datetime.now(UTC)
        self.durations: dict[str, float] = {}

    def take_up(self) -> None:
        """Go on from what the folder holds, as far as it was made with the same rules and options."""
        told = self.outputs.take_up()
        if told:
            self.observer.note(told)
        made_with, fingerprint = self.journal.fact("made_with"), self._fingerprint()
        if made_with not in (None, fingerprint):
            self.observer.note("the rules, the options or the version have changed since; all inputs are read again")
            self.journal.forget_all()
            self.outputs.begin()
        self.journal.retry_unread()
        self.journal.note("made_with", fingerprint)
        self.journal.commit()

    def run(self) -> dict[str, Any]:
        """Look and work, once. Raises InputError where there are no inputs at all, and leaves everything as it is then."""
        self.look()
        if not self.journal.has_inputs():
            raise InputError(" ".join(self.plan.inputs), "holds no reports", "name a folder, an archive or a list of reports")
        return self.work()

    def look(self, settled: Callable[[Found], bool] = always) -> bool:
        """Find the inputs; whether there is anything to do.

        `settled` says of a file whether it may be read yet; one that may not stays what it was.
        """
        self.clock = _Clock()
        self.started = datetime.now(UTC)
        self._find(settled)
        self.durations = {"finding": self.clock.lap()}
        return bool(self.tally.expected or self.journal.vanished() or not self.outputs.is_finished())

    def work(self) -> dict[str, Any]:
        """Convert what was found to be new or changed, and put the finished files together; the account that run.json holds.

        Raises OutputError where results cannot be written.
        """
        self.observer.begin(self.tally.expected, self.tally.unchanged)
        with telling(self.plan.folder):
            self._convert()
        self.durations["converting"] = self.clock.lap()
        with telling(self.plan.folder):
            if not self.outputs.is_finished() or self.tally.vanished:
                self.observer.publishing()
                self.outputs.publish()
            self.durations["publishing"] = self.clock.lap()
            account = self._account()
            self.outputs.write_run(account)
        return account

    # ------------------------------------------------------------------------------------------------------- steps

    def _find(self, settled: Callable[[Found], bool]) -> None:
        self.found_at = time.time_ns()
        unsettled: list[bytes] = []

        def ready() -> Iterator[Found]:
            for one in find(self.plan.inputs, self.plan.selection):
                if settled(one):
                    yield one
                else:
                    unsettled.append(place_of(one.path))

        self.journal.expect(ready())
        for place in unsettled:
            self.journal.expect_as_before(place)
        self.journal.expect_members_again()
        self.tally = Tally(self.journal.count_pending(), self.journal.count_unchanged())

    def _convert(self) -> None:
        if self.tally.expected:
            self.files = self.journal.pending()
            segment = self._first_segment()
            pool = Pool(self.plan.jobs, self.plan.settings, self.outputs.state, segment)
            committed = time.monotonic()
            try:
                for answer in pool.answers(self._next_job, self.tally.expected):
                    if answer is not None:
                        self._take(answer)
                    if time.monotonic() - committed > _COMMIT_EVERY:
                        self.journal.commit()
                        committed = time.monotonic()
            finally:
                pool.close()
        self.tally.vanished = self.journal.vanished()
        self.journal.commit()

    def _next_job(self) -> Job | None:
        """The next member of an open archive, else the next file; None where there is none at present."""
        while self.archives:
            job = self._next_member(self.archives[0])
            if job is not None:
                return job
            self._close_if_done(self.archives.popleft())
        one, known = next(self.files, (None, None))
        return None if one is None else self._job(one, None, Task(one.path, one.path), known)

    def _next_member(self, archive: Archive) -> Job | None:
        """The next member of an archive that is to be read; None at its end."""
        for found in archive.stream:
            archive.members += 1
            self.tally.expected += 1
            self.observer.expect_more()
            data = found.data if isinstance(found, Member) else str(found).encode("utf-8", "backslashreplace")
            digest = hashlib.sha256(data).hexdigest()
            inner = os.fsencode(found.name)
            one = archive.input._replace(member=archive.members, inner=inner, size=len(data))
            known = self.journal.known(one)
            self.journal.expect_member(one)
            if known == digest:
                self.tally.same += 1
                self.observer.ended(None)
            elif isinstance(found, InputError):
                self._write_down(one, known, Result(digest, 0, 0, NO_PIECES, Figures(), failure_of(found)))
            else:
                archive.left += 1
                return self._job(one, archive, Task(found.name, data=data), known)
        archive.ended = True
        return None

    def _job(self, one: Input, archive: Archive | None, task: Task, known: str | None) -> Job:
        self.number += 1
        self.in_hand[self.number] = (one, archive)
        return Job(self.number, task, known)

    def _take(self, answer: Answer) -> None:
        """Write down what became of one input."""
        job, done, segment = answer
        one, archive = self.in_hand.pop(job.number)
        if done.holds_members:
            self.tally.expected -= 1
            self.observer.expect_more(-1)
            self.archives.append(Archive(one, members_of(one.path, self.plan.settings.options.reading)))
            return
        if done.same:
            self.tally.same += 1
            self.journal.still_the_same(self._dated(one))
            self.observer.ended(None)
        else:
            pieces = done.pieces or NO_PIECES
            self._write_down(one, job.known, Result(done.sha256, segment, done.checksum, pieces, done.figures, done.failure))
        if archive is not None:
            archive.left -= 1
            self._close_if_done(archive)

    def _write_down(self, one: Input, known: str | None, result: Result) -> None:
        """An input has a result."""
        self._begin()
        self.tally.new += known is None
        self.tally.retried += known == ""
        self.tally.changed += bool(known)
        self.tally.failed += result.failure is not None
        self.journal.finish(self._dated(one), result)
        self.observer.ended(None if result.failure is None else Failure(*result.failure))

    def _close_if_done(self, archive: Archive) -> None:
        """An archive is done when all its members are."""
        if archive.ended and not archive.left:
            self._begin()
            self.journal.finish(self._dated(archive.input), Result("", 0, 0, NO_PIECES, Figures(), None))

    def _begin(self) -> None:
        """From here on something is done that the finished files do not hold."""
        if self.outputs.is_finished():
            self.outputs.begin()

    def _dated(self, one: Input) -> Input:
        """An input with a time that no file has, where it may change again within the same tick of its clock."""
        return one._replace(mtime=-1) if one.mtime > self.found_at - _JUST_NOW else one

    def _first_segment(self) -> int:
        """A number for the first segment of this run: none that was ever used before in this folder."""
        before = self.journal.fact("segments")
        first = before + 1 if isinstance(before, int) else 1
        self.journal.note("segments", first + self.plan.jobs - 1)
        self.journal.commit()
        return first

    # ----------------------------------------------------------------------------------------------------- account

    def _options(self) -> dict[str, Any]:
        """The options that shape the results."""
        settings = self.plan.settings
        options = settings.options
        return {
            "inputs": self.plan.inputs,
            "include": list(self.plan.selection.include),
            "exclude": list(self.plan.selection.exclude),
            **asdict(options.reading),
            "with_text": options.with_text,
            "catalogue": options.catalogue,
            "lang": settings.language,
        }

    def _fingerprint(self) -> str:
        """A name for everything but the inputs that the results depend on."""
        options = self.plan.settings.options
        parts = [__version__, SCHEMA_VERSION, self.catalogue.fingerprint, options.fingerprint()]
        return hashlib.sha256(json.dumps([*parts, self.plan.settings.language]).encode()).hexdigest()

    def _account(self) -> dict[str, Any]:
        """What run.json says: the same for the same inputs, but for `this_run`."""
        failures = self.journal.failures()
        failed = sum(failures.values())
        records = self.journal.count_records()
        durations = self.durations
        tally, settings = self.tally, self.plan.settings
        figures = self.journal.figures()
        return {
            "extractor": {"version": __version__, "schema_version": SCHEMA_VERSION},
            "catalogue": {
                "id": self.catalogue.head.id,
                "version": self.catalogue.head.version,
                "fingerprint": self.catalogue.fingerprint,
            },
            "options": self._options(),
            "counts": {"inputs": records + failed, "records": records, "failures": failed, "failures_by_code": failures},
            "figures": {name: getattr(figures, name) for name in ("bytes", "characters", "quantities", "coded", "actual")},
            "findings": self.outputs.findings_by_severity(),
            "this_run": {
                "started": self.started.isoformat(timespec="seconds"),
                "seconds": round(sum(durations.values()), 3),
                "durations": {name: round(value, 3) for name, value in durations.items()},
                "files_per_second": round(tally.converted / durations["converting"], 1) if tally.converted else 0,
                "converted": tally.converted,
                "new": tally.new,
                "changed": tally.changed,
                "retried": tally.retried,
                "unchanged": tally.unchanged + tally.same,
                "vanished": tally.vanished,
                "failed": tally.failed,
                "jobs": self.plan.jobs,
                "timeout": settings.timeout,
                "memory": settings.memory,
                "python": platform.python_version(),
                "platform": platform.platform(),
            },
        }


class _Clock:
    """Seconds since it was last asked."""

    def __init__(self) -> None:
        self.last = time.monotonic()

    def lap(self) -> float:
        """Seconds since the last call."""
        now = time.monotonic()
        before, self.last = self.last, now
        return now - before
