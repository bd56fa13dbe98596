"""Measures against closed forms of a one-compartment model, and what they say when they cannot be had."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from posology.errors import KnowledgeError
from posology.monograph.kinetics import (
    Analyte,
    Challenge,
    Compartment,
    Flow,
    KineticModel,
    Ligand,
    Measure,
    Observation,
    Parameter,
    Portion,
    Receptor,
    Route,
)
from posology.simulate.challenge import effect_left
from posology.simulate.measure import measured
from posology.simulate.validation import check

KA, CL, V, HALF = 1.5, 10.0, 50.0, 3.0
K = CL / V
DOSE = 7000.0
"""µg"""


def parameter(id: str, value: float, unit: str) -> Parameter:
    return Parameter(id=id, value=value, unit=unit, says=id, status="assumed", sources=("x",))  # type: ignore[arg-type]


MODEL = KineticModel(
    id="one",
    name="One compartment",
    says="Made up.",
    sources=("x",),
    parameters=(
        parameter("ka", KA, "1/h"),
        parameter("cl", CL, "L/h"),
        parameter("v", V, "L"),
        parameter("half", HALF, "ng/mL"),
    ),
    analytes=(Analyte(id="xamab", name="Xamab", molar_mass=300),),
    compartments=(Compartment(id="gut"), Compartment(id="blood", analyte="xamab", volume="v", plasma=True)),
    flows=(Flow(from_="gut", to="blood", rate="ka"), Flow(from_="blood", clearance="cl")),
    routes=(Route(id="po", portions=(Portion(into="gut"),)), Route(id="iv", portions=(Portion(into="blood"),))),
    receptors=(
        Receptor(
            id="mu", site="mu", title="Mu", says="Mu.", sources=("x",), binding="equilibrium", half="half",
            ligands=(Ligand(of="blood"),),
        ),
    ),
    challenges=(Challenge(id="opioid", name="Opioid", x0=2.0, status="assumed", sources=("x",)),),
)  # fmt: skip
TMAX = math.log(KA / K) / (KA - K)


def oral(hour: float) -> float:
    return DOSE / V * KA / (KA - K) * (math.exp(-K * hour) - math.exp(-KA * hour))


def of(kind: str, rx: str = "7 mg po", of: str = "xamab", **more: float) -> float:
    return measured("xamab", [MODEL], Measure(kind=kind, of=of, rx=rx, **more))[0]  # type: ignore[arg-type]


BLOCKED = oral(4.0) / (HALF + oral(4.0))
CLOSED = [
    (of("concentration", at_h=4.0), oral(4.0)),
    (of("concentration", rx="7 mg iv", at_h=0.0), DOSE / V),
    (of("cmax"), oral(TMAX)),
    (of("cmax", rx="7 mg iv"), DOSE / V),
    (of("cmax", from_h=6, to_h=10), oral(6)),
    (of("cmin", from_h=1, to_h=10), min(oral(1), oral(10))),
    (of("auc"), DOSE / CL),
    (of("auc", rx="7 mg iv", from_h=2, to_h=5), DOSE / CL * (math.exp(-2 * K) - math.exp(-5 * K))),
    (of("auc", rx="7 mg po q24h x3"), 3 * DOSE / CL),
    (of("half-life", rx="7 mg iv", from_h=1, to_h=9), math.log(2) / K),
    (of("volume"), V),
    (of("excreted", renal_clearance_l_h=2.5), 2.5 / CL),
    (of("blockade", of="mu", at_h=4.0), BLOCKED),
]


@pytest.mark.parametrize(("found", "wanted"), CLOSED)
def test_closed_forms(found: float, wanted: float) -> None:
    assert found == pytest.approx(wanted, rel=1e-8)


def test_times_of_peaks() -> None:
    assert of("tmax") == pytest.approx(TMAX, abs=1e-4)
    assert of("tmax", rx="7 mg iv") == 0
    assert of("first-peak", rx="7 mg po & 70 mg po after 24h") == pytest.approx(TMAX, abs=1e-4)
    assert of("tmax", rx="7 mg po & 70 mg po after 24h") > 24


def test_a_challenge_reads_the_blockade() -> None:
    blocked = of("challenge", of="opioid", at_h=4.0, slope=1.0)
    assert blocked == pytest.approx(1 - effect_left(MODEL.challenges[0], 1.0, BLOCKED), rel=1e-9)


KEPT = [(0.3, 88, 83), (0.5, 75, 56), (0.7, 56, 20), (0.8, 43, 7), (0.9, 25, 1), (0.95, 14, 0)]
"""Share of the effect of a standard dose that is left, in percent, with slopes 1 and 3 (pkpd.md section 8.4)."""


@pytest.mark.parametrize(("blocked", "flat", "steep"), KEPT)
def test_what_is_left_of_an_opioid(blocked: float, flat: float, steep: float) -> None:
    for slope, kept in ((1.0, flat), (3.0, steep)):
        assert 100 * effect_left(MODEL.challenges[0], slope, blocked) == pytest.approx(kept, abs=0.6)


BAD = [
    ({"kind": "half-life", "from_h": 0.01, "to_h": 0.5}, "xamab does not fall from 0.01 to 0.5 h"),
    ({"kind": "half-life"}, "it needs 'from-h'"),
    ({"kind": "cmax", "of": "yamab"}, "yamab"),
    ({"kind": "blockade", "of": "kappa", "at_h": 1.0}, "kappa"),
    ({"kind": "challenge", "of": "opiate", "at_h": 1.0, "slope": 1.0}, "one has no challenge 'opiate'"),
    ({"kind": "cmax", "rx": "7 mg pr"}, "no kinetics for the route pr"),
    ({"kind": "cmax", "rx": "7 mg po q24h"}, "cannot measure cmax"),
    ({"kind": "cmax", "rx": "7 po"}, "cannot measure cmax"),
    ({"kind": "cmax", "covariates": ("weight=90",)}, "weight"),
    ({"kind": "first-peak", "rx": "7 mg po", "to_h": 0.2}, "it never falls in the window"),
]


@pytest.mark.parametrize(("changes", "message"), BAD, ids=[message for _, message in BAD])
def test_what_cannot_be_measured_is_an_error_of_the_knowledge(
    changes: dict[str, object], message: str
) -> None:
    measure = replace(Measure(kind="cmax", of="xamab", rx="7 mg po"), **changes)
    with pytest.raises(KnowledgeError, match=message.replace("'", ".")):
        measured("xamab", [MODEL], measure)


def seen(**more: object) -> Observation:
    fixed = {
        "id": "seen", "says": "Peak", "published": "so much", "unit": "ng/mL", "use": "check", "status": "verified",
        "sources": ("x",), "measure": Measure(kind="cmax", of="xamab", rx="7 mg iv"),
    }  # fmt: skip
    return Observation(**(fixed | more))  # type: ignore[arg-type]


def test_a_bar_has_two_ends_and_both_count() -> None:
    assert check("xamab", [MODEL], seen(bar_from=140, bar_to=140.1, bar="b")).passes is True
    assert check("xamab", [MODEL], seen(bar_from=141, bar="b")).passes is False
    assert check("xamab", [MODEL], seen(bar_to=139, bar="b")).passes is False
    nothing = check("xamab", [MODEL], seen())
    assert (nothing.passes, nothing.ratio, nothing.within_fold) == (None, None, None)


def test_the_strict_rule_asks_for_1_25_fold() -> None:
    found = [
        check("xamab", [MODEL], seen(value=value)).within_fold for value in (140 / 1.26, 140 / 1.24, 174, 176)
    ]
    assert found == [False, True, True, False]


def test_a_ratio_and_its_unit() -> None:
    twice = Measure(kind="cmax", of="xamab", rx="14 mg iv")
    assert check("xamab", [MODEL], seen(over=twice, unit="%")).predicted == pytest.approx(50)
    half_life = Measure(kind="half-life", of="xamab", rx="7 mg iv", from_h=1, to_h=9)
    assert check("xamab", [MODEL], seen(measure=half_life, unit="min")).predicted == pytest.approx(
        60 * math.log(2) / K
    )


def test_an_error_names_the_observation() -> None:
    wrong = seen(measure=Measure(kind="cmax", of="yamab", rx="7 mg iv"))
    with pytest.raises(KnowledgeError, match="observation seen: "):
        check("xamab", [MODEL], wrong)
