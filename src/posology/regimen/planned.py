"""What a plan is: dated doses, appointments, pauses, and everything that was said about them.

Times are local and without zone: a daily dose at 08:00 stays at 08:00 when the clocks change. Writers
that need a zone attach it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct


class Said(Struct, frozen=True):
    """A statement of the monograph that the plan rests on, as it is shown."""

    statement: str
    title: str
    says: str
    do: str
    basis: str
    sources: tuple[str, ...]


class PlannedDose(Struct, frozen=True):
    """One administration. `amount_mg` is in mg of what doses of the product are stated in."""

    when: datetime
    amount_mg: float
    text: str
    """As prescribed: ``1.5 mg``."""
    route: str
    step: int
    """Index into `Plan.steps`."""
    taken_as: str
    """In units of the product: ``half a tablet``; empty where the product has no units."""


class Step(Struct, frozen=True):
    """A stretch of the regimen with one dose and one rhythm."""

    rx: str
    says: str
    """In plain words: ``1.5 mg by mouth every evening``."""
    first: date
    last: date | None
    """Day of its last dose; None: goes on until it is stopped."""
    doses: int | None
    taken_as: str
    needs: str
    """What the pharmacy has to make when the product cannot be divided so; else empty."""


class Appointment(Struct, frozen=True):
    """A day on which something other than a dose happens."""

    day: date
    kind: Literal["check", "look", "decide", "step", "hold", "operation", "restart", "stop"]
    title: str
    says: str
    statement: str
    basis: str
    sources: tuple[str, ...]


class Wait(Struct, frozen=True):
    """Why the first dose cannot be earlier than `until`. No simulation ever shortens it."""

    medicine: str
    last: date
    until: date | None
    """None: no date can be given; the statement says who decides."""
    said: Said


class Pause(Struct, frozen=True):
    """Days without doses around an operation: from the day after `last_dose` until the day before `restart`."""

    operation: date
    last_dose: date
    restart: date
    said: Said


class Week(Struct, frozen=True):
    """The arithmetic of a week: least, most and mean mg in 7 days from Monday, once the regimen has settled."""

    least_mg: float
    most_mg: float
    mean_mg: float


class Plan(Struct, frozen=True):
    """A regimen on the calendar. `to_dict` gives plain data."""

    drug: str
    drug_name: str
    use: str
    product: str
    product_name: str
    regimen: str
    """Id of the statement that holds the regimen; empty when it was given as rx."""
    title: str
    rx: str
    """Canonical rx text."""
    region: str
    asked_start: date
    start: date
    """Day of the first dose: `asked_start`, or later where something has to be waited for."""
    until: date
    """Last day that the calendar shows; an open-ended regimen goes on after it."""
    endless: bool
    steps: tuple[Step, ...]
    doses: tuple[PlannedDose, ...]
    appointments: tuple[Appointment, ...]
    waits: tuple[Wait, ...]
    pauses: tuple[Pause, ...]
    week: Week | None
    warnings: tuple[Said, ...]
    """Limits that the regimen goes beyond, and that allow it with a warning."""
    said: tuple[Said, ...]
    """The regimen's own statement and what belongs to it: cautions, missed doses, stopping."""
    notes: tuple[str, ...]
    """Plain remarks of the program about this plan."""
    versions: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Plain data: days and times as ISO 8601 text."""
        return msgspec.to_builtins(self)  # type: ignore[no-any-return]


class MissedAnswer(Struct, frozen=True):
    """What to do after doses were missed."""

    drug: str
    regimen: str
    rx: str
    last_taken: datetime
    asked: date
    gap_days: int
    """Whole days since the first dose that was due and not taken; 0: it was due today, or none is missed."""
    missed: int
    """How many doses were due and not taken before the day asked about."""
    advice: tuple[Said, ...]
    answers: tuple[str, ...]
    """`late`, `skip`, `step-back` or `recheck`, one for each advice."""
    next: tuple[PlannedDose, ...]
    """The next doses if the advice is followed; empty when a check comes first."""
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain data: days and times as ISO 8601 text."""
        return msgspec.to_builtins(self)  # type: ignore[no-any-return]
