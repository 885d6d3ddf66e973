"""A batch in parts: which input is in which, what a part has written, and the tables that it writes.

An input's part follows from its name, so that what is new or has changed makes only its own part to be done again. A part is
done when its mark is written: the mark names what the part was made of and the files that it wrote. Files that no mark names
are left over from a run that was broken off, and are removed by the next one.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from extractor.batch.storage import Item, Place

if TYPE_CHECKING:
    import pyarrow

    from extractor.batch.task import Failure

TABLES = ("records", "indicators", "failures", "digests")
"""The folders of the results."""
MARKS = "_parts"
_PLAN = "plan.json"
_UNKNOWN_YEAR = "__HIVE_DEFAULT_PARTITION__"
"""The folder of reports that do not say their year, as Hive, Spark and pyarrow name it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A part that is done: a name for its inputs and rules, the files that it wrote, and its counts.

    `unread` says that inputs could not be opened, or failed in a way that may pass: the part is to be tried again.
    """

    made_of: str
    files: tuple[str, ...]
    records: int
    failures: dict[str, int]
    findings: dict[str, int]
    bytes: int
    quantities: int
    unread: bool


@dataclass(frozen=True, slots=True)
class Made:
    """What a part gives: records and digests as lines of JSON, failures."""

    records: list[str]
    digests: list[str]
    failures: list[Failure]
    bytes: int
    unread: bool = False


def part_of(name: str, parts: int) -> int:
    """The part that an input of this name is in."""
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()[:8]) % parts


def made_of(items: Iterable[Item], rules: str) -> str:
    """A name for exactly these inputs, as far as they can be told apart at a glance, read with exactly these rules."""
    told = sorted((item.name, item.size, item.mtime) for item in items)
    return hashlib.sha256(json.dumps([rules, told]).encode()).hexdigest()


class Parts:
    """The parts of an output folder."""

    def __init__(self, folder: Place) -> None:
        self.folder = folder

    def count(self, inputs: int, size: int) -> int:
        """How many parts there are: as many as in the folder's first run, which gives each about `size` inputs."""
        place = self.folder.below(MARKS, _PLAN)
        try:
            return int(json.loads(place.read())["parts"])
        except FileNotFoundError:
            parts = max(1, -(-inputs // size))
            place.write(json.dumps({"parts": parts}).encode())
            return parts

    def holds_any(self) -> bool:
        """Whether an earlier run has written anything."""
        return self.folder.below(MARKS, _PLAN).exists()

    def remove_all(self) -> None:
        """Remove what earlier runs have written."""
        for name in (*TABLES, MARKS):
            for path in self.folder.below(name).files():
                self.folder.system.delete_file(path)

    def mark(self, number: int) -> Mark | None:
        """The mark of a part; None where it is not done."""
        try:
            found = json.loads(self.folder.below(MARKS, _mark(number)).read())
        except FileNotFoundError:
            return None
        return Mark(**{**found, "files": tuple(found["files"])})

    def marks(self, parts: int) -> Iterator[Mark]:
        """The marks of all parts that are done."""
        for number in range(parts):
            mark = self.mark(number)
            if mark is not None:
                yield mark

    def plan(self, number: int, items: Iterable[Item]) -> None:
        """Write down the inputs of a part for the worker that will do it."""
        self.folder.below(MARKS, _inputs(number)).write(json.dumps(sorted(items)).encode())

    def items(self, number: int) -> list[Item]:
        """The inputs of a part, by name."""
        return [Item(*entry) for entry in json.loads(self.folder.below(MARKS, _inputs(number)).read())]

    def finish(self, number: int, name: str, made: Made) -> Mark:
        """Write what a part gives, and then its mark; what it wrote before goes. Raises OSError."""
        before = self.mark(number)
        files: list[str] = []
        records = [json.loads(line) for line in made.records]
        for year, group in _by_year(zip(records, made.records, strict=True)).items():
            for table, rows in (("records", list(map(_record, group))), ("indicators", list(_indicators(group)))):
                path = f"{table}/year={year}/{_stem(number, name)}.parquet"
                files += self._write(path, _parquet(rows, table)) if rows else ()
        if made.failures:
            path = f"failures/{_stem(number, name)}.parquet"
            files += self._write(path, _parquet([failure._asdict() for failure in made.failures], "failures"))
        if made.digests:
            lines = "".join(f"{line}\n" for line in made.digests)
            files += self._write(f"digests/{_stem(number, name)}.jsonl", lines.encode())
        mark = Mark(
            name,
            tuple(files),
            len(records),
            _counts(failure.code for failure in made.failures),
            _counts(finding["severity"] for record in records for finding in record["findings"]),
            made.bytes,
            sum(len(record["indicators"]) for record in records),
            made.unread,
        )
        self.folder.below(MARKS, _mark(number)).write(json.dumps(asdict(mark)).encode())
        if before is not None:
            self._remove(set(before.files) - set(files))
        return mark

    def forget(self, number: int) -> None:
        """Remove what a part wrote that has no inputs any more."""
        mark = self.mark(number)
        if mark is not None:
            for name in (_mark(number), _inputs(number)):
                self.folder.system.delete_file(self.folder.below(MARKS, name).path)
            self._remove(mark.files)

    def remove_leftovers(self, parts: int) -> None:
        """Remove the files that no mark names."""
        named = {self.folder.below(file).path for mark in self.marks(parts) for file in mark.files}
        for table in TABLES:
            for path in self.folder.below(table).files():
                if path not in named:
                    self.folder.system.delete_file(path)

    def _write(self, path: str, content: bytes | memoryview) -> tuple[str]:
        self.folder.below(path).write(content)
        return (path,)

    def _remove(self, files: Iterable[str]) -> None:
        for file in sorted(files):
            self.folder.system.delete_file(self.folder.below(file).path)


def _counts(words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items()))


def _mark(number: int) -> str:
    return f"part-{number:05}.json"


def _inputs(number: int) -> str:
    return f"part-{number:05}.inputs.json"


def _stem(number: int, name: str) -> str:
    return f"part-{number:05}-{name[:12]}"


def _by_year(records: Iterable[tuple[dict[str, Any], str]]) -> dict[str, list[tuple[dict[str, Any], str]]]:
    years: dict[str, list[tuple[dict[str, Any], str]]] = defaultdict(list)
    for record, line in records:
        year = record["metadata"]["report_year"]
        years[_UNKNOWN_YEAR if year is None else str(year)].append((record, line))
    return dict(sorted(years.items()))


def _record(read: tuple[dict[str, Any], str]) -> dict[str, Any]:
    record, line = read
    source, metadata = record["source"], record["metadata"]
    names = ("title", "issuers", "township", "county", "addressee", "document_number", "index_number", "issue_date")
    return {
        "file": source["name"],
        "sha256": source["sha256"],
        "bytes": source["bytes"],
        **{name: metadata[name] for name in names},
        "quantities": len(record["indicators"]),
        "findings": len(record["findings"]),
        "record": line,
    }


def _indicators(group: Iterable[tuple[dict[str, Any], str]]) -> Iterator[dict[str, Any]]:
    for record, _ in group:
        about = {"file": record["source"]["name"], "township": record["metadata"]["township"]}
        for indicator in record["indicators"]:
            yield about | {name: value for name, value in indicator.items() if name != "location"}


def _parquet(rows: list[dict[str, Any]], table: str) -> memoryview:
    import pyarrow
    from pyarrow import parquet

    sink = pyarrow.BufferOutputStream()
    parquet.write_table(pyarrow.Table.from_pylist(rows, schema=_schema(table)), sink, compression="zstd")
    return memoryview(sink.getvalue())


def _schema(table: str) -> pyarrow.Schema:
    import pyarrow

    text, count, number = pyarrow.string(), pyarrow.int64(), pyarrow.float64()
    columns = {
        "records": {
            "file": text, "sha256": text, "bytes": count, "title": text, "issuers": pyarrow.list_(text), "township": text,
            "county": text, "addressee": text, "document_number": text, "index_number": text, "issue_date": text,
            "quantities": count, "findings": count, "record": text,
        },
        "indicators": {
            "file": text, "township": text, "id": text, "code": text, "label": text, "value": number, "low": number,
            "high": number, "unit": text, "qualifier": text, "modality": text, "text": text, "quote": text, "section": text,
            "part_of": text, "rule": text, "start": count, "end": count,
        },
        "failures": {"file": text, "code": text, "message": text, "remedy": text},
    }  # fmt: skip
    return pyarrow.schema(list(columns[table].items()))
