"""The pages: check, plan, simulate, monographs and, with results, the population.

They work without JavaScript where it matters, fetch nothing from elsewhere, and keep nothing.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from posology.check.engine import Engine
from posology.serve.settings import Settings

from . import assets
from .check import Check
from .monographs import Monographs
from .pages import Site
from .plan import Plans
from .population import Population
from .refusals import before_routes, of_router, page_route
from .simulate import Simulations
from .unchanging import Unchanging

__all__ = ["Site", "before_routes", "of_router", "router"]


def router(settings: Settings, engine: Engine) -> APIRouter:
    """Every page, and the style sheet and scripts that they need."""
    site = Site(settings, engine)
    made = APIRouter(route_class=page_route(site))
    check, unchanging = Check(site), Unchanging()
    usual = check.usual()

    @made.get("/", include_in_schema=False)
    def start(request: Request) -> Response:
        every = [usual, *(name for name in engine.library.names() if name != usual)]
        uses = dict.fromkeys(each.name for name in every for each in engine.library.monograph(name).uses)
        return unchanging.page(
            request, "start", lambda: site.fill(request, "start.html", usual=usual, uses=uses)
        )

    @made.get("/assets/{file}", include_in_schema=False)
    def asset(request: Request, file: str) -> Response:
        return assets.serve(request, file)

    for part in (check, Plans(site, usual), Simulations(site, usual), Monographs(site, unchanging)):
        part.routes(made)
    if settings.results is not None:
        Population(site, settings.results).routes(made)
    return made
