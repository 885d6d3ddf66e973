"""Untrusted binary files are read by a process apart, ended and replaced when a file makes it take too long or too much.

There is one such process for this one, started when the first binary file is met and kept for those that follow. It may use as
much address space as the limits say, opens no connection, and writes nothing but files in a temporary folder of its own, which
is removed with it (see worker.py).
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from typing import IO, Any

from extractor.errors import InputError
from extractor.reading.formats import Format
from extractor.reading.types import Extracted, Limits, ReadOptions
from extractor.reading.worker import LENGTH, OUT_OF_MEMORY, PAGE_BEGINS, receive
from extractor.types import Notice, Place

_PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from extractor.reading.worker import serve; serve(sys.argv[2])"
)
_POSIX = os.name == "posix"


def read_guarded(form: Format, data: bytes, name: str, options: ReadOptions) -> Extracted:
    """What the module of a format finds in `data`, within the limits of the options.

    Raises InputError as the module does, and where a limit of time or memory is reached or the process comes to grief.
    """
    return _GUARD.read(form, data, name, options)


class _Guard:
    """The process that reads, and the conversation with it: one request, one reply."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = ""
        self._lock = threading.Lock()

    def read(self, form: Format, data: bytes, name: str, options: ReadOptions) -> Extracted:
        """See `read_guarded`."""
        with self._lock:
            process = self._started()
            deadline = _Deadline(process, options.limits)
            reply = None
            try:
                reply = _ask(process, form, data, name, options, deadline)
            finally:
                deadline.cancel()
                if reply is None:
                    self._end(process)
        if reply is None:
            raise _grief(process, form, name, options, deadline)
        return _understood(reply, name)

    def _started(self) -> subprocess.Popen[bytes]:
        """The process, started anew where there is none or it has gone."""
        if self._process is None or self._process.poll() is not None:
            self._end(self._process)
            self._folder = tempfile.mkdtemp(prefix="extractor-reader-")
            command = [sys.executable, "-P", "-c", _PROGRAM, json.dumps(sys.path), self._folder]
            # few arenas: each of them reserves address space that is never used
            environment = os.environ | {"MALLOC_ARENA_MAX": "2", "TMPDIR": self._folder}
            self._process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        return self._process

    def _end(self, process: subprocess.Popen[bytes] | None) -> None:
        if process is None:
            return
        _kill(process)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._process = None

    def end(self) -> None:
        """Ends the process; the next request starts another one."""
        self._end(self._process)

    def forget(self) -> None:
        """In a process that was forked from this one: its parent's conversation is none of its business."""
        self._process = None
        self._lock = threading.Lock()


class _Deadline:
    """Ends a process when its time is over; each page that it recognises has time of its own."""

    def __init__(self, process: subprocess.Popen[bytes], limits: Limits) -> None:
        self.expired = False
        self.limit = "seconds"
        self._process = process
        self._limits = limits
        self._set(limits.seconds)

    def page_begins(self) -> None:
        """From now on there are at least `page_seconds`."""
        if self._end < time.monotonic() + self._limits.page_seconds:
            self.cancel()
            self.limit = "page_seconds"
            self._set(self._limits.page_seconds)

    def cancel(self) -> None:
        """Nothing is ended any more."""
        self._timer.cancel()

    def _set(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True
        self._timer.start()

    def _expire(self) -> None:
        self.expired = True
        _kill(self._process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Ends a process and those that it has started."""
    with suppress(OSError):
        if _POSIX:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _ask(
    process: subprocess.Popen[bytes], form: Format, data: bytes, name: str, options: ReadOptions, deadline: _Deadline
) -> dict[str, Any] | None:
    """The reply to one request; None where the process has ended."""
    assert process.stdin is not None
    assert process.stdout is not None
    request = json.dumps({"format": form, "name": name, "options": asdict(options)}).encode()
    try:
        _send(process.stdin, request, data)
        reply: dict[str, Any] = json.loads(receive(process.stdout))
        while reply == PAGE_BEGINS:
            deadline.page_begins()
            reply = json.loads(receive(process.stdout))
    except (OSError, EOFError):
        return None
    return reply


def _send(pipe: IO[bytes], *messages: bytes) -> None:
    for message in messages:
        pipe.write(LENGTH.pack(len(message)))
        pipe.write(message)
    pipe.flush()


def _understood(reply: dict[str, Any], name: str) -> Extracted:
    if "reason" in reply:
        raise InputError(reply.get("name", name), reply["reason"], reply["remedy"], reply["code"])
    notices = (Notice(code, start, end, tuple(map(tuple, words))) for code, start, end, words in reply.pop("notices"))
    return Extracted(places=tuple(Place(*place) for place in reply.pop("places")), notices=tuple(notices), **reply)


def _grief(process: subprocess.Popen[bytes], form: Format, name: str, options: ReadOptions, deadline: _Deadline) -> InputError:
    """Why there was no reply."""
    limits, code = options.limits, process.returncode
    if deadline.expired:
        task = "read" if deadline.limit == "seconds" else "recognise a page of"
        reason = f"is {form.words} that takes more than {getattr(limits, deadline.limit):g} seconds to {task}"
        return InputError(name, reason, f"split it, or raise the limit {deadline.limit}", code="too_large")
    if code == OUT_OF_MEMORY:
        reason = f"is {form.words} that takes more than {limits.memory_bytes} bytes of memory to read"
        return InputError(name, reason, "split it, or raise the limit memory_bytes", code="too_large")
    reason = f"is {form.words} at which its reader broke down (exit code {code})"
    return InputError(name, reason, "it is damaged or too large; save it anew, or raise the limit memory_bytes", code="damaged")


_GUARD = _Guard()
atexit.register(_GUARD.end)
if _POSIX:
    os.register_at_fork(after_in_child=_GUARD.forget)
