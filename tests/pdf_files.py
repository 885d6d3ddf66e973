"""Small PDF files for the tests: words at places, in a font that every viewer has."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from PIL import Image, ImageDraw
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

Words = tuple[float, float, str]
"""Where words begin, from the left and from the bottom of the page in points, and the words."""

FONT = "STSong-Light"


def pdf(*pages: Sequence[Words], size: float = 16, password: str | None = None, page_size: tuple[float, float] = A4) -> bytes:
    """A PDF with these words on its pages."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = BytesIO()
    encryption = StandardEncryption(password, strength=128) if password else None
    canvas = Canvas(out, pagesize=page_size, invariant=1, encrypt=encryption)
    for page in pages:
        canvas.setFont(FONT, size)
        for left, bottom, words in page:
            canvas.drawString(left, bottom, words)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def image_pdf(*pages: Image.Image | Sequence[Words]) -> bytes:
    """A PDF whose pages are pictures, or words."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    for page in pages:
        if isinstance(page, Image.Image):
            canvas.drawImage(ImageReader(page), 0, 0, *A4)
        else:
            canvas.setFont(FONT, 16)
            for left, bottom, words in page:
                canvas.drawString(left, bottom, words)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def picture(words: str = "x") -> Image.Image:
    """A picture of a page with a few strokes on it."""
    image = Image.new("L", (400, 560), 255)
    ImageDraw.Draw(image).text((50, 50), words, fill=0)
    return image


def paragraph(text: str, top: float, width: int = 26, indent: int = 2) -> list[Words]:
    """A paragraph set in lines of `width` characters of 16 points, the first one indented, the lines 28 points apart."""
    first, rest = text[: width - indent], text[width - indent :]
    lines = [first, *(rest[at : at + width] for at in range(0, len(rest), width))]
    return [(80 + 16 * indent * (at == 0), top - 28 * at, words) for at, words in enumerate(lines)]


def of_objects(objects: Sequence[bytes]) -> bytes:
    """A PDF of these objects, numbered from 1 on; the first one is its catalogue."""
    out = [b"%PDF-1.4\n"]
    places = []
    at = len(out[0])
    for number, content in enumerate(objects, 1):
        places.append(at)
        out.append(b"%d 0 obj%sendobj\n" % (number, content))
        at += len(out[-1])
    out.append(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out += [b"%010d 00000 n \n" % place for place in places]
    out.append(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, at))
    return b"".join(out)
