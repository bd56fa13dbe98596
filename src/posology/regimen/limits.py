"""Limits: which statements a regimen's doses pass, and which the purpose alone brings up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import pairwise

from posology.monograph.model import Statement
from posology.monograph.planning import Cap
from posology.regimen.dose import CalendarDose

_WEEKS = 4
"""Over so many weeks the amount of one is averaged."""
_ROUNDING = 1e-9
"""Relative; sums of amounts per day are compared with this much room."""


def passed(
    statements: Iterable[Statement], doses: Sequence[CalendarDose]
) -> list[tuple[Statement, CalendarDose]]:
    """The statements whose `cap` is passed, each with the first dose that does so."""
    found = []
    for statement in statements:
        if statement.cap is not None and (first := _first(statement.cap, doses)):
            found.append((statement, first))
    return found


def of_the_use(statements: Iterable[Statement], lineage: Sequence[str]) -> list[Statement]:
    """Statements that need no record to hold: they speak of everybody with this use, and have a verdict."""
    return [
        each
        for each in statements
        if each.when is not None
        and each.when.kind == "use"
        and each.when.concept in lineage
        and each.verdict is not None
        and each.stage != "taking"
    ]


def _first(cap: Cap, doses: Sequence[CalendarDose]) -> CalendarDose | None:
    doses = [each for each in doses if not cap.routes or each.dose.route in cap.routes]
    if cap.days_between is not None:
        for before, after in pairwise(doses):
            if (after.when - before.when).total_seconds() < cap.days_between * 86400:
                return after
        return None
    if cap.per == "dose":
        return next((each for each in doses if beyond(cap, each.dose.amount)), None)
    if cap.per == "week":
        return _in_weeks(cap, doses)
    days: dict[object, list[CalendarDose]] = defaultdict(list)
    for each in doses:
        days[each.when.date()].append(each)
    for of_one_day in days.values():
        if beyond(cap, sum(each.dose.amount for each in of_one_day)):
            return of_one_day[-1]
    return None


def _in_weeks(cap: Cap, doses: Sequence[CalendarDose]) -> CalendarDose | None:
    """The dose with which the last `_WEEKS` weeks hold too much."""
    held, first = 0.0, 0
    for dose in doses:
        held += dose.dose.amount
        while doses[first].when <= dose.when - timedelta(weeks=_WEEKS):
            held -= doses[first].dose.amount
            first += 1
        if beyond(cap, held / _WEEKS):
            return dose
    return None


def beyond(cap: Cap, mg: float) -> bool:
    """Is an amount one of those that the cap is about?"""
    room = mg * _ROUNDING
    if cap.only_mg:
        return all(abs(mg - allowed) > room for allowed in cap.only_mg)
    return (
        (cap.above_mg is None or mg > cap.above_mg + room)
        and (cap.from_mg is None or mg >= cap.from_mg - room)
        and (cap.below_mg is None or mg < cap.below_mg - room)
    )
