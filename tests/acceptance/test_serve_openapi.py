"""The OpenAPI document says what the server does: checked by schemathesis, and by the answers themselves."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, settings

from posology.serve.app import create_app
from posology.serve.settings import Settings
from tests.acceptance.test_serve_rest import CHECK, FHIR, PLAN
from tests.served import FREE, get, post, usual_app


def sandbox() -> FastAPI:
    """A server that answers unsigned calls, so that more than their refusal is tested."""
    return create_app(Settings(limits=FREE, insecure=True))


schema = schemathesis.openapi.from_asgi("/api/openapi.json", sandbox())


def test_the_document_is_openapi() -> None:
    """By the JSON Schema of OpenAPI 3.1, which schemathesis carries."""
    assert get("/api/openapi.json").json()["openapi"].startswith("3.1")
    schema.validate()


@schema.parametrize()
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_generated_requests(case: schemathesis.Case) -> None:
    """Valid and invalid requests to every operation: no answer but those described, each as it is described.

    Left out is only what a schema cannot promise: that every text of the right type names a drug.
    """
    case.call_and_validate(excluded_checks=[schemathesis.checks.positive_data_acceptance])


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
