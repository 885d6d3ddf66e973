"""The corpus step: what it finds of what was planted, and its time and memory.

usage: python -m benchmarks.corpus [quality] [speed] [scale]      without a word: all three

quality  copies of invented reports, with a share of the paragraphs rewritten; how many of them are told of, by share
speed    a digest beside the extraction of the same report, in turns
scale    1,000, 10,000 and 100,000 digests, each read and compared in a process of its own: processor time, peak memory
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

from benchmarks.invented import (
    Base,
    bases,
    digest_of,
    later,
    moved,
    paragraphs,
    place_names,
    renumbered,
    rewrapped,
    rewritten,
)
from extractor.catalogue.loader import load_catalogue
from extractor.catalogue.models import Catalogue
from extractor.corpus import Digest, digest, find, from_lines, to_line
from extractor.corpus.signatures import signature
from extractor.corpus.types import Value
from extractor.pipeline import Extractor, document_of

_SIZES = (1_000, 10_000, 100_000)
_SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
_YEARS = 10
_ROUNDS = 5
_COPIES = ("near_duplicate", "copied_from_earlier_year", "copied_from_other_place")


def main() -> None:
    """Run the parts that are asked for."""
    asked = sys.argv[1:]
    if asked[:1] == ["child"]:
        child(Path(asked[1]))
        return
    for name, part in {"quality": quality, "speed": speed, "scale": scale}.items():
        if name in (asked or (name,)):
            part()


# ------------------------------------------------------------------------------------------------ what is found


def quality() -> None:
    """How many copies are told of, by the share of their paragraphs that was rewritten."""
    catalogue = load_catalogue()
    stages = Extractor(catalogue)
    known = [base for base in bases(stages) if _names_its_year(base, stages)]
    places = list(place_names(400))
    others = paragraphs(known)

    def next_year(base: Base, share: float, random: Random) -> str:
        return rewritten(renumbered(later(base.text, 1), 1, random), share, others, random)

    def other_place(base: Base, share: float, random: Random) -> str:
        return rewritten(renumbered(moved(base, base.text, *random.choice(places)), 1, random), share, others, random)

    print(f"{len(known)} invented reports, each with one copy; numbers of copies told of, by share of paragraphs rewritten")
    print(f"  {'':<34}" + "".join(f"{share:>7.0%}" for share in _SHARES))
    for name, make in {"next year, numbers changed": next_year, "another place, numbers changed": other_place}.items():
        told = [sum(_told(known, make, share, stages, catalogue).values()) for share in _SHARES]
        print(f"  {name:<34}" + "".join(f"{count:>7}" for count in told))
    print("  by share of numbers changed, text unchanged: told of as copied with the numbers")
    told = [_told(known, _with_numbers, share, stages, catalogue)["copied_from_earlier_year_with_numbers"] for share in _SHARES]
    print(f"  {'next year':<34}" + "".join(f"{count:>7}" for count in told))
    again = _told(known, lambda base, *_: rewrapped(base.text), 0, stages, catalogue)
    print(f"  other line ends, page numbers: {again['near_duplicate']} of {len(known)} told of as versions of one report")
    alone = [digest_of(base.name, base.text, stages, catalogue) for base in known]
    wrong = [one for one in find(alone, catalogue) if one.code.startswith(_COPIES)]
    print(f"  without copies: {len(wrong)} told of, among {len(known) * (len(known) - 1) // 2} pairs")


def _names_its_year(base: Base, stages: Extractor) -> bool:
    return stages.extract(document_of(later(base.text, 1))).metadata.report_year == base.year + 1


def _with_numbers(base: Base, share: float, random: Random) -> str:
    return renumbered(later(base.text, 1), share, random)


def _told(
    known: list[Base], make: Callable[[Base, float, Random], str], share: float, stages: Extractor, catalogue: Catalogue
) -> Counter[str]:
    """How many pairs of a report and its copy are told of, by code."""
    random = Random(f"{make.__name__} {share}")
    digests = []
    for base in known:
        digests.append(digest_of(base.name, base.text, stages, catalogue))
        digests.append(digest_of(f"copy of {base.name}", make(base, share, random), stages, catalogue))
    pairs: dict[str, set[str]] = defaultdict(set)
    for one in find(digests, catalogue):
        if one.code.startswith(_COPIES):
            pairs[one.file.removeprefix("copy of ")].add(one.code)
    return Counter(code for codes in pairs.values() for code in sorted(codes)[:1])


# ------------------------------------------------------------------------------------------------ time and memory


def speed() -> None:
    """A digest's time against that of the extraction."""
    catalogue = load_catalogue()
    stages = Extractor(catalogue)
    documents = [document_of(base.text, base.name) for base in bases(stages)]
    times: dict[str, list[float]] = {"extraction": [], "digest": []}
    for _ in range(_ROUNDS):
        started = time.process_time()
        reports = [stages.extract(document) for document in documents]
        between = time.process_time()
        lines = [
            to_line(digest(report, document.text, catalogue.corpus))
            for report, document in zip(reports, documents, strict=True)
        ]
        times["extraction"].append(between - started)
        times["digest"].append(time.process_time() - between)
    medians = {name: statistics.median(seconds) / len(documents) for name, seconds in times.items()}
    size = sum(map(len, lines)) / len(lines)
    print(f"{len(documents)} reports, median of {_ROUNDS} rounds in turns")
    print(f"  extraction {medians['extraction'] * 1e3:.2f} ms, digest and its line {medians['digest'] * 1e3:.2f} ms", end=" ")
    print(f"({medians['digest'] / medians['extraction']:.1%}), {size / 1e3:.1f} KB")


def scale() -> None:
    """Seconds and peak memory by number of digests, each number in a process of its own."""
    print(f"digests of {_YEARS} years of townships, every tenth text that of the report before")
    with tempfile.TemporaryDirectory() as folder:
        for size in _SIZES:
            file = Path(folder) / f"{size}.jsonl"
            with file.open("w", encoding="utf-8") as stream:
                stream.writelines(f"{to_line(one)}\n" for one in many(size))
            command = [sys.executable, "-m", "benchmarks.corpus", "child", str(file)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
                assert process.stdout is not None
                told = process.stdout.read().strip()
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            seconds = usage.ru_utime + usage.ru_stime
            if process.returncode:
                raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
            print(f"  {size:>7,} digests ({file.stat().st_size / 1e6:6.1f} MB)  {seconds:6.1f} s", end="")
            print(f"  {seconds / size * 1e3:5.2f} ms each  {usage.ru_maxrss / 1024:6.0f} MB at most  {told}")


def child(file: Path) -> None:
    """Read one file of digests and count its findings."""
    catalogue = load_catalogue()
    with file.open(encoding="utf-8") as stream:
        counts = Counter(one.code for one in find(from_lines(stream, str(file)), catalogue))
    print(", ".join(f"{code} {count}" for code, count in sorted(counts.items())))


def many(size: int) -> Iterator[Digest]:
    """Digests of townships, ten years of each: a fifth of a text is its county's, another fifth is its own of every year."""
    catalogue = load_catalogue()
    random = Random(size)
    codes = [(rule.code, catalogue.units.families[rule.unit][0]) for rule in catalogue.indicators if rule.unit != "rates"]
    previous: Digest | None = None
    for number, (township, county) in enumerate(place_names(size // _YEARS)):
        usual = {code: random.lognormvariate(4, 1.5) for code, _ in random.sample(codes, 40)}
        for year in range(2015, 2015 + _YEARS):
            values = tuple(
                Value(code, round(usual[code] * random.lognormvariate(0, 0.2)), unit, (f"q{at}",))
                for at, (code, unit) in enumerate(codes)
                if code in usual
            )
            text = _text(random, number, county)
            made = Digest(
                name=f"{county}/{number:06}-{year}.txt",
                sha256=f"{random.getrandbits(256):064x}",
                title=f"{township}{year}年度法治政府建设情况报告",
                year=year,
                issue_date=f"{year + 1}-01-{random.randint(10, 28)}",
                county=county,
                township=township,
                issuers=(f"{township}人民政府",),
                signature=signature(text, (), catalogue.corpus.text),
                numbers=tuple(f"{round(random.lognormvariate(3, 1.5))}件" for _ in range(70)),
                values=values,
            )
            if previous is not None and random.random() < 0.1:
                made = replace(made, signature=previous.signature)
            yield made
            previous = made


def _text(random: Random, place: int, county: str) -> str:
    """A text of 1,800 characters; of its fifths one is that of the county, one that of the place, three are new."""
    pieces = [Random(f"{county}"), Random(place), random, random, random]
    return "".join(chr(0x4E00 + piece.getrandbits(12)) for piece in pieces for _ in range(360))


if __name__ == "__main__":
    main()
