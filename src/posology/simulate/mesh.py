"""At which moments a receptor's drive is looked at: panels of start, middle and end, fine where it moves fast.

After a dose the width of panels grows with the time since, so that an absorption of minutes and a decline of
days are both followed with few of them. Each grid point is the end or the middle of a panel.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, log2

from posology.simulate.timeline import SAME, Step

_LITTLE = 1e-6
"""Of a unit: what rounding may leave."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Width of a panel in hours: `growth` times the time since the last event, from `finest` to `widest`."""

    finest: float
    growth: float
    widest: float
    reach: float = 1.0
    """Most that the rates of a receptor times a panel may be."""

    def width(self, age: float) -> float:
        """So many hours after an event."""
        return min(self.widest, max(self.finest, self.growth * age))

    def within(self, fastest: float) -> Rule:
        """Panels short enough for a receptor that captures and releases at this rate (1/h)."""
        longest = self.reach / fastest
        return replace(self, widest=min(self.widest, longest), finest=min(self.finest, longest / 16))


ACCURATE = Rule(finest=1 / 256, growth=1 / 8, widest=1 / 2)
"""Agrees with an ODE solver to 1e-6; 1e-7 as a rule."""
POPULATION = Rule(finest=1 / 32, growth=3 / 8, widest=2.0)
"""Within 1e-4: for percentiles of many people."""
SKETCH = Rule(finest=1 / 4, growth=1.0, widest=6.0, reach=3.0)
"""Within 2e-3: for a curve that follows a slider."""


@dataclass(frozen=True, slots=True)
class Mesh:
    """The panels of one kind of step."""

    points: tuple[float, ...]
    """Hours since the beginning of the step: start, middle, end = start, middle, end…; 2·panels + 1 of them."""
    widths: tuple[float, ...]
    """Of each panel."""
    grid: tuple[int, ...]
    """Which of the points are the step's grid points."""

    @property
    def middles(self) -> int:
        """The first panel whose middle is a grid point; the number of panels if none is."""
        return next((each // 2 for each in self.grid if each % 2), len(self.widths))


def mesh(step: Step, between: float, age: float, rule: Rule) -> Mesh:
    """The panels of a step whose grid points are `between` hours apart, `age` hours after the last event."""
    ends = [k * between for k in range(max(1, step.rows))]
    if step.span > ends[-1] + SAME:
        ends.append(step.span)
    points, widths, places = [0.0], [], {0.0: 0}
    cell = 0
    while cell + 1 < len(ends):
        start, end = ends[cell], ends[cell + 1]
        wanted = rule.width(age + start)
        after = ends[cell + 2] if cell + 2 < len(ends) else end
        if abs((after - end) - (end - start)) < SAME and wanted >= after - start:
            points += [end, after]
            widths.append(after - start)
            cell += 2
        else:
            for left, right in _pieces(start, end, between, age, rule):
                points += [(left + right) / 2, right]
                widths.append(right - left)
            cell += 1
        for number in (len(points) - 2, len(points) - 1):
            places[points[number]] = number
    return Mesh(tuple(points), tuple(widths), tuple(places[each] for each in ends[: step.rows]))


def _pieces(start: float, end: float, between: float, age: float, rule: Rule) -> list[tuple[float, float]]:
    """A stretch without grid points inside, cut as finely as the rule wants at each place.

    Every piece but the last is a half, a quarter… of the distance between grid points, and lies at a multiple
    of itself: so irregular doses need few matrices of their own.
    """
    found: list[tuple[float, float]] = []
    largest = 2 ** (1 + max(0, ceil(log2(between / rule.finest))))
    unit = between / largest
    whole, at = (end - start) / unit, 0
    while whole - at > _LITTLE:
        left = start + at * unit
        wanted = min(rule.width(age + left) / unit, whole - at) + _LITTLE
        piece = largest
        while piece > 1 and (piece > wanted or at % piece):
            piece //= 2
        at += piece  # past the end if less than a unit is left
        found.append((left, start + at * unit if at < whole - _LITTLE else end))
    return found
