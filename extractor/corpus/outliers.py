"""Values far from others: the modified z-score of Iglewicz and Hoaglin (How to Detect and Handle Outliers, 1993).

It measures the distance from the median by the median absolute deviation (MAD), so that the outliers themselves hardly move it:
0.6745 (x - median) / MAD.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from extractor.catalogue.models import OutlierRule, Scale

_CONSISTENT = 0.6745
"""The 0.75 quantile of the standard normal distribution: MAD / 0.6745 estimates its standard deviation."""


class Centre(NamedTuple):
    """Where values lie: their median, and their MAD on the scale on which they are compared."""

    median: float
    deviation: float
    is_rate: bool


def on_scale(value: float, is_rate: bool, scale: Scale) -> float:
    """A rate in points, a count as the logarithm of itself and the offset."""
    return value if is_rate else log(max(value, 0.0) + scale.offset)


def centre(values: Sequence[float], is_rate: bool, scale: Scale) -> Centre:
    """Median and MAD of values."""
    middle = median(values)
    at = on_scale(middle, is_rate, scale)
    return Centre(middle, median(abs(on_scale(value, is_rate, scale) - at) for value in values), is_rate)


def is_distant(value: float, middle: float, is_rate: bool, rule: OutlierRule, scale: Scale) -> bool:
    """Whether a value is so far from a median as the rule asks for, whatever the spread."""
    step = rule.points if is_rate else log(rule.factor)
    return abs(on_scale(value, is_rate, scale) - on_scale(middle, is_rate, scale)) >= step


def may_be_distant(ordered: Sequence[float], is_rate: bool, rule: OutlierRule, scale: Scale) -> bool:
    """Whether any of sorted values, three or more, can be distant from the median of the others."""
    middle = len(ordered) // 2
    low, high = ordered[middle - 1], ordered[min(middle + 1, len(ordered) - 1)]
    return is_distant(ordered[0], high, is_rate, rule, scale) or is_distant(ordered[-1], low, is_rate, rule, scale)


def median_without(ordered: Sequence[float], at: int) -> float:
    """The median of sorted values, two or more, but for the one at a place."""
    count = len(ordered) - 1
    low, high = (place + (place >= at) for place in ((count - 1) // 2, count // 2))
    return (ordered[low] + ordered[high]) / 2


def score(value: float, around: Centre, scale: Scale) -> float:
    """The modified z-score of a value, without its sign; a MAD below the least spread counts as that."""
    least = _CONSISTENT * (scale.points if around.is_rate else log(scale.factor))
    distance = abs(on_scale(value, around.is_rate, scale) - on_scale(around.median, around.is_rate, scale))
    return _CONSISTENT * distance / max(around.deviation, least)


def is_far(value: float, around: Centre, rule: OutlierRule, scale: Scale) -> bool:
    """Whether a value lies far from the median, both by its distance and by its score."""
    is_far_off = is_distant(value, around.median, around.is_rate, rule, scale)
    return is_far_off and score(value, around, scale) > rule.score
