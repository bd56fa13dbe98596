"""A FHIR server for tests, on this machine: answers what a record holds, or misbehaves as it is told to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.records import Json

FHIR = "application/fhir+json"


class Stub:
    """What the server holds, how it behaves, and what it was asked."""

    def __init__(self) -> None:
        self.holds: dict[str, list[Json]] = {}
        self.how: dict[str, str] = {}
        """By resource type: a status code, or a word that `answer` knows: slow, html, latin, huge, endless, paged…"""
        self.elsewhere = ""
        self.asked: list[tuple[str, str]] = []
        """Path with query, and the Authorization it came with."""
        self.base = ""

    def answer(self, path: str) -> tuple[int, str, bytes, dict[str, str]]:
        """Status, content type, body and further headers."""
        parts = urlsplit(path)
        kind = parts.path.removeprefix("/fhir/").split("/")[0]
        how = self.how.get(kind, "")
        if how.isdigit():
            return int(how), FHIR, b'{"resourceType": "OperationOutcome"}', {}
        if how == "html":
            return 200, "text/html", b"<h1>Log in</h1>", {}
        if how == "broken":
            return 200, FHIR, b'{"resourceType": "Bundle", "entry": [', {}
        if how == "latin":
            return 200, FHIR, '{"resourceType": "Bundle", "entry": [{"fullUrl": "é"}]}'.encode("latin-1"), {}
        if how == "redirect":
            return 302, FHIR, b"", {"Location": f"{self.elsewhere}{path}"}
        if how == "packed":
            return 200, FHIR, b"\x1f\x8b", {"Content-Encoding": "gzip"}
        if how == "slow":
            time.sleep(3)
        found = self.holds.get(kind, [])
        if "?" not in path:
            return (200, FHIR, json.dumps(found[0]).encode(), {}) if found else (404, FHIR, b"{}", {})
        bundle: Json = {
            "resourceType": "Bundle",
            "type": "searchset",
            "entry": [{"resource": each} for each in found],
        }
        page = parts.query.partition("page=")[2]
        if how == "endless":
            bundle["link"] = [{"relation": "next", "url": f"{self.base}/{kind}?page={int(page or 0) + 1}"}]
        elif how == "elsewhere":
            bundle["link"] = [{"relation": "next", "url": f"{self.elsewhere}/fhir/{kind}?page=1"}]
        elif how == "paged":
            at = int(page or 0)
            bundle["entry"] = bundle["entry"][at : at + 1]
            if at + 1 < len(found):
                bundle["link"] = [{"relation": "next", "url": f"{kind}?page={at + 1}"}]
        body = json.dumps(bundle).encode()
        if how == "huge":
            body = body[:-1] + b', "x": "' + b"x" * 30_000_000 + b'"}'
        return 200, FHIR, body, {}


@contextmanager
def served(stub: Stub) -> Iterator[Stub]:
    """The stub, listening on this machine until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            stub.asked.append((self.path, self.headers.get("Authorization", "")))
            status, kind, body, more = stub.answer(self.path)
            try:
                self.send_response(status)
                for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **more}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                pass  # the client had enough

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    stub.base = f"http://127.0.0.1:{server.server_port}/fhir"
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
