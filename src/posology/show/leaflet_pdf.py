"""The leaflet as PDF: tagged for screen readers, with typst's own fonts, the same bytes for the same plan.

Needs the extra `plan` (typst). All text reaches the template as JSON data, never as markup.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, time
from importlib.util import find_spec
from pathlib import Path

from posology.errors import UsageError
from posology.monograph.load import Library
from posology.regimen.planned import Plan

from .leaflet import leaflet

TEMPLATE = Path(__file__).with_name("templates") / "leaflet.typ"


def render(plan: Plan, library: Library) -> bytes:
    """The leaflet as a PDF file; raises `UsageError` if there is none for its product, or typst is missing."""
    if find_spec("typst") is None:
        raise UsageError("the leaflet as PDF needs typst: pip install 'posology[plan]'")
    import typst

    return typst.compile(
        str(TEMPLATE),
        format="pdf",
        sys_inputs=data(plan, library),
        ignore_system_fonts=True,
        # PDF/UA-1: typst refuses to write a file that a screen reader could not follow.
        pdf_standards="ua-1",
        # The file's date is the plan's beginning and not the clock's.
        timestamp=datetime.combine(plan.start, time(), UTC),
    )


def data(plan: Plan, library: Library) -> dict[str, str]:
    """What the template is given."""
    return {"leaflet": json.dumps(asdict(leaflet(plan, library)))}
