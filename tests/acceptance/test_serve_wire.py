"""What comes over the wire: requests of two meanings, paths that lead out, headers that lie, and bodies without end."""

from __future__ import annotations

import gzip
import json
import re
import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.acceptance.server_process import Served, served
from tests.hook_calls import call, draft, in_pain
from tests.records import bundle, patient

SECRET = "ZEBEDEE-SECRET"
CHECK = json.dumps({"drug": "naltrexone", "use": "chronic-pain", "record": bundle(patient())}).encode()
HEAD = b"POST /api/check HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
INNER = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
pytestmark = pytest.mark.xdist_group("serve-process")


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served("--insecure", "--rate", "0", "--max-body", "1") as running:
        yield running
        said = "".join(running.said)
        assert SECRET not in said
        assert "Traceback" not in said
        assert "/api/" not in said, "no path in the log"


def sent(server: Served, data: bytes, wait: float = 5.0) -> bytes:
    """All that is answered to these bytes until the server closes, or says no more."""
    answer = b""
    with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
        connection.settimeout(wait)
        try:
            connection.sendall(data)
            while part := connection.recv(65536):
                answer += part
        except (TimeoutError, ConnectionError):
            pass
    return answer


def alive(server: Served) -> None:
    assert httpx.get(f"{server.url}/healthz", timeout=30).status_code == 200


def _length(value: str, body: bytes = CHECK) -> bytes:
    return HEAD + f"Content-Length: {value}\r\n\r\n".encode() + body


TWO_MEANINGS = {
    "two lengths": HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!" + INNER,
    "length and chunks": HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + INNER,
    "chunks, but spelt otherwise": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + INNER,
    "a space before the colon": HEAD + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + INNER,
    "two codings": HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + INNER,
    "a folded header": HEAD + b"Transfer-Encoding:\r\n chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n" + INNER,
    "a length with a sign": _length("+5"),
    "a length below nothing": _length("-5"),
    "a length in words": _length("five"),
    "a length in hexadecimal": _length("0x10"),
    "a length of many digits": _length("9" * 400),
    "a list of lengths": _length("5, 6"),
    "a chunk of endless size": HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"F" * 50 + b"\r\nx",
    "a chunk below nothing": HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n",
    "a NUL in a header": HEAD + b"X: a\x00b\r\n\r\n",
    "a line break in a header": HEAD + b"X: a\rSet-Cookie: b\r\n\r\n",
    "a name with a space": HEAD + b"X Y: a\r\n\r\n",
    "a NUL in the path": b"GET /api/\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a space in the path": b"GET /api/a b HTTP/1.1\r\nHost: x\r\n\r\n",
    "no host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    "a version that is none": b"GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n",
    "HTTP/0.9": b"GET /healthz\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 50,
    "a head without end": b"GET /" + b"a" * 600_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "headers without end": b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 100_000 + b"\r\n",
}


@pytest.mark.parametrize("shape", TWO_MEANINGS)
def test_what_could_be_read_in_two_ways_is_refused_and_nothing_after_it_is_read(
    server: Served, shape: str
) -> None:
    answer = sent(server, TWO_MEANINGS[shape], 2.0)
    statuses = re.findall(rb"HTTP/1\.1 (\d+)", answer)
    assert len(statuses) <= 1, answer
    assert not statuses or 400 <= int(statuses[0]) < 502, answer
    assert not statuses or int(statuses[0]) in (400, 413, 431, 501), answer
    assert b"posology_requests" not in answer
    assert b"Traceback" not in answer
    alive(server)


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/../../../etc/passwd", 404),
        ("/assets/../../../../etc/passwd", 404),
        ("/assets/..%2f..%2f..%2fpyproject.toml", 404),
        ("/assets/%2e%2e/%2e%2e/app.py", 404),
        ("/assets/..%5c..%5capp.py", 404),
        ("/assets/%00", 404),
        ("/assets/", 404),
        ("//evil.example.org/%2f..", 404),
        ("/\\evil.example.org", 404),
        ("/api/monographs/..%2f..%2fhealthz", 404),
        ("/api/monographs/%0d%0aSet-Cookie:%20a=b", 404),
        ("/cds-services/..%2f..", 404),
        ("http://evil.example.org/healthz", 404),
        ("/.git/config", 404),
        ("/docs", 404),
        ("/openapi.json", 404),
    ],
)
def test_no_path_leads_out(server: Served, target: str, status: int) -> None:
    answer = sent(server, f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    found = re.match(rb"HTTP/1\.1 (\d+)", answer)
    assert found is not None
    assert int(found[1]) in (status, 400, 405), answer
    assert b"root:" not in answer
    assert b"import " not in answer
    head = answer.partition(b"\r\n\r\n")[0].lower()
    assert b"set-cookie" not in head
    assert b"location:" not in head


def test_methods_that_nothing_answers(server: Served) -> None:
    for method in ("TRACE", "CONNECT", "PROPFIND", "DELETE", "PUT", "PATCH", SECRET):
        answer = sent(
            server,
            f"{method} /api/check HTTP/1.1\r\nHost: x\r\nX-Echo: {SECRET}\r\nConnection: close\r\n\r\n".encode(),
        )
        assert re.match(rb"HTTP/1\.1 (40[05]|501)", answer), answer
        assert SECRET.encode() not in answer, "nothing is echoed"


def test_headers_that_lie_change_nothing(server: Served) -> None:
    """Nobody named a proxy: where a request comes from, and how, is what the connection says."""
    headers = {
        "host": "evil.example.org",
        "x-forwarded-host": "evil.example.org",
        "x-forwarded-for": "127.0.0.1, ::1, <script>",
        "x-forwarded-proto": "https",
        "x-forwarded-prefix": "/evil",
        "x-original-url": "/metrics",
        "x-rewrite-url": "/metrics",
        "x-http-method-override": "DELETE",
        "forwarded": "for=1.2.3.4;host=evil.example.org;proto=https",
        "origin": "https://evil.example.org",
        "referer": f"https://evil.example.org/{SECRET}",
        "user-agent": SECRET,
        "cookie": f"a={SECRET}",
    }
    for path in ("/", "/api/monographs", "/cds-services", "/api/openapi.json", "/nothing"):
        lying = httpx.get(f"{server.url}{path}", headers=headers, timeout=30)
        plain = httpx.get(f"{server.url}{path}", timeout=30)
        assert lying.content == plain.content
        assert lying.status_code == plain.status_code
        assert "evil" not in str(lying.headers)
        assert "set-cookie" not in lying.headers


def test_a_proxy_that_lies_about_a_path_or_a_scheme_gets_no_header_of_its_own() -> None:
    with served("--proxy", "127.0.0.1", "--root-path", "/posology") as behind:
        for value in ("https\r\n", "javascript", "https, http", "", "x" * 5000):
            answer = sent(
                behind,
                f"GET /posology/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-Proto: {value.strip()}\r\n"
                "X-Forwarded-For: ,,, [::1, 999.9.9.9, <b>\r\n\r\n".encode(),
            )
            assert answer.startswith(b"HTTP/1.1 200"), answer[:200]
            assert b"javascript" not in answer.partition(b"\r\n\r\n")[0]
        assert httpx.get(f"{behind.url}/posology/api/openapi.json", timeout=30).json()["servers"] == [
            {"url": "/posology"}
        ]


BODIES = {
    "deep": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep, not closed": b"[" * 900_000,
    "numbers without end": b'{"drug": ' + b"9" * 900_000 + b"}",
    "an exponent without end": b'{"drug": 1e' + b"9" * 5000 + b"}",
    "one key a hundred thousand times": b'{"drug": "a"' + b', "drug": "a"' * 60_000 + b"}",
    "half a surrogate": b'{"drug": "\\ud800", "use": "\\udfff"}',
    "NUL": b'{"drug": "\\u0000' + SECRET.encode() + b'"}',
    "bytes that are no UTF-8": b'{"drug": "' + b"\xff\xfe\xed\xa0\x80" * 50 + b'"}',
    "UTF-16": '{"drug": "naltrexone"}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "nothing": b"",
    "text": SECRET.encode(),
    "XML": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "a secret in every place": json.dumps(
        {SECRET: SECRET, "drug": SECRET, "record": {SECRET: [SECRET]}}
    ).encode(),
}
PATHS = (
    "/api/check",
    "/api/plan",
    "/api/plan/missed",
    "/api/simulate",
    "/cds-services/posology-patient-view",
    "/cds-services/posology-order-select",
    "/cds-services/posology-order-sign",
    "/cds-services/posology-order-sign/feedback",
    "/check",
    "/plan",
)


@pytest.mark.parametrize("kind", BODIES)
def test_hostile_bodies_to_every_address(server: Served, kind: str) -> None:
    with httpx.Client(base_url=server.url, timeout=30) as client:
        for path in PATHS:
            for form in (
                "application/json",
                "application/fhir+json",
                "multipart/form-data; boundary=x",
                "a/b",
            ):
                answer = client.post(path, content=BODIES[kind], headers={"content-type": form})
                assert answer.status_code < 500, (path, form, answer.text[:300])
                assert answer.status_code >= 400 or path in ("/check", "/plan"), (path, form)
                assert "Traceback" not in answer.text
                assert "root:" not in answer.text
                if answer.status_code >= 400 and path not in ("/check", "/plan"):
                    assert answer.headers["content-type"] == "application/problem+json"


def test_packed_bodies_are_not_unpacked(server: Served) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    for coding in ("gzip", "deflate", "br", "identity, gzip", "zstd"):
        for path in PATHS[:1] + PATHS[6:8]:
            headers = {"content-type": "application/json", "content-encoding": coding}
            begin = time.monotonic()
            answer = httpx.post(f"{server.url}{path}", content=bomb, headers=headers, timeout=30)
            assert answer.status_code in (400, 415)
            assert time.monotonic() - begin < 5


def test_chunks_of_one_byte_are_a_body(server: Served) -> None:
    parts = (CHECK[at : at + 1] for at in range(len(CHECK)))
    answer = httpx.post(
        f"{server.url}/api/check", content=parts, headers={"content-type": "application/json"}, timeout=60
    )
    assert answer.status_code == 200
    assert answer.json()["verdict"]


def test_many_that_are_slow_do_not_stop_the_others(server: Served) -> None:
    """Heads and bodies that come a byte at a time: three hundred of them, and an order is still signed."""
    body = json.dumps(call(draft(), sent=in_pain())).encode()
    held = []
    try:
        for number in range(300):
            each = socket.create_connection(("127.0.0.1", server.port), 10)
            each.sendall(HEAD + (b"Content-Length: 900000\r\n\r\n{" if number % 2 else b"X-Slow: "))
            held.append(each)
        for _ in range(3):
            for each in held:
                each.sendall(b"a")
            begin = time.monotonic()
            answer = httpx.post(
                f"{server.url}/cds-services/posology-order-sign",
                content=body,
                headers={"content-type": "application/json"},
                timeout=30,
            )
            assert answer.status_code == 200
            assert time.monotonic() - begin < 5
    finally:
        for each in held:
            each.close()
    alive(server)
