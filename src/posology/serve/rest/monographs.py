"""``GET /api/monographs…``: what is known, and says who. The same for everybody, so it may be cached."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from posology.check.engine import Engine
from posology.errors import UsageError
from posology.monograph.model import Statement, Use
from posology.monograph.prose import Teller, consequence, scope, todo, until
from posology.regimen.named import regimens
from posology.show.json import compact

from ..problem import Refused
from ..settings import Settings
from .accept import accepted
from .body import JSON
from .openapi import operation

_CACHED = "public, max-age=300"


def cacheable(request: Request, body: bytes, tag: str) -> Response:
    """The body, or 304 if the client has it. `tag` changes whenever the body could."""
    headers = {"ETag": f'"{tag}"', "Cache-Control": _CACHED}
    if f'"{tag}"' in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=JSON)


def router(settings: Settings, engine: Engine) -> APIRouter:
    """The routes."""
    routes = APIRouter()
    library = engine.library
    versions = library.versions

    @cache
    def told(document: Callable[..., Any], *names: str) -> bytes:
        return compact(document(engine, *names))

    def answer(request: Request, document: Callable[..., Any], *names: str) -> Response:
        accepted(request, (JSON,))
        known = library.names()
        if names and names[0] not in known:
            raise Refused(404, f"there is no monograph of this name. Known: {', '.join(known)}.")
        version = versions[names[0]] if names else "-".join(versions[name] for name in known)
        tag = f"{version}-{versions['sources']}-{versions['vocabulary']}"
        return cacheable(request, told(document, *names), tag)

    @routes.get("/api/monographs", **operation("monographs", "All monographs.", answers={JSON: "Monographs"}))
    async def every(request: Request) -> Response:
        return answer(request, _every)

    @routes.get(
        "/api/monographs/{drug}",
        **operation("monograph", "One drug's knowledge, whole, with its sources.", answers={JSON: "MonographShown"},
                    found=True),
    )  # fmt: skip
    async def one(request: Request, drug: str) -> Response:
        return answer(request, _whole, drug)

    @routes.get(
        "/api/monographs/{drug}/regimens",
        **operation(
            "regimens", "Regimens that can be asked for by name.", answers={JSON: "Regimens"}, found=True
        ),
    )
    async def named(request: Request, drug: str) -> Response:
        return answer(request, _regimens, drug)

    @routes.get(
        "/api/monographs/{drug}/statements/{id}",
        **operation("statement", "One statement, with its sources and disputes.", answers={JSON: "StatementShown"},
                    found=True),
    )  # fmt: skip
    async def statement(request: Request, drug: str, id: str) -> Response:
        try:
            known = library.monograph(drug).statements
        except UsageError:
            known = ()
        if known and all(each.id != id for each in known):
            raise Refused(
                404, f"the monograph has no statement of this id; they are in /api/monographs/{drug}"
            )
        return answer(request, _statement, drug, id)

    return routes


def _every(engine: Engine) -> Any:
    library = engine.library
    heads = [library.monograph(name).identity for name in library.names()]
    return {
        "monographs": [
            {
                "id": head.id,
                "name": head.name,
                "says": head.says,
                "drug_class": head.drug_class,
                "regions": head.regions,
                "version": library.versions[head.id],
            }
            for head in heads
        ]
    }


def _whole(engine: Engine, drug: str) -> Any:
    monograph = engine.library.monograph(drug)
    identity = msgspec.to_builtins(monograph.identity)
    products = identity.pop("products")
    return {
        "identity": identity,
        "uses": [_plain_use(engine, each) for each in monograph.uses],
        "products": [{**each, "sources": _cited(engine, tuple(each["sources"]))} for each in products],
        "regimens": _regimens(engine, drug)["regimens"],
        "statements": [_shown(engine, drug, each) for each in monograph.statements],
        "disputes": [msgspec.to_builtins(each) for each in monograph.disputes],
        "version": engine.library.versions[drug],
    }


def _plain_use(engine: Engine, use: Use) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(use)
    plain.pop("when")
    return {**plain, "sources": _cited(engine, use.sources)}


def _cited(engine: Engine, citations: tuple[str, ...]) -> Any:
    return msgspec.to_builtins(engine.sources.cited(citations))


def _shown(engine: Engine, drug: str, statement: Statement) -> dict[str, Any]:
    """A statement with what its criterion, scope and effect are in words: those are what a reader needs."""
    monograph = engine.library.monograph(drug)
    teller = Teller.of(engine.library.vocabulary, monograph.uses)
    return {
        "id": statement.id,
        "kind": statement.kind,
        "title": statement.title,
        "says": statement.says,
        "do": todo(statement),
        "when": teller.criterion(statement.when) if statement.when is not None else "",
        "verdict": statement.verdict,
        "effect": consequence(statement),
        "until": until(statement.until) if statement.until else "",
        "scope": scope(statement, teller),
        "stage": statement.stage,
        "uses": statement.uses,
        "products": statement.products,
        "regions": statement.regions,
        "group": statement.group,
        "rx": statement.rx,
        "names": statement.names,
        "due": statement.due,
        "grade": statement.grade,
        "frequencies": msgspec.to_builtins(statement.frequencies),
        "basis": statement.basis,
        "sources": _cited(engine, statement.sources),
    }


def _statement(engine: Engine, drug: str, id: str) -> Any:
    monograph = engine.library.monograph(drug)
    found = next(each for each in monograph.statements if each.id == id)
    disputes = [msgspec.to_builtins(each) for each in monograph.disputes if id in each.statements]
    return {"drug": drug, **_shown(engine, drug, found), "disputes": disputes}


def _regimens(engine: Engine, drug: str) -> dict[str, Any]:
    return {
        "drug": drug,
        "regimens": [
            {
                "id": each.id,
                "names": each.names,
                "title": each.title,
                "says": each.says,
                "rx": each.rx,
                "uses": each.uses,
                "products": each.products,
                "regions": each.regions,
                "basis": each.basis,
                "sources": _cited(engine, each.sources),
            }
            for each in regimens(engine.library.monograph(drug))
        ],
    }
