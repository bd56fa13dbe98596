"""Start the server: sockets, processes, signals, and what may be logged."""

from __future__ import annotations

import gc
import logging
import math
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

import msgspec
import uvicorn
from fastapi import FastAPI

from posology.errors import UsageError

from .guard import where
from .metrics import MULTIPROCESS
from .protocol import Http
from .settings import Settings

CONNECTIONS = 16
"""Connections for each place at which an answer is computed; what comes beyond is turned away at once."""
_SWITCH = 0.001
"""Seconds after which a thread that computes lets the loop have the interpreter; Python's own are five times these."""

_SETTINGS = "POSOLOGY_SERVE"


class Discreet(logging.Formatter):
    """Writes what happened and where, never what an exception says: that may be of a patient."""

    def format(self, record: logging.LogRecord) -> str:
        """One line. Only the first of a message: asyncio tells tasks and their errors in the next."""
        line = record.getMessage().partition("\n")[0]
        error = record.exc_info[1] if record.exc_info else None
        told = f": {where(error)}" if error is not None else ""
        return f"{self.formatTime(record)} {record.levelname} {record.name}: {line}{told}"


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"discreet": {"()": Discreet}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "discreet", "stream": "ext://sys.stderr"}
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}


def application(settings: Settings) -> FastAPI:
    """The application of one process."""
    from .app import create_app

    app = create_app(settings)
    app.router.lifespan_context = _living
    gc.collect()
    gc.freeze()  # the knowledge stays: looking at it again and again would only cost time
    sys.setswitchinterval(_SWITCH)
    return app


@asynccontextmanager
async def _living(app: FastAPI) -> AsyncIterator[None]:
    """While the server runs: whatever signal stops it also makes it say so."""

    def noticed(number: int, frame: FrameType | None) -> None:
        app.state.stopping = True
        if callable(before[number]):
            before[number](number, frame)

    before: dict[int, Any] = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    with suppress(ValueError):  # not the main thread: somebody else sees to signals
        for number in before:
            signal.signal(number, noticed)
    yield


def listening(host: str, port: int) -> socket.socket:
    """A socket bound to this address; raises `UsageError` if it cannot be had."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        raise UsageError(f"--host {host}: there is no such address on this machine") from None
    family, kind, protocol, _, address = found[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(2048)
    except OSError as wrong:
        bound.close()
        raise UsageError(
            f"cannot listen on {host}, port {port} ({wrong.strerror}); choose another with --port, or end the"
            " program that has it"
        ) from None
    bound.set_inheritable(True)
    return bound


def serve(settings: Settings, bound: socket.socket, *, workers: int = 1, proxies: Sequence[str] = ()) -> None:
    """Answer until told to stop; then finish what was begun and return.

    `workers` are processes; each counts rates and places for itself. `proxies` are addresses that are believed
    when they say for whom they ask (X-Forwarded-For, X-Forwarded-Proto).
    Raises `KnowledgeError` if the knowledge is wrong.
    """
    app = application(settings)
    limits = settings.limits
    options: dict[str, Any] = {
        "http": Http,
        "ws": "none",
        "lifespan": "on",
        "log_config": LOGGING,
        "log_level": "warning",
        "access_log": False,
        "server_header": False,
        "proxy_headers": bool(proxies),
        "forwarded_allow_ips": list(proxies),
        "limit_concurrency": CONNECTIONS * limits.at_once,
        "timeout_graceful_shutdown": math.ceil(limits.seconds) + 1,
    }
    # uvicorn sends itself the signal that stopped it once more; having stopped as asked is no error.
    with suppress(ValueError):
        signal.signal(signal.SIGTERM, lambda _number, _frame: None)
    if workers == 1:
        uvicorn.Server(uvicorn.Config(app, **options)).run(sockets=[bound])
        return
    host, port = bound.getsockname()[:2]
    bound.close()
    with TemporaryDirectory(prefix="posology-metrics-") as together:
        os.environ[MULTIPROCESS] = together
        os.environ[_SETTINGS] = msgspec.json.encode(settings, enc_hook=str).decode()
        uvicorn.run(f"{__name__}:worker", factory=True, host=host, port=port, workers=workers, **options)


def worker() -> FastAPI:
    """The application of one of several processes, with the settings that `serve` left in the environment."""
    text = os.environ[_SETTINGS]
    return application(msgspec.json.decode(text, type=Settings, dec_hook=lambda kind, value: kind(value)))
