"""What the rule files in `schemas/` may say. Unknown keys are errors; patterns must compile."""

from __future__ import annotations

from string import Formatter
from typing import Annotated, Literal, Self, get_args

import regex
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from extractor.models import ItemKind, Modality, Qualifier, SectionKind, Severity, State


def _compiles(pattern: str) -> str:
    try:
        regex.compile(pattern.replace("{year}", "0").replace("{later_year}", "0"))
    except regex.error as error:
        raise ValueError(f"the pattern does not compile: {error}") from error
    return pattern


Pattern = Annotated[str, AfterValidator(_compiles)]
Words = tuple[str, ...]
Share = Annotated[float, Field(gt=0, le=1)]
CorpusCode = Literal[
    "duplicate_file",
    "near_duplicate",
    "copied_from_earlier_year",
    "copied_from_earlier_year_with_numbers",
    "copied_from_other_place",
    "copied_from_other_place_with_numbers",
    "several_reports",
    "year_gap",
    "unit_changed",
    "outlier_in_series",
    "outlier_among_peers",
    "not_compared",
]


_COPY = frozenset({"other", "likeness", "same", "numbers", "year", "place"})
_FAR = frozenset({"label", "value", "unit", "median", "count", "score"})
CORPUS_WORDS: dict[CorpusCode, frozenset[str]] = {
    "duplicate_file": _COPY,
    "near_duplicate": _COPY,
    "copied_from_earlier_year": _COPY,
    "copied_from_earlier_year_with_numbers": _COPY,
    "copied_from_other_place": _COPY,
    "copied_from_other_place_with_numbers": _COPY,
    "several_reports": frozenset({"place", "year", "count", "other"}),
    "year_gap": frozenset({"place", "before", "missing", "count"}),
    "unit_changed": frozenset({"label", "before", "old", "new", "old_value", "new_value"}),
    "outlier_in_series": _FAR,
    "outlier_among_peers": _FAR | {"group", "year"},
    "not_compared": frozenset({"reason"}),
}
"""The findings of a corpus, and the words that the wording of each may ask for."""


class _Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Bilingual(_Rule):
    """One wording in Chinese and in English."""

    zh: str
    en: str


Aggregate = Literal["sum", "max", "last"]


class Terms(_Rule):
    """What tables for readers call the record's own words."""

    state: dict[State, Bilingual]
    modality: dict[Modality, Bilingual]
    qualifier: dict[Qualifier, Bilingual]
    item: dict[ItemKind, Bilingual]
    severity: dict[Severity, Bilingual]
    aggregate: dict[Aggregate, Bilingual]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for name, field in type(self).model_fields.items():
            words, _ = get_args(field.annotation)
            missing = set(get_args(words)) - set(getattr(self, name))
            if missing:
                raise ValueError(f"`{name}` has no word for {', '.join(sorted(missing))}")
        return self


class Head(_Rule):
    """`catalogue.yaml`: what genre the rules are for."""

    id: str
    version: str
    title: Bilingual
    groups: dict[str, Bilingual]
    kinds: dict[SectionKind, Bilingual]
    terms: Terms
    subject: Words
    subject_least: int


class Fold(_Rule):
    """Characters that count as others: each of `from` as the one of `to` at its place."""

    from_: str = Field(alias="from")
    to: str

    @model_validator(mode="after")
    def _in_step(self) -> Self:
        if len(self.from_) != len(self.to):
            raise ValueError("`from` and `to` must be of one length")
        return self


class Characters(_Rule):
    """`characters.yaml`: which characters are read as which."""

    folds: tuple[Fold, ...]
    traditional: Words
    simplified: Words

    @model_validator(mode="after")
    def _in_step(self) -> Self:
        if len("".join(self.traditional)) != len("".join(self.simplified)):
            raise ValueError("`traditional` and `simplified` must be of one length")
        return self


class Furniture(_Rule):
    """What a web page adds to a report."""

    anywhere: tuple[Pattern, ...]


class Page(_Rule):
    """`page.yaml`: what a printed or web page adds to a report's words."""

    artefacts: tuple[Pattern, ...]
    page_breaks: tuple[Pattern, ...]
    furniture: Furniture


class MarkRule(_Rule):
    """A style of numbering and the pattern of its marks."""

    style: str
    pattern: Pattern


class Examples(_Rule):
    """What a rule must match and what it must not."""

    match: Words = ()
    not_: Words = Field(default=(), alias="not")


class KindRule(Examples):
    """Headings of one kind of section; with `evidence`, only where the text below has it."""

    kind: SectionKind
    pattern: Pattern
    evidence: Pattern | None = None


class Unmarked(_Rule):
    """Headings without a number."""

    longest: int
    patterns: tuple[Pattern, ...]
    topical: Pattern
    topical_least: int
    lead_in: Pattern
    lead_phrase: Pattern
    lead_least: int


class Combined(_Rule):
    """One section that holds problems and plans: where it turns to the plans."""

    turn: Pattern
    plans_style: Pattern


class BodyTurn(_Rule):
    """Words with which a text without headings turns to another kind of section."""

    kind: SectionKind
    pattern: Pattern


class SignOff(_Rule):
    """The issuer and the date below a report."""

    issuer: Pattern
    date: Pattern
    glued: Pattern


class Series(_Rule):
    """A series of openers inside a paragraph, such as 一是 … 二是."""

    pattern: Pattern


class ItemRules(_Rule):
    """How single problems and plans are told apart."""

    series: tuple[Series, ...]
    series_before: Pattern
    pairs: tuple[Words, ...]
    clause_mark: str
    preface: Pattern


class Sections(_Rule):
    """`sections.yaml`: headings, kinds of sections, and items."""

    marks: tuple[MarkRule, ...]
    top_styles: Words
    top_substitutes: Words
    kinds: tuple[KindRule, ...]
    unmarked: Unmarked
    seam: Pattern
    item_opener: Pattern
    combined: Combined
    body_turns: tuple[BodyTurn, ...]
    sign_off: SignOff
    items: ItemRules


class TitleRules(_Rule):
    """What a report's title must hold, how it ends, and what is none."""

    must: Pattern
    ends: Pattern
    blocked: Pattern
    glued: Pattern
    longest: int
    page_suffix: Pattern


MetadataLabel = Literal["index_number", "document_number", "issuer", "issue_date", "publication_date", "title", "ignored"]


class MetadataRules(_Rule):
    """`metadata.yaml`: what a report says of itself."""

    labels: dict[MetadataLabel, Words]
    empty_values: Words
    document_number: Pattern
    document_number_damaged: Pattern
    title: TitleRules
    introduction: Pattern
    year_in_intro: Pattern
    year_in_opening: Pattern
    year_in_heading: Pattern
    later_year_headings: Pattern
    issuer_in_title: Pattern
    issuer_body: Pattern
    issuer_alone: Pattern
    issuer_before_title: Pattern
    sign_off_tail: Pattern
    place_above: Pattern
    place_lead: Pattern
    township_not_end: Words
    issuer_suffix_in_sign_off: Pattern
    letterhead: Pattern
    township: Pattern
    township_blocked: Words
    county: Pattern
    addressee: Pattern
    addressee_blocked: Words
    addressee_longest: int
    date: Pattern
    delivered: Pattern
    chinese_date: Pattern


class MeasureWords(_Rule):
    """Measure words that are alike, and what each must not stand before."""

    words: Words
    blocked: Words = ()
    article: bool = False


class Units(_Rule):
    """`units.yaml`: measure words, and the families that indicators count in."""

    families: dict[str, Words]
    measure_words: tuple[MeasureWords, ...]
    bracketed: Words


class QualifierWords(_Rule):
    """Words that give a number one qualifier."""

    qualifier: Qualifier
    words: Words


class Bound(_Rule):
    """Words that say a number was exceeded when reported and set as a bound when planned."""

    over: Words
    at_least: Qualifier


class Qualifiers(_Rule):
    """Words before, inside and behind a number that qualify it."""

    before: tuple[QualifierWords, ...]
    between: tuple[QualifierWords, ...]
    after: tuple[QualifierWords, ...]
    bound: Bound
    blocked: dict[str, Words]
    clause_at_least: Words
    clause_at_least_reach: int


class Percent(_Rule):
    """Signs and words of rates."""

    signs: Words
    point: str
    fraction: str
    tenths: str
    tenths_blocked: Words


class ArticleOne(_Rule):
    """When 一 with a measure word is an article and no number."""

    after_noun: bool
    verbs: Words
    not_after: Words
    not_before: Words
    counts_before: Words


class SkipRule(Examples):
    """Numbers that are no quantities, and the reason."""

    reason: str
    pattern: Pattern


class Enclosed(_Rule):
    """Marks whose contents are no quantities, such as those of titles."""

    reason: str
    open: str
    close: str
    longest: int


class Numbers(_Rule):
    """`numbers.yaml`: qualifiers, rates, and the numbers that are no quantities."""

    qualifiers: Qualifiers
    percent: Percent
    article_one: ArticleOne
    one_not_before: Words
    skip: tuple[SkipRule, ...]
    enclosed: tuple[Enclosed, ...]
    names: dict[str, tuple[Words, ...]]


class ModalityRule(Examples):
    """What round a number gives it a modality; with a `note`, only in a report in which the note stands."""

    modality: Modality
    name: str
    note: Pattern | None = None
    triggers: str = ""
    before: Pattern | None = None
    after: Pattern | None = None
    without: Pattern | None = None
    unit: Words = ()
    qualifier: tuple[Qualifier, ...] = ()
    sections: Words = ()


class ZeroWords(_Rule):
    """Words of negation that state a zero."""

    strong: Words
    weak: Words
    unit_one: Words
    after_one: Words
    any_cue: Words
    weak_blocked_before: Words
    weak_blocked_after: Words
    behind: Pattern
    separators: Pattern
    reach: int


class Modalities(_Rule):
    """`modality.yaml`: what is done, planned, usual, changed or past, and what is stated not to have been."""

    rules: tuple[ModalityRule, ...]
    decrease: Words
    increase: Words
    zero: ZeroWords


class Discourse(_Rule):
    """`discourse.yaml`: how sentences hang together."""

    light: Words
    light_year: Pattern
    part_openers: Words
    rest: Words
    pending: Words
    list_separators: Words
    member_longest: int
    respectively: Pattern
    name_separators: Pattern
    between_changes: Pattern
    restated: Pattern
    shared_rate_name: Pattern


class Vocabulary(_Rule):
    """`vocabulary.yaml`: concepts and the words for them."""

    concepts: dict[str, Words]


class Cue(_Rule):
    """When a quantity belongs to an indicator.

    `own`: each must stand among the number's own words; `right`: among the words after it; `near`: among the words of its
    sentence, the sentences before it in its paragraph, or the headings above it; `after`: the code of a number before it, which
    `unless_after` forbids; `followed_by`: the unit of a number directly after it; `not`: none may stand among its own words. An
    entry is a concept of vocabulary.yaml, a word, or several parted by `|`.
    """

    own: Words = ()
    right: Words = ()
    near: Words = ()
    after: Words = ()
    unless_after: Words = ()
    followed_by: Words = ()
    not_: Words = Field(default=(), alias="not")
    unit: Words = ()
    head: bool = False
    adjacent: bool = False
    weight: float = 0.0


class IndicatorRule(_Rule):
    """One indicator of the catalogue. `parts` are the codes that a part of its total does not get though its words say so."""

    code: Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z][a-z0-9_]*$")]
    label: Bilingual
    definition: Bilingual
    unit: str
    only: Words = ()
    aggregate: Aggregate
    cues: tuple[Cue, ...]
    zero: tuple[Cue, ...] = ()
    mention: Words = ()
    parts: Words = ()
    examples: IndicatorExamples


class IndicatorExamples(_Rule):
    """Sentences with one quantity in 【】: `match` must get the code, `not` must not."""

    match: Annotated[Words, Field(min_length=3)]
    not_: Annotated[Words, Field(alias="not", min_length=3)]

    @model_validator(mode="after")
    def _marked(self) -> Self:
        for sentence in (*self.match, *self.not_):
            if sentence.count("【") != 1 or sentence.count("】") != 1 or sentence.index("【") + 1 >= sentence.index("】"):
                raise ValueError(f"needs exactly one quantity in 【】: {sentence}")
        return self


class UncataloguedRule(_Rule):
    """Something that reports count and the catalogue has no code for: where its cues win, the code stays null."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    cues: tuple[Cue, ...]


class Uncatalogued(_Rule):
    """`uncatalogued.yaml`: what is counted and has no code."""

    uncatalogued: tuple[UncataloguedRule, ...]


class Indicators(_Rule):
    """A file of `indicators/`."""

    indicators: tuple[IndicatorRule, ...]


class FindingExamples(_Rule):
    """Texts in which the finding must stand, its span in 【】 unless it is about the whole report, and texts in which not."""

    found: Words = ()
    not_: Words = Field(default=(), alias="not")

    @model_validator(mode="after")
    def _marked(self) -> Self:
        for text in self.found:
            if text.count("【") > 1 or text.count("【") != text.count("】"):
                raise ValueError(f"needs one span in 【】, or none for a finding about the whole report: {text}")
        return self


class FindingText(_Rule):
    """A finding: its severity, what it is called, what it says of a report, what it means and what to do about it."""

    severity: Severity
    title: Bilingual
    zh: str
    en: str
    definition: Bilingual
    remedy: Bilingual
    examples: FindingExamples = FindingExamples()

    @model_validator(mode="after")
    def _can_be_filled_in(self) -> Self:
        for text in (self.zh, self.en):
            if any(name == "" or not (name or "x").isidentifier() for _, name, _, _ in Formatter().parse(text)):
                raise ValueError(f"what stands in {{}} of a message must be one of its words: {text}")
        return self

    @property
    def words(self) -> frozenset[str]:
        """The names in {} of its message, in either language."""
        return frozenset(name for text in (self.zh, self.en) for _, name, _, _ in Formatter().parse(text) if name is not None)


class PartRules(_Rule):
    """How a total and its parts stand in a text, and when the parts are all that there are."""

    openers: Words
    exhaustive: Words
    remainder: Words
    opposites: tuple[tuple[str, str], ...]
    overlapping: Words
    overlapping_units: Words
    breaks: Words
    open_ends: Words
    near_least: int
    near_percent: int


class RateRule(_Rule):
    """A rate that is the share of one count in another: by its code, or by the words before it where it has none."""

    rate: str | None = None
    names: Words = ()
    of: Words
    to: Words
    unless: Words = ()

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        if (self.rate is None) == (not self.names):
            raise ValueError("needs `rate` or `names`, and not both")
        return self


class OrderRule(_Rule):
    """A count that cannot be greater than another of its sentence, and the finding where it is."""

    finding: str
    lesser: Words
    greater: Words
    adjacent: bool = False


class OrderRules(_Rule):
    """Which counts cannot be greater than which; not in a sentence with a word of `unless`."""

    unless: Words
    continues: Words
    rules: tuple[OrderRule, ...]


class ZeroRules(_Rule):
    """Codes of which a report cannot say zero and give a number; not where a word of `unless` stands with either."""

    codes: Words
    unless: Words


class SingleRule(_Rule):
    """What a report has one value of. `names` are the words before the number without `strip`, `after` words behind it."""

    code: str
    names: Words
    after: Words = ()
    whole: bool = False


class SingleRules(_Rule):
    """What is said once: words that change nothing, words that speak of the whole place, and the rules."""

    strip: Words
    whole: Words
    rules: tuple[SingleRule, ...]


class Plausible(_Rule):
    """The most that a township and that a county plausibly has or does in a year, in the unit given."""

    code: str
    units: Words = ()
    township: Annotated[int, Field(gt=0)]
    county: Annotated[int, Field(gt=0)]


class UnlikelyUnits(_Rule):
    """Measure words that nobody counts these things in, where the number stands right behind them."""

    names: Words
    units: Words


class YearRules(_Rule):
    """Where a report names its year. `document`: the years of its number and date, counted from the one reported on."""

    document: tuple[int, ...]
    opening: int
    heading: Pattern


class IdentityRules(_Rule):
    """How a text names the body that issues it: in its front and signature, and where it speaks of itself."""

    place: Pattern
    lead: Pattern
    body: Pattern
    selves: dict[str, Pattern]
    speaking: Pattern
    before: Words
    not_names: Pattern


class SectionRule(_Rule):
    """A section that the official form asks for; `spoken_of` are words that do where it has no heading."""

    kind: SectionKind
    spoken_of: Words = ()


class PlaceholderRule(_Rule):
    """What a template leaves behind; a text without any of `signs` is not searched for it."""

    pattern: Pattern
    signs: Annotated[Words, Field(min_length=1)]


class Checks(_Rule):
    """`checks.yaml`: the findings, and the rules of those that compare."""

    findings: dict[str, FindingText]
    sections: tuple[SectionRule, ...]
    placeholders: tuple[PlaceholderRule, ...]
    parts: PartRules
    rates: tuple[RateRule, ...]
    share_word: str
    above_hundred: Words
    orders: OrderRules
    zeros: ZeroRules
    single: SingleRules
    plausible: tuple[Plausible, ...]
    alike_units: tuple[Words, ...]
    whole_units: Words
    averages: Words
    unlikely_units: tuple[UnlikelyUnits, ...]
    year: YearRules
    identity: IdentityRules


class TextLikeness(_Rule):
    """How texts are compared: shingles of characters, signatures of them, and from where on two are nearly the same."""

    shingle: Annotated[int, Field(ge=2)]
    permutations: Annotated[int, Field(ge=16)]
    bands: Annotated[int, Field(ge=1)]
    least_shingles: Annotated[int, Field(ge=1)]
    likeness: Share
    crowd: Annotated[int, Field(ge=1)]
    candidates: Annotated[int, Field(ge=1)]
    recent: Annotated[int, Field(ge=1)]

    @model_validator(mode="after")
    def _even(self) -> Self:
        if self.permutations % self.bands:
            raise ValueError("`permutations` must be a multiple of `bands`")
        return self


class NumberLikeness(_Rule):
    """From which share of numbers in common on two texts report the same numbers, and how many that needs."""

    least: Annotated[int, Field(ge=1)]
    same: Share


class OutlierRule(_Rule):
    """When a value is far from `least` or more others: its modified z-score, and its distance from their median."""

    least: Annotated[int, Field(ge=2)]
    score: Annotated[float, Field(gt=0)]
    factor: Annotated[float, Field(gt=1)]
    points: Annotated[float, Field(gt=0)]


class Scale(_Rule):
    """The scale on which values are compared.

    Counts on that of logarithms, `offset` added before, so that small ones differ little; rates in points. `factor` and
    `points` are the least spread that values are taken to have.
    """

    offset: Annotated[float, Field(gt=0)]
    factor: Annotated[float, Field(gt=1)]
    points: Annotated[float, Field(gt=0)]


class CorpusFindingText(_Rule):
    """Severity and wording of a finding of a corpus."""

    severity: Severity
    zh: str
    en: str


class CorpusRules(_Rule):
    """`corpus.yaml`: what many reports show beside each other."""

    text: TextLikeness
    numbers: NumberLikeness
    series: OutlierRule
    peers: OutlierRule
    scale: Scale
    same_units: tuple[Words, ...]
    everywhere: Bilingual
    findings: dict[CorpusCode, CorpusFindingText]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = sorted(set(CORPUS_WORDS) - set(self.findings))
        if missing:
            raise ValueError(f"no wording for {', '.join(missing)}")
        for code, text in self.findings.items():
            asked = {word for part in (text.zh, text.en) for _, word, _, _ in Formatter().parse(part) if word is not None}
            if not asked <= CORPUS_WORDS[code]:
                known = ", ".join(sorted(CORPUS_WORDS[code]))
                raise ValueError(f"{code} cannot say {', '.join(sorted(asked - CORPUS_WORDS[code]))}; it knows {known}")
        return self


class Lexicon(_Rule):
    """All words of cues and names. `fills[n]` are the slots that word n fills, each with the length that counts there;
    `reasons` names the words that are names with a number in them and why it is skipped."""

    words: Words
    slots: Words
    fills: tuple[tuple[tuple[int, int], ...], ...]
    reasons: tuple[tuple[int, str], ...]
    mentions: tuple[tuple[int, tuple[str, ...]], ...]


class Catalogue(_Rule):
    """All rules together. `fingerprint` is the hash of the files they were read from."""

    fingerprint: str
    head: Head
    characters: Characters
    page: Page
    sections: Sections
    metadata: MetadataRules
    units: Units
    numbers: Numbers
    modality: Modalities
    vocabulary: Vocabulary
    discourse: Discourse
    uncatalogued: Uncatalogued
    indicators: tuple[IndicatorRule, ...]
    checks: Checks
    corpus: CorpusRules
    dictionary: Words = ()
    lexicon: Lexicon = Field(default_factory=lambda: Lexicon(words=(), slots=(), fills=(), reasons=(), mentions=()))
    skip_firsts: dict[str, tuple[int, ...]] = Field(default_factory=dict)
    places: dict[str, tuple[str, int]] = Field(default_factory=dict)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of all indicators, in the catalogue's order."""
        return tuple(rule.code for rule in self.indicators)
