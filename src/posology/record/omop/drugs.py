"""DRUG_EXPOSURE: an order, a dispense, an administration or a statement.

Which one: `drug_type_concept_id`. Prescriptions and orders are a MedicationRequest, dispensing records and
pharmacy claims a MedicationDispense, administrations (also those told from a procedure or a bill for one) a
MedicationAdministration. Medication lists and what patients report are a MedicationStatement, and so is
every other or unknown type: the table says that the person was exposed, which is what a statement says; to
call it an order would make it less than it says, to call it an administration more.

When it ended. `drug_exposure_end_date` is required, so those who fill the table infer one: start + days of
supply, start + 29 (or 30) days, or the day of the start (DRUG_EXPOSURE, ETL conventions). An inferred end
proves nothing, so an end counts only if

- it is `verbatim_end_date`, the end as the source gives it; or
- it differs from all of these inferences; or, on the day of the start, both times of day are known and differ
  (the last minute of a day is none: that is how a date is padded).

Days of supply, times 1 + refills for orders and statements, tell when it ran out. Only a `verbatim_end_date`, or
an end with a `stop_reason` that says that it was stopped or completed (`reasons`), makes that earlier; of
another end and the end of the supply the later one counts. Without end and supply:

- an order or statement is open ("active"), as nothing ends it: believed for a year, then unconfirmed
  (`posology.record.taken`);
- a dispense is believed on its day and possible for a year;
- an administration is one.

What the end of a supply means. OMOP has no status of an order, so nobody can say whether one whose supply has
run out is over: orders are often left open, and medicines taken as needed outlast their supply. An order or
statement that nothing but its supply ends is therefore two resources: one that is sure until the end of the
supply, and one of status "unknown" (`drug-ID-grace`) that leaves it open, from the start on, for as many days
more as the supply lasted (refills included), but at least `GRACE`. After that it is over.

`stop_reason` says that it was stopped, not when: status "stopped" (or "completed", "entered-in-error", if
that is what it says). An end before the start contradicts it and is left out.
"""

from __future__ import annotations

from typing import Any

import msgspec

from posology.record.fhir_types import CodeableConcept

from .cells import Row, days_between, decimal, later, moment, whole, words
from .reasons import status_of
from .terms import Terms

COLUMNS = (
    "drug_exposure_id",
    "person_id",
    "drug_concept_id",
    "drug_exposure_start_date",
    "drug_exposure_start_datetime",
    "drug_exposure_end_date",
    "drug_exposure_end_datetime",
    "verbatim_end_date",
    "drug_type_concept_id",
    "stop_reason",
    "refills",
    "quantity",
    "days_supply",
    "sig",
    "route_concept_id",
    "route_source_value",
    "drug_source_value",
    "drug_source_concept_id",
)
CONCEPTS = (2, 14, 17)
_TYPES = {
    **dict.fromkeys([32838, 32839, 32833, 38000177], "MedicationRequest"),
    **dict.fromkeys([32825, 32857, 32869, 38000175, 38000176, 581452], "MedicationDispense"),
    **dict.fromkeys(
        [32818, 38000179, 38000180, 43542356, 43542357, 43542358, 581373], "MedicationAdministration"
    ),
    **dict.fromkeys([32830, 32865, 38000178, 44787730], "MedicationStatement"),
}
"""`drug_type_concept_id` (vocabularies Type Concept and, before 2020, Drug Type): prescription, its issue,
order, prescription written; dispensing, mail order, pharmacy claim, dispensed in pharmacy, by mail, in an
office; administration record, told by a procedure, inpatient, physician administered; list, self-report."""
_MOST = 36500
"""Days of supply beyond which a number is none."""
GRACE = 30
"""Days after a supply for which an order may at least go on."""


def resources(row: Row, terms: Terms, codes: str = "") -> list[dict[str, Any]]:
    """A resource about one medicine, and one about the days after its supply where nothing else ends it."""
    key, person, concept, start, start_at, end, end_at, verbatim, kind, stop = row[:10]
    refills, quantity, supplied, sig, route, route_text, value, source = row[10:]
    began = moment("drug_exposure_start_date", start, start_at)
    supply = whole("days_supply", supplied) or 0
    supply = supply if 0 < supply <= _MOST else 0
    repeats = min(max(0, whole("refills", refills) or 0), _MOST)
    type_ = _TYPES.get(whole("drug_type_concept_id", kind) or 0, "MedicationStatement")
    status = status_of(stop)
    lasts = supply if type_ == "MedicationDispense" else supply * (1 + repeats)
    ended = _end(
        began,
        moment("drug_exposure_end_date", end, end_at),
        moment("verbatim_end_date", verbatim, None),
        supply,
        repeats,
        0 if status or type_ == "MedicationAdministration" else lasts,
    )
    made: dict[str, Any] = {
        "resourceType": type_,
        "id": f"drug-{key}" if key else None,
        "medicationCodeableConcept": terms.coded(concept, source, value, codes, True).json,
        "subject": {"reference": f"Patient/{person}"},
    }
    how = _how(sig, route, route_text, terms)
    packs = decimal("quantity", quantity)
    ran_out = later(began[:10], lasts - 1) if began and lasts and not ended else None
    if type_ == "MedicationRequest":
        made["intent"] = "order"
        made["status"] = status or ("completed" if lasts and not ended else "active")
        if began:
            made["authoredOn"] = began
        if how or ended:
            made["dosageInstruction"] = [how | _bounded(began, ended) if ended else how]
        _request(made, supply, repeats, packs)
    elif type_ == "MedicationDispense":
        made["status"] = status or "completed"
        if began:
            made["whenHandedOver"] = began
        if ended and began:
            supply = days_between(began[:10], ended[:10]) + 1
        if supply:
            made["daysSupply"] = _days(supply)
        if packs:
            made["quantity"] = {"value": packs}
        if how:
            made["dosageInstruction"] = [how]
    elif type_ == "MedicationAdministration":
        made["status"] = "entered-in-error" if status == "entered-in-error" else "completed"
        made |= _given(began, ended)
        if how:
            made["dosage"] = how
    else:
        made["status"] = status or "active"
        if began or ended:
            made["effectivePeriod"] = _period(began, ended or ran_out)
        if how:
            made["dosage"] = [how]
    grace = None if status else _grace(made, began, ran_out, lasts, how, terms)
    return [made] if grace is None else [made, grace]


def _given(began: str | None, ended: str | None) -> dict[str, Any]:
    """When it was given."""
    if ended and ended != began:
        return {"effectivePeriod": _period(began, ended)}
    return {"effectiveDateTime": began} if began else {}


def _identified(made: dict[str, Any], terms: Terms) -> bool:
    """Is it known which medicine it is? One of which it is not leaves everything open already."""
    concept = msgspec.json.decode(made["medicationCodeableConcept"], type=CodeableConcept)
    medicine = terms.index.match("medicine", concept).medicine
    return medicine is not None and medicine.identified


def _grace(
    made: dict[str, Any],
    began: str | None,
    ran_out: str | None,
    lasts: int,
    how: dict[str, Any],
    terms: Terms,
) -> dict[str, Any] | None:
    """The same order or statement, of which nobody knows whether it went on after its supply; None for others."""
    type_ = made["resourceType"]
    if type_ not in ("MedicationRequest", "MedicationStatement") or not began or not ran_out:
        return None
    if not _identified(made, terms):
        return None
    until = later(ran_out, max(lasts, GRACE))
    kept = {key: cell for key, cell in made.items() if key != "dispenseRequest"}
    kept |= {"id": f"{made['id']}-grace" if made["id"] else None, "status": "unknown"}
    if type_ == "MedicationRequest":
        return kept | {"dosageInstruction": [how | _bounded(began, until)]}
    return kept | {"effectivePeriod": _period(began, until)}


def _end(
    began: str | None, ended: str | None, verbatim: str | None, supply: int, repeats: int, lasts: int
) -> str | None:
    """The end, if it is one that the source gave and not one that was inferred.

    `lasts` are the days that no end but the source's own makes fewer.
    """
    first = began[:10] if began else ""
    if verbatim is not None and verbatim >= first:
        return verbatim
    if ended is not None and ended[11:16] == "23:59":
        ended = ended[:10]
    if ended is None or not began or ended[:10] < first:
        return None if began else ended
    length = days_between(first, ended[:10])
    if length < lasts:
        return None
    if length == 0:
        return ended if "T" in ended and "T" in began and ended > began else None
    inferred = {29, 30, supply, supply - 1, supply * (1 + repeats), supply * (1 + repeats) - 1}
    return None if length in inferred else ended


def _how(sig: str | None, route: str | None, route_text: str | None, terms: Terms) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if text := words(sig):
        made["text"] = text
    if terms.concept(route) is not None:
        made["route"] = terms.coded(route).json
    elif text := words(route_text):
        made["route"] = {"text": text}
    return made


def _request(made: dict[str, Any], supply: int, repeats: int, packs: float | None) -> None:
    request: dict[str, Any] = {}
    if supply:
        request["expectedSupplyDuration"] = _days(supply)
    if repeats:
        request["numberOfRepeatsAllowed"] = repeats
    if packs:
        request["quantity"] = {"value": packs}
    if request:
        made["dispenseRequest"] = request


def _days(number: int) -> dict[str, Any]:
    return {"value": number, "unit": "d", "system": "http://unitsofmeasure.org", "code": "d"}


def _bounded(began: str | None, ended: str) -> dict[str, Any]:
    return {"timing": {"repeat": {"boundsPeriod": _period(began, ended)}}}


def _period(began: str | None, ended: str | None) -> dict[str, str]:
    return {key: when for key, when in (("start", began), ("end", ended)) if when}
