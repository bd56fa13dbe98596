"""Curves made ready to draw: fewer points with every peak kept, daily ranges, and the last dosing interval."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from posology.simulate.result import Arm, Curve, Floats

DAY = 24.0
WEEK = 168.0
DAYS_FROM = 72.0
"""Hours: longer times are shown in days."""
MANY_DOSES = 45
"""More doses than this in one panel would be a comb: a range for each day is drawn."""
_FADED = 0.02
"""A blockade below this share cannot be told from none on a chart."""
_TOLERANCE = 0.004
"""Of the height of a panel: what a dropped point may change."""

Row = dict[str, float]


class Window(NamedTuple):
    """A stretch of a curve, in hours since the first dose."""

    start: float
    end: float
    even: bool = True
    """Does it lie between two doses of an even schedule?"""


def interval(arm: Arm) -> Window:
    """The last whole round of doses: one interval where doses are evenly spaced, else a week."""
    end_of_curve = float(arm.curves[0].hours[-1])
    doses = arm.dose_hours
    if len(doses) < 2:
        return Window(float(doses[0]) if len(doses) else 0.0, end_of_curve)
    gaps = np.diff(doses[-8:])
    last = float(doses[-1])
    even = float(gaps.max() - gaps.min()) <= 0.02 * float(gaps.max())
    if not even:
        return Window(max(0.0, last - WEEK), last, even=False)
    gap = float(gaps[-1])
    return Window(last, last + gap) if last + gap <= end_of_curve + 1e-6 else Window(last - gap, last)


def faded(arm: Arm, site: str) -> Window:
    """From the last dose until hardly anything of a receptor's blockade is left, in whatever reading."""
    latest = arm.last_dose_hour + DAY
    for curve in arm.curves:
        if curve.output.kind == "blockade" and curve.output.site == site:
            there = np.flatnonzero((curve.typical if curve.high is None else curve.high) >= _FADED)
            latest = max(latest, float(curve.hours[there[-1]]) if len(there) else 0.0)
    days = math.ceil((latest - arm.last_dose_hour) / DAY)
    return Window(arm.last_dose_hour, min(float(arm.curves[0].hours[-1]), arm.last_dose_hour + days * DAY))


def points(curve: Curve, window: Window, *, floor: float = 0.0, top: float) -> list[Row]:
    """The curve in a window with no more points than the eye needs. With `floor` for a logarithmic axis."""
    inside = (curve.hours >= window.start - 1e-9) & (curve.hours <= window.end + 1e-9)
    hours = curve.hours[inside]
    series = {"y": curve.typical[inside]}
    if curve.low is not None and curve.high is not None:
        series |= {"low": curve.low[inside], "high": curve.high[inside]}
    if floor:  # what lies far below is cut off by the frame
        series = {name: np.maximum(each, floor / 10) for name, each in series.items()}
    kept = simplified(hours, _heights(list(series.values()), floor, top), _TOLERANCE)
    return [
        {"hour": float(hours[at]), **{name: float(each[at]) for name, each in series.items()}} for at in kept
    ]


def _heights(series: list[Floats], floor: float, top: float) -> Floats:
    """Values as shares of the height of a panel, shape (lines, points)."""
    if not floor:
        return np.stack(series) / (top or 1.0)
    return np.stack([np.log(each) for each in series]) / math.log(top / floor)


def simplified(at: Floats, heights: Floats, tolerance: float) -> list[int]:
    """Indices of the points to keep (Douglas and Peucker, by height) so that no line is off by more.

    `heights` has shape (lines, points); the lines share their points.
    """
    keep = {0, len(at) - 1}
    stretches = [(0, len(at) - 1)]
    while stretches:
        first, last = stretches.pop()
        if last - first < 2:
            continue
        share = (at[first : last + 1] - at[first]) / (at[last] - at[first])
        straight = heights[:, first, None] + (heights[:, last, None] - heights[:, first, None]) * share
        off = np.abs(heights[:, first : last + 1] - straight).max(axis=0)
        worst = int(off.argmax())
        if off[worst] > tolerance:
            keep.add(first + worst)
            stretches += [(first, first + worst), (first + worst, last)]
    return sorted(keep)


def many_doses(arm: Arm, window: Window) -> bool:
    """Would the doses in this window be a comb?"""
    inside = (arm.dose_hours >= window.start) & (arm.dose_hours < window.end)
    return int(inside.sum()) > MANY_DOSES


def ranges(curve: Curve, window: Window, *, floor: float = 0.0, top: float) -> list[Row]:
    """Lowest and highest of each day: of the typical person (`y`, `y2`) and of people (`low`, `high`)."""
    starts = np.arange(window.start, window.end - 1e-9, DAY)
    ends = np.minimum(starts + DAY, window.end)
    inside = [(curve.hours >= start) & (curve.hours < end) for start, end in zip(starts, ends, strict=True)]
    series = {
        "y": np.array([curve.typical[each].min() for each in inside]),
        "y2": np.array([curve.typical[each].max() for each in inside]),
    }
    if curve.low is not None and curve.high is not None:
        series["low"] = np.array([curve.low[each].min() for each in inside])
        series["high"] = np.array([curve.high[each].max() for each in inside])
    if floor:
        series = {name: np.maximum(each, floor / 10) for name, each in series.items()}
    middle = (starts + ends) / 2
    kept = simplified(middle, _heights(list(series.values()), floor, top), _TOLERANCE)
    return [
        {"hour": float(middle[at]), **{name: float(each[at]) for name, each in series.items()}} for at in kept
    ]


def peak(curve: Curve, window: Window | None = None) -> float:
    """The highest value that is drawn of a curve, in a window if one is given."""
    high = curve.typical if curve.high is None else np.maximum(curve.high, curve.typical)
    if window is not None:
        high = high[(curve.hours >= window.start) & (curve.hours <= window.end)]
    return float(high.max())


def least(arm: Arm, curve: Curve) -> float:
    """The lowest value in the last interval, of what is drawn."""
    window = interval(arm)
    inside = (curve.hours >= window.start) & (curve.hours <= window.end)
    low = curve.low if curve.low is not None else curve.typical
    return float(low[inside].min())
