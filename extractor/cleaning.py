"""From the text as received to sentences that run on: artefacts out, wrapped lines rejoined, and every character traceable.

Folding is one to one, so a place in the folded text is the same place in the text as received. What is deleted (conversion
marks, justifying spaces, line ends inside a sentence, page numbers, furniture) is remembered as steps of the way back.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import regex

from extractor.patterns import compile_pattern
from extractor.types import CleanText, Line, Paragraph

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue

_TERMINAL = "。！？"
_PAUSE = "；：，、"
_OPENING = "（《“"
_SPACES = r"(?<![A-Za-z])[ ]+|[ ]+(?![A-Za-z])"
_THOUSANDS = compile_pattern(r"(?<![\d.])[1-9](?: ?\d){0,2}(?:，\d ?\d ?\d)+(?!\d)")
"""Digits in groups of three, also with spaces left between them."""
_STOP = compile_pattern(
    r"(?<=[\u4e00-\u9fff%”）])(?<!(?:^|[\n。；：])[ #*]{0,6}[一二三四五六七八九十]{1,3})"
    r"\.(?=[\u4e00-\u9fff \n（“]|\d{1,2}[.、]|$)"
)
"""A half-width stop after Chinese words, and not after the number of a heading."""
_ENTRY = compile_pattern(r"[^，。；：\d]{2,24}：(?:[^，。；：、\d]{0,6}\d|无$)")
"""A line that begins with a name, a colon and its number stands for itself in a text that is not hard-wrapped."""
_NUMERAL_REST = compile_pattern(r"[一二三四五六七八九十]{1,3}[，。]")
_CELLS = compile_pattern(r"(?<=\d)\t(?=\d)")
"""A tab between two numbers parts the cells of a table."""
_NARROW = compile_pattern(r"[\x21-\x7e]")
_LONGEST_FURNITURE = 160
_SENTENCE_LEAST = 24
_HEADING_LONGEST = 45
_WRAP_LEAST_LINES = 6
_SLACK = 4
_LINE_LEAST = 18
_WRAP_NARROWEST = 18
_WRAP_WIDEST = 60


class _Packed(NamedTuple):
    """A line after deletion: its place in the packed text, its raw span, whether it was indented."""

    start: int
    end: int
    raw_start: int
    raw_end: int
    text: str
    indented: bool


class _Width(NamedTuple):
    """The size that most lines of a hard-wrapped text have, and the longest one: a closing mark may stand beyond the edge."""

    usual: int
    longest: int


@dataclass(frozen=True)
class Cleaning:
    """Patterns of `page.yaml`, `characters.yaml`, `metadata.yaml` and `sections.yaml`, compiled for this stage."""

    catalogue: Catalogue

    @cached_property
    def folds(self) -> dict[int, int]:
        characters = self.catalogue.characters
        table: dict[int, int] = dict.fromkeys(map(ord, "\t\r\u3000\xa0\u2002\u2003\u2009\u202f"), ord(" "))
        table |= dict.fromkeys(map(ord, "\f\v\u2028\u2029\x85"), ord("\n"))
        for fold in characters.folds:
            table |= dict(zip(map(ord, fold.from_), map(ord, fold.to), strict=True))
        pairs = zip("".join(characters.traditional), "".join(characters.simplified), strict=True)
        return table | {ord(a): ord(b) for a, b in pairs}

    @cached_property
    def deleted(self) -> regex.Pattern[str]:
        return compile_pattern("|".join((*self.catalogue.page.artefacts, _SPACES)))

    @cached_property
    def page_break(self) -> regex.Pattern[str]:
        return compile_pattern("|".join(self.catalogue.page.page_breaks))

    @cached_property
    def furniture(self) -> regex.Pattern[str]:
        return compile_pattern("|".join(self.catalogue.page.furniture.anywhere))

    @cached_property
    def label(self) -> regex.Pattern[str]:
        words = {w for group in self.catalogue.metadata.labels.values() for w in group}
        words -= set(self.catalogue.metadata.labels["title"])
        return compile_pattern(r"[|\[【•·\-*]*\L<names>(?:[\]】|：]|(?=[A-Za-z0-9])|$)", names=sorted(words))

    @cached_property
    def mark(self) -> regex.Pattern[str]:
        plain = (regex.sub(r"\(\?P<\w+>", "(?:", rule.pattern) for rule in self.catalogue.sections.marks)
        return compile_pattern("|".join(plain))

    @cached_property
    def sign_off(self) -> regex.Pattern[str]:
        rules = self.catalogue.sections.sign_off
        return compile_pattern(f"{rules.issuer}|{rules.date}")

    @cached_property
    def addressee(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.metadata.addressee)

    @cached_property
    def unmarked(self) -> regex.Pattern[str]:
        return compile_pattern(
            "[一二三四五六七八九十]{0,2}(?:" + "|".join(self.catalogue.sections.unmarked.patterns) + ")[。：]?"
        )

    @cached_property
    def series(self) -> regex.Pattern[str]:
        """一是 and its like: what they open is no heading."""
        plain = (regex.sub(r"\(\?P<\w+>", "(?:", entry.pattern) for entry in self.catalogue.sections.items.series)
        return compile_pattern("|".join(plain))

    @cached_property
    def introduction(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.metadata.introduction)

    @cached_property
    def title(self) -> regex.Pattern[str]:
        rules = self.catalogue.metadata.title
        return compile_pattern(rf"(?=.*{rules.must}).*{rules.ends}")

    def fold(self, text: str) -> str:
        """The text with every character folded; of the same length."""
        if "\t" in text:
            text = _CELLS.sub("|", text)
        folded = text.translate(self.folds)
        if "." in folded:
            folded = _STOP.sub("。", folded)
        if _THOUSANDS.search(folded):
            folded = _THOUSANDS.sub(lambda match: match[0].replace("，", ","), folded)
        return folded

    def clean(self, text: str) -> CleanText:
        """The cleaned text of a report and the way back to the text as received."""
        folded = self.fold(text)
        packed, starts, raw_starts = self._pack(folded)
        lines = self._lines(packed, starts, raw_starts, len(text))
        body, furniture, front, marks = self._sort(lines)
        groups = _Joiner(self, folded, body).groups()
        return _assemble(folded, (packed, starts, raw_starts), groups, (front, furniture, marks))

    def _pack(self, folded: str) -> tuple[str, list[int], list[int]]:
        pieces: list[str] = []
        starts: list[int] = []
        raw_starts: list[int] = []
        at = length = 0
        for match in self.deleted.finditer(folded):
            start, end = match.span()
            if start > at:
                pieces.append(folded[at:start])
                starts.append(length)
                raw_starts.append(at)
                length += start - at
            at = end
        if at < len(folded) or not pieces:
            pieces.append(folded[at:])
            starts.append(length)
            raw_starts.append(at)
        return "".join(pieces), starts, raw_starts

    def _lines(self, packed: str, starts: list[int], raw_starts: list[int], raw_length: int) -> list[_Packed]:
        lines = []
        at = raw_at = 0
        for text in packed.split("\n"):
            end = at + len(text)
            raw_end = _raw(end, starts, raw_starts) if end < len(packed) else raw_length
            first = _raw(at, starts, raw_starts) if text else raw_end
            lines.append(_Packed(at, end, raw_at, raw_end, text, first - raw_at >= 2))
            at, raw_at = end + 1, raw_end + 1
        return lines

    def _sort(self, lines: list[_Packed]) -> tuple[list[_Packed | None], list[_Packed], list[_Packed], list[_Packed]]:
        """Body lines (None where a page or a paragraph may break), furniture lines, front lines and page numbers."""
        first = next((n for n, line in enumerate(lines) if self._opens_body(line.text)), 0)
        furniture: list[_Packed] = []
        front: list[_Packed] = []
        marks: list[_Packed] = []
        body: list[_Packed | None] = []
        for number, line in enumerate(lines):
            if not line.text or self.page_break.fullmatch(line.text):
                if line.text:
                    marks.append(line)
                body.append(None)
            elif number < first:
                front.append(line)
            elif not self.mark.match(line.text) and self._is_furniture(line.text):
                furniture.append(line)
                body.append(None)
            else:
                body.append(line)
        return body, furniture, front, marks

    def _is_furniture(self, text: str) -> bool:
        if len(text) > _LONGEST_FURNITURE or (len(text) > _SENTENCE_LEAST and "。" in text):
            return False
        return self.furniture.fullmatch(text) is not None or self.label.match(text) is not None

    def _opens_body(self, text: str) -> bool:
        """Whether the report's own words begin here: an addressee, a heading, or a sentence."""
        if not text or "|" in text or "[" in text[:2] or self._is_furniture(text):
            return False
        if self.mark.match(text) or (self.unmarked.fullmatch(text) and not self.title.fullmatch(text)):
            return True
        if len(text) <= self.catalogue.metadata.addressee_longest and self.addressee.fullmatch(text):
            return True
        if "。" in text or self.introduction.search(text):
            return True
        return "，" in text and not self.title.fullmatch(text)


class _Joiner:
    """Decides which line ends are ends of paragraphs.

    A hard-wrapped text has a width at which its lines end, in code points or as printed; a line that reaches it goes on.
    """

    def __init__(self, rules: Cleaning, folded: str, body: list[_Packed | None]) -> None:
        self.rules = rules
        self.folded = folded
        self.body = body
        lines = [line for line in body if line is not None]
        sizes = (self._code_points, self._printed)
        found = ((size, _wrap_width([line.text for line in lines], [size(line) for line in lines])) for size in sizes)
        self.widths = tuple((size, width) for size, width in found if width.longest)

    def _code_points(self, line: _Packed) -> float:
        return len(self.folded[line.raw_start : line.raw_end].rstrip())

    def _printed(self, line: _Packed) -> float:
        """Printed width in Chinese characters; digits and Latin letters count half."""
        text = self.folded[line.raw_start : line.raw_end].rstrip()
        return len(text) - len(_NARROW.findall(text)) / 2

    def _reaches(self, line: _Packed, slack: int) -> bool:
        return any(size(line) >= width.longest - slack for size, width in self.widths)

    def _is_full(self, line: _Packed) -> bool:
        """Whether nothing more had room in the line: it is as long as most are, or nearly as long as the longest."""
        return any(size(line) >= min(width.usual, width.longest - 1) for size, width in self.widths)

    def groups(self) -> list[list[_Packed]]:
        groups: list[list[_Packed]] = []
        broken = False
        for line in self.body:
            if line is None:
                broken = True
                continue
            if groups and self._runs_on(groups[-1], line, broken):
                groups[-1].append(line)
            else:
                groups.append([line])
            broken = False
        return groups

    def _runs_on(self, before: list[_Packed], line: _Packed, broken: bool) -> bool:
        """Whether `line` continues the paragraph that `before` holds so far."""
        last = before[-1].text
        if last[-1] == "|" == line.text[0]:
            return False
        wrapped = bool(self.widths)
        if not wrapped and _ENTRY.match(line.text):
            return False
        if wrapped and last[-1] in _OPENING:
            return not broken
        if self.rules.mark.match(line.text) or self.rules.sign_off.fullmatch(line.text):
            if last[-1] in "0123456789." and line.text[:1].isdigit():
                return wrapped
            # a numeral and a comma after a full line that says no end are the rest of a number (一成⏎二，罚款)
            rest = _NUMERAL_REST.match(line.text) is not None and last[-1] not in _TERMINAL
            return rest and not broken and self._reaches(before[-1], 1)
        if self.rules.unmarked.fullmatch(line.text):
            return False
        if last[-1] in _TERMINAL:
            return not broken and not line.indented and self._is_full(before[-1])
        if not line.indented and self._reaches(before[-1], 2 if last[-1] in _PAUSE else _SLACK):
            return True
        if last[-1] in "：；" or self._is_heading(before):
            return False
        return len(last) >= _LINE_LEAST or last[-1] in _PAUSE or (len(before) > 1 and not wrapped)

    def _is_heading(self, before: list[_Packed]) -> bool:
        text = before[0].text
        if len(before) > 1 or len(text) > _HEADING_LONGEST:
            return False
        if "。" in text or self.rules.series.search(text):
            return False
        return bool(self.rules.mark.match(text)) or len(text) < _LINE_LEAST or bool(self.rules.title.fullmatch(text))


def _wrap_width(lines: list[str], sizes: list[float]) -> _Width:
    """The sizes at which the lines of a hard-wrapped text end, or zeros where the text is not hard-wrapped."""
    open_ended = [
        round(size) for text, size in zip(lines, sizes, strict=True) if text[-1] not in "。！？；：" and len(text) >= 15
    ]
    if len(open_ended) < _WRAP_LEAST_LINES:
        return _Width(0, 0)
    top, _ = Counter(open_ended).most_common(1)[0]
    near = [size for size in open_ended if abs(size - top) <= 2]
    width = max(near)
    longer = sum(size > width + 3 for size in sizes)
    if not _WRAP_NARROWEST <= top <= _WRAP_WIDEST or len(near) < 0.5 * len(open_ended) or longer > 0.06 * len(lines):
        return _Width(0, 0)
    return _Width(top, width)


def _raw(at: int, starts: list[int], raw_starts: list[int]) -> int:
    piece = max(bisect_right(starts, at) - 1, 0)
    return raw_starts[piece] + at - starts[piece]


def _assemble(
    folded: str,
    pack: tuple[str, list[int], list[int]],
    groups: list[list[_Packed]],
    dropped: tuple[list[_Packed], list[_Packed], list[_Packed]],
) -> CleanText:
    """Paragraphs joined with line ends between them, and the steps of the way back composed."""
    _, starts, raw_starts = pack
    pieces: list[str] = []
    clean_starts: list[int] = []
    clean_raws: list[int] = []
    paragraphs: list[Paragraph] = []
    length = 0
    for group in groups:
        paragraph_start = length
        for line in group:
            piece = max(bisect_right(starts, line.start) - 1, 0)
            at = line.start
            while at < line.end:
                stop = min(starts[piece + 1] if piece + 1 < len(starts) else line.end, line.end)
                clean_starts.append(length + at - line.start)
                clean_raws.append(raw_starts[piece] + at - starts[piece])
                at, piece = stop, piece + 1
            pieces.append(line.text)
            length += line.end - line.start
        paragraphs.append(Paragraph(paragraph_start, length, group[0].raw_start))
        pieces.append("\n")
        clean_starts.append(length)
        clean_raws.append(group[-1].raw_end)
        length += 1
    front, furniture, marks = ([Line(x.raw_start, x.raw_end, x.text) for x in kind] for kind in dropped)
    return CleanText(
        text="".join(pieces),
        folded=folded,
        clean_starts=tuple(clean_starts) or (0,),
        raw_starts=tuple(clean_raws) or (0,),
        paragraphs=tuple(paragraphs),
        front=tuple(front),
        furniture=tuple(furniture),
        page_marks=tuple(marks),
    )


def raw_offset(clean: CleanText, at: int) -> int:
    """The place in the text as received of the character at `at` in the cleaned text."""
    piece = max(bisect_right(clean.clean_starts, at) - 1, 0)
    return clean.raw_starts[piece] + at - clean.clean_starts[piece]


def raw_span(clean: CleanText, start: int, end: int) -> tuple[int, int]:
    """The span in the text as received from the character at `start` to the one before `end`."""
    return raw_offset(clean, start), raw_offset(clean, end - 1) + 1
