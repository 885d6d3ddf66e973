"""A record as rows of tables: the one place that says which columns there are and what stands in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from extractor.models import Report, SummaryEntry

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue
    from extractor.corpus import CorpusFinding

Table = Literal["summary", "indicators", "sections", "items", "findings"]
Language = Literal["zh", "en"]
Cell = str | int | float | None

MENTIONED = {"zh": "提及未计数", "en": "mentioned"}

_COLUMNS: dict[Table, dict[str, str]] = {
    "summary": {
        "source": "文件", "title": "标题", "report_year": "报告年度", "issuers": "发布机关", "township": "乡镇街道",
        "county": "县市区", "document_number": "发文字号", "index_number": "索引号", "issue_date": "成文日期",
        "findings": "核查提示数",
    },
    "indicators": {
        "source": "文件", "township": "乡镇街道", "report_year": "报告年度", "id": "编号", "code": "指标代码", "label": "指标",
        "value": "数值", "low": "下限", "high": "上限", "unit": "单位", "qualifier": "限定", "modality": "性质",
        "part_of": "所属总数", "text": "原文", "quote": "所在语句", "section": "章节", "start": "起始位置", "end": "结束位置",
        "rule": "规则",
    },
    "sections": {
        "source": "文件", "id": "编号", "parent": "上级", "level": "层级", "kind": "类别", "ordinal": "序号", "heading": "标题",
        "start": "起始位置", "end": "结束位置",
    },
    "items": {
        "source": "文件", "id": "编号", "kind": "类别", "section": "章节", "ordinal": "序号", "text": "内容",
        "start": "起始位置", "end": "结束位置",
    },
    "findings": {
        "source": "文件", "code": "代码", "severity": "级别", "message": "说明", "indicators": "相关指标",
        "start": "起始位置", "end": "结束位置",
    },
}  # fmt: skip


def columns(table: Table, catalogue: Catalogue, language: Language) -> list[str]:
    """Column names. The summary has one column for each catalogue code, in the catalogue's order, whatever a report says."""
    names = [key if language == "en" else word for key, word in _COLUMNS[table].items()]
    if table == "summary":
        labels = (rule.label.zh if language == "zh" else rule.label.en for rule in catalogue.indicators)
        names += [f"{label} [{code}]" for label, code in zip(labels, catalogue.codes, strict=True)]
    return names


def rows(report: Report, table: Table, language: Language) -> Iterator[list[Cell]]:
    """The rows that one record has in a table."""
    return _ROWS[table](report, language)


def _summary(report: Report, language: Language) -> Iterator[list[Cell]]:
    meta = report.metadata
    head: list[Cell] = [report.source.name, meta.title, meta.report_year, "；".join(meta.issuers), meta.township, meta.county]
    head += [meta.document_number, meta.index_number, meta.issue_date, len(report.findings)]
    yield head + [_state(entry, language) for entry in report.summary.values()]


def _state(entry: SummaryEntry, language: Language) -> Cell:
    """A number, 0, the word for `mentioned`, or nothing: four different cells."""
    if entry.state == "mentioned":
        return MENTIONED[language]
    if entry.low is not None and entry.high is not None:
        return f"{number(entry.low)}–{number(entry.high)}"
    return number(entry.value)


def number(value: Decimal | None) -> Cell:
    """A decimal as an integer where it is one, else as a float; None stays None."""
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)


def _indicators(report: Report, _: Language) -> Iterator[list[Cell]]:
    meta = report.metadata
    for i in report.indicators:
        yield [
            report.source.name, meta.township, meta.report_year, i.id, i.code, i.label,
            number(i.value), number(i.low), number(i.high), i.unit, i.qualifier, i.modality, i.part_of,
            i.text, i.quote, i.section, i.start, i.end, i.rule,
        ]  # fmt: skip


def _sections(report: Report, _: Language) -> Iterator[list[Cell]]:
    for s in report.sections:
        yield [report.source.name, s.id, s.parent, s.level, s.kind, s.ordinal, s.heading, s.start, s.end]


def _items(report: Report, _: Language) -> Iterator[list[Cell]]:
    for i in report.items:
        yield [report.source.name, i.id, i.kind, i.section, i.ordinal, i.text, i.start, i.end]


def _findings(report: Report, _: Language) -> Iterator[list[Cell]]:
    for f in report.findings:
        yield [report.source.name, f.code, f.severity, f.message, " ".join(f.indicators), f.start, f.end]


def corpus_row(finding: CorpusFinding) -> list[Cell]:
    """A finding over many reports as a row of the table `findings`; it has no place in the text."""
    ids = " ".join(finding.indicators)
    return [finding.file, finding.code, finding.severity, finding.message, ids, None, None]


_ROWS: dict[Table, Callable[[Report, Language], Iterator[list[Cell]]]] = {
    "summary": _summary,
    "indicators": _indicators,
    "sections": _sections,
    "items": _items,
    "findings": _findings,
}
