"""One entry for each catalogue code: a number, zero, spoken of, or silence."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from extractor.models import Report, SummaryEntry
from extractor.pipeline import Extractor

Record = Callable[[str], Report]

MEDIATED = "mediation.disputes_mediated"
HEAD = "2023年，岚溪镇依法行政水平稳步提升。"


def _entry(record: Record, text: str, code: str) -> SummaryEntry:
    return record(HEAD + text).summary[code]


def test_every_code_has_an_entry(record: Record, extractor: Extractor) -> None:
    assert tuple(record(HEAD).summary) == extractor.catalogue.codes


@pytest.mark.parametrize(
    ("text", "code", "state"),
    [
        ("全年调解矛盾纠纷57件。", MEDIATED, "reported"),
        ("全年无一起行政复议案件。", "litigation.reconsideration_cases", "zero"),
        ("行政复议案件0件。", "litigation.reconsideration_cases", "zero"),
        ("全镇未发生行政诉讼案件。", "litigation.lawsuit_cases", "zero"),
        ("扎实做好行政应诉，规范办案流程。", "litigation.lawsuit_cases", "mentioned"),
        ("计划2024年开展普法宣传活动5场。", "publicity.events", "mentioned"),
        ("每季度开展一次普法宣传活动。", "publicity.events", "mentioned"),
        ("全年调解矛盾纠纷57件。", "litigation.reconsideration_cases", "absent"),
        ("", MEDIATED, "absent"),
    ],
)
def test_states(record: Record, text: str, code: str, state: str) -> None:
    entry = _entry(record, text, code)
    assert entry.state == state
    assert (entry.value is not None or entry.low is not None) == (state in ("reported", "zero"))
    assert bool(entry.indicators) == (state in ("reported", "zero"))


def test_every_word_that_speaks_of_an_indicator_is_seen(record: Record, extractor: Extractor) -> None:
    absent = [
        (rule.code, word)
        for rule in extractor.catalogue.indicators
        for word in rule.mention
        if record(f"扎实做好{word}。").summary[rule.code].state == "absent"
    ]
    assert absent == []


@pytest.mark.parametrize("words", ["行政复议案件", "行政复议工作"])
def test_a_word_that_speaks_of_an_indicator_is_seen_inside_a_longer_one(record: Record, words: str) -> None:
    assert _entry(record, f"依法做好{words}。", "litigation.reconsideration_cases").state == "mentioned"


def test_missing_is_not_zero(record: Record) -> None:
    summary = record(HEAD + "全年无一起行政复议案件。").summary
    assert summary["litigation.reconsideration_cases"].value == 0
    assert summary[MEDIATED].value is None


def test_sums_leave_out_the_parts_of_a_total(record: Record) -> None:
    report = record(HEAD + "全年调解矛盾纠纷57件，其中邻里纠纷19件、土地纠纷38件。")
    entry = report.summary[MEDIATED]
    assert (entry.value, entry.unit, entry.indicators) == (57, "件", (report.indicators[0].id,))


def test_sums_add_up_mentions(record: Record) -> None:
    entry = _entry(record, "发放宣传手册1200份。赶集日又发放宣传单800余份。", "publicity.materials")
    assert (entry.value, entry.unit) == (2000, "份")
    assert len(entry.indicators) == 2


@pytest.mark.parametrize(
    "text",
    [
        "计划2024年调解矛盾纠纷80件。",
        "2021年调解矛盾纠纷80件。",
        "每月调解矛盾纠纷80件。",
        "每村调解矛盾纠纷80件。",
        "调解矛盾纠纷量同比增长80%。",
    ],
)
def test_only_what_was_done_counts(record: Record, text: str) -> None:
    assert _entry(record, f"全年调解矛盾纠纷57件。{text}", MEDIATED).value == 57


def test_a_range_stays_a_range(record: Record) -> None:
    entry = _entry(record, "全年调解矛盾纠纷50至60件。", MEDIATED)
    assert (entry.state, entry.value, entry.low, entry.high) == ("reported", None, 50, 60)


def test_numbers_of_another_unit_are_listed_but_not_added(record: Record) -> None:
    report = record(HEAD + "全年拆除违法建设19处，拆除违法建设730平方米，又拆除违法建设6处。")
    entry = report.summary["enforcement.violations_cleared"]
    assert len(entry.indicators) == 3
    assert (entry.value, entry.unit) == (25, "处")


def test_every_aggregate(record: Record, extractor: Extractor) -> None:
    """Each code's entry is the sum, the highest or the last of its own numbers, as its rule says."""
    text = HEAD + "全年调解矛盾纠纷12件。下半年调解矛盾纠纷7件。调解成功率98%。调解成功率95%。总人口3万人。总人口2万人。"
    report = record(text)
    by_id = {i.id: i for i in report.indicators}
    tried = set()
    for rule in extractor.catalogue.indicators:
        entry = report.summary[rule.code]
        values = [by_id[i].value or Decimal(0) for i in entry.indicators]
        if len(values) > 1:
            tried.add(rule.aggregate)
            assert entry.value == {"sum": sum(values), "max": max(values), "last": values[-1]}[rule.aggregate], rule.code
    assert "sum" in tried
    assert len(tried) > 1


def test_entries_name_indicators_of_their_code(record: Record) -> None:
    report = record(HEAD + "全年调解矛盾纠纷57件，成功率98%。发放宣传资料200份。未发生行政诉讼案件。")
    by_id = {i.id: i for i in report.indicators}
    named = {code: {by_id[i].code for i in entry.indicators} for code, entry in report.summary.items() if entry.indicators}
    assert {"mediation.disputes_mediated", "publicity.materials", "litigation.lawsuit_cases"} <= set(named)
    assert all(codes == {code} for code, codes in named.items())
