"""HEAD: the head of what GET answers."""

from __future__ import annotations

import pytest

from tests.served import ask, get


@pytest.mark.parametrize(
    "path",
    ["/", "/monographs/naltrexone", "/api/monographs", "/cds-services", "/healthz", "/api/openapi.json"],
)
def test_it_answers_as_get_without_a_body(path: str) -> None:
    asked, whole = ask("HEAD", path), get(path)
    assert whole.content
    assert (asked.status_code, asked.content) == (200, b"")
    same = set(whole.headers) - {"date"}
    assert {name: asked.headers[name] for name in same} == {name: whole.headers[name] for name in same}


def test_what_get_does_not_answer_it_does_not_either() -> None:
    assert ask("HEAD", "/api/check").status_code == get("/api/check").status_code == 405
    assert ask("HEAD", "/nothing").status_code == 404
