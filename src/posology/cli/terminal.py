"""Printing answers on the terminal, or into a pipe."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .options import Format

if TYPE_CHECKING:
    from posology.regimen.planned import Plan


def show(
    result: Any, format: Format, planned: Plan | str | None = None, monographs: Path | None = None
) -> None:
    """Print an answer in the form asked for, with the plan that it allows or why it allows none."""
    from posology.show.escape import encodable

    sys.stdout.write(encodable(_shown(result, format, planned, monographs), sys.stdout.encoding))


def _shown(result: Any, format: Format, planned: Plan | str | None, monographs: Path | None) -> str:
    if format is Format.json:
        from posology.show.json import render as as_json

        return as_json(result, planned)
    if format is Format.html:
        from posology.show.html import render as as_html

        if planned is None or isinstance(planned, str):
            return as_html(result, planned)
        from posology.monograph.load import load_library
        from posology.show.citing import of_plan

        return as_html(result, planned, of_plan(load_library(monographs), planned))
    if format is Format.fhir:
        if planned is None:
            from posology.show.fhir import render as as_fhir

            return as_fhir(result)
        from posology.monograph.load import load_library
        from posology.show.plan_fhir import render_after

        return render_after(result, planned, load_library(monographs))
    from posology.show.text import render as as_text

    return as_text(result, color=colour(), width=width(), planned=planned)


def colour() -> bool:
    """Is standard output a terminal that wants colour?"""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def width() -> int:
    """Columns to fill."""
    import shutil

    return min(100, shutil.get_terminal_size((88, 24)).columns)
