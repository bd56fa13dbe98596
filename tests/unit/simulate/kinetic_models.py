"""Small kinetic models for tests, written out: numbers of naltrexone from `pkpd.md` 8.2, the others made up."""

from dataclasses import dataclass

import numpy as np

from posology.monograph.kinetics import (
    Analyte,
    Compartment,
    Effect,
    Flow,
    KineticModel,
    Ligand,
    Parameter,
    Portion,
    Receptor,
    Route,
)


@dataclass(frozen=True)
class Given:
    """A dose, with the fields that `regimen.Dose` has."""

    time: float
    amount: float
    route: str | None = "po"
    duration: float = 0.0
    ss: bool = False
    ii: float = 0.0
    reset: bool = False


def _parameter(name, value, unit="1", **more):
    return Parameter(id=name, value=value, unit=unit, says=name, status="fitted", sources=("test",), **more)


def _flow(from_, to="", **how):
    return Flow(from_=from_, to=to, **how)


def _receptor(name, **more):
    return Receptor(id=name, title=name, says=name, sources=("test",), site="mu", **more)


def naltrexone() -> KineticModel:
    """Section 8.1 with the parameters of 8.2."""
    rates = {
        "ka": (1.27, 0.5),
        "kB": (0.45, 0),
        "a2": (0.0225, 0.2),
        "b2": (0.0259, 0.2),
        "a3": (0.0083, 0.18),
    }
    rates |= {
        "b3": (0.0093, 0.18),
        "c3": (0.0053, 0.18),
        "k2": (0.43, 0),
        "koff": (0.0247, 0.2),
        "ke6": (0.02888, 0.3),
    }
    flows = {"CL": (120, 0.25), "Q": (72, 0), "CLm": (65.1, 0.28), "Qm": (183, 0)}
    volumes = {"V1": (170, 0.25), "V2": (280, 0.25), "Vm1": (110, 0.2), "Vm2": (828, 0.2)}
    return KineticModel(
        id="naltrexone",
        name="naltrexone",
        says="test",
        sources=("test",),
        parameters=(
            *(_parameter(name, value, "1/h", omega=omega) for name, (value, omega) in rates.items()),
            *(_parameter(name, value, "L/h", omega=omega) for name, (value, omega) in flows.items()),
            *(_parameter(name, value, "L", omega=omega) for name, (value, omega) in volumes.items()),
            _parameter("salt", 341.41 / 377.86),
            _parameter("fa", 0.96),
            _parameter("F", 0.0956, omega=0.45, occasion=0.2, most=0.9),
            _parameter("fB", 0.015, omega=0.5),
            _parameter("f2", 0.377 / 0.985, omega=0.4, spread="logit"),
            _parameter("KD", 1.3, "ng/mL", omega=0.35),
            _parameter("r", 0.045, omega=0.4),
            _parameter("K0", 0.27, "ng/mL"),
        ),
        analytes=(
            Analyte(id="naltrexone", name="naltrexone", molar_mass=341.41),
            Analyte(id="naltrexol", name="6-beta-naltrexol", molar_mass=343.4),
        ),
        compartments=(
            *(Compartment(id=name) for name in ("gut", "gut-m", "B", "P2a", "P2b", "P3a", "P3b", "P3c")),
            Compartment(id="c1", analyte="naltrexone", volume="V1", plasma=True),
            Compartment(id="c2", volume="V2"),
            Compartment(id="m1", analyte="naltrexol", volume="Vm1", plasma=True),
            Compartment(id="m2", volume="Vm2"),
        ),
        flows=(
            _flow("gut", "c1", rate="ka"),
            _flow("gut-m", "m1", rate="ka"),
            _flow("B", "c1", rate="kB"),
            _flow("P2a", "P2b", rate="a2"),
            _flow("P2b", "c1", rate="b2"),
            _flow("P3a", "P3b", rate="a3"),
            _flow("P3b", "P3c", rate="b3"),
            _flow("P3c", "c1", rate="c3"),
            _flow("c1", "m1", clearance="CL"),
            _flow("c1", "c2", clearance="Q"),
            _flow("c2", "c1", clearance="Q"),
            _flow("m1", clearance="CLm"),
            _flow("m1", "m2", clearance="Qm"),
            _flow("m2", "m1", clearance="Qm"),
        ),
        effects=(Effect(id="E", follows="m1", rate="ke6"),),
        routes=(
            Route(
                id="po",
                salt="salt",
                portions=(Portion(into="gut", fraction="F"), Portion(into="gut-m", fraction="fa", less="F")),
            ),
            Route(
                id="im-xr",
                portions=(
                    Portion(into="B", fraction="fB"),
                    Portion(into="P2a", fraction="f2", of_the_rest=True),
                    Portion(into="P3a"),
                ),
            ),
            Route(id="iv", portions=(Portion(into="c1"),)),
        ),
        receptors=(
            _receptor(
                "mu",
                binding="retention",
                ligands=(Ligand(of="c1"), Ligand(of="E", potency="r")),
                half="KD",
                capture="k2",
                release="koff",
            ),
            _receptor("mu-plasma", binding="equilibrium", ligands=(Ligand(of="c1"),), half="K0"),
        ),
    )


def slow_binder(exponent: float = 0.858) -> KineticModel:
    """A drug into a vein, and a receptor with `association`: naloxone's constants (opioid-antagonists.md 2.6)."""
    return KineticModel(
        id="binder",
        name="binder",
        says="test",
        sources=("test",),
        parameters=(
            _parameter("CL", 60, "L/h", omega=0.3),
            _parameter("V", 150, "L", omega=0.3),
            _parameter("on", 0.0001669, "1/(pM^n.s)"),
            _parameter("off", 0.03959, "1/s"),
            _parameter("n", exponent),
            _parameter("half", 0.586, "nM"),
        ),
        analytes=(Analyte(id="drug", name="drug", molar_mass=327.38),),
        compartments=(Compartment(id="blood", analyte="drug", volume="V", plasma=True),),
        flows=(_flow("blood", clearance="CL"),),
        routes=(Route(id="iv", portions=(Portion(into="blood"),)),),
        receptors=(
            _receptor(
                "mu", binding="association", ligands=(Ligand(of="blood"),), on="on", off="off", exponent="n"
            ),
            _receptor("mu-fast", binding="equilibrium", ligands=(Ligand(of="blood"),), half="half"),
        ),
    )


def typical(model: KineticModel) -> dict[str, np.ndarray]:
    """The typical person's parameters, in internal units."""
    from posology.simulate.units import factor

    return {each.id: np.array([each.value * factor(model, each)]) for each in model.parameters}


def people(model: KineticModel, count: int, seed: int = 1, wide: float = 1.0) -> dict[str, np.ndarray]:
    """People whose parameters differ by their omega, times `wide`."""
    random = np.random.default_rng(seed)
    found = {}
    for each in model.parameters:
        effect = wide * each.omega * random.standard_normal(count)
        value = typical(model)[each.id]
        if each.spread == "logit":
            found[each.id] = 1 / (1 + np.exp(-np.log(value / (1 - value)) - effect))
        else:
            found[each.id] = np.minimum(value * np.exp(effect), each.most or np.inf)
    return found
