"""`posology simulate`: what a regimen does in the body."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from posology.errors import InputError, UsageError

from .options import Drug, Monographs
from .terminal import colour, width

if TYPE_CHECKING:
    from posology.regimen import Dose
    from posology.show.screen import Tell


class SimulationFormat(StrEnum):
    """Forms in which a simulation is shown."""

    text = "text"
    json = "json"
    csv = "csv"
    html = "html"


def simulate(
    drug: Drug,
    rx: Annotated[
        list[str] | None,
        typer.Option(
            "--rx", metavar="TEXT", help="A regimen, such as '50 mg po q24h x28'; may be given again."
        ),
    ] = None,
    regimen: Annotated[
        list[str] | None,
        typer.Option("--regimen", metavar="NAME", help="A regimen of the monograph; may be given again."),
    ] = None,
    events: Annotated[
        Path | None,
        typer.Option(
            "--events", metavar="FILE", help="Doses as a NONMEM event table, CSV; one regimen an ID."
        ),
    ] = None,
    cmt: Annotated[
        list[str] | None,
        typer.Option("--cmt", metavar="ROUTE=CMT", help="Of --events: the CMT of a route, such as po=1."),
    ] = None,
    population: Annotated[
        int | None,
        typer.Option(
            "--population",
            metavar="N",
            help="People to simulate; 1, the default, is the typical person only; of a washout it is 500.",
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", min=0, help="Of the people drawn; default 1. Same seed, same people."),
    ] = None,
    covariate: Annotated[
        list[str] | None,
        typer.Option(
            "--covariate",
            metavar="NAME=VALUE",
            help="A trait, such as weight=90, weight=50..110 or child-pugh=B; may be given again.",
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="TIME", help="How long to simulate, such as 90d, 12w or 36h."),
    ] = None,
    step: Annotated[
        float | None, typer.Option("--step", metavar="HOURS", help="Between points of the curves; default 1.")
    ] = None,
    missed: Annotated[
        float,
        typer.Option(
            "--missed",
            metavar="SHARE",
            help="Of doses that people miss at random, such as .1; with --population.",
        ),
    ] = 0.0,
    washout: Annotated[
        bool, typer.Option("--washout", help="Go on after the last dose, until blockade is lost.")
    ] = False,
    compare: Annotated[
        bool, typer.Option("--compare", help="Also the differences of the other regimens from the first.")
    ] = False,
    level: Annotated[
        list[float] | None,
        typer.Option(
            "--level", metavar="SHARE", help="A level of blockade to count time above; default .5 .8 .9."
        ),
    ] = None,
    output: Annotated[
        list[str] | None,
        typer.Option("--output", metavar="ID", help="Only this analyte or receptor; may be given again."),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model", metavar="ID", help="Which of the drug's models; default: the first that fits."
        ),
    ] = None,
    despite_limits: Annotated[
        bool,
        typer.Option(
            "--despite-limits", help="Simulate also doses that the monograph refuses; the answer says so."
        ),
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, help="Processes; default: one a core if there are many people."),
    ] = None,
    individuals: Annotated[
        bool, typer.Option("--individuals", help="With --out, also the numbers of every simulated person.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="A new or empty folder: tables, charts, page.")
    ] = None,
    format: Annotated[
        SimulationFormat, typer.Option("--format", help="How to show the answer.")
    ] = SimulationFormat.text,
    monographs: Monographs = None,
) -> None:
    """What regimens do in the body: concentration and receptor blockade over time. A model, and no advice."""
    if find_spec("numpy") is None:
        raise UsageError("simulating needs numpy: pip install 'posology[simulate]'")
    if individuals and out is None:
        raise UsageError("--individuals writes a table: say where with --out")
    if out is not None or format in {SimulationFormat.html, SimulationFormat.csv}:
        _needed(out, format)
    from posology.monograph.load import load_library
    from posology.show.escape import encodable
    from posology.show.screen import progress_bar
    from posology.simulate.run import simulate as run

    library = load_library(monographs)
    texts, lists = _regimens(events, cmt or ())
    with progress_bar(sys.stderr, "people") as tell:
        found = run(
            library,
            drug,
            rx=[*(rx or ()), *texts],
            regimen=regimen or (),
            doses=lists,
            population=population,
            seed=seed,
            covariates=covariate or (),
            for_hours=_hours(until) if until is not None else None,
            step=step,
            missed=missed,
            washout=washout,
            levels=level,
            outputs=output,
            model=model,
            despite_limits=despite_limits,
            compare=compare,
            workers=workers,
            individuals=individuals,
            progress=_told(tell),
        )
    if out is not None:
        from posology.show import simulate_files
        from posology.simulate import tables

        drawn = simulate_files.files(found.simulation, library)
        tables.write(found.simulation, out, found.individuals)
        simulate_files.write(drawn, out)
    if format is SimulationFormat.json:
        from posology.show.json import dumped_curves

        text = dumped_curves(found.simulation.to_dict())
    elif format is SimulationFormat.csv:
        from posology.show.simulate_files import summary_csv

        text = summary_csv(found.simulation)
    elif format is SimulationFormat.html:
        from posology.show.simulate_html import render as page

        text = page(found.simulation, library)
    else:
        from posology.show.simulate_text import render

        text = render(found.simulation, color=colour(), width=width())
        if out is not None:
            text += f"\nWritten: {out} (report.html, charts as SVG and PNG, curves and summary as CSV and Parquet)\n"
    sys.stdout.write(encodable(text, sys.stdout.encoding))


def _needed(out: Path | None, format: SimulationFormat) -> None:
    """What would fail in the end fails before the work."""
    if (out is not None or format is SimulationFormat.csv) and find_spec("pyarrow") is None:
        raise UsageError("tables are written with pyarrow: pip install 'posology[simulate]'")
    if out is not None:
        from posology.simulate.tables import writable

        writable(out)
    if out is not None or format is SimulationFormat.html:
        from posology.show.chart_draw import needed

        needed()


def _told(tell: Tell | None) -> Callable[[int, int], None] | None:
    if tell is None:
        return None
    return lambda done, many: tell("simulating", done, many, done)


def _hours(text: str) -> float:
    from posology.regimen.measures import minutes

    found = minutes(text)
    if not found:
        raise UsageError(f"--until {text}: give a time with its unit, such as 90d, 12w or 36h")
    return found / 60


def _regimens(events: Path | None, cmt: Sequence[str]) -> tuple[list[str], dict[str, list[Dose]]]:
    """What an event table gives for each ID: a regimen in rx notation, or doses that it cannot say, by their name."""
    if events is None:
        if cmt:
            raise UsageError("--cmt tells the routes of an event table: give the table with --events")
        return [], {}
    from posology.regimen import EventTableError, events_to_regimen, read_events

    routes: dict[str, int] = {}
    for pair in cmt:
        route, _, number = pair.partition("=")
        if not (route and number.isascii() and number.isdigit()):
            raise UsageError(f"--cmt {pair}: give a route and the number of its compartment, such as po=1")
        if route in routes:
            raise UsageError(f"--cmt {pair}: {route} is already CMT {routes[route]}")
        routes[route] = int(number)
    try:
        table = read_events(events.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise InputError(f"{events} is not text in UTF-8") from None
    except OSError as error:
        raise InputError(f"{events} cannot be read: {error.strerror or error}") from None
    texts, lists = [], {}
    for who in table.ids:
        try:
            texts.append(str(events_to_regimen(table, who, routes or None)))
        except EventTableError:  # such as a reset; what is wrong in any notation is told by the next line
            lists[f"ID {who} of {events.name}"] = table.doses(who, routes or None)
    return texts, lists
