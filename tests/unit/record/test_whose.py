from typing import Any

import pytest

import posology
from posology.check.result import Result

from ...records import bundle, order, patient


def _check(*resources: dict[str, Any]) -> Result:
    return posology.check(bundle(*resources), drug="naltrexone", use="chronic-pain", on="2026-06-30")


@pytest.mark.parametrize("reference", ["#p", "Patient/", "Patient", "urn:uuid:", "p2"])
def test_a_subject_that_cannot_be_followed_leaves_the_entry_open(reference: str) -> None:
    result = _check(patient(), order(subject={"reference": reference}))
    assert [bad.ref for bad in result.unreadable] == ["MedicationRequest/m1"]


def test_where_the_patient_has_no_id_nobody_knows_whose_an_entry_is() -> None:
    nameless = patient()
    del nameless["id"]
    result = _check(nameless, order())
    assert [bad.ref for bad in result.unreadable] == ["MedicationRequest/m1"]
    assert _check(nameless, order(subject=None)).verdict == "not-now"


@pytest.mark.parametrize(
    "reference", ["Patient/p1", "Patient/p1/_history/3", "https://x.test/fhir/Patient/p1", "urn:uuid:p1"]
)
def test_the_patients_own(reference: str) -> None:
    assert _check(patient(), order(subject={"reference": reference})).verdict == "not-now"


@pytest.mark.parametrize("reference", ["Patient/p2", "Group/g", "urn:uuid:p2"])
def test_somebody_elses(reference: str) -> None:
    assert [aside.ref for aside in _check(patient(), order(subject={"reference": reference})).set_aside]
