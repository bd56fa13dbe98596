"""The FHIR R4 form: a Bundle of one GuidanceResponse an answer and one DetectedIssue a finding."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid5

from posology.check.result import EntryRef, Finding, Gap, Result, Survey
from posology.check.verdict import NAMES

from . import words
from .escape import plain, plain_tree
from .json import dumped

Resource = dict[str, Any]

NAMESPACE = UUID("2f1d8c5e-6a0b-5c7e-9b39-3f2a4f0c7d11")
"""Ids are uuid5 in this namespace of what the resource says, so the same answer has the same ids."""
URN = "urn:posology"
HIGHEST = {name for names in NAMES.values() for name in names[4:]}
WAITING = {name for names in NAMES.values() for name in names[3:4]}
CODED = {"AllergyIntolerance", "Condition", "Observation", "Procedure"}
"""Resource types whose `code` says what they are about."""
_REFERENCE = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9.\-]{1,64}")


def render(result: Result | Survey) -> str:
    """The answer as a FHIR R4 Bundle of type collection, in JSON, ending in a newline."""
    return dumped(bundle(result.results if isinstance(result, Survey) else (result,)))


def bundle(results: Iterable[Result]) -> Resource:
    """The Bundle: each GuidanceResponse before its issues; an issue of several answers stands once."""
    entries: dict[str, Resource] = {}
    for result in results:
        patient = patient_of(result)
        shown = dict.fromkeys([*result.reasons, *result.precautions, *result.monitoring])
        issues = [_issue(finding, result, patient) for finding in shown]
        for resource in (_guidance(result, patient, issues), *issues):
            entries.setdefault(resource["id"], resource)
    return collected(entries.values())


def collected(resources: Iterable[Resource]) -> Resource:
    """A Bundle of resources that have their ids."""
    listed = [{"fullUrl": f"urn:uuid:{each['id']}", "resource": each} for each in resources]
    return identified({"resourceType": "Bundle", "type": "collection", "entry": listed})


def identified(resource: Resource) -> Resource:
    """The resource made harmless, without empty elements, with an id that is a digest of all it says."""
    said = {key: value for key, value in plain_tree(resource).items() if value not in ("", [], {}, None)}
    id_ = str(uuid5(NAMESPACE, json.dumps(said, sort_keys=True)))
    return {"resourceType": said.pop("resourceType"), "id": id_, **said}


def _concept(text: str, kind: str, code: str) -> Resource:
    return {"coding": [{"system": f"{URN}:{kind}", "code": code}], "text": text}


def _reference(entry: EntryRef) -> Resource:
    """A literal reference if the entry has an id; else its place in words."""
    display = plain(" · ".join(words.entry_parts(entry)))
    ref = plain(entry.ref).partition("#")[0]
    return {"reference": ref, "display": display} if _REFERENCE.fullmatch(ref) else {"display": display}


def patient_of(result: Result) -> Resource | None:
    """The person, unless the record's Patient has no id."""
    ref = plain(result.patient)
    return {"reference": ref} if _REFERENCE.fullmatch(ref) else None


# --- GuidanceResponse -----------------------------------------------------------------------------


def _guidance(result: Result, patient: Resource | None, issues: list[Resource]) -> Resource:
    question = result.question
    contained = [_parameters(result, issues)]
    if result.unreadable:
        contained.append(_outcome(result))
    return identified({
        "resourceType": "GuidanceResponse",
        "contained": contained,
        "moduleUri": f"{URN}:monograph:{question.drug}",
        "status": "data-required" if any(gap.blocks for gap in result.missing) else "success",
        "subject": patient,
        "occurrenceDateTime": question.on.isoformat(),
        "performer": {"display": f"Posology {result.versions.get('posology', '')}".strip()},
        "reasonCode": [_concept(result.use.name, "use", result.use.id)],
        "note": [{"text": text} for text in _notes(result)],
        "evaluationMessage": [{"reference": "#messages"}] if result.unreadable else [],
        "outputParameters": {"reference": "#answer"},
        "dataRequirement": [_requirement(gap) for gap in result.missing],
    })  # fmt: skip


def _notes(result: Result) -> list[str]:
    verdict = words.spoken(result.verdict).capitalize()
    said = f"{verdict}: {words.drug_for_use(result)}. {words.meaning(result)}"
    return [
        f"{said} {words.earliest(result)}".strip(),
        *result.notices,
        *(f"Next: {step}" for step in result.next),
        words.DISCLAIMER.format(drug=result.question.drug),
    ]


def _parameters(result: Result, issues: list[Resource]) -> Resource:
    question = result.question
    parameters: list[Resource] = [
        {"name": "verdict", "valueCode": result.verdict},
        {"name": "stage", "valueCode": result.stage},
        {"name": "drug", "valueCode": question.drug},
        {"name": "use", "valueCode": question.use},
        {"name": "on", "valueDate": question.on.isoformat()},
        {"name": "region", "valueCode": question.region},
    ]
    if question.product:
        parameters.append({"name": "product", "valueCode": question.product})
    if result.earliest:
        parameters.append({"name": "earliest", "valueDate": result.earliest})
    if result.earliest_note:
        parameters.append({"name": "earliestNote", "valueString": result.earliest_note})
    for name, version in sorted(result.versions.items()):
        parameters.append({"name": f"version.{name}", "valueString": version})
    for issue in issues:
        parameters.append({"name": "issue", "valueReference": {"reference": f"urn:uuid:{issue['id']}"}})
    return {"resourceType": "Parameters", "id": "answer", "parameter": parameters}


def _outcome(result: Result) -> Resource:
    issues = []
    for bad in words.listed(result.unreadable):
        issue = {"severity": "warning", "code": "invalid", "details": {"text": f"{bad.ref}: {bad.reason}"}}
        issues.append({**issue, "diagnostics": bad.place} if bad.place else issue)
    return {"resourceType": "OperationOutcome", "id": "messages", "issue": issues}


def _requirement(gap: Gap) -> Resource:
    """What to find out. R4 has no element for words here, so an extension carries them."""
    kinds = {entry.resource for entry in gap.entries}
    kind = kinds.pop() if len(kinds) == 1 else "Resource"
    words_ = {"what": gap.what, "why": gap.why, "if-so": gap.if_so, "if-not": gap.if_not}
    requirement: Resource = {
        "extension": [
            {"url": f"{URN}:missing",
             "extension": [{"url": name, "valueString": text} for name, text in words_.items() if text]
             + [{"url": "blocks", "valueBoolean": gap.blocks}]}
        ],
        "type": kind,
    }  # fmt: skip
    if kind in CODED:
        requirement["codeFilter"] = [{"path": "code", "code": [{"display": gap.what}]}]
    return requirement


# --- DetectedIssue --------------------------------------------------------------------------------


def severity(finding: Finding) -> str:
    """High for what rules it out and contraindications that stop it; moderate for other limits; else low."""
    if finding.verdict in HIGHEST or (finding.verdict in WAITING and finding.kind == "contraindication"):
        return "high"
    return "moderate" if finding.verdict is not None else "low"


def _issue(finding: Finding, result: Result, patient: Resource | None) -> Resource:
    references = [_reference(entry) for entry in finding.entries]
    code = _concept(words.heading(finding), f"statement:{result.question.drug}", finding.statement)
    if finding.kind == "interaction":
        system = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
        code["coding"].insert(0, {"system": system, "code": "DRG", "display": "Drug Interaction Alert"})
    basis = f"Basis: {words.BASIS.get(finding.basis, finding.basis)} [{words.citations(finding)}]."
    detail = " ".join(part for part in (finding.says, finding.note, basis) if part)
    return identified({
        "resourceType": "DetectedIssue",
        "status": "final",
        "code": code,
        "severity": severity(finding),
        "patient": patient,
        "identifiedDateTime": result.question.on.isoformat(),
        "implicated": references,
        "evidence": [{"detail": references}] if references else [],
        "detail": detail,
        "reference": next((source.url for source in finding.sources if is_web(source.url)), None),
        "mitigation": [{"action": {"text": finding.do}}] if finding.do else [],
    })  # fmt: skip


def is_web(url: str) -> bool:
    """Is this an address that a `uri` element may hold?"""
    return url.startswith(("https://", "http://")) and not any(char.isspace() for char in url)
