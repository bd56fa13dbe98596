"""The chart that compares regimens: lowest, mean and highest blockade, and the day divided by blockade."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from posology.simulate.result import Arm, Output, Simulation

from . import simulate_words as words
from .chart_parts import DEPTHS, INK, ORANGE, PERCENT, QUIET, Column, Form, Spec, cut, figure

_ROW = 30
_DAY = 24.0
_LEGEND_GAP = 112
"""Pixels under a panel where its legend has another panel below it."""
_TEXT: Spec = {"type": "text", "fontSize": 12, "baseline": "middle"}


def comparison(simulation: Simulation, site: str) -> tuple[str, str, Callable[[Form], Spec]]:
    """Title, what it shows, and how it is drawn."""
    rivals = words.rivals(simulation, site)
    title = f"Regimens compared: {words.site_name(site)} receptors blocked"
    daily = words.repeated(simulation)
    says = (
        "Above: lowest, mean (dot) and highest blockade of the typical person, over the last interval between"
        " doses (after a single dose: over the whole time shown)"
        if daily
        else "Above: the highest blockade of the typical person after the dose"
    )
    says += f"; thin line: {words.BAND}" if words.people_band(simulation) else ""
    says += (
        ". Below: how many hours of a day are spent at which blockade."
        if daily
        else ". Below: for how long how much is blocked."
    )
    says = f"{says} {words.briefly(simulation)}".strip()

    def draw(form: Form) -> Spec:
        columns = []
        for reading in rivals:
            read = [(arm, words.read(arm, site, reading)) for arm in simulation.arms]
            found = [(arm, curve.output) for arm, curve in read if curve is not None]
            width = form.panel(len(rivals))
            panels = (_ranges(width, found, daily), _stretches(width, found, words.levels(simulation), daily))
            columns.append(Column(reading.title, "", panels))
        return figure(
            form, title, says, columns, words.footer(simulation), gap=52 if form.beside else _LEGEND_GAP
        )

    return title, says, draw


def _rows(found: Sequence[tuple[Arm, Output]]) -> Spec:
    return {
        "field": "arm",
        "type": "nominal",
        "sort": [arm.name for arm, _ in found],
        "axis": None,
        "scale": {"paddingInner": 0.1},
    }


def _names(y: Spec) -> Spec:
    """The arm's name over its row, so that long ones need no margin."""
    return {
        "mark": {**_TEXT, "align": "left", "fontSize": 12, "color": INK, "dy": -12},
        "encoding": {"y": y, "x": {"value": 0}, "text": {"field": "name"}},
    }


def _ranges(width: int, found: Sequence[tuple[Arm, Output]], daily: bool) -> Spec:
    values: list[dict[str, Any]] = []
    for arm, output in found:
        low, mean, high = words.span(arm, output)
        if low is None or mean is None or high is None:
            continue
        of_people = (low.value.low if daily else high.value.low, high.value.high)
        values.append({
            "arm": arm.name,
            "name": cut(arm.name, width - 90, 12),
            "min": low.value.typical,
            "mean": mean.value.typical,
            "max": high.value.typical,
            "low": of_people[0],
            "high": of_people[1],
            "told": f"{words.value(low)}–{words.value(mean)}–{words.value(high)} %"
            if daily
            else f"{words.value(high)} % {words.band(high)}".rstrip(),
        })  # fmt: skip
    y = _rows(found)
    x: Spec = {
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": {
            "labelExpr": PERCENT,
            "values": [0, 0.25, 0.5, 0.75, 1],
            "title": "blocked: lowest – mean – highest" if daily else "blocked, at most",
        },
    }
    people: list[Spec] = []
    if any(each["low"] is not None for each in values):
        people.append({
            "mark": {"type": "rule", "color": ORANGE, "strokeWidth": 1.5},
            "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}},
        })  # fmt: skip
    return {
        "data": {"values": values},
        "width": width,
        "height": {"step": _ROW + 12},
        "layer": [
            *people,
            {
                "mark": {"type": "bar", "color": ORANGE, "height": 9, "opacity": 0.55},
                "encoding": {"y": y, "x": {**x, "field": "min"}, "x2": {"field": "max"}},
            },
            {
                "mark": {"type": "point", "filled": True, "color": INK, "size": 45, "opacity": 1},
                "encoding": {"y": y, "x": {**x, "field": "mean" if daily else "max"}},
            },
            _names(y),
            {
                "mark": {**_TEXT, "align": "right", "dy": -12, "color": QUIET},
                "encoding": {"y": y, "x": {"value": "width"}, "text": {"field": "told"}},
            },
        ],
    }


def _stretches(width: int, found: Sequence[tuple[Arm, Output]], levels: Sequence[float], daily: bool) -> Spec:
    """The hours of a day by how much is blocked; of single doses the hours at or above the lowest level."""
    bands = [
        f"under {100 * levels[0]:g} %",
        *(f"{100 * low:g} to {100 * high:g} %" for low, high in pairwise(levels)),
        f"{100 * levels[-1]:g} % and more",
    ]
    colours = [DEPTHS[round(index * (len(DEPTHS) - 1) / (len(bands) - 1))] for index in range(len(bands))]
    spent: list[tuple[Arm, list[float]]] = []
    for arm, output in found:
        kind = "hours-above" if daily else "time-above"
        hours = [words.summary(arm, output, kind, level) for level in levels]
        known = [each.value.typical for each in hours if each is not None]
        if len(known) == len(levels):  # beside days, single doses have no day like any other
            spent.append((arm, [_DAY if daily else known[0], *known, 0.0]))
    longest = _DAY if daily else max((above[0] for _, above in spent), default=0.0) or 1.0
    values: list[dict[str, Any]] = []
    for arm, above in spent:
        start = 0.0
        for index in reversed(range(len(bands))):
            length = max(0.0, above[index] - above[index + 1])
            if length > 0:
                values.append({
                    "arm": arm.name,
                    "band": bands[index],
                    "from": start,
                    "to": start + length,
                    "middle": start + length / 2,
                    "told": words.time(length).replace(".0 h", " h") if length >= 0.09 * longest else "",
                    "ink": "#ffffff" if index >= len(bands) - 1 else INK,
                })  # fmt: skip
            start += length
    if not daily:
        bands, colours = bands[1:], colours[1:]
    y = _rows(found)
    x: Spec = {
        "type": "quantitative",
        "scale": {"domain": [0, longest]},
        "axis": {"values": [0, 6, 12, 18, 24], "title": "hours of a day", "grid": False}
        if daily
        else {"tickCount": 6, "title": "hours with so much blocked", "grid": False},
    }
    return {
        "data": {"values": values},
        "width": width,
        "height": {"step": _ROW + 12},
        "layer": [
            {
                "mark": {"type": "bar", "height": 18, "stroke": "#ffffff", "strokeWidth": 1},
                "encoding": {
                    "y": y,
                    "x": {**x, "field": "from"},
                    "x2": {"field": "to"},
                    "color": {
                        "field": "band",
                        "type": "nominal",
                        "scale": {"domain": bands, "range": colours},
                        "legend": {
                            "title": "blocked",
                            "orient": "bottom",
                            "labelFontSize": 12,
                            "titleFontSize": 12,
                            "titleFontWeight": "normal",
                            "symbolType": "square",
                            "columns": 2 if width < 300 else 4,
                        },
                    },
                },
            },
            {
                "mark": {**_TEXT, "align": "center"},
                "encoding": {
                    "y": y,
                    "x": {**x, "field": "middle"},
                    "text": {"field": "told"},
                    "color": {"field": "ink", "type": "nominal", "scale": None},
                },
            },
            {
                "data": {"values": [{"arm": arm.name, "name": cut(arm.name, width, 12)} for arm, _ in found]},
                **_names(y),
                "mark": {**_TEXT, "align": "left", "color": INK, "dy": -17},
            },
        ],
        "resolve": {"scale": {"color": "independent"}},
    }
