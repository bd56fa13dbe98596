"""What cannot be simulated, with the message that says what would be right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import posology
from posology.errors import PosologyError, UsageError
from tests.unit.simulate.simulating import library, plainol

COURSE = "100 mg po q24h x3"


@pytest.mark.parametrize(
    ("rx", "asked", "says"),
    [
        ("50 mgg po", {}, "mgg"),
        ("0 mg po", {}, "the amount is 0"),
        ("-5 mg po", {}, "rx, character 1"),
        ("50 mg po q0h", {}, "interval"),
        ("50 mg po q24h", {}, "regimen that never ends"),
        ("50 mg po until 2026-02-30", {}, "2026-02-30"),
        ("50 mg", {}, "write one of po, iv, nasal, im"),
        ("50 mg sc", {}, "no kinetics for the route sc; it has them for po, iv, nasal, im"),
        ("50 mg po & 5 mg nasal", {}, "no one model of plainol covers nasal and po together"),
        ("50 mg im q24h x2", {}, "was made for a single dose. Repeated injections were never described."),
        ("5 mg nasal q24h x2 ss", {}, "ss needs a linear model, and mu-sticky holds on"),
        ("1 mg/kg po", {}, "weight=70"),
        ("1 mg/kg po", {"covariates": ["weight=60..70"]}, "is a range"),
        (COURSE, {"population": 0}, "a population of 0"),
        (COURSE, {"population": -1}, "a population of -1"),
        (COURSE, {"population": 10**10}, r"a population of 10,000,000,000 .* TB of memory, .* people fit"),
        (
            COURSE,
            {"covariates": ["wieght=90"]},
            "Did you mean 'weight'.*Known: age, pregnancy, smoker, weight",
        ),
        (COURSE, {"covariates": ["weight=90 kg"]}, "write a number in kg without its unit"),
        (COURSE, {"covariates": ["weight=inf"]}, "is not a number"),
        (COURSE, {"covariates": ["weight=90", "weight=80"]}, "given twice"),
        (COURSE, {"covariates": ["weight=90..80"]}, "write 80..90"),
        (COURSE, {"covariates": ["weight=30..80"]}, "holds from 40 to 150 kg"),
        (COURSE, {"covariates": ["age=17"]}, "Nobody under 18 is simulated"),
        (COURSE, {"covariates": ["pregnancy=yes"]}, "nothing is known about pregnant people"),
        (COURSE, {"covariates": ["smoker=maybe"]}, "Known: no, yes"),
        (COURSE, {"covariates": ["weight"]}, "write NAME=VALUE"),
        (COURSE, {"levels": [0.0]}, "between 0 and 1"),
        (COURSE, {"outputs": []}, "no output"),
        (COURSE, {"outputs": ["plain"]}, "unknown output 'plain'. Did you mean 'plainol'"),
        (COURSE, {"model": "stick"}, "Did you mean 'sticky'"),
        (COURSE, {"seed": -1}, "seed -1"),
        (COURSE, {"workers": 0, "population": 2}, "0 workers"),
        (COURSE, {"compare": True}, "at least two regimens"),
        (COURSE, {"for_hours": 0}, "more than 0 h"),
        (COURSE, {"step": 0}, "from a second to a week"),
        (COURSE, {"for_hours": 20_000.0, "step": 0.01}, "at most 200000 are kept"),
        (COURSE, {"individuals": True}, "give one as out"),
    ],
)
def test_it_is_refused_with_what_would_be_right(rx: str, asked: dict[str, Any], says: str) -> None:
    with pytest.raises(PosologyError, match=says) as caught:
        plainol(rx, **asked)
    assert caught.value.exit_code == 2


def test_no_regimen_the_same_twice_and_unknown_names_are_refused() -> None:
    for rx, regimen, says in (
        ((), (), "no regimen"),
        ((COURSE, COURSE), (), "given twice"),
        ((), ("dayly",), "Did you mean 'daily'"),
    ):
        with pytest.raises(UsageError, match=says):
            posology.simulate("plainol", rx=rx, regimen=regimen, monographs=library())


def test_a_drug_without_kinetics_names_those_that_have(tmp_path: Path) -> None:
    from posology.monograph.new import write_skeleton

    write_skeleton("stillol", tmp_path)
    with pytest.raises(UsageError, match=r"stillol has no kinetics.*drugs that have: .*naltrexone"):
        posology.simulate("stillol", rx=COURSE, monographs=tmp_path)


def test_a_named_regimen_without_an_end_is_simulated_for_90_days_and_says_so() -> None:
    asked = posology.simulate("plainol", regimen="daily", outputs=["plainol"], monographs=library())
    (arm,) = asked.arms
    assert len(arm.dose_hours) == 90
    assert "90 days of it were simulated" in arm.notes[0]
    assert asked.notes == arm.notes
    shorter = posology.simulate("plainol", regimen="daily", for_hours=72, monographs=library())
    assert len(shorter.arms[0].dose_hours) == 3
    assert not shorter.notes


def test_linear_outputs_may_start_in_the_steady_state() -> None:
    assert plainol("5 mg nasal q24h x2 ss", outputs=["plainol"]).arms
