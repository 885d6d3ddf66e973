"""An evaluation for eyes (table), for programs (JSON) and for pages (Markdown)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Literal, TextIO

from extractor.evaluation import FIGURES, Evaluation, EvaluationError, Score

EvaluationForm = Literal["table", "json", "markdown"]

TOTAL = "TOTAL"
WIDTH = 180
"""Columns of a table that is not shown in a terminal."""

_SCORE_HEAD = ("precision", "recall", "f1", "right", "missed", "wrong")


def write_evaluation(evaluation: Evaluation, stream: TextIO, form: EvaluationForm, most_errors: int) -> None:
    """Write an evaluation with at most `most_errors` errors of each kind for each report."""
    shown = _with_fewer_errors(evaluation, most_errors)
    if form == "json":
        stream.write(shown.model_dump_json(indent=2) + "\n")
    elif form == "markdown":
        stream.write("\n".join(_markdown(shown)) + "\n")
    else:
        _write_table(shown, stream)


def _with_fewer_errors(evaluation: Evaluation, most: int) -> Evaluation:
    reports = {
        name: report.model_copy(update={"errors": tuple(_first_of_each_kind(report.errors, most))})
        for name, report in evaluation.reports.items()
    }
    return evaluation.model_copy(update={"reports": reports})


def _first_of_each_kind(errors: Iterable[EvaluationError], most: int) -> Iterator[EvaluationError]:
    seen: Counter[str] = Counter()
    for error in errors:
        seen[error.kind] += 1
        if seen[error.kind] <= most:
            yield error


def _tables(evaluation: Evaluation) -> Iterator[tuple[str, tuple[str, ...], list[list[str]]]]:
    """Caption, column heads and rows: figures by report, then scores by stage, by group and by code."""
    rows = [[name, *(f"{getattr(report, figure):.1f}" for figure in FIGURES)] for name, report in evaluation.reports.items()]
    rows.append([TOTAL, *(f"{getattr(evaluation.total, figure):.1f}" for figure in FIGURES)])
    yield "Figures by report", ("report", *FIGURES), rows
    for word, scores in (("stage", evaluation.stages), ("group", evaluation.groups), ("code", evaluation.codes)):
        yield f"Scores by {word}", (word, *_SCORE_HEAD), [[name, *_cells(score)] for name, score in scores.items()]


def _cells(score: Score) -> list[str]:
    rates = (score.precision, score.recall, score.f1)
    return [*(f"{rate:.1f}" for rate in rates), str(score.right), str(score.missed), str(score.wrong)]


def _write_table(evaluation: Evaluation, stream: TextIO) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=stream, width=None if stream.isatty() else WIDTH, markup=False, highlight=False, emoji=False)
    for caption, head, rows in _tables(evaluation):
        table = Table(title=caption, title_justify="left")
        for number, word in enumerate(head):
            table.add_column(word, justify="right" if number else "left", overflow="fold")
        for row in rows:
            table.add_row(*(Text(cell) for cell in row), style="bold" if row[0] == TOTAL else None)
        console.print(table)
    for name, error in _errors(evaluation):
        sentence = f"\n  {error.sentence}" if error.sentence else ""
        console.print(f"{name}: {error.kind}: {error.message}{sentence}", soft_wrap=True)


def _errors(evaluation: Evaluation) -> Iterator[tuple[str, EvaluationError]]:
    for name, report in evaluation.reports.items():
        for error in report.errors:
            yield name, error


def _markdown(evaluation: Evaluation) -> Iterator[str]:
    for caption, head, rows in _tables(evaluation):
        yield from (f"## {caption}", "")
        yield _row(head)
        yield _row(["---", *["---:"] * (len(head) - 1)])
        yield from map(_row, rows)
        yield ""
    if any(True for _ in _errors(evaluation)):
        yield from ("## Errors", "")
    for name, error in _errors(evaluation):
        sentence = f": {error.sentence}" if error.sentence else ""
        yield f"- `{name}` {error.kind}: {_plain(error.message)}{_plain(sentence)}"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(map(_plain, cells))} |"


def _plain(words: str) -> str:
    """Words that Markdown leaves as they are."""
    special: dict[str, Any] = {mark: f"\\{mark}" for mark in "\\|*<>[]`#"}
    return words.translate(str.maketrans(special))
