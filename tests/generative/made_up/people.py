"""Random records: a patient, the lists that are kept, and entries of every kind and status."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from random import Random

from . import days
from .days import day
from .medicines import ends, medicine, vague
from .parts import ME, coded, maybe
from .results import result, same_day, treated, word
from .unreadable import broken
from .vocabulary import ICD10CM, LOINC, SNOMED, Json

NOTHING = {
    "Condition": ("160245001", "No current problems or disability"),
    "MedicationStatement": ("182849000", "No drug therapy prescribed"),
    "AllergyIntolerance": ("716186003", "No known allergy"),
}
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _status(kind: str, code: str) -> Json:
    return coded(f"http://terminology.hl7.org/CodeSystem/{kind}", code)


def patient(random: Random, on: date) -> Json:
    gender = random.choice(["female", "female", "male", "male", "other", "unknown", None])
    born = days.birthday(random, on) if random.random() < 0.9 else None
    if random.random() < 0.03:
        born = "1980-02-30"
    fields = {"gender": gender, "birthDate": born}
    return {"resourceType": "Patient", "id": "p", **{key: one for key, one in fields.items() if one}}


def nothing(kind: str) -> Json:
    """A list that says none."""
    code, display = NOTHING[kind]
    said = {**coded(SNOMED, code, display), "text": display}
    if kind == "MedicationStatement":
        return {"resourceType": kind, "status": "active", "medicationCodeableConcept": said, "subject": ME}
    clinical = "condition-clinical" if kind == "Condition" else "allergyintolerance-clinical"
    owner = "subject" if kind == "Condition" else "patient"
    return {"resourceType": kind, "clinicalStatus": _status(clinical, "active"), "code": said, owner: ME}


def condition(random: Random, on: date) -> Json:
    code = random.choice(
        [
            *[coded(SNOMED, "881000101", "Redspot")] * 3,
            coded(SNOMED, "881000102", "Spot"),
            *[coded(SNOMED, "881000103", "Gripe")] * 2,
            coded(ICD10CM, "Q88.12"),
            coded(ICD10CM, "q881"),
            coded(ICD10CM, "Q88"),
            {"text": "Severe redspot"},
            {"text": "No redspot"},
            coded(SNOMED, "123456789", "Redspot variant"),
            {"coding": [{"code": "881000103"}]},
            coded("urn:local", "77", "gripe"),
        ]
    )
    clinical = random.choice(
        [
            *["active"] * 4,
            "recurrence",
            "relapse",
            "inactive",
            "remission",
            "resolved",
            "resolved",
            "unknown",
            None,
        ]
    )
    verification = random.choice(
        [
            *["confirmed"] * 5,
            None,
            "unconfirmed",
            "provisional",
            "differential",
            "refuted",
            "entered-in-error",
        ]
    )
    fields: Json = {"resourceType": "Condition", "code": code, "subject": ME}
    if clinical:
        fields["clinicalStatus"] = _status("condition-clinical", clinical)
    if verification:
        fields["verificationStatus"] = _status("condition-ver-status", verification)
    end = days.back(random)
    if random.random() < 0.7:
        fields["onsetDateTime"] = days.vague(random, day(on, end + random.choice([0, 5, 30, 400])))
    if clinical not in ("active", "recurrence", "relapse", "unknown") and random.random() < 0.6:
        later = random.random() < 0.15
        fields["abatementDateTime"] = days.vague(random, day(on, -days.ahead(random) if later else end))
    return {**fields, **maybe(random, 0.15, recordedDate=day(on, random.choice([-1, 0, 1, 100])))}


def allergy(random: Random, on: date) -> Json:
    clinical = random.choice(["active", "active", "inactive", "resolved", None])
    verification = random.choice(
        ["confirmed", "confirmed", None, "presumed", "unconfirmed", "refuted", "entered-in-error"]
    )
    fields: Json = {
        "resourceType": "AllergyIntolerance",
        "code": random.choice([coded(SNOMED, "882000101", "Zanexol allergy"), coded(SNOMED, "882000999")]),
        "patient": ME,
        **maybe(random, 0.6, type=random.choice(["allergy", "intolerance"])),
        **maybe(random, 0.2, recordedDate=day(on, random.choice([-1, 0, 1]))),
    }
    if clinical:
        fields["clinicalStatus"] = _status("allergyintolerance-clinical", clinical)
    if verification:
        fields["verificationStatus"] = _status("allergyintolerance-verification", verification)
    return fields


def _operation(random: Random) -> Json:
    return random.choice(
        [
            *[coded(SNOMED, "883000101", "Snipping")] * 3,
            coded(SNOMED, "883000102", "Stitching"),
            {"text": "Snipping"},
            coded(SNOMED, "123123123", "Snipping of hair"),
        ]
    )


def procedure(random: Random, on: date) -> Json:
    status = random.choice(
        [*["completed"] * 4, "in-progress", "stopped", "preparation", "on-hold", "unknown", "not-done"]
    )
    plan = status in ("preparation", "on-hold")
    draw = -days.ahead(random) if plan or random.random() < 0.05 else days.back(random)
    done = {} if random.random() < 0.1 else {"performedDateTime": days.vague(random, day(on, draw))}
    return {"resourceType": "Procedure", "status": status, "code": _operation(random), "subject": ME, **done}


def planned(random: Random, on: date) -> Json:
    status = random.choice(
        [*["active"] * 5, "draft", "on-hold", "unknown", "revoked", "completed", "entered-in-error"]
    )
    ahead = -days.ahead(random) if random.random() < 0.9 else 15
    return {
        "resourceType": "ServiceRequest",
        "status": status,
        "intent": random.choice(["order", "order", "order", "plan", "option"]),
        "code": _operation(random),
        "subject": ME,
        **maybe(random, 0.9, occurrenceDateTime=days.vague(random, day(on, ahead))),
        **maybe(random, 0.4, authoredOn=day(on, random.choice([-1, 0, 1, 40]))),
        **maybe(random, 0.05, doNotPerform=True),
    }


def expecting(random: Random, on: date) -> Json:
    """An entry about a pregnancy or breastfeeding."""
    name = random.choice(["pregnancy", "pregnancy", "lactation"])
    if random.random() < 0.4:
        code = {"pregnancy": "77386006", "lactation": "413712001"}[name]
        return _expected(random, on, coded(SNOMED, code, name))
    if name == "pregnancy" and random.random() < 0.5:
        code, said = "2106-3", random.choice(["10828004", "260385009", "260385009", "419984006"])
    else:
        code = {"pregnancy": "82810-3", "lactation": "63895-7"}[name]
        said = random.choice({"pregnancy": ["77386006", "60001007"], "lactation": ["LA33-6", "LA32-8"]}[name])
    back = random.choice([0, 9, 10, 13, 14, 15, 29, 30, 31, 300, 301, 302, random.randint(0, 60)])
    return {
        "resourceType": "Observation",
        "status": random.choice([*["final"] * 8, "preliminary"]),
        "code": coded(LOINC, code),
        "subject": ME,
        "effectiveDateTime": day(on, back),
        "valueCodeableConcept": coded(LOINC if said.startswith("LA") else SNOMED, said),
    }


def _expected(random: Random, on: date, code: Json) -> Json:
    # How old an open breastfeeding may be is not said: of pregnancies alone there are old ones.
    onset = random.choice([30, 100, 300, 301, 302, 1500 if "pregnancy" in str(code) else 400])
    made: Json = {
        "resourceType": "Condition",
        "code": code,
        "subject": ME,
        "onsetDateTime": day(on, onset),
    }
    if random.random() < 0.3:
        # Not two and a half years ago "or so".
        made["abatementDateTime"] = day(on, onset - random.randint(0, min(onset, 290)))
        return {**made, "clinicalStatus": _status("condition-clinical", "resolved")}
    sure = random.choice(["confirmed", "confirmed", "provisional"])
    made["verificationStatus"] = _status("condition-ver-status", sure)
    return {**made, "clinicalStatus": _status("condition-clinical", "active")}


MAKERS: list[tuple[int, Callable[[Random, date], Json]]] = [
    (5, condition),
    (1, allergy),
    (2, procedure),
    (2, planned),
    (6, result),
    (2, word),
    (9, medicine),
    (2, expecting),
]


def record(random: Random, on: date) -> list[Json]:
    """The resources of one person's record, the Patient among them."""
    entries = [nothing(kind) for kind in NOTHING if random.random() < 0.7]
    makers, weights = [make for _, make in MAKERS], [weight for weight, _ in MAKERS]
    for make in random.choices(makers, weights, k=random.choice([0, 1, 2, 3, 5, 8, 12])):
        entries.append(make(random, on))
    if random.random() < 0.3:
        entries += same_day(random, on)
    if random.random() < 0.12:
        entries += treated(random, on)
    if random.random() < 0.1:
        entries.append(broken(random))
    hazy = [each for each in entries if vague(each)]
    hazy = hazy if any(ends(each) for each in entries) else hazy[1:]
    entries = [each for each in entries if each not in hazy]
    for each in entries:
        each["id"] = "".join(random.choices(LETTERS, k=6))
        if random.random() < 0.02 and "subject" in each:
            each["subject"] = {"reference": "Patient/other"}
    if entries and random.random() < 0.1:
        entries.append(dict(random.choice(entries)))
    found = [patient(random, on), *entries]
    random.shuffle(found)
    return found
