"""``POST /api/simulate``: what regimens do in the body."""

from __future__ import annotations

from fastapi import APIRouter
from msgspec.structs import asdict
from starlette.requests import Request
from starlette.responses import Response

from posology import api
from posology.check.engine import Engine
from posology.check.question import day
from posology.regimen import parse_rx
from posology.show.json import compact
from posology.simulate.receptor import Pulse

from ..problem import Refused
from ..settings import Settings
from ..work import done
from .accept import accepted
from .asked import PEOPLE, REGIMENS, SimulateAsked
from .body import JSON, asked_with, at, content_type, decoded
from .openapi import operation


def router(settings: Settings, engine: Engine) -> APIRouter:
    """The route."""
    routes = APIRouter()

    @routes.post(
        "/api/simulate",
        **operation(
            "simulate",
            "What do regimens do in the body? Concentrations and receptor blockade over time. A model, and no advice.",
            asks=SimulateAsked,
            answers={JSON: "Simulation"},
        ),
    )
    async def simulate(request: Request) -> Response:
        content_type(request, (JSON,))
        accepted(request, (JSON,))
        return await done(_simulated, engine, await request.body())

    return routes


def _simulated(engine: Engine, body: bytes) -> Response:
    asked = decoded(body, SimulateAsked)
    if not 1 <= asked.population <= PEOPLE:
        raise Refused(
            400,
            f"a population of {asked.population:,}: this server simulates from 1 to {PEOPLE:,} people for a request;"
            " for more use 'posology simulate' on the command line",
            "$.population",
        )
    if len(asked.rx) + len(asked.regimen) > REGIMENS:
        raise Refused(400, f"more than {REGIMENS} regimens for one request; ask for some of them", "$.rx")
    with at("$.drug"):
        engine.planner(asked.drug)
    if asked.start is not None:
        with at("$.start"):
            day(asked.start)
    for number, text in enumerate(asked.rx):
        with at(f"$.rx[{number}]"):
            parse_rx(text)
    given = asdict(asked)
    pulses = []
    for number, each in enumerate(asked.agonist):
        with at(f"$.agonist[{number}]"):
            pulses.append(Pulse(**asdict(each)))
    given["agonist"] = pulses
    with asked_with(SimulateAsked.__struct_fields__):
        found = api.simulate(given.pop("drug"), workers=1, monographs=engine.library, **given)
    return Response(compact(found.to_dict()), media_type=JSON)
