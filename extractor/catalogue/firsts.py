"""With which characters a skip rule may begin, found once by trial, so that scanning tries few rules at each place."""

from __future__ import annotations

from string import ascii_letters

import regex

from extractor.catalogue.models import Catalogue

_DIGITS = "0123456789"
_NUMERALS = "〇零○一二两三四五六七八九十百千万亿"
_PREFIXES = "①②③④⑤⑥⑦⑧⑨⑩第〔［[（【「前居列排名首头末上下本历每逐多数屡再几同初+＋×xX*"


_LOOKBEHIND = regex.compile(r"\(\?<[=!](?P<inside>(?:[^()\\\[]|\\.|\[\^?\]?(?:[^\]\\]|\\.)*\]|\((?&inside)\))*)\)")
"""What a pattern asks of the characters before it, whatever groups and classes that holds."""


def first_characters(catalogue: Catalogue) -> dict[str, tuple[int, ...]]:
    """For each first character, the numbers of the skip rules that may begin with it; the empty string stands for all others.

    Digits share one entry, and so do numerals and letters: fewer patterns have to be compiled.
    """
    patterns = [regex.compile(_LOOKBEHIND.sub("", rule.pattern)) for rule in catalogue.numbers.skip]
    able = dict.fromkeys(ascii_letters, _able(patterns, tuple(ascii_letters)))
    able |= {first: _able(patterns, (first,)) for first in _PREFIXES}
    able |= dict.fromkeys(_DIGITS, _able(patterns, tuple(_DIGITS)))
    able |= dict.fromkeys(_NUMERALS, _able(patterns, tuple(_NUMERALS)))
    return able | {"": _able(patterns, ("A", "Ｎ", "国"))}


def _able(patterns: list[regex.Pattern[str]], firsts: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(
        number for number, pattern in enumerate(patterns) if any(pattern.match(first, partial=True) for first in firsts)
    )
