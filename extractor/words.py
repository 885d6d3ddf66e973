"""Labels for quantities that the catalogue has no code for, taken from the text's own words.

jieba is loaded only here and only when a label is needed, as a tokenizer of its own with the catalogue's small dictionary.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from extractor.types import Quantity

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue

_LONGEST = 14
_JOINING = "共的和及与"
_MARKS = "，、。；：（）“”‘’《》【】[]()\"' \n"


class LabelMaker:
    """Cuts labels out of a text at word boundaries."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        light = catalogue.discourse.light
        marks = {mark: (mark,) for mark in _MARKS}
        # a single character may be the beginning of a word (计 of 计划), so only whole words are taken from the front
        self.openings = _by_character([word for word in light if len(word) > 1], 0) | marks
        self.endings = _by_character(light, -1) | marks

    @cached_property
    def tokenizer(self) -> Any:  # noqa: ANN401 jieba has no types
        """jieba with the catalogue's words, loaded when the first phrase has to be cut."""
        return _tokenizer((*self.catalogue.dictionary, *self.catalogue.lexicon.words))

    def label(self, text: str, quantity: Quantity) -> str:
        """The last words before the number, else the first behind it, else those of the clause before, else its unit."""
        context, measure = quantity.context, quantity.measure
        return (
            self._last(text[context.left : measure.start])
            or self._first(text[measure.end : context.right_end])
            or self._last(text[max(context.sentence, context.left - 2 * _LONGEST) : context.left])
            or measure.unit
            or text[measure.start : measure.end]
        )

    def _last(self, words: str) -> str:
        """The last words of a phrase that fit a label, without connectives at either end."""
        words = self._bare(words)
        if len(words) <= _LONGEST:
            return words
        kept = ""
        for word in reversed(self._cut(words[-2 * _LONGEST :])):
            if len(word) + len(kept) > _LONGEST:
                break
            kept = word + kept
        return self._bare(kept)

    def _first(self, words: str) -> str:
        words = self._bare(words)
        if len(words) <= _LONGEST:
            return words
        kept = ""
        for word in self._cut(words[: 2 * _LONGEST]):
            if len(word) + len(kept) > _LONGEST:
                break
            kept += word
        return self._bare(kept)

    def _bare(self, words: str) -> str:
        """A phrase without marks and light words at either end."""
        end = len(words)
        while end and (light := self._ending(words, end)):
            end -= light
        start = 0
        while start < end and (light := self._opening(words, start, end)):
            start += light
        return words[start:end]

    def _ending(self, words: str, end: int) -> int:
        """The length of the mark or light word that ends at a place, 0 for none."""
        for light in self.endings.get(words[end - 1], ()):
            if words.endswith(light, 0, end):
                return len(light)
        return 0

    def _opening(self, words: str, start: int, end: int) -> int:
        """The length of the mark, the light word or the connective that begins at a place, 0 for none."""
        for light in self.openings.get(words[start], ()):
            if words.startswith(light, start, end):
                return len(light)
        return int(words[start] in _JOINING and "\u4e00" <= words[start + 1 : start + 2] <= "\u9fff")

    def _cut(self, words: str) -> list[str]:
        cut: list[str] = self.tokenizer.lcut(words)
        return cut


def _by_character(words: Iterable[str], place: int) -> dict[str, tuple[str, ...]]:
    """Words by the character at a place, the longest first."""
    table: dict[str, tuple[str, ...]] = {}
    for word in sorted(words, key=len, reverse=True):
        table[word[place]] = (*table.get(word[place], ()), word)
    return table


@lru_cache(maxsize=4)
def _tokenizer(words: tuple[str, ...]) -> Any:  # noqa: ANN401 jieba has no types
    """A jieba tokenizer with these words and nothing else; unknown words are left to its character model."""
    tokenizer = _jieba().Tokenizer()
    weights = [10 ** min(length, 6) for length in range(max(map(len, words), default=0) + 1)]
    frequencies: dict[str, int] = {}
    heads = set(words)
    while heads := {head[:-1] for head in heads if len(head) > 1}:
        frequencies.update(dict.fromkeys(heads, 0))
    frequencies.update({word: weights[len(word)] for word in words})
    tokenizer.FREQ = frequencies
    tokenizer.total = sum(frequencies.values())
    tokenizer.initialized = True
    return tokenizer


def _jieba() -> Any:  # noqa: ANN401 jieba has no types
    """jieba without setuptools' pkg_resources: it asks for it first, can do without, and takes most of its time for it."""
    missing = "pkg_resources" not in sys.modules
    if missing:
        sys.modules["pkg_resources"] = None  # type: ignore[assignment]
    try:
        import jieba
    finally:
        if missing:
            del sys.modules["pkg_resources"]
    return jieba
