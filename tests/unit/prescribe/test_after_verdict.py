"""A plan follows from a verdict that allows one, and is refused with the reason otherwise."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

import posology
from posology.check.engine import Engine
from posology.check.question import Question
from posology.errors import NotPossible, UsageError
from posology.monograph.cases import run_cases
from posology.monograph.load import load_library
from posology.regimen.planned import Plan
from tests.generative.knowledge import wider
from tests.records import bundle, order, patient


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(load_library())


def test_not_now_refuses_with_reason_and_earliest_date(engine: Engine) -> None:
    record = bundle(
        patient(),
        order(
            status="completed",
            authoredOn="2026-06-20",
            dispenseRequest={"expectedSupplyDuration": {"value": 5, "unit": "d"}},
        ),
    )
    result = posology.check(record, drug="naltrexone", use="chronic-pain", on="2026-06-30", monographs=engine)
    with pytest.raises(NotPossible) as wrong:
        posology.plan_after(result, monographs=engine)
    text = str(wrong.value)
    assert "the verdict is not-now" in text
    assert "Short-acting opioid within 10 days" in text
    # last supplied day 2026-06-24, and 10 days
    assert "Earliest 2026-07-04" in text


def test_cannot_tell_refuses_with_what_is_missing(engine: Engine) -> None:
    result = posology.check(
        bundle(patient()), drug="naltrexone", use="ldn", on="2026-06-30", monographs=engine
    )
    with pytest.raises(NotPossible, match=r"cannot-tell\. not known:"):
        posology.plan_after(result, monographs=engine)


def has_regimen(engine: Engine, asked: Question) -> bool:
    """Does the knowledge hold a regimen for this use or a wider one, as this product, here?"""
    uses = wider(engine.library.monograph(asked.drug), asked.use)
    return any(
        each.names
        and uses & set(each.uses)
        and (not each.products or asked.product in each.products)
        and (not each.regions or asked.region in each.regions)
        for each in engine.library.monograph(asked.drug).statements
    )


def test_every_case_of_the_monograph_gives_a_plan_or_the_reason(engine: Engine) -> None:
    """A plan exactly where the expected verdict allows one and there is a regimen for the use."""
    seen: dict[str, int] = {"plan": 0, "refused": 0, "no regimen": 0}

    def checked(record: Any, **question: Any) -> Any:
        result = posology.check(record, monographs=engine, **question)
        asked = result.question
        if result.verdict not in ("suitable", "with-precautions", "continue"):
            with pytest.raises(NotPossible, match=f"the verdict is {result.verdict}"):
                posology.plan_after(result, monographs=engine)
            seen["refused"] += 1
        elif not has_regimen(engine, asked):
            with pytest.raises(UsageError, match="there is no regimen"):
                posology.plan_after(result, monographs=engine)
            seen["no regimen"] += 1
        else:
            plan = posology.plan_after(result, monographs=engine)
            assert (plan.use, plan.product, plan.region) == (asked.use, asked.product, asked.region)
            assert plan.start >= asked.on
            if result.stage == "taking":
                # Nobody who takes it begins anew.
                assert not any(each.kind == "step" for each in plan.appointments)
            seen["plan"] += 1
        return result

    for result in run_cases(engine.library, "naltrexone", checked):
        assert result.ok, result.mismatches
    assert seen["plan"] > 50
    assert seen["refused"] > 50


def test_another_regimen_than_the_usual_one(engine: Engine) -> None:
    plans: list[Plan] = []

    def checked(record: Any, **question: Any) -> Any:
        result = posology.check(record, monographs=engine, **question)
        if not plans and result.verdict == "suitable" and result.question.use == "alcohol-use-disorder":
            plans.append(posology.plan_after(result, monographs=engine, start="2026-07-15", regimen="aud"))
        return result

    run_cases(engine.library, "naltrexone", checked)
    assert (plans[0].regimen, plans[0].start) == ("alcohol-tablet", date(2026, 7, 15))
