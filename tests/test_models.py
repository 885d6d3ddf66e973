"""The record's models refuse what does not hold together."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from extractor.models import Indicator, Metadata, Report, Section

TEXT = "一、工作情况\n调解纠纷57件，其中邻里19件。"


def _indicator(**changes: Any) -> dict[str, Any]:
    return {
        "id": "q1",
        "code": "mediation.disputes_mediated",
        "label": "调解矛盾纠纷",
        "value": Decimal(57),
        "low": None,
        "high": None,
        "unit": "件",
        "qualifier": "exact",
        "modality": "actual",
        "text": "57件",
        "start": 11,
        "end": 14,
        "quote": "调解纠纷57件",
        "section": "s1",
        "part_of": None,
        "rule": "x",
    } | changes


def _section(**changes: Any) -> dict[str, Any]:
    return {
        "id": "s1",
        "parent": None,
        "level": 1,
        "kind": "work_done",
        "ordinal": "一",
        "heading": "工作情况",
        "start": 0,
        "end": len(TEXT),
    } | changes


PART = _indicator(id="q2", value=Decimal(19), text="19件", start=19, end=22, part_of="q1")


def _record(**changes: Any) -> dict[str, Any]:
    return {
        "schema_version": "1.0",
        "catalogue": {"id": "x", "version": "1"},
        "source": {
            "name": "",
            "media_type": "text/plain",
            "encoding": None,
            "sha256": "",
            "bytes": 0,
            "characters": len(TEXT),
            "pages": None,
            "text": TEXT,
        },
        "metadata": {},
        "sections": [_section()],
        "items": [],
        "indicators": [_indicator(), PART],
        "summary": {"mediation.disputes_mediated": {"state": "reported", "value": 57, "unit": "件", "indicators": ["q1"]}},
        "findings": [],
        "coverage": {"numbers": 2, "reported": 2, "skipped": {}, "unaccounted": 0},
    } | changes


ITEM = {"id": "i1", "kind": "problem", "section": "s1", "ordinal": None, "text": "调解", "start": 7, "end": 9}


def test_a_sound_record_is_taken() -> None:
    report = Report.model_validate(_record(items=[ITEM]))
    assert [i.part_of for i in report.indicators] == [None, "q1"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"indicators": [_indicator(end=99)]}, "is not within"),
        ({"indicators": [_indicator(start=14)]}, "is not within"),
        ({"indicators": [_indicator(start=10)]}, "does not stand at"),
        ({"indicators": [_indicator(text="58件")]}, "does not stand at"),
        ({"sections": [_section(end=99)]}, "is not within"),
        ({"sections": [_section(end=0)]}, "is not within"),
        ({"items": [ITEM | {"text": "纠纷"}]}, "does not stand at"),
        ({"items": [ITEM | {"section": "s9"}]}, "no section s9"),
        ({"indicators": [_indicator(), PART | {"id": "q1", "part_of": None}]}, "ids are not unique"),
        ({"sections": [_section(), _section()]}, "ids are not unique"),
        ({"items": [ITEM, ITEM]}, "ids are not unique"),
        ({"sections": [_section(parent="s9")]}, "no section s9"),
        ({"indicators": [_indicator(section="s9")], "summary": {}}, "no section s9"),
        ({"indicators": [_indicator(), PART | {"part_of": "q9"}]}, "no total q9"),
        ({"indicators": [_indicator(), PART | {"part_of": "q2"}]}, "no total q2"),
        ({"summary": {"x.y": {"state": "reported", "indicators": ["q9"]}}}, "no indicator q9"),
        ({"indicators": [_indicator(value=None)]}, "needs a value or a range"),
        ({"indicators": [_indicator(low=Decimal(1), high=Decimal(2))]}, "needs a value or a range"),
        ({"indicators": [_indicator(value=None, low=Decimal(3), high=Decimal(2))]}, "low is above high"),
        ({"indicators": [_indicator(value=None, low=Decimal(3))]}, "low is above high"),
        ({"indicators": [_indicator(code="mediation.success_rate")], "summary": {}}, "has the unit"),
        ({"indicators": [_indicator(modality="hoped")]}, "modality"),
        ({"indicators": [_indicator(qualifier="some")]}, "qualifier"),
        ({"indicators": [_indicator(start=-1)]}, "greater than or equal to 0"),
        ({"sections": [_section(level=0)]}, "greater than or equal to 1"),
        ({"sections": [_section(kind="preface")]}, "kind"),
        ({"summary": {"x.y": {"state": "unknown"}}}, "state"),
        ({"metadata": {"report_year": 24}}, "report_year"),
        ({"metadata": {"issue_date": "2024-1-9"}}, "issue_date"),
        ({"metadata": {"issuer": "岚溪镇人民政府"}}, "Extra inputs"),
        ({"coverage": {"numbers": 2, "reported": 2, "skipped": {}, "unaccounted": -1}}, "unaccounted"),
        ({"findings": [{"code": "x", "severity": "fatal", "message": ""}]}, "severity"),
        ({"note": "x"}, "Extra inputs"),
    ],
)
def test_what_does_not_hold_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Report.model_validate(_record(**changes))


@pytest.mark.parametrize("unit", ["%", "百分点", "‰", None])
def test_units_of_rates(unit: str | None) -> None:
    rate = _indicator(code="mediation.success_rate", unit=unit)
    assert Report.model_validate(_record(indicators=[rate], summary={})).indicators[0].unit == unit


def test_a_change_of_a_rate_may_have_any_unit() -> None:
    changed = _indicator(code="mediation.success_rate", modality="change")
    assert Report.model_validate(_record(indicators=[changed], summary={})).indicators[0].unit == "件"


def test_every_problem_is_named() -> None:
    with pytest.raises(ValidationError) as caught:
        Report.model_validate(_record(indicators=[_indicator(value=None, section="s9")], summary={}))
    assert "q1: no section s9; q1: needs a value or a range" in str(caught.value)


@pytest.mark.parametrize(
    ("value", "written"),
    [("57", "57"), ("98.40", "98.4"), ("0", "0"), ("-11.7", "-11.7"), ("107000000.00", "107000000"), ("1E+3", "1000")],
)
def test_numbers_are_json_numbers(value: str, written: str) -> None:
    indicator = Indicator.model_validate(_indicator(value=Decimal(value)))
    assert f'"value":{written},' in indicator.model_dump_json()


@pytest.mark.parametrize(
    ("model", "data"),
    [(Section, _section()), (Indicator, _indicator()), (Metadata, {"report_year": 2024})],
)
def test_models_are_frozen(model: type[Section | Indicator | Metadata], data: dict[str, Any]) -> None:
    entry = model.model_validate(data)
    with pytest.raises(ValidationError, match="frozen"):
        setattr(entry, next(iter(data)), None)


def test_a_record_survives_its_own_json() -> None:
    report = Report.model_validate(_record(items=[ITEM]))
    assert Report.model_validate_json(report.model_dump_json()) == report


def test_text_is_written_only_where_it_is_known() -> None:
    record = _record()
    assert '"text":"一、工作情况' in Report.model_validate(record).source.model_dump_json()
    record["source"] = record["source"] | {"text": None}
    assert '"text"' not in Report.model_validate(record).source.model_dump_json()
