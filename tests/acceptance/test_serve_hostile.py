"""Whatever is sent, the server answers, says what is wrong, and tells nobody else."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.records import Json, alt, bundle, bytes_of, condition, order, patient
from tests.served import get, post

FHIR = "application/fhir+json"
POSTS = ("/api/check", "/api/plan", "/api/plan/missed", "/api/simulate")
FIELDS = (
    "record", "drug", "use", "on", "region", "product", "plan", "regimen", "rx", "start", "last_opioid",
    "surgery", "until", "timezone", "last_taken", "population", "seed", "covariates", "for_hours",
    "step", "washout", "levels", "outputs", "model", "agonist", "compare", "resourceType", "entry",
    "resource", "subject", "valueQuantity", "value", "code", "coding", "birthDate",
)  # fmt: skip
fields = st.sampled_from(FIELDS)
numbers = st.sampled_from(
    [
        "1e400",
        "-1e400",
        "1e-400",
        "NaN",
        "Infinity",
        "-0",
        "9" * 400,
        "0." + "1" * 400,
        "1E+5000000",
        "00",
        "0x1",
    ]
)
strings = st.sampled_from(
    ["naltrexone", "chronic-pain", "2026-12-01", "9999-12-31", "0001-01-01", "50 mg po q24h", "ldn-titration",
     "\\ud800", "\\udfff\\ud800", "\\u0000", "\\u202e", "<script>", "\\n", "a" * 5000, "é", "Patient", "Bundle"]
)  # fmt: skip
scalars = (
    numbers | strings.map(lambda text: f'"{text}"') | st.sampled_from(["null", "true", "{}", "[]", '"', ""])
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{','.join(items)}]")
        # A key may stand twice: that is meant.
        | st.lists(st.tuples(fields, inner), max_size=4).map(
            lambda pairs: "{" + ",".join(f'"{key}":{value}' for key, value in pairs) + "}"
        )
    ),
    max_leaves=8,
)
bodies = st.lists(st.tuples(fields, values), max_size=6).map(
    lambda pairs: "{" + ",".join(f'"{key}":{value}' for key, value in pairs) + "}"
)
few = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


def sane(response: Any) -> None:
    assert response.status_code < 500, response.text[:500]
    if response.status_code >= 400:
        assert response.headers["content-type"] == "application/problem+json"
        assert len(response.content) < 5000


@few
@given(st.sampled_from(POSTS), bodies.map(str.encode) | st.binary(max_size=60))
def test_hostile_json_is_never_an_error_of_the_server(path: str, body: bytes) -> None:
    sane(post(path, content=body, headers={"content-type": "application/json"}))


@few
@given(values.map(str.encode) | st.binary(max_size=60))
def test_nor_are_hostile_records(body: bytes) -> None:
    sane(post("/api/check?drug=naltrexone&for=chronic-pain", content=body, headers={"content-type": FHIR}))
    if b'"' not in body:
        wrapped = b'{"drug":"naltrexone","use":"chronic-pain","record":' + body + b"}"
        sane(post("/api/check", content=wrapped, headers={"content-type": "application/json"}))


REPLACED: tuple[Any, ...] = (
    10**400,
    -1.5e308,
    "\ud800",
    "\x00",
    [],
    {},
    None,
    True,
    [[[]]],
    "9999-12-31",
    "-",
    "é" * 999,
)


@pytest.mark.parametrize("number", range(len(REPLACED)))
def test_good_records_with_one_hostile_value_each(number: int) -> None:
    record = bundle(patient(), condition(), alt(), order(dosageInstruction=[{"text": "1 daily"}]))
    places: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            places.append((value, key))
            if isinstance(value[key], dict | list):
                walk(value[key])

    walk(record)
    for holder, key in places:
        before = holder[key]
        holder[key] = REPLACED[number]
        body = json.dumps({"drug": "naltrexone", "use": "chronic-pain", "record": record}).encode()
        sane(post("/api/check", content=body, headers={"content-type": "application/json"}))
        holder[key] = before


def test_depth_bombs() -> None:
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}"), (b'{"entry":[', b"]}")):
        for depth in (99, 101, 5000, 500_000):
            bomb = opening * depth + b"1" + closing * depth
            body = b'{"drug":"naltrexone","record":{"resourceType":"Bundle","entry":' + bomb + b"}}"
            answer = post("/api/check", content=body, headers={"content-type": "application/json"})
            sane(answer)
            if depth > 100:
                assert answer.status_code == 400
                assert "100 levels" in answer.json()["detail"]


def test_names_of_any_length_and_kind_in_paths_and_queries() -> None:
    for name in (
        "x" * 5000,
        "%00",
        "%ff",
        "%ED%A0%80",
        "..%2f..",
        "<script>",
        "%0d%0aSet-Cookie:%20a=b",
        "naltrexone%2F",
    ):
        for path in (
            f"/api/monographs/{name}",
            f"/api/monographs/naltrexone/statements/{name}",
            f"/api/concepts?q={name}",
        ):
            answer = get(path)
            sane(answer)
            assert "set-cookie" not in answer.headers
            assert "<script>" not in answer.text


def _person() -> Json:
    secret = "ZEBEDEE-SECRET"
    return bundle(
        patient(name=[{"family": secret, "given": [secret]}], address=[{"city": secret}]),
        condition(display=f"{secret} fibromyalgia"),
        order(name=f"{secret} 5 MG Oral Tablet"),
        alt(unit=secret),
        {"resourceType": "Observation", "id": secret, "status": secret, "valueQuantity": secret},
        {"resourceType": secret, "id": secret},
    )


def test_nothing_of_a_request_reaches_a_log(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    record = _person()
    with caplog.at_level(logging.DEBUG):
        for drug in ("naltrexone", "ZEBEDEE-SECRET"):
            post("/api/check", json={"record": record, "drug": drug})
            post(
                f"/api/check?drug={drug}&for=ZEBEDEE-SECRET",
                content=bytes_of(record),
                headers={"content-type": FHIR},
            )
            post(
                "/api/plan",
                json={"drug": drug, "last_opioid": [{"medicine": "ZEBEDEE-SECRET", "last": "2026-01-01"}]},
            )
            post("/api/simulate", json={"drug": drug, "rx": ["ZEBEDEE-SECRET"]})
        post("/api/check", content=bytes_of(record)[:-9], headers={"content-type": "application/json"})
        get("/api/concepts?q=ZEBEDEE-SECRET")
        metrics = get("/metrics").text
    kept = [each for each in caplog.records if not each.name.startswith(("httpx", "httpcore", "asyncio"))]
    assert "ZEBEDEE" not in "".join(map(str, [*kept, metrics, *capfd.readouterr()]))
