"""One entry for each catalogue code: a number, zero, spoken of without a number, or silence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from extractor.indicators import Hits, IndicatorMatcher
from extractor.models import State, SummaryEntry
from extractor.types import Quantity

_ZERO = Decimal(0)


class Counted(NamedTuple):
    """A number that counts in the summary: its id, its bounds (equal, for a value) and its unit."""

    id: str
    low: Decimal
    high: Decimal
    unit: str | None


def summarise(matcher: IndicatorMatcher, hits: Hits, quantities: list[Quantity]) -> dict[str, Any]:
    """The state and aggregated value of every code, in the catalogue's order.

    Only what was done counts; a part does not count beside its total. A code without an actual number is `mentioned` where a
    plan or a habit has one or its words stand in the text, else `absent`.
    """
    counted: dict[str, list[Counted]] = defaultdict(list)
    spoken: set[str] = set()
    for quantity in quantities:
        code, total = quantity.code, quantity.total
        if code is None:
            continue
        if quantity.modality != "actual" or (total is not None and total.code == code):
            spoken.add(code)
        else:
            counted[code].append(_counted(quantity))
    mentions = matcher.mentions
    spoken.update(*[mentions[word] for word in mentions.keys() & hits.words])
    # one entry for all that are silent: it is frozen, and made once
    summary: dict[str, Any] = dict.fromkeys(matcher.aggregates, _without_number("absent"))
    summary.update(dict.fromkeys(spoken, _without_number("mentioned")))
    for code, numbers in counted.items():
        summary[code] = entry_of(matcher.aggregates[code], numbers)
    return summary


@lru_cache
def _without_number(state: State) -> SummaryEntry:
    return SummaryEntry(state=state)


def _counted(quantity: Quantity) -> Counted:
    measure, value = quantity.measure, quantity.value
    if value is not None:
        return Counted(quantity.id, value, value, measure.unit)
    assert measure.low is not None and measure.high is not None, "a quantity has a value or a range"
    return Counted(quantity.id, measure.low, measure.high, measure.unit)


def entry_of(aggregate: str, numbers: Sequence[Counted]) -> dict[str, Any]:
    """A code's entry from its numbers, at least one, put together as the catalogue says for it: `sum`, `max` or `last`."""
    ids, lows, highs, units = zip(*numbers, strict=True)
    unit = units[0] if len(units) == 1 else _common_unit(units)
    if units.count(unit) < len(units):
        _, lows, highs, _ = zip(*[number for number in numbers if number.unit in (unit, None)], strict=True)
    low = _aggregate(aggregate, lows)
    high = low if highs == lows else _aggregate(aggregate, highs)
    if low == high:
        return {"unit": unit, "indicators": ids, "state": "reported" if low else "zero", "value": low}
    return {"unit": unit, "indicators": ids, "state": "reported", "low": low, "high": high}


def _common_unit(units: Sequence[str | None]) -> str | None:
    """The unit that most have, the first met winning a tie; numbers in other units are listed but not added."""
    counts: dict[str | None, int] = {}
    for unit in units:
        counts[unit] = counts.get(unit, 0) + (unit is not None)
    return max(counts, key=lambda unit: counts[unit])


def _aggregate(how: str, values: Sequence[Decimal]) -> Decimal:
    if how == "sum":
        return sum(values, _ZERO)
    return max(values) if how == "max" else values[-1]
