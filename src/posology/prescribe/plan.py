"""Plans, missed doses, and the plan that follows from a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time

from posology.check.engine import Engine
from posology.check.explain import versions
from posology.check.interval import Starting
from posology.check.question import day, region_named
from posology.check.result import Result, first_reason
from posology.errors import NotPossible, PosologyError, UsageError
from posology.monograph.model import Statement
from posology.prescribe.asked import Asked, understood
from posology.prescribe.waits import REMOVED, Taken, settle
from posology.regimen.build import Wanted, build
from posology.regimen.missed import Gap, after_missed, last_step
from posology.regimen.parse import parse_rx
from posology.regimen.planned import MissedAnswer, Plan

ALLOWING = ("suitable", "with-precautions", "continue")
"""Verdicts after which a plan is made."""
ANY_DAY = date(2026, 1, 5)
"""A Monday on which lint tries a regimen; no other day would do differently."""
GOING_ON = (
    "The drug is taken already, so the plan shows the last step of the regimen. Whether that is the present dose is not"
    " read from the record; what is due to be looked at stands in the answer of the check."
)
FIRST_YEAR, LAST_YEAR = 1900, 2200


def planned(
    engine: Engine,
    drug: str,
    *,
    start: date | str,
    on: date,
    regimen: str | None = None,
    rx: str | None = None,
    use: str | None = None,
    product: str | None = None,
    region: str = "US",
    last_opioid: Sequence[str | tuple[str, date | str]] = (),
    surgery: Sequence[date | str] = (),
    until: date | str | None = None,
    taking: bool = False,
) -> Plan:
    """See `posology.plan`; `on` is the day on which it is asked.

    `taking`: somebody goes on with the drug, so that the plan is the last step of the regimen.
    """
    where = region_named(region)
    asked = understood(engine, drug, where, regimen=regimen, rx=rx, use=use, product=product)
    if taking:
        asked = replace(asked, regimen=last_step(asked.regimen), notes=(*asked.notes, GOING_ON))
    begin, end = sensible(start, "start"), sensible(until, "end") if until is not None else None
    taken = [_taken(each) for each in last_opioid]
    operations = tuple(sorted({sensible(each, "operation") for each in surgery}))
    settled = settle(engine, _starting(drug, asked), asked.regimen, begin, taken, operations)
    notes = [
        f"The last {each.name} is still to come ({each.last}, after {on}); if the day changes, plan anew."
        for each in taken
        if each.last > on
    ]
    return build(
        Wanted(
            asked.monograph,
            asked.scope,
            asked.regimen,
            asked.statement,
            begin,
            settled.start,
            like=asked.like,
            until=end,
            operations=operations,
            waits=settled.waits,
            warnings=settled.warnings,
            notes=(*asked.notes, *settled.notes, *notes),
            versions=versions(engine.library, drug),
            taking=taking,
        )
    )


def missed(
    engine: Engine,
    drug: str,
    *,
    last_taken: date | datetime | str,
    on: date,
    regimen: str | None = None,
    rx: str | None = None,
    start: date | str | None = None,
    use: str | None = None,
    product: str | None = None,
    region: str = "US",
) -> MissedAnswer:
    """See `posology.missed`; `on` is the day on which it is asked."""
    where = region_named(region)
    asked = understood(engine, drug, where, regimen=regimen, rx=rx, use=use, product=product)
    begun = sensible(start, "start") if start is not None else None
    return after_missed(
        Gap(asked.monograph, asked.scope, asked.regimen, asked.statement, _moment(last_taken), on, begun)
    )


def after_verdict(
    engine: Engine, result: Result, *, start: date | str | None = None, regimen: str | None = None
) -> Plan:
    """The plan for the question that `result` answers.

    Raises `NotPossible` with the reasons if its verdict allows none.
    """
    question = result.question
    if result.verdict not in ALLOWING:
        raise NotPossible(_refused(result))
    return planned(
        engine,
        question.drug,
        start=start if start is not None else question.on,
        on=question.on,
        regimen=regimen,
        use=question.use,
        product=question.product,
        region=question.region,
        taking=result.stage == "taking",
    )


def tried(engine: Engine, drug: str, statement: Statement) -> str:
    """What is wrong with the regimen of a statement, in words; empty if it can be planned (for lint).

    The regimen has to be rx, to be given by the route of each product it is for, and to pass no limit that refuses.
    """
    try:
        parse_rx(statement.rx)
        if statement.names:
            for product in statement.products or (None,):
                region = (
                    statement.regions[0]
                    if statement.regions
                    else engine.planner(drug).monograph.identity.regions[0]
                )
                planned(
                    engine,
                    drug,
                    start=ANY_DAY,
                    on=ANY_DAY,
                    regimen=statement.id,
                    product=product,
                    region=region,
                )
    except PosologyError as wrong:
        return str(wrong)
    return ""


def sensible(given: date | str, what: str) -> date:
    """A day that a plan may have; raises `UsageError` for text that is no day and for one centuries away."""
    found = day(given)
    if not FIRST_YEAR <= found.year < LAST_YEAR:
        raise UsageError(
            f"the {what} {found} is not a day of a plan: give one from {FIRST_YEAR} to {LAST_YEAR - 1}"
        )
    return found


def _refused(result: Result) -> str:
    reasons = [each.title or each.says for each in result.reasons[:3]] or [first_reason(result)]
    more = len(result.reasons) - len(reasons)
    told = "; ".join(reasons) + (f"; and {more} more" if more > 0 else "")
    gaps = [gap.what for gap in result.missing if gap.blocks]
    if result.verdict == "cannot-tell" and gaps:
        told = f"not known: {'; '.join(gaps[:3])}{f'; and {len(gaps) - 3} more' if len(gaps) > 3 else ''}"
    when = f" Earliest {result.earliest}" if result.earliest else ""
    note = f" ({result.earliest_note})" if when and result.earliest_note else ""
    return f"no plan: the verdict is {result.verdict}. {told}.{when}{note}{'.' if when else ''}"


def _taken(given: str | tuple[str, date | str]) -> Taken:
    if isinstance(given, str):
        name, _, when = given.strip().rpartition(" ")
    else:
        name, when = given  # type: ignore[assignment]
    if not name.strip():
        raise UsageError(
            f"'{str(when)[:60]}': a last opioid needs its name and its day, as in 'NAME 2026-11-25'"
        )
    name, removed = name.strip(), False
    if name.lower().endswith(f" {REMOVED}"):
        name, removed = name[: -len(REMOVED)].strip(), True
    try:
        return Taken(name, sensible(when, "last day of the medicine"), removed)
    except UsageError as wrong:
        raise UsageError(f"{wrong}; write the medicine, then the day it was last taken") from None


def _moment(given: date | datetime | str) -> datetime:
    if isinstance(given, datetime):
        moment = given.replace(tzinfo=None)
    elif isinstance(given, date):
        moment = datetime.combine(given, time())
    else:
        try:
            moment = datetime.fromisoformat(given.strip()).replace(tzinfo=None)
        except ValueError:
            raise UsageError(
                f"'{given}' is not a day or a time; write 2026-11-22 or 2026-11-22T21:00"
            ) from None
    sensible(moment.date(), "last dose")
    return moment


def _starting(drug: str, asked: Asked) -> Starting:
    return Starting(drug, asked.scope.use, asked.scope.region, asked.scope.product.id)
