"""Pauses around operations: which doses fall away, and how the regimen goes on afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from posology.monograph.model import Statement
from posology.monograph.planning import Hold
from posology.regimen.dose import CalendarDose
from posology.regimen.part import Until, Weekdays
from posology.regimen.planned import Pause
from posology.regimen.regimen import Regimen
from posology.regimen.scope import said


def holding(statements: Iterable[Statement]) -> tuple[Statement, Hold] | None:
    """The statement that says how long to pause around an operation; None if none does."""
    return next(((each, each.hold) for each in statements if each.hold is not None), None)


def pauses(operations: Iterable[date], statement: Statement, hold: Hold) -> list[Pause]:
    """The pause that each operation asks for, in order of time."""
    return [
        Pause(
            day,
            day - timedelta(days=hold.days_before),
            day + timedelta(days=hold.days_after),
            said(statement),
        )
        for day in sorted(set(operations))
    ]


def moves(regimen: Regimen) -> bool:
    """Is the regimen's time stopped by a pause, and goes on after it where it was?

    Not if it keeps to days of the week or to a last day; then the doses within a pause fall away.
    """
    return not any(
        isinstance(part.schedule, Weekdays) or isinstance(part.end, Until) for part in regimen.all_parts
    )


def paused(doses: Sequence[CalendarDose], held: Iterable[Pause], moving: bool) -> list[CalendarDose]:
    """The doses with none in a pause: on later days if `moving`, else without those that fall in it."""
    left = list(doses)
    for pause in held:
        within = [each for each in left if pause.last_dose < each.when.date() < pause.restart]
        if not within:
            continue
        before = [each for each in left if each.when.date() <= pause.last_dose]
        after = [each for each in left if each.when.date() >= pause.restart]
        if moving:
            delay = pause.restart - within[0].when.date()
            after = [replace(each, when=each.when + delay) for each in [*within, *after]]
        left = [*before, *after]
    return left


def concerns(pause: Pause, doses: Sequence[CalendarDose]) -> bool:
    """Does a dose fall into the pause, or come after it?"""
    return any(each.when.date() > pause.last_dose for each in doses)
