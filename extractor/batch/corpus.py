"""What a batch asks of the corpus findings: a digest of each report while it is read, and the findings of all at the end.

To compare reports takes memory for each of them. A large corpus is therefore compared in a process of its own, which ends with
its work: the memory of the batch stays what it is.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from extractor.batch.task import Outcome
from extractor.errors import InputError

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue, CorpusRules
    from extractor.corpus import CorpusFinding

_SMALL = 500_000
"""Bytes of digests, about a hundred, up to which a process of its own would take longer to start than to work."""
_AT_ONCE = 500


def sketch(outcome: Outcome, rules: CorpusRules) -> str:
    """The digest of one report, as one line without a line end; empty for a failure."""
    from extractor.corpus import digest, to_line

    if outcome.report is None or outcome.text is None:
        return ""
    return to_line(digest(outcome.report, outcome.text, rules))


def corpus_findings(sketches: Path, catalogue: Catalogue) -> Iterator[CorpusFinding]:
    """The findings over all reports. `sketches` has a line for each report.

    Where they cannot be made (no memory for it), that is the last of them.
    """
    if sketches.stat().st_size <= _SMALL:
        yield from _found(sketches, catalogue)
        return
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(theirs, sketches, catalogue), daemon=True)
    process.start()
    theirs.close()
    try:
        while found := ours.recv():
            yield from found
    except EOFError:
        process.join()
        yield _not_compared(catalogue.corpus, f"the process ended with {process.exitcode}")
    finally:
        process.kill()
        process.join()
        ours.close()


def _work(connection: Connection, sketches: Path, catalogue: Catalogue) -> None:
    """Send all findings over the connection, and an empty list when there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the parent, which then ends this process
    try:
        found = _found(sketches, catalogue)
        while rows := list(islice(found, _AT_ONCE)):
            connection.send(rows)
    except MemoryError:
        connection.send([_not_compared(catalogue.corpus, "there is not enough memory")])
    connection.send([])


def _found(sketches: Path, catalogue: Catalogue) -> Iterator[CorpusFinding]:
    """All findings; where a digest cannot be compared (it is of an earlier version of a library), that is the last one."""
    from extractor.corpus import find, from_lines

    with sketches.open(encoding="utf-8") as stream:
        try:
            yield from find(from_lines(stream, str(sketches)), catalogue)
        except InputError as error:
            yield _not_compared(catalogue.corpus, str(error))


def _not_compared(rules: CorpusRules, reason: str) -> CorpusFinding:
    from extractor.corpus import CorpusFinding

    text = rules.findings["not_compared"]
    return CorpusFinding("", "not_compared", text.severity, text.zh.format(reason=reason), text.en.format(reason=reason))
