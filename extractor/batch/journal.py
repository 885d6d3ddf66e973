"""What a batch knows of its inputs, on disk: which there are, which are done, and where their results stand.

One SQLite file in OUT/.batch. A transaction is there wholly or not at all whenever the run ends, and memory does not grow
with the number of inputs. A result's row says where its bytes are and their checksum: rows whose bytes were lost (power) are
dropped when the run is taken up again.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from extractor.batch.discover import Found
from extractor.errors import OutputError

PARTS = ("records", "summary", "indicators", "findings", "sketches")
"""What a converted input leaves: one piece of each, in this order."""

PUBLISHED = 0
"""The segment of results that stand in the finished files."""

_ANOTHER_TIME = -2
"""A time that no file has: such an input is looked at again."""
_PAGE = 500
_FIGURES = ("bytes", "characters", "quantities", "coded", "actual", "infos", "warnings", "errors")
_PIECES = tuple(f"{column}_{part}" for part in PARTS for column in ("start", "length"))
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inputs (
  place BLOB NOT NULL, member INTEGER NOT NULL, inner BLOB NOT NULL, size INTEGER NOT NULL, mtime INTEGER NOT NULL,
  inode INTEGER NOT NULL, PRIMARY KEY (place, member)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS done (
  place BLOB NOT NULL, member INTEGER NOT NULL, inner BLOB NOT NULL, size INTEGER NOT NULL, mtime INTEGER NOT NULL,
  inode INTEGER NOT NULL, sha256 TEXT NOT NULL, segment INTEGER NOT NULL, checksum INTEGER NOT NULL,
  file TEXT, code TEXT, message TEXT, remedy TEXT,
  {", ".join(f"{name} INTEGER NOT NULL" for name in (*_PIECES, *_FIGURES))},
  PRIMARY KEY (place, member)
) WITHOUT ROWID;
"""


class Input(NamedTuple):
    """One input as the journal keeps it. `place` is its path as bytes that sort as folders do; `member` counts an archive's
    members from 1 and is 0 for a file, `inner` is the member's own name."""

    place: bytes
    member: int
    inner: bytes
    size: int
    mtime: int
    inode: int

    @property
    def path(self) -> str:
        """The path of the file."""
        return os.fsdecode(self.place.replace(b"\0", os.fsencode(os.sep)))


class Piece(NamedTuple):
    """Where a part of a result stands: a byte offset and a length."""

    start: int
    length: int


NO_PIECES = (Piece(0, 0),) * len(PARTS)
"""Those of an input that failed."""


class Figures(NamedTuple):
    """What is counted of a result, and added up in run.json."""

    bytes: int = 0
    characters: int = 0
    quantities: int = 0
    coded: int = 0
    actual: int = 0
    infos: int = 0
    warnings: int = 0
    errors: int = 0


class Result(NamedTuple):
    """A finished input: where its parts stand and their checksum, or why there are none."""

    sha256: str
    segment: int
    checksum: int
    pieces: tuple[Piece, ...]
    figures: Figures
    failure: tuple[str, str, str, str] | None


def place_of(path: str) -> bytes:
    """A path as bytes that sort as folders do: a folder's files stand together."""
    return os.fsencode(path).replace(os.fsencode(os.sep), b"\0")


class Journal:
    """The open journal of one output folder."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        # exclusive: no shared memory beside the file, so that it works on network folders too
        self.connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = NORMAL")
        self.connection.executescript(_SCHEMA)
        self.connection.execute("BEGIN")

    def close(self) -> None:
        """Keep what is known, and close."""
        # what cannot be written (the disk is full) will be read again
        with contextlib.suppress(sqlite3.Error):
            self.commit()
        self.connection.close()

    def commit(self) -> None:
        """Make what was written so far outlast the process."""
        self.connection.execute("COMMIT")
        self.connection.execute("BEGIN")

    @contextlib.contextmanager
    def durable(self) -> Iterator[None]:
        """One transaction that outlasts a power failure."""
        self.connection.execute("COMMIT")
        self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.execute("BEGIN")
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        finally:
            self.connection.execute("PRAGMA synchronous = NORMAL")
            self.connection.execute("BEGIN")

    # -------------------------------------------------------------------------------------------------------- facts

    def fact(self, name: str) -> object:
        """What is written under a name, or None."""
        row = self.connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else None

    def note(self, name: str, value: object) -> None:
        """Write a value under a name."""
        self.connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, json.dumps(value)))

    # -------------------------------------------------------------------------------------------------------- inputs

    def expect(self, found: Iterable[Found]) -> None:
        """These are the inputs now, in place of those before; one that is found twice counts once."""
        self.connection.execute("DELETE FROM inputs")
        self.connection.executemany(
            "INSERT OR IGNORE INTO inputs VALUES (?, 0, x'', ?, ?, ?)",
            ((place_of(one.path), one.size, one.mtime, one.inode) for one in found),
        )

    def expect_as_before(self, place: bytes) -> None:
        """A file is still what it was when it was done, if it ever was."""
        self.connection.execute(f"INSERT OR REPLACE INTO inputs SELECT {_KEY} FROM done WHERE place = ?", (place,))

    def expect_member(self, member: Input) -> None:
        """An archive has this member."""
        self.connection.execute("INSERT OR REPLACE INTO inputs VALUES (?, ?, ?, ?, ?, ?)", member)

    def expect_members_again(self) -> None:
        """Archives that have not changed have the members that are done."""
        unchanged = f"FROM inputs i JOIN done d USING (place, member) WHERE NOT i.member AND NOT {_STALE}"
        self.connection.execute(
            f"INSERT OR REPLACE INTO inputs SELECT {_KEY} FROM done WHERE member AND place IN (SELECT i.place {unchanged})"
        )

    def pending(self) -> Iterator[tuple[Input, str | None]]:
        """Files that are to be read, in order, each with the hash that its content had when it was read before.

        The journal may be written to meanwhile: rows are fetched page by page.
        """
        after = b""
        while True:
            rows = self.connection.execute(
                f"SELECT i.*, d.sha256 FROM inputs i LEFT JOIN done d USING (place, member) "
                f"WHERE i.member = 0 AND i.place > ? AND {_STALE} ORDER BY i.place LIMIT {_PAGE}",
                (after,),
            ).fetchall()
            for *columns, sha256 in rows:
                yield Input(*columns), sha256
            if len(rows) < _PAGE:
                return
            after = rows[-1][0]

    def count_pending(self) -> int:
        """How many files are to be read."""
        query = f"SELECT COUNT(*) FROM inputs i LEFT JOIN done d USING (place, member) WHERE i.member = 0 AND {_STALE}"
        return int(self.connection.execute(query).fetchone()[0])

    def count_unchanged(self) -> int:
        """How many inputs are done and what they were; archives themselves are none."""
        query = f"SELECT COUNT(*) FROM inputs i JOIN done d USING (place, member) WHERE NOT {_STALE} AND NOT {_ARCHIVE}"
        return int(self.connection.execute(query).fetchone()[0])

    def has_inputs(self) -> bool:
        """Whether there is any input."""
        return self.connection.execute("SELECT 1 FROM inputs LIMIT 1").fetchone() is not None

    def count_records(self) -> int:
        """How many inputs have a record."""
        return int(self.connection.execute("SELECT COUNT(*) FROM done WHERE length_records").fetchone()[0])

    def vanished(self) -> int:
        """How many inputs are done that are no longer there."""
        return int(self.connection.execute(f"SELECT COUNT(*) FROM done d WHERE {_GONE} AND NOT {_ARCHIVE}").fetchone()[0])

    # ------------------------------------------------------------------------------------------------------- results

    def known(self, one: Input) -> str | None:
        """The hash that an archive's member had when it was read before; empty for what could not be read."""
        row = self.connection.execute(
            "SELECT sha256 FROM done WHERE place = ? AND member = ? AND inner = ?", (one.place, one.member, one.inner)
        ).fetchone()
        return row[0] if row else None

    def finish(self, one: Input, result: Result) -> None:
        """An input is done."""
        numbers = [number for piece in result.pieces for number in piece]
        row = (
            *one,
            result.sha256,
            result.segment,
            result.checksum,
            *(result.failure or (None,) * 4),
            *numbers,
            *result.figures,
        )
        self.connection.execute(f"INSERT OR REPLACE INTO done VALUES ({', '.join('?' * len(row))})", row)

    def still_the_same(self, one: Input) -> None:
        """An input was touched and its content is what it was."""
        self.connection.execute(
            "UPDATE done SET size = ?, mtime = ?, inode = ? WHERE place = ? AND member = ?",
            (one.size, one.mtime, one.inode, one.place, one.member),
        )

    def results(self, of_segments: bool = False) -> Iterator[tuple[Input, Result]]:
        """What is done, in order; only what stands in segments, if asked for. Rows may be written meanwhile."""
        condition = "AND segment" if of_segments else ""
        place, member = b"", -1
        while True:
            rows = self.connection.execute(
                f"SELECT * FROM done WHERE (place, member) > (?, ?) {condition} ORDER BY place, member LIMIT {_PAGE}",
                (place, member),
            ).fetchall()
            for row in rows:
                yield _result(row)
            if len(rows) < _PAGE:
                return
            place, member = rows[-1][:2]

    def move(self, one: Input, pieces: tuple[Piece, ...]) -> None:
        """A result's parts stand in the finished files now."""
        starts = ", ".join(f"start_{part} = ?" for part in PARTS)
        self.connection.execute(
            f"UPDATE done SET segment = {PUBLISHED}, {starts} WHERE place = ? AND member = ?",
            (*(piece.start for piece in pieces), one.place, one.member),
        )

    def forget(self, one: Input) -> None:
        """An input is to be read again."""
        self.connection.execute("DELETE FROM done WHERE place = ? AND member = ?", (one.place, one.member))

    def forget_vanished(self) -> None:
        """Inputs that are no longer there are no longer done."""
        self.connection.execute(f"DELETE FROM done AS d WHERE {_GONE}")

    def forget_published(self) -> None:
        """What stands in the finished files is to be read again."""
        self.connection.execute(f"DELETE FROM done WHERE segment = {PUBLISHED}")

    def forget_all(self) -> None:
        """Everything is to be read again."""
        self.connection.execute("DELETE FROM done")

    def retry_unread(self) -> None:
        """Inputs that could not be opened, and failures that may have been the machine's, are to be tried again.

        So is the archive that they are in: it must be opened for it.
        """
        unread = "SELECT place FROM done WHERE code IS NOT NULL AND sha256 = ''"
        self.connection.execute(f"UPDATE done SET mtime = {_ANOTHER_TIME} WHERE NOT member AND place IN ({unread})")

    # ------------------------------------------------------------------------------------------------------- figures

    def figures(self) -> Figures:
        """All figures added up."""
        sums = ", ".join(f"TOTAL({name})" for name in _FIGURES)
        return Figures(*map(int, self.connection.execute(f"SELECT {sums} FROM done").fetchone()))

    def failures(self) -> dict[str, int]:
        """Failures by code."""
        query = "SELECT code, COUNT(*) FROM done WHERE code IS NOT NULL GROUP BY code ORDER BY code"
        return dict(self.connection.execute(query).fetchall())


_KEY = "place, member, inner, size, mtime, inode"
_STALE = "(d.place IS NULL OR i.size <> d.size OR i.mtime <> d.mtime OR i.inode <> d.inode)"
_ARCHIVE = "(d.code IS NULL AND NOT d.length_records)"
_GONE = "NOT EXISTS (SELECT 1 FROM inputs i WHERE i.place = d.place AND i.member = d.member)"


def _result(row: tuple[object, ...]) -> tuple[Input, Result]:
    """A row of `done` as values."""
    columns: list[object] = list(row)
    one = Input(*columns[:6])  # type: ignore[arg-type]
    sha256, segment, checksum = columns[6:9]
    failure = None if columns[10] is None else tuple(columns[9:13])
    numbers = columns[13 : 13 + len(_PIECES)]
    pieces = tuple(map(Piece, numbers[::2], numbers[1::2]))  # type: ignore[arg-type]
    figures = Figures(*columns[13 + len(_PIECES) :])  # type: ignore[arg-type]
    return one, Result(sha256, segment, checksum, pieces, figures, failure)  # type: ignore[arg-type]


@contextlib.contextmanager
def telling(folder: Path) -> Iterator[None]:
    """Errors of the disk as errors of the output folder."""
    try:
        yield
    except sqlite3.Error as error:
        raise unwritable(folder, str(error)) from None
    except OSError as error:
        raise unwritable(folder, error.strerror or str(error)) from None


def unwritable(folder: Path, why: str) -> OutputError:
    """The error for an output folder that takes no more."""
    remedy = "what is finished is kept: make room, then run again with --resume"
    return OutputError(f"{folder}: cannot be written ({why}); {remedy}")
