"""Errors as problem+json (RFC 9457): what is wrong, where in the body, and what would be right.

A message of `posology.errors` says what was wrong with a request and is meant to be read by whoever sent
it. Any other exception is a defect: the client learns that it happened, and nothing about it.
"""

from __future__ import annotations

import json
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from posology.errors import (
    InputError,
    KnowledgeError,
    NotPossible,
    PosologyError,
    RecordError,
    UsageError,
)

JSON, PROBLEM = "application/json", "application/problem+json"
_STATUS: tuple[tuple[type[PosologyError], int, str], ...] = (
    (InputError, 400, "The input cannot be read"),
    (RecordError, 422, "The input is not one patient's FHIR R4 record"),
    (NotPossible, 409, "The knowledge forbids it"),
    (UsageError, 400, "The question cannot be put"),
    (KnowledgeError, 500, "The knowledge is wrong"),
)
TITLES = {
    400: "The request is wrong",
    401: "The request is not signed by somebody who is believed",
    403: "Not allowed",
    404: "There is no such page",
    405: "This cannot be done here",
    406: "There is no such form of the answer",
    408: "The request took too long to arrive",
    412: "Data that is needed was neither sent nor could be fetched",
    413: "The body is too large",
    415: "The body is of a kind that is not read here",
    422: "The request is well-formed and means nothing",
    429: "Too many requests",
    500: "An error of the server",
    503: "The server is busy, or stopping",
    504: "The answer took too long",
}


class Refused(Exception):
    """A request that is refused with this status, detail and, where it is known, the JSON path of what is wrong."""

    def __init__(self, status: int, detail: str, pointer: str = "", headers: dict[str, str] | None = None):
        super().__init__(detail)
        self.status, self.detail, self.pointer, self.headers = status, detail, pointer, headers or {}


def problem(
    status: int, detail: str, *, title: str = "", pointer: str = "", headers: dict[str, str] | None = None
) -> Response:
    """A problem+json response. `pointer` is a JSON path such as ``$.prefetch.patient``."""
    told: dict[str, Any] = {
        "type": "about:blank",
        "title": title or TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
    }
    if pointer:
        told["pointer"] = pointer
    body = json.dumps(told).encode()
    return Response(body, status, headers, media_type=PROBLEM)


async def of_posology(_request: Request, error: Exception) -> Response:
    """The problem that an error of `posology.errors` is."""
    for kind, status, title in _STATUS:
        if isinstance(error, kind):
            detail = str(error) if status < 500 else "A monograph of this server cannot be read."
            return problem(status, detail, title=title)
    return problem(500, "Something went wrong here; nothing of the request was kept.")


async def of_refused(_request: Request, error: Exception) -> Response:
    """The problem that a `Refused` says."""
    assert isinstance(error, Refused)
    return problem(error.status, error.detail, pointer=error.pointer, headers=error.headers)


async def of_http(_request: Request, error: Exception) -> Response:
    """The problem for what the router refuses: no such path, or no such method there."""
    assert isinstance(error, HTTPException)
    return problem(error.status_code, detail_of(error), headers=dict(error.headers or {}))


def detail_of(error: HTTPException) -> str:
    """What the router refuses, in words."""
    headers = dict(error.headers or {})
    return {
        404: "Nothing is answered at this path; the paths are in /api/openapi.json.",
        405: f"This path answers {headers.get('Allow', headers.get('allow', 'other methods'))} only.",
    }.get(error.status_code, TITLES.get(error.status_code, "The request is refused."))


async def of_parameter(_request: Request, error: Exception) -> Response:
    """The problem of a parameter of the path or query. What was sent is not repeated."""
    assert isinstance(error, RequestValidationError)
    told = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
    return problem(400, told or TITLES[400])


async def of_defect(_request: Request, _error: Exception) -> Response:
    """For any other exception: that it happened, and nothing about it."""
    return problem(500, "Something went wrong here; nothing of the request was kept.")
