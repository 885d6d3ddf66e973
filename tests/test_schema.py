"""The JSON Schema of the record: true to the models, and true of what is written."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from extractor import Report, extract
from extractor.pipeline import document_of, extractor_for
from extractor.writing.schema import schema_text

REPOSITORY = Path(__file__).parents[1]
FILE = REPOSITORY / "schemas" / "report.schema.json"
SAMPLES = sorted((REPOSITORY / "samples").glob("*.txt"))
SCHEMA: dict[str, Any] = json.loads(schema_text())

TYPES: dict[str, type | tuple[type, ...]] = {
    "array": list,
    "boolean": bool,
    "integer": int,
    "null": type(None),
    "number": (int, float),
    "object": dict,
    "string": str,
}
WORDS_FOR_PEOPLE = {"$schema", "$defs", "title", "description", "default"}


def violations(value: Any, schema: Any, place: str = "record") -> Iterator[str]:
    """Where a value breaks the schema. A keyword that is not known here is an error: nothing is passed over."""
    if schema is True:
        return
    for keyword, wanted in schema.items():
        if keyword not in WORDS_FOR_PEOPLE:
            yield from CHECKS[keyword](value, wanted, place, schema)


def _type(value: Any, wanted: str, place: str, _: Any) -> Iterator[str]:
    if not isinstance(value, TYPES[wanted]) or (isinstance(value, bool) and wanted != "boolean"):
        yield f"{place}: {value!r} is no {wanted}"


def _reference(value: Any, wanted: str, place: str, _: Any) -> Iterator[str]:
    yield from violations(value, SCHEMA["$defs"][wanted.removeprefix("#/$defs/")], place)


def _any_of(value: Any, wanted: list[Any], place: str, _: Any) -> Iterator[str]:
    if all(list(violations(value, choice, place)) for choice in wanted):
        yield f"{place}: {value!r} fits none of {len(wanted)} choices"


def _properties(value: Any, wanted: dict[str, Any], place: str, _: Any) -> Iterator[str]:
    for name in wanted.keys() & value.keys() if isinstance(value, dict) else ():
        yield from violations(value[name], wanted[name], f"{place}.{name}")


def _additional(value: Any, wanted: Any, place: str, schema: Any) -> Iterator[str]:
    for name in value.keys() - schema.get("properties", {}).keys() if isinstance(value, dict) else ():
        if wanted is False:
            yield f"{place}: {name} is not known"
        else:
            yield from violations(value[name], wanted, f"{place}.{name}")


def _required(value: Any, wanted: list[str], place: str, _: Any) -> Iterator[str]:
    yield from (f"{place}: {name} is missing" for name in wanted if isinstance(value, dict) and name not in value)


def _items(value: Any, wanted: Any, place: str, _: Any) -> Iterator[str]:
    for number, entry in enumerate(value if isinstance(value, list) else ()):
        yield from violations(entry, wanted, f"{place}[{number}]")


def _says(holds: bool, place: str, words: str) -> Iterator[str]:
    if not holds:
        yield f"{place}: {words}"


CHECKS: dict[str, Any] = {
    "$ref": _reference,
    "additionalProperties": _additional,
    "anyOf": _any_of,
    "const": lambda value, wanted, place, _: _says(value == wanted, place, f"{value!r} is not {wanted!r}"),
    "enum": lambda value, wanted, place, _: _says(value in wanted, place, f"{value!r} is not among {wanted}"),
    "items": _items,
    "maximum": lambda value, wanted, place, _: _says(
        not isinstance(value, int | float) or value <= wanted, place, f"above {wanted}"
    ),
    "minimum": lambda value, wanted, place, _: _says(
        not isinstance(value, int | float) or value >= wanted, place, f"below {wanted}"
    ),
    "pattern": lambda value, wanted, place, _: _says(
        not isinstance(value, str) or re.search(wanted, value) is not None, place, f"{value!r} does not match {wanted}"
    ),
    "properties": _properties,
    "required": _required,
    "type": _type,
}


def _written(text: str, with_text: bool = False) -> Any:
    return json.loads(extractor_for().extract(document_of(text, "x.txt"), with_text).model_dump_json())


def test_the_file_is_what_the_models_give() -> None:
    assert FILE.read_text("utf-8") == schema_text(), "run: extractor schema > schemas/report.schema.json"


def test_every_key_is_always_there() -> None:
    """All but the text, which stands in the record only when asked for."""
    for name, definition in {"Report": SCHEMA, **SCHEMA["$defs"]}.items():
        if definition.get("type") == "object":
            optional = {"text"} if name == "Source" else set()
            assert set(definition["properties"]) - set(definition["required"]) == optional, name
            assert definition["additionalProperties"] is False, name
    assert set(SCHEMA["properties"]) == set(Report.model_fields)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("with_text", [False, True], ids=["without text", "with text"])
def test_records_of_samples_fit(path: Path, with_text: bool) -> None:
    record = _written(path.read_bytes().decode("utf-8"), with_text)
    assert list(violations(record, SCHEMA)) == []
    assert ("text" in record["source"]) == with_text


@pytest.mark.parametrize(
    "text", ["。", "调解纠纷3至5起，罚款1.25万元。", "××镇20××年调解纠纷**起", "import os\n", "\u3000\n一、\n（一）\n"]
)
def test_records_of_other_texts_fit(text: str) -> None:
    assert list(violations(_written(text), SCHEMA)) == []


DAMAGES = {
    "a key is missing": lambda record: record.pop("coverage"),
    "a key too many": lambda record: record["metadata"].update(author="x"),
    "a number as text": lambda record: record["indicators"][0].update(value="57"),
    "an unknown kind": lambda record: record["sections"][0].update(kind="preface"),
    "a negative offset": lambda record: record["indicators"][0].update(start=-1),
    "a true for a number": lambda record: record["indicators"][0].update(start=True),
    "a year too late": lambda record: record["metadata"].update(report_year=20230),
    "a date that is none": lambda record: record["metadata"].update(issue_date="2024年1月"),
    "a state that is none": lambda record: record["summary"]["profile.area"].update(state="unknown"),
    "text for a list": lambda record: record["metadata"].update(issuers="镇政府"),
    "a list of numbers": lambda record: record["metadata"].update(issuers=[1]),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_record_does_not_fit(damage: Any) -> None:
    record = json.loads(extract("一、主要做法\n全镇共调解矛盾纠纷57起。\n").model_dump_json())
    assert list(violations(record, SCHEMA)) == []
    damaged = copy.deepcopy(record)
    damage(damaged)
    assert len(list(violations(damaged, SCHEMA))) == 1
