"""The command `extractor`: runs the command line and turns errors into messages and exit codes."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
from typing import TextIO

from extractor.errors import ExtractorError

INTERRUPTED = 130
UNWRITABLE = 3
_SELDOM = 200_000
"""So many new objects before the collector looks for garbage: starting makes them by the thousand, and they all stay."""


def main() -> None:
    """Run the command line. Exit codes: see docs/cli.md."""
    if hasattr(signal, "SIGPIPE"):
        # when the reader of a pipe has gone, end as every other command does: at once and without a word
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    for stream in (sys.stdout, sys.stderr):
        _utf8(stream)
    _start_lightly()
    try:
        from extractor.cli import application

        application(next(iter(sys.argv[1:]), None))()
    except ExtractorError as error:
        sys.stderr.write(f"extractor: {error}\n")
        sys.exit(error.exit_code)
    except OSError as error:
        sys.stderr.write(
            f"extractor: the result cannot be written ({error.strerror}); free some space or write elsewhere with -o\n"
        )
        sys.exit(UNWRITABLE)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _start_lightly() -> None:
    """Leave out what takes time at the start and at the end of a process and gives nothing."""
    gc.set_threshold(_SELDOM)
    # at the end everything goes at once; without this the collector would first walk all of it
    atexit.register(gc.freeze)
    # no plugin of pydantic that happens to be installed has a say in a record; looking for them means reading what is installed
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def _utf8(stream: TextIO) -> None:
    """UTF-8 whatever the console; a name that is no UTF-8 is shown with its bytes escaped."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


if __name__ == "__main__":
    main()
