"""Texts of a record may be a megabyte long; going through one takes seconds, not minutes."""

import json
import time

import pytest

import posology

from ...records import bundle, condition, order, patient

LONG = 1_000_000


@pytest.mark.parametrize("word", ["depression ", "no chronic pain ", "low ", "morphine ", "a b ", "x"])
def test_a_long_name_is_read_in_time(word: str) -> None:
    text = word * (LONG // len(word))
    record = json.dumps(bundle(patient(), condition("1", text), order(text))).encode()
    begun = time.perf_counter()
    posology.check(record, drug="naltrexone", use="chronic-pain", on="2026-11-22")
    assert time.perf_counter() - begun < 20


def test_a_long_code_and_a_long_unit_are_read_in_time() -> None:
    code = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F" * LONG}]}
    weighed = {"value": 30, "unit": "m." * LONG, "code": "m." * LONG}
    result = {
        "resourceType": "Observation",
        "status": "final",
        "effectiveDateTime": "2026-11-20",
        "code": {"coding": [{"system": "http://loinc.org", "code": "1742-6"}]},
        "valueQuantity": weighed,
    }
    record = json.dumps(bundle(patient(), {"resourceType": "Condition", "code": code}, result)).encode()
    begun = time.perf_counter()
    posology.check(record, drug="naltrexone", use="chronic-pain", on="2026-11-22")
    assert time.perf_counter() - begun < 20
