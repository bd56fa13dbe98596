"""One strategy for each resource type that is read, aimed at the edges of one criterion.

`Want` says what the entry should be about; everything else is drawn. Ids and subjects are added by
`records.record`. All that is made here is valid FHIR R4, apart from the rare odd unit or day.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, NamedTuple

from hypothesis import strategies as st

from posology.monograph.criterion import ULN, Amount, Criterion

from . import codes, knowledge
from .dates import around

Json = dict[str, Any]
Draw = st.DrawFn


class Want(NamedTuple):
    """What an entry should be about: the day asked about, a concept ('' for noise), the leaf it is aimed at."""

    on: date
    concept: str = ""
    leaf: Criterion | None = None
    future: bool = False

    @property
    def window(self) -> int | None:
        leaf = self.leaf
        return None if leaf is None else leaf.within if leaf.within is not None else leaf.next


def one(draw: Draw, *values: Any) -> Any:
    """One of the values; None stands for leaving it out."""
    return draw(st.sampled_from(values))


def when(draw: Draw, want: Want) -> str:
    return draw(around(want.on, want.window, want.future))


def what(draw: Draw, want: Want, kind: str) -> Json:
    return draw(codes.naming(want.concept) if want.concept else codes.noise(kind))


def status(system: str, code: str) -> Json:
    return {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{system}", "code": code}]}


def shed(resource: Json) -> Json:
    """Without what was left out."""
    return {key: value for key, value in resource.items() if value is not None}


def later(day: str, days: int) -> str:
    """A day after one that is written in full; the same day if it is not."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat() if len(day) == 10 else day


# --- conditions, allergies, procedures --------------------------------------------------------------


def condition(draw: Draw, want: Want) -> Json:
    day = when(draw, want)
    clinical = one(
        draw,
        "active",
        "active",
        "active",
        "recurrence",
        "relapse",
        "inactive",
        "remission",
        "resolved",
        "unknown",
        None,
    )
    verified = one(
        draw,
        "confirmed",
        "confirmed",
        "confirmed",
        "unconfirmed",
        "provisional",
        "differential",
        "refuted",
        "entered-in-error",
        None,
    )
    made = {
        "resourceType": "Condition",
        "clinicalStatus": clinical and status("condition-clinical", clinical),
        "verificationStatus": verified and status("condition-ver-status", verified),
        "code": what(draw, want, "condition"),
    }
    dated = one(draw, "onsetDateTime", "recordedDate", "both", "period", "recordedDate")
    if dated == "both":
        made |= {"onsetDateTime": day, "recordedDate": day}
    elif dated == "period":
        made |= {"onsetPeriod": {"start": day}, "recordedDate": day}
    else:
        made[dated] = day
    if clinical in {"inactive", "remission", "resolved"} and not want.future:
        made["abatementDateTime"] = one(draw, later(day, 1), None)
    return shed(made)


def allergy(draw: Draw, want: Want) -> Json:
    clinical = one(draw, "active", "active", "active", "inactive", "resolved", None)
    verified = one(draw, "confirmed", "confirmed", "unconfirmed", "refuted", "entered-in-error", None)
    return shed(
        {
            "resourceType": "AllergyIntolerance",
            "clinicalStatus": clinical and status("allergyintolerance-clinical", clinical),
            "verificationStatus": verified and status("allergyintolerance-verification", verified),
            "type": one(draw, "allergy", "intolerance", None),
            "criticality": one(draw, "high", "low", None),
            "code": what(draw, want, "allergy"),
            "recordedDate": when(draw, want),
        }
    )


def procedure(draw: Draw, want: Want) -> Json:
    day = when(draw, want)
    made = {
        "resourceType": "Procedure",
        "status": "completed"
        if want.future
        else one(
            draw,
            "completed",
            "completed",
            "completed",
            "in-progress",
            "preparation",
            "not-done",
            "entered-in-error",
            "unknown",
        ),
        "code": what(draw, want, "procedure"),
    }
    dated: Json = one(draw, {"performedDateTime": day}, {"performedPeriod": {"start": day, "end": day}})
    return made | dated


def service_request(draw: Draw, want: Want) -> Json:
    return shed(
        {
            "resourceType": "ServiceRequest",
            "intent": one(draw, "order", "order", "plan", "option"),
            "status": one(draw, "active", "active", "active", "draft", "on-hold", "revoked", "completed"),
            "doNotPerform": one(draw, None, None, None, True),
            "code": what(draw, want, "procedure"),
            "authoredOn": later(want.on.isoformat(), 3 if want.future else -5),
            "occurrenceDateTime": one(draw, ahead(draw, want), ahead(draw, want), None),
        }
    )


def appointment(draw: Draw, want: Want) -> Json:
    return shed(
        {
            "resourceType": "Appointment",
            "status": one(draw, "booked", "booked", "proposed", "cancelled", "noshow", "fulfilled"),
            "serviceType": [what(draw, want, "procedure")],
            "created": later(want.on.isoformat(), 3 if want.future else -5),
            "start": f"{ahead(draw, want)}T09:00:00Z",
            "participant": [{"status": "accepted"}],
        }
    )


def encounter(draw: Draw, want: Want) -> Json:
    return shed(
        {
            "resourceType": "Encounter",
            # Nothing in a planned one says since when it is planned, so it is never one that was not known yet.
            "status": one(draw, "finished", "cancelled")
            if want.future
            else one(draw, "planned", "planned", "finished", "cancelled"),
            "type": [what(draw, want, "procedure")],
            "period": one(draw, {"start": f"{ahead(draw, want)}T09:00:00Z"}, {"start": ahead(draw, want)}),
        }
    )


def ahead(draw: Draw, want: Want) -> str:
    """A day to come, at or near the edge of the window."""
    window = want.window or 10
    return later(want.on.isoformat(), one(draw, 0, 1, window - 1, window, window + 1, 100))


# --- medicines --------------------------------------------------------------------------------------


def drug(draw: Draw, want: Want) -> Json:
    return {"medicationCodeableConcept": what(draw, want, "medicine")}


def instructions(draw: Draw, want: Want) -> list[Json]:
    """How much to take, with the bound of a `dose` criterion met, missed and just met."""
    leaf = want.leaf
    limit = bound(leaf).value if leaf is not None and leaf.kind == "dose" else 50.0
    amount = one(draw, limit, limit - 0.5, limit + 0.5, 4.5, None)
    if amount is None:
        return one(draw, [], [{"text": "as directed"}])  # type: ignore[no-any-return]
    often = one(
        draw,
        {"frequency": 1, "period": 1, "periodUnit": "d"},
        {"frequency": 2, "period": 1, "periodUnit": "d"},
        None,
    )
    made: Json = {"doseAndRate": [{"doseQuantity": {"value": amount, "unit": "mg", "code": "mg"}}]}
    return [made | {"timing": {"repeat": often}} if often else {"text": f"take {amount:g} mg daily"}]


def request(draw: Draw, want: Want) -> Json:
    day = when(draw, want)
    supply = one(
        draw, None, None, {"value": 30, "unit": "days", "code": "d"}, {"value": 1, "unit": "wk", "code": "wk"}
    )
    return shed(
        {
            "resourceType": "MedicationRequest",
            "status": one(
                draw,
                "active",
                "active",
                "active",
                "on-hold",
                "stopped",
                "completed",
                "cancelled",
                "draft",
                "entered-in-error",
                "unknown",
            ),
            "intent": one(draw, "order", "order", "order", "plan", "proposal"),
            "doNotPerform": one(draw, None, None, None, None, True),
            "authoredOn": day,
            "dosageInstruction": instructions(draw, want),
            "dispenseRequest": supply
            and {"expectedSupplyDuration": supply, "numberOfRepeatsAllowed": one(draw, 0, 2)},
        }
    ) | drug(draw, want)


def statement(draw: Draw, want: Want) -> Json:
    day = when(draw, want)
    dated: Json = one(
        draw,
        {"effectiveDateTime": day},
        {"effectivePeriod": {"start": day}},
        {"dateAsserted": day},
        {"effectivePeriod": {"start": later(day, -20), "end": day}, "dateAsserted": day},
    )
    if want.future:
        dated = {"dateAsserted": day, "effectiveDateTime": day}
    return (
        {
            "resourceType": "MedicationStatement",
            "status": one(
                draw,
                "active",
                "active",
                "completed",
                "stopped",
                "intended",
                "not-taken",
                "unknown",
                "on-hold",
            ),
        }
        | dated
        | drug(draw, want)
        | {"dosage": instructions(draw, want)}
    )


def dispense(draw: Draw, want: Want) -> Json:
    return shed(
        {
            "resourceType": "MedicationDispense",
            "status": one(draw, "completed", "completed", "completed", "preparation", "cancelled", "stopped"),
            "whenHandedOver": when(draw, want),
            "daysSupply": one(draw, {"value": 7, "unit": "d"}, {"value": 30, "unit": "days"}, None),
        }
    ) | drug(draw, want)


def administration(draw: Draw, want: Want) -> Json:
    day = when(draw, want)
    dated: Json = one(draw, {"effectiveDateTime": day}, {"effectivePeriod": {"start": day, "end": day}})
    return (
        {
            "resourceType": "MedicationAdministration",
            "status": one(draw, "completed", "completed", "completed", "in-progress", "not-done", "unknown"),
        }
        | dated
        | drug(draw, want)
        | {"dosage": {"dose": {"value": 10, "unit": "mg", "code": "mg"}}}
    )


# --- observations -----------------------------------------------------------------------------------


def bound(leaf: Criterion | None) -> Amount:
    """The first bound of a criterion, or a number that means nothing."""
    bounds = (leaf.above, leaf.from_, leaf.below, leaf.to) if leaf is not None else ()
    return next((each for each in bounds if each is not None), Amount(5.0, ""))


def number(draw: Draw, want: Want) -> Json:
    """A quantity at a threshold, beside it or far from it, in one of the concept's units or an odd one."""
    concept = knowledge.engine().index.concepts.get(want.concept)
    limit, unit = bound(want.leaf), concept.unit if concept is not None else "cm"
    made: Json = {}
    value = limit.value
    if limit.unit == ULN:
        high = one(draw, 40.0, 35.0, 1.2)
        value *= high
        given = one(draw, True, True, False)
        if given:
            made["referenceRange"] = [{"high": {"value": high, "unit": unit, "code": unit}}]
    value += one(draw, 0, 0.5, -0.5, 1, -1, 0.0)
    value = one(draw, value, value, value, value * 10, 1.0, 0.0)
    for_unit = [(unit, 1.0)] * 8 + [("", 1.0), ("furlong", 1.0)]
    if concept is not None:
        for_unit += [(each.unit, each.factor) for each in concept.conversions]
    unit, factor = one(draw, *for_unit)
    quantity = {
        "value": round(value / factor, 6),
        "unit": unit,
        "system": "http://unitsofmeasure.org",
        "code": unit,
    }
    if not unit:
        quantity = {"value": round(value, 6)}
    sign = one(draw, None, None, None, None, None, None, "<", ">", "<=", ">=")
    return made | {"valueQuantity": quantity | ({"comparator": sign} if sign else {})}


POSITIVE = {"coding": [{"system": "http://snomed.info/sct", "code": "10828004", "display": "Positive"}]}
NEGATIVE = {"coding": [{"system": "http://snomed.info/sct", "code": "260385009", "display": "Negative"}]}


def coded(draw: Draw) -> Json:
    return one(
        draw,
        {"valueCodeableConcept": POSITIVE},
        {"valueCodeableConcept": POSITIVE},  # type: ignore[no-any-return]
        {"valueCodeableConcept": NEGATIVE},
        {"valueString": "not detected"},
        {"valueString": "Positive"},
        {"valueBoolean": True},
        {"valueBoolean": False},
        {"valueString": "see comment"},
        {"dataAbsentReason": {"coding": [{"code": "not-performed"}]}},
        {},
    )


def result(draw: Draw, want: Want) -> Json:
    """The value of an observation: a number where the concept has a unit, else a coded one."""
    concept = knowledge.engine().index.concepts.get(want.concept)
    numeric = concept is None or bool(concept.unit)
    return number(draw, want) if numeric != one(draw, *[False] * 12, True) else coded(draw)


def observation(draw: Draw, want: Want) -> Json:
    made: Json = {
        "resourceType": "Observation",
        "status": one(
            draw,
            "final",
            "final",
            "final",
            "final",
            "amended",
            "preliminary",
            "registered",
            "cancelled",
            "entered-in-error",
            "unknown",
        ),
    }
    code, value, day = what(draw, want, "observation"), result(draw, want), when(draw, want)
    dated: Json = one(
        draw,
        {"effectiveDateTime": day},
        {"effectiveDateTime": day},
        {"issued": f"{day[:10]}T10:00:00Z"},
        {"effectivePeriod": {"start": day, "end": day}},
    )
    if len(day) < 10 and "issued" in dated:
        dated = {"effectiveDateTime": day}
    if one(draw, False, False, False, False, True):
        panel = {"coding": [{"system": "http://loinc.org", "code": "24323-8", "display": "a panel"}]}
        return made | dated | {"code": panel, "component": [{"code": code} | value]}
    return made | dated | {"code": code} | value


def questionnaire(draw: Draw, want: Want) -> Json:
    link = next((code for _, code, _ in knowledge.codings(want.concept)), "1") if want.concept else "1"
    given: Json = one(
        draw,
        {"valueInteger": 2},
        {"valueInteger": 0},
        {"valueDecimal": 25},
        {
            "valueCoding": {
                "system": "http://loinc.org",
                "code": one(draw, "LA6571-9", "LA6568-5"),
                "display": "an answer",
            }
        },
    )
    return {
        "resourceType": "QuestionnaireResponse",
        "authored": when(draw, want),
        "status": one(draw, "completed", "completed", "amended", "in-progress", "entered-in-error"),
        "item": [{"linkId": "group", "item": [{"linkId": f"/{link}", "answer": [given]}]}],
    }


def family_history(draw: Draw, want: Want) -> Json:
    return {
        "resourceType": "FamilyMemberHistory",
        "status": "completed",
        "relationship": {"text": one(draw, "mother", "brother")},
        "condition": [{"code": what(draw, want, "condition")}],
    }


MAKERS: dict[str, Callable[[Draw, Want], Json]] = {
    "Condition": condition,
    "AllergyIntolerance": allergy,
    "Procedure": procedure,
    "ServiceRequest": service_request,
    "Appointment": appointment,
    "Encounter": encounter,
    "MedicationRequest": request,
    "MedicationStatement": statement,
    "MedicationDispense": dispense,
    "MedicationAdministration": administration,
    "Observation": observation,
    "QuestionnaireResponse": questionnaire,
    "FamilyMemberHistory": family_history,
}
"""A maker for every resource type that the reader knows; a test compares this with the reader's own table."""
KIND = {"FamilyMemberHistory": "condition"}


def sure(resource: Json) -> Json:
    """The same entry with the statuses of one that counts."""
    return {
        key: value
        for key, value in (resource | SURE.get(resource["resourceType"], {})).items()
        if value is not None
    }


SURE: dict[str, Json] = {
    "Condition": {
        "clinicalStatus": status("condition-clinical", "active"),
        "abatementDateTime": None,
        "verificationStatus": status("condition-ver-status", "confirmed"),
    },
    "AllergyIntolerance": {
        "clinicalStatus": status("allergyintolerance-clinical", "active"),
        "type": "allergy",
        "verificationStatus": status("allergyintolerance-verification", "confirmed"),
    },
    "Procedure": {"status": "completed"},
    "ServiceRequest": {"status": "active", "intent": "order", "doNotPerform": None},
    "Appointment": {"status": "booked"},
    "Encounter": {"status": "planned"},
    "MedicationRequest": {"status": "active", "intent": "order", "doNotPerform": None},
    "MedicationStatement": {"status": "active"},
    "MedicationDispense": {"status": "completed"},
    "MedicationAdministration": {"status": "completed"},
    "Observation": {"status": "final"},
    "QuestionnaireResponse": {"status": "completed"},
}
