"""What a reviewer changed in the rows of a workbook, put into the record: the old value is kept, the summary follows.

A row is compared with the entry as it was when the row was written: the record tells what was corrected since, and that is
never undone by an older row.
"""

from __future__ import annotations

import datetime
import difflib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from extractor.models import Correction, Indicator, Report, Section, SummaryEntry
from extractor.summary import Counted, entry_of

if TYPE_CHECKING:
    from extractor.catalogue.models import Bilingual, Catalogue

Cell = str | Decimal | datetime.date | None

ARROW = " → "
"""Stands between the old and the new value, once for each correction of an entry."""

_NUMBERS = ("value", "low", "high")
_INDICATOR_FIELDS = ("code", *_NUMBERS, "unit", "qualifier", "modality")
_SECTION_FIELDS = ("kind",)
_OWN_WORDS = ("text", "quote")
_DATE = "has become a date; a range of two numbers belongs into the columns of its bounds"


class Row(NamedTuple):
    """A row of a workbook: where it stands, and its cells by the columns' keys. A percentage is as printed (98.2)."""

    place: str
    cells: Mapping[str, Cell]


class Refusal(NamedTuple):
    """A change that was not applied: the row's place, the entry, and why not."""

    place: str
    entry: str
    reason: str


@dataclass
class Outcome:
    """A record after its rows were applied: itself, how many changes it took, and what it refused."""

    report: Report
    applied: int
    refused: list[Refusal]


class _Unfit(Exception):  # noqa: N818  no error of the program: a cell that a person filled
    """A cell holds nothing that can stand there."""


def correct(report: Report, rows: Iterable[Row], catalogue: Catalogue) -> Outcome:
    """Apply the rows of one report. What cannot stand in a record is refused, with the reason; the rest is applied."""
    work = _Work(report, catalogue)
    for row in rows:
        work.apply(row)
    return work.outcome()


class _Work:
    """One record while its rows are applied."""

    def __init__(self, report: Report, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.report = report
        self.applied = 0
        self.refused: list[Refusal] = []
        self.seen: dict[str, str] = {}
        self.codes: set[str] = set()
        self.has_indicator_rows = False

    def apply(self, row: Row) -> None:
        """Apply one row, or say why not."""
        name = str(row.cells.get("id") or "")
        entries: tuple[Indicator | Section, ...] = (*self.report.indicators, *self.report.sections)
        entry = next((one for one in entries if one.id == name), None)
        if entry is None:
            self._refuse(row, name, "its record has no such entry; a row that was added cannot be applied")
            return
        if name in self.seen:
            self._refuse(row, name, f"stands twice, in {self.seen[name]} too")
            return
        self.seen[name] = row.place
        self.has_indicator_rows |= isinstance(entry, Indicator)
        try:
            changes = self._changes(row, entry)
            if changes:
                self._change(row, entry, changes)
        except _Unfit as unfit:
            self._refuse(row, name, str(unfit))

    def _refuse(self, row: Row, name: str, reason: str) -> None:
        self.refused.append(Refusal(row.place, name, reason))

    def _changes(self, row: Row, entry: Indicator | Section) -> dict[str, Any]:
        """The fields that the reviewer changed, and what stands in them now."""
        earlier, since = self._as_exported(row, entry)
        for field in _OWN_WORDS:
            if field in row.cells and _plain(row.cells[field]) != _plain(getattr(entry, field)):
                self._refuse(row, entry.id, f"{field} is the report's own and cannot be corrected")
        changes = {}
        for field in _INDICATOR_FIELDS if isinstance(entry, Indicator) else _SECTION_FIELDS:
            wanted = self._read(field, row.cells.get(field))
            if wanted == earlier[field] or wanted == getattr(entry, field):
                continue
            if field in since:
                by = f" by {since[field].by}" if since[field].by else ""
                raise _Unfit(f"{field} was corrected{by} since this workbook was made; export it anew")
            changes[field] = wanted
        return changes

    def _as_exported(self, row: Row, entry: Indicator | Section) -> tuple[dict[str, Any], dict[str, Correction]]:
        """The fields when the row was written, and the fields' corrections since then."""
        fields = _INDICATOR_FIELDS if isinstance(entry, Indicator) else _SECTION_FIELDS
        earlier: dict[str, Any] = {field: getattr(entry, field) for field in fields}
        mine = [correction for correction in self.report.corrections if correction.entry == entry.id]
        shown = len(mine) if "corrected" not in row.cells else str(row.cells["corrected"] or "").count(ARROW.strip())
        since = mine[shown:]
        for correction in reversed(since):
            earlier[correction.field] = correction.original
        return earlier, {correction.field: correction for correction in since}

    def _read(self, field: str, cell: Cell) -> Decimal | str | None:
        """A cell as the record would have it. Raises _Unfit where it cannot."""
        if isinstance(cell, datetime.date):
            raise _Unfit(f"{field} {_DATE}")
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            return None
        if field in _NUMBERS:
            return _number(field, cell)
        word = str(cell).strip()
        if field == "code" and word not in self.catalogue.codes:
            raise _Unfit(f"the catalogue has no code {word!r}{_nearest(word, self.catalogue.codes)}")
        if field in ("qualifier", "modality", "kind"):
            head = self.catalogue.head
            known: Mapping[Any, Bilingual] = head.kinds if field == "kind" else getattr(head.terms, field)
            return _term(field, word, known)
        return word

    def _change(self, row: Row, entry: Indicator | Section, changes: dict[str, Any]) -> None:
        changes = _with_fitting_qualifier(entry, changes) if isinstance(entry, Indicator) else changes
        by, at, note = (_words(row.cells.get(key)) for key in ("corrected_by", "corrected_at", "correction_note"))
        corrections = [
            Correction.model_validate(
                {
                    "entry": entry.id,
                    "field": f,
                    "original": getattr(entry, f),
                    "corrected": new,
                    "by": by,
                    "at": at,
                    "note": note,
                }
            )
            for f, new in changes.items()
        ]
        update = dict(changes)
        if changes.get("code") is not None:
            update["label"] = next(rule.label.zh for rule in self.catalogue.indicators if rule.code == changes["code"])
        try:
            changed = self._with(entry, update, corrections)
        except ValidationError as error:
            reason = error.errors()[0]["msg"].removeprefix("Value error, ")
            raise _Unfit(f"would not hold together: {reason}") from None
        if isinstance(entry, Indicator):
            self.codes |= {code for code in (entry.code, update.get("code")) if code is not None}
        self.report = changed
        self.applied += len(corrections)

    def _with(self, entry: Indicator | Section, update: dict[str, Any], corrections: list[Correction]) -> Report:
        """The record with one entry changed, validated."""
        data = self.report.model_dump()
        for one in (*data["indicators"], *data["sections"]):
            if one["id"] == entry.id:
                one.update(update)
        data["corrections"] = (*data["corrections"], *(correction.model_dump() for correction in corrections))
        return Report.model_validate(data)

    def outcome(self) -> Outcome:
        """The record with its summary made anew where numbers changed; rows that are gone are refused changes."""
        if self.has_indicator_rows:
            gone = [i.id for i in self.report.indicators if i.id not in self.seen]
            self.refused += [Refusal("", name, "its row is gone; a quantity cannot be deleted") for name in gone]
        if self.codes:
            summary = dict(self.report.summary) | dict(resummarised(self.report, self.codes, self.catalogue))
            self.report = self.report.model_copy(update={"summary": summary})
        return Outcome(self.report, self.applied, self.refused)


def resummarised(report: Report, codes: Iterable[str], catalogue: Catalogue) -> Iterator[tuple[str, SummaryEntry]]:
    """The summary's entries of some codes, from the record's numbers alone.

    A code that no number has any more is `absent`: whether words mention it, only the text could say.
    """
    aggregates = {rule.code: rule.aggregate for rule in catalogue.indicators}
    characters = catalogue.characters
    # the summary's units are in simplified characters, an indicator's are as written
    fold = str.maketrans("".join(characters.traditional), "".join(characters.simplified))
    code_of = {indicator.id: indicator.code for indicator in report.indicators}
    for code in sorted(codes):
        mine = [indicator for indicator in report.indicators if indicator.code == code]
        numbers = [_counted(i, fold) for i in mine if i.modality == "actual" and code_of.get(i.part_of or "") != code]
        if numbers:
            entry: dict[str, Any] = entry_of(aggregates[code], numbers)
        else:
            entry = {"state": "mentioned" if mine else "absent"}
        yield code, SummaryEntry.model_validate(entry)


def _counted(indicator: Indicator, fold: dict[int, int]) -> Counted:
    low = indicator.low if indicator.value is None else indicator.value
    high = indicator.high if indicator.value is None else indicator.value
    assert low is not None and high is not None, "the model has seen to it"
    return Counted(indicator.id, low, high, indicator.unit.translate(fold) if indicator.unit else None)


def _with_fitting_qualifier(entry: Indicator, changes: dict[str, Any]) -> dict[str, Any]:
    """A range is called one, and what is none any more is not."""
    is_range = changes.get("low", entry.low) is not None
    if "qualifier" in changes or is_range == (entry.qualifier == "range"):
        return changes
    return changes | {"qualifier": "range" if is_range else "exact"}


def _number(field: str, cell: str | Decimal) -> Decimal:
    if isinstance(cell, Decimal):
        return cell
    plain = unicodedata.normalize("NFKC", cell).strip().replace(",", "").removesuffix("%")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        raise _Unfit(f"{field} {cell!r} is no number") from None
    if not value.is_finite():
        raise _Unfit(f"{field} {cell!r} is no number")
    return value


def _term(field: str, word: str, known: Mapping[Any, Bilingual]) -> str:
    for key, names in known.items():
        if word in (key, names.zh, names.en):
            return str(key)
    raise _Unfit(f"{field} {word!r} is none of {'、'.join(names.zh for names in known.values())}")


def _words(cell: Cell) -> str | None:
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        cell = cell.date()
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    return str(cell).strip() or None if cell is not None else None


def _plain(cell: object) -> str:
    """Text without what a spreadsheet may have changed: line ends, forbidden characters, blanks at the ends."""
    return "".join(c for c in str("" if cell is None else cell) if c.isprintable() and c != "\ufffd").strip()


def _nearest(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f" (the nearest is {near[0]})" if near else ""
