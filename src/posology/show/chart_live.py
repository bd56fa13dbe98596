"""Small charts that are drawn within milliseconds: curves of one or two regimens in one panel, as plain SVG.

Their colours are those of classes in the page's style sheet, so that they follow its colour scheme.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from markupsafe import Markup, escape

from posology.simulate.result import Curve

WIDTH, HEIGHT = 460, 230
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 10, 12, 34
_POINTS = 240
_DAYS_FROM = 72.0
_TICKS = 6
_STEPS = (1, 2, 3, 6, 12, 24, 48, 72, 168, 336, 672)
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Panel:
    """What one chart shows: an output, in one curve for each regimen.

    `stops` are hours of last doses after which washout is watched; `name` begins the ids in the drawing.
    """

    name: str
    title: str
    curves: tuple[Curve, ...]
    arms: tuple[str, ...]
    levels: tuple[float, ...] = ()
    stops: tuple[float, ...] = ()

    @property
    def share(self) -> bool:
        """Is it a share from 0 to 1, and no concentration?"""
        return self.curves[0].output.unit == "1"

    @property
    def says(self) -> str:
        """What the chart shows, in a sentence for whoever does not see it."""
        told = []
        for arm, curve in zip(self.arms, self.curves, strict=True):
            least, most = float(curve.typical.min()), float(curve.typical.max())
            told.append(f"{arm}: from {_shown(least, self.share)} to {_shown(most, self.share)}")
        unit = "" if self.share else f", {self.curves[0].output.unit}"
        return f"{self.title}{unit}, over {_span(float(self.curves[0].hours[-1]))}; typical person. {'; '.join(told)}."


def svg(panel: Panel) -> Markup:
    """The chart, with a title and a description."""
    end = max(float(curve.hours[-1]) for curve in panel.curves)
    top = 1.0 if panel.share else _nice(max(_highest(curve) for curve in panel.curves))
    across, up = _Scale(0.0, end, _LEFT, WIDTH - _RIGHT), _Scale(0.0, top, HEIGHT - _BOTTOM, _TOP)
    parts = [*_axes(panel, end, top, across, up)]
    for number, curve in enumerate(panel.curves):
        if curve.low is not None and curve.high is not None:
            parts.append(f'<path class="band a{number}" d="{_band(curve, across, up)}"/>')
    for number, curve in enumerate(panel.curves):
        parts.append(f'<path class="line a{number}" d="{_line(curve, across, up)}"/>')
    for stop in sorted(set(panel.stops)):
        x = across(stop)
        parts.append(f'<path class="stop" d="M{x:.1f} {_TOP}V{HEIGHT - _BOTTOM}"/>')
        near = x < WIDTH - 90
        anchor = "" if near else ' text-anchor="end"'
        parts.append(f'<text x="{x + (4 if near else -4):.1f}" y="{_TOP + 10}"{anchor}>last dose</text>')
    head = Markup(
        '<svg class="live" viewBox="0 0 {w} {h}" role="img" aria-labelledby="{n}-title {n}-desc">'
        '<title id="{n}-title">{title}</title><desc id="{n}-desc">{says}</desc>'
    ).format(w=WIDTH, h=HEIGHT, n=panel.name, title=panel.title, says=panel.says)
    # Everything in the parts is made of numbers and of words of this module.
    return head + Markup("".join(parts)) + Markup("</svg>")


@dataclass(frozen=True, slots=True)
class _Scale:
    """Values to places on the drawing."""

    from_: float
    to: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.from_) / (self.to - self.from_) * (self.end - self.start)

    def all(self, values: Floats) -> Floats:
        return np.asarray(
            self.start + (values - self.from_) / (self.to - self.from_) * (self.end - self.start)
        )


def _axes(panel: Panel, end: float, top: float, across: _Scale, up: _Scale) -> list[str]:
    days = end > _DAYS_FROM
    step = next(
        (each for each in _STEPS if end / each <= _TICKS + 1),
        _STEPS[-1] * math.ceil(end / _STEPS[-1] / _TICKS),
    )
    parts = []
    for value in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = up(value * top)
        label = f"{100 * value:.0f} %" if panel.share else _number(value * top)
        parts.append(f'<path class="grid-line" d="M{_LEFT} {y:.1f}H{WIDTH - _RIGHT}"/>')
        parts.append(f'<text x="{_LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{escape(label)}</text>')
    for level in panel.levels:
        parts.append(f'<path class="level" d="M{_LEFT} {up(level):.1f}H{WIDTH - _RIGHT}"/>')
    at = 0.0
    while at <= end + 1e-9:
        label = f"{at / 24:g}" if days else f"{at:g}"
        parts.append(
            f'<text x="{across(at):.1f}" y="{HEIGHT - _BOTTOM + 15}" text-anchor="middle">{label}</text>'
        )
        at += step
    name = "days since the first dose" if days else "hours since the first dose"
    parts.append(
        f'<text x="{(_LEFT + WIDTH - _RIGHT) / 2:.0f}" y="{HEIGHT - 4}" text-anchor="middle">{name}</text>'
    )
    return parts


def _buckets(curve: Curve, values: Floats) -> tuple[Floats, Floats, Floats]:
    """Hours, least and greatest of as many stretches as a small chart has room for."""
    size = max(1, math.ceil(len(values) / _POINTS))
    starts = np.arange(0, len(values), size)
    return (
        curve.hours[starts],
        np.asarray(np.minimum.reduceat(values, starts)),
        np.asarray(np.maximum.reduceat(values, starts)),
    )


def _line(curve: Curve, across: _Scale, up: _Scale) -> str:
    hours, least, most = _buckets(curve, curve.typical)
    x, low, high = across.all(hours), up.all(least), up.all(most)
    # Up and down within a stretch, so that no peak between two doses is lost.
    steps = [
        f"{at:.1f} {a:.1f}" if abs(a - b) < 0.05 else f"{at:.1f} {a:.1f} {at:.1f} {b:.1f}"
        for at, a, b in zip(x.tolist(), low.tolist(), high.tolist(), strict=True)
    ]
    return "M" + "L".join(steps)


def _band(curve: Curve, across: _Scale, up: _Scale) -> str:
    assert curve.low is not None and curve.high is not None
    hours, least, _ = _buckets(curve, curve.low)
    _, _, most = _buckets(curve, curve.high)
    x, low, high = across.all(hours).tolist(), up.all(least).tolist(), up.all(most).tolist()
    there = [f"{at:.1f} {y:.1f}" for at, y in zip(x, high, strict=True)]
    back = [f"{at:.1f} {y:.1f}" for at, y in zip(reversed(x), reversed(low), strict=True)]
    return "M" + "L".join([*there, *back]) + "Z"


def _highest(curve: Curve) -> float:
    return float((curve.high if curve.high is not None else curve.typical).max())


def _nice(value: float) -> float:
    """A round number at or above it, in which quarters are round too."""
    if not value > 0:
        return 1.0
    size = 10.0 ** math.floor(math.log10(value))
    return next(
        each * size for each in (1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10) if each * size >= value * (1 - 1e-9)
    )


def _number(value: float) -> str:
    return f"{value:.3g}"


def _shown(value: float, share: bool) -> str:
    return f"{100 * value:.0f} %" if share else _number(value)


def _span(hours: float) -> str:
    return f"{hours / 24:g} days" if hours > _DAYS_FROM else f"{hours:g} hours"
