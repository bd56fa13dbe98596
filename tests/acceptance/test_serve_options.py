"""The options of `posology serve`: what means nothing is one clear error, and what means something arrives."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import httpx
import pytest

from tests.acceptance.server_process import served
from tests.command import run
from tests.fhir_stub import Stub
from tests.fhir_stub import served as fhir_served
from tests.hook_calls import call, draft, in_pain, search
from tests.records import condition, order, patient

pytestmark = pytest.mark.xdist_group("serve-process")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--region", "UK"), "EU, US"),
        (("--results", "/nowhere"), "no such folder"),
        (("--root-path", "posology"), "/posology"),
        (("--root-path", "/a/../b"), "--root-path"),
        (("--root-path", "//evil.example.org"), "--root-path"),
        (("--root-path", "/a\r\nSet-Cookie: b=c"), "--root-path"),
        (("--root-path", "/a?b"), "--root-path"),
        (("--public-url", "posology.example.org"), "https://"),
        (("--public-url", "https://[::1"), "--public-url"),
        (("--public-url", "https://user:secret@posology.example.org"), "user or a password"),
        (("--issuer", "https://ehr.example.org"), "ISS=JWKS_URL"),
        (("--issuer", "https://ehr.example.org=/nowhere.json"), "no file"),
        (("--issuer", "https://ehr.example.org=ftp://ehr.example.org/keys"), "key set"),
        (("--issuer", "https://ehr.example.org=https://ehr.example.org/keys"), "--public-url"),
        (
            ("--public-url", "https://x.org", "--issuer", "https://e.org=http://e.org/keys"),
            "https or from a file",
        ),
        (("--fhir-server", "fhir.example.org"), "--fhir-server"),
        (("--fhir-server", "ftp://fhir.example.org"), "--fhir-server"),
        (("--fhir-server", "https://fhir.example.org/r4?x=1"), "--fhir-server"),
        (("--fhir-server", "https://user@fhir.example.org"), "user or a password"),
        (("--fhir-server", "https://fhir.example.org:99999"), "--fhir-server"),
        (("--smart-launch", "app.example.org/launch"), "--smart-launch"),
        (("--smart-launch", "javascript:alert(1)"), "--smart-launch"),
        (("--smart-launch", "https://app.example.org/#launch"), "--smart-launch"),
        (("--origin", "*"), "every page"),
        (("--origin", "null"), "--origin"),
        (("--origin", "https://ehr.example.org/app"), "no path"),
        (("--origin", "ehr.example.org"), "--origin"),
        (("--origin", "https://ehr.example.org\r\nX: y"), "--origin"),
        (("--feedback", "/nowhere/feedback.ndjson"), "--feedback"),
        (("--proxy", "localhost"), "127.0.0.1"),
        (("--proxy", "10.0.0.1/8"), "10.0.0.0/8"),
        (("--rate", "nan"), "--rate"),
        (("--rate", "1e400"), "--rate"),
        (("--rate", "-1"), "--rate"),
        (("--workers", "0"), "--workers"),
        (("--max-body", "0"), "--max-body"),
        (("--host", "no.such.host.invalid"), "no such address"),
        (("--host", "." * 70), "no such address"),
        (("--monographs", "/nowhere"), "no such folder"),
    ],
)
def test_options_that_mean_nothing(
    options: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def started(*_args: object, **_options: object) -> None:
        raise AssertionError("it started")

    monkeypatch.setattr("uvicorn.Server.run", started)
    ran = run("serve", "--port", "0", *options)
    assert ran.code in (2, 5)
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert "secret" not in ran.err
    assert "answers on" not in ran.err, "it is refused before anybody is told of an address"


def test_a_port_in_use_is_one_clear_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for workers in (1, 2):
            ran = run("serve", "--port", port, "--workers", workers)
            assert ran.code == 2
            assert ran.err.count("\n") == 1
            assert f"port {port}" in ran.err
            assert "--port" in ran.err


def test_a_fhir_server_that_is_listed_is_asked_and_cards_link_to_the_app() -> None:
    """Plain http on this machine, and no token: both only because the operator listed it."""
    stub = Stub()
    stub.holds = {"Patient": [patient()], "Condition": [condition()], "MedicationRequest": [order()]}
    launch = "https://app.example.org/launch?x=1"
    with fhir_served(stub) as fhir:
        body = call(draft(), fhirServer=fhir.base, sent={})
        options = (
            "--insecure",
            "--fhir-server",
            f"{fhir.base}/",
            "--fhir-server",
            "https://fhir.example.org",
        )
        with served(*options, "--smart-launch", launch) as server:
            answer = httpx.post(f"{server.url}/cds-services/posology-order-sign", json=body, timeout=30)
        with served("--insecure", "--fhir-server", "https://fhir.example.org") as server:
            other = httpx.post(f"{server.url}/cds-services/posology-order-sign", json=body, timeout=30)
    assert answer.status_code == 200
    (card,) = answer.json()["cards"]
    assert "Opioid on the current list" in card["summary"]
    assert [each["url"] for each in card["links"] if each["type"] == "smart"] == [launch]
    assert other.status_code == 412


def test_only_origins_that_are_listed_are_let_in() -> None:
    """Written as a person would; compared as a browser sends it."""
    options = ("--origin", "https://EHR.example.org:443/", "--origin", "http://localhost:3000")
    with served("--insecure", *options, "--workers", "2") as server:
        for origin, allowed in (
            ("https://ehr.example.org", True),
            ("http://localhost:3000", True),
            ("http://localhost:3001", False),
            ("https://evil.example.org", False),
            ("null", False),
        ):
            asked = {"origin": origin, "access-control-request-method": "POST"}
            for method, path in (("GET", ""), ("OPTIONS", "/posology-order-sign")):
                answer = httpx.request(method, f"{server.url}/cds-services{path}", headers=asked, timeout=30)
                got = answer.headers.get("access-control-allow-origin")
                assert got == (origin if allowed else None), (method, origin)


def test_feedback_is_appended_to_the_file(tmp_path: Path) -> None:
    file = tmp_path / "feedback.ndjson"
    body = call(draft(), sent=in_pain(medications=search(order())))
    with served("--insecure", "--feedback", str(file), "--workers", "2") as server:
        url = f"{server.url}/cds-services/posology-order-sign"
        (card,) = httpx.post(url, json=body, timeout=30).json()["cards"]
        told = {
            "card": card["uuid"],
            "outcome": "overridden",
            "outcomeTimestamp": "2020-12-11T00:00:00Z",
            "overrideReason": {"userComment": "Mrs Miller"},
        }
        for _ in range(5):
            answer = httpx.post(f"{url}/feedback", json={"feedback": [told]}, timeout=30)
            assert answer.status_code == 200
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [each["card"] for each in lines] == [card["uuid"]] * 5
    assert "Miller" not in file.read_text()
