"""What a reader tells whoever watches its time: that it begins to recognise a page, which takes seconds."""

from __future__ import annotations

from collections.abc import Callable


def _unheard() -> None:
    """Nobody watches: the file is read in the process that asked for it."""


_listener: Callable[[], None] = _unheard


def listen(listener: Callable[[], None]) -> None:
    """From now on, `listener` is called before each page that is recognised in this process."""
    global _listener  # noqa: PLW0603 - the one thing that a reader, which knows its bytes and limits alone, has to say to its process
    _listener = listener


def page_begins() -> None:
    """A page or picture is about to be recognised."""
    _listener()
