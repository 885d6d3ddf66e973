"""Archives: their members one after another, as bytes in memory; nothing is ever unpacked to a file.

Members come in the order of the archive; archives within are opened in their place. A member is called
`archive.zip/folder/report.docx`. What a member's name says is only a name: one that leads out of the archive is an error.
"""

from __future__ import annotations

import io
import lzma
import stat
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING, cast

from extractor.errors import InputError, printable
from extractor.reading import formats
from extractor.reading.formats import ARCHIVES, BY_ENDING, BZIP2, GZIP, MAIL, TAR, ZIP, Format, ending
from extractor.reading.text import most_plausible
from extractor.reading.types import Limits, Member, ReadOptions
from extractor.reading.zips import DAMAGE, open_zip, too_many

if TYPE_CHECKING:
    import tarfile

    from _typeshed import WriteableBuffer

_DAMAGE = (*DAMAGE, lzma.LZMAError)
_CHUNK = 1024**2
_STEP = 256 * 1024
_XZ_MEMORY = 256 * 1024**2
_UTF8_NAME, _ENCRYPTED = 0x800, 0x1
_ZIP_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2}
_PASSED_OVER = (".", "~$", "__MACOSX")
_TAR_BLOCK = 512


class _Stop(Exception):  # noqa: N818 - no error of its own: it carries one out of a nested archive
    """Nothing more can be taken from the outermost archive."""

    def __init__(self, error: InputError) -> None:
        super().__init__(str(error))
        self.error = error


class _Budget:
    """What an outermost archive may still give."""

    def __init__(self, name: str, limits: Limits) -> None:
        self.name = name
        self.limits = limits
        self.members = 0
        self.bytes = 0

    def take_member(self) -> None:
        """One more member. Raises _Stop where that is too many."""
        self.members += 1
        if self.members > self.limits.members:
            raise _Stop(too_many(self.name, self.limits))

    def take_bytes(self, count: int) -> None:
        """More unpacked bytes. Raises _Stop where that is too many."""
        self.bytes += count
        if self.bytes > self.limits.unpacked_bytes:
            reason = f"unpacks to more than {self.limits.unpacked_bytes} bytes"
            raise _Stop(
                InputError(self.name, reason, "unpack it yourself, or raise the limit unpacked_bytes", code="too_large")
            )


def members(stream: IO[bytes], form: Format, name: str, options: ReadOptions) -> Iterator[Member | InputError]:
    """The files of readable formats in an archive, those of archives within it in their place; an error in the place of what
    cannot be read. An archive with nothing to read is an error too.

    Where the limits of the whole archive are reached, the error for it is the last entry.
    """
    found = False
    try:
        for member in _members(stream, form, name, options, _Budget(name, options.limits), 0):
            found = True
            yield member
    except _Stop as stop:
        found = True
        yield stop.error
    if not found:
        yield InputError(
            name, "holds no reports", f"files that are read here end in {' '.join(sorted(BY_ENDING))}", code="empty"
        )


def _members(
    stream: IO[bytes], form: Format, name: str, options: ReadOptions, budget: _Budget, depth: int
) -> Iterator[Member | InputError]:
    if depth > options.limits.depth:
        yield InputError(
            name,
            f"lies within more than {depth - 1} archives",
            "unpack it yourself, or raise the limit depth",
            code="too_large",
        )
        return
    try:
        if form is MAIL:
            yield from _mail_members(stream, name, options, budget, depth)
            return
        for member in _flat(stream, form, name, options, budget):
            if isinstance(member, InputError):
                yield member
            else:
                yield from _opened(member, options, budget, depth)
    except _DAMAGE as error:
        reason = f"is {form.words} that is damaged or cut off ({printable(str(error)[:120]) or type(error).__name__})"
        yield InputError(name, reason, "fetch it again, or pack it anew", code="damaged")
    except InputError as error:
        yield error


def _opened(member: Member, options: ReadOptions, budget: _Budget, depth: int) -> Iterator[Member | InputError]:
    """A member itself, or what is in it where it is an archive."""
    if not member.data:
        yield InputError(member.name, "is empty", "give a file with the report's text", code="empty")
        return
    stream = io.BytesIO(member.data)
    try:
        form = formats.detect(stream, member.name)
    except InputError as error:
        yield error
        return
    if form in ARCHIVES or form is MAIL:
        yield from _members(stream, form, member.name, options, budget, depth + 1)
    else:
        yield member


def _mail_members(
    stream: IO[bytes], name: str, options: ReadOptions, budget: _Budget, depth: int
) -> Iterator[Member | InputError]:
    """A mail itself, unless it is only the cover of what is attached, and its attachments."""
    from extractor.reading.eml import attachments, is_cover

    data = stream.read()
    attached = [(path, content) for path, content in attachments(data) if _is_wanted(path)]
    if not (attached and is_cover(data, name, options)):
        yield Member(name, data)
    for path, content in attached:
        budget.take_member()
        budget.take_bytes(len(content))
        member = f"{name}/{path}"
        if _escapes(path):
            yield _escaping(member)
        else:
            yield from _opened(Member(member, content), options, budget, depth)


def _flat(stream: IO[bytes], form: Format, name: str, options: ReadOptions, budget: _Budget) -> Iterator[Member | InputError]:
    if form is ZIP:
        return _zip_members(stream, name, options, budget)
    if form is TAR:
        return _tar_members(_Forward(stream, budget), name, options, budget)
    return _compressed(stream, form, name, options, budget)


# ------------------------------------------------------------------------------------------------------------------- names


def _is_wanted(path: str) -> bool:
    """Whether a member is of a readable format by its ending; hidden files, and the parts of saved web pages, are not."""
    *folders, file = path.split("/")
    hidden = any(part.startswith(_PASSED_OVER) for part in (*folders, file) if part != "..")
    return not hidden and ending(file) in BY_ENDING and not any(is_page_folder(folder) for folder in folders)


def is_page_folder(folder: str) -> bool:
    """Whether a folder has a name that browsers give to the folder of a saved page's pictures and scripts."""
    return folder.endswith(("_files", ".files"))


def _escapes(path: str) -> bool:
    return path.startswith("/") or path[1:2] == ":" or ".." in path.split("/")


def _escaping(name: str) -> InputError:
    return InputError(name, "has a name that leads out of its archive", "pack the archive anew, with names below one folder")


def _link(name: str) -> InputError:
    return InputError(name, "is a link in an archive, which is not followed", "pack the file itself")


def _too_large(name: str, limits: Limits) -> InputError:
    return InputError(
        name,
        f"unpacks to more than {limits.file_bytes} bytes",
        "unpack it yourself, or raise the limit file_bytes",
        code="too_large",
    )


# --------------------------------------------------------------------------------------------------------------------- zip


def _zip_members(stream: IO[bytes], name: str, options: ReadOptions, budget: _Budget) -> Iterator[Member | InputError]:
    with open_zip(stream, name, options.limits) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        for entry, path in zip(entries, _zip_paths(entries), strict=True):
            budget.take_member()
            if _is_wanted(path):
                try:
                    yield _zip_member(archive, entry, f"{name}/{path}", path, budget)
                except _DAMAGE as error:
                    reason = f"is damaged in its archive ({printable(str(error)[:120])})"
                    yield InputError(f"{name}/{path}", reason, "fetch the archive again, or pack it anew", code="damaged")


def _zip_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, path: str, budget: _Budget) -> Member | InputError:
    limits = budget.limits
    if _escapes(path):
        return _escaping(name)
    if stat.S_ISLNK(entry.external_attr >> 16):
        return _link(name)
    if entry.flag_bits & _ENCRYPTED:
        return InputError(
            name, "is protected by a password", "unpack the archive with its password and give the file", code="protected"
        )
    if entry.compress_type not in _ZIP_METHODS:
        return InputError(
            name,
            f"is packed in a way that is not read (method {entry.compress_type})",
            "pack the archive anew",
            code="unsupported",
        )
    if entry.file_size > limits.file_bytes:
        return _too_large(name, limits)
    budget.take_bytes(entry.file_size)
    with archive.open(entry) as file:
        return Member(name, file.read(limits.file_bytes + 1))


def _zip_paths(entries: list[zipfile.ZipInfo]) -> list[str]:
    """The members' names. Those that are not marked as UTF-8 are in what their writer's system used: one archive, one
    encoding."""
    raw = [entry.orig_filename.encode("utf-8" if _is_marked(entry) else "cp437", "replace") for entry in entries]
    encoding = _encoding_of([name for name, entry in zip(raw, entries, strict=True) if not _is_marked(entry)])
    paths = (name.decode("utf-8" if _is_marked(entry) else encoding) for name, entry in zip(raw, entries, strict=True))
    return [path.partition("\0")[0].replace("\\", "/") for path in paths]


def _is_marked(entry: zipfile.ZipInfo) -> bool:
    return bool(entry.flag_bits & _UTF8_NAME)


def _encoding_of(names: list[bytes]) -> str:
    """The encoding that the names of one archive are in."""
    found = most_plausible(b"\n".join(names), ("utf-8", "gb18030", "big5"))
    return found.encoding if found is not None else "cp437"


# --------------------------------------------------------------------------------------------------------------------- tar


class _Forward(io.RawIOBase):
    """A stream that goes forward only, in small steps, and counts them: no header can ask for much memory, no loop is without
    end."""

    def __init__(self, stream: IO[bytes], budget: _Budget) -> None:
        self.stream = stream
        self.budget = budget
        self.position = 0
        self.has_ended = False
        self._ahead = b""

    def peek(self, size: int) -> bytes:
        """The next bytes, which stay to be read."""
        self._ahead += self.stream.read(size - len(self._ahead))
        return self._ahead

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes. Raises _Stop where the budget is spent, EOFError where the step is too large."""
        if not 0 <= size <= _CHUNK:
            raise EOFError("a header has an absurd size")
        data, self._ahead = self._ahead[:size], self._ahead[size:]
        if len(data) < size:
            data += self.stream.read(size - len(data))
        self.position += len(data)
        self.has_ended = not data
        self.budget.take_bytes(len(data))
        return data

    def tell(self) -> int:
        """How many bytes were read."""
        return self.position

    def seek(self, position: int, whence: int = io.SEEK_SET) -> int:
        """Goes on to a position, or to the end. Raises EOFError where that lies behind."""
        if whence != io.SEEK_SET or position < self.position:
            raise EOFError("a header points backwards")
        while self.position < position and self.read(min(_CHUNK, position - self.position)):
            pass
        return self.position

    def whole(self, limit: int) -> bytes | None:
        """What is left; None where that is more than `limit` bytes."""
        pieces, size = [], 0
        while piece := self.read(_CHUNK):
            pieces.append(piece)
            size += len(piece)
            if size > limit:
                return None
        return b"".join(pieces)


def _tar_members(stream: _Forward, name: str, options: ReadOptions, budget: _Budget) -> Iterator[Member | InputError]:
    import tarfile

    try:
        with tarfile.open(fileobj=stream, mode="r:", encoding="utf-8", errors="surrogateescape") as archive:
            while (entry := archive.next()) is not None:
                # the list that tarfile keeps of what went by would grow without bound
                archive.members = []  # type: ignore[attr-defined]
                budget.take_member()
                path = _tar_path(entry.name)
                if not entry.isdir() and _is_wanted(path):
                    yield _tar_member(archive, entry, f"{name}/{path}", path, options.limits)
    except tarfile.TarError as error:
        raise EOFError(str(error)) from None
    if stream.has_ended:
        raise EOFError("it has no end mark, so that members may be missing")


def _tar_member(archive: tarfile.TarFile, entry: tarfile.TarInfo, name: str, path: str, limits: Limits) -> Member | InputError:
    if _escapes(path):
        return _escaping(name)
    if entry.issym() or entry.islnk():
        return _link(name)
    if not entry.isreg():
        return InputError(name, "is a device in an archive, which is not read", "pack the file itself")
    if entry.size > limits.file_bytes:
        return _too_large(name, limits)
    file = archive.extractfile(entry)
    data = b"".join(iter(lambda: file.read(_STEP), b"")) if file is not None else b""
    if len(data) < entry.size:
        raise EOFError("it ends before its last member does")
    return Member(name, data)


def _tar_path(name: str) -> str:
    """A member's name; bytes that are no UTF-8 are read as GB18030 where that makes sense."""
    path = name.removeprefix("./")
    raw = path.encode("utf-8", "surrogateescape")
    return path if path.isprintable() else raw.decode(_encoding_of([raw]))


# --------------------------------------------------------------------------------------------------- one compressed stream


def _compressed(
    stream: IO[bytes], form: Format, name: str, options: ReadOptions, budget: _Budget
) -> Iterator[Member | InputError]:
    """What is in a compressed stream: the members of a tar archive, or one file."""
    file = _Forward(_inflated(stream, form), budget)
    inner = _inner_name(name)
    if formats.is_tar(file.peek(_TAR_BLOCK), inner):
        yield from _tar_members(file, name, options, budget)
        return
    budget.take_member()
    data = file.whole(options.limits.file_bytes)
    member = f"{name}/{inner}"
    yield Member(member, data) if data is not None else _too_large(member, options.limits)


def _inner_name(name: str) -> str:
    """What a compressed file is called without its packing: report.txt.gz holds report.txt, reports.tgz holds reports.tar."""
    file = PurePosixPath(name).name
    known = {".tgz": ".tar", ".tbz2": ".tar", ".txz": ".tar", ".gz": "", ".bz2": "", ".xz": ""}
    last = ending(file)
    return file[: -len(last)] + known[last] if last in known else file


def _inflated(stream: IO[bytes], form: Format) -> IO[bytes]:
    if form is GZIP:
        import gzip

        return cast("IO[bytes]", gzip.GzipFile(fileobj=stream))
    if form is BZIP2:
        import bz2

        return bz2.BZ2File(stream)
    return io.BufferedReader(_XzStream(stream), _STEP)


class _XzStream(io.RawIOBase):
    """What is packed in an xz stream. lzma.LZMAFile would give it as much memory as its header asks for."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.decompressor = _xz()

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fills the buffer as far as one step goes. Raises EOFError where the stream is cut off."""
        view = memoryview(buffer)
        while True:
            packed = self.stream.read(_STEP) if self.decompressor.needs_input else b""
            if self.decompressor.eof:
                # streams may follow one another, zeros between them
                packed = (self.decompressor.unused_data or self.stream.read(_STEP)).lstrip(b"\0")
                if not packed:
                    return 0
                self.decompressor = _xz()
            elif not packed and self.decompressor.needs_input:
                raise EOFError("it ends before its end mark")
            data = self.decompressor.decompress(packed, len(view))
            if data:
                view[: len(data)] = data
                return len(data)


def _xz() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
