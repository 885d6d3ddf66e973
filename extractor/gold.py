"""Gold: what a person found in a report, to measure records against. The form is described in docs/gold.md.

Offsets count Unicode code points in the text as received; `end` is exclusive.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from extractor.models import Day, ItemKind, Modality, Qualifier, Report, SectionKind

Offset = Annotated[int, Field(ge=0)]
Words = Annotated[str, StringConstraints(min_length=1)]


class _Gold(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GoldMetadata(_Gold):
    """What the report says of itself; every key must be there, absent is null."""

    title: Words | None
    report_year: int | None
    issuers: tuple[Words, ...]
    township: Words | None
    addressee: Words | None
    document_number: Words | None
    index_number: Words | None
    issue_date: Day | None


class _GoldSpan(_Gold):
    start: Offset
    end: Offset


class GoldSection(_GoldSpan):
    """A top-level section."""

    kind: SectionKind
    heading: str


class GoldItem(_GoldSpan):
    """A single problem or plan."""

    kind: ItemKind


class GoldQuantity(_GoldSpan):
    """A number of something. `value` stands alone; a range has `low` and `high` instead."""

    text: Words
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    unit: Words | None
    qualifier: Qualifier
    modality: Modality
    code: Words | None

    @model_validator(mode="after")
    def _value_or_range(self) -> Self:
        if (self.low is None) != (self.high is None) or (self.value is None) != (self.low is not None):
            raise ValueError("needs `value`, or `low` and `high` without it")
        return self


class Gold(_Gold):
    """One report's annotation. `doc` is a name for people; nothing depends on it."""

    doc: str | None = None
    metadata: GoldMetadata
    sections: tuple[GoldSection, ...]
    items: tuple[GoldItem, ...]
    quantities: tuple[GoldQuantity, ...]


def gold_of(report: Report) -> Gold:
    """A record that a person has read and corrected, as an annotation."""
    fields = report.metadata.model_dump(include=set(GoldMetadata.model_fields))
    return Gold(
        doc=report.source.name,
        metadata=GoldMetadata.model_validate(fields),
        sections=tuple(
            GoldSection(kind=s.kind, heading=s.heading, start=s.start, end=s.end) for s in report.sections if s.level == 1
        ),
        items=tuple(GoldItem(kind=i.kind, start=i.start, end=i.end) for i in report.items),
        quantities=tuple(
            GoldQuantity.model_validate(i.model_dump(include=set(GoldQuantity.model_fields))) for i in report.indicators
        ),
    )


def misfits(gold: Gold, text: str, codes: Collection[str]) -> list[str]:
    """What in `gold` does not fit `text` or the catalogue's `codes`, one line each; nothing where all is well."""
    known = frozenset(codes)
    return [*_span_misfits(gold, len(text)), *_quantity_misfits(gold, text, known)]


def _span_misfits(gold: Gold, limit: int) -> Iterator[str]:
    entries = {"sections": gold.sections, "items": gold.items, "quantities": gold.quantities}
    for name, spans in entries.items():
        for number, span in enumerate(spans):
            if not span.start < span.end <= limit:
                yield f"{name}[{number}]: the span {span.start}..{span.end} is empty or not within the text's 0..{limit}"


def _quantity_misfits(gold: Gold, text: str, codes: frozenset[str]) -> Iterator[str]:
    for number, quantity in enumerate(gold.quantities):
        found = text[quantity.start : quantity.end]
        if found != quantity.text:
            yield (
                f"quantities[{number}]: {quantity.text!r} does not stand at {quantity.start}..{quantity.end}, "
                f"where the text has {found[:40]!r}{_elsewhere(quantity, text)}"
            )
        if quantity.code is not None and quantity.code not in codes:
            yield f"quantities[{number}]: the catalogue has no code {quantity.code!r}"


def _elsewhere(quantity: GoldQuantity, text: str) -> str:
    """Where the words do stand, as a help to whoever corrects the offsets."""
    places = []
    at = text.find(quantity.text)
    while at >= 0:
        places.append(at)
        at = text.find(quantity.text, at + 1)
    if not places:
        return "; it stands nowhere in the text"
    return f"; the nearest place is {min(places, key=lambda place: abs(place - quantity.start))}"
