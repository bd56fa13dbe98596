"""Start the server: sockets, processes, signals, and what may be logged."""

from __future__ import annotations

import gc
import logging
import math
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

import msgspec
import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

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
    sys.setswitchinterval(_SWITCH)
    gc.collect()
    gc.freeze()  # the knowledge stays: looking at it again and again would only cost time
    yield
    gc.unfreeze()  # what is frozen when Python ends is never freed, which some libraries report as a leak


def listening(host: str, port: int) -> socket.socket:
    """A socket bound to this address; raises `UsageError` if it cannot be had."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
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


def serve(
    settings: Settings,
    bound: socket.socket,
    *,
    workers: int = 1,
    proxies: Sequence[str] = (),
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Answer until told to stop; then finish what was begun and return.

    `workers` are processes; each counts rates and places for itself. `proxies` are addresses that are believed
    when they say for whom they ask (X-Forwarded-For, X-Forwarded-Proto). `ready` is called when nothing that was
    given stands against the start.
    Raises `KnowledgeError` if the knowledge is wrong, `UsageError` for settings that cannot be.
    """
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
    if workers > 1:
        _together(settings, bound, ready, {**options, "workers": workers})
        return
    server = uvicorn.Server(uvicorn.Config(application(settings), **options))
    ready()
    _ends_early(server)
    server.run(sockets=[bound])


def _together(
    settings: Settings, bound: socket.socket, ready: Callable[[], None], options: dict[str, Any]
) -> None:
    """Several processes, with a private folder for what they share."""
    with suppress(ValueError):  # so that the folder goes too, until the processes are there and see to it
        signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    with TemporaryDirectory(prefix="posology-") as folder:
        os.environ[MULTIPROCESS] = folder
        settings = replace(settings, shared=Path(folder))
        os.environ[_SETTINGS] = msgspec.json.encode(settings, enc_hook=str).decode()
        application(settings)  # what is wrong is told once, and what is shared is made
        ready()
        # The socket that listens is handed on, so that nobody is refused between its owners.
        Multiprocess(uvicorn.Config(f"{__name__}:worker", factory=True, **options), sockets=[bound]).run()


def _ends_early(server: uvicorn.Server) -> None:
    """What a signal does that comes before the server listens to signals itself, or after.

    Before, there is nothing to finish. Afterwards uvicorn sends itself the signal that stopped it once more:
    having stopped as asked is no error, and Ctrl+C is told by its exit code.
    """

    def told(number: int, _frame: FrameType | None) -> None:
        if not server.started:
            os._exit(130 if number == signal.SIGINT else 0)
        if number == signal.SIGINT:
            raise KeyboardInterrupt

    with suppress(ValueError):  # not the main thread: somebody else sees to signals
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, told)


def worker() -> FastAPI:
    """The application of one of several processes, with the settings that `serve` left in the environment."""
    text = os.environ[_SETTINGS]
    return application(msgspec.json.decode(text, type=Settings, dec_hook=lambda kind, value: kind(value)))
