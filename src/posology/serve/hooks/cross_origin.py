"""CORS, for EHRs that run in a browser and for nobody else.

The specification says that browser-based clients need it and leaves the rest to the operator. An origin is
let in only if the operator listed it; there is no wildcard, and cookies are never asked for.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response


class CrossOrigin:
    """Adds the headers by which a browser lets a listed origin read the answer."""

    def __init__(self, origins: tuple[str, ...]) -> None:
        self._origins = frozenset(each.rstrip("/") for each in origins)

    def on(self, request: Request, response: Response) -> Response:
        """The response, readable for the origin of the request if that is listed."""
        if self._origins:
            response.headers["Vary"] = "Origin"
            origin = request.headers.get("origin", "")
            if origin in self._origins:
                response.headers["Access-Control-Allow-Origin"] = origin
        return response

    async def preflight(self, request: Request) -> Response:
        """The answer to a browser that asks beforehand what it may send."""
        response = self.on(request, Response(status_code=204))
        if "Access-Control-Allow-Origin" in response.headers:
            response.headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
            response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
            response.headers["Access-Control-Max-Age"] = "600"
        return response
