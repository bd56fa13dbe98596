"""Reading a record: which entries count on the day, which are set aside, which cannot be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .coded import texts
from .values import BrokenError, Span, span, undated

Json = dict[str, Any]
UNKNOWN = "98899"
"""How codes begin that no knowledge holds."""
KINDS = {
    "Condition": "condition",
    "Observation": "observation",
    "AllergyIntolerance": "allergy",
    "Procedure": "procedure",
    "ServiceRequest": "procedure",
    "MedicationRequest": "medicine",
    "MedicationStatement": "medicine",
    "MedicationDispense": "medicine",
    "MedicationAdministration": "medicine",
}
NEVER = {
    "Observation": {"cancelled", "entered-in-error"},
    "Procedure": {"not-done", "entered-in-error"},
    "ServiceRequest": {"revoked", "completed", "entered-in-error"},
    "MedicationRequest": {"cancelled", "entered-in-error"},
    "MedicationStatement": {"not-taken", "entered-in-error"},
    "MedicationDispense": {
        "preparation",
        "in-progress",
        "on-hold",
        "cancelled",
        "declined",
        "entered-in-error",
    },
    "MedicationAdministration": {"not-done", "entered-in-error"},
}
RECORDED = {
    "Condition": "recordedDate",
    "AllergyIntolerance": "recordedDate",
    "Observation": "issued",
    "ServiceRequest": "authoredOn",
    "MedicationRequest": "authoredOn",
    "MedicationStatement": "dateAsserted",
}
DATES = {
    "Condition": ("onsetDateTime", "abatementDateTime"),
    "AllergyIntolerance": ("onsetDateTime",),
    "Observation": ("effectiveDateTime",),
    "Procedure": ("performedDateTime",),
    "ServiceRequest": ("occurrenceDateTime",),
    "MedicationRequest": ("boundsPeriod.start", "boundsPeriod.end"),
    "MedicationStatement": ("effectivePeriod.start", "effectivePeriod.end"),
    "MedicationDispense": ("whenHandedOver",),
    "MedicationAdministration": ("effectiveDateTime",),
}


@dataclass
class Record:
    """What is known on the day about one person."""

    on: int
    patient: Json = field(default_factory=dict)
    entries: list[Json] = field(default_factory=list)
    broken: list[Json] = field(default_factory=list)
    denied: list[Json] = field(default_factory=list)
    """Statements that a medicine is not taken: they count for nothing but the end of orders."""

    def of(self, *types: str) -> list[Json]:
        """The entries of these resource types."""
        return [each for each in self.entries if each["resourceType"] in types]

    def listed(self, kind: str) -> bool:
        """Is there such a list at all?"""
        for each in (*self.entries, *self.broken):
            if KINDS.get(each["resourceType"]) == kind and each.get("status") != "draft":
                return True
        return False


def read(resources: list[Json], on: int) -> Record:
    """Sort the entries of a record."""
    record = Record(on)
    record.patient = next(each for each in resources if each.get("resourceType") == "Patient")
    seen: list[Json] = []
    for each in resources:
        kind = each.get("resourceType")
        if each in seen or kind == "Patient" or (isinstance(kind, str) and kind not in KINDS):
            continue
        seen.append(each)
        try:
            if not isinstance(kind, str):
                raise BrokenError
            if _someone_else(each, record.patient) or _never(each):
                if each.get("status") == "not-taken":
                    record.denied.append(each)
                continue
            if not isinstance(_code(each), dict):
                raise BrokenError
            if _known(each, on):
                (record.broken if _nameless(each) else record.entries).append(each)
        except BrokenError:
            record.broken.append(each)
    record.denied = [each for each in record.denied if _known(each, on)]
    return record


def _code(entry: Json) -> Any:
    return entry.get("medicationCodeableConcept" if KINDS[entry["resourceType"]] == "medicine" else "code")


def _nameless(entry: Json) -> bool:
    """A medicine without a name, under a code that nobody knows, could be any; what was never taken is no gap."""
    code = _code(entry)
    if KINDS[entry["resourceType"]] != "medicine" or entry.get("status") == "draft" or texts(code):
        return False
    return any(each["code"].startswith(UNKNOWN) for each in code["coding"])


def _someone_else(entry: Json, patient: Json) -> bool:
    subject = entry.get("subject", entry.get("patient"))
    return subject is not None and subject["reference"].rpartition("/")[2] != patient["id"]


def said(entry: Json, key: str) -> str | None:
    """The clinical or verification status of a disease or an allergy."""
    return entry[key]["coding"][0]["code"] if key in entry else None


def _never(entry: Json) -> bool:
    kind = entry["resourceType"]
    if kind in ("Condition", "AllergyIntolerance"):
        return said(entry, "verificationStatus") in ("refuted", "entered-in-error")
    if entry.get("status") in NEVER[kind] or entry.get("doNotPerform"):
        return True
    if entry.get("intent") == "option" or (kind == "MedicationRequest" and entry.get("intent") == "proposal"):
        return True
    return kind == "Observation" and "dataAbsentReason" in entry


def dated(entry: Json, key: str) -> Span | None:
    """A date of an entry, None if it is not there; raises BrokenError if it is none."""
    if key.startswith("boundsPeriod."):
        instruction = entry.get("dosageInstruction", [{}])[0]
        found = instruction.get("timing", {}).get("repeat", {}).get("boundsPeriod", {})
        value = found.get(key.partition(".")[2])
    elif "." in key:
        period, _, end = key.partition(".")
        value = entry.get(period, {}).get(end)
    else:
        value = entry.get(key)
    return None if value is None else span(value)


def planned(entry: Json) -> bool:
    """Is it a plan? A plan is of a later day, and was known all the same."""
    kind = entry["resourceType"]
    return kind == "ServiceRequest" or (kind == "Procedure" and entry["status"] in ("preparation", "on-hold"))


def _known(entry: Json, on: int) -> bool:
    """Was it known on the day? From the day it was written down; else from the day of which it tells."""
    kind = entry["resourceType"]
    told = [dated(entry, key) for key in DATES[kind]]
    written = dated(entry, RECORDED[kind]) if kind in RECORDED else None
    start = told[0]
    if written is not None and (written.first > on or kind != "Observation"):
        return written.first <= on
    return start is None or start.first <= on or planned(entry)


def when(entry: Json, key: str, on: int) -> Span:
    """The days that a date of an entry could mean up to the day asked about; any day if it has none."""
    found = dated(entry, key)
    return undated(on) if found is None else found.until(on)
