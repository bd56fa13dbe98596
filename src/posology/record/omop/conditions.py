"""CONDITION_OCCURRENCE: a Condition, recorded on a day.

`condition_end_date` counts as abatement only

- in an entry of a problem list, or where `condition_status_concept_id` says that the condition is resolved;
- and after the day of the start: on that day it is a diagnosis noted once, not an illness that lasted a day,
  and before it the two contradict each other.

In all other rows, those of unknown and of general type (EHR) included, it is often the end of the visit, or the
day of discharge: dependence that was coded for a stay of four days does not end with the stay.

Without any end the condition stands as recorded: a Condition without clinical status is read as present.
With an end that is not to be believed its clinical status is *unknown*: neither present nor past can be said.
"""

from __future__ import annotations

from typing import Any

from .cells import Row, moment, whole, words
from .terms import Coded, Terms

COLUMNS = (
    "condition_occurrence_id",
    "person_id",
    "condition_concept_id",
    "condition_start_date",
    "condition_start_datetime",
    "condition_end_date",
    "condition_end_datetime",
    "condition_type_concept_id",
    "condition_status_concept_id",
    "condition_status_source_value",
    "condition_source_value",
    "condition_source_concept_id",
)
CONCEPTS = (2, 11)
_PROBLEM_LIST = 32840
"""`condition_type_concept_id` of an entry of an EHR problem list (vocabulary Type Concept)."""
_PRELIMINARY = frozenset([32892, 32899, 4033240])
"""To be diagnosed by procedure; preliminary diagnosis (vocabulary Condition Status, and SNOMED in CDM 5.2)."""
_CONFIRMED = 32893
_RESOLVED = 32906
_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_ALLERGY_CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
_ALLERGY_VERIFICATION = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"


def resource(row: Row, terms: Terms, codes: str = "") -> dict[str, Any]:
    """A Condition; an AllergyIntolerance where its name says so."""
    key, person, concept, start, start_at, end, end_at, kind, status, status_text, value, source = row
    coded = terms.coded(concept, source, value, codes)
    made = finding(coded, "condition", key, person, moment("condition_start_date", start, start_at))
    known = whole("condition_status_concept_id", status) or 0
    said = words(status_text).lower()
    if known in _PRELIMINARY:
        verify(made, "provisional")
    elif known == _CONFIRMED:
        verify(made, "confirmed")
    elif not known and said in ("refuted", "entered-in-error"):
        verify(made, said)
    if known == _RESOLVED:
        clinical(made, "resolved")
    ended = moment("condition_end_date", end, end_at)
    began = made.get("onsetDateTime")
    listed = whole("condition_type_concept_id", kind) == _PROBLEM_LIST
    if ended and made["resourceType"] == "Condition" and not (began and ended[:10] <= began[:10]):
        if listed or known == _RESOLVED:
            made["abatementDateTime"] = ended
        else:
            clinical(made, "unknown")
    return made


def finding(
    coded: Coded, table: str, key: str | None, person: str | None, when: str | None
) -> dict[str, Any]:
    """A Condition, or an AllergyIntolerance if that is what the concept is."""
    allergy = coded.means == "allergy"
    made: dict[str, Any] = {
        "resourceType": "AllergyIntolerance" if allergy else "Condition",
        "id": f"{table}-{key}" if key else None,
        "code": coded.json,
        "patient" if allergy else "subject": {"reference": f"Patient/{person}"},
    }
    if when:
        made["onsetDateTime"] = made["recordedDate"] = when
    return made


def verify(made: dict[str, Any], status: str) -> None:
    """Set the verification status."""
    allergy = made["resourceType"] == "AllergyIntolerance"
    if allergy and status == "provisional":
        status = "unconfirmed"
    system = _ALLERGY_VERIFICATION if allergy else _VERIFICATION
    made["verificationStatus"] = {"coding": [{"system": system, "code": status}]}


def clinical(made: dict[str, Any], status: str) -> None:
    """Set the clinical status."""
    system = _ALLERGY_CLINICAL if made["resourceType"] == "AllergyIntolerance" else _CLINICAL
    made["clinicalStatus"] = {"coding": [{"system": system, "code": status}]}
