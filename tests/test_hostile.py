"""Hostile and broken files of every kind, together: each gets its own error, and the reports beside them are read.

What one format does with one kind is tested with that format; here stands what concerns all of them, and what is costly.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from PIL import Image

from extractor.errors import InputError
from extractor.models import Report
from extractor.reading import office, read_bytes
from extractor.reading.formats import BY_ENDING
from extractor.reading.types import Limits, ReadOptions
from tests import office_files, pdf_files
from tests.conftest import REPOSITORY

MILLION = 1_000_000
REPORT = (REPOSITORY / "samples" / "luoqiao-2024.txt").read_bytes()
WORDS = "青禾镇人民政府2023年度法治政府建设情况报告：全年调解矛盾纠纷57起，开展法治宣传12场次。"
needs_office = pytest.mark.skipif(office.find_program() is None, reason="LibreOffice is not installed (see .ci/run)")


def refused(data: bytes, name: str, **limits: float) -> str:
    """Why a file cannot be read, and what took part of its text where it can."""
    with pytest.raises(InputError) as caught:
        read_bytes(data, name, ReadOptions(limits=Limits(**limits)))  # type: ignore[arg-type]
    return caught.value.reason


# ------------------------------------------------------------------------------------------------ millions, in a PDF


def stream(words: bytes) -> bytes:
    return b"<</Length %d>>stream\n%s\nendstream" % (len(words), words)


def one_page(words: bytes, contents: bytes = b"4 0 R") -> list[bytes]:
    """The objects of a PDF of one page with these drawing orders, which say them in the font F."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F 5 0 R>>>>/Contents %s>>" % contents
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    return [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>", page, stream(words), font]


def test_a_pdf_of_a_million_objects_is_read() -> None:
    data = pdf_files.of_objects([*one_page(b"BT /F 12 Tf 50 700 Td (57 cases were settled) Tj ET"), *[b" 1 "] * MILLION])
    assert data.count(b"endobj") == MILLION + 5
    assert read_bytes(data, "report.pdf").text == "57 cases were settled\n"


def test_a_page_with_a_million_drawing_orders_is_ended() -> None:
    data = pdf_files.of_objects(one_page(b"0 0 1 1 re f\n" * MILLION))
    assert "takes more than 0.5 seconds" in refused(data, "report.pdf", seconds=0.5)


def test_a_page_with_too_many_characters_is_over_the_limit() -> None:
    words = b"BT /F 12 Tf 50 700 Td " + (b"(" + b"5" * 10_000 + b") Tj 0 -14 Td ") * 40 + b"ET"
    reason = refused(pdf_files.of_objects(one_page(words)), "report.pdf", characters=100_000)
    assert reason == "holds more than 100000 characters of text"


@pytest.mark.parametrize("kids", [b"3 0 R " * MILLION, b"3 0 R"], ids=["real", "claimed"])
def test_a_pdf_of_a_million_pages_is_over_the_limit(kids: bytes) -> None:
    pages = b"<</Type/Pages/Count %d/Kids[%s]>>" % (MILLION, kids)
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]>>"
    data = pdf_files.of_objects([b"<</Type/Catalog/Pages 2 0 R>>", pages, page])
    assert refused(data, "report.pdf") == "has 1000000 pages, more than the limit of 2000"


# ------------------------------------------------------------------------------------------------ lines of 50 MB, scripts


def long_line() -> str:
    return "调" * 17_000_000


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(data: bytes, part: str, content: str) -> bytes:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert part in parts
    return office_files.package({**parts, part: content})


def sheet_of(cell: str, before: str = "") -> bytes:
    """A workbook with one cell of XML, and something before its sheet's root."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    row = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{cell}</t></is></c></row>'
    sheet = f'{before}<worksheet xmlns="{space}"><sheetData>{row}</sheetData></worksheet>'
    return with_part(workbook((WORDS,)), "xl/worksheets/sheet1.xml", sheet)


@pytest.mark.parametrize(
    ("ending", "make"),
    [
        ("txt", lambda: long_line().encode()),
        ("html", lambda: b"<html><body><p>" + long_line().encode()),
        ("xlsx", lambda: sheet_of(long_line())),
    ],
    ids=["txt", "html", "xlsx"],
)
def test_a_line_of_fifty_megabytes_is_over_the_limit(ending: str, make: Callable[[], bytes]) -> None:
    assert refused(make(), f"line.{ending}") == "holds more than 2000000 characters of text"


# ------------------------------------------------------------------------------------------------ no connection


@pytest.fixture
def listener() -> Iterator[tuple[str, list[bytes]]]:
    """An address on this machine at which somebody listens, and what was asked there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        asked: list[bytes] = []
        threading.Thread(target=_listen, args=(server, asked), daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", asked


def _listen(server: socket.socket, asked: list[bytes]) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            asked.append(connection.recv(100))


def linked_text(address: str) -> bytes:
    """An OpenDocument text with a picture and a section that are to be fetched."""
    spaces = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in [("office", "office"), ("text", "text"), ("draw", "drawing"), ("svg", "svg-compatible")]
    )
    picture = f'<draw:image xlink:href="{address}/a.png" xlink:type="simple" xlink:actuate="onLoad"/>'
    frame = f'<draw:frame svg:width="5cm" svg:height="5cm" text:anchor-type="as-char">{picture}</draw:frame>'
    section = (
        f'<text:section text:name="s"><text:section-source xlink:href="{address}/b.odt"/><text:p>x</text:p></text:section>'
    )
    content = (
        f'<office:document-content{spaces} xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.2"><office:body>'
        f"<office:text><text:p>{WORDS}{frame}</text:p>{section}</office:text></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.text"
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{media_type}"/>'
        for path, media_type in [("/", kind), ("content.xml", "text/xml")]
    )
    space = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    manifest = f'<manifest:manifest xmlns:manifest="{space}">{entries}</manifest:manifest>'
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in [("mimetype", kind), ("content.xml", content), ("META-INF/manifest.xml", manifest)]:
            archive.writestr(name, part)
    return out.getvalue()


@needs_office
def test_libreoffice_fetches_nothing_that_a_document_links_to(listener: tuple[str, list[bytes]]) -> None:
    address, asked = listener
    assert WORDS in read_bytes(linked_text(address), "linked.odt").text
    assert asked == []


@needs_office
def test_without_its_settings_libreoffice_would_fetch_it(
    listener: tuple[str, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """That nothing is asked is owed to the settings: the test above can fail."""
    address, asked = listener
    monkeypatch.setattr(office, "_SETTINGS", ())
    office.read(linked_text(address), "linked.odt", Limits())
    assert asked


def test_scripts_of_a_page_do_nothing(listener: tuple[str, list[bytes]]) -> None:
    address, asked = listener
    page = f"""<html><head><script src="{address}/a.js"></script><link rel="stylesheet" href="{address}/b.css">
<meta http-equiv="refresh" content="0;url={address}/c"><script>document.write("脚本99件")</script></head>
<body onload="fetch('{address}/d')"><p>{WORDS}</p><script>alert("脚本98件")</script>
<img src="{address}/e.png" onerror="alert(1)"><iframe src="{address}/f">框架97件</iframe></body></html>"""
    assert read_bytes(page.encode(), "page.html").text.strip() == WORDS
    assert asked == []


def test_links_of_word_and_excel_files_are_not_followed(listener: tuple[str, list[bytes]]) -> None:
    address, asked = listener
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relations = "".join(
        f'<Relationship Id="x{kind}" Type="{relation}/{kind}" Target="{address}/{kind}" TargetMode="External"/>'
        for kind in ("styles", "numbering", "footnotes", "image", "attachedTemplate")
    )
    root = f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}</Relationships>'
    data = with_part(office_files.docx(office_files.paragraph(WORDS)), "word/_rels/document.xml.rels", root)
    assert read_bytes(data, "report.docx").text.strip() == WORDS
    book = workbook((WORDS, f'=WEBSERVICE("{address}")'))
    assert WORDS in read_bytes(book, "report.xlsx").text
    assert asked == []


# ------------------------------------------------------------------------------------------------ all of them in one folder


COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
ENCRYPTED = COMPOUND + "EncryptedPackage".encode("utf-16-le") + bytes(500)
ENTITIES = '<!DOCTYPE d [<!ENTITY a "调解57件"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
EXTERNAL = '<!DOCTYPE d [<!ENTITY b SYSTEM "file:///etc/passwd">]>'


def zipped(name: str, data: bytes, protect: bool = False) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    packed = bytearray(out.getvalue())
    if protect:
        packed[6] |= 1
        packed[packed.find(b"PK\x01\x02") + 8] |= 1
    return bytes(packed)


def nested_zip(depth: int) -> bytes:
    data = zipped("report.txt", REPORT)
    for _ in range(depth):
        data = zipped("inner.zip", data)
    return data


def absurd_image() -> bytes:
    """A BMP file of a few bytes that claims to be as wide and high as it can."""
    side = (60_000).to_bytes(4, "little")
    head = (40).to_bytes(4, "little") + side * 2 + (1).to_bytes(2, "little") + (24).to_bytes(2, "little") + bytes(24)
    return b"BM" + (54).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little") + head


def saved_image() -> bytes:
    out = BytesIO()
    Image.effect_noise((200, 200), 90).save(out, "PNG")
    return out.getvalue()


def word_of(before: str, words: str) -> bytes:
    body = f'<w:document xmlns:w="{office_files.W}"><w:body><w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:body></w:document>'
    return with_part(office_files.docx(office_files.paragraph(WORDS)), "word/document.xml", before + body)


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "bomb.docx": (lambda: word_of(ENTITIES, "&b;"), "declares a document type"),
    "bomb.xlsx": (lambda: sheet_of("&b;", ENTITIES), "declares a document type"),
    "bomb.zip": (lambda: zipped("bomb.txt", bytes(10_000_000)), "unpacks to more than 9000000 bytes"),
    "cut.docx": (lambda: office_files.docx(office_files.paragraph(WORDS))[:-30], "is damaged or cut off"),
    "cut.pdf": (lambda: pdf_files.pdf(pdf_files.paragraph("abc" * 30, 700))[:300], "is damaged or cut off"),
    "cut.png": (lambda: saved_image()[:500], "is damaged or cut off"),
    "cut.xlsx": (lambda: workbook((WORDS,))[:-30], "is damaged or cut off"),
    "cut.zip": (lambda: zipped("report.txt", REPORT)[:-40], "is damaged or cut off"),
    "external.docx": (lambda: word_of(EXTERNAL, "&b;"), "declares a document type"),
    "external.xlsx": (lambda: sheet_of("&b;", EXTERNAL), "declares a document type"),
    "huge.bmp": (absurd_image, "is an image of absurd size"),
    "locked.docx": (lambda: ENCRYPTED, "is protected by a password"),
    "locked.pdf": (lambda: pdf_files.pdf(pdf_files.paragraph(WORDS, 700), password="geheim"), "is protected by a password"),
    "locked.xlsx": (lambda: ENCRYPTED, "is protected by a password"),
    "locked.zip": (lambda: zipped("report.txt", REPORT, protect=True), "is protected by a password"),
    "nested.zip": (lambda: nested_zip(5), "lies within more than 3 archives"),
    "nul.txt": (lambda: REPORT + bytes(300), "is binary, not text"),
    "outside.zip": (lambda: zipped("../outside.txt", REPORT), "leads out"),
    "program.docx": (lambda: b"\x7fELF" + bytes(range(256)), "is a program"),
    "line\nend.txt": (lambda: b"", "is empty"),
}
"""Files by their names, and what their error says."""


def test_each_hostile_file_has_its_error_and_the_reports_between_them_are_read(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    for name, (make, _) in HOSTILE.items():
        (inside / name).write_bytes(make())
    for name in ("a first.txt", "mislabelled.pdf", "z last.txt", os.fsdecode(b"report \xff.txt")):
        (inside / name).write_bytes(REPORT)
    (inside / "circle.txt").symlink_to(inside / "circle.txt")
    (inside / "folder").symlink_to(inside)
    before = {path: path.lstat().st_mtime_ns for path in sorted(tmp_path.rglob("*"))}
    started = time.monotonic()
    command = [sys.executable, "-m", "extractor", "extract", str(inside), "-f", "jsonl", "--limit", "unpacked_bytes=9000000"]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False, cwd=tmp_path)
    assert time.monotonic() - started < Limits().seconds
    assert done.returncode == 3
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(records) == 4
    assert len({json.dumps(record["indicators"]) for record in records}) == 1
    errors = [line for line in done.stderr.decode().splitlines() if str(inside) in line]
    for name, (_, reason) in HOSTILE.items():
        shown = name.replace("\n", "\\n")
        assert any(f"/{shown}" in line and reason in line for line in errors), name
    assert any("/circle.txt" in line for line in errors)
    assert len(errors) == len(HOSTILE) + 1
    assert b"root:" not in done.stdout + done.stderr
    assert {path: path.lstat().st_mtime_ns for path in sorted(tmp_path.rglob("*"))} == before


@pytest.mark.parametrize("ending", sorted(BY_ENDING))
def test_a_file_without_a_byte_is_empty_whatever_its_name(ending: str) -> None:
    assert refused(b"", f"report{ending}") == "is empty"


@pytest.mark.parametrize("made", ["docx", "pdf", "xlsx", "html", "gb18030.txt"])
@pytest.mark.parametrize("ending", ["txt", "pdf", "docx", "xlsx", "jpg"])
def test_a_file_under_a_wrong_name_is_read_as_what_it_is(made: str, ending: str) -> None:
    data = (REPOSITORY / "formats" / f"luoqiao-2024.{made}").read_bytes()
    expected = read_bytes(data, f"report.{made}")
    found = read_bytes(data, f"report.{ending}")
    assert (found.text, found.media_type) == (expected.text, expected.media_type)


# ------------------------------------------------------------------------------------------------ texts of one sentence


@pytest.mark.parametrize("words", ["1件（", "其中1件", "分别1件", "均为1件、", "5件至", "合格率1%、", "行政复议1件、"])
def test_a_text_that_is_one_sentence_of_thousands_of_numbers_is_read(record: Callable[[str], Report], words: str) -> None:
    text = words * 2000
    indicators = record(text).indicators
    assert len(indicators) >= 1000
    assert max(len(indicator.quote) for indicator in indicators) < 1000


def test_a_text_that_is_one_list_of_denials_is_read(record: Callable[[str], Report]) -> None:
    denials = "无行政复议、" * 1000
    assert {indicator.code for indicator in record(denials).indicators} == {"litigation.reconsideration_cases"}


def test_placeholders_are_found_behind_any_number_of_others(record: Callable[[str], Report]) -> None:
    findings = record("X" * 50_000 + "件，20XX年，20XXXX件。").findings
    assert [finding.code for finding in findings].count("placeholder") == 4
