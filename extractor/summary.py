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
    by_code: dict[str, list[Counted]] = defaultdict(list)
    spoken: set[str] = set()
    for quantity in quantities:
        if quantity.code is None:
            continue
        spoken.add(quantity.code)
        if quantity.modality == "actual" and not (quantity.total is not None and quantity.total.code == quantity.code):
            by_code[quantity.code].append(_counted(quantity))
    spoken.update(*[matcher.mentions[word] for word in matcher.mentions.keys() & set(hits.words)])
    # one entry for all that are silent: it is frozen, and made once
    mentioned, absent = _without_number("mentioned"), _without_number("absent")
    return {
        code: entry_of(aggregate, by_code[code]) if code in by_code else (mentioned if code in spoken else absent)
        for code, aggregate in matcher.aggregates.items()
    }


@lru_cache
def _without_number(state: State) -> SummaryEntry:
    return SummaryEntry(state=state)


def _counted(quantity: Quantity) -> Counted:
    measure = quantity.measure
    low = measure.low if quantity.value is None else quantity.value
    high = measure.high if quantity.value is None else quantity.value
    assert low is not None and high is not None, "a quantity has a value or a range"
    return Counted(quantity.id, low, high, measure.unit)


def entry_of(aggregate: str, numbers: Sequence[Counted]) -> dict[str, Any]:
    """A code's entry from its numbers, at least one, put together as the catalogue says for it: `sum`, `max` or `last`."""
    unit = _common_unit(numbers)
    same = [number for number in numbers if number.unit in (unit, None)]
    low, high = _aggregate(aggregate, [n.low for n in same]), _aggregate(aggregate, [n.high for n in same])
    entry: dict[str, Any] = {"unit": unit, "indicators": [number.id for number in numbers]}
    if low == high:
        return entry | {"state": "zero" if low == 0 else "reported", "value": low}
    return entry | {"state": "reported", "low": low, "high": high}


def _common_unit(numbers: Sequence[Counted]) -> str | None:
    """The unit that most have, the first met winning a tie; numbers in other units are listed but not added."""
    counts: dict[str | None, int] = {}
    for number in numbers:
        counts[number.unit] = counts.get(number.unit, 0) + (number.unit is not None)
    return max(counts, key=lambda unit: counts[unit])


def _aggregate(how: str, values: Sequence[Decimal]) -> Decimal:
    if how == "sum":
        return sum(values, Decimal(0))
    return max(values) if how == "max" else values[-1]
