"""Calls that are not quite right, made from a seed: keys twice, escaped letters, wrong shapes, bytes that are no text.

A call is written from pairs, not from a dict, so that a key can stand twice.
"""

from __future__ import annotations

import json
from random import Random
from typing import Any

from tests.hook_calls import call, draft, prefetch, search
from tests.records import Json, alt, condition, order, patient

_MEDICATION = {"resourceType": "Medication", "id": "x", "code": {"text": "a"}}
_USUAL = [condition(), alt(), order(), order("oxycodone", id="m2", contained=[_MEDICATION]), patient()]
_ODD: list[Json] = [
    patient(id="p2"),
    _MEDICATION,
    {"resourceType": "Bundle", "entry": [{"resource": condition()}]},
    {"resourceType": "OperationOutcome", "issue": []},
    {},
    {"id": "q"},
    {"resourceType": ""},
    {"resourceType": "List", "entry": [{"item": {"reference": "Condition/c"}}]},
    {"resourceType": "List", "entry": [{"resource": condition()}]},
    patient(link=[{"other": {"reference": "Patient/p3"}, "type": "refer"}]),
    patient(total=5, entry={}),
    {"resourceType": "Claim", "total": {"value": 3}},
    {"resourceType": "Parameters", "parameter": [{"resource": condition()}]},
    {"resourceType": "AllergyIntolerance", "substance": {"text": "x"}, "clinicalStatus": "active"},
    {"resourceType": "MedicationOrder"},
    {"resourceType": "MedicationRequest", "id": 5},
    {"resourceType": "Condition", "code": [1]},
]
_VALUES: list[Any] = [None, True, 1, -1, 5, "x", "resourceType", "Patient/p2", [], {}, [None]]
_WRITTEN = ["1e400", "3.0", '"\\ud800"', '"a\\u0000b"', "[[[[[]]]]]", "123456789012345678901234567890", "{,}"]
_KEYS = [
    "resourceType",
    "entry",
    "resource",
    "contained",
    "link",
    "total",
    "id",
    "prefetch",
    "mine",
    "relation",
]
_KEYS += ["url", "status", "code", "fullUrl", "request", "response", "patient", "context", "draftOrders"]


class _Pairs(list[list[Any]]):
    """An object: its keys and values, as they are written."""


class _Text(str):
    """JSON as it is written."""


def odd_call(seed: int) -> bytes:
    """The body of a call of order-sign, in which some things may be wrong."""
    random = Random(seed)
    lists: Json = prefetch()
    for key in [*lists, "mine"]:
        chance = random.random()
        if chance < 0.15:
            lists.pop(key, None)
        elif chance < 0.5:
            lists[key] = search(*random.choices(_USUAL, k=random.randrange(4)))
        elif chance < 0.55:
            lists[key] = random.choice(_USUAL + _ODD)
    if random.random() < 0.8:
        lists["patient"] = patient()
    body = _pairs(call(draft(), sent=lists))
    for _ in range(random.choice([0, 1, 1, 2, 3])):
        _spoil(random.choice(_parts(body)), random)
    data = _written(body, random).encode()
    if random.random() < 0.03:
        at = random.randrange(len(data))
        data = data[:at] + random.randbytes(1) + data[at + 1 :]
    return data


def _spoil(part: list[Any], random: Random) -> None:
    """Change one object or array: a key twice, another value, one more, one less."""
    chance, at = random.random(), random.randrange(len(part) + 1)
    there = part[at] if at < len(part) else None
    if not isinstance(part, _Pairs):
        part.insert(at, _value(random) if there is None or chance < 0.5 else _Pairs([["resource", there]]))
    elif there is None:
        part.append([random.choice(_KEYS), _value(random)])
    elif chance < 0.4:
        part.insert(random.randrange(len(part) + 1), [there[0], _value(random)])
    elif chance < 0.8:
        there[1] = _value(random)
    else:
        part.pop(at)


def _value(random: Random) -> Any:
    chance = random.random()
    if chance < 0.6:
        return _pairs(random.choice(_USUAL + _ODD))
    return _pairs(random.choice(_VALUES)) if chance < 0.85 else _Text(random.choice(_WRITTEN))


def _pairs(value: Any) -> Any:
    if isinstance(value, dict):
        return _Pairs([key, _pairs(each)] for key, each in value.items())
    return [_pairs(each) for each in value] if isinstance(value, list) else value


def _parts(value: Any) -> list[Any]:
    if not isinstance(value, list):
        return []
    inner = [each for _, each in value] if isinstance(value, _Pairs) else value
    return [value, *(part for each in inner for part in _parts(each))]


def _written(value: Any, random: Random) -> str:
    if isinstance(value, _Pairs):
        return "{" + ",".join(f"{_key(key, random)}:{_written(each, random)}" for key, each in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_written(each, random) for each in value) + "]"
    return str(value) if isinstance(value, _Text) else json.dumps(value)


def _key(key: str, random: Random) -> str:
    if random.random() < 0.003:
        at = random.randrange(len(key))
        return f'"{key[:at]}\\u{ord(key[at]):04x}{key[at + 1 :]}"'
    return json.dumps(key) + (" " if random.random() < 0.003 else "")
