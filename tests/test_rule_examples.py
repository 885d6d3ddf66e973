"""Every rule with examples does what they say, tried through the stage that uses it.

Indicators' examples are counted together: the share that comes out right may not fall below `floors/examples.json`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from extractor.models import Report
from extractor.pipeline import Extractor
from tests.conftest import overlapping, unmark
from tests.stages import CATALOGUE

Record = Callable[[str], Report]

FLOOR = Path(__file__).parent / "floors" / "examples.json"
HEAD = "2024年，岚溪镇扎实推进依法行政。"
"""Stands before an example, so that the report has a year and other years are others."""

KNOWN_FAILURES = {
    ("date", "“4·15”"): "a short quotation is a name before it can be a date",
    ("date", "2024"): "the rule asks for words behind the year that its example lacks",
    ("ordinal", "首次"): "holds no numeral, so the scan never comes to it",
    ("number_name", "G320"): "the rule of index numbers stands above it and matches",
    ("duration", "三年"): "stands among the idioms, which are tried first",
    ("list_mark", "一方面"): "stands among the idioms, which are tried first",
    ("level", "镇村两级"): "两级 stands among the names, which are tried first",
    ("level", "三级"): "stands among the names, which are tried first",
    ("placeholder", "**"): "holds no numeral, so the scan never comes to it",
    ("target.at_least", "全年中心组学法【不少于4次】"): "target.norm stands above it and takes 全年 for a norm",
    ("next_steps", "制定年度计划情况"): "年度计划 is found in the middle of the heading",
}
"""Examples that do not hold today, and why; each must fail, so that none stays here once it holds."""


def _cases(rules: list[tuple[str, str, bool]]) -> list[object]:
    return [
        pytest.param(
            name,
            example,
            wanted,
            id=f"{name}-{'match' if wanted else 'not'}-{example}",
            marks=[pytest.mark.xfail(strict=True, reason=KNOWN_FAILURES[name, example])]
            if (name, example) in KNOWN_FAILURES
            else [],
        )
        for name, example, wanted in rules
    ]


SKIPS = [
    (rule.reason, example, wanted)
    for rule in CATALOGUE.numbers.skip
    for examples, wanted in ((rule.match, True), (rule.not_, False))
    for example in examples
]
MODALITIES = [
    (rule.name, example, wanted)
    for rule in CATALOGUE.modality.rules
    for examples, wanted in ((rule.match, True), (rule.not_, False))
    for example in examples
]
KINDS = [
    (str(rule.kind), example, wanted)
    for rule in CATALOGUE.sections.kinds
    for examples, wanted in ((rule.match, True), (rule.not_, False))
    for example in examples
]


@pytest.mark.parametrize(("reason", "text", "wanted"), _cases(SKIPS))
def test_skip(extractor: Extractor, reason: str, text: str, wanted: bool) -> None:
    """The example inside a sentence (a list mark: at the start of a paragraph) is, or is not, skipped for the rule's reason."""
    before = "工作扎实开展。\n" if reason == "list_mark" else "工作中"
    assert (reason in {skip.reason for skip in extractor.read(f"{before}{text}的。").skips}) == wanted


@pytest.mark.parametrize(("name", "sentence", "wanted"), _cases(MODALITIES))
def test_modality(record: Record, name: str, sentence: str, wanted: bool) -> None:
    """The marked number is, or is not, read as the rule's modality in a report on 2024."""
    modality = next(rule.modality for rule in CATALOGUE.modality.rules if rule.name == name)
    marked = unmark(HEAD + sentence)
    found = overlapping(record(marked.text), marked.spans[0])
    assert {(i.start, i.end) for i in found} == {marked.spans[0]}
    assert ({i.modality for i in found} == {modality}) == wanted


@pytest.mark.parametrize(("kind", "heading", "wanted"), _cases(KINDS))
def test_kind(extractor: Extractor, kind: str, heading: str, wanted: bool) -> None:
    """The heading opens, or does not open, a section of the rule's kind; facts of the place stand below it."""
    assert (extractor.outlining.kind_of(heading, "全镇位于县境东部，下辖7个村。") == kind) == wanted


def test_every_rule_of_skips_and_modalities_has_examples() -> None:
    unproven = [rule.reason for rule in CATALOGUE.numbers.skip if not (rule.match and rule.not_)]
    by_place = {rule.name for rule in CATALOGUE.modality.rules if not (rule.before or rule.after)}
    unproven += [
        r.name for r in CATALOGUE.modality.rules if not (r.match and r.not_) and r.name not in by_place | {"target.section"}
    ]
    assert unproven == []


class Example(NamedTuple):
    """One example of an indicator: its code, the marked sentence, and whether the mark must get the code."""

    code: str
    sentence: str
    wanted: bool


def indicator_examples() -> Iterator[Example]:
    for rule in CATALOGUE.indicators:
        for sentence in rule.examples.match:
            yield Example(rule.code, sentence, True)
        for sentence in rule.examples.not_:
            yield Example(rule.code, sentence, False)


def _codes(record: Record, example: Example) -> set[str | None]:
    marked = unmark(example.sentence)
    return {found.code for found in overlapping(record(marked.text), marked.spans[0])}


def test_indicator_examples(record: Record) -> None:
    """A match that is not found at all is wrong; so is a marked number that is none, of a `not` too."""
    examples = list(indicator_examples())
    assert len(examples) >= 6 * len(CATALOGUE.indicators)
    wrong = []
    for example in examples:
        codes = _codes(record, example)
        if not codes or (example.code in codes) != example.wanted:
            wrong.append(
                f"{example.code} {'match' if example.wanted else 'not'}: {example.sentence} -> {sorted(map(str, codes))}"
            )
    sys.stdout.writelines(f"{line}\n" for line in wrong)
    share = 100 * (len(examples) - len(wrong)) / len(examples)
    floor = json.loads(FLOOR.read_text(encoding="utf-8"))["indicator_examples_percent"]
    assert share >= floor, f"{len(wrong)} of {len(examples)} examples come out wrong"
