"""Appointments: what is looked at and decided, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from posology.monograph.model import Statement
from posology.monograph.planning import Due
from posology.regimen.planned import Appointment
from posology.regimen.scope import Scope

AFTER_THE_LAST = timedelta(days=7)
"""A visit that is due at the end of a regimen still belongs to it when it comes so much later."""


def visits(
    statements: Iterable[Statement],
    scope: Scope,
    dose_days: Sequence[date],
    taking: bool,
    last: date | None,
    until: date,
) -> list[Appointment]:
    """What the knowledge schedules, from the first dose on until the day `until`.

    `dose_days` are the days with a dose, the first one first; `last` is that of the last dose, None if the
    regimen goes on. With `taking` the first of them is not the first ever, and no weeks are counted from it.
    """
    end = until if last is None else min(until, last + AFTER_THE_LAST)
    return [
        Appointment(
            day,
            due.what,
            due.title or statement.title or statement.id,
            " ".join(filter(None, (statement.says, statement.do))),
            statement.id,
            statement.basis,
            statement.sources,
        )
        for statement in statements
        for due in statement.schedule
        if scope.fits(due.uses, due.products) and (due.each_dose or not taking)
        for day in _days(due, dose_days, end, last)
    ]


def _days(due: Due, dose_days: Sequence[date], end: date, last: date | None) -> Iterator[date]:
    if due.each_dose:
        yield from (day for day in dose_days if day <= end)
        return
    weeks = [dose_days[0] + timedelta(weeks=week) for week in due.weeks]
    yield from (day for day in weeks if day <= end)
    if due.every_weeks is None:
        return
    day = max(weeks) + timedelta(weeks=due.every_weeks)
    while day <= end and (last is None or day <= last):
        yield day
        day += timedelta(weeks=due.every_weeks)
