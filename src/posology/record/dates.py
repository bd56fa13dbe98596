"""FHIR dates as the interval of days they could mean.

A date is kept as a `Span` of ordinal days (`datetime.date.toordinal`). ``2026`` spans a year, ``2026-03``
a month. The day is the one written in the record, in its own time zone; `instant` gives the moment in
UTC and is used only to tell which of two results is the later one.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple

DAY = 86400
"""Seconds."""
EARLIEST, LATEST = 1, date(9999, 12, 31).toordinal()
_EPOCH = date(1970, 1, 1).toordinal()
_SHAPE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


class Span(NamedTuple):
    """First and last ordinal day that a date could mean; both ends included."""

    lo: int
    hi: int

    @property
    def exact(self) -> bool:
        """Is it one day?"""
        return self.lo == self.hi


ANYTIME = Span(EARLIEST, LATEST)


def parse(text: str) -> Span:
    """The days that a FHIR date or dateTime could mean.

    Raises ValueError, with the reason, for text that is no date and for a day that does not exist.
    """
    return _days(text[:10] if text[10:11] == "T" else text)


@lru_cache(maxsize=65536)
def _days(text: str) -> Span:
    match = _SHAPE.fullmatch(text)
    if not match:
        raise ValueError("is not a FHIR date (YYYY, YYYY-MM, YYYY-MM-DD or a dateTime)")
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        assert year is not None
        if month and day:
            ordinal = date(year, month, day).toordinal()
            return Span(ordinal, ordinal)
        if month:
            last = calendar.monthrange(year, month)[1]
            return Span(date(year, month, 1).toordinal(), date(year, month, last).toordinal())
        if match[2] or match[3]:
            raise ValueError
        return Span(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal())
    except (ValueError, calendar.IllegalMonthError):
        raise ValueError("is a day that does not exist") from None


def instant(text: str | None) -> float:
    """Seconds since 1970 in UTC, for ordering results; the end of the span for a partial date."""
    if not text:
        return float("-inf")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = datetime.combine(date.fromordinal(parse(text).hi), datetime.min.time())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return moment.timestamp()
    except (OverflowError, ValueError):
        return float("-inf")


def midnight(ordinal: int) -> float:
    """The instant at which a day begins in UTC."""
    return (ordinal - _EPOCH) * DAY


@lru_cache(maxsize=65536)
def iso(ordinal: int) -> str:
    """``YYYY-MM-DD`` of an ordinal day."""
    return date.fromordinal(min(max(ordinal, EARLIEST), LATEST)).isoformat()


def show(span: Span | None) -> str:
    """A span as people write it: a day, a month, a year, or ``undated``."""
    if span is None or span.lo == EARLIEST:
        return "undated"
    if span.exact:
        return iso(span.lo)
    first, last = date.fromordinal(span.lo), date.fromordinal(span.hi)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first:%Y-%m}"
    return f"{first.year:04d}" if first.year == last.year else f"{iso(span.lo)} to {iso(span.hi)}"
