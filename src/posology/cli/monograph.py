"""`posology monograph`: show, lint, cases, claims, new."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from posology.errors import CheckFailed

from .options import Drug, Monographs
from .terminal import colour, width

knowledge = typer.Typer(
    no_args_is_help=True, help="What is known, and says who: show, lint, cases, claims, new."
)


class PageFormat(StrEnum):
    """Forms in which a monograph is shown."""

    text = "text"
    html = "html"


@knowledge.command("show")
def monograph_show(
    name: Drug,
    format: Annotated[PageFormat, typer.Option("--format", help="How to show it.")] = PageFormat.text,
    monographs: Monographs = None,
) -> None:
    """A monograph as readable, cited pages."""
    from posology.monograph.load import load_library
    from posology.show.escape import encodable
    from posology.show.monograph import render, render_html

    library = load_library(monographs)
    if format is PageFormat.html:
        page = render_html(library, name)
    else:
        page = render(library, name, color=colour(), width=width())
    sys.stdout.write(encodable(page, sys.stdout.encoding))


@knowledge.command("lint")
def monograph_lint(
    name: Annotated[str | None, typer.Argument(metavar="[DRUG]", help="Only this monograph.")] = None,
    monographs: Monographs = None,
) -> None:
    """Check all knowledge: every finding names file, line, what is wrong and what would be right."""
    from posology import api
    from posology.monograph.lint import lint
    from posology.monograph.load import load_library
    from posology.show.knowledge import lint_report

    library = load_library(monographs)
    problems = lint(library, name, api.checker(library), api.trial(library))
    sys.stdout.write(lint_report(problems))
    _fail_if(any(problem.severity == "error" for problem in problems))


@knowledge.command("cases")
def monograph_cases(drug: Drug, monographs: Monographs = None) -> None:
    """Run a monograph's clinical cases; every mismatch is reported at once."""
    from posology import api
    from posology.monograph.cases import run_cases, uncovered
    from posology.monograph.load import load_library
    from posology.show.knowledge import cases_report

    library = load_library(monographs)
    results = run_cases(library, drug, api.checker(library))
    gaps = [f"{name} {', '.join(statuses)}" for name, statuses in uncovered(library, drug, results).items()]
    sys.stdout.write(cases_report(results, gaps))
    _fail_if(any(result.mismatches for result in results))


@knowledge.command("claims")
def monograph_claims(
    name: Annotated[
        str | None, typer.Argument(metavar="[DRUG]", help="Only statements of this monograph.")
    ] = None,
    monographs: Monographs = None,
) -> None:
    """Which statement answers each claim of the founding article."""
    from posology.monograph.load import load_library
    from posology.show.knowledge import claims_report

    report, complete = claims_report(load_library(monographs), name)
    sys.stdout.write(report)
    _fail_if(name is None and not complete)


def _fail_if(wrong: bool) -> None:
    if wrong:
        raise typer.Exit(CheckFailed.exit_code)


@knowledge.command("new")
def monograph_new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the new monograph, in lower case.")],
    monographs: Annotated[
        Path, typer.Option("--monographs", metavar="DIR", help="Where to write it.")
    ] = Path("monographs"),
) -> None:
    """Write a commented skeleton of a monograph that already runs."""
    from posology.monograph.new import write_skeleton

    written = write_skeleton(name, monographs)
    for path in written:
        print(f"wrote {path}")
    print(f"Next: fill in what says TODO, then run 'posology monograph lint --monographs {monographs}'.")
