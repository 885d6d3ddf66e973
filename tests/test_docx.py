"""Word documents: what a reader of the accepted document sees, and nothing else."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from extractor.errors import InputError
from extractor.numerals import parse_chinese
from extractor.reading import docx
from extractor.reading.numbering import chinese_numeral, numeral, paragraph_styles, read_numbering
from extractor.reading.types import Extracted, Limits
from tests import office_files as make
from tests.broken import changed, changes_of

LEVELS = (
    make.level(0, "chineseCounting", "%1、"),
    make.level(1, "chineseCounting", "（%2）"),
    make.level(2, "decimal", "%3."),
)


def read(data: bytes, limits: Limits | None = None) -> Extracted:
    return docx.read(data, "report.docx", limits or Limits())


def lines(body: str, **parts: str) -> list[str]:
    return read(make.docx(body, **parts)).text.splitlines()


# ------------------------------------------------------------------------------------------------ numbering


def test_automatic_numbers_become_the_marks_that_a_reader_sees() -> None:
    body = "".join(
        [
            make.numbered("主要举措", 1),
            make.numbered("依法决策", 1, 1),
            make.numbered("规范执法", 1, 1),
            make.numbered("日常检查", 1, 2),
            make.paragraph("正文没有编号。"),
            make.numbered("专项检查", 1, 2),
            make.numbered("存在问题", 1),
            make.numbered("力量不足", 1, 1),
        ]
    )
    found = lines(body, numbering=make.abstract(0, *LEVELS) + make.num(1, 0))
    assert found == [
        "一、主要举措",
        "（一）依法决策",
        "（二）规范执法",
        "1. 日常检查",
        "正文没有编号。",
        "2. 专项检查",
        "二、存在问题",
        "（一）力量不足",
    ]


def test_lists_of_one_definition_count_on_and_an_override_starts_anew() -> None:
    override = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
    numbering = make.abstract(0, *LEVELS) + make.num(1, 0) + make.num(2, 0) + make.num(3, 0, override)
    body = "".join(make.numbered(words, at) for words, at in [("甲", 1), ("乙", 2), ("丙", 3), ("丁", 3), ("戊", 1)])
    assert lines(body, numbering=numbering) == ["一、甲", "二、乙", "五、丙", "六、丁", "七、戊"]


def test_an_override_may_replace_the_whole_level() -> None:
    override = f'<w:lvlOverride w:ilvl="0">{make.level(0, "decimalEnclosedCircle", "%1", start=3)}</w:lvlOverride>'
    numbering = make.abstract(0, *LEVELS) + make.num(1, 0, override)
    assert lines(make.numbered("甲", 1) + make.numbered("乙", 1), numbering=numbering) == ["③甲", "④乙"]


def test_a_level_that_never_restarts_and_one_that_restarts_late() -> None:
    levels = (
        make.level(0, "chineseCounting", "%1、"),
        make.level(1, "decimal", "%2)", '<w:lvlRestart w:val="0"/>'),
        make.level(2, "lowerLetter", "%3)", '<w:lvlRestart w:val="1"/>'),
    )
    order = [(0, "A"), (1, "B"), (2, "C"), (1, "D"), (2, "E"), (0, "F"), (1, "G"), (2, "H")]
    body = "".join(make.numbered(words, 1, at) for at, words in order)
    found = lines(body, numbering=make.abstract(0, *levels) + make.num(1, 0))
    assert found == ["一、A", "1) B", "a) C", "2) D", "b) E", "二、F", "3) G", "a) H"]


def test_numbers_of_higher_levels_in_legal_form() -> None:
    levels = (make.level(0, "chineseCounting", "第%1章"), make.level(1, "decimal", "%1.%2", "<w:isLgl/>"))
    body = make.numbered("总则", 1) + make.numbered("目的", 1, 1) + make.numbered("罚则", 1) + make.numbered("处罚", 1, 1)
    found = lines(body, numbering=make.abstract(0, *levels) + make.num(1, 0))
    assert found == ["第一章总则", "1.1 目的", "第二章罚则", "2.1 处罚"]


def test_numbering_by_style_its_parent_and_the_style_of_a_level() -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr>'
        "</w:pPr></w:style>"
        '<w:style w:type="paragraph" w:styleId="H2"><w:name w:val="heading 2"/><w:basedOn w:val="H1"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="H3"><w:name w:val="heading 3"/><w:basedOn w:val="H1"/><w:pPr><w:numPr>'
        '<w:ilvl w:val="2"/></w:numPr></w:pPr></w:style>'
    )
    levels = (LEVELS[0], make.level(1, "chineseCounting", "（%2）", '<w:pStyle w:val="H2"/>'), LEVELS[2])
    body = "".join(make.paragraph(style, f'<w:pStyle w:val="{style}"/>') for style in ("H1", "H2", "H3", "H1"))
    body += make.paragraph("无编号", '<w:pStyle w:val="H1"/><w:numPr><w:numId w:val="0"/></w:numPr>')
    found = lines(body, styles=styles, numbering=make.abstract(0, *levels) + make.num(1, 0))
    assert found == ["一、H1", "（一）H2", "1. H3", "二、H1", "无编号"]


STYLES = {
    "table": '<w:style w:type="table" w:styleId="T"><w:name w:val="t"/></w:style>',
    "character": '<w:style w:styleId="C" w:type="character"><w:name w:val="c"/></w:style>\n',
    "paragraph": '<w:style w:type="paragraph" w:styleId="P"><w:name w:val="p"/><w:pPr><w:numPr/></w:pPr></w:style>',
    "numbering": '<w:style w:type="numbering" w:styleId="N"><w:name w:val="n"/></w:style> ',
    "empty": '<w:style w:type="table" w:styleId="E"/>',
    "other": '<w:docDefaults/><w:latentStyles><w:lsdException w:name="x"/></w:latentStyles>',
    "written otherwise": '<w:style\nw:type="paragraph" w:styleId="Q"><w:name w:val="q"/></w:style>',
    "comment": '<!-- <w:style w:type="paragraph" w:styleId="X"> -->',
}


@given(st.lists(st.sampled_from(sorted(STYLES)), max_size=8))
def test_of_styles_those_of_tables_and_characters_alone_go(kinds: list[str]) -> None:
    whole = f"<w:styles {make.NAMESPACES}>{''.join(STYLES[kind] for kind in [*kinds, 'paragraph'])}</w:styles>".encode()
    before = read_numbering(etree.fromstring(whole), None).styles
    after = read_numbering(etree.fromstring(paragraph_styles(whole)), None).styles
    assert {name: after.get(name) for name in "PQN"} == {name: before.get(name) for name in "PQN"}
    if not {"empty", "other", "written otherwise", "comment"} & set(kinds):
        assert not {"T", "C"} & set(after)


def test_a_definition_may_be_that_of_a_list_style() -> None:
    styles = (
        '<w:style w:type="numbering" w:styleId="L"><w:name w:val="公文"/><w:pPr><w:numPr><w:numId w:val="7"/></w:numPr></w:pPr>'
        "</w:style>"
    )
    linked = '<w:abstractNum w:abstractNumId="1"><w:numStyleLink w:val="L"/></w:abstractNum>'
    numbering = make.abstract(0, *LEVELS) + linked + make.num(7, 0) + make.num(8, 1)
    assert lines(make.numbered("甲", 8), styles=styles, numbering=numbering) == ["一、甲"]


def test_bullets_are_no_words_and_styles_that_go_in_circles_end() -> None:
    styles = '<w:style w:type="paragraph" w:styleId="A"><w:name w:val="a"/><w:basedOn w:val="A"/></w:style>'
    numbering = make.abstract(0, make.level(0, "bullet", "\uf0b7")) + make.num(1, 0)
    body = make.numbered("甲", 1) + make.paragraph("乙", '<w:pStyle w:val="A"/>')
    assert lines(body, styles=styles, numbering=numbering) == ["甲", "乙"]


@pytest.mark.parametrize(
    ("number", "number_format", "shown"),
    [
        (10, "chineseCounting", "十"),
        (21, "japaneseCounting", "二十一"),
        (105, "chineseCountingThousand", "一百〇五"),
        (110, "chineseCountingThousand", "一百一十"),
        (2024, "ideographDigital", "二〇二四"),
        (12, "chineseLegalSimplified", "壹拾贰"),
        (3, "ideographTraditional", "丙"),
        (2, "ideographZodiac", "丑"),
        (20, "decimalEnclosedCircleChinese", "⑳"),
        (21, "decimalEnclosedCircle", "21"),
        (7, "decimalZero", "07"),
        (12, "decimalFullWidth", "１２"),
        (3, "decimalEnclosedParen", "(3)"),
        (4, "ideographEnclosedCircle", "㊃"),
        (28, "lowerLetter", "bb"),
        (1994, "upperRoman", "MCMXCIV"),
        (9, "something else", "9"),
    ],
)
def test_number_formats(number: int, number_format: str, shown: str) -> None:
    assert numeral(number, number_format) == shown


@given(st.integers(1, 99_999))
def test_a_numeral_is_read_back_as_its_number(number: int) -> None:
    assert parse_chinese(chinese_numeral(number)) == number


# ------------------------------------------------------------------------------------------------ what is text and what is not


def test_tracked_changes_are_accepted() -> None:
    body = (
        "<w:p><w:r><w:t>调解</w:t></w:r><w:ins><w:r><w:t>矛盾纠纷57件</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>45件</w:delText></w:r></w:del>"
        "<w:moveTo><w:r><w:t>，成功56件</w:t></w:r></w:moveTo><w:moveFrom><w:r><w:t>，移走3件</w:t></w:r></w:moveFrom></w:p>"
        "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>开展宣传</w:t></w:r></w:p>"
        "<w:p><w:r><w:t>12场次。</w:t></w:r></w:p>"
        f"<w:ins>{make.paragraph('新增一段。')}</w:ins><w:del>{make.paragraph('删去一段。')}</w:del>"
    )
    assert lines(body) == ["调解矛盾纠纷57件，成功56件", "开展宣传12场次。", "新增一段。"]


def test_headers_footers_and_comments_are_no_text() -> None:
    body = make.paragraph("正文。") + '<w:p><w:r><w:commentReference w:id="1"/><w:t>二</w:t></w:r></w:p>'
    found = lines(body, header=make.paragraph("某镇人民政府"), footer=make.paragraph("第1页"))
    assert found == ["正文。", "二"]


def test_results_of_fields_links_and_controls_stay_and_their_codes_go() -> None:
    body = (
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>DATE</w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>2024年</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
        '<w:fldSimple w:instr="REF x"><w:r><w:t>共3件</w:t></w:r></w:fldSimple>'
        '<w:hyperlink r:id="r1"><w:r><w:t>，详见附件</w:t></w:r></w:hyperlink>'
        "<w:sdt><w:sdtContent><w:r><w:t>。</w:t></w:r></w:sdtContent></w:sdt></w:p>"
        f"<w:sdt><w:sdtPr><w:alias w:val='x'/></w:sdtPr><w:sdtContent>{make.paragraph('控件内的段落。')}</w:sdtContent></w:sdt>"
    )
    assert lines(body) == ["2024年共3件，详见附件。", "控件内的段落。"]


def test_the_table_of_contents_is_no_text() -> None:
    styles = '<w:style w:type="paragraph" w:styleId="T1"><w:name w:val="toc 1"/></w:style>'
    gallery = '<w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
    body = (
        f"<w:sdt>{gallery}<w:sdtContent>{make.paragraph('目录')}</w:sdtContent></w:sdt>"
        + make.paragraph("一、主要举措 1", '<w:pStyle w:val="T1"/>')
        + make.paragraph("一、主要举措")
    )
    assert lines(body, styles=styles) == ["一、主要举措"]


def test_breaks_tabs_symbols_hyphens_and_hidden_words() -> None:
    body = (
        "<w:p><w:r><w:t>第一行</w:t><w:br/><w:t>第二行</w:t><w:tab/><w:t>12</w:t><w:noBreakHyphen/><w:t>3</w:t><w:softHyphen/></w:r>"
        '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/><w:sym w:font="X" w:char="zz"/></w:r>'
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏99件</w:t></w:r>"
        '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>可见</w:t></w:r>'
        "<w:r><w:ruby><w:rt><w:r><w:t>pin</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>拼</w:t></w:r></w:rubyBase></w:ruby></w:r>"
        "<m:oMath><m:r><m:t>98%</m:t></m:r></m:oMath></w:p>"
    )
    assert lines(body) == ["第一行", "第二行\t12-3☑可见拼98%"]


def test_a_text_box_is_read_once_after_its_paragraph() -> None:
    words = make.paragraph("文本框：调解57件。")
    body = (
        "<w:p><w:r><w:t>正文</w:t></w:r><w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:txbx>"
        f"<w:txbxContent>{words}</w:txbxContent></wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>"
        f"<w:txbxContent>{words}</w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        "<w:r><w:t>继续。</w:t></w:r></w:p>"
    )
    assert lines(body) == ["正文继续。", "文本框：调解57件。"]


def test_a_footnote_follows_its_paragraph() -> None:
    body = '<w:p><w:r><w:t>罚款3万元</w:t><w:footnoteReference w:id="2"/><w:t>。</w:t></w:r></w:p>' + make.paragraph("下段。")
    notes = f'<w:footnote w:id="2">{make.paragraph("含没收金额。")}</w:footnote>'
    assert lines(body, footnotes=notes) == ["罚款3万元。", "含没收金额。", "下段。"]


# ------------------------------------------------------------------------------------------------ tables, places


def test_tables_stand_in_their_place_with_rows_as_lines() -> None:
    body = make.paragraph("数据如下：") + make.table(("指标", "单位", "数量"), ("调解纠纷", "件", "57"), ("", "", ""))
    assert lines(body + make.paragraph("特此报告。")) == ["数据如下：", "指标\t单位\t数量", "调解纠纷\t57\t件", "特此报告。"]


def test_cells_that_hold_running_text_are_read_as_such() -> None:
    long = make.paragraph("全年开展工作。" * 20) * 2
    body = f"<w:tbl><w:tr><w:tc>{make.paragraph('甲')}</w:tc><w:tc>{long}</w:tc></w:tr>"
    body += f"<w:tr><w:tc>{make.paragraph('乙')}{make.table(('内', '表'))}</w:tc></w:tr></w:tbl>"
    assert lines(body) == ["甲", "全年开展工作。" * 20, "全年开展工作。" * 20, "乙", "内\t表"]


def test_each_paragraph_and_cell_has_its_number() -> None:
    body = make.paragraph("第一段") + make.paragraph("") + make.table(("调解", "57件")) + make.paragraph("末段")
    extracted = read(make.docx(body))
    found = {extracted.text[place.start :].split("\n")[0].split("\t")[0]: place.paragraph for place in extracted.places}
    assert found == {"第一段": 1, "调解": 3, "57件": 4, "末段": 5}


def test_a_large_picture_is_a_notice_and_a_small_one_is_none() -> None:
    picture = (
        '<w:p><w:r><w:drawing><wp:inline><wp:extent cx="{0}" cy="{0}"/><a:graphic><a:blip/></a:graphic></wp:inline></w:drawing>'
        "</w:r></w:p>"
    )
    body = make.paragraph("正文。") + picture.format(5_000_000) + picture.format(100_000)
    (notice,) = read(make.docx(body)).notices
    assert notice.code == "picture_not_read"
    assert dict(notice.words) == {"paragraph": "2"}
    with pytest.raises(InputError, match="no text but pictures"):
        read(make.docx(picture.format(5_000_000)))


def test_the_strict_form_is_read_like_the_transitional_one() -> None:
    transitional = make.docx(make.numbered("甲", 1), numbering=make.abstract(0, *LEVELS) + make.num(1, 0))
    with zipfile.ZipFile(BytesIO(transitional)) as archive:
        parts = {name: archive.read(name).decode().replace(make.W, make.STRICT_W) for name in archive.namelist()}
    old, new = "http://schemas.openxmlformats.org/officeDocument/2006/", "http://purl.oclc.org/ooxml/officeDocument/"
    strict = make.package({name: content.replace(old, new) for name, content in parts.items()})
    assert strict != transitional
    assert read(strict) == read(transitional)


# ------------------------------------------------------------------------------------------------ hostile and broken


BOMB = (
    '<!DOCTYPE d [<!ENTITY a "调解57件"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    f'<w:document xmlns:w="{make.W}"><w:body><w:p><w:r><w:t>&c;</w:t></w:r></w:p></w:body></w:document>'
)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (make.package({"word/document.xml": BOMB}), "declares a document type"),
        (make.package({"word/document.xml": '<!DOCTYPE d SYSTEM "http://localhost:9/x.dtd"><d/>'}), "declares a document type"),
        (make.package({"word/document.xml": BOMB.encode("utf-16")}), "declares a document type"),
        (make.package({"word/document.xml": "<w:document"}), "damaged"),
        (make.package({"word/other.xml": "<x/>"}), "damaged"),
        (make.package({"word/document.xml": "<x/>"}), "damaged"),
        (make.docx(""), "holds no text"),
        (make.docx("<w:sdt><w:sdtContent>" * 200 + make.paragraph("x") + "</w:sdtContent></w:sdt>" * 200), "nested too deep"),
        (b"PK\x03\x04", "damaged"),
        (b"", "damaged"),
    ],
)
def test_what_cannot_be_read_is_a_named_error(data: bytes, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        read(data)


def test_an_external_entity_is_never_fetched(tmp_path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("秘密99件", encoding="utf-8")
    body = (
        f'<!DOCTYPE d [<!ENTITY x SYSTEM "{secret.as_uri()}">]><w:document xmlns:w="{make.W}"><w:body><w:p><w:r><w:t>&x;</w:t>'
        "</w:r></w:p></w:body></w:document>"
    )
    with pytest.raises(InputError, match="document type") as error:
        read(make.package({"word/document.xml": body}))
    assert "秘密" not in str(error.value)


def test_limits_of_unpacked_size_text_and_parts() -> None:
    data = make.docx(make.paragraph("调解" * 50_000))
    for limits, reason in [
        (Limits(file_bytes=100_000), "unpacks to more than 100000 bytes"),
        (Limits(unpacked_bytes=100_000), "unpacks to more than"),
        (Limits(characters=1000), "more than 1000 characters"),
        (Limits(members=3), "parts"),
    ]:
        with pytest.raises(InputError, match=reason):
            read(data, limits)
    assert len(read(data).text) == 100_001


def test_a_paragraph_of_fifty_megabytes_is_over_a_limit() -> None:
    with pytest.raises(InputError, match="more than 2000000 characters"):
        read(make.docx(make.paragraph("调" * 2_500_000)))
    with pytest.raises(InputError, match=r"piece of more than 10000000 bytes \(word/document.xml\)"):
        read(make.docx(make.paragraph("调" * 17_000_000)))


def test_a_document_under_a_password_is_named_as_such() -> None:
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le") + bytes(500)
    with pytest.raises(InputError, match="protected by a password"):
        read(data)


WHOLE = make.docx(
    make.numbered("主要举措", 1) + make.table(("调解", "57件")), numbering=make.abstract(0, *LEVELS) + make.num(1, 0)
)


@given(st.integers(0, len(WHOLE) - 1))
def test_a_truncated_document_is_an_error(end: int) -> None:
    with pytest.raises(InputError):
        read(WHOLE[:end])


@given(changes_of(WHOLE))
def test_a_document_with_changed_bytes_gives_text_or_an_error(changes: list[tuple[int, int]]) -> None:
    try:
        extracted = read(changed(WHOLE, changes))
    except InputError:
        return
    assert extracted.text.strip()


@given(st.text(st.sampled_from("<>/wprtbl:numId=\"' 一1&;"), max_size=300))
def test_any_words_in_place_of_the_body_give_text_or_an_error(body: str) -> None:
    try:
        read(make.docx(body))
    except InputError:
        return
