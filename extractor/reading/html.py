"""Web pages: the text that a reader comes for, without what stands around it.

The page is cut into blocks (paragraphs, headings, list items, rows of tables). The main part is the smallest element that holds
nine tenths of the page's sentences. Of what stands before it, titles, index tables and labelled lines stay; of what stands
after it, sentences and the lines of a sign-off. Nothing that a page refers to is fetched, no script is run.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, takewhile
from typing import TYPE_CHECKING

from extractor.errors import InputError
from extractor.reading.assembly import TextBuilder
from extractor.reading.tables import rows_as_lines
from extractor.reading.text import decode, notices
from extractor.reading.types import Extracted, ReadOptions
from extractor.types import Place

if TYPE_CHECKING:
    from lxml.etree import _Element

_GONE = frozenset(
    re.findall(
        r"\w+",
        """
        script style noscript template iframe frame object embed applet svg math canvas audio video map head select
        option textarea button input nav footer aside dialog
        """,
    )
)
_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        """
        address article blockquote body caption center dd details dir div dl dt fieldset figcaption figure form h1 h2 h3
        h4 h5 h6 header hr li main menu ol p pre section summary table tbody td tfoot th thead tr ul
        """,
    )
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_AROUND = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|breadcrumbs?|crumbs?|footer|copyright|sidebar|share|bdsharebuttonbox|related|"
    r"comments?|pager|pagination|toolbar|qrcode)(?:$|[\s_-])",
    re.IGNORECASE,
)
"""Words by which the makers of pages call what stands around the text, in the attributes class and id."""
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_UNNUMBERED = re.compile(r"list-style(?:-type)?\s*:\s*none", re.IGNORECASE)
_SENTENCE = re.compile(r"[。；！？]|，.*，")
_STOP = re.compile(r"[。；！？]")
_LABELLED = re.compile(r"[^：:，。]{2,12}[：:]\s*\S.{0,80}")
_NUMBERED = re.compile(r"[（(]?[0-9０-９一二三四五六七八九十]")
_TITLE_END = re.compile(r"[_|｜]|\s[-—–]\s|--")
_SPACES = re.compile(r"[ \t\r\n\f]+")
_CHARSET = re.compile(rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_MAIN_SHARE = 0.9
_LINK_SHARE = 0.8
_TITLE_LEAST = 8
_PROSE_LEAST = 20
_CELL_LONGEST = 600
_LABEL_LONGEST = 12
_AROUND_MOST = 0.2
_CHARSET_REACH = 4096


@dataclass(slots=True)
class _Block:
    """A piece of text that stands on lines of its own: the element it stands in, and how many of its characters are links."""

    element: _Element
    text: str
    linked: int = 0
    row: tuple[str, ...] = ()

    @property
    def is_links(self) -> bool:
        """Whether it is nothing but links, or nearly."""
        return self.linked > _LINK_SHARE * len(self.text) and _STOP.search(self.text) is None

    @property
    def prose(self) -> int:
        """Its characters, where it is made of sentences; else 0."""
        is_prose = len(self.text) >= _PROSE_LEAST and _SENTENCE.search(self.text) and self.linked * 2 < len(self.text)
        return len(self.text) if is_prose else 0


def read(data: bytes, name: str, options: ReadOptions, declared: str | None = None) -> Extracted:
    """The main text of a page, a line for each paragraph, heading and row of a table, with the number of each as its place.

    The charset that the page declares counts no more than the bytes: one that makes no sense is passed over. Raises InputError
    for a page that cannot be decoded, is nested too deep, or has no text.
    """
    found = _CHARSET.search(data[:_CHARSET_REACH])
    decoded = decode(data, name, options, found[1].decode("ascii") if found else declared)
    root = _parse(decoded.text, name)
    out = TextBuilder(name, options.limits)
    if root is not None:
        for number, line in enumerate(_lines(root), 1):
            out.add(f"{line}\n", Place(0, paragraph=number))
    if not out.text.strip():
        raise InputError(
            name, "is a web page without text", "save the page with its text, or copy the text into a file", code="empty"
        )
    return Extracted(out.text, "text/html", decoded.encoding, None, tuple(out.places), tuple(notices(out.text, decoded)))


def _parse(page: str, name: str) -> _Element | None:
    from lxml import etree

    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = etree.fromstring(page.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None
    if any("depth" in entry.message for entry in parser.error_log):
        # the parser ends there, and what follows would be lost
        raise InputError(name, "is a web page nested too deep", "copy its text into a file and give that", code="too_large")
    return root


def _lines(root: _Element) -> Iterator[str]:
    """The lines of the page that are kept, in their order."""
    body = next(root.iter("body"), root)
    walk = _Walk(_around(body))
    blocks = walk.blocks(body)
    title = _title(root)
    kept = _kept(blocks, body, title)
    texts = [block.text for block in kept]
    if title and not any(_bare(title) in _bare(text) for text in texts):
        yield title
    yield from texts


def _title(root: _Element) -> str:
    """The page's title without the site's name behind it; empty where it is too short for one."""
    element = next(root.iter("title"), None)
    title = _SPACES.sub(" ", "".join(element.itertext())).strip() if element is not None else ""
    title = _TITLE_END.split(title)[0].strip()
    return title if len(title) >= _TITLE_LEAST else ""


def _bare(text: str) -> str:
    return "".join(text.split())


# --------------------------------------------------------------------------------------------------- what is the main part


def _kept(blocks: list[_Block], body: _Element, title: str) -> list[_Block]:
    """The blocks of the main part, and those around it that belong to it."""
    main = _main_part(blocks, body)
    within = set(main.iter())
    inside = [block.element in within for block in blocks]
    first = next((n for n, is_inside in enumerate(inside) if is_inside), len(blocks))
    last = len(blocks) - next((n for n, is_inside in enumerate(reversed(inside)) if is_inside), 0)
    before, after = blocks[:first], blocks[last:]
    near = len(before) - len(list(takewhile(lambda block: not block.is_links, reversed(before))))
    front = [block for n, block in enumerate(before) if n >= near or _belongs_before(block, title)]
    front = [line for block in front if not block.is_links for line in _labelled_pairs(block)]
    signed = list(takewhile(lambda block: block.element.getparent() is main.getparent() and block.element.tag == "p", after))
    rest = [block for block in after[len(signed) :] if block.prose and _STOP.search(block.text)]
    return [block for block in (*front, *blocks[first:last], *signed, *rest) if not block.is_links]


def _main_part(blocks: list[_Block], body: _Element) -> _Element:
    """The smallest element that holds most of the sentences; the body where there are none."""
    from lxml import etree

    weights: dict[_Element, int] = defaultdict(int)
    for block in blocks:
        if block.prose:
            weights[block.element] += block.prose
    for _, element in etree.iterwalk(body, events=("end",)):
        parent = element.getparent()
        if element in weights and element is not body and parent is not None:
            weights[parent] += weights[element]
    main = body
    while weights:
        inner = max(main, key=lambda child: weights.get(child, 0), default=None)
        if inner is None or weights.get(inner, 0) < _MAIN_SHARE * weights[body]:
            break
        main = inner
    return main


def _belongs_before(block: _Block, title: str) -> bool:
    """Whether a block far above the main part is a title, a row of an index table, a labelled line or a paragraph."""
    words = _bare(block.text)
    is_title = block.element.tag in _HEADINGS or (len(words) >= _TITLE_LEAST and bool(title) and words in _bare(title))
    return is_title or len(block.row) > 1 or bool(block.prose) or _LABELLED.fullmatch(block.text) is not None


def _labelled_pairs(block: _Block) -> list[_Block]:
    """A row of an index table as one line for each label and its value; any other block as it is."""
    cells = block.row
    labels = [cell.rstrip("：: ") for cell in cells[::2]]
    if len(cells) % 2 or not cells or not all(1 < len(label) <= _LABEL_LONGEST for label in labels):
        return [block]
    return [
        _Block(block.element, f"{label}：{value}") for label, value in zip(labels, cells[1::2], strict=True) if label or value
    ]


# ---------------------------------------------------------------------------------------------------------- page to blocks


def _around(body: _Element) -> frozenset[_Element]:
    """The elements that are not read: those that are hidden, and those named for what stands around the text.

    One in which much of the text stands is read whatever its name.
    """
    from lxml import etree

    found = []
    lengths = _lengths(body)
    most = _AROUND_MOST * lengths[body]
    walker = etree.iterwalk(body, events=("start",))
    for _, element in walker:
        names = f"{element.get('class', '')} {element.get('id', '')}"
        if element is not body and (_is_hidden(element) or (_AROUND.search(names) and lengths[element] <= most)):
            found.append(element)
            walker.skip_subtree()
    return frozenset(found)


def _lengths(body: _Element) -> dict[_Element, int]:
    """How many characters stand in each element, counted in one pass."""
    from lxml import etree

    lengths: dict[_Element, int] = defaultdict(int)
    for _, element in etree.iterwalk(body, events=("end",)):
        lengths[element] += len(element.text or "")
        parent = element.getparent()
        if element is not body and parent is not None:
            lengths[parent] += lengths[element] + len(element.tail or "")
    return lengths


def _is_hidden(element: _Element) -> bool:
    return element.get("hidden") is not None or _HIDDEN.search(element.get("style", "")) is not None


@dataclass
class _Walk:
    """One walk through a page, in the order of its text."""

    around: frozenset[_Element]
    found: list[_Block] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    linked: int = 0
    links: int = 0
    preformatted: int = 0
    mark: str = ""
    numbers: dict[_Element, Iterator[int]] = field(default_factory=dict)

    def blocks(self, root: _Element) -> list[_Block]:
        """The blocks of an element."""
        from lxml import etree

        walker = etree.iterwalk(root, events=("start", "end"))
        for event, element in walker:
            if event == "start":
                if self._open(element, root):
                    walker.skip_subtree()
            else:
                self._close(element, root)
        self._flush(root)
        return self.found

    def _open(self, element: _Element, root: _Element) -> bool:
        """Whether what stands in the element is passed over, or was read already."""
        tag = element.tag
        if tag in _GONE or element in self.around:
            return True
        if tag in _BLOCKS:
            parent = element.getparent()
            self._flush(root if element is root or parent is None else parent)
        if tag == "table" and element is not root and (rows := _data_rows(element)) is not None:
            self._add_rows(element, rows)
            return True
        if tag == "br":
            self.pieces.append("\n")
        elif tag == "li":
            self.mark = self._list_mark(element)
        self.links += tag == "a"
        self.preformatted += tag == "pre"
        self._add(element.text)
        return False

    def _close(self, element: _Element, root: _Element) -> None:
        tag = element.tag
        if tag in _GONE or element in self.around:
            pass
        elif tag in _BLOCKS:
            self._flush(element)
            self.preformatted -= tag == "pre"
        else:
            self.links -= tag == "a"
        if element is not root:
            self._add(element.tail)

    def _list_mark(self, item: _Element) -> str:
        """The number that a browser shows before an item of a numbered list."""
        parent = item.getparent()
        if parent is None or parent.tag != "ol" or _UNNUMBERED.search(parent.get("style", "") + item.get("style", "")):
            return ""
        if parent not in self.numbers:
            start = parent.get("start", "1")
            self.numbers[parent] = count(int(start) if start.isdecimal() and len(start) < 6 else 1)
        return f"{next(self.numbers[parent])}. "

    def _add(self, text: str | None) -> None:
        if text:
            words = text if self.preformatted else _SPACES.sub(" ", text)
            self.pieces.append(words)
            self.linked += len(words.strip()) if self.links else 0

    def _flush(self, element: _Element) -> None:
        """What was gathered, as a block that stands in `element`."""
        lines = (" ".join(line.split(" ")).strip(" ") for line in re.split(r"\r?\n", "".join(self.pieces)))
        text = "\n".join(line for line in lines if line.strip(" \u3000\xa0"))
        if text:
            mark = "" if _NUMBERED.match(text.lstrip("\u3000\xa0 ")) else self.mark
            self.found.append(_Block(element, mark + text, self.linked))
            self.mark = ""
        self.pieces.clear()
        self.linked = 0

    def _add_rows(self, table: _Element, rows: list[list[str]]) -> None:
        linked = sum(len("".join(link.itertext()).strip()) for link in table.iter("a"))
        share = linked / max(1, sum(len(cell) for row in rows for cell in row))
        for source, cells in zip(rows, rows_as_lines(rows), strict=True):
            text = "\t".join(cell.words for cell in cells)
            if text:
                self.found.append(_Block(table, text, int(share * len(text)), tuple(source)))


def _data_rows(table: _Element) -> list[list[str]] | None:
    """The cells of a table of data; None for a table that only puts parts of the page side by side."""
    if next((inner for inner in table.iter("table") if inner is not table), None) is not None:
        return None
    rows = [[_cell(cell) for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
    if max(map(len, rows), default=0) < 2 or any(len(cell) > _CELL_LONGEST for row in rows for cell in row):
        return None
    return rows


def _cell(cell: _Element) -> str:
    blocks = _Walk(frozenset()).blocks(cell)
    return "\n".join(block.text for block in blocks)
