"""OBSERVATION: whatever is no condition, drug, measurement or procedure to OMOP.

A row about an allergy or a condition is a finding, whatever else it says, so that none is lost for a value
that nobody foresaw (`answers` reads them):

- without a value, or with one that says yes ("Y", "present", "severe"), it is present;
- with one that says no, and with nothing besides, it is refuted;
- with any other value an allergy is present (the value is mostly the reaction), and a condition is provisional:
  it may or may not be there.

A row with a value about anything else is a question with its answer: an Observation. One without any value
states something, and becomes what its concept is:

- an AllergyIntolerance if its name says allergy ("Allergy to penicillin", "No known allergy") or the
  knowledge lists it as one; "Allergy to drug" and its like are one to the value, else to what the source code names;
- a Procedure if its concept class is Procedure or the knowledge lists it as one;
- a Condition if it is a SNOMED CT finding, situation, event or social context, or the knowledge lists it (by
  its name too, where there is no concept);
- else an Observation without a value (a LOINC question that was not answered).

"No known allergy" with a value that is neither yes nor no says nothing of allergies: an Observation. "History
of" with a value is a Condition of unknown clinical status: a past history holds what is over and what is
not, so it is neither present nor past. "Family history of" with a value is a FamilyMemberHistory.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from posology.record.fhir_types import CodeableConcept

from . import conditions, procedures
from .answers import HAS, HAS_NOT, UNCLEAR, reading
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
_NONE_KNOWN = re.compile(r"^no (?:known )?\b.*\ballerg", re.IGNORECASE)
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
    source_said = "" if result or words(text) else words(said)
    answered = reading(terms, (answer, qualifier), (text, source_said, more), number)
    said = words(text) or words(said)
    what = result or (terms.coded(None, None, said) if said else None)
    about = _about(asked, coded.name)
    if about == "allergy":
        own = terms.coded(None, source, value, codes)
        own = own if words(value) or own.name else coded
        if what is None or answered in (HAS, HAS_NOT) or (_to(own, terms) and not _to(what, terms)):
            what = own
        return _finding(what._replace(means="allergy"), answered, key, person, when)
    if what is not None and about == "history":
        made = conditions.finding(what, "observation", key, person, when)
        conditions.clinical(made, "unknown")
        return made
    if what is not None and about == "family":
        return _family(what, key, person, when)
    qualified = bool(whole("qualifier_concept_id", qualifier)) or bool(words(more))
    if quantity is None and result is None and not said and not qualified:
        return _stated(coded, key, person, when, terms)
    none = answered == UNCLEAR and _NONE_KNOWN.search(coded.name)
    if coded.means in ("condition", "allergy") and not none:
        return _finding(coded, answered, key, person, when)
    if not coded.means and _names_condition(coded, answered, terms):
        return _finding(coded, answered, key, person, when)
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


def _to(coded: Coded, terms: Terms) -> bool:
    """Does it name something that the knowledge lists allergies to?"""
    return bool(terms.index.match("allergy", _concept(coded)).matches)


def _names_condition(coded: Coded, answered: str, terms: Terms) -> bool:
    """Is it a condition by its name: in words of the source alone, or a finding of SNOMED CT with a plain answer?"""
    if coded.concept is not None:
        return answered in (HAS, HAS_NOT) and _is_finding(coded)
    concept = _concept(coded)
    sure = any(match.certain for match in terms.index.match("condition", concept).matches)
    return sure and not terms.index.match("observation", concept).matches


def _concept(coded: Coded) -> CodeableConcept:
    return msgspec.json.decode(coded.json, type=CodeableConcept)


def _is_finding(coded: Coded) -> bool:
    concept = coded.concept
    return concept is not None and concept.vocabulary == "SNOMED" and concept.kind in _FINDINGS


def _finding(
    coded: Coded, answered: str, key: str | None, person: str | None, when: str | None
) -> dict[str, Any]:
    """A Condition or an AllergyIntolerance, as sure as the answer makes it."""
    made = conditions.finding(coded, "observation", key, person, when)
    if answered == HAS_NOT:
        conditions.verify(made, "refuted")
    elif answered == UNCLEAR and coded.means != "allergy":
        conditions.verify(made, "provisional")
    return made


def _stated(
    coded: Coded, key: str | None, person: str | None, when: str | None, terms: Terms
) -> dict[str, Any]:
    concept = coded.concept
    if coded.means == "allergy":
        return conditions.finding(coded, "observation", key, person, when)
    if coded.means == "procedure" or (
        not coded.means and concept is not None and concept.kind == "Procedure"
    ):
        return procedures.procedure(coded, "observation", key, person, when)
    named = not coded.means and (_is_finding(coded) or _names_condition(coded, "", terms))
    if coded.means == "condition" or named:
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
