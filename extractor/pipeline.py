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
from extractor.modality import ModalityReader
from extractor.models import SCHEMA_VERSION, Metadata, Report
from extractor.outline import Outlining
from extractor.quantities import RUN, QuantityGrammar
from extractor.summary import summarise
from extractor.types import CleanText, Document, Measure, Outline, Place, Quantity, Skip
from extractor.words import LabelMaker

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue

_REPORTED = "reported"


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
        return Checks(self.catalogue)

    @cached_property
    def labels(self) -> LabelMaker:
        return LabelMaker(self.catalogue)

    @cached_property
    def modalities(self) -> dict[int | None, ModalityReader]:
        return {}

    def modality(self, year: int | None) -> ModalityReader:
        return self.modalities.setdefault(year, ModalityReader(self.catalogue, year))

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
            clean, outline, hits, measures, zeros, self.modality(metadata.report_year)
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
    measure, clean = quantity.measure, reading.clean
    start, end = raw_span(clean, measure.start, measure.end)
    written = reading.text[start:end]
    rule = stages.matcher.by_code.get(quantity.code) if quantity.code else None
    return {
        "id": quantity.id,
        "code": quantity.code,
        "label": rule.label.zh if rule else stages.labels.label(clean.text, quantity),
        "value": quantity.value,
        "low": measure.low,
        "high": measure.high,
        "unit": _unit_as_written(reading, measure, written),
        "qualifier": measure.qualifier,
        "modality": quantity.modality,
        "text": written,
        "start": start,
        "end": end,
        "quote": clean.text[quantity.context.clause : max(quantity.context.right_end, measure.end)],
        "section": quantity.section.id if quantity.section else None,
        "part_of": quantity.total.id if quantity.total else None,
        "rule": "/".join(filter(None, (quantity.rule, quantity.modality_rule))),
    }


def _location(places: tuple[Place, ...], starts: list[int], offset: int) -> dict[str, Any] | None:
    """The last place that begins at or before an offset."""
    at = bisect_right(starts, offset) - 1
    return None if at < 0 else {key: value for key, value in places[at]._asdict().items() if key != "start"}


def _unit_as_written(reading: Reading, measure: Measure, written: str) -> str | None:
    """The unit in the characters of the document (個 where it writes traditional ones); `written` is the whole quantity."""
    if measure.unit is None or measure.unit_start is None:
        return measure.unit
    if measure.unit in written:
        return measure.unit
    start = measure.unit_start
    characters = [reading.text[raw_offset(reading.clean, at)] for at in range(start, start + len(measure.unit))]
    return "".join(new if "\u4e00" <= new <= "\u9fff" else old for old, new in zip(measure.unit, characters, strict=True))


def _coverage(reading: Reading) -> dict[str, Any]:
    """Runs of digits and numerals in the whole text, and where each of them went."""
    text = reading.clean.text
    runs = [match.start() for match in RUN.finditer(text)]
    sign_off = bisect_left(runs, reading.outline.body_end)
    skipped: Counter[str] = Counter(sign_off=len(runs) - sign_off)
    for reason, lines in (
        ("front_matter", reading.clean.front),
        ("furniture", reading.clean.furniture),
        ("page_number", reading.clean.page_marks),
    ):
        skipped[reason] = sum(len(RUN.findall(line.text)) for line in lines)
    outside = skipped["front_matter"] + skipped["furniture"] + skipped["page_number"]
    reasons = [""] * sign_off
    for start, end, reason in [*reading.skips, *((q.measure.start, q.measure.end, _REPORTED) for q in reading.quantities)]:
        place = bisect_left(runs, start)
        while place < sign_off and runs[place] < end:
            reasons[place] = reason
            place += 1
    counts = Counter(reasons)
    reported, unaccounted = counts.pop(_REPORTED, 0), counts.pop("", 0)
    skipped.update(counts)
    return {
        "numbers": len(runs) + outside,
        "reported": reported,
        "skipped": {reason: n for reason, n in sorted(skipped.items()) if n},
        "unaccounted": unaccounted,
    }


def document_of(text: str, name: str = "") -> Document:
    """A text that is already in memory, as a document."""
    data = text.encode("utf-8", "surrogatepass")
    return Document(name, text, "text/plain", None, hashlib.sha256(data).hexdigest(), len(data))
