"""Lines on pages to paragraphs: what repeats from page to page is left out, lines that were wrapped are rejoined.

Lengths are in the unit of the page, whichever it is; `top` and `baseline` grow downwards.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile
from statistics import median
from typing import NamedTuple

from extractor.reading.assembly import TextBuilder
from extractor.types import Notice, Place

_MARGIN_LINES = 3
"""So many lines at the top and at the bottom of a page may be its header and footer,"""
_MARGIN = 0.125
"""where they stand in these outer shares of its height."""
_REPEATED_SHARE = 0.4
_DIGITS = re.compile(r"[0-9０-９〇一二三四五六七八九十IVXivx]+")
_SIGNS = re.compile(r"[\s\-—–－─_=·•.…]+")
_TOKEN = re.compile(r"(?:[0-9A-Za-z.,%+\-/]+|.)[，。；：、！？）》”’】〕%％]*", re.DOTALL)
_NARROW = re.compile(r"[\x20-\x7e]")
_TERMINAL = "。！？"
_TEXT_LINE_LEAST = 10
_WIDE_GAP = 1.2
"""Between words of a row that are further apart than this, in heights of a line, runs the border of two cells."""
_JUMPS_FEW = 3
_USUAL_PITCH = 1.75
"""From line to line in heights of a line, as documents of governments are set (28 points for letters of 16)."""
_LOW = 0.85
"""Lines whose reading is less sure than this become findings."""


class PrintedLine(NamedTuple):
    """A line on a page, or a part of one: where it is printed, its words, and how sure its reading is (1 for a text layer)."""

    page: int
    left: float
    right: float
    baseline: float
    height: float
    text: str
    confidence: float = 1.0


class Page(NamedTuple):
    """A page: its height, and its lines in the order in which they were written."""

    height: float
    lines: list[PrintedLine]


def paragraphs(pages: Sequence[Page]) -> list[list[PrintedLine]]:
    """The lines of each paragraph, in reading order, without the headers, footers and numbers of pages."""
    rows = [page._replace(lines=_rows(_ordered(page.lines))) for page in pages]
    return _Joiner([line for lines in _without_furniture(rows) for line in lines]).paragraphs()


def write_paragraphs(found: list[list[PrintedLine]], out: TextBuilder) -> Iterator[Notice]:
    """Writes paragraphs with the place where each page begins. Gives a notice for each line that was hardly readable."""
    page = 0
    for paragraph in found:
        before = ""
        for line in paragraph:
            words = line.text.strip()
            out.add(_joint(before, words) if before else "")
            start = out.length
            out.add(words, Place(0, page=line.page) if line.page != page else None)
            page, before = line.page, words
            if line.confidence < _LOW:
                yield Notice("low_confidence", start, out.length, (("percent", str(round(100 * line.confidence))),))
        out.add("\n")


def _joint(before: str, after: str) -> str:
    """What stands between two lines of a paragraph: nothing in Chinese, a space between words in Latin letters."""
    return " " if before[-1:].isascii() and before[-1:].isalpha() and after[:1].isascii() and after[:1].isalpha() else ""


def _ordered(lines: list[PrintedLine]) -> list[PrintedLine]:
    """Reading order: the order in which the page was written, which keeps columns apart, unless it jumps to and fro."""
    lines = [line for line in lines if line.text.strip()]
    jumps = sum(after.baseline < before.baseline - before.height / 2 for before, after in pairwise(lines))
    if jumps <= _JUMPS_FEW:
        return lines
    rows: list[list[PrintedLine]] = []
    for line in sorted(lines, key=lambda line: line.baseline):
        if rows and line.baseline - rows[-1][0].baseline < line.height / 2:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda line: line.left)]


def _rows(lines: list[PrintedLine]) -> list[PrintedLine]:
    """Parts of one printed line as one, with tabs where the gap is that between the cells of a table."""
    rows: list[PrintedLine] = []
    for line in lines:
        last = rows[-1] if rows else None
        if (
            last is not None
            and abs(line.baseline - last.baseline) < last.height / 3
            and line.left > last.right - last.height / 2
        ):
            between = "\t" if line.left - last.right > _WIDE_GAP * last.height else _joint(last.text, line.text)
            rows[-1] = last._replace(
                right=line.right, text=last.text + between + line.text, confidence=min(last.confidence, line.confidence)
            )
        else:
            rows.append(line)
    return rows


def _without_furniture(pages: list[Page]) -> Iterator[list[PrintedLine]]:
    """The lines of the pages without those in their margins that stand so on several pages and differ in numbers alone."""
    height = median([line.height for page in pages for line in page.lines] or [1.0])
    outer = [lines for page in pages for lines in _margins(page)]
    seen = Counter(key for lines in outer for key in {near for line in lines for near in _furniture_keys(line, height)})
    least = max(2, _REPEATED_SHARE * sum(bool(page.lines) for page in pages))
    gone = {line for lines in outer for line in takewhile(lambda line: seen[_furniture_keys(line, height)[0]] >= least, lines)}
    for page in pages:
        yield [line for line in page.lines if line not in gone]


def _margins(page: Page) -> tuple[list[PrintedLine], list[PrintedLine]]:
    """The outermost lines at the top and at the bottom of a page, from its edges inwards."""
    down = sorted(page.lines, key=lambda line: line.baseline)
    top = [line for line in down[:_MARGIN_LINES] if line.baseline < _MARGIN * page.height]
    bottom = [line for line in down[: -_MARGIN_LINES - 1 : -1] if line.baseline > (1 - _MARGIN) * page.height]
    return top, bottom


def _furniture_keys(line: PrintedLine, height: float) -> list[tuple[str, int]]:
    """The words of a line without its numbers with its place on the page, in lines of the usual height, and those around it."""
    words, place = _DIGITS.sub("0", _SIGNS.sub("", line.text)), round(line.baseline / height)
    return [(words, place), (words, place - 1), (words, place + 1)]


class _Joiner:
    """Decides which printed lines go on with the one before: the line before must have had no room for their first word."""

    def __init__(self, lines: list[PrintedLine]) -> None:
        self.lines = lines
        text_lines = [line for line in lines if len(line.text) >= _TEXT_LINE_LEAST and "\t" not in line.text]
        self.height = median(line.height for line in text_lines or lines) if lines else 0.0
        self.right = self._edge([line.right for line in text_lines])
        self.left = -self._edge([-line.left for line in text_lines])
        self.indents = sum(self.left + self.height < line.left < self.left + 4 * self.height for line in text_lines) > 1
        steps = [b.baseline - a.baseline for a, b in pairwise(text_lines) if a.page == b.page and b.baseline > a.baseline]
        self.pitch = median(steps) if steps else _USUAL_PITCH * self.height

    def _edge(self, ends: list[float]) -> float:
        """The place at which most lines end: some hang a mark over it, some fall short of it."""
        ends = sorted(ends)
        least = self.height / 2
        return max(reversed(ends), key=lambda end: bisect_right(ends, end) - bisect_left(ends, end - least), default=0.0)

    def paragraphs(self) -> list[list[PrintedLine]]:
        found: list[list[PrintedLine]] = []
        for line in self.lines:
            if found and self._goes_on(found[-1], line):
                found[-1].append(line)
            else:
                found.append([line])
        return found

    def _goes_on(self, before: list[PrintedLine], line: PrintedLine) -> bool:
        last = before[-1]
        if "\t" in last.text or "\t" in line.text or not _is_of_one_size(last, line):
            return False
        if last.right + _first_word_width(line) <= self.right - 0.5 * self.height:
            return False
        if not self._is_flush(before, line):
            return False
        if last.page == line.page and not 0 < line.baseline - last.baseline < 1.6 * self.pitch:
            return False
        return self.indents or last.text[-1] not in _TERMINAL

    def _is_flush(self, before: list[PrintedLine], line: PrintedLine) -> bool:
        if line.left <= self.left + 0.8 * self.height:
            return True
        last = before[-1]
        is_centred = (
            line.left > self.left + 4 * self.height and abs(line.left + line.right - last.left - last.right) < self.height
        )
        return is_centred or (len(before) > 1 and abs(line.left - last.left) < 0.5 * self.height)


def _is_of_one_size(before: PrintedLine, line: PrintedLine) -> bool:
    """Whether two lines are set in letters of one size; recognised ones have the height of their highest sign."""
    slack = 0.2 if before.confidence == line.confidence == 1 else 0.4
    return abs(before.height - line.height) <= slack * before.height


def _first_word_width(line: PrintedLine) -> float:
    """The printed width of what could not be parted from the line's first character."""
    words = line.text.strip()
    token = _TOKEN.match(words)
    if token is None:
        return 0.0
    return (line.right - line.left) * _width(token[0]) / _width(words)


def _width(text: str) -> float:
    """Width in Chinese characters; digits and Latin letters count half."""
    return len(text) - len(_NARROW.findall(text)) / 2
