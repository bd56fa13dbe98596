"""What day and time it is: asked here and nowhere else, because an answer is for the day on which it is given."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime


def today() -> date:
    """The day on which an order would be signed, in the server's own time zone."""
    return date.today()  # noqa: DTZ011, TID251


def seconds() -> float:
    """Seconds since the epoch, for tokens that expire."""
    return time.time()  # noqa: TID251


def stamp() -> str:
    """This moment in UTC, to the second."""
    return datetime.fromtimestamp(seconds(), UTC).isoformat(timespec="seconds")
