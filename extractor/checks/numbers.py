"""Is each number, by itself, one that can be: its unit, its size, a rate within 100 %."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from extractor.checks.doubt import Doubt, has_any, span_of, words_of
from extractor.types import Quantity

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue, Plausible
    from extractor.pipeline import Reading

_RATE = "率"
_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class NumberChecks:
    """The rules of single numbers."""

    catalogue: Catalogue

    @cached_property
    def names_by_unit(self) -> dict[str, tuple[str, ...]]:
        """Measure word to the names that nobody counts in it."""
        names: dict[str, tuple[str, ...]] = {}
        for rule in self.catalogue.checks.unlikely_units:
            for unit in rule.units:
                names[unit] = (*names.get(unit, ()), *rule.names)
        return names

    @cached_property
    def last_characters(self) -> dict[str, frozenset[str]]:
        """How those names end: hardly any number stands behind one of these, and the others need not be tried."""
        return {unit: frozenset(name[-1] for name in names) for unit, names in self.names_by_unit.items()}

    @cached_property
    def whole_units(self) -> frozenset[str | None]:
        return frozenset(self.catalogue.checks.whole_units)

    @cached_property
    def plausible(self) -> dict[str | None, Plausible]:
        return {rule.code: rule for rule in self.catalogue.checks.plausible}

    @cached_property
    def least_implausible(self) -> dict[str | None, Decimal]:
        """What a number of a code must be above to be one too many for a township."""
        return {code: Decimal(rule.township) for code, rule in self.plausible.items()}

    @cached_property
    def labels(self) -> dict[str, dict[str, str]]:
        return {rule.code: {"label": rule.label.zh, "label_en": rule.label.en} for rule in self.catalogue.indicators}

    def find(self, reading: Reading) -> Iterator[Doubt]:
        """Doubts about single numbers of one report."""
        text, least_implausible, last_characters = reading.clean.text, self.least_implausible, self.last_characters
        for quantity in reading.quantities:
            measure, value = quantity.measure, quantity.value
            unit = measure.unit
            if unit is None:
                if not measure.zero:
                    yield self._doubt("missing_unit", reading, quantity)
                continue
            if value is not None:
                if unit == "%":
                    if value > _HUNDRED:
                        yield from self._above_hundred(reading, quantity)
                elif value != value.to_integral_value():
                    yield from self._fraction(reading, quantity)
                least = least_implausible.get(quantity.code)
                if least is not None and value > least:
                    yield from self._size(reading, quantity, value)
            if unit in last_characters and text[measure.start - 1] in last_characters[unit]:
                yield from self._unlikely(reading, quantity, unit)

    def _doubt(self, code: str, reading: Reading, quantity: Quantity, **words: str) -> Doubt:
        words["text"] = words_of(reading, quantity)
        return Doubt(code, *span_of(reading, quantity), (quantity.id,), words)

    def _above_hundred(self, reading: Reading, quantity: Quantity) -> Iterator[Doubt]:
        """A share that is more than all; what grows or is fulfilled may be."""
        own_words = reading.clean.text[quantity.context.clause : quantity.measure.start]
        is_share = quantity.modality != "change" and (quantity.code is not None or _RATE in own_words)
        if is_share and not has_any(own_words, self.catalogue.checks.above_hundred):
            yield self._doubt("rate_above_hundred", reading, quantity)

    def _fraction(self, reading: Reading, quantity: Quantity) -> Iterator[Doubt]:
        if quantity.modality not in ("actual", "past") or quantity.measure.unit not in self.whole_units:
            return
        own_words = reading.clean.text[quantity.context.clause : quantity.measure.start]
        if not has_any(own_words, self.catalogue.checks.averages):
            yield self._doubt("fractional_count", reading, quantity)

    def _size(self, reading: Reading, quantity: Quantity, value: Decimal) -> Iterator[Doubt]:
        """More than a body of this level can have; a report without a township is a county's, or one above."""
        rule, unit = self.plausible[quantity.code], quantity.measure.unit or ""
        most = rule.township if reading.metadata.township else rule.county
        if value > most and (not rule.units or unit in rule.units):
            words = self.labels[rule.code] | {"most": str(most), "unit": unit}
            yield self._doubt("implausible", reading, quantity, **words)

    def _unlikely(self, reading: Reading, quantity: Quantity, unit: str) -> Iterator[Doubt]:
        text, start = reading.clean.text, quantity.measure.start
        names = [name for name in self.names_by_unit[unit] if text.endswith(name, 0, start)]
        if names:
            yield self._doubt("unlikely_unit", reading, quantity, name=max(names, key=len), unit=unit)
