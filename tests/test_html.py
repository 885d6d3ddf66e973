"""Web pages: the main text, line by line, whatever stands around it and however the page is made."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.errors import InputError
from extractor.models import Report
from extractor.reading import Limits, ReadOptions, read_bytes, read_bytes_here
from tests.conftest import SAMPLES
from tests.pages import INDEX, LAYOUTS
from tests.stages import STAGES

TITLE = "青禾镇人民政府2023年度法治政府建设年度报告"
LINES = [
    "2023年，青禾镇认真贯彻上级部署，扎实推进法治政府建设，现将情况报告如下：",
    "一、主要做法和成效",
    "（一）依法化解纠纷。全年共调解矛盾纠纷57起，调解成功率98.2%，未发生“民转刑”案件。",
    "（二）开展法治宣传。举办宣传活动12场次，发放宣传资料3000余份，受众2600余人次。",
    "二、存在的问题",
    "一是执法力量不足；二是普法形式单一，群众参与热情不高。",
    "三、下一步打算",
    "2024年计划开展法治培训4次，办好法治文艺演出。",
    "青禾镇人民政府",
    "2024年1月12日",
]
Layout = Callable[[str, list[str]], str]


def _text(page: str | bytes, options: ReadOptions | None = None) -> str:
    data = page.encode() if isinstance(page, str) else page
    return read_bytes(data, "报告.html", options or ReadOptions()).text


def _lines(page: str | bytes) -> list[str]:
    return [line.strip("\xa0 ") for line in _text(page).splitlines()]


def _bare(lines: list[str]) -> list[str]:
    return [re.sub(r"[\s：]", "", line) for line in lines]


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_the_report_is_found_line_by_line_and_nothing_else(layout: Layout) -> None:
    found = _bare(_lines(layout(TITLE, LINES)))
    assert found[-len(LINES) - 1 :] == _bare([TITLE, *LINES])
    index = "".join(found[: -len(LINES) - 1])
    assert index in ("", "".join(f"{label}{value}" for label, value in INDEX))


@pytest.mark.parametrize("layout", [layout for name, layout in LAYOUTS.items() if name != "loose"])
def test_the_index_gives_the_metadata(layout: Layout) -> None:
    metadata = STAGES.extract(read_bytes(layout(TITLE, LINES).encode(), "x.html")).metadata
    assert (metadata.index_number, metadata.document_number) == ("002611459/2024-00321", "青政发〔2024〕3号")
    assert (metadata.title, metadata.township, str(metadata.issue_date)) == (TITLE, "青禾镇", "2024-01-12")


def _found(report: Report) -> list[tuple[object, ...]]:
    return [(i.code, i.value, i.low, i.high, i.unit, i.qualifier, i.modality, i.text) for i in report.indicators]


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("path", SAMPLES[::4], ids=lambda path: path.stem)
def test_a_page_gives_the_indicators_of_its_text(path, layout: Layout) -> None:
    lines = [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()]
    page = read_bytes(layout(TITLE, lines).encode(), "x.html")
    assert _found(STAGES.extract(page, with_text=True)) == _found(STAGES.extract(read_bytes(path.read_bytes(), "x.txt")))


def test_each_line_has_its_paragraph_and_indicators_say_where_they_stand() -> None:
    document = read_bytes(LAYOUTS["plain"](TITLE, LINES).encode(), "x.html")
    assert document.media_type == "text/html"
    starts = [place.start for place in document.places]
    assert [place.paragraph for place in document.places] == list(range(1, len(starts) + 1))
    lines = document.text.splitlines(keepends=True)
    assert starts == [len("".join(lines[:n])) for n in range(len(lines))]
    report = STAGES.extract(document)
    first = next(i for i in report.indicators if i.text == "57起")
    assert first.location is not None
    assert lines[(first.location.paragraph or 0) - 1].startswith("（一）依法化解纠纷")


def test_a_table_of_the_report_reads_row_by_row() -> None:
    rows = [("项目", "单位", "数量"), ("调解矛盾纠纷", "件", "57"), ("法治宣传活动", "场次", "12")]
    table = "".join("<tr>" + "".join(f"<td><p>{cell}</p></td>" for cell in row) + "</tr>" for row in rows)
    lines = _lines(f"<html><body><div><p>{LINES[2]}</p><table>{table}</table><p>{LINES[3]}</p></div></body></html>")
    assert lines == [LINES[2], "项目\t单位\t数量", "调解矛盾纠纷\t57\t件", "法治宣传活动\t12\t场次", LINES[3]]


@pytest.mark.parametrize(
    ("markup", "lines"),
    [
        ("<p>甲<br>乙<br/><br>丙</p>", ["甲", "乙", "丙"]),
        ("<p>甲\n  乙</p><div>丙<p>丁</div>", ["甲 乙", "丙", "丁"]),
        ("<pre>甲\n乙</pre>", ["甲", "乙"]),
        ("<ol><li>加强培训<li>（二）加强监督</ol><ol start=3><li>整改</ol>", ["1. 加强培训", "（二）加强监督", "3. 整改"]),
        ("<ol style='list-style: none'><li>加强培训</ol><ul><li>监督</ul>", ["加强培训", "监督"]),
        ("<p>调解<b>57</b><i>起</i>，占<sup>约</sup>98%</p>", ["调解57起，占约98%"]),
        ("<p>&#x4E00;、A&amp;B&nbsp;&lt;5&gt;</p>", ["一、A&B\xa0<5>"]),
        ("<p>甲<script>乙()</script>丙<style>p{}</style><!-- 丁 --><?戊?></p>", ["甲丙"]),
        ("<p hidden>甲</p><p style='DISPLAY:NONE'>乙</p><p>丙<span style='visibility: hidden'>丁</span>戊</p>", ["丙戊"]),
    ],
)
def test_what_a_browser_shows_as_lines(markup: str, lines: list[str]) -> None:
    assert _text(f"<html><body>{markup}</body></html>").splitlines() == lines


def test_a_name_from_around_the_text_does_not_take_the_text_away() -> None:
    assert _lines(f"<html><body class='nav'><div id='comment'><p>{LINES[2]}</p></div></body></html>") == [LINES[2]]


def test_a_title_that_stands_in_the_head_alone_is_the_first_line() -> None:
    assert _lines(f"<html><head><title>{TITLE} - 青禾镇</title></head><body><p>{LINES[2]}</p></body></html>") == [
        TITLE,
        LINES[2],
    ]


def test_a_page_without_sentences_gives_what_is_not_a_link() -> None:
    assert _lines("<html><body><p><a href='/'>首页</a></p><p>调解纠纷 57 起</p></body></html>") == ["调解纠纷 57 起"]


@pytest.mark.parametrize("declared", ["utf-8", "gb2312", "big5", "iso-8859-1", "x-none", "utf-16"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-8-sig"])
def test_a_declared_charset_that_lies_is_passed_over(declared: str, encoding: str) -> None:
    page = f"<html><head><meta charset='{declared}'></head><body><p>{LINES[2]}</p></body></html>"
    document = read_bytes(page.encode(encoding), "x.html")
    assert document.text == f"{LINES[2]}\n"
    assert document.encoding == encoding
    assert not document.notices


@pytest.mark.parametrize("encoding", ["gbk", "gb2312", "utf-16", "utf-8"])
def test_a_page_in_any_encoding_of_chinese(encoding: str) -> None:
    page = f"<html><head><meta charset='{encoding}'></head><body><p>{LINES[2]}</p></body></html>".encode(encoding)
    assert _text(page) == f"{LINES[2]}\n"
    assert _text(page, ReadOptions(encoding)) == f"{LINES[2]}\n"


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("<!DOCTYPE HTML>\n<p>甲</p>", "x.txt"),
        ("\ufeff\n <HTML><p>甲</p>", "x.docx"),
        (
            "<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN'>\n<html><p>甲</p></html>",
            "x",
        ),
        ("<!-- saved from url=(0014)about:internet -->\n<html><p>甲</p>", "x.txt"),
        ("<div>甲</div>", "x.htm"),
    ],
)
def test_a_page_is_told_by_its_content(page: str, name: str) -> None:
    document = read_bytes(page.encode(), name)
    assert (document.text, document.media_type) == ("甲\n", "text/html")


@pytest.mark.parametrize("text", ["<p>甲</p> 是一段标记", "一、<html> 是什么", "a < b"])
def test_a_text_about_markup_is_a_text(text: str) -> None:
    assert read_bytes(text.encode(), "x.txt").media_type == "text/plain"
    assert read_bytes(text.encode(), "x.txt").text == text


# -------------------------------------------------------------------------------------------------------------- hostile


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("<html><body></body></html>", "without text"),
        ("<html><script>for (;;) {}</script>", "without text"),
        ("<html>" + "<!--" * 100_000, "without text"),
        ("<html>" + "<div>" * 100_000 + "甲", "nested too deep"),
        ("<html><p>甲\x00乙" + "\x01" * 500, "binary"),
    ],
    ids=["nothing", "script", "comments", "deep", "controls"],
)
def test_pages_that_cannot_be_read(page: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        _text(page)


@pytest.mark.parametrize(
    "page",
    [
        "<!---->" * 600 + "<html><p>甲</p>",
        "<html><ol>" + "<li>甲" * 10_000,
        "<html>" + "<div class=nav>" * 1_900 + f"<p>{LINES[2]}</p>" * 500,
        "<html>" + "<table><tr><td>" * 600 + "甲",
        "<html>" + "<p>甲，" * 10_000,
    ],
    ids=["comments", "list", "deep", "tables", "paragraphs"],
)
def test_pages_made_to_take_long_take_no_time_out_of_proportion(page: str) -> None:
    document = read_bytes_here(page.encode(), "x.html")
    assert "甲" in document.text or LINES[2] in document.text


def test_a_page_of_depth_is_read_as_far_as_browsers_go() -> None:
    assert _text("<html>" + "<div>" * 1_500 + "甲") == "甲\n"


def test_a_tag_that_takes_long_is_ended() -> None:
    page = "<html><p " + " ".join(f"a{n}=1" for n in range(120_000)) + ">甲</p>"
    with pytest.raises(InputError, match=r"more than 0\.5 seconds"):
        _text(page, ReadOptions(limits=Limits(seconds=0.5)))


def test_entities_are_not_expanded_and_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "哈"}">' for n in range(12))
    page = f"""<?xml version="1.0"?><!DOCTYPE html SYSTEM "http://192.0.2.1/x.dtd" [{bomb}
<!ENTITY file SYSTEM "file:///etc/passwd">]><html><head><link rel="stylesheet" href="http://192.0.2.1/a.css"></head>
<body><p>甲&e11;&file;乙</p><img src="http://192.0.2.1/a.png"><iframe src="http://192.0.2.1/"></iframe></body></html>"""
    text = _text(page)
    assert "root:" not in text
    assert len(text) < 2_000
    assert "甲" in text


PIECES = [
    *(
        "<p>",
        "</p>",
        "<table>",
        "<tr>",
        "<td>",
        "</td>",
        "<div",
        " class='nav'",
        ">",
        "<br>",
        "<ol>",
        "<li>",
        "<a href=x>",
        "</a>",
    ),
    *("<pre>", "</div>", "<title>", "<!--", "-->", "<![CDATA[", "<body>", "</html>", "&#x110000;", "\x00", "甲。", "57起", "'"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_any_markup_is_read_or_refused(pieces: list[str]) -> None:
    try:
        document = read_bytes(f"<html>{''.join(pieces)}".encode(), "x.html")
    except InputError as error:
        assert error.remedy
    else:
        assert document.text.strip()
        assert [place.start for place in document.places] == sorted({place.start for place in document.places})


@given(st.binary(max_size=60), st.integers(0, 2_000))
def test_any_damage_is_read_or_refused(damage: bytes, at: int) -> None:
    page = LAYOUTS["plain"](TITLE, LINES).encode()
    try:
        assert _text(page[:at] + damage + page[at + len(damage) :], ReadOptions(encoding_errors="replace"))
    except InputError as error:
        assert error.remedy
