"""What a call must hold (CDS Hooks 2.0, "HTTP Request", contexts of the three hooks); faults name their path."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from tests.hook_calls import Server, call, draft, in_pain, search
from tests.records import Json, order, patient


def _with(path: str, value: Any) -> Json:
    body = copy.deepcopy(call(draft(), hook="order-select", sent=in_pain()))
    *before, last = path.split(".")
    at = body
    for part in before:
        at = at.setdefault(part, {}) if isinstance(at, dict) else at
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return body


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        ("hook", ..., "$.hook"),
        ("hook", 1, "$.hook"),
        ("hook", "order-dispatch", "$.hook"),
        ("hookInstance", ..., "$.hookInstance"),
        ("hookInstance", "not-a-uuid", "$.hookInstance"),
        ("hookInstance", None, "$.hookInstance"),
        ("context", ..., "$.context"),
        ("context", [], "$.context"),
        ("context.userId", ..., "$.context.userId"),
        ("context.userId", "example", "$.context.userId"),
        ("context.userId", "Device/1", "$.context.userId"),
        ("context.userId", "Practitioner/", "$.context.userId"),
        ("context.patientId", ..., "$.context.patientId"),
        ("context.patientId", "", "$.context.patientId"),
        ("context.patientId", "p1&code=x", "$.context.patientId"),
        ("context.patientId", "../../admin", "$.context.patientId"),
        ("context.encounterId", "", "$.context.encounterId"),
        ("context.selections", ..., "$.context.selections"),
        ("context.selections", "MedicationRequest/n1", "$.context.selections"),
        ("context.selections", [1], "$.context.selections[0]"),
        ("context.draftOrders", ..., "$.context.draftOrders"),
        ("context.draftOrders", None, "$.context.draftOrders"),
        ("context.draftOrders", [], "$.context.draftOrders"),
        ("context.draftOrders", {"resourceType": "Bundle", "entry": {}}, "$.context.draftOrders.entry"),
        (
            "context.draftOrders",
            {"resourceType": "Bundle", "entry": [{}]},
            "$.context.draftOrders.entry[0].resource",
        ),
        ("prefetch", [], "$.prefetch"),
        ("prefetch.patient", "p1", "$.prefetch.patient"),
        ("prefetch.patient", [], "$.prefetch.patient"),
        ("prefetch.patient", order(), "$.prefetch.patient"),
        ("prefetch.patient", patient(id="p2"), "$.prefetch.patient"),
        ("prefetch.conditions", {}, "$.prefetch.conditions"),
        ("prefetch.conditions", 7, "$.prefetch.conditions"),
        ("prefetch.conditions", search(patient(id="p2")), "$.prefetch.conditions.entry[0]"),
        ("fhirServer", 5, "$.fhirServer"),
        ("fhirAuthorization", {"access_token": "x"}, "$.fhirAuthorization.token_type"),
    ],
)
def test_a_fault_is_told_with_its_path(server: Server, path: str, value: Any, pointer: str) -> None:
    answer = server.call(_with(path, value), "order-select")
    assert answer.status_code == 400
    assert answer.json()["pointer"] == pointer
    assert pointer.rsplit(".", 1)[-1].split("[", maxsplit=1)[0] in answer.json()["detail"]


def test_an_authorization_needs_a_server(server: Server) -> None:
    grant = {"access_token": "t", "token_type": "Bearer", "expires_in": 300, "scope": "x", "subject": "y"}
    assert server.call(call(draft(), fhirAuthorization=grant)).json()["pointer"] == "$.fhirServer"
    for wrong in ("a\nb", "", "ä"):
        body = call(
            draft(), fhirServer="https://fhir.example.org", fhirAuthorization={**grant, "access_token": wrong}
        )
        assert server.call(body).json()["pointer"] == "$.fhirAuthorization.access_token"


def test_a_body_that_is_no_json_says_where(server: Server) -> None:
    broken = json.dumps(call(draft()), indent=1).encode() + b"\n}"
    answer = server.call(broken)
    assert answer.status_code == 400
    assert f"line {broken.count(b'}') and broken.count(10) + 1}" in answer.json()["detail"]
    for body in (b"", b"[]", b'"x"', b"\xff\xfe", b'{"hook":"order-sign"'):
        assert server.call(body).status_code == 400
    assert server.call(b'{"a":' * 5000 + b"1" + b"}" * 5000).status_code == 400


def test_a_repeated_key_hides_nothing(server: Server) -> None:
    body = json.dumps(call(draft(), sent=in_pain(medications=search(order())))).encode()
    twice = body[:-1] + b', "prefetch": {}}'
    answer = server.call(twice)
    assert answer.status_code == 400
    assert "twice" in answer.json()["detail"]


def test_other_media_types_and_services_are_refused(server: Server) -> None:
    body = json.dumps(call(draft())).encode()
    assert (
        server.send("POST", "/cds-services/posology-order-sign", body, content_type="text/xml").status_code
        == 415
    )
    assert server.send("POST", "/cds-services/nobody", body).status_code == 404


def test_an_order_of_another_patient_is_refused(server: Server) -> None:
    answer = server.call(call(draft(subject={"reference": "Patient/p2"}), sent=in_pain()))
    assert answer.json()["pointer"] == "$.context.draftOrders.entry[0].resource.subject"


def test_patient_ids_may_be_written_as_references(server: Server) -> None:
    body = call(draft(), sent=in_pain())
    plain = server.cards(body)
    body["context"]["patientId"] = "Patient/p1"
    assert [card["summary"] for card in server.cards(body)] == [card["summary"] for card in plain]


def test_fields_that_are_not_known_are_left_alone(server: Server) -> None:
    body = call(
        draft(), sent={**in_pain(), "user": "123", "more": {"a": 1}}, extension={"org.example": {"a": None}}
    )
    assert server.call(body).status_code == 200


def test_a_number_that_nothing_can_hold_is_a_fault_of_the_order(server: Server) -> None:
    body = json.dumps(call(draft(note=12345), sent=in_pain())).encode().replace(b"12345", b"1e400")
    answer = server.call(body)
    assert answer.status_code == 400
    assert answer.json()["pointer"] == "$.context.draftOrders"


def test_records_of_two_people_or_of_another_version_are_refused(server: Server) -> None:
    twins = {**in_pain(), "again": patient(birthDate="1999-01-01")}
    assert server.call(call(draft(), sent=twins)).status_code == 400
    later = in_pain(
        medications=search({"resourceType": "MedicationRequest", "id": "x", "medication": {"concept": {}}})
    )
    answer = server.call(call(draft(), sent=later))
    assert answer.status_code == 400
    assert "R4" in answer.json()["detail"]


def test_odd_values_anywhere_are_answered_or_refused(server: Server) -> None:
    """One node of a good call after the other is made odd; nothing falls over."""
    good = call(
        draft(
            reasonReference=[{"reference": "Condition/c-203082005"}],
            dosageInstruction=[{"timing": {"repeat": {"boundsPeriod": {"start": "2026-06-30"}}}}],
            dispenseRequest={"validityPeriod": {"start": "2026-06-30"}},
        ),
        sent=in_pain(medications=search(order(status="completed"))),
    )
    for path in _paths(good):
        for odd in (None, [], {}, 10**30, "\ud800"):
            body = copy.deepcopy(good)
            at: Any = body
            for part in path[:-1]:
                at = at[part]
            at[path[-1]] = odd
            assert server.call(json.dumps(body).encode(), "order-sign").status_code in (200, 400, 412)


def _paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [at] if at else []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        found += _paths(inner, (*at, key))
    return found
