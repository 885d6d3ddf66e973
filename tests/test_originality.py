"""The rules hold no place and no body of the reports that they are measured on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

GOLD = REPOSITORY.parent / "shared" / "gold"
ANNOTATIONS = sorted(GOLD.glob("*/*.json"))
SHORTEST = 3


@pytest.fixture(scope="module")
def names() -> dict[str, set[str]]:
    """Townships and issuers by the report that they stand in."""
    if not ANNOTATIONS:
        pytest.skip(f"no annotated reports in {GOLD.relative_to(REPOSITORY.parent)}")
    found = {}
    for path in ANNOTATIONS:
        metadata = json.loads(path.read_text(encoding="utf-8"))["metadata"]
        found[path.stem] = {name for name in (metadata["township"], *metadata["issuers"]) if name and len(name) >= SHORTEST}
    return found


def test_there_is_something_to_look_for(names: dict[str, set[str]]) -> None:
    assert sum(map(len, names.values())) >= len(names)


@pytest.mark.parametrize("path", sorted((REPOSITORY / "schemas").rglob("*.yaml")), ids=lambda p: str(p.relative_to(REPOSITORY)))
def test_no_names_of_measured_reports_in_the_rules(path: Path, names: dict[str, set[str]]) -> None:
    text = path.read_text(encoding="utf-8")
    assert [name for found in names.values() for name in sorted(found) if name in text] == []
