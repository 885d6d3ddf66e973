"""Reading: bytes to text without a character lost, and a reason and a remedy for what is no text."""

from __future__ import annotations

import codecs
import hashlib
import io
import os
import zipfile
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import extractor
from extractor import extract_file
from extractor.errors import ExtractorError, InputError
from extractor.reading import STANDARD_INPUT, Limits, ReadOptions, find_inputs, formats, read_bytes, read_documents, read_file
from extractor.reading.formats import Format
from tests.conftest import SAMPLES
from tests.stages import STAGES

SIMPLIFIED = """绿杨街道办事处关于2022年度法治政府建设情况的报告

一、主要做法和成效
（一）依法化解纠纷。全年共调解矛盾纠纷１３６起，调解成功率98.5％，未发生“民转刑”案件。
（二）开展法治宣传。举办宣传活动18场次，受众2600余人次。
"""
TRADITIONAL = """白鷺鎮人民政府關於2022年度法治政府建設情況的報告

一、主要做法和成效
（一）依法化解糾紛。全年共調解矛盾糾紛136起，調解成功率98.5%，開展法治宣傳活動18場次。
"""
SENTENCE = "全年共调解矛盾纠纷57起，调解成功率98.2%。"
RARE = "镕水镇、𬭎山村㐂路1处，收集意见３条。\U00020000"
LINE_ENDS = "一、主要做法\r\n全年培训3次。\r二、存在的问题\n\x0c三、下一步\u2028计划\x85\r\n"

TEXTS = {"report": SIMPLIFIED, "sentence": SENTENCE, "line ends": LINE_ENDS, "rare": RARE}


def _utf16(text: str, order: str) -> bytes:
    mark = codecs.BOM_UTF16_LE if order == "utf-16-le" else codecs.BOM_UTF16_BE
    return mark + text.encode(order)


ENCODED = {
    "utf-8": (lambda text: text.encode("utf-8"), "utf-8"),
    "utf-8 with mark": (lambda text: text.encode("utf-8-sig"), "utf-8-sig"),
    "utf-16 le with mark": (lambda text: _utf16(text, "utf-16-le"), "utf-16"),
    "utf-16 be with mark": (lambda text: _utf16(text, "utf-16-be"), "utf-16"),
    "gb18030": (lambda text: text.encode("gb18030"), "gb18030"),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize(("encode", "expected"), ENCODED.values(), ids=ENCODED)
def test_the_text_comes_back_whole_and_its_encoding_decodes_it(encode, expected: str, text: str) -> None:
    data = encode(text)
    document = read_bytes(data, "绿杨.txt")
    assert document.text == text
    assert document.encoding is not None
    assert codecs.lookup(document.encoding) == codecs.lookup(expected)
    assert data.decode(document.encoding) == document.text
    assert (document.name, document.media_type, document.pages) == ("绿杨.txt", "text/plain", None)
    assert (document.bytes, document.sha256) == (len(data), hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("gbk", SIMPLIFIED),
        ("gbk", SENTENCE),
        ("gb2312", SIMPLIFIED),
        ("big5", TRADITIONAL),
        ("big5", TRADITIONAL * 30),
        ("gbk", SIMPLIFIED * 30),
        ("utf-16-le", SIMPLIFIED),
        ("utf-16-be", SIMPLIFIED),
    ],
)
def test_other_encodings_are_told_by_their_content(encoding: str, text: str) -> None:
    document = read_bytes(text.encode(encoding), "x.txt")
    assert document.text == text
    assert document.encoding is not None
    assert text.encode(encoding).decode(document.encoding) == text


@pytest.mark.parametrize("encoding", ["utf-8", "UTF8", "gbk", "GB18030", "utf-16"])
def test_a_named_encoding_is_obeyed(encoding: str) -> None:
    document = read_bytes(SIMPLIFIED.encode(encoding), "x.txt", ReadOptions(encoding))
    assert (document.text, document.encoding) == (SIMPLIFIED, encoding)


def test_a_named_encoding_leaves_the_mark_to_it() -> None:
    data = SENTENCE.encode("utf-8-sig")
    assert read_bytes(data, "x.txt", ReadOptions("utf-8-sig")).text == SENTENCE
    assert read_bytes(data, "x.txt", ReadOptions("utf-8")).text == "\ufeff" + SENTENCE


@pytest.mark.parametrize(
    ("encoding", "data", "reason"),
    [
        ("ascii", SENTENCE.encode(), "is not ascii: byte 0"),
        ("gb2312", SIMPLIFIED.encode("utf-8"), "is not gb2312: byte"),
        ("utf-8", ("x" * 7).encode() + b"\xff", "is not utf-8: byte 7"),
        ("nix", SENTENCE.encode(), "no encoding 'nix'"),
        ("", SENTENCE.encode(), "no encoding ''"),
        ("hex", SENTENCE.encode(), "no encoding 'hex'"),
        ("undefined", SENTENCE.encode(), "undefined"),
    ],
)
def test_a_wrong_named_encoding(encoding: str, data: bytes, reason: str) -> None:
    error = _refused(data, encoding)
    assert reason in error.reason
    assert error.remedy


def _refused(data: bytes, encoding: str | None = None) -> InputError:
    with pytest.raises(InputError) as caught:
        read_bytes(data, "镇 报告.txt", ReadOptions(encoding))
    error = caught.value
    assert isinstance(error, ExtractorError)
    assert error.name == "镇 报告.txt"
    assert str(error) == f"{error.name}: {error.reason}; {error.remedy}"
    assert "\n" not in str(error)
    return error


@pytest.mark.parametrize(
    "data",
    [
        SIMPLIFIED.encode()[:-2],
        SIMPLIFIED.encode()[:300] + b"\xff" + SIMPLIFIED.encode()[300:],
        SIMPLIFIED.encode("gbk")[:300] + b"\xff" + SIMPLIFIED.encode("gbk")[300:],
        _utf16(SIMPLIFIED, "utf-16-le")[:-1],
        b"\xff\xff\xff\xff" * 20,
    ],
    ids=["cut", "one bad byte", "one bad byte in gbk", "half a character", "no characters"],
)
def test_damaged_bytes_are_no_text_and_never_another_one(data: bytes) -> None:
    error = _refused(data)
    assert "UTF-8" in error.reason or "utf-16" in error.reason
    assert "encoding" in error.remedy


@pytest.mark.parametrize("data", [b"\x00\x01\x02", b"M\x90\x00\x03\x00\x00\x00", b"text \x07\x1b\x02" * 50])
def test_binary_is_no_text(data: bytes) -> None:
    assert "text" in _refused(data).reason


@pytest.mark.parametrize(
    "data",
    [b"", b" \t\r\n\x0c", codecs.BOM_UTF8, _utf16(" \r\n", "utf-16-le"), "\u3000\n".encode()],
    ids=["nothing", "blanks", "mark", "blanks in utf-16", "full-width blanks"],
)
def test_blanks_are_empty(data: bytes) -> None:
    assert _refused(data).reason == "is empty"


@pytest.mark.parametrize(
    ("name", "media_type"), [("x.txt", "text/plain"), ("x.MD", "text/markdown"), ("x.docx", "text/plain"), ("x", "text/plain")]
)
def test_the_content_is_read_whatever_the_ending_says(name: str, media_type: str) -> None:
    document = read_bytes(SENTENCE.encode(), name)
    assert (document.text, document.media_type) == (SENTENCE, media_type)


def test_a_file_is_read_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "绿 杨.txt"
    path.write_bytes(LINE_ENDS.encode())
    document = read_file(path)
    assert (document.text, document.name) == (LINE_ENDS, str(path))
    assert read_file(str(path)) == document


def test_a_file_is_extracted_with_options(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(b"<html><p>" + SENTENCE.encode("gb18030") + b"\xff")
    with pytest.raises(InputError):
        extract_file(path)
    report = extract_file(path, options=extractor.ReadOptions("gb18030", "replace", extractor.Limits(characters=200)))
    assert [(i.text, i.location.paragraph if i.location else None) for i in report.indicators] == [("57起", 1), ("98.2%", 1)]
    with pytest.raises(InputError, match="more than 5 characters"):
        extract_file(path, None, extractor.ReadOptions("gb18030", "replace", extractor.Limits(characters=5)))


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "none.txt", "no such file"), (tmp_path, "is a folder")):
        with pytest.raises(InputError) as caught:
            read_file(path)
        assert caught.value.name == str(path)
        assert caught.value.reason == reason
        assert caught.value.remedy


def test_inputs_are_found_in_one_order(tmp_path: Path) -> None:
    for name in ("b/2.txt", "b/10.md", "a/z.TXT", "z.txt", "a.text", ".git/x.txt", ".x.txt", "~$z.txt", "z.docx", "a/n.json"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    found = list(find_inputs([str(tmp_path), STANDARD_INPUT, str(tmp_path / "a/n.json")]))
    below = [str(tmp_path / name) for name in ("a.text", "z.docx", "z.txt", "a/z.TXT", "b/10.md", "b/2.txt")]
    assert found == [*below, STANDARD_INPUT, str(tmp_path / "a/n.json")]


def test_what_is_not_found_keeps_its_place(tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    first, second, third = find_inputs([str(tmp_path / "none"), str(bare), STANDARD_INPUT])
    assert isinstance(first, InputError)
    assert isinstance(second, InputError)
    assert (first.name, first.reason) == (str(tmp_path / "none"), "no such file or folder")
    assert (second.name, second.reason) == (str(bare), "holds no reports")
    assert ".txt" in second.remedy
    assert third == STANDARD_INPUT


def test_a_folder_that_holds_itself_is_searched_once(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_bytes(b"x")
    (tmp_path / "again").symlink_to(tmp_path, target_is_directory=True)
    assert list(find_inputs([str(tmp_path)])) == [str(tmp_path / "x.txt")]


# ------------------------------------------------------------------------------------------------- encodings, right and wrong

TEXTS_OF_LENGTH = [text[:length] for text in (SIMPLIFIED, SENTENCE) for length in (14, 40, 400)]


@pytest.mark.parametrize("text", TEXTS_OF_LENGTH)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "gbk", "utf-16-le", "utf-16-be"])
def test_short_texts_are_told_too_and_leave_no_doubt(encoding: str, text: str) -> None:
    document = read_bytes(text.encode(encoding), "x.txt")
    assert document.text == text
    assert document.notices == ()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
def test_samples_are_told_in_every_encoding(encoding: str, sample: Path) -> None:
    text = sample.read_bytes().decode()
    document = read_bytes(text.encode(encoding), "x.txt")
    assert (document.text, document.notices) == (text, ())


WRONG = [
    (SIMPLIFIED.encode(), "gb18030"),
    (SIMPLIFIED.encode() + b" ", "big5hkscs"),
    (SIMPLIFIED.encode(), "latin-1"),
    (SIMPLIFIED.encode("gbk"), "latin-1"),
    (SIMPLIFIED.encode("gb18030"), "utf-16-le"),
    (SIMPLIFIED.encode("utf-16-le"), "utf-16-be"),
    (TRADITIONAL.encode("big5"), "gb18030"),
    (SENTENCE.encode(), "gb18030"),
]


@pytest.mark.parametrize(("data", "encoding"), WRONG)
@pytest.mark.parametrize("errors", ["strict", "replace"])
def test_a_wrong_named_encoding_never_passes_in_silence(
    data: bytes, encoding: str, errors: Literal["strict", "replace"]
) -> None:
    try:
        document = read_bytes(data, "x.txt", ReadOptions(encoding, errors))
    except InputError as error:
        assert encoding in error.reason
        assert "encoding" in error.remedy
    else:
        assert {notice.code for notice in document.notices} & {"doubtful_encoding", "replaced_characters"}


@pytest.mark.parametrize("wrong", ["gb18030", "latin-1", "big5"])
def test_a_text_that_was_garbled_before_is_doubted(wrong: str) -> None:
    garbled = SIMPLIFIED.encode().decode(wrong, "ignore")
    document = read_bytes(garbled.encode(), "x.txt")
    assert document.text == garbled
    assert [(notice.code, notice.start) for notice in document.notices] == [("doubtful_encoding", None)]
    (finding,) = [f for f in STAGES.extract(document).findings if f.code == "doubtful_encoding"]
    assert "utf-8" in finding.message
    assert (finding.start, finding.end) == (None, None)


@pytest.mark.parametrize("text", [RARE, "Township report 2023: 57 disputes, café.", "Ω≈ç√ 57", LINE_ENDS, "57"])
def test_other_texts_are_not_doubted(text: str) -> None:
    assert read_bytes(text.encode(), "x.txt").notices == ()


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-8-sig"])
def test_bytes_that_cannot_be_decoded_are_replaced_where_asked_for_and_found(encoding: str) -> None:
    data = SIMPLIFIED.encode(encoding)
    broken = data[:100] + b"\xff\xff" + data[100:]
    with pytest.raises(InputError, match="--encoding-errors replace"):
        read_bytes(broken, "x.txt")
    document = read_bytes(broken, "x.txt", ReadOptions(encoding_errors="replace"))
    assert document.encoding == encoding
    assert document.text == broken.decode(encoding, "replace")
    assert document.notices
    spans = [(notice.start, notice.end) for notice in document.notices]
    assert {notice.code for notice in document.notices} == {"replaced_characters"}
    assert all(set(document.text[start:end]) == {"\ufffd"} for start, end in spans)
    assert sum(int(dict(notice.words)["count"]) for notice in document.notices) == document.text.count("\ufffd")
    findings = [f for f in STAGES.extract(document, with_text=True).findings if f.code == "replaced_characters"]
    assert [(f.start, f.end) for f in findings] == spans


def test_nothing_replaced_leaves_no_finding() -> None:
    document = read_bytes(SIMPLIFIED.encode("gbk"), "x.txt", ReadOptions(encoding_errors="replace"))
    assert (document.text, document.encoding, document.notices) == (SIMPLIFIED, "gb18030", ())


def test_many_replacements_are_one_finding_from_the_twentieth_on() -> None:
    data = b"".join(SENTENCE.encode() + b"\xff" for _ in range(500))
    notices = read_bytes(data, "x.txt", ReadOptions(encoding_errors="replace")).notices
    assert len(notices) == 20
    assert dict(notices[-1].words) == {"count": "481"}


@pytest.mark.parametrize("lost", ["\ufffd\ufffd", "锟斤拷", "锟斤拷锟斤拷"])
def test_characters_lost_before_are_found(lost: str) -> None:
    text = f"{SIMPLIFIED}{lost}{SENTENCE}"
    (notice,) = read_bytes(text.encode(), "x.txt").notices
    assert (notice.code, text[notice.start : notice.end]) == ("lost_characters", lost)


@given(st.binary(max_size=200), st.sampled_from([None, "utf-8", "gb18030", "utf-16"]), st.sampled_from(["strict", "replace"]))
def test_any_bytes_are_a_text_or_an_error(data: bytes, encoding: str | None, errors: Literal["strict", "replace"]) -> None:
    try:
        document = read_bytes(data, "x.txt", ReadOptions(encoding, errors))
    except InputError as error:
        assert error.remedy
    else:
        assert document.encoding is not None
        if document.media_type == "text/plain":
            assert document.text == data.decode(document.encoding, errors)


@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=60))
def test_any_chinese_in_utf_8_is_read_as_it_stands(text: str) -> None:
    assert read_bytes(text.encode(), "x.txt").text == text


# ------------------------------------------------------------------------------------------------------ hostile texts and names


def test_nul_bytes_are_no_text() -> None:
    assert "binary" in _refused(SIMPLIFIED.encode() + b"\x00" * 200).reason
    assert "binary" in _refused(b"\x00" + SIMPLIFIED.encode()).reason


def test_a_line_of_fifty_megabytes_is_refused_at_the_limit() -> None:
    assert "more than 2000000 characters" in _refused(SENTENCE.encode() * (50_000_000 // len(SENTENCE.encode()))).reason


def test_a_file_over_the_limit_is_not_read_into_memory(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    with path.open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(InputError, match="larger than 1000 bytes"):
        read_file(path, ReadOptions(limits=Limits(file_bytes=1000)))


@pytest.mark.parametrize("name", ["a\nb.txt", "a\x1b[2Jb.txt", "\udcff\udcfe.txt", "绿 杨.txt", "-.txt", "-"])
def test_names_of_any_kind(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / os.fsdecode(os.fsencode(name))
    path.write_bytes(SENTENCE.encode())
    document = read_file(path)
    assert document.text == SENTENCE
    assert document.name.isprintable()
    assert document.name.encode()
    if name != "-":
        assert list(find_inputs([str(tmp_path)])) == [str(path)]
    monkeypatch.chdir(tmp_path)
    assert read_file(name).text == SENTENCE


def test_names_that_no_file_can_have() -> None:
    for name in ("a\0b", "x" * 5_000):
        with pytest.raises(InputError) as caught:
            read_file(name)
        assert len(str(caught.value)) < 400
        (error,) = find_inputs([name])
        assert isinstance(error, InputError)


def test_links_that_lead_in_circles(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "b.txt")
    (tmp_path / "b.txt").symlink_to(tmp_path / "a.txt")
    (tmp_path / "c.txt").write_bytes(SENTENCE.encode())
    found = list(read_documents(find_inputs([str(tmp_path)])))
    assert [isinstance(entry, InputError) for entry in found] == [True, True, False]
    (error,) = find_inputs([str(tmp_path / "a.txt")])
    assert isinstance(error, InputError)


def test_the_parts_of_a_saved_page_are_no_inputs(tmp_path: Path) -> None:
    for name in ("报告.html", "报告_files/a.html", "报告_files/b.png", "other_files/c.txt", "页面.htm", "页面.files/d.gif"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    names = [Path(name).relative_to(tmp_path).as_posix() for name in find_inputs([str(tmp_path)]) if isinstance(name, str)]
    assert names == ["报告.html", "页面.htm", "other_files/c.txt"]


# ------------------------------------------------------------------------------------------------------------- what a file is


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (b"%PDF-1.4\n", formats.PDF),
        (b"{\\rtf1\\ansi ", formats.RTF),
        (b"\x89PNG\r\n\x1a\n", formats.PNG),
        (b"\xff\xd8\xff\xe0", formats.JPEG),
        (b"II*\x00", formats.TIFF),
        (b"MM\x00*", formats.TIFF),
        (b"GIF89a", formats.GIF),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", formats.WEBP),
        (b"BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00", formats.BMP),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), formats.DOC),
        (b"\x1f\x8b\x08\x00", formats.GZIP),
        (b"BZh91AY", formats.BZIP2),
        (b"\xfd7zXZ\x00\x00", formats.XZ),
    ],
)
@pytest.mark.parametrize("name", ["x.txt", "x.docx", "x", "x.html"])
def test_a_format_is_told_by_its_first_bytes_whatever_the_name(data: bytes, form: Format, name: str) -> None:
    stream = io.BytesIO(data)
    assert formats.detect(stream, name) == form
    assert stream.tell() == 0


@pytest.mark.parametrize(
    ("parts", "form"),
    [
        ({"[Content_Types].xml": "", "word/document.xml": ""}, formats.DOCX),
        ({"[Content_Types].xml": "", "xl/workbook.xml": ""}, formats.XLSX),
        ({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": ""}, formats.ODT),
        ({"word/document.xml": "", "a.txt": ""}, formats.ZIP),
        ({}, formats.ZIP),
    ],
)
def test_a_document_in_a_zip_file_is_told_by_its_parts(parts: dict[str, str], form: Format) -> None:
    assert formats.detect(io.BytesIO(_zip(parts)), "x.txt") == form


def _zip(parts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (COMPOUND + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (COMPOUND + "Workbook".encode("utf-16-le"), "old spreadsheet"),
        (COMPOUND, "old Office file"),
        (_zip({"[Content_Types].xml": "", "xl/workbook.bin": "", "xl/a.xml": ""}), ".xlsb"),
        (_zip({"[Content_Types].xml": "", "ppt/presentation.xml": ""}), "presentation"),
        (_zip({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), "OpenDocument"),
        (_zip({"OFD.xml": "", "Doc_0/Document.xml": ""}), "OFD"),
        (b"PK\x03\x04\x14\x00\x06\x00", "damaged or cut off"),
        (_zip({"word/document.xml": "57" * 1000})[:-100], "damaged or cut off"),
        (b"7z\xbc\xaf\x27\x1c\x00", "7z"),
        (b"Rar!\x1a\x07\x01\x00", "RAR"),
        (b"MZ\x90\x00", "program"),
    ],
)
def test_what_is_recognised_and_not_read(data: bytes, reason: str) -> None:
    error = _refused(data)
    assert reason in error.reason
    assert error.remedy


def test_a_text_of_one_format_under_the_name_of_another_is_read() -> None:
    assert read_bytes(SENTENCE.encode(), "x.pdf").text == SENTENCE
    assert read_bytes(f"<html><p>{SENTENCE}".encode(), "x.doc").text == f"{SENTENCE}\n"


def test_the_table_of_formats_is_consistent() -> None:
    endings = [ending for form in formats.FORMATS for ending in form.endings]
    assert len(endings) == len(set(endings)) == len(formats.BY_ENDING)
    assert all(ending == ending.lower() and ending.startswith(".") for ending in endings)
    assert len({form.media_type for form in formats.FORMATS}) == len(formats.FORMATS)
    assert {form for form in formats.FORMATS if not form.module} == formats.ARCHIVES
