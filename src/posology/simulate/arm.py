"""One arm of a simulation: a regimen with its model, what is followed, over which times, and what is counted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from posology.monograph.kinetics import KineticModel, Receptor
from posology.regimen.dose import Dose
from posology.simulate.receptor import Pulse
from posology.simulate.schedule import Window
from posology.simulate.system import System
from posology.simulate.timeline import Grid

STEPS = tuple(minutes / 60 for minutes in (1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1440))
"""Hours between the times of a grid that is chosen by itself."""
_NEAR = 1e-9


@dataclass(frozen=True)
class ArmPlan:
    """All that has to be known to compute an arm for any people; plain, so that it can be sent to a process.

    `analytes` and `receptors` are the ids of what is followed. `tails` says for each analyte between which
    hours its half-life is taken.
    """

    name: str
    model: KineticModel
    doses: tuple[Dose, ...]
    """Each with a route."""
    last_dose: float
    first: Window | None
    last: Window | None
    repeats: bool
    """Whether the last interval is like the first, so that their ratio means accumulation."""
    grid: Grid
    analytes: tuple[str, ...]
    receptors: tuple[str, ...]
    levels: tuple[float, ...]
    washout: bool
    tails: tuple[tuple[str, float, float], ...] = ()
    agonist: tuple[Pulse, ...] = ()
    missed: float = 0.0
    """With which probability each dose is missed by each of many people; the typical person takes all."""

    @property
    def routes(self) -> tuple[str, ...]:
        """The routes of its doses."""
        return tuple(dict.fromkeys(dose.route or "" for dose in self.doses))

    @property
    def whole(self) -> Window:
        """The whole time that is shown."""
        return Window(0.0, float(self.grid.hours[-1]), "whole time shown")

    @property
    def settled(self) -> Window:
        """The last dosing interval; for single doses the whole time."""
        return self.last or self.whole

    @property
    def windows(self) -> tuple[Window, ...]:
        """The first dosing interval, if there is one and it is another one, and the settled one."""
        first, settled = self.first, self.settled
        if first is None or (first.start, first.stop) == (settled.start, settled.stop):
            return (settled,)
        return (first, settled)

    def doses_before(self, hour: float) -> tuple[Dose, ...]:
        """Without the doses at `hour` or later, so that a value at that hour is the one just before them."""
        return tuple(dose for dose in self.doses if dose.time < hour - _NEAR)

    @cached_property
    def equilibrium(self) -> tuple[Receptor, ...]:
        """Receptors whose blockade follows from concentrations at once, if no agonist competes."""
        return tuple(each for each in self._receptors if each.binding == "equilibrium" and not self.agonist)

    @cached_property
    def slow(self) -> tuple[Receptor, ...]:
        """The other receptors, which have to be followed through time."""
        return tuple(each for each in self._receptors if each not in self.equilibrium)

    @property
    def linear(self) -> tuple[str, ...]:
        """What is a weighted sum of amounts: the analytes, and the drives of receptors in equilibrium."""
        return (*self.analytes, *(each.id for each in self.equilibrium))

    @cached_property
    def plasma(self) -> System:
        """The states that the linear outputs need."""
        return self._system(self.linear)

    @cached_property
    def exposed(self) -> System:
        """The same with areas under the curve."""
        return System.of(self.model, self.routes, self.linear, infused=self._infused, auc=self.analytes)

    @cached_property
    def binding(self) -> dict[str, System]:
        """The states that each receptor needs."""
        return {each: self._system((each,)) for each in self.receptors}

    @property
    def _receptors(self) -> tuple[Receptor, ...]:
        return tuple(each for each in self.model.receptors if each.id in self.receptors)

    @property
    def single(self) -> bool:
        """Whether there is one dose, and nothing before it."""
        return len(self.doses) == 1 and not self.doses[0].ss

    @property
    def _infused(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(dose.route or "" for dose in self.doses if dose.duration > 0))

    def _system(self, outputs: tuple[str, ...]) -> System:
        return System.of(self.model, self.routes, outputs, infused=self._infused)


def grid_over(window: Window, most: int) -> Grid:
    """The finest grid that ends with the window and has about `most` times; begins and ends with it."""
    for step in STEPS:
        pieces = window.hours / step
        if pieces <= most and abs(pieces - round(pieces)) < 1e-6 and pieces >= 1:
            return Grid(window.start, step, round(pieces) + 1)
    pieces = max(1, most)
    return Grid(window.start, window.hours / pieces, pieces + 1)
