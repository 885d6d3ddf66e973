"""Findings: doubts about one report, from what the stages found. Codes, severities, wording and rules are in `checks.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from extractor.checks.doubt import Doubt
from extractor.checks.form import FormChecks
from extractor.checks.identity import IdentityChecks
from extractor.checks.numbers import NumberChecks
from extractor.checks.parts import PartChecks
from extractor.checks.relations import RelationChecks
from extractor.types import Notice

if TYPE_CHECKING:
    from extractor.catalogue.models import Catalogue
    from extractor.cleaning import Cleaning
    from extractor.pipeline import Reading


@dataclass(frozen=True)
class Checks:
    """The checks over one catalogue, compiled when first used."""

    catalogue: Catalogue
    cleaning: Cleaning

    @cached_property
    def checks(self) -> tuple[FormChecks | NumberChecks | PartChecks | RelationChecks | IdentityChecks, ...]:
        return (
            FormChecks(self.catalogue),
            NumberChecks(self.catalogue),
            PartChecks(self.catalogue),
            RelationChecks(self.catalogue),
            IdentityChecks(self.catalogue, self.cleaning),
        )

    def find(self, reading: Reading, notices: tuple[Notice, ...] = ()) -> list[dict[str, Any]]:
        """All findings of one report: about the whole first, then by place. `notices` are the doubts of reading."""
        doubts = [Doubt(n.code, n.start, n.end, (), dict(n.words)) for n in notices]
        for check in self.checks:
            doubts += check.find(reading)
        doubts.sort(key=lambda doubt: -1 if doubt.start is None else doubt.start)
        return [self._finding(doubt) for doubt in doubts]

    def _finding(self, doubt: Doubt) -> dict[str, Any]:
        text = self.catalogue.checks.findings[doubt.code]
        return {
            "code": doubt.code,
            "severity": text.severity,
            "message": text.zh.format(**doubt.words),
            "message_en": text.en.format(**doubt.words),
            "indicators": doubt.indicators,
            "start": doubt.start,
            "end": doubt.end,
        }
