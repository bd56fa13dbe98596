"""A call is read quickly where all is well, else with care: whichever it is, it is read alike."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from posology.record.fhir_types import Resource
from posology.serve.hooks import gather, request
from posology.serve.hooks.prefetch import Wanted, wanted
from posology.serve.problem import Refused
from tests.hook_calls import Server, bundle, call, draft, prefetch, search
from tests.records import Json, bytes_of, condition, order, patient

from .odd_calls import odd_call

CALLS = 2000
HOW_MANY_QUICK = 100
"""At least so many of these calls are read quickly, else nothing is compared."""
OXYCODONE = search(order())
NAMELESS = {"id": "nothing-else"}


@pytest.fixture(scope="module")
def wants(server: Server) -> dict[str, Wanted]:
    """The queries of the server."""
    return wanted(server.app.state.engine)


def test_odd_calls_are_read_alike(wants: dict[str, Wanted], monkeypatch: pytest.MonkeyPatch) -> None:
    """Same resources, gaps and refusals, and never a fault of the server."""
    quick = request._plain
    bodies = [odd_call(seed) for seed in range(CALLS)]
    first = [_outcome(body, wants) for body in bodies]
    assert sum(
        outcome[0] == "read" and quick(body) is not None for outcome, body in zip(first, bodies, strict=True)
    ) > (HOW_MANY_QUICK)
    monkeypatch.setattr(request, "_plain", lambda body: None)
    for seed, (body, outcome) in enumerate(zip(bodies, first, strict=True)):
        assert _outcome(body, wants) == outcome, f"odd_call({seed})"


def _outcome(body: bytes, wants: dict[str, Wanted]) -> tuple[Any, ...]:
    try:
        asked = request.parsed(body, "order-sign")
        had = gather.sent(asked, wants)
    except Refused as refused:
        return "refused", refused.status, refused.detail, refused.pointer
    read = [(place, url, _told(each)) for place, url, each in had.shaped.resources]
    odd = [(each.place, each.reason, repr(each.loose)) for each in had.shaped.odd]
    return "read", asked.patient, repr(asked.orders), read, odd, had.lacking, had.types


def _told(resource: Resource) -> list[Any]:
    values = [getattr(resource, name) for name in Resource.__struct_fields__]
    return [bytes(each) if isinstance(each, msgspec.Raw) else msgspec.json.encode(each) for each in values]


def _refused(server: Server, body: bytes, pointer: str, says: str) -> None:
    told = server.call(body).json()
    assert (told["status"], told["pointer"]) == (400, pointer), told
    assert says in told["detail"]


def _with_second_entry(body: Json, what: Json) -> bytes:
    """The body, in which this Bundle has a second, empty `entry`."""
    whole, part = json.dumps(body), json.dumps(what)
    assert part in whole
    return whole.replace(part, f'{part[:-1]}, "entry": []}}').encode()


def test_a_second_list_of_orders_hides_none(server: Server) -> None:
    body = _with_second_entry(call(draft(), sent=prefetch()), bundle(draft()))
    _refused(server, body, "$.context.draftOrders", "stands twice")


@pytest.mark.parametrize("where", ["conditions", "medications"])
def test_an_entry_without_a_type_makes_up_for_none_that_is_hidden(server: Server, where: str) -> None:
    """Resources were counted by entries: one that has no resourceType stood for one that is hidden."""
    lists = {"conditions": search(condition()), "medications": OXYCODONE}
    text = json.dumps(prefetch(**lists))
    kept = json.dumps(lists[where])
    rest = json.dumps(search(NAMELESS))
    if where == "medications":
        text = text.replace(kept, f'{kept[:-1]}, "entry": {rest[rest.index("[") : -1]}}}')
    else:
        medicines = json.dumps(OXYCODONE)
        text = text.replace(kept, f'{kept[:-2]}, {{"resource": {json.dumps(NAMELESS)}}}]}}')
        text = text.replace(medicines, f'{medicines[:-1]}, "entry": []}}')
    body = json.dumps(call(draft(), sent={})).replace('"prefetch": {}', f'"prefetch": {text}')
    _refused(server, body.encode(), "$.prefetch.medications", "stands twice")


def test_an_escaped_letter_hides_nothing(server: Server) -> None:
    body = _with_second_entry(call(draft(), sent=prefetch(medications=OXYCODONE)), OXYCODONE)
    spelt = body.replace(
        b'"resourceType": "MedicationRequest", "id": "m1"', b'"resource\\u0054ype": "x", "id": "m1"'
    )
    assert spelt != body
    _refused(server, spelt, "$", "stands twice")


@pytest.mark.parametrize("word", ["stopped", "draft"])
def test_what_is_no_text_is_refused(server: Server, word: str) -> None:
    """In prefetch and among the orders."""
    body = bytes_of(call(draft(), sent=prefetch(medications=search(order(status="stopped")))))
    _refused(server, body.replace(word.encode(), b"\xff", 1), "$", "UTF-8")


def test_a_total_of_what_is_no_bundle_means_nothing(server: Server) -> None:
    odd, plain = (
        call(draft(), sent=prefetch(patient=each)) for each in (patient(total=5, entry={}), patient())
    )
    assert server.cards(odd) == server.cards(plain)


def test_a_resource_nobody_asked_for_is_read_though_its_head_is_odd(server: Server) -> None:
    """An opioid stands there, in a Bundle whose link has a wrong shape."""
    mine = search(order(), link=[{"relation": "self", "url": None}])
    (card,) = server.cards(call(draft(), sent=prefetch(mine=mine)))
    assert "pioid" in card["summary"], card["summary"]
    assert card["indicator"] != "info"
