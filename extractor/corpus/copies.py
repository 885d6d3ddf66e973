"""Reports that are the same, or nearly the same, as an earlier one.

Each report is compared with those earlier ones that locality-sensitive hashing finds for it, and with the latest of its own
place. It is told of at most once for each way of being alike, with the likest of the earlier reports.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

from extractor.corpus.signatures import read_signature
from extractor.corpus.store import Entry, Place, Store
from extractor.corpus.types import CorpusFinding
from extractor.corpus.wording import finding, place_name
from extractor.errors import InputError

if TYPE_CHECKING:
    from rensa import RMinHash

    from extractor.catalogue.models import CorpusCode, CorpusRules, NumberLikeness, TextLikeness

Relation = Literal["duplicate_file", "near_duplicate", "copied_from_earlier_year", "copied_from_other_place"]
REPEATS: tuple[Relation, ...] = ("duplicate_file", "near_duplicate")
"""How a report is alike another that says nothing more."""


class Twin(NamedTuple):
    """A report and the earlier one that it is like."""

    entry: Entry
    other: Entry
    relation: Relation
    likeness: float


def twins(store: Store, rules: CorpusRules) -> Iterator[Twin]:
    """Every report that is like an earlier one, with the likest of each relation, in the order of the store."""
    firsts: dict[str, Entry] = {}
    earlier = _Earlier(rules.text)
    for entry in store.entries:
        first = firsts.setdefault(entry.sha256, entry)
        if first is not entry:
            yield Twin(entry, first, "duplicate_file", 1.0)
        elif entry.signature:
            yield from _likest(entry, earlier.alike(entry))


def worded(twin: Twin, rules: CorpusRules) -> CorpusFinding:
    """What is told of a report that is like an earlier one."""
    entry, other = twin.entry, twin.other
    same, numbers = _same_numbers(entry, other)
    words: dict[str, object] = {
        "other": other.name,
        "likeness": f"{twin.likeness:.2f}",
        "same": same,
        "numbers": numbers,
        "year": other.year or "—",
        "place": place_name(other.place),
    }
    return finding(rules, entry, _code(twin.relation, same, numbers, rules.numbers), words, words)


def _code(relation: Relation, same: int, numbers: int, rules: NumberLikeness) -> CorpusCode:
    if numbers < rules.least or same < rules.same * numbers:
        return relation
    if relation == "copied_from_earlier_year":
        return "copied_from_earlier_year_with_numbers"
    return "copied_from_other_place_with_numbers" if relation == "copied_from_other_place" else relation


def _same_numbers(one: Entry, other: Entry) -> tuple[int, int]:
    """How many quantities two reports have in common, of how many that the one with more has."""
    return (Counter(one.numbers) & Counter(other.numbers)).total(), max(len(one.numbers), len(other.numbers))


def _likest(entry: Entry, alike: list[tuple[float, Entry]]) -> Iterator[Twin]:
    """Of each relation the likest; of texts equally like, the one with the most numbers in common, and then the latest."""
    best: dict[Relation, list[Twin]] = {}
    for likeness, other in alike:
        twin = Twin(entry, other, _relation(entry, other), likeness)
        equals = best.setdefault(twin.relation, [twin])
        if likeness > equals[0].likeness:
            best[twin.relation] = [twin]
        elif likeness == equals[0].likeness and twin is not equals[0]:
            equals.append(twin)
    for equals in best.values():
        yield equals[0] if len(equals) == 1 else max(reversed(equals), key=lambda twin: _same_numbers(entry, twin.other)[0])


def _relation(entry: Entry, other: Entry) -> Relation:
    if entry.place and other.place and not _same_place(entry, other):
        return "copied_from_other_place"
    if entry.place and other.place and entry.year and other.year and entry.year != other.year:
        return "copied_from_earlier_year"
    return "near_duplicate"


def _same_place(entry: Entry, other: Entry) -> bool:
    """Where one of two townships of a name says no county, it may be the other."""
    if entry.township and entry.township == other.township and None in (entry.county, other.county):
        return True
    return entry.place == other.place


class _Earlier:
    """The reports before one, as far as they are kept to be compared with it."""

    def __init__(self, rules: TextLikeness) -> None:
        from rensa import RMinHashLSH

        self.rules = rules
        self.index = RMinHashLSH(threshold=rules.likeness, num_perm=rules.permutations, num_bands=rules.bands)
        self.kept: list[tuple[Entry, RMinHash]] = []
        self.recent: dict[Place, deque[int]] = defaultdict(lambda: deque(maxlen=rules.recent))

    def alike(self, entry: Entry) -> list[tuple[float, Entry]]:
        """The earlier reports that the text is nearly the same as, in the order of the store; the report is then kept too."""
        sketch = self._sketch(entry)
        found = self.index.query(sketch)
        near = self.recent[entry.place] if entry.place else ()
        alike = []
        for key in sorted({*found, *near}):
            other, earlier = self.kept[key]
            likeness = sketch.jaccard(earlier)
            if likeness >= self.rules.likeness:
                alike.append((likeness, other))
        is_crowded = len(alike) >= self.rules.crowd or len(found) >= self.rules.candidates
        self._keep(entry, sketch, is_crowded)
        return alike

    def _sketch(self, entry: Entry) -> RMinHash:
        """The sketch of a report; what it was made from is let go."""
        try:
            sketch = read_signature(entry.signature.decode("ascii"), self.rules)
        except ValueError as error:
            raise InputError(entry.name, f"its signature cannot be compared ({error})", "make the digests anew") from None
        entry.signature = b""
        return sketch

    def _keep(self, entry: Entry, sketch: RMinHash, is_crowded: bool) -> None:
        key = len(self.kept)
        if not is_crowded:
            self.index.insert(key, sketch)
        elif entry.place is None:
            return
        self.kept.append((entry, sketch))
        if entry.place:
            self.recent[entry.place].append(key)
