"""The cluster engine: parts of a batch, done by the workers of a Ray cluster.

Ray Data hands out the parts and streams back what became of each; inputs and results never pass through the process that
started the run. A worker reads the inputs of its part where they stand, has each converted by a process of the local engine,
with its time-out and its memory, and writes the part's tables.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import logging
import os
import platform
import shutil
import sys
import tempfile
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from extractor import __version__
from extractor.batch.discover import Selection
from extractor.batch.lock import locked
from extractor.batch.outputs import segment_path
from extractor.batch.parts import MARKS, Made, Mark, Parts, made_of, part_of
from extractor.batch.pool import Answer, Pool
from extractor.batch.run import Observer
from extractor.batch.storage import Item, Place, inputs, place_of, writable
from extractor.batch.task import Failure, Task, failure_of, members_of
from extractor.batch.worker import Job, Settings
from extractor.errors import ExtractorError, InputError, OutputError, UsageError, printable
from extractor.models import SCHEMA_VERSION
from extractor.pipeline import extractor_for
from extractor.reading import Member, ReadOptions

if TYPE_CHECKING:
    import numpy

    from extractor.catalogue.models import Catalogue

_SEGMENT_LIMIT = 256 * 1024**2
_OBJECT_STORE = 128 * 1024**2
"""Bytes of shared memory for a cluster of this machine alone; only the numbers of parts pass through it."""


@dataclass(frozen=True)
class ClusterPlan:
    """What a batch on a cluster is to do. `address` is the cluster's; without it, one is started on this machine.

    `jobs` is how many workers take part, each with one core; without it, as many as the cluster has cores. A thousand inputs
    are some ten seconds of work, and a Parquet file of some megabytes for each year.
    """

    inputs: list[str]
    output: str
    settings: Settings
    jobs: int | None = None
    selection: Selection = field(default_factory=Selection)
    resume: bool = False
    force: bool = False
    address: str | None = None
    part_size: int = 1000


@dataclass
class _Tally:
    """What one run did. A part is read again as a whole: `changed` are all inputs of such parts that were there before."""

    expected: int = 0
    unchanged: int = 0
    new: int = 0
    changed: int = 0
    vanished: int = 0
    converted: int = 0
    failed: int = 0
    seconds: float = 0.0


def run(plan: ClusterPlan, observer: Observer) -> dict[str, Any]:
    """Do a batch on a cluster; the account that run.json holds.

    Raises UsageError where Ray is not installed, the folder holds results already, or the workers have other rules; InputError
    where there are no inputs; OutputError where results cannot be written or the cluster fails. Parts that were done are kept.
    """
    started, clock = datetime.now(UTC), time.monotonic()
    _prepare_ray()
    catalogue = extractor_for(plan.settings.options.catalogue).catalogue
    folder = place_of(plan.output)
    writable(folder.below(MARKS), plan.output)
    with _locked(folder, plan.output):
        parts = Parts(folder)
        _take_up(plan, parts)
        count, todo, tally = _look(plan, parts, _rules(plan.settings, catalogue))
        observer.begin(tally.expected, tally.unchanged)
        if todo:
            with _cluster(plan) as cores:
                _convert(plan, todo, min(cores, len(todo)), observer, tally)
        parts.remove_leftovers(count)
        tally.seconds = time.monotonic() - clock
        account = _account(plan, catalogue, list(parts.marks(count)), tally, started)
        folder.below("run.json").write(f"{json.dumps(account, ensure_ascii=False, indent=2)}\n".encode())
    return account


def _prepare_ray() -> None:
    """See that Ray is there. It says nothing to the world outside: no statistics of use, no dashboard."""
    if find_spec("ray") is None:
        raise UsageError("the engine ray needs the library ray; install it with: pip install 'extractor[ray]'")
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    # Ray's workers would otherwise give way to everything else on the machine
    os.environ.setdefault("RAY_worker_niceness", "0")


@contextlib.contextmanager
def _locked(folder: Place, name: str) -> Iterator[None]:
    """One run at a time in a folder; object stores know no locks."""
    if not folder.is_local:
        yield
        return
    with locked(Path(folder.path) / ".lock", Path(name)):
        yield


def _take_up(plan: ClusterPlan, parts: Parts) -> None:
    if plan.force:
        parts.remove_all()
    elif parts.holds_any() and not plan.resume:
        raise UsageError(
            f"{plan.output}: holds the results of an earlier run; use --resume to go on with it, or --force to start anew"
        )


def _look(plan: ClusterPlan, parts: Parts, rules: str) -> tuple[int, dict[int, str], _Tally]:
    """How many parts there are, those to do with their names, and how many inputs these have."""
    found = sorted(set(inputs(plan.inputs, plan.selection)))
    if not found:
        raise InputError(" ".join(plan.inputs), "holds no reports", "name a folder or a list of reports")
    count = parts.count(len(found), plan.part_size)
    groups: dict[int, list[Item]] = defaultdict(list)
    for item in found:
        groups[part_of(item.name, count)].append(item)
    todo, tally = {}, _Tally()
    for number in range(count):
        items = groups.pop(number, [])
        name = made_of(items, rules)
        mark = parts.mark(number)
        if items and mark is not None and mark.made_of == name and not mark.unread:
            tally.unchanged += len(items)
            continue
        before = {item.name for item in parts.items(number)} if mark is not None else set()
        now = {item.name for item in items}
        tally.new += len(now - before)
        tally.changed += len(now & before)
        tally.vanished += len(before - now)
        if items:
            parts.plan(number, items)
            todo[number] = name
            tally.expected += len(items)
        elif mark is not None:
            parts.forget(number)
    return count, todo, tally


def _rules(settings: Settings, catalogue: Catalogue) -> str:
    """A name for everything but the inputs that the records depend on."""
    return json.dumps([__version__, SCHEMA_VERSION, catalogue.fingerprint, settings.options.fingerprint()])


@contextlib.contextmanager
def _cluster(plan: ClusterPlan) -> Iterator[int]:
    """A connection to the plan's cluster, or one started on this machine for the time being; how many workers may take part."""
    import ray

    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    try:
        if plan.address:
            ray.init(address=plan.address, **quiet)
        else:
            ray.init("local", num_cpus=plan.jobs, include_dashboard=False, object_store_memory=_OBJECT_STORE, **quiet)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise UsageError(
            f"the cluster {plan.address or 'of this machine'} cannot be reached ({error}); see docs/scale.md"
        ) from None
    try:
        cores = int(ray.cluster_resources().get("CPU", 1))
        yield max(1, min(cores, plan.jobs or cores))
    finally:
        ray.shutdown()


def _convert(plan: ClusterPlan, todo: dict[int, str], workers: int, observer: Observer, tally: _Tally) -> None:
    """Have all parts done, and tell of each as it comes."""
    import ray.data
    from ray.exceptions import RayError

    ray.data.DataContext.get_current().enable_progress_bars = False
    for name in ("ray", "ray.data"):
        # here and not before: Ray Data sets its own when it is imported
        logging.getLogger(name).setLevel(logging.ERROR)
    rules = _rules(plan.settings, extractor_for(plan.settings.options.catalogue).catalogue)
    options = plan.settings.options
    if options.catalogue:
        options = replace(options, catalogue=_everywhere(options.catalogue))
    settings = replace(plan.settings, options=options)
    work = ray.data.from_items([{"part": number, "name": name} for number, name in todo.items()], override_num_blocks=len(todo))
    done = work.map_batches(
        do_part,
        fn_kwargs={"output": _everywhere(plan.output), "settings": settings, "rules": rules},
        batch_size=1,
        batch_format="numpy",
        num_cpus=1,
        compute=ray.data.TaskPoolStrategy(size=workers),
    )
    try:
        for row in done.iter_rows():
            _take(row, observer, tally)
    except RayError as error:
        reason = str(error).strip().splitlines()[-1]
        raise OutputError(f"{plan.output}: the cluster failed ({reason}); what is finished is kept: use --resume") from None


def _everywhere(name: str) -> str:
    """A name as it is understood in every folder: an address, or a full path."""
    return name if "://" in name else os.path.abspath(name)  # noqa: PTH100


def _take(row: dict[str, Any], observer: Observer, tally: _Tally) -> None:
    if row["error"]:
        raise OutputError(str(row["error"]))
    failures = [Failure(*entry) for entry in json.loads(row["failures"])]
    tally.converted += row["records"] + len(failures)
    tally.failed += len(failures)
    for failure in [None] * row["records"] + failures:
        observer.ended(failure)


def do_part(batch: dict[str, numpy.ndarray], output: str, settings: Settings, rules: str) -> dict[str, list[Any]]:
    """Do one part in a process of the cluster. What goes wrong with it as a whole is told in `error`, and ends the run."""
    number, name = int(batch["part"][0]), str(batch["name"][0])
    row: dict[str, Any] = {"part": number, "records": 0, "failures": "[]", "error": ""}
    try:
        _check_rules(settings, rules)
        parts = Parts(place_of(output))
        made = _converter(settings).convert(parts.items(number))
        parts.finish(number, name, made)
        row |= {"records": len(made.records), "failures": json.dumps(made.failures)}
    except (ExtractorError, OSError) as error:
        row["error"] = f"part {number}: {error}"
    return {key: [value] for key, value in row.items()}


def _check_rules(settings: Settings, rules: str) -> None:
    if rules != _rules(settings, extractor_for(settings.options.catalogue).catalogue):
        raise UsageError(
            f"{platform.node()} has another version or other rules than where the run was started; "
            "install the same on all nodes"
        )


@lru_cache(maxsize=1)
def _converter(settings: Settings) -> Converter:
    """The one of this process, which does one part after another."""
    return Converter(settings)


class Converter:
    """A process of the local engine that converts for a process of the cluster."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.folder = Path(tempfile.mkdtemp(prefix="extractor-"))
        self.pool = Pool(1, settings, self.folder, 1)
        self.streams: dict[int, BinaryIO] = {}
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        # a process that is started imports the main module, which here is all of Ray
        vars(sys.modules["__main__"]).pop("__file__", None)

    def convert(self, items: list[Item]) -> Made:
        """What the inputs of a part give, in the order of the inputs."""
        jobs = _Jobs(items, self.settings.options.reading, self.folder)
        for answer in self.pool.answers(jobs.next_job, len(items)):
            if answer is not None:
                jobs.take(answer, self._read)
        self._start_anew_if_large()
        made = [result for result in jobs.ordered() if not isinstance(result, Failure)]
        return Made(
            [record for record, _ in made],
            [digest for _, digest in made],
            [result for result in jobs.ordered() if isinstance(result, Failure)],
            sum(max(item.size, 0) for item in items),
            jobs.unread,
        )

    def _read(self, answer: Answer) -> tuple[str, str]:
        """The record and the digest of an answer, without their line ends."""
        stream = self._stream(answer.segment)
        lines = []
        for piece in (answer.done.pieces[0], answer.done.pieces[-1]):
            stream.seek(piece.start)
            lines.append(stream.read(piece.length).decode("utf-8").rstrip("\n"))
        return lines[0], lines[1]

    def _stream(self, segment: int) -> BinaryIO:
        """The file that the process writes. Its name is removed: nothing is left over, however this process ends."""
        path = segment_path(self.folder, segment)
        if path.exists():
            if segment in self.streams:
                self.streams[segment].close()
            self.streams[segment] = path.open("rb")
            path.unlink()
        return self.streams[segment]

    def _start_anew_if_large(self) -> None:
        """The process appends to its file; when that is large, another process begins another file."""
        if sum(os.fstat(stream.fileno()).st_size for stream in self.streams.values()) > _SEGMENT_LIMIT:
            self.close()
            self.pool = Pool(1, self.settings, self.folder, 1)

    def close(self) -> None:
        """End the process and let go of its files."""
        self.pool.close()
        for stream in self.streams.values():
            stream.close()
        self.streams.clear()


_Result = tuple[str, str] | Failure
"""A record and a digest, or why there are none."""


@dataclass
class _Open:
    """An input at work: its number, the path that it has here, and its members where it is an archive."""

    number: int
    item: Item
    path: str
    members: Iterator[Member | InputError] = field(default_factory=lambda: iter(()))
    count: int = 0

    def named(self, name: str) -> str:
        """A name that begins with the path here, as one that begins with the input's own."""
        return self.item.name + name[len(self.path) :] if name.startswith(self.path) else name


class _Jobs:
    """The inputs of a part as jobs: each a file, or its members where it turns out to be an archive."""

    def __init__(self, items: list[Item], options: ReadOptions, folder: Path) -> None:
        self.left = iter(enumerate(items))
        self.options = options
        self.folder = folder
        self.archives: deque[_Open] = deque()
        self.at_work: dict[int, tuple[_Open, int]] = {}
        self.results: dict[tuple[int, int], _Result] = {}
        self.number = 0
        self.unread = False

    def ordered(self) -> list[_Result]:
        """All results in the order of the inputs and their members."""
        return [self.results[key] for key in sorted(self.results)]

    def next_job(self) -> Job | None:
        """The next member of an archive, else the next input; None where there is none at present."""
        while self.archives:
            job = self._next_member(self.archives[0])
            if job is not None:
                return job
            self._close(self.archives.popleft())
        for number, item in self.left:
            try:
                opened = _Open(number, item, self._path(number, item))
            except OSError as error:
                reason = f"cannot be read ({error})".replace("\n", " ")[:300]
                self.results[number, 0] = failure_of(InputError(item.name, reason, "check its address and its permissions"))
                self.unread = True
                continue
            return self._job(opened, 0, Task(item.name, opened.path))
        return None

    def take(self, answer: Answer, read: Callable[[Answer], tuple[str, str]]) -> None:
        """Keep what became of a job."""
        opened, member = self.at_work.pop(answer.job.number)
        if answer.done.holds_members:
            opened.members = members_of(opened.path, self.options)
            self.archives.append(opened)
            return
        failure = answer.done.failure
        if failure is not None:
            failure = failure._replace(file=printable(answer.job.task.name))
            self.unread |= not answer.done.sha256
        self.results[opened.number, member] = failure or read(answer)
        if not member:
            self._close(opened)

    def _next_member(self, opened: _Open) -> Job | None:
        for found in opened.members:
            opened.count += 1
            if isinstance(found, Member):
                return self._job(opened, opened.count, Task(opened.named(found.name), data=found.data))
            failure = failure_of(found)
            self.results[opened.number, opened.count] = failure._replace(file=printable(opened.named(found.name)))
        return None

    def _job(self, opened: _Open, member: int, task: Task) -> Job:
        self.number += 1
        self.at_work[self.number] = (opened, member)
        return Job(self.number, task)

    def _path(self, number: int, item: Item) -> str:
        """Where the input can be read as a file: where it stands, or in a copy. Raises OSError."""
        place = place_of(item.path)
        if place.is_local:
            return place.path
        copy = self.folder / f"{number}-{item.name.rpartition('/')[2][-100:]}"
        copy.write_bytes(place.read())
        return str(copy)

    def _close(self, opened: _Open) -> None:
        """Remove the copy of an input, if one was made."""
        if Path(opened.path).parent == self.folder:
            Path(opened.path).unlink()


def _account(plan: ClusterPlan, catalogue: Catalogue, marks: list[Mark], tally: _Tally, started: datetime) -> dict[str, Any]:
    """What run.json says: the same for the same inputs, but for `this_run`."""
    failures: dict[str, int] = defaultdict(int)
    findings = {"info": 0, "warning": 0, "error": 0}
    for mark in marks:
        for code, count in mark.failures.items():
            failures[code] += count
        for severity, count in mark.findings.items():
            findings[severity] += count
    records, failed = sum(mark.records for mark in marks), sum(failures.values())
    options = plan.settings.options
    return {
        "extractor": {"version": __version__, "schema_version": SCHEMA_VERSION},
        "catalogue": {
            "id": catalogue.head.id,
            "version": catalogue.head.version,
            "fingerprint": catalogue.fingerprint,
        },
        "options": {
            "engine": "ray",
            "inputs": plan.inputs,
            "include": list(plan.selection.include),
            "exclude": list(plan.selection.exclude),
            **asdict(options.reading),
            "with_text": options.with_text,
            "catalogue": options.catalogue,
        },
        "counts": {
            "inputs": records + failed,
            "records": records,
            "failures": failed,
            "failures_by_code": dict(sorted(failures.items())),
            "parts": len(marks),
        },
        "figures": {"bytes": sum(mark.bytes for mark in marks), "quantities": sum(mark.quantities for mark in marks)},
        "findings": findings,
        "this_run": {
            "started": started.isoformat(timespec="seconds"),
            "seconds": round(tally.seconds, 3),
            "files_per_second": round(tally.converted / tally.seconds, 1) if tally.converted else 0,
            "converted": tally.converted,
            "new": tally.new,
            "changed": tally.changed,
            "unchanged": tally.unchanged,
            "vanished": tally.vanished,
            "failed": tally.failed,
            "jobs": plan.jobs,
            "address": plan.address,
            "python": platform.python_version(),
            "platform": platform.platform(),
        },
    }
