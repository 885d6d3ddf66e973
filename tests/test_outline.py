"""Headings in all their forms, the kinds they open, and where sections begin and end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from extractor.models import Report, Section

Record = Callable[[str], Report]


def tops(report: Report) -> list[Section]:
    return [section for section in report.sections if section.level == 1]


def _report(*headings: str) -> str:
    return "".join(f"{heading}\n坚持依法办事，各项工作稳步推进，群众反映良好。\n" for heading in headings)


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("2024年推进法治政府建设主要举措和成效", "work_done"),
        ("主要举措与工作成效", "work_done"),
        ("工作开展情况", "work_done"),
        ("主要工作及成效", "work_done"),
        ("主要做法和取得的成效", "work_done"),
        ("上一年度推进法治政府建设的主要措施和成效", "work_done"),
        ("重点工作完成情况", "work_done"),
        ("强化政治引领，筑牢法治思想根基", "work_done"),
        ("聚焦群众急难愁盼问题，提升服务质效", "work_done"),
        ("存在的问题和不足", "problems"),
        ("存在的主要问题及原因", "problems"),
        ("存在不足", "problems"),
        ("短板弱项", "problems"),
        ("正视短板，找准差距", "problems"),
        ("成绩可喜，仍有不足", "problems"),
        ("紧盯短板，补齐弱项", "work_done"),
        ("主要差距", "problems"),
        ("推进法治政府建设存在的困难和问题", "problems"),
        ("面临的问题", "problems"),
        ("不足之处", "problems"),
        ("下步工作安排", "next_steps"),
        ("下一步工作打算", "next_steps"),
        ("2025年度工作思路", "next_steps"),
        ("2025年推进法治政府建设的主要安排", "next_steps"),
        ("今后工作方向", "next_steps"),
        ("整改措施", "next_steps"),
        ("努力方向", "next_steps"),
        ("党政主要负责人履行推进法治建设第一责任人职责情况", "leadership_duty"),
        ("主要负责人履行法治建设第一责任人职责及述法情况", "leadership_duty"),
        ("其他需要报告的情况", "other"),
        ("意见建议", "other"),
    ],
)
def test_kinds(record: Record, heading: str, kind: str) -> None:
    """As the second of three headings, with its number in the usual form."""
    found = tops(record(_report("一、主要举措和成效", f"二、{heading}", "三、结语")))
    assert [(s.kind, s.heading, s.ordinal) for s in found[1:2]] == [(kind, heading, "二")]


@pytest.mark.parametrize("text", ["全镇位于县境东部，辖7个村，总人口2.1万人。", "岚溪镇地处两江交汇处，下辖7个村委会。"])
def test_a_place_description_is_an_overview(record: Record, text: str) -> None:
    found = tops(record(f"一、基本情况\n{text}\n二、主要举措和成效\n依法办事，各项工作稳步推进。\n"))
    assert [s.kind for s in found] == ["overview", "work_done"]


def test_basic_facts_that_tell_of_work_are_work_done(record: Record) -> None:
    found = tops(record("一、基本情况\n全年组织集中学法，扎实推进依法行政。\n二、存在的问题\n学法不够深入。\n"))
    assert [s.kind for s in found] == ["work_done", "problems"]


THREE = [("work_done", "主要举措和成效"), ("problems", "存在的问题"), ("next_steps", "下一步工作打算")]


@pytest.mark.parametrize(
    "marks",
    [
        ("一、", "二、", "三、"),
        ("一. ", "二. ", "三. "),
        ("一，", "二，", "三，"),
        ("## 一、", "## 二、", "#### 三、"),
        ("## **一、", "## **二、", "## **三、"),
        ("第一部分 ", "第二部分 ", "第三部分 "),
        ("", "", ""),
        ("（一）", "（二）", "（三）"),
        ("1.", "2.", "3."),
        ("1、", "2、", "3、"),
        ("　　一、", "　　二、", "　　三、"),
        ("一 、", "二 、", "三 、"),
        ("★", "★", "★"),
        ("▲ 一、", "▲ 二、", "▲ 三、"),
        ("[image: Seal]一、", "二、", "三、"),
        # damaged copies
        ("一、", "2、", "三、"),
        ("一、", "二、", "3、"),
        ("一、", "二", "三、"),
        ("一、", "二、", ""),
        ("一、", "", "二、"),
    ],
)
def test_marks(record: Record, marks: tuple[str, str, str]) -> None:
    lines = [f"{mark}{heading}" for mark, (_, heading) in zip(marks, THREE, strict=True)]
    lines = [f"{line}**" if "**" in line else line for line in lines]
    raw = _report(*lines)
    found = tops(record(raw))
    assert [(s.kind, s.heading) for s in found] == THREE
    assert [s.start for s in found] == [raw.index(line.lstrip("\u3000")) for line in lines], "indentation is no part of a line"
    assert [s.end for s in found] == [*(s.start for s in found[1:]), len(raw)]


def test_traditional_characters(record: Record) -> None:
    found = tops(record(_report("一、主要舉措和成效", "二、存在的問題", "三、下一步工作打算")))
    assert [s.kind for s in found] == ["work_done", "problems", "next_steps"]


@pytest.mark.parametrize(
    "raw",
    [
        "一、主要举措和成效。全年调解纠纷5件。二、存在的问题。学法不够深入。三、下一步工作打算。加强学习。",
        "一、主要举措和成效\n全年调解纠纷5件。二、存在的问题\n学法不够深入。三、下一步工作打算\n加强学习。",
    ],
)
def test_headings_inside_running_text(record: Record, raw: str) -> None:
    found = tops(record(raw))
    assert [(s.kind, s.heading) for s in found] == THREE
    assert [raw[s.start] for s in found] == ["一", "二", "三"]


GLUED = "一、主要举措和成效全镇坚持依法办事，各项工作稳步推进。\n二、存在的问题一是学法不够深入。二是执法力量不足。\n"


def test_heading_glued_to_its_paragraph(record: Record) -> None:
    assert [(s.kind, GLUED[s.start : s.start + 2]) for s in tops(record(GLUED))] == [
        ("work_done", "一、"),
        ("problems", "二、"),
    ]


@pytest.mark.parametrize("marks", [("一、", "二、", "三、"), ("", "", ""), ("一、", "二、", "三"), ("1.", "2.", "3.")])
def test_headings_ended_by_a_stop_and_glued_to_their_paragraphs(record: Record, marks: tuple[str, str, str]) -> None:
    texts = ("坚持依法办事，全年调解纠纷5件。", "学法不够深入，个别干部不会用法。", "加强学习，全年集中学法不少于4次。")
    raw = "\n".join(f"{mark}{words}。{text}" for mark, (_, words), text in zip(marks, THREE, texts, strict=True))
    assert [(s.kind, s.heading) for s in tops(record(raw))] == THREE


def test_a_year_behind_the_number_of_a_heading_is_no_decimal(record: Record) -> None:
    raw = _report("1.2024年主要举措和成效", "2.存在的问题", "3.2025年工作思路")
    found = record(raw)
    assert [s.heading for s in tops(found)] == ["2024年主要举措和成效", "存在的问题", "2025年工作思路"]
    assert found.indicators == ()


def test_a_sentence_that_only_begins_as_a_heading_does_is_none(record: Record) -> None:
    raw = "主要工作和成效，按照全县统一部署逐月报送、逐条核实，由司法所汇总后上墙。\n工作情况每月一报，由司法所汇总。\n"
    assert tops(record(raw)) == []


def test_words_of_a_heading_glued_to_its_paragraph(record: Record) -> None:
    assert [s.heading for s in tops(record(GLUED))] == ["主要举措和成效", "存在的问题"]


def test_a_heading_printed_twice_is_one(record: Record) -> None:
    found = tops(record(f"一、主要举措和成效\n{_report('一、主要举措和成效', '二、存在的问题')}"))
    assert [(s.kind, s.heading) for s in found] == THREE[:2]


def test_a_second_series_inside_is_not_top(record: Record) -> None:
    raw = _report(
        "一、2023年主要举措和成效", "一、强化学习", "二、强化执法", "三、强化普法", "二、存在的问题", "三、下一步工作打算"
    )
    assert [s.kind for s in tops(record(raw))] == ["work_done", "problems", "next_steps"]


def test_topical_headings_are_work(record: Record) -> None:
    raw = _report("一、强化政治引领", "二、健全决策机制", "三、规范行政执法", "四、存在不足", "五、下步打算")
    assert [s.kind for s in tops(record(raw))] == ["work_done", "work_done", "work_done", "problems", "next_steps"]


def test_leadership_duty_after_the_problems(record: Record) -> None:
    raw = _report("一、主要举措和成效", "二、不足和原因", "三、党政主要负责人履行第一责任人职责情况", "四、2025年主要安排")
    assert [s.kind for s in tops(record(raw))] == ["work_done", "problems", "leadership_duty", "next_steps"]


LEVELS = """一、主要举措和成效
（一）强化组织领导
1.健全机制
（1）落实会议制度。全年召开会议5次。
（2）落实督办制度。全年督办3次。
2.压实责任
（二）强化普法宣传。全年开展宣传9场。
二、存在的问题
（一）学法不深。学习形式单一。
"""


def test_levels_and_parents(record: Record) -> None:
    report = record(LEVELS)
    by_id = {s.id: s for s in report.sections}
    tree = [(s.level, s.ordinal, s.heading, by_id[s.parent].heading if s.parent else None) for s in report.sections]
    assert tree == [
        (1, "一", "主要举措和成效", None),
        (2, "一", "强化组织领导", "主要举措和成效"),
        (3, "1", "健全机制", "强化组织领导"),
        (4, "1", "落实会议制度", "健全机制"),
        (4, "2", "落实督办制度", "健全机制"),
        (3, "2", "压实责任", "强化组织领导"),
        (2, "二", "强化普法宣传", "主要举措和成效"),
        (1, "二", "存在的问题", None),
        (2, "一", "学法不深", "存在的问题"),
    ]
    assert [s.kind for s in report.sections] == ["work_done"] * 7 + ["problems"] * 2


def test_sections_nest(record: Record) -> None:
    report = record(LEVELS)
    by_id = {s.id: s for s in report.sections}
    for section in report.sections:
        if section.parent:
            assert by_id[section.parent].start <= section.start < section.end <= by_id[section.parent].end
    assert {i.text: by_id[i.section].heading for i in report.indicators if i.section} == {
        "5次": "落实会议制度",
        "3次": "落实督办制度",
        "9场": "强化普法宣传",
    }


@pytest.mark.parametrize(
    ("heading", "turn"),
    [
        ("存在不足及下步打算", "下一步，我镇将加强学习。"),
        ("存在的问题及下一步打算", "针对上述问题，加强学习培训。"),
        ("存在问题和整改措施", "对此，我镇将加强学习培训。"),
        ("问题与对策", "今后，我镇将加强学习培训。"),
    ],
)
@pytest.mark.parametrize("seam", ["", "\n"])
def test_combined_sections_are_two(record: Record, heading: str, turn: str, seam: str) -> None:
    raw = f"一、主要举措和成效\n全年调解纠纷5件。\n二、{heading}\n全镇执法力量还比较薄弱，学法形式单一。{seam}{turn}\n"
    found = tops(record(raw))
    assert [(s.kind, s.heading) for s in found[1:]] == [("problems", heading), ("next_steps", heading)]
    assert raw[found[2].start :].startswith(turn)
    assert found[1].end == found[2].start


def test_numbered_plans_inside_problems_do_not_split_when_plans_follow(record: Record) -> None:
    raw = _report("一、主要举措和成效", "二、存在的问题", "三、下一步工作打算")
    raw = raw.replace("二、存在的问题\n", "二、存在的问题\n执法力量薄弱。今后形势更加严峻。\n")
    assert [(s.kind, s.heading) for s in tops(record(raw))] == THREE


@pytest.mark.parametrize(
    "sign_off",
    [
        "岚溪镇人民政府\n2024年1月8日",
        "中共岚溪镇委员会\n岚溪镇人民政府\n2024年1月8日",
        "岚溪镇人民政府\n二○二四年一月八日",
        "岚溪街道办事处\n2024年12月31日",
        "2024年1月8日",
    ],
)
@pytest.mark.parametrize("furniture", ["", "\n扫一扫在手机打开当前页面\n"])
def test_the_last_section_ends_before_the_sign_off(record: Record, sign_off: str, furniture: str) -> None:
    body = _report("一、主要举措和成效", "二、存在的问题")
    found = tops(record(f"{body}{sign_off}\n{furniture}"))
    assert found[-1].end == len(body)


@pytest.mark.parametrize(
    "line",
    [
        "2024年，全镇依法行政水平稳步提升。",
        "3.5万名群众接受宣传教育。",
    ],
)
def test_what_only_begins_with_a_number_is_no_heading(record: Record, line: str) -> None:
    raw = f"一、主要举措和成效\n坚持依法办事，各项工作稳步推进。\n{line}\n二、存在的问题\n学法不够深入。\n"
    assert [(s.kind, s.heading) for s in record(raw).sections] == THREE[:2]


def test_a_text_without_headings_turns_by_its_words(record: Record) -> None:
    raw = (
        "全年调解纠纷5件，各项工作稳步推进，群众反映良好。\n"
        "虽然取得了一定成绩，但仍存在一些问题，学法不够深入。\n下一步，我镇将加强学习培训。\n"
    )
    assert [s.kind for s in tops(record(raw))] == ["problems", "next_steps"]


BELOW = "全镇上下坚持依法办事，调解矛盾纠纷57起，发放资料3000份，各项工作稳步推进，群众反映良好，全年没有发生群体性事件。"
TOPICAL = ("强化统筹 扛牢主体责任", "聚焦源头预防，推动基层矛盾纠纷实质化解", "优化营商环境")


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
@pytest.mark.parametrize("plans", ["下一年工作重点", "下年度主要任务", "下一阶段工作安排", "明年打算"])
def test_topical_headings_without_numbers_are_top(record: Record, gap: str, plans: str) -> None:
    headings = (*TOPICAL, "存在的短板弱项", plans)
    text = "柳湾镇2023年法治政府建设报告\n\n现将有关情况报告如下。\n\n" + "\n\n".join(
        f"{heading}{gap}{BELOW}" for heading in headings
    )
    found = tops(record(text))
    assert [section.heading for section in found] == [heading.replace(" ", "") for heading in headings]
    assert [section.kind for section in found] == ["work_done"] * 3 + ["problems", "next_steps"]


def test_topical_lines_below_a_heading_of_work_are_not_top(record: Record) -> None:
    text = "主要做法和成效\n" + "\n".join(f"{heading}\n{BELOW}" for heading in TOPICAL) + f"\n存在的问题\n{BELOW}"
    assert [section.heading for section in tops(record(text))] == ["主要做法和成效", "存在的问题"]


@pytest.mark.parametrize(
    "lines",
    [
        # too few
        (*[part for heading in TOPICAL[:2] for part in (heading, BELOW)],),
        # nothing long below them
        ("优化服务", "强化监督", "深化改革", "群众反映良好。"),
        # sentences, entries, numbers
        ("加强统筹。", BELOW, "优化服务；", BELOW, "调解57起", BELOW, "公证：12件", BELOW),
    ],
)
def test_short_lines_that_head_nothing_are_no_headings(record: Record, lines: tuple[str, ...]) -> None:
    text = "\n".join((*lines, "存在的问题", BELOW, "下一步打算", BELOW))
    assert [section.heading for section in tops(record(text))] == ["存在的问题", "下一步打算"]
