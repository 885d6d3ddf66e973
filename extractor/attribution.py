"""From measures to quantities: each number's own words, its modality, what it counts and of which total it is a part."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from itertools import chain, pairwise
from typing import TYPE_CHECKING, NamedTuple

import regex

from extractor.indicators import (
    NEAR_SENTENCE,
    NEAR_WIDER,
    UNCATALOGUED,
    Antecedent,
    Hits,
    IndicatorMatcher,
    Place,
    Question,
    Winner,
    fits,
)
from extractor.modality import ModalityReader
from extractor.patterns import compile_pattern
from extractor.quantities import Zero
from extractor.types import CleanText, Context, Measure, Node, Outline, Quantity, Skip

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue

_STOPS = "。！？\n"
_STOP = re.compile(f"[{_STOPS}]")
_CLAUSE = re.compile(r"[，；：。！？\n（）]|—(?=[^—\d])")
_WEAK = 10.5
_STRONG = 15.0
_WIDER_SENTENCES = 2
_ANTECEDENTS = 3
_SUM_LEAST = 3
_ENTRY_VERB_LONGEST = 4
_SUM_REACH = 8
_SUM_GAP = 14
_OPENER_REACH = 6
_MARKS = "，；、（：。"
_SEPARATOR_LONGEST = 2
_BRACKET_LONGEST = 60
_CLAUSE_LOOKED_AT = 200
"""So many characters of a clause are searched for what a number or a negation is of; only a broken text has longer ones."""
_RESPECTIVELY = "分别"
_TIMES = "次"
_UNCOUNTED = ("元", "%")
_DASH = "——"
"""Stands before a list of parts, and again where the sentence goes on behind them."""
_ALL_OF_THEM = ("均", "均为", "都为", "都是", "均是", "皆为")
_QUOTED = {"“": "”", "‘": "’", "「": "」"}
_ZERO = Decimal(0)


class Decision(NamedTuple):
    """The code a number got, and the rule that gave it."""

    code: str | None
    rule: str


class _Scene(NamedTuple):
    """One text with everything that was found in it so far.

    `sentences` and `clauses` are where they begin that hold a number or a negation, and what follows behind each.
    """

    text: str
    hits: Hits
    sentences: list[int]
    clauses: list[int]
    nodes: tuple[Node, ...]
    node_starts: list[int]
    modality: ModalityReader


class _Openers(NamedTuple):
    """Words between a total and its parts: 其中 anywhere between two numbers, the others where the words between them begin."""

    anywhere: str
    first: tuple[str, ...]

    def begin(self, words: str) -> bool:
        """Whether words begin with one of them."""
        return words.startswith(self.anywhere) or words.lstrip(_MARKS).startswith(self.first)

    def stand_in(self, words: str) -> bool:
        """Whether words between two numbers have one of them."""
        return self.anywhere in words or words.lstrip(_MARKS).startswith(self.first)


@dataclass(frozen=True)
class Attribution:
    """The stage with the rules of `discourse.yaml` and the catalogue's cues."""

    catalogue: Catalogue
    matcher: IndicatorMatcher

    @cached_property
    def light(self) -> regex.Pattern[str]:
        discourse = self.catalogue.discourse
        return compile_pattern(rf"(?:\L<words>|{discourse.light_year})*+", words=discourse.light)

    @cached_property
    def openers(self) -> _Openers:
        first, *others = self.catalogue.discourse.part_openers
        return _Openers(first, tuple(others))

    @cached_property
    def rest(self) -> regex.Pattern[str]:
        return compile_pattern("|".join(map(regex.escape, self.catalogue.discourse.rest)))

    @cached_property
    def respectively(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.discourse.respectively)

    @cached_property
    def name_separators(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.discourse.name_separators)

    @cached_property
    def joined(self) -> regex.Pattern[str]:
        """What may stand between two numbers of which the second is meant as the first is."""
        return compile_pattern(f"(?:{self.catalogue.discourse.name_separators})?")

    @cached_property
    def between_changes(self) -> regex.Pattern[str]:
        """What stands between two changes that 分别 deals out."""
        return compile_pattern(self.catalogue.discourse.between_changes)

    @cached_property
    def restated(self) -> regex.Pattern[str]:
        """What stands behind a number that is said again before its parts."""
        return compile_pattern(self.catalogue.discourse.restated)

    @cached_property
    def behind_zero(self) -> regex.Pattern[str]:
        """What may follow a negation that speaks of what stands before it."""
        return compile_pattern(self.catalogue.modality.zero.behind)

    @cached_property
    def rate_names(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.discourse.shared_rate_name)

    def attribute(
        self,
        clean: CleanText,
        outline: Outline,
        hits: Hits,
        measures: list[Measure],
        zeros: list[Zero],
        modality: ModalityReader,
    ) -> tuple[list[Quantity], list[Skip]]:
        """All quantities in text order, and the runs inside negations that say nothing of the catalogue."""
        starts = [measure.start for measure in measures]
        sentences = _sentences(clean.text, sorted([*starts, *[zero.start for zero in zeros]]))
        scene = _Scene(
            clean.text,
            hits,
            sorted({place for sentence in sentences for place in sentence}),
            _clause_starts(clean.text, sentences, starts),
            outline.nodes,
            [node.body for node in outline.nodes],
            modality,
        )
        measures, zero_quantities, skips = self._negations(scene, measures, zeros)
        quantities: list[Quantity] = []
        places = self._places(scene, measures)
        sentence = _Sentence(self.openers)
        for number in range(len(measures)):
            quantities += self._quantities(scene, measures, places, number, sentence)
        self._sum_up(scene, quantities)
        quantities += zero_quantities
        quantities.sort(key=lambda q: (q.measure.start, q.code or ""))
        return quantities, skips

    def _sum_up(self, scene: _Scene, quantities: list[Quantity]) -> None:
        """Numbers in a row that add up to one before them, and that nothing names or that took its code, are its parts."""
        first = 0
        for place, quantity in enumerate(quantities):
            nameless = quantity.code is None or quantity.rule.startswith("inherit.")
            if nameless and place and self._continues(scene, quantities[place - 1], quantity):
                continue
            self._add_up(scene, quantities, first, place)
            first = place
        self._add_up(scene, quantities, first, len(quantities))

    def _add_up(self, scene: _Scene, quantities: list[Quantity], first: int, end: int) -> None:
        """Find the total of a row: before it where its words name none, else its first number.

        A row without codes may end with a number that was given its total's code (邻里20件、土地15件、其他纠纷3件).
        """
        run, before = quantities[first:end], quantities[max(first - _SUM_REACH, 0) : first]
        if len(run) >= _SUM_LEAST:
            if _may_divide_another(run):
                self._assign_total(run, before)
            if run[0].total is None:
                self._assign_total(run[1:], run[:1])
        longer = quantities[first : end + 1]
        is_named_last = _SUM_LEAST <= len(longer) == len(run) + 1 and all(quantity.code is None for quantity in run)
        if is_named_last and self._stands_beside(scene, *longer[-2:]):
            self._assign_total(longer, [total for total in before if total.code == longer[-1].code])

    def _continues(self, scene: _Scene, before: Quantity, quantity: Quantity) -> bool:
        """Whether a number without a code of its own goes on with a row that may add up."""
        return quantity.code == before.code and self._stands_beside(scene, before, quantity)

    def _stands_beside(self, scene: _Scene, before: Quantity, quantity: Quantity) -> bool:
        """Whether two numbers in one unit may be of one row: nothing parts them."""
        if before.measure.unit != quantity.measure.unit:
            return False
        if quantity.total is not before.total or not (_may_add(before) and _may_add(quantity)):
            return False
        gap = scene.text[before.measure.end : quantity.measure.start]
        return len(gap) <= _SUM_GAP and not any(stop in gap for stop in _STOPS)

    def _assign_total(self, run: list[Quantity], before: list[Quantity]) -> None:
        total_value = sum((q.value for q in run if q.value is not None), _ZERO)
        for total in reversed(before):
            if total.value == total_value and total.measure.unit == run[0].measure.unit and total.code is not None:
                for quantity in run:
                    quantity.total, quantity.code, quantity.rule = total, total.code, "inherit.sum"
                return

    def _negations(
        self, scene: _Scene, measures: list[Measure], zeros: list[Zero]
    ) -> tuple[list[Measure], list[Quantity], list[Skip]]:
        """Zero statements as quantities of their own; a number inside a negation is none."""
        quantities: list[Quantity] = []
        skips: list[Skip] = []
        starts = [m.start for m in measures]
        inside: set[int] = set()
        for place, zero in enumerate(zeros):
            at = bisect_left(starts, zero.start)
            if at < len(measures) and measures[at].start == zero.start and zero.unit is None:
                continue
            if at < len(measures) and measures[at].start < zero.end:
                inside.add(at)
                skips.append(Skip(measures[at].start, measures[at].end, "negation"))
            if at and measures[at - 1].end > zero.start:
                continue
            limit = zeros[place + 1].start if place + 1 < len(zeros) else len(scene.text)
            quantities += self._zero_quantities(scene, zero, limit)
        spans = {(q.measure.start, q.measure.end) for q in quantities}
        skips = [s for s in skips if not any(a <= s.start < b for a, b in spans)]
        return [m for n, m in enumerate(measures) if n not in inside], quantities, skips

    def _zero_quantities(self, scene: _Scene, zero: Zero, limit: int) -> list[Quantity]:
        """The quantities of one negation, whose things are named before `limit`."""
        text, rules = scene.text, self.catalogue.modality.zero
        word = text[zero.start : zero.end]
        close = _QUOTED.get(text[zero.start - 1 : zero.start])
        if close and word != "零":
            return []
        clause = bisect_right(scene.clauses, zero.end)
        stop = scene.clauses[clause] - 1 if clause < len(scene.clauses) else len(text)
        stop = min(stop, zero.end + rules.reach, limit)
        for end_of_name in ("、", close) if word == "零" else ():
            if end_of_name and (at := text.find(end_of_name, zero.end, stop)) >= 0:
                stop = at
        codes = self.matcher.zero_codes(scene.hits, text, zero.end, stop, word in rules.any_cue)
        if not codes and self.behind_zero.fullmatch(text, zero.end, stop):
            named = zero.start - text.startswith("：", zero.start - 1)
            left = max(scene.clauses[bisect_right(scene.clauses, named) - 1], zero.start - _CLAUSE_LOOKED_AT)
            codes = self.matcher.zero_codes(scene.hits, text, left, zero.start, False)
        if not codes:
            return []
        measure = Measure(zero.start, zero.end, zero.start, _ZERO, None, None, zero.unit, "exact", True)
        context = self._context(scene, measure, zero.start, zero.end)
        section = self._section(scene, zero.start)
        reading = scene.modality.read(text, context.clause, measure, section.kind if section else "")
        modality = reading.modality if reading.modality in ("target", "past") else "actual"
        return [Quantity(measure, context, modality, reading.rule, code, "zero", section, value=_ZERO) for code in codes]

    def _context(self, scene: _Scene, measure: Measure, left: int, right_end: int) -> Context:
        place = bisect_right(scene.sentences, measure.start)
        sentence = scene.sentences[place - 1]
        sentence_end = scene.sentences[place] if place < len(scene.sentences) else len(scene.text)
        clause = scene.clauses[bisect_right(scene.clauses, measure.start) - 1]
        return Context(sentence, sentence_end, clause, left, right_end)

    def _section(self, scene: _Scene, at: int) -> Node | None:
        place = bisect_right(scene.node_starts, at) - 1
        node = scene.nodes[place] if place >= 0 else None
        while node is not None and node.end <= at:
            node = node.parent
        return node

    def _places(self, scene: _Scene, measures: list[Measure]) -> list[Place]:
        """Each number's own words: left back to the clause or the number before, right up to the clause's end or the next."""
        places = []
        close = []
        text, clauses = scene.text, scene.clauses
        before, own = 0, (0, 0)
        for number, measure in enumerate(measures):
            start, end = measure.start, measure.end
            clause = bisect_right(clauses, start)
            left = clauses[clause - 1]
            if before > left:
                left = self._after_noun(scene, before, start, not _holds_word(scene.hits, *own))
            while clause < len(clauses) and clauses[clause] <= end:
                clause += 1
            right_end = clauses[clause] - 1 if clause < len(clauses) else len(text)
            shared, next_unit = False, None
            if number + 1 < len(measures):
                following = measures[number + 1]
                gap = following.start - end
                if following.start < right_end:
                    pause = text.find("、", end, following.start)
                    shared = pause < 0
                    right_end = following.start if shared else pause
                if gap <= 1:
                    next_unit = following.unit
                if gap <= _SEPARATOR_LONGEST:
                    close.append(number)
            places.append(Place(left, start, end, right_end, shared, next_unit))
            before, own = end, (left, start)
        for number in close:
            self._deal_out(scene, measures, places, number)
        return places

    def _after_noun(self, scene: _Scene, before: int, start: int, noun_follows: bool) -> int:
        """Where a number's own words begin after another number: behind that one's noun, where its noun stands behind it."""
        text = scene.text
        if text[before : before + 1] in "、和及与，":
            return before
        pause = max(text.rfind(mark, before, start) for mark in "、和及与")
        is_list = pause >= 0 and noun_follows and text.find("、", before, pause) >= 0
        if not is_list and pause >= 0 and (noun_follows or pause == start - 1):
            return pause + 1
        if not noun_follows:
            return before
        hit = bisect_left(scene.hits.starts, before)
        if hit < len(scene.hits.starts) and scene.hits.starts[hit] <= before + 1 and scene.hits.ends[hit] <= start:
            return scene.hits.ends[hit]
        return before

    def _deal_out(self, scene: _Scene, measures: list[Measure], places: list[Place], number: int) -> None:
        """A率和B率分别为1和2: give each number its own name, where another follows closely."""
        text, place = scene.text, places[number]
        found = self.respectively.search(text, place.left, place.left_end)
        if found is None and measures[number].unit != "%":
            return
        if found is None:
            names = [name.span() for name in self.rate_names.finditer(text, place.left, place.left_end)]
        else:
            names = self._names(text, place.left, found.start())
        run = self._run(text, measures, number, len(names) + 1)
        if 1 < len(run) <= len(names) and (found is not None or len(run) == len(names)):
            self._give_names(scene, measures, places, run, names[-len(run) :])

    def _run(self, text: str, measures: list[Measure], number: int, most: int) -> list[int]:
        """The numbers from this one on, at most so many, that have nothing but separators of names between them."""
        run = [number]
        for following in range(number + 1, min(number + most, len(measures))):
            if not self.name_separators.fullmatch(text, measures[following - 1].end, measures[following].start):
                break
            run.append(following)
        return run

    def _names(self, text: str, start: int, end: int) -> list[tuple[int, int]]:
        """The spans between the separators of a list of names."""
        names = []
        at = start
        for separator in self.name_separators.finditer(text, start, end):
            names.append((at, separator.start()))
            at = separator.end()
        return [*names, (at, end)]

    def _give_names(
        self, scene: _Scene, measures: list[Measure], places: list[Place], run: list[int], names: list[tuple[int, int]]
    ) -> None:
        """Each number its own name; a name that names no indicator by itself gives way to the last one and its verb."""
        last = names[-1][0], places[run[0]].left_end
        verb = names[-1][1] + len(_RESPECTIVELY)
        has_verb = verb < last[1] and self.light.fullmatch(scene.text, verb, last[1]) is None
        for index, name in zip(run, names, strict=True):
            is_alone = name != names[-1] and self.matcher.names_alone(scene.hits, *name, measures[index].unit)
            start, end = last if has_verb and not is_alone else name
            places[index] = Place(start, end, measures[index].end, measures[index].end, False, None)

    def _quantities(
        self, scene: _Scene, measures: list[Measure], places: list[Place], number: int, sentence: _Sentence
    ) -> list[Quantity]:
        """The quantity of one measure; several where one rate stands for several names."""
        measure, place = measures[number], places[number]
        context = self._context(scene, measure, place.left, place.right_end)
        section = self._section(scene, measure.start)
        sentence.enter(context.sentence, scene.text, measure)
        reading = scene.modality.read(scene.text, context.clause, measure, section.kind if section else "")
        qualified = measure if reading.qualifier == measure.qualifier else measure._replace(qualifier=reading.qualifier)
        modality, rule = reading.modality, reading.rule
        last = sentence.last
        follows = (
            last is not None
            and modality == "actual"
            and last.modality in ("change", "past")
            and (last.measure.unit == measure.unit or measure.start == last.measure.end or self._is_dealt(scene.text, last))
            and self.joined.fullmatch(scene.text, last.measure.end, measure.start) is not None
        )
        if last is not None and follows:
            modality, rule = last.modality, last.modality_rule
        quantity = Quantity(qualified, context, modality, rule, section=section, value=measure.value)
        if modality == "change" and self._is_dealt(scene.text, quantity):
            sentence.deal_changes(self._count_changes(scene.text, measures, number))
        if modality == "change" and measure.value is not None:
            falls = last.value is not None and last.value < 0 if last and follows else scene.modality.falls(scene.text, measure)
            quantity.value = -measure.value if falls else measure.value
        codes = self._shared_codes(scene, quantity, place, sentence)
        if codes:
            made = [replace(quantity, code=code, rule=rule) for code, rule in codes]
        else:
            decision = self.decide(scene, quantity, place, sentence)
            quantity.code, quantity.rule = decision.code, decision.rule
            made = [quantity]
        for each in made:
            if not self._fits_rate(each):
                each.code, each.rule = None, "open.unit"
        sentence.take(made[-1])
        return made

    @cached_property
    def rates(self) -> frozenset[str]:
        """The codes of rates."""
        return frozenset(rule.code for rule in self.catalogue.indicators if rule.unit == "rates")

    @cached_property
    def rate_units(self) -> frozenset[str | None]:
        """What a rate or its change may be in."""
        return frozenset((None, *self.catalogue.units.families["rates"]))

    def _fits_rate(self, quantity: Quantity) -> bool:
        """A rate's change may be in points, but nothing else than a share is a rate."""
        return quantity.code not in self.rates or quantity.measure.unit in self.rate_units

    def _is_dealt(self, text: str, quantity: Quantity) -> bool:
        """Whether a number is the first of several that 分别 deals out."""
        return self.respectively.search(text, quantity.context.clause, quantity.measure.start) is not None

    def _count_changes(self, text: str, measures: list[Measure], number: int) -> int:
        """How many changes 分别 deals out from this number on."""
        count = 1
        for before, after in pairwise(measures[number:]):
            if not self.between_changes.fullmatch(text, before.end, after.start):
                break
            count += 1
        return count

    def _shared_codes(self, scene: _Scene, quantity: Quantity, place: Place, sentence: _Sentence) -> list[tuple[str, str]]:
        """参考率、合格率均达100%: the codes of the names before one rate, where they are several."""
        if quantity.measure.unit == "%":
            names = [name.span() for name in self.rate_names.finditer(scene.text, place.left, place.left_end)]
        elif scene.text.endswith(_ALL_OF_THEM, place.left, place.left_end):
            names = self._names(scene.text, place.left, place.left_end)
        else:
            return []
        if len(names) < 2:
            return []
        codes: list[tuple[str, str]] = []
        for start, end in names:
            own = Place(start, end, place.right, place.right, False, None)
            best = self._best(scene, quantity, own, sentence)
            if best and not best.code.startswith(UNCATALOGUED) and best.code not in [code for code, _ in codes]:
                codes.append((best.code, f"{best.code}#{best.cue}"))
        return codes if len(codes) > 1 else []

    def _best(self, scene: _Scene, quantity: Quantity, place: Place, sentence: _Sentence) -> Winner | None:
        if sentence.near is None:
            sentence.near = _Nearness(self.matcher, scene, quantity.context, quantity.section)
        is_change, unit = quantity.modality == "change", self.matcher.counted(quantity.measure.unit)
        return self.matcher.best(Question(scene.hits, place, unit, sentence.antecedents(), sentence.near, is_change))

    def decide(self, scene: _Scene, quantity: Quantity, place: Place, sentence: _Sentence) -> Decision:
        """What one number counts: the best cue of its own words, else what the number before it counted."""
        best = self._best(scene, quantity, place, sentence)
        text = scene.text
        if best is not None and self._is_pending(text, quantity, place):
            best = None
        self._find_total(text, quantity, best, sentence)
        if quantity.total is not None and self._governs(quantity.total, best):
            best = None
        if best is not None and best.score >= _WEAK:
            return _decided(best)
        is_light = self.light.fullmatch(text, place.left, place.left_end) is not None
        inherited = self._inherit(text, quantity, is_light, sentence)
        if inherited is not None:
            return inherited
        if best is None and is_light:
            best = self._best_further(scene, quantity, place, sentence)
        return _decided(best) if best is not None else Decision(None, "open" if quantity.measure.unit else "open.bare")

    def _best_further(self, scene: _Scene, quantity: Quantity, place: Place, sentence: _Sentence) -> Winner | None:
        """The best cue of words further off: back to the number before or the sentence's start, or on to the clause's end."""
        before = sentence.last_counted() if quantity.measure.unit != "%" else sentence.last
        first = quantity.context.sentence if before is None else before.measure.end
        best = self._best(scene, quantity, place._replace(left=first), sentence)
        if best is not None:
            return best
        stop = min(self._clause_end(scene, place.right), place.right + _CLAUSE_LOOKED_AT)
        return self._best(scene, quantity, place._replace(right_end=stop, shared=False), sentence)

    def _is_pending(self, text: str, quantity: Quantity, place: Place) -> bool:
        """Whether the number is a rest not dealt with yet (其余4件正在调解): the verb behind it tells of no result."""
        pending = self.catalogue.discourse.pending
        return text.startswith(pending, place.right) and self.rest.search(text, place.left, place.left_end) is not None

    def _governs(self, total: Quantity, best: Winner | None) -> bool:
        """Whether a part takes its total's code (or lack of one) though a cue of its own fits."""
        if best is None:
            return False
        if total.code is None:
            return total.rule.startswith(UNCATALOGUED)
        return any(entry in ("*", best.code) or fits(best.code, entry) for entry in self.matcher.by_code[total.code].parts)

    def _clause_end(self, scene: _Scene, at: int) -> int:
        clause = bisect_left(scene.clauses, at + 1)
        return scene.clauses[clause] - 1 if clause < len(scene.clauses) else len(scene.text)

    def _find_total(self, text: str, quantity: Quantity, best: Winner | None, sentence: _Sentence) -> None:
        """Whether the number is a part of an open total: same unit, inside the list that 其中 or a colon opened."""
        total = sentence.total()
        if total is None or quantity.modality not in ("actual", "past") or not self._same_kind(total, quantity):
            return
        last = sentence.last
        is_named = best is not None and best.score >= _STRONG and best.code != total.code
        if is_named and not _is_alike(total.measure.unit, quantity.measure.unit):
            return
        gap = text[last.measure.end : quantity.measure.start] if last else ""
        if (
            best is not None
            and best.score >= _WEAK
            and best.code != total.code
            and last is not None
            and last.total is total
            and not gap.startswith(("、", "（", "）、", "和", "及"))
            and not self._governs(total, best)
        ):
            sentence.close()
            return
        if best is not None and best.code != total.code and sentence.has_other(best.code, quantity, total):
            return
        quantity.total = total

    def _same_kind(self, total: Quantity, part: Quantity) -> bool:
        """Whether two numbers count in one unit; 件 and 项 are one where the total's verb governs all of its list."""
        if _is_alike(total.measure.unit, part.measure.unit):
            return True
        if part.measure.unit is None:
            return total.code is not None
        cases = self.catalogue.units.families["cases"]
        governs = total.code is not None and "*" in self.matcher.by_code[total.code].parts
        return governs and total.measure.unit in cases and part.measure.unit in cases

    def _inherit(self, text: str, quantity: Quantity, is_light: bool, sentence: _Sentence) -> Decision | None:
        """The code that a number takes over from one before it, and why."""
        last = sentence.last
        measure = quantity.measure
        if quantity.modality == "change" and last is not None:
            dealt = sentence.next_changed()
            return Decision((dealt or sentence.nearest_actual(measure.unit) or last).code, "inherit.change")
        if quantity.total is not None and (self._allows(quantity.total.code, measure.unit) or quantity.total.code is None):
            return Decision(quantity.total.code, "inherit.part")
        if last is None:
            return None
        known = self._same_as_before(text, quantity, sentence)
        if known is not None and known.code is not None:
            return Decision(known.code, "inherit.continued")
        alike = sentence.codes.get(measure.unit, ())
        own_words = text[max(last.measure.end, quantity.context.clause) : measure.start]
        if alike and self.rest.search(own_words):
            return Decision(alike[0], "inherit.rest")
        if is_light:
            for code in chain((last.code,), reversed(alike)):
                if self._allows(code, measure.unit):
                    return Decision(code, "inherit.continued")
        if last.code is None:
            return None
        if last.measure.unit == measure.unit and last.modality == quantity.modality:
            gap = text[last.measure.end : measure.start]
            for separator in self.catalogue.discourse.list_separators:
                if gap.startswith(separator) and len(gap) - len(separator) <= self.catalogue.discourse.member_longest:
                    return Decision(last.code, "inherit.list")
        return None

    def _same_as_before(self, text: str, quantity: Quantity, sentence: _Sentence) -> Quantity | None:
        """The number that one says again before its parts (124件中), or of which it is the level of before (比上年的205件)."""
        if quantity.modality == "past":
            return sentence.nearest_actual(quantity.measure.unit)
        return sentence.alike(quantity) if self.restated.match(text, quantity.measure.end) else None

    def _allows(self, code: str | None, unit: str | None) -> bool:
        if code is None:
            return False
        rule = self.matcher.by_code[code]
        return unit is None or self.matcher.counted(unit) in (rule.only or self.catalogue.units.families[rule.unit])


def _counts_in(unit: str | None, wanted: str | None) -> bool:
    """Whether a number in `unit` may be the total of parts in the wanted unit; parts without one are no money and no share."""
    return unit == wanted or (wanted is None and unit not in _UNCOUNTED)


def _is_alike(unit: str | None, other: str | None) -> bool:
    """Whether two units are one, or one is the other with 次 behind it: 件次 are divided into 件."""
    if unit == other or unit is None or other is None:
        return unit == other
    return f"{min(unit, other, key=len)}{_TIMES}" == max(unit, other, key=len)


def _holds_word(hits: Hits, start: int, end: int) -> bool:
    """Whether a word of the lexicon stands between two places."""
    at = bisect_left(hits.starts, start)
    return at < len(hits.starts) and hits.ends[at] <= end


def _sentences(text: str, places: list[int]) -> list[tuple[int, int]]:
    """The sentences that hold these places, in text order."""
    found: list[tuple[int, int]] = []
    end = 0
    for at in places:
        if at >= end:
            start = max(end, *[text.rfind(stop, end, at) + 1 for stop in _STOPS])
            stop = _STOP.search(text, at)
            end = stop.end() if stop else len(text)
            found.append((start, end))
    return found


def _clause_starts(text: str, sentences: list[tuple[int, int]], numbers: list[int]) -> list[int]:
    """Where clauses begin in these sentences and behind each: after commas and stops, and round brackets with a number.

    Other brackets part nothing, and no more does a colon between a name and its number (公证：6940件), or before a verb where
    the line begins so. `numbers` are where numbers begin.
    """
    named = set(numbers)
    found: set[int] = set()
    for start, end in sentences:
        found.add(start)
        clause = start
        opened: int | None = None
        for match in _CLAUSE.finditer(text, start, end):
            mark, after = match[0], match.end()
            if mark == "：" and (after in named or _is_entry(text, clause, after, numbers)):
                continue
            if mark == "（":
                opened = after
                continue
            if opened is not None:
                if mark == "）":
                    if _any_between(numbers, opened, after):
                        found |= {opened, after}
                        clause = after
                    opened = None
                    continue
                if mark not in _STOPS:
                    if not _any_between(numbers, opened, text.find("）", opened, opened + _BRACKET_LONGEST)):
                        continue
                    found.add(opened)
                opened = None
            found.add(after)
            clause = after
    return sorted(found)


def _any_between(numbers: list[int], start: int, end: int) -> bool:
    """Whether one of these numbers begins between two places."""
    return start < end and bisect_left(numbers, start) < bisect_left(numbers, end)


def _is_entry(text: str, clause: int, colon_end: int, starts: list[int]) -> bool:
    """Whether a colon parts the name at a line's beginning from a verb and its number (安全隐患：排查75处)."""
    after = bisect_left(starts, colon_end)
    is_near = after < len(starts) and starts[after] - colon_end <= _ENTRY_VERB_LONGEST
    return is_near and (clause == 0 or text[clause - 1] == "\n")


def _decided(best: Winner) -> Decision:
    code = None if best.code.startswith(UNCATALOGUED) else best.code
    return Decision(code, f"{best.code}#{best.cue}")


def _may_add(quantity: Quantity) -> bool:
    """Whether a number may be one of a row that adds up: actual, no part yet, and not known to be without a code."""
    named = quantity.code is not None or quantity.rule.startswith("open")
    return named and quantity.modality == "actual" and quantity.value is not None


def _may_divide_another(run: list[Quantity]) -> bool:
    """Whether numbers in a row have no code of their own words and do not add up to the total they were given."""
    total = run[0].total
    if total is not None and total.value == sum((q.value for q in run if q.value is not None), _ZERO):
        return False
    return all(q.code is None or q.rule.startswith("inherit.") for q in run)


def _deals_to_totals(opening: str) -> bool:
    """Whether what opens a list deals it out to several totals (其中办成的分别为): it names no parts before 分别."""
    names, dealt, _ = opening.partition(_RESPECTIVELY)
    return bool(dealt) and bool(names.strip(_MARKS)) and not any(mark in names for mark in "、和与及")


class _Nearness:
    """What it is worth that a slot's word stands in a sentence, or else in what stands before it and above it."""

    def __init__(self, matcher: IndicatorMatcher, scene: _Scene, context: Context, section: Node | None) -> None:
        self.matcher = matcher
        self.scene = scene
        self.context = context
        self.section = section

    def __call__(self, slot: int) -> float | None:
        words = self.matcher.slot_words[slot]
        if not words.isdisjoint(self.sentence):
            return NEAR_SENTENCE
        return None if words.isdisjoint(self.wider) else NEAR_WIDER

    @cached_property
    def sentence(self) -> tuple[int, ...]:
        """The sentence's words."""
        return self.matcher.words_between(self.scene.hits, self.context.sentence, self.context.sentence_end)

    @cached_property
    def wider(self) -> list[int]:
        """The words of the sentences before it in its paragraph and of the headings above it."""
        text, hits, start = self.scene.text, self.scene.hits, self.context.sentence
        paragraph = first = text.rfind("\n", 0, start) + 1
        if start > paragraph:
            first = start
            for _ in range(_WIDER_SENTENCES):
                first = max(paragraph, *[text.rfind(stop, paragraph, max(first - 1, 0)) + 1 for stop in _STOPS])
        words = [*self.matcher.words_between(hits, first, start)]
        node = self.section
        while node is not None:
            words += self.matcher.words_between(hits, node.start, node.body)
            node = node.parent
        return words


class _Sentence:
    """What was read so far of the sentence at hand: its numbers, their codes by unit, and the totals that stand open."""

    def __init__(self, openers: _Openers) -> None:
        self.openers = openers
        self.start = -1
        self.quantities: list[Quantity] = []
        self.codes: dict[str | None, list[str]] = {}
        self.last: Quantity | None = None
        self.open: list[Quantity | None] = [None]
        self.near: _Nearness | None = None
        self.earlier: Quantity | None = None
        self.changed: list[Quantity] = []

    def enter(self, start: int, text: str, measure: Measure) -> None:
        """Move to the measure's sentence, and open or close totals by what stands before it."""
        last = self.last
        if start != self.start:
            if last is not None and self.openers.begin(text[start : start + _OPENER_REACH]):
                self.start, self.open, self.near = start, [self._nearest(measure.unit)], None
                return
            paragraph = self.start < 0 or text.find("\n", self.start, start) >= 0
            self.earlier = None if paragraph else last or self.earlier
            self.start, self.quantities, self.codes, self.last, self.open = start, [], {}, None, [None]
            self.near, self.changed = None, []
            return
        if last is None:
            return
        gap = text[last.measure.end : measure.start]
        if "；" in gap and not self.openers.stand_in(gap):
            self.open = [None]
        outside = gap.rpartition("）")[2] if "）" in gap else gap
        if "）" in gap and len(self.open) > 1:
            self.open.pop()
        if "（" in outside:
            self.open.append(last)
        elif _DASH in outside:
            self.open[-1] = None if self.open[-1] is not None else self._nearest(measure.unit)
        elif outside.startswith("：") or self.openers.stand_in(outside):
            self.open[-1] = None if _deals_to_totals(outside) else self._nearest(measure.unit)

    def _nearest(self, unit: str | None) -> Quantity | None:
        """The total that a list of parts in this unit divides: the last number in the unit, or the last at all."""
        same = (q for q in reversed(self.quantities) if _counts_in(q.measure.unit, unit) and q.modality == "actual")
        found = next(same, self.last)
        return found.total if found is not None and found.total is not None and found.total in self.open else found

    def has_other(self, code: str, part: Quantity, total: Quantity) -> bool:
        """Whether a number besides the total, in the part's unit, counts what the part's own words say."""
        unit = part.measure.unit
        return any(q is not total and q.total is None and q.code == code and q.measure.unit == unit for q in self.quantities)

    def total(self) -> Quantity | None:
        return self.open[-1]

    def close(self) -> None:
        self.open[-1] = None

    def take(self, quantity: Quantity) -> None:
        self.quantities.append(quantity)
        if quantity.code:
            self.codes.setdefault(quantity.measure.unit, []).append(quantity.code)
        self.last = quantity

    def nearest_actual(self, unit: str | None) -> Quantity | None:
        """The last number in a unit that was reported as done; shares are no such number."""
        same = (q for q in reversed(self.quantities) if q.modality == "actual" and q.measure.unit == unit != "%")
        return next(same, None)

    def last_counted(self) -> Quantity | None:
        """The last number that is not a share of something without a code."""
        return next((q for q in reversed(self.quantities) if q.code is not None or q.measure.unit != "%"), None)

    def alike(self, quantity: Quantity) -> Quantity | None:
        """The last number with the same value and unit."""
        unit = quantity.measure.unit
        return next((q for q in reversed(self.quantities) if q.value == quantity.value and q.measure.unit == unit), None)

    def deal_changes(self, count: int) -> None:
        """So many changes follow in the order of the numbers that changed (立案9件，罚款3万元，同比分别上升2%、3%)."""
        changed = [q for q in self.quantities if q.modality == "actual" and q.total is None]
        self.changed = changed[len(changed) - count :] if 1 < count <= len(changed) else []

    def next_changed(self) -> Quantity | None:
        """The number whose change comes next, where changes are dealt out."""
        return self.changed.pop(0) if self.changed else None

    def antecedents(self) -> tuple[Antecedent, ...]:
        found = []
        if self.quantities:
            recent = self.quantities[: -_ANTECEDENTS - 1 : -1]
            found = [Antecedent(quantity.code, n) for n, quantity in enumerate(recent) if quantity.code]
        if self.earlier is not None and self.earlier.code is not None:
            found.append(Antecedent(self.earlier.code, -1))
        return tuple(found)
