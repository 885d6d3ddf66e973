"""Files that came to harm, for the readers of binary formats."""

from __future__ import annotations

from hypothesis import strategies as st


def changes_of(data: bytes) -> st.SearchStrategy[list[tuple[int, int]]]:
    """Up to forty changes: a place in the file, and the byte that stands there now."""
    return st.lists(st.tuples(st.integers(0, len(data) - 1), st.integers(0, 255)), min_size=1, max_size=40)


def changed(data: bytes, changes: list[tuple[int, int]]) -> bytes:
    """The file with its changes."""
    found = bytearray(data)
    for at, value in changes:
        found[at] = value
    return bytes(found)
