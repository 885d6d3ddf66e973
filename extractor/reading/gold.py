"""Annotated reports from a folder: a text NAME.txt and its annotation NAME.json or NAME.gold.json."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from extractor.errors import GoldError, InputError
from extractor.gold import Gold, gold_of, misfits
from extractor.models import Report
from extractor.reading import read_file
from extractor.reading.records import Record, whole
from extractor.types import Document

ANNOTATION_ENDINGS = (".gold.json", ".json")
"""Endings of annotations, the one that wins first: beside NAME.gold.json, NAME.json is something else (a record, say)."""

_DRAFT = ".ann.json"
"""Ending of an annotator's draft, which is no gold yet."""


class GoldFile(NamedTuple):
    """The two files of one annotated report."""

    name: str
    text: Path
    annotation: Path


def read_corrected(record: Record, codes: Collection[str]) -> tuple[str, Gold, Document]:
    """Name, annotation and report of a record that a person has corrected. `codes` are those that the catalogue has.

    The report's text is the one in the record (`--with-text`), or that of the file it was made from. Raises GoldError.
    """
    try:
        report = whole(record)
        document = _document_of(report, Path(record.place.rpartition(":")[0] or record.place).parent)
    except InputError as error:
        raise GoldError(f"{record.place}: its text cannot be used: {error}") from None
    gold = gold_of(report)
    problems = misfits(gold, document.text, codes)
    if problems:
        raise GoldError("\n".join(f"{record.place}: {problem}; the text is another one" for problem in problems))
    return report.source.name, gold, document


def _document_of(report: Report, folder: Path) -> Document:
    source = report.source
    if source.text is not None:
        return Document(source.name, source.text, source.media_type, source.encoding, source.sha256, source.bytes)
    beside = folder / Path(source.name).name
    return read_file(beside if beside.is_file() else source.name)


def find_gold(folder: Path) -> list[GoldFile]:
    """The annotated reports of a folder by name. Raises InputError where there is no such folder or no annotation in it."""
    if not folder.is_dir():
        raise InputError(str(folder), "no such folder", "name a folder of NAME.txt with NAME.json or NAME.gold.json")
    annotations: dict[str, Path] = {}
    for ending in ANNOTATION_ENDINGS:
        for path in folder.glob(f"*{ending}"):
            name = path.name.removesuffix(ending)
            if not path.name.endswith(_DRAFT) and not name.endswith(".gold"):
                annotations.setdefault(name, path)
    if not annotations:
        raise InputError(
            str(folder), "holds no annotations", "put NAME.txt with NAME.json or NAME.gold.json into it (see docs/gold.md)"
        )
    return [GoldFile(name, folder / f"{name}.txt", path) for name, path in sorted(annotations.items())]


def read_gold(file: GoldFile, codes: Collection[str]) -> tuple[Gold, Document]:
    """An annotation and the report that it fits. `codes` are those that the catalogue has.

    Raises GoldError, one line for each thing that is wrong, and nothing else.
    """
    gold = _read_annotation(file.annotation)
    try:
        document = read_file(file.text)
    except InputError as error:
        raise GoldError(f"{file.annotation}: its text cannot be used: {error}") from None
    problems = misfits(gold, document.text, codes)
    if problems:
        raise GoldError("\n".join(f"{file.annotation}: {problem}; correct the annotation" for problem in problems))
    return gold, document


def read_record(path: Path) -> Report:
    """A record as `extractor extract -f json` writes it. Raises InputError where it is missing or no record."""
    try:
        return Report.model_validate_json(path.read_bytes())
    except OSError as error:
        raise InputError(str(path), f"cannot be read ({error.strerror})", "make it with extractor extract -f json") from None
    except ValidationError as error:
        first = error.errors()[0]
        reason = f"is no record: {_place(first['loc'])}: {_reason(first['msg'], first['input'])}"
        raise InputError(str(path), reason, "make it anew with extractor extract -f json") from None


def _read_annotation(path: Path) -> Gold:
    try:
        return Gold.model_validate_json(path.read_bytes(), strict=True)
    except OSError as error:
        raise GoldError(f"{path}: cannot be read ({error.strerror}); check its permissions") from None
    except ValidationError as error:
        problems = (f"{path}: {_place(e['loc'])}: {_reason(e['msg'], e['input'])}; see docs/gold.md" for e in error.errors())
        raise GoldError("\n".join(problems)) from None


def _place(location: tuple[int | str, ...]) -> str:
    """A place as one writes it: `quantities[3].unit`."""
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return place.removeprefix(".") or "the file"


def _reason(message: str, found: object) -> str:
    words = message.removeprefix("Value error, ")
    return f"{words} (it has {found!r})" if isinstance(found, str | int | float) and len(str(found)) <= 60 else words
