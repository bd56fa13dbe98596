"""What the result of an observation says: a number with its unit, or yes or no, or why it cannot be used."""

from __future__ import annotations

import re

from msgspec.structs import replace

from .fhir_types import CodeableConcept, Coding, Component, Quantity, ReferenceRange
from .model import Value

# Qualifier values of SNOMED CT and LOINC answer lists, and the interpretation codes of HL7 v3.
_POSITIVE = {
    "10828004",
    "260373001",
    "52101004",
    "373066001",
    "77386006",
    "11214006",
    "LA6576-8",
    "LA9633-4",
    "LA33-6",
    "LA15173-0",
    "POS",
    "DET",
    "A",
    "AA",
    "RR",
    "WR",
}
_NEGATIVE = {
    "260385009",
    "260415000",
    "2667000",
    "373067005",
    "60001007",
    "131194007",
    "LA6577-6",
    "LA9634-2",
    "LA32-8",
    "LA26683-5",
    "NEG",
    "ND",
    "N",
    "NR",
}
_SAYS_NO = re.compile(
    r"\b(?:no (?:\w+ ){1,3}(?:detected|present|seen|found)|"
    r"not? (?:detected|present|reactive|pregnant|breast\s?feeding|lactating|seen|found)|none detected|negative|"
    r"absent|non-?reactive|non-?pregnant|undetected|neg|no)\b"
)
_SAYS_YES = re.compile(
    r"\b(?:positive|detected|present|reactive|pregnant|breast\s?feeding|lactating|pos|yes)\b"
)
_NUMBER = re.compile(r"[<>]?=?\s*-?\d+(?:[.,]\d+)?(?:\s*[^\d\s]\S*)?")
ANSWER_SCORES = {"LA6568-5": 0, "LA6569-3": 1, "LA6570-1": 2, "LA6571-9": 3}
"""LOINC answer list of the PHQ items: not at all, several days, more than half the days, nearly every day."""


def meaning_of(text: str) -> str:
    """``positive``, ``negative`` or empty, from words; empty too where a text says both."""
    rest, denied = _SAYS_NO.subn(" ", text.lower())
    said = bool(_SAYS_YES.search(rest))
    if denied:
        return "" if said else "negative"
    return "positive" if said else ""


def _coded(concept: CodeableConcept) -> tuple[str, float | None, str]:
    text = concept.text or next((coding.display for coding in concept.coding if coding.display), "") or ""
    said = {meaning_of(concept.text or "")}
    for coding in concept.coding:
        if coding.code in ANSWER_SCORES:
            return "", float(ANSWER_SCORES[coding.code]), text
        # The short codes mean something else in a laboratory's own list: N may be "not enough".
        known = (coding.code or "") if len(coding.code or "") > 3 or _is_hl7(coding.system) else ""
        coded = "positive" if known in _POSITIVE else "negative" if known in _NEGATIVE else ""
        said.add(coded or meaning_of(coding.display or ""))
        text = text or coding.code or ""
    said.discard("")
    # Code and words that disagree, or two codes: nobody knows which one is meant.
    return (said.pop() if len(said) == 1 else ""), None, text


def _is_hl7(system: str | None) -> bool:
    return not system or "hl7.org/" in system or system.startswith("urn:oid:2.16.840.1.113883.5.83")


def from_coding(coding: Coding) -> Value:
    """The value of a coded answer."""
    return _from_concept(CodeableConcept([coding]))


def _from_concept(concept: CodeableConcept) -> Value:
    meaning, score, text = _coded(concept)
    if score is not None:
        return Value(score, score, text=text)
    if not meaning:
        return Value(text=text, problem="a coded result whose meaning is not known")
    return Value(meaning=meaning, text=text)


def from_quantity(quantity: Quantity) -> Value:
    """A number, or the interval that a comparator makes of it."""
    number, unit = quantity.value, quantity.code or quantity.unit or ""
    if number is None:
        return Value(problem="a quantity without a number")
    shown = f"{quantity.comparator or ''}{number:g} {quantity.unit or quantity.code or ''}".strip()
    sign = quantity.comparator or ""
    if sign in ("<", "<="):
        return Value(float("-inf"), number, False, sign == "<", unit, text=shown)
    if sign in (">", ">="):
        return Value(number, float("inf"), sign == ">", False, unit, text=shown)
    if sign:
        return Value(text=shown, problem=f"a result with the sign '{sign[:5]}', which is not known")
    return Value(number, number, unit=unit, text=shown)


def _upper(ranges: list[ReferenceRange]) -> Quantity | None:
    for candidate in ranges:
        kinds = {coding.code for coding in candidate.type.coding} if candidate.type else set()
        if candidate.high and candidate.high.value is not None and (not kinds or "normal" in kinds):
            return candidate.high
    return None


def value_of(result: Component) -> Value | None:
    """The value of an Observation or of one of its components; None when it has none at all."""
    value: Value | None = None
    if result.valueQuantity is not None:
        value = from_quantity(result.valueQuantity)
    elif result.valueCodeableConcept is not None:
        value = _from_concept(result.valueCodeableConcept)
    elif result.valueBoolean is not None:
        value = Value(
            meaning="positive" if result.valueBoolean else "negative",
            text="yes" if result.valueBoolean else "no",
        )
    elif result.valueInteger is not None:
        value = Value(float(result.valueInteger), float(result.valueInteger), text=str(result.valueInteger))
    elif result.valueString is not None:
        value = _from_text(result.valueString)
    elif result.valueRange or result.valueRatio or result.valueSampledData:
        value = Value(problem="a range, a ratio or a series, which is not read")
    if result.interpretation and (value is None or (not value.numeric and not value.meaning)):
        meaning, _, text = _coded(result.interpretation[0])
        if meaning:
            value = Value(meaning=meaning, text=text)
    if value is not None and value.numeric and result.referenceRange:
        high = _upper(result.referenceRange)
        if high is not None:
            value = replace(value, range_high=high.value, range_unit=high.code or high.unit or value.unit)
    return value


def _from_text(text: str) -> Value:
    if _NUMBER.fullmatch(text.strip()):
        return Value(text=text, problem="a number written as text")
    meaning = meaning_of(text)
    return Value(meaning=meaning, text=text, problem="" if meaning else "a text whose meaning is not known")
