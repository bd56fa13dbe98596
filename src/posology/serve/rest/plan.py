"""``POST /api/plan``: a regimen on the calendar; ``POST /api/plan/missed``: what to do after a gap."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter
from msgspec.structs import asdict
from starlette.requests import Request
from starlette.responses import Response

from posology import api
from posology.check.engine import Engine
from posology.check.question import day, region_named
from posology.regimen import parse_rx
from posology.show import calendar, leaflet, leaflet_pdf, plan_fhir
from posology.show.json import compact, plan_document

from ..headers import policy_for
from ..problem import Refused
from ..settings import Settings
from ..work import done
from .accept import accepted
from .asked import MissedAsked, PlanAsked
from .body import FHIR, JSON, asked_with, at, content_type, decoded
from .openapi import operation

ICS, HTML, PDF = "text/calendar", "text/html", "application/pdf"
FORMS = (JSON, ICS, FHIR, HTML, PDF)


def router(settings: Settings, engine: Engine) -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.post(
        "/api/plan",
        **operation(
            "plan",
            "Which doses, on which days? As JSON, a calendar, FHIR, or a leaflet (HTML, PDF).",
            asks=PlanAsked,
            answers={JSON: "Plan", ICS: "", FHIR: "FhirBundle", HTML: "", PDF: ""},
            forbidden=True,
        ),
    )
    async def plan(request: Request) -> Response:
        content_type(request, (JSON,))
        form = accepted(request, FORMS)
        return await done(_planned, settings, engine, form, await request.body())

    @routes.post(
        "/api/plan/missed",
        **operation(
            "plan_missed",
            "What to do when doses were missed?",
            asks=MissedAsked,
            answers={JSON: "MissedAnswer"},
            forbidden=True,
        ),
    )
    async def missed(request: Request) -> Response:
        content_type(request, (JSON,))
        accepted(request, (JSON,))
        return await done(_missed, settings, engine, await request.body())

    return routes


def _checked(asked: PlanAsked | MissedAsked, settings: Settings, engine: Engine) -> str:
    """The region. What stands alone is looked at alone, so that an error can say which field it is about."""
    with at("$.drug"):
        planner = engine.planner(asked.drug)
    with at("$.use"):
        if asked.use is not None:
            planner.uses.named(asked.use)
    for name in ("on", "start", "until"):
        if (value := getattr(asked, name, None)) is not None:
            with at(f"$.{name}"):
                day(value)
    if asked.rx is not None:
        with at("$.rx"):
            parse_rx(asked.rx)
    with at("$.region"):
        return region_named(asked.region or settings.region)


def _planned(settings: Settings, engine: Engine, form: str, body: bytes) -> Response:
    asked = decoded(body, PlanAsked)
    region = _checked(asked, settings, engine)
    if asked.timezone is not None and form != ICS:
        raise Refused(400, f"a timezone belongs to {ICS}; the other forms give local times", "$.timezone")
    for number, each in enumerate(asked.last_opioid):
        with at(f"$.last_opioid[{number}].last"):
            day(each.last)
    for number, operation_day in enumerate(asked.surgery):
        with at(f"$.surgery[{number}]"):
            day(operation_day)
    given = asdict(asked) | {
        "region": region,
        "last_opioid": [(each.medicine, each.last) for each in asked.last_opioid],
    }
    zone = given.pop("timezone")
    with asked_with(PlanAsked.__struct_fields__):
        made = api.plan(given.pop("drug"), monographs=engine, **given)
    typed = partial(Response, media_type=form)
    if form == ICS:
        with at("$.timezone"):
            return typed(calendar.render(made, zone))
    if form == JSON:
        return typed(compact(plan_document(made)))
    if form == FHIR:
        return typed(plan_fhir.render(made, engine.library).encode())
    if form == PDF:
        return typed(leaflet_pdf.render(made, engine.library))
    page = leaflet.render(made, engine.library)
    return typed(page.encode(), headers={"Content-Security-Policy": policy_for(page)})


def _missed(settings: Settings, engine: Engine, body: bytes) -> Response:
    asked = decoded(body, MissedAsked)
    given = asdict(asked) | {"region": _checked(asked, settings, engine)}
    with asked_with(MissedAsked.__struct_fields__):
        answer = api.missed(given.pop("drug"), monographs=engine, **given)
    return Response(compact(plan_document(answer)), media_type=JSON)
