"""What the workbook holds: its sheets, their columns and the words around them."""

from __future__ import annotations

from typing import Literal, NamedTuple

from extractor.writing.rows import COLUMNS, Language, Table, named

SheetName = Literal["summary", "indicators", "sections", "problems", "next_steps", "findings", "guide"]
Style = Literal["text", "wrapped", "centred", "integer", "value", "faint"]

SHEETS: dict[SheetName, dict[Language, str]] = {
    "summary": {"zh": "汇总", "en": "Summary"},
    "indicators": {"zh": "指标明细", "en": "Indicators"},
    "sections": {"zh": "章节", "en": "Sections"},
    "problems": {"zh": "问题清单", "en": "Problems"},
    "next_steps": {"zh": "下步打算", "en": "Next steps"},
    "findings": {"zh": "核查", "en": "Findings"},
    "guide": {"zh": "说明", "en": "Guide"},
}

_OWN_COLUMNS = {"position": "位置", "flag": "核查", "texts": "相关原文", "problems": "问题数", "next_steps": "打算数"}
"""Columns that only the workbook has."""


class SheetColumn(NamedTuple):
    """A column of a sheet: its key, its width in characters, how it looks, and whether corrections of it come back."""

    key: str
    width: float
    style: Style = "text"
    editable: bool = False
    hidden: bool = False


_REPORT_ID = SheetColumn("report_id", 18, "faint", hidden=True)
_PLACE = SheetColumn("place", 13)
_YEAR = SheetColumn("report_year", 9, "centred")
_SOURCE = SheetColumn("source", 24, "faint")
_ID = SheetColumn("id", 7, "faint")
_POSITION = SheetColumn("position", 14, "faint")
_ITEMS = (
    _PLACE,
    _YEAR,
    SheetColumn("ordinal", 8, "centred"),
    SheetColumn("text", 90, "wrapped"),
    SheetColumn("section", 9, "faint"),
    _ID,
    _POSITION,
    _SOURCE,
    _REPORT_ID,
)

SHEET_COLUMNS: dict[SheetName, tuple[SheetColumn, ...]] = {
    "summary": (
        _PLACE,
        _YEAR,
        SheetColumn("issuers", 22, "wrapped"),
        SheetColumn("document_number", 18),
        SheetColumn("issue_date", 12, "centred"),
        SheetColumn("problems", 8, "integer"),
        SheetColumn("next_steps", 8, "integer"),
        SheetColumn("findings", 10, "integer"),
        _SOURCE,
    ),
    "indicators": (
        _PLACE,
        _YEAR,
        SheetColumn("heading", 30),
        SheetColumn("label", 18, "wrapped"),
        SheetColumn("code", 30, editable=True),
        SheetColumn("value", 12, "value", editable=True),
        SheetColumn("low", 9, "value", editable=True),
        SheetColumn("high", 9, "value", editable=True),
        SheetColumn("unit", 8, "centred", editable=True),
        SheetColumn("qualifier", 8, "centred", editable=True),
        SheetColumn("modality", 8, "centred", editable=True),
        SheetColumn("part_of", 9, "faint"),
        SheetColumn("text", 14),
        SheetColumn("quote", 56, "wrapped"),
        SheetColumn("flag", 8, "centred"),
        _POSITION,
        _ID,
        _SOURCE,
        SheetColumn("corrected", 24, "wrapped"),
        SheetColumn("corrected_by", 10, editable=True),
        SheetColumn("corrected_at", 12, editable=True),
        SheetColumn("correction_note", 24, "wrapped", editable=True),
        _REPORT_ID,
    ),
    "sections": (
        _PLACE,
        _YEAR,
        SheetColumn("level", 7, "centred"),
        SheetColumn("kind", 20, editable=True),
        SheetColumn("ordinal", 8, "centred"),
        SheetColumn("heading", 60, "wrapped"),
        _ID,
        SheetColumn("parent", 7, "faint"),
        _POSITION,
        _SOURCE,
        _REPORT_ID,
    ),
    "problems": _ITEMS,
    "next_steps": _ITEMS,
    "findings": (
        _PLACE,
        _YEAR,
        SheetColumn("severity", 8, "centred"),
        SheetColumn("message", 70, "wrapped"),
        SheetColumn("texts", 30, "wrapped"),
        SheetColumn("indicators", 14, "faint"),
        SheetColumn("code", 22, "faint"),
        _POSITION,
        _SOURCE,
        _REPORT_ID,
    ),
}

TABLES: dict[SheetName, Table] = {
    "indicators": "indicators",
    "sections": "sections",
    "problems": "items",
    "next_steps": "items",
    "findings": "findings",
}


RETURNING: tuple[SheetName, ...] = ("indicators", "sections")
"""The sheets whose changes come back."""


def returning_columns(sheet: SheetName) -> list[str]:
    """The keys of the columns that corrections need: what tells the row, what may be changed, what has been."""
    needed = {"report_id", "id", "corrected"}
    return [look.key for look in SHEET_COLUMNS[sheet] if look.editable or look.key in needed]


def heading(sheet: SheetName, key: str, language: Language) -> str:
    """The name of a sheet's column."""
    if language == "en":
        return key.replace("_", " ").capitalize()
    known = {column.key: column for column in COLUMNS[TABLES.get(sheet, "reports")]}
    return named(known[key], language) if key in known else _OWN_COLUMNS[key]


REPORT_GROUP = {"zh": "报告", "en": "Report"}
FILE_TITLE = {"zh": "法治政府建设年度报告：指标汇总", "en": "Annual reports on rule-of-law government: indicators"}
CUT = {"zh": "……（过长，全文见记录）", "en": "… (too long; the record has all of it)"}

GUIDE: dict[Language, tuple[tuple[str, str], ...]] = {
    "zh": (
        (
            "汇总",
            "一行一份报告，一列一项指标，按类别分组。点击数字跳到“指标明细”里它的出处，点击文件名打开原文（文件须仍在原处）。",
        ),
        ("指标明细", "一行一个数量：数值、单位、性质、所在语句和它在原文中的位置。绿色表头的列可以改，见下面“更正”。"),
        ("章节、问题清单、下步打算", "报告的章节，以及它自己列出的每一条问题和每一条打算。"),
        (
            "核查",
            "可疑之处和前后矛盾，附有关数字的原文。有疑问的数字在“汇总”和“指标明细”中标色：红为错误，橙为存疑，蓝为提示。",
        ),
        (
            "四种情形",
            "数字：报告给出的数。0：报告说没有（如“未发生”）。“提及未计数”：报告说到了，但没有给出完成数。空白：报告没有提到。"
            "空白不是 0。",
        ),
        ("数字", "万、亿已经乘开，金额以元计；比率是百分数格式（98.2% 即 0.982）；“20–30”是范围，上下限见“指标明细”。"),
        ("性质", "“实际”是已完成的数；目标、频次、每个、增减、往期的数不计入“汇总”。"),
        (
            "更正",
            "在“指标明细”里改指标代码、数值、下限、上限、单位、限定、性质，可在“更正人、更正时间、更正说明”中留下记录（“章节”里可改类别），保存后运行："
            "extractor correct 记录文件 --from 本文件.xlsx -o 新记录文件。行可以排序和筛选，列可以换位置，列名不要改。",
        ),
        ("位置", "“字 12–16”是原文中的字符位置（从 0 数起，不含末位）；有页、段、单元格的文件给出页、段、单元格。"),
        ("排序", "“汇总”里的链接指向导出时的行；给“指标明细”排序之后，链接会指到别的行。"),
    ),
    "en": (
        (
            "Summary",
            "A row a report, a column an indicator, grouped. Click a number to go to where it stands in Indicators, a file's "
            "name to open it (while it is still there).",
        ),
        (
            "Indicators",
            "A row a quantity: value, unit, modality, the clause, and its place in the text. Columns with a green head can be "
            "corrected, see Corrections.",
        ),
        ("Sections, Problems, Next steps", "The sections, and every single problem and plan that the report lists."),
        (
            "Findings",
            "Doubts and contradictions, with the words they are about. Numbers in doubt are coloured: "
            "red for an error, orange for a warning, blue for information.",
        ),
        (
            "Four states",
            "A number: the report gives it. 0: the report says that there was none. “mentioned”: it speaks of it without a "
            "number of what was done. Blank: it is silent. Blank is not 0.",
        ),
        (
            "Numbers",
            "万 and 亿 are multiplied out, money is in yuan; rates have a percent format (98.2% is 0.982); “20–30” is a range, "
            "its bounds stand in Indicators.",
        ),
        ("Modality", "“actual” was done; targets, habits, numbers for each, changes and past years are not in Summary."),
        (
            "Corrections",
            "Change code, value, low, high, unit, qualifier or modality in Indicators (in Sections, the kind), say who, when "
            "and why in the columns for that if you like, save, and run: extractor correct RECORDS --from THIS.xlsx -o NEW. "
            "Rows may be sorted and filtered, columns moved; their names must stay.",
        ),
        (
            "Position",
            "“chars 12–16” are characters of the text, counted from 0, the end exclusive; page, paragraph and cell where the "
            "file has them.",
        ),
        ("Sorting", "Links in Summary lead to the rows as exported; once Indicators is sorted they lead elsewhere."),
    ),
}
VERSIONS = {
    "zh": ("版本", "extractor {version}；指标目录 {catalogue} 第 {edition} 版；记录格式 {schema}；报告 {reports} 份。"),
    "en": (
        "Versions",
        "extractor {version}; catalogue {catalogue}, version {edition}; record form {schema}; {reports} reports.",
    ),
}
DICTIONARY_TITLE = {"zh": "指标词典", "en": "Data dictionary"}
POSITIONS = {
    "zh": {"page": "第{}页", "paragraph": "第{}段", "sheet": "{}", "cell": "{}", "chars": "字 {}–{}"},
    "en": {"page": "page {}", "paragraph": "paragraph {}", "sheet": "{}", "cell": "{}", "chars": "chars {}–{}"},
}
NOTES = {
    "rows": {
        "zh": "行数超过一张工作表的上限 {limit:,}，已分写到 {sheets} 等多张工作表",
        "en": "more rows than the {limit:,} that a sheet can hold; they go on in {sheets}",
    },
    "links": {
        "zh": "链接超过一张工作表的上限 {limit:,}，第 {row:,} 行以后的数字不再有链接",
        "en": "more links than the {limit:,} that a sheet can hold; numbers from row {row:,} on have none",
    },
    "cut": {
        "zh": "有 {count:,} 个单元格超过 {limit:,} 字，已截短；全文见记录",
        "en": "{count:,} cells were longer than {limit:,} characters and were cut; the records have all of it",
    },
}
