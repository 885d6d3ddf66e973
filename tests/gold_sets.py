"""The annotated reports that quality is measured on, set by set; only those that are there."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from extractor.evaluation import Evaluation, evaluate
from extractor.gold import Gold
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


def measure(cases: tuple[Case, ...]) -> Evaluation:
    """The extractor's records of the texts against their annotations."""
    stages = extractor_for()
    return evaluate((name, text, gold, stages.extract(document_of(text, name))) for name, text, gold in cases)
