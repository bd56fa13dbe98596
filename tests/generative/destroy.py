"""Ways to destroy an entry so that what it said can no longer be read. It stays in the record."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from .oracle import Json

NAMES = ("code", "medicationCodeableConcept", "medicationReference", "serviceType")
DATES = (
    "recordedDate",
    "onsetDateTime",
    "authoredOn",
    "effectiveDateTime",
    "issued",
    "performedDateTime",
    "whenHandedOver",
    "dateAsserted",
    "authored",
    "occurrenceDateTime",
    "abatementDateTime",
    "birthDate",
)
PERIODS = ("onsetPeriod", "effectivePeriod", "performedPeriod", "occurrencePeriod", "abatementPeriod")


def _each(keys: tuple[str, ...], value: Any) -> Callable[[Json], Json | None]:
    """Set every one of these keys that is there; None if none is."""

    def destroyed(entry: Json) -> Json | None:
        there = [key for key in keys if key in entry]
        return entry | dict.fromkeys(there, value) if there else None

    return destroyed


def _unnamed(entry: Json) -> Json | None:
    there = [key for key in NAMES if key in entry]
    return {key: value for key, value in entry.items() if key not in there} if there else None


def _result(entry: Json) -> tuple[Json, Json] | None:
    """A copy of an Observation and the part of it that holds the value."""
    entry = deepcopy(entry)
    part = entry["component"][0] if entry.get("component") else entry
    has = entry["resourceType"] == "Observation" and any(key.startswith("value") for key in part)
    return (entry, part) if has else None


def _value(change: Callable[[Json, str], Any]) -> Callable[[Json], Json | None]:
    def destroyed(entry: Json) -> Json | None:
        found = _result(entry)
        if found is None:
            return None
        whole, part = found
        for key in [key for key in part if key.startswith("value")]:
            change(part, key)
        part.pop("interpretation", None)
        return whole

    return destroyed


def _quantity(change: Callable[[Json], Any]) -> Callable[[Json], Json | None]:
    def destroyed(entry: Json) -> Json | None:
        found = _result(entry)
        if found is None or not isinstance(found[1].get("valueQuantity"), dict):
            return None
        change(found[1]["valueQuantity"])
        return found[0]

    return destroyed


def _number_as_text(quantity: Json) -> None:
    quantity["value"] = str(quantity.get("value"))


DESTROY: dict[str, Callable[[Json], Any]] = {
    "no name": _unnamed,
    "the name is a number": _each(NAMES, 7),
    "the name is a text": _each(NAMES, "see chart"),
    "the name is empty": _each(NAMES[:2], {}),
    "codings of the wrong shape": _each(NAMES[:2], {"coding": {"code": "1"}}),
    "a code that is a number": _each(NAMES[:2], {"coding": [{"code": 1}]}),
    "a reference that dangles": lambda entry: (
        None
        if "medicationCodeableConcept" not in entry
        else {key: value for key, value in entry.items() if key != "medicationCodeableConcept"}
        | {"medicationReference": {"reference": "Medication/gone"}}
    ),
    "a day that does not exist": _each(DATES, "2026-02-30"),
    "a date in words": _each(DATES, "last week"),
    "a date that is a number": _each(DATES, 20260620),
    "a period that is a text": _each(PERIODS, "in May"),
    "a status that is a number": _each(("status",), 1),
    "a clinical status that is a number": _each(("clinicalStatus",), 1),
    "a subject that is a text": _each(("subject", "patient"), "me"),
    "no resourceType": lambda entry: {key: value for key, value in entry.items() if key != "resourceType"},
    "a resourceType that is a number": lambda entry: entry | {"resourceType": 5},
    "a resourceType that does not exist": lambda entry: entry | {"resourceType": entry["resourceType"] + "X"},
    "a resourceType in lower case": lambda entry: entry | {"resourceType": entry["resourceType"].lower()},
    "the whole entry is a text": lambda entry: "oxycodone",
    "the whole entry is a number": lambda entry: 5,
    "the whole entry is an array": lambda entry: [entry],
    "the whole entry is empty": lambda entry: {},
    "no value": _value(lambda part, key: part.pop(key)),
    "a value of the wrong shape": _value(lambda part, key: part.update({key: [1]})),
    "a value in words that mean nothing": _value(
        lambda part, key: (part.pop(key), part.update({"valueString": "xyzzy"}))
    ),
    "a value of another kind": _value(lambda part, key: (part.pop(key), part.update({"valueRange": {}}))),
    "a quantity without a number": _quantity(lambda quantity: quantity.pop("value", None)),
    "a number as text": _quantity(_number_as_text),
    "a unit nobody knows": _quantity(lambda quantity: quantity.update(unit="furlong", code="furlong")),
    "an impossible value": _quantity(lambda quantity: quantity.update(value=1e30)),
}
"""Each makes a destroyed copy of an entry, or None where it does not apply."""
