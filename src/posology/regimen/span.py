"""How long a regimen is, and how much of it a plan shows."""

from __future__ import annotations

from datetime import date, timedelta

from posology.errors import UsageError
from posology.regimen.measures import DAY, WEEK
from posology.regimen.part import Count, For, Part, TimesADay, Until, Weekdays
from posology.regimen.regimen import Regimen

SHOWN = timedelta(weeks=26)
"""How much of a regimen without an end is shown, if nobody says. Half a year: past the 12-week decision."""
LONGEST = timedelta(days=10 * 366)
"""No plan is longer: ten years."""
MOST_DOSES = 20_000


def reach(regimen: Regimen, start: date, until: date) -> date:
    """A day from `until` on by which every part has had its first two doses, and each that ends its last.

    Raises `UsageError` for a regimen that is too long or has too many doses for a plan.
    """
    minutes = max(sum(_at_most(part, start) for part in track) for track in regimen.parts)
    if minutes > LONGEST.days * DAY:
        raise UsageError(
            f"the regimen lasts about {minutes // (52 * WEEK)} years; a plan holds at most 10, so give it an end"
        )
    shown = max(minutes, (until - start).days * DAY)
    most = sum(
        _doses(part, shown if part.is_endless else _at_most(part, start)) for part in regimen.all_parts
    )
    if most > MOST_DOSES:
        raise UsageError(
            f"the regimen has about {most} doses; a plan holds at most {MOST_DOSES}, so give an earlier end"
        )
    try:
        return max(until, start + timedelta(minutes=minutes + DAY))
    except OverflowError:
        raise UsageError(f"a plan from {start} goes past the year 9999; give an earlier start") from None


def shown_until(start: date, until: date | None) -> date:
    """The last day that is shown of a regimen that goes on; raises `UsageError` for one that cannot be."""
    if until is None:
        return start + min(SHOWN, date.max - start)
    if until < start:
        raise UsageError(f"the plan ends on {until}, before its first dose on {start}; give a later end")
    if until - start > LONGEST:
        raise UsageError(f"from {start} to {until} is more than ten years; give an earlier end")
    return until


def _at_most(part: Part, start: date) -> int:
    """Minutes after which the part is surely over; one without end has two cycles."""
    cycle = part.cycle[0] or DAY
    match part.end:
        case Count(doses=doses):
            per_dose = WEEK if isinstance(part.schedule, Weekdays) else cycle
            per_dose = DAY if isinstance(part.schedule, TimesADay) else per_dose
            length = -(-doses // part.cycle[1]) * per_dose + per_dose
        case For(minutes=minutes):
            length = minutes
        case Until(day=day):
            length = max(0, (day - start).days + 1) * DAY
        case _:
            length = 2 * cycle
    return part.after_minutes + length + DAY


def _doses(part: Part, minutes: int) -> int:
    cycle, doses = part.cycle
    if isinstance(part.end, Count):
        return part.end.doses
    return 1 if not cycle else minutes * doses // cycle
