"""What the properties and the fuzz have found, each as the smallest record that showed it."""

from __future__ import annotations

import pytest

from posology.errors import InputError, RecordError
from tests.records import alt, bundle, condition, order, patient, result

from . import dates, knowledge
from .oracle import CANNOT_TELL, Json, ask, bytes_of, rank

ON = dates.DAYS[0]
PAIN = next(each for each in knowledge.questions("naltrexone") if each.use == "chronic-pain")


def verdict(*resources: Json) -> str:
    return ask(bundle(patient(), *resources), PAIN, ON).verdict


def supply(value: float, unit: str) -> Json:
    return order(dispenseRequest={"expectedSupplyDuration": {"value": value, "unit": unit}})


def by_reference(reference: str, **more: object) -> Json:
    made = order(medicationReference={"reference": reference}, **more)
    del made["medicationCodeableConcept"]
    return made


def test_an_endless_supply() -> None:
    assert verdict(supply(1e308, "mo")) == "not-now"


@pytest.mark.parametrize("kind", [5, None, {}, "collection"])
def test_a_bundle_type_of_the_wrong_shape(kind: object) -> None:
    whole = bundle(patient(), order()) | {"type": kind}
    assert ask(whole, PAIN, ON).verdict == "not-now"


def test_bytes_that_are_not_utf_8() -> None:
    with pytest.raises(InputError, match="UTF-8"):
        ask(b'{"resourceType": "Patient", "id": "\xff"}', PAIN, ON)
    with pytest.raises(InputError, match="UTF-8"):
        ask(bytes_of(bundle(patient())).decode().encode("utf-16"), PAIN, ON)


def test_a_full_url_of_the_wrong_shape_hides_no_person() -> None:
    whole = bundle(patient(), order())
    whole["entry"][0]["fullUrl"] = 5
    assert ask(whole, PAIN, ON).verdict == "not-now"


@pytest.mark.parametrize("wrong", [{"gender": 5}, {"birthDate": 1980}, {"deceasedBoolean": "yes"}])
def test_one_bad_element_of_the_patient_makes_nobody_a_stranger(wrong: Json) -> None:
    answer = ask(bundle(patient(**wrong), order()), PAIN, ON)
    assert answer.verdict == "not-now"
    assert answer.set_aside == ()


def test_a_versioned_reference_is_the_same_person_and_the_same_medicine() -> None:
    assert verdict(order(subject={"reference": "Patient/p1/_history/2"})) == "not-now"
    made = {"resourceType": "Medication", "id": "x", "code": {"text": "oxycodone 5 MG Oral Tablet"}}
    assert verdict(by_reference("Medication/x/_history/1"), made) == "not-now"


def test_two_medications_of_one_id_that_differ_name_no_medicine() -> None:
    made = [
        {"resourceType": "Medication", "id": "x", "code": {"text": name}}
        for name in ("oxycodone", "cetirizine")
    ]
    assert verdict(by_reference("Medication/x"), *made) == verdict(by_reference("Medication/x"), *made[::-1])
    assert len(ask(bundle(patient(), by_reference("Medication/x"), *made), PAIN, ON).unreadable) == 1


@pytest.mark.parametrize("contained", [5, "x", [], {"id": 1}])
def test_a_contained_resource_of_the_wrong_shape(contained: object) -> None:
    assert verdict(by_reference("#x", contained=[contained])) == "cannot-tell"


def test_a_bundle_in_a_bundle_is_read() -> None:
    inner = bundle(patient(), order())
    answer = ask(bundle(inner), PAIN, ON)
    assert (answer.verdict, answer.counts["read"]) == ("not-now", 2)


def test_the_same_resource_in_two_versions_needs_no_order() -> None:
    two = [alt(20, id="o"), alt(900, id="o")]
    assert (
        ask(bundle(patient(), *two), PAIN, ON).to_dict()
        == ask(bundle(patient(), *two[::-1]), PAIN, ON).to_dict()
    )


def test_a_medicine_by_reference_that_does_not_count_keeps_its_name() -> None:
    made = {"resourceType": "Medication", "id": "x", "code": {"text": "oxycodone"}}
    answer = ask(bundle(patient(), by_reference("Medication/x", doNotPerform=True), made), PAIN, ON)
    assert [each.title for each in answer.set_aside] == ["oxycodone"]


POSITIVE: Json = {
    "valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": "10828004"}]}
}


@pytest.mark.parametrize(
    "lost",
    [
        {"id": "x"},
        {"resourceType": "", "id": "x"},
        {"resourceType": "MedicationRequestX", "id": "x"},
        {"resourceType": "Observation", "id": "x", "status": "final", **POSITIVE},
        {"resourceType": "Procedure", "id": "x", "status": "completed"},
        {
            "resourceType": "ServiceRequest",
            "id": "x",
            "status": "active",
            "intent": "order",
            "occurrenceDateTime": "2026-07-03",
        },
    ],
    ids=str,
)
def test_an_entry_that_does_not_say_what_it_is_about_is_unreadable(lost: Json) -> None:
    answer = ask(bundle(patient(), lost), PAIN, ON)
    assert answer.counts["unreadable"] == 1
    assert any("x cannot be read" in gap.why or "entry cannot be read" in gap.why for gap in answer.missing)


def test_a_result_that_lost_its_value_does_not_leave_an_earlier_one_standing() -> None:
    old = result("72479-8", "PHQ-9", 3, "{score}", "2026-06-01")
    lost = alt(id="lost", effectiveDateTime="2026-06-25")
    del lost["valueQuantity"]
    answer = ask(bundle(patient(), old, alt(20, id="old"), lost), PAIN, ON)
    assert rank(answer) >= CANNOT_TELL
    assert any("no value" in gap.why for gap in answer.missing)
    assert [each.reason for each in answer.set_aside] == ["no value"]


def test_a_question_that_only_asks_for_data_tells_what_the_data_could_lead_to() -> None:
    """PHQ-9 item 9 is only asked for; one point of it would stop the drug all the same."""
    answer = ask(bundle(patient(), condition(), order("cetirizine")), PAIN, ON)
    gap = next(each for each in answer.missing if each.what.startswith("PHQ-9 item 9"))
    assert gap.if_so == "not-now"


def test_another_version_of_fhir_is_refused() -> None:
    with pytest.raises(RecordError, match="DSTU2"):
        ask(bundle(patient(), {"resourceType": "MedicationOrder", "id": "x"}), PAIN, ON)
