"""The charts of a simulation, as Vega-Lite. One function a chart; `charts` gives those that apply.

Rival readings of a receptor are always drawn side by side on the same axes, never one alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from posology.simulate.result import Arm, Curve, Output, Simulation

from . import simulate_words as words
from .chart_compared import comparison
from .chart_data import DAY, DAYS_FROM, Window, interval, least, many_doses, peak, points, ranges
from .chart_opioid import opioid_effect
from .chart_parts import (
    BLUE,
    NARROW,
    ORANGE,
    WIDE,
    Column,
    Form,
    Spec,
    band,
    day_range,
    doses,
    figure,
    level_rules,
    line,
    missing,
    panel,
    timed,
    x_axis,
    y_axis,
)
from .chart_washout import washout

_HEIGHT = 112
_FEW_DOSES = 8
_LONG_NAME = 28
_LOG_RATIO = 6.0
"""Arms whose peaks differ more than this are compared on a logarithmic axis."""
_DECADES = 4
"""What a logarithmic axis shows at most."""


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: its name in file names, what it shows, in one sentence and in a few, and how it is drawn.

    `outputs` are those whose course it shows from end to end, or `since_last` the last dose.
    """

    id: str
    title: str
    says: str
    spec: Callable[[Form], Spec]
    outputs: tuple[Output, ...] = ()
    since_last: bool = False

    def wide(self) -> Spec:
        """For a page, a slide or paper."""
        return self.spec(WIDE)

    def narrow(self) -> Spec:
        """For a phone."""
        return self.spec(NARROW)


def charts(simulation: Simulation) -> list[Chart]:
    """The charts that this simulation has something to show in."""
    # What are names in the monograph are told with what they mean; names that are cut stay apart by their numbers.
    long = len(simulation.arms) > 1 and max(len(arm.name) for arm in simulation.arms) > _LONG_NAME
    shown = (
        replace(arm, name=f"{at}. {words.named(arm)}" if long else words.named(arm))
        for at, arm in enumerate(simulation.arms, 1)
    )
    simulation = replace(simulation, arms=tuple(shown))
    found: list[Chart] = []
    if words.outputs(simulation, "concentration"):
        found.append(_concentration(simulation))
    site = words.main_site(simulation)
    if site:
        found.append(_blockade(simulation, site))
    if any(len(arm.dose_hours) > 1 for arm in simulation.arms):
        found.append(_interval(simulation, site))
    if site and len(simulation.arms) > 1:
        title, says, draw = comparison(simulation, site)
        found.append(Chart("comparison", title, says, draw))
    if site and simulation.washout:
        title, says, draw = washout(simulation, site)
        found.append(Chart("washout", title, says, draw, _read(simulation, site), since_last=True))
    opioid = opioid_effect(simulation)
    if opioid is not None:
        title, says, draw = opioid
        found.append(
            Chart("opioid-effect", title, says, draw, _opioids(simulation), since_last=simulation.washout)
        )
    others = _other_receptors(simulation, site)
    return [*found, others] if others is not None else found


def _concentration(simulation: Simulation) -> Chart:
    outputs = words.outputs(simulation, "concentration")
    floors = {output.id: _floor(simulation, output.id) for output in outputs}
    title = f"{simulation.drug_name} in plasma over time"
    says = _what_is_drawn(simulation)
    if any(floors.values()):
        says += " The scale is logarithmic: each line up is ten times as much."

    def draw(form: Form) -> Spec:
        columns = []
        for output in outputs:
            found = _of(simulation, output)
            top = max(peak(curve) for curve in found if curve is not None)
            floor = floors[output.id]
            look = Look(form.panel(len(outputs)), BLUE, floor=floor, top=1.3 * top if floor else top)
            columns.append(Column(f"{output.title}, {output.unit}", "", _column(simulation, found, look)))
        return figure(form, title, says, columns, words.footer(simulation))

    return Chart("concentration", title, says, draw, tuple(outputs))


def _blockade(simulation: Simulation, site: str) -> Chart:
    rivals = words.rivals(simulation, site)
    title = f"Share of {words.site_name(site)} receptors blocked over time"
    says = _what_is_drawn(simulation)
    if len(rivals) > 1:
        says = (
            f"{len(rivals)} readings of the same receptors, side by side; which one holds at these doses is "
            f"not known. {says}"
        )
    says = f"{says} {words.briefly(simulation)}".strip()

    def draw(form: Form) -> Spec:
        columns = [
            Column(
                reading.title,
                reading.says,
                _column(
                    simulation,
                    [words.read(arm, site, reading) for arm in simulation.arms],
                    Look(form.panel(len(rivals)), ORANGE, levels=words.levels(simulation), dashed=number > 0),
                ),
            )
            for number, reading in enumerate(rivals)
        ]
        return figure(form, title, says, columns, words.footer(simulation))

    return Chart("blockade", title, says, draw, _read(simulation, site))


def _read(simulation: Simulation, site: str) -> tuple[Output, ...]:
    return tuple(each for each in words.outputs(simulation, "blockade") if each.site == site)


def _opioids(simulation: Simulation) -> tuple[Output, ...]:
    return tuple(
        dict.fromkeys(
            curve.output
            for arm in simulation.arms
            for curve in arm.curves
            if curve.output.kind == "challenge"
        )
    )


def _interval(simulation: Simulation, site: str) -> Chart:
    repeated = replace(simulation, arms=tuple(arm for arm in simulation.arms if len(arm.dose_hours) > 1))
    windows = [interval(arm) for arm in repeated.arms]
    rivals = words.rivals(simulation, site) if site else ()
    title = (
        "One day at the end of the regimen"
        if all(window.end - window.start == DAY for window in windows)
        else "The end of the regimen, close up"
    )
    says = (
        "From one of the last doses to the next; of schedules that are not even, the last whole week. "
        + f"{_lines(simulation)} {words.briefly(simulation)}".strip()
    )
    first = words.outputs(repeated, "concentration")[:1]
    count = len(first) + len(rivals)

    def draw(form: Form) -> Spec:
        columns = []
        for output in first:
            found = _of(repeated, output)
            look = Look(form.panel(count), BLUE, close=True)
            columns.append(
                Column(f"{output.title}, {output.unit}", "", _column(repeated, found, look, windows))
            )
        for number, reading in enumerate(rivals):
            look = Look(
                form.panel(count), ORANGE, levels=words.levels(simulation), dashed=number > 0, close=True
            )
            found = [words.read(arm, site, reading) for arm in repeated.arms]
            columns.append(Column(reading.title, "", _column(repeated, found, look, windows)))
        return figure(form, title, says, columns, words.footer(simulation), gap=70)

    return Chart("interval", title, says, draw)


def _other_receptors(simulation: Simulation, site: str) -> Chart | None:
    outputs = [each for each in words.outputs(simulation, "blockade") if each.site != site]
    if not outputs:
        return None
    names = " and ".join(dict.fromkeys(words.site_name(each.site) for each in outputs))
    title = f"Share of {names} receptors blocked over time"
    says = f"{_what_is_drawn(simulation)} Less is known of these than of {words.site_name(site)} receptors."

    def draw(form: Form) -> Spec:
        look = Look(form.panel(len(outputs)), ORANGE, levels=words.levels(simulation))
        columns = [
            Column(output.title, "", _column(simulation, _of(simulation, output), look)) for output in outputs
        ]
        return figure(form, title, says, columns, words.footer(simulation))

    return Chart("other-receptors", title, says, draw, tuple(outputs))


@dataclass(frozen=True, slots=True)
class Look:
    """How the panels of a column are drawn. `close`: a part of the curve, timed from its start."""

    width: int
    colour: str
    floor: float = 0.0
    top: float = 0.0
    """Highest value of the axis; 0: of each panel its own."""
    levels: Sequence[float] = ()
    dashed: bool = False
    close: bool = False


def _of(simulation: Simulation, output: Output) -> list[Curve | None]:
    return [
        next((curve for curve in arm.curves if curve.output.id == output.id), None) for arm in simulation.arms
    ]


def _column(
    simulation: Simulation, found: Sequence[Curve | None], look: Look, windows: Sequence[Window] = ()
) -> tuple[Spec, ...]:
    panels = []
    for number, (arm, curve) in enumerate(zip(simulation.arms, found, strict=True)):
        if curve is None:
            panels.append(missing(look.width, _HEIGHT))
            continue
        window = windows[number] if windows else Window(0.0, float(curve.hours[-1]))
        panels.append(_panel(arm, curve, window, look, last=number == len(found) - 1))
    return tuple(panels)


def _panel(arm: Arm, curve: Curve, window: Window, look: Look, last: bool) -> Spec:
    days = window.end - window.start > DAYS_FROM
    unit = DAY if days else 1.0
    since = "the dose" if window.even else "the start of the week"
    name = f"{'days' if days else 'hours'} since {since if look.close else 'the first dose'}"
    share = curve.output.kind == "blockade"
    top = 1.0 if share else look.top or peak(curve, window)
    x = x_axis(days, window.end - window.start, name, last=last or look.close)
    y = y_axis(None, top, floor=look.floor, share=share)
    comb = many_doses(arm, window)
    rows = (
        ranges(curve, window, floor=look.floor, top=top)
        if comb
        else points(curve, window, floor=look.floor, top=top)
    )
    layers: list[Spec] = []
    if look.levels:
        layers += level_rules(x, y, look.levels)
    if curve.low is not None:
        layers.append(band(x, y, look.colour))
    inside = (arm.dose_hours >= window.start) & (arm.dose_hours < window.end)
    # A dash between many doses would hide the curve.
    dashed = look.dashed and int(inside.sum()) <= _FEW_DOSES
    layers += day_range(x, y, look.colour) if comb else [line(x, y, look.colour, dashed)]
    layers.append(doses(x, [(float(at) - window.start) / unit for at in arm.dose_hours[inside]], _HEIGHT))
    return panel(timed(rows, days, window.start), layers, look.width, _HEIGHT, arm.name)


def _floor(simulation: Simulation, output: str) -> float:
    """The bottom of a logarithmic axis; 0 where a linear one shows the arms well enough."""
    found = [(arm, curve) for arm in simulation.arms for curve in arm.curves if curve.output.id == output]
    peaks = [peak(curve) for _, curve in found]
    if not simulation.washout and max(peaks) <= _LOG_RATIO * min(peaks):
        return 0.0
    lows = [float(curve.typical[-1]) if simulation.washout else least(arm, curve) for arm, curve in found]
    shown = max(min(lows), max(peaks) / 10**_DECADES)
    return float(10.0 ** math.floor(math.log10(shown)))


def _lines(simulation: Simulation) -> str:
    line = "Line: the typical person."
    return f"{line} Pale band: {words.BAND}." if words.people_band(simulation) else line


def _what_is_drawn(simulation: Simulation) -> str:
    combs = {many_doses(arm, Window(0.0, float(arm.curves[0].hours[-1]))) for arm in simulation.arms}
    if combs == {False}:
        told = ["Line: the typical person."]
    else:
        told = [
            f"{'Dark band' if combs == {True} else 'Line or dark band'}: the typical person"
            " (band: from each day’s lowest to its highest)."
        ]
    if words.people_band(simulation):
        told.append(f"Pale band: {words.BAND}.")
    return " ".join([*told, "Triangles: doses."])
