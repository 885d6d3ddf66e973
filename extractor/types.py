"""Small values that pass between the stages. Offsets are in the cleaned text unless a name says `raw`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from extractor.models import Modality, Qualifier, SectionKind


class Place(NamedTuple):
    """Where the text from `start` on stands in its file: page, paragraph, sheet and cell, as far as its format has them."""

    start: int
    page: int | None = None
    paragraph: int | None = None
    sheet: str | None = None
    cell: str | None = None


class Notice(NamedTuple):
    """A doubt that came up in reading: the code of a finding, its span, and the words for its message."""

    code: str
    start: int | None = None
    end: int | None = None
    words: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """An input as received, its text taken out but otherwise untouched. `places` are in the order of the text."""

    name: str
    text: str
    media_type: str = "text/plain"
    encoding: str | None = "utf-8"
    sha256: str = ""
    bytes: int = 0
    pages: int | None = None
    places: tuple[Place, ...] = ()
    notices: tuple[Notice, ...] = ()


class Line(NamedTuple):
    """A line of the text as received: raw offsets, and its words with artefacts and justifying spaces removed."""

    start: int
    end: int
    text: str


class Paragraph(NamedTuple):
    """A paragraph of the cleaned text. `raw_start` is where its first line starts in the text as received."""

    start: int
    end: int
    raw_start: int


@dataclass(frozen=True, slots=True)
class CleanText:
    """The cleaned text, its paragraphs, and the way back. `folded` is the text as received, folded character by character.

    `clean_starts[k]` in the cleaned text is `raw_starts[k]` in the text as received, and the two run in step until the next.
    Three kinds of lines are no part of it: `front` before the report's own words begin (letterhead, title, metadata),
    `furniture` of the page, and `page_marks` (page numbers and rules).
    """

    text: str
    folded: str
    clean_starts: tuple[int, ...]
    raw_starts: tuple[int, ...]
    paragraphs: tuple[Paragraph, ...]
    front: tuple[Line, ...]
    furniture: tuple[Line, ...]
    page_marks: tuple[Line, ...]


class Mark(NamedTuple):
    """A number mark at the start of a paragraph: its style, number and where the words after it begin."""

    style: str
    number: int
    ordinal: str
    end: int


@dataclass(slots=True)
class Node:
    """A section while the tree is built; offsets in the cleaned text."""

    level: int
    start: int
    raw_start: int
    heading: str
    ordinal: str | None
    kind: SectionKind
    end: int = 0
    raw_end: int = 0
    parent: Node | None = None
    id: str = ""
    body: int = 0


@dataclass(frozen=True, slots=True)
class Outline:
    """The section tree in text order, and where the body ends (the sign-off begins)."""

    nodes: tuple[Node, ...]
    body_end: int


class Skip(NamedTuple):
    """A run of digits or numerals that is no quantity, and why."""

    start: int
    end: int
    reason: str


class Measure(NamedTuple):
    """A number as the grammar reads it, before anything is known of what it counts. `unit_start` is where its unit stands."""

    start: int
    end: int
    number_start: int
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    unit: str | None
    qualifier: Qualifier
    zero: bool
    unit_start: int | None = None


class Context(NamedTuple):
    """Where a number stands: its sentence, its clause, the words that are its own before and after it."""

    sentence: int
    sentence_end: int
    clause: int
    left: int
    right_end: int


@dataclass(slots=True, eq=False)
class Quantity:
    """A number with everything that was found out about it; equal to itself alone, for its totals may be many."""

    measure: Measure
    context: Context
    modality: Modality = "actual"
    modality_rule: str = ""
    code: str | None = None
    rule: str = ""
    section: Node | None = None
    total: Quantity | None = None
    value: Decimal | None = None
    id: str = ""
