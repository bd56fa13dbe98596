"""NONMEM event tables: what their rows and doses mean.

A table has the columns ID TIME AMT EVID CMT RATE II ADDL SS and no others: a column that would be ignored could change
what the table means. Times are hours. The meaning of each data item follows the NONMEM help (evid, addl, ii, ss, rate).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from posology.errors import InputError
from posology.regimen.dose import Dose
from posology.regimen.measures import UNITS, in_mg, number
from posology.regimen.part import MOST_DOSES

REQUIRED = ("ID", "TIME", "AMT")
COLUMNS = (*REQUIRED, "EVID", "CMT", "RATE", "II", "ADDL", "SS")
DOSE_ITEMS = ("amt", "rate", "ii", "addl", "ss")
OBSERVATION, DOSE, OTHER, RESET, RESET_AND_DOSE = range(5)
_LARGEST = 1e24
_LONGEST = 1e7
"""Hours; more than a thousand years."""


class EventTableError(InputError):
    """An event table that cannot be read, or whose rows mean nothing; names the row or line."""


@dataclass(frozen=True, slots=True)
class Event:
    """One row. `time` and `ii` are hours, `rate` is amount per hour; what is not given is 0, as in NONMEM."""

    id: int
    time: float
    amt: float = 0.0
    evid: int = OBSERVATION
    cmt: int = 0
    rate: float = 0.0
    ii: float = 0.0
    addl: int = 0
    ss: int = 0

    @property
    def is_dose(self) -> bool:
        """Whether it gives a dose."""
        return self.evid in {DOSE, RESET_AND_DOSE}


@dataclass(frozen=True, slots=True)
class EventTable:
    """Rows in the order of the file; `unit` is the unit of their amounts.

    Raises `EventTableError` for a row that means nothing, and for rows out of order.
    """

    rows: tuple[Event, ...]
    unit: str = "mg"

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise EventTableError(f"'{self.unit}' is not a unit of amounts: give one of {', '.join(UNITS)}")
        for place, row in enumerate(self.rows, 1):
            wrong = _wrong(row)
            if wrong:
                raise EventTableError(f"event {place} (ID {row.id}, TIME {row.time:g}): {wrong}")
        self._in_order()

    def _in_order(self) -> None:
        seen: set[int] = set()
        before: Event | None = None
        for row in self.rows:
            if before is not None and row.id == before.id:
                if row.time < before.time:
                    raise EventTableError(
                        f"ID {row.id}: TIME {row.time:g} comes after {before.time:g}: sort each person's rows by TIME"
                    )
            elif row.id in seen:
                raise EventTableError(
                    f"ID {row.id} comes back after another ID, and NONMEM would take it for a new person: put each"
                    " person's rows together"
                )
            seen.add(row.id)
            before = row

    @property
    def ids(self) -> tuple[int, ...]:
        """Everyone in the table, in its order."""
        return tuple(dict.fromkeys(row.id for row in self.rows))

    def doses(self, id: int, routes: Mapping[str, int] | None = None) -> list[Dose]:
        """The doses of one person, in order of time and then of the rows. Observations and EVID 2 give none.

        `routes` says which compartment each route doses into. Without it no route is told, and all doses must go into
        one compartment. A reset (EVID 3 or 4, or SS=1 after other events) ends the additional doses of rows before it.
        """
        rows = [row for row in self.rows if row.id == id]
        if not rows:
            raise EventTableError(
                f"there is no ID {id}: the table has {', '.join(map(str, self.ids)) or 'none'}"
            )
        route_of = self._route_of(rows, routes)
        found: list[Dose] = []
        for place, row in enumerate(rows):
            # SS=1 also empties the body, which is nothing to tell before the first dose.
            resets = row.evid in {RESET, RESET_AND_DOSE} or (row.ss == 1 and bool(found))
            if resets:
                found = [dose for dose in found if dose.time < row.time]
            if len(found) + row.addl >= MOST_DOSES:
                raise EventTableError(f"ID {id} has more than {MOST_DOSES} doses: lower ADDL")
            if row.is_dose:
                found += self._row_doses(row, place, route_of[row.cmt], resets)
            elif resets:
                found.append(Dose(row.time, 0.0, f"0 {self.unit}", reset=True, part=place))
        return sorted(found, key=lambda dose: (dose.time, dose.part))

    def _route_of(self, rows: list[Event], routes: Mapping[str, int] | None) -> dict[int, str | None]:
        used = dict.fromkeys(row.cmt for row in rows if row.is_dose)
        if routes is None:
            if len(used) > 1:
                raise EventTableError(
                    f"doses go into the compartments {', '.join(map(str, used))}: say which route each is"
                )
            return dict.fromkeys(used)
        names: dict[int, str | None] = {0: None}
        for cmt in used:
            into = [route for route, number in routes.items() if number == cmt]
            if len(into) > 1:
                raise EventTableError(
                    f"{' and '.join(into)} both dose into compartment {cmt}: name one of them"
                )
            if not into and cmt:
                raise EventTableError(f"no route doses into compartment {cmt}: add it to the routes")
            names[cmt] = into[0] if into else None
        return names

    def _row_doses(self, row: Event, place: int, route: str | None, resets: bool) -> list[Dose]:
        mg = in_mg(row.amt, self.unit)
        duration = _tidy(row.amt / row.rate) if row.rate else 0.0
        text = f"{number(row.amt)} {self.unit}"
        doses = []
        for additional in range(row.addl + 1):
            first = additional == 0
            doses.append(
                Dose(
                    time=additional_time(row.time, row.ii, additional),
                    amount=mg,
                    text=text,
                    route=route,
                    duration=duration,
                    ss=first and row.ss > 0,
                    ii=row.ii if first and row.ss else 0.0,
                    reset=first and resets,
                    part=place,
                )
            )
        return doses


def additional_time(time: float, ii: float, additional: int) -> float:
    """When an additional dose is due; exact if TIME and II are whole minutes, as times of a regimen are."""
    minutes = whole_minutes(time), whole_minutes(ii)
    if minutes[0] is None or minutes[1] is None:
        return time + additional * ii
    return (minutes[0] + additional * minutes[1]) / 60


def whole_minutes(hours: float) -> int | None:
    """The minutes of a time in hours; None if they are not whole."""
    minutes = round(hours * 60)
    return minutes if math.isclose(hours * 60, minutes, rel_tol=1e-12, abs_tol=1e-9) else None


def _tidy(hours: float) -> float:
    minutes = whole_minutes(hours)
    return hours if minutes is None else minutes / 60


def _wrong(row: Event) -> str | None:
    """What is wrong with a row, and what would be right; None if nothing is."""
    for name in ("time", *DOSE_ITEMS):
        if not abs(getattr(row, name)) <= (_LONGEST if name in {"time", "ii"} else _LARGEST):
            return f"{name.upper()} {getattr(row, name):g} is out of reach: give a smaller number"
    if row.evid not in range(5):
        return f"EVID {row.evid} has no meaning: give 0 to 4"
    if row.cmt < 0:
        return f"CMT {row.cmt} turns a compartment off, which is not supported: give 0 or more"
    if not row.is_dose:
        given = [name.upper() for name in DOSE_ITEMS if getattr(row, name)]
        return (
            f"EVID {row.evid} is not a dose, but {given[0]} is not 0: give EVID 1 or 4, or 0"
            if given
            else None
        )
    if row.rate < 0:
        return f"RATE {row.rate:g} leaves the rate to a model, which is not supported: give the rate itself, or 0"
    if row.ss not in range(3):
        return f"SS {row.ss} is not supported: give 0, 1 or 2"
    if row.amt == 0 and row.rate > 0 and row.ss:
        return "a constant infusion at steady state (AMT 0) is not supported: give doses with AMT, RATE, II and SS"
    if row.amt <= 0:
        return f"AMT {row.amt:g} is not a dose: give an amount above 0, or EVID 0"
    if row.rate * _LONGEST < row.amt and row.rate:
        return f"RATE {row.rate:g} takes more than {_LONGEST:g} hours: give a higher one"
    return _wrong_repetition(row)


def _wrong_repetition(row: Event) -> str | None:
    if row.addl < 0:
        return f"ADDL {row.addl} is below 0: give the number of additional doses"
    if row.ii < 0:
        return f"II {row.ii:g} is below 0: give the hours between doses"
    if row.ii == 0 and (row.addl or row.ss):
        return f"{'ADDL' if row.addl else 'SS'} needs II, the hours between doses: give it"
    if row.ii > 0 and not row.addl and not row.ss:
        return "II means nothing without ADDL or SS: give one of them, or II 0"
    return None
