"""The process that reads binary files: takes a file from its standard input, gives what is in it on its standard output.

What a hostile file may make a library do is kept small: its address space is limited, it opens no connection, writes no file
but temporary ones, and ends itself where nobody does. This is no wall against foreign code; it is one against accidents.
"""

from __future__ import annotations

import faulthandler
import json
import os
import struct
import sys
import tempfile
from dataclasses import asdict
from typing import IO, Any

from extractor.errors import InputError
from extractor.reading import formats
from extractor.reading.formats import Format
from extractor.reading.types import Limits, ReadOptions

LENGTH = struct.Struct(">Q")
"""Before each message stands its length."""

OUT_OF_MEMORY = 77
"""Exit code where the limit of memory was reached."""

_GRACE = 10.0
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CONNECTING = ("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname")
_CHANGING = ("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.chmod", "os.link", "os.symlink", "os.truncate")


def serve() -> None:
    """Answer requests until there are no more."""
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    # what libraries print is no reply
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)
    os.dup2(1, 0)
    sys.addaudithook(_refuse)
    with requests, replies:
        while True:
            try:
                request, data = json.loads(receive(requests)), receive(requests)
            except EOFError:
                return
            reply = json.dumps(_answer(request, data)).encode()
            replies.write(LENGTH.pack(len(reply)) + reply)
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


def _answer(request: dict[str, Any], data: bytes) -> dict[str, Any]:
    given = request["options"]
    options = ReadOptions(given["encoding"], given["encoding_errors"], Limits(**given["limits"]))
    module, endings, *rest = request["format"][1:]
    form = Format(request["format"][0], module, tuple(endings), *rest)
    _limit_memory(options.limits.memory_bytes)
    # where the process that asked has gone, nobody else would end this one
    faulthandler.dump_traceback_later(options.limits.seconds + _GRACE, exit=True)
    try:
        return asdict(formats.read(form, data, request["name"], options))
    except InputError as error:
        return {"name": error.name, "reason": error.reason, "remedy": error.remedy}
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    finally:
        faulthandler.cancel_dump_traceback_later()


def _limit_memory(limit: int) -> None:
    """At most so many bytes of address space, where the system can limit it."""
    try:
        import resource
    except ImportError:
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limit if most == resource.RLIM_INFINITY else min(limit, most), most))


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """Raises PermissionError for a connection, and for what would change a file that is no temporary one."""
    if event in _CONNECTING:
        raise PermissionError("no connection is opened while an untrusted file is read")
    changed = (
        arguments[0]
        if event in _CHANGING or (event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING)
        else None
    )
    if isinstance(changed, str | bytes) and not _is_temporary(os.fsdecode(changed)):
        raise PermissionError("no file is written while an untrusted file is read")


def _is_temporary(path: str) -> bool:
    whole = os.path.realpath(path)
    return whole == os.devnull or whole.startswith(os.path.realpath(tempfile.gettempdir()) + os.sep)
