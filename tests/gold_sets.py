"""The annotated reports that quality is measured on, set by set; only those that are there."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from extractor.evaluation import Evaluation, evaluate
from extractor.gold import Gold
from extractor.models import Finding, Report
from extractor.pipeline import document_of, extractor_for
from extractor.reading.gold import find_gold, read_gold

REPOSITORY = Path(__file__).parents[1]
SHARED = REPOSITORY.parent / "shared"
FLOORS = Path(__file__).parent / "floors"


class Case(NamedTuple):
    """One annotated report."""

    name: str
    text: str
    gold: Gold


def gold_folders() -> dict[str, Path]:
    """Set name to folder: the samples, the annotated batches of the tests, and what lies beside the repository."""
    folders = {"samples": REPOSITORY / "samples"}
    for parent, prefix in ((Path(__file__).parent / "gold", "gold"), (SHARED / "gold", "shared")):
        if parent.is_dir():
            folders |= {f"{prefix}/{path.name}": path for path in sorted(parent.iterdir()) if path.is_dir()}
    return folders


@lru_cache
def cases_of(folder: Path) -> tuple[Case, ...]:
    """The annotated reports of a folder. Raises GoldError where one does not fit its text."""
    cases = []
    codes = extractor_for().catalogue.codes
    for file in find_gold(folder):
        gold, document = read_gold(file, codes)
        cases.append(Case(file.name, document.text, gold))
    return tuple(cases)


@lru_cache(maxsize=600)
def record_of(text: str) -> Report:
    """The record of a text under the built-in rules, with the text in it, so that the model checks every span against it.

    Several tests ask for that of the same annotated report, and many transformations leave a report as it is.
    """
    return extractor_for().extract(document_of(text), with_text=True)


def measure(cases: tuple[Case, ...]) -> Evaluation:
    """The extractor's records of the texts against their annotations."""
    return evaluate((name, text, gold, record_of(text)) for name, text, gold in cases)


def grave(report: Report) -> list[Finding]:
    """The findings of severity warning and above."""
    return [finding for finding in report.findings if finding.severity != "info"]
