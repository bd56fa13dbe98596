from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from posology.errors import UsageError
from posology.simulate import receptor as receptor_module
from posology.simulate.exposure import exposure
from posology.simulate.mesh import ACCURATE, POPULATION, SKETCH, mesh
from posology.simulate.receptor import Pulse, occupancy, rule_of
from posology.simulate.system import System
from posology.simulate.timeline import Grid, Step

from .kinetic_models import Given, naltrexone, people, slow_binder, typical

MODEL = naltrexone()


def run(doses, grid, receptors=("mu",), values=None, model=MODEL, **more):
    system = System.of(
        model, {each.route for each in doses}, receptors, infused={d.route for d in doses if d.duration}
    )
    return occupancy(system, values or typical(model), doses, grid, receptors, **more)


# pkpd.md section 12: hour, RO in % after 4.5 mg, after 50 mg; "within 0.3 RO points"
ORAL = [
    (0.5, 41.60, 89.18),
    (1, 48.86, 91.91),
    (2, 49.52, 92.09),
    (4, 46.94, 90.68),
    (8, 48.40, 91.90),
    (12, 49.04, 92.08),
    (24, 46.40, 89.14),
    (48, 38.07, 83.27),
    (168, 6.42, 29.74),
]
# day, RO in % after one injection
INJECTION = [(1, 99.2), (2, 99.4), (3, 99.4), (7, 98.8), (14, 98.3), (21, 97.4), (28, 95.2), (35, 90.6)]
INJECTION += [(42, 81.7), (56, 47.0), (1 / 12, 92.6)]


@pytest.mark.parametrize("accurate", [True, False])
def test_reference_vectors(accurate):
    for amount, column in ((4.5, 1), (50, 2)):
        found = run([Given(0, amount)], Grid(0, 0.5, 337), accurate=accurate)["mu"][0]
        for line in ORAL:
            assert 100 * found[round(line[0] * 2)] == pytest.approx(line[column], abs=0.05)
    found = run([Given(0, 380, "im-xr")], Grid(0, 2, 673), accurate=accurate)["mu"][0]
    for day, printed in INJECTION:
        assert 100 * found[round(day * 12)] == pytest.approx(printed, abs=0.06)


def written_out(values, doses, hours, pulses=()):
    """C, M and RO by an ODE solver, from the equations of pkpd.md 8.1 as they are written there."""
    v = {name: float(each[0]) for name, each in values.items()}

    def saturation(c, e, t):
        now = t + 1e-9  # a grid's 59.49999999999999 is the 59.5 at which a pulse ends
        agonist = sum(pulse.ratio for pulse in pulses if pulse.start <= now < pulse.end)
        x = (c + v["r"] * e) / v["KD"]
        return x / (1 + x + agonist)

    def slopes(middle):
        def f(_, y):
            g, h, b, p2a, p2b, p3a, p3b, p3c, c1, c2, m1, m2, e, q = y
            s = saturation(c1 / v["V1"], e, middle)
            to_parent = v["ka"] * g + v["kB"] * b + v["b2"] * p2b + v["c3"] * p3c
            parent = v["Q"] * (c1 / v["V1"] - c2 / v["V2"])
            metabolite = v["Qm"] * (m1 / v["Vm1"] - m2 / v["Vm2"])
            made = v["CL"] / v["V1"] * c1
            return [
                -v["ka"] * g,
                -v["ka"] * h,
                -v["kB"] * b,
                -v["a2"] * p2a,
                v["a2"] * p2a - v["b2"] * p2b,
                -v["a3"] * p3a,
                v["a3"] * p3a - v["b3"] * p3b,
                v["b3"] * p3b - v["c3"] * p3c,
                to_parent - made - parent,
                parent,
                v["ka"] * h + made - v["CLm"] / v["Vm1"] * m1 - metabolite,
                metabolite,
                v["ke6"] * (m1 / v["Vm1"] - e),
                v["k2"] * s * (1 - q) - v["koff"] * q,
            ]

        return f

    end = hours[-1]
    edges = {0.0, end} | {d.time for d in doses} | {x for p in pulses for x in (p.start, p.end)}
    marks = sorted(each for each in edges if each <= end)
    y, found = np.zeros(14), np.zeros((14, len(hours)))
    for start, stop in zip(marks, [*marks[1:], end + 1], strict=True):
        for dose in (each for each in doses if each.time == start):
            given_ = np.zeros(14)
            if dose.route == "po":
                given_[[0, 1]] = v["salt"] * v["F"], v["salt"] * (v["fa"] - v["F"])
            else:
                second = v["f2"] * (1 - v["fB"])
                given_[[2, 3, 5]] = v["fB"], second, 1 - v["fB"] - second
            y = y + 1000 * dose.amount * given_
        inside = (hours >= start) & (hours < stop)
        times = np.unique([*hours[inside], stop])
        solved = solve_ivp(
            slopes((start + stop) / 2), (start, stop), y, "LSODA", times, rtol=1e-10, atol=1e-11, max_step=4.0
        )
        found[:, inside] = solved.y[:, : inside.sum()]
        y = solved.y[:, -1]
    c, e, q = found[8] / v["V1"], found[12], found[13]
    s = np.array([saturation(*each) for each in zip(c, e, hours, strict=True)])
    return c, found[10] / v["Vm1"], q + (1 - q) * s


regimens = st.lists(
    st.builds(
        Given,
        time=st.integers(0, 24 * 60 * 3).map(lambda minutes: minutes / 60),
        amount=st.sampled_from([0.1, 1.5, 4.5, 50.0, 150.0, 380.0]),
        route=st.sampled_from(["po", "po", "im-xr"]),
    ),
    min_size=1,
    max_size=5,
)
pulses = st.lists(
    st.builds(
        lambda start, length, ratio: Pulse(start, start + length, ratio),
        st.floats(0, 60).map(lambda x: round(x, 2)),
        st.sampled_from([0.5, 6.0, 13.7]),
        st.sampled_from([0.05, 0.5, 20.0]),
    ),
    max_size=2,
)


@settings(deadline=None, max_examples=25)
@given(regimens, pulses, st.integers(0, 10**6), st.sampled_from([0.25, 0.7, 1.0, 1.4, 6.0]))
def test_an_ode_solver_agrees_with_random_people_and_regimens(doses, pulses_, seed, step):
    values, grid = people(MODEL, 1, seed, wide=1.5), Grid.until(96, step)
    values = {name: np.broadcast_to(each, (1,)) for name, each in values.items()}
    c, m, ro = written_out(values, doses, grid.hours, pulses_)
    system = System.of(MODEL, {each.route for each in doses}, ["naltrexone", "naltrexol"])
    linear = exposure(system, values, doses, grid, ["naltrexone", "naltrexol"])
    assert linear["naltrexone"][0] == pytest.approx(c, rel=1e-6, abs=1e-8 * c.max() + 1e-12)
    assert linear["naltrexol"][0] == pytest.approx(m, rel=1e-6, abs=1e-8 * m.max() + 1e-12)
    assert run(doses, grid, values=values, agonist=pulses_)["mu"][0] == pytest.approx(ro, abs=1e-6)


@pytest.mark.parametrize("duration", [0.0, 4.0])
def test_an_ode_solver_agrees_on_slow_association(duration):
    model = slow_binder()
    values = typical(model)
    grid = Grid(0, 0.125, 120)
    doses = [Given(0, 2.0, "iv", duration), Given(6.3, 0.4, "iv")]
    found = run(doses, grid, ("mu", "mu-fast"), values, model)
    k, on, off, pm = 60 / 150, 0.0001669 * 3600, 0.03959 * 3600, 1e6 / 327.38

    def concentration(t):
        first = 2000 / 150 * np.exp(-k * t)
        if duration:
            during = 2000 / duration / 60 * (1 - np.exp(-k * np.minimum(t, duration)))
            first = during * np.exp(-k * np.maximum(t - duration, 0))
        return first + np.where(t >= 6.3, 400 / 150 * np.exp(-k * np.maximum(t - 6.3, 0)), 0)

    def slope(t, b):
        return on * (concentration(t) * pm) ** 0.858 * (1 - b) - off * b

    bound, b = [], np.zeros(1)
    for start, stop in ((0, 4), (4, 6.3), (6.3, 15)):
        inside = grid.hours[(grid.hours >= start) & (grid.hours < stop)]
        # Just before the end, where the next dose is given.
        times = np.unique([*inside, stop - 1e-12])
        solved = solve_ivp(slope, (start, stop - 1e-12), b, "LSODA", times, rtol=1e-10, atol=1e-12)
        bound += [*solved.y[0, : len(inside)]]
        b = solved.y[:, -1]
    assert found["mu"][0] == pytest.approx(np.array(bound), abs=1e-6)
    # opioid-antagonists.md 2.6: half is occupied at 0.586 nM, which is 0.192 ng/mL; and equilibrium is L/(half + L).
    c = concentration(grid.hours)
    assert found["mu-fast"][0] == pytest.approx(c / (0.586 * 0.32738 + c), rel=1e-9)


@settings(deadline=None)
@given(
    st.sampled_from([0.1, 0.25, 0.7, 1.0, 1.4, 3.0, 24.0]),
    st.floats(0.001, 30),
    st.sampled_from([0.0, 0.3, 4.0]),
    st.sampled_from([ACCURATE, POPULATION, SKETCH]),
)
def test_panels_cover_a_step_and_are_as_fine_as_the_rule(between, span, age, rule):
    rows = 1 + int(span / between - 1e-6)
    found = mesh(Step(0.0, span, 0, rows), between, age, rule)
    points, widths = np.array(found.points), np.array(found.widths)
    assert points[2::2] - points[:-1:2] == pytest.approx(widths, abs=1e-9)
    assert points[1::2] == pytest.approx(points[:-1:2] + widths / 2, abs=1e-9)
    assert points[-1] == pytest.approx(span, abs=1e-8)
    assert points[list(found.grid)] == pytest.approx(between * np.arange(rows), abs=1e-9)
    for start, width in zip(points[:-1:2], widths, strict=True):
        assert 0 < width <= rule.width(age + start) + 1e-6


def test_population_mode_is_within_one_in_ten_thousand():
    values = people(MODEL, 200)
    for amount, every in ((4.5, 24), (50, 24), (150, 72), (10, 8)):
        doses = [Given(every * k, amount) for k in range(144 // every)]
        exact = run(doses, Grid(0, 1, 144), values=values)["mu"]
        quick = run(doses, Grid(0, 1, 144), values=values, accurate=False)["mu"]
        assert quick == pytest.approx(exact, abs=1e-4)


def test_population_mode_of_slow_association():
    model = slow_binder()
    values, grid = people(model, 100, wide=2.0), Grid(0, 0.25, 80)
    for doses in ([Given(0, 2, "iv"), Given(7.7, 0.1, "iv")], [Given(0, 2, "iv", 4.0)]):
        exact = run(doses, grid, values=values, model=model)["mu"]
        quick = run(doses, grid, values=values, model=model, accurate=False)["mu"]
        assert quick == pytest.approx(exact, abs=1e-4)


@settings(deadline=None, max_examples=12)
@given(regimens, pulses, st.integers(0, 10**6), st.booleans())
def test_is_a_share_grows_with_the_dose_and_yields_to_an_agonist(doses, pulses_, seed, accurate):
    values, grid = people(MODEL, 5, seed, wide=2.0 if accurate else 1.0), Grid(0, 1.4, 60)
    more = [replace(each, amount=1.1 * each.amount) for each in doses]
    for receptor in ("mu", "mu-plasma"):
        options = {"receptors": (receptor,), "values": values, "accurate": accurate}
        found = run(doses, grid, **options)[receptor]
        assert (found >= 0).all()
        assert (found <= 1).all()
        slack = 1e-9 if accurate else 1e-6
        assert (run(more, grid, **options)[receptor] >= found - slack).all()
        # A pulse also makes other panels; each way is as exact as it says.
        slack = 1e-6 if accurate else 2e-4
        assert (run(doses, grid, agonist=pulses_, **options)[receptor] <= found + slack).all()


def test_an_agonist_hardly_moves_what_is_held():
    # pkpd.md 8.4: for 6 h at a = 0.5, 24 h after 50 mg, "RO moves from 87.6 % to 86.0 %".
    grid = Grid(0, 1, 31)
    alone = run([Given(0, 50)], grid)["mu"][0]
    found = run([Given(0, 50)], grid, agonist=[Pulse(24, 30, 0.5)])["mu"][0]
    assert 100 * alone[30] == pytest.approx(87.6, abs=0.05)
    assert 100 * found[30] == pytest.approx(86.0, abs=0.05)  # just after it
    assert found[23] == alone[23]


def test_pulses_that_overlap_add_up():
    grid, dose = Grid(0, 1, 20), [Given(0, 50)]
    two = run(dose, grid, agonist=[Pulse(2, 8, 1.0), Pulse(5, 12, 2.0)])["mu"]
    parts = run(dose, grid, agonist=[Pulse(2, 5, 1.0), Pulse(5, 8, 3.0), Pulse(8, 12, 2.0)])["mu"]
    assert two == pytest.approx(parts, abs=1e-9)


@pytest.mark.parametrize("receptor", ["mu", "mu-plasma"])
@pytest.mark.parametrize("rule", [None, SKETCH])
@pytest.mark.parametrize("accurate", [True, False])
def test_neither_company_nor_blocks_change_a_bit(monkeypatch, accurate, rule, receptor):
    doses = [Given(24.0 * day, 50) for day in range(5)] + [Given(50.3, 4.5), Given(60, 380, "im-xr")]
    values, grid = people(MODEL, 150), Grid(0, 1, 150)
    asked = {"receptors": (receptor,), "accurate": accurate, "rule": rule}
    whole = run(doses, grid, values=values, **asked)[receptor]
    for wide in (1, 41, 64, 100):
        monkeypatch.setattr(receptor_module, "_WIDE", wide)
        assert np.array_equal(run(doses, grid, values=values, **asked)[receptor], whole)
    alone = {name: each[[77]] if each.size > 1 else each for name, each in values.items()}
    assert np.array_equal(run(doses, grid, values=alone, **asked)[receptor][0], whole[77])


def test_steady_state_needs_equilibrium():
    dose = [Given(0, 50, ss=True, ii=24.0)]
    assert run(dose, Grid(0, 1, 5), ("mu-plasma",))["mu-plasma"][0, 1] > 0.9
    with pytest.raises(UsageError, match="mu holds on to the drug"):
        run(dose, Grid(0, 1, 5))


def test_what_there_is_not():
    system = System.of(MODEL, ["po"], ["mu"])
    with pytest.raises(UsageError, match="no receptor 'kappa'; there are mu, mu-plasma"):
        occupancy(system, typical(MODEL), [Given(0, 50)], Grid(0, 1, 5), ["kappa"])
    with pytest.raises(UsageError, match="no agonist is modelled"):
        run([Given(0, 1, "iv")], Grid(0, 1, 5), model=slow_binder(), agonist=[Pulse(0, 1, 1)])
    with pytest.raises(UsageError, match="is none"):
        Pulse(5, 5, 1.0)


def test_a_reset_frees_the_receptor():
    found = run([Given(0, 50), Given(10, 0, reset=True)], Grid(0, 1, 20))["mu"][0]
    assert found[9] > 0.9
    assert found[10:] == pytest.approx(np.zeros(10), abs=1e-12)


def test_a_sketch_is_within_what_it_says():
    values, grid = people(MODEL, 300), Grid(0, 3, 80)
    for amount in (4.5, 50):
        doses = [Given(24.0 * day, amount) for day in range(10)]
        exact = run(doses, grid, values=values)["mu"]
        sketch = run(doses, grid, values=values, accurate=False, rule=SKETCH)["mu"]
        assert sketch == pytest.approx(exact, abs=2e-3)
        bands = [np.quantile(each, (0.05, 0.5, 0.95), axis=0) for each in (sketch, exact)]
        assert bands[0] == pytest.approx(bands[1], abs=1e-3)


def test_rates_of_a_receptor_may_be_written_in_any_unit():
    """The same receptor, with capture per minute and release per second."""
    doses, grid = [Given(24.0 * day, 50) for day in range(3)], Grid(0, 1, 72)
    per = {"k2": ("1/min", 60), "koff": ("1/s", 3600)}
    parameters = tuple(
        replace(each, value=each.value / per[each.id][1], unit=per[each.id][0]) if each.id in per else each
        for each in MODEL.parameters
    )
    other = replace(MODEL, parameters=parameters)
    for rule in (None, SKETCH):
        for accurate in (True, False):
            asked = {"accurate": accurate, "rule": rule}
            expected = run(doses, grid, **asked)["mu"]
            assert run(doses, grid, model=other, **asked)["mu"] == pytest.approx(expected, abs=1e-9)


def test_a_fast_receptor_has_finer_panels_whatever_its_unit():
    # Captured and released within a minute: 40 and 20 an hour.
    def fast(unit, per_hour):
        new = {"k2": 40 / per_hour, "koff": 20 / per_hour}
        return replace(
            MODEL,
            parameters=tuple(
                replace(each, value=new[each.id], unit=unit) if each.id in new else each
                for each in MODEL.parameters
            ),
        )

    for unit in (("1/h", 1), ("1/min", 60), ("1/s", 3600)):
        assert rule_of(fast(*unit), MODEL.receptors[0], POPULATION).widest == pytest.approx(1 / 60)
