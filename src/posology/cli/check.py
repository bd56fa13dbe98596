"""`posology check`: one patient."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import Drug, Format, Monographs, On, Product, Region
from .terminal import show


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
    monographs: Monographs = None,
) -> None:
    """Can this patient use this drug for this purpose, today? Every reason names its entry and its source."""
    import gc

    import posology

    gc.disable()  # one answer, then the process ends: collecting would only cost time
    result = posology.check(
        record, drug=drug, use=use, on=on, region=region, product=product, monographs=monographs
    )
    show(result, format)
