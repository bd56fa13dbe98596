"""A plan as files: a calendar, FHIR, the leaflet as a page and as PDF."""

from __future__ import annotations

from starlette.responses import Response

from posology.monograph.load import Library
from posology.regimen.planned import Plan
from posology.show import calendar, leaflet, leaflet_pdf, plan_fhir

from .pages import download

OF_PLAN = ("ics", "leaflet", "pdf", "plan-fhir")


def of_plan(plan: Plan, form: str, library: Library) -> Response:
    """The plan in one of the forms of `OF_PLAN`; raises `UsageError` if its product has no leaflet."""
    if form == "ics":
        return download(calendar.render(plan), "plan.ics", "text/calendar")
    if form == "pdf":
        return download(leaflet_pdf.render(plan, library), "leaflet.pdf", "application/pdf")
    if form == "leaflet":
        return download(leaflet.render(plan, library), "leaflet.html", "text/html")
    return download(plan_fhir.render(plan, library), "plan-fhir.json", "application/fhir+json")
