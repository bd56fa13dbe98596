"""A load generator on raw connections: little work of its own, since it shares the machine with the server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import perf_counter


@dataclass
class Load:
    """What a load gave: seconds of each good answer, how many were bad, and how long it all took."""

    seconds: list[float] = field(default_factory=list)
    bad: int = 0
    took: float = 0.0

    def quantile(self, share: float) -> float:
        """Milliseconds within which this share of the good answers came."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return len(self.seconds) / self.took if self.took else 0.0


class Connection:
    """One kept-alive connection that sends the same request again and again."""

    def __init__(self, port: int, request: bytes) -> None:
        self.port, self.request = port, request
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def ask(self) -> int:
        """Send it and read the answer: the status."""
        if self.reader is None or self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 22)
        self.writer.write(self.request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        await self.reader.readexactly(length)
        return int(head[9:12])

    async def close(self) -> None:
        """End it."""
        if self.writer is not None:
            self.writer.close()
            await self.writer.wait_closed()


def request(path: str, body: bytes) -> bytes:
    """The bytes of a POST of JSON."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return f"{head}\r\n\r\n".encode() + body


async def steady(port: int, sent: bytes, per_second: float, seconds: float, connections: int = 32) -> Load:
    """Requests at fixed moments, whatever becomes of those before; times count from the moment that was meant."""
    idle: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(connections):
        idle.put_nowait(Connection(port, sent))
    load, begin = Load(), perf_counter()

    async def one(due: float) -> None:
        connection = await idle.get()
        await _asked(connection, load, due)
        idle.put_nowait(connection)

    tasks = []
    for number in range(int(per_second * seconds)):
        due = begin + number / per_second
        await asyncio.sleep(max(0.0, due - perf_counter()))
        tasks.append(asyncio.create_task(one(due)))
    await asyncio.gather(*tasks)
    load.took = perf_counter() - begin
    while not idle.empty():
        await idle.get_nowait().close()
    return load


async def full(port: int, sent: bytes, seconds: float, connections: int = 4) -> Load:
    """As many as will be answered: each connection asks as soon as it has its answer."""
    load, begin = Load(), perf_counter()

    async def ask_on() -> None:
        connection = Connection(port, sent)
        while perf_counter() < begin + seconds:
            await _asked(connection, load, perf_counter())
        await connection.close()

    await asyncio.gather(*(ask_on() for _ in range(connections)))
    load.took = perf_counter() - begin
    return load


async def _asked(connection: Connection, load: Load, due: float) -> None:
    try:
        good = await connection.ask() == 200
    except (OSError, asyncio.IncompleteReadError, IndexError, ValueError):
        good, connection.reader = False, None
    if good:
        load.seconds.append(perf_counter() - due)
    else:
        load.bad += 1


def run(make: Callable[[], Awaitable[Load]]) -> Load:
    """Run a load in a loop of its own."""

    async def made() -> Load:
        return await make()

    return asyncio.run(made())
