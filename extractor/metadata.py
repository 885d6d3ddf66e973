"""What a report says of itself: title, year, issuers, place, addressee, numbers, date.

Labels and patterns are tried on folded words (half-width digits, simplified characters, no spaces); what is given back are the
characters as the document writes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise
from typing import TYPE_CHECKING, NamedTuple

import regex

from extractor.cleaning import Cleaning, raw_span
from extractor.models import Metadata
from extractor.numerals import parse_chinese
from extractor.patterns import compile_pattern, one_of
from extractor.types import CleanText, Line, Node, Outline

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue

_DIGITS = {c: str(i) for i, c in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0", "O": "0", "o": "0", "Ｏ": "0"}
_TITLE_LINES = 5
_TITLE_LINE_LONGEST = 60
_OPENING = 120
_HEAD_PARAGRAPH = 80
_PARAGRAPH_LONGEST = 400
_BRACKETED_NUMBER = compile_pattern(r"[\[【［].{4,24}?号[\]】］]")
_YEAR = compile_pattern(r"20\d{2}")
_YEAR_IN_TITLE = compile_pattern(r"(20\d{2}|[二][〇零○][〇零○一二三四五六七八九]{2})年?")
_JUNK = "|[]【】-•*·：:、，　 "


class _Words(NamedTuple):
    """A line folded and as written; both of one length, so that a place in one is a place in the other."""

    folded: str
    written: str


@dataclass(frozen=True)
class MetadataReader:
    """The rules of `metadata.yaml`, compiled."""

    catalogue: Catalogue
    cleaning: Cleaning

    @cached_property
    def label(self) -> regex.Pattern[str]:
        label = f"(?P<label>{one_of(word for words in self.catalogue.metadata.labels.values() for word in words)})"
        return compile_pattern(
            rf"{label}(?P<end>：+)"
            rf"|(?:(?<=^|[|\[【•·：）)\-*])|(?<=[A-Za-z0-9无有效公开报告])){label}(?P<end>[\]】]|[|：]+|(?=[A-Za-z0-9〔])|$)"
            rf"|^[|\[【•·\-*]*{label}(?P<end>(?=[\u4e00-\u9fff]))"
        )

    @cached_property
    def label_group(self) -> int:
        return self.label.groupindex["label"]

    @cached_property
    def field(self) -> dict[str, str]:
        return {word: field for field, words in self.catalogue.metadata.labels.items() for word in words}

    def _pattern(self, name: str) -> regex.Pattern[str]:
        return compile_pattern(getattr(self.catalogue.metadata, name))

    @cached_property
    def document_number(self) -> regex.Pattern[str]:
        return self._pattern("document_number")

    @cached_property
    def damaged_number(self) -> regex.Pattern[str]:
        return self._pattern("document_number_damaged")

    @cached_property
    def date(self) -> regex.Pattern[str]:
        return self._pattern("date")

    @cached_property
    def chinese_date(self) -> regex.Pattern[str]:
        return self._pattern("chinese_date")

    @cached_property
    def delivered(self) -> regex.Pattern[str]:
        return self._pattern("delivered")

    @cached_property
    def township(self) -> regex.Pattern[str]:
        return self._pattern("township")

    @cached_property
    def county(self) -> regex.Pattern[str]:
        return self._pattern("county")

    @cached_property
    def addressee(self) -> regex.Pattern[str]:
        return self._pattern("addressee")

    @cached_property
    def letterhead(self) -> regex.Pattern[str]:
        return self._pattern("letterhead")

    @cached_property
    def issuer_in_title(self) -> regex.Pattern[str]:
        return self._pattern("issuer_in_title")

    @cached_property
    def issuer_line(self) -> regex.Pattern[str]:
        """A title that was joined from an issuer's line and a line that begins with 关于."""
        return self._pattern("issuer_before_title")

    @cached_property
    def sign_off_issuer(self) -> regex.Pattern[str]:
        return self._pattern("issuer_suffix_in_sign_off")

    @cached_property
    def title_must(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.metadata.title.must)

    @cached_property
    def title_ends(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.metadata.title.ends)

    @cached_property
    def title_blocked(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.metadata.title.blocked)

    @cached_property
    def page_suffix(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.metadata.title.page_suffix)

    @cached_property
    def title_glued(self) -> regex.Pattern[str]:
        return compile_pattern(self.catalogue.metadata.title.glued)

    @cached_property
    def issuer_alone(self) -> regex.Pattern[str]:
        return self._pattern("issuer_alone")

    @cached_property
    def issuer_body(self) -> regex.Pattern[str]:
        return self._pattern("issuer_body")

    @cached_property
    def sign_off_tail(self) -> regex.Pattern[str]:
        return self._pattern("sign_off_tail")

    @cached_property
    def place_above(self) -> regex.Pattern[str]:
        return self._pattern("place_above")

    @cached_property
    def place_lead(self) -> regex.Pattern[str]:
        return self._pattern("place_lead")

    @cached_property
    def years_in_opening(self) -> tuple[regex.Pattern[str], ...]:
        rules = self.catalogue.metadata
        return tuple(compile_pattern(f"(?m){pattern}") for pattern in (rules.year_in_intro, rules.year_in_opening))

    @cached_property
    def year_in_heading(self) -> regex.Pattern[str]:
        return self._pattern("year_in_heading")

    @cached_property
    def later_year_headings(self) -> regex.Pattern[str]:
        return self._pattern("later_year_headings")

    def words(self, raw: str, folded: str) -> _Words:
        """A line without conversion marks and spaces, as written and folded."""
        pieces, written, at = [], [], 0
        for match in self.cleaning.deleted.finditer(folded):
            start, end = match.span()
            pieces.append(folded[at:start])
            written.append(raw[at:start])
            at = end
        return _Words("".join(pieces) + folded[at:], "".join(written) + raw[at:])

    def read(self, raw: str, clean: CleanText, outline: Outline) -> Metadata:
        """The metadata of one report."""
        front = [self._line(raw, clean, line) for line in clean.front]
        first = outline.nodes[0].start if outline.nodes else len(clean.text)
        head = [self._paragraph(raw, clean, p.start, min(p.end, first)) for p in clean.paragraphs if p.start < first]
        body_start = next(
            (n for n, w in enumerate(head) if "，" in w.folded or "。" in w.folded or self.addressee.fullmatch(w.folded)),
            len(head),
        )
        lines = [*front, *head[:body_start]]
        tail = self._tail(raw, clean, outline.body_end)
        labelled = self._labelled([*front, *(self._line(raw, clean, line) for line in clean.furniture)])
        title = self._title(lines) or self._glued_title(head[body_start:]) or self._labelled_title(labelled)
        issuers = self._issuers(title, tail, labelled, lines)
        township = self._township(title, issuers, head[body_start:], lines)
        number = self._document_number(labelled, lines, head[body_start : body_start + 2])
        date = self._issue_date(tail, labelled, lines)
        year = self._year(title, head[body_start:], outline.nodes, number, date)
        return Metadata(
            title=title.written if title else None,
            report_year=year,
            issuers=tuple(issuer.written for issuer in issuers),
            township=township.written if township else None,
            county=self._county(title, issuers, head),
            addressee=self._addressee(head),
            document_number=number,
            index_number=self._index_number(labelled),
            issue_date=date,
        )

    def _line(self, raw: str, clean: CleanText, line: Line) -> _Words:
        written = raw[line.start : line.end]
        return (
            _Words(line.text, written)
            if len(line.text) == len(written)
            else self.words(written, clean.folded[line.start : line.end])
        )

    def _tail(self, raw: str, clean: CleanText, start: int) -> list[_Words]:
        """The lines of the sign-off."""
        lines = []
        while start < len(clean.text):
            stop = clean.text.find("\n", start)
            stop = stop if stop >= 0 else len(clean.text)
            lines.append(self._paragraph(raw, clean, start, stop))
            start = stop + 1
        return lines

    def _glued_title(self, opening: list[_Words]) -> _Words | None:
        """A title that runs into the first sentence of the body."""
        for words in opening[:1]:
            if match := self.title_glued.match(words.folded):
                return _Words(match["title"], words.written[: match.end("title")])
        return None

    def _paragraph(self, raw: str, clean: CleanText, start: int, end: int) -> _Words:
        if end <= start:
            return _Words("", "")
        end = min(end, start + _PARAGRAPH_LONGEST)
        first, last = raw_span(clean, start, end)
        if last - first == end - start:
            return _Words(clean.text[start:end], raw[first:last])
        return self.words(raw[first:last].replace("\n", " "), clean.folded[first:last].replace("\n", " "))

    def _labelled(self, lines: list[_Words]) -> dict[str, list[_Words]]:
        """The values of metadata labels, in all the layouts that pages use."""
        values: dict[str, list[_Words]] = {}
        pending: str | None = None
        for line in lines:
            matches = list(self.label.finditer(line.folded))
            if not matches:
                if pending and line.folded.strip(_JUNK):
                    self._add(values, pending, line, 0, len(line.folded))
                if line.folded.strip(_JUNK):
                    pending = None
                continue
            pending = None
            for number, match in enumerate(matches):
                end = matches[number + 1].start(self.label_group) if number + 1 < len(matches) else len(line.folded)
                field = self.field[match[self.label_group]]
                if not self._add(values, field, line, match.end(), end) and end == len(line.folded):
                    pending = field
        return values

    def _add(self, values: dict[str, list[_Words]], field: str, line: _Words, start: int, end: int) -> bool:
        words = line.folded[start:end]
        if "|" in words.strip("|"):
            words = words.strip("|").split("|")[0]
            start = line.folded.index(words, start) if words else start
            end = start + len(words)
        while start < end and line.folded[start] in _JUNK:
            start += 1
        while end > start and line.folded[end - 1] in _JUNK:
            end -= 1
        if end <= start:
            return False
        value = _Words(line.folded[start:end], line.written[start:end])
        if value.folded not in self.catalogue.metadata.empty_values:
            values.setdefault(field, []).append(value)
        return True

    def _title(self, lines: list[_Words]) -> _Words | None:
        """The document's own title: the last that stands before the body, joined over the lines it is broken on."""
        for last in range(len(lines) - 1, -1, -1):
            if not self.title_ends.search(lines[last].folded) or not self._may_be_title(lines[last]):
                continue
            joined = lines[last]
            for first in range(last - 1, max(last - _TITLE_LINES, -1), -1):
                above = lines[first]
                if (
                    not self._may_be_title(above)
                    or self._is_title(above)
                    or (self._is_title(joined) and not self._is_fragment(above, joined))
                ):
                    break
                joined = _Words(above.folded + joined.folded, above.written + joined.written)
            if self._is_title(joined):
                return self._bare(joined)
        return None

    def _may_be_title(self, line: _Words) -> bool:
        folded = line.folded
        return (
            1 < len(folded) <= _TITLE_LINE_LONGEST
            and "|" not in folded
            and "：" not in folded
            and not folded.endswith("文件")
            and not folded.replace("-", "").replace("/", "").isdigit()
            and self.label.match(folded) is None
            and not self.title_blocked.search(folded)
            and not self.letterhead.match(folded)
            and not self._whole_number(folded)
        )

    def _whole_number(self, folded: str) -> bool:
        match = self.document_number.search(folded)
        return match is not None and len(folded) - (match.end() - match.start()) <= 2

    def _is_title(self, line: _Words) -> bool:
        folded = self.page_suffix.sub("", line.folded)
        return (
            len(folded) <= self.catalogue.metadata.title.longest
            and self.title_must.search(folded) is not None
            and self.title_ends.search(folded) is not None
        )

    def _is_fragment(self, above: _Words, below: _Words) -> bool:
        """Whether the line above a whole title is its beginning: an issuer before 关于, or a place."""
        # 法治政府 at the end of a line is what the report is about, no body
        if self.sign_off_issuer.search(above.folded) and not below.folded.startswith("建设"):
            return below.folded.startswith(("关于", "20", "法治")) or self.issuer_line.match(below.folded) is not None
        return below.folded.startswith(("关于", "法治", "年度", "工作", "建设")) and len(above.folded) <= 40

    def _bare(self, title: _Words) -> _Words:
        """A title without the document number in brackets before it and the page's name behind it."""
        suffix = self.page_suffix.search(title.folded)
        end = suffix.start() if suffix else len(title.folded)
        start = 0
        if title.folded[:1] in "[【［" and (close := _BRACKETED_NUMBER.match(title.folded)):
            start = close.end()
        return _Words(title.folded[start:end], title.written[start:end])

    def _labelled_title(self, labelled: dict[str, list[_Words]]) -> _Words | None:
        return next((value for value in labelled.get("title", ()) if self._is_title(value)), None)

    def _issuers(
        self, title: _Words | None, tail: list[_Words], labelled: dict[str, list[_Words]], lines: list[_Words]
    ) -> list[_Words]:
        """The issuing bodies: those of the title, of the sign-off, of a label, of the letterhead, in this order."""
        if title is not None and (match := self.issuer_in_title.match(title.folded)):
            named = self._bodies(_Words(match["issuers"], title.written[: match.end("issuers")]))
            return [self._in_full(body, [*tail, *labelled.get("issuer", ())]) for body in named]
        above = [w for w in lines if self._is_issuer_line(w)]
        if above:
            return above
        signed = [w for w in tail if self.sign_off_issuer.search(self._undated(w.folded)) and len(w.folded) <= 50]
        if signed:
            undated = [_Words(self._undated(w.folded), w.written[: len(self._undated(w.folded))]) for w in signed]
            return [self._in_full(body, labelled.get("issuer", [])) for words in undated for body in self._bodies(words)]
        for value in labelled.get("issuer", ()):
            if self.sign_off_issuer.search(value.folded):
                return self._bodies(value)
        for line in lines:
            if head := self.letterhead.match(line.folded):
                return [_Words(head["issuer"], line.written[: head.end("issuer")])]
        return []

    def _in_full(self, body: _Words, others: list[_Words]) -> _Words:
        """A body of the title under its longer name, where the sign-off or a label has one (县 before 镇人民政府)."""
        for words in others:
            folded = self._undated(words.folded)
            above = self.place_above.match(folded) if body.folded != folded and folded.endswith(body.folded) else None
            if above is not None and above.end() <= len(folded) - len(body.folded):
                return _Words(folded, words.written[: len(folded)])
        return body

    def _undated(self, folded: str) -> str:
        """A sign-off line without the date behind the name and the seal's mark."""
        return self.sign_off_tail.sub("", folded)

    def _is_issuer_line(self, words: _Words) -> bool:
        """A body alone on a line above the title."""
        folded = words.folded
        return (
            len(folded) >= 4
            and "、" not in folded
            and self.issuer_alone.fullmatch(folded) is not None
            and self._may_be_title(words)
        )

    def _bodies(self, words: _Words) -> list[_Words]:
        """One body after another, as they stand: parted by marks, or each beginning anew (中共…委员会…人民政府)."""
        found, at = [], 0
        for match in self.issuer_body.finditer(words.folded):
            if match.start() != at:
                break
            found.append(_Words(match["body"], words.written[match.start("body") : match.end("body")]))
            at = match.end()
            while at < len(words.folded) and words.folded[at] in "、，和":
                at += 1
        return found or [words]

    def _township(
        self, title: _Words | None, issuers: list[_Words], opening: list[_Words], lines: list[_Words]
    ) -> _Words | None:
        sources = [*issuers, *([title] if title else [])]
        if not issuers:
            sources += [_Words(w.folded[:_OPENING], w.written[:_OPENING]) for w in opening[:3]] + lines
        for words in sources:
            place = self._short_place(words)
            if place is not None:
                return place
        return None

    def _short_place(self, words: _Words) -> _Words | None:
        """The 镇, 乡 or 街道 of a longer name, without the county and city before it."""
        rules = self.catalogue.metadata
        for match in self.township.finditer(words.folded):
            start, end = match.span("name")
            name = words.folded[start:end]
            for above in self.place_above.finditer(name):
                if len(name) - above.end() >= 2:
                    start = match.start("name") + above.end()
            name = words.folded[start:end]
            lead = self.place_lead.match(name)
            if lead:
                start += lead.end()
                name = words.folded[start:end]
            if len(name) >= 2 and name not in rules.township_blocked and not name.endswith(rules.township_not_end):
                return _Words(name, words.written[start:end])
        return None

    def _county(self, title: _Words | None, issuers: list[_Words], head: list[_Words]) -> str | None:
        addressee = (w for w in head[:2] if self.addressee.fullmatch(w.folded))
        for words in chain(issuers, [title] if title else [], addressee):
            lead = self.place_lead.match(words.folded)
            offset = lead.end() if lead else 0
            bare = words.folded[offset:]
            found = [m for m in self.county.finditer(bare) if len(m["name"]) >= 3 or m.start() == 0]
            if found and found[0].start() == 0:
                last = found[-1] if len(found) > 1 and found[1].start() == found[0].end() else found[0]
                return words.written[offset + last.start() : offset + last.end()]
        return None

    def _addressee(self, head: list[_Words]) -> str | None:
        rules = self.catalogue.metadata
        for words in head:
            if len(words.folded) > rules.addressee_longest or any(b in words.folded for b in rules.addressee_blocked):
                continue
            if match := self.addressee.fullmatch(words.folded):
                return words.written[: match.end("body")] if "（" not in words.folded else words.written.rstrip("：:")
        return None

    def _document_number(self, labelled: dict[str, list[_Words]], lines: list[_Words], opening: list[_Words]) -> str | None:
        for value in labelled.get("document_number", ()):
            if match := self.document_number.search(value.folded) or self.damaged_number.search(value.folded):
                return value.written[match.start() : match.end()]
        for words in lines:
            if len(words.folded) > 90 or self.label.match(words.folded):
                continue
            if match := self.document_number.search(words.folded) or self.damaged_number.search(words.folded):
                return words.written[match.start() : match.end()]
        return None

    def _index_number(self, labelled: dict[str, list[_Words]]) -> str | None:
        for value in labelled.get("index_number", ()):
            if any(c.isdigit() for c in value.folded):
                return value.written
        return None

    def _issue_date(self, tail: list[_Words], labelled: dict[str, list[_Words]], lines: list[_Words]) -> str | None:
        """The date of the sign-off, of a label, of the meeting that the report was given to, in this order."""
        for words in reversed(tail):
            if date := self._date(words.folded):
                return date
        for value in labelled.get("issue_date", ()):
            if date := self._date(value.folded):
                return date
        alone = [line.folded for line in lines]
        # the line may be broken in two
        joined = [above + below for above, below in pairwise(alone)]
        return next((self._date(words) for words in [*alone, *joined] if self.delivered.match(words)), None)

    def _date(self, folded: str) -> str | None:
        if match := self.date.search(folded):
            year, month, day = int(match["year"]), int(match["month"]), int(match["day"])
        elif match := self.chinese_date.search(folded):
            year = int("".join(_DIGITS.get(c, c) for c in match["year"]))
            month, day = int(parse_chinese(match["month"]) or 0), int(parse_chinese(match["day"]) or 0)
        else:
            return None
        if not (1 <= month <= 12 and 1 <= day <= 31):
            return None
        return f"{year:04d}-{month:02d}-{day:02d}"

    def _year(
        self,
        title: _Words | None,
        opening: list[_Words],
        nodes: tuple[Node, ...],
        document_number: str | None,
        issue_date: str | None,
    ) -> int | None:
        """The year reported on: title, then 现将…年, the opening words, the first heading, then the dates less one."""
        if title is not None and (found := _YEAR_IN_TITLE.search(title.folded)):
            return int("".join(_DIGITS.get(c, c) for c in found[1]))
        text = "\n".join(w.folded for w in opening)
        for pattern in self.years_in_opening:
            if found := pattern.search(text):
                return int(found["year"])
        for node in nodes[:1]:
            if (match := self.year_in_heading.search(node.heading)) and not self.later_year_headings.search(node.heading):
                return int(match["year"])
        if document_number and (match := _YEAR.search(document_number)):
            return int(match[0]) - 1
        if issue_date is not None:
            return int(issue_date[:4]) - (1 if int(issue_date[5:7]) <= 6 else 0)
        return None
