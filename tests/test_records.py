"""Reading records back: from lines, files, folders and standard input; what is none is named with file and line."""

from __future__ import annotations

import io
import json
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from extractor.errors import InputError
from extractor.models import Report, report_id
from extractor.pipeline import document_of
from extractor.reading import read_file
from extractor.reading.records import Record, input_files, read_records, whole
from tests.conftest import REPOSITORY, SAMPLES
from tests.stages import STAGES

TEXT = "2024年，全镇共调解矛盾纠纷57起，调解成功率98.2%，受益群众3万余人次。"


def _report(name: str = "a.txt", text: str = TEXT) -> Report:
    return STAGES.extract(document_of(text, name))


def _line(name: str = "a.txt") -> str:
    return _report(name).model_dump_json() + "\n"


def _problems(found: list[Record | InputError]) -> list[str]:
    return [str(one) for one in found if isinstance(one, InputError)]


def _records(found: list[Record | InputError]) -> list[Record]:
    return [one for one in found if isinstance(one, Record)]


@pytest.mark.parametrize("path", SAMPLES[:4], ids=lambda path: path.stem)
def test_a_record_read_lightly_says_what_the_model_says(path: Path, tmp_path: Path) -> None:
    report = STAGES.extract(read_file(path), with_text=True)
    (tmp_path / "a.jsonl").write_text(report.model_dump_json() + "\n", encoding="utf-8")
    (record,) = _records(list(read_records([str(tmp_path / "a.jsonl")])))
    assert whole(record) == report
    assert _same(report, record.report)
    assert report_id(record.report) == report_id(report)


def _same(model: object, light: object) -> bool:
    """Every field of the model in the light reading, with the same value; Decimals as integers and floats."""
    if isinstance(model, Decimal):
        return isinstance(light, int | float) and Decimal(str(light)) == model
    if isinstance(model, tuple):
        return isinstance(light, tuple) and len(light) == len(model) and all(map(_same, model, light))
    if isinstance(model, dict):
        return isinstance(light, dict) and model.keys() == light.keys() and all(_same(model[k], light[k]) for k in model)
    if hasattr(type(model), "model_fields"):
        return all(_same(getattr(model, name), getattr(light, name)) for name in type(model).model_fields)
    return type(model) is type(light) and model == light


def test_every_form_of_input_gives_the_same_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = _line("a.txt") + _line("b.txt")
    (tmp_path / "all.jsonl").write_text("\ufeff" + lines + "\n\n", encoding="utf-8")
    (tmp_path / "folder" / "deep").mkdir(parents=True)
    (tmp_path / "folder" / "a.json").write_text(_report("a.txt").model_dump_json(indent=2), encoding="utf-8")
    (tmp_path / "folder" / "deep" / "b.ndjson").write_text(_line("b.txt"), encoding="utf-8")
    (tmp_path / "folder" / "a.gold.json").write_text("{}", encoding="utf-8")
    (tmp_path / "batch").mkdir()
    (tmp_path / "batch" / "records.jsonl").write_text(lines, encoding="utf-8")
    (tmp_path / "batch" / "run.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines.encode())))
    expected = [line.encode() for line in lines.splitlines()]
    for name in (str(tmp_path / "all.jsonl"), str(tmp_path / "folder"), str(tmp_path / "batch"), "-"):
        found = list(read_records([name]))
        assert _problems(found) == []
        assert [json.loads(record.line) for record in _records(found)] == [json.loads(line) for line in expected]
        assert all(b"\n" not in record.line for record in _records(found))


def test_records_are_read_one_after_another(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(_line("a.txt") + "{torn", encoding="utf-8")
    records = read_records([str(path)])
    assert isinstance(next(records), Record)
    assert isinstance(next(records), InputError)


def test_a_torn_line_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    line = _line("b.txt")
    path.write_text(_line("a.txt") + line[:500] + "\n" + _line("c.txt") + line[: len(line) // 2], encoding="utf-8")
    found = list(read_records([str(path)]))
    assert [record.report.source.name for record in _records(found)] == ["a.txt", "c.txt"]
    first, second = _problems(found)
    assert first.startswith(f"{path}:2: is torn")
    assert second.startswith(f"{path}:4: is torn")
    assert "make it anew" in first


@pytest.mark.parametrize("version", ["0.9", "2.0"])
def test_another_schema_version_is_named(tmp_path: Path, version: str) -> None:
    path = tmp_path / "a.jsonl"
    same_keys = _line().replace('"schema_version":"1.0"', f'"schema_version":"{version}"')
    other_keys = json.dumps({"schema_version": version, "quantities": []}) + "\n"
    path.write_text(same_keys + other_keys, encoding="utf-8")
    problems = _problems(list(read_records([str(path)])))
    assert len(problems) == 2
    for number, problem in enumerate(problems, 1):
        assert problem.startswith(f"{path}:{number}: is a record of schema version {version}, and this program reads 1.0")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[1, 2]\n", "is no record"),
        ('{"name": "x"}\n', "is no record (Object contains unknown field `name`)"),
        ('{"schema_version": "1.0"}\n', "is no record (Object missing required field"),
        ("地方,年度\n松岭镇,2024\n", "is no JSON"),
        ("", "is empty"),
    ],
)
def test_what_is_no_record_is_told(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(content, encoding="utf-8")
    problems = _problems(list(read_records([str(path)])))
    assert problems
    assert reason in problems[0]
    assert problems[0].startswith(str(path))


def test_a_value_of_another_type_is_named_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    data = json.loads(_line())
    data["indicators"][1]["unit"] = 5
    path.write_text(json.dumps(data), encoding="utf-8")
    assert "$.indicators[1].unit" in _problems(list(read_records([str(path)])))[0]


def test_utf16_of_a_console_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(_line().encode("utf-16"))
    assert _problems(list(read_records([str(path)])))[0].startswith(f"{path}: is in UTF-16; write records with -o")


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    found = list(read_records([str(tmp_path / "none.jsonl"), str(tmp_path / "empty")]))
    assert [problem.partition("; ")[0] for problem in _problems(found)] == [
        f"{tmp_path / 'none.jsonl'}: no such file or folder",
        f"{tmp_path / 'empty'}: holds no records",
    ]


def test_the_same_report_twice_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(_line("a.txt") + _line("b.txt") + _line("a.txt"), encoding="utf-8")
    found = list(read_records([str(path)]))
    assert len(_records(found)) == 2
    assert _problems(found)[0].startswith(f"{path}:3: is the same report as {path}:1")


def test_a_record_that_does_not_hold_together_is_no_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    data = json.loads(_line())
    data["indicators"][0]["end"] = 10**6
    path.write_text(json.dumps(data), encoding="utf-8")
    (record,) = _records(list(read_records([str(path)])))
    with pytest.raises(InputError, match=r"does not hold together: .*q1: span"):
        whole(record)


def test_ids_of_reports_depend_on_bytes_and_name_alone() -> None:
    assert report_id(_report("a.txt")) == report_id(_report("a.txt"))
    assert len({report_id(_report("a.txt")), report_id(_report("b.txt")), report_id(_report("a.txt", TEXT + "。"))}) == 3


def test_the_files_of_inputs(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("", encoding="utf-8")
    assert list(input_files([str(tmp_path), "-", "b.jsonl"])) == [tmp_path / "a.jsonl", Path("b.jsonl")]
    assert REPOSITORY / "samples" / "records" / "moshi-2024.json" in set(input_files([str(REPOSITORY / "samples" / "records")]))
