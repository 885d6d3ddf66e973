"""One entry for each catalogue code: a number, zero, spoken of without a number, or silence."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from extractor.indicators import Hits, IndicatorMatcher
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
    for word in set(hits.words):
        spoken.update(matcher.mentions.get(word, ()))
    mentioned, absent = {"state": "mentioned"}, {"state": "absent"}
    return {
        rule.code: _entry(rule.aggregate, by_code[rule.code])
        if rule.code in by_code
        else (mentioned if rule.code in spoken else absent)
        for rule in matcher.catalogue.indicators
    }


def _entry(aggregate: str, quantities: list[Quantity]) -> dict[str, Any]:
    unit = _common_unit(quantities)
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
