"""`posology plan`: a regimen on the calendar; `posology plan missed`: what to do after a gap."""

from __future__ import annotations

import sys
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from posology.errors import UsageError

from .options import Monographs, On, Product, Region
from .terminal import colour, width

if TYPE_CHECKING:
    from posology.regimen.planned import MissedAnswer, Plan

_MISSED = "missed"


class PlanFormat(StrEnum):
    """Forms in which a plan is shown."""

    text = "text"
    json = "json"
    ics = "ics"
    fhir = "fhir"
    leaflet = "leaflet"
    leaflet_pdf = "leaflet-pdf"


def plan(
    drug: Annotated[
        str,
        typer.Argument(
            metavar="DRUG", help="A monograph; or 'missed' and then one: what to do after missed doses."
        ),
    ],
    gap: Annotated[str | None, typer.Argument(metavar="[DRUG]", help="The drug, after 'missed'.")] = None,
    regimen: Annotated[
        str | None,
        typer.Option(
            "--regimen", metavar="NAME", help="One that 'plan DRUG' lists; without: the usual for USE."
        ),
    ] = None,
    rx: Annotated[
        str | None, typer.Option("--rx", metavar="TEXT", help="A regimen in rx notation (docs/RX.md).")
    ] = None,
    start: Annotated[
        str | None, typer.Option("--start", metavar="DATE", help="The first day; default: that of --on.")
    ] = None,
    last_opioid: Annotated[
        list[str] | None,
        typer.Option(
            "--last-opioid",
            metavar="'NAME DATE'",
            help="A medicine that has to be waited for, with the day of its last dose; may be repeated.",
        ),
    ] = None,
    surgery: Annotated[
        list[str] | None,
        typer.Option("--surgery", metavar="DATE", help="The day of an operation; may be repeated."),
    ] = None,
    use: Annotated[str | None, typer.Option("--for", metavar="USE", help="What it is for.")] = None,
    product: Product = None,
    region: Region = "US",
    until: Annotated[
        str | None,
        typer.Option(
            "--until", metavar="DATE", help="The last day to show; default: half a year if it goes on."
        ),
    ] = None,
    last_taken: Annotated[
        str | None,
        typer.Option(
            "--last-taken", metavar="DATE", help="After 'missed': the day or time of the last dose."
        ),
    ] = None,
    on: On = None,
    format: Annotated[PlanFormat, typer.Option("--format", help="How to show it.")] = PlanFormat.text,
    timezone: Annotated[
        str | None,
        typer.Option(
            "--timezone",
            metavar="ZONE",
            help="For ics: an IANA name, such as Europe/Berlin; default: floating.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write to this file; default: standard output."),
    ] = None,
    monographs: Monographs = None,
) -> None:
    """Which doses, on which days? With a calendar file, a prescription and a leaflet."""
    import posology

    if timezone is not None and format is not PlanFormat.ics:
        raise UsageError("--timezone belongs to --format ics; the other forms give local times")
    if drug == _MISSED:
        if gap is None:
            raise UsageError("name the drug after 'missed': posology plan missed DRUG")
        _only_plan({"--last-opioid": last_opioid, "--surgery": surgery, "--until": until})
        if last_taken is None:
            raise UsageError("say with --last-taken when the last dose was taken, for example 2026-12-20")
        answer = posology.missed(
            gap, last_taken=last_taken, regimen=regimen, rx=rx, start=start, use=use, product=product,
            region=region, on=on, monographs=monographs,
        )  # fmt: skip
        _write(_missed_bytes(answer, format, out), out)
        return
    if gap is not None:
        raise UsageError(f"'{gap}' is one name too many; plan takes one drug")
    if last_taken is not None:
        raise UsageError(f"--last-taken belongs to 'plan missed {drug}'")
    if not any((regimen, rx, use, start, last_opioid, surgery, until)):
        _write(_listed(drug, format, monographs, out), out)
        return
    made = posology.plan(
        drug, regimen=regimen, rx=rx, start=start, use=use, product=product, region=region,
        last_opioid=last_opioid or (), surgery=surgery or (), until=until, on=on, monographs=monographs,
    )  # fmt: skip
    _write(_bytes(made, format, timezone, monographs, out), out)


def _only_plan(given: dict[str, object]) -> None:
    for name, value in given.items():
        if value:
            raise UsageError(f"{name} belongs to 'plan', not to 'plan missed'")


def _listed(drug: str, format: PlanFormat, monographs: Path | None, out: Path | None) -> bytes:
    """The drug's regimens, for somebody who named none."""
    from posology.monograph.load import load_library
    from posology.show.regimens import document, render

    monograph = load_library(monographs).monograph(drug)
    if format is PlanFormat.json:
        return document(monograph).encode()
    if format is PlanFormat.text:
        return _encoded(render(monograph, *_terminal(out)), out)
    raise UsageError(f"name a regimen with --regimen or --rx; those of the monograph: posology plan {drug}")


def _missed_bytes(answer: MissedAnswer, format: PlanFormat, out: Path | None) -> bytes:
    if format is PlanFormat.json:
        from posology.show.json import render_plan

        return _data(render_plan(answer), out)
    if format is PlanFormat.text:
        from posology.show.plan_text import render_missed

        return _encoded(render_missed(answer, *_terminal(out)), out)
    raise UsageError(f"'plan missed' has no form {format}; ask for text or json")


def _bytes(
    plan: Plan, format: PlanFormat, timezone: str | None, monographs: Path | None, out: Path | None
) -> bytes:
    if format is PlanFormat.text:
        from posology.show.plan_text import render as text

        return _encoded(text(plan, *_terminal(out)), out)
    if format is PlanFormat.json:
        from posology.show.json import render_plan

        return _data(render_plan(plan), out)
    if format is PlanFormat.ics:
        if find_spec("icalendar") is None:
            raise UsageError("a calendar file needs icalendar: pip install 'posology[plan]'")
        from posology.show.calendar import render as calendar

        return calendar(plan, timezone)
    from posology.monograph.load import load_library

    library = load_library(monographs)
    if format is PlanFormat.fhir:
        from posology.show.plan_fhir import render as fhir

        return _data(fhir(plan, library), out)
    if format is PlanFormat.leaflet:
        from posology.show.leaflet import render as leaflet

        return _data(leaflet(plan, library), out)
    if out is None and sys.stdout.isatty():
        raise UsageError("a PDF is not for the terminal; name a file with --out, or send it into a pipe")
    from posology.show.leaflet_pdf import render as pdf

    return pdf(plan, library)


def _terminal(out: Path | None) -> tuple[bool, int]:
    """Colour and columns: a file has none of the first."""
    return (colour() if out is None else False), width()


def _encoded(text: str, out: Path | None) -> bytes:
    """Text as standard output can take it; a file is UTF-8."""
    from posology.show.escape import encodable

    if out is not None:
        return text.encode("utf-8")
    encoding = sys.stdout.encoding or "ascii"
    return encodable(text, encoding).encode(encoding)


def _data(text: str, out: Path | None) -> bytes:
    """JSON and HTML are UTF-8 in a file or pipe, which they say or imply; a terminal gets what it can print."""
    return _encoded(text, out) if sys.stdout.isatty() else text.encode("utf-8")


def _write(made: bytes, out: Path | None) -> None:
    if out is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(made)
        return
    out.write_bytes(made)
    print(f"wrote {out}")
