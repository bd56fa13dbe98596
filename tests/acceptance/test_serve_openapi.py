"""The OpenAPI document says what the server does: checked by schemathesis, and by the answers themselves."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from tests.acceptance.test_serve_rest import CHECK, FHIR, PLAN
from tests.served import ask, get, post, usual_app

schema = schemathesis.openapi.from_dict(usual_app().openapi())


@schema.parametrize()
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_generated_requests(case: Any) -> None:
    more: dict[str, Any] = {}
    if case.media_type is not None:
        body = case.body if isinstance(case.body, bytes) else json.dumps(_plain(case.body)).encode()
        more = {"content": body, "headers": {"content-type": case.media_type}}
    answer = ask(case.method, case.formatted_path, params=_query(case), **more)
    assert answer.status_code < 500, answer.text
    described = usual_app().openapi()["paths"][case.operation.path].get(case.method.lower())
    if described is None:
        assert answer.status_code == 405
        return
    told = described["responses"]
    if answer.status_code not in (404, 405):  # a generated part of a path may itself hold a slash
        assert str(answer.status_code) in told, answer.text
    media = told.get(str(answer.status_code), {}).get("content", {}).get(answer.headers["content-type"])
    if media is not None:
        valid(answer.json(), media["schema"])


def _plain(body: Any) -> Any:
    return None if isinstance(body, schemathesis.core.NotSet) else body


def _query(case: Any) -> dict[str, str]:
    return {key: str(value) for key, value in (case.query or {}).items()}


def valid(data: Any, part: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator({**part, "components": usual_app().openapi()["components"]}).validate(
        data
    )


REQUESTS = [
    ("post", "/api/check", {"json": CHECK}),
    ("post", "/api/check", {"json": {**CHECK, "plan": {}}}),
    ("post", "/api/check", {"json": CHECK, "headers": {"accept": FHIR}}),
    ("post", "/api/plan", {"json": PLAN}),
    ("post", "/api/plan", {"json": PLAN, "headers": {"accept": FHIR}}),
    ("post", "/api/plan/missed", {"json": {"drug": "naltrexone", "regimen": "ldn-titration", "last_taken": "2026-12-20",
                                           "on": "2026-12-24"}}),
    ("post", "/api/simulate", {"json": {"drug": "naltrexone", "rx": ["50 mg po q24h x3"]}}),
    ("get", "/api/monographs", {}),
    ("get", "/api/concepts", {}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "more"), REQUESTS)
def test_good_answers_fit_what_is_declared(method: str, path: str, more: Any) -> None:
    answer = (post if method == "post" else get)(path, **more)
    assert answer.status_code == 200
    told = usual_app().openapi()["paths"][path][method]["responses"]["200"]["content"]
    valid(answer.json(), told[answer.headers["content-type"]]["schema"])


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/api/monographs/naltrexone", "/api/monographs/{drug}"),
        ("/api/monographs/naloxone/regimens", "/api/monographs/{drug}/regimens"),
    ],
)
def test_knowledge_fits_what_is_declared(path: str, template: str) -> None:
    told = usual_app().openapi()["paths"][template]["get"]["responses"]["200"]["content"]["application/json"]
    valid(get(path).json(), told["schema"])


def test_every_path_is_described_and_every_reference_resolves() -> None:
    document = get("/api/openapi.json").json()
    assert set(document["paths"]) >= {
        "/api/check",
        "/api/plan",
        "/api/plan/missed",
        "/api/simulate",
        "/api/concepts",
    }
    text = json.dumps(document)
    for name in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in document["components"]["schemas"]
    assert "HTTPValidationError" not in text
    for each in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(each)
