"""Transformations of annotated reports that change how a report is written and not what it says.

Each takes a case and gives the case as another office, another copy or another web page would have it, with every annotated
place carried along. What a transformation cannot touch safely it leaves as it is.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from extractor.gold import Gold, GoldMetadata, GoldQuantity
from extractor.numerals import parse_chinese
from extractor.pipeline import extractor_for
from tests.gold_sets import Case, gold_folders

HAN = "\u4e00-\u9fff"
CHINESE_DIGITS = "零一二三四五六七八九"


class Edit(NamedTuple):
    """Characters `start` to `end` replaced by `words`; an insertion where both are equal."""

    start: int
    end: int
    words: str


def rewrite(
    case: Case,
    edits: Iterable[Edit],
    unit: Callable[[GoldQuantity], str | None] = lambda quantity: quantity.unit,
    words: Callable[[str], str] = str,
) -> Case:
    """The case with its text edited. `unit` gives a quantity's new unit, `words` a metadata value's new words.

    An insertion at the border of a span stays outside of it; a replacement of a span's first or last characters stays inside.
    """
    ordered = sorted(edits)
    pieces, at = [], 0
    shifts = [0]
    for edit in ordered:
        assert edit.start >= at, f"edits overlap at {edit.start}"
        pieces += [case.text[at : edit.start], edit.words]
        shifts.append(shifts[-1] + len(edit.words) - (edit.end - edit.start))
        at = edit.end
    text = "".join([*pieces, case.text[at:]])
    starts = [edit.start for edit in ordered]

    def end(place: int) -> int:
        before = bisect_left(starts, place)
        if before and ordered[before - 1].end > place:
            last = ordered[before - 1]
            return min(place, last.start + len(last.words)) + shifts[before - 1]
        return place + shifts[before]

    def start(place: int) -> int:
        before = bisect_left(starts, place)
        inserted = len(ordered[before].words) if before < len(ordered) and ordered[before][:2] == (place, place) else 0
        return end(place) + inserted

    return Case(case.name, text, _moved(case.gold, text, start, end, unit, words))


def _moved(
    gold: Gold,
    text: str,
    start: Callable[[int], int],
    end: Callable[[int], int],
    unit: Callable[[GoldQuantity], str | None],
    words: Callable[[str], str],
) -> Gold:
    quantities = []
    for quantity in gold.quantities:
        span = {"start": start(quantity.start), "end": end(quantity.end)}
        new = {**span, "text": text[span["start"] : span["end"]], "unit": unit(quantity)}
        quantities.append(quantity.model_copy(update=new))
    return gold.model_copy(
        update={
            "metadata": _reworded(gold.metadata, words),
            "sections": tuple(s.model_copy(update={"start": start(s.start), "end": end(s.end)}) for s in gold.sections),
            "items": tuple(i.model_copy(update={"start": start(i.start), "end": end(i.end)}) for i in gold.items),
            "quantities": tuple(sorted(quantities, key=lambda q: (q.start, q.end))),
        }
    )


def _reworded(metadata: GoldMetadata, words: Callable[[str], str]) -> GoldMetadata:
    new: dict[str, object] = {"issuers": tuple(map(words, metadata.issuers))}
    for field in ("title", "township", "addressee", "document_number"):
        value = getattr(metadata, field)
        new[field] = None if value is None else words(value)
    return metadata.model_copy(update=new)


def _body(case: Case) -> tuple[int, int]:
    """From the first section to the end of the last one."""
    sections = case.gold.sections
    return (sections[0].start, sections[-1].end) if sections else (0, len(case.text))


def _substitute(case: Case, pattern: str, words: Callable[[re.Match[str]], str], body_only: bool = False) -> Iterator[Edit]:
    start, end = _body(case) if body_only else (0, len(case.text))
    for match in re.compile(pattern, re.MULTILINE).finditer(case.text, start, end):
        yield Edit(*match.span(), words(match))


def _table(source: str, target: str) -> Callable[[re.Match[str]], str]:
    return lambda match: target[source.index(match[0])]


# --- punctuation, width and spaces

FULL, HALF = "，；：（）！？", ",;:()!?"


def half_width_punctuation(case: Case) -> Case:
    # between two digits a half-width comma or colon would be part of a number or of a clock time
    edits = _substitute(case, f"(?<![0-9])[{FULL}]|[{FULL}](?![0-9])", _table(FULL, HALF))
    return rewrite(case, edits, words=lambda value: value.translate(str.maketrans(FULL, HALF)))


def full_width_punctuation(case: Case) -> Case:
    # a comma between digits belongs to the number; brackets after ] belong to a link
    marks = re.escape(HALF)
    edits = _substitute(case, rf"(?<![0-9A-Za-z\]])[{marks}](?!/)|(?<!\])[{marks}](?![0-9A-Za-z/])", _table(HALF, FULL))
    return rewrite(case, edits, words=lambda value: value.translate(str.maketrans(HALF, FULL)))


def full_width_digits(case: Case) -> Case:
    half, full = "0123456789%.", "０１２３４５６７８９％．"
    return rewrite(case, _substitute(case, r"[0-9%]|(?<=[0-9])\.(?=[0-9])", _table(half, full), body_only=True))


def spaces_round_numbers(case: Case) -> Case:
    return rewrite(case, _substitute(case, f"(?<=[{HAN}])(?=[0-9])|(?<=[0-9%])(?=[{HAN}])", lambda _: " "))


def spaces_in_numbers(case: Case) -> Case:
    return rewrite(case, _substitute(case, r"(?<![0-9.])[0-9](?=[0-9])", lambda match: f"{match[0]} ", body_only=True))


def thousands_separators(case: Case) -> Case:
    edits = (
        Edit(quantity.start + at, quantity.start + at, ",")
        for quantity in _distinct(case.gold.quantities)
        for match in [re.match(r"[^0-9]*(?P<digits>[1-9][0-9]{3,5})(?![0-9.])", quantity.text)]
        if match
        for at in [match.end("digits") - 3]
    )
    return rewrite(case, edits)


def _distinct(quantities: Iterable[GoldQuantity]) -> Iterator[GoldQuantity]:
    """One quantity for each span."""
    seen = set()
    for quantity in quantities:
        if (quantity.start, quantity.end) not in seen:
            seen.add((quantity.start, quantity.end))
            yield quantity


# --- numerals


def chinese_numeral(number: int) -> str:
    """A number below a hundred million as it is spoken: 12 is 十二, 1005 一千零五."""
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        gap = "零" if 0 < low < 1000 else ""
        return f"{chinese_numeral(high)}万{gap}{chinese_numeral(low) if low else ''}"
    words, pending = "", False
    for scale, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, scale)
        if digit:
            words += ("零" if pending and words else "") + CHINESE_DIGITS[digit] + name
        pending = not digit
    return words.removeprefix("一") if words.startswith("一十") else words


def arabic_to_chinese(case: Case) -> Case:
    # 1 stays: 一个 and its like may be an article, and then no number; decimals, rates and 万 stay as they are written so
    edits = []
    for quantity in _distinct(case.gold.quantities):
        match = re.match(rf"[^0-9]*(?P<digits>[1-9][0-9]*)(?P<unit>[余多]?[{HAN}])", quantity.text)
        if not match or match["digits"] == "1" or quantity.low is not None or match["unit"][0] in "万亿千百成":
            continue
        numeral = "两" if match["digits"] == "2" else chinese_numeral(int(match["digits"]))
        start = quantity.start + match.start("digits")
        if case.text[start + len(match["digits"]) : start + len(match["digits"]) + 4] != "项制度":  # 三项制度 is a name
            edits.append(Edit(start, start + len(match["digits"]), numeral))
    return rewrite(case, edits)


def chinese_to_arabic(case: Case) -> Case:
    edits = []
    for quantity in _distinct(case.gold.quantities):
        match = re.match(r"(?P<numeral>[一二三四五六七八九两十百千零]+)(?![几万亿成])", quantity.text)
        value = parse_chinese(match["numeral"]) if match else None
        if match and value is not None and quantity.value in {value, -value}:
            edits.append(Edit(quantity.start, quantity.start + match.end("numeral"), str(int(value))))
    return rewrite(case, edits)


# --- pages and copies

WRAP = 34
ALREADY_WRAPPED = 60
"""A text with no longer line than this is wrapped as it is."""
NO_LINE_START = "，。、；：！？）》”’%％,.;:)"


def hard_wraps(case: Case) -> Case:
    return rewrite(case, (Edit(at, at, "\n") for at in _wrap_places(case.text, lambda character: 1)))


def hard_wraps_by_width(case: Case) -> Case:
    """As a typesetter wraps: digits and Latin letters are half as wide as Chinese characters."""
    return rewrite(
        case, (Edit(at, at, "\n") for at in _wrap_places(case.text, lambda character: 0.5 if character < "\x7f" else 1))
    )


def _wrap_places(text: str, width: Callable[[str], float]) -> Iterator[int]:
    lines = text.splitlines(keepends=True)
    if max(map(len, lines)) <= ALREADY_WRAPPED:
        return
    line_start = 0
    for line in lines:
        start, end = line_start, line_start + len(line.rstrip("\r\n"))
        line_start += len(line)
        # rows and fields of a web page and Markdown headings are not wrapped, nor what stands at the right of a page
        while (
            not line.startswith(("#", "|", "["))
            and len(line.strip()) > WRAP
            and (at := _line_break(text, start, end, width)) < end
        ):
            yield at
            start = at


def _line_break(text: str, start: int, end: int, width: Callable[[str], float]) -> int:
    """Where the line from `start` ends: not inside a number or a word, no closing mark at the start of the next."""
    at, used = start, 0.0
    while at < end and used + width(text[at]) <= WRAP:
        used += width(text[at])
        at += 1
    while start + 1 < at < end and re.fullmatch(r"[0-9A-Za-z.%/-]{2}", text[at - 1 : at + 1]):
        at -= 1
    while at < end and text[at] in NO_LINE_START:
        at += 1
    return at


PAGE_LENGTH = 450
PAGE_NUMBERS = ("— {} —", "- {} -", "{}", "第{}页")


def page_breaks(case: Case) -> Case:
    spans = [(q.start, q.end) for q in case.gold.quantities]
    start, end = _body(case)
    edits: list[Edit] = []
    at = start + PAGE_LENGTH // 2
    while at < end:
        if _is_mid_sentence(case.text, at) and not any(s - 1 <= at <= e + 1 for s, e in spans):
            number = PAGE_NUMBERS[len(edits) % len(PAGE_NUMBERS)].format(len(edits) + 1)
            edits.append(Edit(at, at, f"\n\n{number}\n\n"))
            at += PAGE_LENGTH
        else:
            at += 1
    return rewrite(case, edits)


def _is_mid_sentence(text: str, at: int) -> bool:
    """In a long line, away from its ends, between two Chinese characters that no mark or title parts from their sentence."""
    line_start, line_end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    line = text[line_start : line_end if line_end >= 0 else len(text)]
    inside = at - line_start
    if len(line) < 80 or not 20 <= inside <= len(line) - 20:
        return False
    return re.fullmatch(f"[{HAN}]{{6}}", text[at - 3 : at + 3]) is not None


def web_furniture(case: Case) -> Case:
    before = "首页 > 政务公开 > 法定主动公开内容 > 法治政府建设年度报告\n字体：【大 中 小】　浏览次数：8612次　打印　收藏\n\n"
    after = (
        "\n\n【打印本页】【关闭窗口】\n上一篇：栗坪乡2018年政府信息公开工作年度报告\n下一篇：没有了\n扫一扫在手机打开当前页\n"
        "主办：栗坪县人民政府办公室　网站标识码：9900000012\n版权所有：栗坪县人民政府　联系电话：0999-6655443\n"
    )
    end = len(case.text)
    return rewrite(case, [Edit(0, 0, before), Edit(end, end, after)])


# --- headings and marks


def _line_at(text: str, start: int) -> str:
    return text[start:].partition("\n")[0].rstrip("\r")


def markdown(case: Case) -> Case:
    edits = {}
    for section in case.gold.sections:
        if re.match(r"[一二三四五六七八九十]+、|[（(]", case.text[section.start :]) and _is_heading_line(case, section.start):
            # the heading line begins with its # signs: a replacement keeps them inside the section
            edits[section.start] = Edit(section.start, section.start + 1, f"## {case.text[section.start]}")
    for match in re.compile(r"^[（(][一二三四五六七八九十]+[）)][^。\n*]{2,30}(?:。|$)", re.MULTILINE).finditer(case.text):
        if match.start() not in edits:
            edits[match.start()] = Edit(match.start(), match.start(), "**")
            edits[match.end()] = Edit(match.end(), match.end(), "**")
    return rewrite(case, edits.values())


def _is_heading_line(case: Case, start: int) -> bool:
    """Whether a heading and nothing else stands on the line at `start`."""
    line = _line_at(case.text, start)
    squashed = "".join(line.split())
    return len(line) <= 45 and any(
        s.start == start and squashed.endswith("".join(s.heading.split())) for s in case.gold.sections
    )


def glued_headings(case: Case) -> Case:
    edits = []
    for section in case.gold.sections:
        end = section.start + len(_line_at(case.text, section.start))
        gap = re.compile(r"\s*\n\s*").match(case.text, end)
        if gap and gap.end() < section.end and _is_heading_line(case, section.start):
            edits.append(Edit(*gap.span(), "" if case.text[end - 1] in "。：:" else "。"))
    return rewrite(case, edits)


def half_width_marks(case: Case) -> Case:
    marks = r"（(?P<number>[一二三四五六七八九十]{1,3}|[0-9]{1,2})）"
    return rewrite(case, _substitute(case, marks, lambda match: f"({match['number']})"))


def dotted_marks(case: Case) -> Case:
    pattern = r"(?<=^)(?P<number>[一二三四五六七八九十]{1,3}|[0-9]{1,2})、"
    return rewrite(case, _substitute(case, pattern, lambda match: f"{match['number']}."))


def pause_marks(case: Case) -> Case:
    return rewrite(case, _substitute(case, r"(?<=^)(?P<number>[0-9]{1,2})\.(?![0-9])", lambda match: f"{match['number']}、"))


# --- words

PREFERRED = dict(
    zip(
        "历复后干于台证与万余党体网价划据听筑优机适种范准征",
        "歷復後幹於臺證與萬餘黨體網價劃據聽築優機適種範準徵",
        strict=True,
    )
)
"""The usual traditional form where the first of several is not, or where the simplified form is a traditional one too."""


@lru_cache
def traditional_table() -> dict[int, str]:
    """Simplified character to a traditional form. What can be written in Big5 is a traditional character itself and stays."""
    characters = extractor_for().catalogue.characters
    table: dict[str, str] = {}
    for old, new in zip("".join(characters.traditional), "".join(characters.simplified), strict=True):
        if _in_big5(old) and not _in_big5(new):
            table.setdefault(new, old)
    return str.maketrans(table | PREFERRED)


def _in_big5(character: str) -> bool:
    try:
        character.encode("big5")
    except UnicodeEncodeError:
        return False
    return True


def traditional_characters(case: Case) -> Case:
    table = traditional_table()
    edits = (Edit(at, at + 1, table[ord(character)]) for at, character in enumerate(case.text) if ord(character) in table)
    return rewrite(
        case,
        edits,
        unit=lambda quantity: quantity.unit and quantity.unit.translate(table),
        words=lambda value: value.translate(table),
    )


CASE_WORDS = {"件": "起", "起": "宗", "宗": "件"}
CASE_CODES = frozenset(
    {
        "mediation.disputes_screened",
        "mediation.disputes_accepted",
        "mediation.disputes_mediated",
        "mediation.disputes_resolved",
        "petition.cases_received",
        "petition.cases_resolved",
        "petition.key_cases_resolved",
        "enforcement.cases",
        "litigation.reconsideration_cases",
        "litigation.lawsuit_cases",
        "security.criminal_cases",
    }
)
"""Codes that count disputes, petitions and lawsuits: each of the three measure words is usual for them."""


def measure_words(case: Case) -> Case:
    def exchanged(quantity: GoldQuantity) -> str | None:
        usual = quantity.code in CASE_CODES and quantity.unit in CASE_WORDS and quantity.text[-1] == quantity.unit
        # a zero statement (无一起) is a set phrase, and 件（次） is one unit
        if usual and re.search("[0-9]", quantity.text) and not case.text.startswith(("次", "（次", "(次"), quantity.end):
            return CASE_WORDS[quantity.unit or ""]
        return quantity.unit

    # two codes of one span go together: either both words are exchanged or none
    spans: dict[tuple[int, int], set[str | None]] = {}
    for quantity in case.gold.quantities:
        spans.setdefault((quantity.start, quantity.end), set()).add(exchanged(quantity))
    units = {span: words.pop() for span, words in spans.items() if len(words) == 1}

    def unit(quantity: GoldQuantity) -> str | None:
        return units.get((quantity.start, quantity.end), quantity.unit)

    edits = (Edit(q.end - 1, q.end, unit(q) or "") for q in _distinct(case.gold.quantities) if unit(q) != q.unit)
    return rewrite(case, edits, unit=unit)


PLACES = {2: "栗坪", 3: "乌石垭"}
NUMERAL_PLACES = {2: "五里", 3: "十里铺"}


def places(case: Case) -> Case:
    return _renamed(case, PLACES)


def numeral_places(case: Case) -> Case:
    return _renamed(case, NUMERAL_PLACES)


def _renamed(case: Case, names: dict[int, str]) -> Case:
    """The report of another place: its name without 镇, 乡, 县 … exchanged wherever it stands."""
    metadata = case.gold.metadata
    match = re.match(r"(?:中共)?(?P<stem>.+?)(?:街道|[镇鎮乡鄉县縣区區市])", metadata.township or "".join(metadata.issuers[:1]))
    name = names.get(len(match["stem"])) if match else None
    if not match or name is None:
        return case
    stem = match["stem"]
    return rewrite(case, _substitute(case, re.escape(stem), lambda _: name), words=lambda value: value.replace(stem, name))


SYNONYMS = {
    "发放": "派发", "派发": "发放", "举办": "举行", "举行": "举办",
    "受教育群众": "受众", "受教育人数": "受众人数", "受教育人次": "受众人次", "受众": "受教育群众",
}  # fmt: skip


def synonyms(case: Case) -> Case:
    # titles and names in quotation marks keep their words
    longest_first = "|".join(sorted(SYNONYMS, key=len, reverse=True))
    return rewrite(
        case,
        _substitute(case, rf"(?:{longest_first})(?![^《\n]*》|[^“\n]*”)", lambda match: SYNONYMS[match[0]], body_only=True),
    )


def list_order(case: Case) -> Case:
    """The last two members of a list exchanged. The first stays: the verb that governs the list is part of it."""
    swaps = list(_swaps(case))
    for first, second in reversed(swaps):
        case = _exchanged(case, first, second)
    return case


def _swaps(case: Case) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    by_end = {quantity.end: quantity for quantity in _distinct(case.gold.quantities)}
    for match in re.finditer(r"[^，；。：:;,\n（）()“”《》]+(?:、[^，；。：:;,\n（）()“”《》、]+){2,}", case.text):
        members, at = [], match.start()
        for words in match[0].split("、"):
            members.append((at, at + len(words)))
            at += len(words) + 1
        owners = [by_end.get(end) for _, end in members[-3:]]
        if all(_is_part(case, span, owner) for span, owner in zip(members[-2:], owners[-2:], strict=True)) and all(owners):
            codes = {(owner.code, owner.unit, owner.modality) for owner in owners if owner}
            if len(codes) == 1:
                yield members[-2], members[-1]


def _is_part(case: Case, span: tuple[int, int], owner: GoldQuantity | None) -> bool:
    """Whether a member is a name and its number, and may stand anywhere in the list."""
    if owner is None:
        return False
    name = case.text[span[0] : owner.start]
    return len(name) >= 2 and not re.match("其他|其它|其余|另|剩余|及|和|等|已|共|占", name) and not re.search("[0-9]", name)


def _exchanged(case: Case, first: tuple[int, int], second: tuple[int, int]) -> Case:
    text = f"{case.text[: first[0]]}{case.text[slice(*second)]}、{case.text[slice(*first)]}{case.text[second[1] :]}"

    def moved(span: tuple[int, int]) -> int:
        if first[0] <= span[0] and span[1] <= first[1]:
            return second[1] - first[1]
        return first[0] - second[0] if second[0] <= span[0] and span[1] <= second[1] else 0

    quantities = tuple(
        q.model_copy(update={"start": q.start + moved((q.start, q.end)), "end": q.end + moved((q.start, q.end))})
        for q in case.gold.quantities
    )
    gold = case.gold.model_copy(update={"quantities": tuple(sorted(quantities, key=lambda q: (q.start, q.end)))})
    return Case(case.name, text, gold)


TRANSFORMATIONS: tuple[Callable[[Case], Case], ...] = (
    half_width_punctuation,
    full_width_punctuation,
    full_width_digits,
    spaces_round_numbers,
    spaces_in_numbers,
    thousands_separators,
    arabic_to_chinese,
    chinese_to_arabic,
    hard_wraps,
    hard_wraps_by_width,
    page_breaks,
    web_furniture,
    markdown,
    glued_headings,
    half_width_marks,
    dotted_marks,
    pause_marks,
    traditional_characters,
    measure_words,
    places,
    numeral_places,
    synonyms,
    list_order,
)

SHARES = {"samples": 1, "gold": 8, "shared": 2}
"""Of the sets of each kind, every so manieth is tried with a transformation, beginning with another one each time."""
THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"


def trials() -> Iterator[tuple[Callable[[Case], Case], str]]:
    """Transformations and the sets that each is tried on: all of one and of the other, and all pairs in a thorough run.

    A set that comes last among its kind changes nothing for those before it.
    """
    for kind, share in SHARES.items():
        names = [name for name in gold_folders() if name.partition("/")[0] == kind]
        for at, transform in enumerate(TRANSFORMATIONS):
            yield from ((transform, name) for place, name in enumerate(names) if THOROUGH or (at + place) % share == 0)
