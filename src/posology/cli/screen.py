"""`posology screen` and `posology explain`: a population, and one patient of it."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from posology.errors import UsageError

from .options import Format, Monographs, On, Product, Region
from .terminal import show


class EngineName(StrEnum):
    """Where a population is screened."""

    local = "local"
    spark = "spark"


_REPORT = "report"


def screen(
    drug: Annotated[
        str, typer.Argument(metavar="DRUG", help="A monograph; or 'report', to show the results of a run.")
    ],
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="A folder of FHIR R4 NDJSON or Bundles, a folder of OMOP tables as Parquet, duckdb:///FILE, "
            "postgresql://USER@HOST/DATABASE; for 'report' a results folder.",
        ),
    ],
    use: Annotated[str | None, typer.Option("--for", metavar="USE", help="What it is for.")] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The folder to write (report: the page; default report.html in RESULTS)."),
    ] = None,
    on: On = None,
    region: Region = "US",
    product: Product = None,
    engine: Annotated[
        EngineName, typer.Option("--engine", help="This machine, or Spark (the extra 'spark').")
    ] = EngineName.local,
    master: Annotated[
        str | None, typer.Option("--master", help="Spark's master, such as local[2] or spark://HOST:7077.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Processes; default: one a core.")
    ] = None,
    memory: Annotated[
        str,
        typer.Option("--memory", metavar="SIZE", help="Memory of each worker, about, such as 500MB or 2GB."),
    ] = "500MB",
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an unfinished run.")] = False,
    suppress: Annotated[
        bool, typer.Option("--suppress/--no-suppress", help="Hide small counts of people in the report.")
    ] = True,
    threshold: Annotated[
        int, typer.Option("--threshold", min=2, help="Counts of people below this are small.")
    ] = 11,
    monographs: Monographs = None,
) -> None:
    """The same question for a whole population: tables of verdicts and findings, and a report."""
    import posology
    from posology.show.screen import progress_bar, size_of, summary

    if drug == _REPORT:
        page = _write_report(Path(source), out, monographs, threshold, suppress)
        print(f"wrote {page}")
        return
    if use is None:
        raise UsageError(f"say what {drug} is for with --for, for example --for chronic-pain")
    folder = out if out is not None else Path("results")
    with progress_bar(sys.stderr) as progress:
        told = posology.screen(
            source,
            drug=drug,
            use=use,
            out=folder,
            on=on,
            region=region,
            product=product,
            monographs=monographs,
            workers=workers,
            memory=size_of(memory),
            resume=resume,
            spark=(master or True) if engine is EngineName.spark else False,
            progress=progress,
        )
    _write_report(folder, None, monographs, threshold, suppress)
    sys.stdout.write(summary(told, folder))


def _write_report(
    results: Path, page: Path | None, monographs: Path | None, threshold: int, suppress: bool
) -> Path:
    from posology.monograph.load import load_library
    from posology.show.screen_report import render

    page = page if page is not None else results / "report.html"
    text = render(results, load_library(monographs), suppress_below=threshold, suppress=suppress)
    page.write_text(text, encoding="utf-8")
    return page


def explain(
    results: Annotated[Path, typer.Argument(metavar="RESULTS", help="The folder that 'screen' wrote.")],
    patient: Annotated[str, typer.Argument(metavar="PATIENT", help="The patient's id.")],
    format: Annotated[Format, typer.Option("--format", help="How to show the answer.")] = Format.text,
    monographs: Monographs = None,
) -> None:
    """One patient of a screened population, as 'check' shows that patient."""
    import posology

    show(posology.explain(results, patient, monographs=monographs), format)
