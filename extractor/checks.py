"""Findings: doubts about one report, from what the stages found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from extractor.catalogue.models import Catalogue

if TYPE_CHECKING:
    from extractor.pipeline import Reading


def find(catalogue: Catalogue, reading: Reading, indicators: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All findings of one report, in a fixed order."""
    return []
