"""Which rule files there are, and what they are called together."""

from __future__ import annotations

import difflib
import hashlib
import os
from pathlib import Path

from extractor.errors import CatalogueError

PARTS = {
    "head": "catalogue.yaml",
    "characters": "characters.yaml",
    "page": "page.yaml",
    "sections": "sections.yaml",
    "metadata": "metadata.yaml",
    "units": "units.yaml",
    "numbers": "numbers.yaml",
    "modality": "modality.yaml",
    "vocabulary": "vocabulary.yaml",
    "discourse": "discourse.yaml",
    "uncatalogued": "uncatalogued.yaml",
    "checks": "checks.yaml",
    "corpus": "corpus.yaml",
}
"""The parts of a catalogue and their files."""

INDICATOR_FOLDER = "indicators"
DICTIONARY = "dictionary.txt"
ENVIRONMENT = "EXTRACTOR_CATALOGUE"
_FORM = ("models.py", "lexicon.py", "firsts.py", "memory.py")
"""Modules that shape what is remembered: when one changes, so does every fingerprint."""


def builtin_folder() -> Path:
    """The folder of the rules that come with the package, installed or in a checkout."""
    inside = Path(__file__).parents[1] / "schemas"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "schemas"


def rule_files(folder: str | os.PathLike[str] | None) -> dict[Path, bytes]:
    """The rule files of `folder` laid over the built-in ones, later ones winning; see `load_catalogue`."""
    own = folder if folder is not None else os.environ.get(ENVIRONMENT) or None
    return {path: path.read_bytes() for path in _files(Path(own) if own else None)}


def _files(own: Path | None) -> list[Path]:
    if own is None:
        return _files_of(builtin_folder())
    if not own.is_dir():
        raise CatalogueError([f"{own}: no such folder; name a folder with rule files (see schemas/README.md)"])
    files = _files_of(own)
    unknown = sorted(path.name for path in own.glob("*.yaml") if path.name not in PARTS.values())
    if unknown:
        near = (difflib.get_close_matches(name, PARTS.values(), n=1) for name in unknown)
        raise CatalogueError(
            [
                f"{own / name}: is no rule file"
                + (f"; did you mean {hint[0]!r}?" if hint else f"; indicators go into {INDICATOR_FOLDER}/")
                for name, hint in zip(unknown, near, strict=True)
            ]
        )
    if not files:
        raise CatalogueError([f"{own}: holds no rule files; put an indicator file into {own / INDICATOR_FOLDER}"])
    if own / PARTS["head"] in files:
        return files
    names = {path.name for path in files if path.parent == own}
    return [path for path in _files_of(builtin_folder()) if path.name not in names] + files


def _files_of(folder: Path) -> list[Path]:
    parts = [folder / name for name in (*PARTS.values(), DICTIONARY) if (folder / name).is_file()]
    return parts + sorted((folder / INDICATOR_FOLDER).glob("*.yaml"))


def fingerprint(contents: dict[Path, bytes]) -> str:
    """A name for exactly these files, compiled by exactly this code."""
    digest = hashlib.sha256()
    for name in _FORM:
        digest.update((Path(__file__).parent / name).read_bytes())
    for path, content in contents.items():
        digest.update(f"\0{path.parent.name}/{path.name}\0".encode())
        digest.update(content)
    return digest.hexdigest()
