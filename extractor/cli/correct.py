"""`extractor correct`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from extractor.errors import InputError

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue
    from extractor.corrections import Refusal, Row
    from extractor.reading.workbook import SheetForm


def correct(
    records: Annotated[
        list[str],
        typer.Argument(metavar="RECORDS...", help="Records: .jsonl, .json, folders of them, or - for standard input."),
    ],
    workbook: Annotated[Path, typer.Option("--from", help="The workbook of these records, with what was changed in it.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The .jsonl to write; it may be the one that was read.")],
    catalogue: Annotated[
        Path | None,
        typer.Option("--catalogue", envvar="EXTRACTOR_CATALOGUE", help="The own rules that the records were made with."),
    ] = None,
) -> None:
    """Put what a reviewer changed in a workbook into its records.

    Code, value, low, high, unit, qualifier and modality of the sheet of indicators are taken, and the kind in that of sections;
    the record keeps what stood there before, and who, when and why where the workbook says so.

    Examples:

      extractor export records.jsonl -o review.xlsx

      extractor correct records.jsonl --from review.xlsx -o corrected.jsonl

    Exit codes: 0 done; 2 wrong use; 3 some changes were not applied (they are listed, the others are written), or a record or
    the workbook could not be read (nothing is written).
    """
    from extractor.catalogue.memory import recall_catalogue
    from extractor.writing.export import write_lines

    rules = recall_catalogue(str(catalogue) if catalogue else None)
    run = _Run(rules, workbook, rows_by_report(workbook))
    write_lines(run.lines(records), output)
    run.tell()
    if run.refused:
        raise typer.Exit(3)


def rows_by_report(workbook: Path) -> dict[str, list[Row]]:
    """The workbook's rows, together for each report."""
    from extractor.reading.workbook import read_rows

    found: dict[str, list[Row]] = {}
    for row in read_rows(workbook, forms()):
        found.setdefault(str(row.cells.get("report_id") or ""), []).append(row)
    return found


def forms() -> list[SheetForm]:
    """What the sheets look like whose changes come back, in both languages."""
    from extractor.reading.workbook import SheetForm
    from extractor.writing.workbook import RETURNING, SHEET_COLUMNS, SHEETS, heading, returning_columns

    return [
        SheetForm(
            tuple(SHEETS[sheet].values()),
            tuple(
                {look.key: heading(sheet, look.key, language) for look in SHEET_COLUMNS[sheet]} for language in SHEETS[sheet]
            ),
            returning_columns(sheet),
        )
        for sheet in RETURNING
    ]


class _Run:
    """One call: the rows to apply, and what came of them."""

    def __init__(self, catalogue: Catalogue, workbook: Path, rows: dict[str, list[Row]]) -> None:
        self.catalogue = catalogue
        self.workbook = workbook
        self.rows = rows
        self.applied = self.corrected = 0
        self.refused: list[tuple[str, Refusal]] = []

    def lines(self, records: list[str]) -> Iterator[bytes]:
        """The records, corrected where rows say so; an error ends it, since nothing may be lost."""
        from extractor.corrections import Refusal, correct
        from extractor.models import report_id
        from extractor.reading.records import read_records, whole

        matched = False
        for record in read_records(records):
            if isinstance(record, InputError):
                raise record
            rows = self.rows.pop(report_id(record.report), None)
            if rows is None:
                yield record.line
                continue
            matched = True
            outcome = correct(whole(record), rows, self.catalogue)
            self.refused += [(record.report.source.name, refusal) for refusal in outcome.refused]
            self.applied += outcome.applied
            self.corrected += bool(outcome.applied)
            yield outcome.report.model_dump_json().encode() if outcome.applied else record.line
        if not matched:
            raise InputError(str(self.workbook), "has no row of these records", "name the records that it was made from")
        for name, rows in self.rows.items():
            reason = (
                "its report is not among the records" if name else "it has no report id; a row that was added cannot be applied"
            )
            self.refused += [("", Refusal(row.place, str(row.cells.get("id") or ""), reason)) for row in rows]

    def tell(self) -> None:
        """What was applied, and each change that was not."""
        for source, (place, entry, reason) in self.refused:
            where = ": ".join(filter(None, (place, source, entry)))
            sys.stderr.write(f"extractor: not applied: {where}: {reason}\n")
        sys.stderr.write(
            f"extractor: {self.applied} corrections in {self.corrected} reports; {len(self.refused)} not applied\n"
        )
