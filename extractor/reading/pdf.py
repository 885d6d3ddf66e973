"""PDF: the text layer by PDFium, page by page; pages that are pictures go to the recognition of characters."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from extractor.errors import InputError
from extractor.reading.assembly import TextBuilder
from extractor.reading.layout import Page, PrintedLine, paragraphs, write_paragraphs
from extractor.reading.package import damaged, protected
from extractor.reading.types import Extracted, Limits
from extractor.types import Notice

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage, PdfTextPage

MEDIA_TYPE = "application/pdf"
_TEXT_LEAST = 8
"""A page with fewer characters in its text layer, and a picture, is a scan: what there is of text is a stamp or a number."""
_UNREADABLE_SHARE = 0.3
_UNREADABLE = re.compile("[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1f]")
"""What comes of fonts that do not say which characters their shapes are."""
_INSIGNIFICANT = re.compile("[\\s\ufeff\u200b]")
_BREAKS = re.compile(r"[\r\n]+")
_SOFT_HYPHENS = str.maketrans("", "", "\x02\ufffe")
_SPACES = re.compile(r"(?<=\S)[ \u3000\xa0]+(?=\S)")
_CELL_GAP = 1.2
"""A gap in a line that is wider than this, in heights of the line, lies between two cells."""
_DOTS_PER_POINT = 200 / 72
_IMAGE_DEPTH = 3


def read(data: bytes, name: str, limits: Limits) -> Extracted:
    """The text of a PDF in paragraphs, with the place at which each page begins; headers, footers and page numbers left out.

    A page without a text layer is recognised where the extra `ocr` is installed, and else is a notice `page_not_read`. Raises
    InputError for a PDF that is damaged, under a password, over a limit, empty, or that cannot be read without the extra.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise _refusal(error, name) from None
    try:
        return _Reader(document, name, limits).read()
    except pypdfium2.PdfiumError:
        raise damaged(name) from None
    finally:
        document.close()


def _refusal(error: Exception, name: str) -> InputError:
    from pypdfium2 import raw

    code = getattr(error, "err_code", None)
    if code == raw.FPDF_ERR_PASSWORD:
        return protected(name)
    if code == raw.FPDF_ERR_SECURITY:
        return InputError(
            name, "is a PDF locked in a way that cannot be opened", "print it to a new PDF and give that file", code="protected"
        )
    return damaged(name)


@dataclass
class _Reader:
    """One document, gone through once."""

    document: PdfDocument
    name: str
    limits: Limits
    characters: int = 0
    unread: list[int] = field(default_factory=list)

    def read(self) -> Extracted:
        count = len(self.document)
        if count > self.limits.pages:
            raise InputError(
                self.name,
                f"has {count} pages, more than the limit of {self.limits.pages}",
                "raise the limit, or give a part of it",
                code="too_large",
            )
        if not count:
            raise damaged(self.name)
        pages = [self._page(number) for number in range(count)]
        out = TextBuilder(self.name, self.limits)
        notices = [*write_paragraphs(paragraphs(pages), out), *(_unread_notice(number) for number in self.unread)]
        if not out.text.strip():
            raise self._without_text()
        return Extracted(out.text, MEDIA_TYPE, pages=count, places=tuple(out.places), notices=tuple(notices))

    def _without_text(self) -> InputError:
        if self.unread:
            from extractor.reading.ocr import missing_extra

            return missing_extra(self.name, "is a scan: its pages are pictures without a text layer")
        return InputError(self.name, "has no text", "give a file with the report's text", code="empty")

    def _page(self, number: int) -> Page:
        page = self.document[number]
        textpage = page.get_textpage()
        try:
            self.characters += textpage.count_chars()
            if self.characters > self.limits.characters:
                raise InputError(
                    self.name,
                    f"holds more than {self.limits.characters} characters of text",
                    "raise the limit, or give a part of it",
                    code="too_large",
                )
            text: str = textpage.get_text_range()
            if not _is_scan(page, text):
                return Page(page.get_height(), list(_lines(textpage, text, number + 1, page.get_height())))
            return self._recognised(page, number + 1)
        finally:
            textpage.close()
            page.close()

    def _recognised(self, page: PdfPage, number: int) -> Page:
        from extractor.reading import ocr

        if not ocr.is_installed():
            self.unread.append(number)
            return Page(0.0, [])
        width, height = page.get_size()
        if not (width > 0 and height > 0):
            return Page(0.0, [])
        scale = min(_DOTS_PER_POINT, (min(self.limits.pixels, ocr.MOST_PIXELS) / (width * height)) ** 0.5)
        bitmap = page.render(scale=scale, rev_byteorder=False)
        try:
            return Page(bitmap.height, ocr.recognise(bitmap.to_numpy(), number))
        finally:
            bitmap.close()


def _unread_notice(number: int) -> Notice:
    return Notice("page_not_read", words=(("page", str(number)),))


def _is_scan(page: PdfPage, text: str) -> bool:
    """Whether the text layer is none, or none that can be read, and the page has something to look at."""
    from pypdfium2 import raw

    significant = _INSIGNIFICANT.sub("", text)
    if len(significant) >= _TEXT_LEAST:
        return len(_UNREADABLE.findall(significant)) > _UNREADABLE_SHARE * len(significant)
    return next(page.get_objects(filter=(raw.FPDF_PAGEOBJ_IMAGE,), max_depth=_IMAGE_DEPTH), None) is not None


def _lines(textpage: PdfTextPage, text: str, page: int, page_height: float) -> Iterator[PrintedLine]:
    """The lines of a text layer in the order in which they were written."""
    at = 0
    for end in [*(match.start() for match in _BREAKS.finditer(text)), len(text)]:
        start = at + len(text[at:end]) - len(text[at:end].lstrip())
        words = text[start:end].rstrip()
        if words:
            yield _line(textpage, words, start, page, page_height)
        at = end


def _line(textpage: PdfTextPage, words: str, start: int, page: int, page_height: float) -> PrintedLine:
    """A line and where it is printed; gaps between cells become tabs, spaces that justify Chinese words are left out."""
    first, last = _box(textpage, start), _box(textpage, start + len(words) - 1)
    height = max(first.top - first.bottom, 1e-3)
    words = _SPACES.sub(lambda match: _space(textpage, match, start, height), words)
    baseline = page_height - _baseline(textpage, start, first.bottom)
    return PrintedLine(page, first.left, max(last.right, first.right), baseline, height, words.translate(_SOFT_HYPHENS))


class _Box(NamedTuple):
    left: float
    bottom: float
    right: float
    top: float


def _box(textpage: PdfTextPage, at: int) -> _Box:
    from pypdfium2 import raw

    found = raw.FS_RECTF()
    raw.FPDFText_GetLooseCharBox(textpage, raw.FPDFText_GetCharIndexFromTextIndex(textpage, at), found)
    return _Box(found.left, found.bottom, found.right, found.top)


def _baseline(textpage: PdfTextPage, at: int, otherwise: float) -> float:
    from pypdfium2 import raw

    across, up = ctypes.c_double(), ctypes.c_double()
    index = raw.FPDFText_GetCharIndexFromTextIndex(textpage, at)
    return up.value if raw.FPDFText_GetCharOrigin(textpage, index, across, up) else otherwise


def _space(textpage: PdfTextPage, match: re.Match[str], start: int, height: float) -> str:
    gap = _box(textpage, start + match.end()).left - _box(textpage, start + match.start() - 1).right
    if gap > _CELL_GAP * height:
        return "\t"
    around = match.string[match.start() - 1] + match.string[match.end()]
    return match[0] if around.isascii() or not _is_generated(textpage, start + match.start()) else ""


def _is_generated(textpage: PdfTextPage, at: int) -> bool:
    """Whether PDFium added a space for a gap, where the file has none."""
    from pypdfium2 import raw

    return bool(raw.FPDFText_IsGenerated(textpage, raw.FPDFText_GetCharIndexFromTextIndex(textpage, at)) == 1)
