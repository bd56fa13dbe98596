"""PROCEDURE_OCCURRENCE: a Procedure, completed.

The specification has activities "ordered by, or carried out by" a provider in one table. Rows of orders
(`procedure_type_concept_id` 32833, 38000275 and 38003621) are dated, past, and in practice written when the
activity is billed or documented; they count as done like the rest.
"""

from __future__ import annotations

from typing import Any

from .cells import Row, moment
from .terms import Coded, Terms

COLUMNS = (
    "procedure_occurrence_id",
    "person_id",
    "procedure_concept_id",
    "procedure_date",
    "procedure_datetime",
    "procedure_source_value",
    "procedure_source_concept_id",
)
CONCEPTS = (2, 6)


def resource(row: Row, terms: Terms, codes: str = "") -> dict[str, Any]:
    """A Procedure."""
    key, person, concept, on, at, value, source = row
    coded = terms.coded(concept, source, value, codes)
    return procedure(coded, "procedure", key, person, moment("procedure_date", on, at))


def procedure(
    coded: Coded, table: str, key: str | None, person: str | None, when: str | None
) -> dict[str, Any]:
    """A completed Procedure."""
    made: dict[str, Any] = {
        "resourceType": "Procedure",
        "id": f"{table}-{key}" if key else None,
        "status": "completed",
        "code": coded.json,
        "subject": {"reference": f"Patient/{person}"},
    }
    if when:
        made["performedDateTime"] = when
    return made
