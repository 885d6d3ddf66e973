"""What each quantity counts: cues of the catalogue, matched once over the whole text, weighed at each number.

A number's own words are those of its clause back to the number before it, and those after it up to the next mark or number.
Every cue whose words are all there is a candidate; the longest and nearest words win. A number without words of its own takes
what the number before it counted, if it continues it: a part, a member of one list, a change of it.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from extractor.automaton import WordFinder
from extractor.patterns import compile_pattern

if TYPE_CHECKING:
    import regex

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
_START = itemgetter(1)
"""Where a match, a triple of word, start and end, begins."""

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


class CompiledCue(NamedTuple):
    """A cue as the matcher asks it: what it needs by slots, in which units it counts, and what it is worth."""

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


_CuesBySlot = dict[int, tuple[CompiledCue, ...]]
"""Cues by a slot that they need."""
_Word = tuple[int, float, bool]
"""A number's own word: which one, what its nearness is worth, and whether it stands right behind the number."""


class _Brought(NamedTuple):
    """A cue that a word brings in by the first slot it asks for, and the word's length there.

    `without` are the words that must not stand beside it, `further` the sets of words of each of which one must.
    """

    potential: float
    cue: CompiledCue
    length: int
    without: frozenset[int]
    further: tuple[frozenset[int], ...]


class _Plain(NamedTuple):
    """A cue that asks for one word and for nothing else but that others are not there; `number` is negative."""

    worth: float
    code: str
    number: int
    without: frozenset[int]


class _Further(NamedTuple):
    """The cues that ask for more than one word, each list the most able first.

    `worded` ask for other words, `placed` for more than words, `nearby` for words of the sentence or around it.
    """

    worded: tuple[_Brought, ...]
    placed: tuple[_Brought, ...]
    nearby: tuple[_Brought, ...]


class _Able(NamedTuple):
    """What a word brings in for numbers of one unit: the cues that ask for it alone, the most able first, and all others.

    Those that ask for a code before them are in `after`, by code.
    """

    plain: tuple[_Plain, ...]
    further: _Further | None
    after: dict[str, tuple[_Brought, ...]]


_Rank = tuple[float, str, int]
"""A score, its code, and the number of its cue, negative: what is greatest wins."""
_NO_WINNER: _Rank = (-math.inf, "", 0)
_NO_SLOTS: dict[int, float] = {}
_WORDLESS: _Word = (-1, 0.0, False)
"""Stands for the word of cues that ask for none."""


class _Longest(dict[int, int]):
    """For each word, the most that its length counts in a slot; found out for the words that are met."""

    def __init__(self, fills: tuple[tuple[tuple[int, int], ...], ...]) -> None:
        super().__init__()
        self.fills = fills

    def __missing__(self, word: int) -> int:
        most = self[word] = max([length for _, length in self.fills[word]], default=0)
        return most


@dataclass(frozen=True)
class IndicatorMatcher:
    """The catalogue's cues, compiled as they are needed."""

    catalogue: Catalogue

    @cached_property
    def words(self) -> tuple[str, ...]:
        return self.catalogue.lexicon.words

    @cached_property
    def finder(self) -> WordFinder:
        return WordFinder(self.words)

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

    def _compile_rule(self, rule: IndicatorRule, number: int, cue: Cue) -> CompiledCue:
        units = frozenset(cue.unit or rule.only or self.catalogue.units.families[rule.unit])
        bare = rule.unit not in ("rates", "money", "areas", "households")
        return self._compile(rule.code, number, cue, units, bare)

    def _compile(self, code: str, number: int, cue: Cue, units: frozenset[str] | None, bare: bool) -> CompiledCue:
        slots = self.slots
        place = cue.right or cue.adjacent or cue.followed_by or (cue.head and cue.not_)
        needs_more = bool(place or cue.near or cue.after or cue.unless_after)
        return CompiledCue(
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
            len(cue.own) == 1 and not cue.right and not (cue.head and cue.not_),
        )

    def _codes(self, entries: tuple[str, ...]) -> tuple[str, ...]:
        """The codes that entries such as mediation.* stand for; many cues have the same."""
        if entries not in self.codes_of:
            self.codes_of[entries] = tuple(chain.from_iterable(map(self._codes_under, entries)))
        return self.codes_of[entries]

    def _codes_under(self, entry: str) -> list[str]:
        if entry.endswith("*"):
            return [code for code in self.aggregates if fits(code, entry)]
        return [entry] if entry in self.aggregates else []

    @cached_property
    def codes_of(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        """What entries stand for, as far as it was asked for."""
        return {}

    @cached_property
    def cues_by_slot(self) -> dict[int, tuple[CompiledCue, ...]]:
        """The cues by the first slot that they need; those that need none are under -1."""
        table: dict[int, list[CompiledCue]] = defaultdict(list)
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
    def separators(self) -> regex.Pattern[str]:
        """What parts the things that a negation speaks of."""
        return compile_pattern(self.catalogue.modality.zero.separators)

    @cached_property
    def zero_cues(self) -> dict[int, tuple[CompiledCue, ...]]:
        table: dict[int, list[CompiledCue]] = defaultdict(list)
        for rule in self.catalogue.indicators:
            for number, cue in enumerate(rule.zero):
                compiled = self._compile_rule(rule, number, cue)
                table[compiled.own[0]].append(compiled)
        return {slot: tuple(cues) for slot, cues in table.items()}

    @cached_property
    def plain_cues(self) -> dict[int, tuple[CompiledCue, ...]]:
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
        found = self.finder.find(text)
        if "《" in text:
            for title in reversed(list(_TITLE.finditer(text))):
                first = bisect_left(found, title.start(), key=_START)
                del found[first : bisect_left(found, title.end(), first, key=_START)]
        if not found:
            return Hits((), (), ())
        words, starts, ends = zip(*found, strict=True)
        return Hits(starts, ends, words)

    def words_between(self, hits: Hits, start: int, end: int) -> tuple[int, ...]:
        """The words between two places."""
        return hits.words[bisect_left(hits.starts, start) : bisect_left(hits.starts, end)]

    def _own_words(self, hits: Hits, place: Place) -> list[_Word]:
        starts, ends, words = hits
        left, left_end, right, right_end, shared, _ = place
        limit = right + _SHARED_REACH if shared else right_end
        cost = _BASE - (_SHARED_COST if shared else _RIGHT_COST)
        found = []
        for n in range(bisect_left(starts, left), len(starts)):
            start = starts[n]
            if start < left_end:
                gap = left_end - ends[n]
                if gap >= 0:
                    found.append((words[n], _BASE - _GAP_COST * min(gap, _GAP_MOST), False))
            elif start >= limit:
                break
            elif start >= right and ends[n] <= right_end:
                gap = start - right
                found.append((words[n], cost - _GAP_COST * min(gap, _GAP_MOST), gap <= _HEAD_REACH))
        return found

    def counted(self, unit: str | None) -> str | None:
        """The measure word that a unit is as cues name it: of a printed pair that is no word itself (册（张）), the first."""
        if unit is None or unit in self.measure_words:
            return unit
        return next((word for n in range(len(unit) - 1, 0, -1) if (word := unit[:n]) in self.measure_words), unit)

    @cached_property
    def measure_words(self) -> frozenset[str]:
        """All measure words of the rules, and what stands for one in records."""
        units = self.catalogue.units
        return frozenset(chain((word for group in units.measure_words for word in group.words), *units.families.values()))

    def names_alone(self, hits: Hits, start: int, end: int, unit: str | None) -> bool:
        """Whether the words between two places name an indicator that counts in this unit, with nothing else to tell it."""
        slots = {slot for word in self.words_between(hits, start, end) for slot, _ in self.word_slots[word]}
        return any(allows(cue, unit, False) for slot in slots for cue in self.plain_cues.get(slot, ()))

    def own_slots(self, hits: Hits, place: Place) -> tuple[dict[int, float], dict[int, float]]:
        """The slots that the number's own words fill, each with its best score: all of them, and those right of it."""
        words = self._own_words(hits, place)
        slots = {slot for word, _, _ in words for slot, _ in self.word_slots[word]}
        return self._worths(words, slots), self._worths([word for word in words if word[2]], slots)

    def _worths(self, words: list[_Word], slots: Iterable[int]) -> dict[int, float]:
        """What these slots are worth, as far as the words fill them."""
        found: dict[int, float] = {}
        for word, base, _ in words:
            lengths = self.lengths.get(word) or self.lengths.setdefault(word, dict(self.word_slots[word]))
            for slot in slots:
                if slot in lengths and base + lengths[slot] > found.get(slot, 0.0):
                    found[slot] = base + lengths[slot]
        return found

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
                if has_words and allows(cue, question.unit, question.any_unit):
                    score = _score(cue, own, right, question)
                    if score is not None:
                        parts = tuple(_parts(cue, own, right, question, self.slot_names))
                        found.append(Candidate(cue.code, cue.number, score, parts))
        return found

    def best(self, question: Question) -> Winner | None:
        """The candidate that scores most; of equals the one whose code comes last, and of its cues the first."""
        hits, place, unit, antecedents, _, any_unit = question
        if place.shared:
            found = self.best(question.without_right())
            if found is not None:
                return found
        words = self._own_words(hits, place)
        table = self.tables.get((unit, any_unit)) or self.tables.setdefault((unit, any_unit), {})
        best = _NO_WINNER
        demanding: list[tuple[float, _Further]] = []
        brought: list[tuple[float, tuple[_Brought, ...]]] = []
        for word, base, _ in (*words, _WORDLESS):
            plain, further, after = table.get(word) or self._enable(table, word, unit, any_unit)
            for worth, code, number, without in plain:
                score = base + worth
                if score < best[0]:
                    break
                if not without or without.isdisjoint([other for other, _, _ in words]):
                    best = max(best, (score, code, number))
                    break
            if further is not None:
                demanding.append((base, further))
            if after and antecedents:
                brought += [(base, after[code]) for code, _ in antecedents if code in after]
        if demanding or brought:
            best = self._weigh(question, words, demanding, brought, best)
        return None if best is _NO_WINNER else Winner(best[1], -best[2], best[0])

    def _weigh(
        self,
        question: Question,
        words: list[_Word],
        demanding: list[tuple[float, _Further]],
        brought: list[tuple[float, tuple[_Brought, ...]]],
        best: _Rank,
    ) -> _Rank:
        """The best of what is known already and of the cues that ask for more than one word, those that look around last."""
        around: list[tuple[float, tuple[_Brought, ...]]] = []
        for base, (worded, placed, nearby) in demanding:
            if worded:
                brought.append((base, worded))
            if placed:
                brought.append((base, placed))
            if nearby:
                around.append((base, nearby))
        present = [word for word, _, _ in words]
        longest = self.longest
        most = max([base + longest[word] for word, base, _ in words], default=0.0)
        for base, cues in (*brought, *around):
            for potential, cue, length, without, further in cues:
                if potential + most < best[0]:
                    break
                if not without.isdisjoint(present) or (further and _lacks(further, present)):
                    continue
                if cue.is_single:
                    if potential + (base + length) < best[0]:
                        continue
                    score = _standing(cue, _NO_SLOTS, question)
                    if score is not None:
                        score += base + length
                else:
                    heads = [word for word in words if word[2]]
                    own, right = self._worths(words, cue.own), self._worths(heads, (*cue.right, *cue.without_right))
                    score = _score(cue, own, right, question)
                if score is not None and score >= best[0]:
                    best = max(best, (score, cue.code, -cue.number))
        return best

    @cached_property
    def tables(self) -> dict[tuple[str | None, bool], dict[int, _Able]]:
        """What words bring in for numbers of a unit, as far as they were met."""
        return {}

    def _enable(self, table: dict[int, _Able], word: int, unit: str | None, any_unit: bool) -> _Able:
        """What a word brings in for numbers of a unit, put into their table."""
        fills = ((-1, 0),) if word == _WORDLESS[0] else self.word_slots[word]
        brought = [
            self._bring(cue, length)
            for slot, length in fills
            for cue in self.cues_by_slot.get(slot, ())
            if allows(cue, unit, any_unit)
        ]
        brought.sort(key=lambda each: -each.potential)
        plain = [
            _Plain(cue.weight + length, cue.code, -cue.number, without)
            for _, cue, length, without, _ in brought
            if cue.is_single and not cue.needs_more
        ]
        others = [each for each in brought if not each.cue.is_single or each.cue.needs_more]
        codes = {code for each in others for code in each.cue.after}
        further = _Further(
            tuple(each for each in others if not each.cue.needs_more),
            tuple(each for each in others if each.cue.needs_more and not each.cue.after and not each.cue.near),
            tuple(each for each in others if each.cue.near and not each.cue.after),
        )
        after = {code: tuple(each for each in others if code in each.cue.after) for code in codes}
        ranked = tuple(sorted(plain, key=lambda cue: cue[:3], reverse=True))
        table[word] = able = _Able(ranked, further if any(further) else None, after)
        return able

    @cached_property
    def lengths(self) -> dict[int, dict[int, int]]:
        """What words count in each slot that they fill, as far as they were met."""
        return {}

    @cached_property
    def longest(self) -> _Longest:
        return _Longest(self.word_slots)

    def _bring(self, cue: CompiledCue, length: int) -> _Brought:
        words = self.slot_words
        without = frozenset[int]().union(*[words[slot] for slot in cue.without])
        return _Brought(cue.potential, cue, length, without, tuple(words[slot] for slot in cue.further))

    @cached_property
    def slot_words(self) -> tuple[frozenset[int], ...]:
        """For each slot, the words that fill it."""
        words: list[list[int]] = [[] for _ in self.slot_names]
        for word, fills in enumerate(self.word_slots):
            for slot, _ in fills:
                words[slot].append(word)
        return tuple(map(frozenset, words))

    def zero_codes(self, hits: Hits, text: str, start: int, end: int, any_cue: bool) -> list[str]:
        """The codes that a negation over the words between two places speaks of, each noun of a list on its own.

        With `any_cue` a noun may be named by every cue of one word, not only by the zero cues.
        """
        tables = (self.zero_cues, self.plain_cues) if any_cue else (self.zero_cues,)
        found: dict[str, None] = {}
        at = start
        for separator in self.separators.finditer(text, start, end):
            found |= dict.fromkeys(self._zero_code(hits, at, separator.start(), tables))
            at = separator.end()
        return [*(found | dict.fromkeys(self._zero_code(hits, at, end, tables)))]

    def _zero_code(self, hits: Hits, start: int, end: int, tables: tuple[_CuesBySlot, ...]) -> tuple[str, ...]:
        """The code that a noun between two places speaks of, if any: that of its last word, and there of the longest."""
        best: tuple[int, int, str] | None = None
        for n in range(bisect_left(hits.starts, start), bisect_left(hits.starts, end)):
            for slot, length in self.word_slots[hits.words[n]]:
                for cue in (cue for table in tables for cue in table.get(slot, ())):
                    rank = (hits.ends[n], length, cue.code)
                    if best is None or rank[:2] > best[:2]:
                        best = rank
        return () if best is None else (best[2],)


def _most(cue: Cue) -> float:
    """What a cue may score beyond its weight and the best word that is there."""
    words = max(len(cue.own) + len(cue.right) - 1, 0) * _EXTRA_WORD
    return words + (max(_AFTER) if cue.after else 0.0) + len(cue.near) * max(NEAR_SENTENCE, NEAR_WIDER)


def allows(cue: CompiledCue, unit: str | None, any_unit: bool) -> bool:
    """Whether a number in this unit may be what the cue speaks of; a change may be in any unit, if words tell."""
    if (any_unit and cue.catalogued and (cue.own or cue.right)) or cue.units is None:
        return True
    return cue.bare if unit is None else unit in cue.units


def fits(code: str, entry: str) -> bool:
    """Whether a code is one of those that an entry such as mediation.* stands for."""
    return entry.endswith("*") and code.startswith(entry[:-1])


def _lacks(further: tuple[frozenset[int], ...], present: list[int]) -> bool:
    """Whether one of these sets of words has none among those that are present."""
    for words in further:  # noqa: SIM110
        if words.isdisjoint(present):
            return True
    return False


def _score(cue: CompiledCue, own: dict[int, float], right: dict[int, float], question: Question) -> float | None:
    """The score of a cue whose own words are there, or None where something else that it needs is missing."""
    score = _standing(cue, right, question)
    if score is None:
        return None
    words = [own[slot] for slot in cue.own] + [right[slot] for slot in cue.right]
    return score + sum(words) / len(words) + _EXTRA_WORD * (len(words) - 1) if words else score


def _standing(cue: CompiledCue, right: dict[int, float], question: Question) -> float | None:
    """What a cue scores but for its words, or None where something that it needs is missing."""
    if not cue.needs_more:
        return cue.weight
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
    return score


def _has_rest(cue: CompiledCue, right: dict[int, float], question: Question) -> bool:
    """Whether what a cue asks of the words right of the number, of its place and of the codes before it holds."""
    place = question.place
    if cue.right and not right.keys() >= set(cue.right):
        return False
    if not cue.without_right.isdisjoint(right):
        return False
    if cue.adjacent and place.left_end - place.left > _CONNECTIVE_LONGEST:
        return False
    if cue.followed_by and place.next_unit not in cue.followed_by:
        return False
    return not (cue.unless_after and any(a.code in cue.unless_after and a.distance >= 0 for a in question.antecedents))


def _after_bonus(cue: CompiledCue, antecedents: tuple[Antecedent, ...]) -> float | None:
    """What it brings that a number before this one has a code that the cue wants, by how far off it is."""
    found = next((a for a in antecedents if a.code in cue.after), None)
    if found is None or (found.distance != 0 and (cue.adjacent or _is_remote(found, antecedents))):
        return None
    return _AFTER_WIDER if found.distance < 0 else _AFTER[min(found.distance, 2)]


def _parts(
    cue: CompiledCue, own: dict[int, float], right: dict[int, float], question: Question, names: tuple[str, ...]
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
