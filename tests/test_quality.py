"""The gate: no figure of any annotated set falls below its floor, and floors move one way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from extractor.evaluation import FIGURES
from tests.gold_sets import cases_of, gold_folders, measure
from tests.raise_floors import QUALITY, Change, floor_of, update

FOLDERS = gold_folders()


@pytest.mark.parametrize("name", FOLDERS)
def test_no_figure_is_below_its_floor(name: str) -> None:
    floors = json.loads(QUALITY.read_text("utf-8"))["limits"]
    assert name in floors, f"{name} has no floors yet: run `python -m tests.raise_floors`"
    cases = cases_of(FOLDERS[name])
    reached = floor_of(cases, measure(cases))
    short = {figure: (reached[figure], floor) for figure, floor in floors[name].items() if reached[figure] < floor}
    assert not short, f"{name} falls short (reached, floor): {short}; see `extractor evaluate {FOLDERS[name]}`"


def test_every_floor_is_a_figure() -> None:
    for name, floors in json.loads(QUALITY.read_text("utf-8"))["limits"].items():
        assert set(floors) == {"reports", "quantities", *FIGURES}, name


def test_the_samples_are_measured() -> None:
    assert len(cases_of(FOLDERS["samples"])) >= 12


def limits(path: Path) -> dict[str, dict[str, float]]:
    return json.loads(path.read_text("utf-8"))["limits"]


def test_floors_are_raised_and_not_lowered(tmp_path: Path) -> None:
    path = tmp_path / "floors.json"
    assert update(path, {"a": {"code_f1": 90.0, "items_f1": 80.0}}, max, None) == []
    refused = update(path, {"a": {"code_f1": 91.0, "items_f1": 79.0}}, max, None)
    assert refused == [Change("a/items_f1", 80.0, 79.0)]
    assert limits(path) == {"a": {"code_f1": 91.0, "items_f1": 80.0}}


def test_floors_are_lowered_for_a_reason_that_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "floors.json"
    update(path, {"a": {"code_f1": 90.0}}, max, None)
    assert update(path, {"a": {"code_f1": 89.0}}, max, "an annotation was wrong") == []
    assert limits(path) == {"a": {"code_f1": 89.0}}
    loosened = json.loads(path.read_text("utf-8"))["loosened"]
    assert loosened == [{"place": "a/code_f1", "from": 90.0, "to": 89.0, "reason": "an annotation was wrong"}]


def test_sets_that_are_not_there_keep_their_floors(tmp_path: Path) -> None:
    path = tmp_path / "floors.json"
    update(path, {"a": {"code_f1": 90.0}, "b": {"code_f1": 70.0}}, max, None)
    update(path, {"a": {"code_f1": 95.0}}, max, None)
    assert limits(path) == {"a": {"code_f1": 95.0}, "b": {"code_f1": 70.0}}


def test_a_new_set_brings_its_allowances(tmp_path: Path) -> None:
    path = tmp_path / "allowances.json"
    update(path, {"wraps/a": {"code_f1": 5.0}}, min, None)
    assert update(path, {"wraps/b": {"code_f1": 3.0}}, min, None, ["wraps/b"]) == []
    assert update(path, {"wraps/c": {"code_f1": 3.0}}, min, None) == [Change("wraps/c/code_f1", 1.0, 3.0)]
    assert limits(path) == {"wraps/a": {"code_f1": 5.0}, "wraps/b": {"code_f1": 3.0}}


def test_allowances_shrink_and_go(tmp_path: Path) -> None:
    path = tmp_path / "allowances.json"
    update(path, {"wraps/a": {"code_f1": 5.0, "items_f1": 2.0}}, min, None)
    assert update(path, {"wraps/a": {"code_f1": 3.0}}, min, None) == []
    assert limits(path) == {"wraps/a": {"code_f1": 3.0}}
    assert update(path, {"wraps/a": {"code_f1": 4.0, "items_f1": 1.5}}, min, None) == [
        Change("wraps/a/code_f1", 3.0, 4.0),
        Change("wraps/a/items_f1", 1.0, 1.5),
    ]
    assert limits(path) == {"wraps/a": {"code_f1": 3.0}}
