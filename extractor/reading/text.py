"""Bytes to text: UTF-8, UTF-16, GB18030 (with GBK and GB2312) and Big5, told apart by their content."""

from __future__ import annotations

import codecs

from extractor.errors import InputError

_CANDIDATES = ["utf_8", "gb18030", "big5", "utf_16_le", "utf_16_be"]
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_MOST_CONTROLS = 0.01


def decode(data: bytes, name: str, encoding: str | None = None) -> tuple[str, str]:
    """The text of `data` and the encoding used: `data.decode(encoding)` gives the very text that offsets refer to.

    Raises InputError for bytes that are no text in the encoding, or in any that is tried.
    """
    if encoding is not None:
        return _decode_as(data, name, encoding), encoding
    for mark, marked in _MARKS:
        if data.startswith(mark):
            return _decode_as(data, name, marked), marked
    try:
        return _checked(data.decode("utf-8"), name), "utf-8"
    except UnicodeDecodeError:
        found = _detect(data)
    if found is None:
        raise InputError(
            name, "is no text in UTF-8, UTF-16, GB18030 or Big5", "name its encoding with --encoding, or save it as UTF-8"
        )
    return _decode_as(data, name, found), found


def _decode_as(data: bytes, name: str, encoding: str) -> str:
    try:
        return _checked(data.decode(encoding), name)
    except LookupError:
        raise InputError(
            name, f"cannot be read: there is no encoding {encoding!r}", "use utf-8, gb18030, big5 or utf-16"
        ) from None
    except UnicodeError as error:
        place = f"byte {error.start} cannot be decoded" if isinstance(error, UnicodeDecodeError) else str(error)
        reason = f"is not {encoding}: {place}"
        raise InputError(name, reason, "leave --encoding away, or name the right one") from None


def _detect(data: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(data, cp_isolation=_CANDIDATES, threshold=0.5).best()
    return best.encoding if best is not None else None


def _checked(text: str, name: str) -> str:
    """The text, unless so many of its characters are controls that it is none."""
    controls = sum(text.count(chr(code)) for code in (*range(9), *range(14, 32)))
    if "\x00" in text[:4096] or controls > _MOST_CONTROLS * len(text):
        raise InputError(name, "is binary, not text", "give a text file")
    return text
