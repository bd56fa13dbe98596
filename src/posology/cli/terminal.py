"""Printing answers on the terminal, or into a pipe."""

from __future__ import annotations

import os
import sys
from typing import Any

from .options import Format


def show(result: Any, format: Format) -> None:
    """Print an answer in the form asked for."""
    from posology.show.escape import encodable

    if format is Format.json:
        from posology.show.json import render
    elif format is Format.html:
        from posology.show.html import render
    elif format is Format.fhir:
        from posology.show.fhir import render
    else:
        from posology.show.text import render as text

        sys.stdout.write(encodable(text(result, color=colour(), width=width()), sys.stdout.encoding))
        return
    sys.stdout.write(encodable(render(result), sys.stdout.encoding))


def colour() -> bool:
    """Is standard output a terminal that wants colour?"""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def width() -> int:
    """Columns to fill."""
    import shutil

    return min(100, shutil.get_terminal_size((88, 24)).columns)
