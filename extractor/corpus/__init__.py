"""What a report alone does not show: copies, gaps, outliers, units that change.

Each report gives a digest while its text is at hand (`digest`); when all are there, `find` tells what they show beside each
other. Between the two only digests are kept, a few kilobytes each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from extractor.corpus.digests import digest, from_line, from_lines, to_line
from extractor.corpus.types import CorpusFinding, Digest

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue

__all__ = ["CorpusFinding", "Digest", "digest", "find", "from_line", "from_lines", "to_line"]


def find(digests: Iterable[Digest], catalogue: Catalogue) -> Iterator[CorpusFinding]:
    """All findings of a corpus: copies by year, date and name, then what places show, then what peers show.

    The digests may come in any order: the same ones give the same findings in the same order. They are read to the end first,
    and about three kilobytes of each are kept. Raises InputError where a signature is of other rules or another version.
    """
    from extractor.corpus.copies import REPEATS, twins, worded
    from extractor.corpus.series import Series
    from extractor.corpus.store import Store

    store = Store(digests)
    repeated = set()
    for twin in twins(store, catalogue.corpus):
        if twin.relation in REPEATS:
            repeated.add(twin.entry)
        yield worded(twin, catalogue.corpus)
    yield from Series(store, (entry for entry in store.entries if entry not in repeated), catalogue).find()
