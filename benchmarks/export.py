"""How fast records are exported, against the extraction that made them, measured in the same run; and the workbook's memory.

usage: python -m benchmarks.export [REPORTS]      REPORTS in the workbook whose memory is measured; default: 2000

Extraction and each export take turns over the samples repeated to 120 reports, and the median of the rounds is printed as time
for each report and as a ratio. An export is the whole way from the lines of JSON to the file. Peak memory is that of a process.
"""

from __future__ import annotations

import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

_ROUNDS = 3
_REPORTS = 120
_MEASURED = 2000
_SAMPLES = Path(__file__).parents[1] / "samples"


def main() -> None:
    """Print times, ratios and peak memory."""
    reports = int(sys.argv[1]) if len(sys.argv) > 1 else _MEASURED
    with tempfile.TemporaryDirectory() as folder:
        # first: a process is charged with the memory of the one that starts it
        memory(Path(folder), reports)
        speed(Path(folder))


def speed(folder: Path) -> None:
    """Time for each report of extraction and of every export, in turns."""
    from extractor.catalogue import load_catalogue
    from extractor.pipeline import extractor_for
    from extractor.reading import read_file
    from extractor.writing.export import Wish, export
    from extractor.writing.rows import Table

    catalogue = load_catalogue()
    records = folder / "records.jsonl"
    write_records(records, _REPORTS)
    stages = extractor_for()
    documents = [read_file(path) for path in sorted(_SAMPLES.glob("*.txt"))]
    runs: dict[str, Callable[[], object]] = {
        "extraction": lambda: [stages.extract(document) for document in documents * (_REPORTS // len(documents))]
    }
    forms: list[tuple[Any, Any]] = [("csv", table) for table in get_args(Table)] + [
        ("parquet", table) for table in get_args(Table)
    ]
    for form, table in [*forms, ("sqlite", ""), ("xlsx", "")]:
        target = folder / f"records.{form}"
        runs[f"{form} {table}"] = lambda form=form, table=table, target=target: export(  # type: ignore[misc]
            _read(records), target, form, catalogue, Wish(table or "summary")
        )
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(_ROUNDS):
        for name, run in runs.items():
            started = time.process_time()
            run()
            times[name].append((time.process_time() - started) / _REPORTS * 1000)
    medians = {name: statistics.median(values) for name, values in times.items()}
    print(f"{_REPORTS} reports, median of {_ROUNDS} rounds in turns")
    for name, each in medians.items():
        print(f"  {name:<20}{each:8.2f} ms a report   extraction takes {medians['extraction'] / each:6.1f} times that")


def _read(records: Path) -> Any:  # noqa: ANN401  reports in all but name
    from extractor.reading.records import Record, read_records

    return (record.report for record in read_records([str(records)]) if isinstance(record, Record))


def write_records(path: Path, reports: int) -> None:
    """The samples' records over and over, each time under another name."""
    samples = [json.loads(file.read_bytes()) for file in sorted((_SAMPLES / "records").glob("*.json"))]
    with path.open("w", encoding="utf-8") as stream:
        for number in range(reports):
            record = samples[number % len(samples)]
            record["source"]["name"] = f"reports/{number:06d}.txt"
            record["source"]["sha256"] = hashlib.sha256(str(number).encode()).hexdigest()
            stream.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")


def memory(folder: Path, reports: int) -> None:
    """Peak memory and time of whole processes that export to a workbook: for a tenth of the reports, and for all."""
    for number in (reports // 10, reports):
        records = folder / "many.jsonl"
        write_records(records, number)
        command = [sys.executable, "-m", "extractor", "export", str(records), "-o", str(folder / "many.xlsx")]
        started = time.perf_counter()
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"the export of {number} reports ended with {process.returncode}")
        size = (folder / "many.xlsx").stat().st_size / 1e6
        seconds = time.perf_counter() - started
        print(f"xlsx of {number} reports: {usage.ru_maxrss / 1024:.0f} MB of memory, {seconds:.0f} s, {size:.1f} MB on disk")


if __name__ == "__main__":
    main()
