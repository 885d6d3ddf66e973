"""PDF with a text layer: reading order, paragraphs, what repeats on pages, and what cannot be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.errors import InputError
from extractor.reading import ocr, pdf
from extractor.reading.types import Extracted, Limits
from tests import pdf_files as make
from tests.broken import changed, changes_of

OPENING = "2024年，青禾镇深入学习贯彻习近平法治思想，扎实推进法治政府建设，各项工作取得新的成效，现将有关情况报告如下："
BODY = "全年调解矛盾纠纷57件，调解成功56件，成功率98.2%，群众满意度进一步提升。开展法治宣传活动12场次，发放资料3000份。"


def read(data: bytes, limits: Limits | None = None) -> Extracted:
    return pdf.read(data, "report.pdf", limits or Limits())


def lines(data: bytes) -> list[str]:
    return read(data).text.splitlines()


# ------------------------------------------------------------------------------------------------ paragraphs and pages


def test_wrapped_lines_are_rejoined_and_headings_stay_apart() -> None:
    page = [
        *make.paragraph("青禾镇2024年度法治政府建设情况报告", 760, indent=4),
        *make.paragraph(OPENING, 732),
        *make.paragraph("一、主要举措", 640),
        *make.paragraph(BODY, 612),
    ]
    assert lines(make.pdf(page)) == ["青禾镇2024年度法治政府建设情况报告", OPENING, "一、主要举措", BODY]


def test_a_paragraph_goes_on_across_pages_whose_furniture_is_gone() -> None:
    whole = make.paragraph(OPENING, 700) + make.paragraph(BODY, 588)
    pages = []
    for number in range(3):
        body = whole if number == 0 else make.paragraph(BODY, 700)
        pages.append([(230.0, 800.0, "青禾镇法治政府建设年度报告"), *body, (280.0, 40.0, f"— {number + 1} —")])
    pages[0].insert(-1, (112.0, 420.0, "本页最后一段没有写完，它的余下部分写在下一页上面头"))
    pages[1][1:1] = [(80.0, 740.0, "一行里。")]
    extracted = read(make.pdf(*pages))
    assert extracted.text.splitlines() == [
        OPENING,
        BODY,
        "本页最后一段没有写完，它的余下部分写在下一页上面头一行里。",
        BODY,
        BODY,
    ]
    assert extracted.pages == 3
    begins = {place.page: extracted.text[place.start :][:4] for place in extracted.places}
    assert begins == {1: OPENING[:4], 2: "一行里。", 3: BODY[:4]}


def test_lines_that_repeat_in_the_body_stay() -> None:
    page = make.paragraph(OPENING, 700) + [(112.0, 500.0 - 28 * at, f"（{at}）调解矛盾纠纷57件。") for at in range(8)]
    other = make.paragraph(BODY, 700) + [(112.0, 470.0 - 28 * at, f"（{at}）调解矛盾纠纷57件。") for at in range(8)]
    assert read(make.pdf(page, other)).text.count("调解矛盾纠纷57件。") == 16


def test_a_short_line_ends_its_paragraph_and_a_long_word_that_did_not_fit_does_not() -> None:
    page = [
        (112.0, 700.0, "本年度共检查各类企业和生产经营单位合计达到三百余家"[:24]),
        (80.0, 672.0, "第二行写满了整整一行的文字所以它应当与下一行连在一起的"[:26]),
        (80.0, 644.0, "第三行在一个长数字之前换行因为它放不下了"),
        (80.0, 616.0, "1234567890.12元，后面还有一些文字没有写完。"),
        (112.0, 588.0, "短的一段。"),
        (80.0, 560.0, "顶格的一段不接在短段后面。"),
    ]
    found = lines(make.pdf(page))
    assert found[1:] == ["短的一段。", "顶格的一段不接在短段后面。"]
    assert found[0].endswith("1234567890.12元，后面还有一些文字没有写完。")


def test_a_row_of_a_table_keeps_its_cells_apart() -> None:
    page = [*make.paragraph(OPENING, 700)]
    page += [(112.0, 560.0, "调解矛盾纠纷"), (300.0, 560.0, "210"), (380.0, 560.0, "57")]
    assert lines(make.pdf(page))[-1] == "调解矛盾纠纷\t210\t57"


def test_columns_are_read_one_after_the_other_and_a_page_written_in_disorder_from_the_top() -> None:
    left = [(60.0, 700.0 - 28 * at, f"左栏第{at}行。") for at in range(6)]
    right = [(330.0, 700.0 - 28 * at, f"右栏第{at}行。") for at in range(6)]
    assert lines(make.pdf([*left, *right])) == [words for _, _, words in [*left, *right]]
    disorder = [left[at] for at in (3, 1, 4, 0, 5, 2)]
    jumps = [(60.0, 400.0 - 28 * at, f"下文第{at}行。") for at in (5, 4, 3, 2, 1, 0)]
    assert lines(make.pdf([*jumps, *disorder])) == [*(w for _, _, w in left), *(w for _, _, w in reversed(jumps))]


def test_spaces_that_justify_chinese_words_go_and_those_between_latin_words_stay() -> None:
    page = [(80.0 + 21 * at, 700.0, sign) for at, sign in enumerate("调解矛盾纠纷")]
    page += [(80.0, 650.0, "rule of law"), (80.0, 600.0, "全年 57 件")]
    assert lines(make.pdf(page)) == ["调解矛盾纠纷", "rule of law", "全年 57 件"]


# ------------------------------------------------------------------------------------------------ scans


@pytest.fixture
def without_ocr(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the extra is not installed."""
    monkeypatch.setattr(ocr, "find_spec", lambda name: None)


@pytest.mark.usefixtures("without_ocr")
def test_a_scan_without_the_extra_says_what_to_install() -> None:
    with pytest.raises(InputError, match=r"pip install 'extractor\[ocr\]'"):
        read(make.image_pdf(make.picture(), make.picture()))


@pytest.mark.usefixtures("without_ocr")
def test_some_pages_without_text_are_notices() -> None:
    extracted = read(make.image_pdf(make.paragraph(BODY, 700), make.picture(), []))
    assert extracted.text == BODY + "\n"
    assert [(notice.code, dict(notice.words)) for notice in extracted.notices] == [("page_not_read", {"page": "2"})]


# ------------------------------------------------------------------------------------------------ hostile and broken


WHOLE = make.pdf(make.paragraph(BODY, 700))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "damaged"),
        (b"%PDF-1.7\n", "damaged"),
        (WHOLE[:400], "damaged"),
        (make.pdf(make.paragraph(BODY, 700), password="geheim"), "protected by a password"),
        (make.pdf([]), "has no text"),
        (make.pdf([], page_size=(1, 1)), "has no text"),
        (make.pdf([], page_size=(14_000, 14_000)), "has no text"),
    ],
)
def test_what_cannot_be_read_is_a_named_error(data: bytes, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        read(data)


def test_limits_of_pages_and_characters() -> None:
    with pytest.raises(InputError, match="has 21 pages, more than the limit of 20"):
        read(make.pdf(*[make.paragraph(BODY, 700)] * 21), Limits(pages=20))
    with pytest.raises(InputError, match="more than 50 characters"):
        read(WHOLE, Limits(characters=50))


def test_a_page_that_holds_itself_ends() -> None:
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Resources<</XObject<</X 4 0 R>>>>/Contents 5 0 R>>",
        b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 4 0 R>>>>/Length 5>>stream\n/X Do\nendstream",
        b"<</Length 5>>stream\n/X Do\nendstream",
    ]
    with pytest.raises(InputError, match="has no text"):
        read(make.of_objects(objects))


@given(st.integers(0, len(WHOLE) - 1))
def test_a_truncated_pdf_gives_text_or_an_error(end: int) -> None:
    try:
        extracted = read(WHOLE[:end])
    except InputError:
        return
    assert extracted.text.strip()


@given(changes_of(WHOLE))
def test_a_pdf_with_changed_bytes_gives_text_or_an_error(changes: list[tuple[int, int]]) -> None:
    try:
        extracted = read(changed(WHOLE, changes))
    except InputError:
        return
    assert extracted.text.strip()
