"""The common task: a dose a day into a gut, a drug, its metabolite and an effect site, 28 days, every hour.

dG/dt = −ka·G; dC/dt = ka·G − (CL/V)·C; dM/dt = (CL/V)·C − (CLm/Vm)·M; dE/dt = ke·(C/V − E). Every solver gives all
four of every subject at 672 hours. The model is made up; rates are of the size of a tablet taken once a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import process_time
from typing import Any

import numpy as np
import numpy.typing as npt

from posology.monograph.kinetics import (
    Analyte,
    Compartment,
    Effect,
    Flow,
    KineticModel,
    Parameter,
    Portion,
    Route,
)
from posology.simulate.exposure import exposure
from posology.simulate.system import System
from posology.simulate.timeline import Grid

Floats = npt.NDArray[np.float64]

DAYS, HOURS, DOSE = 28, 24, 50_000.0
"""DOSE in µg."""
SUBJECTS = 1000
TOLERANCE = 1e-8
_TYPICAL = {"ka": (1.2, "1/h"), "CL": (10.0, "L/h"), "V": (50.0, "L"), "CLm": (5.0, "L/h"), "Vm": (30.0, "L")}
_TYPICAL["ke"] = (0.3, "1/h")
_STATES = ("gut", "blood", "metabolite", "site")


@dataclass(frozen=True, slots=True)
class Dose:
    """A dose by mouth."""

    time: float
    amount: float
    route: str = "po"
    duration: float = 0.0
    ss: bool = False
    ii: float = 0.0
    reset: bool = False


def values(seed: int = 1) -> dict[str, Floats]:
    """Parameters of the subjects: 30 % between people."""
    random = np.random.default_rng(seed)
    return {
        name: value * np.exp(0.3 * random.standard_normal(SUBJECTS)) for name, (value, _) in _TYPICAL.items()
    }


def rates(of: dict[str, Floats]) -> Floats:
    """For solvers: (S, 5) ka, CL/V, CLm/Vm, ke, 1/V."""
    return np.stack([of["ka"], of["CL"] / of["V"], of["CLm"] / of["Vm"], of["ke"], 1 / of["V"]], axis=1)


def ours(turns: int) -> dict[str, Any]:
    """Seconds of CPU for all subjects, best of some turns, and the answer (S, 672, 4)."""
    of, grid = values(), Grid(0.0, 1.0, DAYS * HOURS)
    doses = [Dose(24.0 * day, DOSE / 1000) for day in range(DAYS)]
    outputs = [f"amount:{each}" for each in _STATES]
    seconds = []
    for _ in range(turns):
        start = process_time()
        found = exposure(System.of(_model(), ["po"], outputs), of, doses, grid, outputs)
        seconds.append(process_time() - start)
    return {"seconds": min(seconds), "answer": np.stack([found[each] for each in outputs], axis=-1)}


def error(answer: Floats, subjects: int) -> float:
    """The largest difference from 30-digit arithmetic, as a share of each curve's peak."""
    import mpmath

    worst = 0.0
    for number, (ka, k, km, ke, per_litre) in enumerate(rates(values())[:subjects]):
        with mpmath.workdps(30):
            a = mpmath.matrix(4, 4)
            for i, j, rate in ((0, 0, -ka), (1, 0, ka), (1, 1, -k), (2, 1, k), (2, 2, -km), (3, 3, -ke)):
                a[i, j] = mpmath.mpf(float(rate))
            a[3, 1] = mpmath.mpf(float(ke)) * mpmath.mpf(float(per_litre))
            hourly, x, exact = mpmath.expm(a, method="taylor"), mpmath.matrix(4, 1), []
            for hour in range(DAYS * HOURS):
                if hour:
                    x = hourly * x
                if hour % 24 == 0:
                    x[0] += mpmath.mpf(DOSE)
                exact.append([float(each) for each in x])
        curve = np.array(exact)
        worst = max(worst, float((np.abs(answer[number] - curve) / curve.max(axis=0)).max()))
    return worst


def _model() -> KineticModel:
    says = {"says": "made up", "sources": ("bench",)}
    return KineticModel(
        id="common",
        name="the common task",
        says="made up",
        sources=("bench",),
        parameters=tuple(
            Parameter(id=name, value=value, unit=unit, status="assumed", **says)  # type: ignore[arg-type]
            for name, (value, unit) in _TYPICAL.items()
        ),
        analytes=(Analyte(id="drug", name="drug", molar_mass=300),),
        compartments=(
            Compartment(id="gut"),
            Compartment(id="blood", analyte="drug", volume="V"),
            Compartment(id="metabolite", volume="Vm"),
        ),
        flows=(
            Flow(from_="gut", to="blood", rate="ka"),
            Flow(from_="blood", to="metabolite", clearance="CL"),
            Flow(from_="metabolite", clearance="CLm"),
        ),
        effects=(Effect(id="site", follows="blood", rate="ke"),),
        routes=(Route(id="po", portions=(Portion(into="gut"),)),),
    )
