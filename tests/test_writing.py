"""Writing: a record as rows and files, with nothing lost, nothing merged and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest

from extractor import Report, extract
from extractor.catalogue import Catalogue
from extractor.errors import OutputError
from extractor.models import SummaryEntry
from extractor.pipeline import document_of, extractor_for
from extractor.writing.csv import harmless, header_line, report_lines, write_csv
from extractor.writing.rows import Language, Table, columns, number, rows
from extractor.writing.table import write_table
from extractor.writing.target import open_target
from tests.stages import CATALOGUE

TABLES = get_args(Table)
LANGUAGES = get_args(Language)
TEXT = """=松岭镇2023年度法治政府建设情况报告

一、主要做法
调解纠纷57起，罚款1.92万元，每场参加人数20-30人。"引号"，逗号,
开展法治宣传12场次。全年未发生行政诉讼案件，法律援助工作有序推进。
二、存在的问题
（一）-人手不足，
经费不足。
（二）@普法形式单一。
三、下一步打算
（一）2024年开展培训不少于4次。
"""


def _rules() -> Catalogue:
    return CATALOGUE


def _record(text: str, name: str = "松岭.txt") -> Report:
    return extractor_for().extract(document_of(text, name))


def _csv(reports: list[Report], table: Table, language: Language = "zh") -> str:
    stream = io.StringIO(newline="")
    write_csv(reports, stream, table, _rules(), language)
    return stream.getvalue()


# ------------------------------------------------------------------------------------------------ rows


@pytest.mark.parametrize("table", TABLES)
def test_every_row_has_a_cell_for_every_column_in_both_languages(table: Table) -> None:
    record = _record(TEXT)
    chinese, english = (columns(table, _rules(), language) for language in LANGUAGES)
    assert len(chinese) == len(english) == len(set(chinese)) == len(set(english))
    for language in LANGUAGES:
        assert all(len(row) == len(chinese) for row in rows(record, table, language))
    assert "".join(english).isascii()


def test_the_summary_has_one_column_for_each_code_whatever_a_report_says() -> None:
    codes = _rules().codes
    for language in LANGUAGES:
        names = columns("summary", _rules(), language)
        assert [name.rpartition(" [")[2].rstrip("]") for name in names[-len(codes) :]] == list(codes)
    assert len(next(rows(_record("无"), "summary", "zh"))) == len(names)


@pytest.mark.parametrize(
    ("entry", "chinese", "english"),
    [
        (SummaryEntry(state="reported", value=Decimal("57"), unit="起"), 57, 57),
        (SummaryEntry(state="reported", value=Decimal("98.2"), unit="%"), 98.2, 98.2),
        (SummaryEntry(state="zero", value=Decimal("0")), 0, 0),
        (SummaryEntry(state="mentioned"), "提及未计数", "mentioned"),
        (SummaryEntry(state="absent"), None, None),
        (SummaryEntry(state="reported", low=Decimal("20"), high=Decimal("30"), unit="人"), "20–30", "20–30"),
    ],
)
def test_the_four_states_are_four_cells(entry: SummaryEntry, chinese: object, english: object) -> None:
    record = _record("无")
    code = _rules().codes[0]
    record = record.model_copy(update={"summary": {**record.summary, code: entry}})
    for language, expected in (("zh", chinese), ("en", english)):
        names = columns("summary", _rules(), language)
        row = next(rows(record, "summary", language))
        cell = dict(zip(names, row, strict=True))[next(name for name in names if name.endswith(f"[{code}]"))]
        assert cell == expected
        assert type(cell) is type(expected)


def test_the_summary_row_says_what_the_report_says() -> None:
    row = dict(zip(columns("summary", _rules(), "en"), next(rows(_record(TEXT), "summary", "en")), strict=True))
    cells = {name.rpartition(" [")[2].rstrip("]"): cell for name, cell in row.items()}
    assert (row["source"], row["township"], row["report_year"]) == ("松岭.txt", "松岭镇", 2023)
    assert cells["mediation.disputes_mediated"] == 57
    assert cells["enforcement.fines"] == 19200
    assert cells["litigation.lawsuit_cases"] == 0
    assert cells["training.sessions"] == "mentioned", "a plan is no number of what was done"
    assert cells["profile.area"] is None


@pytest.mark.parametrize(
    ("value", "cell"),
    [("0", 0), ("57", 57), ("57.0", 57), ("98.20", 98.2), ("-27", -27), ("236700", 236700), ("123456789.01", 123456789.01)],
)
def test_numbers_are_exact(value: str, cell: float) -> None:
    assert number(Decimal(value)) == cell
    assert repr(number(Decimal(value))) == repr(cell)
    entry = SummaryEntry(state="reported", value=Decimal(value))
    assert json.loads(entry.model_dump_json(), parse_float=Decimal, parse_int=Decimal)["value"] == Decimal(value)
    assert SummaryEntry.model_validate_json(entry.model_dump_json()) == entry
    assert number(None) is None


# ------------------------------------------------------------------------------------------------ csv


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("table", TABLES)
def test_csv_gives_back_every_cell(table: Table, end: str) -> None:
    record = _record(TEXT.replace("\n", end), 'a "b",\nc.txt')
    expected = [[str(cell) if cell is not None else "" for cell in map(harmless, row)] for row in rows(record, table, "zh")]
    header, *found = csv.reader(io.StringIO(_csv([record, record], table), newline=""), strict=True)
    assert header == columns(table, _rules(), "zh")
    assert found == expected * 2
    if table in ("indicators", "items", "sections"):
        assert expected


@pytest.mark.parametrize("end", ["\r", "\r\n"])
def test_line_ends_in_cells_are_newlines(end: str) -> None:
    """A carriage return by itself stands unquoted in CSV and would split the row; offsets still are those of the text."""
    record = _record(TEXT.replace("\n", end))
    assert any(end in item.text for item in record.items)
    found = list(csv.reader(io.StringIO(_csv([record], "items"), newline=""), strict=True))
    text = columns("items", _rules(), "zh").index("内容")
    assert [row[text] for row in found[1:]] == [item.text.replace(end, "\n") for item in record.items]


@pytest.mark.parametrize("text", ["=1+1", "+86 571", "-5", "@SUM(A1)", "\tx"])
def test_a_formula_is_made_harmless(text: str) -> None:
    assert harmless(text) == f"'{text}"


def test_a_carriage_return_at_the_start_hides_no_formula() -> None:
    assert harmless("\r=1+1") == "'\n=1+1"


@pytest.mark.parametrize("cell", ["镇=1", "", "3–5", "'=1", -27, 0, 98.2, None])
def test_other_cells_stay_as_they_are(cell: str | float | None) -> None:
    assert harmless(cell) is cell


def test_no_cell_of_any_table_is_a_formula() -> None:
    record = _record(TEXT, "=1.txt")
    for table in TABLES:
        for row in csv.reader(io.StringIO(_csv([record], table), newline="")):
            assert not [
                cell for cell in row if cell[:1] in tuple("=+-@\t\r") and not cell.lstrip("-").replace(".", "").isdigit()
            ]


@pytest.mark.parametrize("name", ["a.txt", "=1.txt", "a\n-b.txt", "a\rb.txt", "+,@.txt"])
@pytest.mark.parametrize("table", [table for table in TABLES if table != "summary"])
def test_the_rows_of_one_report_are_those_of_a_whole_table(table: Table, name: str) -> None:
    record = _record(TEXT.replace("\n", "\r\n") if "\r" in name else TEXT, name)
    assert header_line(table, _rules(), "zh") + report_lines(record, table, "zh") == _csv([record], table)


def test_csv_is_written_as_the_reports_come() -> None:
    stream = io.StringIO(newline="")
    seen: list[int] = []

    def reports() -> Iterator[Report]:
        for _ in range(3):
            seen.append(stream.getvalue().count("松岭.txt"))
            yield _record(TEXT)

    write_csv(reports(), stream, "summary", _rules(), "zh")
    assert seen == [0, 1, 2]


# ------------------------------------------------------------------------------------------------ the table for eyes


def test_the_table_has_a_row_for_each_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    for language, head in (("zh", "文件"), ("en", "file")):
        stream = io.StringIO()
        write_table([_record(TEXT, "one.txt"), _record(TEXT, "two.txt")], stream, language)
        lines = stream.getvalue().splitlines()
        assert head in stream.getvalue()
        for name in ("one.txt", "two.txt"):
            (line,) = (line for line in lines if name in line)
            assert [cell for cell in ("松岭镇", "2023", "2/1") if cell not in line] == []


@pytest.mark.parametrize("name", ["[green]镇.txt", "镇[/].txt", "a[b]c.txt"])
def test_the_table_shows_names_as_they_are(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    stream = io.StringIO()
    write_table([_record(TEXT, name)], stream, "zh")
    assert name in stream.getvalue()


# ------------------------------------------------------------------------------------------------ files


def test_a_file_takes_its_place_only_when_all_is_well(tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    target.write_text("old", encoding="utf-8")

    def fail() -> None:
        with open_target(target) as stream:
            stream.write("half")
            stream.flush()
            assert target.read_text(encoding="utf-8") == "old"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert target.read_text(encoding="utf-8") == "old"
    with open_target(target) as stream:
        stream.write("镇\r\n\n")
    assert target.read_bytes() == "镇\r\n\n".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]


def test_a_file_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with open_target(tmp_path / "out.csv", byte_order_mark=True) as stream:
            stream.write("x")
    finally:
        os.umask(before)
    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "out.csv").read_bytes() == b"\xef\xbb\xbfx"


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    target = tmp_path / "none" / "out.csv"
    with pytest.raises(OutputError) as caught, open_target(target):
        pytest.fail("nothing can be written there")
    assert str(caught.value).startswith(f"{target}: cannot be written")
    assert caught.value.exit_code == 3


def test_no_path_means_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    with open_target(None) as stream:
        stream.write("镇\n")
    assert capsys.readouterr().out == "镇\n"


# ------------------------------------------------------------------------------------------------ json


def test_a_record_in_json_is_the_record() -> None:
    record = extract(TEXT)
    for indent in (None, 2):
        assert Report.model_validate_json(record.model_dump_json(indent=indent)) == record
    assert "\n" not in record.model_dump_json(), "one line for jsonl"
    fine = next(i for i in json.loads(record.model_dump_json())["indicators"] if i["code"] == "enforcement.fines")
    assert fine["value"] == 19200
    assert type(fine["value"]) is int
