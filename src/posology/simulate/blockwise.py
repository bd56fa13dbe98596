"""People of one arm, block after block: their curves are counted or kept, and their numbers are kept.

Random numbers belong to people (`draws`) and counts are integers (`bands`), so neither the size of blocks nor
who computes them changes a result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from posology.regimen.adherence import Adherence, can_be_missed
from posology.simulate.arm import ArmPlan
from posology.simulate.bands import Bands
from posology.simulate.block import Occasions
from posology.simulate.follow import Rows, follow
from posology.simulate.population import Population
from posology.simulate.summaries import Key
from posology.simulate.system import WHOLE

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Bins = npt.NDArray[np.int32]

_COUNTED = 4096
_BLOCK_BYTES = 128_000_000
"""What the values of the outputs of a block may take."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a process has to know; plain, so that it can be sent to one."""

    arm: ArmPlan
    people: Population
    start: int
    stop: int
    windows: dict[str, tuple[Bins, Bins]]
    """By output: the windows of `Bands` that its values are counted in."""
    floors: dict[str, float]
    """By output: what lower values are counted as."""
    summarise: bool = True
    block: int | None = None
    """How many people are computed together; None: as many as are quick."""


@dataclass(slots=True)
class Counted:
    """What is kept of the people of a task."""

    bands: dict[str, Bands]
    numbers: dict[Key, Singles]


def compute(task: Task, tell: Callable[[int], None]) -> Counted:
    """Count the curves of a task's people; `tell` is called with how many more are done."""
    bands = {output: Bands(low, high) for output, (low, high) in task.windows.items()}

    def take(output: str, rows: Rows, first: int) -> None:
        bands[output].add(rows, task.floors[output])

    return Counted(bands, _through(task, take, tell))


def keep(task: Task, tell: Callable[[int], None]) -> tuple[dict[str, Singles], dict[Key, Singles]]:
    """The whole curves (times, people) of a task's people by output, and their numbers."""
    shape = (task.arm.grid.count, task.stop - task.start)
    kept = {output: np.empty(shape, np.float32) for output in (*task.arm.analytes, *task.arm.receptors)}

    def take(output: str, rows: Rows, first: int) -> None:
        kept[output][:, first : first + rows.shape[1]] = rows

    return kept, _through(task, take, tell)


def _through(
    task: Task, take: Callable[[str, Rows, int], None], tell: Callable[[int], None]
) -> dict[Key, Singles]:
    numbers: dict[Key, Singles] = {}
    size = task.block or _block(task.arm)
    for start in range(task.start, task.stop, size):
        stop = min(start + size, task.stop)
        first = start - task.start
        found = follow(
            task.arm,
            task.people.values(start, stop),
            _occasions(task, start, stop),
            lambda output, rows, first=first: take(output, rows, first),  # type: ignore[misc]
            accurate=False,
            summarise=task.summarise,
        )
        for key, each in found.items():
            kept = numbers.setdefault(key, np.empty(task.stop - task.start, np.float32))
            kept[first : first + stop - start] = each
        tell(stop - start)
    return numbers


def _occasions(task: Task, start: int, stop: int) -> Occasions | None:
    """Factors on what differs between doses, (doses, people) each; only of what the arm's routes use.

    A dose that is missed has the factor 0.
    """
    used = {
        name
        for route in task.arm.model.routes
        if route.id in task.arm.routes
        for portion in route.portions
        for name in (portion.fraction, portion.less)
    }
    varying = [each for each in task.people.varying if each.id in used]
    many = len(task.arm.doses)
    found = {each.id: np.empty((many, stop - start)) for each in varying}
    if task.arm.missed:
        found[WHOLE] = taken(task.arm, task.people.draws.seed, start, stop)
    for dose in range(many if varying else 0):
        for name, factors in task.people.occasion(start, stop, dose).items():
            if name in found:
                found[name][dose] = factors
    return found or None


def taken(arm: ArmPlan, seed: int, start: int, stop: int) -> Floats:
    """For each dose of an arm and person, (doses, people): 1 if it is taken, 0 if it is missed."""
    adherence = Adherence(1 - arm.missed, seed=seed)
    found = np.ones((len(arm.doses), stop - start))
    for number, dose in enumerate(arm.doses):
        if can_be_missed(dose):
            found[number] = adherence.takes(start, stop, number)
    return found


def mean_missed(arm: ArmPlan, seed: int, population: int) -> float:
    """How many doses of an arm each person misses, on average."""
    some = range(0, population, _COUNTED)
    kept = sum(float(taken(arm, seed, start, min(start + _COUNTED, population)).sum()) for start in some)
    return len(arm.doses) - kept / population


def _block(arm: ArmPlan) -> int:
    a_person = 4 * arm.grid.count * max(1, len(arm.linear))
    return max(64, min(8192, _BLOCK_BYTES // a_person // 64 * 64))
