"""Numbers and what belongs to them: value, unit, qualifier; and every other run of digits, with the reason it is none.

The text is scanned once for runs of digits and Chinese numerals. At each run the rules of `numbers.yaml` are tried in their
order; what none of them claims is read by the grammar of quantities.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import regex

from extractor.models import Qualifier
from extractor.numerals import parse_arabic, parse_chinese, spread
from extractor.patterns import compile_pattern
from extractor.types import Measure, Skip

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue

NUMERALS = "〇零○一二两三四五六七八九十百千万亿"
RUN = re.compile(rf"[\d{NUMERALS}①-⑮](?:(?<=\d)\d*|(?<=[{NUMERALS}])[{NUMERALS}]*|)")
"""What counts as one number for the coverage: a run of digits, or one of Chinese numerals."""
# it begins with one class of characters, and needs nothing that only `regex` has: `re` leaps from one to the next

_CANDIDATE = re.compile(rf"[第〔［\[（【「前居列排名首头末上下本历每逐多数屡再几A-Za-z+＋]{{0,3}}?[\d{NUMERALS}①-⑮]")
_BOUNDARY = frozenset("，；：。（）！？\n、“”")
_MULTIPLIERS = ("万亿", "亿", "千万", "百万", "十万", "万", "千", "百")
_NUMERAL_SCALES = frozenset("百千万亿")
_ROUND = frozenset({"十万", "百万", "千万", "万", "亿", "十亿", "百亿", "千亿"})
"""Numbers that may stand without digits and unit: 突破百万."""
_PARTING = frozenset("、。”》\n")
"""Marks that part a number from what stands before it as a word does."""
_SCALES = frozenset("十百千万亿")
_APPROXIMATE = frozenset("数几上")
_NAMES_NESTED = 3
"""How many names may begin inside one another."""
_TO = frozenset("至到—－～~–-")
"""What may stand between the two numbers of a range; dashes may be several."""
_DIGITS = r"\d+(?:,\d{3})*(?:\.\d+)?"


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
    def units(self) -> dict[str, tuple[str, ...]]:
        """Every measure word and what must not follow it; signs of percentages too."""
        words = {word: group.blocked for group in self.catalogue.units.measure_words for word in group.words}
        return words | dict.fromkeys(self.catalogue.numbers.percent.signs, ())

    @cached_property
    def units_by_first(self) -> dict[str, tuple[tuple[str, int, tuple[str, ...]], ...]]:
        """The measure words that begin with a character, the longest first: each with its length and what must not follow."""
        found: dict[str, list[tuple[str, int, tuple[str, ...]]]] = {}
        for word in sorted(self.units, key=len, reverse=True):
            found.setdefault(word[0], []).append((word, len(word), self.units[word]))
        return {first: tuple(words) for first, words in found.items()}

    @cached_property
    def bracketed(self) -> regex.Pattern[str]:
        return compile_pattern(rf"（(?:{_any(self.catalogue.units.bracketed)})）")

    @cached_property
    def scaled(self) -> str:
        """What may follow digits: 万 and its like, and words between it and the unit; 千 of 千瓦时 is none."""
        units = [word for word in self.units if word[0] in _NUMERAL_SCALES]
        scale = f"(?:{f'(?!{_any(units)})' if units else ''}(?P<{{}}>{{}}))?"
        return scale.format("s", _any(_MULTIPLIERS)) + f"(?P<b>[{''.join(self.between)}])?" + scale.format("s3", "万|亿|千|百")

    @cached_property
    def arabic(self) -> re.Pattern[str]:
        return re.compile(rf"(?P<d>{_DIGITS}){self.scaled}")

    @cached_property
    def short(self) -> re.Pattern[str]:
        """Numbers that no skip rule claims where a measure word follows: few digits, for a hotline has more.

        2.0版 is a name.
        """
        between = "".join(self.between)
        return re.compile(rf"(\d{{1,3}}(?!\d)(?:\.\d+(?![\d版千百]))?)(万|亿)?([{between}])?(?:(?<=\d)|(?![千百]))")

    @cached_property
    def arabic_range(self) -> re.Pattern[str]:
        """The second number of a range, with what stands between the two."""
        return re.compile(rf"(?:—+|[{''.join(sorted(_TO))}])(?P<d>{_DIGITS}){self.scaled}")

    @cached_property
    def chinese(self) -> re.Pattern[str]:
        return re.compile(
            rf"(?P<c>(?:数|几|上|好几)(?=[十百千万亿])[十百千万亿]+|[{NUMERALS}]+)"
            rf"(?:(?:至|到|—|-)(?P<c2>[{NUMERALS}]+))?(?P<cb>[{''.join(self.between)}])?(?P<cs>万|亿)?"
        )

    @cached_property
    def share_first(self) -> str:
        return self.catalogue.numbers.percent.fraction[0]

    @cached_property
    def tenths(self) -> str:
        return self.catalogue.numbers.percent.tenths

    @cached_property
    def share(self) -> re.Pattern[str]:
        """百分之九十五 and 八成五."""
        percent, between = self.catalogue.numbers.percent, "".join(self.between)
        fraction = regex.escape(percent.fraction)
        return re.compile(
            rf"{fraction}(?P<f>[{NUMERALS}]+(?:点[{NUMERALS}]+)?|{_DIGITS})"
            rf"(?:(?:至|到)(?:{fraction})?(?P<f2>[{NUMERALS}]+))?(?P<fb>[{between}])?"
            rf"|(?P<t>[一二两三四五六七八九\d])(?P<t1>[{between}])?{regex.escape(percent.tenths)}(?!{_any(percent.tenths_blocked)})"
            rf"(?P<t2>[一二三四五六七八九])?(?P<tb>[{between}])?"
        )

    @cached_property
    def between(self) -> dict[str, Qualifier]:
        return {w: g.qualifier for g in self.catalogue.numbers.qualifiers.between for w in g.words}

    @cached_property
    def before(self) -> dict[str, Qualifier]:
        return {w: g.qualifier for g in self.catalogue.numbers.qualifiers.before for w in g.words}

    @cached_property
    def before_lasts(self) -> dict[str, tuple[str, ...]]:
        """The qualifiers before a number by their last character, the longest first."""
        words = sorted(self.before, key=len, reverse=True)
        return {last: tuple(w for w in words if w[-1] == last) for last in {word[-1] for word in words}}

    @cached_property
    def stated_units(self) -> dict[str, str]:
        """What stands in the record for each measure word: 个百分点 are 百分点."""
        point = self.catalogue.numbers.percent.point
        return {word: point if word.endswith(point) else word for word in self.units}

    @cached_property
    def after(self) -> dict[str, Qualifier]:
        return {w: g.qualifier for g in self.catalogue.numbers.qualifiers.after for w in g.words}

    @cached_property
    def after_by_first(self) -> dict[str, tuple[str, ...]]:
        """The qualifiers behind a number by their first character."""
        return {word[0]: tuple(w for w in self.after if w[0] == word[0]) for word in self.after}

    @cached_property
    def skip_patterns(self) -> dict[str, regex.Pattern[str] | None]:
        """One pattern of the skip rules that may begin with a character, as far as texts have needed them."""
        return {}

    @cached_property
    def skip_reasons(self) -> dict[str, str]:
        """Why a run is skipped, by the group of its rule."""
        return {f"r{number}": rule.reason for number, rule in enumerate(self.catalogue.numbers.skip)}

    def _skip_pattern(self, first: str) -> regex.Pattern[str] | None:
        """One pattern of the rules that may begin with this character."""
        able = self.catalogue.skip_firsts.get(first) or self.catalogue.skip_firsts[""]
        rules = self.catalogue.numbers.skip
        joined = "|".join(f"(?P<r{number}>{_uncaptured(rules[number].pattern)})" for number in able)
        return compile_pattern(joined) if able else None

    @cached_property
    def enclosed(self) -> tuple[regex.Pattern[str], tuple[str, ...]]:
        pairs = self.catalogue.numbers.enclosed
        joined = "|".join(
            f"(?P<e{n}>{regex.escape(p.open)}[^{regex.escape(p.open + p.close)}\n]{{1,{p.longest}}}{regex.escape(p.close)})"
            for n, p in enumerate(pairs)
        )
        return compile_pattern(joined), tuple(pair.reason for pair in pairs)

    @cached_property
    def articles(self) -> frozenset[str]:
        return frozenset(w for group in self.catalogue.units.measure_words if group.article for w in group.words)

    @cached_property
    def starts_unit(self) -> frozenset[str]:
        """First characters of what may follow a Chinese numeral that is a quantity or is skipped for a reason of its own."""
        words = [w for group in self.catalogue.units.measure_words for w in group.words]
        words += [*self.between, *self.after, *self.catalogue.numbers.percent.signs, self.catalogue.numbers.percent.tenths]
        return frozenset(word[0] for word in words) | set("年月日号天周小学课季工级层是要则方、）.．至到—-分半岁旬载昼秒法自星")

    @cached_property
    def zero(self) -> regex.Pattern[str]:
        rules = self.catalogue.modality.zero
        return compile_pattern(
            rf"(?P<one>{_any(rules.unit_one)})|一(?P<unit>{_any([*self.units])}){_any(rules.after_one)}"
            rf"|(?P<strong>{_any(rules.strong)})|(?P<weak>{_any(rules.weak)})"
        )

    def scan(self, text: str, end: int, names: list[tuple[int, int, str]]) -> tuple[list[Measure], list[Skip]]:
        """Quantities and skipped runs of `text` up to `end`, in text order.

        `names` are spans of words with a number in them and their skip reasons, in text order.
        """
        measures: list[Measure] = []
        skips: list[Skip] = []
        names = sorted([*names, *self._enclosed_spans(text)])
        ahead = covered_to = at = 0
        while (candidate := _CANDIDATE.search(text, at, end)) is not None:
            run = candidate.end() - 1
            while ahead < len(names) and names[ahead][0] <= run:
                covered_to = max(covered_to, names[ahead][1])
                ahead += 1
            covered = _cover(names[max(ahead - _NAMES_NESTED, 0) : ahead], run) if run < covered_to else None
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
            plain = self._plain(text, run) if candidate.start() == run else None
            if plain is not None:
                measures.append(plain)
                at = plain.end
                continue
            skip = self._skip(text, candidate.start(), run, end)
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

    def _plain(self, text: str, run: int) -> Measure | None:
        """A number that is plainly a count, few digits and a measure word after a Chinese word: no skip rule applies to it."""
        previous = text[run - 1 : run]
        if previous < "\u4e00" and previous not in _PARTING:
            return None
        number = self.short.match(text, run)
        if number is None:
            return None
        at = number.end()
        written = self._unit(text, at)
        if written is None:
            return None
        end = at + len(written)
        if text[end : end + 1] in _TO:
            return None
        digits, scale, between = number.groups()
        unit = self.stated_units.get(written) or _bare_unit(written)
        after = self._after(text, end)
        before = self._before(text, run) if previous in self.before_lasts else ""
        return Measure(
            run - len(before),
            end + len(after),
            run,
            parse_arabic(digits, scale or ""),
            None,
            None,
            unit,
            self._qualifier(before, between, after),
            False,
            at if unit == written else None,
        )

    def _qualifier(self, before: str, between: str | None, after: str) -> Qualifier:
        """What the words before, inside and after a number say of it: those before it most."""
        if before:
            return self.before[before]
        if after:
            return self.after[after]
        return self.between[between] if between else "exact"

    def _skip(self, text: str, begin: int, run: int, end: int) -> Skip | None:
        """The first skip rule that matches at the run or at the few characters before it and reaches into it."""
        patterns = self.skip_patterns
        for start in range(begin, run + 1):
            first = text[start]
            if first not in patterns:
                patterns[first] = self._skip_pattern(first)
            pattern = patterns[first]
            match = pattern.match(text, start, end) if pattern else None
            if match and match.end() > run and match.lastgroup:
                return Skip(start, match.end(), self.skip_reasons[match.lastgroup])
        return None

    def _read(self, text: str, run: int, end: int) -> Measure | Skip:
        if (text[run] == self.share_first or self.tenths in text[run + 1 : run + 3]) and (
            match := self.share.match(text, run, end)
        ):
            return self._share(text, match)
        if text[run] not in NUMERALS:
            match = self.arabic.match(text, run, end)
            return self._arabic(text, match, end) if match else Skip(run, run + 1, "word")
        start = run - 1 if text[run - 1 : run] in _APPROXIMATE and _is_round(text, run) else run
        match = self.chinese.match(text, start, end)
        assert match is not None, "a run of numerals is a numeral"
        return self._chinese(text, match)

    def _unit(self, text: str, at: int) -> str | None:
        """The longest measure word at a place that what follows does not turn into another word."""
        for word, length, blocked in self.units_by_first.get(text[at : at + 1], ()):
            if text.startswith(word, at) and not text.startswith(blocked, at + length):
                joined = self.bracketed.match(text, at + length) if text.startswith("（", at + length) else None
                return word + joined[0] if joined else word
        return None

    def _before(self, text: str, at: int) -> str:
        """The qualifier that ends at a place, unless it is the end of another word."""
        blocked = self.catalogue.numbers.qualifiers.blocked
        for word in self.before_lasts[text[at - 1]]:
            if text.endswith(word, 0, at) and not text.endswith(blocked.get(word, ()), 0, at - len(word)):
                return word
        return ""

    def _after(self, text: str, at: int) -> str:
        words = self.after_by_first.get(text[at : at + 1])
        return next((word for word in words if text.startswith(word, at)), "") if words else ""

    def _share(self, text: str, match: re.Match[str]) -> Measure | Skip:
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
        after = self._after(text, match.end())
        return self._measure(text, match.start(), match.end() + len(after), value, high, "%", between, after)

    def _arabic(self, text: str, match: re.Match[str], limit: int) -> Measure | Skip:
        value = parse_arabic(match["d"], match["s"] or "")
        if match["s3"]:
            value *= parse_arabic("1", match["s3"])
        end, between, high = match.end(), match["b"], None
        unit = self._unit(text, end)
        to = end + len(unit or "")
        second = self.arabic_range.match(text, to, limit) if text[to : to + 1] in _TO else None
        if second:
            scale = second["s"] or second["s3"] or ""
            high = parse_arabic(second["d"], scale)
            value = value if match["s"] or match["s3"] else parse_arabic(match["d"], scale)
            between, end = second["b"] or between, second.end()
            following = self._unit(text, end)
            if following is None and unit is not None:
                return self._measure(text, match.start(), end, value, high, unit, between, "")
            unit = following
        elif unit is None and not self._stands_bare(text, match):
            return Skip(match.start(), match.end("d"), "bare_number")
        end += len(unit or "")
        after = self._after(text, end)
        return self._measure(text, match.start(), end + len(after), value, high, unit, between, after)

    def _stands_bare(self, text: str, match: re.Match[str]) -> bool:
        """Whether a number without a unit states something: after words of its clause, and not part of a longer sign."""
        before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        if match["s"] or match["b"] or match["s3"] or (before == "：" and after in ("", "\n")):
            return True
        if (after.isascii() and after.isalnum()) or (before.isascii() and (before.isalnum() or before in "./-+")):
            return False
        if len(match["d"]) > 6 and "." not in match["d"]:
            return False
        return before not in _BOUNDARY and before != "" and not before.isascii()

    def _chinese(self, text: str, match: re.Match[str]) -> Measure | Skip:
        start, end = match.span()
        numeral, unit = match["c"], self._unit(text, end)
        end_of_numeral = max(match.end("c"), match.end("c2"))
        if unit is None and not (match["cb"] and match["cs"]) and not self._is_round(text, match):
            return Skip(start, end_of_numeral, "word")
        end += len(unit or "")
        if numeral == "一" and match["c2"] is None and self._is_article(text, start, end, unit or ""):
            return Skip(start, end_of_numeral, "article")
        loose = numeral[0] if numeral[0] in "数几上好" else ""
        bounds = _bounds(numeral.lstrip("数几上好"), match["c2"])
        if bounds is None:
            return Skip(start, end_of_numeral, "word")
        value, high = bounds
        if match["cs"]:
            value *= parse_arabic("1", match["cs"])
        after = self._after(text, end)
        measure = self._measure(text, start, end + len(after), value, high, unit, match["cb"], after)
        return measure._replace(qualifier="over") if loose else measure

    def _is_round(self, text: str, match: re.Match[str]) -> bool:
        """Whether a round number stands alone behind its qualifier, at the end of its clause: 突破百万."""
        start, end = match.span()
        ends_clause = end == len(text) or text[end] in _BOUNDARY
        return match[0] in _ROUND and ends_clause and text[start - 1] in self.before_lasts and self._before(text, start) != ""

    def _is_article(self, text: str, start: int, end: int, unit: str) -> bool:
        """Whether 一 and its measure word are an article or part of an idiom, and no count."""
        rules = self.catalogue.numbers.article_one
        if text.startswith(self.catalogue.numbers.one_not_before, start + 1):
            return True
        if text[start + 1 : start + 2] == text[end : end + 1] or text.endswith(rules.not_after, 0, start):
            return True
        if unit not in self.articles or text[start + 1 : start + 2] in "余多来":
            return False
        if text.startswith(rules.not_before, start + 1):
            return True
        if text.startswith(rules.counts_before, start + 1):
            return False
        if rules.after_noun and text[end : end + 1] in "，。；、）\n" and text[start - 1 : start] not in _BOUNDARY:
            return False
        return not text.endswith(rules.verbs, 0, start - 1 if text[start - 1 : start] in "了过之" else start)

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
        word = self._before(text, start) if text[start - 1 : start] in self.before_lasts else ""
        start -= len(word)
        qualifier = self._qualifier(word, between, after)
        if high is not None and qualifier == "exact":
            qualifier = "range"
        written = unit
        if unit is not None:
            unit = self.stated_units.get(unit) or _bare_unit(unit)
        low = value if high is not None else None
        if low is not None and high is not None and low > high:
            low, high = high, low
        unit_start = text.find(written, number_start, end) if written and unit == written else -1
        return Measure(
            start,
            end,
            number_start,
            None if high is not None else value,
            low,
            high,
            unit,
            qualifier,
            False,
            unit_start if unit_start >= 0 else None,
        )

    def zeros(self, text: str, end: int) -> list[Zero]:
        """Negations that may say zero, in text order."""
        rules = self.catalogue.modality.zero
        found = []
        for match in self.zero.finditer(text, 0, end):
            start, stop = match.span()
            if match["one"]:
                unit = self._unit(text, stop)
                found.append(Zero(start, stop + len(unit or ""), _bare_unit(unit), True))
            elif match["unit"]:
                found.append(Zero(start, stop, _bare_unit(match["unit"]), True))
            elif match["strong"]:
                found.append(Zero(start, stop, None, True))
            elif not (text.startswith(rules.weak_blocked_after, stop) or text.endswith(rules.weak_blocked_before, 0, start)):
                found.append(Zero(start, stop, None, False))
        return found


def _is_round(text: str, run: int) -> bool:
    """Whether the numerals at a place may stand behind 数, 几 or 上: 十, 百, 千万, and not behind 以上 (60岁以上十人)."""
    numerals = text[run : _after_numerals(text, run)]
    return not _SCALES.isdisjoint(numerals) and _SCALES.issuperset(numerals) and text[run - 2 : run] != "以上"


def _bare_unit(unit: str | None) -> str | None:
    """A measure word without brackets: 场（次） is 场次."""
    return None if unit is None else unit.replace("（", "").replace("）", "")


def _any(words: list[str] | tuple[str, ...]) -> str:
    """An alternation of words, the longest first; refuses an empty one, which would match everywhere."""
    if not words:
        raise ValueError("an alternation needs a word")
    return "(?:" + "|".join(regex.escape(w) for w in sorted(words, key=lambda w: (-len(w), w))) + ")"


def _uncaptured(pattern: str) -> str:
    return regex.sub(r"\(\?P<\w+>", "(?:", pattern)


def _bounds(numeral: str, second: str | None) -> tuple[Decimal, Decimal | None] | None:
    """The value of a Chinese numeral, or both bounds of a range (三至五, 七八, 二三十)."""
    value = parse_chinese(numeral)
    if value is None:
        return spread(numeral)
    if second is None:
        return value, None
    high = parse_chinese(second)
    if high is None:
        return None
    if value < 10 and len(second) == 2 and second[1] in "十百千万":
        value *= high / (parse_chinese(second[0]) or 1)
    return value, high


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


def _cover(names: list[tuple[int, int, str]], at: int) -> tuple[int, int, str] | None:
    """The last name that reaches beyond a place."""
    for name in reversed(names):
        if name[1] > at:
            return name
    return None
