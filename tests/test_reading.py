"""Reading: bytes to text without a character lost, and a reason and a remedy for what is no text."""

from __future__ import annotations

import codecs
import hashlib
from pathlib import Path

import pytest

from extractor.errors import ExtractorError, InputError
from extractor.reading import STANDARD_INPUT, ReadOptions, find_inputs, read_bytes, read_file

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
