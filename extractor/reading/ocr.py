"""Pictures of pages: characters recognised by RapidOCR, whose models come with its package. Nothing is fetched.

Needs the extra `ocr` (`pip install extractor[ocr]`).
"""

from __future__ import annotations

import warnings
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING, Any

from extractor.errors import InputError
from extractor.reading.assembly import TextBuilder
from extractor.reading.layout import Page, PrintedLine, paragraphs, write_paragraphs
from extractor.reading.pace import page_begins
from extractor.reading.package import damaged
from extractor.reading.types import Extracted, Limits

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image
    from rapidocr import RapidOCR

_LEAST = 0.3
"""Less sure than this, a reading is a guess at a stamp or a stain, and is left out."""
_DETECTION_SIDE = 1280
"""Lines are looked for in a copy of the page with sides of at most so many pixels; they are read in the page itself."""
MOST_PIXELS = 8_000_000
"""Larger pictures are made smaller first: a page of A4 at 300 dots per inch has as many, and recognition needs fewer."""
FORMATS = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "TIFF": "image/tiff",
    "BMP": "image/bmp",
    "GIF": "image/gif",
    "WEBP": "image/webp",
}
"""Formats of images that are read, by their names in Pillow, and their media types."""


def is_installed() -> bool:
    """Whether the extra is there."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


def missing_extra(name: str, what: str) -> InputError:
    """The error for an input that cannot be read without the extra."""
    return InputError(
        name,
        what,
        "install recognition of characters (pip install 'extractor[ocr]') or give a file with text",
        code="needs_more",
    )


def read(data: bytes, name: str, limits: Limits) -> Extracted:
    """The text of an image, or of each image of a TIFF as a page. What is hardly readable is a notice `low_confidence`.

    Raises InputError without the extra, and for an image that is damaged, over a limit of pixels or pages, or without
    words. Its size is checked before anything is decoded.
    """
    if not is_installed():
        raise missing_extra(name, "is an image")
    import PIL.Image
    from PIL import ImageSequence

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PIL.Image.DecompressionBombWarning)
            image = PIL.Image.open(BytesIO(data), formats=tuple(FORMATS))
            pages = []
            for number, frame in enumerate(ImageSequence.Iterator(image), 1):
                _check_size(frame.size, number, name, limits)
                pixels = _pixels(frame)
                pages.append(Page(len(pixels), recognise(pixels, number)))
    except PIL.Image.DecompressionBombError:
        raise InputError(
            name, "is an image of absurd size", f"give one of at most {limits.pixels} pixels", code="too_large"
        ) from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, ZeroDivisionError):
        raise damaged(name) from None
    out = TextBuilder(name, limits)
    notices = tuple(write_paragraphs(paragraphs(pages), out))
    if not out.text.strip():
        raise InputError(name, "is an image without words", "give one with the report's text", code="empty")
    return Extracted(out.text, FORMATS[image.format or "PNG"], pages=len(pages), places=tuple(out.places), notices=notices)


def _check_size(size: tuple[int, int], number: int, name: str, limits: Limits) -> None:
    width, height = size
    if width * height > limits.pixels:
        raise InputError(
            name, f"is an image of {width} by {height} pixels", f"give one of at most {limits.pixels} pixels", code="too_large"
        )
    if number > limits.pages:
        raise InputError(name, f"has more than {limits.pages} pages", "raise the limit, or give a part of it", code="too_large")


def _pixels(frame: Image) -> NDArray[Any]:
    """A picture as the recogniser takes it: rows of blue, green and red, on white where it is transparent, not too large."""
    import numpy
    import PIL.Image
    from PIL import ImageOps

    width, height = frame.size
    frame = ImageOps.exif_transpose(frame)
    if frame.mode in ("RGBA", "LA", "PA") or "transparency" in frame.info:
        seen = frame.convert("RGBA")
        frame = PIL.Image.alpha_composite(PIL.Image.new("RGBA", seen.size, "white"), seen)
    frame = frame.convert("RGB")
    if width * height > MOST_PIXELS:
        share = (MOST_PIXELS / (width * height)) ** 0.5
        frame = frame.resize((max(1, int(frame.width * share)), max(1, int(frame.height * share))))
    return numpy.asarray(frame)[:, :, ::-1]


def recognise(pixels: NDArray[Any], page: int) -> list[PrintedLine]:
    """The lines that stand in a picture, rows of blue, green and red, with the confidence of each."""
    page_begins()
    found: Any = _engine()(pixels)
    if found.boxes is None or found.txts is None or found.scores is None:
        return []
    lines = []
    for box, words, score in zip(found.boxes, found.txts, found.scores, strict=True):
        across, down = [float(point[0]) for point in box], [float(point[1]) for point in box]
        lines.append(PrintedLine(page, min(across), max(across), max(down), max(down) - min(down), words, float(score)))
    return lines


@cache
def _engine() -> RapidOCR:
    """The recogniser with the models of its package, on one thread, silent."""
    import logging

    from rapidocr import RapidOCR

    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    return RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.text_score": _LEAST,
            "Det.limit_type": "max",
            "Det.limit_side_len": _DETECTION_SIDE,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        }
    )
