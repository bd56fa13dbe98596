"""One cell of a row, given as text: numbers, days and moments, or why it is none."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

Row = tuple[str | None, ...]
"""The cells of one row, as text; None where the database has NULL, or no such column."""


class BadRow(Exception):
    """A row that cannot become a resource. Its message names the column and never what stands in it."""


_TIME = re.compile(r"[ T](\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?)")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def whole(column: str, text: str | None) -> int | None:
    """A whole number; ``8507.0`` is one too, because columns with gaps are often kept as floats."""
    if text is None or not text.strip():
        return None
    try:
        return int(text)
    except ValueError:
        pass
    number = decimal(column, text)
    if number is None or number != int(number):
        raise BadRow(f"{column} is not a whole number")
    return int(number)


def decimal(column: str, text: str | None) -> float | None:
    """A number; NaN, which some exports write for nothing, is nothing."""
    if text is None or not text.strip():
        return None
    try:
        number = float(text)
    except ValueError:
        raise BadRow(f"{column} is not a number") from None
    if number in (float("inf"), float("-inf")):
        raise BadRow(f"{column} is not a finite number")
    return None if number != number else number  # noqa: PLR0124 (only NaN differs from itself)


@lru_cache(maxsize=65536)
def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return _DAY.fullmatch(text) is not None


def day(column: str, text: str | None) -> str | None:
    """The day of a date or a timestamp, ``YYYY-MM-DD``."""
    if text is None or not text.strip():
        return None
    first = text[:10]
    if not _is_day(first) or (len(text) > 10 and not _TIME.match(text, 10)):
        raise BadRow(f"{column} is not a date")
    return first


def moment(column: str, date_text: str | None, datetime_text: str | None) -> str | None:
    """A day with its time of day where that is known.

    The date decides; a timestamp on another day is not believed, and midnight is no time.
    """
    if date_text is not None and len(date_text) == 10 and _is_day(date_text):
        if datetime_text is None:
            return date_text
        if datetime_text.startswith(date_text) and (time := _TIME.match(datetime_text, 10)) is not None:
            return f"{date_text}T{time[1]}Z" if time[1].strip("0:.") else date_text
    on = day(column, date_text)
    if datetime_text is None:
        return on
    stamp = day(column + "time", datetime_text)
    if on is None:
        on = stamp
    time = _TIME.match(datetime_text, 10)
    if on != stamp or time is None or not time[1].strip("0:."):
        return on
    return f"{on}T{time[1]}Z"


def later(first: str, days: int) -> str:
    """The day that many days after an ISO day."""
    try:
        return (date.fromisoformat(first) + timedelta(days=days)).isoformat()
    except OverflowError:
        return date.max.isoformat()


def days_between(first: str, last: str) -> int:
    """Days from one ISO day to another."""
    return (date.fromisoformat(last) - date.fromisoformat(first)).days


def words(text: str | None) -> str:
    """The text without surrounding blanks; empty for None."""
    return text.strip() if text else ""
