"""What a report says of itself, in the layouts of real pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from extractor.models import Metadata, Report

Record = Callable[[str], Report]

BODY = "\n一、主要举措和成效\n全年调解纠纷5件，依法行政水平稳步提升。\n二、存在的问题\n学法不够深入。\n"
TITLE = "岚溪镇2024年法治政府建设工作报告"


@pytest.fixture(scope="session")
def metadata(record: Record) -> Callable[[str], Metadata]:
    return lambda text: record(text).metadata


Read = Callable[[str], Metadata]

INDEX = "NP03104-3000-2025-00006"
NUMBER = "岚政〔2025〕6号"

LAYOUTS = {
    "bullets": f"- 索 引 号：{INDEX}\n- 文  号：{NUMBER}\n- 发布机构：岚溪镇人民政府\n- 成文日期：2025-01-09\n{TITLE}\n",
    "round bullets": (
        f"• 索 引 号：{INDEX}\n• 发文字号：{NUMBER}\n• 发布机构：岚溪镇人民政府\n• 生成日期：2025-01-09\n{TITLE}\n"
    ),
    "label and value on two lines": (
        f"• 索引号\n• {INDEX}\n• 文号\n• {NUMBER}\n• 发布机构\n• 岚溪镇人民政府\n• 成文日期\n• 2025-01-09\n{TITLE}\n"
    ),
    "labels, blank lines, indented values": (
        f"• 索引号：\n\n    {INDEX}\n• 文号：\n\n    {NUMBER}\n• 发布机构：\n\n    岚溪镇人民政府\n"
        f"• 成文日期：\n\n    2025-01-09\n{TITLE}\n"
    ),
    "glued": f"-\n索引号{INDEX}\n-\n文号{NUMBER}\n-\n发布机构岚溪镇人民政府\n-\n成文日期2025-01-09\n-\n时效性有效\n{TITLE}\n",
    "bracketed": f"[ 索引号 ] {INDEX} [ 发文字号 ] {NUMBER}\n[ 发布机构 ] 岚溪镇人民政府 [ 成文日期 ] 2025-01-09\n{TITLE}\n",
    "bracketed twice": (
        f"[ 索引号 ] {INDEX} [ 发文字号 ] {NUMBER}\n[ 发布机构 ] 岚溪镇人民政府 [ 成文日期 ] 2025-01-09\n"
        f"[ 索引号 ] {INDEX}\n[ 发文字号 ] {NUMBER}\n[ 发布机构 ] 岚溪镇人民政府\n[ 成文日期 ] 2025-01-09\n{TITLE}\n"
    ),
    "bracketed table": (
        f"| [ 索引号 ] | {INDEX} | [ 发文字号 ] | {NUMBER} |\n"
        f"| [ 发布机构 ] | 岚溪镇人民政府 | [ 成文日期 ] | 2025-01-09 |\n{TITLE}\n"
    ),
    "table": (
        f"| 索 引 号 | {INDEX} | 主题分类 | |\n|---|---|---|---|\n| 发布机构 | 岚溪镇人民政府 | 文  号 | {NUMBER} |\n"
        f"| 名 称 | {TITLE} | 成文日期 | 2025-01-09 |\n{TITLE}\n"
    ),
    "table with merged cells": (
        f"| 索 引 号 | {INDEX} | 文  号 | {NUMBER} |\n| 发布机构 | 岚溪镇人民政府 | 成文日期 | 2025-01-09 |\n"
        f"| 名 称 | |||\n{TITLE}\n"
    ),
    "table without the first bar": (
        f"索 引 号 | {INDEX} | 主题分类 | 司法 |\n发布机构 | 岚溪镇人民政府 | 文号 | {NUMBER} |\n"
        f"成文日期 | 2025-01-09 | | |\n{TITLE}\n"
    ),
    "table of pairs": f"| 索引号：{INDEX} | 文号：{NUMBER} |\n| 发布机构：岚溪镇人民政府 | 成文日期：2025-01-09 |\n{TITLE}\n",
    "one line": f"索 引 号：{INDEX} 文号：{NUMBER} 发布机构：岚溪镇人民政府 成文日期：2025-01-09 信息类别：司法\n{TITLE}\n",
    "two lines": f"索引号： {INDEX} 分类： 司法 文号： {NUMBER}\n发布机构： 岚溪镇人民政府 成文日期： 2025年1月9日\n{TITLE}\n",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(metadata: Read, layout: str) -> None:
    found = metadata(LAYOUTS[layout] + BODY)
    assert (found.title, found.report_year) == (TITLE, 2024)
    assert (found.index_number, found.document_number, found.issue_date) == (INDEX, NUMBER, "2025-01-09")
    assert (found.issuers, found.township) == (("岚溪镇人民政府",), "岚溪镇")


@pytest.mark.parametrize(
    "text",
    [
        f"发布机构：禾阳县岚溪镇人民政府\n岚溪镇人民政府2024年法治政府建设工作报告\n{BODY}",
        f"岚溪镇人民政府2024年法治政府建设工作报告\n{BODY}\n禾阳县岚溪镇人民政府\n2025年1月9日\n",
        f"发布机构：禾阳县岚溪镇人民政府\n2024年法治政府建设工作报告\n{BODY}\n岚溪镇人民政府\n2025年1月9日\n",
    ],
)
def test_an_issuer_is_named_in_full_where_the_text_does_so(metadata: Read, text: str) -> None:
    found = metadata(text)
    assert (found.issuers, found.township) == (("禾阳县岚溪镇人民政府",), "岚溪镇")


def test_a_longer_name_of_another_body_is_not_the_issuers(metadata: Read) -> None:
    text = f"发布机构：禾阳县人民政府办公室\n岚溪镇人民政府2024年法治政府建设工作报告\n{BODY}\n高岚溪镇人民政府\n2025年1月9日\n"
    assert metadata(text).issuers == ("岚溪镇人民政府",)


def test_values_that_lost_their_labels_say_nothing_of_the_work(record: Record) -> None:
    report = record(f"{INDEX}\n司法\n岚溪镇人民政府\n2025.01.09\n2025.02.03\n{TITLE}\n{BODY}")
    assert (report.metadata.title, report.metadata.report_year) == (TITLE, 2024)
    assert report.metadata.document_number is None
    assert [i.text for i in report.indicators] == ["5件"]


@pytest.mark.parametrize("value", ["", "无", "无文号", "〔〕号", "2025"])
def test_an_empty_document_number_is_none(metadata: Read, value: str) -> None:
    assert metadata(f"索引号：{INDEX}\n文号：{value}\n{TITLE}\n{BODY}").document_number is None


@pytest.mark.parametrize(
    ("head", "title", "year"),
    [
        ("岚溪镇2024年法治政府建设工作报告", "岚溪镇2024年法治政府建设工作报告", 2024),
        ("岚溪镇2024年度法治政府建设情况报告", "岚溪镇2024年度法治政府建设情况报告", 2024),
        ("岚溪镇人民政府关于2024年度法治政府建设工作情况的报告", "岚溪镇人民政府关于2024年度法治政府建设工作情况的报告", 2024),
        ("2024年岚溪镇法治政府建设年度报告", "2024年岚溪镇法治政府建设年度报告", 2024),
        ("岚溪乡2024年法治政府建设工作总结", "岚溪乡2024年法治政府建设工作总结", 2024),
        ("关于2024年度法治政府建设情况的报告", "关于2024年度法治政府建设情况的报告", 2024),
        ("岚溪镇法治政府建设情况报告", "岚溪镇法治政府建设情况报告", None),
        ("岚溪镇2024年依法行政工作总结", "岚溪镇2024年依法行政工作总结", 2024),
        ("# 岚溪镇2024年法治政府建设工作报告", "岚溪镇2024年法治政府建设工作报告", 2024),
        ("**岚溪镇2024年法治政府建设工作报告**", "岚溪镇2024年法治政府建设工作报告", 2024),
        ("岚溪镇 2024 年法治政府建设工作报告", "岚溪镇2024年法治政府建设工作报告", 2024),
        ("嵐溪鎮2024年法治政府建設工作報告", "嵐溪鎮2024年法治政府建設工作報告", 2024),
        # broken over lines, repeated, above or below other lines
        ("岚溪镇人民政府\n关于2024年度法治政府建设情况的报告", "岚溪镇人民政府关于2024年度法治政府建设情况的报告", 2024),
        ("关于报送2024年度法治政府建设工作报告的函", "关于报送2024年度法治政府建设工作报告的函", 2024),
        ("岚溪镇2024年法治政府建设工作总结及2025年工作谋划", "岚溪镇2024年法治政府建设工作总结及2025年工作谋划", 2024),
        ("岚溪镇2024年法治政府\n建设工作报告", "岚溪镇2024年法治政府建设工作报告", 2024),
        ("岚溪镇2024年法治政府建设\n年度报告", "岚溪镇2024年法治政府建设年度报告", 2024),
        ("岚溪镇2024年法治政府建设工作报告\n岚溪镇2024年法治政府建设工作报告", "岚溪镇2024年法治政府建设工作报告", 2024),
        ("岚溪镇2024年法治政府建设工作报告\n发布时间：2025-02-03 09:18 来源：岚溪镇 浏览次数：311", TITLE, 2024),
        ("首页 > 政务公开 > 岚溪镇\n岚溪镇2024年法治政府建设工作报告", TITLE, 2024),
        # none
        ("", None, None),
    ],
)
def test_titles(metadata: Read, head: str, title: str | None, year: int | None) -> None:
    found = metadata(head + BODY)
    assert (found.title, found.report_year) == (title, year)


@pytest.mark.parametrize(
    ("text", "year"),
    [
        (f"岚溪镇2024年法治政府建设工作报告\n发布时间：2025-02-03{BODY}", 2024),
        (f"岚溪镇法治政府建设情况报告\n按照工作要求，现将岚溪镇2024年度法治政府建设情况报告如下：{BODY}", 2024),
        pytest.param(
            f"岚溪镇法治政府建设情况报告\n现将2024年度法治政府建设情况报告如下：{BODY}",
            2024,
            marks=pytest.mark.xfail(strict=True, reason="a short introduction is taken for a line of the letterhead"),
        ),
        ("岚溪镇法治政府建设情况报告\n2024年，岚溪镇扎实推进依法行政，各项工作稳步提升。" + BODY, 2024),
        ("岚溪镇法治政府建设情况报告\n2024年以来，岚溪镇扎实推进依法行政，各项工作稳步提升。" + BODY, 2024),
        (
            "岚溪镇法治政府建设情况报告\n一、2024年主要举措和成效\n依法行政水平稳步提升。\n二、2025年工作打算\n加强学习。\n",
            2024,
        ),
        ("岚溪镇法治政府建设情况报告\n落实2021—2025年规划，展望2035年。" + BODY, None),
        ("岚溪镇2024年法治政府建设工作报告\n一、2023年主要举措和成效\n依法行政水平稳步提升。\n", 2024),
        ("岚溪镇2024年法治政府建设工作报告\n今年是“八五”普法的第四年，全镇扎实推进依法行政。" + BODY, 2024),
        ("岚溪镇二○二四年法治政府建设工作报告" + BODY, 2024),
    ],
)
def test_report_year(metadata: Read, text: str, year: int | None) -> None:
    assert metadata(text).report_year == year


@pytest.mark.parametrize(
    ("text", "issuers", "township"),
    [
        (f"岚溪镇人民政府关于2024年法治政府建设情况的报告{BODY}", ("岚溪镇人民政府",), "岚溪镇"),
        (
            f"中共岚溪镇委员会 岚溪镇人民政府关于2024年法治政府建设情况的报告{BODY}",
            ("中共岚溪镇委员会", "岚溪镇人民政府"),
            "岚溪镇",
        ),
        pytest.param(
            f"中共岚溪镇委员会\n岚溪镇人民政府\n关于2024年度法治政府建设情况的报告{BODY}",
            ("中共岚溪镇委员会", "岚溪镇人民政府"),
            "岚溪镇",
            marks=pytest.mark.xfail(strict=True, reason="of two issuers above the title only the nearer one is read"),
        ),
        (f"{TITLE}{BODY}\n岚溪镇人民政府\n2025年1月9日\n", ("岚溪镇人民政府",), "岚溪镇"),
        (f"{TITLE}{BODY}\n中共岚溪镇委员会\n岚溪镇人民政府\n2025年1月9日\n", ("中共岚溪镇委员会", "岚溪镇人民政府"), "岚溪镇"),
        (f"望川街道办事处2024年法治政府建设工作报告{BODY}", ("望川街道办事处",), "望川街道"),
        (f"岚溪县人民政府望川街道办事处2024年法治政府建设工作报告{BODY}", ("岚溪县人民政府望川街道办事处",), "望川街道"),
        (f"禾阳县司法局2024年法治政府建设工作报告{BODY}", ("禾阳县司法局",), None),
        (f"关于2024年度法治政府建设情况的报告{BODY}", (), None),
    ],
)
def test_issuers(metadata: Read, text: str, issuers: tuple[str, ...], township: str | None) -> None:
    found = metadata(text)
    assert (found.issuers, found.township) == (issuers, township)


@pytest.mark.parametrize(
    ("line", "addressee"),
    [
        ("区委、区政府：", "区委、区政府"),
        ("县委：", "县委"),
        ("中共禾阳县委、禾阳县人民政府：", "中共禾阳县委、禾阳县人民政府"),
        ("禾阳县人民政府：", "禾阳县人民政府"),
        ("市委全面依法治市委员会：", "市委全面依法治市委员会"),
        ("县委全面依法治县委员会办公室：", "县委全面依法治县委员会办公室"),
        ("县委依法治县办：", "县委依法治县办"),
        ("县人大常委会：", "县人大常委会"),
        ("禾阳县司法局:", "禾阳县司法局"),
        ("现将有关情况报告如下：", None),
        ("来源：禾阳县人民政府", None),
    ],
)
@pytest.mark.parametrize("head", [f"{TITLE}\n", ""])
def test_addressee(metadata: Read, head: str, line: str, addressee: str | None) -> None:
    found = metadata(f"{head}{line}{BODY}")
    assert found.addressee == addressee
    assert found.issuers == ()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (f"岚政〔2025〕6号\n{TITLE}{BODY}", "岚政〔2025〕6号"),
        (f"{TITLE}\n岚政发〔2025〕16号{BODY}", "岚政发〔2025〕16号"),
        (f"岚府文[2025]6号\n{TITLE}{BODY}", "岚府文[2025]6号"),
        (f"{TITLE}\n根据《县政府工作要点》（禾府办〔2024〕3号）要求，报告如下：{BODY}", None),
        (f"{TITLE}{BODY.replace('学法不够深入', '落实《方案》（禾府办〔2024〕3号）不够到位')}", None),
        (f"{TITLE}{BODY}", None),
    ],
)
def test_document_number(metadata: Read, text: str, number: str | None) -> None:
    """Only the number in the head is the report's own."""
    assert metadata(text).document_number == number


@pytest.mark.parametrize(
    ("text", "date"),
    [
        (f"{TITLE}{BODY}\n岚溪镇人民政府\n2025年1月9日\n", "2025-01-09"),
        (f"{TITLE}{BODY}\n岚溪镇人民政府\n二○二五年一月九日\n", "2025-01-09"),
        (f"{TITLE}{BODY}\n岚溪镇人民政府\n二〇二五年二月二十八日\n", "2025-02-28"),
        (f"{TITLE}{BODY}\n岚溪镇人民政府\n2025年12月31日\n打印 关闭\n", "2025-12-31"),
        (f"{TITLE}\n发布时间：2025-02-03 09:18\n{BODY}\n岚溪镇人民政府\n2025年1月9日\n", "2025-01-09"),
        (f"成文日期：2025/1/9 发布日期：2025-02-03\n{TITLE}{BODY}", "2025-01-09"),
        (f"今天是：2026年3月1日 星期日\n{TITLE}{BODY}", None),
        (f"{TITLE}\n——2025年3月8日在岚溪镇第六届人民代表大会第二次会议上\n{BODY}", "2025-03-08"),
        (f"{TITLE}\n——2025年3月8日在岚溪镇第六届人民代表大会第二次\n会议上\n\n镇长  周  明\n{BODY}", "2025-03-08"),
        (f"{TITLE}\n（2025年2月17日在镇人大全体会议上）\n{BODY}\n岚溪镇人民政府\n2025年2月20日\n", "2025-02-20"),
        (f"{TITLE}\n2025年3月8日在全镇法治工作会议上的讲话\n{BODY}", None),
        (f"{TITLE}{BODY.replace('学法不够深入', '2024年3月5日的整改尚未完成')}", None),
    ],
)
def test_issue_date(metadata: Read, text: str, date: str | None) -> None:
    assert metadata(text).issue_date == date


def test_an_index_number_is_no_indicator(record: Record) -> None:
    report = record(LAYOUTS["bullets"] + BODY)
    assert [i.text for i in report.indicators] == ["5件"]


def test_nothing_is_inferred(metadata: Read) -> None:
    assert metadata("全年调解纠纷5件。") == Metadata()
