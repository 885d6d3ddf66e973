"""How fast reports in each format are read, and how well scans are.

usage: python -m benchmarks.reading            reports a second on one core, reading alone and with extraction
       python -m benchmarks.reading --scans    value_f1 of twelve scans against their texts, and seconds a page (some minutes)

The reports are made from `samples/*.txt` (see samples/make_formats.py). Formats take turns, times are those of the processor,
and the median of the rounds is printed, so that the ratios hold on a busy machine where the absolute figures do not. Reading is
that of the format's module in this process.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections import Counter

from extractor.models import Report
from extractor.pipeline import Extractor, document_of, extractor_for
from extractor.reading import read_bytes_here
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
    reading: dict[str, list[float]] = {ending: [] for ending in _FORMATS}
    whole: dict[str, list[float]] = {ending: [] for ending in _FORMATS}
    for number in range(_ROUNDS + 1):
        for ending, files in made.items():
            read, both = _round(extractor, ending, files)
            if number:  # the first round imports and compiles
                reading[ending].append(read)
                whole[ending].append(both)
    print(f"{'format':<12}{'reading':>12}{'with extraction':>18}{'share of reading':>18}   reports a second")
    for ending in _FORMATS:
        read, both = statistics.median(reading[ending]), statistics.median(whole[ending])
        print(f"{ending:<12}{len(reports) / read:>12.0f}{len(reports) / both:>18.0f}{read / both:>17.0%}")


def _round(extractor: Extractor, ending: str, files: list[bytes]) -> tuple[float, float]:
    """Seconds of the processor for reading all files, and for reading and extraction."""
    started = time.process_time()
    documents = [read_bytes_here(file, f"report.{ending}") for file in files]
    read = time.process_time() - started
    for document in documents:
        extractor.extract(document)
    return read, time.process_time() - started


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
