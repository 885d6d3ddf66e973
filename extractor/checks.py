"""Findings: doubts about one report, from what the stages found. Codes, severities and wording are in `checks.yaml`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import regex

from extractor.cleaning import raw_span
from extractor.patterns import compile_pattern
from extractor.types import Notice

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue
    from extractor.pipeline import Reading

_ENDS = "。！？”）：；.!?)"
_SENTENCE_LEAST = 30
_Finding = dict[str, Any]


@dataclass(frozen=True)
class Checks:
    """The checks over one catalogue, compiled when first used."""

    catalogue: Catalogue

    @cached_property
    def placeholder(self) -> regex.Pattern[str]:
        return compile_pattern("|".join(self.catalogue.head.placeholders))

    def find(self, reading: Reading, notices: tuple[Notice, ...] = ()) -> list[_Finding]:
        """All findings of one report: about the whole first, then by place. `notices` are the doubts of reading."""
        return [
            *(self._noticed(notice) for notice in notices),
            *self._genre(reading),
            *self._sections(reading),
            *self._placeholders(reading),
            *self._units(reading),
            *self._end(reading),
        ]

    def _finding(
        self, code: str, span: tuple[int, int] | None = None, indicators: tuple[str, ...] = (), **words: str
    ) -> _Finding:
        text = self.catalogue.checks.findings[code]
        start, end = span if span else (None, None)
        return {
            "code": code,
            "severity": text.severity,
            "message": text.zh.format(**words),
            "message_en": text.en.format(**words),
            "indicators": indicators,
            "start": start,
            "end": end,
        }

    def _noticed(self, notice: Notice) -> _Finding:
        span = None if notice.start is None or notice.end is None else (notice.start, notice.end)
        words = dict(notice.words)
        return self._finding(notice.code, span, (), **words)

    def _genre(self, reading: Reading) -> Iterator[_Finding]:
        head = self.catalogue.head
        if sum(word in reading.clean.text for word in head.subject) < head.subject_least:
            yield self._finding("not_a_report", title=head.title.zh)
        if not reading.quantities:
            yield self._finding("no_numbers")

    def _sections(self, reading: Reading) -> Iterator[_Finding]:
        kinds = {node.kind for node in reading.outline.nodes if node.level == 1}
        if not kinds:
            yield self._finding("no_sections")
            return
        for kind in self.catalogue.head.expected_sections:
            if kind not in kinds:
                yield self._finding("missing_section", kind=self.catalogue.head.kinds[kind].zh)

    def _placeholders(self, reading: Reading) -> Iterator[_Finding]:
        for match in self.placeholder.finditer(reading.text):
            yield self._finding("placeholder", match.span(), text=match[0])

    def _units(self, reading: Reading) -> Iterator[_Finding]:
        for quantity in reading.quantities:
            measure = quantity.measure
            if measure.unit is None and not measure.zero:
                span = raw_span(reading.clean, measure.start, measure.end)
                yield self._finding("missing_unit", span, (quantity.id,), text=reading.text[span[0] : span[1]])

    def _end(self, reading: Reading) -> Iterator[_Finding]:
        """A long last paragraph of the body that ends without a stop, where no sign-off follows."""
        clean, end = reading.clean, reading.outline.body_end
        last = next((p for p in reversed(clean.paragraphs) if p.start < end), None)
        if last is None or end < len(clean.text) or last.end - last.start < _SENTENCE_LEAST:
            return
        if clean.text[last.end - 1] not in _ENDS:
            span = raw_span(clean, max(last.start, last.end - 10), last.end)
            yield self._finding("truncated", span)
