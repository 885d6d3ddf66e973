"""The indicators' examples, run: each `match` sentence must give its code at the marked words, each `not` sentence must not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple

from extractor.catalogue.files import INDICATOR_FOLDER, PARTS, builtin_folder
from extractor.catalogue.loader import read_yaml
from extractor.catalogue.models import Catalogue, Cue, IndicatorRule
from extractor.models import Indicator, Report

Extract = Callable[[str], Report]


class Example(NamedTuple):
    """One example sentence: the indicator it belongs to, whether its marked words must have the code, and where it stands."""

    code: str
    kind: Literal["match", "not"]
    number: int
    sentence: str

    @property
    def text(self) -> str:
        """The sentence without its marks."""
        return self.sentence.replace("【", "").replace("】", "")

    @property
    def span(self) -> tuple[int, int]:
        """Where the marked words stand in `text`, end exclusive."""
        return self.sentence.index("【"), self.sentence.index("】") - 1


@dataclass(frozen=True)
class Failure:
    """An example that does not hold: `got` says what stands at the marked words instead."""

    example: Example
    got: str
    file: str
    line: int


@dataclass(frozen=True)
class FindingFailure:
    """An example of a finding that does not hold: `got` says what was found of it instead."""

    code: str
    kind: Literal["found", "not"]
    text: str
    got: str
    file: str
    line: int


@dataclass(frozen=True)
class Claim:
    """One example sentence that several indicators claim at one place, though only some of them get it."""

    sentence: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Checked:
    """What came of running all examples. `known` of them fail too without the user's rules and are not among the failures."""

    examples: int
    indicators: int
    failures: tuple[Failure, ...]
    claims: tuple[Claim, ...]
    known: int = 0
    findings: int = 0
    doubtful: tuple[FindingFailure, ...] = ()

    def foreign(self, folder: Path) -> list[Example]:
        """The failed examples that stand in a file outside `folder`."""
        return [f.example for f in self.failures if not Path(f.file).is_relative_to(folder)]

    def without(self, known: Iterable[Example]) -> Checked:
        """The same, with the failures of `known` only counted."""
        passed_over = set(known)
        kept = tuple(f for f in self.failures if f.example not in passed_over)
        return replace(self, failures=kept, known=len(self.failures) - len(kept))


@dataclass(frozen=True)
class Competitor:
    """Another code near this one: the words and concepts that both want, and the `not` examples that it wins."""

    code: str
    shared: tuple[str, ...]
    wins: tuple[str, ...]


def examples_of(rule: IndicatorRule) -> Iterator[Example]:
    """All examples of one indicator."""
    for number, sentence in enumerate(rule.examples.match):
        yield Example(rule.code, "match", number, sentence)
    for number, sentence in enumerate(rule.examples.not_):
        yield Example(rule.code, "not", number, sentence)


def run_examples(
    catalogue: Catalogue, extract: Extract, folder: Path | None = None, only: Iterable[Example] | None = None
) -> Checked:
    """Run every example of the catalogue, or `only` these.

    `folder` is the user's own one, to tell in which file a failed example stands.
    """
    failures: list[Failure] = []
    claimed: dict[tuple[str, tuple[int, int]], list[str]] = defaultdict(list)
    given: dict[tuple[str, tuple[int, int]], set[str | None]] = {}
    examples = list(only) if only is not None else [e for rule in catalogue.indicators for e in examples_of(rule)]
    for example in examples:
        found = extract(example.text).indicators
        codes = {i.code for i in found if (i.start, i.end) == example.span}
        if example.kind == "match":
            claimed[example.text, example.span].append(example.code)
            given[example.text, example.span] = codes
        if (example.code in codes) != (example.kind == "match"):
            failures.append(Failure(example, _got(example, codes, found), *_place(catalogue, example, folder)))
    claims = [
        Claim(text, tuple(codes))
        for (text, span), codes in claimed.items()
        if len(set(codes)) > 1 and not set(codes) <= given[text, span]
    ]
    return Checked(len(examples), len(catalogue.indicators), tuple(failures), tuple(claims))


def with_findings(checked: Checked, catalogue: Catalogue, extract: Extract, folder: Path | None = None) -> Checked:
    """The same, with what came of the examples of all findings."""
    count, failures = run_finding_examples(catalogue, extract, folder)
    findings = len(catalogue.checks.findings)
    return replace(checked, examples=checked.examples + count, findings=findings, doubtful=tuple(failures))


def run_finding_examples(
    catalogue: Catalogue, extract: Extract, folder: Path | None = None
) -> tuple[int, list[FindingFailure]]:
    """Run the examples of all findings; how many there are, and those that do not hold.

    A text of `found` must have the finding at the span marked with 【】, about the whole report where none is marked.
    """
    failures: list[FindingFailure] = []
    count = 0
    for code, finding in catalogue.checks.findings.items():
        for number, marked in enumerate((*finding.examples.found, *finding.examples.not_)):
            count += 1
            is_found = number < len(finding.examples.found)
            text = marked.replace("【", "").replace("】", "")
            span = (marked.index("【"), marked.index("】") - 1) if is_found and "【" in marked else (None, None)
            spans = [(f.start, f.end) for f in extract(text).findings if f.code == code]
            if (span in spans) if is_found else not spans:
                continue
            kind: Literal["found", "not"] = "found" if is_found else "not"
            place = _finding_place(code, kind, number if is_found else number - len(finding.examples.found), folder)
            got = "、".join(text[a:b] for a, b in spans) or "no such finding"
            failures.append(FindingFailure(code, kind, marked.replace("\n", " ⏎ "), got, *place))
    return count, failures


def _finding_place(code: str, kind: str, number: int, folder: Path | None) -> tuple[str, int]:
    """The file and line of a finding's example."""
    files = [base / PARTS["checks"] for base in (folder, builtin_folder()) if base is not None]
    path = next((path for path in files if path.is_file()), files[-1])
    _, lines, _ = read_yaml(path, path.read_bytes())
    return str(path), lines.get(("findings", code, "examples", kind, number), 1)


def _got(example: Example, codes: set[str | None], found: tuple[Indicator, ...]) -> str:
    if codes:
        return " and ".join(sorted(code or "no code" for code in codes))
    there = "、".join(dict.fromkeys(i.text for i in found))
    return f"no quantity at these words (quantities of the sentence: {there or 'none'})"


def _place(catalogue: Catalogue, example: Example, folder: Path | None) -> tuple[str, int]:
    """The file and line of an example; of its indicator, where the file has changed since it was read."""
    name, line = catalogue.places[example.code]
    for base in filter(None, (folder, builtin_folder())):
        path = base / INDICATOR_FOLDER / name
        if path.is_file():
            data, lines, _ = read_yaml(path, path.read_bytes())
            for number, entry in enumerate(data.get("indicators") or ()):
                if isinstance(entry, dict) and entry.get("code") == example.code:
                    key = ("indicators", number, "examples", example.kind, example.number)
                    return str(path), lines.get(key, line)
    return name, line


def competitors(catalogue: Catalogue, rule: IndicatorRule, extract: Extract) -> list[Competitor]:
    """The codes that share words or concepts with an indicator's cues or win in its `not` examples, the nearest first."""
    wins: dict[str, list[str]] = defaultdict(list)
    for example in examples_of(rule):
        if example.kind == "not":
            for found in extract(example.text).indicators:
                if (found.start, found.end) == example.span and found.code not in (None, rule.code):
                    wins[str(found.code)].append(example.sentence)
    own = _wanted(rule)
    found_codes = []
    for other in catalogue.indicators:
        shared = tuple(sorted(own & _wanted(other)))
        if other.code != rule.code and (shared or other.code in wins):
            found_codes.append(Competitor(other.code, shared, tuple(wins.get(other.code, ()))))
    return sorted(found_codes, key=lambda c: (-len(c.wins), -len(c.shared), c.code))


def _wanted(rule: IndicatorRule) -> set[str]:
    """The concepts and words that an indicator's cues want among a number's own words."""

    def entries(cue: Cue) -> Iterator[str]:
        for entry in (*cue.own, *cue.right):
            yield from entry.split("|")

    return {word for cue in rule.cues for word in entries(cue)}
