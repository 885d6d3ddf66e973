"""Labels for quantities that the catalogue has no code for, taken from the text's own words.

jieba is loaded only here and only when a label is needed, as a tokenizer of its own with the catalogue's small dictionary.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from extractor.types import Quantity

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue

_LONGEST = 14
_STRIP = "，、。；：（）“”‘’《》【】[]()\"' \n"


class LabelMaker:
    """Cuts labels out of a text at word boundaries."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.light = frozenset(catalogue.discourse.light)
        self.dictionary = tuple(sorted({*catalogue.dictionary, *catalogue.lexicon.words}))

    def label(self, text: str, quantity: Quantity) -> str:
        """The last words before the number, else the first behind it, else those of the clause before, else its unit."""
        context, measure = quantity.context, quantity.measure
        before = self._end(text[context.left : measure.start])
        if before:
            return before
        after = self._start(text[measure.end : context.right_end])
        if after:
            return after
        earlier = text[context.sentence : context.left].rstrip(_STRIP)
        return self._end(earlier[-2 * _LONGEST :]) or measure.unit or text[measure.start : measure.end]

    def _end(self, words: str) -> str:
        """The last words of a phrase that fit a label, without connectives at either end."""
        cut = self._cut(words)
        while cut and (cut[-1] in self.light or not cut[-1].strip(_STRIP)):
            cut.pop()
        kept: list[str] = []
        for word in reversed(cut):
            if not word.strip(_STRIP + "，；：。") or sum(map(len, kept)) + len(word) > _LONGEST:
                break
            kept.insert(0, word)
        while kept and kept[0] in self.light:
            kept.pop(0)
        return "".join(kept)

    def _start(self, words: str) -> str:
        kept: list[str] = []
        for word in self._cut(words):
            if not word.strip(_STRIP) or sum(map(len, kept)) + len(word) > _LONGEST:
                break
            kept.append(word)
        while kept and kept[0] in self.light:
            kept.pop(0)
        return "".join(kept)

    def _cut(self, words: str) -> list[str]:
        words = words.strip(_STRIP)
        return list(_tokenizer(self.dictionary).cut(words)) if words else []


@lru_cache(maxsize=4)
def _tokenizer(words: tuple[str, ...]) -> Any:
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


def _jieba() -> Any:
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
