"""State-transition matrices Φ(t) = exp(A·t) of many subjects at once, subject-last: (n, n, S).

Scaling and squaring with a Taylor polynomial of degree 16 (A.H. Al-Mohy, N.J. Higham, SIAM J. Sci. Comput.
2011;33:488-511: for a norm up to 0.64 a degree of 15 already has a backward error below 2⁻⁵³). No system is
solved and nothing is divided, so coinciding rates, zero rates and stiff rates are no special cases; scaled to
so small a norm, the alternating signs of a compartmental matrix do not cancel.

Products follow the zero pattern: where state j never reaches state i, element (i, j) of A, of Φ and of all
powers is zero, and is not computed. How often a subject is squared depends on that subject alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import factorial

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Reaches = Sequence[Sequence[bool]]
"""`reaches[i][j]`: may element (i, j) differ from zero? Reflexive and transitive."""

_LARGEST_NORM = 0.64
_DEGREE = 16
_MOST_SQUARINGS = 60
_MOST_DOSES = 1e9
"""A steady state of more doses than this is rounding, of an amount that never leaves."""


def expm(a: Floats, hours: float | Floats, reaches: Reaches | None = None) -> Floats:
    """exp(a·hours) of each subject; `a` is (n, n, S), `hours` one number or (S,)."""
    pattern = _columns(a.shape[0], reaches)
    a = a * hours
    norm = np.abs(a).sum(axis=0).max(axis=0, initial=0.0)
    if not np.all(np.isfinite(norm)):
        raise ValueError("a matrix with infinite or missing rates has no exponential")
    with np.errstate(divide="ignore"):
        squarings = np.ceil(np.log2(norm / _LARGEST_NORM))
    squarings = np.clip(squarings, 0, _MOST_SQUARINGS).astype(np.int64)
    a *= np.ldexp(1.0, -squarings)
    found = _taylor(a, pattern)
    spare = np.empty_like(found)
    for done in range(int(squarings.max(initial=0))):
        product(found, found, pattern, spare)
        if bool(np.all(squarings > done)):
            found, spare = spare, found
        else:
            np.copyto(found, spare, where=squarings > done)
    return found


def _taylor(a: Floats, pattern: list[list[tuple[int, slice]]]) -> Floats:
    """Σ aᵏ/k! up to k = 16, in six products (Paterson and Stockmeyer)."""
    n = a.shape[0]
    powers = [a, np.empty_like(a), np.empty_like(a), np.empty_like(a)]
    for k in range(1, 4):
        product(powers[k - 1], a, pattern, powers[k])
    found = powers[3] / factorial(_DEGREE)
    spare = np.empty_like(a)
    for low in (12, 8, 4, 0):
        for k in range(1, 4):
            np.multiply(powers[k - 1], 1 / factorial(low + k), out=spare)
            found += spare
        for i in range(n):
            found[i, i] += 1 / factorial(low)
        if low:
            product(found, powers[3], pattern, spare)
            found, spare = spare, found
    return found


def product(a: Floats, b: Floats, pattern: list[list[tuple[int, slice]]], out: Floats) -> None:
    """Write a·b into `out`, of each subject, computed only where the pattern has elements; zero elsewhere."""
    spare = np.empty(b.shape[1:])
    out[...] = 0.0
    for i, columns in enumerate(pattern):
        for k, wide in columns:
            part = spare[wide]
            np.multiply(a[i, k], b[k, wide], out=part)
            out[i, wide] += part


def columns_of(reaches: Reaches) -> list[list[tuple[int, slice]]]:
    """The pattern for `product`: for each row i its elements k, and the columns that row k spans."""
    return _columns(len(reaches), reaches)


def _columns(n: int, reaches: Reaches | None) -> list[list[tuple[int, slice]]]:
    if reaches is None:
        reaches = [[True] * n] * n
    spans = []
    for row in reaches:
        there = [j for j in range(n) if row[j]]
        spans.append(slice(there[0], there[-1] + 1))
    return [[(k, spans[k]) for k in range(n) if reaches[i][k]] for i in range(n)]


def apply(phi: Floats, x: Floats, pattern: Sequence[slice], out: Floats, spare: Floats) -> None:
    """Write Φ·x of each subject into `out`: (n, n, S) and (n, S) give (n, S); `spare` is for work.

    `pattern[j]` are the rows that column j reaches, see `rows_of`.
    """
    out[...] = 0.0
    for j, rows in enumerate(pattern):
        part = spare[rows]
        np.multiply(phi[rows, j], x[j], out=part)
        target = out[rows]
        target += part


def rows_of(reaches: Reaches) -> list[slice]:
    """The pattern for `apply`: for each column the rows from the first to the last that it reaches."""
    found = []
    for j in range(len(reaches)):
        there = [i for i in range(len(reaches)) if reaches[i][j]]
        found.append(slice(there[0], there[-1] + 1))
    return found


def steady(phi: Floats, entered: Floats, kept: Sequence[int]) -> Floats:
    """What infinitely many doses leave just after the last: (I − Φ)⁻¹·entered, with Φ over one interval.

    `kept` are the states that the dose can come to and that do not merely gather; the others stay at zero.

    Raises:
        ValueError: Some amount never leaves, so that doses pile up without end.
    """
    found = np.zeros_like(entered)
    if not kept:
        return found
    left = np.eye(len(kept)) - np.moveaxis(phi[np.ix_(kept, kept)], -1, 0)
    right = np.moveaxis(entered[list(kept)], -1, 0)[..., None]
    try:
        solved = np.linalg.solve(left, right)[..., 0]
    except np.linalg.LinAlgError:
        solved = np.array(np.inf)
    if not np.all(np.abs(solved) <= _MOST_DOSES * entered.max(initial=0.0)):
        raise ValueError("doses pile up without end: some amount never leaves the body")
    found[list(kept)] = np.moveaxis(solved, 0, -1)
    return found
