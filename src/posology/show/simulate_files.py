"""What a simulation writes beside its tables: each chart as specification, SVG and PNG, and the page."""

from __future__ import annotations

from pathlib import Path

from posology.errors import InputError
from posology.monograph.load import Library
from posology.simulate.result import Simulation

from . import chart_draw, simulate_html
from .charts import charts
from .json import dumped

PAGE = "report.html"


def files(simulation: Simulation, library: Library) -> dict[str, bytes]:
    """Every file by its name, drawn in memory, so that a folder has all of them or none."""
    drawn: dict[str, bytes] = {}
    for chart in charts(simulation):
        spec = chart.wide()
        drawn[f"{chart.id}.vl.json"] = dumped(spec).encode()
        drawn[f"{chart.id}.svg"] = f"{chart_draw.svg(spec, chart.id, chart.title, chart.says)}\n".encode()
        drawn[f"{chart.id}.png"] = chart_draw.png(spec)
    drawn[PAGE] = simulate_html.render(simulation, library).encode()
    return drawn


def write(drawn: dict[str, bytes], folder: Path) -> None:
    """Write drawn files into a folder that is there. Raises `InputError` if it cannot be written."""
    try:
        for name, content in drawn.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror or error}") from None


def summary_csv(simulation: Simulation) -> str:
    """The summary table as CSV, as it stands in ``summary.csv``."""
    import io

    import pyarrow.csv as pa_csv

    from posology.simulate.tables import summary_table

    buffer = io.BytesIO()
    pa_csv.write_csv(summary_table(simulation), buffer)
    return buffer.getvalue().decode()
