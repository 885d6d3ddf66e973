"""What the tests share: the compiled stages, and sentences whose quantities are marked with 【】."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import NamedTuple

import pytest

from extractor.__main__ import main
from extractor.catalogue import load_catalogue
from extractor.models import Indicator, Report
from extractor.pipeline import Extractor, document_of

REPOSITORY = Path(__file__).parents[1]
CATALOGUE = load_catalogue()
STAGES = Extractor(CATALOGUE)
"""All stages over the built-in rules, compiled once for all tests."""
SAMPLES = tuple(sorted((REPOSITORY / "samples").glob("*.txt")))


class Marked(NamedTuple):
    """A sentence without its marks, and the spans that they enclosed."""

    text: str
    spans: tuple[tuple[int, int], ...]

    @property
    def words(self) -> list[str]:
        return [self.text[start:end] for start, end in self.spans]


def unmark(sentence: str) -> Marked:
    """Take the marks 【】 out of a sentence and remember what they enclosed."""
    text, spans = "", []
    for piece in sentence.split("【"):
        inside, mark, after = piece.partition("】")
        if mark:
            spans.append((len(text), len(text) + len(inside)))
        text += inside + after
    return Marked(text, tuple(spans))


def overlapping(report: Report, span: tuple[int, int]) -> list[Indicator]:
    """The indicators that share a character with the span, in text order."""
    return [found for found in report.indicators if found.start < span[1] and span[0] < found.end]


def call(
    *arguments: str | bytes | Path, stdin: bytes = b"", cwd: Path | None = None, **environment: str
) -> CompletedProcess[bytes]:
    """The command in this process: what `python -m extractor` with these arguments prints, and its exit code."""
    given, output, errors = (io.TextIOWrapper(io.BytesIO(content), "utf-8") for content in (stdin, b"", b""))
    code: object = 0
    pipes = signal.getsignal(signal.SIGPIPE)
    with pytest.MonkeyPatch.context() as patch, contextlib.chdir(cwd or Path.cwd()):
        patch.setattr(sys, "argv", ["extractor", *map(os.fsdecode, arguments)])
        for name, stream in (("stdin", given), ("stdout", output), ("stderr", errors)):
            patch.setattr(sys, name, stream)
        for name in [name for name in os.environ if name.startswith("EXTRACTOR")]:
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        finally:
            signal.signal(signal.SIGPIPE, pipes)
    assert isinstance(code, int)
    printed = []
    for stream in (output, errors):
        stream.flush()
        assert isinstance(stream.buffer, io.BytesIO)
        printed.append(stream.buffer.getvalue())
    return CompletedProcess(list(arguments), code, *printed)


@pytest.fixture(scope="session")
def extractor() -> Extractor:
    """All stages over the built-in rules."""
    return STAGES


@pytest.fixture(scope="session")
def record(extractor: Extractor) -> Callable[[str], Report]:
    """The record of a text, with the text in it, so that the model checks every span against it."""
    return lambda text: extractor.extract(document_of(text), with_text=True)
