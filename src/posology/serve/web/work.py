"""Routes of pages: work goes to a thread, and what is refused comes back as a page to whoever reads pages."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import anyio
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from posology.errors import PosologyError
from posology.serve.problem import TITLES, Refused, of_posology, problem

from .pages import Site

T = TypeVar("T")


async def in_thread(work: Callable[..., T], *given: Any) -> T:
    """The result of something that takes the processor, while other requests are answered."""
    return await anyio.to_thread.run_sync(work, *given)


def reads_pages(request: Request) -> bool:
    """Does the client ask for HTML, as a browser does?"""
    return "text/html" in request.headers.get("accept", "")


async def refusal(site: Site, request: Request, error: Exception) -> Response:
    """What was refused: a page for a browser, problem+json for anything else."""
    told = await of_posology(request, error) if isinstance(error, PosologyError) else None
    if isinstance(error, Refused):
        told = problem(error.status, error.detail, headers=error.headers)
    if told is None:
        raise error
    if not reads_pages(request):
        return told
    detail = str(error) if told.status_code < 500 else "Something went wrong here; nothing of it was kept."
    title = TITLES.get(told.status_code, "Error")
    return site.page(request, "refused.html", told.status_code, title=title, detail=detail)


def page_route(site: Site) -> type[APIRoute]:
    """A class of routes of this site, whose errors are pages."""

    class PageRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            answer = super().get_route_handler()

            async def told(request: Request) -> Response:
                try:
                    return await answer(request)
                except (PosologyError, Refused) as error:
                    return await refusal(site, request, error)

            return told

    return PageRoute
