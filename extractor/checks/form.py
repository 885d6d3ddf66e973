"""Is it a whole report of this kind: its words, its sections, nothing left blank, nothing cut off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import regex

from extractor.checks.doubt import Doubt, has_any
from extractor.cleaning import raw_span
from extractor.patterns import compile_pattern

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue
    from extractor.pipeline import Reading

_ENDS = "。！？”）：；.!?)"
_SENTENCE_LEAST = 30
_CUT_SHOWN = 10


@dataclass(frozen=True)
class FormChecks:
    """What a text of this kind must have and must not have, whatever its numbers."""

    catalogue: Catalogue

    @cached_property
    def placeholders(self) -> tuple[tuple[tuple[str, ...], regex.Pattern[str]], ...]:
        return tuple((rule.signs, compile_pattern(rule.pattern)) for rule in self.catalogue.checks.placeholders)

    def find(self, reading: Reading) -> Iterator[Doubt]:
        """Doubts about the form of one report."""
        yield from self._genre(reading)
        yield from self._sections(reading)
        yield from self._placeholders(reading)
        yield from self._end(reading)

    def _genre(self, reading: Reading) -> Iterator[Doubt]:
        head = self.catalogue.head
        if not self._speaks_of(reading.clean.text, head.subject, head.subject_least):
            yield Doubt("not_a_report", words={"title": head.title.zh, "title_en": head.title.en})
        if not reading.quantities:
            yield Doubt("no_numbers")

    def _speaks_of(self, text: str, words: tuple[str, ...], least: int) -> bool:
        for word in words:
            least -= word in text
            if least <= 0:
                return True
        return False

    def _sections(self, reading: Reading) -> Iterator[Doubt]:
        kinds = {node.kind for node in reading.outline.nodes if node.level == 1}
        if not kinds:
            yield Doubt("no_sections")
            return
        for rule in self.catalogue.checks.sections:
            if rule.kind not in kinds and not has_any(reading.clean.text, rule.spoken_of):
                kind = self.catalogue.head.kinds[rule.kind]
                yield Doubt("missing_section", words={"kind": kind.zh, "kind_en": kind.en})

    def _placeholders(self, reading: Reading) -> Iterator[Doubt]:
        folded = reading.clean.folded
        for signs, pattern in self.placeholders:
            if has_any(folded, signs):
                for match in pattern.finditer(folded):
                    start, end = match.span()
                    yield Doubt("placeholder", start, end, words={"text": reading.text[start:end]})

    def _end(self, reading: Reading) -> Iterator[Doubt]:
        """A long last paragraph of the body that ends without a stop, where no sign-off follows."""
        clean, end = reading.clean, reading.outline.body_end
        if end < len(clean.text) or not clean.paragraphs:
            return
        last = clean.paragraphs[-1]
        if last.end - last.start < _SENTENCE_LEAST:
            return
        if clean.text[last.end - 1] not in _ENDS:
            yield Doubt("truncated", *raw_span(clean, max(last.start, last.end - _CUT_SHOWN), last.end))
