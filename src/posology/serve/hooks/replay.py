"""Tokens that were used, remembered for as long as they would be believed, so that none is believed twice.

One process remembers in its own memory; the processes of one server together in a small database in their
private folder, which ends with the server. What was used before a server began it cannot know, and so nothing
that was issued before then is believed (`since`).
"""

from __future__ import annotations

import heapq
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Protocol

from . import clock

ROOM = 200_000
"""Tokens that are remembered at once; when all are still good, further calls have to wait."""
_WAIT = 1.0
"""Seconds for which one process waits until the others have written; a write takes some tens of microseconds."""
_MADE = """
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS used (name BLOB PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ends ON used (until);
CREATE TABLE IF NOT EXISTS server (one INTEGER PRIMARY KEY CHECK (one = 1), since REAL NOT NULL, held INTEGER NOT NULL);
"""


class Full(Exception):
    """No room for another token: forgetting one that is still good would let it be used again."""


class Memory(Protocol):
    """A bounded memory of (issuer, jti). Only digests are kept."""

    since: float
    """When it began, in seconds since the epoch."""

    def first(self, issuer: str, jti: str, until: float, now: float) -> bool:
        """Is this token new? It is remembered until then. Raises `Full`."""


class Seen:
    """The memory of one process."""

    def __init__(self, room: int = ROOM) -> None:
        self.since = clock.seconds()
        self._room = room
        self._until: dict[bytes, float] = {}
        self._ends: list[tuple[float, bytes]] = []
        self._lock = Lock()

    def first(self, issuer: str, jti: str, until: float, now: float) -> bool:
        """As `Memory` has it."""
        name = _name(issuer, jti)
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


class SeenTogether:
    """The memory that the processes of one server share: digests and times, in a file of theirs alone."""

    def __init__(self, file: Path, room: int = ROOM) -> None:
        self._room, self._lock = room, Lock()
        self._data = sqlite3.connect(file, timeout=_WAIT, isolation_level=None, check_same_thread=False)
        self._data.executescript(_MADE)
        # What is lost when the machine stops is lost with the server that it was for.
        self._data.execute("PRAGMA synchronous = OFF")
        self._data.execute("INSERT OR IGNORE INTO server VALUES (1, ?, 0)", (clock.seconds(),))
        self.since = float(self._data.execute("SELECT since FROM server").fetchone()[0])

    def first(self, issuer: str, jti: str, until: float, now: float) -> bool:
        """As `Memory` has it. Also raises `Full` when the others do not let this process write."""
        try:
            with self._lock, closing(self._data.cursor()) as cursor:
                return self._noted(cursor, _name(issuer, jti), until, now)
        except sqlite3.OperationalError:
            raise Full from None

    def _noted(self, cursor: sqlite3.Cursor, name: bytes, until: float, now: float) -> bool:
        """One transaction, which takes the right to write before it looks."""
        cursor.execute("BEGIN IMMEDIATE")
        try:
            ended = cursor.execute("DELETE FROM used WHERE until <= ?", (now,)).rowcount
            new = cursor.execute("INSERT OR IGNORE INTO used VALUES (?, ?)", (name, until)).rowcount
            cursor.execute("UPDATE server SET held = held + ?", (new - ended,))
            (held,) = cursor.execute("SELECT held FROM server").fetchone()
            if new and held > self._room:
                raise Full
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
        cursor.execute("COMMIT")
        return bool(new)


def _name(issuer: str, jti: str) -> bytes:
    return sha256(f"{len(issuer)}:{issuer}{jti}".encode("utf-8", "surrogatepass")).digest()
