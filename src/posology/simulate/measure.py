"""One number that a model gives for the typical person: a peak, an exposure, a half-life, a share blocked.

For observations that models are held against (`validation`), so it is exact rather than fast: peaks are looked
for on a fine grid and refined, and an exposure without end is taken until nothing is left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from posology.errors import KnowledgeError, UsageError
from posology.monograph.kinetics import KineticModel, Measure
from posology.regimen.dose import Dose
from posology.regimen.parse import parse_rx
from posology.simulate.challenge import effect_left
from posology.simulate.covariates import settle
from posology.simulate.draws import Draws
from posology.simulate.exposure import exposure
from posology.simulate.model_for import model_for, routed
from posology.simulate.population import Population
from posology.simulate.receptor import occupancy
from posology.simulate.system import System, Values
from posology.simulate.timeline import Grid

Floats = npt.NDArray[np.float64]

_POINTS = 20_000
"""Of the grid on which a peak is looked for first."""
_FINER = 200
_GONE = 60.0
"""Of the slowest rate's time constants: e⁻⁶⁰ of a dose is nothing."""
_LOOKED = 8.0
"""Time constants after the last dose in which a peak is looked for."""


def measured(drug: str, models: Sequence[KineticModel], measure: Measure) -> tuple[float, str]:
    """The number, in the unit of its kind (ng/mL, h, ng·h/mL, L, or a share from 0 to 1), and the model's id.

    The model is the first of `models` that covers the regimen's routes.

    Raises:
        KnowledgeError: the measure asks for something that the models do not have or that is not there, such
            as a half-life where the concentration rises.
    """
    try:
        doses = tuple(parse_rx(measure.rx).doses())
        routes = routed(models, doses, measure.rx)
        model = model_for(drug, models, routes, measure.rx)
        run = Run.of(model, doses, measure.covariates)
        return float(_KINDS[measure.kind](run, measure)), model.id
    except UsageError as error:
        raise KnowledgeError(f"{drug}: cannot measure {measure.kind} of {measure.of}: {error}") from None


@dataclass(frozen=True)
class Run:
    """The typical person under one regimen."""

    model: KineticModel
    doses: tuple[Dose, ...]
    values: Values

    @classmethod
    def of(cls, model: KineticModel, doses: tuple[Dose, ...], covariates: Sequence[str]) -> Run:
        """Raises `UsageError` for covariates that the model does not have."""
        traits = settle([model], covariates)
        return cls(model, doses, Population(model, traits, Draws(0)).typical_values)

    @cached_property
    def routes(self) -> tuple[str, ...]:
        """By which doses are given. One that names no route has the model's only one."""
        return tuple(dict.fromkeys(dose.route or self.model.routes[0].id for dose in self.doses))

    def system(self, output: str) -> System:
        """The states behind an output."""
        infused = {dose.route or self.model.routes[0].id for dose in self.doses if dose.duration}
        return System.of(self.model, self.routes, [output], infused=infused)

    def curve(self, output: str, grid: Grid) -> Floats:
        """An analyte (ng/mL) or ``auc:`` of one (ng·h/mL) at the points of a grid, shape (times,)."""
        found = exposure(self.system(output), self.values, self.doses, grid, [output])[output]
        return np.asarray(found, dtype=np.float64).reshape(grid.count)

    def at(self, output: str, hour: float) -> float:
        """The same at one hour."""
        return float(self.curve(output, Grid(hour, 1.0, 1))[0])

    def blockade(self, receptor: str, grid: Grid) -> Floats:
        """The occupied share of a receptor at the points of a grid, shape (times,)."""
        found = occupancy(self.system(receptor), self.values, self.doses, grid, [receptor])[receptor]
        return np.asarray(found, dtype=np.float64).reshape(grid.count)

    def blocked(self, receptor: str, hour: float) -> float:
        """The same at one hour."""
        return float(self.blockade(receptor, Grid(hour, 1.0, 1))[0])

    def ends(self, analyte: str, constants: float) -> float:
        """The hour so many of the slowest time constant after the last dose."""
        last = max(dose.time + dose.duration for dose in self.doses)
        return last + constants / slowest(self.system(analyte).matrices(self.values)[..., 0])

    def auc(self, analyte: str, start: float | None, end: float | None) -> float:
        """Exposure from one hour to another (ng·h/mL); without an end until nothing is left."""
        output = f"auc:{analyte}"
        until = self.at(output, self.ends(analyte, _GONE) if end is None else end)
        return until - (self.at(output, start) if start else 0.0)


def slowest(matrix: Floats) -> float:
    """The smallest rate (1/h) at which a linear system of states (n, n) falls; what gathers does not count."""
    rates = -np.linalg.eigvals(matrix).real
    return float(rates[rates > 1e-12].min())


def _window(run: Run, measure: Measure) -> tuple[float, float]:
    end = run.ends(measure.of, _LOOKED) if measure.to_h is None else measure.to_h
    return measure.from_h or 0.0, end


def _extreme(run: Run, measure: Measure, sign: float) -> tuple[float, float]:
    """Hour and height of the highest (`sign` 1) or lowest (−1) point in the window."""
    low, high = _window(run, measure)
    grid = Grid(low, (high - low) / _POINTS, _POINTS + 1)
    index = int(np.argmax(sign * run.curve(measure.of, grid)))
    return _refined(run, measure.of, grid, index, sign)


def _refined(run: Run, output: str, grid: Grid, index: int, sign: float) -> tuple[float, float]:
    first, last = grid.start, grid.start + grid.step * (grid.count - 1)
    hour, step, height = grid.start + grid.step * index, grid.step, 0.0
    for _ in range(2):
        low, high = max(first, hour - step), min(last, hour + step)
        step = (high - low) / _FINER
        curve = run.curve(output, Grid(low, step, _FINER + 1))
        best = int(np.argmax(sign * curve))
        hour, height = low + step * best, float(curve[best])
    return hour, height


def _first_peak(run: Run, measure: Measure) -> float:
    low, high = _window(run, measure)
    grid = Grid(low, (high - low) / _POINTS, _POINTS + 1)
    curve = run.curve(measure.of, grid)
    rises = np.diff(curve) > 0
    falls = np.flatnonzero(~rises & (np.concatenate([[True], rises[:-1]])))
    if not falls.size:
        raise UsageError("it never falls in the window, so it has no peak; give a longer one")
    return _refined(run, measure.of, grid, int(falls[0]), 1.0)[0]


def _falls(curve: Callable[[Grid], Floats], measure: Measure) -> float:
    """Half-life by the regression of the logarithm on time over the window, as noncompartmental analysis has it."""
    start, end = _needed(measure.from_h, "from-h"), _needed(measure.to_h, "to-h")
    grid = Grid(start, (end - start) / _FINER, _FINER + 1)
    level = curve(grid)
    if not (level > 0).all() or not level[0] > level[-1]:
        raise UsageError(f"{measure.of} does not fall from {start:g} to {end:g} h; choose another window")
    hours = grid.hours - grid.hours.mean()
    return float(-np.log(2) * (hours @ hours) / (hours @ np.log(level)))


def _volume(run: Run, measure: Measure) -> float:
    """Dose/(AUC·λz) after a bolus straight into the plasma compartment, in L."""
    system = run.system(measure.of)
    matrix = system.matrices(run.values)[..., 0]
    plasma = next(one for one in run.model.compartments if one.analyte == measure.of and one.plasma)
    at = system.states.index(plasma.id)
    # States that plasma exchanges with; what only fills it, or is only filled by it, is not its disposition.
    with_it = [i for i in range(len(matrix)) if system.reaches[i][at] and system.reaches[at][i]]
    block = matrix[np.ix_(with_it, with_it)]
    unit = np.eye(len(with_it))[with_it.index(at)]
    litres = float(run.values[plasma.volume][0])
    auc = -np.linalg.solve(block, unit)[with_it.index(at)] / litres
    return float(1 / (auc * slowest(block)))


def _excreted(run: Run, measure: Measure) -> float:
    salts = {route.id: route.salt for route in run.model.routes}
    given = 0.0
    for dose in run.doses:
        salt = salts[dose.route or run.model.routes[0].id]
        given += dose.amount * 1000 * (float(run.values[salt][0]) if salt else 1.0)
    clearance = _needed(measure.renal_clearance_l_h, "renal-clearance-l-h")
    return run.auc(measure.of, measure.from_h, measure.to_h) * clearance / given


def _challenge(run: Run, measure: Measure) -> float:
    challenge = next((one for one in run.model.challenges if one.id == measure.of), None)
    if challenge is None:
        raise UsageError(f"{run.model.id} has no challenge '{measure.of}'")
    receptors = [
        one.id
        for one in run.model.receptors
        if one.site == challenge.site and challenge.reading in ("", one.reading)
    ]
    if len(receptors) != 1:
        raise UsageError(f"challenge '{measure.of}' needs the one reading of {challenge.site} that is meant")
    blocked = run.blocked(receptors[0], _needed(measure.at_h, "at-h"))
    return 1.0 - float(effect_left(challenge, _needed(measure.slope, "slope"), blocked))


def _needed(number: float | None, name: str) -> float:
    if number is None:
        raise UsageError(f"it needs '{name}'")
    return number


_KINDS: dict[str, Callable[[Run, Measure], float]] = {
    "concentration": lambda run, one: run.at(one.of, _needed(one.at_h, "at-h")),
    "cmax": lambda run, one: _extreme(run, one, 1.0)[1],
    "cmin": lambda run, one: _extreme(run, one, -1.0)[1],
    "tmax": lambda run, one: _extreme(run, one, 1.0)[0],
    "first-peak": _first_peak,
    "auc": lambda run, one: run.auc(one.of, one.from_h, one.to_h),
    "half-life": lambda run, one: _falls(lambda grid: run.curve(one.of, grid), one),
    "volume": _volume,
    "blockade": lambda run, one: run.blocked(one.of, _needed(one.at_h, "at-h")),
    "blockade-half-life": lambda run, one: _falls(lambda grid: run.blockade(one.of, grid), one),
    "challenge": _challenge,
    "excreted": _excreted,
}
