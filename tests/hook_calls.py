"""CDS Hooks calls for tests: a server in process, calls as an EHR makes them, and the schema of every answer.

The schema is written from the specification's tables (CDS Hooks 2.0, "CDS Service Response" and
"Discovery"); `answered` holds every response against it, so no test can overlook a malformed card.
"""

from __future__ import annotations

import json
from typing import Any

import anyio
import httpx
from fastapi import FastAPI
from jsonschema import Draft202012Validator

from posology.serve.app import create_app
from posology.serve.settings import Limits, Settings
from tests.records import Json, bundle, condition, order, patient

DAY = "2026-06-30"
INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
TABLET = {
    "coding": [
        {
            "system": "http://www.nlm.nih.gov/research/umls/rxnorm",
            "code": "1483744",
            "display": "naltrexone hydrochloride 50 MG Oral Tablet",
        }
    ]
}

_TEXT = {"type": "string", "minLength": 1}
_URL = {"type": "string", "pattern": r"^https?://\S+$"}
_UUID = {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}
_CODING = {
    "type": "object",
    "properties": {"system": _TEXT, "code": _TEXT, "display": _TEXT},
    "required": ["code"],
    "additionalProperties": False,
}
_RESOURCE = {"type": "object", "properties": {"resourceType": _TEXT}, "required": ["resourceType"]}
_ACTION = {
    "type": "object",
    "properties": {
        "type": {"enum": ["create", "update", "delete"]},
        "description": _TEXT,
        "resource": _RESOURCE,
        "resourceId": {"type": "string", "pattern": "^[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}$"},
    },
    "required": ["type", "description"],
    "additionalProperties": False,
    "if": {"properties": {"type": {"const": "delete"}}},
    "then": {"required": ["resourceId"]},
    "else": {"required": ["resource"]},
}
_SUGGESTION = {
    "type": "object",
    "properties": {
        "label": _TEXT,
        "uuid": _UUID,
        "isRecommended": {"type": "boolean"},
        "actions": {"type": "array", "minItems": 1, "items": _ACTION},
    },
    "required": ["label"],
    "additionalProperties": False,
}
_LINK = {
    "type": "object",
    "properties": {"label": _TEXT, "url": _URL, "type": {"enum": ["absolute", "smart"]}, "appContext": _TEXT},
    "required": ["label", "url", "type"],
    "additionalProperties": False,
    "if": {"properties": {"type": {"const": "absolute"}}},
    "then": {"properties": {"appContext": False}},
}
CARD = {
    "type": "object",
    "properties": {
        "uuid": _UUID,
        "summary": {"type": "string", "minLength": 1, "maxLength": 139},
        "detail": _TEXT,
        "indicator": {"enum": ["info", "warning", "critical"]},
        "source": {
            "type": "object",
            "properties": {"label": _TEXT, "url": _URL, "icon": _URL, "topic": _CODING},
            "required": ["label"],
            "additionalProperties": False,
        },
        "suggestions": {"type": "array", "minItems": 1, "items": _SUGGESTION},
        "selectionBehavior": {"enum": ["at-most-one", "any"]},
        "overrideReasons": {
            "type": "array",
            "minItems": 1,
            "items": {**_CODING, "required": ["code", "system", "display"]},
        },
        "links": {"type": "array", "minItems": 1, "items": _LINK},
    },
    "required": ["summary", "indicator", "source"],
    "dependentRequired": {"suggestions": ["selectionBehavior"]},
    "additionalProperties": False,
}
RESPONSE = {
    "type": "object",
    "properties": {
        "cards": {"type": "array", "items": CARD},
        "systemActions": {"type": "array", "minItems": 1, "items": _ACTION},
    },
    "required": ["cards"],
    "additionalProperties": False,
}
DISCOVERY = {
    "type": "object",
    "properties": {
        "services": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "hook": _TEXT,
                    "title": _TEXT,
                    "description": _TEXT,
                    "id": {"type": "string", "pattern": "^[A-Za-z0-9-]+$"},
                    "prefetch": {"type": "object", "minProperties": 1, "additionalProperties": _TEXT},
                    "usageRequirements": _TEXT,
                },
                "required": ["hook", "description", "id"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["services"],
    "additionalProperties": False,
}
PROBLEM = {
    "type": "object",
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "pointer": _TEXT,
    },
    "required": ["type", "title", "status", "detail"],
    "additionalProperties": False,
}
_RESPONSE, _DISCOVERY, _PROBLEM = (Draft202012Validator(each) for each in (RESPONSE, DISCOVERY, PROBLEM))


class Server:
    """An application in process, called over ASGI."""

    def __init__(self, **settings: Any) -> None:
        limits = Limits(per_second=1e6, burst=10**6)
        given = {"insecure": True, "public_url": "https://cds.example.org", "limits": limits, **settings}
        self.app: FastAPI = create_app(Settings(**given))

    def send(
        self, method: str, path: str, content: bytes | None = None, **headers: str | bytes
    ) -> httpx.Response:
        """One request, and its answer."""

        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                sent = {
                    "content-type": "application/json",
                    **{k.replace("_", "-"): v for k, v in headers.items()},
                }
                return await client.request(method, path, content=content, headers=sent)

        return anyio.run(go)

    def call(self, body: Json | bytes, hook: str = "", **headers: str | bytes) -> httpx.Response:
        """A service call; its answer has been held against the schema."""
        hook = hook or (body["hook"] if isinstance(body, dict) else "order-sign")
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return answered(self.send("POST", f"/cds-services/posology-{hook}", content, **headers))

    def cards(self, body: Json) -> list[Json]:
        """The cards of a call that is answered."""
        answer = self.call(body)
        assert answer.status_code == 200, answer.text
        return answer.json()["cards"]

    def discovery(self) -> list[Json]:
        """The services."""
        answer = self.send("GET", "/cds-services").json()
        _DISCOVERY.validate(answer)
        return answer["services"]


def answered(response: httpx.Response) -> httpx.Response:
    """The response, which is as the specification has it: cards, or a problem that says what is wrong."""
    told = response.json()
    if response.status_code == 200:
        _RESPONSE.validate(told)
        for card in told["cards"]:
            _no_empties({key: value for key, value in card.items() if key != "suggestions"})
    else:
        assert response.status_code in (400, 401, 404, 412, 415, 503), response.text
        assert response.headers["content-type"] == "application/problem+json"
        _PROBLEM.validate(told)
        assert told["status"] == response.status_code
    return response


def _no_empties(value: Any) -> None:
    assert value not in (None, "", [], {}), value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _no_empties(each)


def search(*resources: Json, **more: Any) -> Json:
    """What a FHIR search gives."""
    return {**bundle(*resources, kind="searchset"), **more}


EVERYTHING = (
    "conditions",
    "medications",
    "statements",
    "allergies",
    "observations",
    "newest",
    "procedures",
    "planned",
)


def prefetch(**lists: Any) -> Json:
    """What an EHR sends that honours every query and has nothing; but for what is given."""
    nothing: Json = {"patient": patient(), **dict.fromkeys(EVERYTHING)}
    return {**nothing, **lists}


def draft(concept: Json | str = "", **more: Any) -> Json:
    """A draft order of the 50 mg tablet of naltrexone, or of another medicine."""
    medicine = {"text": concept} if isinstance(concept, str) and concept else concept or TABLET
    return order(**{"id": "n1", "status": "draft", "medicationCodeableConcept": medicine, **more})


def call(*orders: Json, hook: str = "order-sign", sent: Json | None = None, **more: Any) -> Json:
    """The body of a service call."""
    context: Json = {"userId": "Practitioner/example", "patientId": "p1"}
    if hook != "patient-view":
        context["draftOrders"] = bundle(*orders)
    if hook == "order-select":
        context["selections"] = [f"{each['resourceType']}/{each['id']}" for each in orders]
    body = {"hook": hook, "hookInstance": INSTANCE, "context": context}
    if sent is not None:
        body["prefetch"] = sent
    return {**body, **more}


def in_pain(**lists: Any) -> Json:
    """Prefetch of somebody with fibromyalgia."""
    return prefetch(**{"conditions": search(condition()), **lists})
