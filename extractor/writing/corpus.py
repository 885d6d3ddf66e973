"""Findings over many reports: for eyes, as comma-separated values, as lines of JSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from typing import TextIO

from extractor.corpus import CorpusFinding
from extractor.writing.csv import harmless
from extractor.writing.rows import Language

_HEAD = {
    "zh": ("文件", "代码", "级别", "说明", "相关指标"),
    "en": ("file", "code", "severity", "message", "indicators"),
}


def write_corpus_csv(findings: Iterable[CorpusFinding], stream: TextIO, language: Language) -> None:
    """A header and one row for each finding."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_HEAD[language])
    writer.writerows([harmless(cell) for cell in _cells(one, language)] for one in findings)


def write_corpus_lines(findings: Iterable[CorpusFinding], stream: TextIO, _: Language) -> None:
    """One finding a line, as JSON, in both languages."""
    stream.writelines(f"{json.dumps(one._asdict(), ensure_ascii=False)}\n" for one in findings)


def write_corpus_table(findings: Iterable[CorpusFinding], stream: TextIO, language: Language) -> None:
    """One row for each finding, in the terminal."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for head in _HEAD[language][:4]:
        table.add_column(head, overflow="fold")
    for one in findings:
        table.add_row(*map(Text, _cells(one, language)[:4]))
    Console(file=stream).print(table)


def _cells(one: CorpusFinding, language: Language) -> list[str]:
    message = one.message if language == "zh" else one.message_en
    return [one.file, one.code, one.severity, message, " ".join(one.indicators)]
