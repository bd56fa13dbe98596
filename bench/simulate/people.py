"""Tasks with many people and the naltrexone model: bands, hours above a level, a slider, a million."""

from __future__ import annotations

import resource
from collections.abc import Sequence
from time import process_time
from typing import Any

import numpy as np

from posology.monograph.kinetics import KineticModel, Parameter
from posology.monograph.load import load_library
from posology.simulate.bands import PILOT, QUANTILES, bands
from posology.simulate.block import Occasions
from posology.simulate.exposure import exposure
from posology.simulate.receptor import occupancy
from posology.simulate.reducers import hours_above
from posology.simulate.run import simulate
from posology.simulate.sketch import Sketcher
from posology.simulate.system import System
from posology.simulate.timeline import Grid
from posology.simulate.units import factor

from .common import Dose, Floats

DRUG = "naltrexone"
BLOCK = 16_000
LEVEL = 1.0
"""ng/mL, for hours above."""
DAYS = 90


def regimens(days: int = DAYS) -> dict[str, list[Dose]]:
    """The six of the target."""

    def every(hours: float, amount: float, route: str = "po") -> list[Dose]:
        return [Dose(k * hours, amount, route) for k in range(int(np.ceil(days * 24 / hours)))]

    week = [Dose(24.0 * day, 100.0 if day % 7 == 5 else 50.0) for day in range(days) if day % 7 < 6]
    return {
        "4.5 mg po nightly": every(24, 4.5),
        "50 mg po q24h": every(24, 50),
        "50 mg po mon-fri & 100 mg po sat": week,
        "100 mg po q48h": every(48, 100),
        "150 mg po q72h": every(72, 150),
        "380 mg im-xr q4w": every(672, 380, "im-xr"),
    }


SIX = (
    "4.5 mg po nightly x90",
    "50 mg po q24h x90",
    "50 mg po mon-fri for 90 days & 100 mg po sat for 90 days",
    "100 mg po q48h x45",
    "150 mg po q72h x30",
    "380 mg im-xr q4w x3",
)
"""The same six as rx."""
ACCEPTANCE = ("4.5 mg po nightly x90", "50 mg po q24h x90", "380 mg im-xr q4w x3")


def model() -> KineticModel:
    """The drug's first model."""
    found = load_library().kinetics(DRUG)
    if not found:
        raise SystemExit(f"{DRUG} has no kinetics.yaml")
    return found[0]


def drawn(of: KineticModel, count: int, seed: int = 1) -> dict[str, Floats]:
    """People; NumPy's own generator is enough for a benchmark."""
    random, effects = np.random.default_rng(seed), {}
    found = {}
    for each in of.parameters:
        name = each.shared or each.id
        if each.omega and name not in effects:
            effects[name] = random.standard_normal(count)
        found[each.id] = _value(each, factor(of, each), effects.get(name))
    return found


def _value(each: Parameter, unit: float, effect: Floats | None) -> Floats:
    value = np.array([each.value * unit])
    if not each.omega or effect is None:
        return value
    if each.spread == "logit":
        odds: Floats = value / (1 - value) * np.exp(each.omega * effect)
        return odds / (1 + odds)
    found: Floats = np.minimum(value * np.exp(each.omega * effect), each.most or np.inf)
    return found


def _occasions(of: KineticModel, doses: int, some: slice) -> Occasions:
    random = np.random.default_rng((7, some.start))
    return {
        each.id: np.exp(each.occasion * random.standard_normal((doses, some.stop - some.start)))
        for each in of.parameters
        if each.occasion
    }


def _chosen(values: dict[str, Floats], some: slice) -> dict[str, Floats]:
    return {name: each if each.size == 1 else each[some] for name, each in values.items()}


def population(count: int, days: int, names: Sequence[str], occasion: bool, drift: bool) -> dict[str, Any]:
    """Bands and hours above of a concentration; `drift`: compare bands with sorting at some times."""
    of = model()
    output = of.analytes[0].id
    values = drawn(of, count)
    grid = Grid.until(24 * days)
    buffer = np.empty((grid.count, min(BLOCK, count)), np.float32)
    seconds, above, worst = {}, {}, 0.0
    for name in names:
        doses = regimens(days)[name]
        system = System.of(of, {each.route for each in doses}, [output])

        def curves(some: slice, system: System = system, doses: list[Dose] = doses) -> Any:
            rows = buffer[:, : some.stop - some.start]
            own = _occasions(of, len(doses), some) if occasion else None
            exposure(
                system, _chosen(values, some), doses, grid, [output], occasions=own, out={output: rows.T}
            )
            return rows

        over = np.zeros(count)

        def counted(some: slice, curves: Any = curves, over: Floats = over) -> Any:
            rows = curves(some)
            if some != slice(0, PILOT):
                over[some] = hours_above(rows, grid.step, LEVEL)
            return rows

        start = process_time()
        found = bands(count, BLOCK, counted)
        seconds[name] = process_time() - start
        above[name] = float(np.median(over))
        if drift and not occasion:
            worst = max(worst, _drift(found, curves, count, grid))
    values_made = count * grid.count * len(names)
    return {
        "seconds": seconds,
        "total": sum(seconds.values()),
        "nanoseconds_a_value": sum(seconds.values()) / values_made * 1e9,
        "median_hours_above": above,
        "band_error": worst if drift and not occasion else None,
    }


def public(count: int, rx: Sequence[str], outputs: Sequence[str] | None) -> dict[str, Any]:
    """The same through `simulate`: people as drawn there, with what differs between doses, and all summaries."""
    library = load_library()
    start = process_time()
    found = simulate(library, DRUG, rx=rx, population=count, outputs=outputs, workers=1)
    seconds = process_time() - start
    arms = found.simulation.arms
    curves = sum(len(arm.curves) for arm in arms)
    return {
        "people": count,
        "regimens": len(arms),
        "curves": curves,
        "times": len(arms[0].curves[0].hours),
        "summaries": sum(len(arm.summaries) for arm in arms),
        "total": seconds,
        "nanoseconds_a_value": seconds / (count * curves * len(arms[0].curves[0].hours)) * 1e9,
    }


def _drift(found: Floats, curves: Any, count: int, grid: Grid) -> float:
    """Largest relative difference of bands from `numpy.quantile` at some forty times."""
    times = np.arange(5, grid.count, max(1, grid.count // 40))
    exact = np.empty((len(times), count), np.float32)
    for start in range(0, count, BLOCK):
        some = slice(start, min(start + BLOCK, count))
        exact[:, some] = curves(some)[times]
    sorted_ = np.quantile(exact.astype(np.float64), QUANTILES, axis=1)
    return float(np.abs(found[:, times] / sorted_ - 1).max())


def blockade(count: int, days: int) -> dict[str, Any]:
    """Bands of the receptor that holds on (`retention`), population mode."""
    of = model()
    receptor = next(each.id for each in of.receptors if each.binding == "retention")
    values, grid = drawn(of, count), Grid.until(24 * days)
    buffer = np.empty((grid.count, min(BLOCK, count)), np.float32)
    seconds = {}
    for name in ("4.5 mg po nightly", "50 mg po q24h", "380 mg im-xr q4w"):
        doses = regimens(days)[name]
        system = System.of(of, {each.route for each in doses}, [receptor])

        def curves(some: slice, system: System = system, doses: list[Dose] = doses) -> Any:
            rows = buffer[:, : some.stop - some.start]
            occupancy(
                system,
                _chosen(values, some),
                doses,
                grid,
                [receptor],
                accurate=False,
                out={receptor: rows.T},
            )
            return rows

        start = process_time()
        bands(count, BLOCK, curves)
        seconds[name] = process_time() - start
    each = sum(seconds.values()) / (len(seconds) * count * grid.count) * 1e9
    return {"people": count, "seconds": seconds, "nanoseconds_a_value": each}


def slider(count: int, days: int, step: float, turns: int) -> dict[str, Any]:
    """One regimen again: curves with bands of the concentration and of both readings of mu, in CPU milliseconds.

    The first turn, which draws the people, is not counted: who moves a slider has seen a curve before.
    """
    of = model()
    mu = [each.id for each in of.receptors if each.site == "mu"]
    people = Sketcher(load_library(), DRUG, count)
    found = []
    for turn in range(turns + 1):
        start = process_time()
        people.sketch(
            rx=f"50 mg po q24h x{days}", hours=24.0 * days, step=step, outputs=(of.analytes[0].id, *mu)
        )
        if turn:
            found.append(1000 * (process_time() - start))
    return {"people": count, "hours_between": step, "all": min(found)}


def peak_megabytes() -> float:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
