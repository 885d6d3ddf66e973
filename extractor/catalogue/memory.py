"""Rules compiled by an earlier run, remembered for this one.

What is kept has been validated and is plain data; it is read back as objects with the same attributes, without building the
models again, which is most of the time that starting takes. Examples and remedies are left out: extraction needs none.
"""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from extractor.catalogue.files import fingerprint, rule_files
from extractor.keeping import keep, recall

if TYPE_CHECKING:
    from pydantic import BaseModel

    from extractor.catalogue.models import Catalogue


def recall_catalogue(folder: str | os.PathLike[str] | None = None) -> Catalogue:
    """The rules that `load_catalogue` gives, remembered from an earlier run or compiled and remembered for the next."""
    contents = rule_files(folder)
    key = fingerprint(contents)
    remembered = recall(f"rules-{key}")
    if isinstance(remembered, SimpleNamespace) and getattr(remembered, "fingerprint", None) == key:
        return cast("Catalogue", remembered)
    from extractor.catalogue.loader import compile_catalogue

    catalogue = compile_catalogue(key, contents)
    keep(f"rules-{key}", _plain_rule(catalogue, codes=catalogue.codes))
    return catalogue


def _plain_rule(rule: BaseModel, **more: object) -> SimpleNamespace:
    from extractor.catalogue.models import Examples

    left_out = {"match", "not_"} if isinstance(rule, Examples) else {"examples", "remedy"}
    names = (name for name in type(rule).model_fields if name not in left_out)
    return SimpleNamespace(**{name: _plain(getattr(rule, name)) for name in names}, **more)


def _plain(value: object) -> object:
    from pydantic import BaseModel

    if isinstance(value, BaseModel):
        return _plain_rule(value)
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return value
