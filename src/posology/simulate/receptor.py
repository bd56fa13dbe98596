"""How much of a receptor is occupied, for many subjects at the points of a grid.

Whether binding is in equilibrium, retained in two steps, or slow to associate, is the model's word; the
equations stand with `Receptor.binding`. Occupancy is always from 0 to 1. A value at the time of a dose is the
one just after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt

from posology.errors import UsageError
from posology.monograph.kinetics import KineticModel, Receptor
from posology.simulate.binding import held_briefly, held_slowly
from posology.simulate.block import Block, Occasions
from posology.simulate.exposure import Out, blocks, fill, occasions_of, part
from posology.simulate.mesh import ACCURATE, POPULATION, Mesh, Rule, mesh
from posology.simulate.system import Floats, System, Values, find_receptor, subjects
from posology.simulate.timeline import SAME, Dose, Grid, Timeline, timeline
from posology.simulate.units import factor

Array = npt.NDArray[np.floating]

_WIDE = 1024
_TILE = 64
_POINTS = 256
"""Points of the drive of a subject that are had in one product, so that a block's stay near the processor. How
many steps that are must not depend on the block: a product of another shape may round in another way."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """An agonist from `start` to `end` (h), at `ratio` = its concentration over its own K_A."""

    start: float
    end: float
    ratio: float

    def __post_init__(self) -> None:
        if not (self.end > self.start and self.ratio >= 0):
            raise UsageError(f"an agonist from {self.start:g} to {self.end:g} h at {self.ratio:g} is none")


def occupancy(
    system: System,
    values: Values,
    doses: Sequence[Dose],
    grid: Grid,
    receptors: Sequence[str],
    *,
    occasions: Occasions | None = None,
    agonist: Sequence[Pulse] = (),
    accurate: bool = True,
    rule: Rule | None = None,
    out: Mapping[str, Out] | None = None,
) -> dict[str, Out]:
    """Occupied share of each receptor of each subject at each grid point, (S, times).

    Args:
        system: Made for these receptors as outputs.
        values: Parameters; also those of the receptors.
        doses: As for `exposure`.
        grid: At which times.
        receptors: Their ids.
        occasions: As for `exposure`.
        agonist: Competes at all of them; pulses that overlap add up.
        accurate: To 1e-6 of the equations' solution; else to 1e-4, in single precision, ten times as fast.
        rule: Which panels, in place of what `accurate` chooses; `mesh.SKETCH` is for a slider.
        out: As for `exposure`.

    Raises:
        UsageError: a steady state (`ss`) at a receptor that is not in equilibrium; an agonist at a receptor
            with `association`.
    """
    count = subjects(values)
    found: dict[str, Out] = (
        dict(out) if out is not None else {each: np.empty((count, grid.count)) for each in receptors}
    )
    chosen = [_receptor(system.model, each) for each in receptors]
    marks = sorted({time for pulse in agonist for time in (pulse.start, pulse.end)})
    line = timeline(doses, grid, marks=marks)
    system.expect(line.routes, line.infused, receptors)
    for receptor in chosen:
        _check(receptor, line, agonist)
    levels = [sum(p.ratio for p in agonist if p.start - SAME <= s.time < p.end - SAME) for s in line.steps]
    for receptor in chosen:
        slow = receptor.binding != "equilibrium"
        base = rule or (ACCURATE if accurate else POPULATION)
        meshes = meshes_of(line, rule_of(system.model, receptor, base)) if slow else []
        unit = unit_of(meshes, grid.step)
        for some in blocks(count, _WIDE):
            block = Block(system, part(values, some), unit, occasions_of(occasions, some))
            target = found[receptor.id][some]
            if slow:
                kind = np.float64 if accurate else np.float32
                slowly(block, line, meshes, receptor, target, levels=levels, kind=kind)
            else:
                _equilibrium(block, line, receptor, levels, target)
    return found


def _receptor(model: KineticModel, name: str) -> Receptor:
    receptor = find_receptor(model, name)
    if receptor is None:
        known = ", ".join(each.id for each in model.receptors)
        raise UsageError(f"{model.name}: there is no receptor {name!r}; there are {known}")
    return receptor


def _check(receptor: Receptor, line: Timeline, agonist: Sequence[Pulse]) -> None:
    if agonist and receptor.binding == "association":
        raise UsageError(f"{receptor.id}: no agonist is modelled at a receptor with association binding")
    if receptor.binding != "equilibrium" and any(dose.ss for dose in line.doses):
        raise UsageError(
            f"{receptor.id} holds on to the drug, so a steady state (ss) cannot be had by superposition; "
            "write the doses before out, for example x60 in place of ss"
        )


def rule_of(model: KineticModel, receptor: Receptor, rule: Rule) -> Rule:
    """Panels short enough for what the typical person's receptor captures."""
    if receptor.binding == "association":
        # Occupancy follows a power of the concentration within seconds, so panels are as fine as its rise.
        return Rule(1 / 4096, 1 / 32, 1 / 8) if rule == ACCURATE else Rule(1 / 512, 1 / 8, 1 / 2)
    rates = (each for each in model.parameters if each.id in (receptor.capture, receptor.release))
    return rule.within(sum(each.value * factor(model, each) for each in rates))


def meshes_of(line: Timeline, rule: Rule) -> list[Mesh]:
    """The panels of each step; equal ones are the same object."""
    found: list[Mesh] = []
    known: dict[tuple[float, int, float], Mesh] = {}
    event = line.steps[0].time
    for step in line.steps:
        if step.changes:
            event = step.time
        age = _known_age(step.time - event, rule)
        key = (step.span, step.rows, age)
        if key not in known:
            known[key] = mesh(step, line.grid.step, age, rule)
        found.append(known[key])
    return found


def unit_of(meshes: Sequence[Mesh], between: float) -> float:
    """Of the halves, quarters… of the distance between grid points: the smallest that divides most spans."""
    least = min((width for each in meshes for width in each.widths[:-1]), default=between) / 2
    while between > least + SAME:
        between /= 2
    return between


def _known_age(age: float, rule: Rule) -> float:
    """An age at which panels are as wide or narrower: 0, or one of a few, so that few meshes are needed."""
    known = rule.widest / rule.growth
    while known > age + SAME and known > rule.finest:
        known /= 2
    return known if known <= age + SAME else 0.0


def _equilibrium(
    block: Block, line: Timeline, receptor: Receptor, levels: Sequence[float], target: Out
) -> None:
    fill(block, line, {receptor.id: target})
    half = block.values[receptor.half][:, None]
    for step, level in zip(line.steps, levels, strict=True):
        if step.rows:
            rows = target[:, step.first : step.first + step.rows]
            rows /= rows + np.asarray(half * (1 + level), target.dtype)


def slowly(
    block: Block,
    line: Timeline,
    meshes: Sequence[Mesh],
    receptor: Receptor,
    target: Out,
    *,
    levels: Sequence[float],
    kind: type[np.floating],
    states: Floats | None = None,
) -> None:
    """Write into `target` (S, times) how much of a receptor is occupied that is not in equilibrium.

    `levels` are of the agonist, one a step; `states` are `block.states(line)`, if known.
    """
    states = block.states(line) if states is None else states
    seen = list(block.system.sees(receptor.id))
    target[:, : line.steps[0].first] = 0.0
    tables: dict[int, Array] = {}
    p_start = np.ones(block.count, kind)
    numbered = list(enumerate(meshes))
    for _, group in groupby(numbered, key=lambda pair: id(pair[1])):
        same = list(group)
        each = same[0][1]
        if id(each) not in tables:
            if len(tables) > 32:  # irregular times; keep memory bounded
                tables.clear()
            tables[id(each)] = _table(block, receptor, each).astype(kind)
        table = tables[id(each)]
        many = max(1, _POINTS // len(each.points))
        for start in range(0, len(same), many):
            numbers = [number for number, _ in same[start : start + many]]
            x = np.ascontiguousarray(np.moveaxis(states[numbers][:, seen], 2, 0), kind)
            drive = np.empty((len(numbers), len(each.points), block.count), kind)
            for tile in blocks(block.count, _TILE):
                drive[:, :, tile] = np.moveaxis(np.matmul(x[tile], table[tile]), 0, 2)
            p = np.empty_like(drive[0])
            for number, rows in zip(numbers, drive, strict=True):
                step = line.steps[number]
                if step.reset:
                    p_start[...] = 1.0
                p[0] = p_start
                occupied = _hold(block, receptor, each, levels[number], rows, p)
                p_start[...] = p[-1]
                if step.rows:
                    target[:, step.first : step.first + step.rows] = occupied.T


def _table(block: Block, receptor: Receptor, each: Mesh) -> Array:
    """Weights of the drive at the mesh's points; for retention already over `half`."""
    table = block.weights(receptor.id, each.points)
    if receptor.binding == "retention":
        table /= block.values[receptor.half].reshape(-1, 1, 1)
    return table


def _hold(block: Block, receptor: Receptor, each: Mesh, level: float, drive: Array, p: Array) -> Array:
    """Occupancy at the grid points of one step, (points, S). Fills `p` from its first point; uses `drive` up."""
    widths = np.array(each.widths, drive.dtype)[:, None]
    grid = list(each.grid)

    def value(name: str) -> Array:
        return np.asarray(block.values[name], drive.dtype)

    if receptor.binding == "association":
        off = value(receptor.off)
        np.maximum(drive, 0.0, out=drive)
        held_briefly(value(receptor.on) * drive ** value(receptor.exponent) + off, off, widths, p)
        bound: Array = np.clip(1.0 - p[grid], 0.0, 1.0)
        return bound
    k = drive + drive.dtype.type(1 + level)
    drive /= k
    off = value(receptor.release)
    np.multiply(drive, value(receptor.capture), out=k)
    k += off
    held_slowly(k, off, widths, p, each.middles)
    # Occupied q + (1 − q)·s = 1 − p·(1 − s).
    occupied: Array = drive[grid]
    occupied -= 1.0
    occupied *= p[grid]
    occupied += 1.0
    return np.maximum(occupied, 0.0, out=occupied)  # Simpson's rule is above 0 only to its own accuracy
