"""When a medicine was taken, from what orders, dispenses, statements and administrations say.

The rules of DESIGN section 6, in order: an explicit end; else start + supply x (1 + refills); else, for
an order still active, *sure* up to `HORIZON` days after it was written and unconfirmed from then on. An
order that says active after its supply has run out is unconfirmed too, not over: orders are often left
open, and medicines taken as needed outlast their supply.
"""

from __future__ import annotations

from msgspec.structs import replace

from collections.abc import Sequence

from .dates import ANYTIME, LATEST, Span
from .model import Course, Entry

HORIZON = 365
"""Days for which an active order without end or supply is believed. A year: how long orders usually run."""

DRAFT, NOT_TAKEN = "a draft", "recorded as not taken"
NEVER = {
    "MedicationRequest": {"draft": DRAFT, "cancelled": "cancelled"},
    "MedicationStatement": {"not-taken": NOT_TAKEN},
    "MedicationDispense": {
        "preparation": "not handed over yet", "in-progress": "not handed over yet", "on-hold": "not handed over yet",
        "cancelled": "cancelled", "declined": "declined"},
    "MedicationAdministration": {"not-done": "recorded as not done"},
}
NO_ORDER = {"proposal", "plan", "option"}
_OPEN = {"active", "on-hold", "intended", "in-progress"}
_OVER = {"stopped", "completed"}
RANK = {"MedicationAdministration": 3, "MedicationStatement": 3, "MedicationDispense": 2, "MedicationRequest": 1}


def course(
    resource: str, status: str, start: Span, end: Span | None, supply: int | None, asserted: Span | None
) -> Course:
    """The course that one entry tells of.

    `supply` is in days, refills included; `asserted` is when the entry was written, and for a statement
    the last day that it speaks of. All days are ordinals.
    """
    never = NEVER.get(resource, {}).get(status, "")
    if never:
        return Course(start, 0, 0, never)
    if end is not None:
        return Course(start, end.hi, end.hi)
    if resource == "MedicationAdministration" and status not in ("in-progress", "unknown"):
        last = start.hi + max(0, (supply or 1) - 1)
        return Course(start, last, last)
    supplied = start.hi + supply - 1 if supply else None
    if resource == "MedicationDispense":
        if supplied is not None:
            return Course(start, supplied, supplied)
        return Course(start, start.hi, start.hi + HORIZON, note="days of supply not recorded")
    if status in _OVER:
        last = asserted.hi if asserted and resource == "MedicationStatement" else start.hi + HORIZON
        if supplied is not None:
            last = supplied
        return Course(start, start.hi, max(start.hi, last), note="the day it was stopped is not recorded")
    if status in _OPEN and status != "intended":
        believed = max(start.hi, asserted.hi) if asserted and resource == "MedicationStatement" else start.hi
        sure = supplied if supplied is not None else min(believed + HORIZON, LATEST)
        note = (f"{'supply ended' if supplied is not None else 'written more than a year before'}, "
                f"still marked {status}")
        return Course(start, sure, LATEST, note=note)
    return Course(start, 0, LATEST, note=f"status {status or 'not given'}")


def settle(entries: Sequence[Entry]) -> None:
    """Let a later, closer witness end what an order or statement leaves open.

    A statement that the same medicine was stopped or not taken, dated after an order was written, ends
    that order on its day.
    """
    stops: list[tuple[frozenset[str], int]] = []
    for entry in entries:
        told = entry.course
        if told is None or entry.resource != "MedicationStatement":
            continue
        if told.never or entry.state == "past":
            when = entry.until or entry.span
            if when is not ANYTIME:
                stops.append((entry.ingredients, when.hi))
    if not stops:
        return
    for entry in entries:
        told = entry.course
        if told is None or told.never or entry.resource != "MedicationRequest" or told.possible < LATEST:
            continue
        ends = [day for ingredients, day in stops if ingredients == entry.ingredients and day >= told.start.lo]
        if ends:
            day = max(ends)
            entry.course = replace(told, sure=min(told.sure, day), possible=day,
                                         note="a later statement says that it was stopped")


def during(told: Course, first: int, last: int, adverse: bool = True) -> bool | None:
    """Was it taken on any day from `first` to `last`?

    With `adverse`, a start that is only partly known counts from its earliest day; otherwise from its
    latest. None where the record leaves it open.
    """
    if told.never:
        return False
    begin = told.start.lo if adverse else told.start.hi
    if told.sure >= first and begin <= last and told.sure:
        return True
    if told.possible >= first and told.start.lo <= last:
        return None
    return False
