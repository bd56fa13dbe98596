"""What is the same for everybody as long as the server runs: made once, packed once, and told again if unchanged.

Only this is ever packed (gzip). It is made of knowledge and holds nothing of a request, so its size tells nothing
(BREACH); what is made from a request is sent as it is.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

ASKED_AGAIN = "no-cache"
"""A browser may keep it, and asks each time if it is still so."""


@dataclass(frozen=True, slots=True)
class Packed:
    """Content as it is and as gzip, with a tag that changes whenever it does."""

    content: bytes
    packed: bytes
    tag: str

    @classmethod
    def of(cls, content: bytes) -> Packed:
        """Pack it, as small as gzip can."""
        digest = hashlib.sha256(content).hexdigest()[:16]
        return cls(content, gzip.compress(content, 9, mtime=0), f'W/"{digest}"')

    def response(self, request: Request, media_type: str, cache: str = ASKED_AGAIN) -> Response:
        """It, packed for a client that takes gzip; 304 for one that has it."""
        headers = {"Cache-Control": cache, "ETag": self.tag, "Vary": "Accept-Encoding"}
        if self.tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if takes_gzip(request.headers.get("accept-encoding", "")):
            return Response(
                self.packed, headers=headers | {"Content-Encoding": "gzip"}, media_type=media_type
            )
        return Response(self.content, headers=headers, media_type=media_type)


def takes_gzip(accepted: str) -> bool:
    """Does this Accept-Encoding allow gzip (RFC 9110, 12.5.3)?"""
    wishes = {}
    for part in accepted.lower().split(","):
        name, _, parameters = part.partition(";")
        key, _, value = parameters.strip().partition("=")
        wishes[name.strip()] = not (key.strip() == "q" and set(value.strip()) <= set("0."))
    return wishes.get("gzip", wishes.get("*", False))


class Unchanging:
    """Pages that are made when they are first asked for, and kept."""

    def __init__(self) -> None:
        self._made: dict[Hashable, Packed] = {}

    def page(self, request: Request, name: Hashable, make: Callable[[], str]) -> Response:
        """The page of this name. `make` fills it; nothing that a client chooses freely may be in its name."""
        key = (request.scope.get("root_path", ""), name)
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = Packed.of(make().encode())
        return found.response(request, "text/html")
