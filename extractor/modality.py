"""How a number is meant: done, planned, a habit, for each of several, a difference, or of another period."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import regex

from extractor.models import Modality, Qualifier
from extractor.patterns import compile_pattern
from extractor.types import Measure

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue, ModalityRule

_WINDOW = 40
_AFTER = 24
_SIGN_REACH = 10
_YEARS = 12


class _Compiled(NamedTuple):
    modality: Modality
    name: str
    triggers: frozenset[str]
    units: frozenset[str]
    qualifiers: frozenset[str]
    before: str | None
    after: str | None
    without: str | None


class _Rules(NamedTuple):
    """Rules in their order, those to be tried everywhere, and those that a character before or behind the number brings in."""

    rules: tuple[_Compiled, ...]
    always: frozenset[int]
    triggered: dict[str, set[int]]
    behind: dict[str, set[int]]


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
    def by_section(self) -> dict[str, _Rules]:
        """The rules that hold in a section of a kind, as far as they were asked for."""
        return {}

    @cached_property
    def compiled(self) -> tuple[tuple[frozenset[str], _Compiled], ...]:
        return tuple((frozenset(rule.sections), self._compile_rule(rule)) for rule in self.catalogue.modality.rules)

    def _rules_in(self, section: str) -> _Rules:
        if section not in self.by_section:
            rules = [rule for kinds, rule in self.compiled if not kinds or section in kinds]
            always = frozenset(n for n, rule in enumerate(rules) if not rule.triggers)
            triggered: dict[str, set[int]] = {}
            behind: dict[str, set[int]] = {}
            for number, rule in enumerate(rules):
                for character in rule.triggers:
                    (triggered if rule.before else behind).setdefault(character, set()).add(number)
            self.by_section[section] = _Rules(tuple(rules), always, triggered, behind)
        return self.by_section[section]

    def _compile_rule(self, rule: ModalityRule) -> _Compiled:
        return _Compiled(
            rule.modality,
            rule.name,
            frozenset(rule.triggers),
            frozenset(rule.unit),
            frozenset(rule.qualifier),
            self._of_year(rule.before),
            self._of_year(rule.after),
            self._of_year(rule.without),
        )

    def _of_year(self, pattern: str | None) -> str | None:
        """A pattern with {year} and {later_year} filled in."""
        if pattern is None or "year}" not in pattern:
            return pattern
        if self.year is None:
            return pattern.replace("{year}", "(?!)").replace("{later_year}", "(?!)")
        earlier = f"(?:{'|'.join(str(year) for year in range(self.year - _YEARS, self.year))})"
        later = f"(?:{'|'.join(str(year) for year in range(self.year + 1, self.year + _YEARS))})"
        return pattern.replace("{year}", earlier).replace("{later_year}", later)

    @cached_property
    def searches(self) -> dict[str, Callable[[str], object]]:
        """Patterns compiled when a text first needs them."""
        return {}

    def _finds(self, pattern: str, words: str) -> bool:
        search = self.searches.get(pattern)
        if search is None:
            search = self.searches[pattern] = compile_pattern(pattern).search
        return search(words) is not None

    @cached_property
    def at_least(self) -> regex.Pattern[str]:
        """At-least words before the verb: 至少组织2场."""
        return compile_pattern("|".join(map(regex.escape, self.catalogue.numbers.qualifiers.clause_at_least)))

    @cached_property
    def decrease(self) -> regex.Pattern[str]:
        words = sorted(self.catalogue.modality.decrease, key=len, reverse=True)
        return compile_pattern("|".join(map(regex.escape, words)))

    def read(self, text: str, clause: int, measure: Measure, section: str) -> Reading:
        """How a number is meant whose clause begins at `clause`; `section` is the kind of its section, or empty."""
        before = text[max(clause, measure.start - _WINDOW) : measure.start]
        after = text[measure.end : measure.end + _AFTER]
        rules, always, triggered, behind = self._rules_in(section)
        able = always.union(
            *[triggered[character] for character in triggered.keys() & set(before)],
            *[behind[character] for character in after[:2] if character in behind],
        )
        unit, qualifier = measure.unit, self._bound(before, measure)
        for number in sorted(able):
            modality, name, _, units, qualifiers, wanted, following, without = rules[number]
            if (
                (units and unit not in units)
                or (qualifiers and qualifier not in qualifiers)
                or (wanted is not None and not self._finds(wanted, before))
                or (following is not None and not self._finds(following, after))
                or (without is not None and self._finds(without, before))
            ):
                continue
            words = text[measure.start : measure.end]
            bound = self.catalogue.numbers.qualifiers.bound
            if modality == "target" and qualifier == "over" and words.endswith(bound.over):
                qualifier = bound.at_least
            return Reading(modality, name, qualifier)
        return Reading("actual", "", qualifier)

    def _bound(self, before: str, measure: Measure) -> Qualifier:
        """The qualifier, which may stand before the verb too: 至少组织2场."""
        if measure.qualifier == "exact":
            reach = self.catalogue.numbers.qualifiers.clause_at_least_reach
            if self.at_least.search(before, max(len(before) - reach, 0)):
                return "at_least"
        return measure.qualifier

    def falls(self, text: str, measure: Measure) -> bool:
        """Whether a change is a decrease."""
        return self.decrease.search(text, max(0, measure.start - _SIGN_REACH), measure.start) is not None
