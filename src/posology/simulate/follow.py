"""One arm for some people: hands on each output's curves, and gives the numbers that summarise them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from posology.monograph.kinetics import Receptor
from posology.regimen.dose import Dose
from posology.simulate import summaries
from posology.simulate.arm import ArmPlan, grid_over
from posology.simulate.block import Occasions
from posology.simulate.exposure import exposure
from posology.simulate.receptor import occupancy
from posology.simulate.reducers import area, extremes, hours_above
from posology.simulate.schedule import Window
from posology.simulate.summaries import Key
from posology.simulate.system import System, Values, subjects
from posology.simulate.timeline import Grid

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.floating]
Take = Callable[[str, Rows], None]
"""Is given an output's id and its values (times, people) on the arm's grid."""
Numbers = dict[Key, Floats]

FOREVER = 1e6
"""Hours after which nothing of a drug is left; more than a century."""
_WIDE_STEP = 0.25
"""Hours between times of a window from which on the hours after a dose are looked at more closely."""
_FINE, _COARSE = 2016, 360
"""Times in a window for the typical person, and for each of many people: every 5 and every 30 minutes of a week.

With 15 minutes a blockade that rises within minutes of each dose lost 2 to 4 % of its hours above a level.
"""


def follow(
    arm: ArmPlan,
    values: Values,
    occasions: Occasions | None,
    take: Take,
    *,
    accurate: bool,
    summarise: bool = True,
) -> Numbers:
    """Compute an arm for the people that have these parameters.

    `accurate` is for the typical person: double precision, finer grids for the summaries, and binding to 1e-6;
    otherwise single precision, and binding to 1e-4. Returns the summaries of each person, (people,) each; none
    if not `summarise`.
    """
    asked = _Asked(arm, values, occasions, accurate)
    numbers: Numbers = {}
    curves = asked.linear(arm.plasma, arm.doses, arm.grid, arm.linear)
    for name, rows in curves.items():
        take(name, rows)
    if summarise and arm.linear:
        _windows(arm, asked, numbers)
        _tails(arm, asked, numbers)
    if arm.washout and summarise:
        for receptor in arm.equilibrium:
            _washed_out(arm, receptor, curves[receptor.id], numbers)
    for receptor in arm.slow:
        rows = asked.occupancy(receptor.id, arm.doses, arm.grid)
        take(receptor.id, rows)
        if summarise:
            hours, inside = _window_of_slow(arm, receptor, rows, asked)
            _blockade(arm, receptor, hours, inside, numbers)
        if arm.washout and summarise:
            _washed_out(arm, receptor, rows, numbers)
    return numbers


@dataclass(frozen=True, slots=True)
class _Asked:
    """An arm and the people that it is computed for."""

    arm: ArmPlan
    values: Values
    occasions: Occasions | None
    accurate: bool

    def linear(
        self, system: System, doses: Sequence[Dose], grid: Grid, outputs: Sequence[str]
    ) -> dict[str, Rows]:
        """Concentrations and areas, and of receptors in equilibrium the blockade, (times, people) each."""
        rows = {name: self._empty(grid) for name in outputs}
        if not rows:
            return rows
        out = {name: each.T for name, each in rows.items()}
        exposure(system, self.values, doses, grid, outputs, occasions=self._of(doses), out=out)
        for receptor in self.arm.equilibrium:
            if receptor.id in rows:
                drive = rows[receptor.id]
                drive /= drive + self.values[receptor.half].astype(drive.dtype)
        return rows

    def occupancy(self, name: str, doses: Sequence[Dose], grid: Grid) -> Rows:
        """Blockade of a receptor, (times, people)."""
        rows = self._empty(grid)
        occupancy(
            self.arm.binding[name],
            self.values,
            doses,
            grid,
            [name],
            occasions=self._of(doses),
            agonist=self.arm.agonist,
            accurate=self.accurate,
            out={name: rows.T},
        )
        return rows

    def grid_over(self, window: Window) -> Grid:
        """The grid on which a window is summarised."""
        return grid_over(window, _FINE if self.accurate else _COARSE)

    def _empty(self, grid: Grid) -> Rows:
        return np.empty((grid.count, subjects(self.values)), np.float64 if self.accurate else np.float32)

    def _of(self, doses: Sequence[Dose]) -> Occasions | None:
        """The factors of the first doses: those before a moment are the first, because doses are in order."""
        if self.occasions is None:
            return None
        return {name: each[: len(doses)] for name, each in self.occasions.items()}


def _windows(arm: ArmPlan, asked: _Asked, numbers: Numbers) -> None:
    """Of each window: concentrations; and of the settled one: blockade at receptors in equilibrium."""
    troughs: dict[tuple[str, str], Floats] = {}
    areas: dict[tuple[str, str], Floats] = {}
    for window in arm.windows:
        grid, doses = asked.grid_over(window), arm.doses_before(window.stop)
        receptors = arm.equilibrium if window == arm.settled else ()
        outputs = [*arm.analytes, *(f"auc:{each}" for each in arm.analytes), *(each.id for each in receptors)]
        found = asked.linear(arm.exposed, doses, grid, outputs)
        jumps = np.histogram([dose.time for dose in doses], bins=grid.hours)[0] > 0
        near: dict[str, Rows] = {}
        if grid.step > _WIDE_STEP and arm.analytes:
            close = _after_the_largest(doses, window)
            near = asked.linear(arm.plasma, doses, close, arm.analytes)
            jumps_near = np.histogram([dose.time for dose in doses], bins=close.hours)[0] > 0
        for name in arm.analytes:
            gathered = _double(found[f"auc:{name}"][-1]) - found[f"auc:{name}"][0]
            top, when = summaries.peak(found[name], grid.hours, jumps)
            if name in near:
                finer = summaries.peak(near[name], close.hours, jumps_near)
                when = np.where(finer[0] > top, finer[1], when)
                top = np.maximum(finer[0], top)
            numbers[Key(name, "cmax", "ng/mL", window.words)] = top
            numbers[Key(name, "tmax", "h", window.words)] = when - window.start
            numbers[Key(name, "auc", "ng·h/mL", window.words)] = areas[name, window.words] = gathered
            if window.words != arm.whole.words:
                troughs[name, window.words] = _double(found[name][-1])
                numbers[Key(name, "average", "ng/mL", window.words)] = gathered / window.hours
                numbers[Key(name, "trough", "ng/mL", window.words)] = troughs[name, window.words]
        for receptor in receptors:
            _blockade(arm, receptor, grid.hours, found[receptor.id], numbers)
    if arm.repeats and arm.first and arm.last:
        words = f"{arm.last.words} over the first"
        for name in arm.analytes:
            first, last = (name, arm.first.words), (name, arm.last.words)
            numbers[Key(name, "accumulation", "1", words)] = summaries.ratio(areas[last], areas[first])
            numbers[Key(name, "trough-ratio", "1", words)] = summaries.ratio(troughs[last], troughs[first])


def _after_the_largest(doses: Sequence[Dose], window: Window) -> Grid:
    """Every five minutes of the day after the last of the largest doses in a window: a peak may be narrow."""
    inside = [dose for dose in doses if dose.time >= window.start - 1e-9] or list(doses)
    largest = max(inside, key=lambda dose: (dose.amount, dose.time))
    start = max(largest.time, window.start)
    return Grid(start, 1 / 12, int(min(24.0, max(window.stop - start, 1 / 12)) * 12) + 1)


def _tails(arm: ArmPlan, asked: _Asked, numbers: Numbers) -> None:
    """What is of the time after the window: area to infinity, half-lives."""
    if arm.single and arm.analytes:
        outputs = [f"auc:{each}" for each in arm.analytes]
        found = asked.linear(arm.exposed, arm.doses, Grid(FOREVER, 1.0, 1), outputs)
        for name in arm.analytes:
            key = Key(name, "auc-infinity", "ng·h/mL", "from the dose until nothing is left")
            numbers[key] = _double(found[f"auc:{name}"][0])
    for name, start, stop in arm.tails:
        ends = asked.linear(arm.plasma, arm.doses, Grid(start, stop - start, 2), [name])[name]
        since = f"decline, {start - arm.last_dose:.4g} to {stop - arm.last_dose:.4g} h after the last dose"
        half_life = summaries.half_life(_double(ends[0]), _double(ends[1]), stop - start)
        numbers[Key(name, "half-life", "h", since)] = half_life


def _blockade(arm: ArmPlan, receptor: Receptor, hours: Floats, rows: Rows, numbers: Numbers) -> None:
    """The numbers of a receptor in the settled window."""
    name, reading, words = receptor.id, receptor.reading, arm.settled.words
    step, length = float(hours[1] - hours[0]), float(hours[-1] - hours[0])
    found = extremes(rows, hours)
    numbers[Key(name, "least", "1", words, None, reading)] = found.smallest
    numbers[Key(name, "mean", "1", words, None, reading)] = area(rows, step) / length
    numbers[Key(name, "most", "1", words, None, reading)] = found.largest
    if arm.last:
        numbers[Key(name, "trough", "1", words, None, reading)] = _double(rows[-1])
    for level in arm.levels:
        above = hours_above(rows, step, level)
        if arm.last:
            numbers[Key(name, "hours-above", "h", words, level, reading)] = above * (24 / length)
        else:
            numbers[Key(name, "time-above", "h", words, level, reading)] = above


def _washed_out(arm: ArmPlan, receptor: Receptor, rows: Rows, numbers: Numbers) -> None:
    after = arm.grid.hours >= arm.last_dose - 1e-9
    since = arm.grid.hours[after] - arm.last_dose
    for level in arm.levels:
        days = summaries.stays_below_from(rows[after], since, level) / 24
        numbers[Key(receptor.id, "below-after", "d", "after the last dose", level, receptor.reading)] = days


def _window_of_slow(arm: ArmPlan, receptor: Receptor, rows: Rows, asked: _Asked) -> tuple[Floats, Rows]:
    """The settled window's hours and values: for the typical person on a finer grid.

    Slow binding is smooth, and would have to be followed again from the first dose on.
    """
    window = arm.settled
    if asked.accurate:
        grid = asked.grid_over(window)
        return grid.hours, asked.occupancy(receptor.id, arm.doses_before(window.stop), grid)
    hours = arm.grid.hours
    inside = (hours >= window.start - 1e-9) & (hours <= window.stop + 1e-9)
    return hours[inside], rows[inside]


def _double(values: Rows) -> Floats:
    return np.asarray(values, np.float64)
