"""The section tree: which paragraphs are headings, at which level, and of which kind.

The numbers are read as series, not one by one: a mark that continues an open series belongs to it, a mark that begins again at
one opens a series below, and a gap is looked for in the damaged marks (`2、` where 二、 should be).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import regex

from extractor.cleaning import raw_offset
from extractor.models import SectionKind
from extractor.numerals import parse_chinese
from extractor.patterns import Beginnings, compile_pattern
from extractor.types import CleanText, Mark, Node, Outline, Paragraph

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue

_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮"
_NUMERAL = "[一二三四五六七八九十]"
_INLINE_BRACKETED = compile_pattern(rf"（(?:(?<=[^第条款项]（){_NUMERAL}{{1,3}}|(?<=[。；：！？”]（)\d{{1,2}})）")
"""A number in brackets inside a paragraph."""
_INLINE_POINTED = compile_pattern(
    rf"[。；：！？”）》](?:{_NUMERAL}{{1,3}}、(?!{_NUMERAL})|(?<!》)\d{{1,2}}[.、．](?!\d))",
)
"""A number with a point behind it inside a paragraph, and the mark before it."""
_NUMERALS = compile_pattern(f"{_NUMERAL}+")
_LOST_NUMBER = compile_pattern(f"{_NUMERAL}{{1,2}}")
_STRONG: tuple[SectionKind, ...] = ("problems", "next_steps", "leadership_duty")
_TURNS: tuple[SectionKind, ...] = ("problems", "next_steps")
_HEADING_LONGEST = 60
_SIGN_OFF_REACH = 12
_LONG_PARAGRAPH = 40
_DEEPEST = 12
"""So many series within one another are looked at; more have only texts that nobody wrote."""
_YEAR_AND_PLACE = compile_pattern(r"^(?:[\u4e00-\u9fff]{2,8}?)?20\d{2}年(?:度)?|[“”\"]")


@dataclass(frozen=True)
class Outlining:
    """Patterns of `sections.yaml`, compiled for this stage."""

    catalogue: Catalogue

    @cached_property
    def mark(self) -> regex.Pattern[str]:
        """A number mark of any style; the group of its style is set."""
        return compile_pattern("|".join(f"(?P<{rule.style}>{rule.pattern})" for rule in self.catalogue.sections.marks))

    @cached_property
    def mark_beginnings(self) -> Beginnings:
        return Beginnings(self.mark)

    @cached_property
    def style_groups(self) -> tuple[tuple[str, int], ...]:
        """The styles and the numbers of their groups: asking a match for a group's name takes ten times as long."""
        return tuple((rule.style, self.mark.groupindex[rule.style]) for rule in self.catalogue.sections.marks)

    @cached_property
    def number_group(self) -> int:
        return self.mark.groupindex["number"]

    @cached_property
    def kinds(self) -> tuple[tuple[SectionKind, regex.Pattern[str], regex.Pattern[str] | None], ...]:
        return tuple(
            (rule.kind, compile_pattern(rule.pattern), compile_pattern(rule.evidence) if rule.evidence else None)
            for rule in self.catalogue.sections.kinds
        )

    @cached_property
    def unmarked(self) -> regex.Pattern[str]:
        return compile_pattern("(?:" + "|".join(self.catalogue.sections.unmarked.patterns) + ")[。：]?")

    @cached_property
    def lead_in(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.sections.unmarked.lead_in)

    @cached_property
    def seam(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.sections.seam)

    @cached_property
    def item_opener(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.sections.item_opener)

    @cached_property
    def topical(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.sections.unmarked.topical)

    @cached_property
    def lead_phrase(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.sections.unmarked.lead_phrase)

    @cached_property
    def turn(self) -> regex.Pattern[str]:
        return compile_pattern(rf"(?<=^|[。；！？\n])(?:{self.catalogue.sections.combined.turn})")

    @cached_property
    def plans(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.sections.combined.plans_style)

    @cached_property
    def body_turns(self) -> tuple[tuple[SectionKind, regex.Pattern[str]], ...]:
        return tuple((rule.kind, compile_pattern(rule.pattern)) for rule in self.catalogue.sections.body_turns)

    @cached_property
    def sign_off(self) -> regex.Pattern[str]:
        rules = self.catalogue.sections.sign_off
        return compile_pattern(f"{rules.issuer}|{rules.date}")

    @cached_property
    def glued_sign_off(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.sections.sign_off.glued)

    @cached_property
    def title(self) -> regex.Pattern[str]:
        rules = self.catalogue.metadata.title
        return compile_pattern(rf"(?=.*{rules.must}).*{rules.ends}")

    def read_mark(self, text: str) -> Mark | None:
        """The number mark that `text` begins with, if any."""
        match = self.mark.match(text) if self.mark_beginnings[text[:1]] else None
        return None if match is None else self.mark_of(match)

    def mark_of(self, match: regex.Match[str]) -> Mark:
        """The mark that a match of `mark` found."""
        words = match[self.number_group]
        style = next(style for style, group in self.style_groups if match[group] is not None)
        return Mark(style, _number(words), words, match.end())

    def outline(self, clean: CleanText, raw_length: int) -> Outline:
        """The section tree of a cleaned text. Sections end where the next of their level or above begins."""
        paragraphs = _split(clean, self.glued_sign_off)
        body_count = len(paragraphs) - self._sign_off_length(clean.text, paragraphs)
        body = paragraphs[:body_count]
        body_end = paragraphs[body_count].start if body_count < len(paragraphs) else len(clean.text)
        raw_end = self._raw_end(clean, paragraphs, body_count, raw_length)
        marks = [self.read_mark(clean.text[p.start : p.end]) for p in body]
        tops = self._tops(clean.text, body, marks)
        nodes = self._tree(clean, body, marks, tops)
        nodes = self._split_combined(clean, nodes, body_end)
        _close(nodes, body_end, raw_end)
        for number, node in enumerate(nodes, 1):
            node.id = f"s{number}"
        return Outline(tuple(nodes), body_end)

    def _sign_off_length(self, text: str, paragraphs: list[Paragraph]) -> int:
        """How many paragraphs at the end are the sign-off (issuer, date)."""
        found = 0
        for back, p in enumerate(reversed(paragraphs[-_SIGN_OFF_REACH:]), 1):
            words = text[p.start : p.end]
            if self.sign_off.fullmatch(words) and not self.read_mark(words):
                found = back
            elif found or p.end - p.start > 40:
                break
        return found if found < len(paragraphs) else 0

    def _raw_end(self, clean: CleanText, paragraphs: list[Paragraph], body_count: int, raw_length: int) -> int:
        """Where the last section ends in the text as received: before the sign-off, or before the furniture below."""
        if body_count < len(paragraphs):
            return paragraphs[body_count].raw_start
        if not paragraphs:
            return raw_length
        last = raw_offset(clean, paragraphs[-1].end - 1)
        return next((line.start for line in clean.furniture if line.start > last), raw_length)

    def _tops(self, text: str, body: list[Paragraph], marks: list[Mark | None]) -> list[int]:
        """Indices of the paragraphs that are top-level headings."""
        for style in self.catalogue.sections.top_styles[:2]:
            series = self._series(text, body, marks, style)
            if series:
                series = self._fill(text, body, marks, series, style)
                return sorted({*series, *self._unmarked_tops(text, body, marks, series)})
        led = self._led_tops(text, body, marks)
        if led:
            return led
        unmarked = self._unmarked_tops(text, body, marks, [])
        topical = self._topical_tops(text, body, marks, unmarked)
        if unmarked or topical:
            return sorted({*unmarked, *topical})
        for style in self.catalogue.sections.top_styles[2:]:
            series = self._series(text, body, marks, style)
            if len(series) > 1 and any(self._strong_kind(text, body[n], marks[n]) for n in series):
                return series
        return self._turning(text, body)

    def _series(self, text: str, body: list[Paragraph], marks: list[Mark | None], style: str) -> list[int]:
        """The outermost series of a style; a heading printed twice in a row counts once."""
        entries: list[tuple[int, int]] = []
        before = ""
        for n, mark in enumerate(marks):
            if mark is None or mark.style != style:
                continue
            words = text[body[n].start : body[n].end]
            if words != before or entries[-1][0] != n - 1:
                entries.append((n, mark.number))
            before = words
        return _outer_series(entries)

    def _fill(self, text: str, body: list[Paragraph], marks: list[Mark | None], series: list[int], style: str) -> list[int]:
        """Add what stands in for a missing number: a damaged mark, or a numeral that lost its 、."""
        found = list(series)
        for place, index in enumerate(series):
            mark = marks[index]
            assert mark is not None
            until = series[place + 1] if place + 1 < len(series) else len(body)
            following = marks[until] if until < len(body) else None
            wanted = mark.number + 1
            if following is not None and following.number <= wanted:
                continue
            begun = False
            for n in range(index + 1, until):
                mark_here = marks[n]
                orphan = mark_here is not None and not begun and mark_here.style in self.catalogue.sections.top_substitutes
                begun = begun or orphan
                lone = orphan and mark_here is not None and mark_here.number == wanted > 1 and following is not None
                if lone or self._substitutes(text, body[n], marks[n], wanted, following is None):
                    if marks[n] is None:
                        numeral = _NUMERALS.match(text[body[n].start : body[n].end])
                        marks[n] = Mark(style, wanted, numeral[0], numeral.end()) if numeral else None
                    found.append(n)
                    wanted += 1
        first = marks[series[0]]
        assert first is not None
        if first.number == 2:
            found += [n for n in range(series[0]) if self._substitutes(text, body[n], marks[n], 1, False)][:1]
        return sorted(found)

    def _substitutes(self, text: str, p: Paragraph, mark: Mark | None, wanted: int, at_end: bool) -> bool:
        words = text[p.start : p.end]
        if mark is not None:
            heading = words[mark.end :]
            if mark.style not in self.catalogue.sections.top_substitutes:
                return False
            if mark.number != wanted:
                return at_end and bool(self.unmarked.fullmatch(heading)) and self.kind_of(heading, "") == "next_steps"
            return bool(self.unmarked.fullmatch(heading)) or (
                not at_end and len(heading) <= _HEADING_LONGEST and "。" not in heading
            )
        heading = words.partition("。")[0]
        lost = _LOST_NUMBER.match(heading) if len(heading) <= 30 else None
        return bool(lost and parse_chinese(lost[0]) == wanted and self.unmarked.fullmatch(heading[lost.end() :]))

    def _unmarked_tops(self, text: str, body: list[Paragraph], marks: list[Mark | None], series: list[int]) -> list[int]:
        """Short lines without a number that are headings by their words, of kinds the numbered ones do not have."""
        unmarked = [
            n for n, p in enumerate(body) if marks[n] is None and self._is_unmarked_heading(text[p.start : p.end], series)
        ]
        if not series:
            return unmarked
        kinds = {n: self._heading_kind(text, body[n], None) for n in unmarked if n not in series}
        if not any(kind in _STRONG for kind in kinds.values()):
            return []
        have = {self._heading_kind(text, body[n], marks[n]) for n in series}
        return [n for n, kind in kinds.items() if kind in _STRONG and kind not in have]

    def _is_unmarked_heading(self, words: str, series: list[int]) -> bool:
        """Whether a line without a number is a heading by its words, or begins with one where no heading has a number."""
        if not series and self.lead_in.match(words):
            return True
        sentence = words.partition("。")[0]
        line = words if series or "，" in sentence else sentence
        known = len(line) <= self.catalogue.sections.unmarked.longest and self.unmarked.fullmatch(line)
        return bool(known and not self.title.fullmatch(line))

    def _led_tops(self, text: str, body: list[Paragraph], marks: list[Mark | None]) -> list[int]:
        """Paragraphs that a short phrase opens; where the problems have begun only those of a kind, the others are items."""
        led = [n for n, p in enumerate(body) if marks[n] is None and self.lead_phrase.match(text[p.start : p.end])]
        if len(led) < self.catalogue.sections.unmarked.lead_least:
            return []
        kinds = [self._heading_kind(text, body[n], None) for n in led]
        turn = next((place for place, kind in enumerate(kinds) if kind in _TURNS), len(led))
        found = [n for place, n in enumerate(led) if place <= turn or kinds[place] in _STRONG]
        return found if len(found) > 1 and any(kind in _STRONG for kind in kinds) else []

    def _topical_tops(self, text: str, body: list[Paragraph], marks: list[Mark | None], unmarked: list[int]) -> list[int]:
        """Short lines of any words above long paragraphs before the problems, where no known heading is of the work done."""
        kinds = {n: self._heading_kind(text, body[n], None) for n in unmarked}
        if "work_done" in kinds.values():
            return []
        limit = next((n for n in unmarked if kinds[n] in _STRONG), len(body))
        found = [
            n
            for n, (p, below) in enumerate(pairwise(body[: limit + 1]))
            if n not in kinds and marks[n] is None and self._is_topical(text[p.start : p.end], below)
        ]
        is_outline = bool(unmarked) or any(self._strong_kind(text, body[n], None) for n in found)
        return found if is_outline and len(found) >= self.catalogue.sections.unmarked.topical_least else []

    def _is_topical(self, words: str, below: Paragraph) -> bool:
        if below.end - below.start < _LONG_PARAGRAPH or self.topical.fullmatch(words) is None:
            return False
        return self.title.fullmatch(words) is None

    def _turning(self, text: str, body: list[Paragraph]) -> list[int]:
        """Where a report without headings turns to its problems and to its plans."""
        found: list[int] = []
        wanted = list(self.body_turns)
        for n, p in enumerate(body):
            for kind, pattern in wanted:
                if pattern.search(text[p.start : p.end]):
                    found.append(n)
                    wanted = [(k, q) for k, q in wanted if k != kind]
                    break
        return found

    def heading_of(self, text: str, p: Paragraph, mark: Mark | None) -> tuple[str, int]:
        """The heading's words and where its body begins: a line, a first sentence, or what stands before the seam."""
        start = p.start + (mark.end if mark else 0)
        words = text[start : p.end]
        if not mark and (lead := self.lead_in.match(words)):
            return lead[0].rstrip("。：:"), start + lead.end()
        stop = words.find("。")
        if stop < 0 and len(words) <= _HEADING_LONGEST:
            return words.rstrip("：；，"), p.end
        cut = self._glued_end(words[:stop]) if 0 <= stop <= _HEADING_LONGEST else self._seam(words)
        if cut is None:
            return words[:stop], start + stop + 1
        return words[:cut], start + cut

    def _glued_end(self, sentence: str) -> int | None:
        """Where a heading glued to its first sentence ends: before 一是, or with its known words; None where it is not."""
        opener = self.item_opener.search(sentence)
        if opener is not None and opener.start() > 1:
            return opener.start()
        known = self.unmarked.match(sentence) if "，" in sentence else None
        return known.end() if known is not None and "，" not in known[0] else None

    def _seam(self, words: str) -> int:
        """Where a heading ends that runs on into a long paragraph."""
        known = self.unmarked.match(words)
        seam = self.seam.search(words)
        return known.end() if known else seam.start() if seam and seam.start() <= 40 else 30

    def _heading_kind(self, text: str, p: Paragraph, mark: Mark | None) -> SectionKind:
        heading, body = self.heading_of(text, p, mark)
        return self.kind_of(heading, text[body : body + 400])

    def _strong_kind(self, text: str, p: Paragraph, mark: Mark | None) -> bool:
        return self._heading_kind(text, p, mark) in _STRONG

    def kind_of(self, heading: str, following: str) -> SectionKind:
        """The kind that a top-level heading opens; `following` is the text below it, looked at where words may mislead."""
        bare = _YEAR_AND_PLACE.sub("", heading)
        forms = (heading,) if bare == heading else (heading, bare)
        for kind, pattern, evidence in self.kinds:
            for words in forms:
                if pattern.search(words) and (evidence is None or evidence.search(following)):
                    return kind
        return "other"

    def _tree(self, clean: CleanText, body: list[Paragraph], marks: list[Mark | None], tops: list[int]) -> list[Node]:
        """All headings in text order; below the top, a style met first stands above one met later."""
        text = clean.text
        nodes: list[Node] = []
        styles: list[str] = []
        top_set = set(tops)
        for n, p in enumerate(body):
            mark = marks[n]
            if n not in top_set and (mark is None or not nodes):
                continue
            heading, start = self.heading_of(text, p, mark)
            if nodes and nodes[-1].heading == heading and nodes[-1].body == p.start - 1:
                nodes[-1].body = start
                continue
            if n in top_set:
                kind = self.kind_of(heading, text[start : start + 400])
                styles = []
                level = 1
            else:
                assert mark is not None
                if mark.style in styles:
                    styles = styles[: styles.index(mark.style) + 1]
                else:
                    styles.append(mark.style)
                level = 1 + len(styles)
                kind = nodes[-1].kind
            raw_start = raw_offset(clean, p.start)
            if n in top_set:
                raw_start = _first_printed(clean.folded, p.raw_start, raw_start)
            node = Node(level, p.start, raw_start, heading, mark.ordinal if mark else None, kind, body=start)
            if start >= p.end:
                node.body = p.end
            if level > 1:
                node.parent = _above(nodes[-1], level)
            if node.parent is not None:
                node.kind = node.parent.kind
            nodes.append(node)
        return nodes

    def _split_combined(self, clean: CleanText, nodes: list[Node], body_end: int) -> list[Node]:
        """Part a section of problems and plans in two where the text turns to the plans."""
        tops = [node for node in nodes if node.level == 1]
        has_plans = any(node.kind == "next_steps" for node in tops)
        result = list(nodes)
        for place, top in enumerate(tops):
            if top.kind != "problems":
                continue
            end = tops[place + 1].start if place + 1 < len(tops) else body_end
            if not self.plans.search(top.heading) and (has_plans or place + 1 < len(tops)):
                continue
            split = self._turn_within(clean.text, top, [n for n in nodes if top.start < n.start < end], end)
            if split is None:
                continue
            plans = Node(1, split, raw_offset(clean, split), top.heading, None, "next_steps", body=split)
            replaced = [n for n in result if n.start == split and n.level > 1]
            result = [n for n in result if n not in replaced]
            for node in result:
                if split < node.start < end:
                    node.kind = "next_steps"
                    if node.parent is top or node.parent in replaced:
                        node.parent = plans
            result.append(plans)
            result.sort(key=lambda node: (node.start, node.level))
        return result

    def _turn_within(self, text: str, top: Node, below: list[Node], end: int) -> int | None:
        for node in below:
            if self.kind_of(node.heading, "") == "next_steps":
                return node.start
        for match in self.turn.finditer(text, top.body, end):
            if match.start() > top.body + 10:
                return match.start()
        return None


def _first_printed(folded: str, start: int, end: int) -> int:
    """The first character of a line that is no space: its heading's marks belong to the heading."""
    while start < end and folded[start] in " \n":
        start += 1
    return start


def _above(node: Node | None, level: int) -> Node | None:
    """The section, of a node and those that it lies in, under which a level stands."""
    while node is not None and node.level >= level:
        node = node.parent
    return node


@cache
def _number(words: str) -> int:
    if words in _CIRCLED:
        return _CIRCLED.index(words) + 1
    if words.isdigit():
        return int(words)
    value = parse_chinese(words)
    return int(value) if value is not None else 0


def _split(clean: CleanText, glued_sign_off: regex.Pattern[str]) -> list[Paragraph]:
    """Paragraphs, parted also where a number mark follows a full stop inside one, and before a sign-off glued to the last."""
    result: list[Paragraph] = []
    seams = _inline_marks(clean.text)
    at = 0
    for p in _with_sign_off(clean, glued_sign_off):
        start, raw_start = p.start, p.raw_start
        while seams[at] < p.end:
            if seams[at] > p.start:
                result.append(Paragraph(start, seams[at], raw_start))
                start, raw_start = seams[at], raw_offset(clean, seams[at])
            at += 1
        result.append(p if start == p.start else Paragraph(start, p.end, raw_start))
    return result


def _inline_marks(text: str) -> list[int]:
    """Where number marks may part paragraphs, and the end of the text."""
    bracketed = [match.start() for match in _INLINE_BRACKETED.finditer(text)]
    pointed = [match.start() + 1 for match in _INLINE_POINTED.finditer(text)]
    return [*sorted(bracketed + pointed), len(text)]


def _with_sign_off(clean: CleanText, glued_sign_off: regex.Pattern[str]) -> list[Paragraph]:
    paragraphs = list(clean.paragraphs)
    glued = glued_sign_off.search(clean.text, paragraphs[-1].start) if paragraphs else None
    if glued:
        last = paragraphs.pop()
        stop = len(clean.text.rstrip())
        paragraphs.append(Paragraph(last.start, glued.start(), last.raw_start))
        paragraphs.append(Paragraph(glued.start(), stop, raw_offset(clean, glued.start())))
    return paragraphs


def _outer_series(entries: list[tuple[int, int]]) -> list[int]:
    """The indices of the outermost series among `entries` (index, number).

    A number that goes on from an open series belongs to it, the innermost first; one that begins again at 一 opens a series
    below the open ones; a repeated number stays in its series (a copy fault).
    """
    open_series: list[list[tuple[int, int]]] = []
    for index, number in entries:
        for depth in range(len(open_series) - 1, max(len(open_series) - _DEEPEST, 0) - 1, -1):
            last = open_series[depth][-1][1]
            if number == last + 1 or (number == last and number > 1) or last < number <= last + 3:
                del open_series[depth + 1 :]
                open_series[depth].append((index, number))
                break
        else:
            if number == 1 or not open_series:
                open_series.append([(index, number)])
            elif open_series:
                del open_series[1:]
                open_series[0].append((index, number))
    return [index for index, _ in open_series[0]] if open_series else []


def _close(nodes: list[Node], body_end: int, raw_end: int) -> None:
    """Give every node its end: where the next of its level or above begins."""
    begun: list[Node] = []
    for node in nodes:
        while begun and begun[-1].level >= node.level:
            closed = begun.pop()
            closed.end, closed.raw_end = node.start, node.raw_start
        begun.append(node)
    for node in begun:
        node.end, node.raw_end = body_end, max(raw_end, node.raw_start + 1)
