"""What to do after missed doses: how many there were, what the knowledge says, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from posology.errors import UsageError
from posology.monograph.model import Monograph, Statement
from posology.regimen.dose import CalendarDose
from posology.regimen.pause import moves
from posology.regimen.planned import MissedAnswer, PlannedDose
from posology.regimen.regimen import Regimen
from posology.regimen.scope import Scope, said
from posology.regimen.span import LONGEST, MOST_DOSES, reach
from posology.regimen.steps import made_from, planned

NEXT = 5
"""So many of the next doses are shown."""
NEARLY_ALL = timedelta(days=400)
"""How far ahead the next doses are looked for: no interval of a medicine is longer than a year."""


@dataclass(frozen=True, slots=True)
class Gap:
    """The question: a regimen, when its last dose was taken, and the day on which somebody asks.

    `start` is the day of the first dose; without it the last step of the regimen is taken to be the present one.
    """

    monograph: Monograph
    scope: Scope
    regimen: Regimen
    statement: Statement | None
    last_taken: datetime
    asked: date
    start: date | None = None


def after_missed(gap: Gap) -> MissedAnswer:
    """The answer.

    Raises `UsageError` if the days contradict each other, or no dose follows the last one taken.
    """
    taken = gap.last_taken.date()
    _in_order(gap, taken)
    notes: list[str] = []
    begun = gap.start or taken
    regimen = gap.regimen if gap.start else last_step(gap.regimen)
    if gap.start is None and any(len(track) > 1 for track in gap.regimen.parts):
        notes.append("No start is given, so the last step of the regimen is taken to be the present one.")
    doses = _doses(regimen, begun, gap.asked)
    due = [each for each in doses if each.when.date() > taken]
    if not due:
        raise UsageError(f"no dose of '{regimen}' is due after {taken}; the regimen is over")
    first = due[0].when.date()
    missed = [each for each in due if each.when.date() < gap.asked]
    days = max(0, (gap.asked - first).days)
    spoken = [
        each
        for each in gap.monograph.statements
        if each.missed is not None and gap.scope.holds(each) and _within(each, days)
    ]
    # What has to come before any dose is told before what to do with the dose.
    spoken.sort(key=lambda each: each.missed is None or each.missed.answer != "recheck")
    if first > gap.asked:
        spoken = []
        notes.append(f"No dose is missed: the next is due on {first}.")
    elif not missed:
        notes.append(f"No dose of an earlier day is missed; one is due on {first} itself.")
    elif not spoken:
        notes.append(f"The knowledge says nothing about missed doses of {gap.scope.product.name}.")
    answers = tuple(each.missed.answer for each in spoken if each.missed)
    following, more = _following(gap, regimen, due, answers, taken)
    if "skip" in answers and following and following[0].when.date() > gap.asked:
        # Leaving one out of widely spaced doses leaves a long gap, which no source speaks of.
        then = following[0].when.date()
        more.append(
            f"The next dose would come {(then - taken).days} days after the last one taken; the advice is meant for a"
            " dose a day, so ask the prescriber."
        )
        if checks := _checks(gap, (then - first).days):
            more.append(f"By then ({then}) a check comes before it: {' '.join(checks)}")
            following = ()
    return MissedAnswer(
        drug=gap.monograph.identity.id,
        regimen=gap.statement.id if gap.statement else "",
        rx=str(gap.regimen),
        last_taken=gap.last_taken,
        asked=gap.asked,
        gap_days=days,
        missed=len(missed),
        advice=tuple(said(each) for each in spoken),
        answers=answers,
        next=following,
        notes=(*notes, *more),
    )


def _in_order(gap: Gap, taken: date) -> None:
    if gap.asked < taken:
        raise UsageError(f"the last dose was taken on {taken}, after the day asked about ({gap.asked})")
    if gap.start is not None and taken < gap.start:
        raise UsageError(f"the last dose was taken on {taken}, before the regimen started on {gap.start}")
    if gap.asked - (gap.start or taken) > LONGEST:
        raise UsageError(f"from {gap.start or taken} to {gap.asked} is more than ten years; check the dates")


def last_step(regimen: Regimen) -> Regimen:
    """What a regimen leads to: the last part of each track, without an end."""
    return Regimen(
        tuple((replace(track[-1], end=None, after_minutes=0, ss=False),) for track in regimen.parts)
    )


def _doses(regimen: Regimen, start: date, asked: date) -> list[CalendarDose]:
    reach(regimen, start, asked)
    doses = regimen.calendar(start, min(asked, date.max - NEARLY_ALL) + NEARLY_ALL)
    return doses[: MOST_DOSES + NEXT]


def _within(statement: Statement, days: int) -> bool:
    rule = statement.missed
    return rule is not None and rule.days_from <= days and (rule.days_to is None or days <= rule.days_to)


def _checks(gap: Gap, days: int) -> list[str]:
    """The words of the statements that ask for a check after a gap of so many days."""
    return [
        " ".join(filter(None, (each.says, each.do)))
        for each in gap.monograph.statements
        if each.missed is not None
        and each.missed.answer == "recheck"
        and gap.scope.holds(each)
        and _within(each, days)
    ]


def _following(
    gap: Gap, regimen: Regimen, due: Sequence[CalendarDose], answers: Sequence[str], taken: date
) -> tuple[tuple[PlannedDose, ...], list[str]]:
    """The next doses if the advice is followed, and remarks. None before a check, or where nothing is advised."""
    late = any(each.when.date() < gap.asked for each in due)
    if "recheck" in answers or (late and not answers):
        return (), []
    if "step-back" in answers:
        return _stepped_back(gap, taken)
    if late and "late" in answers and moves(regimen):
        # It is taken now, and the regimen goes on from it.
        delay = timedelta(days=(gap.asked - due[0].when.date()).days)
        return _shown(gap, regimen, [replace(each, when=each.when + delay) for each in due]), []
    if late and "late" in answers:
        now = datetime.combine(gap.asked, due[0].when.time())
        later = [each for each in due if each.when.date() > gap.asked]
        return _shown(gap, regimen, [replace(due[0], when=now), *later]), []
    return _shown(gap, regimen, [each for each in due if each.when.date() >= gap.asked]), []


def _stepped_back(gap: Gap, taken: date) -> tuple[tuple[PlannedDose, ...], list[str]]:
    if len(gap.regimen.parts) > 1:
        return (), ["A regimen of several parallel parts has no single step to go back to."]
    (track,) = gap.regimen.parts
    now = len(track) - 1
    if gap.start is not None:
        doses = _doses(gap.regimen, gap.start, gap.asked)
        now = max((each.dose.part for each in doses if each.when.date() <= taken), default=0)
    notes = [] if now else ["There is no step before the present one, so it begins anew."]
    back = Regimen((track[max(0, now - 1) :],))
    return _shown(gap, back, back.calendar(gap.asked, gap.asked + NEARLY_ALL)), notes


def _shown(gap: Gap, regimen: Regimen, doses: Sequence[CalendarDose]) -> tuple[PlannedDose, ...]:
    products = gap.monograph.identity.products
    return planned(doses[:NEXT], made_from(regimen, gap.scope.product, products))
