"""Whether the server lives, and how it does, for whoever watches it. Nothing of any request is in there.

A request is counted under the template of its route (``/api/monographs/{drug}``), never under its path.
"""

from __future__ import annotations

import os
from time import perf_counter

from fastapi import APIRouter, Request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from posology.check.engine import Engine
from posology.version import VERSION

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
"""Variable of the environment that names the folder in which several workers add up their numbers."""
_METHODS = {"GET", "HEAD", "POST", "OPTIONS"}
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)
NO_ROUTE = "none"


class Metrics:
    """The numbers of one application, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "posology_requests", "Requests answered.", ("route", "method", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "posology_request_seconds",
            "Time from the first byte of a request to the last of its answer.",
            ("route",),
            registry=self.registry,
            buckets=_SECONDS,
        )
        self.in_flight = Gauge(
            "posology_requests_in_flight",
            "Requests being answered.",
            registry=self.registry,
            multiprocess_mode="livesum",
        )

    def text(self) -> bytes:
        """Everything, as Prometheus reads it; of all workers if there are several."""
        if MULTIPROCESS in os.environ:
            together = CollectorRegistry()
            MultiProcessCollector(together)  # type: ignore[no-untyped-call]
            return generate_latest(together)
        return generate_latest(self.registry)


class Measured:
    """ASGI middleware that counts."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and count the answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begin, status = perf_counter(), 0

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self.metrics.in_flight.inc()
        try:
            await self.app(scope, receive, seen)
        finally:
            self.metrics.in_flight.dec()
            route = getattr(scope.get("route"), "path", None) or NO_ROUTE
            method = scope["method"] if scope["method"] in _METHODS else "other"
            # 0: the client left before there was an answer.
            self.metrics.requests.labels(route, method, str(status)).inc()
            self.metrics.seconds.labels(route).observe(perf_counter() - begin)


def router(engine: Engine, metrics: Metrics) -> APIRouter:
    """``/healthz`` and ``/metrics``."""
    routes = APIRouter(include_in_schema=False)
    versions = {"posology": VERSION, **dict(sorted(engine.library.versions.items()))}

    @routes.get("/healthz")
    async def health(request: Request) -> Response:
        if request.app.state.stopping:
            return JSONResponse({"status": "stopping", "versions": versions}, 503)
        return JSONResponse({"status": "ok", "versions": versions})

    @routes.get("/metrics")
    async def numbers() -> Response:
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)

    return routes
