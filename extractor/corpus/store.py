"""Digests in memory: as little of each as the comparisons need, and the place that each is of."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from sys import intern
from typing import NamedTuple
from zlib import crc32

from extractor.corpus.types import Digest

Place = tuple[str | None, str]
_Column = tuple[str, str | None]


@dataclass(slots=True, eq=False)
class Entry:
    """One report. `numbers` are checksums of its quantities; `first` and `last` bound its rows in the store."""

    name: str
    sha256: str
    year: int | None
    date: str
    county: str | None
    township: str | None
    issuer: str | None
    signature: bytes
    numbers: array[int]
    first: int
    last: int

    @property
    def order(self) -> tuple[int, str, str, str]:
        """Earlier reports first: by year, date and name."""
        return (self.year or 0, self.date, self.name, self.sha256)

    @property
    def place(self) -> Place | None:
        """Whose report it is: a township with its county, else a body, else a county; None where it does not say."""
        if self.township:
            return (self.county, self.township)
        body = self.issuer or self.county
        return (None, body) if body else None

    @property
    def kind(self) -> str | None:
        """What its peers are: townships, or bodies that are called alike but for their county; None where it does not say."""
        if self.township:
            return "township"
        return self.issuer.removeprefix(self.county) if self.issuer and self.county else None


class Point(NamedTuple):
    """One value of one report. `indicators` are ids in its record, parted by spaces."""

    entry: Entry
    value: float
    unit: str | None
    indicators: str


class Store:
    """All reports of a corpus in the order of `Entry.order`, and a row for each of their values."""

    def __init__(self, digests: Iterable[Digest]) -> None:
        self._columns: dict[_Column, int] = {}
        self._names: list[_Column] = []
        self._column = array("L")
        self._value = array("d")
        self._indicators: list[str] = []
        self.entries = [self._entry(digest) for digest in digests]
        self._find_counties()
        self.entries.sort(key=lambda entry: entry.order)

    def points(self, entry: Entry) -> Iterator[tuple[str, Point]]:
        """The codes and values of a report."""
        for row in range(entry.first, entry.last):
            code, unit = self._names[self._column[row]]
            yield code, Point(entry, self._value[row], unit, self._indicators[row])

    def _entry(self, digest: Digest) -> Entry:
        first = len(self._value)
        for value in digest.values:
            column = (value.code, value.unit)
            if column not in self._columns:
                self._columns[column] = len(self._names)
                self._names.append(column)
            self._column.append(self._columns[column])
            self._value.append(value.value)
            self._indicators.append(intern(" ".join(value.indicators)))
        return Entry(
            name=digest.name,
            sha256=digest.sha256,
            year=digest.year,
            date=digest.issue_date or "",
            county=digest.county and intern(digest.county),
            township=digest.township and intern(digest.township),
            issuer=intern(digest.issuers[0]) if digest.issuers else None,
            signature=digest.signature.encode("ascii"),
            numbers=array("I", [crc32(number.encode()) for number in digest.numbers]),
            first=first,
            last=len(self._value),
        )

    def _find_counties(self) -> None:
        """A township that names no county is that of the one county which the corpus knows it in."""
        counties: dict[str, set[str]] = defaultdict(set)
        for entry in self.entries:
            if entry.township and entry.county:
                counties[entry.township].add(entry.county)
        for entry in self.entries:
            if entry.township and not entry.county and len(counties[entry.township]) == 1:
                (entry.county,) = counties[entry.township]
