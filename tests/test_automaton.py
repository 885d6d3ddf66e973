"""Words found in a text: by the letter of the rule, and the first text as every later one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.automaton import Match, WordFinder
from extractor.pipeline import Extractor
from tests.gold_sets import REPOSITORY

CHARACTERS = "调解纠纷"


def _by_the_letter(words: tuple[str, ...], text: str) -> list[Match]:
    """At each place the longest word that begins there, and on behind it."""
    found, at = [], 0
    while at < len(text):
        word = max((word for word in words if text.startswith(word, at)), key=len, default="")
        if word:
            found.append((words.index(word), at, at + len(word)))
        at += len(word) or 1
    return found


@given(
    words=st.sets(st.text(CHARACTERS, min_size=1, max_size=4), max_size=8).map(tuple),
    texts=st.lists(st.text(CHARACTERS + "案", max_size=12), min_size=2, max_size=3),
)
def test_the_longest_words_are_found_in_the_first_text_and_in_later_ones(words: tuple[str, ...], texts: list[str]) -> None:
    finder = WordFinder(words)
    assert [finder.find(text) for text in texts] == [_by_the_letter(words, text) for text in texts]


@pytest.mark.parametrize("path", sorted((REPOSITORY / "samples").glob("*.txt")), ids=lambda path: path.stem)
def test_a_report_read_first_has_the_words_that_it_has_later(extractor: Extractor, path: Path) -> None:
    text = path.read_text("utf-8")
    finder = WordFinder(extractor.matcher.words)
    first = finder.find(text)
    assert first
    assert finder.find(text) == first
