"""Records to a file of any format that tables have, whole or not there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from extractor.errors import UsageError
from extractor.models import Report
from extractor.writing.rows import Language, Table
from extractor.writing.target import open_target, replacing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from extractor.catalogue.models import Catalogue

ExportForm = Literal["xlsx", "csv", "parquet", "sqlite"]

ENDINGS: dict[str, ExportForm] = {
    ".xlsx": "xlsx",
    ".csv": "csv",
    ".parquet": "parquet",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
    ".db": "sqlite",
}
"""What the ending of a file's name says of its format."""


class Wish(NamedTuple):
    """How records are to be written: which table csv and parquet give, the language of names, whether with empty columns."""

    table: Table = "summary"
    language: Language = "zh"
    all_columns: bool = False


def export(reports: Iterable[Report], path: Path, form: ExportForm, catalogue: Catalogue, wish: Wish) -> list[str]:
    """Write reports as they come; `path` takes its new content when all is well, and keeps the old one if not.

    Gives notes for the user. Raises OutputError where `path` cannot be written, UsageError where records were made with rules
    that `catalogue` lacks.
    """
    known = of_the_catalogue(reports, catalogue)
    if form == "csv":
        from extractor.writing.csv import write_csv

        with open_target(path, byte_order_mark=True) as stream:
            write_csv(known, stream, wish.table, catalogue, wish.language)
        return []
    with replacing(path) as temporary:
        return _write(known, path, temporary, form, catalogue, wish)


def _write(
    reports: Iterable[Report], path: Path, temporary: Path, form: ExportForm, catalogue: Catalogue, wish: Wish
) -> list[str]:
    if form == "xlsx":
        from extractor.writing.xlsx import write_xlsx

        return write_xlsx(reports, temporary, catalogue, wish.language, wish.all_columns, path.parent)
    if form == "parquet":
        from extractor.writing.parquet import write_parquet

        write_parquet(reports, temporary, wish.table, catalogue, wish.language)
    else:
        from extractor.writing.sqlite import write_sqlite

        write_sqlite(reports, temporary, catalogue)
    return []


def of_the_catalogue(reports: Iterable[Report], catalogue: Catalogue) -> Iterator[Report]:
    """The reports, as long as their codes are all of the catalogue."""
    codes = frozenset(catalogue.codes)
    for report in reports:
        if not report.summary.keys() <= codes:
            unknown = sorted(report.summary.keys() - codes)
            raise UsageError(
                f"{report.source.name}: its record has codes that these rules lack: {', '.join(unknown[:5])}; "
                "name the rules that it was made with by --catalogue"
            )
        yield report


def form_of(path: Path) -> ExportForm:
    """The format that a file's name asks for. Raises UsageError where its ending is of none."""
    try:
        return ENDINGS[path.suffix.lower()]
    except KeyError:
        raise UsageError(
            f"{path}: its ending says no format; name a file that ends in {', '.join(ENDINGS)} or .jsonl"
        ) from None


def write_lines(lines: Iterable[bytes], path: Path) -> None:
    """Records as they are, one a line."""
    with replacing(path) as temporary, temporary.open("wb") as stream:
        stream.writelines(line + b"\n" for line in lines)
