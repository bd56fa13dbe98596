"""What is refused is a page for whoever reads pages, with the words that a program gets."""

from __future__ import annotations

import asyncio
import html
import re
from typing import Any

import httpx
import pytest

from posology.serve.app import create_app
from posology.serve.settings import Limits, Settings
from tests.served import ask, get, post, usual_app

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


def words(page: httpx.Response) -> str:
    """The text of a page's main part."""
    found = re.search(r"<main.*?>(.*)</main>", page.text, re.DOTALL)
    assert found, page.text
    return html.unescape(re.sub(r"<[^>]+>", " ", found[1]))


def same(page: httpx.Response, problem: httpx.Response) -> None:
    """One refusal, told twice."""
    assert page.status_code == problem.status_code
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["title"] in words(page)
    assert problem.json()["detail"] in words(page)
    assert page.headers["cache-control"] == "no-store"
    for name in ("retry-after", "connection", "content-security-policy"):
        assert page.headers.get(name) == problem.headers.get(name)


def both(method: str, path: str, **more: Any) -> tuple[httpx.Response, httpx.Response]:
    """What a browser and a program get."""
    headers = more.pop("headers", {})
    return (
        ask(method, path, headers=headers | BROWSER, **more),
        ask(method, path, headers=headers | {"Accept": "*/*"}, **more),
    )


def test_a_body_that_is_too_large() -> None:
    app = create_app(Settings(limits=Limits(body_bytes=1000, per_second=0)))
    page, problem = both("POST", "/check", app=app, content=b"x" * 2000, headers=FORM)
    assert page.status_code == 413
    same(page, problem)
    assert "once more" not in words(page)


def test_too_many_requests() -> None:
    app = create_app(Settings(limits=Limits(per_second=0.01, burst=1)))
    assert get("/", app=app).status_code == 200
    page, problem = both("GET", "/", app=app)
    assert page.status_code == 429
    same(page, problem)
    assert int(page.headers["retry-after"]) > 1


def test_a_server_that_stops() -> None:
    app = create_app(Settings(limits=Limits(per_second=0)))
    app.state.stopping = True
    page, problem = both("GET", "/monographs", app=app)
    assert page.status_code == 503
    same(page, problem)


def test_an_answer_that_takes_too_long() -> None:
    app = create_app(Settings(limits=Limits(per_second=0, seconds=0.05)))

    @app.get("/slow")
    async def slow() -> None:
        await asyncio.sleep(1)

    app.post("/slow")(slow)
    page, problem = both("POST", "/slow", app=app)
    assert "To send the same once more" in words(page)
    assert page.status_code == 504
    same(page, problem)


def test_a_body_that_does_not_arrive() -> None:
    app = create_app(Settings(limits=Limits(per_second=0, seconds=0.05)))

    async def late() -> Any:
        yield b"drug="
        await asyncio.sleep(1)

    page, problem = (
        ask("POST", "/check", app=app, content=late(), headers=FORM | accept) for accept in (BROWSER, {})
    )
    assert page.status_code == 408
    same(page, problem)


def test_a_defect_tells_nothing_of_itself() -> None:
    app = create_app(Settings(limits=Limits(per_second=0)))

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("ZEBEDEE-SECRET")

    page, problem = both("GET", "/broken", app=app)
    assert page.status_code == 500
    same(page, problem)
    assert "ZEBEDEE" not in page.text


@pytest.mark.parametrize("path", ["/check/again", "/check/file", "/population/person"])
def test_an_answer_to_a_form_has_no_page_of_its_own(path: str) -> None:
    page = get(path, headers=BROWSER)
    if path.startswith("/population"):  # this server has no results
        assert page.status_code == 404
        return
    assert page.status_code == 405
    assert page.headers["allow"] == "POST"
    assert "nothing is kept here" in words(page)


@pytest.mark.parametrize("path", ["/api/nothing", "/api/check", "/cds-services/nothing", "/api"])
def test_where_programs_ask_they_are_answered(path: str) -> None:
    page, problem = both("GET", path)
    assert page.headers["content-type"] == problem.headers["content-type"] == "application/problem+json"
    assert page.content == problem.content


@pytest.mark.parametrize(
    ("accept", "reads"),
    [
        (BROWSER["Accept"], True),
        ("text/html", True),
        ("text/html;q=0.9, */*;q=0.1", True),
        ("*/*", False),
        ("", False),
        ("application/json", False),
        ("application/json, text/html;q=0.5", False),
        ("application/problem+json, text/html", False),
        ("text/html;q=0", False),
        ("image/png", False),
        ("text/html;q=nan", False),
    ],
)
def test_who_reads_pages(accept: str, reads: bool) -> None:
    kind = get("/nothing", headers={"Accept": accept}).headers["content-type"]
    assert kind == ("text/html; charset=utf-8" if reads else "application/problem+json")


def test_behind_a_proxy_too() -> None:
    app = create_app(Settings(root_path="/posology", limits=Limits(per_second=0)))
    for path in ("/posology/api/nothing", "/api/nothing"):
        assert get(path, app=app, headers=BROWSER).headers["content-type"] == "application/problem+json"
    page = get("/nothing", app=app, headers=BROWSER)
    assert 'href="/posology/"' in page.text


def test_a_hostile_address_is_text() -> None:
    page = get("/monographs/%3Cscript%3Ealert(1)%3C%2Fscript%3E", headers=BROWSER)
    assert page.status_code == 404
    assert "<script>alert" not in page.text


def test_a_form_that_is_none() -> None:
    page = post("/check", content=b"{}", headers=BROWSER | {"content-type": "application/json"})
    assert page.status_code == 415
    assert "Send what a form sends" in words(page)
    assert usual_app().state.settings.results is None
