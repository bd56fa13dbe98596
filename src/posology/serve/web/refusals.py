"""What is refused, as a page for whoever reads pages: the words are those that a program gets."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from posology.errors import PosologyError
from posology.serve.problem import JSON, PROBLEM, TITLES, Refused, detail_of, of_http, of_posology, problem
from posology.serve.rest.accept import accepted

from .pages import Site

HTML = "text/html"
_PROGRAMS = ("/api", "/cds-services", "/healthz", "/metrics")
"""Addresses at which only programs ask."""
_WENT_WRONG = "Something went wrong here; nothing of the request was kept."


def reads_pages(request: Request) -> bool:
    """Does the client like a page better than JSON, as a browser does, and ask where pages are?"""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    if any(path == each or path.startswith(f"{each}/") for each in _PROGRAMS):
        return False
    try:
        return accepted(request, (PROBLEM, JSON, HTML)) == HTML
    except Refused:
        return False


def told(site: Site, request: Request, status: int, detail: str, headers: Mapping[str, str]) -> Response:
    """A refusal as the client reads it."""
    if not reads_pages(request):
        return problem(status, detail, headers=dict(headers))
    title = TITLES.get(status, "Error")
    made = site.page(
        request,
        "refused.html",
        status,
        title=title,
        detail=detail,
        code=status,
        sent=request.method == "POST",
    )
    made.headers.update(headers)
    return made


def before_routes(site: Site) -> Callable[[Scope, int, str, Mapping[str, str]], Response]:
    """How what stands before all routes tells what it refuses."""

    def refused(scope: Scope, status: int, detail: str, headers: Mapping[str, str]) -> Response:
        return told(site, Request(scope), status, detail, headers)

    return refused


async def of_router(request: Request, error: Exception) -> Response:
    """For an address where nothing is, or where nothing is answered to this method."""
    assert isinstance(error, HTTPException)
    if not reads_pages(request):
        return await of_http(request, error)
    site = Site(request.app.state.settings, request.app.state.engine)
    detail = "Nothing is at this address." if error.status_code == 404 else detail_of(error)
    return told(site, request, error.status_code, detail, error.headers or {})


async def refusal(site: Site, request: Request, error: PosologyError | Refused) -> Response:
    """What an answer refused."""
    if isinstance(error, Refused):
        return told(site, request, error.status, error.detail, error.headers)
    made = await of_posology(request, error)
    if not reads_pages(request):
        return made
    return told(site, request, made.status_code, str(error) if made.status_code < 500 else _WENT_WRONG, {})


def page_route(site: Site) -> type[APIRoute]:
    """A class of routes of this site, whose errors are pages."""

    class PageRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            answer = super().get_route_handler()

            async def answered(request: Request) -> Response:
                try:
                    return await answer(request)
                except (PosologyError, Refused) as error:
                    return await refusal(site, request, error)

            return answered

    return PageRoute
