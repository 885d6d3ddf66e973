"""Whose report is it, and on which year: the title against the front, the signature and where the text speaks of itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import regex

from extractor.checks.doubt import Doubt
from extractor.cleaning import raw_span
from extractor.patterns import compile_pattern

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue
    from extractor.cleaning import Cleaning
    from extractor.pipeline import Reading

_KINDS = ("街道", "自治县", "苏木", "镇", "乡", "县", "区", "市", "旗")
_NAME_REACH = 10
_BODY_REACH = 20
_BOUNDARY = re.compile(r"[^\u4e00-\u9fff]")
_NUMBER_YEAR = re.compile(r"[〔［\[（【「(]?(20\d{2})[〕］\]）】」)]?")
_STEM_LEAST = 2
_STEM_MOST = 4


@dataclass(frozen=True)
class IdentityChecks:
    """The rules of place and year."""

    catalogue: Catalogue
    cleaning: Cleaning

    @cached_property
    def intro(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.metadata.year_in_intro)

    @cached_property
    def opening(self) -> regex.Pattern[str]:
        return compile_pattern(f"(?m){self.catalogue.metadata.year_in_opening}")

    @cached_property
    def heading(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.checks.year.heading)

    @cached_property
    def later(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.metadata.later_year_headings)

    @cached_property
    def chinese_date(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.metadata.chinese_date)

    @cached_property
    def place(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.checks.identity.place)

    @cached_property
    def lead(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.checks.identity.lead)

    @cached_property
    def body(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.checks.identity.body)

    @cached_property
    def selves(self) -> dict[str, regex.Pattern[str]]:
        return {kind: compile_pattern(pattern) for kind, pattern in self.catalogue.checks.identity.selves.items()}

    @cached_property
    def speaking(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.checks.identity.speaking)

    @cached_property
    def not_names(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.checks.identity.not_names)

    def find(self, reading: Reading) -> Iterator[Doubt]:
        """Doubts about whose report it is and on which year."""
        year = reading.metadata.report_year
        if year is not None:
            yield from self._opening_year(reading, year)
            yield from self._heading_years(reading, year)
            yield from self._dated_years(reading, year)
        yield from self._issuer(reading)
        yield from self._self(reading)

    # -------------------------------------------------------------------------------------------- the year

    def _opening_year(self, reading: Reading, year: int) -> Iterator[Doubt]:
        """The introduction names another year, and the opening words nowhere the one of the title."""
        text = reading.clean.text
        first = reading.outline.nodes[0].start if reading.outline.nodes else len(text)
        opening = text[: min(first, self.catalogue.checks.year.opening)]
        if f"{year}年" in opening:
            return
        found = self.intro.search(opening) or self.opening.search(opening)
        if found is not None and int(found["year"]) != year:
            start = found.start("year")
            yield self._of_year(reading, year, *raw_span(reading.clean, start, start + len("2024年")))

    def _heading_years(self, reading: Reading, year: int) -> Iterator[Doubt]:
        """A heading on the work of another year, or on plans for a year that is over; one on the next may be on plans."""
        for node in reading.outline.nodes:
            found = self.heading.match(node.heading) if node.level == 1 else None
            if found is None:
                continue
            stated = int(found["year"])
            later = node.kind == "next_steps" or self.later.search(node.heading) is not None
            if stated <= year if later else not year <= stated <= year + 1:
                at = reading.clean.text.find(found["year"], node.start)
                yield self._of_year(reading, year, *raw_span(reading.clean, at, at + len("2024年")))

    def _dated_years(self, reading: Reading, year: int) -> Iterator[Doubt]:
        """The document number's year and the date's are the reported one or the next."""
        allowed = [year + later for later in self.catalogue.checks.year.document]
        number = reading.metadata.document_number
        if number is not None and (found := _NUMBER_YEAR.search(self.cleaning.fold(number))):
            at = reading.text.find(number)
            if int(found[1]) not in allowed and at >= 0:
                yield self._of_year(reading, year, at + found.start(), at + found.end())
        date = reading.metadata.issue_date
        if date is not None and int(date[:4]) not in allowed:
            yield self._of_year(reading, year, *self._date_span(reading, date))

    def _date_span(self, reading: Reading, date: str) -> tuple[int | None, int | None]:
        """Where the date of the signature stands; nowhere if it comes from a label."""
        clean, end = reading.clean, reading.outline.body_end
        for pattern in (compile_pattern(self.catalogue.metadata.date), self.chinese_date):
            for match in pattern.finditer(clean.text, end):
                return raw_span(clean, *match.span())
        return None, None

    def _of_year(self, reading: Reading, year: int, start: int | None, end: int | None) -> Doubt:
        text = "".join(reading.text[start:end].split()) if start is not None else str(reading.metadata.issue_date)
        return Doubt("year_contradicted", start, end, (), {"year": str(year), "text": text})

    # -------------------------------------------------------------------------------------------- the issuer

    def _places(self, words: str) -> list[str]:
        """The places that a name goes through, from the highest down: 临水县, 石桥镇."""
        found: list[str] = []
        words = self.lead.sub("", words)
        at = 0
        while match := self.place.match(words, at):
            name = self.lead.sub("", match["name"])
            if self.not_names.match(name):
                break
            found.append(name)
            at = match.end()
            if lead := self.lead.match(words[at:]):
                at += lead.end()
        return found

    def _own_places(self, reading: Reading) -> list[str]:
        """The places of the title; where it has none, those of the issuers."""
        metadata, fold = reading.metadata, self.cleaning.fold
        found = self._places(fold(metadata.title or "")) or [p for i in metadata.issuers for p in self._places(fold(i))]
        return found or [fold(place) for place in (metadata.county, metadata.township) if place]

    def _issuer(self, reading: Reading) -> Iterator[Doubt]:
        """A body of the front or the signature whose place is another one than the title's, of the same kind."""
        folded, title = reading.clean.folded, self.cleaning.fold(reading.metadata.title or "")
        strangers = list(self._strangers(reading, title))
        own = self._own_places(reading) if strangers else []
        if not own:
            return
        own_text = "".join((title, *own))
        seen: set[str] = set()
        for start, name in strangers:
            if _stem(name) not in own_text and name not in seen and any(_kind(p) == _kind(name) for p in own):
                seen.add(name)
                at = folded.find(name, start)
                if at >= 0:
                    words = {"place": own[-1] if _kind(own[-1]) == _kind(name) else own[0], "text": name}
                    yield Doubt("issuer_contradicted", at, at + len(name), (), words)

    def _strangers(self, reading: Reading, title: str) -> Iterator[tuple[int, str]]:
        """Those bodies whose place the title does not name: where their words begin, and the place."""
        for start, end in self._bodies(reading):
            words = reading.clean.folded[start:end]
            places = self._places(words) if words not in title else []
            if places and _stem(places[-1]) not in title:
                yield start, places[-1]

    def _bodies(self, reading: Reading) -> Iterator[tuple[int, int]]:
        """Spans of the places of the bodies that the lines above the report and the lines below it name, as received."""
        clean = reading.clean
        for line in clean.front:
            for match in self.body.finditer(clean.folded, line.start, line.end):
                yield _words_before(clean.folded, max(line.start, match.end("kind") - _BODY_REACH), match.end("kind"))
        for match in self.body.finditer(clean.text, reading.outline.body_end):
            yield raw_span(clean, *_words_before(clean.text, match.end("kind") - _BODY_REACH, match.end("kind")))

    # -------------------------------------------------------------------------------------------- where it speaks of itself

    def _self(self, reading: Reading) -> Iterator[Doubt]:
        """Where a township's report speaks of itself by another name or as a body of another kind."""
        if reading.metadata.township is None:
            return
        township = self.cleaning.fold(reading.metadata.township)
        text, end = reading.clean.text, reading.outline.body_end
        pattern = self.selves.get(_kind(township))
        found = pattern.search(text, 0, end) if pattern is not None else None
        if found is not None:
            yield self._other(reading, *found.span())
        seen: set[str] = set()
        for match in self.speaking.finditer(text, 0, end):
            at = match.end("kind")
            start = self._name_start(text, at)
            name = text[start:at]
            if start < at and township not in name and _stem(name) not in township and name not in seen:
                seen.add(name)
                yield self._other(reading, start, at)

    def _name_start(self, text: str, end: int) -> int:
        """Where a place's name that ends at `end` begins; `end` itself where no name stands there."""
        rules = self.catalogue.checks.identity
        first = max(end - _NAME_REACH, 0)
        start, _ = _words_before(text, first, end)
        cut = start > first or first == 0
        for word in rules.before:
            at = text.rfind(word, start, end)
            if at >= 0:
                start, cut = max(start, at + len(word)), True
        name = text[start:end]
        if not cut or not _STEM_LEAST <= len(_stem(name)) <= _STEM_MOST or self.not_names.match(name):
            return end
        return start

    def _other(self, reading: Reading, start: int, end: int) -> Doubt:
        first, last = raw_span(reading.clean, start, end)
        words = {"place": reading.metadata.township or "", "text": "".join(reading.text[first:last].split())}
        return Doubt("other_place", first, last, (), words)


def _words_before(text: str, first: int, end: int) -> tuple[int, int]:
    """The span of the Chinese characters without a mark between them that end at `end`, from `first` at most."""
    start = max(first, 0)
    for boundary in _BOUNDARY.finditer(text, start, end):
        start = boundary.end()
    return start, end


def _stem(place: str) -> str:
    """A place's name without what kind of place it is: 岩脚乡 is 岩脚侗族乡, and a township may have become a town."""
    return place.removesuffix(_kind(place))


def _kind(place: str) -> str:
    """The last characters of a place's name that say what it is."""
    return next((kind for kind in _KINDS if place.endswith(kind)), "")
