"""What a batch tells on standard error: a progress bar, lines, lines of JSON, or nothing; and a closing summary."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from extractor.errors import printable

if TYPE_CHECKING:
    from extractor.batch.task import Failure

_LINE_EVERY = 30.0
_SHOWN = 5
_REFRESHES = 4


class Progress:
    """Tells nothing; the others tell more. Counts what was done, keeps the first failures."""

    def __init__(self, folder: Path) -> None:
        self.folder = printable(str(folder))
        self.expected = 0
        self.done = 0
        self.failed = 0
        self.first_failures: list[Failure] = []
        self.started = time.monotonic()

    def note(self, message: str) -> None:
        """Something that the user should know."""

    def begin(self, expected: int, unchanged: int) -> None:
        """So many files are to be read, so many are known already."""
        self.expected, self.done, self.failed = expected, 0, 0
        self.first_failures = []
        self.started = time.monotonic()

    def expect_more(self, count: int = 1) -> None:
        """So many more are to be read than was said."""
        self.expected += count

    def ended(self, failure: Failure | None) -> None:
        """One input is done."""
        self.done += 1
        if failure is not None:
            self.failed += 1
            if len(self.first_failures) < _SHOWN:
                self.first_failures.append(failure)

    def publishing(self) -> None:
        """The finished files are put together."""

    def finished(self, account: dict[str, Any]) -> None:
        """All is done; `account` is what run.json holds."""

    def interrupted(self) -> None:
        """The run was broken off."""

    def close(self) -> None:
        """Nothing more will be told."""

    @property
    def rate(self) -> float:
        """Inputs each second so far."""
        return self.done / max(time.monotonic() - self.started, 1e-6)


class Lines(Progress):
    """Lines for a log: now and then how far it is, notes, and the closing summary."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.last = time.monotonic()

    def note(self, message: str) -> None:
        """One line."""
        sys.stderr.write(f"extractor: {self.folder}: {message}\n")

    def begin(self, expected: int, unchanged: int) -> None:
        """How much there is to do."""
        super().begin(expected, unchanged)
        if unchanged:
            self.note(f"known and unchanged: {unchanged:,}; to be read: {expected:,}")

    def ended(self, failure: Failure | None) -> None:
        """A line every half minute."""
        super().ended(failure)
        if time.monotonic() - self.last > _LINE_EVERY:
            self.last = time.monotonic()
            left = duration((self.expected - self.done) / self.rate)
            self.note(f"{self.done:,} of {self.expected:,}, {self.rate:.1f} files/s, {self.failed:,} failed, {left} left")

    def finished(self, account: dict[str, Any]) -> None:
        """The closing summary."""
        self.close()
        sys.stderr.write(summary(self.folder, account, self.first_failures))

    def interrupted(self) -> None:
        """What is kept, and how to go on."""
        self.close()
        self.note(f"interrupted after {self.done:,} of {self.expected:,}; what is finished is kept: go on with --resume")


class JsonLines(Progress):
    """The same for programs: one JSON object a line, with `time` and `event`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.last = time.monotonic()

    def tell(self, event: str, **values: object) -> None:
        """Write one event."""
        line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **values}
        sys.stderr.write(json.dumps(line, ensure_ascii=False) + "\n")

    def note(self, message: str) -> None:
        """Event `note`."""
        self.tell("note", message=message)

    def begin(self, expected: int, unchanged: int) -> None:
        """Event `begin`."""
        super().begin(expected, unchanged)
        self.tell("begin", expected=expected, unchanged=unchanged)

    def ended(self, failure: Failure | None) -> None:
        """Events `failure`, and `progress` every half minute."""
        super().ended(failure)
        if failure is not None:
            self.tell("failure", **failure._asdict())
        if time.monotonic() - self.last > _LINE_EVERY:
            self.last = time.monotonic()
            rate = round(self.rate, 1)
            self.tell("progress", done=self.done, expected=self.expected, failed=self.failed, files_per_second=rate)

    def publishing(self) -> None:
        """Event `publishing`."""
        self.tell("publishing")

    def finished(self, account: dict[str, Any]) -> None:
        """Event `end`, with the counts of run.json."""
        self.tell("end", counts=account["counts"], findings=account["findings"], this_run=account["this_run"])

    def interrupted(self) -> None:
        """Event `interrupted`."""
        self.tell("interrupted", done=self.done, expected=self.expected)


class Bar(Lines):
    """A progress bar for a terminal."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        self.bar = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]:.1f} files/s"),
            TextColumn("{task.fields[failed]} failed"),
            TimeRemainingColumn(),
            console=Console(file=sys.stderr),
            refresh_per_second=_REFRESHES,
            transient=True,
        )
        self.task = self.bar.add_task("reading", total=None, rate=0.0, failed=0)
        self.shown = 0.0
        self.bar.start()

    def begin(self, expected: int, unchanged: int) -> None:
        """The bar starts."""
        super().begin(expected, unchanged)
        self.bar.start()
        self.bar.reset(self.task, total=expected, description="reading", rate=0.0, failed=0)

    def ended(self, failure: Failure | None) -> None:
        """The bar moves on."""
        Progress.ended(self, failure)
        if time.monotonic() - self.shown > 1 / _REFRESHES:
            self.shown = time.monotonic()
            self.bar.update(self.task, completed=self.done, total=self.expected, rate=self.rate, failed=self.failed)

    def publishing(self) -> None:
        """The bar is full, and says what is done now."""
        self.bar.update(self.task, completed=self.done, description="writing")

    def close(self) -> None:
        """The bar goes."""
        self.bar.stop()


@contextlib.contextmanager
def progress_for(folder: Path, quiet: bool, form: Literal["text", "json"]) -> Iterator[Progress]:
    """Who tells how a batch goes on: nobody, lines of JSON, a bar in a terminal, lines elsewhere."""
    kind = Progress if quiet else JsonLines if form == "json" else Bar if sys.stderr.isatty() else Lines
    progress = kind(folder)
    try:
        yield progress
    finally:
        progress.close()


def summary(folder: str, account: dict[str, Any], first_failures: list[Failure]) -> str:
    """What a run did, in a few lines for eyes."""
    counts, findings, run = account["counts"], account["findings"], account["this_run"]
    found = ", ".join(f"{number:,} {severity}" for severity, number in findings.items() if number) or "none"
    lines = [
        f"{folder}: {counts['inputs']:,} inputs, {counts['records']:,} records; findings: {found}",
        f"  this run: {run['converted']:,} read in {duration(run['seconds'])} ({run['files_per_second']} files/s): "
        f"{run['new']:,} new, {run['changed']:,} changed, {run['retried']:,} tried again; "
        f"{run['unchanged']:,} unchanged, {run['vanished']:,} vanished",
    ]
    if counts["failures"]:
        kinds = ", ".join(f"{code} {number:,}" for code, number in counts["failures_by_code"].items())
        more = counts["failures"] - len(first_failures)
        lines.append(f"  {counts['failures']:,} failed ({kinds}); failures.csv says why and what to do")
        lines += [f"    {failure.file}: {failure.message}; {failure.remedy}" for failure in first_failures]
        if first_failures and more:
            lines.append(f"    and {more:,} more")
    return "\n".join(lines) + "\n"


def duration(seconds: float) -> str:
    """Seconds as one reads them: 0.9 s, 12 s, 3 min 5 s, 2 h 7 min."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
