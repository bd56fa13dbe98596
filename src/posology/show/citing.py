"""Citations of a plan or a leaflet, with the titles of their sources."""

from __future__ import annotations

from collections.abc import Iterable

from posology.check.explain import Sources
from posology.check.result import CitedSource
from posology.monograph.load import Library
from posology.regimen.planned import Plan


def cited(library: Library, citations: Iterable[str]) -> list[CitedSource]:
    """Each citation once, in the order given, with the title and address of its source."""
    return list(Sources(library).cited(tuple(dict.fromkeys(citations))))


def of_plan(library: Library, plan: Plan) -> list[CitedSource]:
    """Every citation of a plan, once."""
    told = [
        *(each.said for each in plan.waits),
        *(each.said for each in plan.pauses),
        *plan.warnings,
        *plan.said,
    ]
    citations = [source for each in told for source in each.sources]
    return cited(library, citations + [source for each in plan.appointments for source in each.sources])
