"""Many people: the bands of every curve, and the numbers of each person.

One arm after the other, and in it what is linear together and each other receptor by itself, so that memory
holds the counts of few outputs at a time. People are numbered from 0, and are the same in each arm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from posology.errors import KnowledgeError
from posology.simulate.arm import ArmPlan
from posology.simulate.bands import PILOT, QUANTILES, Bands
from posology.simulate.blockwise import Singles, Task, keep
from posology.simulate.population import Population
from posology.simulate.summaries import Key
from posology.simulate.workers import Workers

Floats = npt.NDArray[np.float64]
Progress = Callable[[int, int], None]
"""Is called with how many people are done, and how many there are; both times the passes over them."""

_PILOT_BYTES = 150_000_000
_LEAST_PILOT = 512
_OUTPUT_BYTES = 100_000_000
"""What the counts of one output may take."""
_DECADES = 12
"""Powers of ten below the highest value that are told apart where there is room."""
_COUNTS_BYTES = 250_000_000
"""What the counts of the outputs of one pass may take in a process."""


@dataclass(slots=True)
class Found:
    """What is known of the people of an arm."""

    bands: dict[str, Floats] = field(default_factory=dict)
    """By output: 5th, 50th and 95th percentile, (3, times)."""
    numbers: dict[Key, Singles] = field(default_factory=dict)
    """Summaries, (people,) each."""


def simulate_people(
    arms: tuple[ArmPlan, ...],
    people: dict[str, Population],
    population: int,
    *,
    workers: int,
    progress: Progress,
    block: int | None,
) -> list[Found]:
    """What is known of people 0 to `population` in each arm; `people` are by model id."""
    found = [Found() for _ in arms]
    units = [(number, unit) for number, arm in enumerate(arms) for unit in _units(arm)]
    done, many = 0, population * len(units)

    def tell(more: int) -> None:
        nonlocal done
        done = min(done + more, many)
        progress(done, many)

    with Workers(workers) as pool:
        for number, unit in units:
            task = Task(unit, people[unit.model.id], 0, population, {}, {}, True, block)
            bands, numbers = _unit(task, pool, tell)
            found[number].bands.update(bands)
            found[number].numbers.update(numbers)
    return found


def pilot_of(arm: ArmPlan) -> int:
    """How many people are kept whole and sorted; of more, so many choose the windows of `Bands`."""
    a_person = 4 * arm.grid.count * max(1, len(arm.linear))
    return max(_LEAST_PILOT, min(PILOT, _PILOT_BYTES // a_person))


def _units(arm: ArmPlan) -> Iterator[ArmPlan]:
    """The arm with what is linear alone, and with each of its other receptors alone."""
    if arm.linear:
        yield replace(arm, receptors=tuple(each.id for each in arm.equilibrium))
    for receptor in arm.slow:
        yield _only(arm, [receptor.id])


def _only(arm: ArmPlan, outputs: Sequence[str]) -> ArmPlan:
    """The arm with these of its outputs."""
    return replace(
        arm,
        analytes=tuple(each for each in arm.analytes if each in outputs),
        receptors=tuple(each for each in arm.receptors if each in outputs),
        tails=tuple(each for each in arm.tails if each[0] in outputs),
    )


def _unit(
    task: Task, pool: Workers, tell: Callable[[int], None]
) -> tuple[dict[str, Floats], dict[Key, Singles]]:
    pilot = pilot_of(task.arm)
    if task.stop <= pilot:
        kept, numbers = keep(task, tell)
        return {output: _sorted(rows) for output, rows in kept.items()}, numbers
    kept, _ = keep(replace(task, stop=pilot, summarise=False), lambda more: None)
    windows, floors = {}, {}
    for output in list(kept):
        windows[output], floors[output] = _window(kept.pop(output))
    found: dict[str, Floats] = {}
    numbers = {}
    while windows:
        missed: dict[str, Bands] = {}
        for group in _grouped(windows):
            part = replace(
                task,
                arm=_only(task.arm, group),
                windows={output: (windows[output].low, windows[output].high) for output in group},
                floors=floors,
            )
            counted, more = _counted(part, pool, tell)
            numbers |= more
            for output, bands in counted.items():
                found[output] = bands.quantiles()
                # What was counted as the floor is somewhere between it and 0.
                found[output][found[output] <= floors[output] * (1 + 2**-9)] = 0.0
                outside = np.asarray(np.isnan(found[output]).any(axis=0))
                if outside.any():
                    missed[output] = _wider(task.arm, output, bands, outside)
        windows, task = missed, replace(task, summarise=False)
    return found, numbers


def _window(rows: Singles) -> tuple[Bands, float]:
    """Windows for counts that are not too many, and the value that lower ones are counted as.

    Long after the last dose people's values differ by many powers of ten, and nothing rests on the smallest.
    The floor is as low as the room for counts allows.
    """
    ordered = np.sort(rows, axis=1)
    top = float(ordered[:, -1].max(initial=0.0))
    for decades in range(_DECADES, 2, -1):
        floor = np.float32(max(top * 10.0**-decades, float(np.finfo(np.float32).tiny)))
        bands = Bands.of_sorted(ordered, floor=float(floor))
        if _bytes(bands) <= _OUTPUT_BYTES:
            break
    return bands, float(floor)


def _bytes(bands: Bands) -> int:
    return 4 * int((bands.high.astype(np.int64) - bands.low + 2).sum())


def _grouped(windows: dict[str, Bands]) -> list[list[str]]:
    """Outputs that are counted in one pass, so that their counts stay small together."""
    groups: list[list[str]] = []
    room = 0
    for output, bands in windows.items():
        needed = _bytes(bands)
        if not groups or needed > room:
            groups.append([])
            room = _COUNTS_BYTES
        groups[-1].append(output)
        room -= needed
    return groups


def _wider(arm: ArmPlan, output: str, bands: Bands, missed: npt.NDArray[np.bool_]) -> Bands:
    wider = bands.widened(missed)
    if np.array_equal(wider.low, bands.low) and np.array_equal(wider.high, bands.high):
        raise KnowledgeError(f"kinetics {arm.model.id}: {output} is not a finite number in some people")
    return wider


def _counted(
    task: Task, pool: Workers, tell: Callable[[int], None]
) -> tuple[dict[str, Bands], dict[Key, Singles]]:
    edges = np.linspace(task.start, task.stop, pool.count + 1).astype(int).tolist()
    tasks = [replace(task, start=start, stop=stop) for start, stop in pairwise(edges) if stop > start]
    first, *others = pool.run(tasks, tell)
    for other in others:
        for output, bands in other.bands.items():
            first.bands[output].merge(bands)
    numbers = {
        key: np.concatenate([values, *(other.numbers[key] for other in others)])
        for key, values in first.numbers.items()
    }
    return first.bands, numbers


def _sorted(rows: Singles) -> Floats:
    """Percentiles of curves that are kept whole."""
    found = np.empty((len(QUANTILES), len(rows)))
    for start in range(0, len(rows), 256):
        part = rows[start : start + 256].astype(np.float64)
        found[:, start : start + 256] = np.quantile(part, QUANTILES, axis=1)
    return found
