"""What stands before every answer: size, nesting, time, number and rate of requests.

A request that asks for more than `Limits` allow is refused with a problem, and costs the others nothing.
A body is received whole, within its limits, before anything is answered, so that a slow sender holds a
buffer and not a place among those who are answered.
"""

from __future__ import annotations

import logging
from asyncio import Semaphore, timeout
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .nesting import deeper_than
from .problem import problem
from .rate import Rate
from .settings import Limits
from .work import done

UNCOUNTED = ("/healthz", "/metrics")
"""Paths for whoever watches the server: answered also when it is busy."""
CROWDED = "posology.crowded"
"""Set in the scope of a request that came when there were more connections than there may be."""
_AT_ONCE = 16
"""Bodies of the largest size that may wait in memory together."""
_LARGE = 1_000_000
"""Bytes from which looking at a body is left to a thread: a millisecond's work."""
_LINGER = 1.0
"""Seconds for which the rest of a refused body is read, so that its sender gets to see the answer."""
Told = Callable[[Scope, int, str, Mapping[str, str]], Response]
"""How a refusal is told: of this request, with this status, detail and headers."""
_log = logging.getLogger("posology.serve")


class _Refusal(Exception):
    def __init__(self, status: int, detail: str, wait: int = 0, *, close: bool = False) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail
        self.headers = ({"Retry-After": str(wait)} if wait else {}) | (
            {"Connection": "close"} if close else {}
        )


class Gone(Exception):
    """The client left before its request was complete; nobody is there to answer."""


class Guard:
    """ASGI middleware. One for each application; `stop` makes it refuse what comes after."""

    def __init__(self, app: ASGIApp, limits: Limits, told: Told | None = None) -> None:
        self.app, self.limits, self.told = app, limits, told or _as_problem
        self.rate = Rate(limits.per_second, limits.burst) if limits.per_second else None
        self.places = Semaphore(limits.at_once)
        self.held = 0
        """Bytes of bodies in memory."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._guarded(scope, receive, noted)
        except _Refusal as no:
            if not started:
                await self.told(scope, no.status, no.detail, no.headers)(scope, receive, send)
        except Gone:
            pass
        except Exception as error:  # a defect; what it says may be of a patient, so it is not kept
            _log.error("%s", where(error))
            if started:
                return  # half an answer: the server closes the connection
            detail = "Something went wrong here; nothing of the request was kept."
            await self.told(scope, 500, detail, {})(scope, receive, send)

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].removeprefix(scope.get("root_path", "")) in UNCOUNTED:
            await self.app(scope, receive, send)
            return
        if scope["app"].state.stopping:
            raise _Refusal(503, "The server is stopping; ask again in a moment.", 5, close=True)
        if CROWDED in scope:
            raise _Refusal(503, "There are too many connections; ask again in a moment.", 1, close=True)
        if self.rate is not None and (wait := self.rate.wait(scope.get("client"))):
            raise _Refusal(
                429,
                f"More than {self.limits.per_second:g} requests a second from one address;"
                f" wait for {wait} s, and spread them.",
                wait,
            )
        body = b""
        try:
            if _expects_body(scope):
                body = await self._body(scope, receive)
                await self._not_too_deep(scope, body)
            await self._answered(scope, _replayed(body, receive), send)
        finally:
            self.held -= len(body)

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        """All of it. Counted in `held` on return, by nobody on a refusal."""
        most = self.limits.body_bytes
        too_large = f"The body is larger than {most:,} bytes, which is the most that this server takes."
        parts: list[bytes] = []
        size = 0
        try:
            async with timeout(self.limits.seconds):
                if (_declared(scope) or 0) > most:
                    await _linger(receive, most)
                    raise _Refusal(413, too_large, close=True)
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise Gone
                    part = message.get("body", b"")
                    size += len(part)
                    self.held += len(part)
                    if size > most:
                        parts.clear()
                        await _linger(receive, most)
                        raise _Refusal(413, too_large, close=True)
                    if self.held > _AT_ONCE * most:
                        raise _Refusal(
                            503, "Too much is being sent at once; ask again in a moment.", 1, close=True
                        )
                    parts.append(part)
                    if not message.get("more_body"):
                        body = b"".join(parts)
                        size = 0  # from here on `_guarded` gives it back
                        return body
        except TimeoutError:
            raise _Refusal(
                408, f"The body did not arrive within {self.limits.seconds:g} s.", close=True
            ) from None
        finally:
            self.held -= size

    async def _not_too_deep(self, scope: Scope, body: bytes) -> None:
        if b"json" not in _header(scope, b"content-type").lower():
            return
        deep = (
            await done(deeper_than, body, self.limits.depth)
            if len(body) > _LARGE
            else deeper_than(body, self.limits.depth)
        )
        if deep:
            raise _Refusal(
                400, f"The JSON is nested more than {self.limits.depth} levels deep; no FHIR resource is."
            )

    async def _answered(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = self.limits.seconds
        begin = monotonic()
        try:
            async with timeout(limit):
                await self.places.acquire()
        except TimeoutError:
            raise _Refusal(503, "The server is busy; ask again in a moment.", 1) from None
        try:
            async with timeout(max(limit - (monotonic() - begin), limit / 10)) as clock:
                await self.app(scope, receive, send)
        except TimeoutError:
            if not clock.expired():
                raise
            raise _Refusal(504, f"The answer took longer than {limit:g} s; ask for less at once.") from None
        finally:
            self.places.release()


def _as_problem(_scope: Scope, status: int, detail: str, headers: Mapping[str, str]) -> Response:
    return problem(status, detail, headers=dict(headers))


def _expects_body(scope: Scope) -> bool:
    return scope["method"] in {"POST", "PUT", "PATCH", "DELETE"} or any(
        name in {b"content-length", b"transfer-encoding"} for name, _ in scope["headers"]
    )


def _header(scope: Scope, name: bytes) -> bytes:
    return next((value for key, value in scope["headers"] if key == name), b"")


def _declared(scope: Scope) -> int | None:
    """Content-Length, if it is a number; the server has refused what is none."""
    text = _header(scope, b"content-length")
    return int(text) if text.isdigit() and len(text) < 20 else None


async def _linger(receive: Receive, most: int) -> None:
    """Read on for a moment and keep nothing: somebody who is still sending does not read an answer."""
    size = 0
    with suppress(TimeoutError):
        async with timeout(_LINGER):
            while size < most:
                message = await receive()
                size += len(message.get("body", b""))
                if not message.get("more_body"):
                    return


def _replayed(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def where(error: BaseException) -> str:
    """The kind of an error and the line it came from: all that can be said without saying anything of a request."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{place}"
