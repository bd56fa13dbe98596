"""`python -m bench.serve.soak --minutes 10`: does the server stay as it was, whatever it is asked?

Requests of all kinds, good ones and bad ones, and clients that leave in the middle, again and again in the same
order. Watched are the memory of the process, its open files and threads, answers with 5xx, and whether the last
third of the requests took longer, or more of the processor, than the first. Needs /proc.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

from ..bundles import ON, bundle
from .__main__ import DRUG, USE, _cpu, _server, order_sign
from .load import Connection, Load, request

ROUNDS = 150
"""Rounds that the test of the project asks for; a round is every request of `mix` once."""
AT_ONCE = 4
WARM = 20
"""Rounds before which nothing is measured: libraries load, and memory that was used once is kept for the next time."""
_WORK = 200_000
"""Numbers that the client adds up after each round, to see how busy the machine is."""
_OTHER = "Amoxicillin 500 mg capsule"


class Asked(NamedTuple):
    """One request, what is to be answered, and whether the client leaves before it could be."""

    name: str
    sent: bytes
    status: int = 200
    leaves: int = 0
    """Bytes after which the client leaves; 0: it stays."""


@dataclass
class Seen:
    """What a process held at one moment."""

    resident: int
    peak: int
    files: int
    threads: int

    @classmethod
    def of(cls, pid: int) -> Seen:
        """A process of this machine. Sizes are in bytes."""
        told = Path(f"/proc/{pid}/status").read_text()

        def number(name: str) -> int:
            found = re.search(rf"^{name}:\s+(\d+)", told, re.MULTILINE)
            return int(found[1]) if found else 0

        files = len(os.listdir(f"/proc/{pid}/fd"))
        return cls(number("VmRSS") * 1024, number("VmHWM") * 1024, files, number("Threads"))


@dataclass
class Soaked:
    """What became of a soak."""

    warm: Seen
    end: Seen
    thirds: list[Load] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    """Seconds of processor for one request, of each third."""
    busy: list[float] = field(default_factory=list)
    """How many times longer than its processor time a piece of work of the client took: what others do here."""
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    """How often each request had each status; 0 is no answer."""
    wrong: list[str] = field(default_factory=list)
    """Requests that were not answered as they should be."""

    def p99(self, third: int) -> float:
        """Milliseconds of a third, as they would have been on a machine with nothing else to do."""
        return self.thirds[third].quantile(0.99) / self.busy[third]

    @property
    def asked(self) -> int:
        """How many requests, those of clients that left not counted."""
        return sum(self.answers.values())


def mix() -> list[Asked]:
    """One round. The same on every call."""
    record = bundle(size=30_000)
    hook = "/cds-services/posology-order-sign"
    bare = json.loads(order_sign(record, {}))
    del bare["prefetch"]
    whole = {**bare, "prefetch": {"record": json.loads(record)}}
    call = json.dumps(whole).encode()
    other = json.loads(call)
    order = other["context"]["draftOrders"]["entry"][0]["resource"]
    order["medicationCodeableConcept"] = {"text": _OTHER}
    ask = {"drug": DRUG, "use": USE, "on": ON.isoformat()}
    check = json.dumps(ask)[:-1].encode() + b', "record": ' + record + b"}"
    sketch = json.dumps({"drug": DRUG, "rx": ["4.5 mg po nightly x2"], "for_hours": 48, "step": 1}).encode()
    plan = json.dumps({"drug": DRUG, "rx": "4.5 mg po nightly x28", "start": ON.isoformat()}).encode()
    deep = b'{"a":' * 200 + b"1" + b"}" * 200
    return [
        Asked("check", request("/api/check", check)),
        Asked("check, one left", request("/api/check", check), leaves=20_000),
        Asked("order-sign", request(hook, call)),
        Asked("order-sign of another medicine", request(hook, json.dumps(other).encode())),
        Asked("order-sign without data", request(hook, json.dumps(bare).encode()), 412),
        Asked("order-sign, one left unread", request(hook, call), leaves=len(request(hook, call))),
        Asked("plan", request("/api/plan", plan)),
        Asked("simulate", request("/api/simulate", sketch)),
        Asked("no JSON", request("/api/check", record[:-5]), 400),
        Asked("too deep", request("/api/check", deep), 400),
        Asked("nothing there", request("/api/nothing", b"{}"), 404),
        Asked("no feedback", request(f"{hook}/feedback", b"{}"), 400),
        *(
            Asked(path, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            for path in (
                "/",
                f"/monographs/{DRUG}",
                f"/api/monographs/{DRUG}",
                "/cds-services",
                "/healthz",
                "/metrics",
            )
        ),
    ]


async def _asked(port: int, each: Asked, soaked: Soaked, load: Load) -> None:
    begin = perf_counter()
    if each.leaves:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(each.sent[: each.leaves])
        await writer.drain()
        writer.transport.abort()
        return
    connection = Connection(port, each.sent)
    status = 0
    try:
        status = await connection.ask()
    except (OSError, asyncio.IncompleteReadError, IndexError, ValueError) as error:
        soaked.wrong.append(f"{each.name}: {type(error).__name__}")
    finally:
        await connection.close()
    soaked.answers[each.name, status] += 1
    if status not in (0, each.status):
        soaked.wrong.append(f"{each.name}: {status}")
    load.seconds.append(perf_counter() - begin)


async def _rounds(port: int, asks: list[Asked], soaked: Soaked, rounds: int, until: float) -> Load:
    """So many rounds, or as many as there is time for."""
    load, begin = Load(), perf_counter()
    waiting = asyncio.Semaphore(AT_ONCE)

    async def one(each: Asked) -> None:
        async with waiting:
            await _asked(port, each, soaked, load)

    done, worked, waited = 0, 0.0, 0.0
    while done < rounds and perf_counter() < until:
        await asyncio.gather(*(one(each) for each in asks))
        done += 1
        wall, own = perf_counter(), process_time()
        sum(range(_WORK))
        worked, waited = worked + process_time() - own, waited + perf_counter() - wall
    load.took = perf_counter() - begin
    soaked.busy.append(max(1.0, waited / worked) if worked else 1.0)
    return load


def soak(port: int, pid: int, *, rounds: int = ROUNDS, seconds: float = 30.0) -> Soaked:
    """Ask, in three thirds; ends after so many rounds or so many seconds, whichever comes first."""
    asks = mix()
    nothing = Soaked(Seen.of(pid), Seen.of(pid))
    asyncio.run(_rounds(port, asks, nothing, WARM, perf_counter() + seconds))
    soaked = Soaked(_settled(pid), Seen.of(pid), wrong=nothing.wrong)
    for _ in range(3):
        before = _cpu(pid)
        load = asyncio.run(_rounds(port, asks, soaked, max(1, rounds // 3), perf_counter() + seconds / 3))
        soaked.thirds.append(load)
        soaked.processor.append((_cpu(pid) - before) / max(1, len(load.seconds)))
    soaked.end = _settled(pid)
    return soaked


def _settled(pid: int) -> Seen:
    """What the process holds when the last client is gone: waits a moment until no more files are given back."""
    asyncio.run(asyncio.sleep(0.5))
    return Seen.of(pid)


def table(soaked: Soaked) -> str:
    """What was seen, for people."""
    warm, end = soaked.warm, soaked.end
    times = ", ".join(f"{each.quantile(0.5):.1f} / {each.quantile(0.99):.1f}" for each in soaked.thirds)
    lines = [
        f"{soaked.asked:,} requests, {len(soaked.wrong)} answered otherwise than they should be",
        f"memory: {warm.resident / 1e6:.1f} MB after the first rounds, {end.resident / 1e6:.1f} at the end,"
        f" {end.peak / 1e6:.1f} at most",
        f"open files: {warm.files}, {end.files}; threads: {warm.threads}, {end.threads}",
        f"p50 / p99 of each third, ms: {times}",
        f"times longer because the machine is busy: {', '.join(f'{each:.2f}' for each in soaked.busy)}",
        f"processor for a request, ms: {', '.join(f'{1000 * each:.2f}' for each in soaked.processor)}",
    ]
    return "\n".join(lines + [f"  {said}: {count}" for said, count in Counter(soaked.wrong).most_common(20)])


def main(arguments: Sequence[str] | None = None) -> None:
    """Start a server, soak it, and print what was seen; exit code 1 if an answer was not as it should be."""
    parser = argparse.ArgumentParser(prog="python -m bench.serve.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0, help="how long (default 1)")
    options = parser.parse_args(arguments)
    command = [sys.executable, "-m", "posology.cli", "serve", "--port", "0", "--rate", "0", "--insecure"]
    with _server(command) as (port, pid):
        soaked = soak(port, pid, rounds=10**9, seconds=60 * options.minutes)
    print(table(soaked))
    if soaked.wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
