"""Yes, no and open; and dates, which may mean more than one day."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import date, datetime
from fractions import Fraction
from typing import Any, NamedTuple

NO, OPEN, YES = 0, 1, 2
"""Ordered so that `any` is the highest, `all` the lowest and `not` the mirror image (Kleene)."""
NAMES = {NO: "not-met", OPEN: "unknown", YES: "met"}
LONG_AGO = date(1900, 1, 1).toordinal()
DAY = 86400
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(T\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d))?)?)?")


class BrokenError(Exception):
    """An entry that cannot be read."""


class Span(NamedTuple):
    """The days that a date could mean, and the moments in UTC: from the earliest to the latest."""

    first: int
    last: int
    earliest: int
    latest: int

    def until(self, on: int) -> Span:
        """Without the days after `on`, if it begins by then: who wrote '2026' in June did not mean December."""
        if self.first <= on < self.last:
            return Span(self.first, on, self.earliest, on * DAY + DAY - 1)
        return self

    def days(self) -> Iterator[int]:
        """Every day, of long spans the first and the last two years: no window or bound reaches further."""
        if self.last - self.first > 800:
            yield self.first
        yield from range(max(self.first, self.last - 800), self.last + 1)


def span(text: Any) -> Span:
    """What a FHIR date could mean; raises BrokenError for what is none. A day is the day as written."""
    match = _DATE.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise BrokenError
    year, month, day, time = match.groups()
    try:
        first = date(int(year), int(month or 1), int(day or 1))
        last_month = int(month or 12)
        last = date(int(year), last_month, int(day or calendar.monthrange(int(year), last_month)[1]))
        if time:
            moment = int(datetime.fromisoformat(text).timestamp()) + date(1970, 1, 1).toordinal() * DAY
            return Span(first.toordinal(), last.toordinal(), moment, moment)
    except ValueError as error:
        raise BrokenError from error
    return Span(
        first.toordinal(), last.toordinal(), first.toordinal() * DAY, last.toordinal() * DAY + DAY - 1
    )


def undated(on: int) -> Span:
    """No date: any day up to the one asked about."""
    return Span(LONG_AGO, on, LONG_AGO * DAY, on * DAY + DAY - 1)


def pick(found: list[int], against: bool, nothing: int = NO) -> int:
    """The less permissive answer: the highest where meeting it speaks against the medicine, else the lowest."""
    if not found:
        return nothing
    return max(found) if against else min(found)


def days_of(text: str) -> int:
    """``10 days`` in days; a month has 30, a year 365."""
    number, unit = text.split()
    return int(number) * _DAYS[unit.rstrip("s")]


def number(text: Any) -> Fraction:
    """A number exactly as it is written."""
    return Fraction(str(text))


def bounds(criterion: dict[str, Any]) -> list[tuple[str, Fraction, str]]:
    """Each bound of a criterion as (above, from, below or to; number; unit)."""
    found = []
    for key in ("above", "from", "below", "to"):
        if key in criterion:
            found.append((key, *amount(criterion[key])))
    if "between" in criterion:
        low, high = criterion["between"]
        found += [("from", *amount(low)), ("to", *amount(high))]
    return found


def amount(text: Any) -> tuple[Fraction, str]:
    """``3 x ULN``, ``50 U/L``, ``5``."""
    value, _, unit = str(text).partition(" ")
    return number(value), unit


def holds(value: Fraction, bound: str, limit: Fraction) -> bool:
    """*above* and *below* exclude the bound, *from* and *to* include it."""
    return {"above": value > limit, "from": value >= limit, "below": value < limit, "to": value <= limit}[
        bound
    ]
