"""The JSON Schema of the record, generated from the models."""

from __future__ import annotations

import json

from extractor.models import SCHEMA_VERSION, Report


def schema_text() -> str:
    """The schema as it stands in `schemas/report.schema.json`."""
    schema = Report.model_json_schema(mode="serialization")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"Report {SCHEMA_VERSION}"}
    return json.dumps(schema | head, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
