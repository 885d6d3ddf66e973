"""`extractor batch`."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, Never

import typer

from extractor.cli.extract import FAILING, FailOn, LanguageName
from extractor.cli.reading import Encoding, EncodingErrors, LimitList, OnEncodingErrors, read_options

if TYPE_CHECKING:
    from extractor.batch.ray import ClusterPlan
    from extractor.batch.run import Plan
    from extractor.cli.progress import Progress

_INTERRUPTED = 130
_SOME_FAILED = 3
_RESULTS = ".batch"
_FILES = {".xlsx", ".parquet", ".sqlite", ".sqlite3", ".db"}


class Engine(StrEnum):
    """Where the work is done."""

    LOCAL = "local"
    RAY = "ray"


class LogFormat(StrEnum):
    """Forms of what is told on standard error."""

    TEXT = "text"
    JSON = "json"


def batch(
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="INPUT...", help="Folders, archives, files, lists of these, or - for a list on standard input."),
    ],
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FOLDER|FILE",
            help="Folder for the results; a workbook or database to write from them beside; with --engine ray, an address too.",
        ),
    ],
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with what the folder holds: read only what is new or has changed.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Start anew, whatever the folder holds.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Stay, and convert what arrives in the folders as it arrives.")
    ] = False,
    jobs: Annotated[int | None, typer.Option("--jobs", "-j", min=1, help="Processes. [default: one for each core]")] = None,
    timeout: Annotated[
        float, typer.Option("--timeout", min=0.1, help="Seconds for one file, and for each page of a scan.")
    ] = 60.0,
    memory: Annotated[int, typer.Option("--memory", min=0, help="MB of memory for each process; 0 for no limit.")] = 2048,
    include: Annotated[
        list[str] | None, typer.Option("--include", metavar="PATTERN", help="Take files like this, and no others.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", metavar="PATTERN", help="Pass over files and folders like this.")
    ] = None,
    engine: Annotated[
        Engine, typer.Option("--engine", help="This machine, or a Ray cluster that writes Parquet.")
    ] = Engine.LOCAL,
    address: Annotated[
        str | None,
        typer.Option("--address", metavar="ADDRESS", help="A running Ray cluster. [default: one started on this machine]"),
    ] = None,
    part_size: Annotated[
        int, typer.Option("--part-size", min=1, help="With --engine ray: inputs that are done, written and resumed together.")
    ] = 1000,
    lang: Annotated[LanguageName, typer.Option("--lang", help="Language of column names.")] = LanguageName.ZH,
    encoding: Encoding = None,
    encoding_errors: OnEncodingErrors = EncodingErrors.STRICT,
    limit: LimitList = None,
    with_text: Annotated[bool, typer.Option("--with-text", help="Put the text that offsets refer to into the record.")] = False,
    catalogue: Annotated[
        Path | None,
        typer.Option("--catalogue", envvar="EXTRACTOR_CATALOGUE", help="Folder with own rules, laid over the built-in ones."),
    ] = None,
    fail_on: Annotated[
        FailOn | None,
        typer.Option("--fail-on", help="Exit with 1 when a finding is of this severity or above.", show_default=False),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Tell nothing but errors.")] = False,
    log_format: Annotated[LogFormat, typer.Option("--log-format", help="What standard error holds.")] = LogFormat.TEXT,
) -> None:
    """Convert any number of reports, in parallel, so that nothing is lost whenever it is broken off.

    Examples:

      extractor batch reports/ -o results

      extractor batch reports/ -o results --resume

      extractor batch reports/ -o reports.xlsx

      extractor batch inbox/ -o results --watch

      extractor batch s3://bucket/reports -o s3://bucket/results --engine ray --address auto

    Exit codes: 0 done; 1 findings at or above --fail-on; 2 wrong use or a bad catalogue; 3 some inputs could not be read (the
    others are written); 130 interrupted (what was finished is kept for --resume).
    """
    from extractor.batch.discover import Selection
    from extractor.batch.run import Plan
    from extractor.batch.task import BatchOptions
    from extractor.batch.worker import Settings
    from extractor.cli.progress import progress_for
    from extractor.errors import UsageError
    from extractor.reading import STANDARD_INPUT

    if watch and STANDARD_INPUT in inputs:
        raise UsageError("--watch looks again and again, and standard input can be read once; name folders")
    if watch and engine is Engine.RAY:
        raise UsageError("--watch is for --engine local; run --engine ray again with --resume when something has arrived")
    if address and engine is Engine.LOCAL:
        raise UsageError("--address is for --engine ray")
    file = _file(output)
    if file is not None:
        if watch or engine is Engine.RAY:
            raise UsageError(f"{output} is written at the end of a local run; with --watch or --engine ray name a folder")
        output = str(file.with_suffix(_RESULTS))
    options = BatchOptions(str(catalogue) if catalogue else None, read_options(encoding, encoding_errors, limit), with_text)
    settings = Settings(options, lang.value, timeout, memory * 1024**2)
    selection = Selection(tuple(include or ()), tuple(exclude or ()), Path(output))
    with _orderly_signals(), progress_for(Path(output), quiet, log_format.value) as progress:
        if engine is Engine.RAY:
            from extractor.batch.ray import ClusterPlan

            account = _run_on_cluster(
                ClusterPlan(inputs, output, settings, jobs, selection, resume, force, address, part_size), progress
            )
        else:
            plan = Plan(inputs, Path(output), settings, jobs or _cores(), selection, resume or watch, force)
            account = _run(plan, progress, watch)
    if file is not None:
        _export(file, Path(output), str(catalogue) if catalogue else None, lang)
    if account["counts"]["failures"]:
        raise typer.Exit(_SOME_FAILED)
    if fail_on is not None and any(account["findings"][severity] for severity in FAILING[fail_on]):
        raise typer.Exit(1)


def _file(output: str) -> Path | None:
    """The file to write at the end, where the output is named like one."""
    path = Path(output)
    return path if path.suffix.lower() in _FILES and not path.is_dir() else None


def _export(file: Path, results: Path, catalogue: str | None, lang: LanguageName) -> None:
    """The records of a finished run as a workbook, a table or a database."""
    from extractor.catalogue.memory import recall_catalogue
    from extractor.cli.export import export_files
    from extractor.writing.export import Wish

    export_files([str(results / "records.jsonl")], file, recall_catalogue(catalogue), Wish("summary", lang.value))


def _run(plan: Plan, progress: Progress, watch: bool) -> dict[str, Any]:
    from extractor.batch.run import opened

    try:
        with opened(plan, progress) as batch:
            if watch:
                from extractor.batch.watch import keep_watching

                keep_watching(batch, progress)
            account = batch.run()
            progress.finished(account)
            return account
    except KeyboardInterrupt:
        progress.interrupted()
        raise typer.Exit(_INTERRUPTED) from None


def _run_on_cluster(plan: ClusterPlan, progress: Progress) -> dict[str, Any]:
    from extractor.batch.ray import run

    try:
        account = run(plan, progress)
    except KeyboardInterrupt:
        progress.interrupted()
        raise typer.Exit(_INTERRUPTED) from None
    progress.finished(account)
    return account


def _cores() -> int:
    """Cores that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextlib.contextmanager
def _orderly_signals() -> Iterator[None]:
    """Being asked to end is being interrupted; a worker that has gone is no reason to end."""

    def interrupt(_: int, __: FrameType | None) -> Never:
        raise KeyboardInterrupt

    wanted: dict[signal.Signals, Any] = {signal.SIGTERM: interrupt}
    if sys.platform != "win32":
        wanted[signal.SIGPIPE] = signal.SIG_IGN
    before = {number: signal.signal(number, handler) for number, handler in wanted.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
