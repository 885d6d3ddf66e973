"""How a number is meant: done, planned, a habit, for each of several, a difference, or of another period."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import regex

from extractor.models import Modality, Qualifier
from extractor.patterns import compile_pattern, one_of
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


class Reading(NamedTuple):
    """The modality, the rule that gave it, and the qualifier as it reads in that modality."""

    modality: Modality
    rule: str
    qualifier: Qualifier


class _Rules(NamedTuple):
    """The rules that may hold for a number of a kind, in their order.

    `before` and `behind` are the characters before and behind the number of which a rule needs one, unless some hold
    `anywhere`; `otherwise` is how a number is meant for which no rule holds.
    """

    rules: tuple[_Compiled, ...]
    anywhere: bool
    before: frozenset[str]
    behind: frozenset[str]
    otherwise: Reading


def notes_of(catalogue: Catalogue, text: str) -> frozenset[str]:
    """The names of the rules that ask for a note which stands in the text: 括号内为上年数."""
    return frozenset(rule.name for rule in catalogue.modality.rules if rule.note and compile_pattern(rule.note).search(text))


@dataclass(frozen=True)
class ModalityReader:
    """The rules of `modality.yaml` for a report on `year` (None where it names none) in which `notes` stand."""

    catalogue: Catalogue
    year: int | None
    notes: frozenset[str]

    @cached_property
    def selected(self) -> dict[tuple[str, str | None, Qualifier], _Rules]:
        """The rules for a kind of section, a unit and a qualifier, as far as they were asked for."""
        return {}

    @cached_property
    def compiled(self) -> tuple[tuple[frozenset[str], _Compiled], ...]:
        rules = (rule for rule in self.catalogue.modality.rules if rule.note is None or rule.name in self.notes)
        return tuple((frozenset(rule.sections), self._compile_rule(rule)) for rule in rules)

    def _select(self, section: str, unit: str | None, qualifier: Qualifier) -> _Rules:
        """The rules that may hold for a number in such a section, with this unit and qualifier."""
        rules = tuple(
            rule
            for kinds, rule in self.compiled
            if (not kinds or section in kinds)
            and (not rule.units or unit in rule.units)
            and (not rule.qualifiers or qualifier in rule.qualifiers)
        )
        before = frozenset(character for rule in rules if rule.before for character in rule.triggers)
        behind = frozenset(character for rule in rules if not rule.before for character in rule.triggers)
        anywhere = not all(rule.triggers for rule in rules)
        if qualifier == "exact":
            before |= self.at_least_firsts
        selected = self.selected[section, unit, qualifier] = _Rules(
            rules, anywhere, before, behind, Reading("actual", "", qualifier)
        )
        return selected

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
    def at_least_firsts(self) -> frozenset[str]:
        """The characters that at-least words begin with."""
        return frozenset(word[0] for word in self.catalogue.numbers.qualifiers.clause_at_least)

    @cached_property
    def decrease(self) -> regex.Pattern[str]:
        """The last word that says which way a number changed, where it is down."""
        down, up = (one_of(words) for words in (self.catalogue.modality.decrease, self.catalogue.modality.increase))
        return compile_pattern(f"{down}(?!.*{up})")

    def read(self, text: str, clause: int, measure: Measure, section: str) -> Reading:
        """How a number is meant whose clause begins at `clause`; `section` is the kind of its section, or empty."""
        start, end, unit, qualifier = measure.start, measure.end, measure.unit, measure.qualifier
        before = text[max(clause, start - _WINDOW) : start]
        able = self.selected.get((section, unit, qualifier)) or self._select(section, unit, qualifier)
        signs = able.before.intersection(before)
        if not signs and not able.anywhere and able.behind.isdisjoint(text[end : end + 2]):
            return able.otherwise
        bound = self._bound(before, measure)
        if bound != qualifier:
            able = self.selected.get((section, unit, bound)) or self._select(section, unit, bound)
            signs = able.before.intersection(before)
        return self._try(able, signs, before, text[start:end], text[end : end + _AFTER])

    def _try(self, able: _Rules, signs: frozenset[str], before: str, words: str, after: str) -> Reading:
        """The reading that the first rule gives which holds for a number's words and those before and after them."""
        for modality, name, triggers, _, _, wanted, following, without in able.rules:
            if triggers and triggers.isdisjoint(signs if wanted else after[:2]):
                continue
            if (
                (wanted is None or self._finds(wanted, before))
                and (following is None or self._finds(following, after))
                and (without is None or not self._finds(without, before))
            ):
                qualifier = able.otherwise.qualifier
                bound = self.catalogue.numbers.qualifiers.bound
                if modality == "target" and qualifier == "over" and words.endswith(bound.over):
                    qualifier = bound.at_least
                return Reading(modality, name, qualifier)
        return able.otherwise

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
