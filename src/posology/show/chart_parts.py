"""Pieces of a chart as Vega-Lite: panels, bands, lines, levels, doses; and how all charts look.

Specifications are plain data. Each panel has one series, so colour only supports what titles say; the
palette is that of Okabe and Ito, whose hues also differ in grey.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .chart_data import DAY, Row
from .escape import plain

Spec = dict[str, Any]
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.1.json"
INK, QUIET, LINE = "#1b1f24", "#505a64", "#d5dbe1"
BLUE, ORANGE = "#0072B2", "#B8500A"
ROW_GAP, COLUMN_GAP = 56, 84
"""Pixels between plots, for their axes and titles."""
DEPTHS = ("#e8edf2", "#a9c9e2", "#5b9bc9", "#0b4f7d")
"""From little blockade to much; ordered in grey too."""
PERCENT = "format(100 * datum.value, '.0f') + ' %'"
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
CONFIG: Spec = {
    "aria": False,
    "background": "#ffffff",
    "font": FONT,
    "view": {"stroke": None},
    "line": {"strokeJoin": "round"},
    "axis": {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelColor": QUIET,
        "titleColor": QUIET,
        "gridColor": "#eef1f4",
        "domainColor": LINE,
        "tickColor": LINE,
        "labelLimit": 260,
    },
    "title": {"anchor": "start", "color": INK, "subtitleColor": QUIET, "frame": "group"},
    "concat": {"spacing": 22},
}


_WIDE_LETTER = 0.6
"""Mean width of a letter in a wide font, as a share of its size."""
_MARGIN = 52
"""Pixels left of a plot, for the labels of its axis: texts begin where plots do."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a chart is laid out: side by side for a page, or one under the other for a phone."""

    name: str
    width: int
    beside: bool

    def panel(self, columns: int) -> int:
        """Width of a panel when there are so many columns."""
        return (self.width - COLUMN_GAP * columns) // columns if self.beside else self.width - COLUMN_GAP

    def wrapped(self, text: str, size: int, columns: int = 1) -> list[str]:
        """A text in lines that fit at a font size, also in a wider font than the one asked for."""
        width = self.width // columns - 12 if self.beside else self.width - _MARGIN
        return textwrap.wrap(text, max(20, int(width / (_WIDE_LETTER * size)))) or [""]


_HOURS = (0.25, 0.5, 1, 2, 3, 6, 12, 24)
_DAYS = (0.5, 1, 2, 7, 14, 28, 56, 84, 182, 364)
"""Steps of a time axis."""
WIDE = Form("wide", 900, True)
NARROW = Form("narrow", 350, False)


def x_axis(days: bool, end: float, title: str, *, last: bool = True) -> Spec:
    """Time until `end` (in hours) in days or in hours; titled only under the `last` panel."""
    span = end / (DAY if days else 1.0)
    step = next((each for each in (_DAYS if days else _HOURS) if span / each <= 8), span)
    return {
        "field": "x",
        "type": "quantitative",
        "scale": {"domain": [0, span], "nice": False},
        "axis": {
            "title": title if last else None,
            "values": [step * index for index in range(int(span / step + 1e-6) + 1)],
            "format": "~f",
            "grid": False,
            "labelFlush": False,
            "labelOverlap": False,
        },
    }


def y_axis(title: str | None, top: float, *, floor: float = 0.0, share: bool = False) -> Spec:
    """Height: a share in per cent, a linear scale from 0, or with `floor` a logarithmic one."""
    if share:
        axis: Spec = {"values": [0, 0.25, 0.5, 0.75, 1], "labelExpr": PERCENT, "grid": False}
        scale: Spec = {"domain": [0, 1]}
    elif floor:
        first, last = math.ceil(math.log10(floor) - 1e-9), math.floor(math.log10(top) + 1e-9)
        axis = {"values": [10.0**power for power in range(first, last + 1)], "format": "~g"}
        scale = {"type": "log", "domain": [floor, top]}
    else:
        axis = {"tickCount": 4}
        scale = {"domain": [0, top], "nice": True}
    return {"type": "quantitative", "scale": scale, "axis": {**axis, "title": title, "titlePadding": 6}}


def timed(rows: Sequence[Row], days: bool, start: float = 0.0) -> list[Row]:
    """Rows with their moment as `x`, in days or hours since `start`; numbers as short as they are exact."""
    return [
        {
            name if name != "hour" else "x": _short(
                (each - start) / (DAY if days else 1.0) if name == "hour" else each
            )
            for name, each in row.items()
        }
        for row in rows
    ]


def _short(value: float) -> float:
    return float(f"{value:.5g}")


def band(x: Spec, y: Spec, colour: str) -> Spec:
    """The area between `low` and `high`."""
    return {
        "mark": {"type": "area", "color": colour, "opacity": 0.2, "clip": True},
        "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
    }


def day_range(x: Spec, y: Spec, colour: str) -> list[Spec]:
    """The area between the lowest and the highest of each day, with its edges."""
    edge = {"type": "line", "color": colour, "strokeWidth": 1.2, "clip": True}
    return [
        {
            "mark": {"type": "area", "color": colour, "opacity": 0.45, "clip": True},
            "encoding": {"x": x, "y": {**y, "field": "y"}, "y2": {"field": "y2"}},
        },
        {"mark": edge, "encoding": {"x": x, "y": {**y, "field": "y"}}},
        {"mark": edge, "encoding": {"x": x, "y": {**y, "field": "y2"}}},
    ]


def line(x: Spec, y: Spec, colour: str, dashed: bool = False) -> Spec:
    """The typical person."""
    mark: Spec = {"type": "line", "color": colour, "strokeWidth": 1.8, "clip": True}
    if dashed:
        mark["strokeDash"] = [6, 2]
    return {"mark": mark, "encoding": {"x": x, "y": {**y, "field": "y"}}}


def level_rules(x: Spec, y: Spec, levels: Sequence[float]) -> list[Spec]:
    """Light rules at levels of blockade, each with its name at the right edge."""
    data = {"values": [{"y": each, "name": f"{100 * each:g} %"} for each in levels]}
    return [
        {
            "data": data,
            "mark": {"type": "rule", "color": "#8a949e", "strokeDash": [2, 3], "strokeWidth": 1},
            "encoding": {"y": {**y, "field": "y"}},
        },
        {
            "data": data,
            "mark": {
                "type": "text",
                "align": "left",
                "dx": 4,
                "fontSize": 11,
                "color": QUIET,
                "baseline": "middle",
            },
            "encoding": {
                "y": {**y, "field": "y"},
                "x": {"datum": x["scale"]["domain"][1], "type": "quantitative"},
                "text": {"field": "name"},
            },
        },
    ]


def doses(x: Spec, at: Sequence[float], height: int) -> Spec:
    """A mark for each dose, on the bottom line."""
    return {
        "data": {"values": [{"x": _short(each)} for each in at]},
        "mark": {
            "type": "point",
            "shape": "triangle-up",
            "filled": True,
            "size": 34 if len(at) <= 12 else 14,
            "color": INK,
            "opacity": 0.8,
            "clip": False,
        },
        "encoding": {"x": x, "y": {"value": height}},
    }


def panel(rows: Sequence[Row], layers: Sequence[Spec], width: int, height: int, title: str = "") -> Spec:
    """One panel, with its title over it."""
    spec: Spec = {
        "data": {"values": list(rows)},
        "width": width,
        "height": height,
        "layer": list(layers),
    }
    if title:
        spec["layer"].append(label(cut(title, width, 13), -14, size=13, bold=True))
    return spec


def text_width(text: str, size: int) -> float:
    """How many pixels a text takes at most, about."""
    return _WIDE_LETTER * size * len(text)


def cut(text: str, width: int, size: int) -> str:
    """A text that fits in one line of so many pixels; where it is cut, it ends in an ellipsis."""
    return plain(text, max(8, int(width / (_WIDE_LETTER * size))))


def label(
    text: str | list[str], y: float, *, size: int = 12, bold: bool = False, quiet: bool = False
) -> Spec:
    """Text at the left edge of a panel, `y` pixels from its top: titles that axes cannot push about."""
    return {
        "data": {"values": [{}]},
        "mark": {
            "type": "text",
            "text": text,
            "align": "left",
            "baseline": "middle",
            "fontSize": size,
            "fontWeight": "bold" if bold else "normal",
            "lineHeight": size + 4,
            "color": QUIET if quiet else INK,
        },
        "encoding": {"x": {"value": 0}, "y": {"value": y}},
    }


def missing(width: int, height: int) -> Spec:
    """An empty panel, where a model does not give what the column shows."""
    return panel(
        [{"y": 0.5}],
        [
            {
                "mark": {"type": "text", "color": QUIET, "fontSize": 12},
                "encoding": {"text": {"value": "not part of this model"}},
            }
        ],
        width,
        height,
    )


@dataclass(frozen=True, slots=True)
class Column:
    """Panels for one thing that is shown, one for each regimen, under a heading."""

    title: str
    caption: str
    panels: tuple[Spec, ...]


def figure(
    form: Form, title: str, subtitle: str, columns: Sequence[Column], footer: str, gap: int = ROW_GAP
) -> Spec:
    """The whole chart: columns beside or under each other, what it shows above, where it is from below.

    `gap`: pixels between rows of plots, for their axes and titles; plots are aligned by their frames.
    """
    bare = form.beside and not any(
        each.caption or len(form.wrapped(each.title, 15, len(columns))) > 1 for each in columns
    )
    if bare:  # titles of one line, which fit over the first panels
        for each in columns:
            each.panels[0]["layer"].append(label(each.title, -38, size=14, bold=True))
    heads = [] if bare else [_heading(form, each, columns, gap) for each in columns]
    if form.beside:
        rows = zip(*(each.panels for each in columns), strict=True)
        grid = [*heads, *(cell for row in rows for cell in row)]
    else:
        grid = [cell for head, each in zip(heads, columns, strict=True) for cell in (head, *each.panels)]
    return {
        "$schema": SCHEMA,
        "padding": 12,
        "title": {
            "text": form.wrapped(footer, 11),
            "orient": "bottom",
            "fontSize": 11,
            "fontWeight": "normal",
            "color": QUIET,
            "offset": 12,
        },
        "vconcat": [
            {
                "title": {
                    "text": form.wrapped(title, 20),
                    "subtitle": form.wrapped(subtitle, 13),
                    "fontSize": 17,
                    "subtitleFontSize": 13,
                    "subtitlePadding": 6,
                    "offset": 20,
                },
                "concat": grid,
                "columns": len(columns) if form.beside else 1,
                "bounds": "flush",
                "spacing": {"row": gap, "column": COLUMN_GAP},
            }
        ],
        "config": CONFIG,
    }


def _heading(form: Form, column: Column, columns: Sequence[Column], gap: int) -> Spec:
    """Title and caption of a column as text in a panel of its own, as high as the longest beside it."""
    count = len(columns)
    title = form.wrapped(column.title, 15, count)
    caption = form.wrapped(column.caption, 12, count) if column.caption else []
    beside = columns if form.beside else [column]
    height = max(
        18 * len(form.wrapped(each.title, 15, count))
        + (16 * len(form.wrapped(each.caption, 12, count)) + 4 if each.caption else 0)
        for each in beside
    )
    layers = [label(title, 0, size=14, bold=True)]
    if caption:
        layers.append(label(caption, 18 * len(title) + 2, quiet=True))
    # The gap below it has a title in it, but no axis.
    return {"width": form.panel(count), "height": max(1, height + 32 - gap), "layer": layers}
