"""The same report gives the same indicators, whatever the format it comes in."""

from __future__ import annotations

import zlib
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, TiffImagePlugin

from extractor.errors import InputError
from extractor.models import Report
from extractor.pipeline import document_of
from extractor.reading import formats, ocr, office, read_bytes, read_file
from extractor.reading.types import Limits, ReadOptions
from samples.make_formats import MAKERS, lines
from tests.conftest import REPOSITORY, SAMPLES
from tests.pdf_files import image_pdf
from tests.stages import STAGES

MADE = REPOSITORY / "formats"
"""One of the reports in every format, as `python -m samples.make_formats formats luoqiao-2024` makes it."""
TEXT = REPOSITORY / "samples" / "luoqiao-2024.txt"
needs_office = pytest.mark.skipif(office.find_program() is None, reason="LibreOffice is not installed (see .ci/run)")

Number = tuple[str | None, Decimal | None, Decimal | None, Decimal | None, str | None, str, str]


def numbers(record: Report) -> list[Number]:
    """What must be the same in every format: codes, values, units, modality and qualifier, in the order of the text."""
    return [(i.code, i.value, i.low, i.high, i.unit, i.modality, i.qualifier) for i in record.indicators]


def extract(path: Path) -> Report:
    return STAGES.extract(read_file(path))


@cache
def expected(name: str) -> list[Number]:
    """What the text of a report gives."""
    return numbers(extract(REPOSITORY / "samples" / f"{name}.txt"))


def reference(path: Path, name: str) -> list[Number]:
    """What the text of a report gives; a report in traditional characters is compared with the same characters in memory."""
    if path.name.endswith(".big5.txt"):
        return numbers(STAGES.extract(document_of(path.read_bytes().decode("big5"))))
    return expected(name)


@pytest.mark.parametrize("ending", [ending for ending in MAKERS if ending != "rtf"])
def test_all_reports_give_the_same_indicators(ending: str, tmp_path: Path) -> None:
    assert len(SAMPLES) >= 12
    for sample in SAMPLES:
        path = tmp_path / f"{sample.stem}.{ending}"
        path.write_bytes(MAKERS[ending](sample.read_text("utf-8")))
        assert numbers(extract(path)) == reference(path, sample.stem), path.name


@needs_office
@pytest.mark.parametrize("ending", ["doc", "rtf"])
def test_what_libreoffice_opens_gives_the_same_indicators(ending: str) -> None:
    record = extract(MADE / f"luoqiao-2024.{ending}")
    assert numbers(record) == expected("luoqiao-2024")
    assert record.indicators[0].location is not None
    assert record.indicators[0].location.paragraph


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in sorted(MADE.iterdir())
        if path.suffix not in (".doc", ".rtf", ".wps", ".jpg") and "scan" not in path.name
    ],
)
def test_the_files_at_hand_give_the_same_indicators(path: Path) -> None:
    assert numbers(extract(path)) == reference(path, "luoqiao-2024")


def test_the_files_at_hand_are_of_every_format_that_is_made() -> None:
    endings = {path.name.removeprefix("luoqiao-2024.") for path in MADE.iterdir()}
    assert endings == {*MAKERS, "doc", "wps", "scan.pdf", "scan.jpg"}
    assert sum(path.stat().st_size for path in MADE.iterdir()) < 3_000_000


@pytest.mark.parametrize(
    ("ending", "field"), [("pdf", "page"), ("docx", "paragraph"), ("html", "paragraph"), ("xlsx", "cell"), ("zip", "paragraph")]
)
def test_each_indicator_has_its_place_in_the_file(ending: str, field: str) -> None:
    record = extract(MADE / f"luoqiao-2024.{ending}")
    places = [getattr(indicator.location, field) for indicator in record.indicators]
    assert all(places)
    assert len(set(places)) > 1


def test_a_wps_file_is_told_by_its_content() -> None:
    data = (MADE / "luoqiao-2024.wps").read_bytes()
    assert formats.detect(BytesIO(data), "report.wps").module == "extractor.reading.office"
    assert formats.detect(BytesIO(data), "report.txt").module == "extractor.reading.office"


# ------------------------------------------------------------------------------------------------ LibreOffice


def test_without_libreoffice_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office.shutil, "which", lambda name: None)
    monkeypatch.setattr(office, "_USUAL_PLACES", ())
    with pytest.raises(InputError, match=r"apt-get install libreoffice-writer-nogui"):
        office.read((MADE / "luoqiao-2024.doc").read_bytes(), "report.doc", Limits())


def test_a_program_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\nsleep 600 & wait\n", encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setattr(office, "find_program", lambda: str(program))
    with pytest.raises(InputError, match="took LibreOffice more than"):
        office.read(b"{\\rtf1 x}", "report.rtf", Limits(seconds=0.5))


def test_a_program_that_makes_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setattr(office, "find_program", lambda: str(program))
    with pytest.raises(InputError, match="cannot be opened by LibreOffice"):
        office.read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "report.doc", Limits())


def test_an_old_word_file_under_a_password_is_named_as_such() -> None:
    head = b"\xec\xa5" + bytes(8) + (0x0100).to_bytes(2, "little")
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + head + bytes(500)
    with pytest.raises(InputError, match="protected by a password"):
        office.read(data, "report.doc", Limits())


# ------------------------------------------------------------------------------------------------ recognition of characters


def _part_of_scan(share: float = 0.36) -> Image.Image:
    page = Image.open(MADE / "luoqiao-2024.scan.jpg")
    return page.crop((0, 0, page.width, int(page.height * share)))


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def test_a_scanned_pdf_is_read_by_its_pictures() -> None:
    part = _part_of_scan(0.25)
    page = Image.new("L", (part.width, int(part.width * 1.414)), 255)
    page.paste(part)
    document = read_bytes(image_pdf(page), "scan.pdf")
    # the first line is the header of the page, which repeats nowhere here
    found = [line.replace("(", "（").replace(")", "）") for line in document.text.splitlines()]
    assert found[1:4] == lines(TEXT.read_text("utf-8"))[:3]
    assert document.pages == 1
    assert document.places[0].page == 1


def test_what_is_hardly_readable_is_a_finding_with_its_span() -> None:
    page = _part_of_scan(0.18)
    blurred = page.resize((page.width // 5, page.height // 5)).resize(page.size)
    extracted = read_bytes(_saved(blurred, "PNG"), "scan.png")
    assert extracted.notices
    for notice in extracted.notices:
        assert notice.code == "low_confidence"
        assert notice.start is not None
        assert extracted.text[notice.start : notice.end].strip()


def test_without_the_extra_an_image_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install 'extractor\[ocr\]'"):
        ocr.read(b"\x89PNG\r\n\x1a\n", "scan.png", Limits())


def test_the_size_of_an_image_is_checked_before_it_is_decoded() -> None:
    data = bytearray(_saved(Image.new("1", (8, 8)), "PNG"))
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    with pytest.raises(InputError, match=r"absurd size|60000 by 60000"):
        ocr.read(bytes(data), "scan.png", Limits())
    with pytest.raises(InputError, match="image of 20 by 30 pixels"):
        ocr.read(_saved(Image.new("1", (20, 30)), "PNG"), "scan.png", Limits(pixels=500))


def test_images_that_are_damaged_empty_or_too_many() -> None:
    blank = Image.new("L", (64, 64), 255)
    whole = _saved(_part_of_scan(), "PNG")
    many = _saved(blank, "TIFF", save_all=True, append_images=[blank] * 3)
    assert TiffImagePlugin.TiffImageFile(BytesIO(many)).n_frames == 4
    for data, limits, reason in [
        (whole[:2000], Limits(), "damaged"),
        (b"\x89PNG\r\n\x1a\n", Limits(), "damaged"),
        (_saved(blank, "PNG"), Limits(), "without words"),
        (many, Limits(pages=3), "more than 3 pages"),
    ]:
        with pytest.raises(InputError, match=reason):
            read_bytes(data, "scan.png", ReadOptions(limits=limits))


def test_limits_reach_the_readers_through_the_options() -> None:
    with pytest.raises(InputError, match="more than the limit of 2"):
        read_file(MADE / "luoqiao-2024.pdf", ReadOptions(limits=Limits(pages=2)))
