"""The record: what one report says, as frozen and validated models.

Offsets count Unicode code points in the text as received; `end` is exclusive. Numbers are exact decimals and are written
as JSON numbers. Absent is `None` or an empty tuple; keys are always there.
"""

from __future__ import annotations

import hashlib
import re
from decimal import Decimal
from functools import cache
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, TypeAdapter, WithJsonSchema, model_validator

SCHEMA_VERSION = "1.0"

SectionKind = Literal["overview", "work_done", "leadership_duty", "problems", "next_steps", "other"]
ItemKind = Literal["problem", "next_step"]
Qualifier = Literal["exact", "over", "nearly", "about", "at_least", "at_most", "range"]
Modality = Literal["actual", "target", "frequency", "each", "change", "past"]
State = Literal["reported", "zero", "mentioned", "absent"]
Severity = Literal["info", "warning", "error"]
CorrectedField = Literal["code", "value", "low", "high", "unit", "qualifier", "modality", "kind"]


def _json_number(value: Decimal) -> int | float:
    integer = int(value)
    return integer if integer == value else float(value)


Number = Annotated[
    Decimal,
    PlainSerializer(_json_number, when_used="json"),
    WithJsonSchema({"type": "number"}),
]
Offset = Annotated[int, Field(ge=0)]
_DAY = r"^\d{4}-\d{2}-\d{2}$"


def _is_day(value: str) -> str:
    # the library's own patterns make an error of the record of an interrupt that comes while one is tried
    if re.fullmatch(_DAY, value) is None:
        raise ValueError(f"{value!r} is no day in the form YYYY-MM-DD")
    return value


Day = Annotated[str, AfterValidator(_is_day), Field(json_schema_extra={"pattern": _DAY})]
"""A day as YYYY-MM-DD."""


class _Model(BaseModel):
    # built when first used: a command that makes no record does not pay for it
    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_serialization_defaults_required=True, defer_build=True)


class CatalogueReference(_Model):
    """Which rules made the record."""

    id: str
    version: str


class Source(_Model):
    """The input as received. `sha256` is of its bytes; `text` only with `--with-text`."""

    name: str
    media_type: str
    encoding: str | None
    sha256: str
    bytes: Offset
    characters: Offset
    pages: Offset | None
    text: str | None = Field(default=None, exclude_if=lambda value: value is None)


class Metadata(_Model):
    """What the report says of itself. Nothing is inferred that the text does not say."""

    title: str | None = None
    report_year: Annotated[int, Field(ge=1949, le=2100)] | None = None
    issuers: tuple[str, ...] = ()
    township: str | None = None
    county: str | None = None
    addressee: str | None = None
    document_number: str | None = None
    index_number: str | None = None
    issue_date: Day | None = None


class _Span(_Model):
    start: Offset
    end: Offset


class Section(_Span):
    """One heading and what stands below it. `level` 1 is the top; `parent` is a section's id."""

    id: str
    parent: str | None
    level: Annotated[int, Field(ge=1)]
    kind: SectionKind
    ordinal: str | None
    heading: str


class Item(_Span):
    """One problem or one plan, as the text itself numbers them."""

    id: str
    kind: ItemKind
    section: str | None
    ordinal: str | None
    text: str


class Location(_Model):
    """Where something stands in its file: page and paragraph count from 1; null is what its format does not have."""

    page: Annotated[int, Field(ge=1)] | None = None
    paragraph: Annotated[int, Field(ge=1)] | None = None
    sheet: str | None = None
    cell: str | None = None


class Indicator(_Span):
    """One quantity: a number, its unit, what it counts and how it is meant.

    `value` stands alone; a range has `low` and `high` instead. `code` is null for what the catalogue lacks; `label` is then
    taken from the text's own words. `quote` is the clause, `part_of` the id of the total, `rule` what decided.
    `location` is null for plain text.
    """

    id: str
    code: str | None
    label: str
    value: Number | None
    low: Number | None
    high: Number | None
    unit: str | None
    qualifier: Qualifier
    modality: Modality
    text: str
    quote: str
    section: str | None
    part_of: str | None
    rule: str
    location: Location | None = None


class SummaryEntry(_Model):
    """What a report says of one catalogue indicator; the four states are never merged."""

    state: State
    value: Number | None = None
    low: Number | None = None
    high: Number | None = None
    unit: str | None = None
    indicators: tuple[str, ...] = ()


class Finding(_Model):
    """A doubt or a contradiction. `code` is stable; `start` and `end` are null when it is about the whole report.

    `message` is Chinese, `message_en` says the same in English.
    """

    code: str
    severity: Severity
    message: str
    message_en: str
    indicators: tuple[str, ...] = ()
    start: Offset | None = None
    end: Offset | None = None


class Correction(_Model):
    """What a person put right: the entry's id, the field, what stood there and what stands there now.

    `by`, `at` and `note` say who, when (as it was given) and why, where that is known.
    """

    entry: str
    field: CorrectedField
    original: Number | str | None
    corrected: Number | str | None
    by: str | None = None
    at: str | None = None
    note: str | None = None


class Coverage(_Model):
    """Runs of digits and Chinese numerals: how many, how many lie in quantities, how many were skipped and why."""

    numbers: Offset
    reported: Offset
    skipped: dict[str, int]
    unaccounted: Offset


class Report(_Model):
    """One report's record."""

    schema_version: str
    catalogue: CatalogueReference
    source: Source
    metadata: Metadata
    sections: tuple[Section, ...]
    items: tuple[Item, ...]
    indicators: tuple[Indicator, ...]
    summary: dict[str, SummaryEntry]
    findings: tuple[Finding, ...]
    coverage: Coverage
    corrections: tuple[Correction, ...] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        problems = [*self._span_problems(), *self._id_problems(), *self._value_problems()]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _span_problems(self) -> list[str]:
        """Spans lie within the text and are not empty; where the text is known, every text stands at its offsets."""
        limit = self.source.characters
        text = self.source.text
        problems = []
        entries: tuple[Section | Item | Indicator, ...] = (*self.sections, *self.items, *self.indicators)
        for entry in entries:
            if not entry.start < entry.end <= limit:
                problems.append(f"{entry.id}: span {entry.start}..{entry.end} is not within 0..{limit}")
            elif text is not None and not isinstance(entry, Section) and text[entry.start : entry.end] != entry.text:
                problems.append(f"{entry.id}: its text does not stand at {entry.start}..{entry.end}")
        return problems

    def _id_problems(self) -> list[str]:
        """Ids are unique; every reference points to something."""
        sections = {section.id for section in self.sections}
        indicators = {indicator.id for indicator in self.indicators}
        problems = []
        if len(sections) + len(indicators) + len({item.id for item in self.items}) != (
            len(self.sections) + len(self.indicators) + len(self.items)
        ):
            problems.append("ids are not unique")
        known = {*sections, None}
        problems += [f"{entry.id}: no section {entry.parent}" for entry in self.sections if entry.parent not in known]
        problems += [f"{entry.id}: no section {entry.section}" for entry in self.items if entry.section not in known]
        problems += [f"{entry.id}: no section {entry.section}" for entry in self.indicators if entry.section not in known]
        problems += [
            f"{entry.id}: no total {entry.part_of}"
            for entry in self.indicators
            if entry.part_of is not None and (entry.part_of not in indicators or entry.part_of == entry.id)
        ]
        problems += [
            f"summary {code}: no indicator {one}"
            for code, entry in self.summary.items()
            for one in entry.indicators
            if one not in indicators
        ]
        entries = sections | indicators
        problems += [f"corrections: no {one.entry}" for one in self.corrections if one.entry not in entries]
        return problems

    def _value_problems(self) -> list[str]:
        """A value or a range, never both, never none; low is not above high; a rate's unit is a rate's."""
        problems = []
        for indicator in self.indicators:
            low, high, code = indicator.low, indicator.high, indicator.code
            has_range = low is not None or high is not None
            if (indicator.value is None) != has_range:
                problems.append(f"{indicator.id}: needs a value or a range")
            elif has_range and (low is None or high is None or low > high):
                problems.append(f"{indicator.id}: low is above high")
            if (
                code is not None
                and code.endswith("_rate")
                and indicator.unit not in RATE_UNITS
                and indicator.modality != "change"
            ):
                problems.append(f"{indicator.id}: {code} has the unit {indicator.unit!r}")
        return problems


RATE_UNITS = frozenset({"%", "百分点", "‰", None})
"""Units that a code ending in `_rate` may have; null where the text writes none or says zero."""


def report_id(report: Report) -> str:
    """A report's name in tables: the same for the same bytes under the same name, in every run. 16 hexadecimal digits."""
    key = f"{report.source.sha256}\n{report.source.name}"
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def record_line(report: Report) -> bytes:
    """A record as one line of JSON in UTF-8, without a line end."""
    return _adapter().dump_json(report)


@cache
def _adapter() -> TypeAdapter[Report]:
    return TypeAdapter(Report)
