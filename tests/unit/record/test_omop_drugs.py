"""What a row of DRUG_EXPOSURE means: which resource, and when it was taken."""

import pytest

from posology.record import taken
from posology.record.dates import Span
from tests.omop import ON, record, resource

ORDER, DISPENSE, GIVEN, LIST = 32838, 32825, 32818, 32830
OPIOID = {"drug_concept_id": 0, "drug_source_value": "oxycodone hydrochloride 5 MG Oral Tablet"}


def drug(**cells):
    return resource("drug_exposure", **OPIOID, **cells)


def taken_on(day: str, **cells):
    """Was it taken on that day, as known on 2026-06-30?"""
    known = record(drug(**cells))
    hit = known.hits["short-acting-opioid"][0]
    ordinal = type(ON).fromisoformat(day).toordinal()
    return taken.during(hit.entry.course, ordinal, ordinal)


@pytest.mark.parametrize(
    ("type_", "name"),
    [
        (32838, "MedicationRequest"),
        (38000177, "MedicationRequest"),
        (32833, "MedicationRequest"),
        (32825, "MedicationDispense"),
        (32869, "MedicationDispense"),
        (38000175, "MedicationDispense"),
        (38000176, "MedicationDispense"),
        (32818, "MedicationAdministration"),
        (38000180, "MedicationAdministration"),
        (43542358, "MedicationAdministration"),
        (32865, "MedicationStatement"),
        (44787730, "MedicationStatement"),
        (32817, "MedicationStatement"),
        (32858, "MedicationStatement"),
        (0, "MedicationStatement"),
        (None, "MedicationStatement"),
    ],
)
def test_the_type_decides_which_resource_it_is(type_, name):
    assert drug(drug_type_concept_id=type_)["resourceType"] == name


START = {"drug_exposure_start_date": "2026-01-01"}


@pytest.mark.parametrize(
    ("cells", "day", "answer"),
    [
        # An inferred end proves nothing: the order is open, believed for a year.
        ({"drug_exposure_end_date": "2026-01-30"}, "2026-06-30", True),
        ({"drug_exposure_end_date": "2026-01-31"}, "2026-06-30", True),
        ({"drug_exposure_end_date": "2026-01-01"}, "2026-06-30", True),
        ({}, "2026-06-30", True),
        ({"drug_exposure_start_date": "2019-01-01"}, "2026-06-30", None),
        # An end that no rule gives, or the source's own, is one.
        ({"drug_exposure_end_date": "2026-02-14"}, "2026-02-14", True),
        ({"drug_exposure_end_date": "2026-02-14"}, "2026-02-15", False),
        ({"drug_exposure_end_date": "2026-01-30", "verbatim_end_date": "2026-01-30"}, "2026-01-31", False),
        ({"drug_exposure_end_date": "2026-03-01", "verbatim_end_date": "2026-01-10"}, "2026-01-11", False),
        # Supply, with refills.
        ({"days_supply": 10, "drug_exposure_end_date": "2026-01-11"}, "2026-01-10", True),
        ({"days_supply": 10, "drug_exposure_end_date": "2026-01-11"}, "2026-01-11", False),
        ({"days_supply": 10, "refills": 2, "drug_exposure_end_date": "2026-01-30"}, "2026-01-30", True),
        ({"days_supply": 10, "refills": 2, "drug_exposure_end_date": "2026-01-30"}, "2026-01-31", False),
        ({"days_supply": 0, "drug_exposure_end_date": "2026-01-01"}, "2026-06-30", True),
        # Stopped, nobody knows when.
        ({"stop_reason": "stopped", "drug_exposure_end_date": "2026-01-30"}, "2026-01-01", True),
        ({"stop_reason": "adverse effect", "drug_exposure_end_date": "2026-01-30"}, "2026-06-30", None),
        ({"stop_reason": "ongoing"}, "2026-06-30", True),
        # Both times of day known: a real end, on the day of the start.
        (
            {
                "drug_exposure_start_datetime": "2026-01-01 08:00:00",
                "drug_exposure_end_date": "2026-01-01",
                "drug_exposure_end_datetime": "2026-01-01 17:00:00",
            },
            "2026-01-02",
            False,
        ),
        # Before the start: no end at all.
        ({"drug_exposure_end_date": "2025-12-24"}, "2026-06-30", True),
    ],
)
def test_when_an_order_was_taken(cells, day, answer):
    assert taken_on(day, drug_type_concept_id=ORDER, **{**START, **cells}) is answer


@pytest.mark.parametrize(
    ("type_", "cells", "day", "answer"),
    [
        (DISPENSE, {"days_supply": 30, "refills": 5}, "2026-01-30", True),
        (DISPENSE, {"days_supply": 30, "refills": 5}, "2026-01-31", False),
        (DISPENSE, {"drug_exposure_end_date": "2026-01-30"}, "2026-01-02", None),
        (DISPENSE, {"drug_exposure_end_date": "2026-02-14"}, "2026-02-14", True),
        (DISPENSE, {"drug_exposure_end_date": "2026-02-14"}, "2026-02-15", False),
        (GIVEN, {"drug_exposure_end_date": "2026-01-01"}, "2026-01-01", True),
        (GIVEN, {"drug_exposure_end_date": "2026-01-30"}, "2026-01-02", False),
        (GIVEN, {"drug_exposure_end_date": "2026-01-03"}, "2026-01-03", True),
        (LIST, {"drug_exposure_end_date": "2026-01-30"}, "2026-06-30", True),
        (LIST, {"drug_exposure_end_date": "2026-02-14"}, "2026-02-15", False),
        (LIST, {"days_supply": 10}, "2026-01-11", False),
        (0, {"days_supply": 10, "refills": 1}, "2026-01-20", True),
        (0, {"days_supply": 10, "refills": 1}, "2026-01-21", False),
    ],
)
def test_when_it_was_taken_from_other_rows(type_, cells, day, answer):
    assert taken_on(day, drug_type_concept_id=type_, **START, **cells) is answer


def test_an_order_carries_its_words_and_amounts():
    made = drug(
        **START,
        drug_type_concept_id=ORDER,
        days_supply=30,
        refills=1,
        quantity=60.0,
        sig=" 1 tablet every 12 hours ",
        route_source_value="PO",
    )
    assert made["dosageInstruction"] == [{"text": "1 tablet every 12 hours", "route": {"text": "PO"}}]
    assert made["dispenseRequest"]["numberOfRepeatsAllowed"] == 1
    assert made["dispenseRequest"]["quantity"] == {"value": 60.0}
    entry = record(made).hits["short-acting-opioid"][0].entry
    assert entry.ordered().mg_per_day == 10


def test_a_row_entered_in_error_never_counts():
    known = record(drug(**START, drug_type_concept_id=ORDER, stop_reason="Entered in Error"))
    assert not known.hits
    assert known.set_aside[0].reason == "entered in error"


def test_a_code_without_a_name_leaves_medicines_open():
    known = record(
        resource("drug_exposure", drug_concept_id=40166274, drug_source_value="00002751001", **START)
    )
    assert known.tainted_kinds == {"medicine"}


def test_an_administration_of_a_depot_lasts():
    made = resource(
        "drug_exposure",
        drug_concept_id=0,
        drug_source_value="Vivitrol 380 mg",
        drug_type_concept_id=GIVEN,
        drug_exposure_start_date="2026-06-10",
        drug_exposure_end_date="2026-06-10",
    )
    course = next(iter(record(made).hits.values()))[0].entry.course
    assert course.start == Span(ON.toordinal() - 20, ON.toordinal() - 20)
    assert course.sure >= ON.toordinal()
