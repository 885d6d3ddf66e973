"""Workbooks (.xlsx): what the cells show, row by row, by openpyxl, which keeps the formats that make 0.982 read 98.2%."""

from __future__ import annotations

import datetime
import math
import re
import warnings
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from io import BytesIO
from typing import TYPE_CHECKING

from extractor.errors import InputError
from extractor.reading.assembly import TextBuilder
from extractor.reading.package import Package, damaged
from extractor.reading.tables import rows_as_lines
from extractor.reading.types import Extracted, Limits
from extractor.types import Place

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|\[[^\]]*\]|_.|\*.')
_DIGITS = re.compile(r"[#0?][#0?,]*(?:\.([#0?]+))?")
_MOST_DECIMALS = 6
_LARGEST = 1e15


def read(data: bytes, name: str, limits: Limits) -> Extracted:
    """The text of a workbook: each row a line, cells with tabs between them, each with its sheet and cell as its place.

    Hidden sheets are left out. Raises InputError for a workbook that is damaged, under a password, over a limit, or empty.
    """
    Package(data, name, limits).check_all()
    out = TextBuilder(name, limits)
    with warnings.catch_warnings():
        # openpyxl warns of extensions that it does not keep; nothing is written back here
        warnings.simplefilter("ignore")
        try:
            _write_book(data, out)
        except (InputError, MemoryError):
            raise
        except Exception:
            # openpyxl has no family of errors: parts that do not fit each other raise whatever they meet
            raise damaged(name) from None
    if not out.text.strip():
        raise InputError(
            name,
            "is a workbook without text",
            "give one with the report's figures (formulas need their results saved)",
            code="empty",
        )
    return Extracted(out.text, MEDIA_TYPE, places=tuple(out.places))


def _write_book(data: bytes, out: TextBuilder) -> None:
    import openpyxl

    book: Workbook = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
    try:
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                out.add("\n" if out.length else "")
                _write_sheet(sheet, out)
    finally:
        book.close()


def _write_sheet(sheet: ReadOnlyWorksheet, out: TextBuilder) -> None:
    from openpyxl.utils import get_column_letter

    for row in rows_as_lines(_rows(sheet)):
        for at, cell in enumerate(row):
            out.add("\t" if at else "")
            out.add(cell.words, Place(0, sheet=sheet.title, cell=f"{get_column_letter(cell.column + 1)}{cell.row + 1}"))
        out.add("\n" if row else "")


def _rows(sheet: ReadOnlyWorksheet) -> Iterator[list[str]]:
    # a sheet may claim, or have, a cell in the last column: rows end with their own last cell
    sheet.reset_dimensions()
    for row in sheet.rows:
        yield [shown(cell.value, cell.number_format) if cell.value is not None else "" for cell in row]


def shown(value: object, number_format: str) -> str:
    """What a cell with this value and number format shows. Formats of one section are followed, of several the first.

    The language of formats is that of ISO/IEC 29500-1, 18.8.31.
    """
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return _number(value, number_format or "General")
    if isinstance(value, datetime.datetime | datetime.date):
        return _date(value, _LITERAL.sub("", number_format).lower())
    return str(value)


def _date(value: datetime.date, number_format: str) -> str:
    if "d" in number_format or "y" not in number_format:
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.year}年{value.month}月" if "m" in number_format else f"{value.year}年"


def _number(value: float, number_format: str) -> str:
    plain = number_format.partition(";")[0]
    signs = _LITERAL.sub("", plain)
    digits = _DIGITS.search(signs)
    if signs.lower().startswith("general") or "@" in signs or "e" in signs.lower() or not abs(value) < _LARGEST:
        return _general(value)
    if digits is None:
        return _literals(plain) or _general(value)
    decimals = digits[1] or ""
    amount = Decimal(repr(value)) * (100 if "%" in signs else 1)
    amount = amount.quantize(Decimal(1).scaleb(-min(len(decimals), _MOST_DECIMALS)), ROUND_HALF_UP)
    text = format(amount, ",f" if "," in digits[0] else "f")
    for _ in range(len(decimals) - len(decimals.rstrip("#"))):
        text = text.removesuffix("0")
    return _around(plain, text.removesuffix("."))


def _general(value: float) -> str:
    """A number without a format: as many digits as a workbook keeps, never in powers of ten."""
    if isinstance(value, int) or not math.isfinite(value):
        return str(value)
    return format(Decimal(format(value, ".15g")), "f")


def _literals(number_format: str) -> str:
    return "".join(match[1] or match[2] or "" for match in _LITERAL.finditer(number_format))


def _around(number_format: str, number: str) -> str:
    """The number with the words and signs that its format puts around it: `0.0"万元"`."""
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match[1] or match[2] or "")
        return "\0"

    pattern = _LITERAL.sub(keep, number_format)
    before, _, after = _DIGITS.sub("\1", pattern, count=1).partition("\1")
    words = iter(kept)
    return "".join(next(words) if sign == "\0" else sign for sign in f"{before}\1{after}").replace("\1", number).strip()
