"""Office Open XML packages (.docx, .xlsx): a zip file of XML parts and the relations between them, read without trust.

Sizes are checked before and while a part is unpacked; XML that declares a document type, as entity bombs and external entities
must, is refused; the parser has no network. The form is that of ISO/IEC 29500-2; the namespaces of its strict variant are
replaced by those of the transitional one, so that what reads a part needs to know one set only.
"""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import TYPE_CHECKING

from extractor.errors import InputError
from extractor.reading.types import Limits

if TYPE_CHECKING:
    from lxml.etree import _Element

COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""First bytes of an OLE compound file: .doc, .xls, .wps, and .docx or .xlsx under a password."""

_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_SCHEMAS = b"http://schemas.openxmlformats.org/"
_STRICT = {
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": _SCHEMAS + b"officeDocument/2006/relationships",
    b"http://purl.oclc.org/ooxml/wordprocessingml/main": _SCHEMAS + b"wordprocessingml/2006/main",
    b"http://purl.oclc.org/ooxml/spreadsheetml/main": _SCHEMAS + b"spreadsheetml/2006/main",
    b"http://purl.oclc.org/ooxml/drawingml/main": _SCHEMAS + b"drawingml/2006/main",
    b"http://purl.oclc.org/ooxml/officeDocument/math": _SCHEMAS + b"officeDocument/2006/math",
}
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError)
_DECLARATIONS = tuple("<!DOCTYPE".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))
_MOST_PARTS = 20_000
_PIECE_MOST = 10_000_000
"""What libxml2 takes of one text or attribute unless it is told to take all (XML_MAX_TEXT_LENGTH)."""


def damaged(name: str) -> InputError:
    """The error for a file whose beginning is right and whose rest is not."""
    return InputError(
        name, "is damaged or cut off", "fetch it again, or open it, save it anew and give that file", code="damaged"
    )


def protected(name: str) -> InputError:
    """The error for a file that asks for a password."""
    return InputError(
        name, "is protected by a password", "take the password off and save it, then give that file", code="protected"
    )


def refuse_encrypted(data: bytes, name: str) -> None:
    """Raises InputError for a compound file that holds an encrypted package: a .docx or .xlsx under a password."""
    if data.startswith(COMPOUND_FILE) and _ENCRYPTED_STREAM in data:
        raise protected(name)


class Package:
    """The parts of a package by their names. Raises InputError for what is damaged, protected, over a limit or an XML bomb."""

    def __init__(self, data: bytes, name: str, limits: Limits) -> None:
        refuse_encrypted(data, name)
        self.name = name
        try:
            self._zip = zipfile.ZipFile(BytesIO(data))
        except _UNREADABLE:
            raise damaged(name) from None
        self._members = {member.filename.lstrip("/"): member for member in self._zip.infolist()}
        self._relations: dict[str, list[tuple[str, str]]] = {}
        self._left = limits.unpacked_bytes
        self._largest = limits.file_bytes
        if len(self._members) > min(_MOST_PARTS, limits.members):
            raise InputError(
                name, f"has {len(self._members)} parts", "save it anew, or save its text as plain text", code="too_large"
            )

    def __contains__(self, part: str) -> bool:
        return part in self._members

    def read(self, part: str) -> bytes:
        """The bytes of a part. Raises InputError where it is missing, damaged, encrypted or over a limit of size."""
        member = self._members.get(part)
        if member is None:
            raise damaged(self.name)
        if member.flag_bits & 1:
            raise protected(self.name)
        most = min(self._left, self._largest)
        try:
            with self._zip.open(member) as file:
                data = file.read(most + 1)
        except _UNREADABLE:
            raise damaged(self.name) from None
        if len(data) > most:
            raise InputError(
                self.name,
                f"unpacks to more than {most} bytes ({part})",
                "raise the limit, or save its text as plain text",
                code="too_large",
            )
        self._left -= len(data)
        return data

    def parse(self, part: str, shorten: Callable[[bytes], bytes] = bytes) -> _Element:
        """The root of an XML part, `shorten` having taken out of its bytes what is not wanted.

        Raises InputError as `read` does, and where it is damaged or declares a document type.
        """
        from lxml import etree

        data = shorten(self.read(part))
        if b"purl.oclc.org/ooxml" in data:
            for strict, transitional in _STRICT.items():
                data = data.replace(strict, transitional)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True)
        try:
            root = etree.fromstring(data, parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            if "depth" in str(error).lower():
                raise InputError(
                    self.name, f"has XML nested too deep ({part})", "open it, save it anew and give that file", code="too_large"
                ) from None
            if getattr(error, "code", None) == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
                raise InputError(
                    self.name,
                    f"holds a piece of more than {_PIECE_MOST} bytes ({part})",
                    "save its text as plain text",
                    code="too_large",
                ) from None
            raise damaged(self.name) from None
        if root.getroottree().docinfo.internalDTD is not None:
            raise self._declares(part)
        return root

    def check_all(self) -> None:
        """Unpacks every part once. Raises InputError as `read` does, and for XML that declares a document type."""
        for part in self._members:
            data = self.read(part)
            if part.endswith((".xml", ".rels")) and any(mark in data for mark in _DECLARATIONS):
                raise self._declares(part)

    def _declares(self, part: str) -> InputError:
        return InputError(
            self.name, f"declares a document type in {part}, as XML bombs do", "open it, save it anew and give that file"
        )

    def related(self, part: str, kind: str) -> list[str]:
        """Names of the parts inside the package that `part` refers to as `kind` (`styles`); `""` is the package itself."""
        if part not in self._relations:
            self._relations[part] = list(self._related(part))
        return [target for found, target in self._relations[part] if found == kind]

    def _related(self, part: str) -> Iterator[tuple[str, str]]:
        """Kinds and names of the parts inside the package that `part` refers to."""
        folder, file = posixpath.split(part)
        relations = posixpath.join(folder, "_rels", f"{file}.rels")
        if relations not in self:
            return
        for relation in self.parse(relations).iter(_RELATIONSHIP):
            if relation.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join(folder, relation.get("Target", ""))).lstrip("/")
                yield relation.get("Type", "").rpartition("/")[2], target

    def main_part(self, usual: str) -> str:
        """The part that holds the document; `usual` where the package does not say."""
        return next((part for part in self.related("", "officeDocument") if part in self), usual)
