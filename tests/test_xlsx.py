"""Workbooks: what the cells show, in the order in which it reads, each with its place."""

from __future__ import annotations

import datetime
import zipfile
from io import BytesIO

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import extractor
from extractor.errors import InputError
from extractor.reading import xlsx
from extractor.reading.tables import rows_as_lines
from extractor.reading.types import Extracted, Limits
from tests import office_files as make
from tests.broken import changed, changes_of


def book(*rows: tuple[object, ...], formats: dict[str, str] | None = None, hidden: str | None = None) -> bytes:
    """A workbook with these rows on its sheet 年度数据; number formats by cell, and a word on a hidden sheet."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "年度数据"
    for row in rows:
        sheet.append(row)
    for cell, number_format in (formats or {}).items():
        sheet[cell].number_format = number_format
    if hidden:
        other = workbook.create_sheet("隐藏")
        other["A1"] = hidden
        other.sheet_state = "hidden"
    out = BytesIO()
    workbook.save(out)
    return out.getvalue()


def read(data: bytes, limits: Limits | None = None) -> Extracted:
    return xlsx.read(data, "report.xlsx", limits or Limits())


TABLE = book(
    ("青禾镇2024年度法治政府建设情况统计表",),
    ("序号", "指标", "数量", "单位"),
    (1, "召开法治政府建设专题会议", 4, "次"),
    (2, "开展法治宣传活动", 12, "场次"),
    (3, "调解矛盾纠纷", 1057, "件"),
    (4, "调解成功率", 0.982, None),
    formats={"C5": "#,##0", "C6": "0.0%"},
)


def test_rows_are_lines_and_numbers_read_as_they_are_shown() -> None:
    assert read(TABLE).text.splitlines()[1:] == [
        "序号\t指标\t数量\t单位",
        "召开法治政府建设专题会议\t4\t次",
        "开展法治宣传活动\t12\t场次",
        "调解矛盾纠纷\t1,057\t件",
        "调解成功率\t98.2%",
    ]


def test_the_rows_of_a_table_become_indicators() -> None:
    found = {i.code: (int(i.value or 0), i.unit) for i in extractor.extract(read(TABLE).text).indicators if i.code}
    assert found["publicity.events"] == (12, "场次")
    assert found["mediation.disputes_mediated"] == (1057, "件")
    assert found["leadership.meetings"] == (4, "次")


def test_each_cell_has_its_place() -> None:
    extracted = read(TABLE)
    cells = {place.cell: extracted.text[place.start :].split("\t")[0].split("\n")[0] for place in extracted.places}
    assert cells["B4"] == "开展法治宣传活动"
    assert cells["C5"] == "1,057"
    assert {place.sheet for place in extracted.places} == {"年度数据"}


def test_units_before_numbers_go_behind_them_and_keep_their_place() -> None:
    extracted = read(book(("指标", "单位", "2023年", "2024年"), ("调解纠纷", "件", 51, 57)))
    assert extracted.text.splitlines()[1] == "调解纠纷\t51\t件\t57"
    unit = next(place for place in extracted.places if place.cell == "B2")
    assert extracted.text[unit.start] == "件"


def test_units_stay_where_a_number_stands_before_them() -> None:
    rows = [["指标", "数量", "单位", "目标"], ["调解纠纷", "57", "件", "60"]]
    assert [[cell.words for cell in row] for row in rows_as_lines(rows)] == rows


def test_hidden_sheets_and_empty_rows_are_left_out_and_a_lone_cell_keeps_its_lines() -> None:
    assert (
        read(book(("一、主要举措\n调解57件。",), (), ("特此报告。",), hidden="99件")).text
        == "一、主要举措\n调解57件。\n特此报告。\n"
    )


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (57, "General", "57"),
        (98.2, "General", "98.2"),
        (0.1 + 0.2, "General", "0.3"),
        (1e15, "General", "1000000000000000"),
        (0.982, "0.0%", "98.2%"),
        (0.98, "0%", "98%"),
        (2.675, "0.00", "2.68"),
        (1234567.5, "#,##0.00", "1,234,567.50"),
        (12.5, "0.0#", "12.5"),
        (57, '0"件"', "57件"),
        (3.25, '0.00"万元"', "3.25万元"),
        (-5, "0;[Red]-0", "-5"),
        (7, "00", "7"),
        (True, "General", "TRUE"),
        ("文字", "@", "文字"),
        (57, "@", "57"),
        (datetime.datetime(2024, 1, 5), "yyyy-mm-dd", "2024年1月5日"),
        (datetime.datetime(2024, 1, 5), 'yyyy"年"m"月"', "2024年1月"),
        (datetime.date(2024, 1, 5), "yyyy", "2024年"),
    ],
)
def test_what_a_cell_shows(value: object, number_format: str, shown: str) -> None:
    assert xlsx.shown(value, number_format) == shown


@given(
    st.floats(allow_nan=True) | st.integers(-(10**20), 10**20),
    st.text(st.sampled_from('0#?.,%;"件[]\\_*Ee+-@Gn '), max_size=12),
)
def test_any_number_format_shows_something(value: float, number_format: str) -> None:
    assert isinstance(xlsx.shown(value, number_format), str)


def _with_part(data: bytes, part: str, content: str) -> bytes:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return make.package({**parts, part: content})


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK\x03\x04", "damaged"),
        (make.package({"xl/workbook.xml": "<x/>"}), "damaged"),
        (book(), "without text"),
        (_with_part(TABLE, "xl/sharedStrings.xml", '<!DOCTYPE s [<!ENTITY a "x">]><sst>&a;</sst>'), "declares a document type"),
        (_with_part(TABLE, "xl/worksheets/sheet1.xml", "<worksheet"), "damaged"),
    ],
)
def test_what_cannot_be_read_is_a_named_error(data: bytes, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        read(data)


def test_a_cell_in_the_last_row_and_column_costs_nothing() -> None:
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = "调解57件"
    workbook.active["XFD200000"] = "末格"
    out = BytesIO()
    workbook.save(out)
    extracted = read(out.getvalue())
    assert extracted.text == "调解57件\n末格\n"
    assert extracted.places[-1].cell == "XFD200000"


def test_limits_of_text() -> None:
    with pytest.raises(InputError, match="more than 100 characters"):
        read(book(("调解" * 60,)), Limits(characters=100))


@given(st.integers(0, len(TABLE) - 1))
def test_a_truncated_workbook_is_an_error(end: int) -> None:
    with pytest.raises(InputError):
        read(TABLE[:end])


@given(changes_of(TABLE))
def test_a_workbook_with_changed_bytes_gives_text_or_an_error(changes: list[tuple[int, int]]) -> None:
    try:
        extracted = read(changed(TABLE, changes))
    except InputError:
        return
    assert extracted.text.strip()
