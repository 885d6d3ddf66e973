"""Findings in words: severity and text are those of `corpus.yaml`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractor.corpus.store import Entry, Place
from extractor.corpus.types import CorpusFinding

if TYPE_CHECKING:
    from extractor.catalogue.models import CorpusCode, CorpusRules


def finding(
    rules: CorpusRules, entry: Entry, code: CorpusCode, zh: dict[str, object], en: dict[str, object], indicators: str = ""
) -> CorpusFinding:
    """A finding about a report; `zh` and `en` are the words that its wording asks for."""
    text = rules.findings[code]
    ids = tuple(indicators.split())
    return CorpusFinding(entry.name, code, text.severity, text.zh.format(**zh), text.en.format(**en), ids)


def place_name(place: Place | None) -> str:
    """A place as a message calls it."""
    return "".join(filter(None, place)) if place else "—"


def number(value: float) -> str:
    """A value as a message shows it: at most two decimals, no needless ones."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
