"""One entry of a case as a FHIR R4 resource."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .case_codes import HL7, SYSTEM_URI, UCUM, Words
from .case_model import CaseEntry, kind_of

Json = dict[str, Any]
PATIENT = {"reference": "Patient/case"}
_QUANTITY = re.compile(r"(<=|>=|<|>)?\s*(-?\d+(?:\.\d+)?)(?:\s+(\S.*)|([^\d\s.].*))?")
_RATE = re.compile(r"(\d+)\s*/\s*(day|week|month)")
_EVERY = re.compile(r"every (\d+) (hour|day|week|month)s?")
_UNITS = {"hour": "h", "day": "d", "week": "wk", "month": "mo"}
_SUPPLY = re.compile(r"(\d+) (day|week|month)s?")
_MEANINGS = {
    "positive": ("10828004", "Positive"),
    "negative": ("260385009", "Negative"),
    "pregnancy": ("77386006", "Pregnant"),
    "not pregnancy": ("60001007", "Not pregnant"),
    "lactation": ("LA33-6", "Yes"),
    "not lactation": ("LA32-8", "No"),
}
_NOTHING = {
    "conditions": ("160245001", "No current problems or disability"),
    "medications": ("182849000", "No drug therapy prescribed"),
    "allergies": ("716186003", "No known allergy"),
}


def resource(entry: CaseEntry, number: int, words: Words) -> Json:
    """The resource for an entry; `number` makes its id. Raises ValueError if it cannot be made."""
    kind = kind_of(entry)
    made = _MAKERS[kind](entry, words)
    return {
        "resourceType": made.pop("resourceType"),
        "id": entry.id or f"{kind.replace('_', '-')}-{number}",
        **made,
    }


def _set(**fields: Any) -> Json:
    """The fields that are given."""
    return {key: value for key, value in fields.items() if value not in ("", None, [], {})}


def _hl7(system: str, code: str) -> Json:
    return {"coding": [{"system": f"{HL7}{system}", "code": code}]}


def _period(entry: CaseEntry) -> Json:
    return _set(start=entry.from_, end=entry.to)


def quantity(text: str) -> Json:
    """``<5 U/L`` as a FHIR Quantity; raises ValueError if it is none."""
    match = _QUANTITY.fullmatch(text.strip())
    if not match:
        raise ValueError(f"'{text}' is not an amount; write for example '22 U/L' or '<5 U/L'")
    unit = (match[3] or match[4] or "").strip()
    coded = _set(unit=unit, code=unit, system=UCUM) if unit else {}
    return {"value": float(match[2]), **_set(comparator=match[1]), **coded}


def _condition(entry: CaseEntry, words: Words) -> Json:
    status, verification = entry.status or "active", entry.verification or "confirmed"
    return {
        "resourceType": "Condition",
        "clinicalStatus": _hl7("condition-clinical", status),
        "verificationStatus": _hl7("condition-ver-status", verification),
        "code": words.codeable(entry.condition, "condition", entry.code, entry.text),
        "subject": PATIENT,
        **_set(onsetDateTime=entry.from_, abatementDateTime=entry.to, recordedDate=entry.recorded),
    }


def _allergy(entry: CaseEntry, words: Words) -> Json:
    return {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": _hl7("allergyintolerance-clinical", entry.status or "active"),
        "verificationStatus": _hl7("allergyintolerance-verification", entry.verification or "confirmed"),
        "code": words.codeable(entry.allergy, "allergy", entry.code, entry.text),
        "patient": PATIENT,
        **_set(
            type=entry.type,
            criticality=entry.criticality,
            onsetDateTime=entry.from_,
            recordedDate=entry.recorded,
        ),
    }


def _result(entry: CaseEntry, words: Words) -> Json:
    return {
        "resourceType": "Observation",
        "status": entry.status or "final",
        "code": words.codeable(entry.observation, "observation", entry.code, entry.text),
        "subject": PATIENT,
        **_set(effectiveDateTime=entry.on, issued=entry.recorded),
        **_value(entry.value, words.unit(entry.observation)),
        **({"referenceRange": [{"high": quantity(entry.range_high)}]} if entry.range_high else {}),
        **(
            {"dataAbsentReason": _hl7("data-absent-reason", entry.absent_reason)}
            if entry.absent_reason
            else {}
        ),
    }


def _value(value: Any, unit: str) -> Json:
    if value is None:
        return {}
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if value in ("positive", "negative"):
        return {"valueCodeableConcept": _meaning(value)}
    if isinstance(value, int) and unit in ("", "1", "{score}"):
        return {"valueInteger": value}
    try:
        return {"valueQuantity": quantity(str(value))}
    except ValueError:
        return {"valueString": value}


def _meaning(which: str) -> Json:
    code, display = _MEANINGS[which]
    system = SYSTEM_URI["loinc" if code.startswith("LA") else "snomed"]
    return {"coding": [{"system": system, "code": code, "display": display}]}


def _state(entry: CaseEntry, words: Words) -> Json:
    kind = kind_of(entry)
    return {
        "resourceType": "Observation",
        "status": entry.status or "final",
        "code": words.codeable(f"{kind}-status", "observation", entry.code, entry.text),
        "subject": PATIENT,
        **_set(effectiveDateTime=entry.on),
        "valueCodeableConcept": _meaning(kind if getattr(entry, kind) else f"not {kind}"),
    }


def _questionnaire(entry: CaseEntry, words: Words) -> Json:
    code = words.loinc(entry.questionnaire)
    answer = (
        {"valueInteger": entry.value} if isinstance(entry.value, int) else {"valueString": str(entry.value)}
    )
    return {
        "resourceType": "QuestionnaireResponse",
        "status": entry.status or "completed",
        "subject": PATIENT,
        **_set(authored=entry.on),
        "item": [{"linkId": f"/{code}", "text": entry.text or entry.questionnaire, "answer": [answer]}],
    }


def _procedure(entry: CaseEntry, words: Words) -> Json:
    period = {"performedPeriod": _period(entry)} if entry.from_ or entry.to else {}
    return {
        "resourceType": "Procedure",
        "status": entry.status or "completed",
        "code": words.codeable(entry.procedure, "procedure", entry.code, entry.text),
        "subject": PATIENT,
        **_set(performedDateTime=entry.on),
        **period,
    }


def _planned(entry: CaseEntry, words: Words) -> Json:
    return {
        "resourceType": "ServiceRequest",
        "status": entry.status or "active",
        "intent": entry.intent or "order",
        "code": words.codeable(entry.planned, "procedure", entry.code, entry.text),
        "subject": PATIENT,
        **_set(occurrenceDateTime=entry.on, authoredOn=entry.recorded),
    }


def _appointment(entry: CaseEntry, words: Words) -> Json:
    reason = words.codeable(entry.appointment, "procedure", entry.code, entry.text)
    start = entry.on if "T" in entry.on or not entry.on else f"{entry.on}T09:00:00Z"
    return {
        "resourceType": "Appointment",
        "status": entry.status or "booked",
        "reasonCode": [reason],
        "participant": [{"actor": PATIENT, "status": "accepted"}],
        **_set(start=start, created=entry.recorded),
    }


def _family(entry: CaseEntry, words: Words) -> Json:
    return {
        "resourceType": "FamilyMemberHistory",
        "status": "completed",
        "patient": PATIENT,
        "relationship": {"text": entry.relative or "parent"},
        "condition": [{"code": words.codeable(entry.family_history, "condition", entry.code, entry.text)}],
        **_set(date=entry.recorded),
    }


def _medication(entry: CaseEntry, words: Words) -> Json:
    return _MEDICATION[entry.as_ or "request"](
        entry, words.codeable(entry.medication, "medicine", entry.code, entry.text)
    )


def _dosage(entry: CaseEntry) -> Json:
    timing = _timing(entry.frequency)
    amount = [{"doseQuantity": quantity(entry.dose)}] if entry.dose else []
    return _set(text=entry.instructions, timing={"repeat": timing} if timing else None, doseAndRate=amount)


def _timing(frequency: str) -> Json:
    if not frequency:
        return {}
    if match := _RATE.fullmatch(frequency):
        return {"frequency": int(match[1]), "period": 1, "periodUnit": _UNITS[match[2]]}
    if match := _EVERY.fullmatch(frequency):
        return {"frequency": 1, "period": int(match[1]), "periodUnit": _UNITS[match[2]]}
    raise ValueError(f"'{frequency}' is not a frequency; write for example '1/day' or 'every 28 days'")


def _days(entry: CaseEntry) -> Json:
    if not entry.supply:
        return {}
    match = _SUPPLY.fullmatch(entry.supply)
    if not match:
        raise ValueError(f"'{entry.supply}' is not a supply; write for example '30 days'")
    code = _UNITS[match[2]]
    return {"value": int(match[1]), "unit": code, "code": code, "system": UCUM}


def _request(entry: CaseEntry, medicine: Json) -> Json:
    dosage, bounds = _dosage(entry), _period(entry)
    if bounds.get("end") or (bounds and entry.recorded):
        dosage["timing"] = {"repeat": {**dosage.get("timing", {}).get("repeat", {}), "boundsPeriod": bounds}}
    return {
        "resourceType": "MedicationRequest",
        "status": "draft" if entry.draft else entry.status or "active",
        "intent": entry.intent or "order",
        "medicationCodeableConcept": medicine,
        "subject": PATIENT,
        **_set(
            authoredOn=entry.recorded or entry.from_,
            dosageInstruction=[dosage] if dosage else [],
            dispenseRequest=_set(numberOfRepeatsAllowed=entry.refills, expectedSupplyDuration=_days(entry)),
        ),
    }


def _statement(entry: CaseEntry, medicine: Json) -> Json:
    dosage = _dosage(entry)
    return {
        "resourceType": "MedicationStatement",
        "status": entry.status or "active",
        "medicationCodeableConcept": medicine,
        "subject": PATIENT,
        **_set(
            effectivePeriod=_period(entry), dateAsserted=entry.recorded, dosage=[dosage] if dosage else []
        ),
    }


def _dispense(entry: CaseEntry, medicine: Json) -> Json:
    dosage = _dosage(entry)
    return {
        "resourceType": "MedicationDispense",
        "status": entry.status or "completed",
        "medicationCodeableConcept": medicine,
        "subject": PATIENT,
        **_set(
            whenHandedOver=entry.from_, daysSupply=_days(entry), dosageInstruction=[dosage] if dosage else []
        ),
    }


def _administration(entry: CaseEntry, medicine: Json) -> Json:
    when = {"effectivePeriod": _period(entry)} if entry.to else _set(effectiveDateTime=entry.from_)
    return {
        "resourceType": "MedicationAdministration",
        "status": entry.status or "completed",
        "medicationCodeableConcept": medicine,
        "subject": PATIENT,
        **when,
        **({"dosage": {"dose": quantity(entry.dose)}} if entry.dose else {}),
    }


def _nothing(entry: CaseEntry, words: Words) -> Json:
    kind = kind_of(entry)
    code, display = _NOTHING[kind]
    said = {"coding": [{"system": SYSTEM_URI["snomed"], "code": code, "display": display}], "text": display}
    if kind == "medications":
        return _statement(CaseEntry(), said)
    resource_type, owner, clinical = {
        "conditions": ("Condition", "subject", "condition-clinical"),
        "allergies": ("AllergyIntolerance", "patient", "allergyintolerance-clinical"),
    }[kind]
    return {
        "resourceType": resource_type,
        "clinicalStatus": _hl7(clinical, "active"),
        "code": said,
        owner: PATIENT,
    }


_MEDICATION: dict[str, Callable[[CaseEntry, Json], Json]] = {
    "request": _request,
    "statement": _statement,
    "dispense": _dispense,
    "administration": _administration,
}
_MAKERS: dict[str, Callable[[CaseEntry, Words], Json]] = {
    "condition": _condition,
    "medication": _medication,
    "observation": _result,
    "allergy": _allergy,
    "procedure": _procedure,
    "planned": _planned,
    "appointment": _appointment,
    "family_history": _family,
    "questionnaire": _questionnaire,
    "pregnancy": _state,
    "lactation": _state,
    "conditions": _nothing,
    "medications": _nothing,
    "allergies": _nothing,
}
