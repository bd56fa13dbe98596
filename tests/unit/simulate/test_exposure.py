import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posology.errors import KnowledgeError, UsageError
from posology.simulate import exposure as exposure_module
from posology.simulate.exposure import exposure
from posology.simulate.system import System
from posology.simulate.timeline import Grid

from .kinetic_models import Given, naltrexone, people, slow_binder, typical

MODEL = naltrexone()
BOTH = ("naltrexone", "naltrexol")


def run(doses, grid, outputs=BOTH, values=None, **more):
    system = System.of(
        MODEL,
        {dose.route for dose in doses},
        outputs,
        infused={dose.route for dose in doses if dose.duration},
        eliminated=any(each.startswith(("out:", "amount:out")) for each in outputs),
    )
    return exposure(system, values or typical(MODEL), doses, grid, outputs, **more)


# pkpd.md section 12: hour, C and M after 4.5 mg, C and M after 50 mg
ORAL = """
0.5 0.8012 8.825 8.903 98.06
1 0.8965 8.219 9.961 91.32
2 0.5988 4.652 6.654 51.69
4 0.2131 2.341 2.368 26.02
8 0.0821 1.719 0.9119 19.10
12 0.0452 1.392 0.5023 15.46
24 0.0078 0.734 0.0867 8.157
48 0.0002 0.202 0.0026 2.240
"""
# day, C and M after one injection of 380 mg
INJECTION = """
0.083333333 7.77 4.10
1 8.707 10.66
2 11.005 17.38
3 10.186 18.78
7 5.245 10.59
14 3.665 6.92
21 2.382 4.60
28 1.271 2.49
35 0.609 1.20
42 0.275 0.55
56 0.051 0.10
"""


def as_printed(found, text):
    """Is a number, rounded as this one is printed, within one unit of its last digit?"""
    digits = len(text.partition(".")[2])
    return abs(found - float(text)) <= 1.01 * 10.0**-digits


@pytest.mark.parametrize("line", ORAL.split("\n")[1:-1])
def test_reference_vectors_of_a_tablet(line):
    hour, *printed = line.split()
    for amount, texts in ((4.5, printed[:2]), (50, printed[2:])):
        found = run([Given(0, amount)], Grid(0, 0.5, 97))
        for output, text in zip(BOTH, texts, strict=True):
            assert as_printed(found[output][0, round(float(hour) * 2)], text)


@pytest.mark.parametrize("line", INJECTION.split("\n")[1:-1])
def test_reference_vectors_of_an_injection(line):
    day, *printed = line.split()
    found = run([Given(0, 380, "im-xr")], Grid(0, 2, 673))
    for output, text in zip(BOTH, printed, strict=True):
        assert as_printed(found[output][0, round(float(day) * 12)], text)


def superposed(doses, grid, values):
    """Each dose on its own, from its own moment, added up."""
    total = {each: np.zeros((values["CL"].size, grid.count)) for each in BOTH}
    for dose in doses:
        for output, curve in run([dose], grid, values=values).items():
            total[output] += curve
    return total


regimens = st.lists(
    st.builds(
        Given,
        time=st.integers(0, 60 * 24 * 6).map(lambda minutes: minutes / 60),
        amount=st.sampled_from([1.5, 4.5, 50.0, 380.0]),
        route=st.sampled_from(["po", "im-xr", "iv"]),
        duration=st.sampled_from([0.0, 0.0, 0.25, 3.0, 30.0]),
    ),
    min_size=1,
    max_size=8,
)
grids = st.builds(
    Grid, st.sampled_from([0.0, -5.0, 7.3]), st.sampled_from([0.5, 1.0, 2.4]), st.integers(1, 140)
)


@settings(deadline=None, max_examples=60)
@given(regimens, grids, st.integers(0, 10**6))
def test_superposition_of_any_doses(doses, grid, seed):
    values = people(MODEL, 3, seed)
    together, apart = run(doses, grid, values=values), superposed(doses, grid, values)
    for output in BOTH:
        highest = apart[output].max()
        assert together[output] == pytest.approx(apart[output], rel=1e-9, abs=1e-12 * highest)


@settings(deadline=None, max_examples=30)
@given(regimens, grids)
def test_doses_apart_by_any_distance_are_followed_like_regular_ones(doses, grid):
    # The same doses on a grid of another step share times with the first; strides and matrices differ.
    finer = Grid(grid.start, grid.step / 3, 3 * (grid.count - 1) + 1)
    coarse, fine = run(doses, grid), run(doses, finer)
    for output in BOTH:
        highest = fine[output].max()
        assert coarse[output][0] == pytest.approx(fine[output][0, ::3], rel=1e-9, abs=1e-12 * highest)


def test_dose_proportionality():
    grid = Grid(0, 1, 97)
    small, large = run([Given(0, 50)], grid), run([Given(0, 200)], grid)
    assert large["naltrexone"] == pytest.approx(4 * small["naltrexone"], rel=1e-9)


@settings(deadline=None, max_examples=40)
@given(regimens, st.integers(0, 10**6))
def test_mass_balance(doses, seed):
    values = people(MODEL, 4, seed)
    routes = {dose.route for dose in doses}
    system = System.of(MODEL, routes, BOTH, infused={d.route for d in doses if d.duration}, eliminated=True)
    amounts = [
        each if each.startswith("out:") else f"amount:{each}"
        for each in system.states
        if not each.startswith("rate:") and each != "E"
    ]
    grid = Grid(0, 7.0, 60)
    total = sum(exposure(system, values, doses, grid, amounts).values())
    entered = np.zeros((4, grid.count))
    for dose in doses:
        share = (
            np.clip((grid.hours - dose.time) / dose.duration, 0, 1)
            if dose.duration
            else grid.hours >= dose.time
        )
        entered += system.entry(dose.route, values).sum(axis=0)[:, None] * dose.amount * share
    assert total == pytest.approx(entered, rel=1e-8, abs=1e-9)


def test_exposure_is_dose_over_clearance():
    # All of an intravenous dose passes the clearance: AUC = D/CL (and all becomes 6-beta-naltrexol: D/CLm).
    found = run([Given(0, 50, "iv")], Grid(0, 100, 20), ("auc:naltrexone", "auc:naltrexol"))
    assert found["auc:naltrexone"][0, -1] == pytest.approx(50_000 / 120, rel=1e-10)
    assert found["auc:naltrexol"][0, -1] == pytest.approx(50_000 / 65.1, rel=1e-10)


def test_what_is_cleared_is_clearance_times_exposure():
    out = "out:m1:CLm"
    found = run([Given(0, 50)], Grid(0, 5, 30), (out, "auc:naltrexol"))
    assert found[out] == pytest.approx(65.1 * found["auc:naltrexol"], rel=1e-12)


def test_an_infusion_is_the_limit_of_many_small_doses():
    grid = Grid(0, 0.5, 60)
    infused = run([Given(1.0, 50, "iv", duration=2.0)], grid)["naltrexone"]
    parts = 4000
    many = [Given(1.0 + 2.0 * (k + 0.5) / parts, 50 / parts, "iv") for k in range(parts)]
    assert infused == pytest.approx(run(many, grid)["naltrexone"], rel=1e-4, abs=1e-4)


def test_an_infusion_into_one_compartment():
    # C = R/CL·(1 − e^(−kt)) while it runs, then it decays with k = CL/V.
    model = slow_binder()
    system = System.of(model, ["iv"], ["drug"], infused=["iv"])
    found = exposure(
        system, typical(model), [Given(0.0, 6.0, "iv", duration=3.0)], Grid(0, 0.5, 20), ["drug"]
    )
    hours, rate, k = np.arange(20) * 0.5, 2000.0, 60 / 150
    during = rate / 60 * (1 - np.exp(-k * np.minimum(hours, 3)))
    assert found["drug"][0] == pytest.approx(during * np.exp(-k * np.maximum(hours - 3, 0)), rel=1e-12)


@pytest.mark.parametrize("duration", [0.0, 2.0, 24.0])
def test_steady_state_is_the_end_of_a_long_run(duration):
    grid = Grid(0, 1, 49)
    steady = run([Given(0, 50, "iv", duration, ss=True, ii=24.0), Given(24, 50, "iv", duration)], grid)
    long = run([Given(24.0 * day, 50, "iv", duration) for day in range(-60, 2)], grid)
    for output in BOTH:
        assert steady[output] == pytest.approx(long[output], rel=1e-10)


def test_exposure_states_have_no_steady_state_and_start_at_zero():
    found = run([Given(0, 50, ss=True, ii=24.0)], Grid(0, 24, 2), ("auc:naltrexone",))["auc:naltrexone"]
    alone = run([Given(0, 50)], Grid(0, 5000, 2), ("auc:naltrexone",))["auc:naltrexone"]
    assert found[0, 0] == 0
    # The area of one interval of a steady state is that of a single dose for ever.
    assert found[0, 1] == pytest.approx(alone[0, 1], rel=1e-10)


def test_a_reset_empties_the_body():
    grid = Grid(0, 1, 40)
    found = run([Given(0, 380, "iv", 30.0), Given(20, 50, "iv", reset=True)], grid)["naltrexone"]
    after = run([Given(20, 50, "iv")], grid)["naltrexone"]
    assert found[:, 20:] == pytest.approx(after[:, 20:], rel=1e-12)


def test_a_value_at_the_time_of_a_dose_is_the_one_after_it():
    found = run([Given(5, 50, "iv")], Grid(0, 1, 8))["naltrexone"][0]
    assert found[4] == 0
    assert found[5] == pytest.approx(50_000 / 170)


def test_factors_of_an_occasion_change_one_dose():
    doses, grid = [Given(0, 50), Given(24, 50)], Grid(0, 1, 49)
    factors = {"F": np.array([[1.0], [0.5]])}
    found = run(doses, grid, occasions=factors)["naltrexone"]
    halves = run([Given(0, 50), Given(24, 25)], grid)["naltrexone"]
    assert found == pytest.approx(halves, rel=1e-12)
    capped = run(doses, grid, occasions={"F": np.array([[100.0], [1.0]])})["naltrexone"]
    assert capped[0, 5] == pytest.approx(found[0, 5] * 0.9 / 0.0956, rel=1e-12)


def test_neither_company_nor_blocks_change_a_bit(monkeypatch):
    doses = [Given(24.0 * day, 50) for day in range(9)] + [Given(100.3, 4.5)]
    values, grid = people(MODEL, 301), Grid(0, 1, 240)
    whole = run(doses, grid, values=values)
    monkeypatch.setattr(exposure_module, "width", lambda *_: 64)
    for output, curve in run(doses, grid, values=values).items():
        assert np.array_equal(curve, whole[output])
    for subject in (0, 77, 300):
        alone = {name: each[[subject]] if each.size > 1 else each for name, each in values.items()}
        assert np.array_equal(run(doses, grid, values=alone)["naltrexone"][0], whole["naltrexone"][subject])


def test_writes_into_arrays_of_the_caller():
    values, grid = people(MODEL, 70), Grid(0, 1, 50)
    by_time = np.empty((50, 70), np.float32)
    run([Given(0, 50)], grid, ("naltrexone",), values, out={"naltrexone": by_time.T})
    found = run([Given(0, 50)], grid, values=values)["naltrexone"]
    assert found == pytest.approx(by_time.T, rel=1e-6)


def test_only_states_that_matter_are_followed():
    assert set(System.of(MODEL, ["po"], ["naltrexone"]).states) == {"gut", "c1", "c2"}
    assert set(System.of(MODEL, ["iv"], ["mu"]).states) == {"c1", "c2", "m1", "m2", "E"}


@pytest.mark.parametrize(
    ("routes", "outputs", "said"),
    [
        (["sc"], ["naltrexone"], "no kinetics for the route 'sc'; there are for po, im-xr, iv"),
        (["po"], ["naloxone"], "no output 'naloxone'"),
        (["po"], ["amount:liver"], "no 'amount:liver'"),
        (["po"], ["out:c1:CL"], "no 'out:c1:CL'"),  # goes to the metabolite, not out
    ],
)
def test_what_there_is_not(routes, outputs, said):
    with pytest.raises(UsageError, match=said):
        System.of(MODEL, routes, outputs)


@pytest.mark.parametrize(
    ("dose", "said"),
    [
        (Given(0, 50, None), "has no route"),
        (Given(0, 50, ss=True), "needs an interval"),
        (Given(0, 50, "iv", duration=30, ss=True, ii=24), "overlap"),
    ],
)
def test_doses_that_cannot_be(dose, said):
    system = System.of(MODEL, ["po", "iv"], ["naltrexone"], infused=["iv"])
    with pytest.raises(UsageError, match=said):
        exposure(system, typical(MODEL), [dose], Grid(0, 1, 5), ["naltrexone"])


@pytest.mark.parametrize(
    ("dose", "output", "said"),
    [
        (Given(0, 380, "im-xr"), "naltrexone", "without the route 'im-xr'"),
        (Given(0, 50, "po", 2.0), "naltrexone", "without the infusion by 'po'"),
        (Given(0, 50), "naltrexol", "without the output 'naltrexol'"),
    ],
)
def test_a_system_is_not_used_for_what_it_was_not_made_for(dose, output, said):
    with pytest.raises(ValueError, match=said):
        exposure(System.of(MODEL, ["po"], ["naltrexone"]), typical(MODEL), [dose], Grid(0, 1, 5), [output])


def test_doses_that_pile_up_have_no_steady_state():
    values = typical(MODEL) | {"CL": np.zeros(1)}
    with pytest.raises(UsageError, match="pile up without end"):
        run([Given(0, 50, "iv", ss=True, ii=24.0)], Grid(0, 1, 5), ("naltrexone",), values)


def test_without_doses_there_is_nothing():
    system = System.of(MODEL, [], ["naltrexone"])
    assert not exposure(system, typical(MODEL), [], Grid(0, 1, 5), ["naltrexone"])["naltrexone"].any()


def test_a_grid_without_times():
    with pytest.raises(UsageError, match="no times"):
        Grid(0, 0, 5)


def test_a_model_that_names_what_is_not_there():
    from dataclasses import replace

    flow = replace(MODEL.flows[0], to="liver")
    with pytest.raises(KnowledgeError, match="the flow from gut to liver names the compartment 'liver'"):
        System.of(replace(MODEL, flows=(flow, *MODEL.flows[1:])), ["po"], ["naltrexone"])
    with pytest.raises(KnowledgeError, match="two of compartment 'gut'"):
        System.of(replace(MODEL, compartments=(*MODEL.compartments, MODEL.compartments[0])), ["po"], [])
    other = replace(MODEL.parameters[0], occasion=0.2)
    with pytest.raises(KnowledgeError, match="only the fractions"):
        System.of(replace(MODEL, parameters=(other, *MODEL.parameters[1:])), ["po"], ["naltrexone"])


def test_a_reset_leaves_the_area_that_was_there():
    model = slow_binder()
    system = System.of(model, ["iv"], ["drug"], auc=["drug"])
    doses = [Given(0, 1, "iv"), Given(2, 0, None, reset=True), Given(4, 1, "iv")]
    found = exposure(system, typical(model), doses, Grid(0, 1, 7), ["drug", "auc:drug"])
    # One compartment of 150 L cleared at 60 L/h: dose/CL·(1 − exp(−0.4·t)).
    hours = np.array([0, 1, 2, 2, 2, 3, 4])
    area = 1000 / 60 * (1 - np.exp(-0.4 * np.minimum(hours, 2)))
    area += 1000 / 60 * (1 - np.exp(-0.4 * np.maximum(hours - 2, 0)))
    assert found["auc:drug"][0] == pytest.approx(area, rel=1e-12)
    assert found["drug"][0, 2:4].tolist() == [0, 0]
