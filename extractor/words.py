"""Labels for quantities that the catalogue has no code for, taken from the text's own words.

jieba is loaded only here and only when a label is needed, as a tokenizer of its own with the catalogue's small dictionary.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import lru_cache
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
        # a single character may be the beginning of a word (计 of 计划), so only whole words are taken from the front
        self.openings = _by_character([word for word in light if len(word) > 1], 0)
        self.endings = _by_character(light, -1)

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
        while end:
            if words[end - 1] not in _MARKS:
                light = next((w for w in self.endings.get(words[end - 1], ()) if words.endswith(w, 0, end)), "")
                if not light:
                    break
                end -= len(light)
            else:
                end -= 1
        start = 0
        while start < end:
            if words[start] not in _MARKS:
                light = next((w for w in self.openings.get(words[start], ()) if words.startswith(w, start, end)), "")
                if not light and not (words[start] in _JOINING and "\u4e00" <= words[start + 1 : start + 2] <= "\u9fff"):
                    break
                start += len(light) or 1
            else:
                start += 1
        return words[start:end]

    def _cut(self, words: str) -> list[str]:
        return list(_tokenizer((*self.catalogue.dictionary, *self.catalogue.lexicon.words)).cut(words))


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
    frequencies: dict[str, int] = {}
    for word in words:
        for end in range(1, len(word)):
            frequencies.setdefault(word[:end], 0)
        frequencies[word] = 10 ** min(len(word), 6)
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
