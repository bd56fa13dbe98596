"""REST: plans and simulations, the same as on the command line, in every form; what is refused, with its place."""

from __future__ import annotations

from typing import Any

import icalendar
import jsonschema
import pypdf
import pytest

import posology
from posology.show import plan_fhir
from posology.show.json import plan_document
from posology.show.schema import schema
from tests.acceptance.test_serve_rest import FHIR, ON, PLAN, as_json, problem
from tests.records import Json
from tests.served import post, usual_app

# --- plan -------------------------------------------------------------------------------------------


def planned() -> Any:
    return posology.plan("naltrexone", regimen="ldn-titration", start="2026-12-01", on=ON)


def test_plan_as_json() -> None:
    told = post("/api/plan", json=PLAN).json()
    assert told == as_json(plan_document(planned()))
    definitions = schema()
    jsonschema.validate(told, {"$ref": "#/$defs/Plan", "$defs": definitions["$defs"]})


def test_plan_with_everything() -> None:
    body = {
        **PLAN,
        "use": "chronic-pain",
        "product": "low-dose",
        "region": "US",
        "last_opioid": [{"medicine": "oxycodone", "last": "2026-11-25"}],
        "surgery": ["2027-02-10"],
        "until": "2027-04-01",
    }
    told = post("/api/plan", json=body).json()
    asked = posology.plan(
        "naltrexone", regimen="ldn-titration", start="2026-12-01", on=ON, use="chronic-pain", product="low-dose",
        last_opioid=[("oxycodone", "2026-11-25")], surgery=["2027-02-10"], until="2027-04-01",
    )  # fmt: skip
    assert told == as_json(plan_document(asked))
    assert told["pauses"]


def test_plan_as_a_calendar() -> None:
    answer = post(
        "/api/plan", json={**PLAN, "timezone": "Europe/Berlin"}, headers={"accept": "text/calendar"}
    )
    assert answer.headers["content-type"].startswith("text/calendar")
    calendar = icalendar.Calendar.from_ical(answer.content)
    assert calendar.walk("VEVENT")
    assert "TZID=Europe/Berlin" in answer.text


def test_plan_as_fhir_and_leaflet() -> None:
    library = usual_app().state.engine.library
    assert post("/api/plan", json=PLAN, headers={"accept": FHIR}).text == plan_fhir.render(planned(), library)
    page = post("/api/plan", json=PLAN, headers={"accept": "text/html"})
    assert page.text.startswith("<!DOCTYPE html>")
    pdf = post("/api/plan", json=PLAN, headers={"accept": "application/pdf"})
    assert pdf.content.startswith(b"%PDF")
    import io

    assert len(pypdf.PdfReader(io.BytesIO(pdf.content)).pages) > 1


def test_missed() -> None:
    told = post(
        "/api/plan/missed",
        json={
            "drug": "naltrexone",
            "regimen": "ldn-titration",
            "last_taken": "2026-12-20",
            "on": "2026-12-24",
        },
    ).json()
    asked = posology.missed("naltrexone", regimen="ldn-titration", last_taken="2026-12-20", on="2026-12-24")
    assert told == as_json(plan_document(asked))


WRONG_PLANS: dict[str, tuple[Json, int, str, str]] = {
    "regimen": ({**PLAN, "regimen": "lnd-titration"}, 400, "Did you mean 'ldn-titration'", "$.regimen"),
    "start": ({**PLAN, "start": "2026-02-29"}, 400, "not a day", "$.start"),
    "surgery": ({**PLAN, "surgery": ["2027-01-01", "2027-02-30"]}, 400, "not a day", "$.surgery[1]"),
    "last dose": (
        {**PLAN, "last_opioid": [{"medicine": "oxycodone", "last": "2026-11-31"}]},
        400,
        "not a day",
        "$.last_opioid[0].last",
    ),
    "rx": ({"drug": "naltrexone", "rx": "50 mgg po q24h"}, 400, "mgg", "$.rx"),
    "two regimens": ({**PLAN, "rx": "50 mg po q24h"}, 400, "", "$"),
    "too much": ({"drug": "naltrexone", "rx": "5000 mg po q24h x3", "start": "2026-12-01"}, 409, "", ""),
    "zone without calendar": ({**PLAN, "timezone": "Europe/Berlin"}, 400, "text/calendar", "$.timezone"),
    "field": ({**PLAN, "surgeries": []}, 400, "Did you mean 'surgery'", "$"),
}


@pytest.mark.parametrize("what", WRONG_PLANS)
def test_plans_that_are_refused(what: str) -> None:
    body, status, said, pointer = WRONG_PLANS[what]
    problem(post("/api/plan", json=body), status, said, pointer or None)


def test_a_zone_that_nobody_knows() -> None:
    answer = post("/api/plan", json={**PLAN, "timezone": "Europe/Berln"}, headers={"accept": "text/calendar"})
    problem(answer, 400, "Europe/Berlin", "$.timezone")


# --- simulate ---------------------------------------------------------------------------------------


def test_simulate() -> None:
    body = {
        "drug": "naltrexone",
        "rx": ["50 mg po q24h x5"],
        "regimen": ["ldn-titration"],
        "population": 20,
        "seed": 3,
        "covariates": {"weight": [50, 90]},
        "for_hours": 120,
        "levels": [0.5],
        "compare": True,
    }
    told = post("/api/simulate", json=body).json()
    asked = posology.simulate(
        "naltrexone", rx="50 mg po q24h x5", regimen="ldn-titration", population=20, seed=3,
        covariates={"weight": (50, 90)}, for_hours=120, levels=[0.5], compare=True,
    )  # fmt: skip
    assert told == as_json(asked.to_dict())
    assert post("/api/simulate", json=body).json() == told


def test_simulate_a_washout_with_a_challenge() -> None:
    body = {
        "drug": "naltrexone",
        "rx": ["50 mg po q24h x3"],
        "washout": True,
        "agonist": [{"start": 80, "end": 84, "ratio": 10}],
    }
    told = post("/api/simulate", json=body).json()
    assert told["washout"]
    assert any(curve["output"]["kind"] == "challenge" for curve in told["arms"][0]["curves"])


WRONG_SIMULATIONS: dict[str, tuple[Json, str, str]] = {
    "population": ({"rx": ["50 mg po"], "population": 2001}, "from 1 to 2,000", "$.population"),
    "nobody": ({"rx": ["50 mg po"], "population": 0}, "from 1 to 2,000", "$.population"),
    "a huge number": ({"rx": ["50 mg po"], "population": 10**30}, "", "$.population"),
    "half a person": ({"rx": ["50 mg po"], "population": 1.5}, "Expected 'int'", "$.population"),
    "regimens": ({"rx": ["50 mg po"] * 4, "regimen": ["ldn-titration"] * 3}, "more than 6", "$.rx"),
    "doses": ({"rx": ["1 mg po q1h x3001"]}, "more than 3,000 doses", "$.rx[0]"),
    "doses of a named one": (
        {"rx": ["1 mg po q3h x2920"], "regimen": ["oud-a"]},
        "3,000 doses",
        "$.regimen[0]",
    ),
    "people with doses": (
        {"rx": ["1 mg po q24h x200"], "population": 2000},
        "at most 1,500 people",
        "$.population",
    ),
    "times": ({"rx": ["1 mg po q24h x360", "2 mg po q24h x360"], "step": 0.1}, "60,000 times", "$.step"),
    "none": ({}, "", "$"),
    "rx": ({"rx": ["50 mgg po q24h"]}, "mgg", "$.rx[0]"),
    "level": ({"rx": ["50 mg po"], "levels": [1.5]}, "< 1.0", "$.levels[0]"),
    "covariate": (
        {"rx": ["50 mg po"], "covariates": {"wieght": 70}},
        "Did you mean 'weight'",
        "$.covariates",
    ),
    "output": ({"rx": ["50 mg po"], "outputs": ["naltrexon"]}, "Did you mean", "$.outputs"),
    "hours": ({"rx": ["50 mg po"], "for_hours": 1e9}, "", "$.for_hours"),
    "agonist": (
        {"rx": ["50 mg po"], "agonist": [{"start": 5, "end": 4, "ratio": 1}]},
        "is none",
        "$.agonist[0]",
    ),
    "agonist's field": (
        {"rx": ["50 mg po"], "agonist": [{"strat": 5}]},
        "Did you mean 'start'",
        "$.agonist[0]",
    ),
}


@pytest.mark.parametrize("what", WRONG_SIMULATIONS)
def test_simulations_that_are_refused(what: str) -> None:
    body, said, pointer = WRONG_SIMULATIONS[what]
    problem(post("/api/simulate", json={"drug": "naltrexone", **body}), 400, said, pointer)
