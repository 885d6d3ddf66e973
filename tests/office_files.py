"""Small Word files for the tests, made of the XML that each is about."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT_W = "http://purl.oclc.org/ooxml/wordprocessingml/main"
NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'


def package(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip file of these parts."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def docx(body: str, **parts: str) -> bytes:
    """A Word document with this body; `numbering`, `styles` and `footnotes` are the content of the roots of these parts."""
    roots = {"numbering": "numbering", "styles": "styles", "footnotes": "footnotes", "header": "hdr", "footer": "ftr"}
    relations = "".join(f'<Relationship Id="{n}" Type="{_RELATION}/{n}" Target="{n}.xml"/>' for n in parts)
    files = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": _RELATIONS.format(
            f'<Relationship Id="d" Type="{_RELATION}/officeDocument" Target="word/document.xml"/>'
        ),
        "word/_rels/document.xml.rels": _RELATIONS.format(relations),
        "word/document.xml": f"<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>",
    }
    files |= {f"word/{n}.xml": f"<w:{roots[n]} {NAMESPACES}>{content}</w:{roots[n]}>" for n, content in parts.items()}
    return package(files)


def paragraph(words: str, properties: str = "") -> str:
    """A paragraph of one run."""
    return f'<w:p><w:pPr>{properties}</w:pPr><w:r><w:t xml:space="preserve">{words}</w:t></w:r></w:p>'


def numbered(words: str, list_id: int, level: int = 0) -> str:
    """A paragraph that is numbered automatically."""
    return paragraph(words, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>')


def level(at: int, number_format: str, shown: str, more: str = "", start: int = 1) -> str:
    """A level of a list."""
    return (
        f'<w:lvl w:ilvl="{at}"><w:start w:val="{start}"/><w:numFmt w:val="{number_format}"/>{more}'
        f'<w:lvlText w:val="{shown}"/></w:lvl>'
    )


def abstract(identifier: int, *levels: str) -> str:
    """The definition of a list."""
    return f'<w:abstractNum w:abstractNumId="{identifier}">{"".join(levels)}</w:abstractNum>'


def num(list_id: int, definition: int, overrides: str = "") -> str:
    """A list of a definition."""
    return f'<w:num w:numId="{list_id}"><w:abstractNumId w:val="{definition}"/>{overrides}</w:num>'


def table(*rows: tuple[str, ...]) -> str:
    """A table of cells with one paragraph each."""
    cells = ("".join(f"<w:tc>{paragraph(words)}</w:tc>" for words in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"
