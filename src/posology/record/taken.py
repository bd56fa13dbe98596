"""When a medicine was taken, from what orders, dispenses, statements and administrations say.

The rules of DESIGN section 6, in order: an explicit end; else start + supply x (1 + refills); else, for
an order still active, *sure* up to `HORIZON` days after it was written and unconfirmed from then on. An
order that says active after its supply has run out is unconfirmed too, not over: orders are often left
open, and medicines taken as needed outlast their supply.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from .dates import EARLIEST, LATEST, Span
from .model import Course, Entry

HORIZON = 365
"""Days for which an active order without end or supply is believed. A year: how long orders usually run."""

DRAFT, NOT_TAKEN = "a draft", "recorded as not taken"
NEVER = {
    "MedicationRequest": {"draft": DRAFT, "cancelled": "cancelled"},
    "MedicationStatement": {"not-taken": NOT_TAKEN},
    "MedicationDispense": {
        "preparation": "not handed over yet",
        "in-progress": "not handed over yet",
        "on-hold": "not handed over yet",
        "cancelled": "cancelled",
        "declined": "declined",
    },
    "MedicationAdministration": {"not-done": "recorded as not done"},
}
NO_ORDER = {"proposal": "a proposal, not an order", "option": "an option, not an order"}
_OPEN = {"active", "in-progress"}
_LISTED = {"on-hold", "intended"}
"""On the list, though not being taken for the moment or not yet: counts where taking it is the danger."""
_OVER = {"stopped", "completed"}


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
    listed = status in _LISTED
    if end is not None and status not in _OPEN | _OVER:
        # The end is written, but not that it was taken until then.
        return Course(start, 0, end.hi, note=f"status {status or 'not given'}", listed=listed)
    if end is not None:
        return Course(start, end.hi, end.hi, least=max(start.lo, end.lo))
    vague = start.hi - start.lo
    if resource == "MedicationAdministration" and status != "in-progress":
        last = start.hi + max(0, (supply or 1) - 1)
        if status == "unknown":
            return Course(start, 0, last, note="status unknown")
        return Course(start, last, last, least=last - vague)
    supplied = start.hi + supply - 1 if supply else None
    if resource == "MedicationDispense":
        if status == "unknown":
            return Course(start, 0, supplied or start.hi + HORIZON, note="status unknown")
        if supplied is not None:
            return Course(start, supplied, supplied, least=supplied - vague)
        return Course(start, start.hi, start.hi + HORIZON, note="days of supply not recorded", least=start.lo)
    if status == "completed" and supplied is not None:
        return Course(start, supplied, supplied, least=supplied - vague)
    if status in _OVER:
        last = asserted.hi if asserted and resource == "MedicationStatement" else start.hi + HORIZON
        if supplied is not None:
            last = supplied
        sure = 0 if start.lo == EARLIEST else start.hi
        return Course(
            start, sure, max(start.hi, last), note="the day it was stopped is not recorded", least=start.lo
        )
    if status in _OPEN:
        said = asserted if asserted and resource == "MedicationStatement" else start
        sure = supplied if supplied is not None else min(max(start.hi, said.hi) + HORIZON, LATEST)
        least = sure - vague if supplied is not None else max(start.lo, said.lo) + HORIZON
        note = (
            f"{'supply ended' if supplied is not None else 'written more than a year before'}, "
            f"still marked {status}"
        )
        return Course(start, sure, LATEST, note=note, least=max(1, least))
    return Course(start, 0, LATEST, note=f"status {status or 'not given'}", listed=listed)


def settle(entries: Sequence[Entry]) -> None:
    """Let a later, closer witness end what an order or statement leaves open.

    A statement that the same medicine was stopped or not taken, dated after an order was written or a
    supply handed over, ends that on its day. Where it names a form, it speaks of that form only.
    """
    stops: list[tuple[Entry, int]] = []
    for entry in entries:
        told = entry.course
        if told is None or entry.resource != "MedicationStatement":
            continue
        # Stopped on a day that nobody recorded, it ends nothing for certain.
        if told.never or (entry.state == "past" and entry.until is not None):
            stops.append((entry, (entry.until or entry.span).hi))
    if not stops:
        return
    for entry in entries:
        told = entry.course
        if told is None or told.never or entry.resource not in ("MedicationRequest", "MedicationDispense"):
            continue
        ends = [day for stop, day in stops if day >= told.start.lo and _same(stop, entry)]
        if not ends or max(ends) >= told.possible:
            continue
        day = max(ends)
        least = min(told.sure if told.least is None else told.least, day)
        if day < told.start.hi:
            # Begun after that day, it was not ended by it: only the shorter reading ends then.
            entry.course = replace(told, least=least)
        else:
            entry.course = replace(
                told,
                sure=min(told.sure, day),
                possible=day,
                least=least,
                note="a later statement says that it was stopped",
            )


def _same(stop: Entry, entry: Entry) -> bool:
    return (
        bool(stop.ingredients)
        and stop.ingredients == entry.ingredients
        and set(stop.forms) <= set(entry.forms)
    )


def during(told: Course, first: int, last: int, adverse: bool = True) -> bool | None:
    """Was it taken on any day from `first` to `last`?

    With `adverse`, partial dates are read at the end that makes it longer: the start at its earliest, the
    end at its latest; otherwise the other way. An order on hold or intended counts with `adverse`, being on
    the list. None where the record leaves it open.
    """
    if told.never:
        return False
    begin = told.start.lo if adverse else told.start.hi
    sure = told.sure if adverse or told.least is None else told.least
    if sure >= first and begin <= last and told.sure:
        return True
    if adverse and told.listed and told.possible >= first and begin <= last:
        return True
    if not adverse and told.sure == told.possible:
        return False
    if told.possible >= first and told.start.lo <= last:
        return None
    return False
