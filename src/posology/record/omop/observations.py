"""OBSERVATION: whatever is no condition, drug, measurement or procedure to OMOP.

A row with a value is a question with its answer: an Observation. A row without any value states something,
and becomes what its concept is:

- an AllergyIntolerance if its name says allergy ("Allergy to penicillin", "No known allergy") or the
  knowledge lists it as one; "Allergy to drug" and its like are one to the value, else to what the source code names;
- a Procedure if its concept class is Procedure or the knowledge lists it as one;
- a Condition if it is a SNOMED CT finding, situation, event or social context, or the knowledge lists it;
- else an Observation without a value (a LOINC question that was not answered).

A finding of the knowledge with the answer yes is that Condition, with the answer no a refuted one. "History
of" with a value is a Condition of unknown clinical status: a past history holds what is over and what is
not, so it is neither present nor past. "Family history of" with a value is a FamilyMemberHistory.
"""

from __future__ import annotations

import re
from typing import Any

from . import conditions, procedures
from .cells import Row, decimal, moment, whole, words
from .measurements import amount, observation, result_of
from .terms import Coded, Terms

COLUMNS = (
    "observation_id",
    "person_id",
    "observation_concept_id",
    "observation_date",
    "observation_datetime",
    "value_as_number",
    "value_as_string",
    "value_as_concept_id",
    "qualifier_concept_id",
    "unit_concept_id",
    "observation_source_value",
    "observation_source_concept_id",
    "unit_source_value",
    "qualifier_source_value",
    "value_source_value",
)
CONCEPTS = (2, 7, 9, 11)
_ALLERGY_TO = 439224
_HISTORY_OF = frozenset([1340204, 4188893])
_FAMILY_HISTORY_OF = 4167217
_GENERAL = {
    "allergy": re.compile(r"(?:drug|food|substance) allergy|allergy to (?:a )?(?:drug|food|substance)"),
    "history": re.compile(r"(?:past )?(?:medical )?history of(?: event| clinical finding in subject)?"),
    "family": re.compile(r"family history(?: of(?: clinical finding| disorder| event)?)?"),
}
"""Questions whose value says of what: by id (Allergy to drug; History of event, History of; Family history of
clinical finding) and by name, for those of other vocabularies."""
_YES = frozenset([4188539, 45877994, 4181412, 9191, 45884084])
_NO = frozenset([4188540, 45878245, 4132135, 9189, 45878583])
"""Yes, present, positive; no, absent, negative: as SNOMED CT and LOINC answers."""
_FINDINGS = frozenset(
    ["Clinical Finding", "Context-dependent", "Situation", "Event", "Social Context", "Disorder"]
)


def resource(row: Row, terms: Terms, codes: str = "") -> dict[str, Any]:
    """What the row says, as one resource."""
    (
        key,
        person,
        concept,
        on,
        at,
        number,
        text,
        answer,
        qualifier,
        unit,
        value,
        source,
        unit_text,
        more,
        said,
    ) = row
    when = moment("observation_date", on, at)
    coded = terms.coded(concept, source, value, codes)
    asked = whole("observation_concept_id", concept) or 0
    result = result_of(answer, terms)
    quantity = amount(decimal("value_as_number", number), None, unit, unit_text, terms)
    said = words(text) or words(said)
    what = result or (terms.coded(None, None, said) if said else None)
    about = _about(asked, coded.name)
    if what is None and about == "allergy":
        own = terms.coded(None, source, value, codes)
        what = own if words(value) or own.name else coded
    if what is not None and about == "allergy":
        return conditions.finding(what._replace(means="allergy"), "observation", key, person, when)
    if what is not None and about == "history":
        made = conditions.finding(what, "observation", key, person, when)
        conditions.clinical(made, "unknown")
        return made
    if what is not None and about == "family":
        return _family(what, key, person, when)
    qualified = bool(whole("qualifier_concept_id", qualifier)) or bool(words(more))
    if quantity is None and result is None and not said and not qualified:
        return _stated(coded, key, person, when)
    yes = whole("value_as_concept_id", answer)
    if coded.means in ("condition", "allergy") and quantity is None and yes in _YES | _NO:
        made = conditions.finding(coded, "observation", key, person, when)
        if yes in _NO:
            conditions.verify(made, "refuted")
        return made
    made = observation(coded, "observation", key, person, when)
    if quantity is not None:
        made["valueQuantity"] = quantity
    elif result is not None:
        made["valueCodeableConcept"] = result.json
    elif said or words(more):
        made["valueString"] = said or words(more)
    return made


def _about(asked: int, name: str) -> str:
    """Whether the question is a general one, which its value makes a particular one."""
    if asked == _ALLERGY_TO:
        return "allergy"
    if asked in _HISTORY_OF:
        return "history"
    if asked == _FAMILY_HISTORY_OF:
        return "family"
    return next((kind for kind, said in _GENERAL.items() if said.fullmatch(name.lower())), "")


def _stated(coded: Coded, key: str | None, person: str | None, when: str | None) -> dict[str, Any]:
    concept = coded.concept
    if coded.means == "allergy":
        return conditions.finding(coded, "observation", key, person, when)
    if coded.means == "procedure" or (
        not coded.means and concept is not None and concept.kind == "Procedure"
    ):
        return procedures.procedure(coded, "observation", key, person, when)
    stated = concept is not None and concept.vocabulary == "SNOMED" and concept.kind in _FINDINGS
    if coded.means == "condition" or (not coded.means and stated):
        return conditions.finding(coded, "observation", key, person, when)
    return observation(coded, "observation", key, person, when)


def _family(coded: Coded, key: str | None, person: str | None, when: str | None) -> dict[str, Any]:
    made: dict[str, Any] = {
        "resourceType": "FamilyMemberHistory",
        "id": f"observation-{key}" if key else None,
        "status": "completed",
        "patient": {"reference": f"Patient/{person}"},
        "condition": [{"code": coded.json}],
    }
    if when:
        made["date"] = when
    return made
