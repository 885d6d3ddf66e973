"""Compiled patterns. Compiling takes longer than reading one report, so that what one run compiled is kept for the next.

Each pattern is kept by itself and read back when it is asked for: a run pays for its own patterns, not for those of others.
"""

from __future__ import annotations

import atexit
import sys
from collections.abc import Iterable
from functools import cache
from typing import Any

import regex

from extractor.keeping import keep, pack, recall, unpack

_NAME = f"compiled-{regex.__version__}-{sys.implementation.cache_tag}"
_MOST = 4000
"""Patterns to keep; own rules and years add to the built-in ones, and when there are too many the file begins anew."""

_Key = tuple[str, tuple[tuple[str, frozenset[str]], ...]]
_ready: dict[_Key, regex.Pattern[str]] = {}
_fresh: dict[_Key, regex.Pattern[str]] = {}


def compile_pattern(pattern: str, **words: Iterable[str]) -> regex.Pattern[str]:
    r"""The compiled pattern; `words` are its named lists (\L<name>). Raises regex.error where the pattern is wrong."""
    key = (pattern, tuple((name, frozenset(found)) for name, found in words.items()))
    if key not in _ready:
        _ready[key] = _recalled(key) or _compiled(key)
    return _ready[key]


def _recalled(key: _Key) -> regex.Pattern[str] | None:
    found = unpack(_kept().get(key, b""))
    return found if isinstance(found, regex.Pattern) else None


def _compiled(key: _Key) -> regex.Pattern[str]:
    pattern, lists = key[0], dict[str, Any](key[1])
    compiled = regex.compile(pattern, **lists)
    if not _fresh:
        atexit.register(_keep)
    _fresh[key] = compiled
    return compiled


def one_of(words: Iterable[str]) -> str:
    r"""The pattern of any of the words, the longest that fits; read character by character, in half the time of \L<words>.

    Without words it is one that matches nowhere.
    """
    return _branches(words) or "(?!)"


def _branches(words: Iterable[str]) -> str:
    rests: dict[str, list[str]] = {}
    for word in words:
        rests.setdefault(word[:1], []).append(word[1:])
    optional = "?" if rests.pop("", None) else ""
    branches = "|".join(regex.escape(first) + _branches(following) for first, following in rests.items())
    return f"(?:{branches}){optional}" if branches else ""


class Beginnings(dict[str, bool]):
    """Whether a match of a pattern may begin with a character; the pattern is asked once for each. It must not look behind."""

    def __init__(self, pattern: regex.Pattern[str]) -> None:
        super().__init__()
        self.pattern = pattern

    def __missing__(self, character: str) -> bool:
        able = self[character] = self.pattern.match(character, partial=True) is not None
        return able


@cache
def _kept() -> dict[_Key, bytes]:
    found = recall(_NAME)
    return found if isinstance(found, dict) else {}


def _keep() -> None:
    fresh = {key: pack(pattern) for key, pattern in _fresh.items()}
    together = _kept() | fresh
    keep(_NAME, together if len(together) <= _MOST else fresh)
