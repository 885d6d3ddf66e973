"""Archives and mails: what is in them one after another, and nothing that they would do to those who open them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.errors import InputError
from extractor.reading import Limits, ReadOptions, find_inputs, members, read_documents, read_file, read_input
from extractor.types import Document
from tests.conftest import examples

REPORT = "青禾镇人民政府关于2023年度法治政府建设情况的报告\n\n全镇共调解矛盾纠纷57起，调解成功率98.2%。\n"
OTHER = REPORT.replace("57起", "80起")
Files = dict[str, bytes]


def make_zip(files: Files, **options: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data, **options)
    return out.getvalue()


def make_tar(files: Files, form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


FILES = {"b/2.txt": REPORT.encode(), "a.txt": OTHER.encode(), "b/1.html": f"<html><p>{REPORT}</p></html>".encode()}
PACKED = {
    "x.zip": make_zip(FILES),
    "x.tar": make_tar(FILES),
    "old.tar": make_tar(FILES, tarfile.USTAR_FORMAT),
    "x.tar.gz": gzip.compress(make_tar(FILES)),
    "x.tgz": gzip.compress(make_tar(FILES, tarfile.GNU_FORMAT)),
    "x.tar.bz2": bz2.compress(make_tar(FILES)),
    "x.tar.xz": lzma.compress(make_tar(FILES)),
}


def _read(tmp_path: Path, name: str, data: bytes, **limits: float) -> list[Document | InputError]:
    path = tmp_path / name
    path.write_bytes(data)
    options = ReadOptions(limits=Limits(**limits))  # type: ignore[arg-type]
    return list(read_documents([str(path)], options))


def _told(tmp_path: Path, found: list[Document | InputError]) -> list[tuple[str, str]]:
    """The names below the folder, and the texts or reasons."""
    whole = [(f.name, f.reason) if isinstance(f, InputError) else (f.name, f.text.strip()) for f in found]
    return [(name.removeprefix(f"{tmp_path}/"), words) for name, words in whole]


@pytest.mark.parametrize("name", PACKED)
def test_members_come_in_the_order_of_the_archive(tmp_path: Path, name: str) -> None:
    found = _read(tmp_path, name, PACKED[name])
    assert [n for n, _ in _told(tmp_path, found)] == [f"{name}/{member}" for member in FILES]
    first = found[0]
    assert isinstance(first, Document)
    assert (first.text, first.media_type, first.bytes) == (REPORT, "text/plain", len(REPORT.encode()))
    assert found == list(read_documents([str(tmp_path / name)]))


@pytest.mark.parametrize("name", PACKED)
def test_an_archive_is_told_by_its_content(tmp_path: Path, name: str) -> None:
    assert len(_read(tmp_path, "x.txt", PACKED[name])) == len(FILES)


@pytest.mark.parametrize(("ending", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)])
def test_a_compressed_file_is_one_member(tmp_path: Path, ending: str, pack) -> None:
    found = _told(tmp_path, _read(tmp_path, f"a.txt.{ending}", pack(REPORT.encode("gb18030"))))
    assert found == [(f"a.txt.{ending}/a.txt", REPORT.strip())]
    assert read_file(tmp_path / f"a.txt.{ending}").encoding == "gb18030"


def test_streams_that_follow_one_another_are_one_file(tmp_path: Path) -> None:
    half = len(REPORT.encode()) // 2
    pieces = (REPORT.encode()[:half], REPORT.encode()[half:])
    for ending, pack, gap in (("gz", gzip.compress, b""), ("xz", lzma.compress, bytes(4)), ("bz2", bz2.compress, b"")):
        found = _told(tmp_path, _read(tmp_path, f"a.txt.{ending}", gap.join(map(pack, pieces))))
        assert found == [(f"a.txt.{ending}/a.txt", REPORT.strip())]


def test_archives_within_archives_stand_in_their_place(tmp_path: Path) -> None:
    inner = make_zip({"c.txt": OTHER.encode()})
    data = make_zip({"a.txt": REPORT.encode(), "in.zip": inner, "b.tgz": gzip.compress(make_tar({"d/in.zip": inner}))})
    found = _told(tmp_path, _read(tmp_path, "x.zip", data))
    assert [name for name, _ in found] == ["x.zip/a.txt", "x.zip/in.zip/c.txt", "x.zip/b.tgz/d/in.zip/c.txt"]


def test_what_is_no_report_is_passed_over(tmp_path: Path) -> None:
    names = [
        "a.json",
        ".a.txt",
        "~$a.txt",
        "__MACOSX/a.txt",
        ".git/a.txt",
        "page_files/a.txt",
        "page.files/a.html",
        "a.exe",
        "d/",
    ]
    data = make_zip(
        {name: REPORT.encode() if not name.endswith("/") else b"" for name in names} | {"报告.txt": REPORT.encode()}
    )
    assert _told(tmp_path, _read(tmp_path, "x.zip", data)) == [("x.zip/报告.txt", REPORT.strip())]


@pytest.mark.parametrize("data", [make_zip({}), make_zip({"a.json": b"{}"}), make_tar({"a.json": b"{}"})])
def test_an_archive_without_reports(tmp_path: Path, data: bytes) -> None:
    (error,) = _read(tmp_path, "x.zip", data)
    assert isinstance(error, InputError)
    assert error.reason == "holds no reports"
    assert ".docx" in error.remedy


def test_the_only_document_of_an_archive_and_too_many(tmp_path: Path) -> None:
    (tmp_path / "one.zip").write_bytes(make_zip({"a.txt": REPORT.encode()}))
    assert read_input(str(tmp_path / "one.zip")).name == f"{tmp_path}/one.zip/a.txt"
    (tmp_path / "two.zip").write_bytes(make_zip({"a.txt": REPORT.encode(), "b.txt": OTHER.encode()}))
    with pytest.raises(InputError, match="several documents"):
        read_file(tmp_path / "two.zip")


def test_members_are_given_as_bytes(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(PACKED["x.zip"])
    (tmp_path / "a.txt").write_bytes(b"57")
    found = [member for name in ("x.zip", "a.txt") for member in members(str(tmp_path / name))]
    assert found == [(f"{tmp_path}/x.zip/{name}", data) for name, data in FILES.items()] + [(f"{tmp_path}/a.txt", b"57")]


# ----------------------------------------------------------------------------------------------------------------- names


def _legacy_zip(names: list[bytes]) -> bytes:
    """A zip file as old systems write it: names as bytes, no word on what they mean."""
    stand_ins = [letter * len(name) for letter, name in zip("qwx", names, strict=False)]
    out = make_zip({stand_in: REPORT.encode() for stand_in in stand_ins})
    for stand_in, name in zip(stand_ins, names, strict=True):
        out = out.replace(stand_in.encode(), name)
    return out


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("gbk", ["绿杨街道/2023年度法治政府建设情况报告.txt", "青禾镇.txt", "綦江.txt"]),
        ("gbk", ["青禾镇\\法治报告.txt", "绿杨街道\\法治报告.txt"]),
        ("utf-8", ["绿杨街道/报告.txt", "é.txt"]),
        ("big5", ["白鷺鎮人民政府法治報告.txt", "關於法治政府建設情況的報告.txt"]),
        ("cp437", ["Résumé.txt"]),
    ],
)
def test_names_in_a_zip_file_of_old_systems(tmp_path: Path, encoding: str, names: list[str]) -> None:
    found = _read(tmp_path, "x.zip", _legacy_zip([name.encode(encoding) for name in names]))
    assert [name for name, _ in _told(tmp_path, found)] == ["x.zip/" + name.replace("\\", "/") for name in names]


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_names_in_a_tar_archive(tmp_path: Path, encoding: str) -> None:
    name = "绿杨街道/法治政府建设情况报告.txt"
    raw = make_tar({"n" * len(name.encode(encoding)): REPORT.encode()}, tarfile.USTAR_FORMAT)
    head = bytearray(raw[:512].replace(b"n" * len(name.encode(encoding)), name.encode(encoding)))
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    assert _told(tmp_path, _read(tmp_path, "x.tar", bytes(head) + raw[512:])) == [(f"x.tar/{name}", REPORT.strip())]


@pytest.mark.parametrize("name", ["../a.txt", "/etc/a.txt", "b/../../a.txt", "C:\\a.txt", "..\\a.txt"])
def test_a_name_that_leads_out_is_an_error_and_touches_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    before = sorted(tmp_path.rglob("*"))
    for number, data in enumerate((make_zip({name: REPORT.encode(), "b.txt": OTHER.encode()}),)):
        found = _read(tmp_path / "in", f"{number}.zip", data)
        assert isinstance(found[0], InputError)
        assert "leads out" in found[0].reason
        assert isinstance(found[1], Document)
    assert sorted(tmp_path.rglob("*")) == sorted([*before, tmp_path / "in/0.zip"])
    if "\\" not in name:
        (found, _) = _read(tmp_path / "in", "0.tar", make_tar({name: REPORT.encode(), "b.txt": OTHER.encode()}))
        assert isinstance(found, InputError)
        assert "leads out" in found.reason


def test_names_with_line_ends_and_controls_stay_on_one_line(tmp_path: Path) -> None:
    files = {"a\nb.txt": REPORT.encode(), "c\x1b[31m.txt": b""}
    for name, data in (("x.zip", make_zip(files)), ("x.tar", make_tar(files))):
        good, bad = _read(tmp_path, name, data)
        assert isinstance(good, Document)
        assert good.name.endswith("a\\nb.txt")
        assert isinstance(bad, InputError)
        assert str(bad).isprintable()


# --------------------------------------------------------------------------------------------------------------- hostile


def test_links_and_devices_are_not_followed(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind in (("a.txt", tarfile.SYMTYPE), ("b.txt", tarfile.LNKTYPE), ("c.txt", tarfile.CHRTYPE)):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
    reasons = [reason for _, reason in _told(tmp_path, _read(tmp_path, "x.tar", out.getvalue()))]
    assert [reason.split(" in ")[0] for reason in reasons] == ["is a link", "is a link", "is a device"]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        link = zipfile.ZipInfo("a.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        zipped.writestr(link, "/etc/passwd")
    (error,) = _read(tmp_path, "x.zip", out.getvalue())
    assert isinstance(error, InputError)
    assert "is a link" in error.reason


def test_a_member_under_a_password_leaves_the_others(tmp_path: Path) -> None:
    data = bytearray(make_zip({"a.txt": REPORT.encode(), "b.txt": OTHER.encode()}))
    local, central = data.find(b"PK\x03\x04"), data.find(b"PK\x01\x02")
    data[local + 6] |= 1
    data[central + 8] |= 1
    found = _told(tmp_path, _read(tmp_path, "x.zip", bytes(data)))
    assert found == [("x.zip/a.txt", "is protected by a password"), ("x.zip/b.txt", OTHER.strip())]


def test_a_zip_bomb_ends_at_the_limit(tmp_path: Path) -> None:
    bomb = make_zip({f"{n}.zip": make_zip({"a.txt": b"0" * 3_000_000}) for n in range(10)})
    found = _read(tmp_path, "x.zip", bomb, unpacked_bytes=10_000_000)
    assert _told(tmp_path, found)[-1] == ("x.zip", "unpacks to more than 10000000 bytes")
    assert len(found) == 4


def test_a_member_that_is_too_large_is_passed_over(tmp_path: Path) -> None:
    files = {"a.txt": b"0" * 2_000_000, "b.txt": REPORT.encode()}
    for name, data in (("x.zip", make_zip(files)), ("x.tar.gz", gzip.compress(make_tar(files)))):
        large, small = _told(tmp_path, _read(tmp_path, name, data, file_bytes=1_000_000))
        assert large == (f"{name}/a.txt", "unpacks to more than 1000000 bytes")
        assert small == (f"{name}/b.txt", REPORT.strip())
    (error,) = _told(tmp_path, _read(tmp_path, "a.txt.gz", gzip.compress(b"0" * 2_000_000), file_bytes=1_000_000))
    assert error == ("a.txt.gz/a.txt", "unpacks to more than 1000000 bytes")


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_compressed_bomb_ends_at_the_limit(tmp_path: Path, pack) -> None:
    data = pack(make_tar({"a.json": b"0" * 5_000_000}))
    (error,) = _told(tmp_path, _read(tmp_path, "x.tar.gz", data, unpacked_bytes=2_000_000))
    assert error == ("x.tar.gz", "unpacks to more than 2000000 bytes")


def test_archives_within_archives_without_end(tmp_path: Path) -> None:
    data = make_zip({"a.txt": REPORT.encode()})
    for _ in range(6):
        data = make_zip({"in.zip": data, "a.txt": REPORT.encode()})
    found = _told(tmp_path, _read(tmp_path, "x.zip", data))
    assert found[0] == ("x.zip/in.zip/in.zip/in.zip/in.zip", "lies within more than 3 archives")
    assert [words for _, words in found[1:]] == [REPORT.strip()] * 4


def test_too_many_members(tmp_path: Path) -> None:
    files = {f"{n}.txt": REPORT.encode() for n in range(30)}
    for name, data in (("x.zip", make_zip(files)), ("x.tar", make_tar(files))):
        found = _told(tmp_path, _read(tmp_path, name, data, members=20))
        assert found[-1] == (name, "holds more than 20 members")
    nested = make_zip({f"{n}.zip": make_zip({"a.txt": REPORT.encode(), "b.txt": b"1"}) for n in range(10)})
    assert _told(tmp_path, _read(tmp_path, "y.zip", nested, members=20))[-1] == ("y.zip", "holds more than 20 members")


def test_a_directory_that_lies_about_its_length(tmp_path: Path) -> None:
    data = bytearray(make_zip({f"{n}.txt": b"1" for n in range(300)}))
    end = data.rfind(b"PK\x05\x06")
    data[end + 8 : end + 12] = b"\x01\x00\x01\x00"
    assert _told(tmp_path, _read(tmp_path, "x.zip", bytes(data), members=200)) == [("x.zip", "holds more than 200 members")]


def test_a_tar_header_of_absurd_size(tmp_path: Path) -> None:
    entry = tarfile.TarInfo("a.txt")
    entry.type, entry.size = tarfile.XHDTYPE, 8 * 1024**3
    data = entry.tobuf(tarfile.GNU_FORMAT) + bytes(1024 * 20)
    for name, packed in (("x.tar", data), ("x.tar.gz", gzip.compress(data))):
        (error,) = _told(tmp_path, _read(tmp_path, name, packed))
        assert "absurd size" in error[1]


def test_a_tar_header_that_points_backwards(tmp_path: Path) -> None:
    head = bytearray(tarfile.TarInfo("a.json").tobuf(tarfile.GNU_FORMAT))
    head[124:136] = b"\xff" * 10 + b"\xfc\x00"
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    (error,) = _told(tmp_path, _read(tmp_path, "x.tar", bytes(head) + bytes(1024), members=50))
    assert "backwards" in error[1] or "damaged" in error[1]


@pytest.mark.parametrize("name", PACKED)
def test_an_archive_that_is_cut_off(tmp_path: Path, name: str) -> None:
    whole = PACKED[name].rstrip(b"\0")
    found = _told(tmp_path, _read(tmp_path, name, whole[: len(whole) * 2 // 3]))
    assert "damaged or cut off" in found[-1][1]
    assert all(words in (REPORT.strip(), OTHER.strip()) for _, words in found[:-1])


def test_a_tar_archive_that_is_cut_off_between_members(tmp_path: Path) -> None:
    data = make_tar({"a.txt": REPORT.encode(), "b.txt": OTHER.encode()}, tarfile.USTAR_FORMAT)
    whole, error = _told(tmp_path, _read(tmp_path, "x.tar", data[:1024]))
    assert whole == ("x.tar/a.txt", REPORT.strip())
    assert "members may be missing" in error[1]


def test_a_damaged_member_leaves_the_others(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", REPORT)
        archive.writestr("b.txt", OTHER)
    data = out.getvalue().replace(b"98.2%", b"98.3%", 1)
    (bad, good) = _told(tmp_path, _read(tmp_path, "x.zip", data))
    assert "damaged" in bad[1]
    assert good == ("x.zip/b.txt", OTHER.strip())


def test_a_folder_of_archives_is_searched(tmp_path: Path) -> None:
    for name in ("b.zip", "a.tgz"):
        (tmp_path / name).write_bytes(PACKED["x.zip" if name == "b.zip" else "x.tgz"])
    assert list(find_inputs([str(tmp_path)])) == [str(tmp_path / "a.tgz"), str(tmp_path / "b.zip")]


def _damaged(data: bytes, damage: bytes, at: float, cut: float) -> bytes:
    place = int(len(data) * at)
    return (data[:place] + damage + data[place + len(damage) :])[: int(len(data) * cut)]


@examples(0.6)
@given(st.sampled_from(sorted(PACKED)), st.binary(max_size=12), st.floats(0, 1), st.floats(0.3, 1))
def test_any_damage_is_read_or_told_of(tmp_path_factory, name: str, damage: bytes, at: float, cut: float) -> None:
    folder = tmp_path_factory.getbasetemp()
    found = _read(folder, f"damaged-{name}", _damaged(PACKED[name], damage, at, cut), members=1_000)
    assert found
    assert all(isinstance(f, Document) or f.remedy for f in found)


# ----------------------------------------------------------------------------------------------------------------- mails


def make_mail(text: str, files: Files, page: str | None = None) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.com", "b@example.com", "2023年度法治政府建设情况报告"
    mail.set_content(text)
    if page is not None:
        mail.add_alternative(page, subtype="html")
    for name, data in files.items():
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return mail


LONG = REPORT * 8


def test_a_mail_gives_its_text_and_what_is_attached(tmp_path: Path) -> None:
    mail = make_mail(LONG, {"报告.txt": OTHER.encode("gbk"), "x.zip": PACKED["x.zip"], "a.json": b"{}", "../b.txt": b"1"})
    found = _told(tmp_path, _read(tmp_path, "x.eml", mail.as_bytes()))
    assert [name for name, _ in found] == [
        *("x.eml", "x.eml/报告.txt"),
        *(f"x.eml/x.zip/{name}" for name in FILES),
        "x.eml/../b.txt",
    ]
    assert found[0][1] == LONG.strip()
    assert found[1][1] == OTHER.strip()
    assert "leads out" in found[-1][1]


def test_a_cover_note_is_no_report(tmp_path: Path) -> None:
    mail = make_mail("请查收附件。", {"报告.txt": OTHER.encode()})
    assert _told(tmp_path, _read(tmp_path, "x.eml", mail.as_bytes())) == [("x.eml/报告.txt", OTHER.strip())]
    assert _told(tmp_path, _read(tmp_path, "y.eml", make_mail("请查收。", {}).as_bytes())) == [("y.eml", "请查收。")]


def test_the_web_page_of_a_mail_is_preferred(tmp_path: Path) -> None:
    mail = make_mail("见网页版", {}, f"<html><body><p>{REPORT.splitlines()[2]}</p></body></html>")
    (found,) = _read(tmp_path, "x.eml", mail.as_bytes())
    assert isinstance(found, Document)
    assert (found.text.strip(), found.media_type, found.encoding) == (REPORT.splitlines()[2], "message/rfc822", "utf-8")
    assert [place.paragraph for place in found.places] == [1]


@pytest.mark.parametrize("encoding", ["gb2312", "gb18030", "utf-8"])
@pytest.mark.parametrize("declared", ["gb2312", "utf-8", "x-none"])
def test_the_charset_of_a_mail_may_lie(tmp_path: Path, encoding: str, declared: str) -> None:
    head = f"From: a@example.com\r\nSubject: report\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset={declared}\r\n"
    data = head.encode() + b"Content-Transfer-Encoding: 8bit\r\n\r\n" + REPORT.encode(encoding)
    assert _told(tmp_path, _read(tmp_path, "x.txt", data)) == [("x.txt", REPORT.strip())]


def test_a_page_saved_as_one_file(tmp_path: Path) -> None:
    page = f"<html><body><p>{REPORT.splitlines()[2]}</p><img src='cid:1'></body></html>"
    head = "From: <Saved by a browser>\r\nSnapshot-Content-Location: http://example.com/\r\nSubject: =?utf-8?B?5oql5ZGK?=\r\n"
    head += (
        'Date: Fri, 12 Jan 2024 08:00:00 +0800\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n'
    )
    part = "--b\r\nContent-Type: text/html; charset=gbk\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    image = "\r\n--b\r\nContent-Type: image/png\r\nContent-Location: http://example.com/a.png\r\n\r\nPNG\r\n--b--\r\n"
    data = head.encode() + part.encode() + page.encode("gbk") + image.encode()
    (found,) = _read(tmp_path, "x.mhtml", data)
    assert isinstance(found, Document)
    assert (found.text, found.media_type, found.encoding) == (f"{REPORT.splitlines()[2]}\n", "multipart/related", "gb18030")


def test_a_letter_that_only_looks_like_a_mail_is_a_text(tmp_path: Path) -> None:
    for text in ("From: 青禾镇\nTo: 县政府\n\n报告", "青禾镇\nFrom: a\nTo: b\nSubject: c\n\n报告", "Date: 2024\n报告如下"):
        assert _told(tmp_path, _read(tmp_path, "x.txt", text.encode())) == [("x.txt", text)]


def test_a_mail_within_a_mail_and_parts_without_end(tmp_path: Path) -> None:
    inner = make_mail(LONG, {"报告.txt": OTHER.encode()})
    outer = make_mail("转发", {})
    outer.add_attachment(inner, filename="转发.eml")
    names = [name for name, _ in _told(tmp_path, _read(tmp_path, "x.eml", outer.as_bytes()))]
    assert names == ["x.eml/转发.eml", "x.eml/转发.eml/报告.txt"]
    head = b"From: a@example.com\nSubject: a\nMIME-Version: 1.0\n"
    deep = head + b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(3_000))
    found = _told(tmp_path, _read(tmp_path, "y.eml", deep))
    assert len(found) == 1
    assert "mail" in found[0][1]


def test_a_mail_without_text(tmp_path: Path) -> None:
    head = b"From: a@example.com\nSubject: a\nMIME-Version: 1.0\nContent-Type: image/png\n\nPNG"
    assert _told(tmp_path, _read(tmp_path, "x.eml", head)) == [("x.eml", "is a mail without text")]


@examples(0.6)
@given(st.binary(max_size=30), st.floats(0, 1), st.floats(0.1, 1))
def test_any_damage_to_a_mail_is_read_or_told_of(tmp_path_factory, damage: bytes, at: float, cut: float) -> None:
    folder = tmp_path_factory.getbasetemp()
    mail = make_mail(LONG, {"报告.txt": OTHER.encode(), "b.html": b"<html>1"}, "<html><p>甲</p></html>").as_bytes()
    found = _read(folder, "damaged.eml", _damaged(mail, damage, at, cut))
    assert all(isinstance(f, Document) or f.remedy for f in found)
