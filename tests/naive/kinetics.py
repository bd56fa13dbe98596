"""A second reading of `kinetics.yaml`: its equations, put straight into an ODE solver and into 30-digit arithmetic.

Independent of `posology.simulate`, of which it imports nothing. Slow on purpose: it is the thing to agree with.
Inside: hours, litres, micrograms, ng/mL.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import mpmath
import numpy as np
from scipy.integrate import solve_ivp

from posology.monograph.kinetics import KineticModel, Receptor

IN_BASE = {
    "1": 1.0, "1/h": 1.0, "1/min": 60.0, "1/s": 3600.0, "h": 1.0, "min": 1 / 60, "L": 1.0, "L/h": 1.0,
    "mL/min": 0.06, "mL/s": 3.6, "ng/mL": 1.0, "nM": 1.0, "pM": 1.0, "1/(pM^n.s)": 3600.0,
}  # fmt: skip
"""What one of each unit is in base units; `nM` and `pM` stay and the concentration is turned into them."""


@dataclass(frozen=True, slots=True)
class Given:
    """One dose: hours, mg as prescribed, route, and hours over which it runs in (0: at once)."""

    hour: float
    mg: float
    route: str
    over: float = 0.0


def typical(model: KineticModel, covariates: Mapping[str, float | str] | None = None) -> dict[str, float]:
    """Parameters of the typical person with these covariates, in base units, by id."""
    given = {each.id: each.default if each.levels == () else each.levels[0].id for each in model.covariates}
    given |= dict(covariates or {})
    values = {one.id: one.value for one in model.parameters}
    for effect in model.covariate_effects:
        x = given[effect.covariate]
        for name in effect.parameters:
            if effect.kind == "level":
                values[name] *= effect.factor if x == effect.level else 1.0
            elif effect.kind == "linear":
                values[name] *= 1 + effect.slope * (float(x) - effect.reference)
            elif effect.kind == "added":
                values[name] += effect.slope * (float(x) - effect.reference)
                if effect.least is not None:
                    values[name] = max(values[name], effect.least)
            else:
                values[name] *= (float(x) / effect.reference) ** effect.exponent
    for one in model.parameters:
        if one.most is not None:
            values[one.id] = min(values[one.id], one.most)
    return {one.id: values[one.id] * IN_BASE[one.unit] for one in model.parameters}


class Equations:
    """The linear part dx/dt = A·x + u, and the receptors that ride on it.

    x holds the amounts (µg), the effect sites (ng/mL) and the AUC of each plasma analyte (ng·h/mL).
    """

    def __init__(self, model: KineticModel, values: Mapping[str, float]) -> None:
        self.model, self.p = model, dict(values)
        self.plasma = {one.analyte: one for one in model.compartments if one.plasma}
        self.rows = {
            name: row
            for row, name in enumerate(
                [*(one.id for one in model.compartments), *(one.id for one in model.effects)]
                + [f"auc {name}" for name in self.plasma]
            )
        }
        self.matrix = np.zeros((len(self.rows), len(self.rows)))
        for flow in model.flows:
            source = self.rows[flow.from_]
            rate = self.p[flow.rate] if flow.rate else self.p[flow.clearance] / self._volume(flow.from_)
            self.matrix[source, source] -= rate
            if flow.to:
                self.matrix[self.rows[flow.to], source] += rate
        for effect in model.effects:
            row, k = self.rows[effect.id], self.p[effect.rate]
            self.matrix[row, row] -= k
            self.matrix[row, self.rows[effect.follows]] += k / self._volume(effect.follows)
        for name, compartment in self.plasma.items():
            self.matrix[self.rows[f"auc {name}"], self.rows[compartment.id]] = 1 / self._volume(
                compartment.id
            )

    def _volume(self, compartment: str) -> float:
        return self.p[next(one.volume for one in self.model.compartments if one.id == compartment)]

    def entering(self, dose: Given) -> np.ndarray:
        """The micrograms that a dose puts into each row."""
        route = next(one for one in self.model.routes if one.id == dose.route)
        whole = dose.mg * 1000 * (self.p[route.salt] if route.salt else 1.0)
        into, left = np.zeros(len(self.rows)), 1.0
        for portion in route.portions:
            share = left
            if portion.fraction:
                share = self.p[portion.fraction] * (left if portion.of_the_rest else 1.0)
            share -= self.p[portion.less] if portion.less else 0.0
            into[self.rows[portion.into]] += share * whole
            left -= share
        return into

    def reads(self, name: str) -> np.ndarray:
        """The row vector that gives a concentration (ng/mL) from x: of an analyte, a compartment, an effect site."""
        row = np.zeros(len(self.rows))
        if name in {one.id for one in self.model.effects} or name.startswith("auc "):
            row[self.rows[name]] = 1.0
        else:
            compartment = self.plasma[name].id if name in self.plasma else name
            row[self.rows[compartment]] = 1 / self._volume(compartment)
        return row

    def drive(self, receptor: Receptor) -> np.ndarray:
        """The row vector that gives a receptor's L from x, in the unit its constant is in."""
        units = {one.id: one.unit for one in self.model.parameters}
        unit = "pM" if receptor.binding == "association" else units[receptor.half]
        total = np.zeros(len(self.rows))
        for ligand in receptor.ligands:
            molar = {"ng/mL": 1.0, "nM": 1e3, "pM": 1e6}[unit]
            if unit != "ng/mL":
                molar /= self._molar_mass(ligand.of)
            total += self.reads(ligand.of) * molar * (self.p[ligand.potency] if ligand.potency else 1.0)
        return total

    def _molar_mass(self, name: str) -> float:
        follows = next((one.follows for one in self.model.effects if one.id == name), name)
        analyte = next(one.analyte for one in self.model.compartments if one.id == follows)
        return next(one.molar_mass for one in self.model.analytes if one.id == analyte)


def _pieces(doses: Sequence[Given], hours: Sequence[float]) -> list[tuple[float, float]]:
    """Stretches of time in which nothing jumps."""
    last = max(hours)
    knots = {0.0, last} | {d.hour for d in doses} | {d.hour + d.over for d in doses}
    inside = sorted(one for one in knots if one <= last)
    return list(itertools.pairwise(inside)) or [(0.0, 0.0)]


def solve(
    model: KineticModel,
    doses: Sequence[Given],
    hours: Sequence[float],
    values: Mapping[str, float] | None = None,
    *,
    rtol: float = 1e-10,
    method: str = "LSODA",
) -> dict[str, np.ndarray]:
    """Everything that is read from a model at these hours (increasing, the first dose at 0), by SciPy.

    Gives each plasma analyte (ng/mL), its ``auc ID`` (ng·h/mL), each compartment's amount (``amount ID``, µg) and each
    receptor's blockade (0 to 1). At the hour of a bolus it gives what is there just after it.
    """
    eq = Equations(model, values if values is not None else typical(model))
    n = len(eq.rows)
    slow = [one for one in model.receptors if one.binding != "equilibrium"]
    drives = {one.id: eq.drive(one) for one in model.receptors}

    def bound(receptor: Receptor, level: float, state: float) -> float:
        level = max(level, 0.0)
        if receptor.binding == "association":
            on, off, power = eq.p[receptor.on], eq.p[receptor.off], eq.p[receptor.exponent]
            return on * level**power * (1 - state) - off * state
        x = level / eq.p[receptor.half]
        return eq.p[receptor.capture] * x / (1 + x) * (1 - state) - eq.p[receptor.release] * state

    y = np.zeros(n + len(slow))
    hours = np.asarray(hours, dtype=float)
    kept = np.zeros((len(hours), len(y)))
    for start, end in _pieces(doses, hours):
        for dose in doses:
            if dose.hour == start and not dose.over:
                y[:n] += eq.entering(dose)
        running = sum(
            (eq.entering(d) / d.over for d in doses if d.over and d.hour <= start < d.hour + d.over),
            np.zeros(n),
        )

        def slope(_: float, y: np.ndarray, running: np.ndarray = running) -> np.ndarray:
            out = np.empty_like(y)
            out[:n] = eq.matrix @ y[:n] + running
            for at, one in enumerate(slow):
                out[n + at] = bound(one, drives[one.id] @ y[:n], y[n + at])
            return out

        here = (hours >= start) & (hours <= end)
        grid = np.unique(np.concatenate([[start, end], hours[here]]))
        if end > start:
            done = solve_ivp(slope, (start, end), y, method=method, t_eval=grid, rtol=rtol, atol=1e-12)
            kept[here] = done.y.T[np.searchsorted(grid, hours[here])]
            y = done.y[:, -1]
        else:
            kept[here] = y
    for at, hour in enumerate(hours):  # a bolus at the very last hour
        if hour == hours[-1] and at == len(hours) - 1:
            for dose in doses:
                if dose.hour == hour and hour > 0 and not dose.over:
                    kept[at, :n] += eq.entering(dose)

    linear = kept[:, :n]
    out = {name: linear @ eq.reads(name) for name in eq.plasma}
    out |= {f"auc {name}": linear @ eq.reads(f"auc {name}") for name in eq.plasma}
    out |= {f"amount {one.id}": linear[:, eq.rows[one.id]] for one in model.compartments}
    for one in model.receptors:
        x = np.maximum(linear @ drives[one.id], 0)
        if one.binding == "equilibrium":
            out[one.id] = x / (eq.p[one.half] + x)
            continue
        state = kept[:, n + slow.index(one)]
        fast = x / eq.p[one.half] if one.binding == "retention" else x
        out[one.id] = state + (1 - state) * fast / (1 + fast) if one.binding == "retention" else state
    return out


def exact(
    model: KineticModel, dose: Given, hours: Sequence[float], values: Mapping[str, float] | None = None
) -> dict[str, list[mpmath.mpf]]:
    """Concentrations and AUC after one bolus at hour 0, by the matrix exponential in 30 digits."""
    with mpmath.workdps(30):
        eq = Equations(model, values if values is not None else typical(model))
        # Doubles are taken as they are: what is tested is arithmetic, and not how a decimal is read.
        matrix = mpmath.matrix(eq.matrix.tolist())
        start = mpmath.matrix(eq.entering(dose).tolist())
        names = [*eq.plasma, *(f"auc {name}" for name in eq.plasma)]
        reads = {name: mpmath.matrix([eq.reads(name).tolist()]) for name in names}
        out: dict[str, list[mpmath.mpf]] = {name: [] for name in reads}
        for hour in hours:
            state = mpmath.expm(matrix * mpmath.mpf(hour)) * start
            for name, read in reads.items():
                out[name].append((read * state)[0])
        return out
