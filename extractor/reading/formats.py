"""The table of formats, and which of them a file has: told by its content; the name's ending decides only where that leaves a
choice.

Each format has one module, imported when a file of it is met. A module of a binary format has
`read(data: bytes, name: str, limits: Limits) -> Extracted`; one of a text format takes `ReadOptions` in place of the limits.
"""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import PurePath
from typing import IO, NamedTuple

from extractor.errors import InputError, printable
from extractor.reading.types import Extracted, Limits, ReadOptions


class Format(NamedTuple):
    """One format: its media type, its module, endings of its files, and what to call it in a message.

    Files of a `binary` format are read by a process that can be ended. An archive has no module: see archives.py.
    """

    media_type: str
    module: str
    endings: tuple[str, ...]
    words: str
    binary: bool = False


_HERE = "extractor.reading"
PLAIN = Format("text/plain", f"{_HERE}.text", (".txt", ".text"), "a text")
MARKDOWN = Format("text/markdown", f"{_HERE}.text", (".md", ".markdown"), "a Markdown text")
HTML = Format("text/html", f"{_HERE}.html", (".html", ".htm", ".xhtml", ".shtml"), "a web page")
MAIL = Format("message/rfc822", f"{_HERE}.eml", (".eml",), "a mail")
MHTML = Format("multipart/related", f"{_HERE}.eml", (".mht", ".mhtml"), "a saved web page")
DOCX = Format(
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document", f"{_HERE}.docx", (".docx",), "a Word file", True
)
XLSX = Format(
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", f"{_HERE}.xlsx", (".xlsx",), "a spreadsheet", True
)
PDF = Format("application/pdf", f"{_HERE}.pdf", (".pdf",), "a PDF", True)
DOC = Format("application/msword", f"{_HERE}.office", (".doc",), "an old Word file", True)
WPS = Format("application/vnd.ms-works", f"{_HERE}.office", (".wps",), "a WPS file", True)
RTF = Format("application/rtf", f"{_HERE}.office", (".rtf",), "an RTF file", True)
ODT = Format("application/vnd.oasis.opendocument.text", f"{_HERE}.office", (".odt",), "an OpenDocument text", True)
PNG = Format("image/png", f"{_HERE}.ocr", (".png",), "an image", True)
JPEG = Format("image/jpeg", f"{_HERE}.ocr", (".jpg", ".jpeg"), "an image", True)
TIFF = Format("image/tiff", f"{_HERE}.ocr", (".tif", ".tiff"), "an image", True)
BMP = Format("image/bmp", f"{_HERE}.ocr", (".bmp",), "an image", True)
GIF = Format("image/gif", f"{_HERE}.ocr", (".gif",), "an image", True)
WEBP = Format("image/webp", f"{_HERE}.ocr", (".webp",), "an image", True)
ZIP = Format("application/zip", "", (".zip",), "a zip archive")
TAR = Format("application/x-tar", "", (".tar",), "a tar archive")
GZIP = Format("application/gzip", "", (".gz", ".tgz"), "a gzip file")
BZIP2 = Format("application/x-bzip2", "", (".bz2", ".tbz2"), "a bzip2 file")
XZ = Format("application/x-xz", "", (".xz", ".txz"), "an xz file")

FORMATS = (
    *(PLAIN, MARKDOWN, HTML, MAIL, MHTML),
    *(DOCX, XLSX, PDF, DOC, WPS, RTF, ODT),
    *(PNG, JPEG, TIFF, BMP, GIF, WEBP),
    *(ZIP, TAR, GZIP, BZIP2, XZ),
)
ARCHIVES = frozenset({ZIP, TAR, GZIP, BZIP2, XZ})
BY_ENDING = {ending: form for form in FORMATS for ending in form.endings}
"""The formats by the endings of files that a folder or an archive is searched for."""

HEAD_BYTES = 4096
_SIGNATURES = {
    b"%PDF-": PDF,
    b"{\\rtf": RTF,
    b"\x89PNG\r\n\x1a\n": PNG,
    b"\xff\xd8\xff": JPEG,
    b"GIF8": GIF,
    b"II*\x00": TIFF,
    b"MM\x00*": TIFF,
    b"\x1f\x8b": GZIP,
    b"BZh": BZIP2,
    b"\xfd7zXZ\x00": XZ,
}
_AS_TEXT = "save the report as plain text, Word or PDF and give that file"
_UNREAD = {
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"MZ": "a program",
    b"\x7fELF": "a program",
    b"SQLite format 3\x00": "a database",
}
"""First bytes of what is recognised and not read, and what to call it."""
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PACKAGES = {"word/": DOCX, "xl/": XLSX}
_UNREAD_PACKAGES = {
    "xl/workbook.bin": "a binary spreadsheet (.xlsb)",
    "ppt/presentation.xml": "a presentation",
    "OFD.xml": "an OFD file",
    "META-INF/container.xml": "an e-book",
}
_OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument."
"""Where an OpenDocument file says what it is, in its first, unpacked member."""
_PAGE = re.compile(
    r"(?:<\?xml[^>]*>|(?><!--.*?-->)|\s+)*+<(?:!doctype\s+html|html|head|body|meta|title)\b", re.IGNORECASE | re.DOTALL
)
_TAG = re.compile(r"</?(?:p|div|table|span|br|td|body|html|h[1-6])\b[^>]*>", re.IGNORECASE)
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,40}:[ \t]?\S?.*|[ \t]+\S.*")
_MAIL_HEADERS = re.compile(
    r"(?im)^(?:From|To|Subject|Date|MIME-Version|Received|Return-Path|Message-ID|Content-Type|Delivered-To):"
)
_LEAST_HEADERS = 3


def ending(name: str) -> str:
    """The ending of a name in lower case, with its dot; empty where it has none."""
    return PurePath(name).suffix.lower()


def detect(stream: IO[bytes], name: str) -> Format:
    """The format of what stands in a stream, which is left at its beginning.

    Raises InputError for what is recognised and not read, what asks for a password, and archives whose end is missing.
    """
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    try:
        return _binary(stream, head, name) or _text(head, name)
    finally:
        stream.seek(0)


def read(form: Format, data: bytes, name: str, options: ReadOptions) -> Extracted:
    """What the module of a format finds in `data`, in this process. Raises InputError, whatever the module raises."""
    try:
        module = import_module(form.module)
    except ModuleNotFoundError as error:
        raise _missing(form, error.name or "", name) from None
    try:
        extracted: Extracted = module.read(data, name, options.limits if form.binary else options)
    except (InputError, MemoryError):
        raise
    except ModuleNotFoundError as error:
        raise _missing(form, error.name or "", name) from None
    except Exception as error:
        # what stands in hostile bytes may make a library raise anything; it is this input's error and nobody else's
        reason = f"is {form.words} that cannot be read ({type(error).__name__}: {printable(str(error)[:120])})"
        raise InputError(name, reason, "it is damaged; fetch it again, or save it anew", code="damaged") from error
    return extracted


def _missing(form: Format, module: str, name: str) -> InputError:
    """The error for a file whose reader, or the library that it needs, is not there."""
    if module == form.module:
        return InputError(name, f"is {form.words}, which is not read", _AS_TEXT, code="unsupported")
    reason = f"is {form.words}, and the library {module} that reads it is not installed"
    return InputError(name, reason, "see docs/formats.md for what to install", code="needs_more")


def _binary(stream: IO[bytes], head: bytes, name: str) -> Format | None:
    for signature, form in _SIGNATURES.items():
        if head.startswith(signature):
            return form
    for signature, words in _UNREAD.items():
        if head.startswith(signature):
            raise InputError(name, f"is {words}, which is not read", _AS_TEXT, code="unsupported")
    if head.startswith(_ZIP):
        return _package(stream, name)
    if head.startswith(_COMPOUND):
        return _compound(stream, name)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[:2] == b"BM" and head[6:10] == bytes(4):
        return BMP
    # PDF allows for anything before its mark
    if b"%PDF-" in head[:1024] and ending(name) == ".pdf":
        return PDF
    return TAR if is_tar(head, name) else None


def _package(stream: IO[bytes], name: str) -> Format:
    """What a zip file is, by the names of its members."""
    from extractor.reading.zips import open_zip

    with open_zip(stream, name, Limits()) as archive:
        names = set(archive.namelist())
    for member, words in _UNREAD_PACKAGES.items():
        if member in names:
            raise InputError(name, f"is {words}, which is not read", _AS_TEXT, code="unsupported")
    stream.seek(0)
    kind = stream.read(200).partition(_OPEN_DOCUMENT)[2]
    if kind.startswith(b"text"):
        return ODT
    if kind:
        raise InputError(
            name, "is an OpenDocument spreadsheet or presentation, which is not read", _AS_TEXT, code="unsupported"
        )
    if "[Content_Types].xml" in names:
        for folder, form in _PACKAGES.items():
            if any(member.startswith(folder) for member in names):
                return form
    return ZIP


def _compound(stream: IO[bytes], name: str) -> Format:
    """What an OLE compound file is, by the names of its streams, which stand in it as UTF-16."""
    stream.seek(0)
    data = stream.read()
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise InputError(
            name, "is protected by a password", "take the password off, save it and give that file", code="protected"
        )
    if "WordDocument".encode("utf-16-le") in data:
        return WPS if ending(name) == ".wps" else DOC
    if ending(name) == ".wps":
        return WPS
    if "Workbook".encode("utf-16-le") in data or "Book".encode("utf-16-le") in data:
        raise InputError(
            name, "is an old spreadsheet (.xls), which is not read", "save it as .xlsx and give that file", code="unsupported"
        )
    raise InputError(name, "is an old Office file, which is not read", _AS_TEXT, code="unsupported")


def is_tar(head: bytes, name: str) -> bool:
    """Whether bytes begin a tar archive."""
    return head[257:262] == b"ustar" or (ending(name) == ".tar" and _is_old_tar(head))


def _is_old_tar(head: bytes) -> bool:
    """Whether the checksum of a tar header holds: it is a tar archive of the time before that had a signature."""
    digits = head[148:156].strip(b" \x00")
    return len(head) >= 512 and digits.isdigit() and int(digits, 8) == sum(head[:148]) + 256 + sum(head[156:512])


def _text(head: bytes, name: str) -> Format:
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "latin-1"
    text = head.decode(encoding, "replace").lstrip("\ufeff\xef\xbb\xbf \t\r\n")
    if _PAGE.match(text):
        return HTML
    if is_mail(text):
        return MHTML if re.search(r"(?i)^content-type:\s*multipart/related", text, re.MULTILINE) else MAIL
    by_ending = BY_ENDING.get(ending(name), PLAIN)
    if by_ending is HTML and _TAG.search(text):
        return HTML
    return MARKDOWN if by_ending is MARKDOWN else PLAIN


def is_mail(text: str) -> bool:
    """Whether a text begins with the headers of a mail: nothing but headers up to the first blank line, three known ones."""
    headers = re.split(r"\r?\n\r?\n", text, maxsplit=1)[0]
    lines = headers.splitlines()
    if len(text) >= HEAD_BYTES - 4 and len(headers) == len(text):
        lines = lines[:-1]
    return len(_MAIL_HEADERS.findall(headers)) >= _LEAST_HEADERS and all(map(_HEADER.fullmatch, lines))
