"""What each quantity counts: cues of the catalogue, matched once over the whole text, weighed at each number.

A number's own words are those of its clause back to the number before it, and those after it up to the next mark or number.
Every cue whose words are all there is a candidate; the longest and nearest words win. A number without words of its own takes
what the number before it counted, if it continues it: a part, a member of one list, a change of it.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import ahocorasick_rs
import regex

from extractor.patterns import compile_pattern

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue, Cue, IndicatorRule


_BASE = 10.0
_GAP_COST = 0.25
_GAP_MOST = 16
_RIGHT_COST = 2.0
_SHARED_COST = 2.0
_EXTRA_WORD = 3.0
NEAR_SENTENCE = 2.0
NEAR_WIDER = 1.0
_AFTER = (3.0, 2.0, 1.5)
_AFTER_WIDER = 1.0
_HEAD_REACH = 3
_CONNECTIVE_LONGEST = 3
_TITLE = compile_pattern(r"《[^》\n]{1,60}》")
_SHARED_REACH = 3

UNCATALOGUED = "none."
"""Prefix of the names of what is known and has no code."""


class Hits(NamedTuple):
    """The lexicon's words in a text, in order and not overlapping."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    words: tuple[int, ...]


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


class Question(NamedTuple):
    """What the matcher is asked: the number's words, its unit, the codes before it, and what stands near.

    `near` gives what a slot is worth that the sentence or its surroundings fill, and None where they do not.
    """

    hits: Hits
    place: Place
    unit: str | None
    antecedents: tuple[Antecedent, ...]
    near: Callable[[int], float | None]
    any_unit: bool

    def without_right(self) -> Question:
        """The question for the words left of the number alone."""
        return self._replace(place=self.place._replace(right_end=self.place.right, shared=False))


class Candidate(NamedTuple):
    """One cue that fits: its indicator, its number there, the score, and what made it up."""

    code: str
    cue: int
    score: float
    parts: tuple[tuple[str, float], ...]


class Winner(NamedTuple):
    """The cue that won: its indicator, its number there, and the score."""

    code: str
    cue: int
    score: float


_NO_WINNER = (-math.inf, "", 0)


class _Compiled(NamedTuple):
    code: str
    number: int
    own: tuple[int, ...]
    right: tuple[int, ...]
    near: tuple[int, ...]
    further: frozenset[int]
    without: frozenset[int]
    without_right: frozenset[int]
    units: frozenset[str] | None
    after: tuple[str, ...]
    unless_after: tuple[str, ...]
    bare: bool
    catalogued: bool
    adjacent: bool
    followed_by: tuple[str, ...]
    weight: float
    potential: float
    needs_more: bool
    is_single: bool
    is_plain: bool


class _Choices(NamedTuple):
    """The cues that begin with one slot: the best of those that ask for nothing else, and all that do, most able first."""

    plain: _Compiled | None
    others: tuple[_Compiled, ...]


@dataclass(frozen=True)
class IndicatorMatcher:
    """The catalogue's cues, compiled into one automaton."""

    catalogue: Catalogue

    @cached_property
    def words(self) -> tuple[str, ...]:
        return self.catalogue.lexicon.words

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
        return {entry: number for number, entry in enumerate(self.catalogue.lexicon.slots)}

    @cached_property
    def slot_names(self) -> tuple[str, ...]:
        return self.catalogue.lexicon.slots

    @cached_property
    def word_slots(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """For each word, the slots it fills and the length that counts there."""
        return self.catalogue.lexicon.fills

    @cached_property
    def word_slot_sets(self) -> tuple[frozenset[int], ...]:
        return tuple(frozenset(slot for slot, _ in slots) for slots in self.word_slots)

    @cached_property
    def names(self) -> dict[int, str]:
        """Words that are names with a number in them, and the reason to skip the number."""
        return dict(self.catalogue.lexicon.reasons)

    @cached_property
    def mentions(self) -> dict[int, tuple[str, ...]]:
        """Words that mention indicators, and their codes."""
        return dict(self.catalogue.lexicon.mentions)

    @cached_property
    def aggregates(self) -> dict[str, str]:
        """How the numbers of each code are put together, in the catalogue's order."""
        return {rule.code: rule.aggregate for rule in self.catalogue.indicators}

    @cached_property
    def by_code(self) -> dict[str, IndicatorRule]:
        return {rule.code: rule for rule in self.catalogue.indicators}

    def _compile_rule(self, rule: IndicatorRule, number: int, cue: Cue) -> _Compiled:
        units = frozenset(cue.unit or rule.only or self.catalogue.units.families[rule.unit])
        bare = rule.unit not in ("rates", "money", "areas", "households")
        return self._compile(rule.code, number, cue, units, bare)

    def _compile(self, code: str, number: int, cue: Cue, units: frozenset[str] | None, bare: bool) -> _Compiled:
        slots = self.slots
        place = cue.right or cue.adjacent or cue.followed_by or (cue.head and cue.not_)
        needs_more = bool(place or cue.near or cue.after or cue.unless_after)
        return _Compiled(
            code,
            number,
            tuple(slots[e] for e in cue.own),
            tuple(slots[e] for e in cue.right),
            tuple(slots[e] for e in cue.near),
            frozenset(slots[e] for e in cue.own[1:]),
            frozenset() if cue.head else frozenset(slots[e] for e in cue.not_),
            frozenset(slots[e] for e in cue.not_) if cue.head else frozenset(),
            units,
            self._codes(cue.after),
            self._codes(cue.unless_after),
            bare,
            not code.startswith(UNCATALOGUED),
            cue.adjacent,
            cue.followed_by,
            cue.weight,
            cue.weight + _most(cue),
            needs_more,
            len(cue.own) == 1 and not cue.right,
            len(cue.own) == 1 and not needs_more and not cue.not_,
        )

    def _codes(self, entries: tuple[str, ...]) -> tuple[str, ...]:
        """The codes that entries such as mediation.* stand for."""
        return tuple(code for entry in entries for code in self.catalogue.codes if code == entry or fits(code, entry))

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

    @cached_property
    def plain_cues(self) -> dict[int, tuple[_Compiled, ...]]:
        """The cues that need one word of the number's own and nothing else."""
        return {
            slot: tuple(
                cue
                for cue in cues
                if len(cue.own) == 1
                and cue.weight >= 0
                and cue.units is not None
                and not (cue.near or cue.after or cue.right or cue.adjacent)
            )
            for slot, cues in self.cues_by_slot.items()
        }

    def hits(self, text: str) -> Hits:
        """The words of the lexicon in `text`, the longest of those that begin first; those inside 《》 are not its own."""
        found = self.automaton.find_matches_as_indexes(text)
        titles = [m.span() for m in _TITLE.finditer(text)]
        if titles:
            firsts = [start for start, _ in titles]
            found = [hit for hit in found if not _inside(titles, firsts, hit[1])]
        if not found:
            return Hits((), (), ())
        words, starts, ends = zip(*found, strict=True)
        return Hits(starts, ends, words)

    def slots_between(self, hits: Hits, start: int, end: int) -> set[int]:
        """The slots that words between two places fill."""
        found: set[int] = set()
        table = self.word_slot_sets
        return found.union(*[table[w] for w in hits.words[bisect_left(hits.starts, start) : bisect_left(hits.starts, end)]])

    def names_alone(self, hits: Hits, start: int, end: int, unit: str | None) -> bool:
        """Whether the words between two places name an indicator that counts in this unit, with nothing else to tell it."""
        slots = self.slots_between(hits, start, end)
        return any(_allows(cue, unit, False) for slot in slots for cue in self.plain_cues.get(slot, ()))

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

    def candidates(self, question: Question) -> list[Candidate]:
        """All cues that fit, unordered; those that the words right of a number bring in only where no other fits."""
        if question.place.shared:
            found = self.candidates(question.without_right())
            if found:
                return found
        own, right = self.own_slots(question.hits, question.place)
        filled = set(own)
        found = []
        for slot in (*own, -1):
            for cue in self.cues_by_slot.get(slot, ()):
                has_words = cue.further <= filled and cue.without.isdisjoint(filled)
                if has_words and _allows(cue, question.unit, question.any_unit):
                    score = _score(cue, own, right, question)
                    if score is not None:
                        parts = tuple(_parts(cue, own, right, question, self.slot_names))
                        found.append(Candidate(cue.code, cue.number, score, parts))
        return found

    def best(self, question: Question) -> Winner | None:
        """The candidate that scores most; of equals the one whose code comes last, and of its cues the first."""
        if question.place.shared:
            found = self.best(question.without_right())
            if found is not None:
                return found
        own, right = self.own_slots(question.hits, question.place)
        filled = set(own)
        most = max(own.values(), default=0.0)
        best = _NO_WINNER
        table = self._choices_for(question.unit, question.any_unit)
        for slot in (*own, -1):
            choices = table.get(slot)
            if choices is None:
                continue
            plain = choices.plain
            if plain is not None:
                best = max(best, (plain.weight + own[slot], plain.code, -plain.number))
            for cue in choices.others:
                if cue.potential + most < best[0]:
                    break
                if cue.is_single and cue.potential + own[slot] < best[0]:
                    continue
                if cue.further <= filled and cue.without.isdisjoint(filled):
                    score = _score(cue, own, right, question) if cue.needs_more else _word_score(cue, own)
                    if score is not None:
                        best = max(best, (score, cue.code, -cue.number))
        return None if best is _NO_WINNER else Winner(best[1], -best[2], best[0])

    @cached_property
    def tables(self) -> dict[tuple[str | None, bool], dict[int, _Choices]]:
        """The cues that a unit allows, by their first slot, as far as they were asked for."""
        return {}

    def _choices_for(self, unit: str | None, any_unit: bool) -> dict[int, _Choices]:
        key = (unit, any_unit)
        if key not in self.tables:
            allowed = (
                (slot, [cue for cue in cues if _allows(cue, unit, any_unit)]) for slot, cues in self.cues_by_slot.items()
            )
            self.tables[key] = {slot: _choices(cues) for slot, cues in allowed if cues}
        return self.tables[key]

    def zero_codes(self, hits: Hits, text: str, start: int, end: int, any_cue: bool) -> list[str]:
        """The codes that a negation over the words between two places speaks of, each noun of a list on its own.

        With `any_cue` a noun may be named by every cue of one word, not only by the zero cues.
        """
        tables = (self.zero_cues, self.plain_cues) if any_cue else (self.zero_cues,)
        codes: list[str] = []
        at = start
        for part in regex.split("(?:、|和|与|及|或者|或|以及)", text[start:end]):
            best: tuple[int, int, str] | None = None
            stop = at + len(part)
            for n in range(bisect_left(hits.starts, at), bisect_right(hits.starts, stop - 1)):
                for slot, length in self.word_slots[hits.words[n]]:
                    for cue in (cue for table in tables for cue in table.get(slot, ())):
                        rank = (hits.ends[n], length, cue.code)
                        if best is None or rank[:2] > best[:2]:
                            best = rank
            if best is not None and best[2] not in codes:
                codes.append(best[2])
            at = text.find(part, at) + len(part) + 1 if part else at + 1
        return codes


def _most(cue: Cue) -> float:
    """What a cue may score beyond its weight and the best word that is there."""
    words = max(len(cue.own) + len(cue.right) - 1, 0) * _EXTRA_WORD
    return words + (max(_AFTER) if cue.after else 0.0) + len(cue.near) * max(NEAR_SENTENCE, NEAR_WIDER)


def _allows(cue: _Compiled, unit: str | None, any_unit: bool) -> bool:
    """Whether a number in this unit may be what the cue speaks of; a change may be in any unit, if words tell."""
    if (any_unit and cue.catalogued and (cue.own or cue.right)) or cue.units is None:
        return True
    return cue.bare if unit is None else unit in cue.units


def _inside(spans: list[tuple[int, int]], firsts: list[int], at: int) -> bool:
    """Whether a place lies in one of the spans."""
    place = bisect_right(firsts, at) - 1
    return place >= 0 and at < spans[place][1]


def fits(code: str, entry: str) -> bool:
    """Whether a code is one of those that an entry such as mediation.* stands for."""
    return entry.endswith("*") and code.startswith(entry[:-1])


def _choices(cues: list[_Compiled]) -> _Choices:
    """Of the cues that ask for one word and nothing else only the best can win."""
    plain = [cue for cue in cues if cue.is_plain]
    best = max(plain, key=lambda cue: (cue.weight, cue.code), default=None)
    others = sorted((cue for cue in cues if not cue.is_plain), key=lambda cue: -cue.potential)
    return _Choices(best, tuple(others))


def _word_score(cue: _Compiled, own: dict[int, float]) -> float:
    """The score of a cue that asks for words of the number's own and nothing else."""
    if cue.is_single:
        return cue.weight + own[cue.own[0]]
    return cue.weight + sum([own[slot] for slot in cue.own]) / len(cue.own) + _EXTRA_WORD * (len(cue.own) - 1)


def _score(cue: _Compiled, own: dict[int, float], right: dict[int, float], question: Question) -> float | None:
    """The score of a cue whose own words are there, or None where something else that it needs is missing."""
    if not _has_rest(cue, right, question):
        return None
    score = cue.weight
    if cue.after:
        bonus = _after_bonus(cue, question.antecedents)
        if bonus is None:
            return None
        score += bonus
    for slot in cue.near:
        worth = question.near(slot)
        if worth is None:
            return None
        score += worth
    words = [own[slot] for slot in cue.own] + [right[slot] for slot in cue.right]
    return score + sum(words) / len(words) + _EXTRA_WORD * (len(words) - 1) if words else score


def _has_rest(cue: _Compiled, right: dict[int, float], question: Question) -> bool:
    """Whether what a cue asks of the words right of the number, of its place and of the codes before it holds."""
    place = question.place
    if cue.right and not all(slot in right for slot in cue.right):
        return False
    if not cue.without_right.isdisjoint(right):
        return False
    if cue.adjacent and place.left_end - place.left > _CONNECTIVE_LONGEST:
        return False
    if cue.followed_by and place.next_unit not in cue.followed_by:
        return False
    return not (cue.unless_after and any(a.code in cue.unless_after and a.distance >= 0 for a in question.antecedents))


def _after_bonus(cue: _Compiled, antecedents: tuple[Antecedent, ...]) -> float | None:
    """What it brings that a number before this one has a code that the cue wants, by how far off it is."""
    found = next((a for a in antecedents if a.code in cue.after), None)
    if found is None or (found.distance != 0 and (cue.adjacent or _is_remote(found, antecedents))):
        return None
    return _AFTER_WIDER if found.distance < 0 else _AFTER[min(found.distance, 2)]


def _parts(
    cue: _Compiled, own: dict[int, float], right: dict[int, float], question: Question, names: tuple[str, ...]
) -> Iterator[tuple[str, float]]:
    """What the score of a cue that fits is made up of: its words, the code before, what stands near."""
    yield from ((names[slot], own[slot]) for slot in cue.own)
    yield from ((names[slot], right[slot]) for slot in cue.right)
    if cue.after:
        code = next(a.code for a in question.antecedents if a.code in cue.after)
        yield f"after {code}", _after_bonus(cue, question.antecedents) or 0.0
    yield from ((f"near {names[slot]}", question.near(slot) or 0.0) for slot in cue.near)


def _is_remote(antecedent: Antecedent, antecedents: tuple[Antecedent, ...]) -> bool:
    """Whether an antecedent stands in an earlier sentence though the number's own sentence has one."""
    return antecedent.distance < 0 and antecedents[0].distance >= 0
