"""What was compiled once is kept for later runs, in the user's cache folder.

A kept file is a checksum and a pickle of plain data, rules and compiled patterns. Nothing else is made of it, whatever it
names: a file that is damaged, foreign or of another version is as good as none.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import tempfile
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

_CHECKSUM = hashlib.sha256().digest_size
_MOST_OF_A_KIND = 8
"""Catalogues that take turns, and versions beside each other; rules that are being written leave a file each time."""


class _Unpickler(pickle.Unpickler):
    """Makes rules and compiled patterns, and refuses to call anything else."""

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 as the library has it
        if (module, name) == ("types", "SimpleNamespace"):
            return SimpleNamespace
        if (module, name) == ("regex._regex", "compile"):
            return import_module("regex._regex").compile
        raise pickle.UnpicklingError(f"{module}.{name} is not kept here")


def recall(name: str) -> object | None:
    """What an earlier run kept under a name, or None."""
    try:
        found = _place(name).read_bytes()
    except (OSError, RuntimeError):
        return None
    checksum, packed = found[:_CHECKSUM], found[_CHECKSUM:]
    return unpack(packed) if hashlib.sha256(packed).digest() == checksum else None


def pack(value: object) -> bytes:
    """A value by itself: what is kept inside another thing and read back only where it is needed."""
    return pickle.dumps(value, protocol=5)


def unpack(packed: bytes) -> object | None:
    """What was packed, or None where that is not what was packed here."""
    try:
        value: object = _Unpickler(io.BytesIO(packed)).load()
    except (OSError, RuntimeError, ValueError, AttributeError, TypeError, LookupError, pickle.UnpicklingError, EOFError):
        return None
    return value


def keep(name: str, value: object) -> None:
    """Keep something for the next run; where that is not possible, the next run makes it again."""
    packed = pack(value)
    try:
        place = _place(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent) as folder:
            written = Path(folder) / place.name
            written.write_bytes(hashlib.sha256(packed).digest() + packed)
            written.replace(place)
        _forget_oldest(place)
    except (OSError, RuntimeError):
        return


def _forget_oldest(place: Path) -> None:
    """Let go of files that were kept under like names (`rules-…`) and written before the last few."""
    kind = place.name.partition("-")[0]
    alike = sorted(place.parent.glob(f"{kind}-*"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in alike[_MOST_OF_A_KIND:]:
        path.unlink(missing_ok=True)


def _place(name: str) -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
    return Path(base) / "extractor" / name
