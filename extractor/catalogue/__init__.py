"""The rules: what they may say (`models`), how they are read and checked (`loader`), what is remembered of them (`memory`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extractor.catalogue.loader import load_catalogue
    from extractor.catalogue.models import Catalogue

__all__ = ["Catalogue", "load_catalogue"]


def __getattr__(name: str) -> object:
    """The models and the loader, imported when they are first asked for."""
    if name == "Catalogue":
        from extractor.catalogue.models import Catalogue

        return Catalogue
    if name == "load_catalogue":
        from extractor.catalogue.loader import load_catalogue

        return load_catalogue
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
