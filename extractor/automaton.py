"""Where the words of a list stand in texts: one Aho-Corasick automaton over all of them."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise

import ahocorasick_rs

Match = tuple[int, int, int]
"""A word's number in the list, and where it begins and ends."""
_SHORT = 20_000
"""A text of so many characters is read in less time than the automaton is built."""


class WordFinder:
    """Finds the words of a list, the longest of those that begin first; matches do not overlap.

    Building the automaton takes longer than reading one report: for the first text it is built of those words alone that stand
    in it, which finds the same.
    """

    def __init__(self, words: tuple[str, ...]) -> None:
        self.words = words
        self.is_first = True

    @cached_property
    def whole(self) -> ahocorasick_rs.AhoCorasick:
        """The automaton over all words."""
        return _automaton(self.words, ahocorasick_rs.Implementation.ContiguousNFA)

    def find(self, text: str) -> list[Match]:
        """The matches in text order."""
        is_first, self.is_first = self.is_first, False
        if is_first and len(text) <= _SHORT:
            return self._find_once(text)
        matches: list[Match] = self.whole.find_matches_as_indexes(text)
        return matches

    def _find_once(self, text: str) -> list[Match]:
        beginnings = {*text, *map("".join, pairwise(text))}
        able = [number for number, word in enumerate(self.words) if word[:2] in beginnings and word in text]
        # quicker to build, slower to search
        automaton = _automaton([self.words[number] for number in able], ahocorasick_rs.Implementation.NoncontiguousNFA)
        return [(able[number], start, end) for number, start, end in automaton.find_matches_as_indexes(text)]


def _automaton(words: tuple[str, ...] | list[str], form: ahocorasick_rs.Implementation) -> ahocorasick_rs.AhoCorasick:
    return ahocorasick_rs.AhoCorasick(words, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest, implementation=form)
