"""What `explain` found, for eyes and as JSON."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from extractor.explaining import Attempt, CodeExplained, Miss, Number, NumberForCode, Overview, Skipped, Weighed
from extractor.writing.rows import number as plain_number

Explanation = Number | Skipped | CodeExplained | NumberForCode | Overview
_PIPED_WIDTH = 140
_SHOWN = 12
_KINDS = {Number: "quantity", Skipped: "skipped", CodeExplained: "code", NumberForCode: "number_for_code", Overview: "overview"}


def console_on(stream: TextIO) -> Console:
    """A console that prints Chinese and brackets as they are; as wide as the terminal, or fixed where there is none."""
    width = None if stream.isatty() else _PIPED_WIDTH
    return Console(file=stream, width=width, markup=False, emoji=False, highlight=False)


def write_explanation_json(explanation: Explanation, stream: TextIO) -> None:
    """One JSON object; `kind` says what it explains."""
    data = {"kind": _KINDS[type(explanation)]} | dataclasses.asdict(explanation)
    stream.write(json.dumps(data, ensure_ascii=False, indent=2, default=_json_value) + "\n")


def _json_value(value: object) -> object:
    if isinstance(value, Decimal):
        return plain_number(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def write_explanation(explanation: Explanation, stream: TextIO) -> None:
    """The explanation in the terminal."""
    console = console_on(stream)
    if isinstance(explanation, Overview):
        _print_overview(console, explanation)
        return
    for line in _lines(explanation):
        console.print(line, soft_wrap=True)


def _lines(explanation: Number | Skipped | CodeExplained | NumberForCode) -> Iterator[str]:
    match explanation:
        case Number():
            return _number_lines(explanation)
        case Skipped():
            return _skipped_lines(explanation)
        case CodeExplained():
            return _code_lines(explanation)
        case NumberForCode():
            return _number_for_code_lines(explanation)


def _print_overview(console: Console, overview: Overview) -> None:
    table = Table("", "number", "modality", "code", "rule", "score", row_styles=("", "dim"))
    table.add_column("clause", overflow="fold")
    for n in overview.quantities:
        score = next((f"{w.score:g}" for w in n.candidates if w.won), "")
        rule = n.rule.removeprefix(n.code) if n.code else n.rule
        table.add_row(*map(Text, (n.id, n.text, n.modality, n.code or "–", rule, score, n.clause)))
    console.print(table)
    reasons = Counter(s.reason for s in overview.skipped)
    listed = ", ".join(f"{reason} {count}" for reason, count in sorted(reasons.items()))
    console.print(f"{len(overview.quantities)} quantities; {len(overview.skipped)} runs skipped: {listed}", soft_wrap=True)
    console.print("One of them in full: --number N, --at TEXT (skipped ones too), --code CODE", soft_wrap=True)


def _number_lines(number: Number) -> Iterator[str]:
    yield f"{number.id}  {number.text}  characters {number.start} to {number.end}"
    yield f"  clause     {number.clause}"
    yield f"  section    {number.section or '– (before the first heading)'}"
    yield f"  value      {_value(number)}   unit {number.unit or '– (none written)'}"
    yield f"  qualifier  {number.qualifier}{f' (from {number.qualifier_words})' if number.qualifier_words else ''}"
    yield f"  modality   {_modality(number)}"
    yield f"  code       {number.code or '– (not in the catalogue)'}"
    yield f"  why        {number.why}  [{number.rule}]"
    if number.part_of:
        yield f"  part of    {number.part_of}"
    yield from _words_lines(number)
    yield from _candidate_lines(number.candidates)


def _value(number: Number) -> str:
    if number.value is not None:
        return f"{plain_number(number.value)}"
    return f"{plain_number(number.low)} to {plain_number(number.high)}"


def _modality(number: Number) -> str:
    if number.modality_rule is None:
        return f"{number.modality} (no rule of modality.yaml matched)"
    example = f", e.g. {number.modality_example}" if number.modality_example else ""
    return f"{number.modality} (modality.yaml: {number.modality_rule}{example})"


def _words_lines(number: Number) -> Iterator[str]:
    if not number.words:
        yield "  words      none of the catalogue's words stand with it"
        return
    yield "  words      the catalogue's words that stand with it, and the concepts they fill"
    for word in number.words:
        yield f"    {word.side:<6}  {word.text}  {' '.join(word.concepts) or '(itself)'}"


def _candidate_lines(candidates: Iterable[Weighed]) -> Iterator[str]:
    listed = list(candidates)
    if not listed:
        yield "  cues       none fits"
        return
    yield "  cues       that fit, the best first"
    for weighed in listed:
        yield f"    {'won ' if weighed.won else '    '}{weighed.score:>6g}  {weighed.code}#{weighed.cue}  {weighed.cue_words}"
        yield f"            = {_sum(weighed)}"


def _sum(weighed: Weighed) -> str:
    return " ".join(
        f"{'-' if score < 0 else '+' if n else ''}{' ' if n or score < 0 else ''}{abs(score):g} {name}"
        for n, (name, score) in enumerate(weighed.parts)
    )


def _skipped_lines(skipped: Skipped) -> Iterator[str]:
    yield f"skipped  {skipped.text}  characters {skipped.start} to {skipped.end}"
    yield f"  clause   {skipped.clause}"
    yield f"  reason   {skipped.reason}"
    yield f"  why      {skipped.why}"
    if skipped.rule:
        yield f"  rule     {skipped.rule}"
    if skipped.example:
        yield f"  example  {skipped.example}"


def _code_lines(code: CodeExplained) -> Iterator[str]:
    value = "" if code.value is None else f" {plain_number(code.value)}"
    yield f"{code.code}  {code.label}  in this text: {code.state}{value}"
    yield f"won {len(code.won)}"
    for number in code.won:
        yield f"  {number.id:<4} {number.text}  {number.modality}  {number.clause}"
        yield f"       {number.why}  [{number.rule}]"
    yield f"candidate and beaten {len(code.beaten)}"
    yield from _limited([_beaten_line(attempt) for attempt in code.beaten])
    yield f"near: some of its words are there {len(code.missed)}"
    yield from _limited([line for attempt in code.missed for line in _missed_lines(attempt)], 2)
    yield f"words that mention it {len(code.mentions)}"
    for mention in code.mentions:
        there = f"numbers there: {' '.join(mention.numbers)}" if mention.numbers else "no number there"
        yield f"  {mention.word}  at {mention.start}  {mention.clause}  ({there})"


def _beaten_line(attempt: Attempt) -> str:
    number, weighed = attempt.number, attempt.weighed
    score = f"#{weighed.cue} scored {weighed.score:g}" if weighed else ""
    return f"  {number.id:<4} {number.text}  {number.clause}  {score}; {number.code or 'no code'}: {number.why}"


def _missed_lines(attempt: Attempt) -> Iterator[str]:
    number, miss = attempt.number, attempt.misses[0]
    yield f"  {number.id:<4} {number.text}  {number.clause}  (is {number.code or 'without a code'})"
    yield f"       {_miss(miss)}"


def _miss(miss: Miss) -> str:
    return f"#{miss.cue} ({miss.cue_words}): {'; '.join(miss.lacks)}"


def _limited(lines: list[str], lines_each: int = 1) -> Iterator[str]:
    yield from lines[: _SHOWN * lines_each]
    left = (len(lines) - _SHOWN * lines_each) // lines_each
    if left > 0:
        yield f"  and {left} more; -f json gives all"


def _number_for_code_lines(asked: NumberForCode) -> Iterator[str]:
    number, weighed = asked.attempt.number, asked.attempt.weighed
    verdict = "has the code" if asked.has_it else f"is {number.code or 'without a code'}, not"
    yield f"{number.id}  {number.text}  {verdict} {asked.code}  {asked.label}"
    yield f"  clause  {number.clause}"
    yield f"  why     {number.why}  [{number.rule}]"
    if weighed is not None:
        yield f"  fits    {weighed.score:g}  #{weighed.cue}  {weighed.cue_words}"
        yield f"          = {_sum(weighed)}"
    for miss in asked.attempt.misses:
        yield f"  fails   {_miss(miss)}"
