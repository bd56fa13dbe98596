"""The OpenAPI document: the shapes come from what decodes requests and from the schema of answers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from posology.check.engine import Engine
from posology.regimen.named import regimens
from posology.regimen.planned import MissedAnswer
from posology.show import schema as answers_schema

from .asked import CheckAsked, MissedAsked, PlanAsked, SimulateAsked

_REF = "#/components/schemas/"
_JSON, _FHIR, _PROBLEM = "application/json", "application/fhir+json", "application/problem+json"
_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}
PROBLEM = {
    "type": "object",
    "description": "RFC 9457.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, and what would be right."},
        "pointer": {"type": "string", "description": "JSON path of what is wrong in the body."},
    },
    "additionalProperties": False,
}
REFUSALS = {
    400: "The request is wrong.",
    406: "There is no such form of the answer.",
    408: "The body took too long to arrive.",
    413: "The body is too large.",
    415: "The body is of a kind that is not read here.",
    422: "The record is not one patient's FHIR R4 record.",
    429: "Too many requests; see Retry-After.",
    500: "An error of the server.",
    503: "The server is busy, or stopping; see Retry-After.",
    504: "The answer took too long.",
}
_OF_BODIES = {408, 413, 415}


def operation(
    id: str,
    summary: str,
    *,
    answers: Mapping[str, str],
    asks: type[msgspec.Struct] | None = None,
    bare_record: bool = False,
    query: Mapping[str, str] | None = None,
    forbidden: bool = False,
    found: bool = False,
) -> dict[str, Any]:
    """Arguments of a route that describe it.

    `answers` are media types with the name of a schema (empty: not JSON); `asks` is what decodes the body,
    `bare_record` whether a FHIR record may be sent instead; `query` are parameters with their meaning;
    `forbidden` whether the knowledge may refuse (409); `found` whether a name may be unknown (404).
    """
    refused = {
        code: text for code, text in REFUSALS.items() if asks is not None or code not in _OF_BODIES | {422}
    }
    if not bare_record:
        refused.pop(422, None)
    if forbidden:
        refused[409] = "The knowledge or the verdict forbids it."
    if found:
        refused[404] = "There is no such monograph or statement."
    responses: dict[int | str, dict[str, Any]] = {
        200: {
            "description": "The answer.",
            "content": {form: schema_of(name) for form, name in answers.items()},
        }
    }
    for code, text in sorted(refused.items()):
        responses[code] = {"description": text, "content": {_PROBLEM: schema_of("Problem")}}
    extra: dict[str, Any] = {}
    if asks is not None:
        content = {_JSON: schema_of(asks.__name__)}
        if bare_record:
            content[_FHIR] = schema_of("FhirResource")
        extra["requestBody"] = {"required": True, "content": content}
    if query:
        extra["parameters"] = [
            {"name": name, "in": "query", "required": False, "description": text, "schema": _TEXT}
            for name, text in query.items()
        ]
    return {
        "operation_id": id,
        "summary": summary,
        "responses": responses,
        "openapi_extra": extra,
        "response_model": None,
    }


def schema_of(name: str) -> dict[str, Any]:
    """The content of one media type: what a schema of the document says; without a name, a text."""
    return {"schema": {"$ref": f"{_REF}{name}"} if name else {"type": "string"}}


PROBLEM_REF = schema_of("Problem")


def described(app: FastAPI, further: Mapping[str, Any]) -> None:
    """Make the application give its document with all schemas that its routes refer to, and these further ones."""

    @cache
    def document() -> dict[str, Any]:
        root = app.state.settings.root_path
        told = get_openapi(
            title=app.title,
            version=app.version,
            summary="Drug monographs, executed: can this patient use this drug, for this purpose, on this day?",
            description="Decision support for professionals. No patient data is kept, logged or put in an address.",
            routes=app.routes,
            servers=[{"url": root}] if root else None,
        )
        names = list(app.state.engine.library.names())
        examples = _examples(app.state.engine)
        for path in told["paths"].values():
            for described_ in path.values():
                described_["responses"] = {
                    code: each
                    for code, each in described_["responses"].items()
                    if "HTTPValidationError" not in str(each)
                }
                for parameter in described_.get("parameters", ()):
                    if parameter["in"] == "path":
                        listed = names if parameter["name"] == "drug" else parameter["schema"].get("enum")
                        parameter["schema"] = {
                            "type": "string",
                            **({"enum": listed} if listed else {"minLength": 1}),
                        }
                for form in described_.get("requestBody", {}).get("content", {}).values():
                    name = form["schema"]["$ref"].removeprefix(_REF)
                    if name in examples:
                        form["example"] = examples[name]
        schemas = told.setdefault("components", {}).setdefault("schemas", {})
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        schemas.update(_schemas(), **further)
        for asked in examples:
            schemas[asked]["properties"]["drug"] = {"type": "string", "enum": names}
        return told

    app.openapi = document  # type: ignore[method-assign]


def _examples(engine: Engine) -> dict[str, Any]:
    """A body for each kind of question, about the drug that has most uses."""
    drug = max(engine.library.names(), key=lambda name: len(engine.library.monograph(name).uses))
    monograph = engine.library.monograph(drug)
    ask = {"drug": drug, "use": monograph.uses[0].id, "on": "2026-12-01"}
    person = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1980-01-01"}
    follow = {
        "drug": drug,
        "regimen": next((each.id for each in regimens(monograph)), ""),
        "start": "2026-12-01",
    }
    return {
        "CheckAsked": {**ask, "record": person},
        "PlanAsked": follow,
        "MissedAsked": {**follow, "last_taken": "2026-12-20", "on": "2026-12-24"},
        "SimulateAsked": {"drug": drug, "regimen": [follow["regimen"]], "for_hours": 48},
    }


def _schemas() -> dict[str, Any]:
    _, asked = msgspec.json.schema_components(
        [CheckAsked, PlanAsked, MissedAsked, SimulateAsked], ref_template=_REF + "{name}"
    )
    _, missed = msgspec.json.schema_components([MissedAnswer], ref_template=_REF + "{name}")
    answer = _moved(answers_schema.schema())
    definitions = answer.pop("$defs")
    definitions["Answer"] = {"anyOf": answer["anyOf"], "description": answer["description"]}
    fhir = {"type": "object", "required": ["resourceType"], "properties": {"resourceType": _TEXT}}
    bundle = {**fhir, "properties": {"resourceType": {"const": "Bundle"}}}
    return {
        **missed,
        **definitions,
        **asked,
        **_KNOWLEDGE,
        "Problem": PROBLEM,
        "FhirResource": {**fhir, "description": "A FHIR R4 Bundle or resource of one person."},
        "FhirBundle": {**bundle, "description": "A FHIR R4 Bundle."},
    }


def _moved(value: Any) -> Any:
    """A schema whose references point into the document."""
    if isinstance(value, dict):
        return {
            key: each.replace("#/$defs/", _REF) if key == "$ref" else _moved(each)
            for key, each in value.items()
        }
    return [_moved(each) for each in value] if isinstance(value, list) else value


def _object(required: str, description: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "required": required.split(),
        "properties": properties,
    }


def _rows(of: Any) -> dict[str, Any]:
    return {"type": "array", "items": of}


_ANY = {"type": "object"}
_SOURCES = _rows(_object("citation title place url", "A citation with the title of its source.",
                         citation=_TEXT, title=_TEXT, place=_TEXT, url=_TEXT))  # fmt: skip
_STATEMENT = {
    "id": _TEXT, "kind": _TEXT, "title": _TEXT, "says": _TEXT, "do": _TEXT,
    "when": {"type": "string", "description": "The criterion in words; empty: it is put to nobody."},
    "verdict": {"type": ["string", "null"]}, "effect": _TEXT, "basis": _TEXT, "sources": _SOURCES,
}  # fmt: skip
_KNOWLEDGE = {
    "Monographs": _object("monographs", "All monographs.",
                          monographs=_rows(_object("id name says version", "One.", id=_TEXT, name=_TEXT,
                                                   says=_TEXT, version=_TEXT))),
    "StatementShown": _object("drug id kind says basis sources disputes", "A statement, with disputes about it.",
                              drug=_TEXT, disputes=_rows(_ANY), **_STATEMENT),
    "Regimens": _object("drug regimens", "Regimens with a name.", drug=_TEXT,
                        regimens=_rows(_object("id names rx", "One.", id=_TEXT, names=_TEXTS, rx=_TEXT))),
    "MonographShown": _object("identity uses products regimens statements disputes version", "A monograph.",
                              identity=_ANY, uses=_rows(_ANY), products=_rows(_ANY), regimens=_rows(_ANY),
                              statements=_rows(_object("id kind says basis sources", "One.", **_STATEMENT)),
                              disputes=_rows(_ANY), version=_TEXT),
    "Concepts": _object("concepts", "What can be named in a record.",
                        concepts=_rows(_object("id kind name names unit code", "One.", id=_TEXT, kind=_TEXT,
                                               name=_TEXT, names=_TEXTS, unit=_TEXT,
                                               code={"type": ["object", "null"]}))),
    "Simulation": _object("drug population arms parameters said calibrated", "What 'posology simulate' answers.",
                          drug=_TEXT, population={"type": "integer"}, arms=_rows(_ANY), parameters=_rows(_ANY),
                          said=_rows(_ANY), calibrated=_TEXT),
}  # fmt: skip
