"""The cluster engine against the local one on this machine: files each second and memory of all processes, two workers each.

usage: python -m benchmarks.cluster [FILES]        default 3000 reports of about 10 KB

Everything is made from samples/ in a temporary folder. Both engines read the same files, one after the other in one run; the
start of the cluster is told apart. Memory is that of all processes together, what they share counted once (Linux).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

_SAMPLES = Path(__file__).parents[1] / "samples"
_BYTES = 10_000
_PARTS = 12
_EVERY = 0.5


def main() -> None:
    """Print a line for each engine."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reports = make(folder / "reports", count)
        size = sum(file.stat().st_size for file in reports.iterdir())
        print(f"{count} reports, {size / 1e6:.0f} MB")
        base = None
        for engine, options in {"local": (), "ray": ("--engine", "ray", "--part-size", str(-(-count // _PARTS)))}.items():
            seconds, memory = measure(reports, folder / engine, options)
            run = json.loads((folder / engine / "run.json").read_bytes())
            base = base or seconds
            print(f"  {engine:<6}{seconds:7.1f} s  {count / seconds:6.0f} files/s  {base / seconds:5.2f} x local", end="")
            print(f"  {memory / 1e6:6.0f} MB at most  {run['counts']['records']} records")
        seconds, memory = measure(one_of(reports, folder / "one"), folder / "started", ("--engine", "ray"))
        print(f"  ray with one report: {seconds:.1f} s, {memory / 1e6:.0f} MB")


def make(folder: Path, count: int) -> Path:
    """So many reports of about ten kilobytes, no two alike."""
    folder.mkdir()
    texts = [file.read_text(encoding="utf-8") for file in sorted(_SAMPLES.glob("*.txt"))]
    for number in range(count):
        text = texts[number % len(texts)]
        body = text * max(1, round(_BYTES / len(text.encode())))
        (folder / f"{number:06}.txt").write_text(f"{body}\n第{number}号存档\n", encoding="utf-8")
    return folder


def one_of(reports: Path, folder: Path) -> Path:
    """A folder with one of the reports."""
    folder.mkdir()
    file = next(reports.iterdir())
    (folder / file.name).write_bytes(file.read_bytes())
    return folder


def measure(reports: Path, output: Path, options: tuple[str, ...]) -> tuple[float, int]:
    """Seconds of a batch with two workers, and bytes of memory at most."""
    command = [sys.executable, "-m", "extractor", "batch", str(reports), "-o", str(output), "--jobs", "2", "--quiet", *options]
    started = time.perf_counter()
    most = [0]
    with subprocess.Popen(command) as process:
        done = threading.Event()
        watcher = threading.Thread(target=_watch, args=(process.pid, done, most))
        watcher.start()
        code = process.wait()
        seconds = time.perf_counter() - started
        done.set()
        watcher.join()
    if code:
        raise SystemExit(f"{' '.join(command)} ended with {code}")
    return seconds, most[0]


def _watch(root: int, done: threading.Event, most: list[int]) -> None:
    while not done.wait(_EVERY):
        most[0] = max(most[0], sum(map(_memory, _family(root))))


def _family(root: int) -> set[int]:
    """A process and all that descend from it."""
    parents: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(status.parent.name)] = int(fields[1])
    family = {root}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def _memory(process: int) -> int:
    """Bytes of a process; what it shares with others is divided among them."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


if __name__ == "__main__":
    main()
