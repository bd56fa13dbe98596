"""`posology check`: one patient."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posology.errors import NotPossible, UsageError

from .options import Drug, Format, Monographs, On, Product, Region
from .terminal import show

if TYPE_CHECKING:
    from posology.regimen.planned import Plan


def check(
    drug: Drug,
    record: Annotated[
        str,
        typer.Argument(
            metavar="RECORD",
            help="A FHIR R4 Bundle, resource or NDJSON, plain or gzip; '-' for standard input.",
        ),
    ],
    use: Annotated[
        str | None,
        typer.Option(
            "--for", metavar="USE", help="What it is for, such as chronic-pain; without it, every use."
        ),
    ] = None,
    on: On = None,
    region: Region = "US",
    product: Product = None,
    format: Annotated[Format, typer.Option("--format", help="How to show the answer.")] = Format.text,
    plan: Annotated[
        bool, typer.Option("--plan", help="Add the plan that the verdict allows, or say why there is none.")
    ] = False,
    start: Annotated[
        str | None,
        typer.Option(
            "--start", metavar="DATE", help="With --plan: the first day; default: the day asked about."
        ),
    ] = None,
    regimen: Annotated[
        str | None,
        typer.Option("--regimen", metavar="NAME", help="With --plan: the regimen; default: the usual one."),
    ] = None,
    monographs: Monographs = None,
) -> None:
    """Can this patient use this drug for this purpose, today? Every reason names its entry and its source."""
    import gc

    import posology

    if not plan and (start is not None or regimen is not None):
        raise UsageError("--start and --regimen belong to --plan")
    if plan and use is None:
        raise UsageError("a plan is for one use: name it with --for")
    gc.disable()  # one answer, then the process ends: collecting would only cost time
    result = posology.check(
        record, drug=drug, use=use, on=on, region=region, product=product, monographs=monographs
    )
    show(result, format, _planned(result, start, regimen, monographs) if plan else None, monographs)


def _planned(result: Any, start: str | None, regimen: str | None, monographs: Path | None) -> Plan | str:
    """The plan that a verdict allows, or the reason why it allows none."""
    import posology

    try:
        return posology.plan_after(result, start=start, regimen=regimen, monographs=monographs)
    except NotPossible as refused:
        return str(refused)
