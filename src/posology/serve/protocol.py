"""HTTP/1.1 of the server: uvicorn's, with what it lacks.

The head of a request has to arrive in time; connections are bounded, those that send nothing too; and what is
no HTTP is refused as everything else is, with a problem and the usual headers.
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from .guard import CROWDED
from .headers import ALWAYS
from .problem import problem

SECONDS = 10.0
"""For the request line and headers, from the connection or from the answer before."""
_NO_HTTP = "What was sent is no HTTP/1.1 request."


def _ambiguous(scope: Scope) -> str:
    """Why somebody before this server may have read a request in another way, and begun the next elsewhere."""
    if scope["http_version"] not in ("1.1", "1.0"):
        return _NO_HTTP
    names = [name for name, _ in scope["headers"]]
    if b"transfer-encoding" in names and b"content-length" in names:
        return "A body has a length, or comes in chunks (RFC 9112, 6.1); this one says both."
    return ""


class Http(H11Protocol):
    """Closes connections on which no request arrives, or only ever a part of its head.

    Requests on more connections than `limit_concurrency` are refused by the guard; on more than twice as many
    nothing is waited for.
    """

    _late: asyncio.TimerHandle | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._most, self.limit_concurrency = self.limit_concurrency, None
        self._answers, self.app = self.app, self._told

    async def _told(self, scope: Scope, receive: Receive, send: Send) -> None:
        if wrong := _ambiguous(scope):
            headers = {**ALWAYS, "Connection": "close"}
            await problem(400, wrong, headers=headers)(scope, receive, send)
            return
        if self._most is not None and len(self.connections) > self._most:
            scope[CROWDED] = True
        await self._answers(scope, receive, send)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is there."""
        super().connection_made(transport)
        if self._most is not None and len(self.connections) > 2 * self._most:
            transport.abort()
            return
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        if self._late is not None:
            self._late.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """The next request may begin."""
        super().on_response_complete()
        self._wait_for_head()

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be read as a request, and read no more of this connection."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            refusal = problem(400, _NO_HTTP, headers={**ALWAYS, "Connection": "close"})
            events: list[h11.Event] = [
                h11.Response(status_code=400, headers=refusal.raw_headers, reason=b"Bad Request"),
                h11.Data(data=bytes(refusal.body)),
                h11.EndOfMessage(),
            ]
            for event in events:
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _wait_for_head(self) -> None:
        if self._late is not None:
            self._late.cancel()
        self._late = self.loop.call_later(SECONDS, self._close_unless_begun, self.cycle)

    def _close_unless_begun(self, before: RequestResponseCycle | None) -> None:
        if self.cycle is before and not self.transport.is_closing():
            self.transport.close()
