"""How fast reports in each format are read, and how well scans are.

usage: python -m benchmarks.reading            reports a second on one core, reading alone and with extraction
       python -m benchmarks.reading --scans    value_f1 of twelve scans against their texts, and seconds a page (some minutes)

The reports are made from `samples/*.txt` (see samples/make_formats.py). Formats take turns, times are those of the processor,
and the median of the rounds is printed, so that the ratios hold on a busy machine where the absolute figures do not. Reading is
that of the format's module in this process; guarded, in the process that is kept for it, as `extract` does, both processes'
time added; with extraction, the latter and all stages; against text, that time as a multiple of the text's.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections import Counter

from extractor.models import Report
from extractor.pipeline import Extractor, document_of, extractor_for
from extractor.reading import guard, read_bytes, read_bytes_here
from samples.make_formats import MAKERS, SAMPLES, make_pdf, make_scan

_FORMATS = ("utf-8.txt", "html", "docx", "pdf", "xlsx")
_ROUNDS = 7


def main() -> None:
    """Print one of the two measurements."""
    reports = {path.stem: path.read_text("utf-8") for path in sorted(SAMPLES.glob("*.txt"))}
    if "--scans" in sys.argv[1:]:
        scans(reports)
    else:
        throughput(reports)


def throughput(reports: dict[str, str]) -> None:
    """Reports a second for each format."""
    extractor = extractor_for()
    made = {ending: [MAKERS[ending](report) for report in reports.values()] for ending in _FORMATS}
    rounds: dict[str, list[tuple[float, float, float]]] = {ending: [] for ending in _FORMATS}
    for number in range(_ROUNDS + 1):
        for ending, files in made.items():
            times = _round(extractor, ending, files)
            if number:  # the first round imports and compiles
                rounds[ending].append(times)
    medians = {ending: [statistics.median(times) for times in zip(*found, strict=True)] for ending, found in rounds.items()}
    plain = sum(medians[_FORMATS[0]][1:])
    print(f"{'format':<12}{'reading':>10}{'guarded':>10}{'with extraction':>18}{'share of reading':>19}{'against text':>15}")
    for ending, (here, guarded, extraction) in medians.items():
        whole = guarded + extraction
        rates = f"{len(reports) / here:>10.0f}{len(reports) / guarded:>10.0f}{len(reports) / whole:>18.0f}"
        print(f"{ending:<12}{rates}{guarded / whole:>18.0%}{whole / plain:>15.2f}")


def _round(extractor: Extractor, ending: str, files: list[bytes]) -> tuple[float, float, float]:
    """Seconds of the processor for reading all files in this process, for reading them guarded, and for their extraction."""
    name = f"report.{ending}"
    started = time.process_time()
    for file in files:
        read_bytes_here(file, name)
    here = time.process_time() - started
    read_bytes(files[0], name)  # the process that reads has started
    started = _clock()
    documents = [read_bytes(file, name) for file in files]
    guarded = _clock() - started
    started = time.process_time()
    for document in documents:
        extractor.extract(document)
    return here, guarded, time.process_time() - started


def _clock() -> float:
    """Seconds of the processor that this process and the one that reads for it have had (Linux)."""
    process = guard._GUARD._process
    # the clock of another process: clock_getcpuclockid(3)
    return time.process_time() + (time.clock_gettime((~process.pid << 3) | 2) if process else 0.0)


def scans(reports: dict[str, str]) -> None:
    """Values and units of scans against those of the texts, each once, and the time that a page takes."""
    extractor = extractor_for()
    right = found = expected = pages = 0
    seconds = 0.0
    for name, report in reports.items():
        scan = make_scan(make_pdf(report))
        started = time.process_time()
        document = read_bytes_here(scan, f"{name}.pdf")
        seconds += time.process_time() - started
        pages += document.pages or 0
        ours, theirs = _values(extractor.extract(document)), _values(extractor.extract(document_of(report)))
        right += (ours & theirs).total()
        found += ours.total()
        expected += theirs.total()
        print(f"{name:<20} {(ours & theirs).total():>4} of {theirs.total():>4}, {ours.total()} found", flush=True)
    print(f"value_f1 {200 * right / (found + expected):.1f}   {seconds / pages:.1f} s of the processor a page, {pages} pages")


def _values(record: Report) -> Counter[tuple[object, ...]]:
    return Counter((i.value, i.low, i.high, i.unit) for i in record.indicators)


if __name__ == "__main__":
    main()
