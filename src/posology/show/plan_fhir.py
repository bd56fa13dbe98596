"""The FHIR R4 form of a plan: a Bundle of a CarePlan, one MedicationRequest a step, one DetectedIssue a warning.

Everything is a draft and a proposal: nothing here is an order. The subject is said in words, because a plan
is made from a regimen and not from a record.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from posology.check.result import Result
from posology.monograph.load import Library
from posology.monograph.model import Code, Product
from posology.regimen.planned import Appointment, Plan, PlannedDose, Said, Step

from . import words
from .citing import cited
from .escape import plain
from .fhir import URN, collected, identified, is_web, patient_of
from .fhir import bundle as answered
from .json import dumped
from .series import Series, series

Resource = dict[str, Any]

NOBODY = {"display": "The person whom this plan is made for (the plan does not know who)"}
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
ROUTES = {
    "po": ("26643006", "Oral route"),
    "sl": ("37839007", "Sublingual route"),
    "nasal": ("46713006", "Nasal route"),
    "iv": ("47625008", "Intravenous route"),
    "im": ("78421000", "Intramuscular route"),
    "im-xr": ("78421000", "Intramuscular route"),
    "sc": ("34206005", "Subcutaneous route"),
    "sc-xr": ("34206005", "Subcutaneous route"),
}
"""Routes of rx notation in SNOMED CT; the others are given in words."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def render(plan: Plan, library: Library) -> str:
    """The plan as a FHIR R4 Bundle of type collection, in JSON, ending in a newline."""
    return dumped(bundle(plan, library))


def render_after(result: Result, planned: Plan | str, library: Library) -> str:
    """The Bundle of an answer with the plan that it allows, or with an OperationOutcome that says why it does not."""
    if isinstance(planned, str):
        issue = {"severity": "information", "code": "business-rule", "diagnostics": planned}
        more = [identified({"resourceType": "OperationOutcome", "issue": [issue]})]
    else:
        more = resources(planned, library, patient_of(result) or NOBODY)
    return dumped(collected([each["resource"] for each in answered([result])["entry"]] + more))


def bundle(plan: Plan, library: Library) -> Resource:
    """The Bundle: the CarePlan first, then what it refers to."""
    return collected(resources(plan, library, NOBODY))


def resources(plan: Plan, library: Library, subject: Resource) -> list[Resource]:
    """The CarePlan, its MedicationRequests and its DetectedIssues, about this subject."""
    by_step: dict[int, list[PlannedDose]] = defaultdict(list)
    for dose in plan.doses:
        by_step[dose.step].append(dose)
    requests = [
        identified({**_request(plan, step, by_step[number], library), "subject": subject})
        for number, step in enumerate(plan.steps)
    ]
    issues = [_issue(plan, said, severity, library) for said, severity in _issues(plan).items()]
    care_plan = identified({**_care_plan(plan, requests, issues), "subject": subject})
    return list({each["id"]: each for each in (care_plan, *requests, *issues)}.values())


# --- MedicationRequest ----------------------------------------------------------------------------


def _request(plan: Plan, step: Step, doses: list[PlannedDose], library: Library) -> Resource:
    product = _product(plan, library)
    notes = [f"rx: {step.rx}", f"The pharmacy has to make: {step.needs}" if step.needs else ""]
    return {
        "resourceType": "MedicationRequest",
        "status": "draft",
        "intent": "proposal",
        "medicationCodeableConcept": _medication(plan, product, library),
        "authoredOn": plan.asked_start.isoformat(),
        "reasonCode": [{"text": plan.use.replace("-", " ")}] if plan.use else [],
        "instantiatesUri": [f"{URN}:monograph:{plan.drug}:{plan.regimen}"] if plan.regimen else [],
        "note": [{"text": text} for text in notes if text],
        "dosageInstruction": _instructions(step, doses),
        "dispenseRequest": _dispense(step, doses, product),
    }


def _product(plan: Plan, library: Library) -> Product | None:
    products = library.monograph(plan.drug).identity.products
    return next((each for each in products if each.id == plan.product), None)


def _medication(plan: Plan, product: Product | None, library: Library) -> Resource:
    """The product by its RxNorm code if it has just one; else the substance."""
    own = _rxnorm(product.codes if product else ())
    codes = own if len(own) == 1 else _rxnorm(library.monograph(plan.drug).identity.codes)[:1]
    coding = [{"system": RXNORM, "code": each.code, "display": each.display} for each in codes]
    return {**({"coding": coding} if coding else {}), "text": plan.product_name or plan.drug_name}


def _rxnorm(codes: tuple[Code, ...]) -> list[Code]:
    return [each for each in codes if each.system == "rxnorm"]


def _instructions(step: Step, doses: list[PlannedDose]) -> list[Resource]:
    """One Dosage a rhythm; a pause ends one and begins another. Times of day of one rhythm stand together."""
    together: dict[tuple[object, ...], list[Series]] = defaultdict(list)
    parts = series(doses, pauses=False)
    for part in parts:
        days = part.first.when.date(), part.doses[-1].when.date()
        together[*days, part.every, part.weekdays, part.first.amount_mg, part.first.text].append(part)
    latest = max((part.first.when for part in parts), default=None)
    return [_dosage(step, group, latest) for group in together.values()]


def _dosage(step: Step, group: list[Series], latest: datetime | None) -> Resource:
    part, first = group[0], group[0].first
    taken = f" ({first.taken_as})" if first.taken_as else ""
    code = ROUTES.get(first.route)
    coded = {"coding": [{"system": SNOMED, "code": code[0], "display": code[1]}]} if code else {}
    # A step without an end goes on from its last rhythm; one dose alone says nothing of a rhythm.
    rhythm = bool(part.every or part.weekdays)
    goes_on = step.last is None and rhythm and latest is not None and latest <= part.doses[-1].when
    return {
        "text": plain(f"{step.says}{taken}"),
        "timing": {"repeat": _repeat(group, goes_on)},
        "route": coded or {"text": first.route},
        "doseAndRate": [
            {"doseQuantity": {"value": first.amount_mg, "unit": "mg", "system": UCUM, "code": "mg"}}
        ],
    }


def _repeat(group: list[Series], goes_on: bool) -> Resource:
    """FHIR's `repeat`. Days and times are local, as in the plan."""
    part = group[0]
    bounds = {"start": part.first.when.date().isoformat()}
    if not goes_on:
        bounds["end"] = part.doses[-1].when.date().isoformat()
    repeat: Resource = {"boundsPeriod": bounds}
    if not goes_on:
        repeat["count"] = sum(each.count for each in group)
    if part.weekdays:
        repeat |= {"frequency": len(group), "period": 1, "periodUnit": "d"}
        repeat["dayOfWeek"] = [DAYS[day] for day in part.weekdays]
    elif part.every:
        weeks, rest = divmod(part.every, 7)
        repeat |= {"frequency": len(group), "period": part.every if rest else weeks}
        repeat["periodUnit"] = "d" if rest else "wk"
    return {**repeat, "timeOfDay": sorted(each.clock.isoformat("seconds") for each in group)}


def _dispense(step: Step, doses: list[PlannedDose], product: Product | None) -> Resource | None:
    """How much the step needs, in units of the product; nothing for a step without an end or units."""
    if step.last is None or not product or not product.unit or not product.unit_mg or step.needs:
        return None
    units = round(sum(dose.amount_mg for dose in doses) / product.unit_mg, 6)
    return {
        "validityPeriod": {"start": step.first.isoformat(), "end": step.last.isoformat()},
        "quantity": {"value": units, "unit": product.unit},
    }


# --- CarePlan -------------------------------------------------------------------------------------


def _care_plan(plan: Plan, requests: list[Resource], issues: list[Resource]) -> Resource:
    activities: list[Resource] = [{"reference": {"reference": f"urn:uuid:{each['id']}"}} for each in requests]
    activities += [{"detail": _activity(each)} for each in plan.appointments]
    period = {"start": plan.start.isoformat()}
    if not plan.endless:
        period["end"] = plan.until.isoformat()
    notes = [
        f"{each.title or each.statement}: {each.says} {each.do}".strip()
        + f" Basis: {words.BASIS.get(each.basis, each.basis)} [{', '.join(each.sources)}]."
        for each in plan.said
    ]
    return {
        "resourceType": "CarePlan",
        "status": "draft",
        "intent": "proposal",
        "title": plain(f"{plan.drug_name}: {plan.title or plan.rx}"),
        "description": plan.rx,
        "period": period,
        "created": plan.asked_start.isoformat(),
        "supportingInfo": [{"reference": f"urn:uuid:{each['id']}"} for each in issues],
        "activity": activities,
        "note": [{"text": text} for text in (*notes, *plan.notes, words.DISCLAIMER.format(drug=plan.drug))],
    }


def _activity(appointment: Appointment) -> Resource:
    day = appointment.day.isoformat()
    return {
        "code": {
            "coding": [{"system": f"{URN}:appointment", "code": appointment.kind}],
            "text": plain(appointment.title),
        },
        "status": "not-started",
        "scheduledPeriod": {"start": day, "end": day},
        "description": plain(f"{appointment.says} [{', '.join(appointment.sources)}]"),
    }


# --- DetectedIssue --------------------------------------------------------------------------------


def _issues(plan: Plan) -> dict[Said, str]:
    """What speaks to the plan, with a severity: what has to be waited for is high, other limits are moderate."""
    found = {wait.said: "high" for wait in plan.waits}
    for said in (*(pause.said for pause in plan.pauses), *plan.warnings):
        found.setdefault(said, "moderate")
    return found


def _issue(plan: Plan, said: Said, severity: str, library: Library) -> Resource:
    sources = cited(library, said.sources)
    basis = f"Basis: {words.BASIS.get(said.basis, said.basis)} [{', '.join(said.sources)}]."
    return identified({
        "resourceType": "DetectedIssue",
        "status": "final",
        "code": {
            "coding": [{"system": f"{URN}:statement:{plan.drug}", "code": said.statement}],
            "text": plain(said.title or said.statement),
        },
        "severity": severity,
        "identifiedDateTime": plan.asked_start.isoformat(),
        "detail": f"{said.says} {basis}",
        "reference": next((each.url for each in sources if is_web(each.url)), None),
        "mitigation": [{"action": {"text": said.do}}] if said.do else [],
    })  # fmt: skip
