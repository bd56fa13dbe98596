"""The answers of tests/cases/missed.yaml come out as written there."""

from __future__ import annotations

from typing import Any

import pytest

import posology
from posology.check.engine import Engine
from posology.errors import PosologyError
from posology.monograph.load import load_library
from posology.show.plan_text import render_missed
from tests.unit.prescribe.cases import cases

CASES = cases("missed.yaml")
KEYS = {"name", "ask", "source", "gap", "missed", "answers", "next", "noted", "refused"}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(load_library())


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_missed(case: dict[str, Any], engine: Engine) -> None:
    assert set(case) <= KEYS
    ask = case["ask"]
    if "refused" in case:
        code, words = case["refused"]
        with pytest.raises(PosologyError) as wrong:
            posology.missed("naltrexone", monographs=engine, **ask)
        assert (wrong.value.exit_code, words in str(wrong.value)) == (code, True), wrong.value
        return
    answer = posology.missed("naltrexone", monographs=engine, **ask)
    assert (answer.gap_days, answer.missed, list(answer.answers)) == (
        case["gap"],
        case["missed"],
        case["answers"],
    )
    first = [answer.next[0].when.date().isoformat(), answer.next[0].text] if answer.next else "none"
    assert first == case["next"]
    assert case.get("noted", "") in " ".join(answer.notes)
    assert len(answer.advice) == len(answer.answers)


def test_the_time_of_day_of_the_last_dose_is_kept(engine: Engine) -> None:
    answer = posology.missed(
        "naltrexone", monographs=engine, regimen="aud", last_taken="2027-01-10T07:30", on="2027-01-11"
    )
    assert answer.to_dict()["last_taken"] == "2027-01-10T07:30:00"


def test_what_comes_before_a_late_dose_is_told_before_it(engine: Engine) -> None:
    """Somebody who reads one line must not read that the injection is given at once."""
    answer = posology.missed(
        "naltrexone", regimen="xr", last_taken="2027-01-10", on="2027-02-14", monographs=engine
    )
    text = render_missed(answer, False, 100)
    check, late = text.index("Opioids before a late injection"), text.index("Late injection")
    assert check < late
    assert "Late injection: only after these checks, take it now" in text
