"""The exceptions of this package, one family.

Every message names the input, the place, what was wrong and what to do about it.
"""

from __future__ import annotations

from typing import Literal

InputCode = Literal[
    "missing", "empty", "unsupported", "needs_more", "protected", "damaged", "undecodable", "too_large", "unreadable"
]
"""Why an input could not be read, in the order of docs/batch.md; `unreadable` is what none of the others is."""


def printable(name: str) -> str:
    """A file's name on one line and in valid text: controls and bytes that are no UTF-8 are escaped."""
    valid = name.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in valid)


class ExtractorError(Exception):
    """Base of everything this package raises on purpose."""

    exit_code = 2


class InputError(ExtractorError):
    """An input could not be read: missing, empty, binary, undecodable or of an unsupported type.

    `name` is the input as the user gave it, `reason` what was wrong, `remedy` what to do; `code` is the kind of reason.
    """

    exit_code = 3

    def __init__(self, name: str, reason: str, remedy: str, code: InputCode = "unreadable") -> None:
        super().__init__(f"{printable(name)}: {reason}; {remedy}")
        self.name = name
        self.reason = reason
        self.remedy = remedy
        self.code = code

    def __reduce__(self) -> tuple[type[InputError], tuple[str, str, str, InputCode]]:
        return type(self), (self.name, self.reason, self.remedy, self.code)


class CatalogueError(ExtractorError):
    """A rule file is wrong. `problems` holds one line each, with file and place."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class UsageError(ExtractorError):
    """The command was called in a way that cannot work."""


class OutputError(ExtractorError):
    """A result could not be written."""

    exit_code = 3


class GoldError(ExtractorError):
    """An annotated report does not fit its text, or is not in the form of docs/gold.md."""
