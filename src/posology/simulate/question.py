"""From what is asked to arms that can be computed: models, horizon, grid, levels, outputs; and what is refused."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from posology.errors import UsageError, unknown_name
from posology.monograph.kinetics import KineticModel
from posology.monograph.load import Library
from posology.regimen.dose import Dose
from posology.simulate.arm import STEPS, ArmPlan
from posology.simulate.covariates import WEIGHT, Given, Trait, settle
from posology.simulate.draws import Draws
from posology.simulate.exposure import exposure
from posology.simulate.limits import beyond_limits
from posology.simulate.model_for import model_for, models_of, refuse_too_many, routed
from posology.simulate.population import Population
from posology.simulate.receptor import Pulse, occupancy
from posology.simulate.regimens import Wanted, wanted
from posology.simulate.result import Said
from posology.simulate.schedule import Schedule, schedule_of, schedule_of_doses
from posology.simulate.timeline import Grid

MOST_HOURS = 100 * 365.25 * 24
MOST_TIMES = 200_000
"""Times of a grid; 22 years of hours."""
MOST_ARMS = 50
_SMOOTH = 1500
"""So many times are enough for a curve; a finer grid than hourly is chosen as long as it has no more."""
_FADED = 0.01
"""A single dose is followed until every concentration of the typical person is below this share of its peak."""
_LONGEST_FADE = 120 * 24.0
_LONGEST_WASHOUT = 180 * 24.0
_SLOWER = 3.0
"""A washout is followed for so many times as long as it takes in the typical person, because people differ."""


@dataclass(frozen=True)
class Question:
    """A question that can be answered: the arms, and the people of each arm's model."""

    arms: tuple[ArmPlan, ...]
    wanted: tuple[Wanted, ...]
    schedules: tuple[Schedule, ...]
    people: dict[str, Population]
    """By model id."""
    traits: dict[str, Trait]
    levels: tuple[float, ...]
    washout: bool
    limits: tuple[Said, ...] = ()
    """What the monograph says of doses beyond its limits."""


def settle_question(
    library: Library,
    drug: str,
    *,
    rx: Sequence[str] = (),
    regimen: Sequence[str] = (),
    doses: Mapping[str, Sequence[Dose]] | None = None,
    seed: int = 1,
    covariates: Given | None = None,
    for_hours: float | None = None,
    start: date | None = None,
    step: float | None = None,
    washout: bool = False,
    levels: Sequence[float] | None = None,
    outputs: Sequence[str] | None = None,
    model: str | None = None,
    agonist: Sequence[Pulse] = (),
    despite_limits: bool = False,
    missed: float = 0.0,
) -> Question:
    """Everything that has to be known to compute the answer.

    Raises `UsageError` for whatever cannot be asked; see `run.simulate`.
    """
    _checked_times(for_hours, step)
    if not 0 <= missed < 1:
        raise UsageError(
            f"missed doses ({missed:g}): give the share of doses that are missed, from 0 to less than 1, such as 0.1"
        )
    asked = wanted(library.monograph(drug), rx, regimen, doses)
    if len(asked) > MOST_ARMS:
        raise UsageError(f"{len(asked)} regimens at once: ask for at most {MOST_ARMS}")
    known = models_of(library, drug, model)
    per_kg = any(each.per_kg for each in asked)
    weight = settle(known, covariates, per_kg=True)[WEIGHT].typical if per_kg else None
    schedules, routes, models = [], [], []
    for each in asked:
        if each.regimen is None:
            schedule = schedule_of_doses(each.doses, each.name, for_hours)
        else:
            schedule = schedule_of(
                each.regimen,
                each.rx,
                named=each.statement is not None,
                for_hours=for_hours,
                start=start,
                weight=weight,
            )
        ways = routed(known, schedule.doses, each.rx)
        schedules.append(schedule)
        routes.append(ways)
        models.append(model_for(drug, known, ways, each.rx))
        given = [way for way, dose in zip(ways, schedule.doses, strict=True) if dose.amount]
        refuse_too_many(models[-1], given, each.rx)
    doses_of = zip(asked, (routed_doses(*each) for each in zip(schedules, routes, strict=True)), strict=True)
    limits = beyond_limits(library.monograph(drug), doses_of, despite=despite_limits)
    used = {each.id: each for each in models}
    # A covariate counts as known only if a model that is used depends on it, so that none is ignored in silence.
    traits = settle(list(used.values()), covariates, per_kg=per_kg)
    draws = Draws(seed)
    people = {
        name: Population(each, {c.id: traits[c.id] for c in each.covariates}, draws)
        for name, each in used.items()
    }
    chosen_levels = _levels(levels, models)
    arms = []
    for each, schedule, ways, chosen in zip(asked, schedules, routes, models, strict=True):
        dated = routed_doses(schedule, ways)
        names = followed(chosen, models, outputs, dated, each.rx)
        arm = ArmPlan(
            name=each.name,
            model=chosen,
            doses=dated,
            last_dose=schedule.last_dose,
            first=schedule.first,
            last=schedule.last,
            repeats=schedule.repeats,
            grid=Grid(0.0, 1.0, 1),
            levels=chosen_levels,
            washout=washout,
            agonist=tuple(agonist),
            missed=missed,
            analytes=names[0],
            receptors=names[1],
        )
        arms.append(arm)
    hours = for_hours or 0.0
    for arm, schedule in zip(arms, schedules, strict=True):
        hours = max(hours, _hours(arm, schedule, people[arm.model.id], for_hours, washout))
    grid = _grid(hours, step)
    planned = tuple(replace(arm, grid=grid, tails=_tails(arm, people[arm.model.id])) for arm in arms)
    return Question(planned, tuple(asked), tuple(schedules), people, traits, chosen_levels, washout, limits)


def routed_doses(schedule: Schedule, ways: Sequence[str]) -> tuple[Dose, ...]:
    """The doses of a schedule, each with its route."""
    return tuple(replace(dose, route=way) for dose, way in zip(schedule.doses, ways, strict=True))


def _checked_times(for_hours: float | None, step: float | None) -> None:
    if for_hours is not None and not 0 < for_hours <= MOST_HOURS:
        raise UsageError(f"{for_hours:g} h: simulate more than 0 h and at most 100 years")
    if step is not None and not 1 / 3600 <= step <= 24 * 7:
        raise UsageError(f"a step of {step:g} h: give one from a second to a week")


def _levels(levels: Sequence[float] | None, models: Sequence[KineticModel]) -> tuple[float, ...]:
    if levels is None:
        return tuple(sorted({level for model in models for level in model.levels}))
    for level in levels:
        if not 0 < level < 1:
            raise UsageError(f"level {level:g}: give a share of receptors between 0 and 1, such as 0.8")
    return tuple(sorted(set(levels)))


def followed(
    model: KineticModel,
    models: Sequence[KineticModel],
    outputs: Sequence[str] | None,
    doses: tuple[Dose, ...],
    rx: str,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which analytes and receptors are followed. Of rival readings of a receptor, all or none."""
    analytes = [
        each.id
        for each in model.analytes
        if any(c.analyte == each.id and c.volume for c in model.compartments)
    ]
    receptors = [each.id for each in model.receptors]
    if outputs is not None and not outputs:
        raise UsageError("no output: name an analyte or a receptor, or leave --output out for all")
    if outputs is not None:
        every = [each.id for one in models for each in one.analytes]
        every += [each.id for one in models for each in one.receptors]
        for name in outputs:
            if name not in every:
                raise unknown_name("output", name, every)
        sites = {each.site for each in model.receptors if each.id in outputs and each.reading}
        analytes = [name for name in analytes if name in outputs]
        receptors = [
            each.id for each in model.receptors if each.id in outputs or (each.reading and each.site in sites)
        ]
    slow = [each.id for each in model.receptors if each.id in receptors and each.binding != "equilibrium"]
    if slow and any(dose.ss for dose in doses):
        able = [name for name in (*analytes, *receptors) if name not in slow]
        raise UsageError(
            f"'{rx}': ss needs a linear model, and {', '.join(slow)} holds on to the drug, so its steady state is not"
            " that of a sum of doses. Write the doses out (x60 in place of ss), or ask only for what is linear with"
            f" --output: {', '.join(each.id for each in model.analytes)}"
            if able
            else f"'{rx}': ss needs a linear model; write the doses out (x60 in place of ss)"
        )
    return tuple(analytes), tuple(receptors)


def _hours(
    arm: ArmPlan, schedule: Schedule, people: Population, for_hours: float | None, washout: bool
) -> float:
    """How long an arm has to be followed."""
    if washout:
        return max(schedule.end, schedule.last_dose + _washout_hours(arm, people))
    if for_hours is not None:
        return for_hours
    if schedule.last is not None:
        return schedule.end
    return schedule.last_dose + _fading_hours(arm, people)


def _fading_hours(arm: ArmPlan, people: Population) -> float:
    """Hours after the last dose until the typical person's concentrations have faded; whole times 6 hours."""
    if not arm.analytes:
        return 48.0
    grid = Grid(arm.last_dose, 0.5, int(_LONGEST_FADE * 2) + 1)
    curves = exposure(arm.plasma, people.typical_values, arm.doses, grid, arm.analytes)
    latest = 0.0
    for curve in curves.values():
        there = np.flatnonzero(curve[0] > _FADED * curve[0].max())
        latest = max(latest, grid.hours[there[-1]] - arm.last_dose if len(there) else 0.0)
    return min(_LONGEST_FADE, 6.0 * math.ceil((latest + 0.5) / 6.0))


def _washout_hours(arm: ArmPlan, people: Population) -> float:
    """Hours after the last dose until people's blockade is likely below every level; whole times 6 hours."""
    hours = _fading_hours(arm, people)
    grid = Grid(arm.last_dose, 1.0, int(_LONGEST_WASHOUT) + 1)
    for name in arm.receptors:
        curve = occupancy(arm.binding[name], people.typical_values, arm.doses, grid, [name], accurate=False)[
            name
        ][0]
        above = np.flatnonzero(curve >= min(arm.levels))
        hours = max(hours, _SLOWER * float(above[-1]) if len(above) else 0.0)
    return min(_LONGEST_WASHOUT, 6.0 * math.ceil((1.1 * hours + 1.0) / 6.0))


def _grid(hours: float, step: float | None) -> Grid:
    if step is None:
        step = next((each for each in STEPS if each < 1 and hours / each <= _SMOOTH), 1.0)
    count = math.ceil(hours / step - 1e-9) + 1
    if count > MOST_TIMES:
        raise UsageError(
            f"{hours:g} h in steps of {step:g} h are {count} times, and at most {MOST_TIMES} are kept:"
            " make the step longer or the time shorter"
        )
    return Grid(0.0, step, max(count, 2))


def _tails(arm: ArmPlan, people: Population) -> tuple[tuple[str, float, float], ...]:
    """Between which hours half-lives are taken: while the typical person falls from 10 % to 1 % of the last peak."""
    if not arm.analytes:
        return ()
    grid = Grid(arm.last_dose, 0.5, int(_LONGEST_WASHOUT * 2) + 1)
    curves = exposure(arm.plasma, people.typical_values, arm.doses, grid, arm.analytes)
    found = []
    for name, curve in curves.items():
        top = curve[0].max()
        after = curve[0][curve[0].argmax() :]
        start, stop = (int(np.argmax(after < share * top)) for share in (0.1, 0.01))
        if top > 0 and 0 < start < stop:
            begin = grid.hours[int(curve[0].argmax())]
            found.append((name, float(begin + 0.5 * start), float(begin + 0.5 * stop)))
    return tuple(found)
