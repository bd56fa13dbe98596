"""CDS Hooks from an EHR's side: the specification's examples, real requests of others, and a made-up drug.

The 45 requests are those of cqframework/opioid-cds-r4 (CC0-1.0). They prescribe opioids, which is the other
side of what is known here, and carry the prefetch of another service.
"""

from __future__ import annotations

import gzip
import json
import time
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from posology.serve.hooks import clock
from posology.serve.hooks.trust import Trust
from tests.acceptance.test_made_up_drug import SAFETY
from tests.command import run
from tests.generative.bundles import data
from tests.hook_calls import (
    DAY,
    DISCOVERY,
    INSTANCE,
    RESPONSE,
    Server,
    answered,
    call,
    draft,
    in_pain,
    prefetch,
    search,
)
from tests.records import Json, order, patient
from tests.served import usual_app

CDC = (data() or Path()) / "opioid-cds-r4"
needs_requests = pytest.mark.skipif(
    data() is None or not CDC.is_dir(),
    reason="the requests of opioid-cds-r4 are not here; set POSOLOGY_DATA to the folder of shared test data",
)


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: date.fromisoformat(DAY))


@pytest.fixture(scope="module")
def server() -> Server:
    return Server()


@pytest.fixture
def careful(monkeypatch: pytest.MonkeyPatch) -> Server:
    """A server that is not insecure, for calls whose signature is not what is tested."""

    async def check(*_: object) -> None:
        return None

    monkeypatch.setattr(Trust, "check", check)
    return Server(insecure=False)


# --- the specification's examples -----------------------------------------------------------------

GREETED: Json = {
    "hookInstance": INSTANCE,
    "fhirServer": "http://hooks.smarthealthit.org:9080",
    "hook": "patient-view",
    "fhirAuthorization": {
        "access_token": "some-opaque-fhir-access-token",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "patient/Patient.read patient/Observation.read",
        "subject": "cds-service4",
    },
    "context": {"userId": "Practitioner/example", "patientId": "1288992", "encounterId": "89284"},
    "prefetch": {
        "patientToGreet": {
            "resourceType": "Patient",
            "gender": "male",
            "birthDate": "1925-12-23",
            "id": "1288992",
            "active": True,
        }
    },
}
AMOXICILLIN: Json = {
    "resourceType": "MedicationRequest",
    "id": "smart-MedicationRequest-103",
    "meta": {"lastUpdated": "2018-04-30T13:25:40.845-04:00"},
    "status": "draft",
    "intent": "order",
    "medicationCodeableConcept": {
        "coding": [
            {
                "system": "http://www.nlm.nih.gov/research/umls/rxnorm",
                "code": "617993",
                "display": "Amoxicillin 120 MG/ML / clavulanate potassium 8.58 MG/ML Oral Suspension",
            }
        ],
        "text": "Amoxicillin 120 MG/ML / clavulanate potassium 8.58 MG/ML Oral Suspension",
    },
    "subject": {"reference": "Patient/1288992"},
    "dosageInstruction": [
        {
            "text": "5 mL bid x 10 days",
            "timing": {
                "repeat": {
                    "boundsPeriod": {"start": "2005-01-04"},
                    "frequency": 2,
                    "period": 1,
                    "periodUnit": "d",
                }
            },
            # Not an array, as R4 would have it: so it stands in the specification.
            "doseAndRate": {
                "doseQuantity": {
                    "value": 5,
                    "unit": "mL",
                    "system": "http://unitsofmeasure.org",
                    "code": "mL",
                }
            },
        }
    ],
}
DIET: Json = {
    "resourceType": "NutritionOrder",
    "id": "pureeddiet-simple",
    "status": "draft",
    "patient": {"reference": "Patient/1288992"},
    "dateTime": "2014-09-17",
}


def _ordering(hook: str) -> Json:
    context: Json = {
        "userId": "PractitionerRole/123",
        "patientId": "1288992",
        "encounterId": "89284",
        "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": DIET}, {"resource": AMOXICILLIN}]},
    }
    if hook == "order-select":
        context["selections"] = [
            "NutritionOrder/pureeddiet-simple",
            "MedicationRequest/smart-MedicationRequest-103",
        ]
    return {"hook": hook, "hookInstance": INSTANCE, "context": context}


def test_the_examples_of_answers_are_what_answers_are_held_against() -> None:
    """Discovery, cards, and feedback as the specification shows them: the schemas here are not stricter than it."""
    patient_only = {"patientToGreet": "Patient/{{context.patientId}}"}
    first = {
        "hook": "hook-noun-verb",
        "title": "Static CDS Service Example",
        "description": "An example of a CDS Service that returns a static set of cards",
        "id": "static-patient-greeter",
        "prefetch": patient_only,
    }
    second = {
        "hook": "order-select",
        "title": "Order Echo CDS Service",
        "description": "An example of a CDS Service that simply echoes the order(s) that are being placed",
        "id": "order-echo",
        "prefetch": {
            "patient": "Patient/{{context.patientId}}",
            "medications": "MedicationRequest?patient={{context.patientId}}",
        },
    }
    jsonschema.validate({"services": [first, second]}, DISCOVERY)
    source = {"label": "Static CDS Service Example"}
    whole = {
        "uuid": "4e0a3a1e-3283-4575-ab82-028d55fe2719",
        "summary": "Example Card",
        "indicator": "info",
        "detail": "This is an example card.",
        "source": {**source, "url": "https://example.com", "icon": "https://example.com/img/icon-100px.png"},
        "links": [
            {"label": "Google", "url": "https://google.com", "type": "absolute"},
            {
                "label": "SMART Example App",
                "url": "https://smart.example.com/launch",
                "type": "smart",
                "appContext": '{"session":3456356,"settings":{"module":4235}}',
            },
        ],
    }
    cards = {"cards": [whole, {"summary": "Another card", "indicator": "warning", "source": source}]}
    described = usual_app().openapi()["components"]
    for schema in (RESPONSE, {**described["schemas"]["CdsCards"], "components": described}):
        jsonschema.validate(cards, schema)
        for wrong in ({"summary": "x" * 140}, {"indicator": "fatal"}, {"source": {}}, {"more": 1}):
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate({"cards": [{**whole, **wrong}]}, schema)


def test_the_example_of_patient_view(careful: Server) -> None:
    """Its server is http: nothing is fetched from it, and what is missing is named."""
    answer = careful.call(GREETED)
    assert answer.status_code == 412
    assert "not https" in answer.json()["detail"]
    body = {**GREETED, "prefetch": {**GREETED["prefetch"], "medications": None}}
    del body["fhirServer"], body["fhirAuthorization"]
    assert careful.cards(body) == []


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
def test_the_examples_of_ordering(careful: Server, hook: str) -> None:
    assert careful.cards(_ordering(hook)) == []


def test_an_example_order_of_a_drug_that_is_known(careful: Server) -> None:
    """The same order, wrong shape of a dose included, for the drug: it is not passed over."""
    body = json.loads(
        json.dumps(_ordering("order-select"))
        .replace("617993", "1483744")
        .replace("Amoxicillin 120 MG/ML / clavulanate potassium 8.58 MG/ML", "naltrexone 50 MG")
    )
    body["prefetch"] = prefetch(patient=patient(id="1288992"))
    (told,) = careful.cards(body)
    assert "Naltrexone" in told["summary"]


# --- requests of others ---------------------------------------------------------------------------


def _repaired() -> list[Json]:
    with gzip.open(CDC / "requests-repaired.ndjson.gz") as lines:
        return [json.loads(line) for line in lines]


@needs_requests
def test_45_requests_are_answered_or_told_what_is_missing(careful: Server) -> None:
    requests = _repaired()
    assert len(requests) == 45
    for each in requests:
        answer = careful.call(each["request"])
        assert answer.status_code in (200, 412), (each["file"], answer.text)
        if answer.status_code == 412:
            assert "Needed and not had: " in answer.json()["detail"]


@needs_requests
def test_45_requests_of_an_ehr_that_honours_the_prefetch_are_all_answered(careful: Server) -> None:
    """The same with the keys that discovery asks for: no medicines here, then somebody who takes naltrexone."""
    spoken = 0
    for each in _repaired():
        body = each["request"]
        about = body["context"]["patientId"].removeprefix("Patient/")
        sent = prefetch(patient=patient(id=about))
        assert careful.cards({**body, "prefetch": sent}) == [], each["file"]
        taking = order("Naltrexone 50 mg tablet", id="ntx", subject={"reference": f"Patient/{about}"})
        spoken += len(careful.cards({**body, "prefetch": {**sent, "medications": search(taking)}}))
    assert spoken > 20, "most of them order opioids"


@needs_requests
def test_45_requests_as_they_were_published(careful: Server) -> None:
    """42 of them are no JSON (README.md of the data): each is refused with the place of the fault."""
    files = sorted((CDC / "requests-verbatim").rglob("*.json"))
    assert len(files) == 45
    refused = 0
    for file in files:
        body = file.read_bytes()
        hook = next(hook for hook in ("patient-view", "order-select", "order-sign") if hook.encode() in body)
        answer = careful.call(body, hook)
        if answer.status_code == 400:
            refused += 1
            assert "line " in answer.json()["detail"], file
            assert "not one JSON object" in answer.json()["detail"]
        else:
            assert answer.status_code in (200, 412), file
    assert refused == 42


# --- one monograph more ---------------------------------------------------------------------------


def test_a_made_up_drug_needs_no_python(tmp_path: Path) -> None:
    assert run("monograph", "new", "examplol", "--monographs", tmp_path).code == 0
    safety = tmp_path / "examplol" / "safety.yaml"
    safety.write_text(safety.read_text() + SAFETY)
    server = Server(monographs=tmp_path)
    (told,) = server.cards(call(draft("Examplol 5 mg tablet"), sent=in_pain(medications=search(order()))))
    assert "Examplol" in told["summary"]
    assert "An opioid with examplol" in told["summary"]
    assert told["suggestions"][0]["label"].startswith("Postpone to 20")


# --- load -----------------------------------------------------------------------------------------


def test_a_large_record_is_answered_quickly(server: Server) -> None:
    """200 KB of prefetch. The bound is wide, for a busy machine; `make bench-serve` has the figures."""
    results = [
        {
            "resourceType": "Observation",
            "id": f"o{number}",
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": ("1742-6", "8867-4")[number % 2]}]},
            "subject": {"reference": "Patient/p1"},
            "effectiveDateTime": f"2026-05-{1 + number % 28:02d}",
            "valueQuantity": {"value": 20, "unit": "U/L", "code": "U/L"},
            "note": [{"text": "x" * 400}],
        }
        for number in range(300)
    ]
    body = json.dumps(call(draft(), sent=in_pain(observations=search(*results)))).encode()
    assert len(body) > 190_000
    times = []
    for _ in range(5):
        begun = time.process_time()
        assert server.call(body, "order-sign").status_code == 200
        times.append(time.process_time() - begun)
    assert min(times) < 0.25


def test_no_text_of_a_request_reaches_a_log(careful: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    secret = "Mrs Miller of 5 Mill Lane"
    bodies: list[Any] = [
        call(draft(note=[{"text": secret}]), sent=in_pain(medications=search(order(secret)))),
        {**call(draft()), "hookInstance": secret},
        call(
            draft(), fhirServer=f"https://fhir.invalid/{secret}", fhirAuthorization={"access_token": secret}
        ),
    ]
    for body in bodies:
        careful.call(body, "order-sign")
    answered(careful.send("POST", f"/cds-services/{secret}".replace(" ", "%20"), b"{}"))
    for record in caplog.records:
        if record.name.startswith("posology"):
            assert "Miller" not in record.getMessage()
