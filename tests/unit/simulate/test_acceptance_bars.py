"""The acceptance bars P1 to P22 of the specification (pkpd.md section 13) that concern the naltrexone model.

Bars that are written in observations.yaml are read from there. A known miss is listed as one: a change that adds or
removes a miss has to be looked at.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posology.monograph.load import load_library
from posology.regimen.dose import Dose
from posology.simulate.covariates import settle
from posology.simulate.draws import Draws
from posology.simulate.exposure import exposure
from posology.simulate.population import Population
from posology.simulate.receptor import occupancy
from posology.simulate.system import System, Values
from posology.simulate.timeline import Grid
from posology.simulate.validation import Checked, compare, validate

LIBRARY = load_library()
MODEL = LIBRARY.kinetics("naltrexone")[0]
SEEN = {one.id: one for one in LIBRARY.observations("naltrexone")}
BARRED = [one.id for one in SEEN.values() if one.bar.startswith("P")]
RIVAL = ["plasma-50-mg-48-h", "plasma-50-mg-168-h", "plasma-alternate-days-48-h"]
"""The reading that the facts say fails the scans at 48 to 168 hours (pkpd.md section 8.1, M0)."""
FIRST_MONTH = "depot-against-tablet-first-month"
"""Bar P9 holds for the whole exposure of an injection, and not for what comes in its first 28 days alone."""
MISSES = {
    # Rows 4, 15, 16, 17, 18, 20 and 28 of section 10: known there.
    "auc-16-combination", "bioavailability", "volume", "slow-phase", "trough-100", "auc-100-bertolotti", "depot-cmax",
    # Found here.
    "mu-15-mg", FIRST_MONTH, *RIVAL,
}  # fmt: skip


@cache
def checked(drug: str = "naltrexone") -> dict[str, Checked]:
    return {one.observation.id: one for one in validate(LIBRARY, drug)}


@cache
def person(*covariates: str) -> Population:
    return Population(MODEL, settle([MODEL], list(covariates)), Draws(1))


def curve(
    output: str, doses: list[tuple[float, float]], grid: Grid, route: str = "po", values: Values | None = None
) -> np.ndarray:
    """An output of the typical person, or of people with these values, after doses of (hour, mg)."""
    given_doses = [Dose(hour, mg, "", route) for hour, mg in doses]
    system = System.of(MODEL, {route}, [output])
    run = occupancy if output in {one.id for one in MODEL.receptors} else exposure
    values = person().typical_values if values is None else values
    return np.asarray(run(system, values, given_doses, grid, [output])[output]).T


@pytest.mark.parametrize("name", [one for one in BARRED if one not in (*RIVAL, FIRST_MONTH)])
def test_bars_in_the_yaml(name: str) -> None:
    """P1 to P4, P6 to P11, P13 to P17."""
    one = checked()[name]
    assert one.passes, (one.predicted, SEEN[name].bar_from, SEEN[name].bar_to)


def test_every_must_bar_of_the_yaml_has_an_observation() -> None:
    numbers = {int(SEEN[name].bar[1:].split(" ")[0]) for name in BARRED}
    assert numbers == {1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17}


def test_misses_are_the_known_ones() -> None:
    assert {name for name, one in checked().items() if one.passes is False} == MISSES


PREDICTED = {
    "cmax-50-swiss": "10.1", "auc-50-meyer": "36.0", "auc-16-combination": "11.5", "half-life-50": "4.1",
    "metabolite-cmax-50": "100.6", "metabolite-half-life": "12.9", "metabolite-auc-50": "666",
    "metabolite-ratio": "18.5", "proportional": "4.00", "urine-naltrexone": "0.6",
    "urine-metabolite-48-h": "23.5", "bioavailability": "9.6",
    "volume": "820", "trough-100": "0.17", "metabolite-trough-100": "16.3", "auc-100-bertolotti": "71",
    "cirrhosis-exposure": "8.0", "depot-second-peak": "2.1", "depot-against-tablet": "3.1",
    "depot-auc-population-model": "132", "depot-auc-28-d": "120", "depot-cmax": "11.0", "depot-half-life": "6.1",
    "depot-day-31": "0.94", "depot-accumulation": "1.10", "depot-metabolite": "3.2", "mu-2-mg": "28", "mu-5-mg": "50",
    "mu-50-mg": "91", "mu-50-mg-onset": "91.9", "mu-50-mg-48-h": "83", "mu-50-mg-168-h": "30",
    "mu-daily-3-h": "98.4", "delta-daily": "20.6", "heroin-100-24-h": "96.5", "heroin-100-48-h": "87.2",
    "heroin-50-24-h": "82", "heroin-150-72-h": "83", "heroin-80-48-h": "80", "hydromorphone-75-day-14": "97.7",
    "hydromorphone-75-day-21": "93.1", "hydromorphone-300-day-28": "99.1", "hydromorphone-300-day-42": "68",
}  # fmt: skip
"""Left out, because the specification read them off a grid: Tmax 0.85 and 0.65 h and a burst at 1.7 h (here 0.87,
0.64 and 1.62), 80 h of blockade (81 by regression), and 94.7 % 24 hours after the fourth dose (94.3 here; 94.9 at
steady state)."""


@pytest.mark.parametrize("name", PREDICTED)
def test_predictions_are_those_of_the_specification(name: str) -> None:
    """Column 'predicted' of pkpd.md section 10, to its printed digits."""
    printed = PREDICTED[name]
    assert checked()[name].predicted == pytest.approx(
        float(printed), abs=0.6 * 10.0 ** -len(printed.partition(".")[2])
    )


def test_p4_two_half_doses_are_one_dose() -> None:
    grid = Grid.until(72, 0.5)
    for analyte in ("naltrexone", "6-beta-naltrexol"):
        one, two = curve(analyte, [(0, 50)], grid), curve(analyte, [(0, 25), (0, 25)], grid)
        assert two == pytest.approx(one, rel=1e-9)


@pytest.mark.parametrize(
    ("route", "mg", "base"), [("po", 50, 50_000 * 0.903536 * 0.96), ("im-xr", 380, 380_000)]
)
def test_p5_mass_balance(route: str, mg: float, base: float) -> None:
    system = System.of(MODEL, {route}, ["naltrexone"], eliminated=True)
    states = [one if one.startswith("out:") else f"amount:{one}" for one in system.states]
    effects = {f"amount:{one.id}" for one in MODEL.effects}
    amounts = [one for one in states if one not in effects]
    found = exposure(system, person().typical_values, [Dose(0, mg, "", route)], Grid.until(1000, 25), amounts)
    assert sum(np.ravel(found[one]) for one in amounts) == pytest.approx(base, rel=1e-8)


def test_p8_the_injection_declines() -> None:
    levels = np.ravel(curve("naltrexone", [(0, 380)], Grid(336, 168, 3), "im-xr"))
    assert all(before > after for before, after in pairwise(levels))
    assert levels[-1] >= 0.7


@pytest.mark.parametrize("level", ["A", "B"])
def test_p11_mild_cirrhosis_leaves_the_injection_alone(level: str) -> None:
    grid, values = Grid(672, 1, 1), person(f"child-pugh={level}").typical_values
    usual, ill = (curve("auc:naltrexone", [(0, 380)], grid, "im-xr", each) for each in (None, values))
    assert float(ill[0, 0] / usual[0, 0]) == pytest.approx(1, abs=0.25)


def test_p12_slopes_of_the_covariates() -> None:
    """6-beta-naltrexol clearance 0.229 L/h per mL/min; naltrexone clearance 0.39 % per kg."""
    low, high = (
        person(f"creatinine-clearance={value}").typical["metabolite-clearance"] for value in (60, 120)
    )
    assert (high - low) / 60 == pytest.approx(0.229, rel=0.05)
    light, heavy = (person(f"weight={value}").typical["clearance"] for value in (75, 95))
    assert (heavy / light - 1) / 20 == pytest.approx(0.0039, rel=0.05)


@settings(max_examples=25, deadline=None)
@given(mg=st.floats(0.1, 200), factor=st.floats(1.01, 3), every=st.sampled_from([12, 24, 48]))
def test_p19_blockade_is_a_share_and_grows_with_the_dose(mg: float, factor: float, every: int) -> None:
    grid = Grid.until(96, 2)
    for receptor in MODEL.receptors:
        less, more = (
            curve(receptor.id, [(every * n, each) for n in range(3)], grid) for each in (mg, mg * factor)
        )
        assert ((less >= 0) & (more <= 1)).all()
        assert (more >= less - 1e-9).all()


def test_p19_receptors_do_not_change_the_plasma() -> None:
    constants = {"mu-fast", "mu-capture", "mu-release", "metabolite-potency", "metabolite-entry"}
    changed = {name: each * (3 if name in constants else 1) for name, each in person().typical_values.items()}
    grid = Grid.until(48, 1)
    for analyte in ("naltrexone", "6-beta-naltrexol"):
        assert (curve(analyte, [(0, 50)], grid) == curve(analyte, [(0, 50)], grid, values=changed)).all()


def test_p20_spread_between_people() -> None:
    """Naltrexone AUC CV 40 to 65 %, 6-beta-naltrexol 22 to 36 %, injection 18 to 36 %, in at least 2,000 draws."""
    people = 4000
    values = person().values(0, people)
    share = person().occasion(0, people, 0)["bioavailability"] * values["bioavailability"]
    dose = 50_000 * 0.903536
    # Linear kinetics: exposure is what arrives over clearance; all of it becomes metabolite.
    plasma = np.minimum(share, 0.90) * dose / values["clearance"]
    metabolite = 0.96 * dose / values["metabolite-clearance"]
    injection = curve("auc:naltrexone", [(0, 380)], Grid(672, 1, 1), "im-xr", values)[0]
    for found, low, high in ((plasma, 0.40, 0.65), (metabolite, 0.22, 0.36), (injection, 0.18, 0.36)):
        assert low <= found.std() / found.mean() <= high
    assert np.median(plasma) == pytest.approx(36, rel=0.05)


def test_p21_low_doses_have_two_readings_and_say_what_is_not_known() -> None:
    readings = {one.reading for one in MODEL.receptors if one.site == "mu"}
    assert readings == {"retained", "plasma"}
    said = " ".join(one.says for one in MODEL.remarks if one.when == "low-dose")
    assert "Repeated low doses have not been imaged" in said


def test_p22_washout_says_both_and_warns() -> None:
    said = " ".join(one.says for one in MODEL.remarks if one.when == "washout")
    for needed in (
        "the label says",
        "consensus",
        "disagree",
        "Tolerance is lost",
        "never makes one shorter",
        "7 to 10 days",
    ):
        assert needed in said


# pkpd.md section 11: doses (hour, mg), start and length of the last interval, its least, mean and highest blockade (%).
REGIMENS = {
    "4.5 mg nightly": ([(24.0 * day, 4.5) for day in range(60)], 59 * 24, 24, (69, 76, 83)),
    "1.5 mg nightly": ([(24.0 * day, 1.5) for day in range(60)], 59 * 24, 24, (47, 53, 59)),
    "50 mg daily": ([(24.0 * day, 50) for day in range(30)], 29 * 24, 24, (95, 97, 99)),
    "100 mg every second day": ([(48.0 * day, 100) for day in range(15)], 14 * 48, 48, (93, 96, 99)),
    "150 mg every third day": ([(72.0 * day, 150) for day in range(12)], 11 * 72, 72, (91, 95, 100)),
}


@pytest.mark.parametrize("name", REGIMENS)
def test_blockade_by_regimen(name: str) -> None:
    doses, start, hours, (least, mean, most) = REGIMENS[name]
    found = 100 * np.ravel(curve("mu-retained", doses, Grid(start, 0.25, hours * 4 + 1)))
    # The first point is just after the dose, the trough just before it.
    assert found.min() == pytest.approx(least, abs=0.51)
    assert found.mean() == pytest.approx(mean, abs=0.51)
    assert found.max() == pytest.approx(most, abs=0.51)


@pytest.mark.parametrize(
    ("doses", "route", "days"),
    [
        ([(24.0 * day, 50) for day in range(30)], "po", 6.3),
        ([(24.0 * day, 4.5) for day in range(60)], "po", 2.6),
        ([(672.0 * n, 380) for n in range(3)], "im-xr", 55),
    ],
)
def test_days_until_half_is_free(doses: list[tuple[float, float]], route: str, days: float) -> None:
    """pkpd.md section 9.1: typical time to blockade below 50 % after the last dose."""
    last = doses[-1][0]
    found = np.ravel(curve("mu-retained", doses, Grid(last + 12, 0.1, 240 * 80), route))
    below = 12 + float(np.flatnonzero(found < 0.5)[0]) / 10
    assert below / 24 == pytest.approx(days, abs=0.51 if days > 10 else 0.051)


def test_other_sets_of_values_do_what_was_found() -> None:
    """pkpd.md section 10: three sets pass P13 to P15 and the fourth fails P14 with a half-time of 67 h."""
    found = {one.alternative.id: one.checked for one in compare(LIBRARY, "naltrexone")}
    missed = {
        name: {each.observation.id for each in seen if each.passes is False} - {"mu-15-mg"}
        for name, seen in found.items()
    }
    assert missed == {
        "less-metabolite": set(), "slower-entry": set(), "no-metabolite": set(), "more-metabolite": {"mu-half-time"},
    }  # fmt: skip
    (half_time,) = [one for one in found["more-metabolite"] if one.observation.id == "mu-half-time"]
    assert half_time.predicted == pytest.approx(67, abs=0.6)


def test_the_reference_runs_of_naloxone() -> None:
    """opioid-antagonists.md section 2.7, to the printed digit."""
    runs = [one for one in checked("naloxone").values() if one.observation.use == "structure"]
    assert len(runs) == 20
    assert [one.observation.id for one in runs if not one.passes] == []
