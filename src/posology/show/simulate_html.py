"""The page of a simulation: charts as inline SVG, the same as tables, readings, parameters with their sources."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from markupsafe import Markup

from posology.check.explain import Sources
from posology.check.result import CitedSource
from posology.monograph.load import Library
from posology.simulate.result import Arm, Simulation

from . import simulate_words
from .chart_draw import svg
from .charts import Chart, charts
from .html import documents, page
from .simulate_table import Table, arm_tables, at_times, compared, differences


class Drawn(NamedTuple):
    """A chart on the page: for a wide and for a narrow window, and what it shows as numbers."""

    id: str
    wide: Markup
    narrow: Markup
    table: list[Table]


class Numbers(NamedTuple):
    """The tables of one regimen."""

    arm: Arm
    tables: list[Table]


def render(simulation: Simulation, library: Library) -> str:
    """The answer as an HTML document, self-contained. `library` gives the titles of what is cited."""
    return page(
        "simulate.html",
        s=simulation,
        told=simulate_words,
        rivals=simulate_words.readings(simulation),
        compared=compared(simulation),
        differences=differences(simulation),
        charts=[_drawn(simulation, chart) for chart in charts(simulation)],
        arms=[Numbers(arm, arm_tables(simulation, arm)) for arm in simulation.arms],
        statuses=simulate_words.statuses(simulation),
        **documents(_cited(simulation, library)),
    )


def _drawn(simulation: Simulation, chart: Chart) -> Drawn:
    return Drawn(
        chart.id,
        svg(chart.wide(), f"{chart.id}-wide", chart.title, chart.says, form="wide"),
        svg(chart.narrow(), f"{chart.id}-narrow", chart.title, chart.says, form="narrow"),
        at_times(simulation, chart.outputs, chart.since_last),
    )


def _cited(simulation: Simulation, library: Library) -> Iterable[CitedSource]:
    sources = Sources(library)
    usual = [each for arm in simulation.arms for each in arm.conventions]
    cited = (simulation.said, simulation.parameters, simulation.covariate_effects, usual)
    for citations in {each.sources for one in cited for each in one}:
        yield from sources.cited(citations)
