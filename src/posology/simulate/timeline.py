"""When what happens: doses, infusions and a regular grid of times, as a list of steps over which nothing changes.

A step begins at a dose, at the start or end of an infusion, or at a point of the grid; over it the state
moves by one transition matrix, and the grid points within it are read off the state at its beginning. Regular
regimens need few distinct step lengths, so few matrices; irregular ones need more of the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from posology.errors import UsageError

Floats = npt.NDArray[np.float64]

SAME = 1e-9
"""Hours. Times closer than this are one time."""


class Dose(Protocol):
    """What is asked of a dose; `regimen.Dose` has it. Hours and mg; see there for `ss` and `reset`."""

    @property
    def time(self) -> float:
        """Hours."""
        ...

    @property
    def amount(self) -> float:
        """In mg."""
        ...

    @property
    def route(self) -> str | None:
        """As in rx notation."""
        ...

    @property
    def duration(self) -> float:
        """Hours; 0 is a bolus."""
        ...

    @property
    def ss(self) -> bool:
        """Does it stand for doses before it too?"""
        ...

    @property
    def ii(self) -> float:
        """Hours between those."""
        ...

    @property
    def reset(self) -> bool:
        """Is the body empty just before it?"""
        ...


@dataclass(frozen=True, slots=True)
class Grid:
    """Times `start`, `start + step`, …, `count` of them, in hours."""

    start: float
    step: float
    count: int

    def __post_init__(self) -> None:
        if not (self.step > 0 and self.count > 0):
            raise UsageError(f"a grid of {self.count} times {self.step} h apart has no times")

    @classmethod
    def until(cls, hours: float, step: float = 1.0, start: float = 0.0) -> Grid:
        """From `start` to `hours`, both included when `step` divides the way."""
        return cls(start, step, int(np.floor((hours - start) / step + SAME)) + 1)

    @property
    def hours(self) -> Floats:
        """Shape (count,)."""
        found: Floats = np.arange(self.count, dtype=np.float64) * self.step + self.start
        return found


@dataclass(frozen=True, slots=True)
class Step:
    """From `time` on for `span` hours. First what happens at `time`, then the grid points from `first` on."""

    time: float
    span: float
    """The last step goes on past the end of the grid."""
    first: int
    rows: int
    """Grid points first, first + 1, …, the first of them at `time` itself; may be none."""
    doses: tuple[int, ...] = ()
    """Doses given at `time`, as indices. Values at `time` are those after them."""
    infusing: tuple[int, ...] | None = None
    """Infusions that run from now on; None: as before."""
    reset: bool = False
    changes: bool = False
    """Does anything happen at `time`, or does a grid point only go on?"""


@dataclass(frozen=True, slots=True)
class Timeline:
    """All steps, in order, and the doses they name."""

    grid: Grid
    steps: tuple[Step, ...]
    doses: tuple[Dose, ...]

    @property
    def routes(self) -> tuple[str, ...]:
        """Routes by which something is given."""
        return tuple(dict.fromkeys(_route_of(dose) for dose in self.doses if dose.amount))

    @property
    def infused(self) -> tuple[str, ...]:
        """Routes by which some dose takes time."""
        return tuple(dict.fromkeys(_route_of(dose) for dose in self.doses if dose.duration > 0))

    @property
    def stride(self) -> int:
        """Most grid points in one step."""
        return max(step.rows for step in self.steps)


def timeline(
    doses: Sequence[Dose], grid: Grid, stride: int | None = None, marks: Sequence[float] = ()
) -> Timeline:
    """Lay doses and grid out, with a step that begins at each of the times `marks`.

    Doses after the end of the grid have no effect and are left out of the steps.

    `stride` is how many grid points a step may have; by default as many as a common dosing interval, near 24.

    Raises:
        UsageError: a dose without a route, or a steady state (`ss`) that cannot be: no interval, or an
            infusion longer than its interval.
    """
    for dose in doses:
        _check(dose)
    end = grid.start + grid.step * (grid.count - 1)
    events = _events(doses, end, marks)
    stride = stride or _stride([time for time, *_ in events], grid)
    steps: list[Step] = []
    running: list[int] = []
    # Before the first event the body is empty; a step without doses covers grid points there.
    if not events or events[0][0] > grid.start + SAME:
        events.insert(0, (grid.start, [], [], []))
    for number, (time, given, starting, ending) in enumerate(events):
        until = events[number + 1][0] if number + 1 < len(events) else None
        reset = any(doses[each].reset for each in given)
        infusing = None
        if starting or ending or (reset and running):
            running = [] if reset else [each for each in running if each not in ending]
            running += starting
            infusing = tuple(running)
        doses_now = tuple(each for each in given if doses[each].amount)
        steps += _stretch(grid, time, until, stride, doses_now, infusing, reset)
    return Timeline(grid, _alike(steps), tuple(doses))


def _alike(steps: list[Step]) -> tuple[Step, ...]:
    """The same, with spans that differ by rounding alone made equal, so that they share a matrix."""
    known: dict[int, float] = {}
    found = []
    for step in steps:
        span = known.setdefault(round(step.span / SAME), step.span)
        found.append(step if span == step.span else replace(step, span=span))
    return tuple(found)


def _check(dose: Dose) -> None:
    if dose.amount and dose.route is None:
        raise UsageError(
            f"the dose of {dose.amount:g} mg at {dose.time:g} h has no route; write one, such as po"
        )
    if dose.ss and not dose.ii > 0:
        raise UsageError(f"a steady state (ss) at {dose.time:g} h needs an interval between its doses")
    if dose.ss and dose.duration > dose.ii:
        raise UsageError(
            f"a steady state (ss) of infusions over {dose.duration:g} h every {dose.ii:g} h: they would overlap; "
            "write them out as doses"
        )


def _route_of(dose: Dose) -> str:
    return dose.route or ""


_Event = tuple[float, list[int], list[int], list[int]]
"""Time; doses given; infusions that start; infusions that end."""


def _events(doses: Sequence[Dose], end: float, marks: Sequence[float]) -> list[_Event]:
    times = [(time, 2, 0) for time in marks]
    for number, dose in enumerate(doses):
        times.append((dose.time, 0, number))
        if dose.duration > 0 and dose.amount:
            times.append((dose.time + dose.duration, 1, number))
    found: list[_Event] = []
    for time, kind, number in sorted(times):
        if time > end + SAME:
            break
        if not found or time - found[-1][0] > SAME:
            found.append((time, [], [], []))
        _, given, starting, ending = found[-1]
        if kind == 1:
            ending.append(number)
        elif kind == 0:
            given.append(number)
            if doses[number].duration > 0 and doses[number].amount:
                starting.append(number)
    return found


def _stretch(
    grid: Grid,
    time: float,
    until: float | None,
    stride: int,
    given: tuple[int, ...],
    infusing: tuple[int, ...] | None,
    reset: bool,
) -> list[Step]:
    """The steps from one event to the next: to the first grid point, then `stride` points at a time."""
    first = max(0, int(np.ceil((time - grid.start) / grid.step - SAME)))
    stop = grid.count
    if until is not None:
        stop = min(stop, max(0, int(np.ceil((until - grid.start) / grid.step - SAME))))
    steps: list[Step] = []
    at, changes = time, True
    if first >= stop:
        span = until - at if until is not None else grid.step
        return [Step(at, span, first, 0, given, infusing, reset, changes=True)]
    point = grid.start + first * grid.step
    if point - at > SAME:
        steps.append(Step(at, point - at, first, 0, given, infusing, reset, changes=True))
        given, infusing, reset, changes = (), None, False, False
    while first < stop:
        at, rows = grid.start + first * grid.step, min(stride, stop - first)
        span = rows * grid.step
        if until is not None and first + rows >= stop:
            span = until - at
        steps.append(Step(at, span, first, rows, given, infusing, reset, changes))
        given, infusing, reset, changes = (), None, False, False
        first += rows
    return steps


def _stride(times: list[float], grid: Grid) -> int:
    """Points of the commonest interval between events, halved until at most 48; 24 where there is none."""
    apart = np.diff(np.array(times)) if len(times) > 1 else np.zeros(0)
    apart = np.round(apart[apart > SAME], 9)
    if not apart.size:
        return 24
    values, counts = np.unique(apart, return_counts=True)
    points = max(1, round(float(values[np.argmax(counts)]) / grid.step))
    while points > 48:
        points = -(-points // 2)
    return points
