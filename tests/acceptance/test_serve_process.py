"""The command `posology serve` as a process: starting, limits of real connections, stopping, and what it refuses."""

from __future__ import annotations

import importlib
import json
import os
import signal
import socket
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.server_process import served
from tests.command import run

EXAMPLE = Path(__file__).parents[2] / "examples" / "fibromyalgia-on-tramadol.json"
pytestmark = pytest.mark.xdist_group("serve-process")


def test_it_answers_and_ends_when_told_with_what_was_begun() -> None:
    with served() as server:
        told = httpx.get(f"{server.url}/healthz", timeout=30).json()
        assert told["status"] == "ok"
        answers: list[Any] = []
        body = {"drug": "naltrexone", "regimen": ["oud-a", "oud-b"], "population": 1500}

        def ask() -> None:
            answers.append(httpx.post(f"{server.url}/api/simulate", json=body, timeout=60))

        waiting = threading.Thread(target=ask)
        waiting.start()
        for _ in range(200):
            if "posology_requests_in_flight 2.0" in httpx.get(f"{server.url}/metrics", timeout=30).text:
                break
            time.sleep(0.01)
        server.process.send_signal(signal.SIGTERM)
        waiting.join(60)
        assert server.process.wait(30) == 0
        assert [each.status_code for each in answers] == [200]
        assert "Traceback" not in "".join(server.said)
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", server.port)) != 0


def test_connections_and_bodies_have_limits() -> None:
    with served("--max-body", "1") as server:
        httpx.get(f"{server.url}/healthz", timeout=30)
        answer = httpx.post(
            f"{server.url}/api/check",
            content=b" " * 1_500_000,
            headers={"content-type": "application/json"},
            timeout=30,
        )
        assert answer.status_code == 413
        parts = (b" " * 100_000 for _ in range(15))
        answer = httpx.post(
            f"{server.url}/api/check", content=parts, headers={"content-type": "application/json"}, timeout=30
        )
        assert answer.status_code == 413
        for broken in (
            b"GET /\xff HTTP/1.1\r\n\r\n",
            b"\x16\x03\x01\x02\x00",
            b"GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        ):
            with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
                connection.sendall(broken)
                answer = connection.makefile("rb").read()
                assert answer.startswith(b"HTTP/1.1 400")
                assert b"application/problem+json" in answer
                assert b"default-src 'none'" in answer
                assert json.loads(answer.partition(b"\r\n\r\n")[2])["status"] == 400
        assert httpx.get(f"{server.url}/healthz", timeout=30).status_code == 200
        answer = httpx.get(f"{server.url}/healthz", headers={"x-forwarded-proto": "https"}, timeout=30)
        assert "strict-transport-security" not in answer.headers, "nobody said that this address is a proxy"


def test_connections_that_are_too_many_are_refused_and_who_watches_is_not() -> None:
    with served() as server, ExitStack() as stack:
        httpx.get(f"{server.url}/healthz", timeout=30)

        def connection() -> socket.socket:
            made = socket.create_connection(("127.0.0.1", server.port), 10)
            stack.callback(made.close)
            return made

        held = [connection() for _ in range(512)]
        for path, status in (("/api/monographs", 503), ("/healthz", 200)):
            answer = httpx.get(f"{server.url}{path}", timeout=30)
            assert answer.status_code == status
            if status == 503:
                assert answer.headers["content-type"] == "application/problem+json"
                assert int(answer.headers["retry-after"]) >= 1
                assert "connections" in answer.json()["detail"]
        held += [connection() for _ in range(600)]
        held[-1].settimeout(10)
        with suppress(ConnectionResetError):
            assert held[-1].recv(10) == b"", "beyond twice as many nothing is waited for"
        for each in held:
            each.close()
        for _ in range(100):
            if httpx.get(f"{server.url}/api/monographs", timeout=30).status_code == 200:
                break
            time.sleep(0.1)
        else:
            pytest.fail("it does not answer any more")
        assert not [line for line in server.said if "WARNING" in line or "ERROR" in line]


@pytest.mark.slow
def test_half_a_head_is_not_waited_for() -> None:
    with served() as server, socket.create_connection(("127.0.0.1", server.port), 30) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
        begin = time.monotonic()
        assert connection.recv(100) == b""
        assert 5 < time.monotonic() - begin < 20


def test_a_proxy_that_is_named_is_believed() -> None:
    with served("--proxy", "127.0.0.1", "--root-path", "/posology", "--rate", "0.001") as server:
        headers = {"x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.1"}
        answers = [
            httpx.get(
                f"{server.url}{path}/api/monographs",
                headers={**headers, "x-forwarded-for": client},
                timeout=30,
            )
            for path, client in (("", "192.0.2.1"), ("/posology", "192.0.2.2"), ("", "192.0.2.2"))
        ]
        assert [each.status_code for each in answers] == [200, 200, 429]
        assert "strict-transport-security" in answers[0].headers


def test_several_processes_answer_and_count_together() -> None:
    with served("--workers", "2") as server:
        record = {"record": json.loads(EXAMPLE.read_bytes()), "drug": "naltrexone"}
        for _ in range(40):
            try:
                assert httpx.get(f"{server.url}/healthz", timeout=30).status_code == 200
                break
            except httpx.TransportError:
                time.sleep(0.25)
        first = {httpx.post(f"{server.url}/api/check", json=record, timeout=60).content for _ in range(6)}
        assert len(first) == 1
        text = httpx.get(f"{server.url}/metrics", timeout=30).text
        assert 'posology_requests_total{method="POST",route="/api/check",status="200"} 6.0' in text
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(60) == 0


def test_warnings() -> None:
    with served("--insecure", "--host", "0.0.0.0") as server:
        said = "".join(server.said)
        assert "WARNING: --insecure" in said
        assert "not encrypted" in said
    with served() as server:
        assert "WARNING" not in "".join(server.said)


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    serve = importlib.import_module("posology.cli.serve")  # `posology.cli.serve` itself is the command
    real = serve.find_spec
    monkeypatch.setattr(serve, "find_spec", lambda name: None if name == "jwt" else real(name))
    ran = run("serve")
    assert ran.code == 2
    assert "pyjwt: pip install 'posology[serve]'" in ran.err


def test_the_environment_is_as_before() -> None:
    assert "POSOLOGY_SERVE" not in os.environ


def test_nothing_is_written_but_where_it_answers_and_it_ends_as_it_was_told() -> None:
    """Also when it is told in the very moment at which it begins. Nothing of a library's own is printed."""
    for sign, code in ((signal.SIGTERM, 0), (signal.SIGINT, 130)):
        for wait in (0.0, 1.0):
            with served("--root-path", "/posology") as server:
                time.sleep(wait)
                server.process.send_signal(sign)
                assert server.process.wait(30) == code
            assert len(server.said) == 1, server.said
            (line,) = server.said
            assert line.startswith("Posology answers on http://127.0.0.1:")
