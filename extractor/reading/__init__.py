"""From files, folders, archives and standard input to documents: one module for each format, one table of media types."""

from __future__ import annotations

import hashlib
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from extractor.errors import InputError, printable
from extractor.reading.formats import ARCHIVES, BY_ENDING, HTML, MAIL, PLAIN, Format, detect, ending, read
from extractor.reading.text import is_blank
from extractor.reading.types import Extracted, Limits, Member, ReadOptions
from extractor.types import Document

__all__ = [
    "STANDARD_INPUT",
    "Limits",
    "Member",
    "ReadOptions",
    "find_inputs",
    "members",
    "read_bytes",
    "read_bytes_here",
    "read_documents",
    "read_file",
    "read_input",
    "single",
]

STANDARD_INPUT = "-"
_NAME_SHOWN = 120
_HTML_CALM = 1024**2
_PIECE = 1024**2
_TAG_CALM = 20_000
_DEFAULTS = ReadOptions()


# --------------------------------------------------------------------------------------------------- what there is to read


def find_inputs(inputs: list[str]) -> Iterator[str | InputError]:
    """The files that the arguments stand for, folders searched in sorted order; an error in the place of what is not there."""
    for name in inputs:
        path = Path(name)
        if name == STANDARD_INPUT or _is(path.is_file):
            yield name
        elif _is(path.is_dir):
            yield from _files_below(path)
        else:
            yield InputError(name[:_NAME_SHOWN], "no such file or folder", "check the name", code="missing")


def _is(question: Callable[[], bool]) -> bool:
    """The answer of the file system; a name that it cannot have is the name of nothing."""
    try:
        return question()
    except (OSError, ValueError):
        return False


def _files_below(folder: Path) -> Iterator[str | InputError]:
    found = False
    for root, folders, files in os.walk(folder):
        pages = {Path(name).stem for name in files if BY_ENDING.get(ending(name)) is HTML}
        folders[:] = sorted(name for name in folders if not name.startswith(".") and not _belongs_to_page(name, pages))
        for name in sorted(files):
            if not name.startswith((".", "~$")) and ending(name) in BY_ENDING:
                found = True
                yield str(Path(root) / name)
    if not found:
        yield InputError(
            str(folder), "holds no reports", f"files that are read here end in {' '.join(sorted(BY_ENDING))}", code="empty"
        )


def _belongs_to_page(folder: str, pages: set[str]) -> bool:
    """Whether a folder holds the pictures and scripts of a web page that was saved beside it."""
    return any(folder == page + ending for page in pages for ending in ("_files", ".files"))


# ----------------------------------------------------------------------------------------------------- inputs to documents


def read_documents(
    found: Iterable[str | InputError], options: ReadOptions = _DEFAULTS, stdin_name: str = STANDARD_INPUT
) -> Iterator[Document | InputError]:
    """The documents of the inputs that `find_inputs` gives, an error in the place of each that cannot be read.

    A file holds one, an archive one for each member, a mail its text and what is attached. `-` is standard input, called
    `stdin_name` in the record.
    """
    for name in found:
        for member in [name] if isinstance(name, InputError) else members(name, options, stdin_name):
            if isinstance(member, InputError):
                yield member
            else:
                try:
                    yield read_bytes(member.data, member.name, options)
                except InputError as error:
                    yield error


def read_input(name: str, options: ReadOptions = _DEFAULTS, stdin_name: str = STANDARD_INPUT) -> Document:
    """The only document that an argument holds. Raises InputError where it cannot be read, or holds several."""
    documents = read_documents([name], options, stdin_name)
    first = next(documents)
    if isinstance(first, InputError):
        raise first
    if next(documents, None) is not None:
        shown = stdin_name if name == STANDARD_INPUT else name
        raise InputError(shown, "holds several documents", "give one of them, or use extractor extract, which reads them all")
    return first


def read_file(path: str | os.PathLike[str], options: ReadOptions = _DEFAULTS) -> Document:
    """The document in a file.

    Raises InputError where it is missing, empty, of an unsupported type, damaged or undecodable, takes more than the limits
    allow, or holds several documents.
    """
    name = os.fspath(path)
    return read_input(os.path.join(".", name) if name == STANDARD_INPUT else name, options)  # noqa: PTH118 - keeps the dot


def members(name: str, options: ReadOptions = _DEFAULTS, stdin_name: str = STANDARD_INPUT) -> Iterator[Member | InputError]:
    """The files that an argument holds, as bytes: the file itself, or what is in it where it is an archive or a mail, one after
    another; an error in the place of each that cannot be had."""
    try:
        with _opened(name, options.limits) as stream:
            shown = stdin_name if name == STANDARD_INPUT else name
            form = detect(stream, shown)
            if form in ARCHIVES:
                yield from _archived(stream, form, shown, options)
                return
            data = _whole(stream, shown, options.limits)
        if form is MAIL:
            yield from _archived(io.BytesIO(data), form, shown, options)
        else:
            yield Member(shown, data)
    except InputError as error:
        yield error


def single(path: str, options: ReadOptions = _DEFAULTS) -> bytes | None:
    """The bytes of a file that holds one document; None for one with `members`: an archive, or a mail with what is attached.

    Raises InputError where it cannot be read, or is larger than the limits allow.
    """
    with _opened(path, options.limits) as stream:
        form = detect(stream, path)
        return None if form in ARCHIVES or form is MAIL else _whole(stream, path, options.limits)


def _archived(stream: IO[bytes], form: Format, name: str, options: ReadOptions) -> Iterator[Member | InputError]:
    from extractor.reading import archives

    return archives.members(stream, form, name, options)


@contextmanager
def _opened(name: str, limits: Limits) -> Iterator[IO[bytes]]:
    """The bytes of an argument as a stream that can go back. Raises InputError where there are none to be had."""
    if name == STANDARD_INPUT:
        yield io.BytesIO(_whole(sys.stdin.buffer, name, limits))
        return
    try:
        stream = Path(name).open("rb")  # noqa: SIM115 - what is wrong with the name is told apart from what is wrong in reading
    except FileNotFoundError:
        raise InputError(name, "no such file", "check the name", code="missing") from None
    except IsADirectoryError:
        raise InputError(name, "is a folder", "name a file in it", code="missing") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(name[:_NAME_SHOWN], f"cannot be read ({reason})", "check its name and permissions") from None
    with stream:
        try:
            yield stream
        except OSError as error:
            raise InputError(name, f"cannot be read ({error.strerror})", "check the disk it lies on") from None


def _whole(stream: IO[bytes], name: str, limits: Limits) -> bytes:
    # piece by piece: memory for as much as is asked for is taken before anything is read
    pieces, size = [], 0
    while size <= limits.file_bytes and (piece := stream.read(min(_PIECE, limits.file_bytes + 1 - size))):
        pieces.append(piece)
        size += len(piece)
    data = b"".join(pieces)
    if len(data) > limits.file_bytes:
        raise InputError(
            name, f"is larger than {limits.file_bytes} bytes", "split it, or raise the limit file_bytes", code="too_large"
        )
    return data


# ------------------------------------------------------------------------------------------------------- bytes to document


def read_bytes(data: bytes, name: str, options: ReadOptions = _DEFAULTS) -> Document:
    """The document in `data`; binary formats are read by a process apart, which can be ended.

    Raises InputError where it is empty, of an unsupported type, damaged, undecodable, or takes more than the limits allow.
    """
    form = _format(data, name)
    if not _needs_guard(form, data):
        return _document(read(form, data, name, options), form, data, name, options)
    from extractor.reading.guard import read_guarded

    return _document(read_guarded(form, data, name, options), form, data, name, options)


def read_bytes_here(data: bytes, name: str, options: ReadOptions = _DEFAULTS) -> Document:
    """As `read_bytes`, in this process whatever the format: for a process that is itself watched over and can be ended.

    Limits of time and memory are those of that process.
    """
    form = _format(data, name)
    return _document(read(form, data, name, options), form, data, name, options)


def _format(data: bytes, name: str) -> Format:
    if not data:
        raise _empty(name)
    form = detect(io.BytesIO(data), name)
    if form in ARCHIVES:
        raise InputError(name, f"is {form.words}", "read its members")
    return form


def _needs_guard(form: Format, data: bytes) -> bool:
    """Whether a file is read by a process apart: of a binary format, or a page that is huge or has a huge tag, which would take
    long to parse."""
    if form.binary:
        return True
    if form.module == PLAIN.module:
        return False
    pieces = data.split(b"<")
    return len(data) > _HTML_CALM or max(map(len, pieces)) > _TAG_CALM


def _document(extracted: Extracted, form: Format, data: bytes, name: str, options: ReadOptions) -> Document:
    text = extracted.text
    if is_blank(text):
        raise _empty(name)
    most = options.limits.characters
    if len(text) > most:
        raise InputError(
            name, f"holds more than {most} characters of text", "split it, or raise the limit characters", code="too_large"
        )
    return Document(
        printable(name),
        text,
        form.media_type,
        extracted.encoding,
        hashlib.sha256(data).hexdigest(),
        len(data),
        extracted.pages,
        extracted.places,
        extracted.notices,
    )


def _empty(name: str) -> InputError:
    return InputError(name, "is empty", "give a file with the report's text", code="empty")
