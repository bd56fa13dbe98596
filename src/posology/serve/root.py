"""The path under which a proxy shows the server, whether the proxy cuts it off or leaves it."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


class Rooted:
    """ASGI middleware that says in the scope under which path the server is shown.

    Not uvicorn's own option, which puts the path before one that already begins with it.
    """

    def __init__(self, app: ASGIApp, path: str) -> None:
        self.app, self.path = app, path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if self.path:
            scope["root_path"] = self.path
        await self.app(scope, receive, send)
