"""From a regimen, its scope and what has to be waited for to a `Plan`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from posology.errors import NotPossible, UsageError
from posology.monograph.model import Monograph, Statement
from posology.regimen.arithmetic import weekly_totals
from posology.regimen.dose import CalendarDose
from posology.regimen.error import RxError
from posology.regimen.limits import of_the_use, passed
from posology.regimen.pause import concerns, holding, moves, paused, pauses
from posology.regimen.planned import Appointment, Pause, Plan, Said, Wait, Week
from posology.regimen.regimen import Regimen
from posology.regimen.scope import Scope, said
from posology.regimen.span import LONGEST, SHOWN, reach, shown_until
from posology.regimen.steps import changes, made_from, planned, steps
from posology.regimen.visits import visits
from posology.regimen.words import days

STOPPING = "stopping"
"""The group of the statements that say how the drug is stopped."""
SETTLED = timedelta(weeks=4)
"""A shorter regimen has no weeks worth adding up; and so much is shown after a pause."""
_ORDER = ("step", "check", "look", "decide", "hold", "operation", "restart", "stop")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a plan is made from. `start` is the earliest day of the first dose, with all waits counted in.

    `statement` holds the regimen in the knowledge; None if it was written as rx, when `like` is the one with the same
    doses, if there is one. `until` is the last day to show
    of a regimen that goes on, or the day after which a longer one is cut.
    """

    monograph: Monograph
    scope: Scope
    regimen: Regimen
    statement: Statement | None
    asked_start: date
    start: date
    like: Statement | None = None
    until: date | None = None
    operations: tuple[date, ...] = ()
    waits: tuple[Wait, ...] = ()
    warnings: tuple[Said, ...] = ()
    notes: tuple[str, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    taking: bool = False
    """The drug is taken already: weeks are not counted from the first dose of this plan."""


def first_dose(regimen: Regimen, start: date) -> date:
    """The day of the first dose of a regimen that begins on `start` at the earliest.

    Raises `UsageError` if it has none.
    """
    doses = regimen.calendar(start, reach(regimen, start, start))
    if not doses:
        raise UsageError(f"'{regimen}' has no dose when it starts on {start}; give it more time")
    return doses[0].when.date()


def build(wanted: Wanted) -> Plan:
    """The plan.

    Raises `NotPossible` if a limit of the knowledge forbids a dose, `UsageError` for a regimen that has no dose in
    one of its parts, is too long to be shown, or ends before it begins.
    """
    regimen, scope = wanted.regimen, wanted.scope
    spoken = [each for each in wanted.monograph.statements if scope.holds(each)]
    warnings = [*wanted.warnings, *_allowed(of_the_use(spoken, scope.lineage))]
    far = reach(regimen, wanted.start, _horizon(wanted))
    whole = regimen.calendar(wanted.start, far + SHOWN)
    warnings += _within_limits(passed(spoken, whole))
    held, doses, notes = _paused(wanted, spoken, whole)
    _every_part(regimen, doses, wanted.start)
    start, endless = doses[0].when.date(), regimen.is_endless
    until = _until(wanted, held, doses)
    shown = [each for each in doses if each.when.date() <= until]
    products = wanted.monograph.identity.products
    in_steps = steps(regimen, doses, scope.product, products)
    own = said(wanted.statement) if wanted.statement else None
    dose_days = list(dict.fromkeys(each.when.date() for each in shown))
    last = None if endless else doses[-1].when.date()
    appointments = [
        *changes(regimen, in_steps, own),
        *visits(
            spoken, scope, dose_days, wanted.taking, last, until if wanted.until or endless else date.max
        ),
        *(one for pause in held for one in _around(pause, start)),
        *_stop(spoken, last),
    ]
    appointments = [each for each in appointments if each.day <= until or (not endless and not wanted.until)]
    if not endless and wanted.until is None:
        until = max([until, *(each.day for each in appointments)])
    notes += _remarks(wanted, held, appointments, start, until)
    return Plan(
        drug=wanted.monograph.identity.id,
        drug_name=wanted.monograph.identity.name,
        use=scope.use.id,
        product=scope.product.id,
        product_name=scope.product.name,
        regimen=wanted.statement.id if wanted.statement else "",
        title=wanted.statement.title or wanted.statement.names[0] if wanted.statement else str(regimen),
        rx=str(regimen),
        region=scope.region,
        asked_start=wanted.asked_start,
        start=start,
        until=until,
        endless=endless,
        steps=in_steps,
        doses=planned(shown, made_from(regimen, scope.product, products)),
        appointments=tuple(
            sorted(
                appointments, key=lambda each: (each.day, _ORDER.index(each.kind), each.title, each.statement)
            )
        ),
        waits=wanted.waits,
        pauses=tuple(held),
        week=_week(regimen, doses),
        warnings=tuple(dict.fromkeys(warnings)),
        said=_belonging(spoken, wanted.statement or wanted.like),
        notes=(*wanted.notes, *notes),
        versions=wanted.versions,
    )


def _horizon(wanted: Wanted) -> date:
    """The last day on which anything can matter: what is shown, and the operations."""
    late = max(wanted.operations, default=wanted.start)
    if late - wanted.start > LONGEST:
        raise UsageError(
            f"an operation on {late} is more than ten years after {wanted.start}; check its date"
        )
    return max(shown_until(wanted.start, wanted.until), late)


def refusal(statement: Said | Statement, about: str) -> NotPossible:
    """The error for a plan that a statement forbids, with its words and sources."""
    words = statement if isinstance(statement, Said) else said(statement)
    told = " ".join(filter(None, (words.says, words.do)))
    return NotPossible(f"no plan ({about}): {told} [{words.basis}: {', '.join(words.sources)}]")


def _allowed(statements: Sequence[Statement]) -> list[Said]:
    for each in statements:
        if each.verdict in ("avoid", "not-now"):
            raise refusal(each, f"this use: {each.verdict}")
    return [said(each) for each in statements]


def _within_limits(found: Sequence[tuple[Statement, CalendarDose]]) -> list[Said]:
    for statement, first in found:
        assert statement.cap is not None
        if statement.cap.answer == "refuse":
            raise refusal(statement, f"{first.dose.text} on {first.when.date()}")
    return [said(statement) for statement, _ in found]


def _paused(
    wanted: Wanted, spoken: Sequence[Statement], whole: list[CalendarDose]
) -> tuple[list[Pause], list[CalendarDose], list[str]]:
    """The pauses that the operations ask for, the doses that are left, and remarks."""
    ahead = [day for day in wanted.operations if day >= whole[0].when.date()]
    holds = holding(spoken)
    if not ahead:
        return [], whole, []
    if holds is None:
        name = wanted.scope.product.name
        return [], whole, [f"The knowledge does not say whether {name} has to be paused for an operation."]
    moving = moves(wanted.regimen)
    held, notes, doses = [], [], whole
    for pause in pauses(ahead, *holds):
        if not concerns(pause, doses):
            notes.append(f"The last dose is taken in time before the operation on {pause.operation}.")
            continue
        missed = [each for each in doses if pause.last_dose < each.when.date() < pause.restart]
        doses = paused(doses, [pause], moving)
        before = [each.when.date() for each in doses if each.when.date() <= pause.last_dose]
        after = [each.when.date() for each in doses if each.when.date() >= pause.restart]
        held.append(
            Pause(
                pause.operation,
                before[-1] if before else pause.last_dose,
                after[0] if after else pause.restart,
                pause.said,
            )
        )
        if missed:
            gap = (held[-1].restart - missed[0].when.date()).days
            notes += _after_gap(spoken, gap, pause.operation)
    return held, doses, notes


def _after_gap(spoken: Sequence[Statement], gap: int, operation: date) -> list[str]:
    return [
        f"The pause around the operation on {operation} leaves out {days(gap)}. {each.says}"
        for each in spoken
        if each.missed is not None
        and each.missed.answer == "step-back"
        and each.missed.days_from <= gap
        and (each.missed.days_to is None or gap <= each.missed.days_to)
    ]


def _every_part(regimen: Regimen, doses: Sequence[CalendarDose], start: date) -> None:
    given = {each.dose.part for each in doses}
    for number, part in enumerate(regimen.all_parts):
        if number not in given:
            raise UsageError(
                f"'{Regimen(((part,),))}' has no dose when the regimen starts on {start}; give it more time"
            )


def _until(wanted: Wanted, held: Sequence[Pause], doses: Sequence[CalendarDose]) -> date:
    if wanted.until is not None:
        return min(wanted.until, doses[-1].when.date()) if not wanted.regimen.is_endless else wanted.until
    if not wanted.regimen.is_endless:
        return doses[-1].when.date()
    return max([shown_until(doses[0].when.date(), None), *(pause.restart + SETTLED for pause in held)])


def _around(pause: Pause, start: date) -> list[Appointment]:
    told, same = pause.said, (pause.said.statement, pause.said.basis, pause.said.sources)
    found = [
        Appointment(
            pause.operation, "operation", "Operation", "Tell the team which doses were taken.", *same
        ),
        Appointment(
            pause.restart, "restart", "First dose after the operation, at the earliest", told.do, *same
        ),
    ]
    if pause.last_dose >= start:
        found.append(Appointment(pause.last_dose, "hold", "Last dose before the operation", told.says, *same))
    return found


def _stop(spoken: Sequence[Statement], last: date | None) -> list[Appointment]:
    if last is None:
        return []
    how = next((each for each in spoken if each.group == STOPPING and each.kind == "dosage"), None)
    if how is None:
        return [Appointment(last, "stop", "Last dose", "The regimen ends.", "", "", ())]
    words = " ".join(filter(None, (how.says, how.do)))
    return [Appointment(last, "stop", "Last dose", words, how.id, how.basis, how.sources)]


def _week(regimen: Regimen, doses: Sequence[CalendarDose]) -> Week | None:
    long_enough = regimen.is_endless or doses[-1].when - doses[0].when >= SETTLED - timedelta(days=7)
    if not long_enough:
        return None
    try:
        totals = weekly_totals(regimen)
    except RxError:
        # A single dose at the end, or intervals that never repeat together, have no settled week.
        return None
    return Week(totals.least, totals.most, totals.mean)


def _belonging(spoken: Sequence[Statement], own: Statement | None) -> tuple[Said, ...]:
    """The regimen's own statement, the others of its group that hold no regimen, missed doses, stopping."""
    related = [
        each
        for each in spoken
        if each.kind == "dosage"
        and each is not own
        and not each.rx
        and each.when is None
        and (
            each.missed is not None
            or each.group == STOPPING
            or (own and own.group and each.group == own.group)
        )
    ]
    return tuple(said(each) for each in ([own] if own else []) + related)


def _remarks(
    wanted: Wanted, held: Sequence[Pause], appointments: Sequence[Appointment], start: date, until: date
) -> list[str]:
    scope, notes = wanted.scope, []
    if scope.region not in scope.use.labelled:
        notes.append(f"Off-label in the {scope.region}: {scope.use.name}.")
    if scope.product.regions and scope.region not in scope.product.regions:
        notes.append(f"{scope.product.name} is not known to be sold in the {scope.region}.")
    if start > wanted.start:
        notes.append(f"The regimen has no dose on {wanted.start}; its first is on {start}.")
    if any(part.ss for part in wanted.regimen.all_parts):
        notes.append("'ss' says that doses went before; the plan shows those from its start on.")
    if wanted.regimen.is_endless:
        notes.append(f"The regimen goes on after {until}, the last day shown, until it is stopped.")
    elif wanted.until is not None:
        notes.append(f"Shown until {until}.")
    for pause in held:
        later = next(
            (each for each in appointments if each.kind == "decide" and each.day > pause.last_dose), None
        )
        if later is not None:
            lost = days((pause.restart - pause.last_dose).days - 1)
            notes.append(
                f"{lost} without a dose lie before '{later.title}' on {later.day}, which is counted from the first"
                " dose; the prescriber may move it by as much."
            )
    return notes
