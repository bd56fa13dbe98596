"""Regimens to event tables and back: the same doses, in as few rows as their schedules allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import groupby

from posology.regimen.dose import Dose
from posology.regimen.error import RxError
from posology.regimen.measures import from_mg
from posology.regimen.nonmem import DOSE, Event, EventTable, EventTableError, whole_minutes
from posology.regimen.part import Count, Every, Once, Part
from posology.regimen.regimen import Regimen


def regimen_to_events(
    regimen: Regimen,
    routes: Mapping[str, int],
    *,
    id: int = 1,
    unit: str = "mg",
    until_hours: float | None = None,
    start: date | None = None,
    weight: float | None = None,
) -> EventTable:
    """The doses of a regimen as rows with ADDL and II; `routes` says which compartment each route doses into.

    A part without a route doses into the default compartment, 0. Other arguments are those of `Regimen.doses`, which
    also says what is raised. `RxError` also for a route without a compartment, and for a steady state that begins
    before hour 0 (of days of the week, or of a part that begins later than another).
    """
    parts = regimen.all_parts
    doses = regimen.doses(until_hours=until_hours, start=start, weight=weight)
    if doses and doses[0].time < 0:
        raise RxError(
            "this steady state is one of doses at several times, which no single row can tell",
            "leave out 'ss' and begin some weeks earlier",
        )
    by_part = sorted(doses, key=lambda dose: dose.part)
    rows = []
    for number, group in groupby(by_part, key=lambda dose: dose.part):
        cmt = _compartment(parts[number].route, routes)
        period, times = parts[number].cycle
        given = list(group)
        rows += [
            _row(given[first::times], period / 60, id=id, cmt=cmt, unit=unit)
            for first in range(min(times, len(given)))
        ]
    rows.sort(key=lambda row: row.time)
    # SS=1 would empty the body of the doses of rows before it.
    rows = [replace(row, ss=2) if row.ss and place else row for place, row in enumerate(rows)]
    return EventTable(tuple(rows), unit)


def events_to_regimen(table: EventTable, id: int, routes: Mapping[str, int] | None = None) -> Regimen:
    """The doses of one person as a regimen of parallel parts, one a row; `routes` as in `EventTable.doses`.

    Raises `EventTableError` for what rx cannot say: resets, a steady state after hour 0, times that are not whole
    minutes; and `RxError` for amounts or times that are out of the range of rx.
    """
    doses = table.doses(id, routes)
    rows = [row for row in table.rows if row.id == id]
    first = {dose.part: dose for dose in reversed(doses)}
    if not first:
        raise EventTableError(f"ID {id} has no doses: a regimen needs one")
    return Regimen(tuple((_part(rows[place], first[place], table.unit),) for place in sorted(first)))


def _row(doses: list[Dose], period: float, *, id: int, cmt: int, unit: str) -> Event:
    """The row for doses that are `period` hours apart."""
    first, more = doses[0], len(doses) - 1
    amt = from_mg(first.amount, unit)
    return Event(
        id=id,
        time=first.time,
        amt=amt,
        evid=DOSE,
        cmt=cmt,
        rate=amt / first.duration if first.duration else 0.0,
        ii=period if more or first.ss else 0.0,
        addl=more,
        ss=int(first.ss),
    )


def _compartment(route: str | None, routes: Mapping[str, int]) -> int:
    if route is None:
        return 0
    if route not in routes:
        raise RxError(f"no compartment is known for the route '{route}'", "add it to the routes")
    return routes[route]


def _part(row: Event, first: Dose, unit: str) -> Part:
    place = f"ID {row.id}, TIME {row.time:g}"
    if first.reset:
        raise EventTableError(f"{place}: rx has no resets: take the doses themselves, from EventTable.doses")
    if first.ss and row.time:
        raise EventTableError(f"{place}: in rx a steady state begins at hour 0: give TIME 0")
    if row.time < 0:
        raise EventTableError(f"{place}: a regimen begins at hour 0: give a TIME from 0 on")
    repeats = row.addl or row.ss
    return Part(
        amount=row.amt,
        unit=unit,
        route=first.route,
        over_minutes=_minutes(first.duration, "the duration AMT/RATE", place) if row.rate else None,
        schedule=Every(_minutes(row.ii, "II", place)) if repeats else Once(),
        end=Count(row.addl + 1) if repeats else None,
        after_minutes=_minutes(row.time, "TIME", place),
        ss=first.ss,
    )


def _minutes(hours: float, what: str, place: str) -> int:
    minutes = whole_minutes(hours)
    if minutes is None:
        raise EventTableError(f"{place}: {what} is not a whole number of minutes, as rx has them: round it")
    return minutes
