"""Doses that are missed: which ones, how many, and what that does to exposure."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from posology.cli import app
from posology.errors import UsageError
from posology.regimen import Adherence, parse_rx
from posology.simulate.blockwise import mean_missed, taken
from posology.simulate.question import settle_question
from posology.simulate.run import simulate

from .simulating import curve, library, plainol

RX = "10 mg po q24h x40"


def arm(rx: str = RX, missed: float = 0.3):
    return settle_question(library(), "plainol", rx=[rx], missed=missed).arms[0]


def test_the_doses_a_person_takes_are_those_of_adherence() -> None:
    doses = parse_rx(RX).doses()
    adherence = Adherence(0.7, seed=9)
    told = taken(arm(), 9, 5, 25)
    for person in range(5, 25):
        kept = {dose.time for dose in adherence.apply(doses, person)}
        assert kept == {dose.time for dose, one in zip(doses, told[:, person - 5], strict=True) if one}


def test_about_the_share_is_missed() -> None:
    # 20,000 doses: standard error 0.3 %.
    assert mean_missed(arm(), 1, 500) / 40 == pytest.approx(0.3, abs=0.013)


def areas(missed: float, window: str) -> np.ndarray:
    asked = {"population": 3000, "missed": missed, "individuals": True, "outputs": ["plainol"]}
    found = simulate(library(), "plainol", rx=[RX], **asked)
    assert found.individuals is not None
    (chosen,) = [each for each in found.individuals if each.kind == "auc" and each.window.startswith(window)]
    return chosen.values.astype(float)


def test_a_dose_that_is_missed_leaves_nothing() -> None:
    # The area of the first interval is that of the first dose alone.
    shares = areas(0.3, "first") / areas(0.0, "first")
    assert set(np.round(shares, 5)) == {0.0, 1.0}
    assert shares.mean() == pytest.approx(0.7, abs=0.03)  # 3,000 people: standard error 0.008


def test_mean_exposure_falls_by_the_share() -> None:
    # Linear kinetics: what is expected of an area is (1 − share) of the full one.
    assert areas(0.25, "last").mean() / areas(0.0, "last").mean() == pytest.approx(0.75, abs=0.03)


def test_neither_blocks_nor_workers_nor_company_matter() -> None:
    runs = [
        simulate(
            library(), "plainol", rx=[RX], population=many, seed=4, missed=0.2, block=block, individuals=True
        )
        for many, block in ((300, None), (300, 64), (300, 77))
    ]
    for other in runs[1:]:
        assert other.simulation.to_dict() == runs[0].simulation.to_dict()
    fewer = simulate(library(), "plainol", rx=[RX], population=120, seed=4, missed=0.2, individuals=True)
    assert runs[0].individuals is not None
    assert fewer.individuals is not None
    for many, few in zip(runs[0].individuals, fewer.individuals, strict=True):
        assert np.array_equal(many.values[:120], few.values, equal_nan=True)


def test_the_typical_person_takes_every_dose_and_the_answer_says_so() -> None:
    full, some = plainol(RX, population=200), plainol(RX, population=200, missed=0.3)
    output = full.arms[0].curves[0].output.id
    assert np.array_equal(curve(full.arms[0], output).typical, curve(some.arms[0], output).typical)
    (note,) = some.arms[0].notes
    mean = mean_missed(arm(), 1, 200)
    assert f"on average {mean:.4g} of 40 doses are missed; the typical person takes all of them" in note
    assert note in some.notes
    assert full.arms[0].notes == ()


@pytest.mark.parametrize("share", [-0.1, 1.0, 1.5, float("nan")])
def test_a_share_that_is_none(share: float) -> None:
    with pytest.raises(UsageError, match="from 0 to less than 1"):
        plainol(RX, population=10, missed=share)


def test_missing_doses_needs_people() -> None:
    with pytest.raises(UsageError, match="the typical person takes every dose"):
        plainol(RX, missed=0.1)


def test_on_the_command_line() -> None:
    def run(*more: str):
        return CliRunner().invoke(app, ["simulate", "naltrexone", "--rx", "50 mg po q24h x5", *more])

    found = run("--population", "20", "--missed", "0.5", "--output", "naltrexone", "--format", "json")
    assert found.exit_code == 0
    assert any("are missed" in note for note in json.loads(found.stdout)["notes"])
    refused = run("--population", "20", "--missed", "1")
    assert refused.exit_code != 0


def test_who_misses_doses_differs_even_where_the_model_knows_no_spread() -> None:
    found = simulate(library(), "naloxone", rx=["4 mg nasal"], population=100, missed=0.5).simulation
    band = found.arms[0].curves[0]
    assert found.population == 100
    assert band.low is not None
    assert band.high is not None
    assert band.low.max() == 0.0
    assert band.high == pytest.approx(band.typical, rel=1e-4)
