"""Numbers and what belongs to them: value, unit, qualifier; and every other run of digits, with the reason it is none.

The text is scanned once for runs of digits and Chinese numerals. At each run the rules of `numbers.yaml` are tried in their
order; what none of them claims is read by the grammar of quantities.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

import regex

from extractor.catalogue.models import Catalogue
from extractor.models import Qualifier
from extractor.numerals import parse_arabic, parse_chinese, spread
from extractor.types import Measure, Skip

NUMERALS = "〇零○一二两三四五六七八九十百千万亿"
RUN = regex.compile(rf"\d+|[{NUMERALS}]+|[①-⑮]")
"""What counts as one number for the coverage: a run of digits, or one of Chinese numerals."""

_CANDIDATE = regex.compile(rf"[第〔［\[（【「前居列排名首头末上下本历每逐多数屡再几A-Za-z+＋]{{0,3}}?(?:\d|[{NUMERALS}①-⑮])")
_BOUNDARY = frozenset("，；：。（）！？\n、“”")
_MULTIPLIERS = ("万亿", "亿", "千万", "百万", "十万", "万", "千", "百")
_APPROXIMATE = {"数": 1, "几": 1, "上": 1, "成": 1}


class Zero(NamedTuple):
    """A negation that may say zero: the span of its words, and its unit if one is written."""

    start: int
    end: int
    unit: str | None
    strong: bool


@dataclass(frozen=True)
class QuantityGrammar:
    """The number grammar with the words of `units.yaml`, `numbers.yaml` and `modality.yaml`."""

    catalogue: Catalogue

    @cached_property
    def unit(self) -> str:
        """One measure word, longest first, each with what must not follow it."""
        words: dict[str, str] = {}
        for group in self.catalogue.units.measure_words:
            guard = f"(?!{_any(group.blocked)})" if group.blocked else ""
            words |= {word: regex.escape(word) + guard for word in group.words}
        ordered = "|".join(words[word] for word in sorted(words, key=lambda w: (-len(w), w)))
        joined = _any(self.catalogue.units.bracketed)
        return rf"(?:{ordered})(?:（(?:{joined})）)?"

    @cached_property
    def quantity(self) -> regex.Pattern[str]:
        numbers = self.catalogue.numbers
        between = "".join(word for group in numbers.qualifiers.between for word in group.words)
        after = _any([word for group in numbers.qualifiers.after for word in group.words])
        percent = _any(numbers.percent.signs)
        digits = r"\d+(?:,\d{3})*(?:\.\d+)?"
        scale = _any(_MULTIPLIERS)
        chinese = f"[{NUMERALS}]+"
        tenths = regex.escape(numbers.percent.tenths)
        not_tenths = _any(numbers.percent.tenths_blocked)
        arabic = (
            rf"(?P<d>{digits})(?P<s>{scale})?(?:(?:{percent})?{self.unit.join(('(?:', ')?'))}"
            rf"(?:至|到|—+|－|-|～|~|–)(?P<d2>{digits})(?P<s2>{scale})?)?"
            rf"(?P<b>[{between}])?(?P<s3>万|亿|千|百)?"
        )
        numeral = (
            rf"(?P<c>(?:数|几|上|好几)(?=[十百千万亿])[十百千万亿]+|{chinese})"
            rf"(?:(?:至|到|—|-)(?P<c2>{chinese}))?(?P<cb>[{between}])?(?P<cs>万|亿)?"
        )
        fraction = (
            rf"{regex.escape(numbers.percent.fraction)}(?P<f>{chinese}(?:点[{NUMERALS}]+)?|{digits})"
            rf"(?:(?:至|到)(?:{regex.escape(numbers.percent.fraction)})?(?P<f2>{chinese}))?(?P<fb>[{between}])?"
        )
        tenth = rf"(?P<t>[一二两三四五六七八九\d])(?P<t1>[{between}])?{tenths}(?!{not_tenths})(?P<t2>[一二三四五六七八九])?(?P<tb>[{between}])?"
        tail = rf"(?P<u>{percent}|{self.unit})?(?P<a>{after})?"
        return regex.compile(rf"(?:{fraction}|{tenth}|{arabic}{tail}|{numeral}{tail})")

    @cached_property
    def between(self) -> dict[str, Qualifier]:
        return {w: g.qualifier for g in self.catalogue.numbers.qualifiers.between for w in g.words}

    @cached_property
    def before(self) -> dict[str, Qualifier]:
        return {w: g.qualifier for g in self.catalogue.numbers.qualifiers.before for w in g.words}

    @cached_property
    def before_lengths(self) -> tuple[int, ...]:
        return tuple(sorted({len(word) for word in self.before}, reverse=True))

    @cached_property
    def after(self) -> dict[str, Qualifier]:
        return {w: g.qualifier for g in self.catalogue.numbers.qualifiers.after for w in g.words}

    @cached_property
    def skips(self) -> tuple[regex.Pattern[str], tuple[str, ...]]:
        """One pattern of all skip rules, and the reason of each by its group's number."""
        rules = self.catalogue.numbers.skip
        joined = "|".join(f"(?P<r{n}>{_uncaptured(rule.pattern)})" for n, rule in enumerate(rules))
        return regex.compile(joined), tuple(rule.reason for rule in rules)

    @cached_property
    def enclosed(self) -> tuple[regex.Pattern[str], tuple[str, ...]]:
        pairs = self.catalogue.numbers.enclosed
        joined = "|".join(
            f"(?P<e{n}>{regex.escape(p.open)}[^{regex.escape(p.open + p.close)}\n]{{1,{p.longest}}}{regex.escape(p.close)})"
            for n, p in enumerate(pairs)
        )
        return regex.compile(joined), tuple(pair.reason for pair in pairs)

    @cached_property
    def articles(self) -> frozenset[str]:
        return frozenset(w for group in self.catalogue.units.measure_words if group.article for w in group.words)

    @cached_property
    def article_verbs(self) -> regex.Pattern[str]:
        return regex.compile(f"(?:{_any(self.catalogue.numbers.article_one.verbs)})[了过之]?$")

    @cached_property
    def article_blocked(self) -> regex.Pattern[str]:
        return regex.compile(_any(self.catalogue.numbers.article_one.not_before))

    @cached_property
    def one_blocked(self) -> regex.Pattern[str]:
        return regex.compile(_any(self.catalogue.numbers.one_not_before))

    @cached_property
    def starts_unit(self) -> frozenset[str]:
        """First characters of what may follow a Chinese numeral that is a quantity or is skipped for a reason of its own."""
        words = [w for group in self.catalogue.units.measure_words for w in group.words]
        words += [*self.between, *self.after, *self.catalogue.numbers.percent.signs, self.catalogue.numbers.percent.tenths]
        return frozenset(word[0] for word in words) | set("年月日号天周小学课季工级层是要则方、）.．至到—-分半岁旬载昼秒法自星")

    @cached_property
    def zero(self) -> regex.Pattern[str]:
        rules = self.catalogue.modality.zero
        blocked_before = "|".join(map(regex.escape, rules.weak_blocked_before))
        blocked_after = "|".join(map(regex.escape, rules.weak_blocked_after))
        return regex.compile(
            rf"(?P<one>{_any(rules.unit_one)})(?P<unit>{self.unit})?"
            rf"|(?P<strong>{_any(rules.strong)})"
            rf"|(?<!{blocked_before})(?P<weak>{_any(rules.weak)})(?!{blocked_after})"
        )

    def scan(self, text: str, end: int, names: list[tuple[int, int, str]]) -> tuple[list[Measure], list[Skip]]:
        """Quantities and skipped runs of `text` up to `end`, in text order.

        `names` are spans of words with a number in them and their skip reasons, in text order.
        """
        measures: list[Measure] = []
        skips: list[Skip] = []
        names = sorted([*names, *self._enclosed_spans(text)])
        name_starts = [start for start, _, _ in names]
        skip_pattern, reasons = self.skips
        at = 0
        while (candidate := _CANDIDATE.search(text, at, end)) is not None:
            run = candidate.end() - 1
            covered = _cover(names, name_starts, run)
            if covered is not None:
                skips.append(Skip(run, covered[1], covered[2]))
                at = covered[1]
                continue
            if text[run] in NUMERALS and candidate.start() == run:
                following = _after_numerals(text, run)
                if text[following : following + 1] not in self.starts_unit and text[run] not in "百十千万亿":
                    skips.append(Skip(run, following, "word"))
                    at = following
                    continue
            skip = self._skip(skip_pattern, reasons, text, candidate.start(), run, end)
            if skip is None:
                found = self._read(text, run, end)
                if isinstance(found, Skip):
                    skip = found
                else:
                    measures.append(found)
                    at = found.end
                    continue
            skips.append(skip)
            at = max(skip.end, run + 1)
        return measures, skips

    def _enclosed_spans(self, text: str) -> list[tuple[int, int, str]]:
        pattern, reasons = self.enclosed
        return [(*m.span(), reasons[int(m.lastgroup[1:])]) for m in pattern.finditer(text) if m.lastgroup]

    def _skip(
        self, pattern: regex.Pattern[str], reasons: tuple[str, ...], text: str, first: int, run: int, end: int
    ) -> Skip | None:
        """The first skip rule that matches at the run or at the few characters before it and reaches into it."""
        for start in range(first, run + 1):
            match = pattern.match(text, start, end)
            if match and match.end() > run and match.lastgroup:
                return Skip(start, match.end(), reasons[int(match.lastgroup[1:])])
        return None

    def _read(self, text: str, run: int, end: int) -> Measure | Skip:
        start = run
        fraction = self.catalogue.numbers.percent.fraction
        if text[run] in NUMERALS and text.startswith(fraction, run):
            pass
        elif text[run - 1 : run] in ("数", "几", "上", "好") and text[run] in "十百千万亿":
            start = run - 1
        match = self.quantity.match(text, start, end)
        if match is None and start != run:
            start = run
            match = self.quantity.match(text, start, end)
        if match is None:
            return Skip(run, _after_numerals(text, run) if text[run] in NUMERALS else run + 1, "word")
        if match["f"] or match["t"]:
            return self._share(text, match)
        if match["d"]:
            return self._arabic(text, match)
        return self._chinese(text, match)

    def _share(self, text: str, match: regex.Match[str]) -> Measure | Skip:
        """百分之九十五 and 八成五: percentages."""
        if match["f"]:
            value, high = _decimal(match["f"]), _decimal(match["f2"]) if match["f2"] else None
            between = match["fb"]
        else:
            tenth = match["t"]
            digit = Decimal(tenth) if tenth.isdigit() else parse_chinese(tenth)
            second = parse_chinese(match["t2"]) if match["t2"] else Decimal(0)
            value = None if digit is None or second is None else digit * 10 + second
            high, between = None, match["tb"] or match["t1"]
        if value is None:
            return Skip(match.start(), match.end(), "word")
        end = match.end()
        after = next((w for w in self.after if text.startswith(w, end)), "")
        return self._measure(text, match.start(), end + len(after), value, high, "%", between, after)

    def _arabic(self, text: str, match: regex.Match[str]) -> Measure | Skip:
        scale = (match["s"] or "") if match["d2"] is None else match["s"] or match["s2"] or ""
        value = parse_arabic(match["d"], scale)
        if match["s3"]:
            value *= parse_arabic("1", match["s3"])
        high = None
        if match["d2"]:
            high = parse_arabic(match["d2"], match["s2"] or match["s3"] or "")
            if match["s3"] and not match["s2"]:
                value = parse_arabic(match["d"], scale) * parse_arabic("1", match["s3"])
        unit = match["u"]
        if unit is None and high is None and not self._stands_bare(text, match):
            return Skip(match.start(), match.end("d"), "bare_number")
        return self._measure(text, match.start(), match.end(), value, high, unit, match["b"], match["a"] or "")

    def _stands_bare(self, text: str, match: regex.Match[str]) -> bool:
        """Whether a number without a unit states something: after words of its clause, and not part of a longer sign."""
        before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        if match["s"] or match["b"] or match["s3"]:
            return True
        if after.isascii() and after.isalnum() or before.isascii() and (before.isalnum() or before in "./-+"):
            return False
        if len(match["d"]) > 6 and "." not in match["d"]:
            return False
        return before not in _BOUNDARY and before != "" and not before.isascii()

    def _chinese(self, text: str, match: regex.Match[str]) -> Measure | Skip:
        numeral, unit = match["c"], match["u"]
        start, end = match.span()
        end_of_numeral = max(match.end("c"), match.end("c2"))
        if unit is None and not (match["cb"] and match["cs"]):
            return Skip(start, end_of_numeral, "word")
        if numeral == "一" and match["c2"] is None and self._is_article(text, start, end, unit or ""):
            return Skip(start, end_of_numeral, "article")
        loose = numeral[0] if numeral[0] in "数几上" else ""
        bare = numeral[len(loose) :].lstrip("几")
        value = parse_chinese(bare)
        high = parse_chinese(match["c2"]) if match["c2"] else None
        between = match["cb"] or ""
        if value is None:
            bounds = spread(bare)
            if bounds is None:
                return Skip(start, end_of_numeral, "word")
            value, high = bounds
        if match["cs"]:
            value *= parse_arabic("1", match["cs"])
        if match["c2"] and high is not None and bare[-1:] not in "十百千万亿" and match["c2"][-1:] in "十百千万亿" and value < 10:
            value *= high // (parse_chinese(match["c2"][0]) or 1)
        measure = self._measure(text, start, end, value, high, unit, between, match["a"] or "")
        return measure._replace(qualifier="over") if loose else measure

    def _is_article(self, text: str, start: int, end: int, unit: str) -> bool:
        """Whether 一 and its measure word are an article or part of an idiom, and no count."""
        rules = self.catalogue.numbers.article_one
        if self.one_blocked.match(text, start + 1):
            return True
        if text[start + 1 : start + 2] == text[end : end + 1] or text.endswith(rules.not_after, 0, start):
            return True
        if unit not in self.articles or text[start + 1 : start + 2] in "余多来":
            return False
        if self.article_blocked.match(text, start + 1):
            return True
        if rules.after_noun and text[end : end + 1] in "，。；、）\n" and text[start - 1 : start] not in _BOUNDARY:
            return False
        return self.article_verbs.search(text, max(0, start - 8), start) is None

    def _measure(
        self,
        text: str,
        start: int,
        end: int,
        value: Decimal,
        high: Decimal | None,
        unit: str | None,
        between: str | None,
        after: str,
    ) -> Measure:
        """Put the parts together: the qualifier before the number joins the span, money is in 元, brackets leave the unit."""
        number_start = start
        qualifier: Qualifier = "exact"
        if between:
            qualifier = self.between[between]
        if after:
            qualifier = self.after[after]
        for length in self.before_lengths:
            word = text[start - length : start]
            if word in self.before:
                start -= length
                qualifier = self.before[word]
                break
        if high is not None and qualifier == "exact":
            qualifier = "range"
        if unit is not None:
            unit = unit.replace("（", "").replace("）", "")
            if unit.endswith(self.catalogue.numbers.percent.point):
                unit = self.catalogue.numbers.percent.point
        low = value if high is not None else None
        if low is not None and high is not None and low > high:
            low, high = high, low
        return Measure(
            start, end, number_start, None if high is not None else value, low, high, unit, qualifier, False
        )

    def zeros(self, text: str, end: int) -> list[Zero]:
        """Negations that may say zero, in text order."""
        found = []
        for match in self.zero.finditer(text, 0, end):
            if match["one"]:
                stop = match.end() if match["unit"] else match.end("one")
                unit = match["unit"]
                if unit is not None:
                    unit = unit.replace("（", "").replace("）", "")
                found.append(Zero(match.start(), stop, unit, True))
            else:
                found.append(Zero(match.start(), match.end(), None, match["strong"] is not None))
        return found


def _any(words: list[str] | tuple[str, ...]) -> str:
    """An alternation of words, the longest first; refuses an empty one, which would match everywhere."""
    if not words:
        raise ValueError("an alternation needs a word")
    return "(?:" + "|".join(regex.escape(w) for w in sorted(words, key=lambda w: (-len(w), w))) + ")"


def _uncaptured(pattern: str) -> str:
    return regex.sub(r"\(\?P<\w+>", "(?:", pattern)


def _after_numerals(text: str, at: int) -> int:
    while at < len(text) and text[at] in NUMERALS:
        at += 1
    return at


def _decimal(words: str) -> Decimal | None:
    if words[0].isdigit():
        return parse_arabic(words)
    whole, point, part = words.partition("点")
    value = parse_chinese(whole)
    if value is None or not point:
        return value
    digits = [parse_chinese(c) for c in part]
    return value + sum((d * Decimal(1).scaleb(-n) for n, d in enumerate(digits, 1) if d is not None), Decimal(0))


def _cover(names: list[tuple[int, int, str]], starts: list[int], at: int) -> tuple[int, int, str] | None:
    """The name that the character at `at` is part of."""
    for place in range(bisect_right(starts, at) - 1, max(bisect_right(starts, at) - 4, -1), -1):
        if names[place][1] > at:
            return names[place]
    return None
