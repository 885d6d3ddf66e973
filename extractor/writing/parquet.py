"""Records as one Parquet table: typed columns, words kept once, lists as lists, and what the columns mean in the metadata."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from extractor import __version__
from extractor.errors import UsageError
from extractor.models import SCHEMA_VERSION, Report
from extractor.writing.rows import COLUMNS, Cell, Kind, Language, Table, head, number, rows

if TYPE_CHECKING:
    import pyarrow

    from extractor.catalogue.models import Catalogue

REPORTS_AT_ONCE = 500
"""Reports whose rows are held in memory before they are written: one row group each time."""

STATE = ".state"


def write_parquet(reports: Iterable[Report], path: Path, table: Table, catalogue: Catalogue, language: Language) -> None:
    """All reports' rows of one table. In `summary`, a code has two columns: its value, and its state.

    A range has no value there; the table `long` gives its bounds. Raises UsageError where pyarrow is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise UsageError("parquet needs the library pyarrow; install it with: pip install 'extractor[parquet]'") from None
    schema = _schema(table, catalogue)
    waiting = iter(reports)
    with pyarrow.parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while some := list(itertools.islice(waiting, REPORTS_AT_ONCE)):
            found = [row for report in some for row in _rows(report, table, catalogue, language)]
            cells = list(zip(*found, strict=True)) or [()] * len(schema)
            arrays = [pyarrow.array(column, field.type) for column, field in zip(cells, schema, strict=True)]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))


def _rows(report: Report, table: Table, catalogue: Catalogue, language: Language) -> Iterator[list[Cell]]:
    if table != "summary":
        yield from rows(report, table, language)
        return
    entries = [report.summary.get(code) for code in catalogue.codes]
    yield [
        *head(report),
        *(number(entry.value) if entry else None for entry in entries),
        *(entry.state if entry else "absent" for entry in entries),
    ]


def _schema(table: Table, catalogue: Catalogue) -> pyarrow.Schema:
    import pyarrow

    fields = [pyarrow.field(column.key, _type(column.kind), metadata={"zh": column.zh}) for column in COLUMNS[table]]
    if table == "summary":
        labels = {rule.code: {"zh": rule.label.zh, "en": rule.label.en} for rule in catalogue.indicators}
        fields += [pyarrow.field(code, _type("number"), metadata=label) for code, label in labels.items()]
        fields += [pyarrow.field(code + STATE, _type("word")) for code in labels]
    about = {
        "extractor": __version__,
        "schema_version": SCHEMA_VERSION,
        "catalogue": json.dumps({"id": catalogue.head.id, "version": catalogue.head.version}),
        "table": table,
    }
    return pyarrow.schema(fields, metadata=about)


def _type(kind: Kind) -> pyarrow.DataType:
    import pyarrow

    return {
        "text": pyarrow.string(),
        "word": pyarrow.dictionary(pyarrow.int32(), pyarrow.string()),
        "integer": pyarrow.int64(),
        "number": pyarrow.float64(),
        "words": pyarrow.list_(pyarrow.string()),
    }[kind]
