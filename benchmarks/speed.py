"""How fast extraction is, against two yardsticks measured in the same run: jieba's segmentation, and one bare pattern.

usage: python -m benchmarks.speed [FOLDER]      FOLDER holds *.txt reports; default: samples/

Single thread. The reports are repeated to 2 MB of UTF-8. The yardsticks and the extraction take turns, and the median of the
rounds is printed, so that the ratios hold on a busy machine where the absolute figures do not. Cold starts are whole processes.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import regex

_TARGET_BYTES = 2_000_000
_ROUNDS = 5
_COLD_RUNS = 7
_UNIT = "人次|场次|件|起|次|场|期|个|名|人|份|条|册|张|处|家|户|项|%|万元|元|亩"
_BARE = regex.compile(rf"\d+(?:\.\d+)?[余多]?(?:万|亿)?(?:{_UNIT})")
_IMPORTS = "import typer, regex, pydantic\nclass M(pydantic.BaseModel):\n    a: int\nM(a=1)"


def main() -> None:
    """Print throughput, cold start and peak memory."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "samples"
    files = sorted(folder.rglob("*.txt"))
    # first, while this process is small: the peak of a process that it starts includes its own size at that moment
    cold_start(files[0])
    texts = [path.read_text(encoding="utf-8") for path in files]
    size = sum(len(text.encode()) for text in texts)
    repeated = texts * max(1, _TARGET_BYTES // size)
    throughput(repeated, size * max(1, _TARGET_BYTES // size))


def throughput(texts: list[str], size: int) -> None:
    """MB/s of extraction and of the yardsticks, in turns."""
    import jieba

    from extractor import extract

    jieba.setLogLevel(60)
    jieba.lcut("预热")
    runs: dict[str, Callable[[str], object]] = {
        "extract": extract,
        "jieba.lcut": jieba.lcut,
        "one bare pattern": _BARE.findall,
    }
    extract(texts[0])
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(_ROUNDS):
        for name, run in runs.items():
            started = time.process_time()
            for text in texts:
                run(text)
            times[name].append(time.process_time() - started)
    medians = {name: statistics.median(values) for name, values in times.items()}
    print(f"{len(texts)} reports, {size / 1e6:.2f} MB, median of {_ROUNDS} rounds in turns")
    for name, seconds in medians.items():
        ratio = medians["jieba.lcut"] / seconds
        print(f"  {name:<18}{size / seconds / 1e6:8.2f} MB/s  {ratio:7.2f} x jieba.lcut  {len(texts) / seconds:8.0f} reports/s")


def cold_start(report: Path) -> None:
    """Wall time and peak memory of one extraction as a whole process, against a process that only imports."""
    extraction = [sys.executable, "-m", "extractor", "extract", str(report), "-f", "json"]
    imports = [sys.executable, "-c", _IMPORTS]
    for command in (extraction, imports):
        _process(command)
    ours, theirs = [], []
    for _ in range(_COLD_RUNS):
        ours.append(_process(extraction))
        theirs.append(_process(imports))
    seconds, base = (statistics.median(wall for wall, _ in runs) for runs in (ours, theirs))
    print(f"cold start, median of {_COLD_RUNS} runs in turns")
    print(f"  extract one report {seconds * 1000:6.0f} ms  {seconds / base:5.2f} x imports only ({base * 1000:.0f} ms)")
    print(f"  peak memory        {max(memory for _, memory in ours) / 1024:6.0f} MB")


def _process(command: list[str]) -> tuple[float, int]:
    """Seconds of wall time and KiB of peak memory of a finished process."""
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return time.perf_counter() - started, usage.ru_maxrss


if __name__ == "__main__":
    main()
