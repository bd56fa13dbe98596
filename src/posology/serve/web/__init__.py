"""The pages: check, plan, simulate, monographs and, with results, the population.

They work without JavaScript where it matters, fetch nothing from elsewhere, and keep nothing.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from posology.check.engine import Engine
from posology.serve.problem import Refused, of_http
from posology.serve.settings import Settings

from . import assets
from .check import Check
from .monographs import Monographs
from .pages import Site
from .plan import Plans
from .population import Population
from .simulate import Simulations
from .work import page_route, reads_pages, refusal


def router(settings: Settings, engine: Engine) -> APIRouter:
    """Every page, and the style sheet and scripts that they need."""
    site = Site(settings, engine)
    made = APIRouter(route_class=page_route(site))
    check = Check(site)

    @made.get("/", include_in_schema=False)
    def start(request: Request) -> Response:
        usual = check.usual()
        uses = [(each.id, each.name) for each in engine.library.monograph(usual).uses]
        return site.page(request, "start.html", usual=usual, uses=uses)

    @made.get("/assets/{file}", include_in_schema=False)
    def asset(file: str) -> Response:
        return assets.serve(file)

    usual = check.usual()
    for part in (check, Plans(site, usual), Simulations(site, usual), Monographs(site)):
        part.routes(made)
    if settings.results is not None:
        Population(site, settings.results).routes(made)
    return made


async def not_found(request: Request, error: Exception) -> Response:
    """For an address where nothing is: a page for a browser, the problem of the server for anything else."""
    if not reads_pages(request):
        return await of_http(request, error)
    site = Site(request.app.state.settings, request.app.state.engine)
    return await refusal(site, request, Refused(404, "Nothing is at this address."))
