"""Rules compiled by an earlier run, remembered in the user's cache folder.

What is kept has been validated and is plain data; it is read back as objects with the same attributes, without building the
models again, which is most of the time that starting takes. Examples are left out: extraction needs none.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from extractor.catalogue.files import fingerprint, rule_files

if TYPE_CHECKING:
    from pydantic import BaseModel

    from extractor.catalogue.models import Catalogue

_MAPPING = "%"


def recall_catalogue(folder: str | os.PathLike[str] | None = None) -> Catalogue:
    """The rules that `load_catalogue` gives, remembered from an earlier run or compiled and remembered for the next."""
    contents = rule_files(folder)
    key = fingerprint(contents)
    remembered = _recall(key)
    if remembered is not None:
        return remembered
    from extractor.catalogue.loader import compile_catalogue

    catalogue = compile_catalogue(key, contents)
    _remember(key, catalogue)
    return catalogue


def _place(key: str) -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
    return Path(base) / "extractor" / f"{key}.json"


def _recall(key: str) -> Catalogue | None:
    """The remembered rules, or None; a damaged file, or one of something else, is as good as none."""
    try:
        found = json.loads(_place(key).read_bytes(), object_hook=_unpack)
        if found.fingerprint != key or found.complete is not True:
            return None
        found.codes = tuple(rule.code for rule in found.indicators)
    except (OSError, RuntimeError, ValueError, AttributeError, TypeError, KeyError):
        return None
    return cast("Catalogue", found)


def _remember(key: str, catalogue: Catalogue) -> None:
    """Keep compiled rules for the next run; where that is not possible, the next run compiles again."""
    try:
        place = _place(key)
        place.parent.mkdir(parents=True, exist_ok=True)
        packed = json.dumps(_pack_rule(catalogue) | {"complete": True}, ensure_ascii=False, separators=(",", ":"))
        with tempfile.TemporaryDirectory(dir=place.parent) as folder:
            written = Path(folder) / place.name
            written.write_text(packed, encoding="utf-8")
            written.replace(place)
    except (OSError, RuntimeError):
        return


def _pack_rule(rule: BaseModel) -> dict[str, object]:
    from extractor.catalogue.models import Examples

    left_out = {"match", "not_"} if isinstance(rule, Examples) else {"examples"}
    return {name: _pack(getattr(rule, name)) for name in type(rule).model_fields if name not in left_out}


def _pack(value: object) -> object:
    from pydantic import BaseModel

    if isinstance(value, BaseModel):
        return _pack_rule(value)
    if isinstance(value, dict):
        return {_MAPPING: [[key, _pack(entry)] for key, entry in value.items()]}
    if isinstance(value, tuple):
        return [_pack(entry) for entry in value]
    return value


def _unpack(entry: dict[str, Any]) -> SimpleNamespace | dict[str, object]:
    if _MAPPING in entry:
        return {key: _tuples(value) for key, value in entry[_MAPPING]}
    return SimpleNamespace(**{name: _tuples(value) for name, value in entry.items()})


def _tuples(value: object) -> object:
    return tuple(map(_tuples, value)) if type(value) is list else value
