"""The values that pass between the parts of the corpus step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from extractor.models import Severity


class Value(NamedTuple):
    """What one report says of one code of the catalogue. `indicators` are the ids of the quantities behind it."""

    code: str
    value: float
    unit: str | None
    indicators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """What is kept of a report to compare it with others; a few kilobytes.

    `signature` stands for the set of shingles of its text (see `signatures`) and is empty for a text too short to compare;
    `numbers` are the quantities that it reports as done, zeros left out, in the order of the text.
    """

    name: str
    sha256: str
    title: str | None
    year: int | None
    issue_date: str | None
    county: str | None
    township: str | None
    issuers: tuple[str, ...]
    signature: str
    numbers: tuple[str, ...]
    values: tuple[Value, ...]


class CorpusFinding(NamedTuple):
    """A doubt that only shows beside other reports. `file` is the report's name, `indicators` are ids in its record."""

    file: str
    code: str
    severity: Severity
    message: str
    message_en: str
    indicators: tuple[str, ...] = ()
