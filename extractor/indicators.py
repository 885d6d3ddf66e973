"""What each quantity counts: cues of the catalogue, matched once over the whole text, weighed at each number.

A number's own words are those of its clause back to the number before it, and those after it up to the next mark or number.
Every cue whose words are all there is a candidate; the longest and nearest words win. A number without words of its own takes
what the number before it counted, if it continues it: a part, a member of one list, a change of it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import ahocorasick_rs
import regex

from extractor.catalogue.lexicon import NAME, all_cues
from extractor.catalogue.models import Catalogue, Cue, IndicatorRule

_BASE = 10.0
_GAP_COST = 0.25
_GAP_MOST = 16
_RIGHT_COST = 2.0
_SHARED_COST = 5.0
_EXTRA_WORD = 3.0
_NEAR_SENTENCE = 2.0
_NEAR_WIDER = 1.0
_AFTER = (3.0, 2.0, 1.5)
_AFTER_WIDER = 1.0
_HEAD_REACH = 6
_TITLE = regex.compile(r"《[^》\n]{1,60}》")
_NOWHERE = (1 << 60, 1 << 60)
_SHARED_REACH = 3

UNCATALOGUED = "none."
"""Prefix of the names of what is known and has no code."""


class Hits(NamedTuple):
    """The lexicon's words in a text, in order and not overlapping."""

    starts: list[int]
    ends: list[int]
    words: list[int]


class Antecedent(NamedTuple):
    """A code that a number before this one has; `distance` 0 is the nearest of the sentence, -1 an earlier sentence."""

    code: str
    distance: int


class Place(NamedTuple):
    """Where a number's words stand: left of it (from, to), right of it (from, to), and whether the right ones are shared."""

    left: int
    left_end: int
    right: int
    right_end: int
    shared: bool
    next_unit: str | None


class Candidate(NamedTuple):
    """One cue that fits: its indicator, its number there, the score, and what made it up."""

    code: str
    cue: int
    score: float
    parts: tuple[tuple[str, float], ...]


class _Compiled(NamedTuple):
    code: str
    number: int
    cue: Cue
    own: tuple[int, ...]
    right: tuple[int, ...]
    near: tuple[int, ...]
    without: tuple[int, ...]
    units: frozenset[str] | None
    after: tuple[str, ...]
    unless_after: tuple[str, ...]
    bare: bool


@dataclass(frozen=True)
class IndicatorMatcher:
    """The catalogue's cues, compiled into one automaton."""

    catalogue: Catalogue

    @cached_property
    def words(self) -> tuple[str, ...]:
        return tuple(self.catalogue.lexicon)

    @cached_property
    def automaton(self) -> ahocorasick_rs.AhoCorasick:
        return ahocorasick_rs.AhoCorasick(
            self.words,
            matchkind=ahocorasick_rs.MatchKind.LeftmostLongest,
            implementation=ahocorasick_rs.Implementation.ContiguousNFA,
        )

    @cached_property
    def slots(self) -> dict[str, int]:
        """A number for every entry that stands in a cue."""
        numbers: dict[str, int] = {}
        for cue in all_cues(self.catalogue):
            for entry in (*cue.own, *cue.right, *cue.near, *cue.not_):
                numbers.setdefault(entry, len(numbers))
        return numbers

    @cached_property
    def slot_names(self) -> tuple[str, ...]:
        return tuple(self.slots)

    @cached_property
    def word_slots(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """For each word, the slots it fills and the length that counts there."""
        of_concept: dict[str, list[int]] = defaultdict(list)
        for entry, slot in self.slots.items():
            for concept in entry.split("|"):
                of_concept[concept].append(slot)
        table = []
        for concepts in self.catalogue.lexicon.values():
            lengths: dict[int, int] = {}
            for concept, length in concepts:
                for slot in of_concept.get(concept, ()):
                    lengths[slot] = max(length, lengths.get(slot, 0))
            table.append(tuple(lengths.items()))
        return tuple(table)

    @cached_property
    def names(self) -> dict[int, str]:
        """Words that are names with a number in them, and the reason to skip the number."""
        found = {}
        for number, concepts in enumerate(self.catalogue.lexicon.values()):
            for concept, _ in concepts:
                if concept.startswith(NAME):
                    found[number] = concept[len(NAME) :]
        return found

    @cached_property
    def mentions(self) -> dict[int, tuple[str, ...]]:
        """Words that mention an indicator, and its code."""
        place = {word: number for number, word in enumerate(self.words)}
        found: dict[int, list[str]] = defaultdict(list)
        for rule in self.catalogue.indicators:
            for word in rule.mention:
                found[place[word]].append(rule.code)
        return {number: tuple(codes) for number, codes in found.items()}

    @cached_property
    def by_code(self) -> dict[str, IndicatorRule]:
        return {rule.code: rule for rule in self.catalogue.indicators}

    def _compile_rule(self, rule: IndicatorRule, number: int, cue: Cue) -> _Compiled:
        units = frozenset(cue.unit or rule.only or self.catalogue.units.families[rule.unit])
        bare = rule.unit not in ("rates", "money", "areas", "households")
        return self._compile(rule.code, number, cue, units, bare)

    def _compile(self, code: str, number: int, cue: Cue, units: frozenset[str] | None, bare: bool) -> _Compiled:
        slots = self.slots
        return _Compiled(
            code,
            number,
            cue,
            tuple(slots[e] for e in cue.own),
            tuple(slots[e] for e in cue.right),
            tuple(slots[e] for e in cue.near),
            tuple(slots[e] for e in cue.not_),
            units,
            self._codes(cue.after),
            self._codes(cue.unless_after),
            bare,
        )

    def _codes(self, entries: tuple[str, ...]) -> tuple[str, ...]:
        """The codes that entries such as mediation.* stand for."""
        return tuple(code for entry in entries for code in self.catalogue.codes if code == entry or _fits(code, entry))

    @cached_property
    def cues_by_slot(self) -> dict[int, tuple[_Compiled, ...]]:
        """The cues by the first slot that they need; those that need none are under -1."""
        table: dict[int, list[_Compiled]] = defaultdict(list)
        for rule in self.catalogue.indicators:
            for number, cue in enumerate(rule.cues):
                compiled = self._compile_rule(rule, number, cue)
                table[(*compiled.own, *compiled.right, -1)[0]].append(compiled)
        for other in self.catalogue.uncatalogued.uncatalogued:
            for number, cue in enumerate(other.cues):
                units = frozenset(cue.unit) if cue.unit else None
                compiled = self._compile(f"{UNCATALOGUED}{other.name}", number, cue, units, bare=True)
                table[(*compiled.own, *compiled.right, -1)[0]].append(compiled)
        return {slot: tuple(cues) for slot, cues in table.items()}

    @cached_property
    def zero_cues(self) -> dict[int, tuple[_Compiled, ...]]:
        table: dict[int, list[_Compiled]] = defaultdict(list)
        for rule in self.catalogue.indicators:
            for number, cue in enumerate(rule.zero):
                compiled = self._compile_rule(rule, number, cue)
                table[compiled.own[0]].append(compiled)
        return {slot: tuple(cues) for slot, cues in table.items()}

    def hits(self, text: str) -> Hits:
        """The words of the lexicon in `text`, the longest of those that begin first; those inside 《》 are not its own."""
        words, starts, ends = [], [], []
        titles = iter([m.span() for m in _TITLE.finditer(text)])
        title = next(titles, _NOWHERE)
        for word, start, end in self.automaton.find_matches_as_indexes(text):
            while start >= title[1]:
                title = next(titles, _NOWHERE)
            if start >= title[0]:
                continue
            words.append(word)
            starts.append(start)
            ends.append(end)
        return Hits(starts, ends, words)

    def slots_between(self, hits: Hits, start: int, end: int) -> set[int]:
        """The slots that words between two places fill."""
        found: set[int] = set()
        table = self.word_slots
        for n in range(bisect_left(hits.starts, start), bisect_left(hits.starts, end)):
            found.update(slot for slot, _ in table[hits.words[n]])
        return found

    def own_slots(self, hits: Hits, place: Place) -> tuple[dict[int, float], dict[int, float]]:
        """The slots that the number's own words fill, each with its best score: all of them, and those right of it."""
        table = self.word_slots
        own: dict[int, float] = {}
        right: dict[int, float] = {}
        for n in range(bisect_left(hits.starts, place.left), bisect_left(hits.starts, place.left_end)):
            if hits.ends[n] <= place.left_end:
                base = _BASE - _GAP_COST * min(place.left_end - hits.ends[n], _GAP_MOST)
                for slot, length in table[hits.words[n]]:
                    if base + length > own.get(slot, 0.0):
                        own[slot] = base + length
        if place.shared and own:
            return own, right
        cost = _BASE - (_SHARED_COST if place.shared else _RIGHT_COST)
        right_end = place.right + _SHARED_REACH if place.shared else place.right_end
        for n in range(bisect_left(hits.starts, place.right), bisect_left(hits.starts, right_end)):
            if hits.ends[n] <= place.right_end:
                base = cost - _GAP_COST * min(hits.starts[n] - place.right, _GAP_MOST)
                for slot, length in table[hits.words[n]]:
                    if hits.starts[n] - place.right <= _HEAD_REACH and base + length > right.get(slot, 0.0):
                        right[slot] = base + length
                    if base + length > own.get(slot, 0.0):
                        own[slot] = base + length
        return own, right

    def candidates(
        self,
        hits: Hits,
        place: Place,
        unit: str | None,
        antecedents: tuple[Antecedent, ...],
        near: tuple[set[int], set[int]],
        any_unit: bool,
    ) -> list[Candidate]:
        """All cues that fit, unordered. `near` holds the slots of the sentence and those of its wider surroundings."""
        own, right = self.own_slots(hits, place)
        found = []
        for slot in (*own, -1):
            for cue in self.cues_by_slot.get(slot, ()):
                if any_unit or cue.units is None or (cue.bare if unit is None else unit in cue.units):
                    candidate = _weigh(cue, own, right, near, antecedents, place, self.slot_names)
                    if candidate is not None:
                        found.append(candidate)
        return found

    def zero_codes(self, hits: Hits, text: str, start: int, end: int) -> list[str]:
        """The codes that a negation over the words between two places speaks of, each noun of a list on its own."""
        codes: list[str] = []
        at = start
        for part in regex.split("(?:、|和|与|及|或者|或|以及)", text[start:end]):
            best: tuple[int, int, str] | None = None
            stop = at + len(part)
            for n in range(bisect_left(hits.starts, at), bisect_right(hits.starts, stop - 1)):
                for slot, length in self.word_slots[hits.words[n]]:
                    for cue in self.zero_cues.get(slot, ()):
                        rank = (hits.ends[n], length, cue.code)
                        if best is None or rank[:2] > best[:2]:
                            best = rank
            if best is not None and best[2] not in codes:
                codes.append(best[2])
            at = text.find(part, at) + len(part) + 1 if part else at + 1
        return codes


def _fits(code: str, entry: str) -> bool:
    return entry.endswith("*") and code.startswith(entry[:-1])


def _weigh(
    cue: _Compiled,
    own: dict[int, float],
    right: dict[int, float],
    near: tuple[set[int], set[int]],
    antecedents: tuple[Antecedent, ...],
    place: Place,
    names: tuple[str, ...],
) -> Candidate | None:
    """The score of a cue at a number, or None where a word it needs is missing."""
    words = []
    for slot in cue.own:
        if slot not in own:
            return None
        words.append((slot, own[slot]))
    for slot in cue.right:
        if slot not in right:
            return None
        words.append((slot, right[slot]))
    for slot in cue.without:
        if slot in own:
            return None
    if cue.cue.adjacent and place.left_end - place.left > 3:
        return None
    if cue.cue.followed_by and place.next_unit not in cue.cue.followed_by:
        return None
    if cue.unless_after and any(a.code in cue.unless_after and a.distance >= 0 for a in antecedents):
        return None
    parts: list[tuple[str, float]] = [(names[slot], score) for slot, score in words]
    score = cue.cue.weight
    if words:
        score += sum(s for _, s in words) / len(words) + _EXTRA_WORD * (len(words) - 1)
    for slot in cue.near:
        if slot in near[0]:
            bonus = _NEAR_SENTENCE
        elif slot in near[1]:
            bonus = _NEAR_WIDER
        else:
            return None
        score += bonus
        parts.append((f"near {names[slot]}", bonus))
    if cue.after:
        antecedent = next((a for a in antecedents if a.code in cue.after), None)
        if antecedent is not None and antecedent.distance < 0 and antecedents[0].distance >= 0:
            antecedent = None
        if antecedent is None or (cue.cue.adjacent and antecedent.distance != 0):
            return None
        bonus = _AFTER_WIDER if antecedent.distance < 0 else _AFTER[min(antecedent.distance, 2)]
        score += bonus
        parts.append((f"after {antecedent.code}", bonus))
    return Candidate(cue.code, cue.number, score, tuple(parts))
