"""Do the parts of a total add up to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import accumulate, islice
from typing import TYPE_CHECKING, NamedTuple

import regex

from extractor.checks.doubt import Bounds, Doubt, alike_units, bounds, has_any, is_torn, span_of, spoken, total_of, words_of
from extractor.patterns import compile_pattern
from extractor.types import Quantity

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue
    from extractor.pipeline import Reading

_STOP = re.compile(r"[。！？\n；]")
_SEPARATOR = re.compile(r"[、和及与，]")
_MOST_PARTS = 60
"""No list of parts is longer."""
_COMMA = "，"
_RATE = "%"
_EARLIER = 8
_OPENS = 6
_FOLLOWS = 30
_DIRECT = 3
_TAIL = 16
_PERCENT = Decimal(100)


class _Breakdown(NamedTuple):
    """A total and the parts listed behind it, the first at `place`. `is_direct`: they open right behind the total;
    `by_comma`: commas part them, behind one of which something else may be said."""

    total: Quantity
    parts: list[Quantity]
    place: int
    is_direct: bool
    by_comma: bool


@dataclass(frozen=True)
class PartChecks:
    """The rules of totals and parts."""

    catalogue: Catalogue

    @cached_property
    def alike(self) -> dict[str | None, str]:
        return alike_units(self.catalogue)

    def _unit(self, quantity: Quantity) -> str | None:
        return self.alike.get(quantity.measure.unit, quantity.measure.unit)

    @cached_property
    def opener(self) -> regex.Pattern[str]:
        return compile_pattern(_any(self.catalogue.checks.parts.openers))

    @cached_property
    def end(self) -> regex.Pattern[str]:
        """What between two numbers says that the second is no further part."""
        return compile_pattern(rf"{_STOP.pattern}|{_any(self.catalogue.checks.parts.breaks)}")

    def find(self, reading: Reading) -> Iterator[Doubt]:
        """Doubts about totals and parts of one report."""
        seen: set[str] = set()
        before: Quantity | None = None
        for place, quantity in enumerate(reading.quantities):
            total = quantity.total
            if total is None and before is not None:
                measure, last = quantity.measure, before.measure
                if 1 < measure.start - last.end < _FOLLOWS and measure.unit == last.unit:
                    total = self._dealt_out(reading.clean.text, before, quantity)
            if total is not None and total.id not in seen:
                seen.add(total.id)
                breakdown = self._breakdown(reading, total, place)
                if breakdown is not None:
                    yield from self._compare(reading, breakdown)
            before = quantity

    def _dealt_out(self, text: str, total: Quantity, quantity: Quantity) -> Quantity | None:
        """The total, where a number that nothing links to it is the first of those that deal it out (分别为)."""
        start, end = total.measure.end, quantity.measure.start
        opens = has_any(text[start : min(start + _OPENS, end)], self.catalogue.checks.parts.exhaustive)
        return total if opens and _STOP.search(text, start, end) is None else None

    def _breakdown(self, reading: Reading, total: Quantity, place: int) -> _Breakdown | None:
        """The parts of a total from the first linked one on; None where its opener does not say that they divide it."""
        text, first, unit = reading.clean.text, reading.quantities[place], self._unit(total)
        if self._unit(first) != unit or unit == _RATE or first.value is None or is_torn(text, total):
            return None
        if not first.modality == total.modality == "actual":
            return None
        opened = self.opener.search(text, total.measure.end, first.measure.start)
        if opened is None:
            return None
        bracketed = text.rfind("（", opened.start(), first.measure.start) > text.rfind(
            "）", opened.start(), first.measure.start
        )
        parts = self._parts(text, reading.quantities, place, bracketed)
        by_comma = _COMMA in text[first.measure.end : parts[-1].measure.end]
        return _Breakdown(total, parts, place, opened.start() - total.measure.end < _DIRECT, by_comma)

    def _is_whole(self, text: str, breakdown: _Breakdown) -> bool:
        """Whether the parts are evidently all there are."""
        rules = self.catalogue.checks.parts
        start, end = breakdown.total.measure.end, breakdown.parts[-1].measure.end
        return len(breakdown.parts) > 1 and (
            has_any(text[start : breakdown.parts[0].measure.start], rules.exhaustive)
            or has_any(text[start:end], rules.remainder)
            or any(one in text[start:end] and other in text[start:end] for one, other in rules.opposites)
        )

    def _is_open(self, text: str, breakdown: _Breakdown) -> bool:
        """Whether words behind the last part say that there are more."""
        end = breakdown.parts[-1].measure.end
        stop = _STOP.search(text, end, end + _TAIL)
        return has_any(text[end : stop.start() if stop else end + _TAIL], self.catalogue.checks.parts.open_ends)

    def _others(self, reading: Reading, breakdown: _Breakdown) -> list[Bounds]:
        """The numbers before the parts that may be what they divide instead."""
        total, text, place = breakdown.total, reading.clean.text, breakdown.place
        return [
            bounds(reading, other)
            for other in reading.quantities[max(place - _EARLIER, 0) : place]
            if other is not total
            and self._unit(other) == self._unit(total)
            and "\n" not in text[other.measure.end : total.measure.start]
        ]

    def _parts(self, text: str, quantities: list[Quantity], place: int, bracketed: bool) -> list[Quantity]:
        """The numbers of one list: in one unit, parted by one kind of mark, up to where something else is said."""
        parts = [quantities[place]]
        taken = {parts[0]}
        last = parts[0].measure
        by_comma: bool | None = None
        for quantity in islice(quantities, place + 1, place + _MOST_PARTS):
            measure = quantity.measure
            if quantity.modality != "actual" or (bracketed and "）" in text[last.end : measure.start]):
                break
            if quantity.total in taken:
                last = measure
                continue
            if self._unit(quantity) != self._unit(parts[0]) or quantity.value is None:
                break
            if self.end.search(text, last.end, measure.start) or is_torn(text, quantity):
                break
            separator = _SEPARATOR.search(text, parts[-1].measure.end, measure.start)
            if separator is not None:
                changes = by_comma is not None and by_comma != (separator[0] == _COMMA)
                if changes and not has_any(text[last.end : measure.start], self.catalogue.checks.parts.remainder):
                    break
                by_comma = separator[0] == _COMMA
            parts.append(quantity)
            taken.add(quantity)
            last = measure
        return parts

    def _compare(self, reading: Reading, breakdown: _Breakdown) -> Iterator[Doubt]:
        total, parts = breakdown.total, breakdown.parts
        whole = bounds(reading, total)
        sizes = [bounds(reading, part) for part in parts]
        added = total_of(sizes)
        if added.meets(whole):
            return
        is_whole = self._is_whole(reading.clean.text, breakdown)
        if whole.above(added) and not is_whole and not self._is_near(whole, added, len(parts)):
            return
        sums = [*accumulate(sizes, lambda added_so_far, size: total_of((added_so_far, size)))][1:] or [added]
        if breakdown.by_comma and any(whole.meets(s) and s.high is not None for s in sums):
            return
        others = self._others(reading, breakdown)
        if any(other.meets(s) for s in sums for other in others):
            return
        if added.above(whole):
            if len(parts) > 1 and self._may_overlap(reading, breakdown, is_whole):
                return
            if breakdown.is_direct or is_whole or not any(other.above(added) for other in others):
                yield self._doubt("parts_exceed_total", reading, breakdown)
        elif whole.above(added) and not self._is_open(reading.clean.text, breakdown):
            yield self._doubt("parts_below_total" if is_whole else "parts_near_total", reading, breakdown)

    def _may_overlap(self, reading: Reading, breakdown: _Breakdown, is_whole: bool) -> bool:
        """Whether one thing may be among several parts: members of the party, women, the old."""
        start, end = breakdown.total.measure.end, breakdown.parts[-1].measure.start
        if not is_whole and breakdown.total.measure.unit in self.catalogue.checks.parts.overlapping_units:
            return True
        return has_any(reading.clean.text[start:end], self.catalogue.checks.parts.overlapping)

    def _is_near(self, whole: Bounds, added: Bounds, count: int) -> bool:
        rules = self.catalogue.checks.parts
        if count < rules.near_least or whole.low is None or added.high is None:
            return False
        return (whole.low - added.high) * _PERCENT <= whole.low * rules.near_percent

    def _doubt(self, code: str, reading: Reading, breakdown: _Breakdown) -> Doubt:
        total, parts = breakdown.total, breakdown.parts
        added = sum((part.value for part in parts if part.value is not None), Decimal(0))
        words = {"sum": spoken(added, total.measure.unit), "total": words_of(reading, total)}
        ids = (total.id, *(part.id for part in parts))
        return Doubt(code, *span_of(reading, total, parts[-1]), ids, words)


def _any(words: tuple[str, ...]) -> str:
    return "(?:" + "|".join(map(regex.escape, words)) + ")"
