"""Feedback (CDS Hooks 2.0, "Feedback"): its examples are kept, and nothing that could be about a patient is."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.hook_calls import Server, answered
from tests.records import Json

PATH = "/cds-services/posology-order-sign/feedback"
ACCEPTED: Json = {
    "card": "4e0a3a1e-3283-4575-ab82-028d55fe2719",
    "outcome": "accepted",
    "acceptedSuggestions": [{"id": "e56e1945-20b3-4393-8503-a1a20fd73152"}],
    "outcomeTimestamp": "2020-12-11T00:00:00Z",
}
OVERRIDDEN: Json = {
    "card": "9368d37b-283f-44a0-93ea-547cebab93ed",
    "outcome": "overridden",
    "overrideReason": {
        "reason": {"code": "d7ecf885", "system": "https://example.com/cds-hooks/override-reason-system"},
        "userComment": "A comment entered by the clinician about Mrs Miller.",
    },
    "outcomeTimestamp": "2020-12-11T00:00:00Z",
}
WITHOUT_REASON: Json = {
    "card": "f6b95768-b1c8-40dc-8385-bf3504b82ffb",
    "outcome": "overridden",
    "outcomeTimestamp": "2020-12-11T00:00:00Z",
}


def _send(server: Server, *feedback: Any) -> Any:
    return server.send("POST", PATH, json.dumps({"feedback": list(feedback)}).encode())


def test_the_examples_of_the_specification_are_kept_without_text(tmp_path: Path) -> None:
    file = tmp_path / "feedback.jsonl"
    server = Server(feedback=file)
    assert _send(server, ACCEPTED).status_code == 200
    ours = {"system": "urn:posology:override-reason", "code": "specialist-advice", "display": "for John Doe"}
    assert (
        _send(
            server, OVERRIDDEN, WITHOUT_REASON, {**OVERRIDDEN, "overrideReason": {"reason": ours}}
        ).status_code
        == 200
    )
    kept = [json.loads(line) for line in file.read_text().splitlines()]
    assert [each["outcome"] for each in kept] == ["accepted", "overridden", "overridden", "overridden"]
    assert [each.get("reason") for each in kept] == [None, "other", None, "specialist-advice"]
    assert kept[0]["suggestions"] == ["e56e1945-20b3-4393-8503-a1a20fd73152"]
    for word in ("Miller", "comment", "John", "d7ecf885"):
        assert word not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_file_only_grows(tmp_path: Path) -> None:
    file = tmp_path / "feedback.jsonl"
    for _ in range(2):
        _send(Server(feedback=file), ACCEPTED)
    assert len(file.read_text().splitlines()) == 2


def test_without_a_file_nothing_is_kept_and_a_broken_one_is_said(server: Server, tmp_path: Path) -> None:
    assert _send(server, ACCEPTED).status_code == 200
    assert answered(_send(Server(feedback=tmp_path), ACCEPTED)).status_code == 503


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"card": "no uuid"}, "$.feedback[0].card"),
        ({"card": None}, "$.feedback[0].card"),
        ({"outcome": "ignored"}, "$.feedback[0].outcome"),
        ({"acceptedSuggestions": []}, "$.feedback[0].acceptedSuggestions"),
        ({"acceptedSuggestions": [{"id": "Mrs Miller"}]}, "$.feedback[0].acceptedSuggestions[0].id"),
        ({"outcomeTimestamp": "yesterday"}, "$.feedback[0].outcomeTimestamp"),
        ({"outcomeTimestamp": "2020-12-11T00:00:00Z\nx"}, "$.feedback[0].outcomeTimestamp"),
        ({"outcomeTimestamp": "2020-12-11T12:99:00Z"}, "$.feedback[0].outcomeTimestamp"),
        ({"outcomeTimestamp": "2020-02-30T12:00:00Z"}, "$.feedback[0].outcomeTimestamp"),
        ({"overrideReason": {"reason": {"display": "x"}}}, "$.feedback[0].overrideReason.reason.code"),
        ({"overrideReason": {"userComment": 5}}, "$.feedback[0].overrideReason.userComment"),
    ],
)
def test_faults_are_told_and_nothing_is_kept(tmp_path: Path, change: Json, pointer: str) -> None:
    file = tmp_path / "feedback.jsonl"
    answer = answered(_send(Server(feedback=file), {**ACCEPTED, **change}, ACCEPTED))
    assert answer.status_code == 400
    assert answer.json()["pointer"] == pointer
    assert not file.exists()


def test_a_body_that_is_no_feedback(server: Server) -> None:
    for body in (b"", b"[]", b"{}", b'{"feedback": []}', b'{"feedback": {}}', b"{" * 9999):
        assert answered(server.send("POST", PATH, body)).status_code == 400
    assert answered(server.send("POST", PATH.replace("sign", "nothing"), b"{}")).status_code == 404
