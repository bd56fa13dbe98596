"""The plans of tests/cases/plans.yaml come out as written there."""

from __future__ import annotations

from typing import Any

import pytest

import posology
from posology.check.engine import Engine
from posology.errors import PosologyError
from posology.monograph.load import load_library
from posology.regimen.planned import Plan
from tests.unit.prescribe.cases import cases

CASES = cases("plans.yaml")
KEYS = {
    "name", "ask", "source", "first", "steps", "doses", "taken", "needs", "week", "warned", "said", "booked",
    "pauses", "waits", "refused", "noted", "endless",
}  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(load_library())


def amounts(plan: Plan, day: str) -> str:
    found = [dose.text for dose in plan.doses if dose.when.date().isoformat() == day]
    return " + ".join(found) or "none"


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_plan(case: dict[str, Any], engine: Engine) -> None:
    assert set(case) <= KEYS
    ask = {"on": "2026-11-23", **case["ask"]}
    drug = ask.pop("drug", "naltrexone")
    if "refused" in case:
        code, words = case["refused"]
        with pytest.raises(PosologyError) as wrong:
            posology.plan(drug, monographs=engine, **ask)
        assert (wrong.value.exit_code, words in str(wrong.value)) == (code, True), wrong.value
        return
    plan = posology.plan(drug, monographs=engine, **ask)
    if "first" in case:
        assert plan.start.isoformat() == case["first"]
    if "steps" in case:
        texts = [next(dose.text for dose in plan.doses if dose.step == n) for n in range(len(plan.steps))]
        found = [[step.first.isoformat(), text] for step, text in zip(plan.steps, texts, strict=True)]
        assert found == case["steps"]
    for day, amount in case.get("doses", {}).items():
        assert amounts(plan, day) == amount, day
    if "taken" in case:
        assert plan.steps[0].taken_as == case["taken"]
    if "needs" in case:
        assert plan.steps[0].needs.startswith(case["needs"])
    if "week" in case:
        assert plan.week is not None
        assert [plan.week.least_mg, plan.week.most_mg, plan.week.mean_mg] == pytest.approx(case["week"])
    if "warned" in case:
        assert sorted(said.statement for said in plan.warnings) == sorted(case["warned"])
    assert set(case.get("said", ())) <= {said.statement for said in plan.said}
    for day, title in case.get("booked", {}).items():
        assert title in [each.title for each in plan.appointments if each.day.isoformat() == day], day
    if "pauses" in case:
        found = [
            [p.operation.isoformat(), p.last_dose.isoformat(), p.restart.isoformat()] for p in plan.pauses
        ]
        assert found == case["pauses"]
    if "waits" in case:
        assert [[w.medicine, str(w.until), w.said.statement] for w in plan.waits] == case["waits"]
    if "noted" in case:
        assert any(case["noted"] in note for note in plan.notes)
    if "endless" in case:
        assert plan.endless is case["endless"]
