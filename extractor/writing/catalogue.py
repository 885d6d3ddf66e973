"""The catalogue for eyes, as JSON and as Markdown; what its examples gave; the template of a new indicator; discoveries."""

from __future__ import annotations

import csv
import dataclasses
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TextIO

from rich.table import Table
from rich.text import Text

from extractor.catalogue.examples import Checked, Competitor
from extractor.catalogue.models import Catalogue, IndicatorRule
from extractor.discovery import Group
from extractor.explaining import cue_in_words
from extractor.writing.csv import harmless
from extractor.writing.explanation import console_on

_COMPETITORS_SHOWN = 10

_MARKDOWN_HEAD = """\
# Indicator catalogue

Catalogue `{id}`, version {version}: {count} codes. Made from `schemas/indicators/` by
`extractor catalogue list -f markdown`; change it there. `extractor catalogue show CODE` gives one code with its cues and
examples. How values are added up in a report's summary: `sum` adds the numbers, `max` takes the greatest, `last` the last
one; only numbers of the modality `actual` count.
"""

_TEMPLATE = """\
# A new indicator. Replace every word that stands for something of yours; then, from the folder that holds indicators/:
#   extractor catalogue check .                        do all examples hold, yours and the built-in ones?
#   extractor explain REPORT --catalogue . --code {code}
# schemas/README.md explains every key.
indicators:
  # group.name, lower case; with the code of a built-in indicator this one takes its place
  - code: {code}
    label: {{zh: '指标名称', en: 'Name of the indicator'}}
    definition:
      zh: '数的是什么，不数什么。'
      en: 'What is counted, and what is not.'
    # a family of measure words (units.yaml): {families}
    unit: {unit}
    # only some measure words of the family; leave the line out for all of them
    only: ['件']
    # sum (add up), max (the greatest) or last (rates and states)
    aggregate: sum
    # A quantity gets the code where all that one cue asks for is there, and no other code's cue scores more.
    # An entry is a concept of vocabulary.yaml (mediate), a word ('调解'), or several parted by | ('调解|调处').
    cues:
      # each of these among the number's own words: the clause from the number before it to the one after it
      - {{own: ['某动作', '某事物']}}
      # `near`: in its sentence, the sentences before it in its paragraph, or the headings; `not`: not among its own words
      - {{own: ['某事物'], near: ['某动作'], not: ['某隐患'], weight: -2}}
    # words of a negation that say zero of it (未发生某事物); leave the line out where there is none
    zero:
      - {{own: ['某事物']}}
    # words that speak of it even without a number: the summary says `mentioned`
    mention: ['某事物']
    # At least three sentences of each kind, as reports write them, with one number in 【】.
    examples:
      match:
        - '全年共完成某动作某事物【12件】。'
        - '开展某动作，涉及某事物【近30件】，群众反映良好。'
        - '通过某动作，新增某事物【三件】。'
      # what looks like it and is something else: neighbours of the same sentence, other units, other things
      not:
        - '全年完成某动作某事物12件，参加群众【60人】。'
        - '排查某事物某隐患【5件】，全部整改。'
        - '发现其他问题【8件】，逐一登记。'
"""


def units_of(catalogue: Catalogue, rule: IndicatorRule) -> tuple[str, ...]:
    """The measure words that an indicator takes."""
    return rule.only or catalogue.units.families[rule.unit]


def write_list(catalogue: Catalogue, stream: TextIO) -> None:
    """One row for each code."""
    table = Table("code", "指标", "label", "unit", "aggregate", row_styles=("", "dim"))
    for rule in catalogue.indicators:
        table.add_row(
            *map(Text, (rule.code, rule.label.zh, rule.label.en, " ".join(units_of(catalogue, rule)), rule.aggregate))
        )
    console_on(stream).print(table)


def write_list_json(catalogue: Catalogue, stream: TextIO) -> None:
    """The catalogue's id and version, and all codes with labels, definitions, units and aggregation."""
    head = {"id": catalogue.head.id, "version": catalogue.head.version}
    _dump({"catalogue": head, "indicators": [_entry(catalogue, rule) for rule in catalogue.indicators]}, stream)


def _entry(catalogue: Catalogue, rule: IndicatorRule) -> dict[str, Any]:
    return {
        "code": rule.code,
        "label": rule.label.model_dump(),
        "definition": rule.definition.model_dump(),
        "unit": rule.unit,
        "units": units_of(catalogue, rule),
        "aggregate": rule.aggregate,
    }


def write_list_markdown(catalogue: Catalogue, stream: TextIO) -> None:
    """The document `docs/catalogue.md`: a section for each group of codes."""
    head = catalogue.head
    stream.write(_MARKDOWN_HEAD.format(id=head.id, version=head.version, count=len(catalogue.indicators)))
    groups: dict[str, list[IndicatorRule]] = {}
    for rule in catalogue.indicators:
        groups.setdefault(rule.code.partition(".")[0], []).append(rule)
    for name, rules in groups.items():
        stream.write(f"\n## {name}\n\n| code | 指标 | label | unit | aggregate | counts |\n|---|---|---|---|---|---|\n")
        for rule in rules:
            stream.write(_markdown_row(catalogue, rule))


def _markdown_row(catalogue: Catalogue, rule: IndicatorRule) -> str:
    counts = f"{rule.definition.zh}<br>{rule.definition.en}"
    cells = (f"`{rule.code}`", rule.label.zh, rule.label.en, " ".join(units_of(catalogue, rule)), rule.aggregate, counts)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def write_rule(catalogue: Catalogue, rule: IndicatorRule, rivals: Sequence[Competitor], stream: TextIO) -> None:
    """One indicator: what it counts, its cues, its examples, what it competes with."""
    console = console_on(stream)
    for line in _rule_lines(catalogue, rule, rivals):
        console.print(line, soft_wrap=True)


def _rule_lines(catalogue: Catalogue, rule: IndicatorRule, rivals: Sequence[Competitor]) -> Iterator[str]:
    file, line = catalogue.places[rule.code]
    yield f"{rule.code}  {rule.label.zh}  {rule.label.en}"
    yield f"  {rule.definition.zh}"
    yield f"  {rule.definition.en}"
    yield f"  rule file  {file}:{line}"
    yield f"  unit       {rule.unit}: {' '.join(units_of(catalogue, rule))}"
    yield f"  aggregate  {rule.aggregate}"
    yield f"  mention    {' '.join(rule.mention) or '–'}"
    yield "  cues       (a record's `rule` names them by number)"
    yield from (f"    #{number}  {cue_in_words(cue)}" for number, cue in enumerate(rule.cues))
    if rule.zero:
        yield "  zero"
        yield from (f"    {cue_in_words(cue)}" for cue in rule.zero)
    yield "  gets the code"
    yield from (f"    {sentence}" for sentence in rule.examples.match)
    yield "  does not get it"
    won_by = {sentence: rival.code for rival in rivals for sentence in rival.wins}
    for sentence in rule.examples.not_:
        yield f"    {sentence}{f'  → {won_by[sentence]}' if sentence in won_by else ''}"
    yield "  competes with"
    for rival in rivals[:_COMPETITORS_SHOWN]:
        yield f"    {rival.code}  {_rivalry(rival)}"
    if len(rivals) > _COMPETITORS_SHOWN:
        yield f"    and {len(rivals) - _COMPETITORS_SHOWN} more that share a word; -f json gives all"


def _rivalry(rival: Competitor) -> str:
    wins = f"wins {len(rival.wins)} of its `not` examples" if rival.wins else ""
    shared = f"shares {' '.join(rival.shared)}" if rival.shared else ""
    return "; ".join(filter(None, (wins, shared)))


def write_rule_json(catalogue: Catalogue, rule: IndicatorRule, rivals: Sequence[Competitor], stream: TextIO) -> None:
    """One indicator as JSON, with the keys of its rule file, and what it competes with."""
    file, line = catalogue.places[rule.code]
    data = _entry(catalogue, rule) | rule.model_dump(by_alias=True) | {"file": file, "line": line}
    data["competes_with"] = [{"code": r.code, "shared": r.shared, "wins": r.wins} for r in rivals]
    _dump(data, stream)


def write_checked(checked: Checked, stream: TextIO) -> None:
    """Every example that does not hold, one a line with its place, and a last line that counts."""
    for failure in checked.failures:
        example = failure.example
        wanted = f"should give {example.code}" if example.kind == "match" else f"should not give {example.code}"
        stream.write(f"{failure.file}:{failure.line}: {example.sentence} {wanted}; got {failure.got}\n")
    for doubt in checked.doubtful:
        wanted = f"should {'' if doubt.kind == 'found' else 'not '}give the finding {doubt.code}"
        stream.write(f"{doubt.file}:{doubt.line}: {doubt.text} {wanted}; got {doubt.got}\n")
    if checked.failures or checked.doubtful:
        result = f"{len(checked.failures) + len(checked.doubtful)} of {checked.examples} examples do not hold"
    else:
        result = f"all {checked.examples - checked.known} examples hold"
    if checked.known:
        result += f"; {checked.known} built-in ones do not hold without your rules either"
    stream.write(f"{checked.indicators} indicators and {checked.findings} findings: {result}\n")


def template(catalogue: Catalogue, code: str) -> str:
    """A commented rule file for a new indicator: it is valid as it stands, and its examples hold."""
    return _TEMPLATE.format(code=code, families=" ".join(catalogue.units.families), unit="cases")


def write_groups(groups: Iterable[Group], stream: TextIO) -> None:
    """What a corpus counts without a code, in the terminal."""
    table = Table("numbers", "reports", "what", "unit", "known as", row_styles=("", "dim"))
    table.add_column("for example", overflow="fold")
    for group in groups:
        cells = (
            str(group.count),
            str(group.reports),
            group.head,
            group.unit or "–",
            group.known or "–",
            "\n".join(group.samples),
        )
        table.add_row(*map(Text, cells))
    console_on(stream).print(table)


def write_groups_json(groups: Iterable[Group], stream: TextIO) -> None:
    """The groups as a JSON list."""
    _dump([dataclasses.asdict(group) for group in groups], stream)


def write_groups_csv(groups: Iterable[Group], stream: TextIO) -> None:
    """The groups as CSV, one a row."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("count", "reports", "head", "unit", "known", "labels", "samples"))
    for g in groups:
        row = (g.count, g.reports, g.head, g.unit, g.known, " ".join(g.labels), "\n".join(g.samples))
        writer.writerow([harmless(cell) for cell in row])


def _dump(data: object, stream: TextIO) -> None:
    stream.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")
