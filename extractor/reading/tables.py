"""Rows of a table as lines that read like sentences: what is counted, the number, its unit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_UNIT_COLUMNS = frozenset({"单位", "计量单位", "數量單位", "單位", "单位名称"})
_NUMBER = re.compile(r"[-+约近超]?[\d０-９][\d０-９.,，．]*[余多]?")
_HEADER_LONGEST = 12


class Cell(NamedTuple):
    """A cell: its row and column, from 0, and its words."""

    row: int
    column: int
    words: str


def rows_as_lines(rows: Iterable[list[str]]) -> Iterator[list[Cell]]:
    """The cells of each row in the order in which they read, empty ones left out; one that stands alone keeps its lines.

    Where a column headed 单位 stands before the numbers, the unit goes behind the number that it belongs to.
    """
    units: int | None = None
    for number, row in enumerate(rows):
        cells = [Cell(number, column, words.strip()) for column, words in enumerate(row) if words.strip()]
        if len(cells) > 1:
            cells = [cell._replace(words=" ".join(cell.words.split())) for cell in cells]
        headed = next((cell.column for cell in cells if cell.words.replace(" ", "") in _UNIT_COLUMNS), None)
        if headed is not None and all(len(cell.words) <= _HEADER_LONGEST for cell in cells):
            units = headed
        elif units is not None:
            cells = _unit_last(cells, units)
        yield cells


def _unit_last(cells: list[Cell], units: int) -> list[Cell]:
    """The row with its unit behind the first number after it, where no number stands before it."""
    at = next((place for place, cell in enumerate(cells) if cell.column == units), None)
    if at is None or at + 1 >= len(cells) or not _NUMBER.fullmatch(cells[at + 1].words):
        return cells
    if at > 1 and _NUMBER.fullmatch(cells[at - 1].words):
        return cells
    return [*cells[:at], cells[at + 1], cells[at], *cells[at + 2 :]]
