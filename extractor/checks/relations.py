"""Do the numbers of a report agree with each other: rates with counts, counts with counts, one place with another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

import regex

from extractor.checks.doubt import (
    Bounds,
    Doubt,
    alike_units,
    bounds,
    has_any,
    is_torn,
    rate_bounds,
    span_of,
    spoken,
    words_of,
)
from extractor.patterns import compile_pattern
from extractor.types import Quantity

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue, OrderRule, RateRule, SingleRule
    from extractor.pipeline import Reading

_HUNDRED = Decimal(100)
_ZERO = Decimal(0)
_SHARE_GAP = 10
_ZERO_REACH = 14
_PARTED = "；"
_SENTENCE_MOST = 30
_PLACES = Decimal("0.1")
_MARKS = "，、：；（）　 "
_ByCode = dict[str | None, list[Quantity]]


@dataclass(frozen=True)
class RelationChecks:
    """The rules of numbers that are compared with each other."""

    catalogue: Catalogue

    @cached_property
    def rates(self) -> dict[str | None, RateRule]:
        return {rule.rate: rule for rule in self.catalogue.checks.rates if rule.rate is not None}

    @cached_property
    def named_rates(self) -> tuple[RateRule, ...]:
        return tuple(rule for rule in self.catalogue.checks.rates if rule.rate is None)

    @cached_property
    def orders(self) -> dict[str | None, list[OrderRule]]:
        rules: dict[str | None, list[OrderRule]] = {}
        for rule in self.catalogue.checks.orders.rules:
            for code in rule.lesser:
                rules.setdefault(code, []).append(rule)
        return rules

    @cached_property
    def single(self) -> dict[str, list[SingleRule]]:
        rules: dict[str, list[SingleRule]] = {}
        for rule in self.catalogue.checks.single.rules:
            rules.setdefault(rule.code, []).append(rule)
        return rules

    @cached_property
    def repeated(self) -> frozenset[str | None]:
        """Codes of which one place is compared with another."""
        return frozenset((*self.catalogue.checks.zeros.codes, *self.single))

    @cached_property
    def strip(self) -> regex.Pattern[str]:
        rules = self.catalogue.checks.single
        words = sorted((*rules.strip, *rules.whole), key=len, reverse=True)
        return compile_pattern(rf"{'|'.join(map(regex.escape, words))}|[{_MARKS}]|\d{{4}}年?")

    @cached_property
    def alike(self) -> dict[str | None, str]:
        return alike_units(self.catalogue)

    def _unit(self, quantity: Quantity) -> str | None:
        return self.alike.get(quantity.measure.unit, quantity.measure.unit)

    @cached_property
    def continues(self) -> frozenset[str]:
        return frozenset(self.catalogue.checks.orders.continues)

    @cached_property
    def labels(self) -> dict[str, dict[str, str]]:
        return {rule.code: {"label": rule.label.zh, "label_en": rule.label.en} for rule in self.catalogue.indicators}

    def find(self, reading: Reading) -> Iterator[Doubt]:
        """Doubts about numbers of one report beside each other."""
        by_code: _ByCode = defaultdict(list)
        orders, repeated, quantities = self.orders, self.repeated, reading.quantities
        for place, quantity in enumerate(quantities):
            if quantity.modality != "actual":
                continue
            code = quantity.code
            if quantity.measure.unit == "%":
                yield from self._rate(reading, quantity, place)
            elif code in orders:
                yield from self._order(reading, quantity, place)
            if code in repeated:
                by_code[code].append(quantity)
        yield from self._zeros(reading, by_code)
        yield from self._single(reading, by_code)

    def _sentence(self, reading: Reading, place: int) -> list[Quantity]:
        """The quantities of a sentence up to this one, reported as done; a semicolon parts them, unless its words go on."""
        text, quantities = reading.clean.text, reading.quantities
        last = quantities[place]
        found = [last]
        stop = last.measure.start
        for quantity in reversed(quantities[max(place - _SENTENCE_MOST, 0) : place]):
            if quantity.context.sentence != last.context.sentence:
                break
            at = text.rfind(_PARTED, quantity.measure.end, stop)
            if at >= 0 and text[at + 1 : stop] not in self.continues:
                break
            stop = quantity.measure.start
            if quantity.modality == "actual" and not is_torn(text, quantity):
                found.append(quantity)
        return found[::-1]

    # -------------------------------------------------------------------------------------------- rates

    def _rate(self, reading: Reading, rate: Quantity, place: int) -> Iterator[Doubt]:
        own_words = reading.clean.text[rate.context.clause : rate.measure.start]
        rule = self.rates.get(rate.code) or self._named_rate(own_words)
        if rule is not None:
            for doubt in self._share_of(reading, rate, *self._counts(rule, self._sentence(reading, place))):
                if not has_any(own_words, rule.unless):
                    yield doubt
        elif self.catalogue.checks.share_word in own_words:
            yield from self._share_of(reading, rate, *self._part_and_total(reading, rate, self._sentence(reading, place)))

    def _named_rate(self, own_words: str) -> RateRule | None:
        for rule in self.named_rates:
            if has_any(own_words, rule.names):
                return rule
        return None

    def _counts(self, rule: RateRule, sentence: list[Quantity]) -> tuple[list[Quantity], list[Quantity]]:
        """The counts before a rate that it may be the share of; none where another count stands behind the last of them."""
        counts = [q for q in sentence if q.measure.unit not in ("%", None) and q.value is not None]
        parts = [q for q in counts if q.code in rule.of]
        wholes = [q for q in counts if q.code in rule.to]
        if not parts or not wholes:
            return [], []
        unit, at = self._unit(parts[-1]), parts[-1].measure.start
        if any(q.measure.start > at and self._unit(q) == unit and q not in wholes for q in counts):
            return [], []
        return parts, wholes

    def _part_and_total(
        self, reading: Reading, rate: Quantity, sentence: list[Quantity]
    ) -> tuple[list[Quantity], list[Quantity]]:
        """The part directly before 占…%, and its total or what else in its unit may be meant."""
        part = sentence[-2] if len(sentence) > 1 else rate
        gap = reading.clean.text[part.measure.end : rate.measure.start].lstrip(_MARKS)
        if part.total is None or len(gap) > _SHARE_GAP or not gap.startswith(self.catalogue.checks.share_word):
            return [], []
        return [part], [q for q in sentence[:-2] if self._unit(q) == self._unit(part)]

    def _share_of(self, reading: Reading, rate: Quantity, parts: list[Quantity], wholes: list[Quantity]) -> Iterator[Doubt]:
        """A doubt where no part in no whole gives the rate; the nearest pair is named."""
        pairs = [
            (part, whole)
            for whole in reversed(wholes)
            for part in reversed(parts)
            if part is not whole and self._unit(part) == self._unit(whole)
        ]
        if not pairs:
            return
        stated = rate_bounds(reading, rate)
        shares = [(part, whole, _share(bounds(reading, part), bounds(reading, whole))) for part, whole in pairs]
        if any(_agree(share, stated) for _, _, share in shares):
            return
        added = sum((part.value for part in parts if part.value is not None), Decimal(0))
        if len(parts) > 1 and any(w.value and _agree(_exactly(added / w.value * _HUNDRED), stated) for w in wholes):
            return
        part, whole, _ = shares[0]
        if part.value is None or not whole.value or part.value > whole.value:
            return
        share = (part.value / whole.value * _HUNDRED).quantize(_PLACES)
        words = {
            "rate": words_of(reading, rate),
            "part": words_of(reading, part),
            "whole": words_of(reading, whole),
            "share": spoken(share),
        }
        yield Doubt("rate_contradicted", *span_of(reading, rate), (rate.id, part.id, whole.id), words)

    # -------------------------------------------------------------------------------------------- orders

    def _order(self, reading: Reading, lesser: Quantity, place: int) -> Iterator[Doubt]:
        """A count above everything in its sentence that it cannot be above."""
        is_part = lesser.total is not None and lesser.total.code == lesser.code
        if is_part or is_torn(reading.clean.text, lesser):
            return
        sentence = self._sentence(reading, place)
        if len(sentence) == 1:
            return
        for rule in self.orders[lesser.code]:
            near = sentence[-2:-1] if rule.adjacent else sentence[:-1]
            found = [q for q in near if q.code in rule.greater and self._unit(q) == self._unit(lesser) and q.total is None]
            if not found or (rule.adjacent and lesser.code in rule.greater):
                continue
            least = bounds(reading, lesser)
            if all(least.above(bounds(reading, other)) for other in found) and not self._has_backlog(reading, lesser):
                greatest = max(found, key=lambda q: q.value or q.measure.high or _ZERO)
                words = {"lesser": words_of(reading, lesser), "greater": words_of(reading, greatest)}
                start, end = span_of(reading, lesser)
                yield Doubt(rule.finding, start, end, (lesser.id, greatest.id), words)
                return

    def _has_backlog(self, reading: Reading, quantity: Quantity) -> bool:
        context = quantity.context
        words = reading.clean.text[context.sentence : context.sentence_end]
        return has_any(words, self.catalogue.checks.orders.unless)

    # -------------------------------------------------------------------------------------------- zeros

    def _zeros(self, reading: Reading, by_code: _ByCode) -> Iterator[Doubt]:
        """A statement that there was none, and a number of the same; only of a township, whose report speaks of itself."""
        if not reading.metadata.township:
            return
        rules, text = self.catalogue.checks.zeros, reading.clean.text
        for code in rules.codes:
            quantities = by_code.get(code, ())
            if len(quantities) < 2:
                continue
            zero: Quantity | None = None
            count: Quantity | None = None
            for quantity in quantities:
                context, measure = quantity.context, quantity.measure
                reach = min(measure.end + _ZERO_REACH, context.sentence_end) if quantity.value == 0 else context.right_end
                around = text[context.clause : reach]
                if quantity.total is not None or has_any(around, rules.unless):
                    continue
                if quantity.value == 0:
                    zero = zero or quantity
                elif quantity.value is not None or measure.low:
                    count = count or quantity
            if zero is not None and count is not None:
                words = self.labels[code] | {"zero": self._clause(reading, zero), "count": self._clause(reading, count)}
                yield Doubt("zero_and_count", *span_of(reading, zero), (zero.id, count.id), words)

    def _clause(self, reading: Reading, quantity: Quantity) -> str:
        """The words of a number's clause, up to what is counted."""
        context, measure = quantity.context, quantity.measure
        stop = min(measure.end + (_ZERO_REACH if measure.zero else 0), context.right_end)
        return reading.clean.text[context.clause : max(stop, measure.end)].strip()

    # -------------------------------------------------------------------------------------------- one value

    def _single(self, reading: Reading, by_code: _ByCode) -> Iterator[Doubt]:
        for code, rules in self.single.items():
            quantities = by_code.get(code, ())
            if len(quantities) > 1:
                named = [(self._name(reading, q), q) for q in quantities if self._may_stand_alone(reading, q)]
                for rule in rules:
                    yield from self._differing(reading, rule, [(w, q) for w, q in named if self._is_of(reading, rule, w, q)])

    def _may_stand_alone(self, reading: Reading, quantity: Quantity) -> bool:
        return quantity.total is None and quantity.value != 0 and not is_torn(reading.clean.text, quantity)

    def _name(self, reading: Reading, quantity: Quantity) -> str:
        """The words of a number's clause before it, without those that change nothing."""
        return self.strip.sub("", reading.clean.text[quantity.context.clause : quantity.measure.start])

    def _is_of(self, reading: Reading, rule: SingleRule, name: str, quantity: Quantity) -> bool:
        text, context, measure = reading.clean.text, quantity.context, quantity.measure
        if name not in rule.names or (rule.after and not text.startswith(rule.after, measure.end)):
            return False
        if not rule.whole:
            return True
        own_words = text[context.clause : measure.start]
        whole = has_any(own_words, self.catalogue.checks.single.whole)
        return whole or not self.strip.sub("", text[context.sentence : context.clause])

    def _differing(self, reading: Reading, rule: SingleRule, found: list[tuple[str, Quantity]]) -> Iterator[Doubt]:
        """The first value and one that differs from it whatever the two mean, in the same unit."""
        before: dict[tuple[str | None, Bounds], Quantity] = {}
        for name, second in found:
            unit = self._unit(second)
            meant = rate_bounds(reading, second) if second.measure.unit == "%" else bounds(reading, second)
            for (other_unit, other), first in before.items():
                if other_unit == unit and not other.meets(meant):
                    words = self.labels[rule.code] | {
                        "name": name or rule.after[0],
                        "first": words_of(reading, first),
                        "second": words_of(reading, second),
                    }
                    yield Doubt("two_values", *span_of(reading, second), (first.id, second.id), words)
                    return
            before.setdefault((unit, meant), second)


def _share(part: Bounds, whole: Bounds) -> Bounds:
    """What percentage one count may be of another; open where either is."""
    low = part.low / whole.high * _HUNDRED if part.low is not None and whole.high else None
    high = part.high / whole.low * _HUNDRED if part.high is not None and whole.low else None
    return Bounds(low, high)


def _exactly(value: Decimal) -> Bounds:
    return Bounds(value, value)


def _agree(share: Bounds, stated: Bounds) -> bool:
    """Whether a share can be what is stated; the ends of the stated bounds are rounding that would have gone further."""
    below = share.high is not None and stated.low is not None and share.high <= stated.low < _HUNDRED
    above = share.low is not None and stated.high is not None and share.low >= stated.high
    return not below and not above
