"""Percentiles over a population of any size, at every time, in memory that does not grow with it.

For each time there is a histogram whose bins are steps of the upper bits of a float32: every bin is as wide
as 2⁻¹⁰ of its value or less. Only a window of values is binned, chosen from the first few thousand subjects
so that it holds the wanted percentiles; what lies outside is counted, and a percentile that turns out to lie
outside is not guessed: the windows are widened and the population is gone through again. Counts are
integers, so neither the order nor the size of blocks changes a result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Single = npt.NDArray[np.float32]

QUANTILES = (0.05, 0.5, 0.95)
PILOT = 4096
"""Populations up to this size are sorted; of larger ones so many subjects choose the windows."""

_SHIFT = 13
"""Bits of a float32 that a bin leaves out of 23."""
_TOP = 0x7F800000 >> _SHIFT
"""The bin of infinity."""
_SURE = 7.0
"""Standard errors of a percentile of the pilot that the window reaches beyond it."""


class Bands:
    """Counts of one output. `low` and `high` are the first bin of the window and the one after it, per time."""

    def __init__(self, low: npt.NDArray[np.int32], high: npt.NDArray[np.int32]) -> None:
        self.low, self.high = low, high
        self.count = 0
        self._counts = [np.zeros(size, np.int32) for size in high - low + 2]
        self._zeros = np.zeros(len(low), np.int64)

    @classmethod
    def of(cls, pilot: npt.NDArray[np.floating], quantiles: Sequence[float] = QUANTILES) -> Bands:
        """Windows that hold the quantiles of a population of which `pilot` (times, subjects) is a sample.

        The pilot is not counted: it comes again with the population.
        """
        return cls.of_sorted(np.sort(np.ascontiguousarray(pilot, np.float32), axis=1), quantiles)

    @classmethod
    def of_sorted(cls, ordered: Single, quantiles: Sequence[float] = QUANTILES, floor: float = 0.0) -> Bands:
        """The same of a pilot whose rows are in order, with lower values taken to be `floor`."""
        size = ordered.shape[1]
        ends = []
        for quantile, sign in ((min(quantiles), -1), (max(quantiles), 1)):
            margin = _SURE * np.sqrt(max(quantile * (1 - quantile) / size, 1 / size**2))
            ends.append(quantile + sign * margin)
        least = np.float32(floor)
        low = _bins(np.maximum(ordered[:, max(0, int(np.floor(ends[0] * size)))], least))
        high = _bins(np.maximum(ordered[:, min(size - 1, int(np.ceil(ends[1] * size)))], least)) + 1
        if ends[0] < 0:  # the sample cannot bound it: an eighth of its smallest value
            low = low - (3 << (23 - _SHIFT))
        if ends[1] > 1:
            high = high + (3 << (23 - _SHIFT))
        return cls(np.clip(low, 0, _TOP - 1), np.clip(high, 1, _TOP))

    def add(self, values: npt.NDArray[np.floating], floor: float = 0.0) -> None:
        """Count some subjects: (times, subjects), best float32 with subjects contiguous.

        Lower values count as `floor`. Some thousand subjects at once are the quickest: each row costs what its bins do.
        """
        size, least = values.shape[1], np.float32(floor)
        bits, wide = np.empty(size, np.int32), np.empty(size, np.int64)
        for row, counts in enumerate(self._counts):
            these = np.ascontiguousarray(values[row], np.float32)
            if floor:
                these = np.maximum(these, least)
            if not self.low[row]:
                self._zeros[row] += size - np.count_nonzero(these > 0)
            np.right_shift(these.view(np.int32), _SHIFT, out=bits)
            np.subtract(bits, self.low[row] - 1, out=bits)
            np.maximum(bits, 0, out=bits)
            np.minimum(bits, len(counts) - 1, out=bits)
            wide[...] = bits
            counts += np.bincount(wide, minlength=len(counts))
        self.count += size

    def merge(self, other: Bands) -> None:
        """Add the counts of another part of the population, made with the same windows."""
        if not (np.array_equal(self.low, other.low) and np.array_equal(self.high, other.high)):
            raise ValueError("counts of different windows cannot be added")
        for mine, theirs in zip(self._counts, other._counts, strict=True):
            mine += theirs
        self._zeros += other._zeros
        self.count += other.count

    def quantiles(self, quantiles: Sequence[float] = QUANTILES) -> Floats:
        """(quantiles, times), as `numpy.quantile` defines them; NaN where one lies outside the window."""
        places = np.array(quantiles) * (self.count - 1)
        below = np.floor(places).astype(np.int64)
        ranks = np.stack([below, np.minimum(below + 1, self.count - 1)])
        found = np.empty((len(quantiles), len(self._counts)))
        for row, counts in enumerate(self._counts):
            at, after = self._at(row, np.cumsum(counts), ranks)
            found[:, row] = np.where(below == places, at, at + (after - at) * (places - below))
        return found

    def widened(self, missed: npt.NDArray[np.bool_]) -> Bands:
        """Empty counts with windows sixteen times as wide, both ways, at the times that were missed."""
        reach = np.where(missed, 4 << (23 - _SHIFT), 0).astype(np.int32)
        return Bands(np.maximum(self.low - reach, 0), np.minimum(self.high + reach, _TOP))

    def _at(self, row: int, sums: npt.NDArray[np.int64], ranks: npt.NDArray[np.int64]) -> Floats:
        """The values of these ranks (0 is the smallest): their bins, and in them as if values were evenly spread."""
        number = np.searchsorted(sums, ranks, side="right")
        first = sums[number - 1]
        if not self.low[row]:  # zeros share the first bin
            first = np.where(number == 1, np.maximum(first, self._zeros[row]), first)
        bins = np.clip(self.low[row] - 1 + number, 0, _TOP - 1).astype(np.int32)
        lower, upper = ((each << _SHIFT).view(np.float32).astype(np.float64) for each in (bins, bins + 1))
        with np.errstate(divide="ignore", invalid="ignore"):
            found = lower + (upper - lower) * ((ranks - first + 0.5) / (sums[number] - first))
        outside = (number == 0) | (number == len(sums) - 1)
        found = np.where(outside, np.nan, found)
        if not self.low[row]:
            found = np.where(ranks < self._zeros[row], 0.0, found)
        return found


def percentiles(values: npt.NDArray[np.floating], quantiles: Sequence[float]) -> Floats:
    """(quantiles, times) of (times, subjects), as `numpy.quantile`; sorting float32 first is four times as fast."""
    ordered = np.sort(values, axis=1)
    found = np.empty((len(quantiles), len(ordered)))
    for number, quantile in enumerate(quantiles):
        place = quantile * (ordered.shape[1] - 1)
        below = int(np.floor(place))
        at = ordered[:, below].astype(np.float64)
        found[number] = at + (ordered[:, min(below + 1, ordered.shape[1] - 1)] - at) * (place - below)
    return found


def _bins(values: Single) -> npt.NDArray[np.int32]:
    found: npt.NDArray[np.int32] = np.maximum(values, np.float32(0)).view(np.int32) >> _SHIFT
    return found


def bands(
    population: int,
    block: int,
    values: Callable[[slice], npt.NDArray[np.floating]],
    quantiles: Sequence[float] = QUANTILES,
) -> Floats:
    """Percentiles of a population that is made block by block, (quantiles, times).

    `values` gives (times, subjects) of a slice of the population, the same each time it is asked.
    """
    if population <= PILOT:
        return percentiles(values(slice(0, population)), quantiles)
    counted = Bands.of(values(slice(0, PILOT)), quantiles)
    while True:
        for start in range(0, population, block):
            counted.add(values(slice(start, min(start + block, population))))
        found = counted.quantiles(quantiles)
        missed: npt.NDArray[np.bool_] = np.logical_or.reduce(np.isnan(found), axis=0)
        if not missed.any():
            return found
        if bool(np.all((counted.low[missed] == 0) & (counted.high[missed] == _TOP))):
            raise ValueError("some values are not finite, so that percentiles cannot be told")
        counted = counted.widened(missed)
