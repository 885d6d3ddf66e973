"""How a number is meant: done, planned, a habit, for each of several, a difference, or of another period."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import regex

from extractor.catalogue.models import Catalogue, ModalityRule
from extractor.models import Modality, Qualifier
from extractor.types import Measure

_WINDOW = 60
_AFTER = 24
_SIGN_REACH = 10


class _Compiled(NamedTuple):
    rule: ModalityRule
    before: regex.Pattern[str] | None
    after: regex.Pattern[str] | None
    without: regex.Pattern[str] | None


class Reading(NamedTuple):
    """The modality, the rule that gave it, and the qualifier as it reads in that modality."""

    modality: Modality
    rule: str
    qualifier: Qualifier


@dataclass(frozen=True)
class ModalityReader:
    """The rules of `modality.yaml` for a report on `year` (None where the report names no year)."""

    catalogue: Catalogue
    year: int | None

    @cached_property
    def rules(self) -> tuple[_Compiled, ...]:
        return tuple(
            _Compiled(rule, self._compile(rule.before), self._compile(rule.after), self._compile(rule.without))
            for rule in self.catalogue.modality.rules
        )

    def _compile(self, pattern: str | None) -> regex.Pattern[str] | None:
        if pattern is None:
            return None
        if self.year is None:
            other = later = "(?!)"
        else:
            other = f"(?!{self.year})(?:{'|'.join(str(y) for y in range(self.year - 12, self.year))})"
            later = "(?:" + "|".join(str(y) for y in range(self.year + 1, self.year + 10)) + ")"
        return regex.compile(pattern.replace("{year}", other).replace("{later_year}", later))

    @cached_property
    def decrease(self) -> regex.Pattern[str]:
        words = sorted(self.catalogue.modality.decrease, key=len, reverse=True)
        return regex.compile("|".join(map(regex.escape, words)))

    def read(self, text: str, sentence: int, measure: Measure, section: str) -> Reading:
        """How the number at `measure` is meant; `section` is the kind of its section, or empty."""
        before = text[max(sentence, measure.start - _WINDOW) : measure.start]
        after = text[measure.end : measure.end + _AFTER]
        for rule, wanted, following, without in self.rules:
            if rule.unit and measure.unit not in rule.unit:
                continue
            if rule.qualifier and measure.qualifier not in rule.qualifier:
                continue
            if rule.sections and section not in rule.sections:
                continue
            if wanted is not None and wanted.search(before) is None:
                continue
            if following is not None and following.search(after) is None:
                continue
            if without is not None and without.search(before) is not None:
                continue
            return Reading(rule.modality, rule.name, self._qualifier(text, before, measure, rule.modality))
        return Reading("actual", "", self._qualifier(text, before, measure, "actual"))

    def _qualifier(self, text: str, before: str, measure: Measure, modality: Modality) -> Qualifier:
        rules = self.catalogue.numbers.qualifiers
        words = text[measure.start : measure.end]
        if modality == "target" and measure.qualifier == "over" and words.endswith(rules.bound.over):
            return rules.bound.at_least
        if measure.qualifier == "exact":
            clause = regex.split("[，。；：]", before)[-1][-rules.clause_at_least_reach :]
            if any(word in clause for word in rules.clause_at_least):
                return "at_least"
        return measure.qualifier

    def falls(self, text: str, measure: Measure) -> bool:
        """Whether a change is a decrease."""
        return self.decrease.search(text, max(0, measure.start - _SIGN_REACH), measure.start) is not None
