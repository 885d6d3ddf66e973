"""How a number is meant: done, planned, a habit, for each of several, a difference, of another period."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from extractor.models import Report
from tests.conftest import overlapping, unmark

Record = Callable[[str], Report]

HEAD = "2023年，岚溪镇依法行政水平稳步提升。"

CASES = [
    ("actual", "全年调解纠纷【57件】。"),
    ("actual", "2023年全镇调解纠纷【57件】。"),
    ("actual", "上半年调解纠纷【65件】。"),
    ("actual", "近三年累计化解积案【15件】。"),
    ("actual", "自2020年以来，累计化解积案【15件】。"),
    ("actual", "现有执法人员【12名】。"),
    ("actual", "按照年度计划，完成普法宣传【9场】。"),
    ("actual", "制定年度执法计划【1份】。"),
    ("actual", "调解各类纠纷【128起】。"),
    ("actual", "截至2023年底，共有调解员【36名】。"),
    ("actual", "全镇136个村共培养法律明白人【952人】。"),
    ("actual", "信访量由去年的86件降至【52件】。"),
    ("actual", "每月开讲一次，全年共【12次】。"),
    ("target", "计划2024年开展普法宣传【5场】。"),
    ("target", "2024年计划开展普法宣传【5场】。"),
    ("target", "力争调解成功率达到【98%以上】。"),
    ("target", "拟新建法治广场【2个】。"),
    ("target", "党委中心组每年专题学法【不少于4次】。"),
    ("target", "落实办结率【不低于95%】的要求。"),
    ("target", "原则上每季度研究【不少于1次】。"),
    ("frequency", "每季度开展【一次】宣传。"),
    ("frequency", "每周接访【1次】。"),
    ("frequency", "每半年听取【1次】汇报。"),
    ("frequency", "以每两月【1次】的频次开展学法。"),
    ("each", "每村配备法律顾问【1名】。"),
    ("each", "15个村各设调解室【1个】。"),
    ("each", "平均每镇梳理事项【267项】。"),
    ("each", "村均法律明白人【5名】。"),
    ("each", "每场参加群众【20-30人】。"),
    ("each", "组建【15人以上】的队伍。"),
    ("change", "受理量同比增长【18.6%】。"),
    ("change", "纠纷总量较上年减少【27件】。"),
    ("change", "满意率提高【3个百分点】。"),
    ("change", "信访量环比下降【9.4%】。"),
    ("change", "治安案件比上年少了【七起】。"),
    ("past", "信访量由去年的【86件】降至52件。"),
    ("past", "2021年申报示范村【7个】。"),
    ("past", "去年调解纠纷【66件】。"),
    ("past", "以下括号内为上年同期数。调解纠纷81件（【66件】）。"),
    ("actual", "以下括号内为上年同期数。调解纠纷【81件】（66件）。"),
    ("actual", "调解纠纷81件（【66件】）。"),
    ("past", "调解员原有【19名】，今年新添6名。"),
    ("change", "办件9400件，比上年多办【310件】。"),
]


@pytest.mark.parametrize(("modality", "sentence"), CASES)
def test_kinds(record: Record, modality: str, sentence: str) -> None:
    marked = unmark(HEAD + sentence)
    found = overlapping(record(marked.text), marked.spans[0])
    assert {(i.start, i.end, i.modality) for i in found} == {(*marked.spans[0], modality)}


def test_a_result_reached_with_a_habit(record: Record) -> None:
    marked = unmark(HEAD + "以每两月1次的频次开展学法【5次】。")
    assert [i.modality for i in overlapping(record(marked.text), marked.spans[0])] == ["actual"]


PLANS = HEAD + "\n一、主要举措和成效\n全年调解纠纷57件。\n二、下一步工作打算\n"


@pytest.mark.parametrize(
    ("modality", "sentence"),
    [
        ("target", "开展普法宣传【5场】。"),
        ("target", "每季度召开会议【一次】。"),
        ("target", "每村选聘调解员【2名】。"),
        ("target", "办结率保持在【98%以上】。"),
        ("actual", "目前已有调解员【36名】。"),
    ],
)
def test_inside_a_plan(record: Record, modality: str, sentence: str) -> None:
    """A habit or a quota inside a plan is a target too; what there is already is not."""
    marked = unmark(PLANS + sentence)
    assert [i.modality for i in overlapping(record(marked.text), marked.spans[0])] == [modality]


@pytest.mark.parametrize(
    ("sentence", "qualifier"),
    [
        ("力争调解成功率达到【98%以上】。", "at_least"),
        ("调解成功率达到【98%以上】。", "over"),
        ("每年至少组织【2场】讲座。", "at_least"),
        ("中心组每年学法【不少于4次】。", "at_least"),
    ],
)
def test_a_bound_that_is_set_or_reached(record: Record, sentence: str, qualifier: str) -> None:
    marked = unmark(HEAD + sentence)
    assert [i.qualifier for i in overlapping(record(marked.text), marked.spans[0])] == [qualifier]


@pytest.mark.parametrize(
    ("sentence", "value", "unit"),
    [
        ("信访量同比下降【11.7%】。", "-11.7", "%"),
        ("信访量同比增长【18.6%】。", "18.6", "%"),
        ("纠纷总量较上年减少【27件】。", "-27", "件"),
        ("纠纷总量较上年增加【27件】。", "27", "件"),
        ("满意率提高【3个百分点】。", "3", "百分点"),
        ("满意率降低【0.4个百分点】。", "-0.4", "百分点"),
        ("治安案件比上年少了【七起】。", "-7", "起"),
        ("办理时限压缩了【30%】。", "-30", "%"),
    ],
)
def test_signs(record: Record, sentence: str, value: str, unit: str) -> None:
    marked = unmark(HEAD + sentence)
    found = overlapping(record(marked.text), marked.spans[0])
    assert [(i.value, i.unit, i.modality) for i in found] == [(Decimal(value), unit, "change")]


def test_a_level_before_and_after(record: Record) -> None:
    """The level of last year is no decrease, and the level of this year is no difference."""
    report = record(HEAD + "信访量由去年的86件降至52件。")
    assert [(i.value, i.modality) for i in report.indicators] == [(86, "past"), (52, "actual")]


def test_without_a_year_no_year_is_another(record: Record) -> None:
    report = record("全镇2021年调解纠纷57件。")
    assert [i.modality for i in report.indicators if i.text == "57件"] == ["actual"]
