"""One entry for each catalogue code: a number, zero, spoken of without a number, or silence."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from functools import lru_cache
from typing import Any

from extractor.indicators import Hits, IndicatorMatcher
from extractor.models import State, SummaryEntry
from extractor.types import Quantity


def summarise(matcher: IndicatorMatcher, hits: Hits, quantities: list[Quantity]) -> dict[str, Any]:
    """The state and aggregated value of every code, in the catalogue's order.

    Only what was done counts; a part does not count beside its total. A code without an actual number is `mentioned` where a
    plan or a habit has one or its words stand in the text, else `absent`.
    """
    by_code: dict[str, list[Quantity]] = defaultdict(list)
    spoken: set[str] = set()
    for quantity in quantities:
        if quantity.code is None:
            continue
        spoken.add(quantity.code)
        if quantity.modality == "actual" and not (quantity.total is not None and quantity.total.code == quantity.code):
            by_code[quantity.code].append(quantity)
    spoken.update(*[matcher.mentions[word] for word in matcher.mentions.keys() & set(hits.words)])
    # one entry for all that are silent: it is frozen, and made once
    mentioned, absent = _without_number("mentioned"), _without_number("absent")
    return {
        code: _entry(aggregate, by_code[code]) if code in by_code else (mentioned if code in spoken else absent)
        for code, aggregate in matcher.aggregates.items()
    }


@lru_cache
def _without_number(state: State) -> SummaryEntry:
    return SummaryEntry(state=state)


def _entry(aggregate: str, quantities: list[Quantity]) -> dict[str, Any]:
    unit = _common_unit(quantities)
    if len(quantities) == 1 and quantities[0].value is not None:
        value = quantities[0].value
        return {"unit": unit, "indicators": [quantities[0].id], "state": "reported" if value else "zero", "value": value}
    same = [q for q in quantities if q.measure.unit == unit or q.measure.unit is None]
    lows = [q.measure.low if q.value is None else q.value for q in same]
    highs = [q.measure.high if q.value is None else q.value for q in same]
    low, high = _aggregate(aggregate, lows), _aggregate(aggregate, highs)
    entry: dict[str, Any] = {"unit": unit, "indicators": [q.id for q in quantities]}
    if low == high:
        return entry | {"state": "zero" if low == 0 else "reported", "value": low}
    return entry | {"state": "reported", "low": low, "high": high}


def _common_unit(quantities: list[Quantity]) -> str | None:
    """The unit that most have, the first met winning a tie; numbers in other units are listed but not added."""
    counts: dict[str | None, int] = {}
    for quantity in quantities:
        counts[quantity.measure.unit] = counts.get(quantity.measure.unit, 0) + (quantity.measure.unit is not None)
    return max(counts, key=lambda unit: counts[unit])


def _aggregate(how: str, values: list[Decimal | None]) -> Decimal:
    known = [value for value in values if value is not None]
    if how == "sum":
        return sum(known, Decimal(0))
    return max(known) if how == "max" else known[-1]
