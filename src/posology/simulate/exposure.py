"""Concentrations (and amounts, exposures, drives) of many subjects at the points of a grid.

The state is moved from step to step of the timeline by Φ; inside a step the k-th grid point of an output is
one row of weights, (w·Φ(step)ᵏ)·x, of which there is a table a subject. All is elementwise over subjects, in
blocks whose tables fit a processor's cache. A value at the time of a dose is the one just after it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from posology.errors import UsageError
from posology.simulate.system import Floats, System, Values, subjects
from posology.simulate.timeline import Dose, Grid, Step, Timeline, timeline
from posology.simulate.transition import apply, columns_of, expm, product, steady

Occasions = Mapping[str, Floats]
"""Fraction parameter → factor of each dose and subject, (doses, S)."""

_CACHE = 320_000
"""Bytes that the tables of one block may have: most of a second-level cache."""


@dataclass(slots=True)
class Block:
    """Some subjects: their matrices, and Φ of every span that was asked for."""

    system: System
    values: Values
    occasions: Occasions | None = None
    a: Floats = field(init=False)
    _phi: dict[float, Floats] = field(init=False, default_factory=dict)
    _entry: dict[str, Floats] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.a = self.system.matrices(self.values)

    def phi(self, hours: float) -> Floats:
        """Φ over so many hours, (n, n, S)."""
        if hours not in self._phi:
            if len(self._phi) > 64:  # irregular times; keep memory bounded
                self._phi.clear()
            self._phi[hours] = expm(self.a, hours, self.system.reaches)
        return self._phi[hours]

    def entry(self, route: str, dose: int) -> Floats:
        """What one mg of this dose puts into each state, (n, S)."""
        if self.occasions:
            factors = {name: rows[dose] for name, rows in self.occasions.items()}
            return self.system.entry(route, self.values, factors)
        if route not in self._entry:
            self._entry[route] = self.system.entry(route, self.values)
        return self._entry[route]

    def rows(self, output: str, step: float, count: int) -> tuple[tuple[int, ...], Floats]:
        """Which states the output sees, and its weights at 0, step, 2·step…: (states seen, count, S)."""
        seen = self.system.sees(output)
        weights = self.system.observe(output, self.values)
        table = np.empty((len(seen), count, weights.shape[-1]))
        for index, j in enumerate(seen):
            table[index, 0] = weights[j]
        done, phi = 1, self.phi(step)
        spare = np.empty_like(table[0])
        while done < count:
            # Rows done…2·done are rows 0…done times Φ(done·step).
            more = min(done, count - done)
            for b, j in enumerate(seen):
                target = table[b, done : done + more]
                target[...] = 0.0
                for a, i in enumerate(seen):
                    if self.system.reaches[i][j]:
                        np.multiply(table[a, :more], phi[i, j], out=spare[:more])
                        target += spare[:more]
            done += more
            if done < count:
                square = np.empty_like(phi)
                product(phi, phi, columns_of(self.system.reaches), square)
                phi = square
        return seen, table


def enter(block: Block, line: Timeline, step: Step, x: Floats) -> Floats:
    """The state after what happens at the beginning of a step; `x` is the state just before, and is changed."""
    if step.reset:
        x[...] = 0.0
    for number in step.doses:
        dose = line.doses[number]
        entered = block.entry(dose.route or "", number) * dose.amount
        if dose.ss:
            x += _steady(block, dose, entered)
        if not dose.duration:
            x += entered
    if step.infusing is not None:
        _infuse(block, line, step.infusing, x)
    return x


def _steady(block: Block, dose: Dose, entered: Floats) -> Floats:
    """What the doses before a steady-state dose have left by its time: Φ·(I − Φ)⁻¹ of what each of them left."""
    after, lasting = dose.ii, block.system.lasting(dose.route or "")
    if dose.duration:
        # One infusion, from an empty body to its end; from there on it is like a bolus of what is left.
        x = np.zeros_like(entered)
        _rates(block.system, entered / dose.duration, x)
        entered, after = apply(block.phi(dose.duration), x), dose.ii - dose.duration
        entered[[i for i in range(len(entered)) if i not in lasting]] = 0.0
    try:
        found = steady(block.phi(dose.ii), entered, lasting)
    except ValueError as error:
        raise UsageError(f"a steady state (ss) of {dose.amount:g} mg every {dose.ii:g} h: {error}") from None
    found = apply(block.phi(after), found)
    found[[i for i in range(len(found)) if i not in lasting]] = 0.0
    return found


def _infuse(block: Block, line: Timeline, running: Sequence[int], x: Floats) -> None:
    """Set the rates anew as the sum over what runs, so that none is left behind by rounding."""
    rates = np.zeros_like(x)
    for number in running:
        dose = line.doses[number]
        rates += block.entry(dose.route or "", number) * (dose.amount / dose.duration)
    _rates(block.system, rates, x)


def _rates(system: System, rates: Floats, x: Floats) -> None:
    at = {name: index for index, name in enumerate(system.states)}
    for name, index in at.items():
        if name.startswith("rate:"):
            x[index] = rates[at[name.removeprefix("rate:")]]


Sink = Callable[[str, int, Floats], None]
"""Called with an output, the number of the first grid point, and values (points, S), which it must not keep."""


def propagate(block: Block, line: Timeline, outputs: Sequence[str], sink: Sink) -> None:
    """Run one block through the timeline, handing values to `sink` while they are in the cache."""
    count = subjects(block.values)
    x = np.zeros((len(block.system.states), count))
    tables = {each: block.rows(each, line.grid.step, line.stride) for each in outputs}
    values, spare = np.empty((line.stride, count)), np.empty((line.stride, count))
    for step in line.steps:
        x = enter(block, line, step, x)
        if step.rows:
            for output, (seen, table) in tables.items():
                sink(output, step.first, _read(seen, table, x, values[: step.rows], spare[: step.rows]))
        if step.span:
            x = apply(block.phi(step.span), x)


def _read(seen: tuple[int, ...], table: Floats, x: Floats, values: Floats, spare: Floats) -> Floats:
    rows = len(values)
    if not seen:
        values[...] = 0.0
    for number, j in enumerate(seen):
        if number == 0:
            np.multiply(table[0, :rows], x[j], out=values)
        else:
            np.multiply(table[number, :rows], x[j], out=spare)
            np.add(values, spare, out=values)
    return values


def exposure(
    system: System,
    values: Values,
    doses: Sequence[Dose],
    grid: Grid,
    outputs: Sequence[str],
    *,
    occasions: Occasions | None = None,
    out: Mapping[str, npt.NDArray[np.floating]] | None = None,
) -> dict[str, npt.NDArray[np.floating]]:
    """Values of each output at each grid point of each subject, (times, S).

    Receptors give their *drive*, not their occupancy; see `receptor`. `out` may hold arrays to write into, of
    float64 or float32. Results do not depend on which subjects are run together.
    """
    line = timeline(doses, grid)
    count = subjects(values)
    found = dict(out) if out is not None else {each: np.empty((grid.count, count)) for each in outputs}
    for chosen in blocks(count, width(system, outputs, line.stride)):

        def keep(output: str, first: int, rows: Floats, chosen: slice = chosen) -> None:
            found[output][first : first + len(rows), chosen] = rows

        for each in outputs:
            found[each][: line.steps[0].first, chosen] = 0.0
        propagate(Block(system, part(values, chosen), _part(occasions, chosen)), line, outputs, keep)
    return found


def width(system: System, outputs: Sequence[str], stride: int) -> int:
    """How many subjects a block may have so that its tables stay in the cache."""
    columns = sum(len(system.sees(each)) for each in outputs) + 2
    return max(64, min(1024, _CACHE // (8 * stride * columns) // 32 * 32))


def blocks(count: int, wide: int) -> list[slice]:
    """Slices of at most `wide` that cover so many subjects."""
    return [slice(start, min(start + wide, count)) for start in range(0, count, wide)]


def part(values: Values, chosen: slice) -> Values:
    """The same parameters of some of the subjects."""
    return {name: each if np.size(each) == 1 else each[chosen] for name, each in values.items()}


def _part(occasions: Occasions | None, chosen: slice) -> Occasions | None:
    return None if occasions is None else {name: each[:, chosen] for name, each in occasions.items()}
