"""What a regimen comes to: single doses, on a scale of hours or on a calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Dose:
    """One dose. `time` is in hours since the first moment of the regimen, `duration` in hours (0 is a bolus).

    With `ss` the dose stands also for doses before it: at its time the body holds, in addition to what it holds
    otherwise, what infinitely many such doses `ii` hours apart would have left, the last of them `ii` hours ago. Before
    that time they have no effect (this is SS=2 of NONMEM). A regimen may give such a dose a time below zero.

    With `reset` the body is empty just before the dose, and infusions in progress stop. Only event tables have this;
    a reset without a dose has an amount of 0.
    """

    time: float
    amount: float
    """mg"""
    text: str
    """The amount as it was written: `50 mg`, `0.1 mg/kg`."""
    route: str | None = None
    duration: float = 0.0
    ss: bool = False
    ii: float = 0.0
    reset: bool = False
    part: int = 0
    """The number of the part it comes from, in the order of the text (of the row, in an event table)."""


@dataclass(frozen=True, slots=True)
class CalendarDose:
    """One dose at a date and clock time, without a time zone: 08:00 is 08:00 on the patient's wall."""

    when: datetime
    dose: Dose
