import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posology.simulate.transition import apply, expm, rows_of, steady


def exactly(matrix, hours):
    """exp(matrix·hours) in 40 digits, as the nearest doubles."""
    with mpmath.workdps(40):
        found = mpmath.expm(mpmath.matrix(matrix.tolist()) * mpmath.mpf(hours), method="taylor")
        return np.array(found.tolist(), dtype=float)


def chain(*rates):
    """What leaves each place goes to the next; the last keeps it."""
    n = len(rates) + 1
    found = np.zeros((n, n))
    for place, rate in enumerate(rates):
        found[place, place], found[place + 1, place] = -rate, rate
    return found


ALPHA = 1.2402  # of naltrexone's disposition (pkpd.md 8.1), which its absorption rate of 1.27 nearly meets
CHAINS = {
    "apart": (1.27, 0.146),
    "nearly the same": (ALPHA, ALPHA * (1 + 1e-9), ALPHA * (1 + 1e-12)),
    "the same": (0.5, 0.5, 0.5, 0.5),
    "zero": (0.7, 0.0),
    "stiff": (1000.0, 1e-3, 200.0),
    "very slow": (1e-9, 1e-12),
}


@pytest.mark.parametrize("hours", [1 / 512, 1.0, 24.0, 672.0])
@pytest.mark.parametrize("rates", CHAINS.values(), ids=CHAINS)
def test_agrees_with_forty_digits(rates, hours):
    matrix = chain(*rates)
    found = expm(matrix[:, :, None], hours)[:, :, 0]
    # Each squaring may double what rounding did before; there are log2 of the norm of them.
    doubled = max(1.0, np.abs(matrix).sum(axis=0).max() * hours)
    assert found == pytest.approx(exactly(matrix, hours), rel=0, abs=4e-16 * doubled)


def test_exchange_between_two_compartments():
    matrix = np.array([[-1.27, 0, 0], [1.27, -1.1294, 0.2571], [0, 0.4235, -0.2571]])
    for hours in (0.5, 24.0, 168.0):
        found = expm(matrix[:, :, None], hours)[:, :, 0]
        assert found == pytest.approx(exactly(matrix, hours), rel=1e-12, abs=1e-15)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.floats(0, 50), min_size=12, max_size=12),
    st.floats(1e-4, 100),
)
def test_any_compartments(rates, hours):
    # Four places, each to each of the others; columns add to zero, so nothing is lost.
    matrix = np.zeros((4, 4))
    for number, (i, j) in enumerate((i, j) for i in range(4) for j in range(4) if i != j):
        matrix[i, j] += rates[number]
        matrix[j, j] -= rates[number]
    found = expm(matrix[:, :, None], hours)[:, :, 0]
    assert found == pytest.approx(exactly(matrix, hours), rel=0, abs=2e-15 * max(1, 150 * hours))
    assert found.sum(axis=0) == pytest.approx(np.ones(4), abs=2e-15 * max(1, 150 * hours))


def test_is_the_same_alone_and_in_company():
    random = np.random.default_rng(1)
    rates = np.exp(random.normal(0, 3, (3, 50)))
    many = np.stack([chain(*each) for each in rates.T], axis=-1)
    together = expm(many, 24.0)
    for subject in range(50):
        assert np.array_equal(expm(many[:, :, [subject]], 24.0)[:, :, 0], together[:, :, subject])


def test_the_zero_pattern_changes_nothing():
    matrix = chain(1.27, 0.3, 0.01)[:, :, None]
    pattern = np.tril(np.ones((4, 4), bool))
    assert np.array_equal(expm(matrix, 10.0, pattern), expm(matrix, 10.0))


def test_steady_state_is_the_end_of_a_long_run():
    matrix = np.array([[-0.5, 0.0], [0.5, -0.02]])[:, :, None]
    phi = expm(matrix, 24.0)
    dose = np.array([[10.0], [0.0]])
    x, spare, moved = dose.copy(), np.empty((2, 1)), np.empty((2, 1))
    for _ in range(200):
        apply(phi, x, rows_of([[True, True]] * 2), moved, spare)
        x = moved + dose
    assert steady(phi, dose, (0, 1)) == pytest.approx(x, rel=1e-12)


def test_no_steady_state_where_nothing_leaves():
    phi = expm(np.zeros((1, 1, 1)), 24.0)
    with pytest.raises(ValueError, match="never leaves"):
        steady(phi, np.ones((1, 1)), (0,))


def test_missing_rates_are_refused():
    with pytest.raises(ValueError, match="missing"):
        expm(np.full((1, 1, 1), np.nan), 1.0)
