"""The chart of what an opioid would still do: between the least and the greatest slope that its effect may have."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from posology.simulate.result import Arm, Curve, Simulation

from . import simulate_words as words
from .chart_data import DAY, DAYS_FROM, faded, interval, points
from .chart_parts import (
    Column,
    Form,
    Spec,
    doses,
    figure,
    missing,
    panel,
    timed,
    x_axis,
    y_axis,
)

_GREEN = "#00735A"
_HEIGHT = 112


def opioid_effect(simulation: Simulation) -> tuple[str, str, Callable[[Form], Spec]] | None:
    """Title, what it shows, and how it is drawn; None where there is no opioid in every reading."""
    output = words.opioid(simulation)
    if output is None:
        return None
    rivals = words.readings(simulation) or (words.Reading("", output.title, ""),)
    title = output.title
    says = (
        "Band: the typical person, between the flattest and the steepest relation of effect to free receptors"
        f" that is likely. {'Time counts from the last dose.' if simulation.washout else 'At the end of the regimen.'}"
        " It explains, and suggests nothing: to take more opioid against the blockade is a known cause of death."
        f" {words.briefly(simulation)}"
    ).strip()

    def draw(form: Form) -> Spec:
        width = form.panel(len(rivals))
        columns = []
        for reading in rivals:
            panels = []
            for arm in simulation.arms:
                pair = [
                    curve
                    for curve in arm.curves
                    if curve.output.id == output.id and curve.output.reading == reading.key
                ]
                panels.append(
                    _panel(arm, pair, width, simulation.washout) if pair else missing(width, _HEIGHT)
                )
            columns.append(Column(reading.title, "", tuple(panels)))
        return figure(form, title, says, columns, words.footer(simulation), gap=70)

    return title, says, draw


def _panel(arm: Arm, pair: list[Curve], width: int, washout: bool) -> Spec:
    window = faded(arm, pair[0].output.site) if washout else interval(arm)
    days = window.end - window.start > DAYS_FROM
    unit = "days" if days else "hours"
    since = "the last dose" if washout else "the dose" if window.even else "the start of the week"
    x = x_axis(days, window.end - window.start, f"{unit} since {since}")
    y = y_axis(None, 1.0, share=True)
    both = np.stack([curve.typical for curve in pair])
    between = Curve(
        pair[0].output, pair[0].hours, both.mean(axis=0), None, both.min(axis=0), both.max(axis=0)
    )
    edge = {"type": "line", "color": _GREEN, "strokeWidth": 1.5, "clip": True}
    inside = (arm.dose_hours >= window.start) & (arm.dose_hours < window.end)
    at = [(float(each) - window.start) / (DAY if days else 1.0) for each in arm.dose_hours[inside]]
    layers: list[Spec] = [
        {
            "mark": {"type": "area", "color": _GREEN, "opacity": 0.3, "clip": True},
            "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
        },
        {"mark": edge, "encoding": {"x": x, "y": {**y, "field": "low"}}},
        {"mark": edge, "encoding": {"x": x, "y": {**y, "field": "high"}}},
        doses(x, at, _HEIGHT),
    ]
    rows = timed(points(between, window, top=1.0), days, window.start)
    return panel(rows, layers, width, _HEIGHT, arm.name)
