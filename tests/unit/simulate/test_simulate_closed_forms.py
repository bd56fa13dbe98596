"""Summaries of the made-up drug against closed forms.

One compartment with first-order absorption: Gabrielsson and Weiner, Pharmacokinetic and Pharmacodynamic Data
Analysis, 5th ed., section 2.3: C = F·D·ka/(V·(ka − k))·(e^(−kt) − e^(−ka·t)), tmax = ln(ka/k)/(ka − k), AUC = F·D/CL;
at steady state each exponential is divided by 1 − e^(−rate·τ), and the mean is F·D/(CL·τ).
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from posology.simulate.covariates import settle
from posology.simulate.draws import Draws
from posology.simulate.population import Population
from tests.unit.simulate.simulating import curve, library, number, plainol

CL, V, KA, F, DOSE = 5.0, 50.0, 1.0, 0.5, 100_000.0  # L/h, L, 1/h, 1, µg
K = CL / V
FIRST, LAST, WHOLE = "first dosing interval", "last dosing interval", "whole"


def concentration(t: float) -> float:
    return F * DOSE * KA / (V * (KA - K)) * (math.exp(-K * t) - math.exp(-KA * t))


def test_a_single_dose_by_mouth() -> None:
    (arm,) = plainol("100 mg po").arms
    tmax = math.log(KA / K) / (KA - K)
    assert number(arm, "plainol", "tmax", WHOLE).typical == pytest.approx(tmax, rel=1e-3)
    assert number(arm, "plainol", "cmax", WHOLE).typical == pytest.approx(concentration(tmax), rel=1e-5)
    assert number(arm, "plainol", "auc-infinity").typical == pytest.approx(F * DOSE / CL, rel=1e-9)
    assert number(arm, "plainol", "half-life").typical == pytest.approx(math.log(2) / K, rel=1e-3)
    there = curve(arm, "plainol")
    assert there.typical == pytest.approx([concentration(hour) for hour in there.hours], rel=1e-9)


@pytest.mark.parametrize("rx", ["100 mg po q52w x2", "20 mg po mon-fri x5 & 100 mg po sat x1"])
def test_a_peak_is_found_however_long_its_interval(rx: str) -> None:
    (arm,) = plainol(rx, for_hours=None if "x2" in rx else 168.0, population=20).arms
    tmax = math.log(KA / K) / (KA - K)
    before = 0.0 if "q52w" in rx else 20 / 100 * sum(concentration(tmax + 24 * day) for day in range(1, 6))
    peak = number(arm, "plainol", "cmax", FIRST if "q52w" in rx else "last")
    assert peak.typical == pytest.approx(concentration(tmax) + before, rel=3e-3)


def test_a_bolus_has_its_peak_at_once() -> None:
    (arm,) = plainol("10 mg iv q24h x3").arms
    assert number(arm, "plainol", "cmax", FIRST).typical == pytest.approx(10_000 / V, rel=1e-12)
    assert number(arm, "plainol", "tmax", LAST).typical == 0
    # The trough is the value just before the next dose, not just after it.
    assert number(arm, "plainol", "trough", FIRST).typical == pytest.approx(10_000 / V * math.exp(-24 * K))
    accumulated = 1 + math.exp(-24 * K) + math.exp(-48 * K)
    assert number(arm, "plainol", "trough-ratio").typical == pytest.approx(accumulated, rel=1e-9)


def test_repeated_doses_reach_the_steady_state() -> None:
    (arm,) = plainol("100 mg po q24h x30").arms
    assert number(arm, "plainol", "average", LAST).typical == pytest.approx(F * DOSE / (CL * 24), rel=1e-9)
    trough = (
        F
        * DOSE
        * KA
        / (V * (KA - K))
        * sum(sign * math.exp(-rate * 24) / (1 - math.exp(-rate * 24)) for rate, sign in ((K, 1), (KA, -1)))
    )
    assert number(arm, "plainol", "trough", LAST).typical == pytest.approx(trough, rel=1e-9)
    assert number(arm, "mu-loose", "trough", LAST).typical == pytest.approx(trough / (trough + 200), rel=1e-9)
    started = plainol("100 mg po q24h x1 ss", for_hours=24).arms[0]
    assert curve(started, "plainol").typical[-1] == pytest.approx(trough, rel=1e-9)


def test_time_above_and_time_until_below_follow_the_exponential() -> None:
    # 100 mg into a vein: C = 2000·e^(−kt); half of the loosely bound receptors at 200 ng/mL.
    (arm,) = plainol("100 mg iv", washout=True, levels=[0.5]).arms
    hours = math.log(2000 / 200) / K
    assert number(arm, "mu-loose", "below-after", level=0.5).typical == pytest.approx(hours / 24, rel=1e-3)
    assert number(arm, "mu-loose", "time-above", level=0.5).typical == pytest.approx(hours, rel=1e-3)
    assert number(arm, "mu-loose", "most").typical == pytest.approx(2000 / 2200, rel=1e-9)


def test_an_opioid_has_its_effect_back_as_receptors_become_free() -> None:
    (arm,) = plainol("100 mg iv", washout=True).arms
    blocked = next(each for each in arm.curves if each.output.id == "mu-loose").typical
    for slope in (1.0, 3.0):
        (left,) = [
            each.typical
            for each in arm.curves
            if each.output.kind == "challenge"
            and each.output.slope == slope
            and each.output.reading == "loose"
        ]
        x = 2 * (1 - blocked)
        assert left == pytest.approx((x**slope / (1 + x**slope)) / (2**slope / (1 + 2**slope)), rel=1e-12)


def test_random_effects_have_the_spread_of_the_model() -> None:
    """Lognormal: the logarithm has the standard deviation omega. Logit: the logit has."""
    (model, _) = library().kinetics("plainol")
    drawn = Population(model, settle([model], {}), Draws(1)).drawn(0, 200_000)
    error = 4 / math.sqrt(2 * 200_000)  # four relative standard errors of a standard deviation
    assert np.log(drawn["cl"]).std() == pytest.approx(0.3, rel=error)
    assert np.log(drawn["cl"]).mean() == pytest.approx(math.log(5), abs=0.3 * 4 / math.sqrt(200_000))
    below = drawn["f"] < 0.95  # cut off there
    logit = np.log(drawn["f"][below] / (1 - drawn["f"][below]))
    assert logit.std() == pytest.approx(0.5, rel=2 * error)
    assert drawn["f"].max() <= 0.95
    # Parameters that share a random effect move together.
    assert drawn["half"] == pytest.approx(2 * drawn["firm"], rel=1e-12)


def test_the_population_of_a_model_without_random_effects_on_it_is_the_typical_person() -> None:
    (arm,) = plainol("100 mg nasal", population=30).arms
    assert arm.model == "sticky"
    peak = number(arm, "plainol", "cmax")
    assert peak.median == pytest.approx(peak.typical, rel=1e-6)  # volume has no omega; single precision
