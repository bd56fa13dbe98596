"""MEASUREMENT: an Observation with a number, a coded result, a text, or no value at all.

A number comes before a coded result, and that before the source value, which is text. An operator that is
not known makes the number unreadable rather than exact. The unit is the UCUM code of `unit_concept_id`, else
`unit_source_value`.
"""

from __future__ import annotations

from typing import Any

from .cells import Row, decimal, moment, whole, words
from .terms import Coded, Terms
from .vocabularies import uri

COLUMNS = (
    "measurement_id",
    "person_id",
    "measurement_concept_id",
    "measurement_date",
    "measurement_datetime",
    "operator_concept_id",
    "value_as_number",
    "value_as_concept_id",
    "unit_concept_id",
    "range_low",
    "range_high",
    "measurement_source_value",
    "measurement_source_concept_id",
    "unit_source_value",
    "value_source_value",
)
CONCEPTS = (2, 7, 8, 12)
_SIGNS = {4171756: "<", 4171754: "<=", 4172703: "", 4172704: ">", 4171755: ">="}
"""`operator_concept_id` (vocabulary Meas Value Operator)."""


def resource(row: Row, terms: Terms, codes: str = "") -> dict[str, Any]:
    """An Observation."""
    (
        key,
        person,
        concept,
        on,
        at,
        operator,
        number,
        answer,
        unit,
        low,
        high,
        value,
        source,
        unit_text,
        said,
    ) = row
    made = observation(
        terms.coded(concept, source, value, codes),
        "measurement",
        key,
        person,
        moment("measurement_date", on, at),
    )
    quantity = amount(decimal("value_as_number", number), operator, unit, unit_text, terms)
    if quantity:
        made["valueQuantity"] = quantity
        limits = _limits(decimal("range_low", low), decimal("range_high", high), quantity)
        if limits:
            made["referenceRange"] = [limits]
    elif (result := result_of(answer, terms)) is not None:
        made["valueCodeableConcept"] = result.json
    elif said := words(said):
        made["valueString"] = said
    return made


def observation(
    coded: Coded, table: str, key: str | None, person: str | None, when: str | None
) -> dict[str, Any]:
    """A final Observation without a value."""
    made: dict[str, Any] = {
        "resourceType": "Observation",
        "id": f"{table}-{key}" if key else None,
        "status": "final",
        "code": coded.json,
        "subject": {"reference": f"Patient/{person}"},
    }
    if when:
        made["effectiveDateTime"] = when
    return made


def amount(
    number: float | None, operator: str | None, unit: str | None, unit_text: str | None, terms: Terms
) -> dict[str, Any] | None:
    """A Quantity; None without a number."""
    if number is None:
        return None
    made: dict[str, Any] = {"value": number}
    sign = whole("operator_concept_id", operator)
    if sign and (comparator := _SIGNS.get(sign, "?")):
        made["comparator"] = comparator
    known = terms.concept(unit)
    if known is not None and known.vocabulary == "UCUM":
        made["unit"], made["system"], made["code"] = known.code, uri("UCUM"), known.code
    elif text := words(unit_text):
        made["unit"] = text
    return made


def result_of(answer: str | None, terms: Terms) -> Coded | None:
    """A coded result; None for 0 and NULL."""
    if not whole("value_as_concept_id", answer):
        return None
    return terms.coded(answer)


def _limits(low: float | None, high: float | None, quantity: dict[str, Any]) -> dict[str, Any]:
    """A reference range in the unit of the result. A range of 0 to 0 is how some exports write none."""
    if not high and not low:
        return {}
    unit = {key: quantity[key] for key in ("unit", "system", "code") if key in quantity}
    made: dict[str, Any] = {}
    if low is not None:
        made["low"] = {"value": low, **unit}
    if high is not None:
        made["high"] = {"value": high, **unit}
    return made
