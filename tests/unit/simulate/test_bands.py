import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posology.simulate.bands import PILOT, QUANTILES, Bands, bands
from posology.simulate.reducers import area, below_from, extremes, hours_above


def sample(times=6, count=30_000, seed=1, spread=1.0):
    random = np.random.default_rng(seed)
    middle = 10.0 ** random.uniform(-6, 3, times)[:, None]
    return (middle * np.exp(spread * random.standard_normal((times, count)))).astype(np.float32)


def of(values, block=7000, quantiles=QUANTILES):
    return bands(values.shape[1], block, lambda some: values[:, some], quantiles)


@pytest.mark.parametrize("spread", [1e-6, 0.01, 0.5, 2.0])
def test_agrees_with_sorting(spread):
    values = sample(spread=spread)
    exact = np.quantile(values.astype(np.float64), QUANTILES, axis=1)
    # A bin is at most 2⁻¹⁰ wide.
    assert of(values) == pytest.approx(exact, rel=1e-3)


def test_blocks_and_order_change_nothing():
    values = sample()
    whole = of(values)
    assert np.array_equal(of(values, 30_000), whole)
    assert np.array_equal(of(values, 999), whole)
    # Behind the subjects that choose the windows, any order.
    mixed = np.concatenate([values[:, :PILOT], values[:, : PILOT - 1 : -1]], axis=1)
    assert np.array_equal(of(mixed), whole)


def test_parts_merge():
    values = sample()
    whole, left = Bands.of(values[:, :PILOT]), Bands.of(values[:, :PILOT])
    right = Bands.of(values[:, :PILOT])
    whole.add(values)
    left.add(values[:, :10_000])
    right.add(values[:, 10_000:])
    left.merge(right)
    assert np.array_equal(left.quantiles(), whole.quantiles())
    with pytest.raises(ValueError, match="different windows"):
        left.merge(Bands.of(values[:, :PILOT] * 2))


def test_small_populations_are_sorted():
    values = sample(count=999)
    assert of(values) == pytest.approx(np.quantile(values.astype(np.float64), QUANTILES, axis=1), rel=1e-14)
    one = of(values[:, :1])
    assert np.array_equal(one, np.repeat(values[:, :1].T.astype(np.float64), 3, axis=0))


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 1.0])
def test_zeros(share):
    values = sample()
    values[:, np.random.default_rng(2).random(values.shape[1]) < share] = 0.0
    exact = np.quantile(values.astype(np.float64), QUANTILES, axis=1)
    found = of(values)
    assert np.array_equal(found == 0, exact == 0)
    assert found == pytest.approx(exact, rel=1e-3)


def test_one_value_for_all():
    assert of(np.full((2, 9000), 0.75, np.float32)) == pytest.approx(np.full((3, 2), 0.75), rel=1e-3)


def test_a_pilot_that_misleads_is_found_out_and_not_believed():
    values = sample()
    values[3, PILOT:] *= np.float32(1e4)
    values[4, PILOT:] *= np.float32(1e-9)
    exact = np.quantile(values.astype(np.float64), QUANTILES, axis=1)
    assert of(values) == pytest.approx(exact, rel=1e-3)


def test_values_without_a_number_are_refused():
    values = sample()
    values[2, ::2] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        of(values)


def test_extreme_quantiles():
    values = sample()
    asked = (0.0, 0.001, 0.999, 1.0)
    assert of(values, quantiles=asked) == pytest.approx(
        np.quantile(values.astype(np.float64), asked, axis=1), rel=1e-3
    )


@settings(deadline=None)
@given(st.integers(2, 60), st.integers(0, 10**6), st.floats(0.05, 0.95))
def test_reducers_agree_with_fine_steps(times, seed, level):
    rows = np.random.default_rng(seed).random((times, 7))
    hours = 5.0 + 0.5 * np.arange(times)
    fine = np.linspace(hours[0], hours[-1], 20_001)
    all_ = np.union1d(fine, hours)
    for subject in range(7):
        curve, full = (np.interp(each, hours, rows[:, subject]) for each in (fine, all_))
        assert hours_above(rows, 0.5, level)[subject] == pytest.approx(
            (curve >= level).mean() * (hours[-1] - hours[0]), abs=0.01
        )
        assert area(rows, 0.5)[subject] == pytest.approx(np.trapezoid(rows[:, subject], hours))
        found = extremes(rows, hours)
        assert found.largest[subject] == rows[:, subject].max()
        assert found.largest_at[subject] == hours[rows[:, subject].argmax()]
        assert found.smallest[subject] == rows[:, subject].min()
        falls = below_from(rows, hours, level)[subject]
        if full[-1] >= level or (full < level).all():
            assert np.isnan(falls)
        else:
            assert falls == pytest.approx(all_[np.flatnonzero(full >= level)[-1]], abs=0.02)


def test_a_value_at_the_level_counts_as_above():
    rows = np.full((25, 3), 0.5, np.float32)
    assert np.array_equal(hours_above(rows, 1.0, 0.5), [24, 24, 24])
    assert np.array_equal(hours_above(rows, 1.0, 0.6), [0, 0, 0])


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_hours_above_of_few_are_those_they_have_among_many(kind):
    rows = np.random.default_rng(1).random((777, 9)).astype(kind)
    among = hours_above(rows, 1 / 3, 0.4)
    for few in (1, 2, 4):
        assert np.array_equal(hours_above(np.ascontiguousarray(rows[:, :few]), 1 / 3, 0.4), among[:few])
