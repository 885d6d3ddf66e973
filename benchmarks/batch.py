"""How batches behave: against a plain loop, with two processes, when taken up again, when killed, as they grow.

usage: python -m benchmarks.batch speed [FILES]         default 10000 reports of about 10 KB
       python -m benchmarks.batch kills [KILLS] [FILES] default 200 kills of runs over 2000 files
       python -m benchmarks.batch growth [FILES...]     default 1000 10000 100000 short reports; draws docs/batch-growth.svg

Everything is made from samples/ in a temporary folder (TMPDIR), many names being links to few files. What is compared is
measured in turns in one run, so that the ratios hold on a busy machine where the absolute figures do not.
"""

from __future__ import annotations

import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extractor.batch.task import Failure

_ROOT = Path(__file__).parents[1]
_DISTINCT = 144
_ROUNDS = 3
_SLICE = 400
_START = 40
_LONG = 7500
_OLD = 1_700_000_000
_SHORT = "{place}镇人民政府2023年度法治政府建设情况报告\n一、主要做法\n全镇共调解矛盾纠纷{number}起。\n"
_FINISHED = ("records.jsonl", "summary.csv", "indicators.csv", "findings.csv", "failures.csv")


def main() -> None:
    """Run what the command line names."""
    what, *numbers = sys.argv[1:] or ["speed"]
    runs: dict[str, Callable[..., None]] = {"speed": speed, "kills": kills, "growth": growth}
    if what == "measured":
        measured(*numbers)
        return
    if what not in runs:
        raise SystemExit(__doc__)
    runs[what](*map(int, numbers))


# -------------------------------------------------------------------------------------------------------------- speed


def speed(files: int = 10_000) -> None:
    """One process against a loop, two against one; a long run's first and last tenth; taking up what is done."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts = _long_reports()
        _in_turns(folder, texts)
        reports = _linked(folder / "reports", texts, files)
        size = sum(map(len, texts)) / len(texts) / 1000
        print(f"{files} reports of {size:.1f} KB on average, two processes")
        run = _measure(reports, folder / "out", 2)
        tenths = run.tenths
        print(f"  {files / run.seconds:.1f} files/s in {run.seconds:.0f} s, of which {run.publishing:.1f} s at the end")
        print(f"  files/s by tenth: {' '.join(f'{rate:.0f}' for rate in tenths)}")
        halves = _rate(tenths[5:]) / _rate(tenths[:5])
        print(f"  last tenth {tenths[-1] / tenths[0]:.2f} x first; second half {halves:.2f} x first")
        again = _measure(reports, folder / "out", 2)
        print(f"  taken up again with nothing to do: {again.seconds:.2f} s, {again.seconds / run.seconds:.2%} of the run")
        print(f"  parent's peak memory {run.peak / 1024:.0f} MB")


def _rate(rates: list[float]) -> float:
    """Files each second over tenths of a run."""
    return statistics.harmonic_mean(rates)


def _in_turns(folder: Path, texts: list[bytes]) -> None:
    """Processor seconds of a plain loop and of one process with its parent; wall seconds with one and with two.

    What the start of a batch takes, which is a tenth of a few hundred reports and nothing of 10,000, is left out by comparing
    the loop with what a batch of `_SLICE` reports takes more than one of `_START`.
    """
    from extractor import extract

    reports, few = _linked(folder / "some", texts, _SLICE), _linked(folder / "few", texts, _START)
    decoded = [text.decode() for text in texts]
    extract(decoded[0])
    against_loop, by_wall, two, processor = [], [], [], []
    for turn in range(_ROUNDS):
        started, wall = time.process_time(), time.perf_counter()
        for number in range(_START, _SLICE):
            extract(decoded[number % len(decoded)])
        loop, loop_wall = time.process_time() - started, time.perf_counter() - wall
        start = _measure(few, folder / f"few{turn}", 1)
        one = _measure(reports, folder / f"one{turn}", 1)
        start_both = _measure(few, folder / f"fewtwo{turn}", 2)
        both = _measure(reports, folder / f"two{turn}", 2)
        against_loop.append(loop / (one.processor - start.processor))
        by_wall.append(loop_wall / (one.converting - start.converting))
        two.append(one.converting / both.converting)
        processor.append((one.processor - start.processor) / (both.processor - start_both.processor))
    print(f"{_SLICE} reports, {_ROUNDS} turns of a loop, one process and two; medians of the turns' ratios")
    print(f"  speed of one process, its start left out, by processor time: {statistics.median(against_loop):.2f} x the loop")
    print(f"  the same by the clock: {statistics.median(by_wall):.2f} x ({_all(by_wall)})")
    print(f"  two processes, starts included, by the clock: {statistics.median(two):.2f} x one ({_all(two)})")
    print(f"  two on two free cores, by processor time, starts left out: {2 * statistics.median(processor):.2f} x one")


def _all(values: list[float]) -> str:
    return " ".join(f"{value:.2f}" for value in values)


# -------------------------------------------------------------------------------------------------------------- kills


def kills(count: int = 200, files: int = 2000) -> None:
    """Kill runs at random moments, take them up again, and compare the end with that of an undisturbed run."""
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reports = _linked(folder / "reports", _short_reports(), files)
        _measure(reports, folder / "undisturbed", 2)
        expected = _finished(folder / "undisturbed")
        start = _measure(reports, folder / "undisturbed", 2).seconds
        left, rounds, codes = count, 0, dict[int, int]()
        while left:
            out = folder / f"out{rounds}"
            rounds += 1
            while left:
                code = _killed(reports, out, chance, start * chance.uniform(0.3, 1.5))
                if code == 0:
                    break
                left -= 1
                codes[code] = codes.get(code, 0) + 1
            _measure(reports, out, 2)
            if _finished(out) != expected:
                raise SystemExit(f"after {count - left} kills, in round {rounds}, the result is another one")
            print(f"  round {rounds}: {count - left} kills so far, result the same", flush=True)
        print(f"{count} kills over {rounds} rounds of {files} files ({codes}): every result is that of an undisturbed run")


def _killed(reports: Path, out: Path, chance: random.Random, seconds: float) -> int:
    """The exit code of a run that is killed after so many seconds, or of one that ended before that."""
    command = [sys.executable, "-m", "extractor", "batch", str(reports), "-o", str(out), "--resume", "-q", "-j", "2"]
    with subprocess.Popen(command, start_new_session=True) as process:
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            how = chance.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
            if chance.random() < 0.3:
                os.killpg(process.pid, how)
            else:
                process.send_signal(how)
            return process.wait()


def _finished(out: Path) -> list[bytes]:
    account = json.loads((out / "run.json").read_text("utf-8"))
    del account["this_run"]
    return [*((out / name).read_bytes() for name in _FINISHED), json.dumps(account).encode()]


# ------------------------------------------------------------------------------------------------------------- growth


def growth(*counts: int) -> None:
    """Time and the parent's peak memory by the number of files."""
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        texts = _short_reports()
        for count in counts or (1000, 10_000, 100_000):
            reports = _linked(folder / f"reports{count}", texts, count)
            run = _measure(reports, folder / f"out{count}", 2)
            found.append((count, run.seconds, run.peak / 1024))
            seconds, peak = found[-1][1:]
            print(
                f"  {count:7} files  {seconds:8.1f} s  {1000 * seconds / count:6.2f} ms each  parent's peak {peak:6.1f} MB",
                flush=True,
            )
    print(f"parent's peak with {found[-1][0]} files: {found[-1][2] / found[0][2]:.2f} x that with {found[0][0]}")
    _draw(found, _ROOT / "docs" / "batch-growth.svg")


def _draw(found: list[tuple[int, float, float]], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "batch"
    from matplotlib import pyplot

    counts, seconds, peaks = zip(*found, strict=True)
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(8, 3), layout="constrained")
    left.loglog(counts, seconds, marker="o")
    left.loglog(counts, [seconds[-1] * count / counts[-1] for count in counts], linestyle=":", label="linear")
    left.set(xlabel="files", ylabel="seconds", title="time")
    left.legend()
    right.semilogx(counts, peaks, marker="o")
    right.set(xlabel="files", ylabel="MB", title="the parent's peak memory", ylim=(0, 1.5 * max(peaks)))
    figure.savefig(path, metadata={"Date": None})


# ----------------------------------------------------------------------------------------------------- what is measured


@dataclass(frozen=True)
class Run:
    """What a batch took: seconds of the clock, all and by step; processor seconds of all its processes until the last input was
    done; KB of the parent's peak memory; files each second by tenths of the run, the first from the first answer on."""

    seconds: float
    finding: float
    converting: float
    publishing: float
    processor: float
    peak: int
    tenths: list[float]


def _measure(reports: Path, out: Path, jobs: int) -> Run:
    """What one batch as a whole process takes."""
    command = [sys.executable, "-m", "benchmarks.batch", "measured", str(reports), str(out), str(jobs)]
    started = time.perf_counter()
    done = subprocess.run(command, cwd=_ROOT, stdout=subprocess.PIPE, check=True, start_new_session=True)
    values = json.loads(done.stdout)
    return Run(seconds=time.perf_counter() - started, **values)


def measured(reports: str, out: str, jobs: str) -> None:
    """One batch in this process; what it took, as JSON."""
    from extractor.batch.run import Plan, opened
    from extractor.batch.task import BatchOptions
    from extractor.batch.worker import Settings

    observer = _Observer()
    plan = Plan([reports], Path(out), Settings(BatchOptions(), "zh", 60.0, 0), int(jobs), resume=True)
    with opened(plan, observer) as batch:
        durations = batch.run()["this_run"]["durations"]
    print(json.dumps({"processor": observer.processor, "peak": _peak(), "tenths": observer.tenths(), **durations}))


class _Observer:
    """Writes down when inputs were done."""

    def __init__(self) -> None:
        self.expected = self.done = 0
        self.marks: list[float] = []
        self.processor = 0.0

    def note(self, message: str) -> None:
        """Nothing."""

    def begin(self, expected: int, unchanged: int) -> None:
        """So much there is to do."""
        self.expected = expected

    def expect_more(self, count: int = 1) -> None:
        """Nothing: there are no archives."""

    def ended(self, failure: Failure | None) -> None:
        """A mark at each tenth, and the processor time with the last."""
        if self.done % max(1, self.expected // 10) == 0:
            self.marks.append(time.perf_counter())
        self.done += 1
        if self.done == self.expected:
            self.marks.append(time.perf_counter())
            self.processor = _processor()

    def publishing(self) -> None:
        """Nothing."""

    def tenths(self) -> list[float]:
        """Files each second, by tenths."""
        step = max(1, self.expected // 10)
        return [step / (later - earlier) for earlier, later in pairwise(self.marks)]


def _processor() -> float:
    """Processor seconds of all processes of this session: the parent, its workers, and what starts them."""
    ticks = 0
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text("ascii", "replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == os.getsid(0):
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _peak() -> int:
    """Peak memory of this process alone, in KB."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0])


# ------------------------------------------------------------------------------------------------------------ reports


def _linked(folder: Path, texts: list[bytes], count: int) -> Path:
    """A folder of so many reports: a few files, and links to them; all of them as old as what is not being written just now."""
    folder.mkdir()
    for number in range(count):
        path = folder / f"r{number:06}.txt"
        if number < len(texts):
            path.write_bytes(texts[number])
            os.utime(path, (_OLD, _OLD))
        else:
            path.hardlink_to(folder / f"r{number % len(texts):06}.txt")
    return folder


def _short_reports() -> list[bytes]:
    """Reports of one sentence, of a few places."""
    return [_SHORT.format(place=place, number=number).encode() for number, place in enumerate("青白赤金乌丹", 11)]


def _long_reports() -> list[bytes]:
    """Reports made of samples, one after another until they have so many bytes: about 10 KB."""
    samples = [path.read_bytes() for path in sorted((_ROOT / "samples").glob("*.txt"))]
    reports = []
    for number in range(_DISTINCT):
        at, text = number, b""
        while len(text) < _LONG:
            text += samples[at % len(samples)] + b"\n"
            at += number // len(samples) + 1
        reports.append(text)
    return reports


if __name__ == "__main__":
    main()
