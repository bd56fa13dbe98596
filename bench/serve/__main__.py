"""`python -m bench.serve`: latency at 50 requests a second, and the most that is answered, beside the floor.

One process of the server, one of the client, on the same machine. Latency counts from the moment at which a
request was due, so a server that falls behind cannot hide it. On a busy machine (its load stands in the first
line) latency and rate say little; CPU time a request changes less, and the ratio to the floor is taken from it:
the least of several short rounds, in which all peers take turns.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import urlopen

from ..__main__ import _machine as machine
from ..bundles import ON, bundle
from . import page
from .load import Load, full, request, run, steady

SIZE = 200_000
"""Bytes of a record; of a hook call, where the queries ask for a part of a record, of that part."""
DRUG, USE = "naltrexone", "chronic-pain"
PER_SECOND = 50.0
SUSTAINED = 150.0
ROUNDS = 5


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = _options().parse_args(arguments)
    figures: dict[str, Any] = {"machine": machine(), "seconds": options.seconds}
    command = [sys.executable, "-m", "posology.cli", "serve", "--port", "0", "--rate", "0", "--insecure"]
    with (
        _server([sys.executable, "-m", "bench.serve.floor"]) as floor,
        _server([*command, "--workers", str(options.workers)]) as server,
    ):
        peers = _peers(floor, server)
        figures |= {each.name: _measured(each, options.seconds) for each in peers}
        for each, least in zip(peers, _least(peers), strict=True):
            figures[each.name]["cpu"] = least
        pages = page.table(f"http://127.0.0.1:{server[0]}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(f"{table(figures)}\n\n{pages}")


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.serve", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each load (default 10)")
    parser.add_argument("--workers", type=int, default=1, help="processes of the server (default 1)")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    return parser


@contextmanager
def _server(command: list[str]) -> Iterator[tuple[int, int]]:
    """The port and process id of a server that answers."""
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        port = 0
        while not port:
            line = process.stderr.readline()
            if not line:
                raise SystemExit(f"{command[2]} did not start")
            found = re.search(r"on http://\S+?:(\d+)", line)
            port = int(found[1]) if found else 0
        for _ in range(200):
            try:
                urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
                break
            except OSError as no:
                if getattr(no, "code", 0) == 404:  # the floor answers, if with nothing
                    break
                time.sleep(0.1)
        else:
            raise SystemExit(f"{command[2]} does not answer")
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(60)


class Peer(NamedTuple):
    """One thing that is asked again and again."""

    name: str
    port: int
    pid: int
    sent: bytes
    """The request, whole."""
    size: int
    """Bytes of its body."""


def _peers(floor: tuple[int, int], server: tuple[int, int]) -> list[Peer]:
    record = bundle(size=SIZE)
    service = _service(server[0])
    hook = _large_enough(service["prefetch"])
    head = {"drug": DRUG, "use": USE, "on": ON.isoformat()}
    check = json.dumps(head)[:-1].encode() + b', "record": ' + record + b"}"
    return [
        Peer(name, *where, request(path, body), len(body))
        for name, where, path, body in (
            ("floor, json", floor, "/json", hook),
            ("floor, msgspec", floor, "/fast", hook),
            ("order-sign", server, f"/cds-services/{service['id']}", hook),
            ("/api/check", server, "/api/check", check),
        )
    ]


def _service(port: int) -> dict[str, Any]:
    """The order-sign service that the server offers."""
    with urlopen(f"http://127.0.0.1:{port}/cds-services", timeout=10) as answer:
        listed = json.load(answer)["services"]
    found: dict[str, Any] = next(each for each in listed if each["hook"] == "order-sign")
    return found


def _large_enough(templates: dict[str, str]) -> bytes:
    """A call of order-sign of at least `SIZE` bytes."""
    size, call = SIZE, b""
    while len(call) < SIZE:
        call = order_sign(bundle(size=size), templates)
        size += SIZE // 50
    return call


def order_sign(record: bytes, templates: dict[str, str]) -> bytes:
    """A call of the hook order-sign for this record, with what the templates ask for sent along."""
    resources = [entry["resource"] for entry in json.loads(record)["entry"]]
    person = next(each for each in resources if each["resourceType"] == "Patient")
    mine = {"reference": f"Patient/{person['id']}"}
    for each in resources:
        if "subject" in each:
            each["subject"] = mine
    sent: dict[str, Any] = {}
    given = set()
    for key, template in templates.items():
        kind = template.partition("?")[0].partition("/")[0]
        if "?" not in template:
            sent[key] = next(each for each in resources if each["resourceType"] == kind)
            continue
        found = [each for each in resources if each["resourceType"] == kind] if kind not in given else []
        given.add(kind)
        sent[key] = {
            "resourceType": "Bundle", "type": "searchset", "total": len(found),
            "entry": [{"fullUrl": f"https://ehr.example.org/{kind}/{each['id']}", "resource": each} for each in found],
        }  # fmt: skip
    draft = {
        "resourceType": "MedicationRequest", "id": "draft", "status": "draft", "intent": "order", "subject": mine,
        "medicationCodeableConcept": {
            "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "7243", "display": DRUG}],
            "text": DRUG,
        },
        "reasonCode": [{"text": "Fibromyalgia"}],
    }  # fmt: skip
    call = {
        "hook": "order-sign",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {
            "userId": "Practitioner/1",
            "patientId": person["id"],
            "draftOrders": {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": draft}]},
        },
        "prefetch": sent,
    }
    return json.dumps(call, separators=(",", ":")).encode()


def _measured(peer: Peer, seconds: float) -> dict[str, Any]:
    print(f"{peer.name} …", file=sys.stderr)
    run(partial(full, peer.port, peer.sent, 1.0))  # warm
    calm = run(partial(steady, peer.port, peer.sent, PER_SECOND, seconds))
    sustained = run(partial(steady, peer.port, peer.sent, SUSTAINED, seconds))
    most = run(partial(full, peer.port, peer.sent, seconds / 2))
    return {
        "bytes": peer.size,
        "at 50/s": _told(calm),
        "at 150/s": _told(sustained),
        "most": {"rate": most.rate, "bad": most.bad},
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def _least(peers: list[Peer]) -> list[float]:
    """Milliseconds of the servers' processor for one request of each peer: the least of `ROUNDS` rounds of turns."""
    print("processor time, in turns …", file=sys.stderr)
    rounds = []
    for _ in range(ROUNDS):
        row = []
        for each in peers:
            before = _cpu(each.pid)
            load = run(partial(full, each.port, each.sent, 1.0))
            row.append(1000 * (_cpu(each.pid) - before) / max(1, len(load.seconds)))
        rounds.append(row)
    return [min(column) for column in zip(*rounds, strict=True)]


def _cpu(pid: int) -> float:
    """Seconds of processor that a process and those it started and waits for have used; NaN where /proc is not."""
    total = 0.0
    try:
        for each in (pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())):
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except OSError:
        return float("nan")
    return total


def _told(load: Load) -> dict[str, float]:
    return {"p50": load.quantile(0.5), "p99": load.quantile(0.99), "bad": load.bad, "rate": load.rate}


def table(figures: dict[str, Any]) -> str:
    """The figures as a table in Markdown."""
    about = figures["machine"]
    lines = [
        f"{about['processor']}, {about['cores']} cores, Python {about['python']}; load {about['load']} at the start",
        "",
        "| request | kB | p50, p99 at 50/s | at 150/s, ms | errors | most a second | CPU, ms | times the floor |",
        "|---|---|---|---|---|---|---|---|",
    ]
    rows = {name: row for name, row in figures.items() if isinstance(row, dict) and "most" in row}
    floors = [rows["floor, json"]["cpu"], rows["floor, msgspec"]["cpu"]]
    for name, row in rows.items():
        calm, busy = row["at 50/s"], row["at 150/s"]
        bad = calm["bad"] + busy["bad"] + row["most"]["bad"]
        ratios = ", ".join(f"{row['cpu'] / floor:.2f}" for floor in floors)
        most = row["most"]["rate"]
        lines.append(
            f"| {name} | {row['bytes'] / 1000:.0f} | {calm['p50']:.1f}, {calm['p99']:.1f}"
            f" | {busy['p50']:.1f}, {busy['p99']:.1f} | {bad} | {most:.0f} | {row['cpu']:.2f} | {ratios} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
