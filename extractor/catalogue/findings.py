"""What the rules of findings may name: codes of indicators and findings, measure words, and the words of each message."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue

Place = tuple[str | int, ...]

_ORDER = frozenset({"lesser", "greater"})
_PARTS = frozenset({"sum", "total"})
_TEXT = frozenset({"text"})
_NONE: frozenset[str] = frozenset()
WORDS: dict[str, frozenset[str]] = {
    "not_a_report": frozenset({"title", "title_en"}),
    "no_sections": _NONE,
    "no_numbers": _NONE,
    "missing_section": frozenset({"kind", "kind_en"}),
    "placeholder": _TEXT,
    "truncated": _NONE,
    "missing_unit": _TEXT,
    "unlikely_unit": _TEXT | {"name", "unit"},
    "fractional_count": _TEXT,
    "implausible": _TEXT | {"label", "label_en", "most", "unit"},
    "parts_exceed_total": _PARTS,
    "parts_below_total": _PARTS,
    "parts_near_total": _PARTS,
    "rate_above_hundred": _TEXT,
    "rate_contradicted": frozenset({"rate", "part", "whole", "share"}),
    "zero_and_count": frozenset({"zero", "count", "label", "label_en"}),
    "two_values": frozenset({"name", "label", "label_en", "first", "second"}),
    "year_contradicted": _TEXT | {"year"},
    "issuer_contradicted": _TEXT | {"place"},
    "other_place": _TEXT | {"place"},
}
"""The findings that the checks give, whatever the rules, and what their messages may fill in."""


class Problem(NamedTuple):
    """Something wrong with `checks.yaml`: the path of keys to it, and what is wrong."""

    place: Place
    message: str


def finding_problems(catalogue: Catalogue, nearest: Callable[[str, Iterable[str]], str]) -> Iterator[Problem]:
    """Names in `checks.yaml` that point nowhere. `nearest` hints at the right one."""
    checks = catalogue.checks
    findings = set(checks.findings)
    words = WORDS | {rule.finding: _ORDER for rule in checks.orders.rules}
    for code, allowed in words.items():
        if code not in findings:
            rules = [n for n, rule in enumerate(checks.orders.rules) if rule.finding == code]
            where: Place = ("orders", "rules", rules[0]) if rules else ("findings",)
            yield Problem(where, f"no finding {code!r}{nearest(code, findings)}")
            continue
        for name in sorted(checks.findings[code].words - allowed):
            known = " ".join(sorted(allowed)) or "none"
            yield Problem(("findings", code), f"the message of {code} has no word {name!r}; it knows: {known}")
    codes = set(catalogue.codes)
    for place, code in _codes(catalogue):
        if code not in codes:
            yield Problem(place, f"no code {code!r}{nearest(code, codes)}")
    units = {word for group in catalogue.units.measure_words for word in group.words}
    units |= {word for family in catalogue.units.families.values() for word in family}
    for place, unit in _units(catalogue):
        if unit not in units:
            yield Problem(place, f"no measure word {unit!r}{nearest(unit, units)}")


def _codes(catalogue: Catalogue) -> Iterator[tuple[Place, str]]:
    """All codes of indicators that the rules name, and where."""
    checks = catalogue.checks
    for number, rate in enumerate(checks.rates):
        for code in (*rate.of, *rate.to, *((rate.rate,) if rate.rate else ())):
            yield ("rates", number), code
    for number, order in enumerate(checks.orders.rules):
        for code in (*order.lesser, *order.greater):
            yield ("orders", "rules", number), code
    for number, code in enumerate(checks.zeros.codes):
        yield ("zeros", "codes", number), code
    for number, single in enumerate(checks.single.rules):
        yield ("single", "rules", number), single.code
    for number, plausible in enumerate(checks.plausible):
        yield ("plausible", number), plausible.code


def _units(catalogue: Catalogue) -> Iterator[tuple[Place, str]]:
    """All measure words that the rules name, and where."""
    checks = catalogue.checks
    for number, plausible in enumerate(checks.plausible):
        for unit in plausible.units:
            yield ("plausible", number), unit
    for number, unlikely in enumerate(checks.unlikely_units):
        for unit in unlikely.units:
            yield ("unlikely_units", number), unit
    for unit in checks.whole_units:
        yield ("whole_units",), unit
