"""What a row of DRUG_EXPOSURE means: which resource, and when it was taken."""

import json

import pytest

from posology.record import taken
from posology.record.dates import Span
from posology.record.omop.reasons import status_of
from posology.record.omop.tables import TABLES, lines
from tests.omop import ON, record, resource, terms

ORDER, DISPENSE, GIVEN, LIST = 32838, 32825, 32818, 32830
OPIOID = {"drug_concept_id": 0, "drug_source_value": "oxycodone hydrochloride 5 MG Oral Tablet"}


def drugs(**cells):
    """All resources that a row becomes."""
    table = TABLES["drug_exposure"]
    cells = {"drug_exposure_id": 7, "person_id": 1, **cells}
    texts = tuple(None if cells.get(name) is None else str(cells[name]) for name in table.columns)
    made = lines(table, texts, terms())
    assert not any(line.problem for line in made)
    assert {line.place for line in made} == {"drug_exposure:drug_exposure_id=7"}
    return [json.loads(line.json or b"") for line in made]


def drug(**cells):
    return resource("drug_exposure", **OPIOID, **cells)


def taken_on(day: str, **cells):
    """Was it taken on that day, as known on 2026-06-30?"""
    known = record(*drugs(**OPIOID, **cells))
    ordinal = type(ON).fromisoformat(day).toordinal()
    told = {taken.during(hit.entry.course, ordinal, ordinal) for hit in known.hits["short-acting-opioid"]}
    return True if True in told else None if None in told else False


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
        ({"days_supply": 10, "refills": 2, "drug_exposure_end_date": "2026-01-30"}, "2026-01-30", True),
        # When it has run out nobody knows for as long again, and 30 days at least; then it is over.
        ({"days_supply": 10, "drug_exposure_end_date": "2026-01-11"}, "2026-01-11", None),
        ({"days_supply": 10, "drug_exposure_end_date": "2026-01-11"}, "2026-02-09", None),
        ({"days_supply": 10, "drug_exposure_end_date": "2026-01-11"}, "2026-02-10", False),
        ({"days_supply": 20, "refills": 1}, "2026-03-21", None),
        ({"days_supply": 20, "refills": 1}, "2026-03-22", False),
        ({"days_supply": 10, "stop_reason": "completed"}, "2026-01-10", True),
        ({"days_supply": 10, "stop_reason": "completed"}, "2026-01-11", False),
        # Only the source's own end, or a stop, makes a supply shorter; any end makes it longer.
        ({"days_supply": 30, "refills": 5, "drug_exposure_end_date": "2026-01-03"}, "2026-06-29", True),
        ({"days_supply": 30, "refills": 5, "drug_exposure_end_date": "2026-01-03"}, "2026-06-30", None),
        ({"days_supply": 30, "verbatim_end_date": "2026-01-03"}, "2026-01-03", True),
        ({"days_supply": 30, "verbatim_end_date": "2026-01-03"}, "2026-01-04", False),
        (
            {"days_supply": 30, "stop_reason": "stopped", "drug_exposure_end_date": "2026-01-03"},
            "2026-01-04",
            False,
        ),
        ({"days_supply": 10, "drug_exposure_end_date": "2026-03-03"}, "2026-03-03", True),
        ({"days_supply": 10, "drug_exposure_end_date": "2026-03-03"}, "2026-03-04", False),
        ({"days_supply": 0, "drug_exposure_end_date": "2026-01-01"}, "2026-06-30", True),
        # Stopped, nobody knows when.
        ({"stop_reason": "stopped", "drug_exposure_end_date": "2026-01-30"}, "2026-01-01", True),
        ({"stop_reason": "Discontinued", "drug_exposure_end_date": "2026-01-30"}, "2026-06-30", None),
        # A reason that says no such thing does not end it.
        ({"stop_reason": "adverse effect", "drug_exposure_end_date": "2026-01-30"}, "2026-06-30", True),
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
        # The last minute of a day pads an end that has no time of day.
        *[
            (
                {
                    "drug_exposure_start_datetime": "2026-01-01 08:00:00",
                    "drug_exposure_end_date": "2026-01-01",
                    "drug_exposure_end_datetime": f"2026-01-01 {padding}",
                },
                "2026-06-30",
                True,
            )
            for padding in ("23:59:00", "23:59:59", "23:59:59.999")
        ],
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
        (DISPENSE, {"days_supply": 30, "drug_exposure_end_date": "2026-01-03"}, "2026-01-30", True),
        (DISPENSE, {"days_supply": 30, "verbatim_end_date": "2026-01-03"}, "2026-01-04", False),
        (DISPENSE, {"days_supply": 30, "drug_exposure_end_date": "2026-03-03"}, "2026-03-03", True),
        (LIST, {"days_supply": 10}, "2026-01-10", True),
        (LIST, {"days_supply": 10}, "2026-01-11", None),
        (LIST, {"days_supply": 10}, "2026-02-09", None),
        (LIST, {"days_supply": 10}, "2026-02-10", False),
        (32817, {"days_supply": 30, "drug_exposure_end_date": "2026-01-03"}, "2026-01-30", True),
        (0, {"days_supply": 10, "refills": 1}, "2026-01-20", True),
        (0, {"days_supply": 10, "refills": 1}, "2026-01-21", None),
        (0, {"days_supply": 10, "refills": 1}, "2026-02-20", False),
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


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        *dict.fromkeys(
            [
                "error",
                "Entered in error",
                " entered-in-error ",
                "Data Entry Error",
                "charted in error",
                "ordered in error",
            ],
            "entered-in-error",
        ).items(),
        *dict.fromkeys(
            ["Medication error", "dispensing error", "Terrorised by side effects", "error in dosing"], ""
        ).items(),
        *dict.fromkeys(
            ["Completed", "regimen completed", "course complete", "finished", "End of course"], "completed"
        ).items(),
        *dict.fromkeys(["Incomplete", "not completed", "in-complete", "Uncompleted"], "").items(),
        *dict.fromkeys(
            [
                "Stopped",
                "stopped: rash",
                "Discontinued by patient",
                "DISCONTINUED",
                "ceased",
                "withdrawn",
                "Cancelled",
                "canceled",
            ],
            "stopped",
        ).items(),
        *dict.fromkeys(
            [
                "Not stopped",
                "never discontinued",
                "nonstop",
                "non-stopped",
                "to be stopped",
                "was not yet withdrawn",
                "Reorder",
                "ongoing",
                "continued",
                "N/A",
                "adverse effect",
                "changed",
                "",
                None,
            ],
            "",
        ).items(),
    ],
)
def test_what_a_reason_for_stopping_says(reason, status):
    assert status_of(reason) == status


def test_the_days_after_a_supply_are_a_resource_of_their_own_that_names_the_row():
    order = {**START, **OPIOID, "drug_type_concept_id": ORDER, "days_supply": 10}
    one, grace = drugs(**order, sig="1 tablet daily")
    assert (one["id"], one["status"]) == ("drug-7", "completed")
    assert (grace["id"], grace["status"], grace["resourceType"]) == (
        "drug-7-grace",
        "unknown",
        "MedicationRequest",
    )
    assert grace["dosageInstruction"] == [
        {
            "text": "1 tablet daily",
            "timing": {"repeat": {"boundsPeriod": {"start": "2026-01-01", "end": "2026-02-09"}}},
        }
    ]
    assert "dispenseRequest" not in grace
    nameless = {"drug_concept_id": 40166274, "drug_source_value": "00002751001"}
    for cells in ({"stop_reason": "stopped"}, {"drug_exposure_start_date": None}, nameless):
        assert len(drugs(**{**order, **cells})) == 1


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
