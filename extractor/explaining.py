"""Why a number was taken as it was, or not taken: the rules at work on one text, made visible.

The stages run as they always do, only with a matcher that keeps what it weighed. Nothing here decides anything.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Literal, NamedTuple

import regex

from extractor.catalogue.loader import nearest
from extractor.catalogue.models import Catalogue, Cue, IndicatorRule
from extractor.cleaning import raw_span
from extractor.errors import UsageError
from extractor.indicators import UNCATALOGUED, Candidate, CompiledCue, IndicatorMatcher, Question, Winner, allows
from extractor.patterns import compile_pattern
from extractor.pipeline import Extractor, Reading, assemble, document_of
from extractor.quantities import RUN
from extractor.types import Line, Quantity, Skip

_CLAUSE_MARKS = compile_pattern(r"[，；：。！？\n]")
_ADJACENT_REACH = 3
_ZERO = "zero"

_INHERITED = {
    "inherit.change": "it is a change of what the number before it counts",
    "inherit.part": "it is a part of the total before it",
    "inherit.rest": "it is what is left of the first number of its sentence in its unit",
    "inherit.continued": "it has no words of its own and goes on counting what a number before it counts",
    "inherit.list": "it is one more member of the list that the number before it stands in",
}
_MECHANISM = {
    "word": "a Chinese numeral without a measure word after it is part of a word",
    "article": "一 with its measure word is an article here, not a count (numbers.yaml, article_one)",
    "bare_number": "digits without a unit that follow no words of their clause state nothing",
    "negation": "it is part of a negation that speaks of no indicator (modality.yaml, zero)",
    "front_matter": "its line is letterhead, title or metadata, before the report's own words begin",
    "furniture": "its line is furniture of the page (page.yaml, furniture)",
    "page_number": "its line is a page number or a rule (page.yaml, page_breaks)",
    "sign_off": "it stands in the sign-off or after it (sections.yaml, sign_off)",
    "unaccounted": "no rule claims it and the grammar of quantities does not read it",
}


@dataclass(frozen=True)
class Word:
    """A word of the lexicon among a number's own words, on which side, and the concepts it fills (none: only itself)."""

    text: str
    start: int
    end: int
    side: Literal["before", "after"]
    concepts: tuple[str, ...]


@dataclass(frozen=True)
class Weighed:
    """A cue that fitted: its score, and what made it up, in the order in which it is added."""

    code: str
    cue: int
    cue_words: str
    score: float
    parts: tuple[tuple[str, float], ...]
    won: bool


@dataclass(frozen=True)
class Number:
    """One quantity with everything that made it what it is. Offsets are in the text as received."""

    id: str
    text: str
    start: int
    end: int
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    unit: str | None
    qualifier: str
    qualifier_words: str | None
    modality: str
    modality_rule: str | None
    modality_example: str | None
    code: str | None
    rule: str
    why: str
    section: str | None
    part_of: str | None
    clause: str
    words: tuple[Word, ...]
    candidates: tuple[Weighed, ...]


@dataclass(frozen=True)
class Skipped:
    """A run of digits or numerals that is no quantity: the reason, and the rule that said so."""

    text: str
    start: int
    end: int
    clause: str
    reason: str
    why: str
    rule: str | None = None
    example: str | None = None


@dataclass(frozen=True)
class Miss:
    """A cue that did not fit, and all that it lacked."""

    cue: int
    cue_words: str
    lacks: tuple[str, ...]


@dataclass(frozen=True)
class Attempt:
    """A number that did not get the code asked for: what it got, and how near the code came.

    `weighed` is the code's best cue where one fitted; `misses` are the cues that did not, those that lack least first.
    """

    number: Number
    weighed: Weighed | None
    misses: tuple[Miss, ...]


@dataclass(frozen=True)
class Mention:
    """A place where words that mention the code stand, and the ids of the numbers of that clause."""

    word: str
    start: int
    end: int
    clause: str
    numbers: tuple[str, ...]


@dataclass(frozen=True)
class CodeExplained:
    """One code in one text: its state, where it won, where it was beaten, where its cues lacked something."""

    code: str
    label: str
    state: str
    value: Decimal | None
    won: tuple[Number, ...]
    beaten: tuple[Attempt, ...]
    missed: tuple[Attempt, ...]
    mentions: tuple[Mention, ...]


@dataclass(frozen=True)
class NumberForCode:
    """One number and one code: whether it has it, and what each of the code's cues did there."""

    code: str
    label: str
    has_it: bool
    attempt: Attempt


@dataclass(frozen=True)
class Overview:
    """Every number of a text: quantities and skipped runs, each in text order."""

    quantities: tuple[Number, ...]
    skipped: tuple[Skipped, ...]


class Weighing(NamedTuple):
    """A question to the matcher, and the cues that fitted."""

    question: Question
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class _WatchedMatcher(IndicatorMatcher):
    """The matcher, keeping what it was asked and all that it could have answered."""

    weighings: list[Weighing] = field(default_factory=list)

    def best(self, question: Question) -> Winner | None:
        self.weighings.append(Weighing(question, tuple(self.candidates(question))))
        return super().best(question)


class _WatchedExtractor(Extractor):
    @cached_property
    def matcher(self) -> _WatchedMatcher:
        return _WatchedMatcher(self.catalogue)


def rule_of(catalogue: Catalogue, code: str) -> IndicatorRule:
    """The indicator with a code. Raises UsageError, with the nearest code, where there is none."""
    for rule in catalogue.indicators:
        if rule.code == code:
            return rule
    by_label = {rule.label.zh: rule.code for rule in catalogue.indicators}
    hint = f"; did you mean {by_label[code]!r}?" if code in by_label else nearest(code, catalogue.codes)
    raise UsageError(f"there is no code {code!r} in the catalogue{hint or '; extractor catalogue list shows all of them'}")


def cue_in_words(cue: Cue) -> str:
    """A cue on one line, in the terms of its rule file."""
    lists = {
        "own": cue.own,
        "right": cue.right,
        "near": cue.near,
        "after": cue.after,
        "unless_after": cue.unless_after,
        "followed_by": cue.followed_by,
        "not": cue.not_,
        "unit": cue.unit,
    }
    words = [
        f"{key} {' + '.join(entries) if key in ('own', 'right', 'near') else ' '.join(entries)}"
        for key, entries in lists.items()
        if entries
    ]
    words += [name for name, wanted in (("head", cue.head), ("adjacent", cue.adjacent)) if wanted]
    if cue.weight:
        words.append(f"weight {cue.weight:+g}")
    return "; ".join(words)


class Explainer:
    """One text read once, ready for questions.

    `reading` holds what the stages found, `clean` the cleaned text, `report` the record, `stages` the rules at work.
    """

    def __init__(self, catalogue: Catalogue, text: str) -> None:
        self.catalogue = catalogue
        self.stages = _WatchedExtractor(catalogue)
        self.reading: Reading = self.stages.read(text)
        self.clean = self.reading.clean.text
        self.report = assemble(self.stages, self.reading, document_of(text), with_text=False)
        self._records = {indicator.id: indicator for indicator in self.report.indicators}
        self._weighings: dict[int, list[Weighing]] = {}
        for weighing in self.stages.matcher.weighings:
            self._weighings.setdefault(weighing.question.place.right, []).append(weighing)

    def overview(self) -> Overview:
        """All quantities and all skipped runs."""
        return Overview(tuple(map(self.number, self.reading.quantities)), tuple(map(self.skipped, self._all_skips())))

    def by_number(self, wanted: str) -> Quantity:
        """The quantity with an ordinal number or id: 17 or q17. Raises UsageError where there is none."""
        for quantity in self.reading.quantities:
            if quantity.id == f"q{wanted.removeprefix('q')}":
                return quantity
        last = len(self.reading.quantities)
        raise UsageError(
            f"there is no quantity number {wanted!r}; this text has q1 to q{last}" if last else "this text has no quantities"
        )

    def at(self, wanted: str) -> Quantity | Skipped:
        """The first number that is `wanted`, else that holds it, else that it holds, else that stands in one clause with it.

        Raises UsageError where the text does not hold it, or holds it where no number stands.
        """
        wanted = regex.sub(r"\s", "", wanted)
        if not wanted:
            raise UsageError("--at needs a number or words of the text")
        numbers: list[Quantity | Skip] = [*self.reading.quantities, *self._all_skips()]
        numbers.sort(key=lambda n: _span(n)[0])
        tests: tuple[Callable[[int, int], bool], ...] = (
            lambda start, end: self.clean[start:end] == wanted,
            lambda start, end: wanted in self.clean[start:end],
            lambda start, end: any(m.start() <= start < m.end() for m in regex.finditer(regex.escape(wanted), self.clean)),
            lambda start, end: wanted in _clause(self.clean, start, end),
        )
        for test in tests:
            found = next((number for number in numbers if test(*_span(number))), None)
            if found is not None:
                return self.skipped(found) if isinstance(found, Skip) else found
        return self._outside(wanted)

    def _outside(self, wanted: str) -> Skipped:
        for reason, line in self._lines_outside():
            if wanted in line.text:
                return Skipped(line.text, line.start, line.end, line.text, reason, _MECHANISM[reason])
        if wanted in self.clean:
            raise UsageError(
                f"{wanted!r} stands in the text, but no number in its clause; give words beside the number, or ask with --code"
            )
        raise UsageError(f"{wanted!r} does not stand in the text; copy words from it, without line breaks")

    def _lines_outside(self) -> Iterator[tuple[str, Line]]:
        clean = self.reading.clean
        for reason, lines in (("front_matter", clean.front), ("furniture", clean.furniture), ("page_number", clean.page_marks)):
            for line in lines:
                yield reason, line

    def _all_skips(self) -> list[Skip]:
        """The stages' skips, the runs of the sign-off, and what nothing accounts for."""
        taken = {(q.measure.start, q.measure.end) for q in self.reading.quantities}
        skips = [s for s in dict.fromkeys(self.reading.skips) if not any(a <= s.start and s.end <= b for a, b in taken)]
        covered = sorted([*((s.start, s.end) for s in skips), *taken])
        starts = [start for start, _ in covered]
        for run in RUN.finditer(self.clean):
            before = covered[max(0, bisect_left(starts, run.end()) - 4) : bisect_left(starts, run.end())]
            if not any(start < run.end() and run.start() < end for start, end in before):
                reason = "sign_off" if run.start() >= self.reading.outline.body_end else "unaccounted"
                skips.append(Skip(run.start(), run.end(), reason))
        return sorted(skips)

    def number(self, quantity: Quantity) -> Number:
        """Everything about one quantity."""
        record = self._records[quantity.id]
        rule = next((r for r in self.catalogue.modality.rules if r.name == quantity.modality_rule), None)
        weighings = self._weighings_of(quantity)
        return Number(
            id=record.id,
            text=record.text,
            start=record.start,
            end=record.end,
            value=record.value,
            low=record.low,
            high=record.high,
            unit=record.unit,
            qualifier=record.qualifier,
            qualifier_words=self._qualifier_words(quantity),
            modality=record.modality,
            modality_rule=quantity.modality_rule or None,
            modality_example=rule.match[0] if rule and rule.match else None,
            code=record.code,
            rule=quantity.rule,
            why=self._why(quantity, weighings),
            section=quantity.section.heading if quantity.section else None,
            part_of=record.part_of,
            clause=record.quote,
            words=tuple(self._words(quantity, weighings)),
            candidates=self._weighed(quantity, weighings),
        )

    def _weighings_of(self, quantity: Quantity) -> list[Weighing]:
        return self._weighings.get(quantity.measure.end, [])

    def _qualifier_words(self, quantity: Quantity) -> str | None:
        """The words of numbers.yaml that made the qualifier what it is; None where the number's own form did."""
        rules = self.catalogue.numbers.qualifiers
        measure = quantity.measure
        words = [w for group in (*rules.before, *rules.after, *rules.between) for w in group.words]
        before, own = self.clean[measure.start : measure.number_start], self.clean[measure.number_start : measure.end]
        if measure.qualifier == "exact":
            return None
        if before:
            return before
        found = [w for w in sorted(words, key=len, reverse=True) if w in own]
        if found:
            return found[0]
        clause = self.clean[quantity.context.clause : measure.start]
        return next((w for w in rules.clause_at_least if measure.qualifier == "at_least" and w in clause), None)

    def _words(self, quantity: Quantity, weighings: list[Weighing]) -> Iterator[Word]:
        """The lexicon's words among the quantity's own; with several weighings, those of the widest."""
        context, measure = quantity.context, quantity.measure
        left = min([w.question.place.left for w in weighings], default=context.left)
        right_end = max([w.question.place.right_end for w in weighings], default=context.right_end)
        if quantity.rule == _ZERO:
            right_end = _clause_span(self.clean, measure.start, measure.end)[1]
        hits = self.reading.hits
        for n in range(bisect_left(hits.starts, left), bisect_left(hits.starts, right_end)):
            start, end = hits.starts[n], hits.ends[n]
            if end > measure.start and start < measure.end:
                continue
            if self.stages.matcher.word_slots[hits.words[n]]:
                raw_start, raw_end = raw_span(self.reading.clean, start, end)
                side: Literal["before", "after"] = "before" if start < measure.start else "after"
                yield Word(self.clean[start:end], raw_start, raw_end, side, self._concepts(hits.words[n]))

    def _concepts(self, word: int) -> tuple[str, ...]:
        """The concepts of vocabulary.yaml that a word, or a word inside it, fills in some cue."""
        matcher, concepts = self.stages.matcher, self.catalogue.vocabulary.concepts
        entries = {c for slot, _ in matcher.word_slots[word] for c in matcher.slot_names[slot].split("|")}
        return tuple(sorted(c for c in entries & set(concepts) if any(w in matcher.words[word] for w in concepts[c])))

    def _weighed(self, quantity: Quantity, weighings: list[Weighing]) -> tuple[Weighed, ...]:
        """All cues that fitted, the best first; one cue that was weighed twice stands once, with its best score."""
        best: dict[tuple[str, int], Candidate] = {}
        for candidate in (c for weighing in weighings for c in weighing.candidates):
            key = (candidate.code, candidate.cue)
            if key not in best or candidate.score > best[key].score:
                best[key] = candidate
        ordered = sorted(best.values(), key=lambda c: (-c.score, c.code, c.cue))
        return tuple(self._one_weighed(c, quantity.rule == f"{c.code}#{c.cue}") for c in ordered)

    def _one_weighed(self, candidate: Candidate, won: bool) -> Weighed:
        cue = self._cues(candidate.code)[candidate.cue]
        return Weighed(candidate.code, candidate.cue, cue_in_words(cue), candidate.score, _parts(cue, candidate), won)

    def _cues(self, code: str) -> tuple[Cue, ...]:
        if code.startswith(UNCATALOGUED):
            name = code.removeprefix(UNCATALOGUED)
            return next(rule.cues for rule in self.catalogue.uncatalogued.uncatalogued if rule.name == name)
        return self.stages.matcher.by_code[code].cues

    def _why(self, quantity: Quantity, weighings: list[Weighing]) -> str:
        rule = quantity.rule
        if rule == _ZERO:
            return f"{self.clean[quantity.measure.start : quantity.measure.end]} negates words that say zero of this code"
        weighed = self._weighed(quantity, weighings)
        if rule in _INHERITED:
            weak = f"; its own best candidate, {weighed[0].code} ({weighed[0].score:g}), is too weak" if weighed else ""
            return f"{_INHERITED[rule]}{weak}"
        winner = next((w for w in weighed if w.won), None)
        if winner is None:
            unit = " and it has no unit" if quantity.measure.unit is None else ""
            return f"no cue of the catalogue fits its words{unit}: the code stays null"
        return _why_won(winner, weighed, self._is_shared(quantity))

    def _is_shared(self, quantity: Quantity) -> bool:
        span = (quantity.measure.start, quantity.measure.end)
        return sum((q.measure.start, q.measure.end) == span for q in self.reading.quantities) > 1

    def skipped(self, skip: Skip) -> Skipped:
        """Why one run is no quantity."""
        start, end = raw_span(self.reading.clean, skip.start, skip.end)
        rule, example, why = self._skip_rule(skip)
        clause = _clause(self.clean, skip.start, skip.end)
        return Skipped(self.reading.text[start:end], start, end, clause, skip.reason, why, rule, example)

    def _skip_rule(self, skip: Skip) -> tuple[str | None, str | None, str]:
        """The rule that skipped a run, an example of what it matches, and both in words."""
        for number, entry in enumerate(self.catalogue.numbers.skip):
            if entry.reason == skip.reason:
                match = compile_pattern(entry.pattern).match(self.clean, skip.start, self.reading.outline.body_end)
                if match and match.end() == skip.end:
                    example = entry.match[0] if entry.match else None
                    return (
                        f"numbers.yaml, skip, rule {number + 1}: {entry.pattern}",
                        example,
                        f"it is written as a {skip.reason}",
                    )
        name = self._name_over(skip)
        if name is not None:
            return (
                f"numbers.yaml, names.{skip.reason}: {name}",
                None,
                f"it is part of {name}, a name or idiom with a number in it",
            )
        for pair in self.catalogue.numbers.enclosed:
            if pair.reason == skip.reason and self.clean.rfind(pair.open, 0, skip.start + 1) > self.clean.rfind(
                pair.close, 0, skip.start
            ):
                where = f"inside {pair.open}{pair.close}, which hold a name where they hold at most {pair.longest} characters"
                return f"numbers.yaml, enclosed: {pair.open}{pair.close}", None, f"it stands {where}"
        return None, None, _MECHANISM.get(skip.reason, f"it is a {skip.reason}")

    def _name_over(self, skip: Skip) -> str | None:
        hits, matcher = self.reading.hits, self.stages.matcher
        for start, end, word in zip(*hits, strict=True):
            if start <= skip.start < end and matcher.names.get(word) == skip.reason:
                return matcher.words[word]
        return None

    def code(self, code: str) -> CodeExplained:
        """One code in the whole text. Raises UsageError for an unknown one."""
        rule = rule_of(self.catalogue, code)
        won = [q for q in self.reading.quantities if q.code == code]
        others = [self._attempt(q, code) for q in self.reading.quantities if q.code != code and q.rule != _ZERO]
        entry = self.report.summary[code]
        missed = [a for a in others if a.weighed is None and a.misses and self._comes_near(a, rule)]
        missed.sort(key=lambda attempt: len(attempt.misses[0].lacks))
        return CodeExplained(
            code,
            rule.label.zh,
            entry.state,
            entry.value,
            tuple(map(self.number, won)),
            tuple(a for a in others if a.weighed is not None),
            tuple(missed),
            tuple(self._mentions(code)),
        )

    def number_for_code(self, quantity: Quantity, code: str) -> NumberForCode:
        """What each cue of a code did at one number. Raises UsageError for an unknown code."""
        rule = rule_of(self.catalogue, code)
        return NumberForCode(code, rule.label.zh, quantity.code == code, self._attempt(quantity, code))

    def _attempt(self, quantity: Quantity, code: str) -> Attempt:
        number = self.number(quantity)
        weighed = next((w for w in number.candidates if w.code == code), None)
        weighings = self._weighings_of(quantity)
        own = next((w for w in weighings if w.question.place.left_end == quantity.measure.start), next(iter(weighings), None))
        misses = sorted(self.misses(own, code), key=lambda m: len(m.lacks)) if own else []
        return Attempt(number, weighed, tuple(misses))

    def _comes_near(self, attempt: Attempt, rule: IndicatorRule) -> bool:
        """Whether a word that the best of the failed cues wants is there: else any number would be a near miss."""
        cue = rule.cues[attempt.misses[0].cue]
        wanted = len(cue.own) + len(cue.right)
        return sum(lack.startswith("no word for") for lack in attempt.misses[0].lacks) < wanted + len(cue.near)

    def misses(self, weighing: Weighing, code: str) -> Iterator[Miss]:
        """Every cue of a code that does not fit, with all that it lacks."""
        written = self._cues(code)
        for cues in self.stages.matcher.cues_by_slot.values():
            for compiled in cues:
                if compiled.code == code:
                    cue = written[compiled.number]
                    lacks = (
                        *self._lacking_words(weighing, cue),
                        *_lacking_unit(weighing.question, compiled),
                        *_lacking_order(weighing, cue, compiled.after, compiled.unless_after),
                    )
                    if lacks:
                        yield Miss(compiled.number, cue_in_words(cue), lacks)

    def _lacking_words(self, weighing: Weighing, cue: Cue) -> Iterator[str]:
        matcher = self.stages.matcher
        there, there_right = matcher.own_slots(self.reading.hits, weighing.question.place)
        for entry in cue.own:
            if matcher.slots[entry] not in there:
                yield f"no word for {entry} among its own words"
        for entry in cue.right:
            if matcher.slots[entry] not in there_right:
                yield f"no word for {entry} right after it"
        for entry in cue.near:
            if weighing.question.near(matcher.slots[entry]) is None:
                yield f"no word for {entry} in its sentence, the sentences before it or the headings"
        for entry in cue.not_:
            if matcher.slots[entry] in there:
                yield f"a word for {entry} stands among its own words and must not"

    def _mentions(self, code: str) -> Iterator[Mention]:
        matcher, hits = self.stages.matcher, self.reading.hits
        for start, end, word in zip(*hits, strict=True):
            if code in matcher.mentions.get(word, ()):
                first, last = _clause_span(self.clean, start, end)
                numbers = tuple(q.id for q in self.reading.quantities if first <= q.measure.start < last)
                yield Mention(matcher.words[word], *raw_span(self.reading.clean, start, end), self.clean[first:last], numbers)


def _lacking_unit(question: Question, cue: CompiledCue) -> Iterator[str]:
    if allows(cue, question.unit, question.any_unit):
        return
    if question.unit is None:
        yield "it has no unit, and this indicator needs one"
    else:
        yield f"its unit {question.unit} is not one of {' '.join(sorted(cue.units or ()))}"


def _lacking_order(weighing: Weighing, cue: Cue, after: tuple[str, ...], unless_after: tuple[str, ...]) -> Iterator[str]:
    """What a cue lacks among the numbers and words around: adjacency, the unit that follows, codes before it."""
    place, antecedents = weighing.question.place, weighing.question.antecedents
    if cue.adjacent and place.left_end - place.left > _ADJACENT_REACH:
        yield f"more than {_ADJACENT_REACH} characters stand between it and the number or clause before it"
    if cue.followed_by and place.next_unit not in cue.followed_by:
        yield f"no number in {' '.join(cue.followed_by)} follows it directly"
    if any(a.code in unless_after and a.distance >= 0 for a in antecedents):
        yield f"a number of {' or '.join(cue.unless_after)} stands before it in the sentence"
    if after:
        found = next((a for a in antecedents if a.code in after), None)
        if found is None or (found.distance < 0 and antecedents[0].distance >= 0):
            yield f"no number of {' or '.join(cue.after)} stands before it"
        elif cue.adjacent and found.distance != 0:
            yield f"the number of {found.code} does not stand directly before it"


def _parts(cue: Cue, candidate: Candidate) -> tuple[tuple[str, float], ...]:
    """What a score adds up from: the mean of its words, what further words bring, what stands near or before, the weight."""
    context = [(name, score) for name, score in candidate.parts if name.startswith(("near ", "after "))]
    words = [(name, score) for name, score in candidate.parts if not name.startswith(("near ", "after "))]
    parts: list[tuple[str, float]] = []
    if words:
        mean = sum(score for _, score in words) / len(words)
        names = ", ".join(f"{name} {score:g}" for name, score in words)
        parts.append((f"words ({names})" if len(words) == 1 else f"mean of words ({names})", mean))
        further = candidate.score - cue.weight - mean - sum(score for _, score in context)
        if len(words) > 1:
            parts.append((f"{len(words) - 1} further word{'s' if len(words) > 2 else ''}", round(further, 6)))
    parts += context
    if cue.weight:
        parts.append(("weight", cue.weight))
    return tuple(parts)


def _why_won(winner: Weighed, weighed: tuple[Weighed, ...], shared: bool) -> str:
    name = f"cue {winner.cue} of {winner.code}"
    if winner.code.startswith(UNCATALOGUED):
        name = f"cue {winner.cue} of {winner.code.removeprefix(UNCATALOGUED)} (uncatalogued.yaml: what it wins has no code)"
    if shared:
        return f"{name} fits; one rate stands for several names, each of which gives a code"
    rival = next((w for w in weighed if w.code != winner.code), None)
    if rival is None:
        return f"{name} fits ({winner.score:g}) and no other code's cue does"
    if rival.score > winner.score:
        return f"{name} fits with words further off ({winner.score:g}); its own words alone did not decide"
    return f"{name} scored most ({winner.score:g}); next {rival.code}#{rival.cue} ({rival.score:g})"


def _span(number: Quantity | Skip) -> tuple[int, int]:
    if isinstance(number, Skip):
        return number.start, number.end
    return number.measure.start, number.measure.end


def _clause_span(text: str, start: int, end: int) -> tuple[int, int]:
    first = max((m.end() for m in _CLAUSE_MARKS.finditer(text, max(0, start - 200), start)), default=max(0, start - 200))
    following = _CLAUSE_MARKS.search(text, end)
    return first, following.start() if following else len(text)


def _clause(text: str, start: int, end: int) -> str:
    first, last = _clause_span(text, start, end)
    return text[first:last]
