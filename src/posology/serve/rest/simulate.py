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
from posology.regimen.named import regimen_named
from posology.show.json import compact
from posology.simulate.receptor import Pulse
from posology.simulate.schedule import NAMED_HOURS

from ..problem import Refused
from ..settings import Settings
from ..work import done
from .accept import accepted
from .asked import DOSES, HOURS, PEOPLE, PEOPLE_DOSES, POINTS, REGIMENS, SimulateAsked
from .body import JSON, asked_with, at, content_type, decoded
from .openapi import operation

_AFTER = 180 * 24.0
"""Hours for which a washout is followed at most."""


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
    _affordable(engine, asked)
    given = asdict(asked)
    pulses = []
    for number, each in enumerate(asked.agonist):
        with at(f"$.agonist[{number}]"):
            pulses.append(Pulse(**asdict(each)))
    given["agonist"] = pulses
    with asked_with(SimulateAsked.__struct_fields__):
        found = api.simulate(given.pop("drug"), workers=1, monographs=engine.library, **given)
    return Response(compact(found.to_dict()), media_type=JSON)


def _affordable(engine: Engine, asked: SimulateAsked) -> None:
    """Refuse what would take too long for one request: reckoned from doses, people and times, before any work."""
    monograph = engine.library.monograph(asked.drug)
    wanted = []
    for number, text in enumerate(asked.rx):
        with at(f"$.rx[{number}]"):
            wanted.append((f"$.rx[{number}]", parse_rx(text)))
    for number, name in enumerate(asked.regimen):
        with at(f"$.regimen[{number}]"):
            wanted.append((f"$.regimen[{number}]", parse_rx(regimen_named(monograph, name).rx)))
    doses, hours = 0, asked.for_hours or 0.0
    for pointer, regimen in wanted:
        until = asked.for_hours or (NAMED_HOURS if regimen.is_endless else HOURS)
        with at(pointer):
            # Only how many there are is asked, so any day and weight will do.
            found = regimen.doses(until_hours=until, start=day(asked.start or "2024-01-01"), weight=70.0)
        doses += len(found)
        if doses > DOSES:
            raise Refused(
                400,
                f"more than {DOSES:,} doses in all; ask for a shorter time (for_hours), or fewer regimens",
                pointer,
            )
        if asked.for_hours is None and found:
            hours = max(hours, found[-1].time + _AFTER)
    if asked.population * doses > PEOPLE_DOSES:
        raise Refused(
            400,
            f"{asked.population:,} people with {doses:,} doses each: for one request this server simulates at most"
            f" {PEOPLE_DOSES // max(1, doses):,} people with so many; ask for fewer, or for a shorter time",
            "$.population",
        )
    if hours / (asked.step or 1.0) * len(wanted) > POINTS:
        raise Refused(
            400, f"more than {POINTS:,} times in all; make the step longer or the time shorter", "$.step"
        )
