"""Random numbers belong to people: blocks never change them, and they have the moments they should."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posology.errors import UsageError
from posology.simulate.draws import Draws

WHOLE = 400


@given(
    st.integers(0, 2**64 - 1),
    st.text(max_size=8),
    st.integers(0, WHOLE - 1),
    st.integers(1, WHOLE),
    st.integers(0, 9),
)
def test_a_block_has_the_same_numbers_as_the_whole(
    seed: int, name: str, start: int, size: int, index: int
) -> None:
    draws, stop = Draws(seed), min(start + size, WHOLE)
    for draw in (draws.normal, draws.uniform):
        assert np.array_equal(draw(name, start, stop, index), draw(name, 0, WHOLE, index)[start:stop])


def test_names_doses_and_seeds_have_numbers_of_their_own() -> None:
    one = Draws(1).normal("a", 0, 100)
    assert not np.intersect1d(one, Draws(1).normal("b", 0, 100)).size
    assert not np.intersect1d(one, Draws(1).normal("a", 0, 100, 1)).size
    assert not np.intersect1d(one, Draws(2).normal("a", 0, 100)).size


def test_normals_have_the_moments_of_the_normal_distribution() -> None:
    # Standard errors for n = 400,000: mean 0.0016, variance 0.0022, fourth moment 0.015; four of each.
    drawn = Draws(7).normal("moments", 0, 400_000)
    assert abs(drawn.mean()) < 0.0064
    assert abs(drawn.var() - 1) < 0.009
    assert abs((drawn**4).mean() - 3) < 0.062
    assert abs(np.corrcoef(drawn[::2], drawn[1::2])[0, 1]) < 0.009


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_out_of_range_is_refused(seed: int) -> None:
    with pytest.raises(UsageError, match="whole number from 0"):
        Draws(seed)


@pytest.mark.parametrize("seed", [2**53, 2**63, 2**64 - 2])
def test_large_seeds_that_differ_by_one_have_people_of_their_own(seed: int) -> None:
    for name in ("a", "b", "c", "d"):
        assert not np.intersect1d(Draws(seed).normal(name, 0, 100), Draws(seed + 1).normal(name, 0, 100)).size
