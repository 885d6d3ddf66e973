"""From the text as received to sentences that run on: artefacts out, wrapped lines rejoined, and every character traceable.

Folding is one to one, so a place in the folded text is the same place in the text as received. What is deleted (conversion
marks, justifying spaces, line ends inside a sentence, page numbers, furniture) is remembered as steps of the way back.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple

import regex

from extractor.folding import Folding
from extractor.patterns import Beginnings, compile_pattern, one_of
from extractor.types import CleanText, Line, Paragraph

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue

_TERMINAL = "。！？"
_ENDS = "。！？；："
_PAUSE = "；：，、"
_OPENING = "（《“"
_SPACES = r"(?<![A-Za-z])[ ]+|[ ]+(?![A-Za-z])"
_ENTRY = compile_pattern(r"[^，。；：\d]{2,24}：(?:[^，。；：、\d]{0,6}\d|无$)")
"""A line that begins with a name, a colon and its number stands for itself in a text that is not hard-wrapped."""
_NUMERAL_REST = compile_pattern(r"[一二三四五六七八九十]{1,3}[，。]")
_STOP = compile_pattern(f"[{_TERMINAL}]")
_OPEN_NUMBER = compile_pattern(r"(?<=[\d一二三四五六七八九十百千万])(?:余|多万|余万)$")
"""A line that ends so lacks its unit: it goes on, however short it is."""
_OWN_NUMBER = compile_pattern(r"(\d{1,2})[.、．]")
_BARE_NUMBER = compile_pattern(r"\d{1,2}(?=[\u4e00-\u9fff])")
_BLANK = bytes([*range(0x21), 0x7F])
_LONGEST_FURNITURE = 160
_SENTENCE_LEAST = 24
_HEADING_LONGEST = 45
_WRAP_LEAST_LINES = 6
_SLACK = 4
_LINE_LEAST = 18
_LONG_LINE = 40
_OPEN_LEAST = 15
_WRAP_NARROWEST = 18
_WRAP_WIDEST = 60


class _Packed(NamedTuple):
    """A line after deletion: its place in the packed text, its raw span, whether it was indented, the piece it begins in."""

    start: int
    end: int
    raw_start: int
    raw_end: int
    text: str
    indented: bool
    piece: int


class _Pack(NamedTuple):
    """A text after deletion: pieces that begin at `starts` in `text` and at `raw_starts` in the text as received.

    `following` holds where the next piece begins, behind the last one a place that no line reaches.
    """

    text: str
    starts: list[int]
    raw_starts: list[int]
    following: list[int]


class _Width(NamedTuple):
    """The size that most lines of a hard-wrapped text have, and the longest one: a closing mark may stand beyond the edge."""

    usual: int
    longest: int


_Size = Callable[[str, _Packed], float]


@dataclass(frozen=True)
class Cleaning:
    """Patterns of `page.yaml`, `characters.yaml`, `metadata.yaml` and `sections.yaml`, compiled for this stage."""

    catalogue: Catalogue

    @cached_property
    def folding(self) -> Folding:
        return Folding(self.catalogue)

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
        labels = self.catalogue.metadata.labels
        names = one_of(sorted({word for words in labels.values() for word in words} - set(labels["title"])))
        return compile_pattern(rf"[|\[【•·\-*]*{names}(?:[\]】|：]|(?=[A-Za-z0-9])|$)")

    @cached_property
    def mark(self) -> regex.Pattern[str]:
        plain = (regex.sub(r"\(\?P<\w+>", "(?:", rule.pattern) for rule in self.catalogue.sections.marks)
        return compile_pattern("|".join(plain))

    @cached_property
    def mark_beginnings(self) -> Beginnings:
        return Beginnings(self.mark)

    @cached_property
    def page_break_beginnings(self) -> Beginnings:
        return Beginnings(self.page_break)

    @cached_property
    def label_beginnings(self) -> Beginnings:
        return Beginnings(self.label)

    @cached_property
    def sign_off(self) -> regex.Pattern[str]:
        rules = self.catalogue.sections.sign_off
        return compile_pattern(f"{rules.issuer}|{rules.date}")

    @cached_property
    def addressee(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.metadata.addressee)

    @cached_property
    def topical(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.sections.unmarked.topical)

    @cached_property
    def lead_phrase(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.sections.unmarked.lead_phrase)

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
        return self.folding.fold(text)

    def clean(self, text: str) -> CleanText:
        """The cleaned text of a report and the way back to the text as received."""
        folded = self.fold(text)
        pack = self._pack(folded)
        body, furniture, front, marks = self._sort(_lines(pack, len(text)))
        return _assemble(folded, pack, self._groups(folded, body), (front, furniture, marks))

    def _pack(self, folded: str) -> _Pack:
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
        packed = "".join(pieces)
        return _Pack(packed, starts, raw_starts, [*starts[1:], len(packed) + 1])

    def _sort(self, lines: list[_Packed | None]) -> tuple[list[_Packed | None], list[_Packed], list[_Packed], list[_Packed]]:
        """Body lines (None where a page or a paragraph may break), furniture lines, front lines and page numbers."""
        first = next((n for n, line in enumerate(lines) if line is not None and self._opens_body(line.text)), 0)
        furniture: list[_Packed] = []
        front: list[_Packed] = []
        marks: list[_Packed] = []
        body: list[_Packed | None] = []
        for number, line in enumerate(lines):
            if line is None:
                body.append(None)
            elif self._is_page_break(line.text):
                marks.append(line)
                body.append(None)
            elif number < first:
                front.append(line)
            elif not self._is_marked(line.text) and self._is_furniture(line.text):
                furniture.append(line)
                body.append(None)
            else:
                body.append(line)
        return body, furniture, front, marks

    def _is_page_break(self, text: str) -> bool:
        return self.page_break_beginnings[text[0]] and self.page_break.fullmatch(text) is not None

    def _is_marked(self, text: str) -> bool:
        """Whether the line begins with the number of a heading."""
        return self.mark_beginnings[text[0]] and self.mark.match(text) is not None

    def _is_furniture(self, text: str) -> bool:
        if len(text) > _LONGEST_FURNITURE or (len(text) > _SENTENCE_LEAST and "。" in text):
            return False
        if self.label_beginnings[text[0]] and self.label.match(text):
            return True
        return self.furniture.fullmatch(text) is not None

    def _opens_body(self, text: str) -> bool:
        """Whether the report's own words begin here: an addressee, a heading, or a sentence."""
        if "|" in text or "[" in text[:2]:
            return False
        return self._is_of_report(text) and not self._is_furniture(text)

    def _is_of_report(self, text: str) -> bool:
        if "。" in text or self._is_marked(text):
            return True
        if len(text) <= self.catalogue.metadata.addressee_longest and self.addressee.fullmatch(text):
            return True
        if self.introduction.search(text):
            return True
        return ("，" in text or self.unmarked.fullmatch(text) is not None) and not self.title.fullmatch(text)

    def _groups(self, folded: str, body: list[_Packed | None]) -> list[list[_Packed]]:
        """The lines of each paragraph."""
        widths = _widths(folded, [line for line in body if line is not None])
        runs_on = _Wrapped(self, folded, widths).runs_on if widths else partial(self._runs_on, folded)
        groups: list[list[_Packed]] = []
        broken = False
        for line in body:
            if line is None:
                broken = True
                continue
            if groups and (_OPEN_NUMBER.search(groups[-1][-1].text) or runs_on(groups, line, broken)):
                groups[-1].append(line)
            else:
                groups.append([line])
            broken = False
        return groups

    def _runs_on(self, folded: str, groups: list[list[_Packed]], line: _Packed, _: bool) -> bool:
        """Whether `line` continues the last paragraph of a text that is not hard-wrapped."""
        before = groups[-1]
        last = before[-1].text
        if last[-1] in _ENDS or (len(last) < _LINE_LEAST and last[-1] not in _PAUSE and len(before) == 1):
            return False
        text = line.text
        if last[-1] == "|" == text[0]:
            return False
        if self._is_marked(text) or self.is_heading(before) or ("：" in text and _ENTRY.match(text)):
            return False
        if len(before) == 1 and len(text) > _LONG_LINE and self.topical.fullmatch(last):
            # a heading of any words, unless a page ends between the two
            return bool(folded[before[-1].raw_end : line.raw_start].strip())
        return not (self.sign_off.fullmatch(text) or self.unmarked.fullmatch(text))

    def is_mark_or_sign_off(self, text: str) -> bool:
        """Whether a line begins with the number of a heading or is a sign-off."""
        return self._is_marked(text) or self.sign_off.fullmatch(text) is not None

    def is_heading(self, before: list[_Packed]) -> bool:
        """Whether a paragraph so far looks like a heading: a short line with a number, very short or known by its words."""
        text = before[0].text
        if len(before) > 1 or self.series.search(text):
            return False
        if "。" in text:
            return self._ends_with_heading(text)
        if len(text) > _HEADING_LONGEST:
            return False
        known = self.title.fullmatch(text) or self.unmarked.fullmatch(text)
        return len(text) < _LINE_LEAST or self._is_marked(text) or known is not None

    def _ends_with_heading(self, text: str) -> bool:
        """Whether one heading is glued to the next (一、工作情况。（一）学法): its last words have a number too."""
        heading = text.rpartition("。")[2]
        return 0 < len(heading) <= _HEADING_LONGEST and self._is_marked(heading)


class _Wrapped:
    """Decides which line ends of a hard-wrapped text are ends of paragraphs.

    Such a text has a width at which its lines end, in code points or as printed; a line that reaches it goes on.
    """

    def __init__(self, rules: Cleaning, folded: str, widths: list[tuple[_Size, _Width]]) -> None:
        self.rules = rules
        self.folded = folded
        self.widths = widths

    def _reaches(self, line: _Packed, slack: int) -> bool:
        return any(size(self.folded, line) >= width.longest - slack for size, width in self.widths)

    def _is_full(self, line: _Packed) -> bool:
        """Whether nothing more had room in the line: it is as long as most are, or nearly as long as the longest."""
        return any(size(self.folded, line) >= min(width.usual, width.longest - 1) for size, width in self.widths)

    def runs_on(self, groups: list[list[_Packed]], line: _Packed, broken: bool) -> bool:
        """Whether `line` continues the last paragraph so far."""
        before = groups[-1]
        last = before[-1].text
        if last[-1] == "|" == line.text[0]:
            return False
        if last[-1] in _OPENING:
            return not broken
        if self.rules.is_mark_or_sign_off(line.text):
            if last[-1] in "0123456789." and line.text[:1].isdigit():
                return True
            # a numeral and a comma after a full line that says no end are the rest of a number (一成⏎二，罚款)
            rest = _NUMERAL_REST.match(line.text) is not None and last[-1] not in _TERMINAL
            return rest and not broken and self._reaches(before[-1], 1)
        if self.rules.unmarked.fullmatch(line.text):
            return False
        if last[-1] in _TERMINAL:
            is_open = not broken and not line.indented and self._is_full(before[-1])
            return is_open and not self._is_alike(before, line) and not _are_sentences(groups[-2:])
        if _is_counted_on(before, line) and not self._is_full(before[-1]):
            return False
        is_full = not line.indented and self._reaches(before[-1], 2 if last[-1] in _PAUSE else _SLACK)
        if is_full or (not broken and _closes_bracket(last, line.text)):
            return True
        if last[-1] in "：；" or self.rules.is_heading(before):
            return False
        return len(last) >= _LINE_LEAST or last[-1] in _PAUSE

    def _is_alike(self, before: list[_Packed], line: _Packed) -> bool:
        """Whether a short phrase opens `line` as one opens the paragraph before it: both are paragraphs then."""
        opened = self.rules.lead_phrase.match
        return opened(line.text) is not None and opened(before[0].text) is not None


def _are_sentences(groups: list[list[_Packed]]) -> bool:
    """Whether two paragraphs are one long sentence each: where such stand in a row, the end of a sentence ends a paragraph."""
    return len(groups) == 2 and all(_is_sentence("".join([line.text for line in group])) for group in groups)


def _is_sentence(words: str) -> bool:
    return len(words) >= _SENTENCE_LEAST and words[-1] in _TERMINAL and _STOP.search(words, 0, len(words) - 1) is None


def _closes_bracket(last: str, following: str) -> bool:
    """Whether a line opens a bracket that the next one closes."""
    return last.rfind("（") > last.rfind("）") and "）" in following.partition("（")[0]


def _is_counted_on(before: list[_Packed], line: _Packed) -> bool:
    """Whether a line begins with the number that follows the paragraph's own, though it lost its point (1.加强…⏎2加大…)."""
    own, following = _OWN_NUMBER.match(before[0].text), _BARE_NUMBER.match(line.text)
    return own is not None and following is not None and int(following[0]) == int(own[1]) + 1


def _as_printed(folded: str, line: _Packed) -> str:
    """A line with its spaces, and without what a conversion has put into it ([bookmark: …])."""
    text = folded[line.raw_start : line.raw_end].rstrip()
    return line.text if "[" in text and "[" not in line.text else text


def _code_points(folded: str, line: _Packed) -> float:
    return len(_as_printed(folded, line))


def _printed(folded: str, line: _Packed) -> float:
    """Printed width in Chinese characters; digits and Latin letters count half."""
    text = _as_printed(folded, line)
    return len(text) - len(text.encode("ascii", "ignore").translate(None, _BLANK)) / 2


def _widths(folded: str, lines: list[_Packed]) -> list[tuple[_Size, _Width]]:
    """How wide the lines of a hard-wrapped text are, by each measure that shows it; empty where it is not hard-wrapped."""
    open_ended = [line for line in lines if line.text[-1] not in _ENDS and len(line.text) >= _OPEN_LEAST]
    if len(open_ended) < _WRAP_LEAST_LINES:
        return []
    found = ((size, _width(folded, lines, open_ended, size)) for size in (_code_points, _printed))
    return [(size, width) for size, width in found if width is not None]


def _width(folded: str, lines: list[_Packed], open_ended: list[_Packed], size: _Size) -> _Width | None:
    """The sizes at which the open-ended lines end, if most end at nearly the same and hardly any line is longer."""
    sizes = [round(size(folded, line)) for line in open_ended]
    usual, _ = Counter(sizes).most_common(1)[0]
    near = [found for found in sizes if abs(found - usual) <= 2]
    if not _WRAP_NARROWEST <= usual <= _WRAP_WIDEST or len(near) < 0.5 * len(sizes):
        return None
    longest = max(near)
    longer = sum(size(folded, line) > longest + 3 for line in lines)
    return _Width(usual, longest) if longer <= 0.06 * len(lines) else None


def _lines(pack: _Pack, raw_length: int) -> list[_Packed | None]:
    """The lines of a text after deletion, None for empty ones."""
    text, starts, raw_starts, following = pack
    lines: list[_Packed | None] = []
    at = raw_at = piece = 0
    for words in text.split("\n"):
        end = at + len(words)
        while following[piece] <= at:
            piece += 1
        first, begins = raw_starts[piece] + at - starts[piece], piece
        while following[piece] <= end:
            piece += 1
        raw_end = raw_starts[piece] + end - starts[piece] if end < len(text) else raw_length
        lines.append(_Packed(at, end, raw_at, raw_end, words, first - raw_at >= 2, begins) if words else None)
        at, raw_at = end + 1, raw_end + 1
    return lines


def _assemble(
    folded: str,
    pack: _Pack,
    groups: list[list[_Packed]],
    dropped: tuple[list[_Packed], list[_Packed], list[_Packed]],
) -> CleanText:
    """Paragraphs joined with line ends between them, and the steps of the way back composed."""
    _, starts, raw_starts, following = pack
    pieces: list[str] = []
    clean_starts: list[int] = []
    clean_raws: list[int] = []
    paragraphs: list[Paragraph] = []
    length = 0
    for group in groups:
        paragraph_start = length
        for start, end, _, _, words, _, first in group:
            piece = first
            clean_starts.append(length)
            clean_raws.append(raw_starts[piece] + start - starts[piece])
            while following[piece] < end:
                piece += 1
                clean_starts.append(length + starts[piece] - start)
                clean_raws.append(raw_starts[piece])
            pieces.append(words)
            length += end - start
        paragraphs.append(Paragraph(paragraph_start, length, group[0].raw_start))
        pieces.append("\n")
        clean_starts.append(length)
        clean_raws.append(group[-1].raw_end)
        length += 1
    front, furniture, marks = (tuple(Line(x.raw_start, x.raw_end, x.text) for x in kind) for kind in dropped)
    return CleanText(
        text="".join(pieces),
        folded=folded,
        clean_starts=tuple(clean_starts) or (0,),
        raw_starts=tuple(clean_raws) or (0,),
        paragraphs=tuple(paragraphs),
        front=front,
        furniture=furniture,
        page_marks=marks,
    )


def raw_offset(clean: CleanText, at: int) -> int:
    """The place in the text as received of the character at `at` in the cleaned text."""
    piece = max(bisect_right(clean.clean_starts, at) - 1, 0)
    return clean.raw_starts[piece] + at - clean.clean_starts[piece]


def raw_span(clean: CleanText, start: int, end: int) -> tuple[int, int]:
    """The span in the text as received from the character at `start` to the one before `end`."""
    starts = clean.clean_starts
    following = bisect_right(starts, start)
    if following and (following == len(starts) or end <= starts[following]):
        shift = clean.raw_starts[following - 1] - starts[following - 1]
        return start + shift, end + shift
    return raw_offset(clean, start), raw_offset(clean, end - 1) + 1
