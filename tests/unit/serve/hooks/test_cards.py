"""What cards say, when they say nothing, and what they offer to do."""

from __future__ import annotations

import itertools
import re
from datetime import date
from typing import Any

import pytest
from fhir.resources.R4B.medicationrequest import MedicationRequest

from posology import api
from posology.check.judge import Judgement
from posology.check.verdict import CAREFUL, NAMES, RANKS
from posology.serve.hooks import override_reasons
from tests.hook_calls import EVERYTHING, Server, call, draft, in_pain, prefetch, search
from tests.records import Json, alt, coded, condition, order, patient, result

OXYCODONE = "oxycodone hydrochloride 5 MG Oral Tablet"
LOINC_AST, LOINC_EGFR = "1920-8", "98979-8"


# --- quiet ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
@pytest.mark.parametrize(
    "name", ["Amoxicillin 500 mg capsule", "Metformin 850 mg tablet", "Lisinopril 10 mg", "Naltima 5 mg"]
)
def test_other_medicines_say_nothing_and_need_nothing(server: Server, hook: str, name: str) -> None:
    assert server.cards(call(draft(name), hook=hook)) == []


def test_an_opioid_for_somebody_who_does_not_take_the_drug_says_nothing(server: Server) -> None:
    assert (
        server.cards(call(draft(OXYCODONE), sent=in_pain(medications=search(order("Lisinopril 10 mg")))))
        == []
    )


def test_opening_a_record_says_nothing_unless_a_drug_that_is_taken_must_stop(server: Server) -> None:
    taking = order("Naltrexone 50 mg tablet", id="ntx")
    for medicines in ([order()], [taking], [order("Lisinopril 10 mg")]):
        body = call(hook="patient-view", sent=in_pain(medications=search(*medicines)))
        assert server.cards(body) == []
    (told,) = server.cards(call(hook="patient-view", sent=in_pain(medications=search(taking, order()))))
    assert told["indicator"] == "critical"
    assert "hold" in told["summary"]
    assert "suggestions" not in told


def test_orders_that_are_being_stopped_say_nothing(server: Server) -> None:
    for status in ("stopped", "cancelled", "completed", "entered-in-error"):
        assert server.cards(call(draft(status=status), sent=in_pain())) == []
    assert server.cards(call(draft(doNotPerform=True), sent=in_pain())) == []


def test_only_selected_orders_are_spoken_of(server: Server) -> None:
    body = call(draft(), draft("Amoxicillin 500 mg capsule", id="a1"), hook="order-select", sent=in_pain())
    assert server.cards(body)
    body["context"]["selections"] = ["MedicationRequest/a1"]
    assert server.cards(body) == []
    body["context"]["selections"] = ["MedicationRequest/of-nobody"]
    assert server.cards(body), "a selection that names nothing hides nothing"


def test_nothing_against_it_says_nothing(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were all statements not met, no card would stand: the verdict decides, not that the drug was recognised."""
    engine = server.app.state.engine
    real = engine.judge

    def quiet(*asked: Any) -> Judgement:
        judged = real(*asked)
        return type(judged)(
            judged.patient, judged.stage, 0, (), True, (), (), (), judged.set_aside, (), judged.counts
        )

    monkeypatch.setattr(engine, "judge", quiet)
    assert server.cards(call(draft(), sent=in_pain())) == []


# --- which question -------------------------------------------------------------------------------


def test_the_reason_of_the_order_decides_the_use(server: Server) -> None:
    for reason in (
        {"reasonCode": [coded("http://snomed.info/sct", "7200002", "Alcoholism")]},
        {"reasonReference": [{"reference": "Condition/c-7200002"}]},
    ):
        sent = in_pain(conditions=search(condition(), condition("7200002", "Alcoholism")))
        (told,) = server.cards(call(draft(**reason), sent=sent))
        assert "alcohol use disorder" in told["detail"]
        assert "By use" not in told["detail"]


def test_without_a_reason_the_record_decides_and_else_all_uses_are_asked(server: Server) -> None:
    (told,) = server.cards(call(draft(), sent=in_pain()))
    assert "By use (the order does not say what it is for)" in told["detail"]
    assert "fibromyalgia" in told["detail"]
    assert "alcohol use disorder" not in told["detail"]
    (told,) = server.cards(call(draft(), sent=prefetch()))
    assert "alcohol use disorder" in told["detail"]


def test_the_product_is_told_by_code_brand_or_form(server: Server) -> None:
    for name, product in (
        ("Vivitrol", "xr-injection"),
        ("naltrexone 4.5 mg capsule", "low-dose"),
        ("Naltrexone hydrochloride 50 mg tablet", "tablet"),
    ):
        (told,) = server.cards(call(draft(name), sent=prefetch()))
        assert f", {product}." in told["detail"], name


def test_a_combination_is_asked_about_for_its_own_use(server: Server) -> None:
    (told,) = server.cards(call(draft("Contrave extended-release tablet"), sent=prefetch()))
    assert "chronic weight management" in told["detail"]


# --- the other side -------------------------------------------------------------------------------


def test_an_opioid_for_somebody_who_takes_the_drug(server: Server) -> None:
    taking = order("Naltrexone 50 mg tablet", id="ntx")
    (told,) = server.cards(call(draft(OXYCODONE, id="o1"), sent=in_pain(medications=search(taking))))
    assert told["indicator"] == "critical"
    assert told["summary"].startswith("Ordered for somebody who takes naltrexone")
    (offered,) = told["suggestions"]
    assert offered["actions"][0]["resourceId"] == "MedicationRequest/o1"
    record = told["detail"].partition("**What the record has of naltrexone**")[2].strip().splitlines()[0]
    assert "Naltrexone 50 mg tablet" in record
    assert "MedicationRequest/ntx" in record


def test_an_opioid_ordered_together_with_the_drug(server: Server) -> None:
    body = call(draft(OXYCODONE, id="o1"), draft(), sent=in_pain())
    (told,) = server.cards(body)
    assert "Opioid on the current list" in told["summary"]
    body["hook"] = "order-select"
    body["context"]["selections"] = ["MedicationRequest/o1"]
    (told,) = server.cards(body)
    assert told["summary"].startswith("Ordered together with naltrexone")


def test_an_opioid_is_not_passed_when_nobody_looked_for_the_drug(server: Server) -> None:
    sent = in_pain()
    del sent["medications"]
    answer = server.call(call(draft(OXYCODONE), sent=sent))
    assert answer.status_code == 412
    assert "MedicationRequest" in answer.json()["detail"]


# --- what is offered ------------------------------------------------------------------------------


def test_a_wait_with_an_end_postpones_the_order(server: Server) -> None:
    """Short-acting opioid, last dose on 20 June: 10 days after it (vivitrol-label#5.3, ten of the 7 to 10 days)."""
    last = order(status="completed", dispenseRequest={"expectedSupplyDuration": {"value": 8, "code": "d"}})
    period = {"start": "2026-06-30", "end": "2026-07-28"}
    mine = draft(
        text={"status": "generated", "div": "<div>30 June</div>"},
        note=[{"text": "kept as it is"}],
        dosageInstruction=[{"text": "one a day", "timing": {"repeat": {"boundsPeriod": dict(period)}}}],
        dispenseRequest={"validityPeriod": dict(period), "numberOfRepeatsAllowed": 2},
    )
    (told,) = server.cards(call(mine, sent=in_pain(medications=search(last))))
    earliest = re.search(r"earliest (\S+)\)", told["summary"])
    assert earliest is not None
    postpone, remove = told["suggestions"]
    assert told["selectionBehavior"] == "at-most-one"
    assert postpone["isRecommended"] is True
    assert postpone["label"] == f"Postpone to {earliest[1]}"
    resource = postpone["actions"][0]["resource"]
    MedicationRequest.model_validate(resource)
    span = date(2026, 7, 28) - date(2026, 6, 30)
    for moved in (
        resource["dispenseRequest"]["validityPeriod"],
        resource["dosageInstruction"][0]["timing"]["repeat"]["boundsPeriod"],
    ):
        assert moved["start"] == earliest[1]
        assert date.fromisoformat(moved["end"]) - date.fromisoformat(moved["start"]) == span
    assert "text" not in resource, "a narrative with the old dates"
    assert resource["note"] == mine["note"]
    assert remove["actions"] == [
        {"type": "delete", "description": "Remove the order", "resourceId": "MedicationRequest/n1"}
    ]


def test_a_wait_that_has_not_begun_is_offered_and_not_recommended(server: Server) -> None:
    """The opioid is still taken: ten days from today are right only if its last dose is today."""
    (told,) = server.cards(call(draft(), sent=in_pain(medications=search(order()))))
    postpone, _ = told["suggestions"]
    assert postpone["label"].startswith("Postpone")
    assert "isRecommended" not in postpone


def test_a_dose_ten_times_too_high_is_told_beside_whatever_else_stands_against_the_order(
    server: Server,
) -> None:
    """45 mg of a low-dose capsule, where too little is known and where an opioid is taken."""
    for medicines in (None, search(order())):
        for mg, heeded in ((4.5, "Low dose"), (45, "25 mg a day or more for pain")):
            daily = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}
            dose = {"doseQuantity": {"value": mg, "unit": "mg", "code": "mg"}}
            mine = draft(
                "naltrexone 4.5 mg oral capsule",
                dosageInstruction=[{"timing": daily, "doseAndRate": [dose]}],
            )
            (told,) = server.cards(call(mine, sent=in_pain(medications=medicines)))
            assert told["indicator"] != "info"
            section = told["detail"].partition("**To heed**")[2].partition("**Next**")[0]
            assert heeded in section, (mg, told["detail"])


def test_an_order_without_an_id_is_spoken_of_and_not_changed(server: Server) -> None:
    mine = draft()
    del mine["id"]
    (told,) = server.cards(call(mine, sent=in_pain(medications=search(order()))))
    assert "suggestions" not in told


def _well() -> Json:
    """Somebody of whom all is known that a start for pain waits for, and nothing speaks against it."""
    day = "2026-06-25"
    results = [
        alt(effectiveDateTime=day),
        result(LOINC_AST, "AST", 20, "U/L", day),
        result(LOINC_EGFR, "eGFR", 95, "mL/min/{1.73_m2}", day),
        {
            **result("19295-5", "Opiates [Presence] in Urine", 0, "1", day),
            "valueQuantity": None,
            "valueCodeableConcept": {"text": "negative"},
        },
    ]
    none = {
        "resourceType": "AllergyIntolerance",
        "id": "a1",
        "patient": {"reference": "Patient/p1"},
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": coded("http://snomed.info/sct", "716186003", "No known allergy"),
    }
    results = [{key: value for key, value in each.items() if value is not None} for each in results]
    return in_pain(
        patient=patient(gender="male"),
        medications=search(order("Lisinopril 10 mg", id="l1")),
        observations=search(*results),
        newest=search(*results),
        allergies=search(none),
    )


def test_a_dose_beyond_a_limit_offers_the_usual_regimen(server: Server) -> None:
    fibromyalgia = coded("http://snomed.info/sct", "203082005", "Fibromyalgia")
    dosage = {
        "text": "50 mg once a day",
        "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": {"value": 50, "unit": "mg", "code": "mg"}}],
    }
    same = {
        "reasonCode": [fibromyalgia],
        "encounter": {"reference": "Encounter/e1"},
        "requester": {"reference": "Practitioner/example"},
    }
    mine = draft(**same, dosageInstruction=[dosage])
    (told,) = server.cards(call(mine, sent=_well()))
    assert told["indicator"] == "info", told["summary"]
    (instead,) = told["suggestions"]
    first, *new = instead["actions"]
    assert first["type"] == "delete"
    assert new
    for each in new:
        assert each["type"] == "create"
        MedicationRequest.model_validate(each["resource"])
        assert each["resource"]["subject"] == {"reference": "Patient/p1"}
        assert {key: each["resource"].get(key) for key in same} == same
        for given in each["resource"]["dosageInstruction"]:
            amount = given["doseAndRate"][0]["doseQuantity"]["value"]
            assert amount <= 6, "at most 6 mg a day is a low dose (posology-judgement, final-2024)"


# --- less is never more ---------------------------------------------------------------------------


def _rank(answer: Any) -> int:
    """How much a call limits: not answered at all, or the rank of the verdict that the card opens with."""
    if answer.status_code == 412:
        return 5
    cards = answer.json()["cards"]
    spoken = [re.match(r"\*\*([A-Za-z -]+)\*\*", told["detail"]) for told in cards]
    return max([RANKS[found[1].lower().replace(" ", "-")] for found in spoken if found], default=0)


def test_less_data_never_makes_an_answer_more_permissive(server: Server) -> None:
    """Every subset of the prefetch keys, with and without something that speaks against the drug."""
    reason = [coded("http://snomed.info/sct", "203082005", "Fibromyalgia")]
    mine = draft(reasonCode=reason)
    keys = ("patient", *EVERYTHING)
    against = in_pain(
        medications=search(order()), observations=search(alt(400)), procedures=search(), statements=search()
    )
    for whole in (_well(), against):
        limits = _rank(server.call(call(mine, sent=whole)))
        assert limits >= CAREFUL
        for count in range(len(keys)):
            for kept in itertools.combinations(keys, count):
                part = {key: whole[key] for key in kept}
                answer = server.call(call(mine, sent=part))
                if "patient" not in kept:
                    assert answer.status_code == 412
                elif whole is against and not {"medications", "observations"} <= set(kept):
                    assert _rank(answer) >= RANKS["cannot-tell"], kept
                else:
                    assert _rank(answer) >= limits, kept


def test_the_source_is_the_citation_of_the_leading_reason(server: Server) -> None:
    (told,) = server.cards(call(draft(), sent=in_pain(medications=search(order()))))
    engine = server.app.state.engine
    topic = told["source"]["topic"]
    statement = next(
        each for each in engine.library.monograph("naltrexone").statements if each.id == topic["code"]
    )
    first = statement.sources[0].partition("#")[0]
    assert told["source"]["label"].startswith(engine.library.sources[first].title)
    assert told["links"][0]["url"] == f"https://cds.example.org/monographs/naltrexone#{statement.id}"


def test_links_only_where_there_is_an_address() -> None:
    body = call(draft(), sent=in_pain(medications=search(order())))
    (told,) = Server(public_url="").cards(body)
    assert "links" not in told
    (told,) = Server(smart_launch="https://app.example.org/launch").cards(body)
    assert [each["type"] for each in told["links"]] == ["absolute", "smart"]


def test_the_same_call_gives_the_same_bytes(server: Server) -> None:
    body = call(draft(), sent=in_pain(medications=search(order())))
    assert server.call(body).content == server.call(body).content
    other = {**body, "hookInstance": "00000000-0000-4000-8000-000000000000"}
    assert server.cards(other)[0]["uuid"] != server.cards(body)[0]["uuid"]


def test_override_reasons_are_codes_with_a_source() -> None:
    engine = api.engine()
    known = override_reasons._known()
    assert known["source"] in engine.library.sources
    codes = [each["code"] for each in known["reasons"]]
    assert len(codes) == len(set(codes))
    for each in known["reasons"]:
        assert set(each["for"]) <= set(NAMES["starting"])
    for rank in range(1, 5):
        assert override_reasons.offered(rank)
