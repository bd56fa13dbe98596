"""Tables of a simulation: the numbers of one regimen, and regimens beside each other. Plain texts, no layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from posology.simulate.result import Arm, Curve, Output, Simulation, Summary

from . import simulate_words as words
from .chart_data import DAY, DAYS_FROM

_OF_ALL = ("accumulation", "trough-ratio", "half-life", "auc-infinity")
"""Kinds of number that are of no one interval between doses."""
_MORE = ("average", "trough-ratio")
_OF_REPEATED = ("cmax", "average", "least", "mean", "hours-above")
"""What differences are told in: averages, because areas of one day and of two are no difference of exposure."""
_OF_SINGLE = ("cmax", "auc", "most", "time-above")
_HOURS = (0, 0.5, 1, 2, 3, 4, 6, 8, 12, 24, 36, 48, 72)
_DAYS = (1, 2, 3, 5, 7, 10, 14, 21, 28, 42, 56, 84, 90, 180, 365)
"""Times that tables tell; a day is told with its number, the first is day 1."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with one heading a column; the first column names the row."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def arm_tables(simulation: Simulation, arm: Arm, *, brief: bool = False) -> list[Table]:
    """The numbers of a regimen: plasma, the receptor looked at first in each reading, others.

    `brief` leaves out the first interval, where there is a last one, and what follows from other numbers.
    """
    site = words.main_site(simulation)
    found = _outputs(arm)
    plasma = [each for each in found if each.kind == "concentration"]
    first = [each for each in found if each.kind == "blockade" and each.site == site]
    others = [each for each in found if each.kind == "blockade" and each.site != site]
    named = {each.key: each.title for each in words.readings(simulation)}
    heads = [named.get(each.reading, each.title) for each in first]
    return [
        *_tables(arm, "In plasma", plasma, [each.title for each in plasma], brief),
        *_tables(arm, f"{words.site_name(site).capitalize()} receptors blocked", first, heads, brief),
        *_tables(arm, "Other receptors blocked", others, [each.title for each in others], brief),
    ]


def compared(simulation: Simulation) -> list[Table]:
    """Regimens beside each other, one table for each reading of the receptor looked at first."""
    site = words.main_site(simulation)
    if not site or len(simulation.arms) < 2:
        return []
    levels = words.levels(simulation)
    daily = words.repeated(simulation)
    heads = (
        "Regimen",
        "Lowest – mean – highest" if daily else "Highest",
        *(f"{'Hours a day' if daily else 'Time'} ≥ {100 * level:g} %" for level in levels),
    )
    tables = []
    for reading in words.rivals(simulation, site):
        rows = []
        for arm in simulation.arms:
            curve = words.read(arm, site, reading)
            if curve is None:
                continue
            low, mean, high = words.span(arm, curve.output)
            kind = "hours-above" if daily else "time-above"
            above = (words.summary(arm, curve.output, kind, level) for level in levels)
            least_and_mean = f"{words.value(low)} – {words.value(mean)} – " if daily else ""
            rows.append(
                (
                    words.named(arm),
                    f"{least_and_mean}{words.value(high)} %",
                    *(words.with_band(each) for each in above),
                )
            )
        tables.append(Table(reading.title, heads, tuple(rows)))
    return tables


def differences(simulation: Simulation) -> Table | None:
    """What one regimen has more or less than another in the same people: the numbers that are looked at first."""
    site = words.main_site(simulation)
    plasma = words.outputs(simulation, "concentration")[:1]
    first = [*plasma, *(each for each in words.outputs(simulation, "blockade") if each.site == site)]
    named = {(each.id, each.reading): each.title for each in first}
    named |= {
        (each.id, each.reading): reading.title
        for reading in words.readings(simulation)
        for each in first
        if each.reading == reading.key
    }
    kinds = _OF_REPEATED if words.repeated(simulation) else _OF_SINGLE
    told = [
        each
        for each in simulation.differences
        if (each.output, each.reading) in named
        and each.kind in kinds
        and not each.window.startswith("first ")
    ]
    rows = tuple(
        (
            f"{each.arm} minus {each.minus}",
            f"{named[each.output, each.reading]}: {words.label(each)}",
            words.with_band(each),
        )
        for each in told
    )
    if not rows:
        return None
    return Table("Differences, in the same people", ("Regimens", "Number", "Difference"), rows)


def _outputs(arm: Arm) -> list[Output]:
    return list(dict.fromkeys(curve.output for curve in arm.curves))


def _tables(
    arm: Arm, title: str, outputs: Sequence[Output], heads: Sequence[str], brief: bool
) -> list[Table]:
    """One table for each stretch of time, with a row for each number that any of the outputs has.

    What compares intervals or follows them stands with the numbers of the last one.
    """
    found = [each for output in outputs for each in arm.summaries if words.belongs(each, output)]
    windows = list(dict.fromkeys(each.window for each in found if each.kind not in _OF_ALL))
    if not windows:
        windows = [""]
    if brief and len(windows) > 1:
        windows = [each for each in windows if not each.startswith("first ")]
    main = max(windows, key=lambda each: each.startswith("last "))
    tables = []
    for window in windows:
        kinds: dict[tuple[str, float | None], Summary] = {}
        for each in found:
            here = main if each.kind in _OF_ALL else each.window
            if here == window and not (brief and (each.kind in _MORE or _repeats(each))):
                kinds.setdefault((each.kind, each.level), each)
        rows = tuple(
            (
                words.label(example),
                *(
                    words.with_band(
                        words.summary(arm, output, kind, level, None if kind in _OF_ALL else window)
                    )
                    for output in outputs
                ),
            )
            for (kind, level), example in kinds.items()
        )
        tables.append(Table(f"{title}, {window}" if window else title, ("", *heads), rows))
    return [each for each in tables if each.rows]


def _repeats(each: Summary) -> bool:
    """A blockade before the next dose is nearly always the lowest."""
    return each.kind == "trough" and words.is_share(each)


def at_times(simulation: Simulation, outputs: Sequence[Output], since_last: bool = False) -> list[Table]:
    """What curves show as numbers: of the typical person, at some hours, or on some days lowest to highest.

    With `since_last`, time counts from the last dose.
    """
    named = {each.key: each.title for each in words.readings(simulation)}
    tables = []
    for output in outputs:
        found = {
            arm.name: (curve, arm.last_dose_hour if since_last else 0.0)
            for arm in simulation.arms
            for curve in arm.curves
            if curve.output == output
        }
        longest = max(float(curve.hours[-1]) - start for curve, start in found.values())
        days = longest > DAYS_FROM
        times = [each for each in (_DAYS if days else _HOURS) if each <= longest / (DAY if days else 1)]
        rows = []
        for time in times:
            cells = (_at(curve, start, time, days) for curve, start in found.values())
            rows.append((f"{'Day' if days else 'Hour'} {time:g}", *cells))
        title = named.get(output.reading, output.title)
        if output.slope is not None:
            title = f"{output.title}, slope {output.slope:g}; {title}"
        unit = "%" if output.unit == "1" else output.unit
        told = "lowest to highest of the day, typical person" if days else "typical person"
        since = " since the last dose" if since_last else ""
        tables.append(Table(f"{title}, {unit}{since}: {told}", ("Time", *found), tuple(rows)))
    return tables


def _at(curve: Curve, start: float, time: float, days: bool) -> str:
    shown = words.percent if curve.output.unit == "1" else words.number
    if not days:
        return shown(float(np.interp(start + time, curve.hours, curve.typical)))
    begin = start + (time - 1) * DAY
    inside = (curve.hours >= begin - 1e-9) & (curve.hours < begin + DAY - 1e-9)
    if not inside.any() or begin + DAY > curve.hours[-1] + 1e-6:
        return "–"
    least, most = float(curve.typical[inside].min()), float(curve.typical[inside].max())
    low, high = shown(least), shown(most)
    return low if low == high else f"{low}–{high}"
