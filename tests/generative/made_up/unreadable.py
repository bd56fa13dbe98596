"""Entries that cannot be read."""

from __future__ import annotations

from random import Random

from .parts import coded
from .vocabulary import LOINC, SNOMED, Json


def broken(random: Random) -> Json:
    """An entry that cannot be read; what it could have said is unknown."""
    return random.choice(
        [
            {"resourceType": "Condition", "code": coded(SNOMED, "881000101"), "onsetDateTime": 20260101},
            {"resourceType": "Condition", "code": coded(SNOMED, "881000103"), "onsetDateTime": "2024-02-31"},
            {"resourceType": "Condition", "code": ["broken"]},
            {
                "resourceType": "Observation",
                "status": "final",
                "code": coded(LOINC, "98801-1"),
                "effectiveDateTime": "2026-06-31",
                "valueQuantity": {"value": 200, "unit": "U/L", "code": "U/L"},
            },
            {
                "resourceType": "MedicationRequest",
                "status": "active",
                "intent": "order",
                "authoredOn": "2024-13-01",
                "medicationCodeableConcept": {"text": "oprixol wafer"},
            },
            {
                "resourceType": "ServiceRequest",
                "status": "active",
                "intent": "order",
                "code": coded(SNOMED, "883000101"),
                "occurrenceDateTime": "2026-07-32",
            },
            {"resourceType": "Immunization", "status": 7},
            {"resourceType": 7},
        ]
    )
