"""Doses that follow a rhythm, found again in a list of dated doses: what calendars and prescriptions repeat.

The dates of a plan are the truth. A series is only a shorter way to write some of them: `expanded` gives the
same moments back, and what no rhythm fits stays single.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from math import gcd

from posology.regimen.planned import PlannedDose

WORTH = 3
"""Doses at an interval that make a rhythm; two a few days apart are just two doses."""


@dataclass(frozen=True, slots=True)
class Series:
    """Doses alike in all but their day: at one time of day, every `every` days or on `weekdays`.

    `every` is 0 for a single dose and for weekdays. `left_out` are days on which the rhythm would have a dose
    and the plan has none, as in a pause.
    """

    doses: tuple[PlannedDose, ...]
    every: int = 0
    weekdays: tuple[int, ...] = ()
    """0 is Monday."""
    left_out: tuple[date, ...] = ()

    @property
    def first(self) -> PlannedDose:
        """The first dose, which stands for all."""
        return self.doses[0]

    @property
    def count(self) -> int:
        """Days of the rhythm, those left out included."""
        return len(self.doses) + len(self.left_out)

    @property
    def clock(self) -> time:
        """The time of day."""
        return self.first.when.time()

    def expanded(self) -> Iterator[datetime]:
        """The moments that the rhythm means, in order."""
        days = _rhythm(self.first.when.date(), self.doses[-1].when.date(), self.every, self.weekdays)
        for day in days:
            if day not in self.left_out:
                yield datetime.combine(day, self.clock)


def series(doses: Iterable[PlannedDose], pauses: bool = True) -> list[Series]:
    """The doses as series, in order of their first dose; each dose is in exactly one.

    Doses of one series are alike in step, amount, route and time of day. Without `pauses` no series has
    days left out: it ends before them, and another begins after.
    """
    alike: dict[tuple[object, ...], list[PlannedDose]] = {}
    for dose in doses:
        key = (dose.step, dose.text, dose.amount_mg, dose.route, dose.taken_as, dose.when.time())
        alike.setdefault(key, []).append(dose)
    found = [part for group in alike.values() for part in _cut(_distinct(group), pauses)]
    return sorted(found, key=lambda each: (each.first.when, each.first.step, each.first.text))


def _distinct(group: list[PlannedDose]) -> list[list[PlannedDose]]:
    """Groups in which each day stands once: two equal doses at one moment are two groups."""
    groups: list[list[PlannedDose]] = []
    for dose in sorted(group, key=lambda each: each.when):
        for one in groups:
            if one[-1].when != dose.when:
                one.append(dose)
                break
        else:
            groups.append([dose])
    return groups


def _cut(groups: list[list[PlannedDose]], pauses: bool) -> Iterator[Series]:
    for group in groups:
        waiting = [tuple(group)]
        while waiting:
            doses = waiting.pop()
            fits = _fit(doses, pauses)
            if fits is not None:
                yield fits
                continue
            at = _widest_gap(doses)
            waiting += [doses[:at], doses[at:]]


def _widest_gap(doses: Sequence[PlannedDose]) -> int:
    """Where to cut: before the dose that the longest time goes before; the first such."""
    gaps = [after.when - before.when for before, after in pairwise(doses)]
    return gaps.index(max(gaps)) + 1


def _fit(doses: tuple[PlannedDose, ...], pauses: bool) -> Series | None:
    """The rhythm with the fewest days left out; None if none is better than cutting."""
    if len(doses) == 1:
        return Series(doses)
    days = [dose.when.date() for dose in doses]
    gaps = [(after - before).days for before, after in pairwise(days)]
    weekdays = tuple(sorted({day.weekday() for day in days}))
    step = gcd(*gaps)
    choices = [_choice(doses, days, step, ())]
    if 1 < len(weekdays) < 7:
        choices.append(_choice(doses, days, 0, weekdays))
    best = min(choices, key=lambda each: len(each.left_out))
    if not best.left_out:
        # Two doses weeks apart are no rhythm, unless a day or a week apart.
        return best if len(doses) >= WORTH or max(gaps) <= 7 else None
    if not pauses or len(best.left_out) > len(doses) or len(doses) < WORTH:
        return None
    return best


def _choice(
    doses: tuple[PlannedDose, ...], days: Sequence[date], every: int, weekdays: tuple[int, ...]
) -> Series:
    left_out = tuple(sorted({*_rhythm(days[0], days[-1], every, weekdays)} - {*days}))
    return Series(doses, every, weekdays, left_out)


def _rhythm(first: date, last: date, every: int, weekdays: tuple[int, ...]) -> Iterator[date]:
    step = timedelta(days=every or (1 if weekdays else 0))
    day = first
    while day <= last:
        if not weekdays or day.weekday() in weekdays:
            yield day
        if not step:
            return
        day += step
