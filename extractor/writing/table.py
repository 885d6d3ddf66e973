"""A few lines for eyes: one row a report, in the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from extractor.models import Report
from extractor.writing.rows import Language

_FILE_LEAST = 16
_HEAD = {
    "zh": ("文件", "地方", "年度", "章节", "问题/打算", "数量", "有代码", "实际", "提示"),
    "en": ("file", "place", "year", "parts", "items", "numbers", "coded", "actual", "doubts"),
}


def write_table(reports: Iterable[Report], stream: TextIO, language: Language) -> None:
    """One row for each report: what was found in it."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    file, *others = _HEAD[language]
    table.add_column(file, overflow="fold", min_width=_FILE_LEAST, ratio=1)
    for head in others:
        table.add_column(head, no_wrap=True)
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
