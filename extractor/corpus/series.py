"""What a place's reports show beside each other, and beside those of other places."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from extractor.corpus.outliers import Centre, centre, is_distant, is_far, may_be_distant, median_without, score
from extractor.corpus.store import Entry, Place, Point, Store
from extractor.corpus.types import CorpusFinding
from extractor.corpus.wording import finding, number, place_name

if TYPE_CHECKING:
    from extractor.catalogue.models import Bilingual, Catalogue, CorpusCode, CorpusRules


class Series:
    """The reports of a corpus by place and by year. `entries` are in the order of the store, without repeated ones."""

    def __init__(self, store: Store, entries: Iterable[Entry], catalogue: Catalogue) -> None:
        self.store = store
        self.catalogue = catalogue
        self.rules: CorpusRules = catalogue.corpus
        self.by_place: dict[Place, dict[int, list[Entry]]] = defaultdict(lambda: defaultdict(list))
        for entry in entries:
            if entry.place and entry.year:
                self.by_place[entry.place][entry.year].append(entry)

    def find(self) -> Iterator[CorpusFinding]:
        """All findings: place by place, then year by year."""
        for place, years in self.by_place.items():
            yield from self._several(place, years)
            yield from self._gaps(place, years)
            yield from self._values([reports[0] for reports in years.values()])
        for year, kinds in self._peers().items():
            for entries in kinds.values():
                yield from self._among_peers(year, entries)

    @cached_property
    def labels(self) -> dict[str, Bilingual]:
        """What the codes are called."""
        return {rule.code: rule.label for rule in self.catalogue.indicators}

    @cached_property
    def rate_units(self) -> frozenset[str]:
        """The units of rates, which are compared in points."""
        return frozenset(self.catalogue.units.families["rates"])

    @cached_property
    def unit_names(self) -> dict[str, str]:
        """The first of each group of units that count the same thing, for all of them."""
        return {unit: group[0] for group in self.rules.same_units for unit in group}

    def _several(self, place: Place, years: dict[int, list[Entry]]) -> Iterator[CorpusFinding]:
        for year, (first, *others) in years.items():
            words: dict[str, object] = {
                "place": place_name(place), "year": year, "count": len(others) + 1, "other": first.name
            }  # fmt: skip
            yield from (finding(self.rules, entry, "several_reports", words, words) for entry in others)

    def _gaps(self, place: Place, years: dict[int, list[Entry]]) -> Iterator[CorpusFinding]:
        for before, year in pairwise(years):
            count = year - before - 1
            if count:
                missing = str(before + 1) if count == 1 else f"{before + 1}–{year - 1}"
                words: dict[str, object] = {
                    "place": place_name(place), "before": before, "missing": missing, "count": count
                }  # fmt: skip
                yield finding(self.rules, years[year][0], "year_gap", words, words)

    def _values(self, reports: list[Entry]) -> Iterator[CorpusFinding]:
        """What the values of one place show, its reports one for each year."""
        if len(reports) < 2:
            return
        for code, seen in self._by_code(reports).items():
            yield from self._units(code, seen)
            for group in self._by_unit(seen):
                yield from self._outliers(code, group)

    def _units(self, code: str, seen: list[Point]) -> Iterator[CorpusFinding]:
        """Units that differ from those of the last report with a value."""
        counted = [one for one in seen if one.value and one.unit]
        for old, new in pairwise(counted):
            if self._unit(old) != self._unit(new):
                words: dict[str, object] = {
                    "before": old.entry.year,
                    "old": old.unit,
                    "new": new.unit,
                    "old_value": _shown(old),
                    "new_value": _shown(new),
                }
                yield self._told("unit_changed", new, code, words, words)

    def _outliers(self, code: str, seen: list[Point]) -> Iterator[CorpusFinding]:
        """Values far from those of the other years."""
        rule, scale = self.rules.series, self.rules.scale
        if len(seen) <= rule.least:
            return
        is_rate = self._is_rate(seen)
        ordered = sorted(one.value for one in seen)
        if not may_be_distant(ordered, is_rate, rule, scale):
            return
        for one in seen:
            value = one.value
            if not is_distant(value, median_without(ordered, ordered.index(value)), is_rate, rule, scale):
                continue
            around = self._centre([other for other in seen if other is not one])
            if is_far(value, around, rule, scale):
                words = self._far(one, around, len(seen) - 1)
                yield self._told("outlier_in_series", one, code, words, words)

    def _peers(self) -> dict[int, dict[str, list[Entry]]]:
        """The first report of each place, by year and kind."""
        years: dict[int, dict[str, list[Entry]]] = defaultdict(lambda: defaultdict(list))
        for reports in self.by_place.values():
            for year, (first, *_) in reports.items():
                if first.kind:
                    years[year][first.kind].append(first)
        return {year: years[year] for year in sorted(years)}

    def _among_peers(self, year: int, entries: list[Entry]) -> Iterator[CorpusFinding]:
        """Values far from those of the county where it has enough of them, else of all reports of the year and kind."""
        if len(entries) <= self.rules.peers.least:
            return
        for code, seen in self._by_code(entries).items():
            for group in self._by_unit(seen):
                if len(group) > self.rules.peers.least:
                    yield from self._far_peers(code, year, group)

    def _far_peers(self, code: str, year: int, seen: list[Point]) -> Iterator[CorpusFinding]:
        least = self.rules.peers.least
        counties: dict[str | None, list[Point]] = defaultdict(list)
        for one in seen:
            counties[one.entry.county].append(one)
        scattered = False
        for county, group in counties.items():
            if county and len(group) > least:
                yield from self._far_in(code, year, group, group, county, county)
            else:
                scattered = True
        if scattered:
            judged = [one for one in seen if not one.entry.county or len(counties[one.entry.county]) <= least]
            everywhere = self.rules.everywhere
            yield from self._far_in(code, year, judged, seen, everywhere.zh, everywhere.en)

    def _far_in(
        self, code: str, year: int, judged: list[Point], group: list[Point], zh: str, en: str
    ) -> Iterator[CorpusFinding]:
        """The judged values that are far from the median of the others of a group, which `zh` and `en` name."""
        rule, scale = self.rules.peers, self.rules.scale
        around = self._centre(group)
        for one in judged:
            if not is_far(one.value, around, rule, scale):
                continue
            without = self._centre([other for other in group if other is not one])
            if is_far(one.value, without, rule, scale):
                words = self._far(one, without, len(group) - 1) | {"year": year}
                yield self._told("outlier_among_peers", one, code, words | {"group": zh}, words | {"group": en})

    def _by_code(self, entries: Iterable[Entry]) -> dict[str, list[Point]]:
        codes: dict[str, list[Point]] = defaultdict(list)
        for entry in entries:
            for code, point in self.store.points(entry):
                codes[code].append(point)
        return codes

    def _by_unit(self, seen: list[Point]) -> list[list[Point]]:
        """Values that can be compared; a zero without a unit is one in the unit that most have."""
        if len({one.unit for one in seen}) == 1:
            return [seen]
        counts = Counter(self._unit(one) for one in seen if one.unit)
        usual = max(counts, key=counts.__getitem__, default=None)
        groups: dict[str | None, list[Point]] = defaultdict(list)
        for one in seen:
            groups[self._unit(one) if one.unit or one.value else usual].append(one)
        return list(groups.values())

    def _unit(self, point: Point) -> str | None:
        return None if point.unit is None else self.unit_names.get(point.unit, point.unit)

    def _centre(self, seen: list[Point]) -> Centre:
        return centre([one.value for one in seen], self._is_rate(seen), self.rules.scale)

    def _is_rate(self, seen: list[Point]) -> bool:
        return any(one.unit in self.rate_units for one in seen)

    def _far(self, one: Point, around: Centre, others: int) -> dict[str, object]:
        return {
            "value": number(one.value),
            "unit": one.unit or "",
            "median": number(around.median),
            "count": others,
            "score": f"{score(one.value, around, self.rules.scale):.1f}",
        }

    def _told(self, code: CorpusCode, one: Point, about: str, zh: dict[str, object], en: dict[str, object]) -> CorpusFinding:
        label = self.labels[about]
        return finding(self.rules, one.entry, code, zh | {"label": label.zh}, en | {"label": label.en}, one.indicators)


def _shown(point: Point) -> str:
    return f"{number(point.value)}{point.unit or ''}"
