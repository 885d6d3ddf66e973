"""What a batch asks of the corpus findings: a sketch of each report while it is read, and the findings of all at the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from extractor.batch.task import Outcome
from extractor.writing.rows import Cell


def sketch(outcome: Outcome) -> str:
    """What the corpus findings need of one report, as one line without a line end; empty where they need nothing."""
    return ""


def corpus_findings(sketches: Path) -> Iterator[list[Cell]]:
    """The findings over all reports, as rows of the table `findings`. `sketches` has a line for each report, in order."""
    yield from ()
