"""Labels for what the catalogue lacks, from the number's own words."""

from __future__ import annotations

from extractor.catalogue.models import Catalogue
from extractor.types import Quantity


def label_words(catalogue: Catalogue, text: str, quantity: Quantity) -> str:
    """A short label."""
    return text[max(quantity.context.clause, quantity.measure.start - 10) : quantity.measure.start] or "?"
