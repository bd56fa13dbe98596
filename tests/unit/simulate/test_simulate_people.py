"""Populations: the same whatever computes them, and with the covariates and variability of the specification."""

from __future__ import annotations

import numpy as np
import pytest

from posology.simulate.result import Simulation
from posology.simulate.run import simulate
from tests.unit.simulate.simulating import curve, library, number, plainol


def same(one: Simulation, other: Simulation) -> bool:
    for mine, theirs in zip(one.arms, other.arms, strict=True):
        for a, b in zip(mine.curves, theirs.curves, strict=True):
            for name in ("typical", "median", "low", "high"):
                if not np.array_equal(getattr(a, name), getattr(b, name), equal_nan=True):
                    return False
    return repr(one.to_dict()) == repr(other.to_dict())


@pytest.mark.parametrize("population", [300, 5000])
def test_blocks_and_processes_never_change_a_result(population: int) -> None:
    def run(workers: int, block: int | None) -> Simulation:
        return simulate(
            library(),
            "plainol",
            rx=["100 mg po q24h x2", "80 mg nasal"],
            outputs=["plainol", "mu-loose", "mu-sticky"],
            population=population,
            seed=5,
            washout=True,
            workers=workers,
            block=block,
        ).simulation

    whole = run(1, None)
    assert same(whole, run(1, 77))
    assert same(whole, run(2, 513))


def test_people_are_the_same_in_each_arm_and_for_a_seed() -> None:
    both = plainol("100 mg po q24h x2", "50 mg po q24h x2", population=200, seed=3, compare=True)
    alone = plainol("50 mg po q24h x2", population=200, seed=3)
    assert curve(both.arms[1], "plainol").median == pytest.approx(curve(alone.arms[0], "plainol").median)
    assert both.seed == 3
    # Half of the dose is half of the exposure in every single person, so the differences have their percentiles.
    (auc,) = [
        each
        for each in both.differences
        if (each.output, each.kind) == ("plainol", "auc") and each.window.startswith("first")
    ]
    of = number(both.arms[1], "plainol", "auc", "first")
    assert (auc.value.median, auc.value.low) == pytest.approx((-of.median, -of.high), rel=1e-5)


def test_slopes_of_covariates_are_those_of_the_published_population_model() -> None:
    """Bar P12: clearance of 6-beta-naltrexol 0.229 L/h per mL/min, of naltrexone 0.39 % per kg (Dunbar 2007)."""

    def clearance(output: str, *covariates: str) -> float:
        asked = simulate(
            library(),
            "naltrexone",
            rx=["380 mg im-xr"],
            outputs=[output],
            covariates=covariates,
            for_hours=24,
        )
        # All of an injection passes both clearances, so an area to infinity is the dose (µg) over it.
        return 380_000 / number(asked.simulation.arms[0], output, "auc-infinity").typical

    low, high = (clearance("6-beta-naltrexol", f"creatinine-clearance={each}") for each in (80, 120))
    assert (high - low) / 40 == pytest.approx(0.229, rel=0.05)
    middle, heavy = clearance("naltrexone"), clearance("naltrexone", "weight=85")
    assert (heavy / middle - 1) / 10 == pytest.approx(0.0039, rel=0.05)


def test_exposure_varies_as_published() -> None:
    """Bar P20: CV of the area for naltrexone 40–65 %, 6-beta-naltrexol 22–36 %, and after the injection 18–36 %."""
    run = simulate(
        library(),
        "naltrexone",
        rx=["50 mg po", "380 mg im-xr"],
        outputs=["naltrexone", "6-beta-naltrexol"],
        population=2000,
        seed=1,
        for_hours=48,
        individuals=True,
    )
    assert run.individuals is not None
    areas = {(each.arm, each.output): each.values for each in run.individuals if each.kind == "auc-infinity"}

    def cv(arm: str, output: str) -> float:
        return float(areas[arm, output].std() / areas[arm, output].mean())

    assert 0.40 <= cv("50 mg po", "naltrexone") <= 0.65
    assert 0.22 <= cv("50 mg po", "6-beta-naltrexol") <= 0.36
    assert 0.18 <= cv("380 mg im-xr", "naltrexone") <= 0.36


def test_a_range_of_a_covariate_is_spread_over_people() -> None:
    ranged = plainol("100 mg iv", population=400, covariates={"weight": (50, 90)})
    one = plainol("100 mg iv", population=400, covariates={"weight": 70})
    wide, narrow = (number(each.arms[0], "plainol", "auc-infinity") for each in (ranged, one))
    assert wide.high / wide.low > narrow.high / narrow.low
    assert wide.typical == narrow.typical
    assert "spread evenly from 50 to 90" in ranged.notes[0]


def test_rival_readings_come_together_and_remarks_fit_the_question() -> None:
    asked = plainol("4 mg po q24h x2", outputs=["mu-firm"], population=20, washout=True)
    assert {each.output.reading for each in asked.arms[0].curves} == {"loose", "firm"}
    assert len(asked.readings) == 2
    assert [each.id for each in asked.said] == ["made-up", "small", "washed", "people"]
    alone = plainol("100 mg po q24h x2")
    assert [each.id for each in alone.said] == ["made-up"]
    assert {each.status for each in alone.parameters} == {"assumed", "fitted"}


def test_progress_reaches_the_end() -> None:
    seen: list[tuple[int, int]] = []
    plainol("100 mg po q24h x2", population=100, progress=lambda done, many: seen.append((done, many)))
    assert seen[-1][0] == seen[-1][1] > 0
