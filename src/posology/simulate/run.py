"""Simulating: the typical person and a population, for one regimen or several, and what has to be said with it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from posology.errors import UsageError
from posology.monograph.load import Library
from posology.regimen.dose import Dose
from posology.simulate import telling
from posology.simulate.arm import ArmPlan
from posology.simulate.blockwise import mean_missed
from posology.simulate.covariates import Given
from posology.simulate.follow import follow
from posology.simulate.people import Found, pilot_of, simulate_people
from posology.simulate.question import Question, settle_question
from posology.simulate.receptor import Pulse
from posology.simulate.result import Arm, Curve, Difference, Individuals, Simulation, Summary
from posology.simulate.summaries import Key, spread

Floats = npt.NDArray[np.float64]
SEED = 1
"""The seed of a population if none is given; the result tells which was used."""
WASHOUT_PEOPLE = 500
"""The people of a washout if nothing is said: enough for a 5th and 95th percentile."""
MOST_BYTES = 4 << 30
"""What a simulation may take in memory, by its own reckoning."""
SHARED_OUT = 5000
"""People from which on more than one process is worth starting."""
MOST_WORKERS = 256
_BINS = 5000
"""Bins of a histogram that holds the 5th to the 95th percentile of concentrations that differ tenfold, about."""


@dataclass(frozen=True, slots=True)
class Run:
    """A simulation, and if they were asked for the numbers of every person."""

    simulation: Simulation
    individuals: list[Individuals] | None = None


@dataclass(frozen=True, slots=True)
class _Typical:
    curves: dict[str, Floats]
    numbers: dict[Key, float]


def simulate(
    library: Library,
    drug: str,
    *,
    rx: Sequence[str] = (),
    regimen: Sequence[str] = (),
    doses: Mapping[str, Sequence[Dose]] | None = None,
    population: int | None = None,
    seed: int | None = None,
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
    compare: bool = False,
    workers: int | None = None,
    individuals: bool = False,
    progress: Callable[[int, int], None] | None = None,
    block: int | None = None,
) -> Run:
    """What regimens of a drug do in the body of the typical person, and of `population` people if more than 1.

    Args:
        library: The knowledge.
        drug: A monograph with kinetics.
        rx: Regimens in rx notation.
        regimen: Regimens by their names in the monograph; one that goes on until it is stopped is simulated
            for 90 days unless `for_hours` says otherwise, and its arm says so.
        doses: Doses at any hours, with resets too, by the name of their arm.
        population: How many people; 1 is the typical person alone. By default 1, and for a washout 500: the times at
            which blockade is lost must not be told without how much they differ between people.
        seed: Of the random numbers; the same seed gives the same people in any arm, run and number of workers.
        covariates: ``{"weight": 90}`` or ``["weight=50..110", "child-pugh=B"]``.
        for_hours: How long to simulate; by default until a next dose would be due, or until a single dose has
            faded to 1 %.
        start: First day, for regimens that end on a date.
        step: Hours between the times of curves; by default 1, less for short times.
        washout: Go on after the last dose until blockade is gone.
        levels: Of blockade, that summaries count time above; by default the model's.
        outputs: Ids of analytes and receptors; by default all. Rival readings of a receptor come together.
        model: Id of the drug's model; by default the first that covers a regimen's routes.
        agonist: An opioid that competes at the receptors, in pulses.
        despite_limits: Simulate also doses that the monograph refuses; the answer says that it does.
        missed: With which probability each of the people misses each dose; the typical person takes all.
        compare: Also give the differences of the other regimens from the first.
        workers: Processes; by default one a core for large populations.
        individuals: Also give the summaries of every person.
        progress: Called with how many people are done and how many there are (times regimens).
        block: People that are computed together; never changes the result.

    Raises:
        UsageError: A question that cannot be put: no regimen or one that never ends, an unknown name, a route
            without kinetics, doses that the monograph refuses, more doses than the model was made for, people
            who are not simulated, a steady state of a non-linear model, a population or grid that does not fit
            into memory.
        KnowledgeError: The model is wrong.
    """
    if population is None:
        population = WASHOUT_PEOPLE if washout else 1
    if population < 1:
        raise UsageError(
            f"a population of {population}: simulate at least 1 person (1 is the typical person alone)"
        )
    question = settle_question(
        library,
        drug,
        rx=rx,
        regimen=regimen,
        doses=doses,
        seed=SEED if seed is None else seed,
        covariates=covariates,
        for_hours=for_hours,
        start=start,
        step=step,
        washout=washout,
        levels=levels,
        outputs=outputs,
        model=model,
        agonist=agonist,
        despite_limits=despite_limits,
        missed=missed,
    )
    if missed and population == 1:
        raise UsageError(
            f"missed doses ({missed:g}): the typical person takes every dose; ask for people too, such as"
            " --population 1000"
        )
    if compare and len(question.arms) < 2:
        raise UsageError("to compare, give at least two regimens")
    notes: list[str] = []
    if population > 1 and not missed and not any(each.differ for each in question.people.values()):
        notes.append(
            "no model used here says how people differ: everybody would be like the typical person, who alone was"
            " simulated"
        )
        population = 1
    if washout and population == 1:
        notes.append("how much the time until blockade is lost differs between people is not shown")
    if individuals and population == 1:
        raise UsageError("the numbers of every person need people who differ: give a population of 2 or more")
    _refuse_too_large(question, population)
    typical = [_typical(question, arm) for arm in question.arms]
    found: list[Found | None] = [None] * len(question.arms)
    hands = _workers(workers, population)
    if population > 1:
        found[:] = simulate_people(
            question.arms,
            question.people,
            population,
            workers=hands,
            progress=progress or (lambda done, many: None),
            block=block,
        )
    arms = tuple(
        Arm(
            name=arm.name,
            rx=asked.rx,
            model=arm.model.id,
            curves=_curves(arm, typical[number], found[number], washout),
            summaries=_summaries(typical[number], found[number]),
            dose_hours=np.array([dose.time for dose in arm.doses if dose.amount]),
            last_dose_hour=arm.last_dose,
            end_hour=schedule.end,
            notes=_notes(arm, schedule.note, question, population),
            conventions=telling.conventions(arm) if washout else (),
        )
        for number, (arm, asked, schedule) in enumerate(
            zip(question.arms, question.wanted, question.schedules, strict=True)
        )
    )
    simulation = telling.told(
        library,
        drug,
        question,
        arms,
        differences=_differences(question, typical, found) if compare else (),
        population=population,
        notes=notes,
        seed=question.people[question.arms[0].model.id].draws.seed if population > 1 else None,
    )
    return Run(simulation, _individuals(question, found) if individuals and population > 1 else None)


def _notes(arm: ArmPlan, assumed: str, question: Question, population: int) -> tuple[str, ...]:
    notes = [f"'{arm.name}': {assumed}"] if assumed else []
    if arm.missed:
        mean = mean_missed(arm, question.people[arm.model.id].draws.seed, population)
        many = sum(bool(dose.amount) for dose in arm.doses)
        notes.append(
            f"'{arm.name}': each person misses each dose with a probability of {arm.missed:.4g}: on average"
            f" {mean:.4g} of {many} doses are missed; the typical person takes all of them"
        )
    return tuple(notes)


def _workers(workers: int | None, population: int) -> int:
    if workers is not None:
        if not 1 <= workers <= MOST_WORKERS:
            raise UsageError(f"{workers} workers: give a number from 1 to {MOST_WORKERS}")
        return min(workers, population)
    if population < SHARED_OUT:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _refuse_too_large(question: Question, population: int) -> None:
    """Raises `UsageError`, with the reckoning, for more than fits into memory."""
    outputs = sum(len(arm.analytes) + len(arm.receptors) for arm in question.arms)
    times = question.arms[0].grid.count
    bands = 0 if population == 1 else max(_bands_bytes(arm, population) for arm in question.arms)
    curves = outputs * times * 8 * 5
    # Numbers of a person, and once more while they are put together or sorted.
    each = 2 * 4 * sum(_numbers(arm) for arm in question.arms)
    needed = bands + curves + (population * each if population > 1 else 0)
    if needed <= MOST_BYTES:
        return
    fit = int((MOST_BYTES - bands - curves) // each)
    people_fit = f"at most {fit:,} people fit" if fit > 1 else "even the curves of 2 people do not fit"
    raise UsageError(
        f"a population of {population:,} with {len(question.arms)} regimen(s), {outputs} curves of"
        f" {times:,} times and {each // 8} numbers a person needs about {_size(needed)} of memory,"
        f" and {_size(MOST_BYTES)} are allowed: {people_fit}; ask for fewer people, regimens, --output or times"
    )


def _bands_bytes(arm: ArmPlan, population: int) -> int:
    """What the curves or counts of the outputs that are counted together take, about."""
    together = max(1, len(arm.linear)) * arm.grid.count
    return together * (4 * population if population <= pilot_of(arm) else 2 * 4 * _BINS)


def _numbers(arm: ArmPlan) -> int:
    """How many numbers `follow` gives for a person, at most."""
    windows = len(arm.windows)
    of_analyte = 5 * windows + 2 * arm.repeats + arm.single + 1
    of_receptor = 4 + len(arm.levels) * (1 + arm.washout)
    return len(arm.analytes) * of_analyte + len(arm.receptors) * of_receptor


def _size(number: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if number < 1000 or unit == "TB":
            return f"{number:,.3g} {unit}" if unit != "TB" else f"{number:,.4g} TB"
        number /= 1000
    raise AssertionError


def _typical(question: Question, arm: ArmPlan) -> _Typical:
    curves: dict[str, Floats] = {}

    def take(output: str, values: npt.NDArray[np.floating]) -> None:
        curves[output] = np.array(values[:, 0], np.float64)

    numbers = follow(arm, question.people[arm.model.id].typical_values, None, take, accurate=True)
    order = [*arm.analytes, *arm.receptors]
    keys = sorted(numbers, key=lambda key: order.index(key.output))
    return _Typical({name: curves[name] for name in order}, {key: float(numbers[key][0]) for key in keys})


def _curves(arm: ArmPlan, typical: _Typical, found: Found | None, washout: bool) -> tuple[Curve, ...]:
    curves = []
    for output, values in typical.curves.items():
        low, median, high = (None, None, None) if found is None else found.bands[output]
        curves.append(Curve(telling.output_of(arm.model, output), arm.grid.hours, values, median, low, high))
    if washout:
        curves += telling.challenges(arm.model, curves)
    return tuple(curves)


def _summaries(typical: _Typical, found: Found | None) -> tuple[Summary, ...]:
    return tuple(
        Summary(
            output=key.output,
            kind=key.kind,
            title=key.title,
            unit=key.unit,
            value=spread(value, None if found is None else found.numbers[key]),
            level=key.level,
            window=key.window,
            reading=key.reading,
        )
        for key, value in typical.numbers.items()
    )


def _differences(
    question: Question, typical: list[_Typical], found: list[Found | None]
) -> tuple[Difference, ...]:
    """Of each arm from the first, in the same people, where both have the number in a window of its kind."""
    differences = []
    minus = _by_meaning(typical[0].numbers)
    for number in range(1, len(question.arms)):
        for meaning, key in _by_meaning(typical[number].numbers).items():
            if meaning not in minus:
                continue
            other = minus[meaning]
            each, ours, theirs = None, found[number], found[0]
            with np.errstate(invalid="ignore"):
                if ours is not None and theirs is not None:
                    each = ours.numbers[key] - theirs.numbers[other]
                value = np.float64(typical[number].numbers[key]) - np.float64(typical[0].numbers[other])
            words = (
                key.window if key.window == other.window else f"{key.window}; of the other: {other.window}"
            )
            differences.append(
                Difference(
                    question.arms[number].name,
                    question.arms[0].name,
                    key.output,
                    key.kind,
                    key.title,
                    key.unit,
                    spread(float(value), each),
                    key.level,
                    words,
                    key.reading,
                )
            )
    return tuple(differences)


def _by_meaning(numbers: Mapping[Key, float]) -> dict[tuple[str, str, str, float | None], Key]:
    """Numbers by what they mean, apart from how long their window is: the first word tells which window."""
    return {(key.output, key.kind, key.window.split(" ")[0], key.level): key for key in numbers}


def _individuals(question: Question, found: list[Found | None]) -> list[Individuals]:
    return [
        Individuals(arm.name, key.output, key.reading, key.kind, key.window, key.level, key.unit, values)
        for arm, each in zip(question.arms, found, strict=True)
        if each is not None
        for key, values in each.numbers.items()
    ]
