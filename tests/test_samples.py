"""The samples' records as they were read and found right, field by field against what is made of them now."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from extractor import Report
from tests.update_samples import RECORDS, present_record, sample_texts


def differences(expected: Any, found: Any, place: str = "") -> Iterator[str]:
    """Each field that differs, with its path and both values."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for name in [*expected, *(name for name in found if name not in expected)]:
            inner = f"{place}.{name}" if place else name
            if name not in found:
                yield f"{inner}: is gone"
            elif name not in expected:
                yield f"{inner}: is new: {found[name]!r}"
            else:
                yield from differences(expected[name], found[name], inner)
    elif isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            yield f"{place}: {len(expected)} entries, now {len(found)}"
        for number, pair in enumerate(zip(expected, found, strict=False)):
            yield from differences(*pair, f"{place}[{number}]")
    elif expected != found or type(expected) is not type(found):
        yield f"{place}: {expected!r}, now {found!r}"


def test_every_sample_has_a_record_and_every_record_a_sample() -> None:
    assert sample_texts()
    names = [path.stem for path in sample_texts()]
    assert sorted(path.stem for path in RECORDS.glob("*")) == names, "run: python -m tests.update_samples"


@pytest.mark.parametrize("path", sample_texts(), ids=lambda path: path.stem)
def test_the_record_of_a_sample_is_the_one_that_was_read(path: Path) -> None:
    golden = (RECORDS / f"{path.stem}.json").read_text("utf-8")
    found = present_record(path).model_dump_json(indent=2) + "\n"
    assert list(differences(json.loads(golden), json.loads(found))) == []
    assert golden == found, "the same fields in another order or form"
    assert Report.model_validate_json(golden) == present_record(path)


def test_differences_are_noticed() -> None:
    before = {"a": 1, "b": [1, {"c": None}], "d": "x", "e": 0}
    after = {"a": 1.0, "b": [1, {"c": 0}, 3], "e": 0, "f": []}
    assert list(differences(before, before)) == []
    assert list(differences(before, after)) == [
        "a: 1, now 1.0",
        "b: 2 entries, now 3",
        "b[1].c: None, now 0",
        "d: is gone",
        "f: is new: []",
    ]
