"""Slow binding over the panels of one step: the share p of receptors that are not held, dp/dt = off − K·p.

K(t) is known at start, middle and end of each panel; the equation is linear in p, so an integrating factor
solves it: p(end) = e^(−I)·p(start) + off·∫ e^(−(I−I(u))) du with I the integral of K. I and the integral are
taken with Simpson's rule, fourth order in the panel's width. Arrays are (panels, S), or (points, S).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]


def held_slowly(k: Array, off: Array, widths: Array, p: Array, middles: int = 0) -> None:
    """Fill p (points, S) from p[0], for K·width up to about 1. `k` is (points, S), `off` (S,), `widths` (P, 1).

    Middles are filled from the panel `middles` on.
    """
    first, middle, last = k[:-1:2], k[1::2], k[2::2]
    half = middle * 4
    half += first
    half += last
    half *= widths / -12
    tilt = first - last
    tilt *= widths / 8
    to_middle = half - tilt
    to_end = half
    to_end += tilt
    np.exp(to_middle, out=to_middle)
    np.exp(to_end, out=to_end)
    through = to_middle * to_end
    added = to_end * 4
    added += through
    added += 1
    added *= off * (widths / 6)
    _march(through, added, p)
    # At the middle: the integral over half the panel of the parabola through its three values.
    to_middle, to_end, added = to_middle[middles:], to_end[middles:], added[middles:]
    np.divide(-1, to_end, out=added)
    added += 8
    np.multiply(to_middle, 5, out=to_end)
    added += to_end
    added *= off * (widths[middles:] / 24)
    to_middle *= p[2 * middles : -1 : 2]
    np.add(to_middle, added, out=p[2 * middles + 1 :: 2])


def held_briefly(k: Array, off: Array, widths: Array, p: Array) -> None:
    """The same for any K·width: p follows off/K, taken as a parabola in I (exponential time differencing)."""
    first, middle, last = k[:-1:2], k[1::2], k[2::2]
    whole = (first + 4 * middle + last) * (widths / 6)
    # The half's integral by the parabola through three K can leave (0, whole) where K leaps; p is then at
    # its target anyway.
    before = np.clip(whole / 2 + (first - last) * (widths / 8), whole * 0.01, whole * 0.99)
    after = whole - before
    target = off / k
    t0, t1, t2 = target[:-1:2], target[1::2], target[2::2]
    slope = (t1 - t0) / before
    bend = ((t2 - t1) / after - slope) / whole
    # dp/dI = −p + T(I) is solved by p = T − T′ + T″ plus what decays.
    at_start = t0 - slope + bend * (before + 2)
    at_middle = t1 - slope - bend * (before - 2)
    at_end = t2 - slope - bend * (2 * whole - before - 2)
    decay = np.exp(-whole)
    _march(decay, at_end - decay * at_start, p)
    p[1::2] = np.exp(-before) * (p[:-1:2] - at_start) + at_middle


def _march(factor: Array, added: Array, p: Array) -> None:
    if p.shape[1] == 1 and p.dtype == np.float64:  # the same numbers, without the cost of tiny arrays
        share, ends = float(p[0, 0]), []
        for times, plus in zip(factor[:, 0].tolist(), added[:, 0].tolist(), strict=True):
            share = times * share + plus
            ends.append(share)
        p[2::2, 0] = ends
        return
    for number in range(len(factor)):
        target = p[2 * number + 2]
        np.multiply(factor[number], p[2 * number], out=target)
        target += added[number]
