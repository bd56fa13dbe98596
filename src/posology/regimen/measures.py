"""Amounts and times as rx writes them: exact, and the same way each time.

Amounts are decimal numbers with a unit of mass. Times are whole minutes inside, so that 3 minutes times n never drifts;
hours are made from them at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

MINUTES = {"min": 1, "h": 60, "d": 24 * 60, "w": 7 * 24 * 60}
DAY = MINUTES["d"]
WEEK = MINUTES["w"]
LONGEST = 5200 * WEEK
"""No interval or duration is longer than about a century."""

_PER_MG = {"ng": Decimal("1e-6"), "mcg": Decimal("0.001"), "mg": Decimal(1), "g": Decimal(1000)}
UNITS = tuple(_PER_MG)
_UNIT_SPELLINGS = {"ug": "mcg", "µg": "mcg", "μg": "mcg"}

_TIME_SPELLINGS = {
    **dict.fromkeys(("min", "mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks"), "w"),
}
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([a-z]+)")


def unit(text: str) -> tuple[str, bool]:
    """A unit as written in rx, such as `mg` or `ug / kg`: the plain unit, and whether it is per kg of body weight."""
    plain, _, per = text.lower().partition("/")
    plain = plain.strip()
    return _UNIT_SPELLINGS.get(plain, plain), bool(per)


def in_mg(amount: float, unit: str, weight: float | None = None) -> float:
    """An amount of `unit` in mg; times `weight` (kg) for an amount per kg."""
    return float(_exact(amount) * _PER_MG[unit] * _exact(weight if weight is not None else 1))


def from_mg(amount: float, unit: str) -> float:
    """An amount in mg, in `unit`."""
    return float(_exact(amount) / _PER_MG[unit])


def total(amounts: Iterable[float]) -> float:
    """The sum of amounts as they are written: seven times 0.1 is 0.7."""
    return float(sum(map(_exact, amounts), Decimal()))


def number(value: float) -> str:
    """A number without exponent and without trailing zeros, which reads back as the same float."""
    text = format(_exact(value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def minutes(text: str) -> int | None:
    """The minutes of a duration such as `2 weeks` or `1.5 h`; None if that is no duration, or not in whole minutes."""
    match = _DURATION.fullmatch(text.strip().lower())
    if match is None or len(match[1]) > 12 or match[2] not in _TIME_SPELLINGS:
        return None
    exact = Decimal(match[1]) * MINUTES[_TIME_SPELLINGS[match[2]]]
    return int(exact) if exact == int(exact) else None


def interval(minutes: int) -> str:
    """An interval as after `q`: `30min`, `24h`, `10d`, `4w`. Up to three days are told in hours, as is the habit."""
    if minutes % WEEK == 0:
        return f"{minutes // WEEK}w"
    if minutes % DAY == 0 and minutes > 3 * DAY:
        return f"{minutes // DAY}d"
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}min"


def duration(minutes: int) -> str:
    """A duration in words: `30 min`, `12 hours`, `1 day`, `8 weeks`."""
    for name, size in (("week", WEEK), ("day", DAY), ("hour", 60)):
        if minutes % size == 0:
            count = minutes // size
            return f"{count} {name}" if count == 1 else f"{count} {name}s"
    return f"{minutes} min"


def clock(minute: int) -> str:
    """A time of day, from its minute: `08:00`."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _exact(value: float) -> Decimal:
    return Decimal(repr(float(value)))
