"""A sketch agrees with the full simulation of the same people within what it says."""

import numpy as np
import pytest

from posology.errors import UsageError
from posology.simulate.run import simulate
from posology.simulate.sketch import Sketcher, sketch

from .simulating import library


@pytest.mark.parametrize(
    ("drug", "rx", "hours"),
    [
        ("naltrexone", "50 mg po q24h x14", 14 * 24.0),
        ("naltrexone", "4.5 mg po nightly for 1 week then 50 mg po q24h for 1 week", 20 * 24.0),
        ("naltrexone", "380 mg im-xr q4w x2", 56 * 24.0),
        ("naloxone", "4 mg nasal", 6.0),
        ("plainol", "10 mg po q24h x7", 240.0),
    ],
)
def test_a_sketch_is_the_full_run_within_its_error(drug: str, rx: str, hours: float) -> None:
    found = sketch(library(), drug, rx=rx, population=200, seed=3, hours=hours, step=hours / 84)
    full = simulate(
        library(), drug, rx=[rx], population=200, seed=3, for_hours=hours, step=hours / 84
    ).simulation.arms[0]
    assert [each.output for each in found] == [each.output for each in full.curves]
    for ours, theirs in zip(found, full.curves, strict=True):
        assert np.array_equal(ours.hours, theirs.hours)
        close = {"abs": 2e-3} if ours.output.kind == "blockade" else {"rel": 1e-4, "abs": 1e-6}
        banded = ("median", "low", "high") if theirs.median is not None else ()
        assert banded or (ours.median, ours.low, ours.high) == (None, None, None)
        for name in ("typical", *banded):
            assert getattr(ours, name) == pytest.approx(getattr(theirs, name), **close), (
                ours.output.id,
                name,
            )


def test_people_are_drawn_once_and_order_does_not_matter() -> None:
    people = Sketcher(library(), "naltrexone", population=50, seed=5)
    outputs = ("naltrexone", "mu-retained")
    first = people.sketch(rx="50 mg po q24h x5", hours=200, outputs=outputs)
    people.sketch(rx="4.5 mg po q12h x30", hours=400, outputs=outputs)
    again = people.sketch(rx="50 mg po q24h x5", hours=200, outputs=outputs)
    alone = sketch(
        library(), "naltrexone", rx="50 mg po q24h x5", population=50, seed=5, hours=200, outputs=outputs
    )
    for one, two, three in zip(first, again, alone, strict=True):
        assert one.high is not None
        assert np.array_equal(one.high, two.high)
        assert np.array_equal(one.high, three.high)


def test_a_grid_of_its_own_is_3_hourly_over_90_days() -> None:
    found = sketch(library(), "plainol", rx="10 mg po q24h", population=10)
    assert len(found[0].hours) == 721
    assert found[0].hours[1] == 3.0


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"rx": "10 mg po q24h", "population": 1}, "from 2 to 2000"),
        ({"rx": "10 mg po q24h", "hours": 0}, "more than 0 h"),
        ({"rx": "10 mg po q24h", "hours": float("nan")}, "more than 0 h"),
        ({"rx": "10 mg po q24h", "step": -1.0}, "a step of"),
        ({"rx": "10 mg po q24h", "step": 1e-9}, "a step of"),
        ({"rx": "10 mg im-xr"}, "no kinetics for the route"),
        ({"rx": "10 mg po q24h", "outputs": ("nothing",)}, "output"),
        ({}, "no regimen"),
        ({"rx": "10 mg po q24h", "covariates": ["hat=2"]}, "hat"),
    ],
)
def test_what_is_refused(asked: dict, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        sketch(library(), "plainol", **asked)
