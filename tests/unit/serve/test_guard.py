"""Every limit refuses with its status and a problem, and gives back what it held."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from posology.serve.guard import Guard
from posology.serve.settings import Limits

SMALL = Limits(body_bytes=1000, depth=5, seconds=0.3, at_once=2, per_second=0)


async def length(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def slow(request: Request) -> Response:
    await asyncio.sleep(float(request.query_params["for"]))
    return PlainTextResponse("done")


async def defect(_request: Request) -> Response:
    raise ValueError("Jane Doe, born 1980-03-01")


def guarded(limits: Limits = SMALL) -> tuple[Guard, Starlette]:
    app = Starlette(
        routes=[
            Route("/length", length, methods=["POST"]),
            Route("/slow", slow),
            Route("/defect", defect),
            Route("/healthz", slow),
        ]
    )
    app.state.stopping = False
    made: list[Guard] = []

    def guard(inner: Any) -> Guard:
        made.append(Guard(inner, limits))
        return made[0]

    app.add_middleware(guard)
    app.middleware_stack = app.build_middleware_stack()
    return made[0], app


def run(app: Starlette, act: Callable[[httpx.AsyncClient], Any]) -> Any:
    async def acted() -> Any:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            return await act(client)

    return asyncio.run(acted())


def refused(response: httpx.Response, status: int, said: str) -> None:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    told = response.json()
    assert told["status"] == status
    assert said in told["detail"]


def pieces(size: int, count: int, wait: float = 0.0) -> Callable[[], AsyncIterator[bytes]]:
    async def sent() -> AsyncIterator[bytes]:
        for _ in range(count):
            await asyncio.sleep(wait)
            yield b"x" * size

    return sent


def test_a_body_of_the_very_limit_is_taken_and_one_byte_more_is_not() -> None:
    guard, app = guarded()
    assert run(app, lambda c: c.post("/length", content=b"x" * 1000)).text == "1000"
    refused(run(app, lambda c: c.post("/length", content=b"x" * 1001)), 413, "1,000 bytes")
    assert guard.held == 0


def test_a_body_without_length_is_counted_as_it_comes() -> None:
    guard, app = guarded()
    assert run(app, lambda c: c.post("/length", content=pieces(100, 10)())).text == "1000"
    refused(run(app, lambda c: c.post("/length", content=pieces(100, 11)())), 413, "1,000 bytes")
    assert guard.held == 0


def test_a_length_that_lies_is_not_believed() -> None:
    _, app = guarded()
    answer = run(app, lambda c: c.post("/length", content=pieces(500, 3)(), headers={"content-length": "10"}))
    refused(answer, 413, "1,000 bytes")


@pytest.mark.parametrize(
    "kind", ["application/json", "application/fhir+json; charset=utf-8", "APPLICATION/JSON"]
)
def test_nesting(kind: str) -> None:
    _, app = guarded()
    headers = {"content-type": kind}
    assert run(app, lambda c: c.post("/length", content=b"[" * 5 + b"]" * 5, headers=headers)).text == "10"
    refused(
        run(app, lambda c: c.post("/length", content=b"[" * 6 + b"]" * 6, headers=headers)), 400, "5 levels"
    )


def test_a_body_that_does_not_come() -> None:
    guard, app = guarded()
    answer = run(app, lambda c: c.post("/length", content=pieces(10, 50, 0.05)()))
    refused(answer, 408, "0.3 s")
    assert answer.headers["connection"] == "close"
    assert guard.held == 0


def test_an_answer_that_does_not_come() -> None:
    guard, app = guarded()
    refused(run(app, lambda c: c.get("/slow?for=2")), 504, "0.3 s")
    assert not guard.places.locked()


def test_more_than_the_places_wait_and_then_are_refused() -> None:
    _, app = guarded(Limits(body_bytes=1000, depth=5, seconds=0.5, at_once=2, per_second=0))

    async def crowd(client: httpx.AsyncClient) -> list[httpx.Response]:
        waiting = [client.get("/slow?for=0.2") for _ in range(4)]
        return await asyncio.gather(*waiting)

    assert [each.status_code for each in run(app, crowd)] == [200] * 4, "two wait for the first two"

    guard, app = guarded()

    async def blocked(client: httpx.AsyncClient) -> httpx.Response:
        async with guard.places, guard.places:
            assert (await client.get("/healthz?for=0")).status_code == 200, "who watches is answered"
            return await client.get("/slow?for=0")

    answer = run(app, blocked)
    refused(answer, 503, "busy")
    assert int(answer.headers["retry-after"]) >= 1


def test_bodies_in_memory_are_bounded() -> None:
    guard, app = guarded()
    guard.held = 16 * 1000
    answer = run(app, lambda c: c.post("/length", content=b"x"))
    refused(answer, 503, "at once")
    assert guard.held == 16 * 1000


def test_rate() -> None:
    _, app = guarded(Limits(per_second=0.01, burst=2))

    async def three(client: httpx.AsyncClient) -> list[httpx.Response]:
        return [
            await client.get("/slow?for=0", headers={"x-forwarded-for": f"192.0.2.{n}"}) for n in range(3)
        ]

    *good, last = run(app, three)
    assert [each.status_code for each in good] == [200, 200]
    refused(last, 429, "0.01 requests a second")
    assert int(last.headers["retry-after"]) > 90


def test_what_comes_after_the_signal_is_refused() -> None:
    _, app = guarded()
    app.state.stopping = True
    answer = run(app, lambda c: c.get("/slow?for=0"))
    refused(answer, 503, "stopping")
    assert answer.headers["retry-after"]


def test_a_defect_tells_neither_the_client_nor_the_log_what_it_was_about(
    caplog: pytest.LogCaptureFixture,
) -> None:
    _, app = guarded()
    with caplog.at_level(logging.DEBUG):
        refused(run(app, lambda c: c.get("/defect")), 500, "nothing of the request was kept")
    mine = [each.getMessage() for each in caplog.records if each.name == "posology.serve"]
    assert mine
    assert mine[0].startswith("ValueError at test_guard.py:")
    assert "Jane" not in caplog.text


def test_a_client_that_leaves_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    guard, app = guarded()
    sent: list[Any] = []
    messages = iter([{"type": "http.request", "body": b"x", "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/length",
        "headers": [],
        "query_string": b"",
        "app": app,
    }
    asyncio.run(guard(scope, receive, send))
    assert sent == []
    assert guard.held == 0
    assert not caplog.records
