"""Simulations of a made-up drug to show: curves of the usual shapes, by a few lines of their own.

Nothing here tests a model. One compartment with absorption, one receptor read in two ways (slow release, and
following plasma), a handful of people around the typical one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from posology.simulate.result import (
    Arm,
    Convention,
    Curve,
    Floats,
    Output,
    ParameterNote,
    Said,
    Simulation,
    Spread,
    Summary,
)

STEP = 1.0
PLASMA = Output("blockatine", "Blockatine", "concentration", "ng/mL")
METABOLITE = Output("blockatinol", "Blockatinol", "concentration", "ng/mL")
RETAINED = Output("mu-retained", "Mu receptors, held", "blockade", "1", "mu", "retained")
PLASMATIC = Output("mu-plasma", "Mu receptors, as plasma", "blockade", "1", "mu", "plasma")
KAPPA = Output("kappa", "Kappa receptors", "blockade", "1", "kappa")
OPIOID = tuple(
    Output("opioid", "Usual dose of an opioid: effect that is left", "challenge", "1", "mu", reading, slope)
    for reading in ("retained", "plasma")
    for slope in (1.0, 3.0)
)
OUTPUTS = (PLASMA, METABOLITE, RETAINED, PLASMATIC, KAPPA)
READINGS = (
    (
        "Receptors hold on to it",
        "PET after single doses of 2 to 50 mg shows blockade that fades over days, far slower than plasma.",
    ),
    (
        "Blockade follows plasma",
        "The usual story of low dose: a few hours of blockade, then rebound. No PET study shows it.",
    ),
)
SAID = (
    Said("low-dose", "No PET study of repeated low doses in people was found.", "judgement", ("facts#6.6",)),
    Said(
        "tolerance",
        "Blockade lost does not mean safe: tolerance is lost too, and a formerly tolerated dose can kill.",
        "label",
        ("label#5.1",),
    ),
)
PARAMETERS = (
    ParameterNote("ka", "Absorption", 1.27, "1/h", "fitted", ("facts#8.2",), 0.47),
    ParameterNote("cl", "Clearance", 120.0, "L/h", "assumed", ("facts#2",), 0.25),
    ParameterNote("fa", "Absorbed fraction", 0.96, "1", "verified", ("label#12.3",)),
)


def person(dose_hours: Floats, mg: float, absorption: float, hours: Floats, vary: Floats) -> list[Floats]:
    """Curves of the outputs for one person; `vary` are factors of clearance, fraction and release."""
    plasma, metabolite = np.zeros_like(hours), np.zeros_like(hours)
    elimination = 0.24 * vary[0]
    for start in dose_hours:
        since = np.clip(hours - start, 0, None)
        scale = mg * 0.3 * vary[1] * absorption / (absorption - elimination)
        gone = np.exp(-elimination * since) - np.exp(-absorption * since)
        plasma += np.where(hours >= start, scale * gone, 0)
        slow = np.exp(-0.054 * since) - np.exp(-max(absorption, 0.06) * since)
        metabolite += np.where(hours >= start, mg * 2.0 * vary[1] * slow * min(1, absorption), 0)
    held = np.zeros_like(hours)
    kept = 0.0
    for index, level in enumerate(plasma + 0.045 * metabolite):
        bound = level / (level + 1.3)
        kept = np.clip(kept + STEP * (0.3 * bound * (1 - kept) - 0.0247 * vary[2] * kept), 0, 1)
        held[index] = kept + (1 - kept) * bound
    return [plasma, metabolite, held, plasma / (plasma + 0.27), plasma / (plasma + 0.7)]


def arm(
    name: str,
    rx: str,
    dose_hours: Sequence[float],
    mg: float,
    end: float,
    *,
    absorption: float = 1.27,
    people: int = 0,
) -> Arm:
    """A regimen's result with `people` simulated beside the typical person."""
    doses = np.asarray(dose_hours, dtype=float)
    hours = np.arange(0, end + STEP, STEP)
    typical = person(doses, mg, absorption, hours, np.ones(3))
    draws = np.random.default_rng(1).lognormal(0, 0.3, size=(people, 3)) if people else None
    crowd = [person(doses, mg, absorption, hours, draw) for draw in draws] if draws is not None else []
    curves, summaries = [], []
    gap = float(doses[-1] - doses[-2]) if len(doses) > 1 else min(end, 24.0)
    last = (hours >= doses[-1]) & (hours <= doses[-1] + gap)
    for index, output in enumerate(OUTPUTS):
        each = np.stack([one[index] for one in crowd]) if crowd else None
        bands = np.percentile(each, [50, 5, 95], axis=0) if each is not None else [None] * 3
        curves.append(Curve(output, hours, typical[index], *bands))
        summaries += _summaries(output, hours[last], typical[index][last], each[:, last] if crowd else None)
        if output.kind == "blockade":
            summaries += _crossings(output, hours, typical[index], each, doses[-1])
    for output in OPIOID:
        blocked = typical[2 if output.reading == "retained" else 3]
        left = (2 * (1 - blocked)) ** output.slope
        curves.append(Curve(output, hours, left / (1 + left) / (2**output.slope / (1 + 2**output.slope))))
    return Arm(name, rx, "made-up", tuple(curves), tuple(summaries), doses, float(doses[-1]))


def _spread(typical: float, people: Floats | None) -> Spread:
    if people is None:
        return Spread(float(typical))
    there = people[~np.isnan(people)]
    low, median, high = np.percentile(there, [5, 50, 95]) if len(there) else [np.nan] * 3
    return Spread(float(typical), float(median), float(low), float(high), len(there) / len(people))


def _summaries(output: Output, hours: Floats, typical: Floats, each: Floats | None) -> list[Summary]:
    window = "last dosing interval"
    days = max((hours[-1] - hours[0]) / 24, 1e-9)

    def one(kind, title, unit, measure, level=None):
        people = np.array([measure(row) for row in each]) if each is not None else None
        value = _spread(measure(typical), people)
        return Summary(output.id, kind, title, unit, value, level, window, output.reading)

    if output.kind == "concentration":
        return [
            one("cmax", "highest concentration", "ng/mL", np.max),
            one(
                "tmax",
                "time of the highest concentration",
                "h",
                lambda row: float(hours[np.argmax(row)] - hours[0]),
            ),
            one("auc", "area under the curve", "ng·h/mL", lambda row: float(np.trapezoid(row, hours))),
            one("trough", "trough", "ng/mL", lambda row: row[-1]),
        ]
    return [
        one("least", "lowest blockade", "1", np.min),
        one("mean", "mean blockade", "1", np.mean),
        one("most", "highest blockade", "1", np.max),
        *(
            one(
                "hours-above",
                f"hours a day at or above {100 * level:g} %",
                "h/day",
                lambda row, level=level: float(np.mean(row[:-1] >= level) * 24) if days else 0.0,
                level,
            )
            for level in (0.5, 0.8, 0.9)
        ),
    ]


def _crossings(output: Output, hours: Floats, typical: Floats, each: Floats | None, last: float):
    after = hours >= last

    def below(row: Floats, level: float) -> float:
        above = np.nonzero(row[after] >= level)[0]
        if not len(above):
            return 0.0
        if above[-1] + 1 >= after.sum():
            return float("nan")
        return float(hours[after][above[-1] + 1] - last) / 24

    for level in (0.5, 0.8, 0.9):
        people = np.array([below(row, level) for row in each]) if each is not None else None
        yield Summary(
            output.id,
            "below-after",
            f"days from the last dose to below {100 * level:g} %",
            "d",
            _spread(below(typical, level), people),
            level,
            "after the last dose",
            output.reading,
        )


def _simulation(arms: Sequence[Arm], people: int, washout: bool = False) -> Simulation:
    return Simulation(
        drug="blockatine",
        drug_name="Blockatine",
        population=max(people, 1),
        seed=1 if people else None,
        covariates={"weight": "75"},
        person=("Body weight 75 kg",),
        arms=tuple(arms),
        parameters=PARAMETERS,
        said=SAID,
        calibrated="This model is calibrated to published summaries; it has not been validated on people.",
        readings=READINGS,
        washout=washout,
        versions={"posology": "0", "blockatine": "abc"},
    )


DAILY = [24.0 * day for day in range(90)]


@cache
def issue() -> Simulation:
    """Low dose, usual dose and monthly injection over 90 days, in a small population."""
    return _simulation(
        [
            arm("4.5 mg po nightly x90", "4.5 mg po nightly x90", DAILY, 4.5, 2160, people=40),
            arm("50 mg po q24h x90", "50 mg po q24h x90", DAILY, 50, 2160, people=40),
            arm(
                "380 mg im-xr q4w x3",
                "380 mg im-xr q4w x3",
                [0.0, 672.0, 1344.0],
                190,
                2016,
                absorption=0.006,
                people=40,
            ),
        ],
        40,
    )


@cache
def compared() -> Simulation:
    """Four schedules, the typical person only."""
    week = [day * 24.0 for day in range(28)]
    return _simulation(
        [
            arm("oud-a", "50 mg po q24h", week, 50, 672),
            arm("oud-b", "50 mg po mon-fri & 100 mg po sat", [h for h in week if h // 24 % 7 != 6], 55, 672),
            arm("oud-c", "100 mg po q48h", week[::2], 100, 672),
            arm("oud-d", "150 mg po q72h", week[::3], 150, 672),
        ],
        0,
    )


@cache
def washout() -> Simulation:
    """Thirty daily doses and the weeks after them."""
    one = arm("50 mg po q24h x30", "50 mg po q24h x30", DAILY[:30], 50, 30 * 24 + 480, people=40)
    usual = Convention("usual stop before surgery, 2 to 4 days", 48, 96, "guideline", ("consensus",))
    return _simulation([replace(one, conventions=(usual,))], 40, True)


@cache
def single() -> Simulation:
    """One dose, one person, one reading: the smallest answer there is."""
    one = arm("4 mg nasal", "4 mg nasal", [0.0], 4, 24)
    kept = tuple(
        replace(curve, output=replace(curve.output, reading=""))
        for curve in one.curves
        if curve.output.id in {"blockatine", "mu-plasma"}
    )
    told = tuple(
        replace(each, reading="") for each in one.summaries if each.output in {"blockatine", "mu-plasma"}
    )
    alone = _simulation([replace(one, curves=kept, summaries=told)], 0)
    return replace(alone, readings=())


ALL = {"issue": issue, "compared": compared, "washout": washout, "single": single}
