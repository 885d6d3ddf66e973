"""A report as a digest: what is kept of it to compare it with others, one line of JSON each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from extractor.corpus.signatures import signature
from extractor.corpus.types import Digest, Value
from extractor.errors import InputError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from extractor.catalogue.models import CorpusRules
    from extractor.models import Indicator, Report


def digest(report: Report, text: str, rules: CorpusRules) -> Digest:
    """The digest of a report. `text` is what the report's offsets refer to; with an empty one its words are not compared."""
    meta = report.metadata
    names = [name for name in (meta.township, meta.county) if name]
    return Digest(
        name=report.source.name,
        sha256=report.source.sha256,
        title=meta.title,
        year=meta.report_year,
        issue_date=meta.issue_date,
        county=meta.county,
        township=meta.township,
        issuers=meta.issuers,
        signature=signature(_body(report, text), names, rules.text),
        numbers=tuple(_numbers(report.indicators)),
        values=tuple(_values(report)),
    )


def to_line(found: Digest) -> str:
    """A digest as one line of JSON, without a line end."""
    return _form().dump_json(found).decode("utf-8")


def from_lines(lines: Iterable[str], name: str) -> Iterator[Digest]:
    """The digests of a file's lines; `name` is what errors call the file. Raises InputError at a line that is none."""
    for number, line in enumerate(lines, 1):
        yield from_line(line, f"{name}:{number}")


def from_line(line: str, place: str) -> Digest:
    """The digest that a line holds; `place` is what an error calls it. Raises InputError where it holds none."""
    from pydantic import ValidationError

    try:
        return _form().validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        reason = (
            f"is no digest of a report ({where}: {first['msg']})" if where else f"is no digest of a report ({first['msg']})"
        )
        raise InputError(place, reason, "name records or digests that this version has written") from None


def _body(report: Report, text: str) -> str:
    """The sections from the first heading on, without the head of the page and the sign-off; all of it without headings."""
    sections = report.sections
    return text[sections[0].start : max(section.end for section in sections)] if sections else text


def _numbers(indicators: Iterable[Indicator]) -> Iterator[str]:
    """The quantities reported as done, each once, as value and unit."""
    last = None
    for indicator in indicators:
        place = (indicator.start, indicator.end)
        if indicator.modality == "actual" and indicator.value != 0 and place != last:
            value = indicator.low if indicator.value is None else indicator.value
            yield f"{float(value or 0):.12g}{indicator.unit or ''}"
            last = place


def _values(report: Report) -> Iterator[Value]:
    """The codes for which the report has one number."""
    for code, entry in report.summary.items():
        if entry.value is not None:
            yield Value(code, float(entry.value), entry.unit, entry.indicators)


@lru_cache(maxsize=1)
def _form() -> TypeAdapter[Digest]:
    from pydantic import TypeAdapter

    return TypeAdapter(Digest)
