"""Export: the same records in every format, whole or not there, and a workbook that opens and says what the records say."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.errors import OutputError, UsageError
from extractor.models import Finding, Report, SummaryEntry, report_id
from extractor.pipeline import document_of
from extractor.reading.records import Record, read_records
from extractor.writing.export import Wish, export
from extractor.writing.rows import COLUMNS, rows
from extractor.writing.workbook import GUIDE, SHEET_COLUMNS, SHEETS, heading
from extractor.writing.xlsx import MOST_CHARACTERS, as_shown, lines_of, source_link, write_xlsx
from tests.conftest import REPOSITORY, call, examples
from tests.stages import CATALOGUE, STAGES

TEXT = """松岭镇人民政府2023年度法治政府建设情况报告

一、主要做法
全镇共受理矛盾纠纷60起，调解57起，调解成功率98.2%，每场参加人数20-30人。
开展法治宣传12场次，罚款1.92万元，全年未发生行政诉讼案件，法律援助工作有序推进。
二、存在的问题
（一）=人手不足，
经费不足。
（二）普法形式单一。
三、下一步打算
（一）2024年开展法治培训不少于4次。
"""
OTHER = TEXT.replace("松岭", "乌桥").replace("57起", "41起").replace("2023", "2022")


def _report(text: str = TEXT, name: str = "松岭.txt") -> Report:
    report = STAGES.extract(document_of(text, name))
    rate = next(i for i in report.indicators if i.text == "98.2%")
    doubt = Finding(
        code="rate_contradicted", severity="warning", message="=率不符", message_en="the rate differs", indicators=(rate.id,)
    )
    return report.model_copy(update={"findings": (doubt,)})


REPORTS = [_report(), _report(OTHER, "乌桥.txt")]


@pytest.fixture
def records(tmp_path: Path) -> Path:
    path = tmp_path / "records.jsonl"
    path.write_text("".join(report.model_dump_json() + "\n" for report in REPORTS), encoding="utf-8")
    return path


def _light(path: Path) -> list[Report]:
    return [record.report for record in read_records([str(path)]) if isinstance(record, Record)]


# ------------------------------------------------------------------------------------------------ every format


@pytest.mark.parametrize("ending", ["xlsx", "csv", "parquet", "sqlite", "jsonl"])
def test_the_same_records_give_the_same_bytes_by_either_way(tmp_path: Path, records: Path, ending: str) -> None:
    """Exported twice from the records, and once more from the models that they were made from."""
    files = [tmp_path / f"{n}.{ending}" for n in range(3)]
    for file in files[:2]:
        done = call("export", records, "-o", file)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    if ending == "jsonl":
        assert files[0].read_bytes() == records.read_bytes()
    else:
        export(iter(REPORTS), files[2], ending, CATALOGUE, Wish())  # type: ignore[arg-type]
        assert files[0].read_bytes() == files[2].read_bytes()
    assert files[0].read_bytes() == files[1].read_bytes()


@pytest.mark.parametrize("ending", ["xlsx", "csv", "parquet", "sqlite", "jsonl"])
def test_a_torn_line_is_told_and_the_others_are_written(tmp_path: Path, records: Path, ending: str) -> None:
    records.write_bytes(records.read_bytes() + b'{"schema_version": "1.0", "sou')
    done = call("export", records, "-o", tmp_path / f"a.{ending}")
    assert done.returncode == 3
    assert f"{records}:3: is torn".encode() in done.stderr
    assert (tmp_path / f"a.{ending}").stat().st_size > 1000


@pytest.mark.parametrize("ending", ["xlsx", "csv", "parquet", "sqlite", "jsonl"])
def test_nothing_is_overwritten_when_nothing_can_be_read(tmp_path: Path, ending: str) -> None:
    target = tmp_path / f"a.{ending}"
    target.write_bytes(b"before")
    (tmp_path / "bad.jsonl").write_text('{"schema_version": "9"}\n', encoding="utf-8")
    done = call("export", tmp_path / "bad.jsonl", "-o", target)
    assert (done.returncode, target.read_bytes()) == (3, b"before")
    assert b"schema version 9" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == [target.name, "bad.jsonl"]


@pytest.mark.parametrize("form", ["xlsx", "csv", "parquet", "sqlite"])
def test_a_target_keeps_its_content_until_the_new_one_is_whole(tmp_path: Path, form: Any) -> None:
    target = tmp_path / f"a.{form}"
    target.write_bytes(b"before")

    def reports() -> Iterator[Report]:
        yield REPORTS[0]
        assert target.read_bytes() == b"before"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(reports(), target, form, CATALOGUE, Wish())
    assert target.read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


@pytest.mark.parametrize(
    ("lock", "message"),
    [
        (".~lock.a.xlsx#", "is open in a spreadsheet program; close it there, or delete .~lock.a.xlsx#"),
        ("~$a.xlsx", "is open in a spreadsheet program; close it there, or delete ~$a.xlsx"),
        (None, "is write-protected"),
    ],
)
def test_a_locked_target_is_told_and_left_alone(tmp_path: Path, lock: str | None, message: str) -> None:
    target = tmp_path / "a.xlsx"
    target.write_bytes(b"before")
    if lock:
        (tmp_path / lock).write_bytes(b"")
    else:
        target.chmod(0o444)
    with pytest.raises(OutputError) as caught:
        export(iter(REPORTS), target, "xlsx", CATALOGUE, Wish())
    assert message in str(caught.value)
    assert target.read_bytes() == b"before"


def test_a_target_that_another_program_holds_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Windows says of a file that a program has open."""

    def held(self: Path, target: Path) -> Path:
        raise PermissionError(13, "The process cannot access the file")

    monkeypatch.setattr(Path, "replace", held)
    with pytest.raises(OutputError, match="is locked by another program; close it there"):
        export(iter(REPORTS), tmp_path / "a.xlsx", "xlsx", CATALOGUE, Wish())
    assert list(tmp_path.iterdir()) == []


def test_wrong_use(tmp_path: Path, records: Path) -> None:
    for target, message in (
        (tmp_path / "a.ods", "its ending says no format"),
        (tmp_path, "its ending says no format"),
        (records, "is one of the inputs"),
    ):
        done = call("export", records, "-o", target)
        assert (done.returncode, message in done.stderr.decode()) == (2, True), done.stderr
    (tmp_path / "d.csv").mkdir()
    assert call("export", records, "-o", tmp_path / "d.csv").returncode == 3
    for arguments in (["-f", "xlsx"], ["-f", "sqlite"]):
        done = call("extract", REPOSITORY / "samples" / "moshi-2024.txt", *arguments)
        assert (done.returncode, b"is written to a file; name it with -o" in done.stderr) == (2, True)


def test_records_of_other_rules_are_told(tmp_path: Path, records: Path) -> None:
    data = json.loads(records.read_text("utf-8").splitlines()[0])
    data["summary"]["greening.trees_planted"] = data["summary"]["mediation.screenings"]
    records.write_text(json.dumps(data), encoding="utf-8")
    for ending in ("xlsx", "csv", "sqlite"):
        done = call("export", records, "-o", tmp_path / f"a.{ending}")
        assert done.returncode == 2
        assert "greening.trees_planted; name the rules that it was made with by --catalogue" in done.stderr.decode()
        assert not (tmp_path / f"a.{ending}").exists()


def test_records_of_own_rules_are_exported_with_those_rules(tmp_path: Path) -> None:
    """A code of a group that the catalogue's head does not name stands under the group's own name."""
    rules = tmp_path / "rules" / "indicators"
    rules.mkdir(parents=True)
    (rules / "greening.yaml").write_bytes(call("catalogue", "new", "greening.trees_planted").stdout)
    (tmp_path / "a.txt").write_text("全年共完成某动作某事物12件。", encoding="utf-8")
    own = ("--catalogue", tmp_path / "rules")
    assert call("extract", tmp_path / "a.txt", "-o", tmp_path / "a.jsonl", *own).returncode == 0
    assert call("export", tmp_path / "a.jsonl", "-o", tmp_path / "a.xlsx").returncode == 2
    for ending in ("xlsx", "sqlite", "csv"):
        done = call("export", tmp_path / "a.jsonl", "-o", tmp_path / f"a.{ending}", *own)
        assert (done.returncode, done.stderr) == (0, b"")
    summary = openpyxl.load_workbook(tmp_path / "a.xlsx")["汇总"]
    assert [cell.value for cell in summary[1]][-1] == "greening"
    assert summary.cell(3, summary.max_column).value == 12


@pytest.mark.parametrize("ending", ["xlsx", "parquet", "sqlite"])
def test_extract_writes_what_export_writes(tmp_path: Path, ending: str) -> None:
    sample = "samples/moshi-2024.txt"
    done = call("extract", sample, "-o", tmp_path / "r.jsonl", cwd=REPOSITORY)
    assert done.returncode == 0, done.stderr
    call("export", tmp_path / "r.jsonl", "-o", tmp_path / f"a.{ending}", cwd=REPOSITORY)
    done = call("extract", sample, "-o", tmp_path / f"b.{ending}", cwd=REPOSITORY)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()
    (tmp_path / "empty.txt").write_bytes(b"")
    done = call("extract", tmp_path / "empty.txt", "-o", tmp_path / f"c.{ending}")
    assert (done.returncode, (tmp_path / f"c.{ending}").exists()) == (3, False)


# ------------------------------------------------------------------------------------------------ tables


def test_the_long_table_has_a_row_for_each_thing_said(tmp_path: Path, records: Path) -> None:
    call("export", records, "-o", tmp_path / "long.csv", "--table", "long", "--lang", "en")
    found = list(csv.DictReader(io.StringIO((tmp_path / "long.csv").read_text("utf-8-sig"))))
    said = [(r, code, entry) for r in REPORTS for code, entry in r.summary.items() if entry.state != "absent"]
    assert [(row["report_id"], row["code"], row["state"]) for row in found] == [(report_id(r), c, e.state) for r, c, e in said]
    by_code = {row["code"]: row for row in found if row["place"] == "松岭镇"}
    assert by_code["mediation.disputes_mediated"]["value"] == "57"
    assert by_code["litigation.lawsuit_cases"]["state"] == "zero"
    assert by_code["training.sessions"]["state"] == "mentioned"
    assert by_code["training.sessions"]["value"] == ""


@pytest.mark.parametrize("table", ["summary", "long", "reports", "indicators", "sections", "items", "findings"])
def test_parquet_gives_back_every_row(tmp_path: Path, records: Path, table: Any) -> None:
    path = tmp_path / "a.parquet"
    assert call("export", records, "-o", path, "--table", table).returncode == 0
    found = pyarrow.parquet.read_table(path)
    metadata = found.schema.metadata
    assert metadata[b"table"] == table.encode()
    assert json.loads(metadata[b"catalogue"]) == {"id": CATALOGUE.head.id, "version": CATALOGUE.head.version}
    kinds = {"word": "dictionary", "integer": "int64", "number": "double", "words": "list", "text": "string"}
    for column in COLUMNS[table]:
        assert str(found.schema.field(column.key).type).startswith(kinds[column.kind])
        assert found.schema.field(column.key).metadata[b"zh"].decode() == column.zh
    expected = [row for report in REPORTS for row in rows(report, table, "zh")]
    width = len(COLUMNS[table])
    got = [list(row.values())[:width] for row in found.to_pylist()]
    assert got == [[list(cell) if isinstance(cell, tuple) else cell for cell in row[:width]] for row in expected]


def test_the_wide_parquet_has_value_and_state(tmp_path: Path, records: Path) -> None:
    call("export", records, "-o", tmp_path / "a.parquet")
    row = pyarrow.parquet.read_table(tmp_path / "a.parquet").to_pylist()[0]
    for code, value, state in (
        ("mediation.disputes_mediated", 57, "reported"),
        ("litigation.lawsuit_cases", 0, "zero"),
        ("training.sessions", None, "mentioned"),
        ("profile.area", None, "absent"),
    ):
        assert (row[code], row[f"{code}.state"]) == (value, state)


def test_parquet_without_its_library_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"pip install 'extractor\[parquet\]'"):
        export(iter(REPORTS), tmp_path / "a.parquet", "parquet", CATALOGUE, Wish())


def test_the_database_holds_together(tmp_path: Path, records: Path) -> None:
    call("export", records, "-o", tmp_path / "a.sqlite")
    with sqlite3.connect(tmp_path / "a.sqlite") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        counts = {
            "report": len(REPORTS),
            "section": sum(len(r.sections) for r in REPORTS),
            "item": sum(len(r.items) for r in REPORTS),
            "indicator": sum(len(r.indicators) for r in REPORTS),
            "finding": sum(len(r.findings) for r in REPORTS),
            "dictionary": len(CATALOGUE.indicators),
            "summary": sum(entry.state != "absent" for r in REPORTS for entry in r.summary.values()),
        }
        for name, count in counts.items():
            assert database.execute(f"SELECT count(*) FROM {name}").fetchone() == (count,), name
        panel = database.execute(
            "SELECT place, report_year, value, unit, label_en FROM panel WHERE code = 'mediation.disputes_mediated' ORDER BY 2"
        ).fetchall()
        assert panel == [("乌桥镇", 2022, 41, "起", "Disputes mediated"), ("松岭镇", 2023, 57, "起", "Disputes mediated")]
        assert ("松岭镇", 4) in database.execute("SELECT place, value FROM plan").fetchall()
        doubts = database.execute("SELECT place, code FROM doubt WHERE code = 'rate_contradicted'").fetchall()
        assert len(doubts) == 2
        plan = database.execute("EXPLAIN QUERY PLAN SELECT * FROM indicator WHERE code = 'x'").fetchall()
        assert "indicator_by_code" in plan[0][3]
        listed = database.execute("SELECT indicators FROM summary WHERE code = 'mediation.disputes_mediated'").fetchone()
        assert isinstance(json.loads(listed[0]), list)
    database.close()


# ------------------------------------------------------------------------------------------------ the workbook


def _workbook(path: Path, reports: list[Report], **options: Any) -> Any:
    write_xlsx(reports, path, CATALOGUE, options.pop("language", "zh"), **options)
    return openpyxl.load_workbook(path)


def _table(sheet: Any, head: int = 1) -> list[dict[str, Any]]:
    names = [str(cell.value).split("\n")[0] for cell in sheet[head]]
    return [dict(zip(names, row, strict=True)) for row in sheet.iter_rows(min_row=head + 1)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_workbook_has_all_sheets_and_a_row_for_everything(tmp_path: Path, language: Any) -> None:
    book = _workbook(tmp_path / "a.xlsx", REPORTS, language=language)
    assert book.sheetnames == [titles[language] for titles in SHEETS.values()]
    counts = {
        "indicators": sum(len(r.indicators) for r in REPORTS),
        "sections": sum(len(r.sections) for r in REPORTS),
        "problems": sum(i.kind == "problem" for r in REPORTS for i in r.items),
        "next_steps": sum(i.kind == "next_step" for r in REPORTS for i in r.items),
        "findings": sum(len(r.findings) for r in REPORTS),
    }
    for name, count in counts.items():
        sheet = book[SHEETS[name][language]]  # type: ignore[index]
        heads = [cell.value for cell in sheet[1]]
        assert heads == [heading(name, look.key, language) for look in SHEET_COLUMNS[name]]  # type: ignore[arg-type, index]
        assert sheet.max_row - 1 == count
        assert sheet.freeze_panes == "C2"
        assert sheet.auto_filter.ref == f"A1:{sheet.cell(1, sheet.max_column).column_letter}{count + 1}"
    if language == "en":
        shown = [cell.value for sheet in book.worksheets[:-1] for cell in sheet[2 if sheet.title == "Summary" else 1]]
        assert all(str(name).split("\n")[0].isascii() for name in shown)


def test_the_summary_tells_four_states_apart_and_shows_rates_as_percentages(tmp_path: Path) -> None:
    book = _workbook(tmp_path / "a.xlsx", REPORTS)
    (row, _) = _table(book["汇总"], head=2)
    assert (row["地方"].value, row["报告年度"].value) == ("松岭镇", 2023)
    mediated, rate = row["调解矛盾纠纷"], row["调解成功率"]
    assert (mediated.value, mediated.data_type, mediated.number_format) == (57, "n", "#,##0")
    assert (rate.value, rate.data_type, rate.number_format) == (0.982, "n", "0.0####%")
    assert (row["行政诉讼案件"].value, row["行政诉讼案件"].data_type) == (0, "n")
    assert row["法治培训"].value == "提及未计数"
    assert "辖区面积" not in row, "nobody speaks of it"
    assert {cell.value for cell in book["汇总"][1]} >= {"报告", "人民调解", "复议诉讼"}
    assert all(area.min_row == area.max_row == 1 for area in book["汇总"].merged_cells.ranges)
    assert book["汇总"].freeze_panes == "C3"


def test_all_columns_are_those_of_the_catalogue(tmp_path: Path) -> None:
    book = _workbook(tmp_path / "a.xlsx", REPORTS[:1], all_columns=True)
    fixed = len(SHEET_COLUMNS["summary"])
    assert book["汇总"].max_column == fixed + len(CATALOGUE.indicators)
    heads = [str(cell.value).split("\n")[0] for cell in book["汇总"][2]][fixed:]
    assert heads == [rule.label.zh for rule in CATALOGUE.indicators]
    (row,) = _table(book["汇总"], head=2)
    absent = [rule.label.zh for rule in CATALOGUE.indicators if REPORTS[0].summary[rule.code].state == "absent"]
    assert absent
    assert {row[label].value for label in absent} == {None}


def test_links_lead_to_the_rows_they_are_about(tmp_path: Path) -> None:
    source = tmp_path / "原文 1.txt"
    source.write_text(TEXT, encoding="utf-8")
    reports = [REPORTS[1], _report(TEXT, str(source))]
    book = _workbook(tmp_path / "a.xlsx", reports)
    row = _table(book["汇总"], head=2)[1]

    def target(name: str) -> Any:
        sheet, cell = row[name].hyperlink.location.replace("'", "").split("!")
        return book[sheet][cell].row, {c.value for c in book[sheet][book[sheet][cell].row]}

    number, cells = target("调解矛盾纠纷")
    assert {"mediation.disputes_mediated", 57, "松岭镇"} <= cells
    assert number > 1
    assert "松岭镇" in target("地方")[1]
    assert "=率不符" in target("核查提示数")[1]
    assert row["文件"].hyperlink.target == "原文%201.txt"
    assert _table(book["汇总"], head=2)[0]["文件"].hyperlink is None, "a file that is not there has no link"
    assert row["法治培训"].hyperlink is None


def test_doubtful_numbers_are_flagged(tmp_path: Path) -> None:
    book = _workbook(tmp_path / "a.xlsx", REPORTS[:1])
    (row,) = _table(book["汇总"], head=2)
    assert row["调解成功率"].fill.fgColor.rgb == "FFFCE4C3"
    assert row["调解矛盾纠纷"].fill.fgColor.rgb != "FFFCE4C3"
    flagged = [row for row in _table(book["指标明细"]) if row["核查"].value]
    assert [(row["原文"].value, row["核查"].value) for row in flagged] == [("98.2%", "存疑")]
    assert flagged[0]["数值"].fill.fgColor.rgb == "FFFCE4C3"
    finding = _table(book["核查"])[-1]
    assert (finding["级别"].value, finding["相关原文"].value) == ("存疑", "98.2%")


def test_formulas_and_forbidden_characters_are_harmless(tmp_path: Path) -> None:
    item = REPORTS[0].items[0]
    text = "=1+1\x00\x0b\ud800\ufffe\r\n下一行 _x0041_"
    report = REPORTS[0].model_copy(update={"items": (item.model_copy(update={"text": text}),)})
    book = _workbook(tmp_path / "a.xlsx", [report])
    (row,) = _table(book["问题清单"])
    cell = row["内容"]
    assert cell.data_type == "s"
    assert cell.value == "=1+1\ufffd\ufffd\ufffd\ufffd\n下一行 _x005F_x0041_", "what looks like an escape is escaped"
    assert cell.quotePrefix


@examples(0.03)
@given(st.lists(st.text(max_size=40), min_size=60, max_size=60))
def test_any_text_opens_again(texts: list[str]) -> None:
    item = REPORTS[0].items[0]
    items = tuple(item.model_copy(update={"text": text, "id": f"i{n}"}) for n, text in enumerate(texts))
    stream = io.BytesIO()
    write_xlsx([REPORTS[0].model_copy(update={"items": items})], stream, CATALOGUE, "zh", folder=Path())  # type: ignore[arg-type]
    found = _table(openpyxl.load_workbook(stream)["问题清单"])
    assert len(found) == len(texts)
    for text, row in zip(texts, found, strict=True):
        assert not text or row["内容"].data_type in ("s", "inlineStr")
        if text.isprintable() and "_x" not in text:
            assert (row["内容"].value or "") == text


def test_a_text_that_is_too_long_is_cut_with_a_note(tmp_path: Path) -> None:
    item = REPORTS[0].items[0]
    for text in ("长" * (MOST_CHARACTERS + 1), "𠀀" * (MOST_CHARACTERS // 2 + 1)):
        report = REPORTS[0].model_copy(update={"items": (item.model_copy(update={"text": text}),)})
        (note,) = write_xlsx([report], tmp_path / "a.xlsx", CATALOGUE, "zh")
        assert note.startswith("有 1 个单元格超过 32,767 字")
        (row,) = _table(openpyxl.load_workbook(tmp_path / "a.xlsx")["问题清单"])
        assert row["内容"].value.endswith("……（过长，全文见记录）")
        assert len(row["内容"].value.encode("utf-16-le")) // 2 <= MOST_CHARACTERS


def test_more_rows_than_a_sheet_holds_go_on_in_further_ones(tmp_path: Path) -> None:
    notes = write_xlsx(REPORTS, tmp_path / "a.xlsx", CATALOGUE, "zh", most_rows=8)
    assert any("上限 8" in note and "指标明细 (2)" in note for note in notes)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    parts = [name for name in book.sheetnames if name.startswith("指标明细")]
    assert len(parts) > 2
    found = [(row["报告编号"].value, row["编号"].value) for name in parts for row in _table(book[name])]
    assert found == [(report_id(report), i.id) for report in REPORTS for i in report.indicators]
    assert all(book[name].max_row <= 8 and book[name].freeze_panes == "C2" for name in parts)
    assert any(notes[0] == cell.value for row in book["说明"].iter_rows(max_col=2) for cell in row)
    second = _table(book["汇总"], head=2)[1]["地方"].hyperlink.location
    sheet, cell = second.replace("'", "").split("!")
    assert book[sheet][cell].value == "乌桥镇"


def test_links_end_where_the_format_ends_with_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extractor.writing.xlsx.MOST_LINKS", 15)
    (note,) = write_xlsx(REPORTS, tmp_path / "a.xlsx", CATALOGUE, "zh")
    first, second = _table(openpyxl.load_workbook(tmp_path / "a.xlsx")["汇总"], head=2)
    assert first["调解矛盾纠纷"].hyperlink is not None
    assert second["调解矛盾纠纷"].hyperlink is None
    assert second["地方"].hyperlink is not None, "what leads from the row stays"
    assert "第 4 行" in note


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_guide_explains_and_holds_the_dictionary(tmp_path: Path, language: Any) -> None:
    book = _workbook(tmp_path / "a.xlsx", REPORTS, language=language)
    guide = book[SHEETS["guide"][language]]
    said = {cell.value for row in guide.iter_rows() for cell in row}
    assert {text for _, text in GUIDE[language]} <= said
    rule = CATALOGUE.indicators[0]
    assert {rule.code, rule.label.zh, rule.label.en, rule.definition.zh, rule.definition.en} <= said
    assert any(isinstance(text, str) and CATALOGUE.head.id in text and "1.0" in text for text in said)
    offered = {v.formula1 for v in book[SHEETS["indicators"][language]].data_validations.dataValidation}
    (codes,) = (formula for formula in offered if "$" in formula)
    _, _, cells = codes.replace("'", "").partition("!")
    listed = [row[0].value for row in guide[cells.replace("$", "")]]
    assert listed == list(CATALOGUE.codes)


def test_corrections_have_empty_columns_to_fill(tmp_path: Path) -> None:
    for row in _table(_workbook(tmp_path / "a.xlsx", REPORTS)["指标明细"]):
        assert [row[name].value for name in ("已更正", "更正人", "更正时间", "更正说明")] == [None] * 4


def test_a_range_stands_in_words_in_the_summary_and_in_numbers_in_the_details(tmp_path: Path) -> None:
    code = "mediation.disputes_mediated"
    entry = SummaryEntry(state="reported", low=Decimal(20), high=Decimal(30), unit="起")
    report = REPORTS[0].model_copy(update={"summary": {**REPORTS[0].summary, code: entry}})
    (row,) = _table(_workbook(tmp_path / "a.xlsx", [report])["汇总"], head=2)
    assert row["调解矛盾纠纷"].value == "20–30"
    details = [row for row in _table(openpyxl.load_workbook(tmp_path / "a.xlsx")["指标明细"]) if row["下限"].value == 20]
    assert [(row["数值"].value, row["上限"].value) for row in details] == [(None, 30)]


@pytest.mark.parametrize(
    ("number", "unit", "shown"),
    [
        (57, "起", (57, "#,##0")),
        (1.5, "亩", (1.5, "#,##0.0####")),
        (100, "%", (1.0, "0%")),
        (98.2, "%", (0.982, "0.0####%")),
        (0.07, "%", (0.0007, "0.0####%")),
        (-11.7, "%", (-0.117, "0.0####%")),
        (3, "百分点", (3, "#,##0")),
        (None, "%", (None, "")),
        ("20–30", "%", ("20–30", "")),
    ],
)
def test_numbers_are_shown_with_their_format(number: Any, unit: str, shown: tuple[object, str]) -> None:
    assert as_shown(number, unit) == shown


def test_the_height_of_wrapped_text_is_estimated() -> None:
    assert lines_of("调解", 10) == 1
    assert lines_of("调解" * 10, 11) == 5
    assert lines_of("ab\ncd", 10) == 2


def test_a_link_to_a_source_is_relative_to_the_workbook(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("x", encoding="utf-8")
    (tmp_path / "in" / "a#b.txt").write_text("x", encoding="utf-8")
    assert source_link(str(tmp_path / "in" / "a.txt"), tmp_path / "out") == "external:../in/a.txt"
    assert source_link(str(tmp_path / "in" / "a#b.txt"), tmp_path) is None
    assert source_link("-", tmp_path) is None
    assert source_link("", tmp_path) is None
    assert source_link("x\x00y", tmp_path) is None


# ------------------------------------------------------------------------------------------------ another program opens it


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_the_workbook_and_finds_every_cell(tmp_path: Path, records: Path) -> None:
    """Read by LibreOffice and saved by it anew: values, links, merged heads and colours are those that were written."""
    source = tmp_path / "a.xlsx"
    assert call("export", records, "-o", source).returncode == 0
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
        "--outdir",
        tmp_path / "lo",
        source,
    ]
    done = subprocess.run(command, capture_output=True, timeout=120, check=True)
    assert b"repair" not in (done.stdout + done.stderr).lower()
    before, after = openpyxl.load_workbook(source), openpyxl.load_workbook(tmp_path / "lo" / "a.xlsx")
    assert after.sheetnames == before.sheetnames
    for sheet in before.worksheets:
        other = after[sheet.title]
        for row in sheet.iter_rows():
            for cell in row:
                assert other.cell(cell.row, cell.column).value == cell.value, (sheet.title, cell.coordinate)
        merged = {str(area) for area in sheet.merged_cells.ranges}
        assert {str(area) for area in other.merged_cells.ranges} == merged
    rate = next(cell for cell in after["汇总"][3] if cell.value == 0.982)
    assert "%" in rate.number_format
    assert rate.hyperlink.location.startswith("'指标明细'!") or rate.hyperlink.location.startswith("指标明细!")
