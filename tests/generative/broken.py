"""Entries that cannot be read: what is wrong-shaped, undated, undecodable or unnamed."""

from __future__ import annotations

from hypothesis import strategies as st

from .oracle import Json

ME = {"subject": {"reference": "Patient/p1"}}
OPIOID = {"text": "oxycodone hydrochloride 5 MG Oral Tablet"}
BROKEN: tuple[Json, ...] = (
    {"resourceType": "Condition", "id": "b1", "code": "fever", **ME},
    {
        "resourceType": "Condition",
        "id": "b2",
        "code": {"text": "acute hepatitis"},
        "recordedDate": "2026-02-30",
        **ME,
    },
    {
        "resourceType": "Condition",
        "id": "b3",
        "code": {"text": "acute hepatitis"},
        "recordedDate": "soon",
        **ME,
    },
    {
        "resourceType": "Observation",
        "id": "b4",
        "status": "final",
        "valueQuantity": "12",
        "code": {"coding": [{"system": "http://loinc.org", "code": "1742-6"}]},
        **ME,
    },
    {
        "resourceType": "Observation",
        "id": "b5",
        "status": "final",
        "valueQuantity": {"value": "12"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "1742-6"}]},
        **ME,
    },
    {"resourceType": "MedicationRequest", "id": "b6", "status": "active", "intent": "order", **ME},
    {
        "resourceType": "MedicationRequest",
        "id": "b7",
        "status": "active",
        "intent": "order",
        "medicationReference": {"reference": "Medication/gone"},
        **ME,
    },
    {
        "resourceType": "MedicationRequest",
        "id": "b8",
        "status": "active",
        "intent": "order",
        "authoredOn": "20260101",
        "medicationCodeableConcept": OPIOID,
        **ME,
    },
    {
        "resourceType": "MedicationStatement",
        "id": "b9",
        "status": "active",
        "effectivePeriod": "now",
        "medicationCodeableConcept": OPIOID,
        **ME,
    },
    {"resourceType": "AllergyIntolerance", "id": "b10", "code": {}, "patient": {"reference": "Patient/p1"}},
    {
        "resourceType": "Procedure",
        "id": "b11",
        "status": "completed",
        "performedDateTime": "2026-13-01",
        "code": {"text": "hemodialysis"},
        **ME,
    },
)


def broken(most: int = 3) -> st.SearchStrategy[list[Json]]:
    """Up to so many different entries that cannot be read."""
    return st.lists(st.sampled_from(BROKEN), max_size=most, unique_by=lambda each: each["id"])
