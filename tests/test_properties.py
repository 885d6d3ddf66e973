"""What holds for any text: no crash, sound records, every number accounted for, the same record twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from extractor.cleaning import raw_offset, raw_span
from extractor.models import Report
from extractor.pipeline import Extractor, Reading, document_of
from tests.conftest import SAMPLES, examples

Record = Callable[[str], Report]

ALPHABET = (
    "0123456789０１２％%.，,。；：:、（）()“”《》〔〕【】[]*#|-—~\n\n  　\r\t"
    "〇○零一二两三四五六七八九十百千万亿余多近约超几数第每各其中共达为至"
    "件起次场份人名个条户元亩处项期村镇年月日率无未发生没有调解化解纠纷信访培训宣传执法行政复议同比下降增长计划"
    "存在问题下步打算工作成效舉調糾紛①②③①x\ufeff\u200b\U00020bb7"
)
FRAGMENTS = st.sampled_from(
    [
        "一、主要举措和成效\n",
        "二、存在的问题\n",
        "三、下一步工作打算\n",
        "（一）强化领导。",
        "1.健全机制\n",
        "一是加强学习；",
        "岚溪镇2024年法治政府建设工作报告\n",
        "禾阳县人民政府：\n",
        "岚政〔2025〕6号\n",
        "全年调解纠纷57起，其中邻里类19起、土地类38起。",
        "办结率和满意率分别为99.5%和98%。",
        "无一起行政复议案件，",
        "同比下降11.7%，",
        "每季度开展一次，",
        "发放资料1.2万余份，",
        "数十起、上百人、万余户。",
        "三分之二、八成五、百分之九十。",
        "2021—2025年，12345热线，“1+6+N”。",
        "[bookmark: _GoBack]",
        "[image: Seal]",
        "\n\n— 12 —\n\n",
        "浏览次数：311\n",
        "岚溪镇人民政府\n2025年1月9日\n",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=80),
    st.text(ALPHABET, max_size=120),
    st.lists(st.one_of(FRAGMENTS, st.text(ALPHABET, max_size=12)), max_size=14).map("".join),
)
PLAIN = st.lists(
    st.one_of(
        FRAGMENTS.filter(lambda words: "\n" not in words and "[" not in words), st.text("57一十万件次纠纷，、；", max_size=8)
    )
)
"""Sentences without line ends, spaces and marks of conversion: nothing for cleaning to take out."""

NUMERAL = re.compile(r"[0-9]+|[〇零○一二两三四五六七八九十百千万亿]+|[①-⑮]")
"""What counts as one number, written down again apart from the code under test."""


@st.composite
def mutations(draw: st.DrawFn) -> str:
    """A sample report after a few deletions, insertions, swaps and cuts."""
    text = draw(st.sampled_from([path.read_text(encoding="utf-8") for path in SAMPLES]))
    for _ in range(draw(st.integers(1, 12))):
        at = draw(st.integers(0, len(text)))
        length = draw(st.integers(1, 40))
        match draw(st.sampled_from(["delete", "insert", "swap", "double", "cut"])):
            case "delete":
                text = text[:at] + text[at + length :]
            case "insert":
                text = text[:at] + draw(st.one_of(st.text(ALPHABET, max_size=8), FRAGMENTS)) + text[at:]
            case "swap":
                text = text[:at] + text[at + length : at + 2 * length] + text[at : at + length] + text[at + 2 * length :]
            case "double":
                text = text[: at + length] + text[at:]
            case "cut":
                text = text[:at] if at > len(text) // 2 else text[at:]
    return text


def _check(record: Record, text: str) -> None:
    """The model itself checks spans, texts, references and values; here is what it does not."""
    report = record(text)
    assert report.source.characters == len(text)
    assert Report.model_validate_json(report.model_dump_json()) == report
    for entry in (*report.items, *report.indicators):
        assert text[entry.start : entry.end] == entry.text
    for entries in (report.sections, report.items, report.indicators):
        assert [e.start for e in entries] == sorted(e.start for e in entries)
        assert len({e.id for e in entries}) == len(entries)
    tops = [section for section in report.sections if section.level == 1]
    assert all(before.end <= after.start for before, after in pairwise(tops))
    coverage = report.coverage
    assert coverage.unaccounted == 0
    assert coverage.numbers == coverage.reported + sum(coverage.skipped.values())


def _accounted(stages: Extractor, reading: Reading) -> list[bool]:
    """For every character as received: whether it lies in a quantity, a skip, a line left out, or the sign-off."""
    clean = reading.clean
    known = [False] * (len(reading.text) + 1)
    spans = [raw_span(clean, q.measure.start, q.measure.end) for q in reading.quantities]
    spans += [raw_span(clean, skip.start, skip.end) for skip in reading.skips]
    spans += [(line.start, line.end) for line in (*clean.front, *clean.furniture, *clean.page_marks)]
    spans += [match.span() for pattern in stages.catalogue.page.artefacts for match in regex.finditer(pattern, reading.text)]
    if reading.outline.body_end < len(clean.text):
        spans.append((raw_offset(clean, reading.outline.body_end), len(reading.text)))
    for start, end in spans:
        known[start:end] = [True] * (end - start)
    return known


def _check_digits(stages: Extractor, text: str) -> None:
    known = _accounted(stages, stages.read(text))
    lost = [(m.start(), m[0]) for m in re.finditer(r"[0-9０-９]+", text) if not all(known[m.start() : m.end()])]
    assert lost == []


@given(text=TEXTS)
@examples(0.6)
def test_any_text(record: Record, text: str) -> None:
    _check(record, text)


@given(text=mutations())
@examples(0.4)
def test_damaged_reports(record: Record, text: str) -> None:
    _check(record, text)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples(extractor: Extractor, record: Record, path: Path) -> None:
    text = path.read_bytes().decode("utf-8")
    _check(record, text)
    _check_digits(extractor, text)
    assert record(text).model_dump_json() == record(text).model_dump_json()


@given(text=TEXTS)
@examples(0.6)
def test_every_digit_of_any_text_is_accounted_for(extractor: Extractor, text: str) -> None:
    _check_digits(extractor, text)


@given(text=mutations())
@examples(0.4)
def test_every_digit_of_damaged_reports_is_accounted_for(extractor: Extractor, text: str) -> None:
    _check_digits(extractor, text)


@given(pieces=PLAIN)
@examples(0.6)
def test_numbers_are_counted_as_they_stand(record: Record, pieces: list[str]) -> None:
    text = "工作中，" + "".join(pieces)
    assert record(text).coverage.numbers == len(NUMERAL.findall(text))


@given(text=st.one_of(TEXTS, mutations()))
@examples(0.3)
def test_the_same_text_gives_the_same_record(extractor: Extractor, text: str) -> None:
    first = extractor.extract(document_of(text)).model_dump_json()
    assert extractor.extract(document_of(text)).model_dump_json() == first


@pytest.mark.parametrize("path", SAMPLES[:2], ids=lambda path: path.stem)
def test_fresh_stages_give_the_same_record(extractor: Extractor, path: Path) -> None:
    """What was read before leaves no trace."""
    document = document_of(path.read_bytes().decode("utf-8"))
    assert Extractor(extractor.catalogue).extract(document) == extractor.extract(document)
