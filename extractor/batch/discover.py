"""Which inputs a batch has: folders searched as they are read, lists followed line by line, nothing held in memory."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple, TextIO

from extractor.reading import STANDARD_INPUT
from extractor.reading.formats import BY_ENDING, HTML, ending

LIST_ENDINGS = (".list", ".lst")
"""Endings of files that are lists of inputs, whatever they hold."""

UNFINISHED_ENDINGS = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".swp", "~")
"""Endings of names that a file bears while it is being written."""

_LIST_LINES = 20
_LIST_WIDTH = 4096
_HIDDEN = (".", "~$")


class Found(NamedTuple):
    """An input file: its path, and what tells at a glance whether it is still the same. All -1 for what is not there."""

    path: str
    size: int = -1
    mtime: int = -1
    inode: int = -1


@dataclass(frozen=True, slots=True)
class Selection:
    """Which files of a folder are inputs.

    A pattern (`*`, `?`, `[…]`) without a slash is for names, one with a slash for paths below the folder. Without `include`,
    files are taken by their endings. `exclude` is for files and for whole folders. `passed_over` is a folder that is no input.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    passed_over: Path | None = None

    def takes_file(self, name: str, relative: str) -> bool:
        """Whether a file of this name, at this path below the folder, is an input."""
        if name.startswith(_HIDDEN) or name.lower().endswith(UNFINISHED_ENDINGS) or _fits(name, relative, self.exclude):
            return False
        if self.include:
            return _fits(name, relative, self.include)
        return ending(name) in BY_ENDING

    def takes(self, relative: str) -> bool:
        """Whether the file at this path below an input folder is an input, judged by its name and those of its folders."""
        *folders, name = relative.split("/")
        parents = ("/".join(folders[: at + 1]) for at in range(len(folders)))
        passed = any(
            folder.startswith(_HIDDEN) or _fits(folder, parent, self.exclude)
            for folder, parent in zip(folders, parents, strict=True)
        )
        return not passed and self.takes_file(name, relative)

    def takes_folder(self, entry: os.DirEntry[str], relative: str) -> bool:
        """Whether a folder is searched."""
        if entry.name.startswith(_HIDDEN) or _fits(entry.name, relative, self.exclude) or _belongs_to_page(Path(entry.path)):
            return False
        return self.passed_over is None or not self.passed_over.exists() or not self.passed_over.samefile(entry.path)


def _belongs_to_page(folder: Path) -> bool:
    """Whether a folder holds the pictures and scripts of a web page that was saved beside it."""
    for mark in ("_files", ".files"):
        if folder.name.endswith(mark):
            page = folder.name.removesuffix(mark)
            return any(folder.with_name(page + ending).exists() for ending in HTML.endings)
    return False


def find(inputs: list[str], selection: Selection, stdin: TextIO | None = None) -> Iterator[Found]:
    """All input files, in no order: those below folders, those that lists name, those that are named themselves.

    `-` is a list on standard input. A file is a list where its ending says so or one of its first lines names something that
    is there. What is named and not there is found with size -1.
    """
    for name in inputs:
        if name == STANDARD_INPUT:
            yield from _listed(stdin or sys.stdin, Path(), selection)
        elif is_list(name):
            with Path(name).open(encoding="utf-8-sig", errors="surrogateescape") as lines:
                yield from _listed(lines, Path(name).parent, selection)
        else:
            yield from _named(Path(name), selection)


def is_list(name: str) -> bool:
    """Whether a file is a list of inputs."""
    path = Path(name)
    try:
        if not path.is_file():
            return False
        if path.suffix.lower() in LIST_ENDINGS:
            return True
        with path.open("rb") as stream:
            lines = [stream.readline(_LIST_WIDTH) for _ in range(_LIST_LINES)]
    except OSError:
        return False
    names = (os.fsdecode(line.removeprefix(b"\xef\xbb\xbf").strip()) for line in lines)
    return any(_there(entry, path.parent) is not None for entry in names if entry)


def _there(entry: str, base: Path) -> Path | None:
    """What a list's line names: as seen from here, else from where the list stands."""
    for path in (Path(entry), base / entry):
        try:
            if path.exists():
                return path
        except (OSError, ValueError):
            return None
    return None


def _listed(lines: TextIO, base: Path, selection: Selection) -> Iterator[Found]:
    for line in lines:
        entry = line.rstrip("\r\n")
        if entry.strip() and not entry.startswith("#"):
            yield from _named(_there(entry, base) or Path(entry), selection)


def _named(path: Path, selection: Selection) -> Iterator[Found]:
    try:
        if path.is_dir():
            yield from _below(path, selection)
            return
        status = path.stat()
    except (OSError, ValueError):
        yield Found(str(path))
        return
    yield Found(str(path), status.st_size, status.st_mtime_ns, status.st_ino)


def _below(folder: Path, selection: Selection) -> Iterator[Found]:
    """The input files below a folder. Links to folders are not followed; a folder that cannot be read is found as missing."""
    waiting = [""]
    while waiting:
        inner = waiting.pop()
        here = folder / inner
        # "reports/" and not "./": a file is named as it would be named on the command line
        prefix = "" if here == Path() else f"{here}{'' if str(here).endswith(os.sep) else os.sep}"
        try:
            with os.scandir(here) as entries:
                for entry in entries:
                    relative = f"{inner}/{entry.name}" if inner else entry.name
                    if entry.is_dir(follow_symlinks=False):
                        if selection.takes_folder(entry, relative):
                            waiting.append(relative)
                    elif selection.takes_file(entry.name, relative) and entry.is_file():
                        status = entry.stat()
                        yield Found(prefix + entry.name, status.st_size, status.st_mtime_ns, status.st_ino)
        except OSError:
            yield Found(str(here))


def _fits(name: str, relative: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(relative if "/" in pattern else name, pattern.strip("/")) for pattern in patterns)
