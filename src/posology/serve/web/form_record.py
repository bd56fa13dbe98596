"""Answers as a FHIR R4 record, which goes the way that every record goes. What is not known stays unknown.

A list that holds nothing says so; one that may hold more has an entry which says nothing, and so leaves
everything of its kind open; a list of which nothing is known is not there at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from posology.errors import InputError
from posology.monograph.case_codes import HL7, Words
from posology.monograph.case_entry import PATIENT, resource
from posology.monograph.case_model import CaseEntry
from posology.monograph.model import Vocabulary

from .answers import Answers, Medicine

Json = dict[str, Any]
_MORE = {
    "conditions": ("Condition", "subject"),
    "medicines": ("MedicationStatement", "subject"),
    "allergies": ("AllergyIntolerance", "patient"),
}
_LEAP_DAY = (2, 29)
_SAYS = {
    "gender": re.compile("female|male|other"),
    "birthDate": re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?"),
}
"""Sex and birth dates that a record is believed to have said."""


def bundle(answers: Answers, on: date, vocabulary: Vocabulary, planned: str = "") -> Json:
    """The record of somebody about whom this was answered on that day. `planned` is the concept of an operation."""
    patient = {"resourceType": "Patient", "id": "case", **_person(answers, on)}
    return _bundle([patient, *_resources(answers, on, vocabulary, planned)])


def amended(record: bytes, answers: Answers, on: date, vocabulary: Vocabulary, patient: str) -> bytes:
    """A record with what was answered about it. `patient` is how it calls its Patient, who may have no id.

    Raises `InputError` if it is not JSON, or neither a Bundle, nor resources.
    """
    whole = _parsed(record)
    added = list(_resources(answers, on, vocabulary, ""))
    for number, each in enumerate(added, 1):
        each["id"] = f"answered-{number}-{each['id']}"
        for name in ("subject", "patient"):
            if each.get(name) == PATIENT:
                del each[name]
                if "/" in patient:
                    each[name] = {"reference": patient}
    entries = whole.setdefault("entry", [])
    for entry in entries:
        found = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(found, dict) and found.get("resourceType") == "Patient":
            # What is there and says nothing must not stand in the way of what was answered.
            found.update(
                {
                    name: value
                    for name, value in _person(answers, on).items()
                    if not (_SAYS[name].fullmatch(str(found.get(name, ""))))
                }
            )
    entries.extend({"resource": each} for each in added)
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def written(record: Json) -> bytes:
    """A record as a file."""
    return json.dumps(record, ensure_ascii=False, indent=1).encode()


def _bundle(resources: list[Json]) -> Json:
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": each} for each in resources],
    }


def _parsed(record: bytes) -> Json:
    try:
        whole = json.loads(record)
    except (ValueError, RecursionError):
        try:
            lines = [json.loads(line) for line in record.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            raise InputError("the record cannot be amended: it is not JSON") from None
        return _bundle(lines)
    if not isinstance(whole, dict):
        raise InputError("the record cannot be amended: it is neither a Bundle nor a resource")
    return whole if whole.get("resourceType") == "Bundle" else _bundle([whole])


def _person(answers: Answers, on: date) -> Json:
    """Sex and birth date. Of an age only the completed years are known, and only they are used."""
    found = {"gender": answers.sex} if answers.sex else {}
    if answers.age is not None:
        month, number = (on.month, on.day) if (on.month, on.day) != _LEAP_DAY else (2, 28)
        found["birthDate"] = date(max(1, on.year - answers.age), month, number).isoformat()
    return found


def _resources(answers: Answers, on: date, vocabulary: Vocabulary, planned: str) -> Iterator[Json]:
    words = Words(vocabulary)
    for number, entry in enumerate(_entries(answers, on, vocabulary, planned), 1):
        yield resource(entry, number, words)
    for name, state in (
        ("conditions", answers.conditions_are),
        ("medicines", answers.medicines_are),
        ("allergies", answers.allergies_are),
    ):
        if state == "some":
            kind, owner = _MORE[name]
            yield {"resourceType": kind, "id": f"further-{name}-not-known", owner: PATIENT, **_open(kind)}


def _open(kind: str) -> Json:
    """What an entry must have beside what it is about."""
    if kind == "MedicationStatement":
        return {"status": "unknown"}
    system = "condition-clinical" if kind == "Condition" else "allergyintolerance-clinical"
    return {"clinicalStatus": {"coding": [{"system": f"{HL7}{system}", "code": "active"}]}}


def _entries(answers: Answers, on: date, vocabulary: Vocabulary, planned: str) -> Iterator[CaseEntry]:
    told = on.isoformat()
    if answers.pregnancy is not None:
        yield CaseEntry(pregnancy=answers.pregnancy, on=told)
    if answers.lactation is not None:
        yield CaseEntry(lactation=answers.lactation, on=told)
    names = {(each.kind, each.name.casefold()): each.id for each in vocabulary.concepts}
    if answers.conditions_are == "none":
        yield CaseEntry(conditions="none")
    for name in answers.conditions:
        known = names.get(("condition", name.casefold()), "")
        yield CaseEntry(condition=known or name, text="" if known else name, recorded=told)
    if answers.medicines_are == "none":
        yield CaseEntry(medications="none")
    for medicine in answers.medicines:
        yield _taken(medicine, told)
    if answers.allergies_are == "none":
        yield CaseEntry(allergies="none")
    for name in answers.allergies:
        known = names.get(("allergy", name.casefold()), "")
        yield CaseEntry(allergy=known or name, text="" if known else name, recorded=told)
    for given in answers.results:
        yield CaseEntry(observation=given.concept, value=given.value, on=given.on, range_high=given.limit)
    if answers.planned and planned:
        yield CaseEntry(planned=planned, on=answers.planned_on, recorded=told)


def _taken(medicine: Medicine, told: str) -> CaseEntry:
    """A statement of a medicine: taken now, taken until a day, or nobody knows until when."""
    if medicine.when == "now":
        return CaseEntry(medication=medicine.name, as_="statement", status="active", recorded=told)
    status = "completed" if medicine.when == "stopped" else "unknown"
    # The last day is the only one of which it is known that it was taken.
    return CaseEntry(
        medication=medicine.name,
        as_="statement",
        status=status,
        from_=medicine.last,
        to=medicine.last,
        recorded=told,
    )
