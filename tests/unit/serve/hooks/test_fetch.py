"""What is not sent along is fetched; a FHIR server that misbehaves makes answers less certain, and no more."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from posology.serve.hooks import fetch
from tests.fhir_stub import Stub, served
from tests.hook_calls import Server, call, draft, in_pain, prefetch
from tests.records import Json, condition, order, patient

TOKEN = "some-opaque-fhir-access-token"
GRANT = {
    "access_token": TOKEN,
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "patient/*.read",
    "subject": "cds-service4",
}


@pytest.fixture
def fhir() -> Iterator[Stub]:
    stub = Stub()
    stub.holds = {"Patient": [patient()], "Condition": [condition()], "MedicationRequest": [order()]}
    with served(stub) as running:
        yield running


def _call(stub: Stub, *, sent: Json | None = None, hook: str = "order-sign", **more: object) -> Json:
    orders = () if hook == "patient-view" else (draft(),)
    return call(
        *orders, hook=hook, sent=sent or {}, **{"fhirServer": stub.base, "fhirAuthorization": GRANT, **more}
    )


def test_everything_is_fetched_with_the_token(server: Server, fhir: Stub) -> None:
    (card,) = server.cards(_call(fhir))
    assert "Opioid on the current list" in card["summary"]
    assert {path.partition("?")[0] for path, _ in fhir.asked} == {
        f"/fhir/{kind}"
        for kind in (
            "Patient/p1", "Condition", "MedicationRequest", "MedicationStatement", "AllergyIntolerance",
            "Observation", "Procedure", "ServiceRequest",
        )
    }  # fmt: skip
    assert {token for _, token in fhir.asked} == {f"Bearer {TOKEN}"}


def test_only_what_was_not_sent_is_fetched(server: Server, fhir: Stub) -> None:
    sent = in_pain()
    del sent["medications"]
    (card,) = server.cards(_call(fhir, sent=sent))
    assert "Opioid on the current list" in card["summary"]
    assert [path.partition("?")[0] for path, _ in fhir.asked] == ["/fhir/MedicationRequest"]


def test_nothing_is_fetched_when_no_order_concerns_a_monograph(server: Server, fhir: Stub) -> None:
    body = call(draft("Amoxicillin 500 mg capsule"), fhirServer=fhir.base, fhirAuthorization=GRANT)
    assert server.cards(body) == []
    assert fhir.asked == []


def test_all_pages_are_read(server: Server, fhir: Stub) -> None:
    fhir.holds["MedicationRequest"] = [
        order("Lisinopril 10 mg", id="a"),
        order("Metformin", id="b"),
        order(id="c"),
    ]
    fhir.how["MedicationRequest"] = "paged"
    (card,) = server.cards(_call(fhir))
    assert "Opioid on the current list" in card["summary"]


@pytest.mark.parametrize(
    "how",
    [
        "401",
        "403",
        "404",
        "500",
        "204",
        "html",
        "broken",
        "latin",
        "redirect",
        "packed",
        "slow",
        "huge",
        "endless",
        "elsewhere",
    ],
)
def test_a_list_that_cannot_be_had_is_unknown_and_not_empty(
    server: Server, fhir: Stub, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "slow":
        monkeypatch.setattr(fetch, "SECONDS", 1.5)
    fhir.holds["MedicationRequest"] = []
    other = Stub()
    with served(other):
        fhir.elsewhere = other.base.removesuffix("/fhir")
        fhir.how = {"MedicationRequest": how}
        (card,) = server.cards(_call(fhir))
        assert other.asked == [], "the token went to another server"
    assert "cannot tell" in card["summary"]
    assert "cannot be read" in card["detail"]
    assert TOKEN not in card["detail"]


@pytest.mark.parametrize("how", ["401", "403", "404", "500", "html", "redirect", "slow", "huge"])
def test_without_the_patient_there_is_no_answer(
    server: Server, fhir: Stub, how: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    if how == "slow":
        monkeypatch.setattr(fetch, "SECONDS", 1.5)
    caplog.set_level(logging.DEBUG, "posology")
    fhir.elsewhere = fhir.base.removesuffix("/fhir")
    fhir.how = {"Patient": how}
    if how == "huge":
        fhir.holds["Patient"][0]["x"] = "x" * 25_000_000
    answer = server.call(_call(fhir))
    assert answer.status_code == 412
    assert answer.json()["pointer"] == "$.prefetch.patient"
    assert "Patient/{{context.patientId}}" in answer.json()["detail"]
    assert TOKEN not in answer.text + caplog.text


def test_another_patient_is_not_mixed_in(server: Server, fhir: Stub) -> None:
    fhir.holds["Patient"] = [patient(id="p2")]
    assert server.call(_call(fhir)).status_code == 412
    fhir.holds["Patient"] = [patient()]
    fhir.holds["Condition"] = [condition(), patient(id="p2")]
    assert server.call(_call(fhir)).status_code == 200


def test_patient_view_needs_the_medicines(server: Server, fhir: Stub) -> None:
    fhir.how = {"MedicationRequest": "403"}
    answer = server.call(_call(fhir, hook="patient-view"))
    assert answer.status_code == 412
    assert "403" in answer.json()["detail"]


FORBIDDEN = [
    "http://fhir.example.org/fhir",
    "https://127.0.0.1/fhir",
    "https://localhost/fhir",
    "https://10.0.0.1/fhir",
    "https://192.168.1.1",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/fhir",
    "https://[::ffff:127.0.0.1]/fhir",
    "https://[fd00::1]/fhir",
    "https://0.0.0.0/fhir",
    "https://2130706433/fhir",
    "https://0x7f000001/fhir",
    "https://127.1/fhir",
    "https://0177.0.0.1/fhir",
    "https://127.0.0.1.:443/fhir",
    "https://[::]/fhir",
    "https://[::127.0.0.1]/fhir",
    "https://[64:ff9b::7f00:1]/fhir",
    "https://[64:ff9b::a9fe:a9fe]/latest",
    "https://[2002:7f00:1::]/fhir",
    "https://[64:ff9b:1::7f00:1]/fhir",
    "https://[fec0::1]/fhir",
    "https://[2001:0:7f00:1::]/fhir",
    "https://[fe80::1%25lo]/fhir",
    "https://[fe80::1%lo]/fhir",
    "https://255.255.255.255/fhir",
    "https://198.18.0.1/fhir",
    "https://\uff11\uff12\uff17.0.0.1/fhir",
    "https://127\u30020\u30020\u30021/fhir",
    "https://fhir.example.org\\@127.0.0.1/fhir",
    "https://127.0.0.1#@fhir.example.org/",
    "https://127.0.0.1\t/fhir",
    "https://127.0.0.1\r\nX-Evil: 1/fhir",
    " https://127.0.0.1/fhir",
    "HTTPS://LOCALHOST/fhir",
    "//127.0.0.1/fhir",
    "unix:///run/docker.sock",
    "dict://127.0.0.1:11211/",
    "https://100.64.0.1/fhir",
    "https://224.0.0.1/fhir",
    "https://user:word@203.0.113.1/fhir",
    "https://fhir.invalid/fhir",
    "file:///etc/passwd",
    "gopher://127.0.0.1/",
    "ftp://fhir.example.org",
    "https://",
    "https://fhir.example.org:99999/",
    "https://[::1/fhir",
    "{{fhirServerUrl}}",
    "https://" + "a" * 300 + ".example.org",
]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_a_caller_cannot_send_the_server_anywhere(address: str) -> None:
    server = Server(insecure=False)
    body = call(draft(), fhirServer=address, fhirAuthorization=GRANT, sent={})
    answer = _believed(server, body)
    assert answer.status_code == 412
    assert "it is not fetched" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://8.8.8.8/fhir", "not https"),
        ("https://user:word@8.8.8.8/fhir", "without user"),
        ("https://word@8.8.8.8/fhir", "without user"),
        ("https://8.8.8.8/fhir?x=1", "query"),
        ("https://8.8.8.8/fhir#x", "fragment"),
        ("https://10.0.0.1/fhir", "private network"),
    ],
)
def test_each_check_of_an_address_stands_alone(address: str, why: str) -> None:
    """A public machine is named, so that nothing but the one check refuses it; it is not connected to."""
    body = call(draft(), fhirServer=address, fhirAuthorization=GRANT, sent={})
    assert why in _believed(Server(insecure=False), body).json()["detail"]


@pytest.mark.parametrize(
    "private", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1", "64:ff9b::7f00:1"]
)
def test_a_name_that_leads_into_the_network_is_not_followed(
    private: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when it has public addresses beside the private one."""

    async def both(_host: str, port: int, **_more: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", (each, port)) for each in ("8.8.8.8", private)]

    monkeypatch.setattr("posology.serve.hooks.address.anyio.getaddrinfo", both)
    body = call(draft(), fhirServer="https://fhir.example.org/r4", fhirAuthorization=GRANT, sent={})
    answer = _believed(Server(insecure=False), body)
    assert answer.status_code == 412
    assert "private network" in answer.json()["detail"]


def _believed(server: Server, body: Json):  # type: ignore[no-untyped-def]
    """The answer of a server that is not insecure, to a call whose signature is not what is tested."""
    from posology.serve.hooks.trust import Trust

    async def check(*_: object) -> None:
        return None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Trust, "check", check)
        return server.call(body)


def test_this_machine_may_be_asked_if_it_is_on_the_list(fhir: Stub) -> None:
    body = _call(fhir)
    assert _believed(Server(insecure=False), body).status_code == 412
    assert fhir.asked == []
    listed = Server(insecure=False, fhir_servers=(f"{fhir.base}/",))
    assert _believed(listed, body).status_code == 200
    assert fhir.asked
    body["fhirServer"] = fhir.base.replace("/fhir", "/other")
    assert _believed(listed, body).status_code == 412


def test_without_a_token_only_a_server_on_the_list_is_asked(server: Server, fhir: Stub) -> None:
    body = call(draft(), fhirServer=fhir.base, sent={})
    assert server.call(body).status_code == 412
    assert fhir.asked == []
    assert Server(fhir_servers=(fhir.base,)).call(body).status_code == 200
    assert {token for _, token in fhir.asked} == {""}


def test_a_name_is_resolved_once(server: Server, fhir: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the address that was checked is the one that is connected to."""
    import anyio

    asked = []
    resolve = anyio.getaddrinfo

    async def once(host: str, port: int, **more: object) -> object:
        asked.append(host)
        return await resolve("127.0.0.1", port, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("posology.serve.hooks.address.anyio.getaddrinfo", once)
    body = _call(fhir, fhirServer=fhir.base.replace("127.0.0.1", "fhir.invalid"))
    assert server.call(body).status_code == 200
    assert asked == ["fhir.invalid"]


def test_a_first_page_alone_is_no_list(server: Server) -> None:
    more = {"link": [{"relation": "next", "url": "https://fhir.example.org/next"}]}
    for incomplete in (more, {"total": 7}):
        sent = in_pain(medications={"resourceType": "Bundle", "type": "searchset", "entry": [], **incomplete})
        (card,) = server.cards(call(draft(), sent=sent))
        assert "cannot be read" in card["detail"]
        answer = server.call(call(hook="patient-view", sent=prefetch(medications=sent["medications"])))
        assert answer.status_code == 412
