"""One report from text to record: the stages in their order."""

from __future__ import annotations

import contextlib
import gc
import hashlib
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from extractor.attribution import Attribution
from extractor.catalogue.memory import recall_catalogue
from extractor.checks import Checks
from extractor.cleaning import Cleaning, raw_offset, raw_span
from extractor.indicators import Hits, IndicatorMatcher
from extractor.items import ItemReader, ItemSpan
from extractor.metadata import MetadataReader
from extractor.modality import ModalityReader, notes_of
from extractor.models import SCHEMA_VERSION, Metadata, Report
from extractor.outline import Outlining
from extractor.quantities import RUN, QuantityGrammar
from extractor.summary import summarise
from extractor.types import CleanText, Document, Line, Outline, Place, Quantity, Skip
from extractor.words import LabelMaker

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue

_REPORTED = "reported"
_QUOTED = 400
"""So many characters of a clause are quoted before and behind a number at most: a broken text may be one clause as a whole."""


@contextlib.contextmanager
def _without_collector() -> Iterator[None]:
    """No cyclic garbage collection meanwhile: no stage makes a cycle, and the collector would only walk the rules."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@dataclass(frozen=True)
class Extractor:
    """All stages over one catalogue, compiled when first used."""

    catalogue: Catalogue

    @cached_property
    def cleaning(self) -> Cleaning:
        return Cleaning(self.catalogue)

    @cached_property
    def outlining(self) -> Outlining:
        return Outlining(self.catalogue)

    @cached_property
    def item_reader(self) -> ItemReader:
        return ItemReader(self.catalogue, self.outlining)

    @cached_property
    def metadata_reader(self) -> MetadataReader:
        return MetadataReader(self.catalogue, self.cleaning)

    @cached_property
    def grammar(self) -> QuantityGrammar:
        return QuantityGrammar(self.catalogue)

    @cached_property
    def matcher(self) -> IndicatorMatcher:
        return IndicatorMatcher(self.catalogue)

    @cached_property
    def attribution(self) -> Attribution:
        return Attribution(self.catalogue, self.matcher)

    @cached_property
    def checks(self) -> Checks:
        return Checks(self.catalogue, self.cleaning)

    @cached_property
    def names(self) -> dict[str | None, str]:
        """The label of every code."""
        return {rule.code: rule.label.zh for rule in self.catalogue.indicators}

    @cached_property
    def labels(self) -> LabelMaker:
        return LabelMaker(self.catalogue)

    @cached_property
    def modalities(self) -> dict[tuple[int | None, frozenset[str]], ModalityReader]:
        return {}

    def modality(self, year: int | None, text: str) -> ModalityReader:
        """How the numbers of a report on `year` are read; notes in its text may say that too."""
        notes = notes_of(self.catalogue, text)
        return self.modalities.setdefault((year, notes), ModalityReader(self.catalogue, year, notes))

    def extract(self, document: Document, with_text: bool = False) -> Report:
        """The record of one report."""
        with _without_collector():
            return assemble(self, self.read(document.text), document, with_text)

    def read(self, text: str) -> Reading:
        """Everything the stages find in a text, in cleaned offsets."""
        clean = self.cleaning.clean(text)
        outline = self.outlining.outline(clean, len(text))
        metadata = self.metadata_reader.read(text, clean, outline)
        hits = self.matcher.hits(clean.text)
        names = self.matcher.names
        spans = [(s, e, names[w]) for s, e, w in zip(*hits, strict=True) if w in names]
        measures, skips = self.grammar.scan(clean.text, outline.body_end, spans)
        zeros = self.grammar.zeros(clean.text, outline.body_end)
        quantities, negated = self.attribution.attribute(
            clean, outline, hits, measures, zeros, self.modality(metadata.report_year, clean.text)
        )
        items = self.item_reader.read(clean, outline)
        return Reading(text, clean, outline, metadata, hits, quantities, sorted([*skips, *negated]), items)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the stages found in one text."""

    text: str
    clean: CleanText
    outline: Outline
    metadata: Metadata
    hits: Hits
    quantities: list[Quantity]
    skips: list[Skip]
    items: list[ItemSpan]


@lru_cache(maxsize=8)
def extractor_for(catalogue: str | None = None) -> Extractor:
    """The compiled stages for a catalogue folder, or for the built-in one."""
    return Extractor(recall_catalogue(catalogue))


def assemble(stages: Extractor, reading: Reading, document: Document, with_text: bool) -> Report:
    """The record: ids given, offsets led back to the text as received, everything validated in one pass."""
    catalogue = stages.catalogue
    for number, quantity in enumerate(reading.quantities, 1):
        quantity.id = f"q{number}"
    indicators = [_indicator(stages, reading, quantity) for quantity in reading.quantities]
    if document.places:
        starts = [place.start for place in document.places]
        for indicator in indicators:
            indicator["location"] = _location(document.places, starts, indicator["start"])
    sections = [
        {
            "id": node.id,
            "parent": node.parent.id if node.parent else None,
            "level": node.level,
            "kind": node.kind,
            "ordinal": node.ordinal,
            "heading": node.heading,
            "start": node.raw_start,
            "end": node.raw_end,
        }
        for node in reading.outline.nodes
    ]
    record: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "catalogue": {"id": catalogue.head.id, "version": catalogue.head.version},
        "source": _source(document, with_text),
        "metadata": reading.metadata,
        "sections": sections,
        "items": [_item(reading, number, item) for number, item in enumerate(reading.items, 1)],
        "indicators": indicators,
        "summary": summarise(stages.matcher, reading.hits, reading.quantities),
        "findings": stages.checks.find(reading, document.notices),
        "coverage": _coverage(reading),
    }
    return Report.model_validate(record, context=None)


def _source(document: Document, with_text: bool) -> dict[str, Any]:
    source = {
        "name": document.name,
        "media_type": document.media_type,
        "encoding": document.encoding,
        "sha256": document.sha256,
        "bytes": document.bytes,
        "characters": len(document.text),
        "pages": document.pages,
    }
    return source | {"text": document.text} if with_text else source


def _item(reading: Reading, number: int, item: ItemSpan) -> dict[str, Any]:
    start, end = raw_span(reading.clean, item.start, item.end)
    return {
        "id": f"i{number}",
        "kind": item.kind,
        "section": item.section.id,
        "ordinal": item.ordinal,
        "text": reading.text[start:end],
        "start": start,
        "end": end,
    }


def _indicator(stages: Extractor, reading: Reading, quantity: Quantity) -> dict[str, Any]:
    measure, context, code = quantity.measure, quantity.context, quantity.code
    first, last, text = measure.start, measure.end, reading.clean.text
    start, end = raw_span(reading.clean, first, last)
    written = reading.text[start:end]
    unit = measure.unit
    if unit is not None and unit not in written:
        unit = _unit_as_written(reading, unit, measure.unit_start)
    rule, modality_rule = quantity.rule, quantity.modality_rule
    return {
        "id": quantity.id,
        "code": code,
        "label": stages.names[code] if code in stages.names else stages.labels.label(text, quantity),
        "value": quantity.value,
        "low": measure.low,
        "high": measure.high,
        "unit": unit,
        "qualifier": measure.qualifier,
        "modality": quantity.modality,
        "text": written,
        "start": start,
        "end": end,
        "quote": text[max(context.clause, first - _QUOTED) : max(min(context.right_end, last + _QUOTED), last)],
        "section": quantity.section.id if quantity.section else None,
        "part_of": quantity.total.id if quantity.total else None,
        "rule": f"{rule}/{modality_rule}" if rule and modality_rule else rule or modality_rule,
    }


def _location(places: tuple[Place, ...], starts: list[int], offset: int) -> dict[str, Any] | None:
    """The last place that begins at or before an offset."""
    at = bisect_right(starts, offset) - 1
    return None if at < 0 else {key: value for key, value in places[at]._asdict().items() if key != "start"}


def _unit_as_written(reading: Reading, unit: str, start: int | None) -> str:
    """A unit in the characters of the document (個 where it writes traditional ones); `start` is where it stands."""
    if start is None:
        return unit
    characters = [reading.text[raw_offset(reading.clean, at)] for at in range(start, start + len(unit))]
    return "".join(new if "\u4e00" <= new <= "\u9fff" else old for old, new in zip(unit, characters, strict=True))


def _coverage(reading: Reading) -> dict[str, Any]:
    """Runs of digits and numerals in the whole text, and where each of them went."""
    clean = reading.clean
    runs = [match.start() for match in RUN.finditer(clean.text)]
    body = runs[: bisect_left(runs, reading.outline.body_end)]
    outside = {
        "front_matter": _numbers_in(clean.front),
        "furniture": _numbers_in(clean.furniture),
        "page_number": _numbers_in(clean.page_marks),
    }
    skipped = Counter(_ends_of(body, reading))
    reported, unaccounted = skipped.pop(_REPORTED, 0), skipped.pop("", 0)
    skipped.update(outside, sign_off=len(runs) - len(body))
    return {
        "numbers": len(runs) + sum(outside.values()),
        "reported": reported,
        "skipped": {reason: n for reason, n in sorted(skipped.items()) if n},
        "unaccounted": unaccounted,
    }


def _numbers_in(lines: tuple[Line, ...]) -> int:
    return len(RUN.findall("\n".join([line.text for line in lines]))) if lines else 0


def _ends_of(runs: list[int], reading: Reading) -> list[str]:
    """Where each run of the body went: reported, skipped for a reason, or "" for neither."""
    ends = [""] * len(runs)
    bounded = [*runs, len(reading.clean.text)]
    for start, end, reason in reading.skips:
        place = bisect_left(runs, start)
        while bounded[place] < end:
            ends[place] = reason
            place += 1
    for quantity in reading.quantities:
        measure = quantity.measure
        end, place = measure.end, bisect_left(runs, measure.start)
        while bounded[place] < end:
            ends[place] = _REPORTED
            place += 1
    return ends


def document_of(text: str, name: str = "") -> Document:
    """A text that is already in memory, as a document."""
    data = text.encode("utf-8", "surrogatepass")
    return Document(name, text, "text/plain", None, hashlib.sha256(data).hexdigest(), len(data))
