"""What the tests share: the compiled stages, and sentences whose quantities are marked with 【】."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from extractor.catalogue import load_catalogue
from extractor.models import Indicator, Report
from extractor.pipeline import Extractor, document_of

REPOSITORY = Path(__file__).parents[1]
SAMPLES = tuple(sorted((REPOSITORY / "samples").glob("*.txt")))


class Marked(NamedTuple):
    """A sentence without its marks, and the spans that they enclosed."""

    text: str
    spans: tuple[tuple[int, int], ...]

    @property
    def words(self) -> list[str]:
        return [self.text[start:end] for start, end in self.spans]


def unmark(sentence: str) -> Marked:
    """Take the marks 【】 out of a sentence and remember what they enclosed."""
    text, spans = "", []
    for piece in sentence.split("【"):
        inside, mark, after = piece.partition("】")
        if mark:
            spans.append((len(text), len(text) + len(inside)))
        text += inside + after
    return Marked(text, tuple(spans))


def overlapping(report: Report, span: tuple[int, int]) -> list[Indicator]:
    """The indicators that share a character with the span, in text order."""
    return [found for found in report.indicators if found.start < span[1] and span[0] < found.end]


@pytest.fixture(scope="session")
def extractor() -> Extractor:
    """All stages over the built-in rules."""
    return Extractor(load_catalogue())


@pytest.fixture(scope="session")
def record(extractor: Extractor) -> Callable[[str], Report]:
    """The record of a text, with the text in it, so that the model checks every span against it."""
    return lambda text: extractor.extract(document_of(text), with_text=True)
