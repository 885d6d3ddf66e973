"""What a corpus counts and the catalogue has no code for: grouped by head word and unit, the most frequent first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from extractor.catalogue.models import Catalogue
from extractor.indicators import UNCATALOGUED
from extractor.patterns import compile_pattern
from extractor.pipeline import Reading
from extractor.types import Quantity
from extractor.words import LabelMaker

_SAMPLES = 3
_LABELS = 3
_NOT_WORDS = compile_pattern(r"[^\p{Han}A-Za-z0-9]+")
Cut = Callable[[str], list[str]]


@dataclass(frozen=True)
class Group:
    """Quantities without a code that count one thing in one unit.

    `known` is the name in uncatalogued.yaml where the rules leave it without a code on purpose; `samples` are sentences with
    the number in 【】, as an indicator's examples are written.
    """

    head: str
    unit: str | None
    count: int
    reports: int
    known: str | None
    labels: tuple[str, ...]
    samples: tuple[str, ...]


@dataclass
class _Tally:
    count: int = 0
    sources: set[str] = field(default_factory=set)
    labels: Counter[str] = field(default_factory=Counter)
    known: Counter[str | None] = field(default_factory=Counter)
    samples: dict[str, None] = field(default_factory=dict)


class Discovery:
    """The tally of a corpus, one text after another; it keeps counts and samples, not texts."""

    def __init__(self, catalogue: Catalogue, cut: Cut | None = None) -> None:
        self.cut = cut or _jieba()
        self.light = frozenset(catalogue.discourse.light)
        self.labels = LabelMaker(catalogue)
        self.tallies: dict[tuple[str, str | None], _Tally] = {}

    def add(self, source: str, reading: Reading) -> None:
        """Count what one text reports as done and has no code for."""
        text = reading.clean.text
        for quantity in reading.quantities:
            if quantity.code is None and quantity.modality == "actual":
                label = self.labels.label(text, quantity)
                self._count(source, text, quantity, label)

    def _count(self, source: str, text: str, quantity: Quantity, label: str) -> None:
        known = quantity.rule.partition("#")[0].removeprefix(UNCATALOGUED) if quantity.rule.startswith(UNCATALOGUED) else None
        tally = self.tallies.setdefault((self.head(label), quantity.measure.unit), _Tally())
        tally.count += 1
        tally.sources.add(source)
        tally.labels[label] += 1
        tally.known[known] += 1
        if len(tally.samples) < _SAMPLES:
            tally.samples[_sample(text, quantity)] = None

    def head(self, label: str) -> str:
        """The last word of a label that says something; with the word before it where it is a single character."""
        words = [word for word in self.cut(_NOT_WORDS.sub("", label)) if word.strip()]
        while len(words) > 1 and words[-1] in self.light:
            words.pop()
        if len(words) > 1 and len(words[-1]) == 1:
            return "".join(words[-2:])
        return words[-1] if words else label

    def groups(self, least: int = 1) -> list[Group]:
        """All groups of at least `least` numbers, the most frequent first."""
        found = [
            Group(
                head,
                unit,
                tally.count,
                len(tally.sources),
                tally.known.most_common(1)[0][0],
                tuple(label for label, _ in tally.labels.most_common(_LABELS)),
                tuple(tally.samples),
            )
            for (head, unit), tally in self.tallies.items()
            if tally.count >= least
        ]
        return sorted(found, key=lambda g: (-g.count, -g.reports, g.head, g.unit or ""))


def _sample(text: str, quantity: Quantity) -> str:
    """The quantity's sentence with the number in 【】."""
    context, measure = quantity.context, quantity.measure
    start, end = min(context.sentence, measure.start), max(context.sentence_end, measure.end)
    return f"{text[start : measure.start]}【{text[measure.start : measure.end]}】{text[measure.end : end]}".strip()


@lru_cache(maxsize=1)
def _jieba() -> Cut:
    """The words of a text after jieba's own dictionary, with a tokenizer of our own and without its messages."""
    import logging
    import warnings

    with warnings.catch_warnings():
        # jieba asks for setuptools' pkg_resources, which warns that it is old
        warnings.simplefilter("ignore")
        import jieba
    jieba.setLogLevel(logging.WARNING)
    cut: Cut = jieba.Tokenizer().lcut
    return cut
