"""Single problems and plans: the finest level that the text itself numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import regex

from extractor.models import ItemKind
from extractor.numerals import parse_chinese
from extractor.outline import Outlining
from extractor.patterns import compile_pattern
from extractor.types import CleanText, Node, Outline

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue

_KINDS: dict[str, ItemKind] = {"problems": "problem", "next_steps": "next_step"}
_HEADING_ONLY = 60
_PARAGRAPH = compile_pattern(r"[^\n]+")


class ItemSpan(NamedTuple):
    """An item in the cleaned text, its kind, its own number mark and the top-level section it stands in."""

    start: int
    end: int
    kind: ItemKind
    ordinal: str | None
    section: Node


class _Found(NamedTuple):
    """A number mark: its place, its style, its number and its words."""

    start: int
    style: str
    number: int
    words: str


@dataclass(frozen=True)
class ItemReader:
    """The item rules of `sections.yaml`, compiled."""

    catalogue: Catalogue
    outlining: Outlining

    @cached_property
    def series(self) -> tuple[regex.Pattern[str], ...]:
        rules = self.catalogue.sections.items
        return tuple(compile_pattern(rf"(?:(?<={rules.series_before})|^|(?<=\n)){entry.pattern}") for entry in rules.series)

    @cached_property
    def pairs(self) -> tuple[tuple[tuple[str, ...], regex.Pattern[str]], ...]:
        """Sets of openers (一方面, 另一方面), each with the pattern that finds one where a clause begins."""
        return tuple(
            (words, compile_pattern(rf"(?:(?<=[。；：，！？\n])|^)(?:{_longest_first(words)})"))
            for words in self.catalogue.sections.items.pairs
        )

    @cached_property
    def marks(self) -> tuple[tuple[str, regex.Pattern[str]], ...]:
        """The heading marks, at the start of a paragraph or after a full stop."""
        return tuple(
            (rule.style, compile_pattern(rf"(?:(?<=[。；：！？”）\n])|^)(?:{rule.pattern})"))
            for rule in self.catalogue.sections.marks
            if rule.style not in ("part",)
        )

    @cached_property
    def preface(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.sections.items.preface)

    def read(self, clean: CleanText, outline: Outline) -> list[ItemSpan]:
        """The items of all top-level sections of problems and plans, in text order."""
        items: list[ItemSpan] = []
        for node in outline.nodes:
            kind = _KINDS.get(node.kind)
            if kind is None or node.level != 1:
                continue
            for start, end, words in self._divide(clean.text, node.body, min(node.end, outline.body_end), frozenset()):
                items.append(ItemSpan(start, end, kind, words, node))
        return items

    def _divide(self, text: str, start: int, end: int, used: frozenset[str]) -> list[tuple[int, int, str | None]]:
        """Spans of the items between two places; inside each, a finer numbering takes its place."""
        found = self._first_numbering(text, start, end, used)
        if not found:
            return [] if used else self._unnumbered(text, start, end)
        style = found[0].style
        result: list[tuple[int, int, str | None]] = []
        for place, mark in enumerate(found):
            stop = found[place + 1].start if place + 1 < len(found) else end
            inner = self._divide(text, mark.start + len(mark.words), stop, used | {style})
            if inner:
                result += inner
            else:
                result.append((mark.start, self._item_end(text, mark, stop), mark.words))
        return result

    def _first_numbering(self, text: str, start: int, end: int, used: frozenset[str]) -> list[_Found]:
        """The marks of the numbering that begins first; a single mark is a numbering only outside any other."""
        best: list[_Found] = []
        for candidates in (*self._structural(text, start, end), *self._inline(text, start, end)):
            if not candidates or candidates[0].style in used or len(candidates) < 2:
                continue
            if not best or candidates[0].start < best[0].start:
                best = candidates
        return best

    def _structural(self, text: str, start: int, end: int) -> list[list[_Found]]:
        groups: list[list[_Found]] = []
        for style, pattern in self.marks:
            found: list[_Found] = []
            for match in pattern.finditer(text, start, end):
                mark = self.outlining.read_mark(text[match.start() : match.end() + 2])
                if mark is not None and mark.style == style and _follows(found, mark.number, text, match.start()):
                    found.append(_Found(match.start(), style, mark.number, text[match.start() : match.end()]))
            groups.append(_with_bare_numbers(found, text) if style == "arabic" else found)
        return groups

    def _inline(self, text: str, start: int, end: int) -> list[list[_Found]]:
        groups: list[list[_Found]] = []
        for number, pattern in enumerate(self.series):
            found: list[_Found] = []
            for match in pattern.finditer(text, start, end):
                value = parse_chinese(match["number"])
                if value is not None and _follows(found, int(value), text, match.start()):
                    found.append(_Found(match.start(), f"series{number}", int(value), match[0]))
            groups.append(found)
        for words, pattern in self.pairs:
            groups.append(self._pair(text, start, end, words, pattern))
        return groups

    def _pair(self, text: str, start: int, end: int, words: tuple[str, ...], pattern: regex.Pattern[str]) -> list[_Found]:
        """Openers such as 一方面 … 另一方面, wherever one begins a clause; the first must be the first of its set."""
        found: list[_Found] = []
        for match in pattern.finditer(text, start, end):
            found.append(_Found(match.start(), f"pair{words[0]}", len(found) + 1, match[0]))
        return found if found and found[0].words == words[0] else []

    def _item_end(self, text: str, mark: _Found, stop: int) -> int:
        """An item ends with its paragraph; one whose paragraph is only its heading takes in the paragraphs below."""
        paragraph_end = text.find("\n", mark.start, stop)
        if paragraph_end < 0:
            return _trimmed(text, mark.start, stop)
        first = text[mark.start : paragraph_end]
        structural = not mark.style.startswith(("series", "pair"))
        if (
            structural
            and len(first) <= _HEADING_ONLY
            and (first[-1:] not in "。；！" or (first.count("。") == 1 and len(first) <= 30))
        ):
            return _trimmed(text, mark.start, stop)
        return paragraph_end

    def _unnumbered(self, text: str, start: int, end: int) -> list[tuple[int, int, str | None]]:
        """Paragraphs as items; a paragraph of clauses parted by ； gives the clauses."""
        result: list[tuple[int, int, str | None]] = []
        mark = self.catalogue.sections.items.clause_mark
        for match in _PARAGRAPH.finditer(text, start, end):
            first, last = match.start(), _trimmed(text, match.start(), match.end())
            if text[last - 1] == "：" or self.preface.search(text, first, last):
                continue
            clauses = text[first:last].split(mark)
            if len(clauses) < 3:
                result.append((first, last, None))
                continue
            opening = text.rfind("：", first, first + len(clauses[0]))
            at = opening + 1 if opening >= 0 else _sentence_start(text, first, first + len(clauses[0]))
            for number, clause in enumerate(clauses):
                stop = first + len(clauses[0]) + 1 if number == 0 else min(at + len(clause) + 1, last)
                if stop > at + len(mark):
                    result.append((at, stop, None))
                elif result:
                    result[-1] = (result[-1][0], stop, None)
                at = stop
        return result


def _follows(found: list[_Found], number: int, text: str, start: int) -> bool:
    """Whether a mark continues the marks found so far, or begins again at one."""
    if number == 0:
        return False
    return not found or number == 1 or 0 <= number - found[-1].number <= 3


def _with_bare_numbers(found: list[_Found], text: str) -> list[_Found]:
    """The marks, and between two of them the paragraphs that begin with the missing number though it lost its point (2加强)."""
    result = found[:1]
    for mark in found[1:]:
        for number in range(result[-1].number + 1, mark.number):
            bare = regex.compile(rf"(?<=\n){number}(?=[\u4e00-\u9fff])").search(text, result[-1].start, mark.start)
            if bare:
                result.append(_Found(bare.start(), mark.style, number, bare[0]))
        result.append(mark)
    return result


def _sentence_start(text: str, start: int, end: int) -> int:
    return max(text.rfind("。", start, end) + 1, start)


def _trimmed(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1].isspace():
        end -= 1
    return end


def _longest_first(words: tuple[str, ...]) -> str:
    """An alternative of the words, none hidden by a shorter one that it begins with."""
    return "|".join(sorted(map(regex.escape, words), key=len, reverse=True))
