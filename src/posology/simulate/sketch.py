"""Curves of one regimen in some hundred people within the time of a key press, for a slider.

The people and what differs between their doses are drawn once, and asked about again and again. States and
matrices are shared between all outputs. People are the same as those of `simulate` with the same seed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from posology.errors import UsageError
from posology.monograph.kinetics import KineticModel
from posology.monograph.load import Library
from posology.simulate.arm import STEPS
from posology.simulate.bands import QUANTILES, percentiles
from posology.simulate.block import Block, Occasions
from posology.simulate.covariates import WEIGHT, Given, settle
from posology.simulate.draws import Draws
from posology.simulate.exposure import fill
from posology.simulate.mesh import SKETCH
from posology.simulate.model_for import model_for, models_of, refuse_too_many, routed
from posology.simulate.population import Population
from posology.simulate.question import MOST_HOURS, MOST_TIMES, followed
from posology.simulate.receptor import meshes_of, rule_of, slowly, unit_of
from posology.simulate.regimens import wanted
from posology.simulate.result import Curve
from posology.simulate.schedule import schedule_of
from posology.simulate.system import Floats, System, subjects
from posology.simulate.telling import output_of
from posology.simulate.timeline import Grid, timeline

MOST_PEOPLE = 2000
TIMES = 720
"""Times of a curve at most if no step is asked for: 3-hourly over 90 days."""


@dataclass(slots=True)
class _Drawn:
    """People of one model; the last one is the typical person."""

    people: Population
    values: dict[str, Floats]
    factors: dict[str, list[Floats]] = field(default_factory=dict)
    """By parameter that differs between doses: of each dose so far."""

    def occasions(self, doses: int) -> Occasions | None:
        """The factors of so many doses."""
        if not self.people.varying:
            return None
        names = [each.id for each in self.people.varying]
        have = len(self.factors.get(names[0], []))
        for number in range(have, doses):
            for name, each in self.people.occasion(0, subjects(self.values) - 1, number).items():
                self.factors.setdefault(name, []).append(np.append(each, 1.0))
        return {name: np.array(self.factors[name][:doses]) for name in names}


@dataclass(frozen=True)
class Sketcher:
    """Who is asked about: so many people of a drug, with a seed and covariates as in `simulate`.

    Raises `UsageError` for a drug without kinetics and for fewer than 2 or more than 2,000 people.
    """

    library: Library
    drug: str
    population: int = 500
    seed: int = 1
    covariates: Given | None = None
    model: str | None = None
    _drawn: dict[str, _Drawn] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 2 <= self.population <= MOST_PEOPLE:
            raise UsageError(f"a sketch of {self.population} people: give a number from 2 to {MOST_PEOPLE}")
        models_of(self.library, self.drug, self.model)

    def sketch(
        self,
        *,
        rx: str = "",
        regimen: str = "",
        hours: float = 90 * 24.0,
        step: float | None = None,
        outputs: tuple[str, ...] | None = None,
    ) -> tuple[Curve, ...]:
        """Curves of one regimen: the typical person, the median and the 5th to 95th percentile of people.

        Concentrations are as exact as in `simulate`. Blockade and its percentiles are within 0.002
        of it; at receptors with `association` they are as exact as in a population.

        Args:
            rx: The regimen in rx notation, or
            regimen: its name in the monograph.
            hours: How long.
            step: Hours between times; by default the finest that gives at most 720 of them.
            outputs: Analytes and receptors; all by default. Rival readings of a receptor come together.

        Raises:
            UsageError: as `run.simulate`.
        """
        if not 0 < hours <= MOST_HOURS:
            raise UsageError(f"{hours:g} h: sketch more than 0 h and at most 100 years")
        asked = wanted(self.library.monograph(self.drug), [rx] if rx else [], [regimen] if regimen else [])
        if len(asked) > 1:
            raise UsageError("a sketch is of one regimen: give rx or regimen")
        models = models_of(self.library, self.drug, self.model)
        weight = settle(models, self.covariates, per_kg=True)[WEIGHT].typical if asked[0].per_kg else None
        assert asked[0].regimen is not None
        schedule = schedule_of(asked[0].regimen, asked[0].rx, for_hours=hours, weight=weight)
        ways = routed(models, schedule.doses, asked[0].rx)
        model = model_for(self.drug, models, ways, asked[0].rx)
        refuse_too_many(model, ways, asked[0].rx)
        doses = tuple(replace(dose, route=way) for dose, way in zip(schedule.doses, ways, strict=True))
        names = [name for some in followed(model, models, outputs, doses, asked[0].rx) for name in some]
        line = timeline(doses, _grid(hours, step))
        system = System.of(model, line.routes, names, infused=line.infused)
        receptors = [each for each in model.receptors if each.id in names]
        slow = {
            each.id: meshes_of(line, rule_of(model, each, SKETCH))
            for each in receptors
            if each.binding != "equilibrium"
        }
        unit = unit_of([each for meshes in slow.values() for each in meshes], line.grid.step)
        drawn = self._people(model, per_kg=asked[0].per_kg)
        block = Block(system, drawn.values, unit, drawn.occasions(len(doses)))
        rows = {name: np.empty((line.grid.count, block.count), np.float32) for name in names}
        states = block.states(line)
        fill(block, line, {name: rows[name].T for name in names if name not in slow}, states)
        for each in receptors:
            target = rows[each.id]
            if each.id in slow:
                none = [0.0] * len(line.steps)
                slowly(
                    block, line, slow[each.id], each, target.T, levels=none, kind=np.float32, states=states
                )
            else:
                target /= target + block.values[each.half].astype(np.float32)
        differ = self._drawn[model.id].people.differ
        return tuple(self._curve(model, name, line.grid, rows[name], differ) for name in names)

    def _curve(
        self, model: KineticModel, name: str, grid: Grid, rows: npt.NDArray[np.float32], differ: bool
    ) -> Curve:
        typical = rows[:, -1].astype(np.float64)
        if not differ:  # as in `simulate`, no band where everybody is like the typical person
            return Curve(output_of(model, name), grid.hours, typical)
        low, median, high = percentiles(rows[:, :-1], QUANTILES)
        return Curve(output_of(model, name), grid.hours, typical, median, low, high)

    def _people(self, model: KineticModel, *, per_kg: bool) -> _Drawn:
        if model.id not in self._drawn:
            traits = settle([model], self.covariates, per_kg=per_kg)
            chosen = {each.id: traits[each.id] for each in model.covariates}
            people = Population(model, chosen, Draws(self.seed))
            typical = people.typical_values
            values = {
                name: np.append(np.broadcast_to(each, (self.population,)), typical[name])
                if each.size > 1 or each[0] != typical[name][0]
                else each
                for name, each in people.values(0, self.population).items()
            }
            self._drawn[model.id] = _Drawn(people, values)
        return self._drawn[model.id]


def sketch(
    library: Library,
    drug: str,
    *,
    rx: str = "",
    regimen: str = "",
    population: int = 500,
    seed: int = 1,
    hours: float = 90 * 24.0,
    covariates: Given | None = None,
    step: float | None = None,
    outputs: tuple[str, ...] | None = None,
) -> tuple[Curve, ...]:
    """Curves of one regimen in these people; who asks about the same people again keeps a `Sketcher`."""
    people = Sketcher(library, drug, population, seed, covariates)
    return people.sketch(rx=rx, regimen=regimen, hours=hours, step=step, outputs=outputs)


def _grid(hours: float, step: float | None) -> Grid:
    chosen = step or next((each for each in STEPS if hours / each <= TIMES), hours / TIMES)
    if not chosen > 0 or hours / chosen > MOST_TIMES:
        raise UsageError(f"a step of {chosen:g} h over {hours:g} h: give one with at most {MOST_TIMES} times")
    return Grid(0.0, chosen, max(2, math.ceil(hours / chosen - 1e-9) + 1))
