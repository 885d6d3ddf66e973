"""A few lines for eyes: one row a report, in the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from extractor.models import Report
from extractor.writing.rows import Language

_HEAD = {
    "zh": ("文件", "地方", "年度", "章节", "问题/打算", "数量", "其中有代码", "实际", "核查提示"),
    "en": ("file", "place", "year", "sections", "problems/plans", "quantities", "with a code", "actual", "findings"),
}


def write_table(reports: Iterable[Report], stream: TextIO, language: Language) -> None:
    """One row for each report: what was found in it."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*_HEAD[language], row_styles=("", "dim"))
    for report in reports:
        table.add_row(*map(Text, _cells(report)))
    Console(file=stream).print(table)


def _cells(report: Report) -> list[str]:
    meta = report.metadata
    problems = sum(item.kind == "problem" for item in report.items)
    coded = sum(i.code is not None for i in report.indicators)
    actual = sum(i.modality == "actual" for i in report.indicators)
    return [
        report.source.name,
        meta.township or meta.county or "、".join(meta.issuers),
        str(meta.report_year or ""),
        str(sum(section.level == 1 for section in report.sections)),
        f"{problems}/{len(report.items) - problems}",
        str(len(report.indicators)),
        str(coded),
        str(actual),
        str(len(report.findings)),
    ]
