"""What every response carries."""

from __future__ import annotations

import re

import pytest

from posology.serve.headers import ALWAYS, policy, policy_for
from tests.served import ask, get, post


@pytest.mark.parametrize(
    "path", ["/healthz", "/metrics", "/api/monographs", "/api/nothing", "/api/openapi.json"]
)
def test_every_response_has_them(path: str) -> None:
    headers = get(path).headers
    for name, value in ALWAYS.items():
        if name != "Cache-Control":
            assert headers[name] == value
    assert "strict-transport-security" not in headers


def test_refusals_have_them_too() -> None:
    assert post("/api/check", content=b"x").headers["content-security-policy"] == policy()


def test_https_is_to_stay() -> None:
    assert "max-age" in ask("GET", "/healthz", base="https://test").headers["strict-transport-security"]


def test_what_is_made_from_a_request_is_kept_by_nobody() -> None:
    asked = {"drug": "naltrexone", "regimen": "ldn-titration", "start": "2026-12-01"}
    assert post("/api/plan", json=asked).headers["cache-control"] == "no-store"
    assert get("/api/concepts?q=fibro").headers["cache-control"] == "no-store"
    assert get("/api/monographs").headers["cache-control"].startswith("public")


def test_the_policy_allows_nothing_inline() -> None:
    assert "unsafe" not in policy()
    assert policy().startswith("default-src 'none'")
    assert {"frame-ancestors 'none'", "base-uri 'none'", "script-src 'self'"} <= set(policy().split("; "))


def test_a_leaflet_may_use_its_own_style_sheet_and_no_other() -> None:
    asked = {"drug": "naltrexone", "regimen": "ldn-titration", "start": "2026-12-01"}
    page = post("/api/plan", json=asked, headers={"accept": "text/html"})
    given = page.headers["content-security-policy"]
    assert given == policy_for(page.text)
    assert len(re.findall(r"'sha256-[A-Za-z0-9+/]{43}='", given)) == page.text.count("<style>") > 0
    assert "<script" not in page.text
