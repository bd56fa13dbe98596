"""Tokens that were used, remembered for as long as they would be believed, so that none is believed twice."""

from __future__ import annotations

import heapq
from hashlib import sha256
from threading import Lock

ROOM = 200_000
"""Tokens that are remembered at once; when all are still good, further calls have to wait."""


class Full(Exception):
    """No room for another token: forgetting one that is still good would let it be used again."""


class Seen:
    """A bounded memory of (issuer, jti). Only digests are kept."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._until: dict[bytes, float] = {}
        self._ends: list[tuple[float, bytes]] = []
        self._lock = Lock()

    def first(self, issuer: str, jti: str, until: float, now: float) -> bool:
        """Is this token new? It is remembered until then. Raises `Full`."""
        name = sha256(f"{len(issuer)}:{issuer}{jti}".encode("utf-8", "surrogatepass")).digest()
        with self._lock:
            while self._ends and self._ends[0][0] <= now:
                del self._until[heapq.heappop(self._ends)[1]]
            if name in self._until:
                return False
            if len(self._until) >= self._room:
                raise Full
            self._until[name] = until
            heapq.heappush(self._ends, (until, name))
            return True
