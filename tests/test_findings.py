"""Findings: what is planted is found, what adds up is left alone, and every code says what it means."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from extractor.catalogue.examples import run_finding_examples
from extractor.catalogue.findings import WORDS
from extractor.catalogue.memory import recall_catalogue
from extractor.models import Finding, Report
from extractor.pipeline import Extractor, document_of
from tests.conftest import REPOSITORY
from tests.gold_sets import gold_folders, grave, record_of
from tests.stages import CATALOGUE, STAGES

HERE = Path(__file__).parent / "findings"
SENTENCES: dict[str, dict[str, list[str]]] = yaml.safe_load((HERE / "sentences.yaml").read_text("utf-8"))
REPORTS = sorted(HERE.glob("*.txt"))
CODES = CATALOGUE.checks.findings
LEAST_EXAMPLES = 3


class Place(NamedTuple):
    """A finding's code and span."""

    code: str
    start: int | None
    end: int | None


def _report(text: str) -> Report:
    """The record of a text, with the text in it, so that the model checks every span against it."""
    return STAGES.extract(document_of(text), with_text=True)


def _found(text: str, code: str) -> list[Finding]:
    return [finding for finding in _report(text).findings if finding.code == code]


# ------------------------------------------------------------------------------------------------ every code


@pytest.mark.parametrize("code", WORDS | dict.fromkeys(rule.finding for rule in CATALOGUE.checks.orders.rules))
def test_every_code_has_examples_on_both_sides(code: str) -> None:
    examples = CODES[code].examples
    for texts in (examples.found, examples.not_, SENTENCES[code]["found"], SENTENCES[code]["not"]):
        assert len(texts) >= LEAST_EXAMPLES
    assert not set(SENTENCES[code]["found"]) & {text.replace("【", "").replace("】", "") for text in examples.found}


def test_every_example_of_a_rule_holds() -> None:
    count, failures = run_finding_examples(CATALOGUE, _report)
    assert count == sum(len(text.examples.found) + len(text.examples.not_) for text in CODES.values())
    assert failures == []


def test_an_example_that_does_not_hold_is_told_with_its_place() -> None:
    text = CODES["rate_above_hundred"]
    wrong = text.examples.model_copy(update={"found": (*text.examples.found, "办结率【98%】。"), "not_": ("办结率101%。",)})
    findings = CODES | {"rate_above_hundred": text.model_copy(update={"examples": wrong})}
    checks = CATALOGUE.checks.model_copy(update={"findings": findings})
    _, failures = run_finding_examples(CATALOGUE.model_copy(update={"checks": checks}), _report)
    assert [(f.kind, f.text, f.got) for f in failures] == [
        ("found", "办结率【98%】。", "no such finding"),
        ("not", "办结率101%。", "101%"),
    ]
    line = (REPOSITORY / "schemas" / "checks.yaml").read_text("utf-8").split("\n")[failures[1].line - 1]
    assert CODES["rate_above_hundred"].examples.not_[0] in line


@pytest.mark.parametrize(
    ("code", "text"),
    [(code, text) for code, texts in SENTENCES.items() for text in texts["found"]],
    ids=lambda value: value[:40],
)
def test_a_contradiction_is_found(code: str, text: str) -> None:
    assert _found(text, code)


@pytest.mark.parametrize(
    ("code", "text"), [(code, text) for code, texts in SENTENCES.items() for text in texts["not"]], ids=lambda value: value[:40]
)
def test_what_only_looks_like_a_contradiction_is_left_alone(code: str, text: str) -> None:
    assert _found(text, code) == []


def test_no_text_apart_from_the_rules_is_grave_for_another_reason() -> None:
    """A sentence that must not have one finding has no other grave one, but those of a text without headings."""
    whole = {"no_sections", "not_a_report", "no_numbers"}
    others = {
        text: codes
        for texts in SENTENCES.values()
        for text in texts["not"]
        if (codes := {f.code for f in grave(_report(text))} - whole)
    }
    assert others == {}


# ------------------------------------------------------------------------------------------------ whole reports


def _expected(text: str, file: Path) -> list[Place]:
    found = []
    for entry in yaml.safe_load(file.read_text("utf-8")):
        start = text.index(entry["at"], text.index(entry.get("after", "")))
        found.append(Place(entry["code"], start, start + len(entry["at"])))
    return sorted(found)


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_exactly_what_is_planted_in_a_report_is_found(path: Path) -> None:
    text = path.read_bytes().decode("utf-8")
    found = sorted(Place(f.code, f.start, f.end) for f in grave(_report(text)))
    assert found == _expected(text, path.with_suffix(".yaml"))


def test_each_planted_report_has_a_twin_that_adds_up() -> None:
    planted = [path for path in REPORTS if yaml.safe_load(path.with_suffix(".yaml").read_text("utf-8"))]
    assert len(planted) >= LEAST_EXAMPLES
    assert [path.with_name(f"{path.stem}-mended.txt") in REPORTS for path in planted] == [True] * len(planted)


# The complete list of findings of severity warning and above over all annotated reports, each with the reason why it is right.
RIGHT: dict[str, list[tuple[str, str, str]]] = {
    "samples/tongliu-2023": [("rate_contradicted", "98.5%", "228 of 240 hazards rectified are 95 %; the text says 98.5 %")],
    "samples/yantanzi-2021": [("parts_exceed_total", "137件", "34 + 41 + 38 + 26 are 139, and the text says 137")],
    "shared/made/hongqi-2025": [("parts_exceed_total", "164件", "planted: the parts make 166")],
    "shared/made/linshui-county-2021": [("parts_exceed_total", "61 件", "planted: the parts make 63")],
}


@pytest.mark.parametrize(("name", "folder"), gold_folders().items(), ids=list(gold_folders()))
def test_the_annotated_reports_have_these_contradictions_and_no_others(name: str, folder: Path) -> None:
    found = {}
    for path in sorted(folder.glob("*.txt")):
        text = path.read_bytes().decode("utf-8")
        findings = grave(record_of(text))
        if findings:
            found[f"{name}/{path.stem}"] = [(f.code, text[f.start : f.end]) for f in findings]
    expected = {key: entries for key, entries in RIGHT.items() if key.rpartition("/")[0] == name}
    assert list(found) == list(expected)
    for key, entries in found.items():
        for (code, words), (right, begins, _) in zip(entries, expected[key], strict=True):
            assert (code, words[: len(begins)]) == (right, begins)


# ------------------------------------------------------------------------------------------------ what a finding says


def test_a_finding_says_the_numbers_in_both_languages_and_points_to_them() -> None:
    text = "全年调解矛盾纠纷55件，其中婚姻家庭20件、邻里22件、土地15件。"
    record = _report(text)
    (finding,) = [f for f in record.findings if f.code == "parts_exceed_total"]
    assert finding.message == "其中各项合计 57 件，超过总数 55件。"
    assert finding.message_en == "The parts add up to 57 件, more than their total, 55件."
    assert text[finding.start : finding.end] == "55件，其中婚姻家庭20件、邻里22件、土地15件"
    assert [i.text for i in record.indicators if i.id in finding.indicators] == ["55件", "20件", "22件", "15件"]


def test_findings_about_the_whole_come_first_and_the_others_by_place() -> None:
    text = (HERE / "linhe-street-2024.txt").read_text("utf-8")
    starts = [-1 if f.start is None else f.start for f in _report(text).findings]
    assert starts[0] == -1
    assert starts == sorted(starts)


def test_full_width_digits_and_spaces_inside_a_number_change_nothing() -> None:
    plain = "一、主要工作\n全年受理矛盾纠纷120件，化解125件。"
    written = "一、主要工作\n全年受理矛盾纠纷１２０件，化解１２５ 件。"
    for text, number in ((plain, "125件"), (written, "１２５ 件")):
        (finding,) = _found(text, "resolved_above_accepted")
        assert text[finding.start : finding.end] == number


# ------------------------------------------------------------------------------------------------ invariants

PARTS = st.lists(st.integers(2, 400), min_size=2, max_size=4)
NAMES = ("婚姻家庭", "邻里", "土地承包", "债务")


def _breakdown(total: str, parts: list[int]) -> str:
    listed = "、".join(f"{name}{part}件" for name, part in zip(NAMES, parts, strict=False))
    return f"全年调解矛盾纠纷{total}件，其中{listed}。"


def _codes(text: str) -> set[str]:
    return {finding.code for finding in _report(text).findings if finding.code.startswith("parts_")}


@given(PARTS)
def test_parts_that_add_up_are_never_doubted(parts: list[int]) -> None:
    assert _codes(_breakdown(str(sum(parts)), parts)) == set()


@given(PARTS, st.integers(1, 50))
def test_parts_above_their_total_always_are(parts: list[int], above: int) -> None:
    total = sum(parts) - min(above, min(parts) - 1)
    assert _codes(_breakdown(str(total), parts)) == {"parts_exceed_total"}


@given(PARTS, st.integers(1, 50), st.sampled_from(["约", "近", "超过"]))
def test_an_approximate_total_is_doubted_no_further_than_it_says(parts: list[int], off: int, word: str) -> None:
    """Nothing is known of 约; 近 has a most and no least; 超过 a least and no most."""
    above = _codes(_breakdown(f"{word}{sum(parts) - min(off, min(parts) - 1)}", parts))
    assert above == ({"parts_exceed_total"} if word == "近" else set())


@given(st.integers(1, 5000), st.integers(0, 5000), st.integers(0, 2), st.sampled_from(["up", "down", "half"]))
def test_a_rate_rounded_either_way_is_never_doubted(whole: int, part: int, places: int, way: str) -> None:
    part = min(part, whole)
    exact = Decimal(part) / Decimal(whole) * 100
    rounding = {"up": "ROUND_CEILING", "down": "ROUND_FLOOR", "half": "ROUND_HALF_UP"}[way]
    rate = exact.quantize(Decimal(1).scaleb(-places), rounding=rounding)
    text = f"全年受理矛盾纠纷{whole}件，调解成功{part}件，调解成功率{rate}%。"
    assert _found(text, "rate_contradicted") == []


@given(st.integers(50, 5000), st.integers(2, 40))
def test_a_rate_that_is_off_by_two_points_always_is(whole: int, percent: int) -> None:
    part = whole * percent // 100
    stated = int(Decimal(part) / whole * 100) + 3
    assert _found(f"全年受理矛盾纠纷{whole}件，调解成功{part}件，调解成功率{stated}%。", "rate_contradicted")


@given(st.integers(0, 3000), st.integers(1, 3000))
def test_more_resolved_than_accepted_exactly_where_it_is_more(accepted: int, resolved: int) -> None:
    found = _found(f"全年受理矛盾纠纷{accepted}件，化解{resolved}件。", "resolved_above_accepted")
    assert bool(found) == (resolved > accepted)


# ------------------------------------------------------------------------------------------------ the order of what is read


def test_the_findings_of_a_remembered_catalogue_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules that an earlier run has left behind hold all that findings need."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    recall_catalogue()
    remembered: Any = recall_catalogue()
    assert not hasattr(remembered, "model_fields")
    stages = Extractor(remembered)
    for path in REPORTS:
        text = path.read_bytes().decode("utf-8")
        assert stages.extract(document_of(text)).findings == _report(text).findings
