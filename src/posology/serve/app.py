"""The application: which parts answer what, and what stands before all of them.

::

    request ─► headers ─► metrics ─► guard (size, time, number, rate) ─► router ─► rest | hooks | web
                                                                          errors ─► problem+json
"""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from posology import api
from posology.errors import PosologyError
from posology.version import VERSION

from . import hooks, metrics, problem, rest, web
from .guard import Guard
from .head import Head
from .headers import Headers
from .hooks.openapi import SCHEMAS
from .rest.openapi import described
from .root import Rooted
from .settings import Settings


def create_app(settings: Settings | None = None) -> FastAPI:
    """A server's application. The knowledge is loaded here, so that a monograph that is wrong stops the start.

    Raises `KnowledgeError` if it cannot be read.
    """
    settings = settings or Settings()
    engine = api.engine(settings.monographs)
    for name in engine.library.names():
        engine.planner(name)
    app = FastAPI(
        title="Posology",
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        redirect_slashes=False,
    )
    app.root_path = settings.root_path
    app.state.settings, app.state.engine = settings, engine
    app.state.stopping = False
    """Set when the server was told to stop: what comes after is refused."""
    counted = metrics.Metrics()
    # The last that is added is the first that a request meets.
    app.add_middleware(Guard, limits=settings.limits, told=web.before_routes(web.Site(settings, engine)))
    app.add_middleware(metrics.Measured, metrics=counted)
    app.add_middleware(Head)
    app.add_middleware(Headers)
    app.add_middleware(Rooted, path=settings.root_path)
    app.include_router(metrics.router(engine, counted))
    app.include_router(rest.router(settings, engine))
    app.add_exception_handler(PosologyError, problem.of_posology)
    app.add_exception_handler(problem.Refused, problem.of_refused)
    app.add_exception_handler(HTTPException, web.of_router)
    app.add_exception_handler(RequestValidationError, problem.of_parameter)
    app.add_exception_handler(Exception, problem.of_defect)
    app.include_router(hooks.router(settings, engine))
    app.include_router(web.router(settings, engine))
    described(app, SCHEMAS)
    return app
