"""Strategies for whole records of invented people, aimed at what a monograph asks.

A record is a list of resources, the Patient first. Entries are built backwards from the criteria of the
knowledge, so that most of them matter; the rest is noise, and other people's.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from posology.monograph.criterion import LISTS, Criterion
from posology.record.kinds import KIND_OF

from . import knowledge
from .entries import MAKERS, Want, bound, later

Json = dict[str, Any]
Record = list[Json]
ME = "Patient/p1"
TYPES = {"condition": ("Condition",) * 5 + ("FamilyMemberHistory",), "allergy": ("AllergyIntolerance",)}
for _type, _kind in KIND_OF.items():
    TYPES.setdefault(_kind, ())
    if _kind not in {"condition", "allergy"}:
        TYPES[_kind] += (_type,) * (4 if _type in {"Observation", "MedicationRequest", "Procedure"} else 1)
BUSY = ("CarePlan", "Encounter", "Immunization", "Claim", "DiagnosticReport")
"""Resource types that no criterion is about."""


# --- what an entry aimed at a criterion is about ------------------------------------------------------


def _concept(kind: str) -> Callable[[Criterion], list[tuple[str, str]]]:
    return lambda leaf: [(kind, leaf.concept)]


def _recorded(leaf: Criterion) -> list[tuple[str, str]]:
    if leaf.concept in LISTS:
        kind = {"conditions": "condition", "medications": "medicine", "allergies": "allergy"}[leaf.concept]
        return [(kind, ""), ("allergy", "no-known-allergy")] if kind == "allergy" else [(kind, "")]
    return [(knowledge.engine().index.concepts[leaf.concept].kind, leaf.concept)]


def _pregnancy(leaf: Criterion) -> list[tuple[str, str]]:
    return [
        ("condition", "pregnancy"),
        ("observation", "pregnancy-status"),
        ("observation", "pregnancy-test"),
    ]


def _lactation(leaf: Criterion) -> list[tuple[str, str]]:
    return [("condition", "lactation"), ("observation", "lactation-status"), ("condition", "pregnancy")]


def _nothing(leaf: Criterion) -> list[tuple[str, str]]:
    return []


ABOUT: dict[str, Callable[[Criterion], list[tuple[str, str]]]] = {
    "condition": _concept("condition"),
    "medication": _concept("medicine"),
    "observation": _concept("observation"),
    "allergy": _concept("allergy"),
    "procedure": _concept("procedure"),
    "dose": _concept("medicine"),
    "on-drug": _concept("medicine"),
    "change": _concept("observation"),
    "recorded": _recorded,
    "pregnancy": _pregnancy,
    "lactation": _lactation,
    "age": _nothing,  # the Patient: see `patient`
    "sex": _nothing,
    "use": _nothing,  # the question
    "all": _nothing,  # their parts
    "any": _nothing,
    "at-least": _nothing,
    "not": _nothing,
}
"""Criterion kind to the kinds of entries, and concepts, that bear on it; a test compares it with the closed list."""


@st.composite
def aimed(draw: st.DrawFn, on: date, leaf: Criterion, future: bool = False) -> Json:
    """An entry aimed at one leaf (which must have something in `ABOUT`)."""
    kind, name = draw(st.sampled_from(ABOUT[leaf.kind](leaf)))
    made = draw(st.sampled_from(TYPES[kind]))
    return MAKERS[made](draw, Want(on, name, leaf, future))


@st.composite
def noise(draw: st.DrawFn, on: date) -> Json:
    """An entry that no concept is about."""
    made = draw(st.sampled_from([*MAKERS, *BUSY]))
    if made in BUSY:
        return {"resourceType": made, "status": "active", "date": on.isoformat(), "note": [{"text": "x"}]}
    return MAKERS[made](draw, Want(on))


def identified(resources: list[Json]) -> Record:
    """The same resources with ids of their own, and about the one person unless they say otherwise."""
    record: Record = []
    for number, resource in enumerate(resources):
        each = {"resourceType": resource["resourceType"], "id": f"e{number}", **resource}
        if each["resourceType"] in {"AllergyIntolerance", "FamilyMemberHistory"}:
            each.setdefault("patient", {"reference": ME})
        elif each["resourceType"] != "Appointment":
            each.setdefault("subject", {"reference": ME})
        record.append(each)
    return record


BIRTHS = (1960, 1980, 1995)


@st.composite
def patient(draw: st.DrawFn, on: date, drug: str = "") -> Json:
    """The person: at the edges of every age that the drug's criteria name, or of middle age, or undated."""
    ages = [bound(leaf) for leaf in knowledge.leaves(drug) if leaf.kind == "age"]
    edges = [limit.value * (1 if limit.unit == "d" else 365.2425) for limit in ages]
    days = draw(st.sampled_from([*[on.year - born for born in BIRTHS] * 4, *(-edge for edge in edges)]))
    if days > 0:
        born = f"{on.year - days}-03-01"
    else:
        born = later(on.isoformat(), int(days) + draw(st.sampled_from((-400, -1, 0, 1, 400))))
    shown = draw(st.sampled_from((born, born, born, born[:7], born[:4], None)))
    gender = draw(st.sampled_from(("female", "male", "female", "male", "unknown", None)))
    died = draw(st.sampled_from((*[None] * 9, (on - timedelta(days=9)).isoformat())))
    given = {"gender": gender, "birthDate": shown, "deceasedDateTime": died}
    return {"resourceType": "Patient", "id": "p1"} | {key: value for key, value in given.items() if value}


@st.composite
def lists(draw: st.DrawFn, on: date) -> list[Json]:
    """Enough that most things are known: a closed problem list, medicine list and allergy list, normal results."""
    day = later(on.isoformat(), -3)
    made: list[Json] = [
        {"resourceType": "Condition", "code": {"text": "Otitis media"}, "recordedDate": day},
        {
            "resourceType": "MedicationRequest",
            "status": "active",
            "intent": "order",
            "authoredOn": day,
            "medicationCodeableConcept": {"text": "cetirizine 10 MG Oral Tablet"},
        },
        {"resourceType": "AllergyIntolerance", "code": {"text": "No known allergies"}, "recordedDate": day},
    ]
    made += [normal(concept, day) for concept in HEALTHY]
    return draw(st.sampled_from((made, made, made, made[:3], [])))


HEALTHY: dict[str, Any] = {
    "alt": 20,
    "ast": 20,
    "bilirubin": 0.6,
    "alkaline-phosphatase": 60,
    "egfr": 95,
    "creatinine": 0.8,
    "albumin": 4.2,
    "platelets": 250,
    "inr": 1.0,
    "eosinophils": 0.2,
    "tsh": 1.5,
    "phq9": 3,
    "phq9-item9": 0,
    "phq2": 0,
    "pain-score": 5,
    "peg": 5,
    "bpi-interference": 5,
    "cows": 0,
    "urine-opiates": "negative",
    "pregnancy-test": "negative",
    "pregnancy-status": "negative",
    "lactation-status": "negative",
}
"""A normal result for each observation concept that matters to someone healthy."""
RANGES = {"alt": 40, "ast": 40, "bilirubin": 1.2, "alkaline-phosphatase": 120}


def normal(name: str, day: str, value: Any = None) -> Json:
    """A result of an observation concept: a normal one, or this value in the concept's own unit."""
    concept, value = knowledge.engine().index.concepts[name], HEALTHY[name] if value is None else value
    codings = knowledge.codings(name)
    made: Json = {
        "resourceType": "Observation",
        "status": "final",
        "effectiveDateTime": day,
        "code": {"text": knowledge.names(name)[0]}
        if not codings
        else {"coding": [dict(zip(("system", "code", "display"), codings[0], strict=True))]},
    }
    if isinstance(value, str):
        return made | {"valueString": value}
    made["valueQuantity"] = {"value": value, "unit": concept.unit, "code": concept.unit}
    if name in RANGES:
        made["referenceRange"] = [{"high": {"value": RANGES[name], "unit": concept.unit}}]
    return made


@st.composite
def own(draw: st.DrawFn, on: date, drug: str) -> Json:
    """An order of the drug in question that is surely being taken."""
    name = draw(st.sampled_from(knowledge.names(knowledge.engine().library.monograph(drug).identity.concept)))
    begun = later(on.isoformat(), -draw(st.sampled_from((1, 20, 100, 300))))
    return {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "authoredOn": begun,
        "medicationCodeableConcept": {"text": name},
    }


@st.composite
def record(draw: st.DrawFn, on: date, drug: str = "", most: int = 6, healthy: bool | None = None) -> Record:
    """A record for a question about a drug asked on a day. `healthy`: start from one where most is known."""
    askable = [leaf for leaf in knowledge.leaves(drug) if ABOUT[leaf.kind](leaf)]
    stopping = [leaf for leaf in knowledge.leaves(drug, stopping=True) if ABOUT[leaf.kind](leaf)] or askable
    start = draw(lists(on)) if healthy or (healthy is None and draw(st.booleans())) else []
    chosen = draw(st.lists(st.sampled_from(askable) | st.sampled_from(stopping), max_size=most))
    found = [draw(aimed(on, leaf)) for leaf in chosen]
    if drug and draw(st.sampled_from((False, False, True))):
        found.append(draw(own(on, drug)))
    for _ in range(draw(st.sampled_from((0, 0, 0, 1, 2)))):
        found.append(draw(noise(on)))
    if found and draw(st.sampled_from((False, False, False, False, True))):
        other = deepcopy(draw(st.sampled_from(found)))
        owner = (
            "patient" if other["resourceType"] in {"AllergyIntolerance", "FamilyMemberHistory"} else "subject"
        )
        found.append(other | {owner: {"reference": "Patient/someone-else"}})
    return [draw(patient(on, drug)), *identified(start + found)]


# --- other ways to write the same record ---------------------------------------------------------------


def bundle(resources: list[Json], kind: str = "collection", urls: bool = False) -> Json:
    """A Bundle; with `urls` every entry has a urn:uuid fullUrl and references use it."""
    if not urls:
        return {"resourceType": "Bundle", "type": kind, "entry": [{"resource": each} for each in resources]}
    names = {
        f"{each['resourceType']}/{each['id']}": f"urn:uuid:{each['resourceType'].lower()}-{each['id']}"
        for each in resources
        if "id" in each
    }
    return {
        "resourceType": "Bundle",
        "type": kind,
        "entry": [
            {
                "fullUrl": names.get(f"{each['resourceType']}/{each.get('id')}", "urn:uuid:none"),
                "resource": redirected(each, names),
            }
            for each in resources
        ],
    }


def redirected(value: Any, names: dict[str, str]) -> Any:
    """The same JSON with references renamed."""
    if isinstance(value, dict):
        return {
            key: names.get(item, item)
            if key == "reference" and isinstance(item, str)
            else redirected(item, names)
            for key, item in value.items()
        }
    return [redirected(item, names) for item in value] if isinstance(value, list) else value


def by_reference(resources: list[Json]) -> list[Json]:
    """The same record with every inline medicine moved to a Medication resource of its own."""
    made: list[Json] = []
    for each in resources:
        if "medicationCodeableConcept" in each:
            concept = each["medicationCodeableConcept"]
            rest = {key: value for key, value in each.items() if key != "medicationCodeableConcept"}
            made.append(rest | {"medicationReference": {"reference": f"Medication/m-{each['id']}"}})
            made.append({"resourceType": "Medication", "id": f"m-{each['id']}", "code": concept})
        else:
            made.append(each)
    return made
