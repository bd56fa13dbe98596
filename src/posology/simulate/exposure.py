"""Concentrations (and amounts, exposures, drives) of many subjects at the points of a grid.

States at the beginning of each step come from `block`; inside a step the k-th grid point of an output is one
row of weights times that state, (w·Φ(step)ᵏ)·x. So all values of a subject are one small matrix product,
(steps, n)·(n, points), which is what keeps a processor busiest. A value at the time of a dose is the one just
after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from posology.simulate.block import Block, Occasions
from posology.simulate.system import Floats, System, Values, subjects
from posology.simulate.timeline import Dose, Grid, Timeline, timeline

Out = npt.NDArray[np.float64] | npt.NDArray[np.float32]

_BYTES = 16_000_000
"""What the states of a block may take."""
_CACHE = 500_000
"""What the matrices of a block may take: a second-level cache."""
_PRODUCT = 200_000
"""Multiplications in one product of a subject's: so few are not shared out to threads, which might round anew."""
_TILE = 64
"""Subjects whose values are transposed together, so that they are still in the cache."""


def exposure(
    system: System,
    values: Values,
    doses: Sequence[Dose],
    grid: Grid,
    outputs: Sequence[str],
    *,
    occasions: Occasions | None = None,
    out: Mapping[str, Out] | None = None,
) -> dict[str, Out]:
    """Values of each output of each subject at each grid point, (S, times).

    Receptors give their *drive*, not their occupancy; see `receptor`. `out` may hold arrays (S, times) to
    write into, of float64 or float32 and in any order of memory: for a reducer over subjects pass the
    transpose of a (times, S) array. Results do not depend on which subjects are run together.

    Raises:
        UsageError: a dose without a route or by one without kinetics, or a steady state that cannot be.
    """
    line = timeline(doses, grid)
    system.expect(line.routes, line.infused, outputs)
    count = subjects(values)
    found: dict[str, Out] = (
        dict(out) if out is not None else {each: np.empty((count, grid.count)) for each in outputs}
    )
    for chosen in blocks(count, width(system, line)):
        block = Block(system, part(values, chosen), grid.step, occasions_of(occasions, chosen))
        fill(block, line, {each: found[each][chosen] for each in outputs})
    return found


def fill(block: Block, line: Timeline, out: Mapping[str, Out], states: Floats | None = None) -> None:
    """The same for one block and a timeline laid out before; `states` are `block.states(line)`, if known."""
    steps = [number for number, step in enumerate(line.steps) if step.rows]
    if states is None:
        states = block.states(line)
    if len(steps) < len(line.steps):
        states = states[steps]
    stride, first = line.stride, line.steps[steps[0]].first
    kept = _kept([line.steps[number].rows for number in steps], stride)
    spans = [k * line.grid.step for k in range(stride)]
    for output, target in out.items():
        seen = block.system.sees(output)
        target[:, :first] = 0.0
        if not seen:
            target[...] = 0.0
            continue
        weights = block.weights(output, spans)
        x = np.ascontiguousarray(np.moveaxis(states[:, list(seen)], 2, 0))
        if target.dtype == x.dtype and target.flags.c_contiguous and target.shape[1] == len(steps) * stride:
            _products(x, weights, target.reshape(len(x), len(steps), stride))
            continue
        rows = np.empty((min(_TILE, block.count), len(steps), stride))
        for tile in blocks(block.count, _TILE):
            some = rows[: tile.stop - tile.start]
            _products(x[tile], weights[tile], some)
            target[tile, first:] = some.reshape(len(some), -1)[:, kept]


def _products(x: Floats, weights: Floats, out: Out) -> None:
    """Each subject's states (steps, n) times its weights (n, points)."""
    for some in blocks(x.shape[1], max(1, _PRODUCT // (weights.shape[1] * weights.shape[2]))):
        np.matmul(x[:, some], weights, out=out[:, some])


def _kept(rows: Sequence[int], stride: int) -> slice | npt.NDArray[np.intp]:
    """Which of steps·stride points are on the grid: all but the end, unless doses cut steps short."""
    if all(each == stride for each in rows[:-1]):
        return slice(0, stride * (len(rows) - 1) + rows[-1])
    return np.concatenate([number * stride + np.arange(each) for number, each in enumerate(rows)])


def width(system: System, line: Timeline) -> int:
    """How many subjects a block may have so that a matrix stays in the cache, and all states in memory."""
    n = max(1, len(system.states))
    return max(_TILE, min(2048, _CACHE // (8 * n * n), _BYTES // (8 * n * len(line.steps))) // _TILE * _TILE)


def blocks(count: int, wide: int) -> list[slice]:
    """Slices of at most `wide` that cover so many subjects."""
    return [slice(start, min(start + wide, count)) for start in range(0, count, wide)]


def part(values: Values, chosen: slice) -> dict[str, Floats]:
    """The same parameters of some of the subjects."""
    return {name: each if np.size(each) == 1 else each[chosen] for name, each in values.items()}


def occasions_of(occasions: Occasions | None, chosen: slice) -> Occasions | None:
    """The same factors of some of the subjects."""
    return None if occasions is None else {name: each[:, chosen] for name, each in occasions.items()}
