"""``POST /api/check``: one record, one question."""

from __future__ import annotations

import difflib

import msgspec
from fastapi import APIRouter
from msgspec.structs import asdict
from starlette.requests import Request
from starlette.responses import Response

from posology import api
from posology.check.engine import Engine
from posology.check.question import day, region_named
from posology.check.result import Result, Survey
from posology.errors import NotPossible
from posology.regimen.planned import Plan
from posology.show import fhir
from posology.show.json import answer_document, compact

from ..problem import Refused
from ..settings import Settings
from ..work import done
from .accept import accepted
from .asked import CheckAsked, PlanAfter
from .body import FHIR, JSON, asked_with, at, content_type, decoded
from .openapi import operation

FORMS = (JSON, FHIR)
_QUERY = {"drug": "drug", "for": "use", "on": "on", "region": "region", "product": "product"}
"""What may stand in the address when the body is the record alone. None of it is about a patient."""


class _OfQuery(msgspec.Struct, kw_only=True):
    """What is asked when the body is the record."""

    drug: str
    use: str | None = None
    on: str | None = None
    region: str | None = None
    product: str | None = None
    plan: None = None


def router(settings: Settings, engine: Engine) -> APIRouter:
    """The route."""
    routes = APIRouter()

    @routes.post(
        "/api/check",
        **operation(
            "check",
            "Can this patient use this drug, for this purpose, on this day?",
            asks=CheckAsked,
            bare_record=True,
            answers={JSON: "Answer", FHIR: "FhirBundle"},
            query={
                "drug": "A monograph; only with a FHIR body.",
                "for": "A use of the monograph; only with a FHIR body.",
                "on": "The day asked about, YYYY-MM-DD; only with a FHIR body.",
                "region": "US or EU; only with a FHIR body.",
                "product": "A product of the monograph; only with a FHIR body.",
            },
        ),
    )
    async def check(request: Request) -> Response:
        kind, form = content_type(request, FORMS), accepted(request, FORMS)
        query = dict(request.query_params)
        return await done(_answer, settings, engine, kind, form, await request.body(), query)

    return routes


def _answer(
    settings: Settings, engine: Engine, kind: str, form: str, body: bytes, query: dict[str, str]
) -> Response:
    if kind == JSON:
        if query:
            raise Refused(400, "with application/json everything stands in the body; nothing in the address")
        whole = decoded(body, CheckAsked)
        asked: CheckAsked | _OfQuery = whole
        record, place = bytes(whole.record), "$.record"
    else:
        asked, record, place = _of_query(query), body, "$"
        if body.lstrip()[:1] != b"{":
            raise Refused(400, "Expected a FHIR resource: a JSON object with resourceType.", "$")
    result = answered(engine, settings, asked, record, place)
    if form == FHIR:
        return Response(fhir.render(result).encode(), media_type=FHIR)
    planned = _planned(engine, result, asked.plan)
    return Response(compact(answer_document(result, planned)), media_type=JSON)


def answered(
    engine: Engine, settings: Settings, asked: CheckAsked | _OfQuery, record: bytes, place: str
) -> Result | Survey:
    """The answer of `check`; what cannot be asked is refused with the path of the field."""
    with at("$.drug"):
        planner = engine.planner(asked.drug)
    with at("$.use"):
        uses = [planner.uses.named(asked.use)] if asked.use is not None else list(planner.monograph.uses)
    with at("$.region"):
        region = region_named(asked.region or settings.region)
    with at("$.product"):
        planner.uses.product(uses[0], asked.product)
    with at("$.on"):
        on = day(asked.on) if asked.on is not None else None
    if asked.plan is not None and asked.use is None:
        raise Refused(400, "a plan is for one use: say for which", "$.use")
    with asked_with((), place):
        return api.check(
            record,
            drug=asked.drug,
            use=uses[0].id if asked.use is not None else None,
            on=on,
            region=region,
            product=asked.product,
            monographs=engine,
        )


def _planned(engine: Engine, result: Result | Survey, asked: PlanAfter | None) -> Plan | str | None:
    """The plan that the verdict allows, or why it allows none; None if it was not asked for."""
    if asked is None or not isinstance(result, Result):
        return None
    if asked.start is not None:
        with at("$.plan.start"):
            day(asked.start)
    with at("$.plan.regimen"):
        try:
            return api.plan_after(result, monographs=engine, **asdict(asked))
        except NotPossible as refused:
            return str(refused)


def _of_query(query: dict[str, str]) -> _OfQuery:
    for name in query:
        if name not in _QUERY:
            near = difflib.get_close_matches(name[:60], _QUERY, n=1, cutoff=0.5)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            raise Refused(400, f"unknown parameter '{name[:60]}'.{hint} Known: {', '.join(_QUERY)}.")
    for name, value in query.items():
        if not 0 < len(value) <= 200:
            raise Refused(
                400, f"the parameter '{name}' is empty or longer than 200 characters", f"$.{_QUERY[name]}"
            )
    if "drug" not in query:
        raise Refused(
            400, "with a FHIR body the drug stands in the address: /api/check?drug=NAME&for=USE", "$.drug"
        )
    given = {_QUERY[name]: value for name, value in query.items()}
    return msgspec.convert(given, _OfQuery)
