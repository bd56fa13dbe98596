"""An application asked in process, without a network: what a client would get."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Any

import httpx
from fastapi import FastAPI

from posology.serve.app import create_app
from posology.serve.settings import Limits, Settings

FREE = Limits(per_second=0)
"""Without a limit of rate, which tests would meet."""


@cache
def usual_app() -> FastAPI:
    """One for all tests that need nothing special."""
    return create_app(Settings(limits=FREE))


def ask(
    method: str, path: str, *, app: FastAPI | None = None, base: str = "http://test", **more: Any
) -> httpx.Response:
    """The answer to one request."""

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app or usual_app(), raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url=base) as client:
            return await client.request(method, path, **more)

    return asyncio.run(asked())


def get(path: str, **more: Any) -> httpx.Response:
    """The answer to a GET."""
    return ask("GET", path, **more)


def post(path: str, **more: Any) -> httpx.Response:
    """The answer to a POST."""
    return ask("POST", path, **more)
