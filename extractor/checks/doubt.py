"""What the checks hand on: a doubt, and numbers as bounds, so that approximate ones are compared no further than they say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from extractor.cleaning import raw_span
from extractor.types import Quantity

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue
    from extractor.pipeline import Reading

_SCALES = frozenset("万亿")
_SCALED_LEAST = Decimal(1000)
_TENTH = "成"
_JOINTS = (",", "，", ".")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A finding before it is put into words: its code, its span in the text as received, its quantities, its words."""

    code: str
    start: int | None = None
    end: int | None = None
    indicators: tuple[str, ...] = ()
    words: dict[str, str] = field(default_factory=dict)


class Bounds(NamedTuple):
    """The least and the most that a number may mean; None is open."""

    low: Decimal | None
    high: Decimal | None

    def above(self, other: Bounds) -> bool:
        """Whether this is greater whatever the two mean."""
        return self.low is not None and other.high is not None and self.low > other.high

    def meets(self, other: Bounds) -> bool:
        """Whether the two can be the same."""
        return not self.above(other) and not other.above(self)


def bounds(reading: Reading, quantity: Quantity) -> Bounds:
    """What a count may mean by its qualifier; a number in 万 or 亿 is as exact as its last digit."""
    measure = quantity.measure
    value = measure.value
    if value is None:
        return Bounds(measure.low, measure.high)
    match measure.qualifier:
        case "exact":
            if value < _SCALED_LEAST:
                return Bounds(value, value)
            slack = _last_place(value) if _is_scaled(reading.clean.text[measure.number_start : measure.end]) else 0
            return Bounds(value - slack, value + slack)
        case "over" | "at_least":
            return Bounds(value, None)
        case "nearly" | "at_most":
            return Bounds(None, value)
        case _:
            return Bounds(None, None)


def rate_bounds(reading: Reading, quantity: Quantity) -> Bounds:
    """What a rate may mean: rounded or cut off at the digits it is stated with, tenths (九成) at a tenth."""
    measure = quantity.measure
    value = measure.value
    if value is None:
        return Bounds(measure.low, measure.high)
    text = reading.clean.text[measure.number_start : measure.end]
    exponent = value.as_tuple().exponent
    slack = Decimal(10) if _TENTH in text else Decimal(1).scaleb(min(exponent if isinstance(exponent, int) else 0, 0))
    match measure.qualifier:
        case "exact":
            return Bounds(value - slack, value + slack)
        case "over" | "at_least":
            return Bounds(value - slack, None)
        case "nearly" | "at_most":
            return Bounds(None, value + slack)
        case _:
            return Bounds(None, None)


def alike_units(catalogue: Catalogue) -> dict[str | None, str]:
    """Measure word to the first of those that count the same; a word that is not there stands for itself."""
    return {word: words[0] for words in catalogue.checks.alike_units for word in words}


def has_any(text: str, words: Iterable[str]) -> bool:
    """Whether one of the words stands in a text."""
    for word in words:  # noqa: SIM110  asked thousands of times a report, of which a generator would be half the time
        if word in text:
            return True
    return False


def is_torn(text: str, quantity: Quantity) -> bool:
    """Whether a number looks like the end of a longer one that was broken (2,·318件, 1 031件 read as 031件)."""
    start = quantity.measure.number_start
    if text[start] == "0" and text[start + 1 : start + 2].isdigit():
        return True
    return text[start - 1 : start] in _JOINTS and text[start - 2 : start - 1].isdigit()


def total_of(parts: Iterable[Bounds]) -> Bounds:
    """What counts add up to: no count is less than none; the most is open where one of them is."""
    low, high = Decimal(0), Decimal(0)
    is_open = False
    for part in parts:
        if part.low is not None:
            low += part.low
        if part.high is None:
            is_open = True
        else:
            high += part.high
    return Bounds(low, None if is_open else high)


def _is_scaled(text: str) -> bool:
    return not _SCALES.isdisjoint(text)


def _last_place(value: Decimal) -> Decimal:
    """The place value of the last digit that is not 0: 23600 is exact to 100."""
    exponent = value.normalize().as_tuple().exponent
    return Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)


def spoken(number: Decimal, unit: str | None = None) -> str:
    """A number as a message gives it: 57 件, 97.7."""
    digits = f"{number:f}"
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return f"{digits} {unit}" if unit else digits


def span_of(reading: Reading, first: Quantity, last: Quantity | None = None) -> tuple[int, int]:
    """The span in the text as received from one number to another."""
    return raw_span(reading.clean, first.measure.start, (last or first).measure.end)


def words_of(reading: Reading, quantity: Quantity) -> str:
    """A number as the text writes it, on one line."""
    start, end = span_of(reading, quantity)
    return "".join(reading.text[start:end].split())
