"""The program against an independent ODE solver, with the packaged models, random regimens and random parameters.

`tests.naive.kinetics` reads the same YAML straight into equations and gives them to SciPy; they agree to 1e-6.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posology.monograph.kinetics import KineticModel
from posology.monograph.load import load_library
from posology.regimen.dose import Dose
from posology.simulate.exposure import exposure
from posology.simulate.receptor import occupancy
from posology.simulate.system import System
from posology.simulate.timeline import Grid
from tests.naive.kinetics import IN_BASE, Given, solve

MODELS = [model for name in ("naltrexone", "naloxone") for model in load_library().kinetics(name)]
SLOWEST_H = 40.0


@st.composite
def changed(draw: st.DrawFn, model: KineticModel) -> KineticModel:
    """The model with each parameter moved: shares between a half and one times, the rest a half to two times."""
    shares = {
        name for route in model.routes for one in route.portions for name in (one.fraction, one.less) if name
    }
    parameters = []
    for one in model.parameters:
        most = 1.0 if one.id in shares or one.id == "salt" else 2.0
        # An exponent that doubles turns pM into pM²: other units, not another person.
        most = 1.05 if one.unit == "1" and one.id not in shares else most
        parameters.append(
            replace(one, value=one.value * draw(st.floats(most / 2 if most != 1.05 else 0.95, most)))
        )
    by_id = {one.id: one.value for one in parameters}
    for route in model.routes:
        for portion in route.portions:
            if portion.less and by_id[portion.less] > by_id[portion.fraction]:
                return model
    return replace(model, parameters=tuple(parameters))


@st.composite
def regimens(draw: st.DrawFn, model: KineticModel) -> list[Given]:
    """One to four doses, some of them infusions, by the model's routes."""
    hours = sorted(draw(st.lists(st.integers(0, 60), min_size=1, max_size=4, unique=True)))
    return [
        Given(
            hour / 2,
            draw(st.sampled_from([0.05, 1.5, 4.5, 50.0, 380.0])),
            draw(st.sampled_from([one.id for one in model.routes])),
            draw(st.sampled_from([0.0, 0.0, 0.25, 1.5])),
        )
        for hour in (each - hours[0] for each in hours)
    ]


@pytest.mark.parametrize("model", MODELS, ids=[model.id for model in MODELS])
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_the_program_agrees_with_the_solver(model: KineticModel, data: st.DataObject) -> None:
    model = data.draw(changed(model))
    doses = data.draw(regimens(model))
    values = {one.id: np.array([one.value * IN_BASE[one.unit]]) for one in model.parameters}
    hours = np.arange(0, SLOWEST_H + 0.1, 0.5)
    wanted = solve(model, doses, list(hours), {name: float(value[0]) for name, value in values.items()})
    outputs = [one.id for one in model.analytes] + [one.id for one in model.receptors]
    given_doses = [Dose(one.hour, one.mg, "", one.route, one.over) for one in doses]
    system = System.of(
        model, {one.route for one in doses}, outputs, infused={one.route for one in doses if one.over}
    )
    grid = Grid(0.0, 0.5, len(hours))
    for name in outputs:
        run = occupancy if name in {one.id for one in model.receptors} else exposure
        found = np.asarray(run(system, values, given_doses, grid, [name])[name]).reshape(-1)
        size = 1.0 if run is occupancy else max(wanted[name].max(), 1e-300)
        assert np.abs(found - wanted[name]).max() <= 1e-6 * size, (name, doses)


@pytest.mark.parametrize(("start", "step"), [(0.0, 0.6), (48.0, 0.6), (48.1, 0.7), (3.0, 0.37), (12.0, 0.1)])
def test_grids_that_are_no_binary_fractions(start: float, step: float) -> None:
    """A panel as wide as the stretch before the grid once stood where 0.6 could not be halved exactly."""
    model = MODELS[0]
    values = {one.id: np.array([one.value * IN_BASE[one.unit]]) for one in model.parameters}
    grid = Grid(start, step, 101)
    wanted = solve(model, [Given(0, 50, "po")], [0.0, *grid.hours[grid.hours > 0]])["mu-retained"]
    wanted = wanted[-grid.count :]
    system = System.of(model, {"po"}, ["mu-retained"])
    found = occupancy(system, values, [Dose(0, 50, "", "po")], grid, ["mu-retained"])["mu-retained"]
    assert np.abs(np.ravel(found) - wanted).max() <= 1e-6
