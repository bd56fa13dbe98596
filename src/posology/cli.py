"""The command line: one command a verb, thin. Exit codes are those of `posology.errors`."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from posology.errors import CheckFailed, PosologyError, UsageError
from posology.version import VERSION

app = typer.Typer(
    name="posology",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="A drug monograph, executed. Decision support for professionals: every verdict shows its basis.",
)
knowledge = typer.Typer(
    no_args_is_help=True, help="What is known, and says who: show, lint, cases, claims, new."
)
app.add_typer(knowledge, name="monograph")


class Format(StrEnum):
    """Forms in which an answer is shown."""

    text = "text"
    json = "json"
    html = "html"
    fhir = "fhir"


class PageFormat(StrEnum):
    """Forms in which a monograph is shown."""

    text = "text"
    html = "html"


Monographs = Annotated[
    Path | None,
    typer.Option("--monographs", metavar="DIR", help="A folder of further monographs, outside the package."),
]
On = Annotated[
    str | None, typer.Option("--on", metavar="DATE", help="The day asked about, YYYY-MM-DD; default today.")
]
Region = Annotated[str, typer.Option("--region", help="US or EU: whose labels apply.")]
Product = Annotated[
    str | None,
    typer.Option("--product", help="A product of the monograph; default: the usual one for the use."),
]
Drug = Annotated[
    str, typer.Argument(metavar="DRUG", help="A monograph, for example one that 'monograph lint' lists.")
]


def main() -> None:
    """Run the command line and exit with the code of the error, if there is one."""
    try:
        if sys.stdin is None or sys.stdout is None or sys.stderr is None:
            raise SystemExit("posology: standard input, output and error must be open")
        app()
        sys.stdout.flush()
    except PosologyError as wrong:
        print(f"posology: {_printable(str(wrong))}", file=sys.stderr)
        raise SystemExit(wrong.exit_code) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(0) from None
    except OSError as wrong:
        print(f"posology: the answer cannot be written ({wrong.strerror})", file=sys.stderr)
        _drop(sys.stdout)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _drop(stream: TextIO) -> None:
    """Point a stream that cannot be written at nothing, so that the flush at exit does not complain."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _printable(text: str) -> str:
    """Messages may quote an argument: nothing of it may steer the terminal."""
    return "".join(
        char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text
    )


def _version(wanted: bool) -> None:
    if wanted:
        print(f"posology {VERSION}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options before the verb."""


@app.command()
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
    _show(result, format)


class EngineName(StrEnum):
    """Where a population is screened."""

    local = "local"
    spark = "spark"


_REPORT = "report"


@app.command()
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


@app.command()
def explain(
    results: Annotated[Path, typer.Argument(metavar="RESULTS", help="The folder that 'screen' wrote.")],
    patient: Annotated[str, typer.Argument(metavar="PATIENT", help="The patient's id.")],
    format: Annotated[Format, typer.Option("--format", help="How to show the answer.")] = Format.text,
    monographs: Monographs = None,
) -> None:
    """One patient of a screened population, as 'check' shows that patient."""
    import posology

    _show(posology.explain(results, patient, monographs=monographs), format)


def _show(result: Any, format: Format) -> None:
    from posology.show.escape import encodable

    if format is Format.json:
        from posology.show.json import render
    elif format is Format.html:
        from posology.show.html import render
    elif format is Format.fhir:
        from posology.show.fhir import render
    else:
        from posology.show.text import render as text

        sys.stdout.write(encodable(text(result, color=_colour(), width=_width()), sys.stdout.encoding))
        return
    sys.stdout.write(encodable(render(result), sys.stdout.encoding))


def _colour() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def _width() -> int:
    import shutil

    return min(100, shutil.get_terminal_size((88, 24)).columns)


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
        page = render(library, name, color=_colour(), width=_width())
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
    problems = lint(library, name, api.checker(library))
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


if __name__ == "__main__":
    main()
