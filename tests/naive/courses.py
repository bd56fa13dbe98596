"""When a medicine was taken: every way in which the dates of an entry could be meant, one by one."""

from __future__ import annotations

from typing import NamedTuple

from .coded import Medicine
from .record import Json, Record, dated, when
from .values import LONG_AGO, NO, OPEN, YES, Span

BELIEVED = 365
"""Days for which an order or a statement with neither end nor supply is believed."""
FOREVER = 10**7


class Course(NamedTuple):
    """One world: begun on a day, surely taken until, perhaps taken until."""

    start: int
    sure: int
    perhaps: int

    def within(self, first: int, last: int) -> int:
        """Was it taken on any of these days?"""
        if self.start <= last and self.sure >= max(first, self.start):
            return YES
        return OPEN if self.start <= last and self.perhaps >= max(first, self.start) else NO

    def ended(self, day: int) -> Course:
        """The same, ended by a word of the patient on a day after it began."""
        if self.start > day:
            return self
        return Course(self.start, min(self.sure, day), min(self.perhaps, day))


def courses(entry: Json, medicine: Medicine, record: Record, knowledge: Json) -> list[Course]:
    """Every world of one entry."""
    made = {
        "MedicationRequest": _order,
        "MedicationStatement": _statement,
        "MedicationDispense": _dispense,
        "MedicationAdministration": _administration,
    }[entry["resourceType"]](entry, medicine, record.on)
    if entry["resourceType"] in ("MedicationRequest", "MedicationDispense"):
        stops = _stops(medicine, record, knowledge)
        made = [each.ended(max(stops)) if stops else each for each in made]
    return sorted(set(made))


def _order(entry: Json, medicine: Medicine, on: int) -> list[Course]:
    start = when(entry, "boundsPeriod.start", on)
    written = when(entry, "authoredOn", on)
    if dated(entry, "boundsPeriod.start") is None:
        start = written
    status = entry.get("status")
    end = dated(entry, "boundsPeriod.end")
    found = []
    for begun in start.days():
        supply = entry.get("dispenseRequest", {}).get("expectedSupplyDuration")
        if end is not None:
            found += _ending(begun, end.until(on))
            continue
        if supply is not None:
            refills = entry["dispenseRequest"].get("numberOfRepeatsAllowed", 0)
            last = begun + _days(supply) * (1 + refills) - 1
        else:
            last = begun + BELIEVED
        if status == "completed" and supply is not None:
            found.append(Course(begun, last, last))
        elif status in ("completed", "stopped"):
            if start.first == LONG_AGO:
                return _sometime(start)
            found.append(Course(begun, begun, last))  # taken at the start
        else:
            found.append(Course(begun, FOREVER if status == "on-hold" else last, FOREVER))
    return found


def _ending(begun: int, end: Span) -> list[Course]:
    """An end that is written down is the end; in no world is it before the start."""
    return [
        Course(begun, last, last)
        for last in {end.first, end.last, begun}
        if max(begun, end.first) <= last <= end.last
    ]


def _statement(entry: Json, medicine: Medicine, on: int) -> list[Course]:
    start = when(entry, "effectivePeriod.start", on)
    end, asserted = dated(entry, "effectivePeriod.end"), dated(entry, "dateAsserted")
    if start.first == LONG_AGO and asserted:
        start = start._replace(last=asserted.last)  # begun some day up to the one on which it was said
    found = []
    for begun in start.days():
        if end is not None:
            found += _ending(begun, end.until(on))
        elif entry["status"] in ("completed", "stopped"):
            if start.first == LONG_AGO:
                return _sometime(start, asserted)
            found.append(Course(begun, begun, asserted.last if asserted else begun + BELIEVED))
        else:
            last = max(begun, asserted.last if asserted else begun) + BELIEVED
            listed = entry["status"] in ("on-hold", "intended")
            found.append(Course(begun, FOREVER if listed else last, FOREVER))
    return found


def _sometime(start: Span, said: Span | None = None) -> list[Course]:
    """Over, and neither start nor end is recorded: surely taken on no day, perhaps on any."""
    last = said.last if said else start.last + BELIEVED
    return [Course(begun, begun - 1, last) for begun in start.days()]


def _dispense(entry: Json, medicine: Medicine, on: int) -> list[Course]:
    found = []
    for begun in when(entry, "whenHandedOver", on).days():
        if "daysSupply" in entry or medicine.lasts:
            supplied = _days(entry["daysSupply"]) if "daysSupply" in entry else 0
            last = begun + max(supplied, medicine.lasts) - 1
            found.append(Course(begun, last, last))
        else:
            found.append(Course(begun, begun, begun + BELIEVED))
    return found


def _administration(entry: Json, medicine: Medicine, on: int) -> list[Course]:
    lasts = max(medicine.lasts, 1)
    days = when(entry, "effectiveDateTime", on).days()
    if entry["status"] == "in-progress":
        return [Course(day, day + (lasts - 1 if lasts > 1 else BELIEVED), FOREVER) for day in days]
    return [Course(day, day + lasts - 1, day + lasts - 1) for day in days]


def _days(supply: Json) -> int:
    return int(supply["value"]) * {"d": 1, "wk": 7}[supply["code"]]


def _stops(medicine: Medicine, record: Record, knowledge: Json) -> list[int]:
    """The days on which the patient said that this medicine was stopped or is not taken."""
    found = []
    for each in [*record.of("MedicationStatement"), *record.denied]:
        said = Medicine(each["medicationCodeableConcept"], knowledge)
        if said.ingredients != medicine.ingredients or not said.forms <= medicine.forms:
            continue
        if each["status"] in ("stopped", "completed"):
            day = dated(each, "effectivePeriod.end") or dated(each, "dateAsserted")
        elif each["status"] == "not-taken":
            day = dated(each, "dateAsserted")
        else:
            continue
        if day is not None and day.first <= record.on:
            found.append(day.last)
    return found


def certainty(entry: Json) -> tuple[int, int]:
    """How sure its status leaves it: where taking it is the danger, and where not taking it is."""
    status = entry.get("status")
    if status in (None, "unknown") or entry.get("intent") == "plan":
        return OPEN, OPEN
    if entry["resourceType"] in ("MedicationRequest", "MedicationStatement") and status in (
        "on-hold",
        "intended",
    ):
        return YES, OPEN
    return YES, YES
