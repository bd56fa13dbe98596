"""Diseases, allergies and procedures: is it there, was it, is it planned?"""

from __future__ import annotations

from typing import Any

from .coded import belongs
from .record import KINDS, Json, Record, dated, planned, said, when
from .values import LONG_AGO, NO, OPEN, YES, days_of, pick

UNSURE = {"unconfirmed", "provisional", "differential"}
PRESENT = {"active", "recurrence", "relapse"}


def tainted(record: Record, kind: str, name: str, knowledge: Json) -> bool:
    """Could an entry that cannot be read be about this? It is, if it does not tell what it is about."""
    concept = knowledge["concepts"][name]
    for each in record.broken:
        if not isinstance(each.get("resourceType"), str):
            return True
        if KINDS[each["resourceType"]] == kind:
            code = each.get("code")
            if not isinstance(code, dict) or belongs(code, concept, knowledge["concepts"]):
                return True
    return False


def _closed(criterion: Json, record: Record, kind: str) -> int:
    """What silence means: a list is closed, if there is one, unless the rule says otherwise."""
    if criterion.get("absent") == "unknown" or (kind != "procedure" and not record.listed(kind)):
        return OPEN
    return NO


def _joined(found: list[int], criterion: Json, record: Record, kind: str, name: str, knowledge: Json) -> int:
    """One yes is enough; where nothing is so or may be, silence answers."""
    if tainted(record, kind, name, knowledge):
        found = [*found, OPEN]
    best = max(found, default=NO)
    return best if best != NO else _closed(criterion, record, kind)


def condition(criterion: Json, record: Record, against: bool, knowledge: Json) -> int:
    """Is there such a disease, now, within a time, or ever?"""
    name = criterion["condition"]
    concept = knowledge["concepts"][name]
    found = []
    for each in record.of("Condition"):
        certain = belongs(each["code"], concept, knowledge["concepts"])
        if certain:
            found.append(min(certain, disease(each, criterion, record.on, against)))
    return _joined(found, criterion, record, "condition", name, knowledge)


def disease(entry: Json, criterion: Json, on: int, against: bool) -> int:
    """One entry's answer; a suspicion makes no yes."""
    sure = OPEN if said(entry, "verificationStatus") in UNSURE else YES
    if criterion.get("ever"):
        return sure
    now = present(entry, on)
    if now != NO or "within" not in criterion:
        return min(sure, now)
    start = on - days_of(criterion["within"]) + 1
    return min(sure, _past(entry, start, on, against))


def _past(entry: Json, start: int, on: int, against: bool) -> int:
    """Past counts if it ended in time; without an end it is open, unless it began in time."""
    if dated(entry, "abatementDateTime") is not None:
        end = when(entry, "abatementDateTime", on)
        return pick([YES if day >= start else NO for day in end.days()], against)
    key = "onsetDateTime" if "onsetDateTime" in entry else "recordedDate"
    if dated(entry, key) is None:
        return OPEN
    began = when(entry, key, on)
    return pick([YES if day >= start else OPEN for day in began.days()], against)


def present(entry: Json, on: int) -> int:
    """Is it there now? An end after the day is not an end yet."""
    status = said(entry, "clinicalStatus")
    end = dated(entry, "abatementDateTime")
    if status in PRESENT:
        return YES
    if status == "unknown":
        return OPEN
    if end is not None:
        return YES if end.first > on else NO
    return NO if status or "abatementString" in entry else YES


def allergy(criterion: Json, record: Record, against: bool, knowledge: Json) -> int:
    """Is there such an allergy, such an intolerance, or either? One whose type is not recorded is an allergy."""
    del against  # nothing of it is dated
    name = criterion["allergy"]
    concept = knowledge["concepts"][name]
    found = []
    for each in record.of("AllergyIntolerance"):
        if not belongs(each["code"], concept, knowledge["concepts"]):
            continue
        if criterion.get("is", each.get("type", "allergy")) != each.get("type", "allergy") or said(
            each, "clinicalStatus"
        ) in ("inactive", "resolved"):
            found.append(NO)
        else:
            found.append(OPEN if said(each, "verificationStatus") == "unconfirmed" else YES)
    return _joined(found, criterion, record, "allergy", name, knowledge)


def procedure(criterion: Json, record: Record, against: bool, knowledge: Json) -> int:
    """Was it done, or is it planned?"""
    name = criterion["procedure"]
    concept = knowledge["concepts"][name]
    ask = _plan if "next" in criterion else _done
    found = []
    for each in record.of("Procedure", "ServiceRequest"):
        certain = belongs(each["code"], concept, knowledge["concepts"])
        if certain and planned(each) == ("next" in criterion):
            found.append(min(certain, ask(each, criterion, record.on, against)))
    return _joined(found, criterion, record, "procedure", name, knowledge)


def _done(entry: Json, criterion: Json, on: int, against: bool) -> int:
    sure = OPEN if entry["status"] == "unknown" else YES
    start = on - days_of(criterion["within"]) + 1 if "within" in criterion else LONG_AGO
    days = when(entry, "performedDateTime", on).days()
    return min(sure, pick([YES if day >= start else NO for day in days], against))


def _plan(entry: Json, criterion: Json, on: int, against: bool) -> int:
    sure: Any = OPEN if entry["status"] in ("draft", "on-hold", "unknown") else YES
    if entry["resourceType"] == "Procedure":
        sure = YES
    day = dated(
        entry, "occurrenceDateTime" if entry["resourceType"] == "ServiceRequest" else "performedDateTime"
    )
    if day is None:
        return OPEN
    last = on + days_of(criterion["next"])
    return min(sure, pick([YES if on <= one <= last else NO for one in day.days()], against))
