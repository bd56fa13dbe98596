"""The chart of what is left after the last dose: blockade over days, and when it falls below each level."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from posology.simulate.result import Arm, Convention, Curve, Simulation, Summary

from . import simulate_words as words
from .chart_data import DAY, DAYS_FROM, faded, points
from .chart_parts import (
    BLUE,
    INK,
    ORANGE,
    Column,
    Form,
    Spec,
    band,
    figure,
    label,
    level_rules,
    line,
    missing,
    panel,
    text_width,
    timed,
    x_axis,
    y_axis,
)

_HEIGHT = 190
_ASIDE = {"left": 7, "right": 0}
"""Pixels between a dot and its words, by how they are aligned."""


def washout(simulation: Simulation, site: str) -> tuple[str, str, Callable[[Form], Spec]]:
    """Title, what it shows, and how it is drawn."""
    rivals = words.rivals(simulation, site)
    title = f"After the last dose: share of {words.site_name(site)} receptors still blocked"
    says = "Line: the typical person; dots: when blockade falls below a level for good" + (
        f", with {words.BAND} in brackets and as the pale band." if words.people_band(simulation) else "."
    )
    if any(arm.conventions for arm in simulation.arms):
        says += " Blue: what is usually kept to, which the model never shortens."
    says = f"{says} Blockade lost does not mean safe: tolerance is lost with it. {words.briefly(simulation)}".strip()

    def draw(form: Form) -> Spec:
        columns = []
        for number, reading in enumerate(rivals):
            width = form.panel(len(rivals))
            read = [(arm, words.read(arm, site, reading)) for arm in simulation.arms]
            panels = [
                _panel(width, arm, curve, words.levels(simulation), number > 0)
                if curve is not None
                else missing(width, _HEIGHT)
                for arm, curve in read
            ]
            columns.append(Column(reading.title, reading.says, tuple(panels)))
        return figure(
            form,
            title,
            says,
            columns,
            words.footer(simulation),
            gap=88 if any(arm.conventions for arm in simulation.arms) else 70,
        )

    return title, says, draw


def _panel(width: int, arm: Arm, curve: Curve, levels: Sequence[float], dashed: bool) -> Spec:
    window = faded(arm, curve.output.site)
    days = window.end - window.start > DAYS_FROM
    unit = DAY if days else 1.0
    x = x_axis(days, window.end - window.start, f"{'days' if days else 'hours'} since the last dose")
    y = y_axis(None, 1.0, share=True)
    layers = level_rules(x, y, levels)
    if curve.low is not None:
        layers.append(band(x, y, ORANGE))
    layers.append(line(x, y, ORANGE, dashed))
    crossings: list[dict[str, Any]] = []
    for level in levels:
        below = words.summary(arm, curve.output, "below-after", level)
        if below is None or math.isnan(below.value.typical) or below.value.typical == 0:
            continue
        crossings.append(_crossing(below, level, width, x["scale"]["domain"][1], unit))
    at = {"x": {**x, "field": "x"}, "y": {**y, "field": "y"}}
    layers += [
        {
            "data": {"values": crossings},
            "mark": {"type": "point", "filled": True, "color": INK, "size": 50, "opacity": 1},
            "encoding": at,
        },
        *(_told([each for each in crossings if each["align"] == align], at, align) for align in _ASIDE),
    ]
    layers = [*(_marked(x, each, unit) for each in arm.conventions), *layers]
    if arm.conventions:
        layers.append(_named([each.says for each in arm.conventions]))
    rows = timed(points(curve, window, top=1.0), days, window.start)
    return panel(rows, layers, width, _HEIGHT, arm.name)


def _crossing(below: Summary, level: float, width: int, end: float, unit: float) -> dict[str, Any]:
    """A dot on a level with its words: as many as have room beside it, else as few as end at the edge."""
    place = below.value.typical * DAY / unit
    room = width * (1 - place / end)
    short = words.with_band(below)
    told = f"below {100 * level:g} %: {short}"
    if text_width(told, 12) <= room:
        return {"x": place, "y": level, "told": told, "align": "left"}
    fits = text_width(short, 12) <= room
    return {"x": place, "y": level, "told": short, "align": "left" if fits else "right"}


def _told(crossings: list[dict[str, Any]], at: Spec, align: str) -> Spec:
    """The words of dots: after the dot, or up to the edge of the panel."""
    return {
        "data": {"values": crossings},
        "mark": {"type": "text", "align": align, "dx": _ASIDE[align], "dy": -8, "fontSize": 12, "color": INK},
        "encoding": {
            **at,
            "text": {"field": "told"},
            **({"x": {"value": "width"}} if align == "right" else {}),
        },
    }


def _marked(x: Spec, convention: Convention, unit: float) -> Spec:
    """The span that people go by, behind the curve."""
    return {
        "data": {"values": [{"from": convention.from_hours / unit, "to": convention.to_hours / unit}]},
        "mark": {"type": "rect", "color": BLUE, "opacity": 0.14, "clip": True},
        "encoding": {
            "x": {**x, "field": "from"},
            "x2": {"field": "to"},
            "y": {"value": 0},
            "y2": {"value": _HEIGHT},
        },
    }


def _named(says: list[str]) -> Spec:
    """What the marks are, under the axis, where no curve is."""
    spec = label([f"Blue: {each}" for each in says], _HEIGHT + 48)
    return {**spec, "mark": {**spec["mark"], "color": BLUE}}
