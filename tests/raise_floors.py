"""Raise the floors of quality, and lower what transformations may cost: `python -m tests.raise_floors`.

Floors never fall and allowances never grow, unless called with `--lower REASON`; the reason is kept in the file.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

from extractor.evaluation import FIGURES, Evaluation
from tests.gold_sets import FLOORS, Case, cases_of, gold_folders, measure
from tests.metamorphic import trials

QUALITY = FLOORS / "quality.json"
METAMORPHIC = FLOORS / "metamorphic.json"
FREE_DROP = 1.0
"""Points that a figure may lose to any transformation."""

Table = dict[str, dict[str, float]]


class Change(NamedTuple):
    """A limit that would become looser."""

    place: str
    old: float
    new: float


def main(arguments: list[str]) -> int:
    """Measure everything, then write both files; 1 where a limit would have to become looser and no reason is given."""
    parser = argparse.ArgumentParser(prog="python -m tests.raise_floors", description=__doc__)
    parser.add_argument("--lower", metavar="REASON", help="allow looser limits, and say why")
    reason = parser.parse_args(arguments).lower
    if reason is not None and not reason.strip():
        parser.error("--lower needs a reason")
    floors, allowances = measured_floors(), measured_allowances()
    first = [place for place in allowances if place.partition("/")[2] not in _limits(QUALITY)]
    refused = [*update(QUALITY, floors, max, reason), *update(METAMORPHIC, allowances, min, reason, first)]
    for place, old, new in refused:
        sys.stderr.write(f"{place}: stays at {old}, though {new} was measured; mend it, or call with --lower REASON\n")
    return 1 if refused else 0


def measured_floors() -> Table:
    """What each set reaches now, rounded down, and how much it holds."""
    return {name: floor_of(cases_of(folder), measure(cases_of(folder))) for name, folder in gold_folders().items()}


def floor_of(cases: tuple[Case, ...], evaluation: Evaluation) -> dict[str, float]:
    """The figures of a set rounded down to hundredths, and its size: annotations that vanish are a loss too."""
    figures = {figure: math.floor(getattr(evaluation.total, figure) * 100) / 100 for figure in FIGURES}
    return {"reports": len(cases), "quantities": sum(len(case.gold.quantities) for case in cases), **figures}


def measured_allowances() -> Table:
    """`transformation/set` to figure to points lost, rounded up to half points, where more than the free ones are."""
    allowances: Table = {}
    cases = {name: cases_of(folder) for name, folder in gold_folders().items()}
    base = {name: measure(entries) for name, entries in cases.items()}
    for transform, name in trials():
        lost = drops(base[name], measure(tuple(map(transform, cases[name]))))
        dear = {figure: math.ceil(drop * 2) / 2 for figure, drop in lost.items() if drop > FREE_DROP}
        allowances[f"{transform.__name__}/{name}"] = dear
    return allowances


def drops(base: Evaluation, transformed: Evaluation) -> dict[str, float]:
    """Points that each figure has lost."""
    return {figure: getattr(base.total, figure) - getattr(transformed.total, figure) for figure in FIGURES}


def _limits(path: Path) -> Table:
    limits: Table = json.loads(path.read_text("utf-8"))["limits"] if path.is_file() else {}
    return limits


def update(path: Path, measured: Table, tighter: Any, reason: str | None, first: Collection[str] = ()) -> list[Change]:
    """Write the tighter of old and measured limits, the looser only with a reason; gives those that were refused.

    Sets that are not there now keep their limits. A figure without a limit among the floors gets one; an allowance that is no
    longer needed goes; one of a place in `first`, measured for the first time, is what was measured.
    """
    stored = json.loads(path.read_text("utf-8")) if path.is_file() else {"limits": {}, "loosened": []}
    limits: Table = stored["limits"]
    refused, loosened = [], []
    is_new = not limits
    for name, figures in measured.items():
        old = limits.get(name, {})
        default = {} if tighter is max or is_new or name in first else dict.fromkeys(figures, FREE_DROP)
        limits[name] = {}
        for figure, value in figures.items():
            before = old.get(figure, default.get(figure, value))
            if tighter(before, value) == value:
                limits[name][figure] = value
            elif reason is not None:
                limits[name][figure] = value
                loosened.append({"place": f"{name}/{figure}", "from": before, "to": value, "reason": reason})
            else:
                refused.append(Change(f"{name}/{figure}", before, value))
                if figure in old:
                    limits[name][figure] = before
    stored = {
        "limits": {name: kept for name, kept in sorted(limits.items()) if kept},
        "loosened": [*stored["loosened"], *loosened],
    }
    path.write_text(json.dumps(stored, ensure_ascii=False, indent=1, allow_nan=False) + "\n", "utf-8")
    return refused


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
