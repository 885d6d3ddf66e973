"""Corrections come back: what a reviewer changes in the workbook stands in the record, beside what stood there before."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from extractor.corrections import Row, correct, resummarised
from extractor.models import Report, report_id
from extractor.pipeline import document_of
from tests.conftest import call
from tests.stages import CATALOGUE, STAGES

TEXT = """松岭镇2023年度法治政府建设情况报告

一、主要做法
全镇共调解矛盾纠纷57起，其中婚姻纠纷12起，调解成功率98.2%，每场参加人数20-30人。
开展法治宣传12场次，全年未发生行政诉讼案件。
二、存在的问题
（一）人手不足。
"""
MEDIATED, RATE, EVENTS = "mediation.disputes_mediated", "mediation.success_rate", "publicity.events"


def _report(name: str = "松岭.txt") -> Report:
    return STAGES.extract(document_of(TEXT, name), with_text=True)


def _named(report: Report, text: str) -> str:
    return next(i.id for i in report.indicators if i.text == text)


def _row(report: Report, text: str, **cells: Any) -> Row:
    """The row of a number as it was written, with some cells changed."""
    i = next(i for i in report.indicators if i.text == text)
    own = {"report_id": report_id(report), "id": i.id, "code": i.code, "value": i.value, "low": i.low, "high": i.high}
    own |= {
        "unit": i.unit,
        "qualifier": i.qualifier,
        "modality": i.modality,
        "text": i.text,
        "quote": i.quote,
        "corrected": None,
    }
    return Row("指标明细 row 2", own | cells)


def _outcome(report: Report, *rows: Row) -> tuple[Report, int, list[str]]:
    outcome = correct(report, rows, CATALOGUE)
    return outcome.report, outcome.applied, [r.reason for r in outcome.refused if "its row is gone" not in r.reason]


# ------------------------------------------------------------------------------------------------ one record


def test_a_corrected_value_keeps_the_old_one_and_moves_the_summary() -> None:
    report = _report()
    row = _row(
        report, "57起", value=Decimal(75), corrected_by="张三", corrected_at=datetime.date(2024, 3, 1), correction_note="笔误"
    )
    corrected, applied, refused = _outcome(report, row)
    assert (applied, refused) == (1, [])
    (correction,) = corrected.corrections
    assert correction.model_dump() == {
        "entry": _named(report, "57起"), "field": "value", "original": 57, "corrected": 75,
        "by": "张三", "at": "2024-03-01", "note": "笔误",
    }  # fmt: skip
    assert (report.summary[MEDIATED].value, corrected.summary[MEDIATED].value) == (57, 75)
    assert Report.model_validate_json(corrected.model_dump_json()) == corrected
    others = {code for code in report.summary if report.summary[code] != corrected.summary[code]}
    assert others == {MEDIATED}


def test_an_untouched_workbook_changes_nothing() -> None:
    report = _report()
    outcome = correct(report, [_row(report, i.text) for i in report.indicators], CATALOGUE)
    assert (outcome.report, outcome.applied, outcome.refused) == (report, 0, [])


def test_a_corrected_code_moves_the_number_to_another_code() -> None:
    report = _report()
    corrected, applied, _ = _outcome(report, _row(report, "12场次", code="training.sessions"))
    number = next(i for i in corrected.indicators if i.text == "12场次")
    assert (applied, number.code, number.label) == (1, "training.sessions", "法治培训")
    assert (corrected.summary[EVENTS].state, corrected.summary["training.sessions"].value) == ("absent", 12)
    assert corrected.summary["training.sessions"].indicators == (number.id,)


def test_a_code_can_be_taken_away_and_a_modality_changed() -> None:
    report = _report()
    corrected, _, refused = _outcome(report, _row(report, "12场次", code=None), _row(report, "57起", modality="目标"))
    assert refused == []
    assert corrected.summary[EVENTS].state == "absent"
    assert corrected.summary[MEDIATED].state in ("reported", "mentioned")
    assert _named(report, "57起") not in corrected.summary[MEDIATED].indicators


def test_a_value_becomes_a_range_and_back() -> None:
    report = _report()
    corrected, _, refused = _outcome(report, _row(report, "57起", value=None, low=Decimal(50), high="６０"))
    number = next(i for i in corrected.indicators if i.text == "57起")
    assert refused == []
    assert (number.value, number.low, number.high, number.qualifier) == (None, 50, 60, "range")
    assert (corrected.summary[MEDIATED].low, corrected.summary[MEDIATED].high) == (50, 60)
    back, _, _ = _outcome(
        corrected,
        Row("x", {**_row(corrected, "57起").cells, "value": Decimal(57), "low": None, "high": None, "corrected": "→" * 4}),
    )
    assert next(i for i in back.indicators if i.text == "57起").qualifier == "exact"
    assert back.summary[MEDIATED] == report.summary[MEDIATED]
    assert len(back.corrections) == 8


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (
            {"code": "mediation.disputes_mediatd"},
            "no code 'mediation.disputes_mediatd' (the nearest is mediation.disputes_mediated)",
        ),
        ({"value": "很多"}, "value '很多' is no number"),
        ({"value": "NaN"}, "is no number"),
        ({"value": None}, "needs a value or a range"),
        ({"low": Decimal(3)}, "needs a value or a range"),
        ({"value": None, "low": Decimal(9), "high": Decimal(3)}, "low is above high"),
        ({"value": datetime.datetime(2024, 3, 5)}, "has become a date"),
        ({"modality": "已完成了"}, "modality '已完成了' is none of 实际、目标"),
        ({"code": RATE}, f"{RATE} has the unit '起'"),
    ],
)
def test_what_cannot_stand_in_a_record_is_refused(cells: dict[str, Any], reason: str) -> None:
    report = _report()
    corrected, applied, refused = _outcome(report, _row(report, "57起", **cells))
    assert (corrected, applied) == (report, 0)
    assert reason in refused[0]


def test_the_reports_own_words_cannot_be_corrected() -> None:
    report = _report()
    _, applied, refused = _outcome(report, _row(report, "57起", quote="共调解75起", value=Decimal(75)))
    assert (applied, refused) == (1, ["quote is the report's own and cannot be corrected"])


def test_rows_that_were_added_doubled_or_deleted_are_refused() -> None:
    report = _report()
    row = _row(report, "57起")
    added = Row("指标明细 row 9", {**row.cells, "id": "q99"})
    outcome = correct(report, [row, row._replace(place="指标明细 row 3"), added], CATALOGUE)
    reasons = [refusal.reason for refusal in outcome.refused]
    assert outcome.report == report
    assert reasons[0] == "stands twice, in 指标明细 row 2 too"
    assert "a row that was added cannot be applied" in reasons[1]
    gone = [refusal.entry for refusal in outcome.refused if "its row is gone" in refusal.reason]
    assert gone == [i.id for i in report.indicators if i.text != "57起"]


def test_an_older_workbook_undoes_no_correction() -> None:
    """Two reviewers have the same workbook: the second one's untouched cells are no changes, changed ones are conflicts."""
    report = _report()
    first, _, _ = _outcome(report, _row(report, "57起", value=Decimal(75), corrected_by="张三"))
    again, applied, refused = _outcome(first, _row(report, "57起", unit="件"))
    assert (applied, refused) == (1, [])
    number = next(i for i in again.indicators if i.text == "57起")
    assert (number.value, number.unit) == (75, "件")
    _, applied, refused = _outcome(first, _row(report, "57起", value=Decimal(76)))
    assert (applied, refused) == (0, ["value was corrected by 张三 since this workbook was made; export it anew"])
    _, applied, refused = _outcome(first, _row(report, "57起", value=Decimal(75)))
    assert (applied, refused) == (0, [])


def test_the_kind_of_a_section_is_corrected() -> None:
    report = _report()
    section = report.sections[-1]
    row = Row("章节 row 3", {"id": section.id, "kind": "其他"})
    corrected, applied, refused = _outcome(report, row)
    assert (applied, refused, corrected.sections[-1].kind) == (1, [], "other")
    assert corrected.corrections[0].entry == section.id


def test_the_summary_made_from_the_record_is_the_one_made_from_the_text() -> None:
    for path in sorted((Path(__file__).parents[1] / "samples").glob("*.txt")):
        report = STAGES.extract(document_of(path.read_text("utf-8")))
        codes = {i.code for i in report.indicators if i.code is not None}
        for code, entry in resummarised(report, codes, CATALOGUE):
            assert entry == report.summary[code], (path.name, code)


# ------------------------------------------------------------------------------------------------ from the workbook


@pytest.fixture
def records(tmp_path: Path) -> Path:
    path = tmp_path / "records.jsonl"
    path.write_text("".join(_report(name).model_dump_json() + "\n" for name in ("a.txt", "b.txt")), encoding="utf-8")
    return path


def _edited(records: Path, change: Callable[[Worksheet, dict[str, int]], None], language: str = "zh") -> Path:
    """The workbook of the records after somebody changed its sheet of quantities."""
    path = records.with_name("review.xlsx")
    assert call("export", records, "-o", path, "--lang", language).returncode == 0
    book = openpyxl.load_workbook(path)
    sheet = book["指标明细" if language == "zh" else "Indicators"]
    change(sheet, {str(cell.value): cell.column for cell in sheet[1]})
    book.save(path)
    return path


def _at(sheet: Worksheet, heads: dict[str, int], name: str, text: str, report: int = 0) -> Any:
    """The cell of a column in the row of a number."""
    column = heads.get("原文") or heads["Text"]
    rows = [row for row in range(2, sheet.max_row + 1) if sheet.cell(row, column).value == text]
    return sheet.cell(rows[report], heads[name])


def _corrected(path: Path) -> list[Report]:
    return [Report.model_validate_json(line) for line in path.read_text("utf-8").splitlines()]


def test_changes_in_the_workbook_come_back(tmp_path: Path, records: Path) -> None:
    def change(sheet: Worksheet, heads: dict[str, int]) -> None:
        _at(sheet, heads, "数值", "57起").value = 75
        _at(sheet, heads, "更正人", "57起").value = "张三"
        _at(sheet, heads, "数值", "98.2%").value = 0.975
        _at(sheet, heads, "性质", "12场次").value = "目标"

    done = call("correct", records, "--from", _edited(records, change), "-o", tmp_path / "new.jsonl")
    assert (done.returncode, done.stderr.decode()) == (0, "extractor: 3 corrections in 1 reports; 0 not applied\n")
    first, second = _corrected(tmp_path / "new.jsonl")
    assert [(c.field, c.original, c.corrected, c.by) for c in first.corrections] == [
        ("value", 57, 75, "张三"),
        ("value", Decimal("98.2"), Decimal("97.5"), None),
        ("modality", "actual", "target", None),
    ]
    assert first.summary[RATE].value == Decimal("97.5")
    assert second.model_dump_json() + "\n" == records.read_text("utf-8").splitlines(keepends=True)[1]


def test_sorted_rows_moved_columns_and_filters_change_nothing(tmp_path: Path, records: Path) -> None:
    def change(sheet: Worksheet, heads: dict[str, int]) -> None:
        _at(sheet, heads, "数值", "57起", report=1).value = 58
        table = [[cell.value for cell in row] for row in sheet.iter_rows()]
        formats = [[cell.number_format for cell in row] for row in sheet.iter_rows()]
        order = [0, *sorted(range(1, len(table)), key=lambda row: str(table[row][heads["所在语句"] - 1]), reverse=True)]
        for row, old in enumerate(order, 1):
            for column in range(len(table[0])):
                cell = sheet.cell(row, len(table[0]) - column)
                cell.value, cell.number_format = table[old][column], formats[old][column]
        for row in range(3, 8):
            sheet.row_dimensions[row].hidden = True

    done = call("correct", records, "--from", _edited(records, change), "-o", records)
    assert (done.returncode, done.stderr.decode()) == (0, "extractor: 1 corrections in 1 reports; 0 not applied\n")
    first, second = _corrected(records)
    assert (first.corrections, second.summary[MEDIATED].value) == ((), 58)


def test_an_english_workbook_comes_back_too(tmp_path: Path, records: Path) -> None:
    def change(sheet: Worksheet, heads: dict[str, int]) -> None:
        _at(sheet, heads, "Modality", "57起").value = "target"
        _at(sheet, heads, "Correction note", "57起").value = "a plan"

    done = call("correct", records, "--from", _edited(records, change, "en"), "-o", tmp_path / "new.jsonl")
    assert done.returncode == 0, done.stderr
    assert _corrected(tmp_path / "new.jsonl")[0].corrections[0].note == "a plan"


def test_what_is_not_applied_is_listed_and_the_rest_is_written(tmp_path: Path, records: Path) -> None:
    def change(sheet: Worksheet, heads: dict[str, int]) -> None:
        _at(sheet, heads, "数值", "57起").value = 75
        _at(sheet, heads, "数值", "12场次").value = "十二"
        added = sheet.max_row + 1
        sheet.cell(added, heads["数值"]).value = 5
        sheet.cell(added, heads["指标代码"]).value = MEDIATED

    done = call("correct", records, "--from", _edited(records, change), "-o", tmp_path / "new.jsonl")
    lines = done.stderr.decode().splitlines()
    assert done.returncode == 3
    assert any("a.txt" in line and "value '十二' is no number" in line for line in lines)
    assert any("it has no report id; a row that was added cannot be applied" in line for line in lines)
    assert lines[-1] == "extractor: 1 corrections in 1 reports; 2 not applied"
    assert _corrected(tmp_path / "new.jsonl")[0].summary[MEDIATED].value == 75


@pytest.mark.parametrize("column", ["数值", "报告编号", "编号", "更正人"])
def test_a_renamed_column_is_named_and_nothing_is_written(tmp_path: Path, records: Path, column: str) -> None:
    def change(sheet: Worksheet, heads: dict[str, int]) -> None:
        sheet.cell(1, heads[column]).value = column + "（新）"

    before = records.read_bytes()
    done = call("correct", records, "--from", _edited(records, change), "-o", records)
    assert done.returncode == 3
    assert f"the sheet 指标明细 has no column {column} (perhaps now {column}（新）); give the columns" in done.stderr.decode()
    assert records.read_bytes() == before


def test_a_column_that_stands_twice_is_named(tmp_path: Path, records: Path) -> None:
    def change(sheet: Worksheet, heads: dict[str, int]) -> None:
        sheet.cell(1, sheet.max_column + 1).value = "数值"

    done = call("correct", records, "--from", _edited(records, change), "-o", tmp_path / "new.jsonl")
    assert (done.returncode, "has the column 数值 twice" in done.stderr.decode()) == (3, True)


def test_a_renamed_sheet_is_told(tmp_path: Path, records: Path) -> None:
    def change(sheet: Worksheet, _: dict[str, int]) -> None:
        sheet.title = "明细表"

    done = call("correct", records, "--from", _edited(records, change), "-o", tmp_path / "new.jsonl")
    assert done.returncode == 3
    assert "has no sheet 指标明细 (it has 汇总、明细表、" in done.stderr.decode()
    assert not (tmp_path / "new.jsonl").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no workbook", "is no workbook that can be read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is encrypted or an old .xls workbook; save it as an .xlsx"),
        (None, "cannot be read"),
    ],
)
def test_what_is_no_workbook_is_told(tmp_path: Path, records: Path, content: bytes | None, message: str) -> None:
    workbook = tmp_path / "review.xlsx"
    if content is not None:
        workbook.write_bytes(content)
    done = call("correct", records, "--from", workbook, "-o", tmp_path / "new.jsonl")
    assert done.returncode == 3
    assert f"{workbook}: {message}" in done.stderr.decode()
    assert not (tmp_path / "new.jsonl").exists()


def test_a_torn_record_stops_it_before_anything_is_lost(tmp_path: Path, records: Path) -> None:
    workbook = _edited(records, lambda sheet, heads: None)
    torn = records.read_bytes() + b'{"schema'
    records.write_bytes(torn)
    done = call("correct", records, "--from", workbook, "-o", records)
    assert (done.returncode, records.read_bytes()) == (3, torn)
    assert f"{records}:3: is torn" in done.stderr.decode()


def test_a_workbook_of_other_records_is_told(tmp_path: Path, records: Path) -> None:
    workbook = _edited(records, lambda sheet, heads: None)
    records.write_text(_report("c.txt").model_dump_json() + "\n", encoding="utf-8")
    done = call("correct", records, "--from", workbook, "-o", tmp_path / "new.jsonl")
    assert (done.returncode, "has no row of these records" in done.stderr.decode()) == (3, True)


def test_corrected_records_go_round_again(tmp_path: Path, records: Path) -> None:
    """Exported anew, the workbook shows what was corrected, and correcting with it changes nothing more."""

    def change(sheet: Worksheet, heads: dict[str, int]) -> None:
        _at(sheet, heads, "数值", "57起").value = 75
        _at(sheet, heads, "更正说明", "57起").value = "见第3页"

    workbook = _edited(records, change)
    assert call("correct", records, "--from", workbook, "-o", records).returncode == 0
    once = records.read_bytes()
    assert call("correct", records, "--from", workbook, "-o", records).returncode == 0
    assert records.read_bytes() == once
    shown: list[object] = []

    def look(sheet: Worksheet, heads: dict[str, int]) -> None:
        shown.extend(_at(sheet, heads, name, "57起").value for name in ("数值", "已更正", "更正说明"))

    again = _edited(records, look)
    assert shown == [75, "数值: 57 → 75", "见第3页"]
    assert call("correct", records, "--from", again, "-o", records).returncode == 0
    assert records.read_bytes() == once


def test_corrected_records_are_gold(tmp_path: Path, records: Path) -> None:
    def change(sheet: Worksheet, heads: dict[str, int]) -> None:
        _at(sheet, heads, "数值", "57起").value = 75

    assert call("correct", records, "--from", _edited(records, change), "-o", tmp_path / "gold.jsonl").returncode == 0
    done = call("evaluate", tmp_path / "gold.jsonl", "-f", "json")
    assert done.returncode == 0, done.stderr
    reports = json.loads(done.stdout)["reports"]
    assert list(reports) == ["a.txt", "b.txt"]
    assert reports["a.txt"]["value_f1"] < 100 == reports["b.txt"]["value_f1"]
    assert any("75" in error["message"] for error in reports["a.txt"]["errors"])


def test_the_text_of_gold_may_lie_beside_it_and_must_be_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    line = STAGES.extract(document_of(TEXT, "elsewhere/a.txt")).model_dump_json() + "\n"
    (tmp_path / "gold.jsonl").write_text(line, encoding="utf-8")
    assert call("evaluate", tmp_path / "gold.jsonl", "-f", "json").returncode == 0
    (tmp_path / "a.txt").write_text(TEXT.replace("57起", "7起"), encoding="utf-8")
    done = call("evaluate", tmp_path / "gold.jsonl", "-f", "json")
    assert done.returncode == 3
    assert "the text is another one" in done.stderr.decode()
    (tmp_path / "a.txt").unlink()
    done = call("evaluate", tmp_path / "gold.jsonl", "-f", "json")
    assert (done.returncode, "its text cannot be used" in done.stderr.decode()) == (3, True)
