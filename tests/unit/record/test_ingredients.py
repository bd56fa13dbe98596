from typing import Any

import pytest

import posology

from ...records import RXNORM, bundle, coded, order, patient

Json = dict[str, Any]


def _made(*ingredients: Json, **more: Any) -> Json:
    return {
        "resourceType": "Medication",
        "id": "mix",
        "code": {"text": "Compounded suspension"},
        "ingredient": list(ingredients),
        **more,
    }


def _reasons(medication: Json, contained: bool) -> set[str]:
    asked = order(medicationReference={"reference": "#mix" if contained else "Medication/mix"})
    del asked["medicationCodeableConcept"]
    record = (
        bundle(patient(), {**asked, "contained": [medication]})
        if contained
        else bundle(patient(), asked, medication)
    )
    result = posology.check(record, drug="naltrexone", use="chronic-pain", on="2026-06-30")
    return {finding.statement for finding in result.reasons} | {bad.place for bad in result.unreadable}


@pytest.mark.parametrize("contained", [True, False])
@pytest.mark.parametrize(
    "ingredient",
    [
        {"itemCodeableConcept": {"text": "morphine sulfate"}},
        {"itemCodeableConcept": coded(RXNORM, "7052", "morphine")},
        {"itemReference": {"reference": "Substance/x", "display": "Morphine"}},
    ],
)
def test_a_medicine_is_also_what_it_is_made_of(ingredient: Json, contained: bool) -> None:
    assert "opioid-taken-now" in _reasons(_made(ingredient), contained)
    assert "opioid-taken-now" in _reasons(_made(ingredient, code=None), contained)
    assert "opioid-taken-now" not in _reasons(_made({**ingredient, "isActive": False}), contained)


def test_a_contained_medication_that_cannot_be_read_is_not_taken_for_its_label() -> None:
    asked = order(medicationReference={"reference": "#mix", "display": "water"})
    del asked["medicationCodeableConcept"]
    record = bundle(patient(), {**asked, "contained": [_made(code="morphine")]})
    result = posology.check(record, drug="naltrexone", use="chronic-pain", on="2026-06-30")
    assert [bad.place for bad in result.unreadable] == ["Bundle.entry[1].contained"]
