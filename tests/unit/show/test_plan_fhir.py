"""The plan as FHIR R4: valid resources, timings that mean the plan's doses, nobody named."""

from datetime import date, datetime, timedelta

import pytest

from posology.monograph.load import load_library
from posology.show.plan_fhir import DAYS, bundle, render

from . import plans
from .factory import FORBIDDEN


@pytest.fixture(scope="module")
def library():
    return load_library()


def resources(made, kind):
    return [each["resource"] for each in made["entry"] if each["resource"]["resourceType"] == kind]


@pytest.mark.parametrize("name", plans.ALL)
def test_it_is_valid_r4b(name, library):
    models = pytest.importorskip("fhir.resources.R4B.bundle", reason="fhir.resources is not installed")
    models.Bundle.model_validate(bundle(plans.ALL[name], library))


@pytest.mark.parametrize("name", plans.ALL)
def test_same_bytes_and_nothing_that_acts(name, library):
    text = render(plans.ALL[name], library)
    assert text == render(plans.ALL[name], library)
    assert "<script" not in text
    assert not set(text) & set(FORBIDDEN)


@pytest.mark.parametrize("name", plans.ALL)
def test_references_resolve_inside_the_bundle(name, library):
    made = bundle(plans.ALL[name], library)
    urls = [each["fullUrl"] for each in made["entry"]]
    assert len(set(urls)) == len(urls)
    (care,) = resources(made, "CarePlan")
    named = {each["reference"]["reference"] for each in care["activity"] if "reference" in each}
    named |= {each["reference"] for each in care.get("supportingInfo", [])}
    assert named <= set(urls)
    # All but the CarePlan itself are named by it.
    assert len(named) == len(urls) - 1


def moments(request) -> list[datetime]:
    """What the timings mean, read as FHIR R4 defines `repeat`."""
    found = []
    for dosage in request["dosageInstruction"]:
        repeat = dosage["timing"]["repeat"]
        day = date.fromisoformat(repeat["boundsPeriod"]["start"])
        end = repeat["boundsPeriod"].get("end")
        size = {"d": 1, "wk": 7}[repeat.get("periodUnit", "d")] * repeat.get("period", 1)
        own = []
        while day <= (date.fromisoformat(end) if end else date(2027, 2, 23)):
            if DAYS[day.weekday()] in repeat.get("dayOfWeek", DAYS):
                own += [datetime.fromisoformat(f"{day}T{clock}") for clock in repeat["timeOfDay"]]
            day += timedelta(days=size)
        assert repeat.get("count", len(own)) == len(own)
        assert repeat.get("frequency", len(repeat["timeOfDay"])) == len(repeat["timeOfDay"])
        found += own
    return sorted(found)


@pytest.mark.parametrize("name", plans.ALL)
def test_timings_mean_the_doses(name, library):
    plan = plans.ALL[name]
    made = [moments(each) for each in resources(bundle(plan, library), "MedicationRequest")]
    assert made == [
        [dose.when for dose in plan.doses if dose.step == number] for number in range(len(plan.steps))
    ]


def test_times_of_a_day_stand_together(library):
    doses = sorted(
        [
            *plans.daily(plans.START, 5, 1, 0, plans.MORNING),
            *plans.daily(plans.START, 5, 1, 0, plans.EVENING),
        ],
        key=lambda dose: dose.when,
    )
    plan = plans.plan(
        doses, [plans.step("1 mg po bid x10", "1 mg twice a day", plans.START, doses[-1].when.date(), 10)]
    )
    (request,) = resources(bundle(plan, library), "MedicationRequest")
    (dosage,) = request["dosageInstruction"]
    assert dosage["timing"]["repeat"] == {
        "boundsPeriod": {"start": "2026-12-01", "end": "2026-12-05"},
        "count": 10,
        "frequency": 2,
        "period": 1,
        "periodUnit": "d",
        "timeOfDay": ["08:00:00", "21:00:00"],
    }


def test_a_titration(library):
    made = bundle(plans.titration(), library)
    requests = resources(made, "MedicationRequest")
    assert [each["status"] for each in requests] == ["draft"] * 3
    assert {each["intent"] for each in requests} == {"proposal"}
    # A compounded product has no code of its own: the substance's (RxNorm 7243, facts/naltrexone.md 1.1).
    assert requests[0]["medicationCodeableConcept"]["coding"][0]["code"] == "7243"
    assert requests[0]["subject"] == {
        "display": "The person whom this plan is made for (the plan does not know who)"
    }
    # SNOMED CT 26643006 is the oral route.
    assert requests[0]["dosageInstruction"][0]["route"]["coding"][0]["code"] == "26643006"
    # The pause cuts the third step in two; only what comes after it goes on without an end.
    third = [each["timing"]["repeat"]["boundsPeriod"] for each in requests[2]["dosageInstruction"]]
    assert third == [{"start": "2026-12-29", "end": "2027-02-06"}, {"start": "2027-02-17"}]
    (care,) = resources(made, "CarePlan")
    assert "end" not in care["period"]
    kinds = [each["detail"]["code"]["coding"][0]["code"] for each in care["activity"] if "detail" in each]
    assert kinds == ["look", "operation", "decide"]
    issues = resources(made, "DetectedIssue")
    assert [each["severity"] for each in issues] == ["high", "moderate", "moderate"]
    assert "[vivitrol-label#2]" in issues[0]["detail"]


def test_products_with_one_code_have_it(library):
    # RxNorm 1483744 and 637213: facts/naltrexone.md 1.2.
    for plan, code in ((plans.weekly(), "1483744"), (plans.depot(), "637213")):
        request = resources(bundle(plan, library), "MedicationRequest")[0]
        assert request["medicationCodeableConcept"]["coding"][0]["code"] == code
