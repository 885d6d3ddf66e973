"""Numbers, sections and findings from Chinese annual reports on rule-of-law government (法治政府建设年度报告).

>>> from extractor import extract
>>> report = extract("2024年，全镇共调解矛盾纠纷57起，调解成功率98.2%。")
>>> [(i.code, i.text) for i in report.indicators]
[('mediation.disputes_mediated', '57起'), ('mediation.success_rate', '98.2%')]
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extractor.catalogue import Catalogue
    from extractor.models import Report
    from extractor.reading import Limits, ReadOptions

__version__ = "0.1.0"
__all__ = ["Limits", "ReadOptions", "Report", "__version__", "extract", "extract_file", "load_catalogue"]


def extract(text: str, catalogue: str | os.PathLike[str] | None = None) -> Report:
    """The record of a report's text. `catalogue` names a folder of own rules laid over the built-in ones.

    Raises CatalogueError where the rules are wrong.
    """
    from extractor.pipeline import document_of, extractor_for

    return extractor_for(_folder(catalogue)).extract(document_of(text))


def extract_file(
    path: str | os.PathLike[str],
    catalogue: str | os.PathLike[str] | None = None,
    options: ReadOptions | None = None,
) -> Report:
    """The record of the report in a file of any format. `options` say its encoding, and what reading it may take.

    Raises InputError where it cannot be read or holds several reports, CatalogueError where the rules are wrong.
    """
    from extractor.pipeline import extractor_for
    from extractor.reading import ReadOptions, read_file

    return extractor_for(_folder(catalogue)).extract(read_file(path, options or ReadOptions()))


def _folder(catalogue: str | os.PathLike[str] | None) -> str | None:
    return os.environ.get("EXTRACTOR_CATALOGUE") or None if catalogue is None else os.fspath(catalogue)


def __getattr__(name: str) -> type[Report] | type[Catalogue] | object:
    """Models, options and the loader, imported when they are first asked for."""
    if name in ("Limits", "ReadOptions"):
        from extractor.reading import Limits, ReadOptions

        return {"Limits": Limits, "ReadOptions": ReadOptions}[name]
    if name == "Report":
        from extractor.models import Report

        return Report
    if name == "load_catalogue":
        from extractor.catalogue import load_catalogue

        return load_catalogue
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
