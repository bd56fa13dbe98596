"""One number a subject from its values over time: hours above a level, largest, smallest, when, area.

Each takes values as (times, subjects), float64 or float32, subjects contiguous, and goes through them row by
row; between two times a value is taken to move in a straight line. A window is a slice of the rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.floating]

_FEW = 32
_WHOLE = 4
"""Up to so many subjects an array of all times is quicker than row after row."""


def hours_above(rows: Rows, step: float, level: float) -> Floats:
    """How long the value is at or above the level, (S,). `step` is the hours between rows."""
    # Just below it, so that a value equal to the level counts as above.
    edge = np.nextafter(rows.dtype.type(level), rows.dtype.type(-np.inf))
    if rows.shape[1] <= _WHOLE:
        return _hours_above_of_few(rows, step, edge)
    found, some = np.zeros(rows.shape[1]), np.zeros(rows.shape[1], rows.dtype)
    over, far = np.empty((2, rows.shape[1]), rows.dtype), np.empty((2, rows.shape[1]), rows.dtype)
    share, whole = np.empty_like(some), np.empty_like(some)
    for number, row in enumerate(rows):
        now, before = number % 2, (number + 1) % 2
        np.subtract(row, edge, out=over[now])
        np.abs(over[now], out=far[now])
        if number:
            # From a over the edge to b over it, (1 + (a + b)/(|a| + |b|))/2 of a segment is above: 1 when both
            # are, 0 when neither is, a/(a + |b|) when it crosses.
            np.add(over[now], over[before], out=share)
            np.add(far[now], far[before], out=whole)
            np.divide(share, whole, out=share)
            np.add(some, share, out=some)
        if number % _FEW == 0:  # sums of few in single precision are exact enough
            found += some
            some[...] = 0
    found += some
    return (found + (len(rows) - 1)) * (step / 2)


def _hours_above_of_few(rows: Rows, step: float, edge: np.floating) -> Floats:
    """The same numbers, all times at once."""
    over = rows - edge
    far = np.abs(over)
    share = (over[1:] + over[:-1]) / (far[1:] + far[:-1])
    found = np.zeros(rows.shape[1])
    for start in range(0, len(share), _FEW):
        found += np.cumsum(share[start : start + _FEW], axis=0)[-1]
    return (found + (len(rows) - 1)) * (step / 2)


@dataclass(frozen=True, slots=True)
class Extremes:
    """Of each subject, (S,)."""

    largest: Floats
    largest_at: Floats
    """Hours; the first time it is reached."""
    smallest: Floats


def extremes(rows: Rows, hours: Floats) -> Extremes:
    """Largest value and when, smallest value; at grid points. `hours` are the times of the rows."""
    largest, smallest = rows[0].copy(), rows[0].copy()
    at = np.full(rows.shape[1], hours[0])
    higher = np.empty(rows.shape[1], np.bool_)
    for hour, row in zip(hours[1:], rows[1:], strict=True):
        np.greater(row, largest, out=higher)
        np.copyto(at, hour, where=higher)
        np.maximum(largest, row, out=largest)
        np.minimum(smallest, row, out=smallest)
    return Extremes(largest.astype(np.float64), at, smallest.astype(np.float64))


def area(rows: Rows, step: float) -> Floats:
    """Trapezoidal area, (S,). For a concentration ask for the output ``auc:ANALYTE`` instead: that is exact."""
    inner = np.add.reduce(rows[1:-1], axis=0, dtype=np.float64)
    ends = (rows[0].astype(np.float64) + rows[-1]) / 2 if len(rows) > 1 else 0.0
    found: Floats = (inner + ends) * step
    return found


def below_from(rows: Rows, hours: Floats, level: float) -> Floats:
    """When the value falls below the level for good, (S,): hours, NaN if it never does or never was above.

    "For good" is until the last row.
    """
    found = np.full(rows.shape[1], np.nan)
    before = rows[0]
    for number in range(1, len(rows)):
        now = rows[number]
        falls = (before >= level) & (now < level)
        if falls.any():
            share = (before[falls] - level) / (before[falls] - now[falls])
            found[falls] = hours[number - 1] + share * (hours[number] - hours[number - 1])
        before = now
    found[rows[-1] >= level] = np.nan
    return found
