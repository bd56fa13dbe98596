"""Words and numbers of a simulation that every form of it shares: readings, amounts, times, spreads."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from posology.simulate.result import Arm, Curve, Difference, Output, Simulation, Summary

from .words import BASIS

BAND = "5–95 % of simulated people"
_SPAN = ("least", "mean", "most")
_RATIOS = ("accumulation", "trough-ratio")
_LABELS = {
    "cmax": "Highest",
    "tmax": "Highest after",
    "auc": "Area under the curve",
    "trough": "Before the next dose",
    "average": "Average",
    "least": "Lowest",
    "mean": "Mean",
    "most": "Highest",
    "hours-above": "Hours a day ≥ {level:g} %",
    "time-above": "Time ≥ {level:g} %",
    "half-life": "Half-life, from 10 to 1 % of the peak",
    "below-after": "Below {level:g} % for good after",
}
"""Names of numbers in a table; others have the title that comes with them."""
_HOURS = {"h": 1.0, "d": 24.0}
_STATUS = {
    "verified": "read in its source",
    "secondary": "read in a source that quotes it",
    "derived": "worked out from such numbers",
    "fitted": "fitted to published summaries",
    "assumed": "assumed",
}
_SITE = {"mu": "mu", "kappa": "kappa", "delta": "delta"}


@dataclass(frozen=True, slots=True)
class Reading:
    """One account of a receptor's blockade: its name in the result, its title, and what speaks for it."""

    key: str
    title: str
    says: str


def readings(simulation: Simulation) -> tuple[Reading, ...]:
    """The rival accounts of a receptor, in the order of the model. None, or at least two."""
    keys = list(
        dict.fromkeys(
            curve.output.reading for arm in simulation.arms for curve in arm.curves if curve.output.reading
        )
    )
    told = [*simulation.readings, *[("", "")] * len(keys)]
    return tuple(
        Reading(key, title or key.capitalize(), says) for key, (title, says) in zip(keys, told, strict=False)
    )


def rivals(simulation: Simulation, site: str) -> tuple[Reading, ...]:
    """The readings of a receptor; where there is one account only, that one, with its own title."""
    found = readings(simulation)
    if found:
        return found
    output = next(each for each in outputs(simulation, "blockade") if each.site == site)
    return (Reading("", output.title, ""),)


def read(arm: Arm, site: str, reading: Reading) -> Curve | None:
    """The curve of a receptor in one reading, if the arm's model gives it."""
    for curve in arm.curves:
        if curve.output.site == site and curve.output.reading == reading.key:
            return curve
    return None


def main_site(simulation: Simulation) -> str:
    """The receptor that is looked at first: the one with rival readings, else the first there is."""
    outputs = [curve.output for arm in simulation.arms for curve in arm.curves]
    blocked = [each.site for each in outputs if each.reading] or [
        each.site for each in outputs if each.kind == "blockade"
    ]
    return blocked[0] if blocked else ""


def outputs(simulation: Simulation, kind: str) -> list[Output]:
    """Every output of one kind, once, in the order of the arms."""
    found: dict[str, Output] = {}
    for arm in simulation.arms:
        for curve in arm.curves:
            if curve.output.kind == kind:
                found.setdefault(curve.output.id, curve.output)
    return list(found.values())


def opioid(simulation: Simulation) -> Output | None:
    """The opioid dose whose effect is told in every reading of the receptor; the last such in the model."""
    found = outputs(simulation, "challenge")
    keys = {reading.key for reading in readings(simulation)} or {""}
    told: dict[str, set[str]] = {}
    for arm in simulation.arms:
        for curve in arm.curves:
            told.setdefault(curve.output.id, set()).add(curve.output.reading)
    complete = [each for each in found if told[each.id] >= keys]
    return complete[-1] if complete else None


def belongs(each: Summary, output: Output) -> bool:
    """Is this a number of this output?"""
    return each.output == output.id and each.reading == output.reading


def summary(
    arm: Arm, output: Output, kind: str, level: float | None = None, window: str | None = None
) -> Summary | None:
    """The number of this kind (level, window) of an output, if it was worked out; without window the last one's."""
    for each in reversed(arm.summaries):
        if (
            belongs(each, output)
            and each.kind == kind
            and (level is None or each.level == level)
            and (window is None or each.window == window)
        ):
            return each
    return None


def span(arm: Arm, output: Output) -> tuple[Summary | None, Summary | None, Summary | None]:
    """Lowest, mean and highest."""
    low, mean, high = (summary(arm, output, kind) for kind in _SPAN)
    return low, mean, high


def levels(simulation: Simulation) -> list[float]:
    """The levels of blockade that time is counted above, lowest first."""
    return sorted({each.level for arm in simulation.arms for each in arm.summaries if each.level is not None})


def number(value: float | None) -> str:
    """Three significant digits without an exponent; an en dash where there is none."""
    if value is None or math.isnan(value):
        return "–"
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    if size < -5:
        return f"<{10.0**-5:.5f}"
    return f"{value:,.{max(0, 2 - size)}f}"


def percent(share: float | None) -> str:
    """A share as a whole percentage, never rounded to all or nothing that is not there."""
    if share is None or math.isnan(share):
        return "–"
    whole = round(share * 100)
    if whole == 100 and share < 1:
        return ">99" if share < 0.9995 else "100"
    return "<1" if whole == 0 and share > 0 else str(whole)


def time(hours: float | None) -> str:
    """A length of time in the unit that reads best."""
    if hours is None or math.isnan(hours):
        return "–"
    if hours == 0:
        return "0 h"
    if abs(hours) < 1:
        return f"{hours * 60:.0f} min"
    return f"{hours:.1f} h" if abs(hours) < 72 else f"{hours / 24:.1f} d"


def is_share(each: Summary | Difference) -> bool:
    """Is it told in per cent?"""
    return each.unit == "1" and each.kind not in _RATIOS


def label(each: Summary | Difference) -> str:
    """A number's name with its unit, where the cells do not tell it."""
    if each.kind in _LABELS:
        title = _LABELS[each.kind].format(level=100 * (each.level or 0))
    else:
        title = each.title[:1].upper() + each.title[1:]
    unit = "%" if is_share(each) else "" if each.unit in {"1", *_HOURS} else each.unit
    return f"{title}, {unit}" if unit else title


def value(each: Summary | Difference | None, which: str = "typical") -> str:
    """One number of a summary, in words of its kind."""
    if each is None:
        return "–"
    amount = getattr(each.value, which)
    if amount is None or math.isnan(amount):
        return "–"
    if is_share(each):
        return percent(amount)
    if isinstance(each, Difference) and abs(amount) < 10.0**-5:
        return "0"
    if each.kind == "hours-above":
        return f"{amount:.1f}".removesuffix(".0")
    return time(amount * _HOURS[each.unit]) if each.unit in _HOURS else number(amount)


def band(each: Summary | Difference | None) -> str:
    """The 5th to 95th percentile of a summary, in brackets; empty when only one person was simulated."""
    if each is None or each.value.low is None or each.value.high is None:
        return ""
    low, high = value(each, "low"), value(each, "high")
    if low == high == "–":
        return ""
    # ``4.5 d``, ``10.6 d``: the unit once
    amount, _, unit = low.rpartition(" ")
    if unit and high.endswith(f" {unit}"):
        low = amount
    return f"({low}–{high if high != '–' else 'later'})"


def with_band(each: Summary | Difference | None) -> str:
    """A number with its band."""
    if each is None:
        return "–"
    if each.kind == "below-after" and isinstance(each, Summary):
        if math.isnan(each.value.typical):
            return f"later than simulated {band(each)}".strip()
        if each.value.typical == 0:
            return "below all the time" if not each.value.high else f"below all the time {band(each)}"
    return f"{value(each)} {band(each)}".strip()


def people(simulation: Simulation) -> str:
    """Who was simulated."""
    if simulation.population == 1:
        return "the typical person only"
    return f"the typical person and {simulation.population:,} people (seed {simulation.seed})"


def footer(simulation: Simulation) -> str:
    """The line under every chart."""
    models = ", ".join(dict.fromkeys(arm.model for arm in simulation.arms))
    crowd = (
        "typical person only"
        if simulation.population == 1
        else f"n = {simulation.population:,}, seed {simulation.seed}"
    )
    return (
        f"Calibrated to published summaries, not validated. {simulation.drug_name}, model {models}; {crowd}."
    )


def covariates(simulation: Simulation) -> str:
    """The traits of the person simulated."""
    return "; ".join(simulation.person)


def repeated(simulation: Simulation) -> bool:
    """Does some regimen come to days that are like each other? Single doses have a highest value and a duration."""
    return any(each.kind == "hours-above" for arm in simulation.arms for each in arm.summaries)


def named(arm: Arm) -> str:
    """A regimen's name; one of the monograph's with what it means."""
    return arm.name if arm.name == arm.rx else f"{arm.name}: {arm.rx}"


def briefly(simulation: Simulation) -> str:
    """What a chart of receptors has to say, which may travel without the page around it."""
    return " ".join(dict.fromkeys(each.brief for each in simulation.said if each.brief))


def notes(simulation: Simulation) -> list[str]:
    """Remarks about the run that are of no one regimen."""
    of_arms = {note for arm in simulation.arms for note in arm.notes}
    return [note for note in simulation.notes if note not in of_arms]


def basis(name: str) -> str:
    """What a sentence rests on, as it is told."""
    return "This project’s judgement" if name == "judgement" else BASIS.get(name, name).capitalize()


def statuses(simulation: Simulation) -> list[tuple[str, int]]:
    """How many parameters came about in which way, in words, best known first."""
    counts = Counter(each.status for each in simulation.parameters)
    return [(said, counts[status]) for status, said in _STATUS.items() if counts[status]]


def status(name: str) -> str:
    """How a number came about, in words."""
    return _STATUS.get(name, name)


def site_name(site: str) -> str:
    """A receptor's name in a sentence."""
    return _SITE.get(site, site)


def people_band(simulation: Simulation) -> bool:
    """Are there bands of people to show?"""
    return simulation.population > 1
