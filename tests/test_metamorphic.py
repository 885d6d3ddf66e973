"""What is written otherwise and says the same is read the same: transformed reports score as the originals do."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

import pytest

from extractor.evaluation import FIGURES, Evaluation
from extractor.gold import Gold, GoldMetadata, misfits
from extractor.numerals import parse_chinese
from extractor.pipeline import extractor_for
from tests import metamorphic
from tests.conftest import unmark
from tests.gold_sets import Case, cases_of, gold_folders, grave, measure, record_of
from tests.metamorphic import (
    TRANSFORMATIONS,
    chinese_numeral,
    full_width_digits,
    hard_wraps,
    traditional_characters,
    trials,
)
from tests.raise_floors import FREE_DROP, METAMORPHIC, drops

FOLDERS = gold_folders()
FINDINGS = Path(__file__).parent / "findings"
FOR_FINDINGS = (traditional_characters, full_width_digits, hard_wraps)
TRIALS = tuple(sorted(trials(), key=lambda trial: trial[0] not in FOR_FINDINGS))
"""Those first whose records the test of the findings has just made."""
Transformation = Callable[[Case], Case]


@lru_cache
def original(name: str) -> Evaluation:
    return measure(cases_of(FOLDERS[name]))


@cache
def transformed(transform: Transformation, name: str) -> tuple[Case, ...]:
    return tuple(map(transform, cases_of(FOLDERS[name])))


NOTHING = Gold(
    metadata=GoldMetadata(**dict.fromkeys(GoldMetadata.model_fields, None) | {"issuers": ()}),
    sections=(),
    items=(),
    quantities=(),
)
PLANTED = tuple(Case(path.name, path.read_bytes().decode("utf-8"), NOTHING) for path in sorted(FINDINGS.glob("*.txt")))


@pytest.mark.parametrize("transform", FOR_FINDINGS, ids=lambda transform: transform.__name__)
def test_another_way_of_writing_makes_no_other_findings(transform: Transformation) -> None:
    """Traditional characters, full width, broken lines: the same doubts, and none made by the writing."""
    assert PLANTED
    pairs = [(case, transform(case)) for case in PLANTED]
    for name in [name for tried, name in TRIALS if tried is transform]:
        pairs += zip(cases_of(FOLDERS[name]), transformed(transform, name), strict=True)
    for case, rewritten in pairs:
        codes, others = ([finding.code for finding in grave(record_of(text))] for text in (case.text, rewritten.text))
        assert sorted(others) == sorted(codes), case.name


@pytest.mark.parametrize(("transform", "name"), TRIALS, ids=lambda value: getattr(value, "__name__", value))
def test_no_figure_falls_further_than_allowed(transform: Transformation, name: str) -> None:
    allowed = json.loads(METAMORPHIC.read_text("utf-8"))["limits"].get(f"{transform.__name__}/{name}", {})
    lost = drops(original(name), measure(transformed(transform, name)))
    too_far = {figure: round(drop, 2) for figure, drop in lost.items() if drop > allowed.get(figure, FREE_DROP)}
    assert not too_far, f"{transform.__name__} costs {name} too many points: {too_far}"


@pytest.mark.parametrize("transform", TRANSFORMATIONS, ids=lambda transform: transform.__name__)
def test_transformed_annotations_fit_their_texts(transform: Transformation) -> None:
    codes = extractor_for().catalogue.codes
    changed = 0
    names = [name for tried, name in TRIALS if tried is transform]
    pairs = [pair for name in names for pair in zip(cases_of(FOLDERS[name]), transformed(transform, name), strict=True)]
    for case, new in pairs:
        changed += new.text != case.text
        assert misfits(new.gold, new.text, codes) == []
        assert readings(new.gold) == readings(case.gold)
        assert [section.kind for section in new.gold.sections] == [section.kind for section in case.gold.sections]
        assert len(new.gold.items) == len(case.gold.items)
    assert changed, "it changes no text at all"


def test_every_set_and_every_transformation_is_tried() -> None:
    assert {name for _, name in TRIALS} == set(FOLDERS)
    assert {transform for transform, _ in TRIALS} == set(TRANSFORMATIONS)


def readings(gold: Gold) -> list[str]:
    """What the quantities say, whatever they are written like; in no order."""
    return sorted(f"{q.value} {q.low} {q.high} {q.qualifier} {q.modality} {q.code}" for q in gold.quantities)


def test_allowances_are_for_what_there_is() -> None:
    tried = {f"{transform.__name__}/{name}" for transform, name in TRIALS}
    for place, allowed in json.loads(METAMORPHIC.read_text("utf-8"))["limits"].items():
        assert place in tried or "/shared/" in place, "what lies beside the repository may not be there"
        assert allowed.keys() <= set(FIGURES)
        assert all(drop > FREE_DROP for drop in allowed.values()), place


def case_of(sentence: str, code: str | None = None, **metadata: object) -> Case:
    """A report of one section whose quantities stand in 【】, each a number and a unit of one character; 无件 is 0."""
    text, spans = unmark(sentence)
    quantities = []
    for start, end in spans:
        words = text[start:end]
        digits = "".join(c for c in words if c in "0123456789")
        value = int(digits or parse_chinese(words[:-1]) or 0)
        quantities.append(
            {
                "start": start,
                "end": end,
                "text": words,
                "value": value,
                "unit": words[-1],
                "qualifier": "exact",
                "modality": "actual",
            }
            | {"code": code}
        )
    fields = dict.fromkeys(("title", "report_year", "township", "addressee", "document_number", "index_number", "issue_date"))
    gold = {
        "metadata": {**fields, "issuers": [], **metadata},
        "sections": [
            {"kind": "work_done", "heading": text.partition("\n")[0].partition("、")[2], "start": 0, "end": len(text)}
        ],
        "items": [],
        "quantities": quantities,
    }
    return Case("case", text, Gold.model_validate(gold))


def marked(case: Case) -> str:
    """The text with its quantities in 【】 again."""
    text = case.text
    for quantity in reversed(case.gold.quantities):
        text = f"{text[: quantity.start]}【{quantity.text}】{text[quantity.end :]}"
    return text


EXAMPLES = [
    ("half_width_punctuation", "开展宣传（含夜场）【12次】，共1：2；", "开展宣传(含夜场)【12次】,共1：2;"),
    ("full_width_punctuation", "开展宣传(含夜场)【12次】,共【1,200条】;", "开展宣传（含夜场）【12次】，共【1,200条】；"),
    ("full_width_digits", "开展宣传【12次】，占3.5%", "开展宣传【１２次】，占３．５％"),
    ("spaces_round_numbers", "开展宣传【12次】，发【300余条】", "开展宣传 【12 次】，发 【300 余条】"),
    ("spaces_in_numbers", "开展宣传【12次】，发【3条】，占98.2", "开展宣传【1 2次】，发【3条】，占9 8.2"),
    ("thousands_separators", "发【12000条】，【345条】，【4600条】", "发【12,000条】，【345条】，【4,600条】"),
    ("arabic_to_chinese", "开展【12次】，【1次】，【2次】，【1000余条】", "开展【十二次】，【1次】，【两次】，【一千余条】"),
    ("chinese_to_arabic", "开展【十二次】，【两次】，【一千零五条】", "开展【12次】，【2次】，【1005条】"),
    ("half_width_marks", "（一）宣传【12次】\n（2）走访", "(一)宣传【12次】\n(2)走访"),
    ("dotted_marks", "一、宣传\n1、走访【12次】，1、2月", "一.宣传\n1.走访【12次】，1、2月"),
    ("pause_marks", "一、宣传\n1.走访【12次】\n2.5万", "一、宣传\n1、走访【12次】\n2.5万"),
    ("glued_headings", "一、宣传工作\n走访【12次】", "一、宣传工作。走访【12次】"),
    ("markdown", "一、宣传工作\n（一）走访到户。走访【12次】", "## 一、宣传工作\n**（一）走访到户。**走访【12次】"),
    ("traditional_characters", "调解纠纷【12条】", "調解糾紛【12條】"),
    ("synonyms", "举办活动【12次】，受教育群众【300次】，“发放”", "举行活动【12次】，受众【300次】，“发放”"),
    ("list_order", "其中山林【12件】、邻里【20件】、婚姻【30件】。", "其中山林【12件】、婚姻【30件】、邻里【20件】。"),
    ("list_order", "其中山林【12件】、邻里【20件】、其他【30件】。", "其中山林【12件】、邻里【20件】、其他【30件】。"),
]


@pytest.mark.parametrize(("name", "before", "after"), EXAMPLES)
def test_transformation(name: str, before: str, after: str) -> None:
    assert marked(getattr(metamorphic, name)(case_of(before))) == after


def test_measure_words_are_exchanged_where_they_are_usual() -> None:
    disputes = case_of("调解纠纷【12件】，【零件】", code="mediation.disputes_mediated")
    assert marked(metamorphic.measure_words(disputes)) == "调解纠纷【12起】，【零件】"
    assert [quantity.unit for quantity in metamorphic.measure_words(disputes).gold.quantities] == ["起", "件"]
    contracts = case_of("审查合同【12件】", code="decision.legality_reviews")
    assert metamorphic.measure_words(contracts) == contracts


def test_places_are_exchanged_in_text_and_metadata() -> None:
    case = metamorphic.numeral_places(case_of("芦湾镇调解【12件】，芦湾河", township="芦湾镇", title="芦湾镇工作报告"))
    assert marked(case) == "五里镇调解【12件】，五里河"
    assert (case.gold.metadata.township, case.gold.metadata.title) == ("五里镇", "五里镇工作报告")


def test_hard_wraps_keep_numbers_and_closing_marks_together() -> None:
    case = case_of(f"{'村' * 32}【1234件】{'组' * 27}，{'户' * 60}")
    lines = metamorphic.hard_wraps(case).text.split("\n")
    assert lines == ["村" * 32, f"1234件{'组' * 27}，户", "户" * 34, "户" * 25]


def test_wraps_by_width_count_digits_half() -> None:
    case = case_of(f"{'村' * 32}【1234件】{'组' * 40}")
    assert metamorphic.hard_wraps_by_width(case).text.split("\n")[0] == f"{'村' * 32}1234"


def test_page_breaks_stand_inside_sentences() -> None:
    case = case_of(f"一、宣传\n{'村' * 300}【12件】{'组' * 300}。")
    before, number, after = metamorphic.page_breaks(case).text.split("\n\n")
    assert (before[-1], number, after[0]) == ("村", "— 1 —", "村")


def test_furniture_stands_round_the_report() -> None:
    case = metamorphic.web_furniture(case_of("一、宣传【12次】"))
    section = case.gold.sections[0]
    assert case.text[section.start : section.end] == "一、宣传12次"
    assert case.text.startswith("首页")
    assert case.gold.quantities[0].text == "12次"


NUMERALS = {
    3: "三", 10: "十", 12: "十二", 20: "二十", 105: "一百零五", 110: "一百一十", 1005: "一千零五", 1050: "一千零五十",
    12000: "一万二千", 10300: "一万零三百", 36005: "三万六千零五",
}  # fmt: skip


@pytest.mark.parametrize(("number", "words"), NUMERALS.items())
def test_chinese_numeral(number: int, words: str) -> None:
    assert chinese_numeral(number) == words
