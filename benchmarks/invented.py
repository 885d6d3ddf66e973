"""Invented reports in any number, made of the repository's own invented texts: copies, versions and look-alikes of them.

Everything follows from the seed of the generator that is handed in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

from extractor.catalogue.models import Catalogue
from extractor.corpus import Digest, digest
from extractor.pipeline import Extractor, document_of

REPOSITORY = Path(__file__).parents[1]
_YEAR = re.compile(r"20[0-3]\d(?=年|〕|\]|-|\.)")
_NUMBER = re.compile(r"(?<![\d.〔（(])\d+(?:\.\d+)?(?![\d.]|年|月|日|〕|号)")
_LONG = 40
_PARAGRAPHS = 8


class Base(NamedTuple):
    """An invented report, and the place that it says it is of."""

    name: str
    text: str
    township: str
    county: str
    year: int


def bases(stages: Extractor) -> list[Base]:
    """The repository's invented reports of townships that name place and year, in paragraphs that can be rewritten."""
    files = sorted((REPOSITORY / "samples").glob("*.txt")) + sorted((REPOSITORY / "tests" / "gold").glob("*/*.txt"))
    found = []
    for file in files:
        text = file.read_text(encoding="utf-8")
        meta = stages.extract(document_of(text)).metadata
        is_long = sum(len(line) >= _LONG for line in text.split("\n")) >= _PARAGRAPHS
        if meta.township and meta.county and meta.report_year and is_long:
            found.append(Base(file.stem, text, meta.township, meta.county, meta.report_year))
    return found


def later(text: str, years: int) -> str:
    """The text with every year moved."""
    return _YEAR.sub(lambda match: str(int(match[0]) + years), text)


def moved(base: Base, text: str, township: str, county: str) -> str:
    """The text as that of another place."""
    return text.replace(base.township, township).replace(base.county, county)


def renumbered(text: str, share: float, random: Random) -> str:
    """The text with a share of its numbers replaced by others of the same size."""

    def other(match: re.Match[str]) -> str:
        if random.random() >= share:
            return match[0]
        new = [str(random.randint(1, 9)), *(str(random.randint(0, 9)) if c.isdigit() else c for c in match[0][1:])]
        return "".join(new)

    return _NUMBER.sub(other, text)


def rewritten(text: str, share: float, others: list[str], random: Random) -> str:
    """The text with paragraphs that hold a share of its characters replaced by long paragraphs of `others`."""
    lines = text.split("\n")
    places = [at for at, line in enumerate(lines) if len(line) >= _LONG]
    random.shuffle(places)
    wanted, changed = share * sum(len(lines[at]) for at in places), 0
    for at in places:
        if changed + len(lines[at]) / 2 > wanted:
            continue
        changed += len(lines[at])
        lines[at] = random.choice(others)
    return "\n".join(lines)


def paragraphs(of: list[Base]) -> list[str]:
    """Long paragraphs to rewrite with."""
    return [line for base in of for line in base.text.split("\n") if len(line) >= _LONG]


def rewrapped(text: str, width: int = 34) -> str:
    """The text as a page would have it: hard line ends and page numbers."""
    lines = []
    for line in text.split("\n"):
        lines += [line[at : at + width] for at in range(0, len(line), width)] or [""]
    return "\n".join(piece for at in range(0, len(lines), 40) for piece in (*lines[at : at + 40], f"— {at // 40 + 1} —"))


def digest_of(name: str, text: str, stages: Extractor, catalogue: Catalogue) -> Digest:
    """The digest of an invented report."""
    report = stages.extract(document_of(text, name))
    return digest(report, text, catalogue.corpus)


def place_names(count: int) -> Iterator[tuple[str, str]]:
    """Invented townships and their counties, twenty to a county; up to 160,000 of them differ."""
    first, second = "云松柳桐槐枫杉梧樟楠榆桦柏竺荷萍芦蓼菱苇", "溪岭川原坪滩浦洲塘湾坝垄埠墩岗坳峪畈圩汀"
    for number in range(count):
        county, town = divmod(number, 20)
        name = f"{first[county // 400 % 20]}{first[county // 20 % 20]}{second[county % 20]}县"
        yield f"{first[town]}{second[(town + county) % 20]}镇", name
