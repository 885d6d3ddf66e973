"""Records as a SQLite database: tables with keys, indexes and views, ready for Datasette or pandas."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from extractor.models import Report
from extractor.writing.rows import COLUMNS, DICTIONARY, Cell, Column, Table, dictionary_rows, rows

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue

_TABLES: dict[str, Table] = {
    "report": "reports",
    "section": "sections",
    "item": "items",
    "indicator": "indicators",
    "finding": "findings",
    "summary": "long",
}
"""Names in the database, one thing a row, and the tables that fill them."""

_KEYS = {
    "report": "PRIMARY KEY (report_id)",
    "section": "PRIMARY KEY (report_id, id)",
    "item": "PRIMARY KEY (report_id, id)",
    "indicator": "PRIMARY KEY (report_id, id)",
    "finding": "PRIMARY KEY (report_id, number)",
    "summary": "PRIMARY KEY (report_id, code)",
    "dictionary": "PRIMARY KEY (code)",
}
_REFERENCES = {
    "section": (
        "FOREIGN KEY (report_id) REFERENCES report (report_id)",
        "FOREIGN KEY (report_id, parent) REFERENCES section (report_id, id)",
    ),
    "item": (
        "FOREIGN KEY (report_id) REFERENCES report (report_id)",
        "FOREIGN KEY (report_id, section) REFERENCES section (report_id, id)",
    ),
    "indicator": (
        "FOREIGN KEY (report_id) REFERENCES report (report_id)",
        "FOREIGN KEY (report_id, section) REFERENCES section (report_id, id)",
        "FOREIGN KEY (report_id, part_of) REFERENCES indicator (report_id, id)",
        "FOREIGN KEY (code) REFERENCES dictionary (code)",
    ),
    "finding": ("FOREIGN KEY (report_id) REFERENCES report (report_id)",),
    "summary": (
        "FOREIGN KEY (report_id) REFERENCES report (report_id)",
        "FOREIGN KEY (code) REFERENCES dictionary (code)",
    ),
}
_AFTERWARDS = """
CREATE INDEX report_by_place ON report (place, report_year);
CREATE INDEX indicator_by_code ON indicator (code, modality);
CREATE INDEX summary_by_code ON summary (code);
CREATE INDEX finding_by_code ON finding (code, severity);
CREATE VIEW panel AS
  SELECT r.county, r.place, r.report_year, s.code, d.label, d.label_en, s.state, s.value, s.low, s.high, s.unit, s.report_id
  FROM summary AS s JOIN report AS r USING (report_id) LEFT JOIN dictionary AS d USING (code);
CREATE VIEW plan AS
  SELECT place, report_year, code, label, value, low, high, unit, qualifier, quote, report_id, id
  FROM indicator WHERE modality = 'target';
CREATE VIEW doubt AS
  SELECT r.place, r.report_year, f.severity, f.code, f.message, f.indicators, r.source, f.report_id, f.number
  FROM finding AS f JOIN report AS r USING (report_id) WHERE f.severity <> 'info';
"""
_SQL_TYPES = {"integer": "INTEGER", "number": "REAL"}
_COMMIT_EVERY = 500


def write_sqlite(reports: Iterable[Report], path: Path, catalogue: Catalogue) -> None:
    """All tables of all reports, written as they come. `path` is an empty file. Lists stand in JSON."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        # the file takes its place only when it is whole: no journal is needed meanwhile
        database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA page_size = 8192;")
        _create(database, "dictionary", DICTIONARY)
        database.executemany(_insertion("dictionary", DICTIONARY), map(_plain, dictionary_rows(catalogue)))
        for name, table in _TABLES.items():
            _create(database, name, COLUMNS[table])
        insertions = {table: _insertion(name, COLUMNS[table]) for name, table in _TABLES.items()}
        for number, report in enumerate(reports, 1):
            for table, insertion in insertions.items():
                database.executemany(insertion, _plain_rows(report, table))
            if number % _COMMIT_EVERY == 0:
                database.commit()
        database.commit()
        database.executescript(_AFTERWARDS)


def _create(database: sqlite3.Connection, name: str, columns: tuple[Column, ...]) -> None:
    lines = [f'"{column.key}" {_SQL_TYPES.get(column.kind, "TEXT")}' for column in columns]
    lines += [_KEYS[name], *_REFERENCES.get(name, ())]
    database.execute(f"CREATE TABLE {name} ({', '.join(lines)})")


def _insertion(name: str, columns: tuple[Column, ...]) -> str:
    return f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})"


def _plain_rows(report: Report, table: Table) -> Iterator[list[str | int | float | None]]:
    return map(_plain, rows(report, table, "zh"))


def _plain(row: list[Cell]) -> list[str | int | float | None]:
    return [json.dumps(cell, ensure_ascii=False) if isinstance(cell, tuple) else cell for cell in row]
