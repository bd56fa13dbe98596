"""Structural mutations of JSON: what a wrong export, a bug or an attacker might make of a record."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Place = tuple[Any, Any]
"""A container and the key or number of an item in it."""
WORDS = (
    "",
    " ",
    "NaN",
    "Infinity",
    "-1e999",
    "null",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
    "10000-01-01",
    "2026-13",
    "2026-06-30T25:61:61Z",
    "2026-06-30T10:00:00+99:99",
    "0001-01-01T00:00:00+14:00",
    "١٢٣٤-٠١-٠١",
    "\u202e",
    "\ud7ff",
    "<b>",
    "{{7*7}}",
    "%s%n",
    "../../etc/passwd",
    "a" * 5000,
    "\x00",
    "Patient/other",
    "#",
    "#x",
    "urn:uuid:",
    "/",
)
NUMBERS = (0, -1, 1, 2**31, 2**63, 2**64, -(2**63), 10**30, 1e308, -1e308, 5e-324, 1e-7, 0.1, 1.5, 10**400)
BAGS: tuple[Any, ...] = (
    None,
    True,
    False,
    [],
    {},
    [[]],
    [None],
    {"a": {"b": [1, "x", None]}},
    [{}],
    {"": ""},
    "text",
)
TYPES = (
    "Condition",
    "Observation",
    "MedicationRequest",
    "Patient",
    "Bundle",
    "Medication",
    "Foo",
    "",
    "condition",
    "QuestionnaireResponse",
    "Appointment",
    "ServiceRequest",
    "FamilyMemberHistory",
    "MedicationAdministration",
)


def places(value: Any, most: int = 4000) -> list[Place]:
    """Where each item of a JSON value stands."""
    found: list[Place] = []
    queue = [value]
    while queue and len(found) < most:
        here = queue.pop()
        keys = list(here) if isinstance(here, dict) else range(len(here)) if isinstance(here, list) else ()
        for key in keys:
            found.append((here, key))
            queue.append(here[key])
    return found


def _delete(chance: random.Random, place: Place, root: Any) -> None:
    del place[0][place[1]]


def _rename(chance: random.Random, place: Place, root: Any) -> None:
    if isinstance(place[0], dict):
        place[0][chance.choice([str(place[1]).upper(), f"_{place[1]}", "code", "value", "x", "id"])] = place[
            0
        ].pop(place[1])


def _word(chance: random.Random, place: Place, root: Any) -> None:
    place[0][place[1]] = chance.choice(WORDS)


def _number(chance: random.Random, place: Place, root: Any) -> None:
    place[0][place[1]] = chance.choice(NUMBERS)


def _bag(chance: random.Random, place: Place, root: Any) -> None:
    place[0][place[1]] = json.loads(json.dumps(chance.choice(BAGS)))


def _truncate(chance: random.Random, place: Place, root: Any) -> None:
    text = place[0][place[1]]
    if isinstance(text, str):
        place[0][place[1]] = text[: chance.randrange(len(text) + 1)]


def _swap(chance: random.Random, place: Place, root: Any) -> None:
    other = chance.choice(places(root))
    there = json.dumps(other[0][other[1]])
    place[0][place[1]] = json.loads(there)


def _wrap(chance: random.Random, place: Place, root: Any) -> None:
    value = place[0][place[1]]
    place[0][place[1]] = [value] if chance.random() < 0.5 else {"value": value}


def _deep(chance: random.Random, place: Place, root: Any) -> None:
    value: Any = place[0][place[1]]
    for _ in range(chance.choice((5, 60, 300))):
        value = {"item": [value]} if chance.random() < 0.5 else [value]
    place[0][place[1]] = value


def _type(chance: random.Random, place: Place, root: Any) -> None:
    if isinstance(place[0], dict) and "resourceType" in place[0]:
        place[0]["resourceType"] = chance.choice(TYPES)
    elif isinstance(root, dict):
        root["resourceType"] = chance.choice(TYPES)


def _same_id(chance: random.Random, place: Place, root: Any) -> None:
    if isinstance(root, dict):
        root["id"] = chance.choice(("same", "p1", "", None, 7))


def _contained(chance: random.Random, place: Place, root: Any) -> None:
    if isinstance(root, dict):
        root.pop("medicationCodeableConcept", None)
        root["contained"] = [
            chance.choice([5, "x", {}, {"id": 1}, {"id": "x", "resourceType": "Medication"}, [[]]])
        ]
        root["medicationReference"] = {"reference": "#x"}


MUTATIONS: tuple[Callable[[random.Random, Place, Any], None], ...] = (
    _delete,
    _rename,
    _word,
    _number,
    _bag,
    _truncate,
    _swap,
    _wrap,
    _deep,
    _type,
    _same_id,
    _contained,
)


def mutated(resource: Any, chance: random.Random, times: int) -> bytes:
    """The JSON of a resource after so many mutations."""
    text = json.dumps(resource)
    root = json.loads(text)
    try:
        for _ in range(times):
            found = places(root)
            if not found:
                break
            chance.choice(MUTATIONS)(chance, chance.choice(found), root)
            text = json.dumps(root)
    except RecursionError:
        pass  # deeper than Python's own encoder can write: what was written before stands
    if chance.random() < 0.1:
        text = chance.choice(
            [
                text.replace(":", ": ", 1),
                text.replace('"', "'", 2),
                text[:-1],
                text + "]",
                text * 2,
                text.replace("null", "NaN"),
                f"[{text}]",
                '"\\ud800"',
                "1e999",
                "[" * 3000,
            ]
        )
    return text.encode("utf-8", "surrogatepass")
