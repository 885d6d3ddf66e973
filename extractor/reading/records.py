"""Records that were written before: from lines of JSON, from single JSON files, from folders and from standard input.

They are read one after another, whatever their number. Reading is light: keys, types and words are checked, and relations
within the record (spans, references) are trusted, since the record was validated when it was made. `whole` validates it all.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from types import UnionType
from typing import IO, TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Union, cast, get_args, get_origin

from extractor.errors import InputError, printable
from extractor.models import SCHEMA_VERSION, Report, report_id
from extractor.reading import STANDARD_INPUT

if TYPE_CHECKING:
    import msgspec
    from pydantic import BaseModel

BATCH_RECORDS = "records.jsonl"
"""The file that holds the records of a finished batch; where it stands, nothing else of its folder is read."""

_ENDINGS = (".jsonl", ".ndjson", ".json")
_NO_RECORDS = (".gold.json", ".ann.json", ".schema.json")
_BOM, _UTF16 = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
_MADE = "give records as extractor extract -f jsonl or extractor batch writes them"


class Record(NamedTuple):
    """A record as it was found: where it stands (`FILE:LINE`), its JSON on one line, and itself.

    `report` has the attributes of a Report, its numbers as integers and floats; it is no model and has no methods.
    """

    place: str
    line: bytes
    report: Report


def read_records(inputs: Sequence[str]) -> Iterator[Record | InputError]:
    """The records of files, folders and standard input (`-`), in order; an error in the place of what is none.

    A report that was given before, the same bytes under the same name, is an error too.
    """
    seen: dict[str, str] = {}
    for name in inputs:
        for found in _read(name):
            if isinstance(found, Record):
                first = seen.setdefault(report_id(found.report), found.place)
                if first != found.place:
                    yield InputError(found.place, f"is the same report as {first}", "it is passed over; remove one of the two")
                    continue
            yield found


def input_files(inputs: Sequence[str]) -> Iterator[Path]:
    """The files that the inputs stand for, as far as they are there."""
    for name in inputs:
        path = Path(name)
        if name != STANDARD_INPUT and path.is_dir():
            yield from _files_below(path)
        elif name != STANDARD_INPUT:
            yield path


def whole(record: Record) -> Report:
    """The record with everything validated. Raises InputError where it does not hold together."""
    from pydantic import ValidationError

    try:
        return Report.model_validate_json(record.line)
    except ValidationError as error:
        raise InputError(record.place, f"does not hold together: {error.errors()[0]['msg']}", "make it anew") from None


def _read(name: str) -> Iterator[Record | InputError]:
    path = Path(name)
    if name == STANDARD_INPUT:
        yield from _stream_records("standard input", sys.stdin.buffer)
    elif path.is_dir():
        yield from _folder_records(path)
    else:
        yield from _file_records(path)


def _folder_records(folder: Path) -> Iterator[Record | InputError]:
    files = list(_files_below(folder))
    for file in files:
        yield from _file_records(file)
    if not files:
        yield InputError(str(folder), "holds no records", f"files that are read here end in {' '.join(_ENDINGS)}")


def _files_below(folder: Path) -> Iterator[Path]:
    if (folder / BATCH_RECORDS).is_file():
        yield folder / BATCH_RECORDS
        return
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.endswith(_ENDINGS) and not name.startswith(".") and not name.endswith(_NO_RECORDS):
                yield Path(root) / name


def _file_records(path: Path) -> Iterator[Record | InputError]:
    try:
        with path.open("rb") as stream:
            yield from _stream_records(str(path), stream)
    except FileNotFoundError:
        yield InputError(str(path), "no such file or folder", "check the name")
    except OSError as error:
        yield InputError(str(path), f"cannot be read ({error.strerror})", "check its permissions")


def _stream_records(name: str, stream: IO[bytes]) -> Iterator[Record | InputError]:
    first = stream.readline().removeprefix(_BOM)
    shown = printable(name)
    if first.startswith(_UTF16):
        yield InputError(name, "is in UTF-16", "write records with -o FILE, not with > of PowerShell")
    elif first.strip() == b"{":
        yield _record(shown, first + stream.read())
    else:
        number = 0
        for number, line in enumerate(_lines(first, stream), 1):
            if line.strip():
                yield _record(f"{shown}:{number}", line)
        if not number:
            yield InputError(name, "is empty", _MADE)


def _lines(first: bytes, stream: IO[bytes]) -> Iterator[bytes]:
    if first:
        yield first
        yield from stream


def _record(place: str, data: bytes) -> Record | InputError:
    """A record, or what is wrong with it."""
    import msgspec

    try:
        line = data.strip()
        report = _decoder().decode(line)
    except msgspec.ValidationError as error:
        return _misfit(place, data, str(error))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        torn = "truncated" in str(error) or (line.startswith(b"{") and not line.endswith(b"}"))
        reason = "is torn: it ends in the middle of a record" if torn else f"is no JSON ({error})"
        return InputError(place, reason, "make it anew from its report, or remove the line")
    if report.schema_version != SCHEMA_VERSION:
        return _other_version(place, report.schema_version)
    return Record(place, msgspec.json.format(line, indent=-1) if b"\n" in line else line, report)


def _misfit(place: str, data: bytes, reason: str) -> InputError:
    import msgspec

    found = msgspec.json.decode(data)
    version = found.get("schema_version") if isinstance(found, dict) else None
    if isinstance(version, str) and version != SCHEMA_VERSION:
        return _other_version(place, version)
    return InputError(place, f"is no record ({reason})", _MADE)


def _other_version(place: str, version: str) -> InputError:
    return InputError(
        place,
        f"is a record of schema version {version}, and this program reads {SCHEMA_VERSION}",
        "make it anew from its report with this program, or read it with the one that made it",
    )


@lru_cache(maxsize=1)
def _decoder() -> msgspec.json.Decoder[Report]:
    import msgspec

    return cast("msgspec.json.Decoder[Report]", msgspec.json.Decoder(_light(Report, {})))


def _light(model: type[BaseModel], made: dict[type, type]) -> type:
    """A bare structure with the fields of a model: a quarter of the time that building the model takes."""
    import msgspec

    if model not in made:
        fields: list[Any] = []
        for name, field in model.model_fields.items():
            kind = _light_type(field.annotation, made)
            fields.append((name, kind) if field.is_required() else (name, kind, field.default))
        made[model] = msgspec.defstruct(model.__name__, fields, frozen=True, forbid_unknown_fields=True, gc=False)
    return made[model]


def _light_type(annotation: Any, made: dict[type, type]) -> Any:  # noqa: ANN401  types of any form
    from decimal import Decimal

    from pydantic import BaseModel

    origin, arguments = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _light(annotation, made)
    if annotation is Decimal:
        return int | float
    if origin is Annotated:
        return _light_type(arguments[0], made)
    if origin in (Union, UnionType):
        return Union[tuple(_light_type(one, made) for one in arguments)]  # noqa: UP007
    if origin is None or origin is Literal:
        return annotation
    return origin[tuple(one if one is ... else _light_type(one, made) for one in arguments)]
