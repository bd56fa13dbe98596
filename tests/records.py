"""Small FHIR R4 records for tests, made from invented people."""

from __future__ import annotations

import json
from typing import Any

SNOMED, RXNORM, LOINC = (
    "http://snomed.info/sct",
    "http://www.nlm.nih.gov/research/umls/rxnorm",
    "http://loinc.org",
)
UCUM = "http://unitsofmeasure.org"
Json = dict[str, Any]


def bundle(*resources: Json, kind: str = "collection") -> Json:
    """A Bundle of these resources."""
    return {"resourceType": "Bundle", "type": kind, "entry": [{"resource": each} for each in resources]}


def patient(**more: Any) -> Json:
    """A woman born in 1980."""
    return {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1980-03-01", **more}


def coded(system: str, code: str, display: str) -> Json:
    """A codeable concept with one coding."""
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def order(name: str = "oxycodone hydrochloride 5 MG Oral Tablet", **more: Any) -> Json:
    """An active order for oxycodone written on 2026-06-20, or for another medicine by name."""
    return {
        "resourceType": "MedicationRequest",
        "id": "m1",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/p1"},
        "authoredOn": "2026-06-20",
        "medicationCodeableConcept": {"text": name},
        **more,
    }


def result(code: str, display: str, value: Any, unit: str, day: str = "2026-06-20", **more: Any) -> Json:
    """A final laboratory result."""
    return {
        "resourceType": "Observation",
        "id": f"o-{code}",
        "status": "final",
        "subject": {"reference": "Patient/p1"},
        "code": coded(LOINC, code, display),
        "effectiveDateTime": day,
        "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit},
        **more,
    }


def alt(value: Any = 22, unit: str = "U/L", **more: Any) -> Json:
    """An alanine aminotransferase."""
    return result("1742-6", "Alanine aminotransferase", value, unit, **more)


def condition(code: str = "203082005", display: str = "Fibromyalgia", **more: Any) -> Json:
    """An active, confirmed condition; fibromyalgia unless said otherwise."""
    return {
        "resourceType": "Condition",
        "id": f"c-{code}",
        "subject": {"reference": "Patient/p1"},
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "verificationStatus": {"coding": [{"code": "confirmed"}]},
        "code": coded(SNOMED, code, display),
        "recordedDate": "2024-01-01",
        **more,
    }


def bytes_of(record: Json) -> bytes:
    """The JSON of a record."""
    return json.dumps(record).encode()
