import json
import re

import pytest
from msgspec.structs import replace

from posology.show.fhir import render, severity

from .factory import ALL, DUE, FORBIDDEN, PATIENT, cannot_tell, entry, finding, fine, hostile, result, survey

ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
ISSUE = {
    "resourceType",
    "id",
    "status",
    "code",
    "severity",
    "patient",
    "identifiedDateTime",
    "implicated",
    "evidence",
    "detail",
    "reference",
    "mitigation",
}
GUIDANCE = {
    "resourceType",
    "id",
    "contained",
    "moduleUri",
    "status",
    "subject",
    "occurrenceDateTime",
    "performer",
    "reasonCode",
    "note",
    "evaluationMessage",
    "outputParameters",
    "dataRequirement",
}


def bundle(answer):
    return json.loads(render(answer))


def resources(answer, kind):
    return [each["resource"] for each in bundle(answer)["entry"] if each["resource"]["resourceType"] == kind]


def guidance(answer):
    (found,) = resources(answer, "GuidanceResponse")
    return found


def parameters(answer):
    made = guidance(answer)["contained"][0]["parameter"]
    return {each["name"]: next(value for key, value in each.items() if key != "name") for each in made}


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from strings(item)


def empties(value):
    if isinstance(value, dict | list):
        if not value:
            yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from empties(item)
    elif value in ("", None):
        yield value


@pytest.mark.parametrize("name", ALL)
def test_structure(name):
    made = bundle(ALL[name])
    assert (made["resourceType"], made["type"]) == ("Bundle", "collection")
    seen = set()
    for each in made["entry"]:
        resource = each["resource"]
        assert ID.fullmatch(resource["id"])
        assert each["fullUrl"] == f"urn:uuid:{resource['id']}"
        assert each["fullUrl"] not in seen
        seen.add(each["fullUrl"])
        assert set(resource) <= (ISSUE if resource["resourceType"] == "DetectedIssue" else GUIDANCE)
        if resource["resourceType"] == "GuidanceResponse":
            inside = {f"#{contained['id']}" for contained in resource["contained"]}
            pointed = {resource["outputParameters"]["reference"]}
            pointed |= {each["reference"] for each in resource.get("evaluationMessage", [])}
            assert inside == pointed
    assert list(empties(made)) == []
    assert not {char for text in strings(made) for char in text} & set(FORBIDDEN)


@pytest.mark.parametrize("name", ALL)
def test_it_is_valid_r4b(name):
    models = pytest.importorskip("fhir.resources.R4B.bundle", reason="fhir.resources is not installed")
    models.Bundle.model_validate(bundle(ALL[name]))


@pytest.mark.parametrize("name", ALL)
def test_the_same_answer_gives_the_same_bytes_and_ids(name):
    text = render(ALL[name])
    assert text == render(ALL[name])
    assert "<script" not in text


def test_another_answer_has_another_id():
    assert guidance(result())["id"] != guidance(fine())["id"]


def test_status_says_whether_data_is_required():
    assert guidance(fine())["status"] == "success"
    assert guidance(cannot_tell())["status"] == "data-required"


def test_the_answer_is_in_the_parameters():
    made = parameters(result())
    assert (made["verdict"], made["stage"], made["earliest"]) == ("not-now", "starting", "2026-12-02")
    assert "earliest" not in parameters(cannot_tell())


def test_every_named_issue_is_in_the_bundle():
    made = bundle(result())
    urls = {each["fullUrl"] for each in made["entry"]}
    named = {
        each["valueReference"]["reference"]
        for each in guidance(result())["contained"][0]["parameter"]
        if each["name"] == "issue"
    }
    assert named
    assert named <= urls


def test_a_reason_becomes_an_issue_with_its_entries_and_sources():
    issue = resources(result(), "DetectedIssue")[0]
    assert issue["status"] == "final"
    assert issue["severity"] == "high"
    assert issue["identifiedDateTime"] == "2026-11-22"
    assert issue["patient"] == {"reference": "Patient/p1"}
    assert issue["implicated"][0]["reference"] == "MedicationRequest/m1"
    assert issue["evidence"][0]["detail"] == issue["implicated"]
    assert issue["reference"] == "https://example.org/label"
    assert "label-a#4" in issue["detail"]
    assert issue["mitigation"][0]["action"]["text"] == "Wait until 2026-12-02."
    assert len(resources(result(), "DetectedIssue")) == 4


@pytest.mark.parametrize(
    ("kind", "verdict", "expected"),
    [
        ("warning", "avoid", "high"),
        ("warning", "stop", "high"),
        ("contraindication", "hold", "high"),
        ("interaction", "not-now", "moderate"),
        ("warning", "with-precautions", "moderate"),
        ("monitoring", None, "low"),
    ],
)
def test_severity(kind, verdict, expected):
    assert severity(finding(kind=kind, verdict=verdict)) == expected


def test_an_interaction_has_its_standard_code():
    made = result(reasons=(finding(kind="interaction"),))
    assert resources(made, "DetectedIssue")[0]["code"]["coding"][0]["code"] == "DRG"


def test_an_entry_without_an_id_is_named_not_pointed_at():
    made = result(reasons=(finding(entries=(entry("entry 3 (Condition)", "gout"),)),))
    (named,) = resources(made, "DetectedIssue")[0]["implicated"]
    assert "reference" not in named
    assert "entry 3 (Condition)" in named["display"]


def test_no_patient_is_made_up():
    made = result(patient="Patient", precautions=(), findings=(finding(),))
    assert "subject" not in guidance(made)
    assert all("patient" not in issue for issue in resources(made, "DetectedIssue"))


def test_what_could_not_be_read_is_an_outcome():
    outcome = guidance(result())["contained"][1]
    assert outcome["resourceType"] == "OperationOutcome"
    assert outcome["issue"][0]["diagnostics"] == "Bundle.entry[7]"
    assert "evaluationMessage" not in guidance(fine())


def test_gaps_are_data_requirements():
    first = guidance(cannot_tell())["dataRequirement"][0]
    assert first["type"] == "Resource"
    told = {part["url"]: part for part in first["extension"][0]["extension"]}
    assert told["what"]["valueString"] == "ALT within the last 90 days"
    assert told["blocks"]["valueBoolean"] is True
    known = replace(cannot_tell().missing[0], entries=(entry("Observation/o1"),))
    made = guidance(replace(cannot_tell(), missing=(known,)))["dataRequirement"][0]
    assert made["type"] == "Observation"
    assert made["codeFilter"][0]["path"] == "code"


def test_a_survey_states_shared_issues_once():
    made = survey()
    assert len(resources(made, "GuidanceResponse")) == 4
    codes = [issue["code"]["coding"][-1]["code"] for issue in resources(made, "DetectedIssue")]
    assert len(codes) == len(set(codes))


def test_hostile_addresses_are_no_references():
    made = hostile()
    for issue in resources(made, "DetectedIssue"):
        assert all("<" not in each.get("reference", "") for each in issue.get("implicated", []))


def test_precautions_and_monitoring_are_issues_too():
    codes = {issue["code"]["coding"][-1]["code"] for issue in resources(result(), "DetectedIssue")}
    assert {PATIENT.statement, DUE.statement} <= codes
