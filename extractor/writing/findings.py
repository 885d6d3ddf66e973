"""Findings for eyes, as JSON and as Markdown: the codes with what they mean, and those of reports with line and column."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, TextIO

from rich.table import Table
from rich.text import Text

from extractor.catalogue.models import Catalogue, FindingText
from extractor.models import Finding
from extractor.writing.explanation import console_on

_LINE_BREAK = " ⏎ "
_MARKDOWN_HEAD = """\
# Findings

{count} codes of doubts about one report, made from `schemas/checks.yaml` by `extractor findings -f markdown`; change them
there. A finding is an `error` where something cannot be true, a `warning` where two things contradict each other, an `info`
where something is worth a look. `extractor findings REPORT` shows those of a report, `extractor extract --fail-on warning` ends
with exit code 1 where there are any. Only numbers that were reported as done are compared, in like scope; plans, changes and
other years are left alone, and approximate numbers are compared no further than they say.

In the examples 【】 marks where the finding points, ⏎ is the end of a line.

| code | severity | 名称 | title |
|---|---|---|---|
"""


class Found(NamedTuple):
    """The findings of one report, and its text as received."""

    name: str
    text: str
    findings: tuple[Finding, ...]


def write_codes(catalogue: Catalogue, codes: list[str], stream: TextIO) -> None:
    """One row for each code; of codes that are asked for, all that is known."""
    console = console_on(stream)
    if codes:
        for code in codes:
            for line in _explained(code, catalogue.checks.findings[code]):
                console.print(line, soft_wrap=True)
        return
    table = Table("code", "severity", "名称", "title", row_styles=("", "dim"))
    for code, text in catalogue.checks.findings.items():
        table.add_row(*map(Text, (code, text.severity, text.title.zh, text.title.en)))
    console.print(table)


def _explained(code: str, text: FindingText) -> Iterator[str]:
    yield f"{code}  {text.severity}  {text.title.zh}  {text.title.en}"
    yield f"  {text.zh}"
    yield f"  {text.en}"
    for name, words in (("means", text.definition), ("what to do", text.remedy)):
        yield f"  {name}"
        yield f"    {words.zh}"
        yield f"    {words.en}"
    for name, examples in (("found in", text.examples.found), ("not found in", text.examples.not_)):
        if examples:
            yield f"  {name}"
            yield from (f"    {_on_one_line(example)}" for example in examples)


def write_codes_json(catalogue: Catalogue, codes: list[str], stream: TextIO) -> None:
    """The codes, all or those asked for, with everything that `checks.yaml` says of them."""
    shown = codes or list(catalogue.checks.findings)
    data = [{"code": code} | catalogue.checks.findings[code].model_dump(by_alias=True) for code in shown]
    stream.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")


def write_codes_markdown(catalogue: Catalogue, codes: list[str], stream: TextIO) -> None:
    """The document `docs/findings.md`: a table of the codes, a section for each, and what is compared with what."""
    findings = {code: text for code, text in catalogue.checks.findings.items() if not codes or code in codes}
    stream.write(_MARKDOWN_HEAD.format(count=len(findings)))
    for code, text in findings.items():
        stream.write(f"| [`{code}`](#{code}) | {text.severity} | {text.title.zh} | {text.title.en} |\n")
    for code, text in findings.items():
        stream.write("\n".join(_section(code, text)) + "\n")
    if not codes:
        stream.write("\n".join(_compared(catalogue)) + "\n")


def _section(code: str, text: FindingText) -> Iterator[str]:
    yield f"\n## {code}\n"
    yield f"`{text.severity}` · {text.title.zh} · {text.title.en}\n"
    yield f"> {text.zh}<br>{text.en}\n"
    yield f"{text.definition.zh}<br>{text.definition.en}\n"
    yield f"**怎么办** {text.remedy.zh}<br>**What to do** {text.remedy.en}"
    for name, examples in (("Found in", text.examples.found), ("Not found in", text.examples.not_)):
        if examples:
            yield f"\n{name}:\n"
            yield from (f"- `{_on_one_line(example)}`" for example in examples)


def _compared(catalogue: Catalogue) -> Iterator[str]:
    checks = catalogue.checks
    yield "\n# What is compared\n\n| rate | is the share of | in |\n|---|---|---|"
    for rate in checks.rates:
        name = f"`{rate.rate}`" if rate.rate else " ".join(rate.names)
        yield f"| {name} | {_codes(rate.of)} | {_codes(rate.to)} |"
    yield "\n| not more of | than of | finding |\n|---|---|---|"
    for order in checks.orders.rules:
        yield f"| {_codes(order.lesser)} | {_codes(order.greater)} | `{order.finding}` |"
    yield f"\nNone beside some (`zero_and_count`): {_codes(checks.zeros.codes)}."
    yield f"\nOne value each (`two_values`): {_codes(dict.fromkeys(rule.code for rule in checks.single.rules))}."
    yield "\n| implausible above | township | county |\n|---|---|---|"
    for most in checks.plausible:
        yield f"| `{most.code}`{''.join(f' {unit}' for unit in most.units)} | {most.township} | {most.county} |"


def _codes(codes: Iterable[str]) -> str:
    return " ".join(f"`{code}`" for code in codes)


def _on_one_line(example: str) -> str:
    return example.replace("\n", _LINE_BREAK)


def write_found(reports: Iterable[Found], shown: set[str], lang: str, stream: TextIO, messages: TextIO) -> None:
    """One line for each finding, `file:line:column: severity: message [code]`; a count at the end, apart from the results."""
    counts: Counter[str] = Counter()
    for report in reports:
        counts["reports"] += 1
        for entry in _entries(report, shown):
            counts[entry["severity"]] += 1
            at = ":".join(str(entry[key]) for key in ("source", "line", "column") if entry[key] is not None)
            message = entry["message"] if lang == "zh" else entry["message_en"]
            stream.write(f"{at}: {entry['severity']}: {message} [{entry['code']}]\n")
    said = ", ".join(f"{counts[severity]} {severity}" for severity in ("error", "warning", "info") if severity in shown)
    messages.write(f"extractor: {counts['reports']} report{'' if counts['reports'] == 1 else 's'}: {said}\n")


def write_found_json(reports: Iterable[Found], shown: set[str], lang: str, stream: TextIO, messages: TextIO) -> None:
    """One JSON object a line for each finding: those of the record, with the report's name, line and column."""
    del lang, messages
    for report in reports:
        for entry in _entries(report, shown):
            stream.write(json.dumps(entry, ensure_ascii=False) + "\n")


def _entries(report: Found, shown: set[str]) -> Iterator[dict[str, Any]]:
    """The findings of one report; lines and columns count from 1, columns in characters."""
    starts = [0, *(at + 1 for at, character in enumerate(report.text) if character == "\n")]
    for finding in report.findings:
        if finding.severity not in shown:
            continue
        line = None if finding.start is None else bisect_right(starts, finding.start)
        column = None if line is None or finding.start is None else finding.start - starts[line - 1] + 1
        yield {"source": report.name, "line": line, "column": column} | finding.model_dump(mode="json")
