"""Do the parts of a total add up to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import regex

from extractor.checks.doubt import Bounds, Doubt, bounds, span_of, spoken, total_of, words_of
from extractor.patterns import compile_pattern
from extractor.types import Quantity

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue
    from extractor.pipeline import Reading

_STOP = compile_pattern(r"[。！？\n；]")
_SEPARATOR = compile_pattern(r"[、和及与，]")
_COMMA = "，"
_RATE = "%"
_EARLIER = 8
_OPENS = 6
_FOLLOWS = 30
_DIRECT = 3
_TAIL = 16
_PERCENT = Decimal(100)


class _Breakdown(NamedTuple):
    """A total and the parts listed behind it. `is_direct`: they open right behind the total; `is_whole`: they are all;
    `is_open`: there are more; `by_comma`: commas part them, behind one of which something else may be said."""

    total: Quantity
    parts: list[Quantity]
    others: list[Quantity]
    is_direct: bool
    is_whole: bool
    is_open: bool
    by_comma: bool


@dataclass(frozen=True)
class PartChecks:
    """The rules of totals and parts."""

    catalogue: Catalogue

    @cached_property
    def opener(self) -> regex.Pattern[str]:
        return compile_pattern(_any(self.catalogue.checks.parts.openers))

    @cached_property
    def exhaustive(self) -> regex.Pattern[str]:
        return compile_pattern(_any(self.catalogue.checks.parts.exhaustive))

    @cached_property
    def remainder(self) -> regex.Pattern[str]:
        return compile_pattern(_any(self.catalogue.checks.parts.remainder))

    @cached_property
    def end(self) -> regex.Pattern[str]:
        """What between two numbers says that the second is no further part."""
        return compile_pattern(rf"{_STOP.pattern}|{_any(self.catalogue.checks.parts.breaks)}")

    @cached_property
    def more(self) -> regex.Pattern[str]:
        return compile_pattern(_any(self.catalogue.checks.parts.open_ends))

    @cached_property
    def overlapping(self) -> regex.Pattern[str]:
        return compile_pattern(_any(self.catalogue.checks.parts.overlapping))

    def find(self, reading: Reading) -> Iterator[Doubt]:
        """Doubts about totals and parts of one report."""
        seen: set[str] = set()
        before: Quantity | None = None
        for place, quantity in enumerate(reading.quantities):
            total = quantity.total
            if total is None and before is not None and self._follows(reading.clean.text, before, quantity):
                total = before
            if total is not None and total.id not in seen:
                seen.add(total.id)
                breakdown = self._breakdown(reading, total, place)
                if breakdown is not None:
                    yield from self._compare(reading, breakdown)
            before = quantity

    def _follows(self, text: str, total: Quantity, quantity: Quantity) -> bool:
        """Whether a number that nothing links to the one before it is the first of those that deal it out (分别为)."""
        start, end = total.measure.end, quantity.measure.start
        return (
            quantity.measure.unit == total.measure.unit
            and 1 < end - start < _FOLLOWS
            and _STOP.search(text, start, end) is None
            and self.exhaustive.search(text, start, min(start + _OPENS, end)) is not None
        )

    def _breakdown(self, reading: Reading, total: Quantity, place: int) -> _Breakdown | None:
        """The parts of a total from the first linked one on; None where its opener does not say that they divide it."""
        text, first, unit = reading.clean.text, reading.quantities[place], total.measure.unit
        if first.measure.unit != unit or unit == _RATE or first.value is None:
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
        start, end = total.measure.end, parts[-1].measure.end
        is_whole = len(parts) > 1 and (
            self.exhaustive.search(text, start, first.measure.start) is not None
            or self.remainder.search(text, start, end) is not None
            or any(one in text[start:end] and other in text[start:end] for one, other in self.catalogue.checks.parts.opposites)
        )
        others = [
            q
            for q in reading.quantities[max(place - _EARLIER, 0) : place]
            if q is not total and q.measure.unit == unit and "\n" not in text[q.measure.end : total.measure.start]
        ]
        stop = _STOP.search(text, end, end + _TAIL)
        is_open = self.more.search(text, end, stop.start() if stop else end + _TAIL) is not None
        by_comma = _COMMA in text[first.measure.end : end]
        return _Breakdown(total, parts, others, opened.start() - start < _DIRECT, is_whole, is_open, by_comma)

    def _parts(self, text: str, quantities: list[Quantity], place: int, bracketed: bool) -> list[Quantity]:
        """The numbers of one list: in one unit, parted by one kind of mark, up to where something else is said."""
        parts = [quantities[place]]
        last = parts[0].measure
        by_comma: bool | None = None
        for quantity in quantities[place + 1 :]:
            measure = quantity.measure
            if quantity.modality != "actual" or (bracketed and "）" in text[last.end : measure.start]):
                break
            if quantity.total is not None and quantity.total in parts:
                last = measure
                continue
            if measure.unit != last.unit or quantity.value is None or self.end.search(text, last.end, measure.start):
                break
            separator = _SEPARATOR.search(text, parts[-1].measure.end, measure.start)
            if separator is not None:
                changes = by_comma is not None and by_comma != (separator[0] == _COMMA)
                if changes and not self.remainder.search(text, last.end, measure.start):
                    break
                by_comma = separator[0] == _COMMA
            parts.append(quantity)
            last = measure
        return parts

    def _compare(self, reading: Reading, breakdown: _Breakdown) -> Iterator[Doubt]:
        total, parts = breakdown.total, breakdown.parts
        whole = bounds(reading, total)
        sizes = [bounds(reading, part) for part in parts]
        sums = [total_of(sizes[:n]) for n in range(1, len(sizes) + 1)]
        if any(whole.meets(s) and s.high is not None for s in (sums[1:] if breakdown.by_comma else sums[-1:])):
            return
        others = [bounds(reading, other) for other in breakdown.others]
        if any(other.meets(s) for s in sums[1:] or sums for other in others):
            return
        added = sums[-1]
        if added.above(whole):
            if len(parts) > 1 and self._may_overlap(reading, breakdown):
                return
            if breakdown.is_direct or breakdown.is_whole or not any(other.above(added) for other in others):
                yield self._doubt("parts_exceed_total", reading, breakdown)
        elif whole.above(added) and not breakdown.is_open:
            if breakdown.is_whole:
                yield self._doubt("parts_below_total", reading, breakdown)
            elif self._is_near(whole, added, len(parts)):
                yield self._doubt("parts_near_total", reading, breakdown)

    def _may_overlap(self, reading: Reading, breakdown: _Breakdown) -> bool:
        """Whether one thing may be among several parts: members of the party, women, the old."""
        start, end = breakdown.total.measure.end, breakdown.parts[-1].measure.start
        if not breakdown.is_whole and breakdown.total.measure.unit in self.catalogue.checks.parts.overlapping_units:
            return True
        return self.overlapping.search(reading.clean.text, start, end) is not None

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
