"""Medicines that stand elsewhere: what a medicationReference points to is found, fetched, or told to be missing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fhir_stub import Stub, served
from tests.hook_calls import TABLET, Server, call, draft, in_pain, search
from tests.records import Json, coded, order, patient

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
GRANT = {"access_token": "t", "token_type": "Bearer", "expires_in": 300, "scope": "x", "subject": "y"}


def _medication(concept: Json, id: str = "m1") -> Json:
    return {"resourceType": "Medication", "id": id, "code": concept}


NALTREXONE = _medication(TABLET)
TRAMADOL = _medication(coded(RXNORM, "10689", "tramadol"), "m2")


def _pointing(reference: str | None, **more: object) -> Json:
    """A draft order that says only with a reference of what it is."""
    mine = draft(medicationReference={"reference": reference, **more})
    del mine["medicationCodeableConcept"]
    return mine


def _taking(reference: str) -> Json:
    mine = order(medicationReference={"reference": reference})
    del mine["medicationCodeableConcept"]
    return mine


@pytest.fixture
def fhir() -> Iterator[Stub]:
    stub = Stub()
    stub.holds = {"Patient": [patient()]}
    with served(stub) as running:
        yield running


def test_it_may_stand_among_the_orders_or_in_the_prefetch(server: Server) -> None:
    for body in (
        call(_pointing("Medication/m1"), NALTREXONE, sent=in_pain()),
        call(_pointing("Medication/m1"), sent=in_pain(own=search(NALTREXONE))),
        call(_pointing("Medication/m1/_history/3"), sent=in_pain(own=NALTREXONE)),
        call(_pointing("#m1") | {"contained": [NALTREXONE]}, sent=in_pain()),
    ):
        (told,) = server.cards(body)
        assert told["summary"].startswith("Naltrexone")
    changed = told.get("suggestions", [])
    assert all("medicationCodeableConcept" not in str(each) for each in changed)


@pytest.mark.parametrize("whose", ["", "{base}/"])
def test_it_is_fetched_from_the_server_of_the_call(server: Server, fhir: Stub, whose: str) -> None:
    fhir.holds["Medication"] = [NALTREXONE]
    reference = f"{whose.format(base=fhir.base)}Medication/m1"
    body = call(_pointing(reference), sent=in_pain(), fhirServer=fhir.base, fhirAuthorization=GRANT)
    (told,) = server.cards(body)
    assert told["summary"].startswith("Naltrexone")
    assert fhir.asked == [("/fhir/Medication/m1", "Bearer t")]


def test_another_medicine_that_was_fetched_says_nothing(server: Server, fhir: Stub) -> None:
    fhir.holds["Medication"] = [_medication({"text": "Amoxicillin 500 mg capsule"})]
    body = call(_pointing("Medication/m1"), fhirServer=fhir.base, fhirAuthorization=GRANT)
    assert server.cards(body) == []
    assert [path for path, _ in fhir.asked] == ["/fhir/Medication/m1"], "and no list is fetched for it"


@pytest.mark.parametrize(
    "reference",
    [
        "Medication/m1",
        "https://other.example.org/Medication/m1",
        "urn:uuid:m1",
        "Medication/../Patient",
        "Medication/.",
    ],
)
def test_an_order_of_nobody_knows_what_is_not_passed_over(server: Server, fhir: Stub, reference: str) -> None:
    if reference != "Medication/m1":
        fhir.holds["Medication"] = [NALTREXONE]  # which is not the one that is meant
    for more in ({}, {"fhirServer": fhir.base, "fhirAuthorization": GRANT}):
        answer = server.call(call(_pointing(reference), sent=in_pain(), **more))
        assert answer.status_code == 412
        assert answer.json()["pointer"] == "$.context.draftOrders.entry[0].resource"
    asked = ["/fhir/Medication/m1"] if reference == "Medication/m1" else []
    assert [path for path, _ in fhir.asked] == asked


def test_a_name_beside_the_reference_is_enough(server: Server) -> None:
    (told,) = server.cards(
        call(_pointing("Medication/m1", display="Naltrexone 50 mg tablet"), sent=in_pain())
    )
    assert told["summary"].startswith("Naltrexone")
    assert server.cards(call(_pointing("Medication/m1", display="Amoxicillin 500 mg capsule"))) == []


def test_only_selected_orders_that_are_to_be_given_have_to_say_what_they_are(server: Server) -> None:
    other = draft("Amoxicillin 500 mg capsule", id="a1")
    body = call(_pointing("Medication/m1"), other, hook="order-select", sent=in_pain())
    assert server.call(body).status_code == 412
    body["context"]["selections"] = ["MedicationRequest/a1"]
    assert server.cards(body) == []
    assert server.cards(call(_pointing("Medication/m1") | {"status": "cancelled"}, sent=in_pain())) == []


def test_what_somebody_takes_is_fetched_too(server: Server, fhir: Stub) -> None:
    taking = in_pain(medications=search(_taking("Medication/m2")))
    fhir.holds["Medication"] = [TRAMADOL]
    more = {"fhirServer": fhir.base, "fhirAuthorization": GRANT}
    (told,) = server.cards(call(draft(), sent=taking, **more))
    assert "Opioid on the current list" in told["summary"]
    assert [path for path, _ in fhir.asked] == ["/fhir/Medication/m2"]
    del taking["medications"]
    fhir.holds["MedicationRequest"] = [_taking("Medication/m2")]
    (told,) = server.cards(call(draft(), sent=taking, **more))
    assert "Opioid on the current list" in told["summary"], "also what a list points to that was fetched"


@pytest.mark.parametrize("how", ["401", "404", "html", "another"])
def test_what_cannot_be_fetched_is_unknown_and_not_absent(server: Server, fhir: Stub, how: str) -> None:
    taking = in_pain(medications=search(_taking("Medication/m2")))
    fhir.how["Medication"] = how
    fhir.holds["Medication"] = [_medication({"text": "Amoxicillin"}, "of-another-id")]
    (told,) = server.cards(call(draft(), sent=taking, fhirServer=fhir.base, fhirAuthorization=GRANT))
    assert "cannot tell" in told["summary"]
    assert "points to a Medication" in told["detail"]


def test_not_more_are_fetched_than_a_moment_allows(server: Server, fhir: Stub) -> None:
    taking = in_pain(
        medications=search(*(_taking(f"Medication/x{number}") | {"id": f"r{number}"} for number in range(80)))
    )
    server.cards(call(draft(), sent=taking, fhirServer=fhir.base, fhirAuthorization=GRANT))
    assert len(fhir.asked) == 50


# --- what says nothing, or says it elsewhere in the order -----------------------------------------


def test_a_contained_medication_may_say_its_ingredient_only(server: Server) -> None:
    """As in any record: Medication.ingredient tells what it is where there is no code."""
    inner = {
        "resourceType": "Medication",
        "id": "m1",
        "ingredient": [{"itemCodeableConcept": {"text": "naltrexone"}}],
    }
    (told,) = server.cards(call(_pointing("#m1") | {"contained": [inner]}, sent=in_pain()))
    assert told["summary"].startswith("Naltrexone")


NOTHING_SAID: dict[str, Json] = {
    "neither": {},
    "an empty concept": {"medicationCodeableConcept": {}},
    "a wrong shape": {"medicationCodeableConcept": {"coding": "naltrexone"}},
    "contained, and not there": {"medicationReference": {"reference": "#m9"}},
}


@pytest.mark.parametrize("how", NOTHING_SAID)
def test_an_order_that_does_not_say_of_what_is_not_passed_over(server: Server, how: str) -> None:
    """Alone it is refused; beside another it may be anything, an opioid too."""
    silent = draft(id="s1")
    del silent["medicationCodeableConcept"]
    silent |= NOTHING_SAID[how]
    answer = server.call(call(silent, sent=in_pain()))
    assert answer.status_code == 412
    assert answer.json()["pointer"] == "$.context.draftOrders.entry[0].resource"
    assert server.cards(call(silent | {"status": "cancelled"}, sent=in_pain())) == []
    known = in_pain(medications=search(order("Lisinopril 10 mg")))
    (alone,), (beside,) = (
        server.cards(call(*orders, sent=known)) for orders in ([draft()], [draft(), silent])
    )
    assert "Opioid on the current list" not in alone["summary"]
    assert beside["summary"].endswith("cannot tell without knowing: Opioid on the current list")
    assert "MedicationRequest/s1" in beside["detail"]


def test_an_order_of_fhir_r5_is_not_passed_over(server: Server) -> None:
    later = draft(id="s1", medication={"concept": {"text": "naltrexone 50 mg"}})
    del later["medicationCodeableConcept"]
    assert server.call(call(later, sent=in_pain())).status_code == 412
    assert "FHIR R5" in server.call(call(draft(), later, sent=in_pain())).json()["detail"]


@pytest.mark.parametrize(
    "whose", ["urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a", "#me", "Patient/p1", "patient/p1"]
)
def test_an_order_of_the_patient_of_the_call_is_theirs_whatever_it_calls_them(
    server: Server, whose: str
) -> None:
    taking = in_pain(medications=search(order("Naltrexone 50 mg tablet", id="ntx")))
    mine = draft("oxycodone hydrochloride 5 MG Oral Tablet", id="o1", subject={"reference": whose})
    (told,) = server.cards(call(mine, sent=taking))
    assert "Opioid on the current list" in told["summary"]
