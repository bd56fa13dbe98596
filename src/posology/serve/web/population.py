"""The report of the run that the server was started with, and one person of it, whom no address names."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from posology.errors import UsageError
from posology.serve.problem import Refused
from posology.show import html, screen_report, words

from .fields import Fields, sent
from .pages import Site
from .work import in_thread

MOST = 200
STATUSES = ("met", "unknown")


class Population:
    """Pages of a finished run."""

    def __init__(self, site: Site, results: Path) -> None:
        self.site, self.library, self.results = site, site.engine.library, results
        self._filled = lru_cache(maxsize=1)(lambda: screen_report.filled(results, self.library))

    def routes(self, router: APIRouter) -> None:
        """Add the routes."""
        router.add_api_route("/population", self.report, methods=["GET"], include_in_schema=False)
        router.add_api_route("/population", self.people, methods=["POST"], include_in_schema=False)
        router.add_api_route("/population/person", self.person, methods=["POST"], include_in_schema=False)

    async def report(self, request: Request) -> Response:
        """The report."""
        return await in_thread(self._report, request, Fields())

    async def people(self, request: Request) -> Response:
        """The report with the people to whom a statement applies."""
        fields = await sent(request, self.site.settings.limits.body_bytes)
        return await in_thread(self._report, request, fields)

    async def person(self, request: Request) -> Response:
        """One person's answer, in full."""
        fields = await sent(request, self.site.settings.limits.body_bytes)
        return await in_thread(self._person, request, fields)

    def _report(self, request: Request, fields: Fields) -> Response:
        filled: dict[str, Any] = self._filled()
        drug = filled["question"].drug
        statements = [
            each for each in self.library.monograph(drug).statements if each.verdict or each.missing
        ]
        chosen = fields.get("statement")
        if chosen and chosen not in {each.id for each in statements}:
            raise UsageError(f"no statement of {drug} is called '{chosen}'")
        status = fields.chosen("status", STATUSES)
        found = self._found(chosen, status) if chosen else []
        return self.site.page(
            request,
            "population.html",
            offered=statements,
            chosen=chosen,
            that=status,
            found=found[:MOST],
            more=len(found) > MOST,
            **filled,
        )

    def _found(self, statement: str, status: str) -> list[str]:
        """The people to whom a statement applies, or of whom that is not known; one more than are shown."""
        import pyarrow.compute as pc

        from posology.screen.folder import Results

        wanted = (pc.field("statement") == statement) & (pc.field("status") == status)
        rows = Results(self.results).table("findings").scanner(columns=["patient"], filter=wanted)
        return sorted(set(rows.head(MOST + 1).column("patient").to_pylist()))

    def _person(self, request: Request, fields: Fields) -> Response:
        from posology.screen.explain import explain

        patient = fields.get("patient")
        if not patient:
            raise Refused(400, "Say which patient.")
        result = explain(self.results, patient, self.site.engine)
        return self.site.page(request, "person.html", patient=patient, said=words, **html.shown(result))
