"""Texts as MinHash signatures: from two of them, how much two texts have in common can be told without the texts.

A signature is a sketch of rensa in its own serialised form, in base64: rensa names the version of its algorithm in it, and
refuses sketches of another.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rensa import RMinHash

    from extractor.catalogue.models import TextLikeness

_SEED = 1
_NO_WORDS = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"\d+")


def signature(text: str, names: Iterable[str], rules: TextLikeness) -> str:
    """The signature of a text with its numbers and `names` left out; empty where it is too short to compare."""
    words = masked(text, names)
    shingles = [words[at : at + rules.shingle] for at in range(len(words) - rules.shingle + 1)]
    if not _differ(shingles, rules.least_shingles):
        return ""
    sketch = _sketch(rules)
    sketch.update(shingles)  # one that comes again changes nothing
    return base64.b64encode(sketch.__getstate__()).decode("ascii")


def _differ(shingles: list[str], least: int) -> bool:
    """Whether so many of them differ; mostly the first few do, and the others need not be looked at."""
    return len(set(shingles[: 2 * least])) >= least or len(set(shingles)) >= least


def masked(text: str, names: Iterable[str]) -> str:
    """The letters and characters of a text: every run of digits as 0, `names` and everything that is no word left out."""
    words = _NO_WORDS.sub("", text)
    for name in sorted(names, key=len, reverse=True):
        words = words.replace(name, "")
    return _DIGITS.sub("0", words)


def read_signature(written: str, rules: TextLikeness) -> RMinHash:
    """The sketch of a signature. Raises ValueError where it is none, or one made by other rules or another algorithm."""
    sketch = _sketch(rules)
    try:
        sketch.__setstate__(base64.b64decode(written, validate=True))
    except binascii.Error as error:
        raise ValueError(str(error)) from None
    if len(sketch.digest()) != rules.permutations:
        raise ValueError(f"it has {len(sketch.digest())} values, the rules say {rules.permutations}")
    return sketch


def _sketch(rules: TextLikeness) -> RMinHash:
    from rensa import RMinHash

    return RMinHash(num_perm=rules.permutations, seed=_SEED)
