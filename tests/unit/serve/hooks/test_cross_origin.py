"""A browser lets only listed origins read answers."""

from __future__ import annotations

from tests.hook_calls import Server

EHR = "https://ehr.example.org"


def test_without_origins_there_is_no_cors(server: Server) -> None:
    answer = server.send("GET", "/cds-services", origin=EHR)
    assert "access-control-allow-origin" not in answer.headers
    assert server.send("OPTIONS", "/cds-services", origin=EHR).status_code in (404, 405)


def test_only_a_listed_origin_may_read() -> None:
    server = Server(origins=(EHR,))
    for path, method in (("/cds-services", "GET"), ("/cds-services/posology-order-sign", "OPTIONS")):
        let_in = server.send(method, path, origin=EHR)
        assert let_in.headers["access-control-allow-origin"] == EHR
        assert let_in.headers["vary"] == "Origin"
        assert "access-control-allow-credentials" not in let_in.headers
        for other in ("https://evil.example.org", "null", f"{EHR}.evil.org", "*"):
            assert "access-control-allow-origin" not in server.send(method, path, origin=other).headers
