"""Files wherever they are: local and shared folders, object stores. What pyarrow has no file system for, fsspec may have."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from extractor.batch.discover import Selection, find
from extractor.errors import OutputError, UsageError

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

_SCHEME = "://"
_WITHOUT_FOLDERS = ("s3", "gcs", "abfs")
"""Object stores: a name may have slashes, and there are no folders to be made."""


class Item(NamedTuple):
    """An input: what the record calls it, what tells whether it is still the same, and where it stands for every machine."""

    name: str
    size: int
    mtime: int
    path: str


class Place(NamedTuple):
    """A file or folder: its file system, and its path there."""

    system: FileSystem
    path: str

    def below(self, *names: str) -> Place:
        """A place below this folder."""
        return Place(self.system, "/".join((self.path, *names)))

    @property
    def is_local(self) -> bool:
        """Whether the path is one of the machine's own, or of a folder that it shares."""
        return bool(self.system.type_name == "local")

    def exists(self) -> bool:
        """Whether there is a file or folder."""
        from pyarrow.fs import FileType

        return bool(self.system.get_file_info(self.path).type != FileType.NotFound)

    def read(self) -> bytes:
        """The content. Raises OSError where it cannot be read."""
        with self.system.open_input_stream(self.path) as stream:
            content: bytes = stream.read()
        return content

    def write(self, content: bytes | memoryview) -> None:
        """Write a file that is whole or not there, over one that there may be. Raises OSError."""
        self.make_folder(os.path.dirname(self.path))  # noqa: PTH120
        # an object is there when all of it was sent; a file grows before everyone's eyes
        path = f"{os.path.dirname(self.path)}/.{os.path.basename(self.path)}" if self.is_local else self.path  # noqa: PTH119, PTH120
        with self.system.open_output_stream(path) as stream:
            stream.write(content)
        if path != self.path:
            self.system.move(path, self.path)

    def make_folder(self, path: str) -> None:
        """Make a folder of this file system and those above it, where it has folders."""
        if self.system.type_name not in _WITHOUT_FOLDERS:
            self.system.create_dir(path, recursive=True)

    def files(self) -> list[str]:
        """The paths of all files below the folder; none where there is no such folder."""
        from pyarrow.fs import FileSelector, FileType

        found = self.system.get_file_info(FileSelector(self.path, recursive=True, allow_not_found=True))
        return sorted(info.path for info in found if info.type == FileType.File)


def place_of(name: str) -> Place:
    """The place of a path or an address (`s3://…`). Raises UsageError where no file system is known for it."""
    from pyarrow import ArrowInvalid
    from pyarrow.fs import FileSystem, FSSpecHandler, LocalFileSystem, PyFileSystem

    if _SCHEME not in name:
        return Place(LocalFileSystem(), os.path.abspath(name))  # noqa: PTH100
    try:
        return Place(*FileSystem.from_uri(name.rstrip("/")))
    except ArrowInvalid:
        pass
    try:
        from fsspec.core import url_to_fs

        system, path = url_to_fs(name)
    except (ImportError, ValueError) as error:
        raise UsageError(f"{name}: no file system is known for it ({error}); install what fsspec names for it") from None
    return Place(PyFileSystem(FSSpecHandler(system)), path.rstrip("/"))


def inputs(names: list[str], selection: Selection) -> Iterator[Item]:
    """All inputs below folders, in lists and named themselves; those in object stores as folders or by their names.

    Raises UsageError where no file system is known for a name.
    """
    for name in names:
        if _SCHEME in name:
            yield from _stored(name.rstrip("/"), selection)
        else:
            for found in find([name], selection):
                yield Item(found.path, found.size, found.mtime, os.path.abspath(found.path))  # noqa: PTH100


def _stored(name: str, selection: Selection) -> Iterator[Item]:
    from pyarrow.fs import FileSelector, FileType

    place = place_of(name)
    here = place.system.get_file_info(place.path)
    if here.type != FileType.Directory:
        yield Item(name, -1 if here.size is None else here.size, here.mtime_ns or -1, name)
        return
    for info in place.system.get_file_info(FileSelector(place.path, recursive=True)):
        relative = info.path[len(place.path) :].strip("/")
        if info.type == FileType.File and selection.takes(relative):
            full = f"{name}/{relative}"
            yield Item(full, info.size, info.mtime_ns or -1, full)


def writable(place: Place, name: str) -> None:
    """Make the folder of the results. Raises OutputError where that is not possible."""
    try:
        place.make_folder(place.path)
    except OSError as error:
        raise OutputError(f"{name}: cannot be written ({error}); name another place with -o") from None
