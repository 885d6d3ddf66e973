"""Measuring records against gold: counted by hand, beside the yardstick's own figures, and on the command line."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import pytest

from extractor.errors import GoldError, InputError
from extractor.evaluation import FIGURES, Evaluation, Score, evaluate, marked
from extractor.gold import Gold, misfits
from extractor.models import Indicator, Report
from extractor.pipeline import Extractor, document_of
from extractor.reading.gold import find_gold, read_gold, read_record
from tests.conftest import call
from tests.gold_sets import REPOSITORY, SHARED, Case, cases_of, gold_folders

YARDSTICK = SHARED / "score.py"
needs_yardstick = pytest.mark.skipif(not YARDSTICK.is_file(), reason="the yardstick is not beside the repository")

TEXT = (
    "芦湾镇2023年工作报告\n一、工作情况\n全镇调解纠纷12起，成功率98%。发放资料300余份。\n"
    "二、存在问题\n（一）力量不足。\n（二）经费不足。\n"
)
CODES = frozenset({"mediation.disputes_mediated", "mediation.success_rate", "publicity.materials", "profile.villages"})


def span(words: str) -> dict[str, int]:
    start = TEXT.index(words)
    return {"start": start, "end": start + len(words)}


def quantity(words: str, value: float | None, unit: str | None, code: str | None, **other: object) -> dict[str, object]:
    kept = {"value": value, "unit": unit, "qualifier": "exact", "modality": "actual", "code": code}
    return {**span(words), "text": words, **kept, **other}


def annotation() -> dict[str, object]:
    work, problems = TEXT.index("一、工作"), TEXT.index("二、存在")
    fields = dict.fromkeys(("addressee", "document_number", "index_number", "issue_date"))
    return {
        "doc": "luwan",
        "metadata": {"title": "芦湾镇2023年工作报告", "report_year": 2023, "issuers": [], "township": "芦湾镇", **fields},
        "sections": [
            {"kind": "work_done", "heading": "工作情况", "start": work, "end": problems},
            {"kind": "problems", "heading": "存在问题", "start": problems, "end": len(TEXT)},
        ],
        "items": [{"kind": "problem", **span("（一）力量不足。\n")}, {"kind": "problem", **span("（二）经费不足。\n")}],
        "quantities": [
            quantity("12起", 12, "起", "mediation.disputes_mediated"),
            quantity("98%", 98, "%", "mediation.success_rate"),
            quantity("300余份", 300, "份", "publicity.materials", qualifier="over"),
        ],
    }


def gold_of(data: dict[str, object]) -> Gold:
    return Gold.model_validate_json(json.dumps(data), strict=True)


def record_of(data: dict[str, object]) -> Report:
    """The record that says exactly what an annotation says."""
    sections = [
        {"id": f"s{n}", "parent": None, "level": 1, "ordinal": None, **section} for n, section in enumerate(data["sections"], 1)
    ]
    items = [
        {"id": f"i{n}", "section": None, "ordinal": None, "text": TEXT[item["start"] : item["end"]], **item}
        for n, item in enumerate(data["items"], 1)
    ]
    indicators = [
        {
            "id": f"q{n}",
            "label": "-",
            "low": None,
            "high": None,
            "quote": "-",
            "section": None,
            "part_of": None,
            "rule": "-",
            **entry,
        }
        for n, entry in enumerate(data["quantities"], 1)
    ]
    source = {"name": "-", "media_type": "text/plain", "encoding": None, "sha256": "", "bytes": 0, "characters": len(TEXT)}
    record = {
        "schema_version": "1.0", "catalogue": {"id": "-", "version": "-"}, "source": {**source, "pages": None},
        "metadata": data["metadata"], "sections": sections, "items": items, "indicators": indicators, "summary": {},
        "findings": [], "coverage": {"numbers": 0, "reported": 0, "skipped": {}, "unaccounted": 0},
    }  # fmt: skip
    return Report.model_validate_json(json.dumps(record))


def measured(change: Callable[[dict[str, object]], None]) -> Evaluation:
    """The evaluation of a record that differs from its annotation by `change`."""
    other = annotation()
    change(other)
    return evaluate([("luwan", TEXT, gold_of(annotation()), record_of(other))])


def set_quantity(number: int, **values: object) -> Callable[[dict[str, object]], None]:
    return lambda data: data["quantities"][number].update(values)


# --- counted by hand


def test_a_record_that_says_the_same_is_right_in_everything() -> None:
    evaluation = measured(lambda data: None)
    assert evaluation.total.model_dump() == dict.fromkeys(FIGURES, 100.0)
    assert evaluation.reports["luwan"].errors == ()
    assert evaluation.stages["values"] == Score(right=3)
    assert evaluation.codes["publicity.materials"] == Score(right=1)


def test_a_missing_record_counts_as_empty() -> None:
    evaluation = evaluate([("luwan", TEXT, gold_of(annotation()), None)])
    assert evaluation.total.metadata == 62.5, "five of eight fields are null in the annotation too"
    assert evaluation.stages["metadata"] == Score(missed=3)
    assert evaluation.stages["sections"] == Score(missed=2)
    assert evaluation.total.value_f1 == 0.0
    assert evaluation.total.grounded == 100.0


def test_scores_are_precision_recall_and_their_harmonic_mean() -> None:
    score = Score(right=6, missed=2, wrong=4)
    assert (score.precision, score.recall, score.f1) == (60.0, 75.0, pytest.approx(200 / 3))
    assert Score().model_dump() == {"right": 0, "missed": 0, "wrong": 0, "precision": 100.0, "recall": 100.0, "f1": 100.0}
    assert (Score(missed=1).precision, Score(missed=1).recall, Score(missed=1).f1) == (100.0, 0.0, 0.0)


def test_a_wrong_code_counts_against_both_codes() -> None:
    evaluation = measured(set_quantity(2, code="profile.villages"))
    assert evaluation.codes["publicity.materials"] == Score(missed=1)
    assert evaluation.codes["profile.villages"] == Score(wrong=1)
    assert evaluation.groups["publicity"] == Score(missed=1)
    assert evaluation.stages["codes"] == Score(right=2, missed=1, wrong=1)
    assert evaluation.stages["codes_without_profile"] == Score(right=2, missed=1)
    assert evaluation.total.value_f1 == 100.0


def test_a_wrong_unit_and_a_wrong_qualifier_are_told_apart() -> None:
    evaluation = measured(lambda data: (set_quantity(0, unit="件")(data), set_quantity(2, qualifier="exact")(data)))
    assert evaluation.stages["values"] == Score(right=3)
    assert evaluation.stages["units"] == Score(right=2, missed=1, wrong=1)
    assert evaluation.stages["qualifiers"] == Score(right=2, missed=1, wrong=1)
    assert evaluation.stages["quantities"] == Score(right=1, missed=2, wrong=2)


def test_a_wrong_value_is_missed_and_extra() -> None:
    evaluation = measured(set_quantity(0, value=13))
    assert evaluation.stages["values"] == Score(right=2, missed=1, wrong=1)
    assert [error.kind for error in evaluation.reports["luwan"].errors] == ["quantity missed", "quantity extra"]


def test_a_target_taken_for_a_fact_counts_as_modality() -> None:
    gold = annotation()
    set_quantity(0, modality="target")(gold)
    evaluation = evaluate([("luwan", TEXT, gold_of(gold), record_of(annotation()))])
    assert evaluation.total.modality == 0.0
    assert evaluation.stages["modalities.target"] == Score(missed=1)
    assert evaluation.stages["modalities.actual"] == Score(right=2, wrong=1)
    assert evaluation.stages["values"] == Score(right=2, wrong=1)
    (error,) = evaluation.reports["luwan"].errors
    assert (error.kind, error.message) == ("modality", "gold target, got actual [-]")


def test_targets_are_compared_among_themselves_and_count_for_no_code() -> None:
    gold, other = annotation(), annotation()
    for data in (gold, other):
        set_quantity(0, modality="target")(data)
    set_quantity(0, code=None)(other)
    evaluation = evaluate([("luwan", TEXT, gold_of(gold), record_of(other))])
    assert evaluation.total.model_dump() == dict.fromkeys(FIGURES, 100.0)
    assert "mediation.disputes_mediated" not in evaluation.codes


def test_two_codes_of_one_span_pair_up_in_whatever_order() -> None:
    gold, other = annotation(), annotation()
    second = quantity("98%", 98, "%", "mediation.mediation_rate")
    gold["quantities"].insert(2, second)
    other["quantities"].insert(1, second)
    assert evaluate([("luwan", TEXT, gold_of(gold), record_of(other))]).total.code_f1 == 100.0


def test_a_range_is_compared_at_both_ends() -> None:
    gold, other = annotation(), annotation()
    for data, high in ((gold, 15), (other, 16)):
        data["quantities"][0].update(low=12, high=high, qualifier="range")
        del data["quantities"][0]["value"]
    other["quantities"][0]["value"] = None
    assert evaluate([("luwan", TEXT, gold_of(gold), record_of(other))]).stages["values"] == Score(right=2, missed=1, wrong=1)


@pytest.mark.parametrize(("shift", "right"), [(0, 2), (2, 2), (3, 1)])
def test_sections_may_start_two_characters_off(shift: int, right: int) -> None:
    evaluation = measured(lambda data: data["sections"][1].update(start=data["sections"][1]["start"] + shift))
    assert evaluation.stages["sections"] == Score(right=right, missed=2 - right, wrong=2 - right)
    characters = evaluation.stages["section_characters"]
    assert characters.missed == shift
    assert characters.wrong == 0


@pytest.mark.parametrize(("shift", "right"), [(3, 2), (4, 1)])
def test_items_may_end_three_characters_off(shift: int, right: int) -> None:
    evaluation = measured(lambda data: data["items"][0].update(end=data["items"][0]["end"] - shift))
    assert evaluation.stages["items"] == Score(right=right, missed=2 - right, wrong=2 - right)


def test_metadata_is_scored_field_by_field() -> None:
    changes = {"title": "芦湾镇 2023年工作报告", "township": None, "addressee": "县人民政府", "report_year": 2022}
    evaluation = measured(lambda data: data["metadata"].update(changes))
    assert evaluation.total.metadata == 62.5
    assert evaluation.stages["metadata.title"] == Score(right=1), "white space is no difference"
    assert evaluation.stages["metadata.township"] == Score(missed=1)
    assert evaluation.stages["metadata.addressee"] == Score(wrong=1)
    assert evaluation.stages["metadata.report_year"] == Score(missed=1, wrong=1)
    assert evaluation.stages["metadata.issue_date"] == Score()


def test_words_that_do_not_stand_at_their_offsets_are_ungrounded() -> None:
    evaluation = measured(set_quantity(0, text="21起"))
    assert evaluation.total.grounded == pytest.approx(200 / 3)
    assert [error.kind for error in evaluation.reports["luwan"].errors] == ["ungrounded"]


def test_reports_are_added_up_and_not_averaged() -> None:
    right, wrong = annotation(), annotation()
    wrong["quantities"] = wrong["quantities"][:1]
    wrong["quantities"][0]["code"] = None
    cases = [("a", right), ("b", wrong)]
    evaluation = evaluate([(name, TEXT, gold_of(annotation()), record_of(data)) for name, data in cases])
    assert evaluation.stages["codes"] == Score(right=3, missed=3)
    assert evaluation.total.code_f1 == pytest.approx(200 / 3)
    assert (evaluation.reports["a"].code_f1, evaluation.reports["b"].code_f1) == (100.0, 0.0)


# --- errors in their sentences


def test_errors_are_shown_in_their_sentence() -> None:
    evaluation = measured(set_quantity(2, code=None))
    (error,) = evaluation.reports["luwan"].errors
    assert error.sentence == "发放资料⟦300余份⟧。"
    assert TEXT[error.start : error.end] == "300余份"
    assert error.message == "gold publicity.materials, got None [-]"


def test_every_lost_point_has_an_error() -> None:
    empty = evaluate([("luwan", TEXT, gold_of(annotation()), None)])
    kinds = [error.kind for error in empty.reports["luwan"].errors]
    counted = {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}
    assert counted == {"metadata": 3, "section missed": 2, "item missed": 2, "quantity missed": 3}


@pytest.mark.parametrize(
    ("text", "place", "shown"),
    [
        ("一。调解12起，成功。三。", "12起", "调解⟦12起⟧，成功。"),
        ("调解\n12起，成功", "12起", "调解⏎⟦12起⟧，成功"),
        ("标题\n\n调解12起\n\n三", "12起", "调解⟦12起⟧"),
        ("12起。", "12起。", "⟦12起。⟧"),
        (f"{'甲' * 70}12起{'乙' * 70}", "12起", f"…{'甲' * 60}⟦12起⟧{'乙' * 60}…"),
        (f"{'甲' * 40}{'乙' * 40}", f"{'甲' * 40}{'乙' * 40}", f"⟦{'甲' * 32}…{'乙' * 16}⟧"),
    ],
)
def test_marked(text: str, place: str, shown: str) -> None:
    start = text.index(place)
    assert marked(text, start, start + len(place)) == shown


# --- beside the yardstick


def yardstick(folder: Path, records: Path) -> dict[str, dict[str, float]]:
    """The ten figures that score.py gives, by report and in total."""
    command = [sys.executable, str(YARDSTICK), str(folder), "--records", str(records), "--json"]
    figures = json.loads(subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60, check=True).stdout)
    assert figures["failed"] == []
    return {**figures["reports"], "TOTAL": figures["total"]}


def own(evaluation: Evaluation) -> dict[str, dict[str, float]]:
    reports = {name: {key: getattr(report, key) for key in FIGURES} for name, report in evaluation.reports.items()}
    return {**reports, "TOTAL": evaluation.total.model_dump()}


def prepared(folder: Path, cases: tuple[Case, ...], records: dict[str, Report]) -> tuple[Path, Path]:
    """Gold and records as the yardstick reads them."""
    gold, out = folder / "gold", folder / "records"
    shutil.rmtree(gold, ignore_errors=True)
    for path in (gold, out):
        path.mkdir(parents=True, exist_ok=True)
    for case in cases:
        (gold / f"{case.name}.txt").write_text(case.text, "utf-8", newline="")
        (gold / f"{case.name}.json").write_text(case.gold.model_dump_json(exclude_none=False), "utf-8")
        (out / f"{case.name}.json").write_text(records[case.name].model_dump_json(), "utf-8")
    return gold, out


@pytest.mark.parametrize("name", gold_folders())
@needs_yardstick
def test_figures_are_the_yardsticks(name: str, tmp_path: Path, extractor: Extractor) -> None:
    cases = cases_of(gold_folders()[name])
    records = {case.name: extractor.extract(document_of(case.text)) for case in cases}
    expected = yardstick(*prepared(tmp_path, cases, records))
    assert own(evaluate([(*case, records[case.name]) for case in cases])) == expected


Entry = TypeVar("Entry")
CODES_TO_TRY = (None, "mediation.disputes_mediated", "publicity.events", "profile.villages")


def damaged(report: Report, chance: random.Random) -> Report:
    """The record with entries dropped, doubled, moved and changed."""

    def change(indicator: Indicator) -> Indicator:
        changes = (
            {"value": Decimal(chance.randrange(9)), "low": None, "high": None},
            {"unit": chance.choice(["件", "%", None])},
            {"qualifier": chance.choice(["exact", "over", "about"])},
            {"modality": chance.choice(["actual", "target", "each", "past"])},
            {"code": chance.choice(CODES_TO_TRY)},
            {"start": max(indicator.start - 1, 0)},
            {},
        )
        return indicator.model_copy(update=chance.choice(changes)) if chance.random() < 0.5 else indicator

    def some(entries: tuple[Entry, ...]) -> list[Entry]:
        kept = [entry for entry in entries if chance.random() < 0.8]
        return kept + [entry for entry in kept if chance.random() < 0.1]

    sections = [
        section.model_copy(
            update={"kind": chance.choice(["work_done", "problems", "other"]), "level": chance.choice([1, 1, 2])}
        )
        for section in some(report.sections)
    ]
    items = [item.model_copy(update={"end": item.end + chance.choice([0, 3, 4])}) for item in some(report.items)]
    indicators = [change(indicator) for indicator in some(report.indicators)]
    if chance.random() < 0.3:
        chance.shuffle(indicators)
    metadata = report.metadata.model_copy(update={"title": chance.choice([None, "别的报告"]), "issuers": ("某局",)})
    changes = {"sections": tuple(sections), "items": tuple(items), "indicators": tuple(indicators)}
    return report.model_copy(update={**changes, **({"metadata": metadata} if chance.random() < 0.5 else {})})


@pytest.mark.parametrize("seed", range(20))
@needs_yardstick
def test_figures_of_damaged_records_are_the_yardsticks(seed: int, tmp_path: Path, extractor: Extractor) -> None:
    chance = random.Random(seed)
    cases = tuple(sorted(chance.sample(cases_of(gold_folders()["samples"]), 3)))
    records = {case.name: damaged(extractor.extract(document_of(case.text)), chance) for case in cases}
    expected = yardstick(*prepared(tmp_path, cases, records))
    figures = own(evaluate([(*case, records[case.name]) for case in cases]))
    assert figures == expected
    assert figures["TOTAL"]["quantity_f1"] < 95, "the damage is felt"


# --- gold that does not fit


def written(folder: Path, data: dict[str, object] | str, name: str = "luwan", ending: str = ".json") -> Path:
    (folder / f"{name}.txt").write_text(TEXT, "utf-8", newline="")
    words = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    (folder / f"{name}{ending}").write_text(words, "utf-8")
    return folder


def complaint(folder: Path) -> str:
    (file,) = find_gold(folder)
    with pytest.raises(GoldError) as caught:
        read_gold(file, CODES)
    return str(caught.value)


def test_good_gold_is_read(tmp_path: Path) -> None:
    (file,) = find_gold(written(tmp_path, annotation()))
    gold, document = read_gold(file, CODES)
    assert gold == gold_of(annotation())
    assert document.text == TEXT


def test_the_example_of_the_documentation_is_gold() -> None:
    page = (REPOSITORY / "docs" / "gold.md").read_text("utf-8")
    gold = gold_of(json.loads(page.partition("```json")[2].partition("```")[0]))
    assert misfits(gold, TEXT, CODES) == []
    assert TEXT[gold.items[0].start : gold.items[0].end] == "（一）力量不足。\n"


def changed(**values: object) -> dict[str, object]:
    data = annotation()
    data["quantities"][1].update(values)
    return data


def without(*keys: str) -> dict[str, object]:
    data = annotation()
    for key in keys:
        data["quantities"][1].pop(key)
    return data


PLACE = TEXT.index("98%")
OTHER_SECTION = {"heading": "-", "start": 0, "end": 1}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (changed(start=0), ["quantities[1]: '98%' does not stand at 0.."]),
        (changed(text="99%"), ["'99%' does not stand", "it stands nowhere"]),
        (changed(start=9999, end=10002), ["quantities[1]: the span 9999..10002", "not within"]),
        (changed(start=PLACE - 1, end=PLACE + 2), ["the text has '率98'", f"the nearest place is {PLACE}"]),
        (changed(code="mediation.nonsense"), ["quantities[1]: the catalogue has no code 'mediation.nonsense'"]),
        (changed(modality="maybe"), ["quantities[1].modality", "'target'", "'maybe'"]),
        (changed(qualifier="roughly"), ["quantities[1].qualifier", "'roughly'"]),
        (changed(note="?"), ["quantities[1].note", "not permitted"]),
        (changed(low=1), ["quantities[1]", "`low` and `high`"]),
        (changed(start="3"), ["quantities[1].start", "integer"]),
        (changed(start=-1), ["quantities[1].start"]),
        (without("code"), ["quantities[1].code", "required"]),
        (without("unit"), ["quantities[1].unit", "required"]),
        (without("value"), ["quantities[1]", "needs `value`"]),
        ({**annotation(), "sections": [{"kind": "intro", **OTHER_SECTION}]}, ["sections[0].kind", "'intro'"]),
        ({**annotation(), "items": [{"kind": "problem", "start": 5, "end": 5}]}, ["items[0]: the span 5..5 is empty"]),
        ({**annotation(), "metadata": {}}, ["metadata.title", "metadata.issue_date", "required"]),
        (dict(list(annotation().items())[:3]), ["items: Field required", "quantities: Field required"]),
        ("{", ["the file", "Invalid JSON"]),
        ("[]", ["the file"]),
    ],
)  # fmt: skip
def test_gold_that_does_not_fit_is_named_with_what_is_wrong(
    tmp_path: Path, data: dict[str, object] | str, words: list[str]
) -> None:
    message = complaint(written(tmp_path, data))
    assert all(line.startswith(str(tmp_path / "luwan.json")) for line in message.splitlines())
    for word in words:
        assert word in message


def test_gold_without_its_text_is_named(tmp_path: Path) -> None:
    written(tmp_path, annotation())
    (tmp_path / "luwan.txt").unlink()
    message = complaint(tmp_path)
    assert "luwan.txt" in message
    assert "no such file" in message


def test_everything_that_is_wrong_is_named_at_once() -> None:
    data = changed(code="a.b", text="99%")
    data["items"][0]["end"] = 10**6
    assert [line.partition(":")[0] for line in misfits(gold_of(data), TEXT, CODES)] == [
        "items[0]",
        "quantities[1]",
        "quantities[1]",
    ]


def test_find_gold(tmp_path: Path) -> None:
    written(tmp_path, annotation(), "b", ".gold.json")
    written(tmp_path, annotation(), "b", ".json")
    written(tmp_path, annotation(), "a")
    written(tmp_path, annotation(), "c", ".ann.json")
    assert [(file.name, file.annotation.name) for file in find_gold(tmp_path)] == [("a", "a.json"), ("b", "b.gold.json")]


def test_a_folder_without_gold_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no annotations"):
        find_gold(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        find_gold(tmp_path / "nowhere")


def test_a_record_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "luwan.json"
    with pytest.raises(InputError, match="cannot be read"):
        read_record(path)
    path.write_text("{}", "utf-8")
    with pytest.raises(InputError, match="is no record: schema_version"):
        read_record(path)


# --- the command


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    done = call("evaluate", *arguments)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def gold_folder(tmp_path: Path) -> Path:
    """Two annotated reports, and records that are right of one and empty of quantities of the other."""
    gold, records = tmp_path / "gold", tmp_path / "records"
    gold.mkdir()
    records.mkdir()
    for name in ("east", "west"):
        written(gold, annotation(), name)
    (records / "east.json").write_text(record_of(annotation()).model_dump_json(), "utf-8")
    (records / "west.json").write_text(record_of({**annotation(), "quantities": []}).model_dump_json(), "utf-8")
    return tmp_path


def test_the_command_makes_records_and_measures_them() -> None:
    done = run(gold_folders()["samples"], "-f", "json", "--errors", "0")
    assert (done.returncode, done.stderr) == (0, "")
    data = json.loads(done.stdout)
    assert set(FIGURES) == set(data["total"])
    assert len(data["reports"]) == len(cases_of(gold_folders()["samples"]))
    assert all(set(FIGURES) <= set(report) and report["errors"] == [] for report in data["reports"].values())


def test_json_has_figures_stages_groups_codes_and_errors(gold_folder: Path) -> None:
    done = run(gold_folder / "gold", "--records", gold_folder / "records", "-f", "json", "--errors", "1")
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)
    assert data["total"]["value_f1"] == pytest.approx(200 / 3)
    assert data["stages"]["values"] | {"f1": None} == {
        "right": 3, "missed": 3, "wrong": 0, "precision": 100.0, "recall": 50.0, "f1": None,
    }  # fmt: skip
    assert data["groups"]["mediation"]["missed"] == 2
    assert data["codes"]["mediation.success_rate"]["right"] == 1
    assert data["reports"]["east"]["errors"] == []
    (error,) = data["reports"]["west"]["errors"]
    assert error["sentence"] == "芦湾镇2023年工作报告⏎一、工作情况⏎全镇调解纠纷⟦12起⟧，成功率98%。"


def test_the_table_shows_figures_and_errors(gold_folder: Path) -> None:
    done = run(gold_folder / "gold", "--records", gold_folder / "records")
    assert done.returncode == 0, done.stderr
    for words in (*FIGURES, "TOTAL", "precision", "mediation.success_rate", "west: quantity missed", "成功率⟦98%⟧"):
        assert words in done.stdout


def test_errors_are_counted_by_kind_and_report(gold_folder: Path) -> None:
    shown = {n: run(gold_folder / "gold", "--records", gold_folder / "records", "--errors", str(n)).stdout for n in (0, 2)}
    assert shown[0].count("quantity missed") == 0
    assert shown[2].count("quantity missed") == 2


def test_markdown_goes_where_the_option_says(gold_folder: Path) -> None:
    target = gold_folder / "evaluation.md"
    done = run(gold_folder / "gold", "--records", gold_folder / "records", "-o", target)
    assert (done.returncode, done.stdout) == (0, "")
    lines = target.read_text("utf-8").splitlines()
    assert lines[2] == f"| report | {' | '.join(FIGURES)} |"
    assert "| TOTAL | 100.0 |" in next(line for line in lines if line.startswith("| TOTAL"))
    assert any(line.startswith("- `west` quantity missed: 98 %") for line in lines)


def test_gold_that_does_not_fit_is_passed_over_and_told_of(gold_folder: Path) -> None:
    written(gold_folder / "gold", changed(code="no.such_code"), "west")
    done = run(gold_folder / "gold", "--records", gold_folder / "records", "-f", "json")
    assert done.returncode == 3
    assert "west.json: quantities[1]: the catalogue has no code 'no.such_code'" in done.stderr
    assert list(json.loads(done.stdout)["reports"]) == ["east"]


def test_a_record_that_is_missing_counts_as_empty_and_is_told_of(gold_folder: Path) -> None:
    (gold_folder / "records" / "west.json").unlink()
    done = run(gold_folder / "gold", "--records", gold_folder / "records", "-f", "json")
    assert done.returncode == 3
    assert "west.json: cannot be read" in done.stderr
    assert json.loads(done.stdout)["reports"]["west"]["value_f1"] == 0.0


def test_nothing_is_written_where_nothing_fits(gold_folder: Path) -> None:
    for name in ("east", "west"):
        (gold_folder / "gold" / f"{name}.txt").unlink()
    done = run(gold_folder / "gold", "-f", "json")
    assert (done.returncode, done.stdout) == (3, "")


def test_wrong_folders_are_named(tmp_path: Path) -> None:
    for arguments in ((tmp_path / "nowhere",), (gold_folders()["samples"], "--records", tmp_path / "nowhere")):
        done = run(*arguments)
        assert done.returncode == 3
        assert "nowhere: no such folder" in done.stderr


def test_own_rules_decide_which_codes_there_are(gold_folder: Path) -> None:
    missing = run(gold_folder / "gold", "--catalogue", gold_folder / "nowhere")
    assert missing.returncode == 2
    assert "no such folder" in missing.stderr
