"""What one medicine that was taken, or one operation, says about starting a drug on a day.

Nothing of the rules is repeated here: a record that holds only this one thing is put to the monograph, and
what answers because of it is read off. So whoever plans a first dose waits as long as `check` makes them wait.
"""

from __future__ import annotations

from datetime import date
from difflib import get_close_matches
from typing import Any, NamedTuple

from posology.errors import UsageError
from posology.monograph.model import Statement, Use
from posology.record.fhir import read
from posology.record.fhir_types import CodeableConcept
from posology.record.medicine import Medicine

from .engine import Engine
from .verdict import CANNOT_TELL, CAREFUL, LATER

OPERATION = "surgery"
"""The word by which the vocabulary knows an operation of whatever kind."""
_SHOWN = 60
"""Characters of a name that a message repeats."""


class Starting(NamedTuple):
    """The question: starting which drug, for what, where, as which product."""

    drug: str
    use: Use
    region: str
    product: str


class Answered(NamedTuple):
    """A statement that answers because of the one thing recorded.

    `stops`: the drug is not started while it holds; until `until`, where the statement gives a day. `open`: it
    cannot be decided, because of what `missing` says.
    """

    statement: Statement
    stops: bool
    until: date | None
    open: bool
    missing: str


def recognised(engine: Engine, name: str) -> Medicine:
    """The medicine of this name; raises `UsageError` with the nearest names if there is none."""
    medicine = engine.index.match("medicine", CodeableConcept(text=name)).medicine
    if medicine is None or not medicine.ingredients:
        vocabulary = engine.library.vocabulary
        names = [one.name.lower() for one in vocabulary.substances]
        brands = [each.lower() for one in vocabulary.products for each in one.names]
        # Substances also know misspellings of their names; what is proposed should be well spelt.
        near = get_close_matches(name.strip().lower()[:_SHOWN], [*names, *brands], n=3, cutoff=0.6)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        short = name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…"
        raise UsageError(f"unknown medicine '{short}': {hint}Give the name of its ingredient or its brand")
    return medicine


def after_medicine(
    engine: Engine, asked: Starting, name: str, last: date, start: date, ended: bool = False
) -> tuple[Answered, ...]:
    """What speaks on the day `start` because a medicine of this name was last given on `last`.

    A patch, depot or implant goes on to act from then for as long as the vocabulary says. With `ended` it was
    taken off or out on `last`, and acts no longer.
    """
    resource: dict[str, Any] = {
        "id": "one",
        "status": "completed",
        "medicationCodeableConcept": {"text": name},
    }
    day = last.isoformat()
    if ended:
        resource |= {"resourceType": "MedicationStatement", "effectivePeriod": {"start": day, "end": day}}
    else:
        resource |= {"resourceType": "MedicationAdministration", "effectiveDateTime": day}
    return _answered(engine, asked, start, resource)


def before_operation(engine: Engine, asked: Starting, day: date, start: date) -> tuple[Answered, ...]:
    """What speaks on the day `start` because an operation is planned for `day`, the same or a later one."""
    return _answered(
        engine,
        asked,
        start,
        {
            "resourceType": "ServiceRequest",
            "id": "one",
            "status": "active",
            "intent": "order",
            "code": {"text": OPERATION},
            "occurrenceDateTime": day.isoformat(),
            "authoredOn": start.isoformat(),
        },
    )


def after_operation(engine: Engine, asked: Starting, day: date, start: date) -> tuple[Answered, ...]:
    """What speaks on the day `start` because an operation was done on `day`."""
    return _answered(
        engine,
        asked,
        start,
        {
            "resourceType": "Procedure",
            "id": "one",
            "status": "completed",
            "code": {"text": OPERATION},
            "performedDateTime": day.isoformat(),
        },
    )


def _answered(engine: Engine, asked: Starting, start: date, resource: dict[str, Any]) -> tuple[Answered, ...]:
    record = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": {"resourceType": "Patient", "id": "one"}}, {"resource": resource}],
    }
    ref = f"{resource['resourceType']}/{resource['id']}"
    known = read(record, start.toordinal(), engine.index)
    judged = engine.judge(known, asked.drug, asked.use, start, asked.region, asked.product)
    rules = engine.planner(asked.drug).plan(asked.use, asked.region, asked.product, judged.stage).rules
    return tuple(
        Answered(
            rules[told.place].statement,
            told.met and told.adds >= LATER,
            date.fromordinal(told.until) if told.until is not None else None,
            not told.met,
            "; ".join(gap.why for gap in told.missing),
        )
        for told in judged.told
        if any(entry.ref == ref for entry in told.entries)
        and told.adds >= (CAREFUL if told.met else CANNOT_TELL)
    )
