"""A regimen on the scale of hours of a simulation: its doses, where it ends, and its first and last interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from posology.errors import UsageError
from posology.regimen.dose import Dose
from posology.regimen.part import Part
from posology.regimen.regimen import Regimen

NAMED_HOURS = 90 * 24.0
"""How long a regimen of the monograph that goes on until it is stopped is simulated if nothing is said."""
_NEAR = 1e-6
"""Hours that are no difference."""
_LONGEST_CYCLE = 28 * 24.0
"""Hours; parallel parts whose rhythms meet again only after longer have no cycle of their own."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time that summaries are about, from `start` to `stop` (hours), with its name in words."""

    start: float
    stop: float
    words: str

    @property
    def hours(self) -> float:
        """How long it is."""
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class Schedule:
    """The doses of one arm. `end` is the hour at which the next dose would be due after the last one."""

    doses: tuple[Dose, ...]
    end: float
    first: Window | None
    last: Window | None
    """The first and last dosing interval, or cycle of a pattern over the week; None for single doses."""
    note: str = ""

    @property
    def last_dose(self) -> float:
        """The hour of the last dose."""
        return max(dose.time for dose in self.doses if dose.amount)

    @property
    def repeats(self) -> bool:
        """Whether the last interval is another one than the first and both are alike in length and doses."""
        if self.first is None or self.last is None or self.first.start >= self.last.start:
            return False
        return self._given(self.first) == self._given(self.last)

    def _given(self, window: Window) -> list[tuple[float, float, str | None]]:
        return [
            (round(dose.time - window.start, 6), dose.amount, dose.route)
            for dose in self.doses
            if window.start <= dose.time < window.stop
        ]


def schedule_of(
    regimen: Regimen,
    rx: str,
    *,
    named: bool = False,
    for_hours: float | None = None,
    start: date | None = None,
    weight: float | None = None,
) -> Schedule:
    """The doses of a regimen, up to `for_hours` where given; `weight` (kg) is for amounts per kg.

    Raises `UsageError` for a regimen that never ends without `for_hours`, unless it is `named` in the
    monograph: such a one is simulated for 90 days, and the schedule has a note that says so.
    """
    note, until = "", for_hours
    if regimen.is_endless and until is None:
        if not named:
            raise UsageError(
                f"'{rx}' is a regimen that never ends: give it an end (x90, for 12 weeks),"
                " or say how long to simulate, such as --until 90d"
            )
        until = NAMED_HOURS
        note = "it goes on until it is stopped; 90 days of it were simulated"
    doses = tuple(regimen.doses(until_hours=until, start=start, weight=weight))
    if not doses:
        raise UsageError(f"'{rx}' has no dose in the time that is simulated: make it longer")
    return Schedule(doses, *_end_and_windows(regimen, doses, until), note)


def schedule_of_doses(doses: Sequence[Dose], name: str, for_hours: float | None = None) -> Schedule:
    """The same of doses at any hours, which have no rhythm. Raises `UsageError` if there are none from hour 0 on."""
    chosen = sorted(doses, key=lambda dose: dose.time)
    if chosen and chosen[0].time < 0:
        raise UsageError(f"'{name}': a dose at {chosen[0].time:g} h: time begins at hour 0")
    chosen = [dose for dose in chosen if for_hours is None or dose.time < for_hours - _NEAR]
    if not any(dose.amount for dose in chosen):
        raise UsageError(f"'{name}' has no dose in the time that is simulated: make it longer")
    return Schedule(tuple(chosen), max(dose.time for dose in chosen), None, None)


def _end_and_windows(
    regimen: Regimen, doses: tuple[Dose, ...], until: float | None
) -> tuple[float, Window | None, Window | None]:
    begin, last_dose = max(doses[0].time, 0.0), doses[-1].time
    lasting = _lasting(regimen.all_parts, doses)
    # Parallel parts count even before their first dose: Saturday's belongs to the week from Monday on.
    opening = _cycle([track[0] for track in regimen.parts])
    closing = _cycle([regimen.all_parts[number] for number in lasting])
    if opening is None or closing is None:
        return last_dose, None, None
    since = min(dose.time for dose in doses if dose.part in lasting)
    end = since + closing[0] * (math.floor((last_dose - since) / closing[0] + _NEAR) + 1)
    # A cycle that the end of the simulation cuts short is no whole one.
    whole = end
    while until is not None and whole > until + _NEAR:
        whole -= closing[0]
    first = Window(begin, begin + opening[0], f"first {opening[1]}")
    last = Window(whole - closing[0], whole, f"last {closing[1]}")
    limit = end if until is None else until
    return (
        end,
        first if first.stop <= limit + _NEAR else None,
        last if last.start >= begin - _NEAR else None,
    )


def _lasting(parts: tuple[Part, ...], doses: tuple[Dose, ...]) -> set[int]:
    """The parts that are still going at the last dose."""
    last_of = {dose.part: dose.time for dose in doses}
    return {
        number
        for number, time in last_of.items()
        if parts[number].cycle[0] and time + parts[number].cycle[0] / 60 > doses[-1].time + _NEAR
    }


def _cycle(current: list[Part]) -> tuple[float, str] | None:
    """The rhythm of parts that run at the same time: hours, and what it is called."""
    periods = {part.cycle[0] for part in current} - {0}
    if not periods:
        return None
    together = math.lcm(*periods) / 60
    hours = together if together <= _LONGEST_CYCLE else max(periods) / 60
    if len(current) == 1 and current[0].cycle[1] == 1:
        return hours, f"dosing interval ({_words(hours)})"
    return hours, f"{_words(hours)} of doses"


def _words(hours: float) -> str:
    if hours < 1:
        return f"{hours * 60:g} min"
    days = hours / 24
    if days == int(days) and days > 1:
        return f"{int(days)} days"
    return f"{hours:g} h"
