"""Word documents (.docx): the text as a reader of the accepted document sees it, without headers, footers and comments.

The parts are read directly, for what decides here lies below what python-docx gives: automatic numbering, tracked changes, text
boxes and fields. The form is that of ISO/IEC 29500-1, transitional and strict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from extractor.errors import InputError
from extractor.reading.assembly import TextBuilder
from extractor.reading.numbering import VAL, Numbering, W, child, paragraph_styles, read_numbering
from extractor.reading.package import Package, damaged
from extractor.reading.tables import rows_as_lines
from extractor.reading.types import Extracted, Limits
from extractor.types import Notice, Place

if TYPE_CHECKING:
    from lxml.etree import _Element

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_EXTENT = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}extent"

_GONE = frozenset(
    W + name
    for name in ("del", "moveFrom", "pPr", "rPr", "sdtPr", "sdtEndPr", "tblPr", "tblGrid", "trPr", "tcPr", "rt", "instrText")
)
"""What a reader of the accepted document does not see, and properties."""
_SIGNS = {f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
_NOTES = {f"{W}footnoteReference": "footnotes", f"{W}endnoteReference": "endnotes"}
_CONTENTS = "table of contents"
_CELL_OF_PARAGRAPHS = 200
"""A cell with several paragraphs and more characters than this holds running text, not an entry of a table."""
_PICTURE_LEAST = 3_600_000
"""Sides of a picture that may hold text worth reading, in EMU: 10 cm."""
_SYMBOLS = {"F0A8": "□", "F0FE": "☑", "F0FC": "√", "F052": "☑", "F0A3": "□", "F06F": "□", "F0B7": "•", "F0D8": "➢"}
"""Characters of Wingdings and Symbol that forms and lists use."""
_ON = (None, "1", "true", "on")


def read(data: bytes, name: str, limits: Limits) -> Extracted:
    """The text of a Word document, paragraph by paragraph; tables in their place, rows as lines with tabs between cells.

    Raises InputError for a document that is damaged, under a password, over a limit, or without text.
    """
    package = Package(data, name, limits)
    part = package.main_part("word/document.xml")
    body = package.parse(part).find(f"{W}body")
    if body is None:
        raise damaged(name)
    try:
        reader = _Reader(package, part, TextBuilder(name, limits))
        reader.write(body)
    except RecursionError:
        raise InputError(name, "is nested too deep", "open it, save it anew and give that file", code="too_large") from None
    text = reader.out.text
    if not text.strip():
        raise InputError(
            name,
            "holds no text" + (" but pictures" if reader.pictures else ""),
            "save its pages as PDF and give that file",
            code="empty",
        )
    return Extracted(text, MEDIA_TYPE, places=tuple(reader.out.places), notices=tuple(reader.notices))


@dataclass
class _Line:
    """A paragraph: its number in the document, its text, and what hangs on it."""

    number: int
    text: str
    boxes: list[_Element] = field(default_factory=list)
    notes: list[_Element] = field(default_factory=list)


class _Reader:
    """Goes through a document once and writes it down."""

    def __init__(self, package: Package, part: str, out: TextBuilder) -> None:
        self.package = package
        self.part = part
        self.out = out
        self.notices: list[Notice] = []
        self.pictures = 0
        self._number = 0
        self._unfinished: _Line | None = None
        self._notes: dict[str, dict[str, _Element]] = {}
        self.numbering: Numbering = read_numbering(self._related("styles", paragraph_styles), self._related("numbering"))

    def write(self, container: _Element) -> None:
        """Writes the paragraphs and tables of a container."""
        for block in _blocks(container):
            if block.tag == f"{W}p":
                self._write_paragraph(block)
            else:
                self._write_table(block)

    def _related(self, kind: str, shorten: Callable[[bytes], bytes] = bytes) -> _Element | None:
        part = next((part for part in self.package.related(self.part, kind) if part in self.package), None)
        return self.package.parse(part, shorten) if part else None

    def _write_paragraph(self, paragraph: _Element) -> None:
        line = self._line(paragraph)
        if line is not None:
            self._write_line(line)

    def _write_line(self, line: _Line) -> None:
        self.out.add(line.text, Place(0, paragraph=line.number))
        self.out.add("\n")
        for container in (*line.boxes, *line.notes):
            self.write(container)

    def _line(self, paragraph: _Element) -> _Line | None:
        """The next paragraph, or None where it is none of its own: an entry of the contents, or merged with the next."""
        self._number += 1
        properties = child(paragraph, "pPr")
        if self.numbering.style_name(properties).startswith("toc "):
            return None
        line = self._unfinished or _Line(self._number, "")
        self._unfinished = None
        line.text += "".join(self._pieces(paragraph, line))
        if _is_mark_deleted(properties):
            self._unfinished = line
            return None
        mark = self.numbering.mark(properties)
        if mark and line.text.strip():
            line.text = mark + (" " if mark[-1].isascii() else "") + line.text
        return line

    def _pieces(self, element: _Element, line: _Line) -> Iterator[str]:
        """The words of a paragraph or of a part of it, in order; text boxes, notes and pictures are put aside."""
        for part in element:
            tag = part.tag
            if tag in (f"{W}t", f"{_MATH}t"):
                yield part.text or ""
            elif tag in _SIGNS:
                yield _SIGNS[tag]
            elif tag in _GONE or not isinstance(tag, str):
                continue
            elif tag == f"{W}r":
                if not _is_hidden(part):
                    yield from self._pieces(part, line)
            elif tag == f"{W}sym":
                yield _symbol(part)
            elif tag in _NOTES:
                line.notes.extend(self._note(_NOTES[tag], part.get(f"{W}id", "")))
            elif tag == f"{W}txbxContent":
                line.boxes.append(part)
            elif tag == f"{_COMPATIBILITY}AlternateContent":
                yield from self._pieces(_alternative(part), line)
            else:
                if tag == _EXTENT:
                    self._note_picture(part)
                yield from self._pieces(part, line)

    def _note(self, kind: str, identifier: str) -> Iterator[_Element]:
        if kind not in self._notes:
            root = self._related(kind)
            self._notes[kind] = {} if root is None else {note.get(f"{W}id", ""): note for note in root}
        note = self._notes[kind].pop(identifier, None)
        if note is not None:
            yield note

    def _note_picture(self, extent: _Element) -> None:
        parent = extent.getparent()
        if parent is None or not any(isinstance(e.tag, str) and e.tag.endswith("}blip") for e in parent.iter()):
            return
        self.pictures += 1
        sides = [extent.get(side, "0") for side in ("cx", "cy")]
        if all(side.isascii() and side.isdigit() and int(side) >= _PICTURE_LEAST for side in sides):
            self.notices.append(Notice("picture_not_read", words=(("paragraph", str(self._number)),)))

    def _write_table(self, table: _Element) -> None:
        """Rows as lines, cells with tabs between them; a cell that holds running text is written as such."""
        rows: list[list[_Line]] = []
        for row in _children(table, f"{W}tr"):
            if row.find(f"{W}trPr/{W}del") is not None:
                continue
            cells = list(_children(row, f"{W}tc"))
            if len(cells) == 1 or any(_is_running_text(cell) for cell in cells):
                self._write_rows(rows)
                rows = []
                for cell in cells:
                    self.write(cell)
            else:
                rows.append([self._cell(cell) for cell in cells])
        self._write_rows(rows)

    def _cell(self, cell: _Element) -> _Line:
        """The paragraphs of a cell as one."""
        lines = [line for p in cell.iter(f"{W}p") if not _is_in_text_box(p, cell) and (line := self._line(p)) is not None]
        if self._unfinished is not None:
            lines.append(self._unfinished)
            self._unfinished = None
        words = " ".join(line.text.strip().replace("\n", " ").replace("\t", " ") for line in lines if line.text.strip())
        number = next((line.number for line in lines if line.text.strip()), self._number)
        return _Line(number, words, [b for line in lines for b in line.boxes], [n for line in lines for n in line.notes])

    def _write_rows(self, rows: list[list[_Line]]) -> None:
        for row in rows_as_lines([[cell.text for cell in row] for row in rows]):
            for at, (row_number, column, words) in enumerate(row):
                self.out.add("\t" if at else "")
                self.out.add(words, Place(0, paragraph=rows[row_number][column].number))
            self.out.add("\n" if row else "")
        for cell in (cell for row in rows for cell in row):
            for container in (*cell.boxes, *cell.notes):
                self.write(container)


def _blocks(container: _Element) -> Iterator[_Element]:
    """Paragraphs and tables of a container, those in content controls and accepted insertions among them."""
    for part in container:
        if part.tag in (f"{W}p", f"{W}tbl"):
            yield part
        elif part.tag == f"{W}sdt":
            gallery = part.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
            content = part.find(f"{W}sdtContent")
            if content is not None and (gallery is None or gallery.get(VAL, "").lower() != _CONTENTS):
                yield from _blocks(content)
        elif part.tag == f"{_COMPATIBILITY}AlternateContent":
            yield from _blocks(_alternative(part))
        elif part.tag in (f"{W}ins", f"{W}moveTo", f"{W}customXml", f"{W}smartTag"):
            yield from _blocks(part)


def _children(element: _Element, tag: str) -> Iterator[_Element]:
    """Rows of a table or cells of a row, those in content controls among them."""
    for part in element:
        if part.tag == tag:
            yield part
        elif part.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}customXml", f"{W}ins"):
            yield from _children(part, tag)


def _alternative(element: _Element) -> _Element:
    """Of a choice and what to fall back on, the one that says more: both say the same in two ways."""
    choices = [choice for choice in element if isinstance(choice.tag, str)]
    return next((choice for choice in choices if choice.find(f".//{W}t") is not None), choices[0] if choices else element)


def _is_in_text_box(paragraph: _Element, cell: _Element) -> bool:
    for above in paragraph.iterancestors():
        if above is cell:
            return False
        if above.tag in (f"{W}txbxContent", f"{W}del", f"{W}moveFrom"):
            return True
    return False


def _is_running_text(cell: _Element) -> bool:
    paragraphs = cell.findall(f"{W}p")
    if len(paragraphs) < 2:
        return False
    return sum(len(t.text or "") for t in cell.iter(f"{W}t")) > _CELL_OF_PARAGRAPHS


def _is_hidden(run: _Element) -> bool:
    properties = child(run, "rPr")
    vanish = child(properties, "vanish") if properties is not None else None
    return vanish is not None and vanish.get(VAL) in _ON


def _is_mark_deleted(properties: _Element | None) -> bool:
    mark = child(properties, "rPr") if properties is not None else None
    return mark is not None and any(child(mark, change) is not None for change in ("del", "moveFrom"))


def _symbol(element: _Element) -> str:
    code = element.get(f"{W}char", "").upper()
    if code in _SYMBOLS:
        return _SYMBOLS[code]
    try:
        character = chr(int(code, 16))
    except (ValueError, OverflowError):
        return ""
    return character if character.isprintable() else ""
