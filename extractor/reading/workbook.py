"""Rows of a workbook that came back from a reader: columns may have moved and rows may be sorted, names must be there."""

from __future__ import annotations

import datetime
import difflib
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from extractor.corrections import Cell, Row
from extractor.errors import InputError

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell as SheetCell
    from openpyxl.cell.cell import MergedCell
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

_HEAD_WITHIN = 5
_OLD_OR_ENCRYPTED = b"\xd0\xcf\x11\xe0"
_SAVE = "save it as an .xlsx workbook without a password"


class SheetForm(NamedTuple):
    """A sheet to read: its title and its columns' names by their keys, once for each language; which of them it needs."""

    titles: tuple[str, ...]
    names: tuple[Mapping[str, str], ...]
    needed: Sequence[str]


def read_rows(path: Path, forms: Sequence[SheetForm]) -> Iterator[Row]:
    """The rows of the sheets of these forms and of those that go on from them.

    Raises InputError where the file is no workbook, has no sheet of the first form, or a column is missing.
    """
    import openpyxl

    try:
        with path.open("rb") as stream:
            if stream.read(4) == _OLD_OR_ENCRYPTED:
                raise InputError(str(path), "is encrypted or an old .xls workbook", _SAVE)
            stream.seek(0)
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            for number, form in enumerate(forms):
                sheets = [sheet for sheet in book.worksheets if _is_of(sheet.title, form)]
                if not sheets and not number:
                    found = "、".join(book.sheetnames)
                    raise InputError(
                        str(path), f"has no sheet {form.titles[0]} (it has {found})", "give the sheet its name back"
                    )
                for sheet in sheets:
                    yield from _sheet_rows(path, sheet, form)
    except OSError as error:
        raise InputError(str(path), f"cannot be read ({error.strerror})", "check the name and its permissions") from None
    except (zipfile.BadZipFile, KeyError, ValueError, SyntaxError) as error:
        raise InputError(str(path), f"is no workbook that can be read ({error})", _SAVE) from None


def _is_of(title: str, form: SheetForm) -> bool:
    return re.sub(r" \(\d+\)$", "", title.strip()) in form.titles


def _sheet_rows(path: Path, sheet: ReadOnlyWorksheet, form: SheetForm) -> Iterator[Row]:
    sheet.reset_dimensions()
    columns: dict[int, str] = {}
    for number, cells in enumerate(sheet.rows, 1):
        if not columns:
            columns = _columns(path, sheet.title, [_name(cell) for cell in cells], form, number == _HEAD_WITHIN)
            continue
        found = {columns[n]: _cell(cell) for n, cell in enumerate(cells) if n in columns}
        if any(found.get(key) is not None for key in form.needed):
            yield Row(f"{sheet.title} row {number}", dict.fromkeys(columns.values()) | found)


def _columns(path: Path, title: str, heads: list[str], form: SheetForm, is_last: bool) -> dict[int, str]:
    """Which column holds what, by its name; nothing where this is no row of names."""
    names = max(form.names, key=lambda names: len(set(names.values()) & set(heads)))
    known = {name: key for key, name in names.items()}
    columns = {n: known[head] for n, head in enumerate(heads) if head in known}
    if len(columns) < len(form.needed) / 2 and not is_last:
        return {}
    where = f"the sheet {title}"
    missing = [names[key] for key in form.needed if key not in columns.values()]
    if missing:
        near = {
            name: difflib.get_close_matches(name, [h for h in heads if h and h not in known], n=1, cutoff=0.4)
            for name in missing
        }
        shown = "、".join(name + (f" (perhaps now {near[name][0]})" if near[name] else "") for name in missing)
        raise InputError(str(path), f"{where} has no column {shown}", "give the columns their names back")
    twice = sorted({names[key] for key in columns.values() if list(columns.values()).count(key) > 1})
    if twice:
        raise InputError(str(path), f"{where} has the column {'、'.join(twice)} twice", "remove or rename one of them")
    return columns


def _name(cell: SheetCell | MergedCell) -> str:
    return str(cell.value or "").strip()


def _cell(cell: SheetCell | MergedCell) -> Cell:
    """A number as printed: what has a percent format is multiplied out."""
    value = cell.value
    if value is None or isinstance(value, datetime.date):
        return value
    if isinstance(value, datetime.time | datetime.timedelta | bool) or not isinstance(value, int | float):
        return str(value)
    number = Decimal(repr(value))
    return number * 100 if "%" in str(cell.number_format) else number
