"""Single problems and plans: the finest level that the text itself numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
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
_PART = "part"
"""A style that parts whole sections, and no items."""
_BARE = "arabic"
"""The style whose marks lose their points."""
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
    end: int
    style: str
    number: int
    words: str


_Marks = dict[str, list[_Found]]
"""The marks of each style, in text order."""


@dataclass(frozen=True)
class ItemReader:
    """The item rules of `sections.yaml`, compiled."""

    catalogue: Catalogue
    outlining: Outlining

    @cached_property
    def series(self) -> tuple[tuple[str, regex.Pattern[str]], ...]:
        rules = self.catalogue.sections.items
        return tuple(
            (f"series{number}", compile_pattern(rf"(?:(?<={rules.series_before})|^|(?<=\n)){entry.pattern}"))
            for number, entry in enumerate(rules.series)
        )

    @cached_property
    def pairs(self) -> tuple[tuple[str, str, regex.Pattern[str]], ...]:
        """Sets of openers (一方面, 另一方面): a style, the first of them, and what finds one where a clause begins."""
        return tuple(
            (f"pair{words[0]}", words[0], compile_pattern(rf"(?:(?<=[。；：，！？\n])|^)(?:{_longest_first(words)})"))
            for words in self.catalogue.sections.items.pairs
        )

    @cached_property
    def first_openers(self) -> dict[str, str]:
        """The opener with which a set begins."""
        return {style: first for style, first, _ in self.pairs}

    @cached_property
    def mark(self) -> regex.Pattern[str]:
        """A heading mark where the search begins, at the start of a paragraph or after a full stop."""
        return compile_pattern(rf"(?:(?<=[。；：！？”）\n])|\G)(?:{self.outlining.mark.pattern})")

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
            start, end = node.body, min(node.end, outline.body_end)
            spans = self._divide(clean.text, end, self._marks(clean.text, start, end))
            for first, last, words in spans or self._unnumbered(clean.text, start, end):
                items.append(ItemSpan(first, last, kind, words, node))
        return items

    def _marks(self, text: str, start: int, end: int) -> _Marks:
        """The marks between two places, of the styles of which there are several."""
        marks: _Marks = {}
        for match in self.mark.finditer(text, start, end):
            mark = self.outlining.mark_of(match)
            if mark.style != _PART:
                marks.setdefault(mark.style, []).append(_Found(*match.span(), mark.style, mark.number, match[0]))
        for style, pattern in self.series:
            for match in pattern.finditer(text, start, end):
                number = int(parse_chinese(match["number"]) or 0)
                marks.setdefault(style, []).append(_Found(*match.span(), style, number, match[0]))
        for style, first, pattern in self.pairs:
            if text.find(first, start, end) >= 0:
                marks[style] = [_Found(*match.span(), style, 1, match[0]) for match in pattern.finditer(text, start, end)]
        return _several(marks)

    def _divide(self, text: str, end: int, marks: _Marks) -> list[tuple[int, int, str | None]]:
        """Spans of the items up to `end` by the marks there; inside each, a finer numbering takes its place."""
        found = self._first_numbering(text, marks)
        if not found:
            return []
        result: list[tuple[int, int, str | None]] = []
        for mark, following in zip_longest(found, found[1:]):
            stop = following.start if following else end
            finer = _between(marks, found[0].style, mark.start + len(mark.words), stop)
            inner = self._divide(text, stop, finer) if finer else []
            result += inner or [(mark.start, self._item_end(text, mark, stop), mark.words)]
        return result

    def _first_numbering(self, text: str, marks: _Marks) -> list[_Found]:
        """The marks of the numbering that begins first; a single mark is none."""
        best: list[_Found] = []
        for style, found in marks.items():
            numbering = self._numbering(text, style, found)
            if len(numbering) > 1 and (not best or numbering[0].start < best[0].start):
                best = numbering
        return best

    def _numbering(self, text: str, style: str, marks: list[_Found]) -> list[_Found]:
        """The marks of one style that follow each other; a set of openers begins with its first."""
        if style in self.first_openers:
            return marks if marks[0].words == self.first_openers[style] else []
        found: list[_Found] = []
        for mark in marks:
            if _follows(found, mark.number):
                found.append(mark)
        return _with_bare_numbers(found, text) if style == _BARE else found

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
            return self._without_closing(text, mark.start, stop)
        return paragraph_end

    def _without_closing(self, text: str, start: int, stop: int) -> int:
        """Where an item ends that may have the report's closing words below it (专此报告。)."""
        end = _trimmed(text, start, stop)
        last = text.rfind("\n", start, end) + 1
        closing = self.preface.match(text, last, end) if last else None
        return _trimmed(text, start, last) if closing is not None and closing.end() == end else end

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


def _between(marks: _Marks, used: str, start: int, end: int) -> _Marks:
    """The marks between two places, of the styles of which there are several, without the one that is used."""
    return _several(
        {
            style: [mark for mark in found if start <= mark.start and mark.end <= end]
            for style, found in marks.items()
            if style != used
        }
    )


def _several(marks: _Marks) -> _Marks:
    return {style: found for style, found in marks.items() if len(found) > 1}


def _follows(found: list[_Found], number: int) -> bool:
    """Whether a mark continues the marks found so far, or begins again at one."""
    if number == 0:
        return False
    return not found or number == 1 or 0 <= number - found[-1].number <= 3


def _with_bare_numbers(found: list[_Found], text: str) -> list[_Found]:
    """The marks, and between two of them the paragraphs that begin with the missing number though it lost its point (2加强)."""
    result = found[:1]
    for mark in found[1:]:
        for number in range(result[-1].number + 1, mark.number):
            bare = compile_pattern(rf"(?<=\n){number}(?=[\u4e00-\u9fff])").search(text, result[-1].start, mark.start)
            if bare:
                result.append(_Found(*bare.span(), mark.style, number, bare[0]))
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
