"""Numbers that summarise a curve of each of many people: what they mean, and how they are computed.

Arrays of values have the shape (times, people), `hours` has (times,). What only goes through the rows stands in
`reducers`. The peak of a concentration is the top of a parabola through the logarithms of three times.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from posology.simulate.bands import QUANTILES
from posology.simulate.reducers import below_from
from posology.simulate.result import Spread

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Rows = npt.NDArray[np.floating]

KINDS: Mapping[str, str] = {
    "cmax": "The highest concentration in the window.",
    "tmax": "Hours from the beginning of the window to its highest concentration.",
    "auc": "Area under the concentration in the window.",
    "auc-infinity": "Area under the concentration from the first dose until nothing is left.",
    "average": "Area under the concentration in the window, divided by its length.",
    "trough": "The value at the end of the window, just before a next dose.",
    "least": "The lowest value in the window.",
    "mean": "The mean over the window.",
    "most": "The highest value in the window.",
    "accumulation": "Area under the concentration in the last dosing interval, divided by that in the first.",
    "trough-ratio": "The trough of the last dosing interval, divided by that of the first.",
    "hours-above": "Hours a day with a blockade of at least the level, over the window.",
    "time-above": "Hours with a blockade of at least the level, over the whole time that is shown.",
    "below-after": "Days from the last dose until blockade is below the level and stays there.",
    "half-life": "Half-life of the concentration in the window, from its values at both ends.",
}
"""Every kind of summary, with its meaning."""


@dataclass(frozen=True, slots=True)
class Key:
    """Which number it is."""

    output: str
    kind: str
    unit: str
    window: str = ""
    level: float | None = None
    reading: str = ""

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        level = f" {self.level * 100:g} %" if self.level is not None else ""
        return _TITLES[self.kind] + level


_TITLES = {
    "cmax": "highest concentration",
    "tmax": "time of the highest concentration",
    "auc": "area under the curve",
    "auc-infinity": "area under the curve to infinity",
    "average": "average concentration",
    "trough": "trough",
    "least": "lowest blockade",
    "mean": "mean blockade",
    "most": "highest blockade",
    "accumulation": "accumulation (area)",
    "trough-ratio": "accumulation (trough)",
    "hours-above": "hours a day at or above",
    "time-above": "hours at or above",
    "below-after": "days from the last dose to below",
    "half-life": "half-life",
}


def peak(rows: Rows, hours: Floats, jumps: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """The highest value of each person and its hour, (people,) each.

    `jumps` (times − 1,) tells between which times a dose falls; no parabola is laid across one.
    """
    at = rows.argmax(axis=0)
    people = np.arange(rows.shape[1])
    top, when = rows[at, people].astype(np.float64), hours[at]
    if len(hours) < 3:
        return top, when
    inner = np.clip(at, 1, len(hours) - 2)
    before, middle, after = (rows[inner + k, people].astype(np.float64) for k in (-1, 0, 1))
    smooth = (at == inner) & ~jumps[inner - 1] & ~jumps[inner] & (before > 0) & (after > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b, c = np.log(before), np.log(middle), np.log(after)
        bend = a - 2 * b + c
        smooth &= bend < 0
        shift = np.where(smooth, 0.5 * (a - c) / bend, 0.0)
        refined = np.exp(b - 0.25 * (a - c) * shift)
    step = hours[inner] - hours[inner - 1]
    return np.where(smooth, refined, top), np.where(smooth, when + shift * step, when)


def stays_below_from(rows: Rows, hours: Floats, level: float) -> Floats:
    """The hour from which each person's value is below a level until the last row.

    The first hour for who is below it all the time; infinity for who is not below it at the end.
    """
    found = below_from(rows, hours, level)
    found[rows[-1] >= level] = np.inf
    found[np.isnan(found)] = hours[0]
    return found


def half_life(first: Floats, last: Floats, hours: float) -> Floats:
    """From the values at both ends of a window of so many hours; NaN where it does not fall."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = hours * np.log(2) / np.log(first / last)
    return np.where((first > last) & (last > 0), found, np.nan)


def ratio(a: Floats, b: Floats) -> Floats:
    """a/b, NaN where b is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(b > 0, a / b, np.nan)


def spread(typical: float, people: Singles | None) -> Spread:
    """The typical person's number, and the median, 5th and 95th percentile of people's.

    Percentiles are as `numpy.quantile` defines them. Infinity means that something did not happen in the time
    that was simulated; it becomes NaN, and `reached` tells in what share of people it did.
    """
    shown = float(typical) if np.isfinite(typical) else np.nan
    if people is None:
        return Spread(shown, reached=0.0 if np.isinf(typical) else None)
    ordered = np.sort(people[~np.isnan(people)]).astype(np.float64)
    share = float(np.isfinite(people).mean())
    reached = None if share == 1.0 else share
    if not len(ordered):
        return Spread(shown, np.nan, np.nan, np.nan, reached)
    low, median, high = (_quantile(ordered, each) for each in QUANTILES)
    return Spread(shown, median, low, high, reached)


def _quantile(ordered: Floats, quantile: float) -> float:
    place = quantile * (len(ordered) - 1)
    below = int(np.floor(place))
    value = float(ordered[below])
    if place > below and ordered[below + 1] != ordered[below]:
        value += (float(ordered[below + 1]) - value) * (place - below)
    return value if np.isfinite(value) else float("nan")
