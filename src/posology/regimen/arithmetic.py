"""What a regimen adds up to in a week: why 100 mg every other day is 300 or 400 mg, and 350 on average."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace

from posology.regimen.error import RxError
from posology.regimen.expand import slots
from posology.regimen.measures import WEEK, total
from posology.regimen.part import MOST_DOSES, Once
from posology.regimen.regimen import Regimen, dose_mg


@dataclass(frozen=True, slots=True)
class WeeklyTotals:
    """mg in one calendar week, Monday to Sunday: the least, the most, and the mean over all weeks."""

    least: float
    most: float
    mean: float


def weekly_totals(regimen: Regimen, *, weight: float | None = None) -> WeeklyTotals:
    """What the last part of each track comes to, as if it went on for ever and began on a Monday.

    So a titration is told by the dose that it leads to. Raises `RxError` for a single dose, which has no weeks; for
    intervals that together repeat only after more than a million doses; and without a `weight` that is needed.
    """
    parts = [track[-1] for track in regimen.parts]
    if any(isinstance(part.schedule, Once) for part in parts):
        raise RxError("a single dose has no weekly total", "ask for a regimen that repeats")
    amounts = [dose_mg(part, weight) for part in parts]
    tracks = [(replace(part, end=None, after_minutes=0, ss=False),) for part in parts]
    cycle = math.lcm(WEEK, *(part.cycle[0] for part in parts))
    if sum(2 * cycle // part.cycle[0] * part.cycle[1] for part in parts) > MOST_DOSES:
        raise RxError(
            f"these intervals together repeat only after {cycle // WEEK} weeks", "ask for each part alone"
        )
    # The second cycle: the first Monday has no doses before its first one.
    doses: dict[int, list[float]] = defaultdict(list)
    for slot in slots(tracks, 2 * cycle, None):
        doses[slot.minute // WEEK].append(amounts[slot.part])
    totals = [total(doses.get(week, ())) for week in range(cycle // WEEK, 2 * cycle // WEEK)]
    return WeeklyTotals(min(totals), max(totals), total(totals) / len(totals))
