"""Records as comma-separated values, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

from extractor.models import Report
from extractor.writing.rows import COLUMNS, Cell, Language, Table, columns, rows

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue

LIST_MARK = "；"
_SAFE_FROM = "A"
"""Text that sorts from here on begins with no sign of a formula."""
_FORMULA = frozenset("=+-@\t\r")
_SIGNS = ("\r", *(f"\n{sign}" for sign in _FORMULA))
"""What some cell holds that needs care, or one that only looks so, where cells stand one a line."""
_NUMBERS = (int, float)
_WITH_LISTS = frozenset(table for table, found in COLUMNS.items() if any(column.kind == "words" for column in found))


def write_csv(reports: Iterable[Report], stream: TextIO, table: Table, catalogue: Catalogue, language: Language) -> None:
    """A header and the rows of all reports, written as they come."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns(table, catalogue, language))
    codes = catalogue.codes
    for report in reports:
        writer.writerows(map(_harmless_row, rows(report, table, language, codes)))


def _harmless_row(row: Sequence[Cell]) -> list[str | int | float | None]:
    # most cells are empty, numbers, or text that needs nothing: what is asked first is what is cheapest to know
    return [
        cell
        if cell is None or isinstance(cell, _NUMBERS) or (isinstance(cell, str) and cell >= _SAFE_FROM and "\r" not in cell)
        else harmless(cell)
        for cell in row
    ]


def header_line(table: Table, catalogue: Catalogue, language: Language) -> str:
    """The header of a table, with its line end."""
    return lines([columns(table, catalogue, language)])


def report_lines(report: Report, table: Table, language: Language) -> str:
    """The rows that one record has in a table, each with its line end."""
    found = list(rows(report, table, language))
    return _text_of(found) if _are_harmless(found, table) else lines(found)


def lines(cells: Iterable[Sequence[Cell]]) -> str:
    """Rows of cells as text, each with its line end."""
    return _text_of(map(_harmless_row, cells))


def _text_of(cells: Iterable[Iterable[Cell]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(cells)
    return stream.getvalue()


def _are_harmless(cells: Iterable[Sequence[Cell]], table: Table) -> bool:
    """Whether all cells can be written as they are: no list, no sign of a formula, no other line end. Looked at all at once."""
    if table in _WITH_LISTS:
        return False
    words = "\n".join(["", *[cell for row in cells for cell in row if cell.__class__ is str]])
    return not any(sign in words for sign in _SIGNS)


def harmless(cell: Cell) -> str | int | float | None:
    """The cell, with an apostrophe before text that a spreadsheet would run as a formula, and one kind of line end.

    A list is its words, parted by `；`.
    """
    if isinstance(cell, tuple):
        cell = LIST_MARK.join(cell)
    if not isinstance(cell, str) or ("\r" not in cell and cell[:1] not in _FORMULA):
        return cell
    line_ends = cell.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{line_ends}" if cell[:1] in _FORMULA and len(cell) > 1 else line_ends
