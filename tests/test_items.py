"""Single problems and plans: the finest level that the text numbers itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from extractor.models import Report
from tests.conftest import unmark

Record = Callable[[str], Report]


def _check(record: Record, head: str, body: str, kind: str) -> None:
    """The items of the one section of that kind are what is marked in its body, and nothing else is an item."""
    marked = unmark(f"{head}\n{body}\n")
    report = record(marked.text)
    assert [i.text for i in report.items] == marked.words
    assert [(i.start, i.end) for i in report.items] == list(marked.spans)
    assert {i.kind for i in report.items} <= {kind}
    sections = {s.id: s.kind for s in report.sections}
    assert {sections[i.section] for i in report.items if i.section} <= {
        {"problem": "problems", "next_step": "next_steps"}[kind]
    }


BODIES = [
    # paragraphs with marks
    "【一是学法不够深入。学习形式比较单一。】\n【二是执法力量不足。】\n【三是普法方式老套。】",
    "【（一）学法不够深入。学习形式比较单一。】\n【（二）执法力量不足。】",
    "【(一) 学法不够深入。】\n【(二) 执法力量不足。】",
    "【1.学法不够深入。】\n【2.执法力量不足。】\n【3.普法方式老套。】",
    "【1、学法不够深入。】\n【2、执法力量不足。】",
    "【1．学法不够深入。】\n【2．执法力量不足。】",
    "【（1）学法不够深入。】\n【（2）执法力量不足。】",
    "【①学法不够深入。】\n【②执法力量不足。】",
    "【一）学法不够深入。】\n【二）执法力量不足。】",
    "[image: Seal]【（一）学法不够深入。】\n【（二）执法力量不足。】",
    # a heading line with paragraphs below it is one item
    "【（一）学法不够深入\n学习形式比较单一，联系实际不够紧密。】\n【（二）执法力量不足\n执法人员年龄偏大，专业水平参差不齐。】",
    # series inside one paragraph
    "【一是学法不够深入。】【二是执法力量不足。】【三是普法方式老套。】",
    "【一是学法不够深入；】【二是执法力量不足；】【三是普法方式老套。】",
    "【一是学法不够深入，】【二是执法力量不足，】【三是普法方式老套。】",
    "【一要加强学习培训。】【二要充实执法力量。】",
    "主要表现在以下几个方面：【一是学法不够深入。】【二是执法力量不足。】",
    "对照要求，工作中还有不少差距：【一是学法不够深入；】【二是执法力量不足。】",
    "【第一，学法不够深入。】【第二，执法力量不足。】",
    "【一方面，学法不够深入。】【另一方面，执法力量不足。】",
    "【首先，学法不够深入。】【其次，执法力量不足。】【最后，普法方式老套。】",
    # gaps and repeats
    "【一是学法不够深入。】【三是执法力量不足。】【五是普法方式老套。】",
    "【一是学法不够深入。】【二是执法力量不足。】【二是普法方式老套。】",
    # one series inside another: the finer one counts, words before its first mark are no item
    "（一）思想认识方面。【一是学法不够深入。】【二是重视程度不够。】\n（二）执法方面。【一是力量不足。】【二是装备老旧。】",
    "【（一）思想认识还有差距。】\n（二）执法方面。【一是力量不足。】【二是装备老旧。】",
    "（一）思想认识方面\n【1.学法不够深入。】\n【2.重视程度不够。】\n（二）执法方面\n【1.力量不足。】\n【2.装备老旧。】",
    # without numbers: paragraphs, or clauses
    "【学法不够深入，学习形式比较单一，联系实际不够紧密。】\n【执法力量不足，执法人员年龄偏大，专业水平参差不齐。】",
    "【学法不够深入，学习形式比较单一；】【执法力量不足，人员年龄偏大；】【普法方式老套，群众参与不多。】",
    # one paragraph
    "【全镇学法形式比较单一，执法人员年龄偏大，普法方式老套。】",
    # a number that lost its point
    "【1.学法不够深入，形式单一。】\n【2执法力量不足，人员老化。】\n【3.普法方式老套。】",
    # a closing formula is no item
    "【学法不够深入，学习形式比较单一。】\n【执法力量不足，人员年龄偏大。】\n特此报告。",
    # traditional characters
    "【一是學法不夠深入。】【二是執法力量不足。】",
]


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("一、主要举措和成效\n各项工作稳步推进。\n二、存在的问题", "problem"),
        ("一、主要举措和成效\n各项工作稳步推进。\n二、下一步工作打算", "next_step"),
    ],
    ids=["problem", "next_step"],
)
def test_forms(record: Record, head: str, kind: str, body: str) -> None:
    _check(record, head, body, kind)


@pytest.mark.parametrize(
    ("body", "ordinals"),
    [
        ("一是学法不够深入。二是执法力量不足。", ["一是", "二是"]),
        ("（一）学法不够深入。\n（二）执法力量不足。", ["（一）", "（二）"]),
        ("1.学法不够深入。\n2.执法力量不足。", ["1.", "2."]),
        ("学法形式单一，执法力量不足。", [None]),
    ],
)
def test_ordinals(record: Record, body: str, ordinals: list[str | None]) -> None:
    report = record(f"一、主要举措和成效\n各项工作稳步推进。\n二、存在的问题\n{body}\n")
    assert [i.ordinal for i in report.items] == ordinals


@pytest.mark.parametrize(
    "text",
    [
        "二、存在的问题【一是学法不够深入。】【二是执法力量不足，有证的少。】",
        "二、存在的问题 【一是学法不够深入。】 【二是执法力量不足，有证的少。】",
        "二、存在的问题 【(一)学法不够深入。个别人不学。】 【(二)执法力量不足，有证的少。】",
    ],
)
def test_items_right_behind_their_heading(record: Record, text: str) -> None:
    """A copy that lost its line ends: the heading ends where the first item begins."""
    marked = unmark(f"一、主要工作\n各项工作稳步推进。\n{text}\n")
    report = record(marked.text)
    assert [i.text for i in report.items] == marked.words
    assert [s.heading for s in report.sections if s.level == 1] == ["主要工作", "存在的问题"]


def test_work_has_no_items(record: Record) -> None:
    assert record("一、主要举措和成效\n一是强化学习。二是强化执法。\n（一）健全机制。\n（二）压实责任。\n").items == ()


def test_items_of_both_halves_of_a_combined_section(record: Record) -> None:
    marked = unmark(
        "一、主要举措和成效\n各项工作稳步推进。\n二、存在不足及下步打算\n"
        "【一是学法不够深入。】【二是执法力量不足。】\n下一步，我镇将重点抓好以下工作：【一是加强学习。】【二是充实力量。】\n"
    )
    report = record(marked.text)
    assert [(i.kind, i.text) for i in report.items] == list(
        zip(["problem", "problem", "next_step", "next_step"], marked.words, strict=True)
    )


def test_the_sign_off_is_no_item(record: Record) -> None:
    raw = "一、主要举措和成效\n各项工作稳步推进。\n二、下一步工作打算\n加强学习，充实力量。\n\n岚溪镇人民政府\n2024年1月8日\n"
    assert [i.text for i in record(raw).items] == ["加强学习，充实力量。"]


def test_closing_words_below_the_last_item_are_none_of_it(record: Record) -> None:
    body = "【一、强化培训，全年不少于4期。】\n【二、加强普法，开展活动20场。】\n专此报告。"
    marked = unmark(f"第一部分 工作情况\n各项工作稳步推进。\n第二部分 下一步工作打算\n{body}\n")
    assert [i.text for i in record(marked.text).items] == marked.words


def test_an_item_ends_with_its_paragraph(record: Record) -> None:
    raw = (
        "一、主要举措和成效\n各项工作稳步推进。\n二、下一步工作打算\n一是加强学习。\n二是充实力量。\n特此报告。\n"
        "岚溪镇人民政府\n2024年1月8日\n"
    )
    assert [i.text for i in record(raw).items] == ["一是加强学习。", "二是充实力量。"]
