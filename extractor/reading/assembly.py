"""The text of a document put together piece by piece, each piece with its place in the file."""

from __future__ import annotations

from extractor.errors import InputError
from extractor.reading.types import Limits
from extractor.types import Place


class TextBuilder:
    """Collects text and where its parts stand. Raises InputError where the text grows over `limits.characters`."""

    def __init__(self, name: str, limits: Limits) -> None:
        self.name = name
        self.limits = limits
        self.length = 0
        self.places: list[Place] = []
        self._pieces: list[str] = []

    @property
    def text(self) -> str:
        """Everything added so far."""
        return "".join(self._pieces)

    def add(self, text: str, place: Place | None = None) -> None:
        """Appends `text`; `place.start` is set to where it begins."""
        if place is not None and text:
            self.places.append(place._replace(start=self.length))
        self.length += len(text)
        if self.length > self.limits.characters:
            raise InputError(
                self.name,
                f"holds more than {self.limits.characters} characters of text",
                "raise the limit or give a smaller file",
                code="too_large",
            )
        self._pieces.append(text)
