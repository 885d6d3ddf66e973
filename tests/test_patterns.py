"""Patterns: alternatives of words, and with which characters a match may begin."""

from __future__ import annotations

import regex
from hypothesis import given
from hypothesis import strategies as st

from extractor.patterns import Beginnings, one_of
from extractor.pipeline import Extractor

WORDS = st.lists(st.text("法治.|甲", min_size=1, max_size=4), min_size=1, max_size=8)


@given(words=WORDS, text=st.text("法治.|甲", max_size=6))
def test_the_longest_word_that_fits_is_found(words: list[str], text: str) -> None:
    longest = max((word for word in words if text.startswith(word)), key=len, default=None)
    match = regex.match(one_of(words), text)
    assert (match and match[0]) == longest


def test_of_no_words_none_is_found() -> None:
    assert regex.search(one_of([]), "法治") is None


@given(words=WORDS)
def test_what_follows_decides_among_words(words: list[str]) -> None:
    pattern = regex.compile(f"(?:{one_of(words)})乙")
    assert all(pattern.fullmatch(f"{word}乙") for word in words)


def test_a_line_that_matches_may_begin_so(extractor: Extractor) -> None:
    cleaning = extractor.cleaning
    marks = ["一、工作", "（二）工作", "3.工作", "（4）工作", "⑤工作", "第六部分工作"]
    assert all(cleaning.mark.match(line) and cleaning.mark_beginnings[line[0]] for line in marks)
    names = [name for names in extractor.catalogue.metadata.labels.values() for name in names]
    assert [n for n in names if cleaning.label.match(f"{n}：") and not cleaning.label_beginnings[n[0]]] == []


def test_most_characters_begin_no_mark(extractor: Extractor) -> None:
    beginnings = Beginnings(extractor.cleaning.mark)
    assert [character for character in "工作法治是在全年" if beginnings[character]] == []
