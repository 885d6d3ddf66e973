"""The words that cues are made of, gathered into one table.

A word speaks for every concept that lists it. A word made wholly of other words (矛盾纠纷排查 of 矛盾纠纷 and 排查) speaks for
theirs too, each with its own length: so the longest word of a place can be taken without losing what is inside it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from extractor.catalogue.models import Catalogue, Cue, Lexicon

_NAME = "#"
"""Prefix of the pseudo-concepts that mark names with a number in them; the skip reason follows."""


def build_lexicon(catalogue: Catalogue) -> Lexicon:
    """The words, the entries of cues (slots), and which slots each word fills with which length."""
    concepts = _word_concepts(catalogue)
    slots: dict[str, int] = {}
    of_concept: dict[str, list[int]] = defaultdict(list)
    for cue in all_cues(catalogue):
        for entry in (*cue.own, *cue.right, *cue.near, *cue.not_):
            if entry not in slots:
                slots[entry] = len(slots)
                for concept in entry.split("|"):
                    of_concept[concept].append(slots[entry])
    fills = []
    reasons = []
    for number, lengths in enumerate(concepts.values()):
        filled: dict[int, int] = {}
        for concept, length in lengths:
            for slot in of_concept.get(concept, ()):
                filled[slot] = max(length, filled.get(slot, 0))
            if concept.startswith(_NAME):
                reasons.append((number, concept[len(_NAME) :]))
        fills.append(tuple(filled.items()))
    return Lexicon(
        words=tuple(concepts),
        slots=tuple(slots),
        fills=tuple(fills),
        reasons=tuple(reasons),
        mentions=_mentions(catalogue, tuple(concepts)),
    )


def _mentions(catalogue: Catalogue, words: tuple[str, ...]) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """The words that mention indicators, and their codes: a word mentions what stands anywhere inside it."""
    codes: dict[str, list[str]] = defaultdict(list)
    for rule in catalogue.indicators:
        for word in rule.mention:
            codes[word].append(rule.code)
    found = []
    for number, word in enumerate(words):
        inside = {code for a in range(len(word)) for b in range(a + 2, len(word) + 1) for code in codes.get(word[a:b], ())}
        if inside:
            found.append((number, tuple(sorted(inside))))
    return tuple(found)


def _word_concepts(catalogue: Catalogue) -> dict[str, tuple[tuple[str, int], ...]]:
    """Word to the concepts it speaks for, each with the length of the word that does."""
    direct: dict[str, set[str]] = defaultdict(set)
    for concept, words in catalogue.vocabulary.concepts.items():
        for word in words:
            direct[word].add(concept)
    for rule in catalogue.indicators:
        for word in rule.mention:
            direct[word].add(word)
    for cue in all_cues(catalogue):
        for entry in (*cue.own, *cue.right, *cue.near, *cue.not_):
            for word in entry.split("|"):
                if word not in catalogue.vocabulary.concepts:
                    direct[word].add(word)
    for reason, groups in catalogue.numbers.names.items():
        for words in groups:
            for word in words:
                direct[word].add(_NAME + reason)
    meaningful = {word for word, concepts in direct.items() if any(not c.startswith(_NAME) for c in concepts)}
    return {
        word: _with_parts(word, concepts, direct, meaningful)
        for word, concepts in sorted(direct.items())
        if not _is_redundant(word, concepts, direct, meaningful)
    }


def all_cues(catalogue: Catalogue) -> Iterator[Cue]:
    """Every cue of the catalogue, of codes and of what has none."""
    for rule in catalogue.indicators:
        yield from (*rule.cues, *rule.zero)
    for other in catalogue.uncatalogued.uncatalogued:
        yield from other.cues


def _is_redundant(word: str, concepts: set[str], direct: dict[str, set[str]], meaningful: set[str]) -> bool:
    """Whether a word says nothing that its parts do not say: it would only hide words that begin inside it."""
    parts = _greedy_parts(word, meaningful)
    return bool(parts) and all(any(concept in direct[part] for part in parts) for concept in concepts)


def _greedy_parts(word: str, words: set[str]) -> list[str]:
    """The shorter words that would be found in a word's place if it were not known, or none where they do not fill it."""
    parts, at = [], 0
    while at < len(word):
        longest = next((n for n in range(len(word) - at, 1, -1) if word[at : at + n] in words and word[at : at + n] != word), 0)
        if not longest:
            return []
        parts.append(word[at : at + longest])
        at += longest
    return parts


def _with_parts(
    word: str, concepts: set[str], direct: dict[str, set[str]], meaningful: set[str]
) -> tuple[tuple[str, int], ...]:
    lengths = {concept: len(word) for concept in concepts}
    for part in _parts(word, meaningful):
        for concept in direct[part]:
            lengths.setdefault(concept, len(part))
    return tuple(sorted(lengths.items()))


def _parts(word: str, words: set[str]) -> list[str]:
    """The fewest shorter words of two or more characters that make up `word`, or none."""
    best: list[list[str] | None] = [[]] + [None] * len(word)
    for end in range(2, len(word) + 1):
        for start in range(max(0, end - 10), end - 1):
            head, part = best[start], word[start:end]
            if head is not None and part != word and part in words:
                current = best[end]
                if current is None or len(head) + 1 < len(current):
                    best[end] = [*head, part]
    return best[len(word)] or []
