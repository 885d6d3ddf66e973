"""Mails (.eml) and web pages saved as one file (.mhtml): the text of the body, and what is attached.

The standard library's mail parser is used in its older form (`compat32`), which takes headers as they are: the newer one needs
time that grows with the square of a header's length.
"""

from __future__ import annotations

import email
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.policy import compat32

from extractor.errors import InputError
from extractor.reading import html, text
from extractor.reading.types import Extracted, ReadOptions

_COVER_LONGEST = 300
_MOST_PARTS = 1_000
_MOST_BOUNDARIES = 100
"""Every line of a mail is compared with the boundaries of all parts that are open."""
_PAGE_TYPES = ("text/html", "application/xhtml+xml")
_ENDINGS = {"message/rfc822": ".eml"}


def read(data: bytes, name: str, options: ReadOptions) -> Extracted:
    """The text of the body: of its HTML form where it has one, else of its plain one.

    Raises InputError where there is no text in it, or where it cannot be decoded.
    """
    bodies = [part for part in _parts(data) if not _is_attached(part)]
    for kinds, reader in ((_PAGE_TYPES, _read_page), (("text/plain",), _read_plain)):
        part = next((part for part in bodies if part.get_content_type() in kinds), None)
        if part is not None:
            return reader(_content(part), name, options, _charset(part))
    raise InputError(name, "is a mail without text", "save what is attached to it and give that file", code="empty")


def attachments(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The names and contents of what is attached to a mail; pictures of its text are not."""
    for number, part in enumerate(_parts(data), 1):
        if _is_attached(part) and not part.get("Content-ID"):
            yield _file_name(part, number), _content(part)


def is_cover(data: bytes, name: str, options: ReadOptions) -> bool:
    """Whether a mail's text is too short for a report, so that the report must be what is attached."""
    try:
        return len(read(data, name, options).text) <= _COVER_LONGEST
    except InputError:
        return True


def _parts(data: bytes) -> Iterator[Message]:
    """The parts of a mail that hold something, in their order; a mail within it is one part."""
    if data.count(b"boundary=") > _MOST_BOUNDARIES:
        raise ValueError("parts within parts without end")
    waiting: list[Message] = [email.message_from_bytes(data, policy=compat32)]
    for _ in range(_MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop()
        inner = part.get_payload()
        if isinstance(inner, list) and part.get_content_type() != "message/rfc822":
            waiting.extend(part for part in reversed(inner) if isinstance(part, Message))
        else:
            yield part


def _is_attached(part: Message) -> bool:
    kind = part.get_content_type()
    if part.get_content_disposition() == "attachment" or not kind.startswith("text/"):
        return True
    return part.get_filename() is not None and part.get_content_disposition() is not None


def _content(part: Message) -> bytes:
    inner = part.get_payload()
    if isinstance(inner, list):
        return b"".join(letter.as_bytes() for letter in inner[:1] if isinstance(letter, Message))
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _charset(part: Message) -> str | None:
    return part.get_content_charset()


def _file_name(part: Message, number: int) -> str:
    """The name of an attachment, decoded; one that has none is called by its number."""
    given = part.get_filename()
    if not given:
        return f"{number}{_ENDINGS.get(part.get_content_type(), '')}"
    try:
        pieces = decode_header(given)
    except HeaderParseError:
        return given
    return "".join(_decoded(piece, charset) for piece, charset in pieces)


def _decoded(piece: bytes | str, charset: str | None) -> str:
    if isinstance(piece, str):
        raw = piece.encode("ascii", "surrogateescape") if not piece.isascii() and not piece.isprintable() else None
        return piece if raw is None else _guessed(raw)
    try:
        return piece.decode(charset or "ascii")
    except (LookupError, UnicodeDecodeError):
        return _guessed(piece)


def _guessed(raw: bytes) -> str:
    found = text.most_plausible(raw, ("utf-8", "gb18030", "big5"))
    return found.text if found is not None else raw.decode("latin-1")


def _read_page(data: bytes, name: str, options: ReadOptions, charset: str | None) -> Extracted:
    return html.read(data, name, options, charset)


def _read_plain(data: bytes, name: str, options: ReadOptions, charset: str | None) -> Extracted:
    decoded = text.decode(data, name, options, charset)
    return Extracted(decoded.text, "message/rfc822", decoded.encoding, notices=tuple(text.notices(decoded.text, decoded)))
