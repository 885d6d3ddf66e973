"""The finished files: put together from the pieces in the inputs' order, and set in place all at once or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from extractor.batch.corpus import corpus_findings
from extractor.batch.journal import PARTS, PUBLISHED, Journal, Piece, Result
from extractor.batch.worker import TABLES
from extractor.writing.csv import header_line, lines
from extractor.writing.rows import Cell, Language, corpus_row

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue

RESULTS = ("records.jsonl", "summary.csv", "indicators.csv", "findings.csv", "failures.csv")
"""The finished files beside run.json."""
RUN = "run.json"
STATE = ".batch"
"""The folder below the output folder that holds the journal, unfinished results and the sketches."""

_SKETCHES = "sketches.jsonl"
_NEW = "new"
_SEGMENT = "segment-"
_OPEN_FILES = 64
_MARK = "\ufeff"
_FAILURE_COLUMNS: dict[Language, list[Cell]] = {
    "zh": ["文件", "错误代码", "说明", "处理办法"],
    "en": ["file", "code", "message", "remedy"],
}
_PHASE = "phase"
_PUBLISHED_FILES = "published"


@dataclass(frozen=True)
class Outputs:
    """An output folder, the journal of what it holds, and how its tables are written."""

    folder: Path
    journal: Journal
    catalogue: Catalogue
    language: Language

    @property
    def state(self) -> Path:
        """The folder of the journal."""
        return self.folder / STATE

    def take_up(self) -> str | None:
        """Make the folder and the journal agree, whatever became of the run before; what had to be given up, in words.

        A publication that was begun is finished. Results whose bytes are not what was written are forgotten.
        """
        if self.journal.fact(_PHASE) == "publishing":
            self._set_in_place()
        told = None
        if self.journal.fact(_PUBLISHED_FILES) != self._stamps():
            self.journal.forget_published()
            told = "the finished files were changed or moved since they were written; all inputs are read again"
        with _Pieces(self) as pieces:
            for one, result in self.journal.results(of_segments=True):
                if not pieces.intact(result):
                    self.journal.forget(one)
        self.journal.commit()
        return told

    def is_finished(self) -> bool:
        """Whether the finished files hold everything that is done."""
        return self.journal.fact(_PHASE) == "finished"

    def begin(self) -> None:
        """From here on something may be done that the finished files do not hold."""
        self.journal.note(_PHASE, "running")
        self.journal.commit()

    def publish(self) -> None:
        """Put everything that is done together, and set it in place.

        Once the new files and the journal's last transaction are on the disk the result is the new one, whatever happens; until
        then it is the old one.
        """
        new = self.state / _NEW
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        with self.journal.durable():
            self.journal.forget_vanished()
            self._put_together(new)
            _sync_folder(new)
            self.journal.note(_PHASE, "publishing")
        self._set_in_place()

    def write_run(self, account: dict[str, Any]) -> None:
        """Write run.json."""
        target = self.state / RUN
        with target.open("wb") as stream:
            stream.write(f"{json.dumps(account, ensure_ascii=False, indent=2)}\n".encode())
            _sync(stream)
        target.replace(self.folder / RUN)

    def findings_by_severity(self) -> dict[str, int]:
        """Findings of all reports and of the corpus, by severity."""
        figures = self.journal.figures()
        found = {"info": figures.infos, "warning": figures.warnings, "error": figures.errors}
        over_all = self.journal.fact("corpus_findings")
        for severity, count in (over_all if isinstance(over_all, dict) else {}).items():
            found[severity] += count
        return found

    # ------------------------------------------------------------------------------------------------ put together

    def _put_together(self, new: Path) -> None:
        with contextlib.ExitStack() as stack:
            streams = {name: stack.enter_context((new / name).open("wb")) for name in (*RESULTS, _SKETCHES)}
            parts = [streams[name] for name in _files_of_parts()]
            for table, stream in zip(TABLES, parts[1:], strict=False):
                stream.write(f"{_MARK}{header_line(table, self.catalogue, self.language)}".encode())
            failures = streams["failures.csv"]
            failures.write(f"{_MARK}{lines([_FAILURE_COLUMNS[self.language]])}".encode())
            with _Pieces(self) as pieces:
                for one, result in self.journal.results():
                    if result.failure is not None:
                        failures.write(lines([result.failure]).encode())
                    placed = tuple(_append(pieces, result, part, stream) for part, stream in enumerate(parts))
                    self.journal.move(one, placed)
            streams[_SKETCHES].flush()
            self._add_corpus_findings(new / _SKETCHES, streams["findings.csv"])
            for stream in streams.values():
                _sync(stream)

    def _add_corpus_findings(self, sketches: Path, stream: BinaryIO) -> None:
        counts = {"info": 0, "warning": 0, "error": 0}
        for finding in corpus_findings(sketches, self.catalogue):
            stream.write(lines([corpus_row(finding, self.language)]).encode())
            counts[finding.severity] += 1
        self.journal.note("corpus_findings", counts)

    def _set_in_place(self) -> None:
        """Move the new files to where the finished ones stand. May be done again where it was broken off."""
        new = self.state / _NEW
        for name in (*RESULTS, _SKETCHES):
            if (new / name).exists():
                (new / name).replace((self.state if name == _SKETCHES else self.folder) / name)
        _sync_folder(self.folder)
        self.journal.note(_PUBLISHED_FILES, self._stamps())
        self.journal.note(_PHASE, "finished")
        self.journal.commit()
        for segment in self.state.glob(f"{_SEGMENT}*"):
            # an open one is a worker's that may still have use for it (--watch); its bytes go when it ends
            segment.unlink(missing_ok=True)
        shutil.rmtree(new, ignore_errors=True)

    def _stamps(self) -> list[list[int]] | None:
        """Size and time of the finished files; None where one is missing."""
        try:
            found = [path.stat() for path in self.places()]
        except OSError:
            return None
        return [[status.st_size, status.st_mtime_ns] for status in found]

    def places(self) -> list[Path]:
        """Where each part stands when finished."""
        return [(self.state if name == _SKETCHES else self.folder) / name for name in _files_of_parts()]


class _Pieces:
    """Reads parts of results where they stand, with a bounded number of files open."""

    def __init__(self, outputs: Outputs) -> None:
        self.outputs = outputs
        self.places = outputs.places()
        self.streams: dict[Path, BinaryIO] = {}

    def __enter__(self) -> _Pieces:
        return self

    def __exit__(self, *_: object) -> None:
        for stream in self.streams.values():
            stream.close()

    def read(self, result: Result, part: int) -> bytes:
        """The bytes of a part; fewer than its length where they are lost."""
        piece = result.pieces[part]
        if not piece.length:
            return b""
        if result.segment == PUBLISHED:
            stream = self._stream(self.places[part])
        else:
            stream = self._stream(self.outputs.state / f"{_SEGMENT}{result.segment}")
        stream.seek(piece.start)
        return stream.read(piece.length)

    def intact(self, result: Result) -> bool:
        """Whether the bytes of a result are those that were written."""
        try:
            checksum = 0
            for part in range(len(result.pieces)):
                checksum = zlib.crc32(self.read(result, part), checksum)
        except OSError:
            return False
        return checksum == result.checksum

    def _stream(self, path: Path) -> BinaryIO:
        found = self.streams.get(path)
        if found is None:
            if len(self.streams) >= _OPEN_FILES:
                self.streams.pop(next(iter(self.streams))).close()
            found = self.streams[path] = path.open("rb")
        return found


def segment_path(state: Path, number: int) -> Path:
    """The file of a segment."""
    return state / f"{_SEGMENT}{number}"


def _files_of_parts() -> Iterator[str]:
    """The file of each part, in the order of the parts."""
    names = {"records": "records.jsonl", "sketches": _SKETCHES}
    return (names.get(part, f"{part}.csv") for part in PARTS)


def _append(pieces: _Pieces, result: Result, part: int, stream: BinaryIO) -> Piece:
    """Copy a part of a result to the end of a file; where it stands there."""
    start = stream.tell()
    length = stream.write(pieces.read(result, part))
    return Piece(start, length)


def _sync(stream: BinaryIO) -> None:
    stream.flush()
    os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    """Make renames in a folder outlast a power failure, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_all(names: Iterable[Path]) -> None:
    """Remove files and folders that may be there."""
    for path in names:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
