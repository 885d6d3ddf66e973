"""Records as a workbook for people: a row a report, every quantity with its place, problems, plans, findings, and a guide.

Rows are written as the reports come and are not held in memory; only what the summary needs waits in a temporary file,
because its columns are those of the indicators that occur. The bytes depend on the records and the catalogue alone.
"""

from __future__ import annotations

import datetime
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.worksheet import Worksheet

from extractor import __version__
from extractor.models import SCHEMA_VERSION, Correction, Report
from extractor.writing.rows import (
    COLUMNS,
    Cell,
    Language,
    Table,
    correction_value,
    corrections_of,
    dictionary_rows,
    named,
    rows,
    state_cell,
)
from extractor.writing.rows import DICTIONARY as DICTIONARY_COLUMNS
from extractor.writing.workbook import (
    CUT,
    DICTIONARY_TITLE,
    FILE_TITLE,
    GUIDE,
    NOTES,
    POSITIONS,
    REPORT_GROUP,
    SHEET_COLUMNS,
    SHEETS,
    VERSIONS,
    SheetColumn,
    SheetName,
    Style,
    heading,
)

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook

    from extractor.catalogue.models import Bilingual, Catalogue

MOST_ROWS = 1_048_576
"""Rows of a sheet, by the format."""
MOST_LINKS = 65_530
"""Links of a sheet, by the format."""
MOST_CHARACTERS = 32_767
"""UTF-16 units of a cell, by the format."""

_LINKS_OF_A_ROW = 3
_A3, _A4 = 8, 9
_SUMMARY_SCALE = 60
_NONE_HIDDEN, _ALL_HIDDEN = 0, 2
_DICTIONARY_WIDTHS = (34, 16, 22, 28, 64, 64, 26, 14)
_GUIDE_WIDTH = sum(_DICTIONARY_WIDTHS[1:5])
_LINE_HEIGHT, _MOST_HEIGHT = 14, 400
_CREATED = datetime.datetime(2000, 1, 1)
"""The format has no time zone; a fixed date keeps the bytes the same."""
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FORMULA = frozenset("=+-@")
_SEVERITIES = ("error", "warning", "info")
_LIST_MARK = {"zh": "；", "en": "; "}
_FONT = {"zh": "Microsoft YaHei", "en": "Calibri"}
_HEAD, _HEAD_EDITABLE, _FAINT, _LINK = "#1F4E5F", "#2E7D4F", "#7F8C93", "#1F5FA8"
_BANDS = ("#DCE9EE", "#EAF1E4")
_FLAGS = {"error": "#F8C9C4", "warning": "#FCE4C3", "info": "#DCEBF8"}
_CODE_WIDTH = 12


class _Place(NamedTuple):
    """A row of the sheet of quantities, where a link may lead."""

    sheet: str
    row: int


def write_xlsx(
    reports: Iterable[Report],
    path: Path,
    catalogue: Catalogue,
    language: Language,
    all_columns: bool = False,
    folder: Path | None = None,
    most_rows: int = MOST_ROWS,
) -> list[str]:
    """The workbook of all reports. Gives notes for the user: what the format's limits did to it.

    The summary has the codes that occur, or all. `folder` is where the workbook will lie: links to source files that are
    there are relative to it. `most_rows` are the rows of one sheet; what is more goes on in a further one.
    """
    with tempfile.TemporaryDirectory(prefix="extractor-") as scratch, tempfile.TemporaryFile("w+", encoding="utf-8") as waiting:
        options = {
            "constant_memory": True,
            "tmpdir": scratch,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_format_properties": {"font_name": _FONT[language], "font_size": 10},
        }
        book = xlsxwriter.Workbook(path, options)
        book.set_properties({"title": FILE_TITLE[language], "created": _CREATED, "author": "extractor"})
        writer = _Writer(book, catalogue, language, most_rows, folder or path.parent)
        try:
            for report in reports:
                writer.add(report, waiting)
            waiting.seek(0)
            writer.finish(waiting, all_columns)
            book.close()
        except FileCreateError as error:
            _abandon(book)
            raise error.args[0] from None
        except BaseException:
            _abandon(book)
            raise
    return writer.notes


def _abandon(book: Workbook) -> None:
    """Let go of the temporary files of a workbook that is not to be written."""
    book.fileclosed = True
    for sheet in book.worksheets():
        sheet.row_data_fh.close()


class _RowByRow(Worksheet):  # type: ignore[misc]  # the library has no types
    """A sheet that does not keep the heights of rows that lie in its temporary file already."""

    def forget(self, row: int) -> None:
        """What is known of a row, once a later one was begun."""
        self.row_sizes.pop(row, None)
        self.row_info.pop(row, None)


class _Formats:
    """The formats of one workbook, each made when first used."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[tuple[object, ...], Format] = {}
        self.cell = lru_cache(maxsize=None)(self._cell)

    def make(self, **properties: object) -> Format:
        """A format with these properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(dict(properties))
        return self._made[key]

    def _cell(
        self, style: Style, number: str = "", flag: str | None = None, link: bool = False, formula: bool = False
    ) -> Format:
        """The format of a cell."""
        properties: dict[str, object] = {"valign": "vcenter"}
        if style == "wrapped":
            properties["text_wrap"] = True
        if style in ("centred", "integer"):
            properties["align"] = "center"
        if style == "faint":
            properties |= {"font_color": _FAINT, "font_size": 9}
        if number:
            properties["num_format"] = number
        if flag:
            properties["bg_color"] = _FLAGS[flag]
        if link:
            properties["font_color"] = _LINK
        if formula:
            properties["quote_prefix"] = True
        return self.make(**properties)

    def head(self, colour: str = _HEAD) -> Format:
        """The format of a column's name."""
        look = {"align": "center", "valign": "vcenter", "text_wrap": True, "border": 1, "border_color": "#FFFFFF"}
        return self.make(bold=True, font_color="#FFFFFF", bg_color=colour, **look)

    def band(self, number: int) -> Format:
        """The format of a group's name above its columns."""
        look = {"align": "center", "valign": "vcenter", "border": 1, "border_color": "#FFFFFF"}
        return self.make(bold=True, font_color=_HEAD, bg_color=_BANDS[number % 2], **look)


class _Sheet:
    """A sheet that is written from top to bottom, and goes on in a further one where the format ends."""

    def __init__(self, writer: _Writer, name: SheetName) -> None:
        self.writer = writer
        self.name = name
        self.title = SHEETS[name][writer.language]
        self.titles = [self.title]
        self.heads: list[tuple[str, SheetColumn]] = []
        self.worksheet = writer.book.add_worksheet(self.title, _RowByRow)
        self.first = self.row = 0

    def begin(self, heads: list[tuple[str, SheetColumn]], above: int = 0) -> None:
        """The columns' names, below `above` rows that are written already, and how the sheet looks."""
        self.heads, self.first = heads, above + 1
        sheet, formats = self.worksheet, self.writer.formats
        sheet.hide_gridlines(_NONE_HIDDEN)
        sheet.set_landscape()
        sheet.set_paper(_A3 if self.name == "summary" else _A4)
        if self.name == "summary":
            sheet.repeat_columns(0, 1)
            sheet.set_print_scale(_SUMMARY_SCALE)
        else:
            sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0, above)
        sheet.freeze_panes(self.first, 2)
        sheet.set_row(above, 34)
        for column, (name, look) in enumerate(heads):
            sheet.set_column(column, column, look.width, None, {"hidden": True} if look.hidden else {})
            sheet.write_string(above, column, name, formats.head(_HEAD_EDITABLE if look.editable else _HEAD))
        self.row = self.first

    def room(self) -> None:
        """Go on in a further sheet where this one is full."""
        if self.row < self.writer.most_rows:
            return
        self.end()
        self.title = f"{SHEETS[self.name][self.writer.language]} ({len(self.titles) + 1})"
        self.titles.append(self.title)
        self.worksheet = self.writer.book.add_worksheet(self.title, _RowByRow)
        self.begin(self.heads)

    def put(self, cells: Iterable[tuple[Cell, Format]]) -> int:
        """One row, as high as its wrapped text needs; gives its number. Empty cells are not written."""
        self.room()
        sheet, row, clean = self.worksheet, self.row, self.writer.clean
        lines = 1
        for column, (cell, look) in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(row, column, clean(cell), look)
                if look.text_wrap:
                    lines = max(lines, lines_of(cell, self.heads[column][1].width))
            elif isinstance(cell, int | float):
                sheet.write_number(row, column, cell, look)
        if lines > 1:
            sheet.set_row(row, min(lines * _LINE_HEIGHT, _MOST_HEIGHT))
        sheet.forget(row - 1)
        self.row += 1
        return row

    def end(self) -> None:
        """Filters, once the rows are known."""
        if self.row > self.first:
            self.worksheet.autofilter(self.first - 1, 0, self.row - 1, len(self.heads) - 1)
        if self.name == "indicators" and self.row > self.first:
            self.writer.offer_words(self.worksheet, self.first, self.row - 1)


class _Writer:
    """The workbook while it is written."""

    def __init__(self, book: Workbook, catalogue: Catalogue, language: Language, most_rows: int, folder: Path) -> None:
        self.book, self.catalogue, self.language = book, catalogue, language
        self.most_rows, self.folder = most_rows, folder
        self.formats = _Formats(book)
        self.sheets: dict[SheetName, _Sheet] = {name: _Sheet(self, name) for name in SHEETS}
        self.notes: list[str] = []
        self.reports = self.cut = 0
        self.occurring: set[str] = set()
        self.units: dict[str, dict[str, None]] = {}
        for name in ("indicators", "sections", "problems", "next_steps", "findings"):
            self.sheets[name].begin([(heading(name, look.key, language), look) for look in SHEET_COLUMNS[name]])

    def clean(self, text: str) -> str:
        """Text that the format can hold: no forbidden characters, one kind of line end, not too long."""
        if not text.isprintable():
            text = _FORBIDDEN.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
        if len(text) * 2 > MOST_CHARACTERS and len(text.encode("utf-16-le")) // 2 > MOST_CHARACTERS:
            self.cut += 1
            mark = CUT[self.language]
            room = (MOST_CHARACTERS - len(mark)) * 2
            text = text.encode("utf-16-le")[:room].decode("utf-16-le", "ignore") + mark
        return text

    def add(self, report: Report, waiting: IO[str]) -> None:
        """The rows of one report; its row in the summary waits."""
        self.reports += 1
        flags = flagged(report)
        placed: dict[str, _Place] = {}
        corrected = corrections_of(report)
        for row in self._rows(report, "indicators"):
            row["flag"] = flags.get(str(row["id"]))
            row["corrected"] = "\n".join(map(self._in_words, corrected.get(row["id"], ()))) or None
            number = self._put("indicators", row)
            placed[str(row["id"])] = _Place(self.sheets["indicators"].title, number)
        for row in self._rows(report, "sections"):
            row["heading"] = "　" * (int(row["level"] or 1) - 1) + str(row["heading"] or "")
            self._put("sections", row)
        for row in self._rows(report, "items"):
            self._put("problems" if row["kind"] == "problem" else "next_steps", row)
        first_finding = self._add_findings(report)
        self._wait(report, flags, placed, first_finding, waiting)

    def _rows(self, report: Report, table: Table) -> Iterator[dict[str, Any]]:
        keys = [column.key for column in COLUMNS[table]]
        for row in rows(report, table, self.language):
            cells = dict(zip(keys, row, strict=True))
            cells["position"] = position(cells, self.language)
            yield cells

    def _add_findings(self, report: Report) -> _Place | None:
        words = {indicator.id: indicator.text for indicator in report.indicators}
        first = None
        for row in self._rows(report, "findings"):
            row["texts"] = tuple(words[one] for one in row["indicators"])
            row["flag"] = row["severity"]
            number = self._put("findings", row)
            first = first or _Place(self.sheets["findings"].title, number)
        return first

    def _put(self, name: SheetName, row: Mapping[str, Any]) -> int:
        return self.sheets[name].put(self._shown(name, look, row) for look in SHEET_COLUMNS[name])

    def _shown(self, name: SheetName, look: SheetColumn, row: Mapping[str, Any]) -> tuple[Cell, Format]:
        """A cell as readers see it, and its format."""
        cell: Cell = row[look.key]
        if look.style == "value":
            flag = row["flag"] if look.key == "value" or row["value"] is None else None
            shown, number = as_shown(cell, row["unit"])
            return shown, self.formats.cell("text", number, flag)
        if isinstance(cell, tuple | list):
            cell = _LIST_MARK[self.language].join(cell) or None
        if look.key in ("flag", "severity"):
            return self._term("severity", cell), self.formats.cell(look.style, flag=row["flag"])
        if look.key in ("modality", "qualifier", "kind"):
            cell = self._term(look.key, cell)
        formula = isinstance(cell, str) and cell[:1] in _FORMULA
        return cell, self.formats.cell(look.style, formula=formula)

    def _term(self, kind: str, word: Cell) -> Cell:
        if word is None:
            return None
        head = self.catalogue.head
        known: Mapping[Any, Bilingual] = head.kinds if kind == "kind" else getattr(head.terms, kind)
        return str(getattr(known[word], self.language))

    def _in_words(self, correction: Correction) -> str:
        """A correction; each has one arrow, by which it is seen later how many there were."""
        known = getattr(self.catalogue.head.terms, correction.field, {})
        values = [correction_value(value) for value in (correction.original, correction.corrected)]
        old, new = (getattr(known[value], self.language) if value in known else value for value in values)
        return f"{heading('indicators', correction.field, self.language)}: {old} → {new}"

    def _wait(
        self, report: Report, flags: dict[str, str], placed: dict[str, _Place], finding: _Place | None, waiting: IO[str]
    ) -> None:
        """Put what the summary needs of a report into the temporary file."""
        ids: dict[str, str] = {}
        for indicator in report.indicators:
            if indicator.code is not None:
                ids.setdefault(indicator.code, indicator.id)
        cells: dict[str, Any] = {}
        for code, entry in report.summary.items():
            if entry.state == "absent":
                continue
            self.occurring.add(code)
            if entry.unit:
                self.units.setdefault(code, {})[entry.unit] = None
            flag = next((s for s in _SEVERITIES if s in {flags.get(one) for one in entry.indicators}), None)
            first = entry.indicators[0] if entry.indicators else ids.get(code)
            cells[code] = (state_cell(entry, self.language), entry.unit, flag, placed.get(first or ""))
        (row,) = self._rows(report, "reports")
        first_row = next(iter(placed.values()), None)
        json.dump((row, cells, first_row, finding), waiting)
        waiting.write("\n")

    def finish(self, waiting: IO[str], all_columns: bool) -> None:
        """The sheets that need to know all reports: the summary and the guide."""
        codes = [rule.code for rule in self.catalogue.indicators if all_columns or rule.code in self.occurring]
        self._summary(waiting, codes)
        for sheet in self.sheets.values():
            if sheet.name != "guide":
                sheet.end()
        self._note_limits()
        self._guide()
        self.sheets["summary"].worksheet.activate()

    def _summary(self, waiting: IO[str], codes: list[str]) -> None:
        sheet = self.sheets["summary"]
        fixed = SHEET_COLUMNS["summary"]
        labels = {rule.code: getattr(rule.label, self.language) for rule in self.catalogue.indicators}
        heads = [(heading("summary", look.key, self.language), look) for look in fixed]
        heads += [(self._with_units(code, labels[code]), SheetColumn(code, _CODE_WIDTH)) for code in codes]
        self._bands(sheet.worksheet, len(fixed), codes)
        sheet.begin(heads, above=1)
        sheet.worksheet.set_row(1, 48)
        cell_links = max(0, MOST_LINKS - _LINKS_OF_A_ROW * self.reports)
        linked_to = 0
        for line in waiting:
            row, cells, first_row, finding = json.loads(line)
            sheet.room()
            links = self._row_links(row, first_row, finding)
            wanted = {len(fixed) + n: cells[code][3] for n, code in enumerate(codes) if _is_linked(cells.get(code))}
            if len(wanted) <= cell_links:
                links |= {column: internal(*target) for column, target in wanted.items()}
                cell_links -= len(wanted)
                linked_to = sheet.row + 1
            elif linked_to >= 0:
                self._note("links", limit=MOST_LINKS, row=linked_to + 1)
                cell_links, linked_to = 0, -1
            self._summary_row(sheet, [self._shown("summary", look, row) for look in fixed], links, codes, cells)

    def _with_units(self, code: str, label: str) -> str:
        units = list(self.units.get(code, ()))
        return f"{label}\n({'/'.join(units[:3])}{'…' if len(units) > 3 else ''})" if units else label

    def _bands(self, worksheet: Worksheet, fixed: int, codes: list[str]) -> None:
        """The groups' names, each over its columns."""
        groups: dict[str, int] = {}
        for code in codes:
            group = code.partition(".")[0]
            groups[group] = groups.get(group, 0) + 1
        names = {group: getattr(words, self.language) for group, words in self.catalogue.head.groups.items()}
        bands = [(REPORT_GROUP[self.language], fixed), *((names.get(group, group), size) for group, size in groups.items())]
        worksheet.set_row(0, 22)
        column = 0
        for number, (name, size) in enumerate(bands):
            look = self.formats.band(number)
            if size > 1:
                worksheet.merge_range(0, column, 0, column + size - 1, name, look)
            else:
                worksheet.write_string(0, column, name, look)
            column += size

    def _row_links(self, row: dict[str, Any], first: list[Any] | None, finding: list[Any] | None) -> dict[int, str]:
        """Links by column: the place leads to the first quantity, the findings to the first of them, the file to itself."""
        columns = [look.key for look in SHEET_COLUMNS["summary"]]
        links = {}
        if first:
            links[columns.index("place")] = internal(*first)
        if finding:
            links[columns.index("findings")] = internal(*finding)
        source = source_link(row["source"], self.folder)
        if source:
            links[columns.index("source")] = source
        return links

    def _summary_row(
        self, sheet: _Sheet, start: list[tuple[Cell, Format]], links: dict[int, str], codes: list[str], cells: dict[str, Any]
    ) -> None:
        row = list(start)
        for code in codes:
            cell, unit, flag, _ = cells.get(code, (None, None, None, None))
            link = len(row) in links
            if isinstance(cell, str):
                row.append((cell, self.formats.make(**_WORD, **({"bg_color": _FLAGS[flag]} if flag else {}))))
                continue
            shown, number = as_shown(cell, unit)
            row.append((shown, self.formats.cell("text", number, flag, link)))
        for column, target in links.items():
            cell, look = row[column]
            if cell is None or (isinstance(cell, int) and column < len(start) and not cell):
                continue
            link_look = self.formats.cell("faint", link=True) if target.startswith("external:") else look
            # the link's own text gives way to the cell that `put` writes over it
            sheet.worksheet.write_url(sheet.row, column, target, link_look, "x")
            if column < len(start):
                row[column] = (cell, self.formats.cell("text", link=True))
        sheet.put(row)

    def offer_words(self, worksheet: Worksheet, first: int, last: int) -> None:
        """Lists to choose from in the columns that hold one of few words."""
        columns = [look.key for look in SHEET_COLUMNS["indicators"]]
        terms = self.catalogue.head.terms
        for key, words in (("modality", terms.modality), ("qualifier", terms.qualifier)):
            source = [getattr(word, self.language) for word in words.values()]
            column = columns.index(key)
            worksheet.data_validation(first, column, last, column, {"validate": "list", "source": source})
        start = self._dictionary_row() + 1
        source_range = f"='{SHEETS['guide'][self.language]}'!$A${start + 1}:$A${start + len(self.catalogue.indicators)}"
        column = columns.index("code")
        worksheet.data_validation(first, column, last, column, {"validate": "list", "source": source_range})

    def _note(self, name: str, **words: object) -> None:
        self.notes.append(NOTES[name][self.language].format(**words))

    def _note_limits(self) -> None:
        further = [title for sheet in self.sheets.values() for title in sheet.titles[1:]]
        if further:
            self._note("rows", limit=self.most_rows, sheets="、".join(further))
        if self.cut:
            self._note("cut", count=self.cut, limit=MOST_CHARACTERS)

    def _dictionary_row(self) -> int:
        """The row of the dictionary's column names: below the title, the guide, the versions, the notes and a title."""
        return 1 + len(GUIDE[self.language]) + 1 + len(NOTES) + 2

    def _guide(self) -> None:
        worksheet, language = self.sheets["guide"].worksheet, self.language
        worksheet.hide_gridlines(_ALL_HIDDEN)
        worksheet.set_landscape()
        worksheet.fit_to_pages(1, 0)
        for column, width in enumerate(_DICTIONARY_WIDTHS):
            worksheet.set_column(column, column, width)
        title = self.formats.make(bold=True, font_size=15, font_color=_HEAD)
        worksheet.write_string(0, 0, FILE_TITLE[language], title)
        words = {"version": __version__, "catalogue": self.catalogue.head.id, "schema": SCHEMA_VERSION}
        words |= {"edition": self.catalogue.head.version, "reports": str(self.reports)}
        lines = [
            *GUIDE[language],
            (VERSIONS[language][0], VERSIONS[language][1].format(**words)),
            *(("", n) for n in self.notes),
        ]
        name_look = self.formats.make(bold=True, valign="top")
        text_look = self.formats.make(text_wrap=True, valign="top")
        for row, (name, text) in enumerate(lines, 1):
            worksheet.set_row(row, _LINE_HEIGHT * lines_of(text, _GUIDE_WIDTH) + 4)
            worksheet.merge_range(row, 1, row, 4, text, text_look)
            worksheet.write_string(row, 0, name, name_look)
        head = self._dictionary_row()
        worksheet.write_string(head - 1, 0, DICTIONARY_TITLE[language], self.formats.make(bold=True, font_color=_HEAD))
        for column, one in enumerate(DICTIONARY_COLUMNS):
            name = named(one, "zh") if language == "zh" else one.key.replace("_", " ").capitalize()
            worksheet.write_string(head, column, name, self.formats.head())
        look = self.formats.cell("wrapped")
        for row, cells in enumerate(dictionary_rows(self.catalogue), head + 1):
            *others, units, aggregate = cells
            shown = [*others, " ".join(units) if isinstance(units, tuple) else units, self._term("aggregate", aggregate)]
            lines_needed = 1
            for column, (cell, width) in enumerate(zip(map(str, shown), _DICTIONARY_WIDTHS, strict=True)):
                worksheet.write_string(row, column, cell, look)
                lines_needed = max(lines_needed, lines_of(cell, width))
            worksheet.set_row(row, _LINE_HEIGHT * lines_needed)


_WORD: dict[str, object] = {"align": "right", "valign": "vcenter", "font_color": _FAINT, "italic": True}
"""The look of what is no number among numbers."""


def flagged(report: Report) -> dict[str, str]:
    """The gravest severity of the findings about each quantity, by its id."""
    gravest: dict[str, str] = {}
    for severity in _SEVERITIES:
        for finding in report.findings:
            if finding.severity == severity:
                for indicator in finding.indicators:
                    gravest.setdefault(indicator, severity)
    return gravest


def lines_of(text: str, width: float) -> int:
    """The lines that a text takes in a column of a width in characters; a Chinese one is two wide. An estimate."""
    if "\n" in text:
        return sum(lines_of(line, width) for line in text.splitlines())
    return 1 + int((len(text) + len(text.encode("utf-8", "replace"))) / 2 / (width - 1))


def as_shown(cell: Cell, unit: str | None) -> tuple[Cell, str]:
    """A number as the cell holds it, and its number format: a percentage is a hundredth with a percent format."""
    if not isinstance(cell, int | float):
        return cell, ""
    whole = cell == int(cell)
    if unit == "%":
        return float(f"{cell}e-2"), "0%" if whole else "0.0####%"
    return cell, "#,##0" if whole else "#,##0.0####"


def position(row: Mapping[str, Any], language: Language) -> str | None:
    """Where something stands: page, paragraph, sheet and cell, as far as there are; else the characters."""
    words = POSITIONS[language]
    known = [words[key].format(row[key]) for key in ("page", "paragraph", "sheet", "cell") if row.get(key) is not None]
    if known:
        return " ".join(known)
    return None if row.get("start") is None else words["chars"].format(row["start"], row["end"])


def _is_linked(cell: list[Any] | None) -> bool:
    """Whether a summary's cell is a number, and has a row to lead to."""
    return cell is not None and cell[3] is not None and not isinstance(cell[0], str)


def internal(sheet: str, row: int) -> str:
    """A link to a row of the workbook."""
    return f"internal:'{sheet}'!A{row + 1}"


def source_link(name: str, folder: Path) -> str | None:
    """A link to a source file, relative to the workbook's folder where it can be; None where there is no such file."""
    path = Path(name)
    try:
        if not name or "#" in name or not path.is_file():
            return None
        return f"external:{os.path.relpath(path, folder)}"
    except (OSError, ValueError):
        return None
