"""What the tests share: one order, commands in this process, and sentences whose quantities are marked with 【】."""

from __future__ import annotations

import atexit
import contextlib
import gc
import io
import os
import signal
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, settings

from extractor.__main__ import main
from extractor.catalogue import Catalogue, loader
from extractor.catalogue.files import builtin_folder, rule_files
from extractor.models import Indicator, Report
from extractor.pipeline import Extractor, document_of

REPOSITORY = Path(__file__).parents[1]
SAMPLES = tuple(sorted((REPOSITORY / "samples").glob("*.txt")))

settings.register_profile(
    "daily",
    max_examples=100,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=bool(os.environ.get("CI")),
)
settings.register_profile("thorough", settings.get_profile("daily"), max_examples=2000, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "daily"))


def examples(share: float) -> settings:
    """So much of the profile's examples: for what takes longer."""
    return settings(max_examples=int(settings().max_examples * share))


LONGEST = (
    "test_ray",
    "test_metamorphic",
    "test_batch",
    "test_readme",
    "test_catalogue_commands",
    "test_formats",
    "test_hostile",
    "test_catalogue_loader",
    "test_analysis",
    "test_cli",
    "test_corpus",
    "test_export",
    "test_explain",
    "test_guard",
    "test_evaluation",
    "test_wheel",
    "test_corrections",
    "test_findings",
    "test_properties",
)
"""The files whose tests take longest, longest first and those that mostly wait between those that mostly work."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files: processes that share the files are done together if none begins a long one last."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))


def pytest_sessionstart() -> None:
    """No collection of garbage while everything is imported: next to nothing of it is any."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What was imported stays to the end, and no collection need walk it again."""
    gc.freeze()
    gc.enable()
    atexit.register(gc.unfreeze)


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


@pytest.fixture(scope="session", autouse=True)
def _built_in_rules_are_compiled_once() -> Iterator[None]:
    """The built-in rules are those of stages.py, and their files are parsed once; all others are compiled as ever.

    Most commands compile them, and own rules are laid over them: longer than nearly all that is tested with them.
    """
    from tests.stages import CATALOGUE  # noqa: PLC0415 see there

    built_in = rule_files(builtin_folder())
    files = {content: path for path, content in built_in.items()}
    compile_catalogue, read_yaml = loader.compile_catalogue, loader.read_yaml
    parsed = cache(read_yaml)

    def compiled(key: str, contents: dict[Path, bytes]) -> Catalogue:
        return CATALOGUE if contents == built_in else compile_catalogue(key, contents)

    def read(path: Path, content: bytes) -> tuple[Any, Any, list[str]]:
        # what is found in a file names it only where something is wrong with it
        return parsed(files[content], content) if content in files else read_yaml(path, content)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loader, "compile_catalogue", compiled)
        patch.setattr(loader, "read_yaml", read)
        yield


@pytest.fixture(scope="session")
def extractor() -> Extractor:
    """All stages over the built-in rules."""
    from tests.stages import STAGES  # noqa: PLC0415 see there

    return STAGES


@pytest.fixture(scope="session")
def record(extractor: Extractor) -> Callable[[str], Report]:
    """The record of a text, with the text in it, so that the model checks every span against it."""
    return lambda text: extractor.extract(document_of(text), with_text=True)
