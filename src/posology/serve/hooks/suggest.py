"""What a card offers to do to the draft order: only what the knowledge says.

- A wait with a known end: the order is postponed to that day, which is recommended unless
  something has to end first.
- A dose that a statement's limit speaks against, and nothing weightier: the usual regimen of the use instead.
- A verdict against starting: the order is removed.
"""

from __future__ import annotations

import copy
from datetime import date, timedelta
from typing import Any

from posology.check.engine import Engine
from posology.check.verdict import CANNOT_TELL, CAREFUL, LATER, RANKS
from posology.errors import PosologyError
from posology.prescribe.plan import planned
from posology.show.plan_fhir import resources

from .answer import Said
from .concern import Ordered

Json = dict[str, Any]

_SAME = ("encounter", "requester", "reasonCode", "reasonReference")
"""What an order keeps that is put in the place of another."""


def suggestions(said: Said, engine: Engine) -> list[Json]:
    """The suggestions of one card, without ids; one that is recommended stands first."""
    own = [each for each in said.concern.own if each.order.selected and each.order.ref]
    if said.against is not None:
        own = [said.against] if said.against.order.ref and said.rank >= LATER else []
        return [_removed(own, said)] if own else []
    if not own or said.result.stage != "starting":
        return []
    found = []
    if said.rank >= LATER:
        if said.result.earliest and said.result.earliest > said.result.question.on.isoformat():
            found.append(_postponed(own, said, engine))
        found.append(_removed(own, said))
    elif (instead := _usual(own, said, engine)) is not None:
        found.append(instead)
    return found


def _removed(orders: list[Ordered], said: Said) -> Json:
    actions = [
        {"type": "delete", "description": "Remove the order", "resourceId": each.order.ref} for each in orders
    ]
    label = "Remove the order" if said.against is None else "Remove the order of the other medicine"
    return {"label": label, "actions": actions}


def _postponed(orders: list[Ordered], said: Said, engine: Engine) -> Json:
    """Begin on the earliest date: recommended where waiting is enough."""
    to = date.fromisoformat(said.result.earliest or "")
    actions = [
        {
            "type": "update",
            "description": f"Let the order begin on {to.isoformat()}",
            "resource": _moved(each.order.resource, to),
        }
        for each in orders
    ]
    made: Json = {"label": f"Postpone to {to.isoformat()}", "actions": actions}
    if not _goes_on(said, engine):
        made["isRecommended"] = True
    return made


def _goes_on(said: Said, engine: Engine) -> bool:
    """Is a wait counted from today? Then it has not begun: what it is for is still taken, and has to end first."""
    question = said.result.question
    waits = {
        each.id: each.until.days
        for each in engine.library.monograph(question.drug).statements
        if each.until is not None
    }
    return any(
        each.until == (question.on + timedelta(waits[each.statement])).isoformat()
        for each in said.result.reasons
        if each.statement in waits
    )


def _moved(order: Json, to: date) -> Json:
    """The order whole, not valid before this day. Periods that begin earlier are moved, with their ends."""
    moved: Json = copy.deepcopy(order)
    moved.pop("text", None)  # a narrative that tells the old dates
    for dosage in _dicts(moved.get("dosageInstruction")):
        repeat = (
            (dosage.get("timing") or {}).get("repeat") if isinstance(dosage.get("timing"), dict) else None
        )
        if isinstance(repeat, dict) and isinstance(repeat.get("boundsPeriod"), dict):
            repeat["boundsPeriod"] = _shifted(repeat["boundsPeriod"], to)
    request = moved.get("dispenseRequest")
    request = dict(request) if isinstance(request, dict) else {}
    period = request.get("validityPeriod")
    request["validityPeriod"] = _shifted(period if isinstance(period, dict) else {}, to)
    moved["dispenseRequest"] = request
    return moved


def _shifted(period: Json, to: date) -> Json:
    start, end = _day(period.get("start")), _day(period.get("end"))
    if start is not None and start >= to:
        return period
    shifted: Json = {**{key: value for key, value in period.items() if key != "end"}, "start": to.isoformat()}
    if end is not None:
        shifted["end"] = (to + max(end - start, timedelta(0)) if start else max(end, to)).isoformat()
    return shifted


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if isinstance(text, str) else None
    except ValueError:
        return None


def _dicts(value: Any) -> list[Json]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _usual(orders: list[Ordered], said: Said, engine: Engine) -> Json | None:
    """The usual regimen of the use, where a limit of dose is what speaks against the order, and nothing more."""
    question, refs = said.result.question, {each.order.ref for each in orders}
    limits = {each.id for each in engine.library.monograph(question.drug).statements if each.cap is not None}
    against = [
        each
        for each in said.result.findings
        if each.statement in limits
        and each.status == "met"
        and any(entry.ref in refs for entry in each.entries)
    ]
    heavier = [
        each for each in said.result.findings if RANKS.get(each.verdict or "suitable", 0) >= CANNOT_TELL
    ]
    if not against or heavier or said.rank != CAREFUL or len({verdict for _, verdict in said.uses}) > 1:
        return None
    if len(said.uses) > 1 and not said.use_given:
        return None
    try:
        plan = planned(
            engine, question.drug, start=question.on, on=question.on, use=question.use, region=question.region
        )
    except PosologyError:
        return None
    if plan.warnings or plan.waits:
        return None
    subject = orders[0].order.resource.get("subject")
    if not isinstance(subject, dict):
        return None
    create = [
        {
            "type": "create",
            "description": f"Order {each['dosageInstruction'][0]['text']}",
            "resource": _order(each, orders[0].order.resource),
        }
        for each in resources(plan, engine.library, subject)
        if each["resourceType"] == "MedicationRequest" and each.get("dosageInstruction")
    ]
    if not create:
        return None
    label = f"Order the usual regimen for {said.result.use.name} instead: {plan.title or plan.rx}"
    return {"label": label, "actions": [*_removed(orders, said)["actions"], *create]}


def _order(planned: Json, ordered: Json) -> Json:
    """A planned step as a draft that can be signed: a new order, for the same reason and by the same person."""
    same = {key: ordered[key] for key in _SAME if ordered.get(key)}
    if "reasonReference" in same:
        planned = {key: value for key, value in planned.items() if key != "reasonCode"}
    return {**planned, "intent": "order", **same}
