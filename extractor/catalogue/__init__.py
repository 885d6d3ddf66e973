"""The rules: what they may say (`models`), how they are read and checked (`loader`), and their examples (`examples`)."""

from __future__ import annotations

from extractor.catalogue.loader import load_catalogue
from extractor.catalogue.models import Catalogue

__all__ = ["Catalogue", "load_catalogue"]
