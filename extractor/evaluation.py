"""Records measured against gold: what is right, missed and wrong, stage by stage, and every error in its sentence.

Ten figures tell the whole (`Figures`, 0 to 100); the stages below them tell where it comes from (`Score`). Entries are paired
one to one in the gold's order, the first that fits being taken; quantities of the same code before others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import reduce
from typing import Literal, NamedTuple, Protocol, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, computed_field

from extractor.gold import Gold, GoldItem, GoldMetadata, GoldQuantity, GoldSection
from extractor.models import Indicator, Item, Metadata, Modality, Report, Section

SECTION_REACH = 2
"""Characters by which the start of a section may differ."""
ITEM_REACH = 3
"""Characters by which the start and the end of an item may differ."""
VALUE_DECIMALS = 6
"""Decimals to which values are compared."""
PROFILE = "profile"
"""The group of codes about the place itself, which the harder code figure leaves out."""
MARK_OPEN, MARK_CLOSE = "⟦", "⟧"

ErrorKind = Literal[
    "metadata", "section missed", "section extra", "item missed", "item extra", "quantity missed", "quantity extra",
    "unit", "qualifier", "modality", "code", "ungrounded",
]  # fmt: skip


class _Result(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Score(_Result):
    """How many were right, missed and wrong; precision, recall and F1 in percent, 100 where there is nothing to count."""

    right: int = 0
    missed: int = 0
    wrong: int = 0

    @computed_field  # type: ignore[prop-decorator]
    @property
    def precision(self) -> float:
        """Percent of what was reported that is right."""
        return 100 * _ratio(self.right, self.right + self.wrong)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def recall(self) -> float:
        """Percent of what was annotated that was found."""
        return 100 * _ratio(self.right, self.right + self.missed)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, in percent."""
        precision = _ratio(self.right, self.right + self.wrong)
        recall = _ratio(self.right, self.right + self.missed)
        return 100 * (2 * precision * recall / (precision + recall) if precision + recall else 0.0)

    def __add__(self, other: Score) -> Score:
        return Score(right=self.right + other.right, missed=self.missed + other.missed, wrong=self.wrong + other.wrong)


class Figures(_Result):
    """The ten figures, 0 to 100."""

    metadata: float
    sections_f1: float
    section_chars: float
    items_f1: float
    value_f1: float
    quantity_f1: float
    code_f1: float
    code_hard_f1: float
    modality: float
    grounded: float


FIGURES = tuple(Figures.model_fields)


class EvaluationError(_Result):
    """One thing that is not as annotated. `sentence` has the place in ⟦⟧; it is null where the text has no such place."""

    kind: ErrorKind
    message: str
    sentence: str | None
    start: int | None
    end: int | None


class ReportEvaluation(Figures):
    """One report: its ten figures, its stages and its errors."""

    stages: dict[str, Score]
    errors: tuple[EvaluationError, ...]


class Evaluation(_Result):
    """Several reports: figures and stages of all together, of each code and each group of codes, and of each report."""

    total: Figures
    stages: dict[str, Score]
    groups: dict[str, Score]
    codes: dict[str, Score]
    reports: dict[str, ReportEvaluation]


class Share(NamedTuple):
    """A part of a whole, counted."""

    right: int = 0
    whole: int = 0

    def plus(self, other: Share) -> Share:
        """Both counted together."""
        return Share(self.right + other.right, self.whole + other.whole)

    @property
    def percent(self) -> float:
        """The share in percent, 100 where there is nothing to count."""
        return 100 * self.right / self.whole if self.whole else 100.0


class Counts(NamedTuple):
    """Everything counted in one report, or in several: what the figures are made of."""

    stages: dict[str, Score]
    codes: dict[str, Score]
    shares: dict[str, Share]

    def plus(self, other: Counts) -> Counts:
        """Both counted together."""
        return Counts(
            _add(self.stages, other.stages),
            _add(self.codes, other.codes),
            {name: share.plus(other.shares[name]) for name, share in self.shares.items()},
        )


class _Placed(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


Expected = TypeVar("Expected")
Found = TypeVar("Found")


class Pairing(NamedTuple):
    """Quantities of gold and record, paired. `actual`: both are reported as actual; `same`: both are of another, equal
    modality; `unlike`: they stand in one place with different modalities."""

    actual: list[tuple[GoldQuantity, Indicator]]
    same: list[tuple[GoldQuantity, Indicator]]
    unlike: list[tuple[GoldQuantity, Indicator]]
    missed: list[GoldQuantity]
    extra: list[Indicator]


def evaluate(cases: Iterable[tuple[str, str, Gold, Report | None]]) -> Evaluation:
    """Measure records against gold: each case is a report's name, text, annotation and record (None counts as empty)."""
    counts: dict[str, Counts] = {}
    errors: dict[str, tuple[EvaluationError, ...]] = {}
    for name, text, gold, report in cases:
        comparison = Comparison(text, gold, report)
        counts[name] = comparison.counts()
        errors[name] = tuple(comparison.errors())
    total = reduce(Counts.plus, counts.values(), EMPTY)
    return Evaluation(
        total=Figures(**_figures(total)),
        stages=_scored(total.stages),
        groups=_groups(total.codes),
        codes=dict(sorted(total.codes.items())),
        reports={
            name: ReportEvaluation(**_figures(count), stages=_scored(count.stages), errors=errors[name])
            for name, count in counts.items()
        },
    )


class Comparison:
    """One report's gold beside its record."""

    def __init__(self, text: str, gold: Gold, report: Report | None) -> None:
        self.text = text
        self.gold = gold
        self.metadata = report.metadata if report else Metadata()
        self.found_sections = [section for section in report.sections if section.level == 1] if report else []
        self.found_items = list(report.items) if report else []
        self.indicators = list(report.indicators) if report else []
        self.sections = pair(gold.sections, self.found_sections, _same_section)
        self.items = pair(gold.items, self.found_items, _same_item)
        self.quantities = pair_quantities(gold.quantities, self.indicators)

    def counts(self) -> Counts:
        """What is right, missed and wrong."""
        stages = {
            **{f"metadata.{field}": self._field_score(field) for field in FIELDS},
            "sections": _score(*self.sections),
            "section_characters": self._character_score(),
            "items": _score(*self.items),
            **self._quantity_scores(),
            **self._modality_scores(),
        }
        codes = self._code_scores()
        stages["codes"] = _sum(codes.values())
        stages["codes_without_profile"] = _sum(score for code, score in codes.items() if _group(code) != PROFILE)
        return Counts(stages, codes, self._shares())

    def errors(self) -> Iterator[EvaluationError]:
        """Everything that is not as annotated, stage by stage."""
        yield from self._metadata_errors()
        yield from self._section_errors()
        yield from self._item_errors()
        yield from self._presence_errors()
        yield from self._pair_errors()
        yield from self._modality_errors()
        yield from self._grounding_errors()

    def _field_score(self, field: str) -> Score:
        expected, found = _field(self.gold.metadata, field), _field(self.metadata, field)
        right = expected == found
        return Score(
            right=bool(expected) and right,
            missed=bool(expected) and not right,
            wrong=bool(found) and not right,
        )

    def _character_score(self) -> Score:
        """Characters of sections: right where gold and record give them the same kind."""
        found = {at: section.kind for section in self.found_sections for at in range(section.start, section.end)}
        expected = [(at, section.kind) for section in self.gold.sections for at in range(section.start, section.end)]
        right = sum(found.get(at) == kind for at, kind in expected)
        agreed = {at for at, kind in expected if found.get(at) == kind}
        return Score(right=right, missed=len(expected) - right, wrong=len(found) - len(agreed))

    def _quantity_scores(self) -> dict[str, Score]:
        """Quantities reported as actual: the value alone, and with it the unit, the qualifier, both."""
        pairs = self.quantities.actual
        missed = sum(quantity.modality == "actual" for quantity in self.gold.quantities) - len(pairs)
        extra = sum(indicator.modality == "actual" for indicator in self.indicators) - len(pairs)

        def score(agree: Callable[[GoldQuantity, Indicator], bool]) -> Score:
            right = sum(agree(expected, found) for expected, found in pairs)
            unlike = len(pairs) - right
            return Score(right=right, missed=missed + unlike, wrong=extra + unlike)

        return {
            "values": score(lambda _, __: True),
            "units": score(_same_unit),
            "qualifiers": score(_same_qualifier),
            "quantities": score(lambda expected, found: _same_unit(expected, found) and _same_qualifier(expected, found)),
        }

    def _modality_scores(self) -> dict[str, Score]:
        """Every quantity of whatever modality: right where place, value and modality agree."""
        right = Counter(quantity.modality for quantity, _ in (*self.quantities.actual, *self.quantities.same))
        expected = Counter(quantity.modality for quantity in self.gold.quantities)
        found = Counter(indicator.modality for indicator in self.indicators)
        scores = {
            f"modalities.{name}": Score(right=right[name], missed=expected[name] - right[name], wrong=found[name] - right[name])
            for name in get_args(Modality)
        }
        return {"modalities": _sum(scores.values()), **scores}

    def _code_scores(self) -> dict[str, Score]:
        """Codes of quantities reported as actual, code by code; a wrong code counts against both codes."""
        right: Counter[str] = Counter()
        expected_codes = Counter(q.code for q in self.gold.quantities if q.modality == "actual" and q.code)
        found_codes = Counter(i.code for i in self.indicators if i.modality == "actual" and i.code)
        for expected, found in self.quantities.actual:
            if expected.code and expected.code == found.code:
                right[expected.code] += 1
        return {
            code: Score(right=right[code], missed=expected_codes[code] - right[code], wrong=found_codes[code] - right[code])
            for code in sorted(expected_codes | found_codes)
        }

    def _shares(self) -> dict[str, Share]:
        """The figures that are shares and no F1."""
        fields = sum(_field(self.gold.metadata, field) == _field(self.metadata, field) for field in FIELDS)
        others = [quantity for quantity in self.gold.quantities if quantity.modality != "actual"]
        grounded = sum(self._is_grounded(indicator) for indicator in self.indicators)
        return {
            "metadata": Share(fields, len(FIELDS)),
            "modality": Share(sum(self._as_actual(quantity) is None for quantity in others), len(others)),
            "grounded": Share(grounded, len(self.indicators)),
        }

    def _as_actual(self, quantity: GoldQuantity) -> Indicator | None:
        """What reports this quantity, which is not actual, as actual."""
        return next((i for i in self.indicators if i.modality == "actual" and _overlap(quantity, i)), None)

    def _is_grounded(self, indicator: Indicator) -> bool:
        return self.text[indicator.start : indicator.end] == indicator.text

    def _metadata_errors(self) -> Iterator[EvaluationError]:
        for field in FIELDS:
            if _field(self.gold.metadata, field) != _field(self.metadata, field):
                expected, found = (_shown(getattr(source, field)) for source in (self.gold.metadata, self.metadata))
                place = self._find(expected) or self._find(found)
                yield self._error("metadata", f"{field}: gold {expected}, got {found}", place)

    def _find(self, words: str) -> tuple[int, int] | None:
        at = self.text.find(words)
        return (at, at + len(words)) if words != NOTHING and at >= 0 else None

    def _section_errors(self) -> Iterator[EvaluationError]:
        _, missed, extra = self.sections
        for section in missed:
            yield self._error("section missed", f"{section.kind} {section.heading!r}", self._heading(section))
        for found in extra:
            yield self._error("section extra", f"{found.kind} {found.heading!r}", self._heading(found))

    def _heading(self, section: GoldSection | Section) -> tuple[int, int]:
        line_end = self.text.find("\n", section.start)
        return section.start, min(section.end, line_end if line_end > section.start else section.end)

    def _item_errors(self) -> Iterator[EvaluationError]:
        _, missed, extra = self.items
        for item in missed:
            yield self._error("item missed", f"{item.kind} at {item.start}..{item.end}", (item.start, item.end))
        for found in extra:
            yield self._error("item extra", f"{found.kind} at {found.start}..{found.end}", (found.start, found.end))

    def _presence_errors(self) -> Iterator[EvaluationError]:
        for quantity in self.quantities.missed:
            yield self._error("quantity missed", _described(quantity), (quantity.start, quantity.end))
        for indicator in self.quantities.extra:
            message = f"{_described(indicator)} [{indicator.rule}]"
            yield self._error("quantity extra", message, (indicator.start, indicator.end))

    def _pair_errors(self) -> Iterator[EvaluationError]:
        """Quantities reported as actual with a unit, qualifier or code that is not the annotated one."""
        for expected, found in self.quantities.actual:
            place = (expected.start, expected.end)
            if not _same_unit(expected, found):
                yield self._error("unit", f"gold {expected.unit}, got {found.unit}", place)
            if not _same_qualifier(expected, found):
                yield self._error("qualifier", f"gold {expected.qualifier}, got {found.qualifier}", place)
            if expected.code != found.code:
                yield self._error("code", f"gold {expected.code}, got {found.code} [{found.rule}]", place)

    def _modality_errors(self) -> Iterator[EvaluationError]:
        for expected, found in self.quantities.unlike:
            message = f"gold {expected.modality}, got {found.modality} [{found.rule}]"
            yield self._error("modality", message, (expected.start, expected.end))
        named = {id(expected) for expected, _ in self.quantities.unlike}
        for quantity in self.gold.quantities:
            indicator = None if quantity.modality == "actual" or id(quantity) in named else self._as_actual(quantity)
            if indicator is not None:
                message = f"gold {quantity.modality}, reported as actual by {indicator.text!r}"
                yield self._error("modality", message, (quantity.start, quantity.end))

    def _grounding_errors(self) -> Iterator[EvaluationError]:
        for indicator in self.indicators:
            if not self._is_grounded(indicator):
                yield self._error("ungrounded", f"{indicator.id} says {indicator.text!r}", (indicator.start, indicator.end))

    def _error(self, kind: ErrorKind, message: str, place: tuple[int, int] | None) -> EvaluationError:
        if place is None:
            return EvaluationError(kind=kind, message=message, sentence=None, start=None, end=None)
        return EvaluationError(kind=kind, message=message, sentence=marked(self.text, *place), start=place[0], end=place[1])


FIELDS = tuple(GoldMetadata.model_fields)
NOTHING = "nothing"
EMPTY = Counts({}, {}, {"metadata": Share(), "modality": Share(), "grounded": Share()})


def pair(
    expected: Sequence[Expected], found: Sequence[Found], fits: Callable[[Expected, Found], bool]
) -> tuple[list[tuple[Expected, Found]], list[Expected], list[Found]]:
    """One-to-one pairs, and what is left on either side. The first that fits is taken."""
    left = list(found)
    pairs, missed = [], []
    for one in expected:
        index = next((n for n, other in enumerate(left) if fits(one, other)), None)
        if index is None:
            missed.append(one)
        else:
            pairs.append((one, left.pop(index)))
    return pairs, missed, left


def pair_quantities(gold: Sequence[GoldQuantity], indicators: Sequence[Indicator]) -> Pairing:
    """Pairs of one modality first, the same code before others, so that two codes of one span pair up rightly; then what
    stands in one place with different modalities."""
    paired: dict[bool, list[tuple[GoldQuantity, Indicator]]] = {True: [], False: []}
    missed, extra = list(gold), list(indicators)
    for actual in (True, False):
        for fits in (_same_place_and_code, _same_place):
            mine = [quantity for quantity in missed if (quantity.modality == "actual") is actual]
            theirs = [indicator for indicator in extra if (indicator.modality == "actual") is actual]
            pairs, mine_left, theirs_left = pair(mine, theirs, fits)
            paired[actual] += pairs
            missed = _kept(missed, mine, mine_left)
            extra = _kept(extra, theirs, theirs_left)
    unlike, missed, extra = pair(missed, extra, lambda one, other: one.modality != other.modality and _overlap(one, other))
    return Pairing(paired[True], paired[False], unlike, missed, extra)


def _kept(entries: list[Found], considered: list[Found], left: list[Found]) -> list[Found]:
    """The entries that were not considered or are left."""
    gone = {id(entry) for entry in considered} - {id(entry) for entry in left}
    return [entry for entry in entries if id(entry) not in gone]


def _same_section(expected: GoldSection, found: Section) -> bool:
    return expected.kind == found.kind and abs(expected.start - found.start) <= SECTION_REACH


def _same_item(expected: GoldItem, found: Item) -> bool:
    near = abs(expected.start - found.start) <= ITEM_REACH and abs(expected.end - found.end) <= ITEM_REACH
    return expected.kind == found.kind and near


def _same_place(expected: GoldQuantity, found: Indicator) -> bool:
    return expected.modality == found.modality and _overlap(expected, found) and _same_value(expected, found)


def _same_place_and_code(expected: GoldQuantity, found: Indicator) -> bool:
    return expected.code == found.code and _same_place(expected, found)


def _same_value(expected: GoldQuantity, found: Indicator) -> bool:
    if expected.value is None:
        return _number(expected.low) == _number(found.low) and _number(expected.high) == _number(found.high)
    return _number(expected.value) == _number(found.value)


def _same_unit(expected: GoldQuantity, found: Indicator) -> bool:
    return expected.unit == found.unit


def _same_qualifier(expected: GoldQuantity, found: Indicator) -> bool:
    return expected.qualifier == found.qualifier


def _number(value: Decimal | None) -> float | None:
    return None if value is None else round(float(value), VALUE_DECIMALS)


def _overlap(one: _Placed, other: _Placed) -> bool:
    return min(one.end, other.end) > max(one.start, other.start)


def _field(source: GoldMetadata | Metadata, field: str) -> str | int | list[str] | None:
    """A field as it is compared: without white space, lists in no order."""
    value = getattr(source, field)
    if isinstance(value, str):
        return "".join(value.split()) or None
    if isinstance(value, tuple):
        return sorted("".join(words.split()) for words in value)
    return value if isinstance(value, int) else None


def _shown(value: str | int | tuple[str, ...] | None) -> str:
    if value is None or value == ():
        return NOTHING
    return "、".join(value) if isinstance(value, tuple) else str(value)


def _described(quantity: GoldQuantity | Indicator) -> str:
    value = f"{quantity.low}–{quantity.high}" if quantity.value is None else str(quantity.value)
    return " ".join((value, quantity.unit or "-", quantity.qualifier, quantity.modality, quantity.code or "-"))


SENTENCE_ENDS = "。！？"
SENTENCE_REACH = 60
"""Characters shown on either side of a place, at most."""
PLACE_LONGEST = 48
"""Characters of a place that are shown; of a longer one, its two ends."""


def marked(text: str, start: int, end: int) -> str:
    """The sentence around a place in one line, the place in ⟦⟧; … where something is left out."""
    left = max((text.rfind(mark, 0, start) + len(mark) for mark in (*SENTENCE_ENDS, "\n\n") if mark in text[:start]), default=0)
    rights = (text.find(mark, max(end - 1, start)) for mark in (*SENTENCE_ENDS, "\n\n"))
    right = min((at + 1 for at in rights if at >= 0), default=len(text))
    before, after = text[left:start], text[end : max(right, end)]
    if len(before) > SENTENCE_REACH:
        before = "…" + before[-SENTENCE_REACH:]
    if len(after) > SENTENCE_REACH:
        after = after[:SENTENCE_REACH] + "…"
    place = text[start:end]
    if len(place) > PLACE_LONGEST:
        place = f"{place[: PLACE_LONGEST * 2 // 3]}…{place[-PLACE_LONGEST // 3 :]}"
    return f"{before.lstrip()}{MARK_OPEN}{place}{MARK_CLOSE}{after.rstrip()}".replace("\r", "").replace("\n", "⏎")


def _score(pairs: list[tuple[Expected, Found]], missed: list[Expected], extra: list[Found]) -> Score:
    return Score(right=len(pairs), missed=len(missed), wrong=len(extra))


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _sum(scores: Iterable[Score]) -> Score:
    return sum(scores, Score())


def _add(one: dict[str, Score], other: dict[str, Score]) -> dict[str, Score]:
    """The scores of both, names in the order in which they first come."""
    return {name: one.get(name, Score()) + other.get(name, Score()) for name in (*one, *(n for n in other if n not in one))}


def _scored(stages: dict[str, Score]) -> dict[str, Score]:
    """The stages with the sum of the metadata fields before the single ones."""
    fields = _sum(score for name, score in stages.items() if name.startswith("metadata."))
    return {"metadata": fields, **stages}


def _group(code: str) -> str:
    return code.partition(".")[0]


def _groups(codes: dict[str, Score]) -> dict[str, Score]:
    names = sorted({_group(code) for code in codes})
    return {name: _sum(score for code, score in codes.items() if _group(code) == name) for name in names}


def _figures(counts: Counts) -> dict[str, float]:
    """The ten figures of what was counted."""
    stages = counts.stages
    characters = stages.get("section_characters", Score())
    return {
        "metadata": counts.shares["metadata"].percent,
        "sections_f1": stages.get("sections", Score()).f1,
        "section_chars": Share(characters.right, characters.right + characters.missed).percent,
        "items_f1": stages.get("items", Score()).f1,
        "value_f1": stages.get("values", Score()).f1,
        "quantity_f1": stages.get("quantities", Score()).f1,
        "code_f1": stages.get("codes", Score()).f1,
        "code_hard_f1": stages.get("codes_without_profile", Score()).f1,
        "modality": counts.shares["modality"].percent,
        "grounded": counts.shares["grounded"].percent,
    }
