"""What the addresses of CDS Hooks take and answer, for the OpenAPI document.

Written from the tables of the specification (CDS Hooks 2.0, "Discovery", "Calling a CDS Service", "CDS Service
Response" and "Feedback"). Bodies of calls are described as far as every call must have it; what is in a record
is described by FHIR.
"""

from __future__ import annotations

from typing import Any

from ..rest.openapi import PROBLEM_REF, REFUSALS, schema_of
from .request import HOOKS, USERS

_TEXT: dict[str, Any] = {"type": "string"}
_FILLED: dict[str, Any] = {"type": "string", "minLength": 1}
_UUID: dict[str, Any] = {"type": "string", "format": "uuid"}
_RESOURCE: dict[str, Any] = {
    "type": "object",
    "required": ["resourceType"],
    "properties": {"resourceType": _TEXT},
}
_OWN = {
    400: "The call is not as the specification wants it; `pointer` says where.",
    401: "The call is not signed by somebody who is believed.",
    404: "There is no such service.",
    412: "Data that is needed was neither sent along nor could be fetched.",
}
_OPEN = (429, 500, 503, 504)
_OF_BODIES = (408, 413, 415)


def answers(schema: str, *, called: bool = True, needs: bool = False) -> dict[int | str, dict[str, Any]]:
    """The responses of a route; `schema` is empty where nothing is in the answer, `needs` says that data may lack."""
    told: dict[int | str, dict[str, Any]] = {200: {"description": "The answer."}}
    if schema:
        told[200]["content"] = {"application/json": schema_of(schema)}
    codes = [code for code in _OWN if called and (needs or code != 412)]
    for code in sorted([*codes, *_OPEN, *(_OF_BODIES if called else ())]):
        said = _OWN.get(code) or REFUSALS[code]
        told[code] = {"description": said, "content": {"application/problem+json": PROBLEM_REF}}
    return told


def asks(schema: str) -> dict[str, Any]:
    """The body of a route."""
    return {"requestBody": {"required": True, "content": {"application/json": schema_of(schema)}}}


def _object(required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required.split(), "properties": properties}


def _closed(required: str, **properties: Any) -> dict[str, Any]:
    return {**_object(required, **properties), "additionalProperties": False}


def _rows(of: dict[str, Any], least: int = 1) -> dict[str, Any]:
    return {"type": "array", "items": of, **({"minItems": least} if least else {})}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """For what may be left out, and is taken as left out where null is sent."""
    return {"anyOf": [schema, {"type": "null"}]}


_CODING = _closed("code", system=_FILLED, code=_FILLED, display=_FILLED)
_ACTION = _closed(
    "type description",
    type={"enum": ["create", "update", "delete"]},
    description=_FILLED,
    resource=_RESOURCE,
    resourceId=_FILLED,
)
_CARD = _closed(
    "summary indicator source",
    uuid=_UUID,
    summary={"type": "string", "minLength": 1, "maxLength": 139},
    detail={"type": "string", "description": "GitHub-flavoured Markdown."},
    indicator={"enum": ["info", "warning", "critical"]},
    source=_closed("label", label=_FILLED, url=_FILLED, icon=_FILLED, topic=_CODING),
    suggestions=_rows(
        _closed("label", label=_FILLED, uuid=_UUID, isRecommended={"type": "boolean"}, actions=_rows(_ACTION))
    ),
    selectionBehavior={"enum": ["at-most-one", "any"]},
    overrideReasons=_rows(_CODING),
    links=_rows(
        _closed(
            "label url type",
            label=_FILLED,
            url=_FILLED,
            type={"enum": ["absolute", "smart"]},
            appContext=_TEXT,
        )
    ),
)
_SERVICE = _object(
    "hook description id",
    hook={"enum": list(HOOKS)},
    title=_FILLED,
    description=_FILLED,
    id=_FILLED,
    prefetch={"type": "object", "additionalProperties": _FILLED},
    usageRequirements=_FILLED,
)
_CONTEXT = _object(
    "userId patientId",
    userId={
        "type": "string",
        "pattern": rf"^({'|'.join(USERS)})/[A-Za-z0-9.-]{{1,64}}$",
        "description": "Type and id, such as Practitioner/123.",
    },
    patientId={"type": "string", "pattern": r"^(Patient/)?[A-Za-z0-9.-]{1,64}$"},
    encounterId=_or_null(_FILLED),
    selections=_or_null(_rows(_TEXT, 0)),
    draftOrders={**_RESOURCE, "description": "A Bundle of the unsigned orders."},
)
_GRANT = _object(
    "access_token token_type expires_in scope subject",
    access_token=_FILLED,
    token_type={"const": "Bearer"},
    expires_in={"type": "integer"},
    scope=_TEXT,
    subject=_TEXT,
)
SCHEMAS: dict[str, Any] = {
    "CdsServices": _closed("services", services=_rows(_SERVICE, 0)),
    "CdsCards": _closed("cards", cards=_rows(_CARD, 0)),
    "CdsCall": _object(
        "hook hookInstance context",
        hook={"enum": list(HOOKS)},
        hookInstance=_UUID,
        context=_CONTEXT,
        fhirServer=_or_null(_TEXT),
        fhirAuthorization=_or_null(_GRANT),
        prefetch=_or_null(
            {
                "type": "object",
                "description": "By key: a resource, a Bundle, or null; other keys may hold anything.",
            }
        ),
    ),
    "CdsFeedback": _object(
        "feedback",
        feedback=_rows(
            _object(
                "card outcome outcomeTimestamp",
                card=_UUID,
                outcome={"enum": ["accepted", "overridden"]},
                outcomeTimestamp={"type": "string", "format": "date-time"},
                acceptedSuggestions=_rows(_object("id", id=_UUID), 0),
                overrideReason=_object(
                    "", reason=_object("code", code=_TEXT, system=_TEXT), userComment=_TEXT
                ),
            )
        ),
    ),
}
"""The schemas that these routes refer to, by name."""
