"""``GET /api/concepts``: what conditions, medicines, results and procedures can be named, for forms.

Without `q` the whole list is given, so that a form can search it without sending what somebody typed.
"""

from __future__ import annotations

from typing import Any, get_args

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from posology.check.engine import Engine
from posology.monograph.model import ConceptKind
from posology.show.json import compact

from ..problem import Refused
from ..settings import Settings
from .accept import accepted
from .body import JSON
from .monographs import cacheable
from .openapi import operation

MOST = 50
"""Results of a search."""


def router(settings: Settings, engine: Engine) -> APIRouter:
    """The route."""
    routes = APIRouter()
    listed = _listed(engine)
    version = engine.library.versions["vocabulary"]
    everything = compact({"concepts": listed})

    @routes.get(
        "/api/concepts",
        **operation(
            "concepts",
            "What can be named in a record: all of it, or what fits a search.",
            answers={JSON: "Concepts"},
            query={
                "q": "Words of a name; without it all concepts.",
                "kind": f"Only these: {', '.join(get_args(ConceptKind))}.",
            },
        ),
    )
    async def concepts(request: Request) -> Response:
        accepted(request, (JSON,))
        query = dict(request.query_params)
        if unknown := [name for name in query if name not in {"q", "kind"}]:
            raise Refused(400, f"unknown parameter '{unknown[0][:60]}'. Known: q, kind.")
        if not query:
            return cacheable(request, everything, version)
        kind, words = query.get("kind", ""), query.get("q", "")
        if kind and kind not in get_args(ConceptKind):
            raise Refused(400, f"unknown kind. Known: {', '.join(get_args(ConceptKind))}.", "$.kind")
        if len(words) > 100:
            raise Refused(400, "a search of more than 100 characters; shorten it", "$.q")
        found = [each for each in listed if kind in ("", each["kind"])]
        return Response(compact({"concepts": _searched(found, words) if words else found}), media_type=JSON)

    return routes


def _listed(engine: Engine) -> list[dict[str, Any]]:
    vocabulary = engine.library.vocabulary
    listed: list[dict[str, Any]] = [
        {
            "id": each.id,
            "kind": each.kind,
            "name": each.name,
            "names": each.names,
            "unit": each.unit,
            "code": (
                {"system": each.codes[0].system, "code": each.codes[0].code, "display": each.codes[0].display}
                if each.codes
                else None
            ),
        }
        for each in vocabulary.concepts
    ]
    return sorted(listed, key=lambda each: (each["name"].casefold(), each["id"]))


def _searched(listed: list[dict[str, Any]], words: str) -> list[dict[str, Any]]:
    """Those of which a name holds every word, names that begin so first."""
    wanted = words.casefold().split()
    ranked = []
    for each in listed:
        names = [each["name"].casefold(), each["id"], *(name.casefold() for name in each["names"])]
        fitting = [name for name in names if all(word in name for word in wanted)]
        if fitting:
            ranked.append(
                (not any(name.startswith(wanted[0]) for name in fitting) if wanted else False, each)
            )
    ranked.sort(key=lambda pair: pair[0])
    return [each for _, each in ranked[:MOST]]
