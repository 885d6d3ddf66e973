"""One character for one: a text in the characters that the rules are written in, every place where it was."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from extractor.patterns import compile_pattern

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue

_SPACES = "\t\r\u3000\xa0\u2002\u2003\u2009\u202f"
_LINE_ENDS = "\f\v\u2028\u2029\x85"
_COMMON = "gb2312"
"""The characters of simplified writing. What is folded is mostly outside of it, and encoding finds that out at once."""
_FEW = 10
_SAMPLE = 250
"""A text in traditional writing shows itself at its beginning."""
_CELLS = compile_pattern(r"(?<=\d)\t(?=\d)")
"""A tab between two numbers parts the cells of a table."""
_STOP = compile_pattern(
    r"(?<=[\u4e00-\u9fff%”）] ?)(?<!(?:^|[\n。；：])[ #*]{0,6}[一二三四五六七八九十]{1,3})"
    r"\.(?=[\u4e00-\u9fff \n（“]|\d{1,2}[.、]|$)"
)
"""A half-width stop after Chinese words, and not after the number of a heading."""
_THOUSANDS = compile_pattern(r"(?<![\d.])[1-9](?: ?\d){0,2}(?:，\d ?\d ?\d)+(?!\d)")
"""Digits in groups of three, also with spaces left between them."""
_BETWEEN_DIGITS = compile_pattern(r"，(?<=\d，)(?=\d)")
_REFERENCE = compile_pattern(r"&#(\d{1,7});")


@dataclass(frozen=True)
class Folding:
    """The folds of `characters.yaml`, the kinds of spaces and line ends among them."""

    catalogue: Catalogue

    @cached_property
    def table(self) -> dict[int, int]:
        """Every character that is folded, and what it becomes."""
        characters = self.catalogue.characters
        table: dict[int, int] = dict.fromkeys(map(ord, _SPACES), ord(" ")) | dict.fromkeys(map(ord, _LINE_ENDS), ord("\n"))
        for fold in characters.folds:
            table |= dict(zip(map(ord, fold.from_), map(ord, fold.to), strict=True))
        traditional, simplified = "".join(characters.traditional), "".join(characters.simplified)
        table |= dict(zip(map(ord, traditional), map(ord, simplified), strict=True))
        return {old: new for old, new in table.items() if old != new}

    @cached_property
    def common(self) -> tuple[tuple[str, str], ...]:
        """The folds of common characters: few, so that they are made one by one."""
        characters = "".join(map(chr, self.table)).encode(_COMMON, "ignore").decode(_COMMON)
        return tuple((character, chr(self.table[ord(character)])) for character in characters)

    @cached_property
    def chained(self) -> tuple[str, ...]:
        """Characters that become one which is folded itself: their folds cannot be made one after another."""
        return tuple(chr(old) for old, new in self.table.items() if new in self.table)

    def fold(self, text: str) -> str:
        """The text with every character folded; of the same length."""
        if "\t" in text:
            text = _CELLS.sub("|", text)
        folded = self._replaced(text)
        if "." in folded:
            folded = _STOP.sub("。", folded)
        if _BETWEEN_DIGITS.search(folded):
            folded = _THOUSANDS.sub(lambda match: match[0].replace("，", ","), folded)
        return folded

    def _replaced(self, text: str) -> str:
        if len(self._rare_in(text[:_SAMPLE])) > _FEW or any(old in text for old in self.chained):
            return text.translate(self.table)
        rare = self._rare_in(text)
        if len(rare) > _FEW:
            return text.translate(self.table)
        for old, new in self.common:
            text = text.replace(old, new)
        for number in rare:
            text = text.replace(chr(number), chr(self.table[number]))
        return text

    def _rare_in(self, text: str) -> set[int]:
        """The numbers of the rare characters of a text that are folded: encoding writes them as references."""
        found = set(_REFERENCE.findall(text.encode(_COMMON, "xmlcharrefreplace").decode("latin-1")))
        return {number for number in map(int, found) if number in self.table}
