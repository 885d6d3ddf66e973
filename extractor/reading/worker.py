"""The process that reads binary files: takes a file from its standard input, gives what is in it on its standard output.

What a hostile file may make a library do is kept small: its address space is limited, it opens no connection, writes no file
but temporary ones, and ends itself where nobody does. This is no wall against foreign code; it is one against accidents.
"""

from __future__ import annotations

import faulthandler
import json
import os
import shutil
import struct
import sys
import tempfile
from dataclasses import asdict
from typing import IO, Any

from extractor.errors import InputError
from extractor.reading import formats, pace
from extractor.reading.formats import Format
from extractor.reading.types import Limits, ReadOptions

LENGTH = struct.Struct(">Q")
"""Before each message stands its length."""

PAGE_BEGINS = {"page": "begins"}
"""The message before each page that is recognised; the reply comes after all of them."""

OUT_OF_MEMORY = 77
"""Exit code where the limit of memory was reached."""

_GRACE = 10.0
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CONNECTING = ("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname")
_CHANGING = {"os.remove": 1, "os.rmdir": 1, "os.mkdir": 2, "os.rename": 2, "os.chmod": 2}
"""What changes files, and which of its arguments is the open folder that its path is seen from."""
_NO_FOLDER = -1


def serve(folder: str) -> None:
    """Answer requests until there are no more. `folder` is for temporary files; it is removed at the end."""
    tempfile.tempdir = folder
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    # what libraries print is no reply
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)
    os.dup2(1, 0)
    sys.addaudithook(_Refusal(folder))
    with requests, replies:
        while True:
            try:
                request, data = json.loads(receive(requests)), receive(requests)
            except EOFError:
                break
            _tell(replies, _answer(request, data, replies))
    # who has started this process may have gone without removing it
    shutil.rmtree(folder, ignore_errors=True)


def _tell(replies: IO[bytes], message: dict[str, Any]) -> None:
    data = json.dumps(message).encode()
    replies.write(LENGTH.pack(len(data)) + data)
    replies.flush()


def receive(stream: IO[bytes]) -> bytes:
    """The next message of a stream. Raises EOFError where it has ended."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise EOFError
    (length,) = LENGTH.unpack(head)
    message = stream.read(length)
    if len(message) < length:
        raise EOFError
    return message


def _answer(request: dict[str, Any], data: bytes, replies: IO[bytes]) -> dict[str, Any]:
    """The reply to a request; `replies` is told meanwhile of each page that is recognised."""
    given = request["options"]
    options = ReadOptions(given["encoding"], given["encoding_errors"], Limits(**given["limits"]))
    module, endings, *rest = request["format"][1:]
    form = Format(request["format"][0], module, tuple(endings), *rest)
    _limit_memory(options.limits.memory_bytes)
    # where the process that asked has gone, nobody else would end this one
    _end_after(options.limits.seconds)

    def page_begins() -> None:
        _end_after(max(options.limits.seconds, options.limits.page_seconds))
        _tell(replies, PAGE_BEGINS)

    pace.listen(page_begins)
    try:
        return asdict(formats.read(form, data, request["name"], options))
    except InputError as error:
        return {"name": error.name, "reason": error.reason, "remedy": error.remedy, "code": error.code}
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    finally:
        faulthandler.cancel_dump_traceback_later()


def _end_after(seconds: float) -> None:
    faulthandler.dump_traceback_later(seconds + _GRACE, exit=True)


def _limit_memory(limit: int) -> None:
    """At most so many bytes of address space, where the system can limit it."""
    try:
        import resource
    except ImportError:
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limit if most == resource.RLIM_INFINITY else min(limit, most), most))


class _Refusal:
    """Raises PermissionError for a connection, and for what would change a file that is no temporary one."""

    def __init__(self, folder: str) -> None:
        self.temporary = os.path.realpath(folder) + os.sep

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """What the interpreter calls before it does something (an audit hook)."""
        if event in _CONNECTING:
            raise PermissionError("no connection is opened while an untrusted file is read")
        if event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING:
            self._check(arguments[0], _NO_FOLDER)
        elif event in _CHANGING:
            self._check(arguments[0], arguments[_CHANGING[event]])

    def _check(self, path: object, folder: int) -> None:
        """Refuses a path, seen from an open folder where there is one."""
        if not isinstance(path, str | bytes):
            return
        base = f"/proc/self/fd/{folder}" if folder != _NO_FOLDER else os.curdir
        whole = os.path.realpath(os.path.join(base, os.fsdecode(path)))  # noqa: PTH118 - a path may be one of bytes
        if whole != os.devnull and not f"{whole}{os.sep}".startswith(self.temporary):
            raise PermissionError("no file is written while an untrusted file is read")
