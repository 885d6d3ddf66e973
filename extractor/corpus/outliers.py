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


def score(value: float, around: Centre, scale: Scale) -> float:
    """The modified z-score of a value, without its sign; a MAD below the least spread counts as that."""
    least = _CONSISTENT * (scale.points if around.is_rate else log(scale.factor))
    return _CONSISTENT * _distance(value, around, scale) / max(around.deviation, least)


def is_far(value: float, around: Centre, rule: OutlierRule, scale: Scale) -> bool:
    """Whether a value lies far from the median, both by its score and by its distance."""
    step = rule.points if around.is_rate else log(rule.factor)
    return _distance(value, around, scale) >= step and score(value, around, scale) > rule.score


def _distance(value: float, around: Centre, scale: Scale) -> float:
    return abs(on_scale(value, around.is_rate, scale) - on_scale(around.median, around.is_rate, scale))
