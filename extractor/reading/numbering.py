"""Automatic numbering of Word: the marks (一、（一）1.) that a reader sees and that stand nowhere in the text.

Definitions and their rules are those of ISO/IEC 29500-1, 17.9 (numbering) and 17.18.59 (number formats).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from lxml.etree import _Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
VAL = f"{W}val"
_STYLE, _STYLE_END = b"<w:style ", b"</w:style>"
_KINDS_WITHOUT_NUMBERS = (b'w:type="table"', b'w:type="character"')
_UNUSUAL = (b"<!--", b"<![CDATA[")
_DEEPEST = 9
_CHAIN_LONGEST = 50

_SIMPLE = ("〇一二三四五六七八九", "十百千万")
_FORMAL = ("零壹贰叁肆伍陆柒捌玖", "拾佰仟万")
_ROMAN: tuple[tuple[int, str], ...] = (
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
)
_ROMAN += ((9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def chinese_numeral(number: int, digits: str = _SIMPLE[0], powers: str = _SIMPLE[1]) -> str:
    """A number from 0 to 99,999 in Chinese numerals: 12 is 十二, 105 一百〇五; larger ones in digits."""
    if not 0 <= number < 100_000:
        return str(number)
    if number == 0:
        return digits[0]
    pieces: list[str] = []
    for power in range(len(powers), -1, -1):
        digit = number // 10**power % 10
        if digit:
            pieces.append(digits[digit] + (powers[power - 1] if power else ""))
        elif pieces and pieces[-1] != digits[0] and number % 10**power:
            pieces.append(digits[0])
    text = "".join(pieces)
    return text[1:] if digits is _SIMPLE[0] and 10 <= number < 20 else text


def _roman(number: int) -> str:
    if not 0 < number < 4000:
        return str(number)
    text = ""
    for value, letters in _ROMAN:
        text += letters * (number // value)
        number %= value
    return text


def _letter(number: int) -> str:
    return chr(96 + (number - 1) % 26 + 1) * ((number - 1) // 26 + 1) if 0 < number <= 780 else str(number)


def _of(signs: str, number: int, first: int = 1) -> str:
    return signs[number - first] if 0 <= number - first < len(signs) else str(number)


def _digits(number: int) -> str:
    return "".join(_SIMPLE[0][int(digit)] for digit in str(number))


_SIMPLE_FORMATS = (
    *("chineseCounting", "chineseCountingThousand", "japaneseCounting"),
    *("taiwaneseCounting", "taiwaneseCountingThousand", "koreanCounting"),
)
_FORMAL_FORMATS = ("chineseLegalSimplified", "ideographLegalTraditional", "japaneseLegal")
_FORMATS: dict[str, Callable[[int], str]] = {
    "none": lambda number: "",
    "bullet": lambda number: "",
    **dict.fromkeys(_SIMPLE_FORMATS, chinese_numeral),
    **dict.fromkeys(_FORMAL_FORMATS, lambda number: chinese_numeral(number, *_FORMAL)),
    **dict.fromkeys(("ideographDigital", "japaneseDigitalTenThousand", "taiwaneseDigital"), _digits),
    **dict.fromkeys(("decimalFullWidth", "decimalFullWidth2"), lambda number: str(number).translate(_FULL_WIDTH)),
    **dict.fromkeys(
        ("decimalEnclosedCircle", "decimalEnclosedCircleChinese"), lambda number: _of("⓪①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳", number, 0)
    ),
    "decimalZero": lambda number: f"{number:02d}",
    "decimalEnclosedFullstop": lambda number: f"{number}.",
    "decimalEnclosedParen": lambda number: f"({number})",
    "ideographEnclosedCircle": lambda number: _of("㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉", number),
    "ideographTraditional": lambda number: _of("甲乙丙丁戊己庚辛壬癸", number),
    "ideographZodiac": lambda number: _of("子丑寅卯辰巳午未申酉戌亥", number),
    "lowerLetter": _letter,
    "upperLetter": lambda number: _letter(number).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda number: _roman(number).upper(),
}


def numeral(number: int, number_format: str) -> str:
    """A number as a number format of Word shows it; a format that is not known here shows as digits, a bullet as nothing."""
    return _FORMATS.get(number_format, str)(number)


def child(element: _Element, name: str) -> _Element | None:
    """The first child of this name; `find` would go through a path, which takes several times as long."""
    return next(element.iterchildren(W + name), None)


class Level(NamedTuple):
    """One level of a list: how its number is shown, where it starts, after which level it starts anew (None: any above)."""

    number_format: str = "decimal"
    text: str = ""
    start: int = 1
    restart_after: int | None = None
    legal: bool = False
    style: str | None = None


class Reference(NamedTuple):
    """What a paragraph or a style says of its number: the list, or None, and the level, or None, where it says nothing."""

    list_id: str | None
    level: int | None


class Style(NamedTuple):
    """What matters here of a paragraph style."""

    name: str
    based_on: str | None
    reference: Reference


@dataclass
class _List:
    """A list that paragraphs belong to. Lists of one definition count on together; `starts` are numbers set anew."""

    definition: str
    levels: dict[int, Level]
    starts: dict[int, int]


@dataclass
class Numbering:
    """The lists of a document, and how far each has counted."""

    styles: dict[str, Style] = field(default_factory=dict)
    default_style: str | None = None
    lists: dict[str, _List] = field(default_factory=dict)
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _started: set[tuple[str, int]] = field(default_factory=set)

    def mark(self, properties: _Element | None) -> str:
        """The visible mark of the next paragraph with these properties, `""` for one without number. Counts on."""
        reference = self._reference(properties)
        target = self.lists.get(reference.list_id or "0")
        if target is None:
            return ""
        level = min(reference.level or 0, _DEEPEST - 1)
        self._count(reference.list_id or "", target, level)
        rule = target.levels.get(level, Level())
        if rule.number_format == "bullet":
            return ""
        counts = self._counts[target.definition]
        text = rule.text
        for place in range(_DEEPEST if "%" in text else 0):
            if f"%{place + 1}" in text:
                text = text.replace(f"%{place + 1}", self._number(place, target, counts, rule.legal))
        return text

    def style_name(self, properties: _Element | None) -> str:
        """The name of a paragraph's style in small letters, `""` where it has none of its own."""
        identifier = _value(properties, "pStyle")
        style = self.styles.get(identifier) if identifier else None
        return style.name if style else ""

    def _number(self, level: int, target: _List, counts: dict[int, int], legal: bool) -> str:
        rule = target.levels.get(level, Level())
        return numeral(counts.get(level, rule.start), "decimal" if legal else rule.number_format)

    def _count(self, list_id: str, target: _List, level: int) -> None:
        counts = self._counts.setdefault(target.definition, {})
        rule = target.levels.get(level, Level())
        if level in target.starts and (list_id, level) not in self._started:
            self._started.add((list_id, level))
            counts[level] = target.starts[level]
        else:
            counts[level] = counts[level] + 1 if level in counts else rule.start
        for deeper in [n for n in counts if n > level]:
            after = target.levels.get(deeper, Level()).restart_after
            if after is None or (after and level < after):
                del counts[deeper]

    def _reference(self, properties: _Element | None) -> Reference:
        """What a paragraph says of its number, and where it is silent, its style."""
        own = _reference(properties)
        if own.list_id is not None and own.level is not None:
            return own
        identifier = _value(properties, "pStyle") or self.default_style
        inherited = self._style_reference(identifier)
        list_id = own.list_id if own.list_id is not None else inherited.list_id
        level = own.level if own.level is not None else inherited.level
        if level is None and list_id in self.lists:
            level = next((n for n, rule in self.lists[list_id].levels.items() if rule.style == identifier), 0)
        return Reference(list_id, level)

    def _style_reference(self, identifier: str | None) -> Reference:
        list_id: str | None = None
        level: int | None = None
        for _ in range(_CHAIN_LONGEST):
            style = self.styles.get(identifier) if identifier else None
            if style is None:
                break
            if list_id is None:
                list_id = style.reference.list_id
            if level is None:
                level = style.reference.level
            if list_id is not None and level is not None:
                break
            identifier = style.based_on
        return Reference(list_id, level)


def paragraph_styles(styles: bytes) -> bytes:
    """A `styles` part without its styles of tables and characters, which number nothing and are most of what there is to parse.

    What is not written in the usual way (another prefix or encoding, comments) stays as it is.
    """
    if any(mark in styles for mark in _UNUSUAL):
        return styles
    first, *others = styles.split(_STYLE)
    return _STYLE.join([first, *(style for style in others if not _numbers_nothing(style))])


def _numbers_nothing(style: bytes) -> bool:
    """Whether what stands between the beginnings of two styles is one whole style of tables or characters."""
    beginning, _, _ = style.partition(b">")
    if not any(kind in beginning for kind in _KINDS_WITHOUT_NUMBERS):
        return False
    return _STYLE.rstrip() not in style and style.count(_STYLE_END) == 1 and style.rstrip().endswith(_STYLE_END)


def read_numbering(styles: _Element | None, numbering: _Element | None) -> Numbering:
    """The numbering of a document from the roots of its `styles` and `numbering` parts."""
    found = Numbering()
    for style in () if styles is None else styles.iterchildren(f"{W}style"):
        identifier = style.get(f"{W}styleId", "")
        name = (_value(style, "name") or "").lower()
        found.styles[identifier] = Style(name, _value(style, "basedOn"), _reference(child(style, "pPr")))
        if style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true", "on"):
            found.default_style = identifier
    if numbering is not None:
        found.lists = dict(_lists(numbering, found))
    return found


def _lists(numbering: _Element, known: Numbering) -> Iterator[tuple[str, _List]]:
    definitions = {d.get(f"{W}abstractNumId", ""): d for d in numbering.iterchildren(f"{W}abstractNum")}
    nums = {n.get(f"{W}numId", ""): n for n in numbering.iterchildren(f"{W}num")}
    for list_id, num in nums.items():
        definition = _value(num, "abstractNumId") or ""
        element = definitions.get(definition)
        linked = _value(element, "numStyleLink")
        if linked and linked in known.styles:
            other = nums.get(known.styles[linked].reference.list_id or "")
            definition = _value(other, "abstractNumId") or definition
            element = definitions.get(definition)
        if element is None or list_id == "0":
            continue
        levels = {_level_number(level): _level(level) for level in element.iterchildren(f"{W}lvl")}
        starts: dict[int, int] = {}
        for override in num.iterchildren(f"{W}lvlOverride"):
            at = _level_number(override)
            if (level := child(override, "lvl")) is not None:
                levels[at] = _level(level)
                starts[at] = levels[at].start
            if (start := _value(override, "startOverride")) is not None:
                starts[at] = _whole(start, 1)
        yield list_id, _List(definition, levels, starts)


def _level_number(element: _Element) -> int:
    return _whole(element.get(f"{W}ilvl"), 0)


def _level(element: _Element) -> Level:
    restart = _value(element, "lvlRestart")
    legal = child(element, "isLgl")
    number_format = _value(element, "numFmt")
    if number_format is None:
        # Word writes formats of later editions as mc:AlternateContent with the older one to fall back on
        number_format = next((e.get(VAL) for e in element.iter(f"{W}numFmt") if e.get(VAL) != "custom"), "decimal")
    return Level(
        number_format or "decimal",
        _value(element, "lvlText") or "",
        _whole(_value(element, "start"), 1),
        None if restart is None else _whole(restart, 0),
        legal is not None and legal.get(VAL, "1") not in ("0", "false", "off"),
        _value(element, "pStyle"),
    )


def _reference(properties: _Element | None) -> Reference:
    numbers = child(properties, "numPr") if properties is not None else None
    if numbers is None:
        return Reference(None, None)
    level = _value(numbers, "ilvl")
    return Reference(_value(numbers, "numId"), None if level is None else _whole(level, 0))


def _value(element: _Element | None, name: str) -> str | None:
    found = child(element, name) if element is not None else None
    return found.get(VAL) if found is not None else None


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else otherwise
