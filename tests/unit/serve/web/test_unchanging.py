"""What is the same for everybody is packed and told once; what is made from a request never is."""

from __future__ import annotations

import re

import pytest

from posology.serve.web.unchanging import takes_gzip
from tests.served import get, post

GZIP = {"accept-encoding": "gzip, deflate, br"}
SAME = ["/", "/monographs", "/monographs/naltrexone", "/monographs/naltrexone/plain",
        "/monographs/naltrexone/plain?product=low-dose"]  # fmt: skip
MADE = [
    "/check",
    "/check?drug=naltrexone&use=fibromyalgia",
    "/plan",
    "/simulate",
    "/search?q=opioid",
    "/nothing",
]


@pytest.mark.parametrize("path", SAME)
def test_pages_of_knowledge_are_packed_for_who_takes_it(path: str) -> None:
    packed, plain = get(path, headers=GZIP), get(path, headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    again = get(path, headers=GZIP | {"if-none-match": packed.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert get(path, headers={"if-none-match": 'W/"other"'}).status_code == 200


@pytest.mark.parametrize("path", MADE)
def test_what_an_address_asks_for_is_not(path: str) -> None:
    page = get(path, headers=GZIP | {"accept": "text/html"})
    assert "content-encoding" not in page.headers
    assert page.headers["cache-control"] == "no-store"


def test_nor_is_an_answer() -> None:
    form = {"way": "form", "drug": "naltrexone", "use": "fibromyalgia", "age": "44"}
    page = post("/check", data=form, headers=GZIP)
    assert page.status_code == 200
    assert len(page.content) > 20_000
    assert "content-encoding" not in page.headers
    assert "etag" not in page.headers


def test_nothing_of_an_address_is_kept_in_a_page() -> None:
    get("/monographs/naltrexone/plain?product=low-dose&x=ZEBEDEE", headers=GZIP)
    get("/?q=ZEBEDEE")
    for path in SAME:
        assert "ZEBEDEE" not in get(path).text


def test_assets_are_packed_and_kept_for_a_year() -> None:
    found = re.findall(r'(?:href|src)="(/assets/[^"]+)"', get("/simulate").text)
    assert len(found) == 3
    for address in found:
        asset = get(address, headers=GZIP)
        assert "immutable" in asset.headers["cache-control"]
        assert asset.headers["content-encoding"] == "gzip"
    sheet = next(each for each in found if each.endswith(".css"))
    name, digest, kind = sheet.rpartition("/")[2].split(".")
    assert get(f"/assets/{name}.{'0' * len(digest)}.{kind}").status_code == 404


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        ("gzip", True), ("GZIP;q=0.5", True), ("deflate, gzip;q=1.0, *;q=0.5", True), ("*", True), ("", False),
        ("gzip;q=0", False), ("gzip;q=0.000, *", False), ("identity", False), ("br", False), ("*;q=0", False),
    ],
)  # fmt: skip
def test_who_takes_gzip(accepted: str, takes: bool) -> None:
    assert takes_gzip(accepted) is takes
