"""Numbers by route, never by path; the state of the server with the versions of what it knows."""

from __future__ import annotations

from posology.serve.app import create_app
from posology.serve.settings import Settings
from posology.version import VERSION
from tests.served import ask


def test_health_tells_which_knowledge_answers() -> None:
    app = create_app(Settings())
    told = ask("GET", "/healthz", app=app).json()
    assert told["status"] == "ok"
    assert told["versions"]["posology"] == VERSION
    assert told["versions"]["naltrexone"] == app.state.engine.library.versions["naltrexone"]
    app.state.stopping = True
    assert ask("GET", "/healthz", app=app).status_code == 503


def test_requests_are_counted_under_their_route() -> None:
    app = create_app(Settings())
    for path in (
        "/api/monographs/naltrexone",
        "/api/monographs/Jane-Doe",
        "/Jane-Doe",
        "/api/concepts?q=Jane-Doe",
    ):
        ask("GET", path, app=app)
    ask("GRAB", "/healthz", app=app)
    text = ask("GET", "/metrics", app=app).text
    assert 'posology_requests_total{method="GET",route="/api/monographs/{drug}",status="200"} 1.0' in text
    assert 'posology_requests_total{method="GET",route="/api/monographs/{drug}",status="404"} 1.0' in text
    assert 'posology_requests_total{method="GET",route="none",status="404"} 1.0' in text
    assert 'method="other"' in text
    assert "posology_requests_in_flight 1.0" in text, "this one"
    assert 'posology_request_seconds_count{route="/api/monographs/{drug}"} 2.0' in text
    assert "Jane" not in text
    assert "GRAB" not in text


def test_two_applications_count_apart() -> None:
    first, second = create_app(Settings()), create_app(Settings())
    ask("GET", "/healthz", app=first)
    assert "/healthz" not in ask("GET", "/metrics", app=second).text
