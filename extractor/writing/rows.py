"""A record as rows of tables: the one place that says which columns there are and what stands in them.

Cells are language-neutral (the record's own words, lists as tuples), apart from the word for `mentioned` and the message of
a finding. How a format writes them is that format's affair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, NamedTuple

from extractor.models import Correction, Report, SummaryEntry, report_id

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue
    from extractor.corpus import CorpusFinding

Table = Literal["summary", "long", "reports", "indicators", "sections", "items", "findings"]
Language = Literal["zh", "en"]
Kind = Literal["text", "word", "integer", "number", "words"]
Cell = str | int | float | tuple[str, ...] | None


class Column(NamedTuple):
    """A column: its key (its name in English), its Chinese name, and what stands in it.

    Kinds: free `text`; `word`, one of few; `integer`; `number`; `words`, a list. `terms` names the vocabulary of
    `catalogue.yaml` that says its words in both languages.
    """

    key: str
    zh: str
    kind: Kind = "text"
    terms: str = ""


_REPORT = Column("report_id", "报告编号")
_SOURCE = Column("source", "文件")
_PLACE = Column("place", "地方", "word")
_YEAR = Column("report_year", "报告年度", "integer")
_ID = Column("id", "编号")
_START, _END = Column("start", "起始位置", "integer"), Column("end", "结束位置", "integer")
_CODE, _UNIT = Column("code", "指标代码", "word"), Column("unit", "单位", "word")
_VALUE, _LOW, _HIGH = Column("value", "数值", "number"), Column("low", "下限", "number"), Column("high", "上限", "number")
_METADATA = (
    _SOURCE,
    Column("title", "标题"),
    _YEAR,
    Column("issuers", "发布机关", "words"),
    Column("township", "乡镇街道", "word"),
    Column("county", "县市区", "word"),
    Column("document_number", "发文字号"),
    Column("index_number", "索引号"),
    Column("issue_date", "成文日期"),
    Column("findings", "核查提示数", "integer"),
    _PLACE,
    _REPORT,
)

COLUMNS: dict[Table, tuple[Column, ...]] = {
    "summary": _METADATA,
    "reports": (
        *_METADATA,
        Column("addressee", "主送机关"),
        Column("sections", "章节数", "integer"),
        Column("problems", "问题数", "integer"),
        Column("next_steps", "打算数", "integer"),
        Column("indicators", "指标数", "integer"),
        Column("corrections", "更正数", "integer"),
        Column("numbers", "数字数", "integer"),
        Column("unaccounted", "未归类数字数", "integer"),
        Column("characters", "字数", "integer"),
        Column("pages", "页数", "integer"),
        Column("media_type", "文件类型", "word"),
        Column("encoding", "编码", "word"),
        Column("sha256", "文件校验值"),
        Column("schema_version", "记录格式版本", "word"),
        Column("catalogue", "指标目录", "word"),
        Column("catalogue_version", "目录版本", "word"),
    ),
    "long": (
        _SOURCE,
        _REPORT,
        _PLACE,
        _YEAR,
        _CODE,
        Column("state", "状态", "word", "state"),
        _VALUE,
        _LOW,
        _HIGH,
        _UNIT,
        Column("indicators", "指标编号", "words"),
    ),
    "indicators": (
        _SOURCE,
        _REPORT,
        _PLACE,
        _YEAR,
        _ID,
        Column("heading", "所在章节"),
        Column("label", "指标", "word"),
        _CODE,
        _VALUE,
        _LOW,
        _HIGH,
        _UNIT,
        Column("qualifier", "限定", "word", "qualifier"),
        Column("modality", "性质", "word", "modality"),
        Column("part_of", "所属总数"),
        Column("text", "原文"),
        Column("quote", "所在语句"),
        Column("section", "章节编号", "word"),
        Column("page", "页", "integer"),
        Column("paragraph", "段", "integer"),
        Column("sheet", "工作表", "word"),
        Column("cell", "单元格"),
        _START,
        _END,
        Column("rule", "规则"),
        Column("corrected", "已更正"),
        Column("corrected_by", "更正人"),
        Column("corrected_at", "更正时间"),
        Column("correction_note", "更正说明"),
    ),
    "sections": (
        _SOURCE,
        _REPORT,
        _PLACE,
        _YEAR,
        _ID,
        Column("parent", "上级", "word"),
        Column("level", "层级", "integer"),
        Column("kind", "类别", "word", "kinds"),
        Column("ordinal", "序号"),
        Column("heading", "标题"),
        _START,
        _END,
    ),
    "items": (
        _SOURCE,
        _REPORT,
        _PLACE,
        _YEAR,
        _ID,
        Column("kind", "类别", "word", "item"),
        Column("section", "章节编号", "word"),
        Column("ordinal", "序号"),
        Column("text", "内容"),
        _START,
        _END,
    ),
    "findings": (
        _SOURCE,
        _REPORT,
        _PLACE,
        _YEAR,
        Column("number", "次序", "integer"),
        Column("code", "代码", "word"),
        Column("severity", "级别", "word", "severity"),
        Column("message", "说明"),
        Column("indicators", "指标编号", "words"),
        _START,
        _END,
    ),
}

DICTIONARY = (
    _CODE,
    Column("group", "类别", "word"),
    Column("label", "指标"),
    Column("label_en", "英文名称"),
    Column("definition", "定义"),
    Column("definition_en", "英文定义"),
    Column("units", "单位", "words"),
    Column("aggregate", "汇总方式", "word", "aggregate"),
)
"""Columns of the data dictionary: a row a code of the catalogue."""


def named(column: Column, language: Language) -> str:
    """A column's name: the key in English, for programs too."""
    return column.key if language == "en" else column.zh


def columns(table: Table, catalogue: Catalogue, language: Language) -> list[str]:
    """Column names. The summary has one column for each catalogue code, in the catalogue's order, whatever a report says."""
    names = [named(column, language) for column in COLUMNS[table]]
    if table == "summary":
        labels = (rule.label.zh if language == "zh" else rule.label.en for rule in catalogue.indicators)
        names += [f"{label} [{code}]" for label, code in zip(labels, catalogue.codes, strict=True)]
    return names


def rows(report: Report, table: Table, language: Language, codes: Sequence[str] | None = None) -> Iterator[list[Cell]]:
    """The rows that one record has in a table. `codes` are those of the summary's columns; else the record's own, in order."""
    if table == "summary":
        yield [*head(report), *states(report, language, report.summary if codes is None else codes)]
    elif table == "findings":
        yield from _findings(report, language)
    else:
        yield from _ROWS[table](report)


def dictionary_rows(catalogue: Catalogue) -> Iterator[list[Cell]]:
    """What each code of the catalogue means."""
    for rule in catalogue.indicators:
        units = rule.only or catalogue.units.families[rule.unit]
        name = rule.code.partition(".")[0]
        group = catalogue.head.groups.get(name)
        labels = [rule.label.zh, rule.label.en, rule.definition.zh, rule.definition.en]
        yield [rule.code, group.zh if group else name, *labels, tuple(units), rule.aggregate]


def place(report: Report) -> str | None:
    """What the report is about: its township, else its county, else who issues it."""
    meta = report.metadata
    return meta.township or meta.county or "、".join(meta.issuers) or None


def head(report: Report) -> list[Cell]:
    """What stands before the codes in the summary."""
    meta = report.metadata
    return [
        report.source.name, meta.title, meta.report_year, tuple(meta.issuers), meta.township, meta.county,
        meta.document_number, meta.index_number, meta.issue_date, len(report.findings), place(report), report_id(report),
    ]  # fmt: skip


def states(report: Report, language: Language, codes: Iterator[str] | Sequence[str] | dict[str, SummaryEntry]) -> list[Cell]:
    """A cell for each of the codes: a number, 0, the word for `mentioned`, or nothing."""
    summary = report.summary
    return [state_cell(summary[code], language) if code in summary else None for code in codes]


MENTIONED = {"zh": "提及未计数", "en": "mentioned"}


def state_cell(entry: SummaryEntry, language: Language) -> Cell:
    """A number, 0, the word for `mentioned`, or nothing: four different cells."""
    if entry.state == "mentioned":
        return MENTIONED[language]
    if entry.low is not None and entry.high is not None:
        return f"{number(entry.low)}–{number(entry.high)}"
    return number(entry.value)


def number(value: Decimal | float | None) -> int | float | None:
    """A number as an integer where it is one, else as a float; None stays None."""
    if value is None or isinstance(value, int):
        return value
    return int(value) if value == int(value) else float(value)


def _start(report: Report) -> list[Cell]:
    return [report.source.name, report_id(report), place(report), report.metadata.report_year]


def _reports(report: Report) -> Iterator[list[Cell]]:
    source, coverage = report.source, report.coverage
    problems = sum(item.kind == "problem" for item in report.items)
    yield [
        *head(report), report.metadata.addressee, len(report.sections), problems, len(report.items) - problems,
        len(report.indicators), len(report.corrections), coverage.numbers, coverage.unaccounted, source.characters,
        source.pages, source.media_type, source.encoding, source.sha256, report.schema_version, report.catalogue.id,
        report.catalogue.version,
    ]  # fmt: skip


def _long(report: Report) -> Iterator[list[Cell]]:
    start = _start(report)
    for code, entry in report.summary.items():
        if entry.state != "absent":
            numbers = (number(entry.value), number(entry.low), number(entry.high))
            yield [*start, code, entry.state, *numbers, entry.unit, tuple(entry.indicators)]


def _indicators(report: Report) -> Iterator[list[Cell]]:
    start = _start(report)
    headings = {section.id: section.heading for section in report.sections}
    corrected = corrections_of(report)
    for i in report.indicators:
        where = i.location
        yield [
            *start, i.id, headings.get(i.section or ""), i.label, i.code, number(i.value), number(i.low), number(i.high),
            i.unit, i.qualifier, i.modality, i.part_of, i.text, i.quote, i.section,
            *((where.page, where.paragraph, where.sheet, where.cell) if where else (None, None, None, None)),
            i.start, i.end, i.rule, *correction_cells(corrected.get(i.id, ())),
        ]  # fmt: skip


def corrections_of(report: Report) -> dict[str, list[Correction]]:
    """The corrections of each entry by its id, the oldest first."""
    found: dict[str, list[Correction]] = {}
    for correction in report.corrections:
        found.setdefault(correction.entry, []).append(correction)
    return found


def correction_cells(corrections: Sequence[Correction]) -> list[Cell]:
    """What was corrected, and who, when and why of the last time; four cells."""
    if not corrections:
        return [None, None, None, None]
    last = corrections[-1]
    changes = (f"{c.field}: {correction_value(c.original)} → {correction_value(c.corrected)}" for c in corrections)
    return ["; ".join(changes), last.by, last.at, last.note]


def correction_value(value: Decimal | float | str | None) -> str:
    """What stood or stands in a corrected field, in words."""
    return "–" if value is None else value if isinstance(value, str) else str(number(value))


def _sections(report: Report) -> Iterator[list[Cell]]:
    start = _start(report)
    for s in report.sections:
        yield [*start, s.id, s.parent, s.level, s.kind, s.ordinal, s.heading, s.start, s.end]


def _items(report: Report) -> Iterator[list[Cell]]:
    start = _start(report)
    for i in report.items:
        yield [*start, i.id, i.kind, i.section, i.ordinal, i.text, i.start, i.end]


def _findings(report: Report, language: Language) -> Iterator[list[Cell]]:
    start = _start(report)
    for n, f in enumerate(report.findings, 1):
        message = f.message if language == "zh" else f.message_en
        yield [*start, n, f.code, f.severity, message, tuple(f.indicators), f.start, f.end]


def corpus_row(finding: CorpusFinding, language: Language) -> list[Cell]:
    """A finding over many reports as a row of the table `findings`; it has no place in the text."""
    message = finding.message if language == "zh" else finding.message_en
    what: list[Cell] = [finding.code, finding.severity, message, tuple(finding.indicators)]
    return [finding.file, None, None, None, None, *what, None, None]


_ROWS: dict[Table, Callable[[Report], Iterator[list[Cell]]]] = {
    "reports": _reports,
    "long": _long,
    "indicators": _indicators,
    "sections": _sections,
    "items": _items,
}
