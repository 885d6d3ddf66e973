"""Cleaning: what is deleted, joined or folded, and that every character is led back to the text as received."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from extractor.cleaning import raw_offset, raw_span
from extractor.models import Report
from extractor.pipeline import Extractor
from tests.conftest import unmark

Record = Callable[[str], Report]

LONG = "全镇各村社区坚持把矛盾纠纷排查化解工作摆在更加突出的位置，组织网格员、调解员逐户走访，"


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("[bookmark: _GoBack]全年调解纠纷5件。", "全年调解纠纷5件。"),
        ("[image: Seal]（一）强化领导。", "（一）强化领导。"),
        ("**压实责任。**全年调解纠纷5件。", "压实责任。全年调解纠纷5件。"),
        ("### 一、工作情况", "一、工作情况"),
        ("## **二、存在的问题**", "二、存在的问题"),
        ("　　全年调解纠纷5件。", "全年调解纠纷5件。"),
        ("全年 调解 纠纷 356 件。", "全年调解纠纷356件。"),
        ("全年调解纠纷４６件，成功率９８．４％。", "全年调解纠纷46件，成功率98.4%。"),
        ("全年調解糾紛5件。", "全年调解纠纷5件。"),
        ("全年调解纠纷5件,成功5件;无上访.", "全年调解纠纷5件，成功5件；无上访"),
        ("全\u200b年调解\ufeff纠纷5件。", "全年调解纠纷5件。"),
        ("糾(jiū)紛5件。", "纠纷5件。"),
    ],
)
def test_words(extractor: Extractor, raw: str, cleaned: str) -> None:
    assert extractor.cleaning.clean(raw).text.rstrip("\n").startswith(cleaned)


@pytest.mark.parametrize(
    "raw",
    ["１２，４００份", "㎡与平方米", "調解糾紛", "①②③", "〔2024〕7號", "％‰", "a\tb\u3000c\u00a0d", "𠮷野家", "\r\n", ""],
)
def test_folding_keeps_the_length(extractor: Extractor, raw: str) -> None:
    assert len(extractor.cleaning.fold(raw)) == len(raw)


def test_each_fold_is_made_alone_and_among_all_others(extractor: Extractor) -> None:
    """A few folds in a text and many take different ways; one becomes a character that is folded itself."""
    table = {chr(old): chr(new) for old, new in extractor.cleaning.folding.table.items() if chr(old) not in "\t.．"}
    assert {old: extractor.cleaning.fold(f"国{old}国") for old in table} == {old: f"国{new}国" for old, new in table.items()}
    assert extractor.cleaning.fold("国".join(table)) == "国".join(table.values())
    assert extractor.cleaning.fold("薴苧") == "苧苎"


@pytest.mark.parametrize("raw", ["&#24037;商", "&#33510;", "\ud800"])
def test_what_is_not_folded_stays(extractor: Extractor, raw: str) -> None:
    """A reference to a folded character, as web pages have it, is no such character."""
    assert extractor.cleaning.fold(raw) == raw.replace(";", "；")


def test_folding_twice_changes_nothing(extractor: Extractor) -> None:
    folded = extractor.cleaning.fold("全年調解糾紛１２，４００件,成功率９８．４％;[註]①")
    assert extractor.cleaning.fold(folded) == folded


@pytest.mark.parametrize(
    "raw",
    [
        "[bookmark: _GoBack]全年 调解 纠纷 3 5 6 件，成功率９８．４％。\n　　**培训**干部 8 人。",
        f"一、工作情况\n{LONG}\n\n— 3 —\n\n全年調解糾(jiū)紛356件。\n",
        "\ufeff一、工作情况\r\n　　全年调解纠纷5件。\r\n",
        "𠮷水镇全年调解纠纷5件。",
    ],
)
def test_every_character_leads_back(extractor: Extractor, raw: str) -> None:
    """A cleaned character is the folded one of its place; places rise from left to right."""
    clean = extractor.cleaning.clean(raw)
    folded = extractor.cleaning.fold(raw)
    places = []
    for at, character in enumerate(clean.text):
        if character != "\n":
            place = raw_offset(clean, at)
            assert folded[place] == character
            places.append(place)
    assert places == sorted(set(places))


def test_span_leads_back(extractor: Extractor) -> None:
    raw = "[image: Seal]全年 调解 纠纷 3 5 6 件。"
    clean = extractor.cleaning.clean(raw)
    at = clean.text.index("356件")
    start, end = raw_span(clean, at, at + 4)
    assert raw[start:end] == "3 5 6 件"


@pytest.mark.parametrize(
    ("text", "quantities"),
    [
        # conversion marks in front of and between the words
        ("一、工作情况\n[bookmark: _GoBack]全年调解纠纷【12件】。", ["12件"]),
        ("**一、工作情况**\n**全年调解纠纷【12件】，**培训干部【8人】。", ["12件", "8人"]),
        # justifying spaces inside the number
        ("一、工作情况\n全年调解纠纷【1 2 件】。", ["1 2 件"]),
        ("一、工作情况\n全年检查【1,0 53处】，处罚【2 4,106 件】。", ["1,0 53处", "2 4,106 件"]),
        # a page number between two halves of a sentence
        (f"一、工作情况\n{LONG}\n— 3 —\n全年调解纠纷【57件】。", ["57件"]),
        (f"一、工作情况\n{LONG}共排查\n\n- 12 -\n\n各类纠纷【57件】，成功率【98%】。", ["57件", "98%"]),
        # full-width digits, traditional characters
        ("一、工作情况\n全年調解糾紛【１２件】，成功率【９８．４％】。", ["１２件", "９８．４％"]),
        ("一、工作情況\n發放宣傳資料【8000餘份】，惠及群眾【1.2萬人次】。", ["8000餘份", "1.2萬人次"]),
        # other line ends, and characters beyond the basic plane
        ("一、工作情况\r\n　　全年调解纠纷【12件】。\r\n　　培训干部【8人】。\r\n", ["12件", "8人"]),
        ("一、𠮷水镇工作情况\n全年调解纠纷【12件】。", ["12件"]),
        # furniture and view counts
        ("首页 > 政务公开 > 岚溪镇\n浏览次数：311\n一、工作情况\n全年调解纠纷【12件】。\n打印 关闭\n", ["12件"]),
    ],
)
def test_text_stands_at_its_offsets(record: Record, text: str, quantities: list[str]) -> None:
    marked = unmark(text)
    raw = marked.text
    report = record(raw)
    assert marked.words == quantities
    assert [i.text for i in report.indicators] == quantities
    assert [(i.start, i.end) for i in report.indicators] == list(marked.spans)
    assert [raw[i.start : i.end] for i in report.indicators] == quantities


def test_a_number_cut_by_a_page_break(record: Record) -> None:
    raw = f"一、工作情况\n{LONG}\n全年调解纠纷43件，\n\n其中成功43件，成功率达1\n00%。\n"
    report = record(raw)
    assert [(i.text, i.value) for i in report.indicators] == [("43件", 43), ("43件", 43), ("1\n00%", 100)]
    assert all(raw[i.start : i.end] == i.text for i in report.indicators)


def _wrapped(text: str, width: int) -> str:
    """The text in lines of one printed width; digits and Latin letters take half a place."""
    lines, room = [""], float(width)
    for character in text:
        room -= 0.5 if character.isascii() else 1
        if room < 0:
            lines.append("")
            room = width - (0.5 if character.isascii() else 1)
        lines[-1] += character
    return "\n".join(lines)


@pytest.mark.parametrize("width", [24, 28, 35])
def test_hard_wrapped_lines_are_joined(record: Record, width: int) -> None:
    """The same words, wrapped or not, give the same quantities and sections."""
    work = (LONG + "建立问题清单和责任清单，实行销号管理，") * 3
    work += "全年共排查各类矛盾纠纷128起，成功化解126起，化解率为98.4%。"
    gaps = LONG * 3 + "问题仍然存在。"
    head, middle = "一、主要举措和成效\n", "\n二、存在的问题\n"
    wrapped = head + _wrapped(f"　　{work}", width) + middle + _wrapped(f"　　{gaps}", width) + "\n"
    plain = f"{head}{work}{middle}{gaps}\n"
    ours, theirs = record(wrapped), record(plain)
    assert [(i.code, i.value, i.unit) for i in ours.indicators] == [(i.code, i.value, i.unit) for i in theirs.indicators]
    assert [i.text.replace("\n", "") for i in ours.indicators] == ["128起", "126起", "98.4%"]
    assert [(s.kind, s.heading) for s in ours.sections] == [(s.kind, s.heading) for s in theirs.sections]


def test_a_full_line_goes_on_though_some_lines_are_longer(extractor: Extractor) -> None:
    """A closing mark may stand beyond the edge; most lines end at it, and one that does and ends a sentence may go on."""
    full = "镇里把学法用法列入年度考核，干部逐月记笔记、按季交体会。"
    beyond = "镇里把学法用法列入年度考核，干部逐月记笔记、按季交体会的。”"
    open_line = "镇里把学法用法列入年度考核，干部逐月记笔记、按季交体会等"
    assert len(full) == len(open_line) == len(beyond) - 2
    lines = [open_line] * 9 + [beyond[:-2] + "，”", full, "主要原因是人手不足。"]
    text = extractor.cleaning.clean("一、主要工作\n" + "\n".join(lines)).text
    assert text.rstrip().endswith(full + "主要原因是人手不足。")


def test_a_bracket_parted_from_its_number_by_a_line_end_is_joined(extractor: Extractor) -> None:
    open_line = "镇里把学法用法列入年度考核，干部逐月记笔记、按季交体会等"
    parted = "做到小事不出村、大事不出镇。（\n二）创新普法。"
    text = extractor.cleaning.clean("一、主要工作\n" + f"{open_line}\n" * 8 + parted).text
    assert "（二）创新普法" in text


def test_a_long_heading_known_by_its_words_stands_alone(extractor: Extractor) -> None:
    lines = ["2023年法治政府建设主要措施及成效", "抓实学习培训，夯实执法根基", "全年举办业务培训班6期，参训干警310人次。"]
    clean = extractor.cleaning.clean("\n".join(lines))
    assert [clean.text[p.start : p.end] for p in clean.paragraphs] == lines


FULL = "镇里把学法用法列入年度考核，干部逐月记笔记、按季交体会。"
OPEN = f"{FULL[:-1]}等"


def _paragraphs(extractor: Extractor, *lines: str) -> list[str]:
    """The last paragraphs of a text whose lines end at the width of OPEN."""
    head = "一、主要工作\n" + f"{OPEN}\n" * 9 + "各项工作有序推进。\n二、下一步打算\n"
    clean = extractor.cleaning.clean(head + "\n".join(lines))
    found = [clean.text[p.start : p.end] for p in clean.paragraphs]
    return found[found.index("二、下一步打算") + 1 :]


def test_phrases_that_open_paragraphs_part_full_lines(extractor: Extractor) -> None:
    first = "抓学习促提升。把学法用法都列入考核，干部逐月按季交体会。"
    second = "抓普法促守法。巡回宣讲进村入户，开展以案释法，办好法治夜校，"
    assert len(first) == len(FULL)
    assert _paragraphs(extractor, first, second, "覆盖全部村组。") == [first, f"{second}覆盖全部村组。"]
    assert _paragraphs(extractor, first, "全年还要再培训两轮。") == [f"{first}全年还要再培训两轮。"], (
        "no phrase opens the second"
    )


def test_sentences_in_a_row_are_paragraphs_though_one_is_a_full_line(extractor: Extractor) -> None:
    sentences = [f"{OPEN}形式。", FULL, "巡回宣讲进村入户，开展以案释法，办好法治夜校。"]
    wrapped = [OPEN, "形式。", *sentences[1:]]
    assert _paragraphs(extractor, *wrapped) == sentences
    several = [OPEN, "形式。全年办好两轮。", FULL, "巡回宣讲进村入户。"]
    assert _paragraphs(extractor, *several) == [f"{OPEN}形式。全年办好两轮。", f"{FULL}巡回宣讲进村入户。"]


def test_a_short_line_goes_on_where_its_bracket_is_closed_in_the_next(extractor: Extractor) -> None:
    parted, rest = "5件（来信2件、网上信", "访3件），全部办结。"
    assert _paragraphs(extractor, f"全年受理信访{parted}", rest) == [f"全年受理信访{parted}{rest}"]
    assert _paragraphs(extractor, "全年受理信访5件", rest) == ["全年受理信访5件", rest], "no bracket is open"


def test_a_number_that_lost_its_point_opens_a_paragraph(extractor: Extractor) -> None:
    first, second = "1.继续加强学习，全体干部集中学法全年不少于10次", "2加大排查力度，把矛盾化解在村组"
    assert _paragraphs(extractor, first, second) == [first, second]
    third = "3个村先行试点，把矛盾化解在村组"
    assert _paragraphs(extractor, first, third) == [first + third], "it is not the next number"


def test_a_number_without_its_unit_goes_on(extractor: Extractor) -> None:
    """However short the line is, and whether or not the text is hard-wrapped."""
    assert _paragraphs(extractor, "公开信息60余", "条。") == ["公开信息60余条。"]
    assert extractor.cleaning.clean("一、公开\n公开信息三百余\n条。").text == "一、公开\n公开信息三百余条。\n"


def test_a_heading_glued_to_a_heading_stands_alone(extractor: Extractor) -> None:
    lines = ["一、一年来的主要工作。（一）先把自己管住，领着干部学法", "镇党委会先后7次听取法治工作汇报，专门研究部署。"]
    clean = extractor.cleaning.clean("\n".join(lines))
    assert [clean.text[p.start : p.end] for p in clean.paragraphs] == lines


def test_unwrapped_paragraphs_are_not_joined(extractor: Extractor) -> None:
    raw = "一、工作情况\n全年调解纠纷5件。\n全年培训干部8人。\n二、存在的问题\n学法不够深入。\n"
    clean = extractor.cleaning.clean(raw)
    assert [clean.text[p.start : p.end] for p in clean.paragraphs] == raw.split("\n")[:-1]


def test_entries_and_rows_of_a_table_are_not_joined(extractor: Extractor) -> None:
    rows = "|合同审查|35件|\n|重大行政决策|1项|\n"
    entries = "安全隐患：排查75处，整改72处，剩余3处列入冬修计划\n取水许可、涉河方案等受理：96件\n越级上访：无\n"
    raw = f"一、工作情况\n{rows}{entries}"
    clean = extractor.cleaning.clean(raw)
    assert [clean.text[p.start : p.end] for p in clean.paragraphs] == raw.split("\n")[:-1]


@pytest.mark.parametrize(
    "line",
    [
        "上一页 1 2 下一页",
        "首页 上一页 1 2 3 … 9 下一页 尾页",
        "您当前的位置：首页 > 政务公开 > 岚溪镇",
        "浏览次数：311",
        "【字号：大 中 小】",
        "语音播报",
        "扫一扫在手机打开当前页面",
        "主办：岚溪镇人民政府",
        "打印 关闭",
        "【打印本页】【关闭窗口】",
        "[打印] [返回顶部]",
        "来源：岚溪镇 发布时间：2024-03-28 09:18",
        "网站标识码：3507000011",
    ],
)
def test_furniture_is_no_part_of_the_text(extractor: Extractor, line: str) -> None:
    raw = f"一、工作情况\n全年调解纠纷5件。\n{line}\n"
    clean = extractor.cleaning.clean(raw)
    assert [raw[f.start : f.end] for f in clean.furniture] == [line]
    assert "5件" in clean.text
    assert line[:4] not in clean.text


@pytest.mark.parametrize(
    "sentence",
    [
        "承办县人大代表建议【6件】，主要领导领衔办理【2件】。",
        "主办普法文艺晚会【3场】，观众【500余人】。",
        "司法所联合高校提供技术支持，开展电子取证培训【3次】。",
        "群众扫码即可留言，全年受理诉求【96件】。",
        "建立案例文库，收录典型案例【26个】。",
        "公众号推送图文，累计点击量【8万次】。",
        "审核合同【41份】，提出意见【12条】。",
        "附件材料【9份】已全部归档。",
        "时间紧、任务重，全年仍调解纠纷【57件】。",
    ],
)
def test_sentences_with_words_of_furniture_stay(record: Record, sentence: str) -> None:
    marked = unmark(f"一、主要举措和成效\n各项工作稳步推进，群众反映良好。\n{sentence}\n")
    assert [(i.start, i.end) for i in record(marked.text).indicators] == list(marked.spans)


@pytest.mark.xfail(strict=True, reason="lines before the first full sentence are taken for the letterhead")
def test_a_text_that_begins_in_the_middle(record: Record) -> None:
    raw = "调解纠纷43件，\n\n其中成功43件，成功率达1\n00%。"
    assert [(i.text, i.value) for i in record(raw).indicators] == [("43件", 43), ("43件", 43), ("1\n00%", 100)]


@pytest.mark.parametrize("line", ["— 12 —", "- 3 -", "第3页 共12页", "3/12", "－7－", "------", "12"])
def test_page_marks(extractor: Extractor, line: str) -> None:
    raw = f"一、工作情况\n全年调解纠纷5件。\n{line}\n全年培训干部8人。\n"
    clean = extractor.cleaning.clean(raw)
    assert [raw[mark.start : mark.end] for mark in clean.page_marks] == [line]
    assert clean.text == "一、工作情况\n全年调解纠纷5件。\n全年培训干部8人。\n"


@pytest.mark.parametrize("raw", ["", "\n", "   \n\t\n", "。", "1", "\ufeff", "[image: x]", "\r\n\r\n"])
def test_next_to_nothing(record: Record, raw: str) -> None:
    report = record(raw)
    assert report.source.characters == len(raw)
    assert report.sections == ()
    assert report.coverage.unaccounted == 0
