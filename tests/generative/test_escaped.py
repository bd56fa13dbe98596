"""Invariant 7: no text of a record acts on a terminal or a page, and none reaches a message or a log."""

from __future__ import annotations

import json
import logging
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posology.show import fhir, html, text
from posology.show import json as plain
from tests.command import run

from . import dates, knowledge
from .mutate import WORDS
from .oracle import Json, ask, bytes_of
from .profiles import tries
from .records import bundle, record

NASTY = (
    "<script>alert(1)</script>",
    "\x1b[2J\x1b[31mRED\x1b[0m",
    "\u202eevil\u2066",
    '"><img src=x onerror=alert(1)>',
    "'; DROP TABLE x; --",
    "line\nbreak\r\nand\ttab",
    "{{ 7*7 }}{% raw %}",
    "${jndi:ldap://x}",
    "</style><svg/onload=x>",
    "]]>&amp;<!--",
    "\x00\x07\x9b31m",
    "javascript:alert(1)",
    "\u2028\u2029",
    "%00%0a",
    "=cmd|' /C calc'!A0",
    "\x9d0;t\x9c",
)
BAD = {
    *map(chr, range(32)),
    *map(chr, range(0x7F, 0xA0)),
    *"\u2028\u2029\u200e\u200f\u061c",
    *map(chr, range(0x202A, 0x202F)),
    *map(chr, range(0x2066, 0x206A)),
} - {"\n"}
"""Characters that steer a terminal or the order of reading."""
SAYS = ("text", "display", "valueString", "linkId", "unit", "id", "family", "code", "reference")


@st.composite
def poisoned(draw: st.DrawFn, value: Any, key: str = "") -> Any:
    """The same JSON with nasty text added to what a record says in words."""
    if isinstance(value, dict):
        return {name: draw(poisoned(item, name)) for name, item in value.items()}
    if isinstance(value, list):
        return [draw(poisoned(item, key)) for item in value]
    if isinstance(value, str) and key in {"text", "display", "valueString", "unit"}:
        return f"{value} {draw(st.sampled_from(NASTY))}"
    if isinstance(value, str) and key in SAYS and draw(st.sampled_from((False,) * 7 + (True,))):
        return f"{value}{draw(st.sampled_from(NASTY))}"
    return value


class Page(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.scripts = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.scripts += tag == "script"
        self.attributes |= {name for name, _ in attrs}
        assert not any((value or "").strip().lower().startswith("javascript:") for _, value in attrs)


@pytest.mark.parametrize("drug", [each.identity.id for each in knowledge.monographs()])
@tries(12)
@given(data=st.data())
def test_nothing_a_record_says_acts(drug: str, data: st.DataObject) -> None:
    asked = data.draw(st.sampled_from(knowledge.questions(drug)))
    on = data.draw(st.sampled_from(dates.DAYS))
    resources = data.draw(record(on, drug, most=4))
    clean = ask(bundle(resources), asked, on)
    result = ask(bundle(data.draw(poisoned(resources))), asked, on)

    shown = text.render(result, color=False, width=88)
    assert not BAD & set(shown)
    coloured = text.render(result, color=True, width=88)
    assert not BAD & set(re.sub(r"\x1b\[[0-9;]*m", "", coloured))

    for form in (plain.render(result), fhir.render(result)):
        assert not BAD & set(form)
        assert "<script" not in form
        json.loads(form)

    page, usual = Page(html.render(result)), Page(html.render(clean))
    assert page.scripts == usual.scripts
    assert not page.tags & {"img", "iframe", "object"} - usual.tags
    assert not {each for each in page.attributes - usual.attributes if each.startswith("on")}
    assert not BAD & set(html.render(result))


# --- messages and logs ------------------------------------------------------------------------------------

SECRET = "Xanthippe-Quark-0815"
SECRETS: dict[str, bytes] = {
    "not JSON": f"{SECRET} takes oxycodone".encode(),
    "truncated": bytes_of({"resourceType": "Patient", "name": [{"family": SECRET}]})[:-4],
    "an object": bytes_of({"name": SECRET}),
    "two patients": bytes_of(
        bundle([{"resourceType": "Patient", "id": SECRET}, {"resourceType": "Patient", "id": "2"}])
    ),
    "no patient": bytes_of(bundle([{"resourceType": "Condition", "id": SECRET, "code": {"text": SECRET}}])),
    "another version": bytes_of(bundle([{"resourceType": "Condition", "clinicalStatus": SECRET}])),
    "an unknown type": bytes_of({"resourceType": SECRET}),
    "a birth date": bytes_of(
        bundle([{"resourceType": "Patient", "birthDate": SECRET, "gender": {"x": SECRET}}])
    ),
    "a wrong key": bytes_of({"resourceType": "Bundle", SECRET: 1, "entry": {SECRET: SECRET}}),
    "NDJSON": f'{{"{SECRET}": 1}}\n{SECRET}\n'.encode(),
    "not UTF-8": b'{"resourceType": "Patient", "id": "' + SECRET.encode() + b'\xff"}',
}


@pytest.mark.parametrize("name", SECRETS)
def test_a_message_tells_nothing_of_the_record(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ran = run("check", "naltrexone", "-", "--for", "chronic-pain", "--on", "2026-06-30", stdin=SECRETS[name])
    assert SECRET not in ran.err
    assert SECRET not in caplog.text
    assert not ran.code or not ran.out


@pytest.mark.parametrize("word", WORDS, ids=ascii)
def test_why_an_entry_cannot_be_read_does_not_quote_it(word: str) -> None:
    """The reason names the element and what is wrong with it; the value stays in the record."""
    secret = f"{SECRET}{word[:20]}"
    broken: list[Json] = [
        {"resourceType": "Condition", "id": "1", "code": {"text": "acute hepatitis"}, "recordedDate": secret},
        {
            "resourceType": "Observation",
            "id": "2",
            "code": {"coding": [{"code": "1742-6"}]},
            "valueQuantity": secret,
        },
        {
            "resourceType": "MedicationRequest",
            "id": "3",
            "status": "active",
            "dosageInstruction": secret,
            "medicationCodeableConcept": {"text": "oxycodone 5 MG Oral Tablet"},
        },
        {"resourceType": "Observation", "id": "4", "valueBoolean": {secret: secret}},
    ]
    result = ask(
        bundle([{"resourceType": "Patient", "id": "p1"}, *broken]),
        knowledge.questions("naltrexone")[0],
        dates.DAYS[0],
    )
    assert len(result.unreadable) == len(broken)
    assert not any(SECRET in each.reason or SECRET in each.place for each in result.unreadable)
