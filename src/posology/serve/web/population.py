"""Pages of the run that the server was started with: its report, people of it, and one person's answer.

The report may be handed on: it says nothing of any one person, and small counts are not shown. The other pages
name patients, say so, and are answers to forms, so that no address names anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from posology.check.verdict import NAMES
from posology.errors import InputError, KnowledgeError, UsageError
from posology.serve.problem import Refused
from posology.serve.work import done
from posology.show import html, screen_report

from .fields import Fields, sent
from .pages import Site
from .people import SHOWN, STATUSES, Listed, Wanted, living


class Population:
    """Pages of a finished run. Raises `InputError` if the folder holds none."""

    def __init__(self, site: Site, folder: Path) -> None:
        from posology.screen.folder import Results

        self.site, self.library = site, site.engine.library
        self.results = Results(folder)
        self.drug = self.results.run.question.drug
        self.statements = {each.id: each for each in self.library.monograph(self.drug).statements}
        self._filled = lru_cache(maxsize=1)(lambda: screen_report.filled(folder, self.library))

    def routes(self, router: APIRouter) -> None:
        """Add the routes."""
        hidden: dict[str, Any] = {"include_in_schema": False}
        router.add_api_route("/population", self.report, methods=["GET"], **hidden)
        router.add_api_route("/population/people", self.form, methods=["GET"], **hidden)
        router.add_api_route("/population/people", self.people, methods=["POST"], **hidden)
        router.add_api_route("/population/person", self.person, methods=["POST"], **hidden)

    async def report(self, request: Request) -> Response:
        """The report."""
        return await done(self._report, request)

    async def form(self, request: Request) -> Response:
        """The empty form for people; nothing of it is read from the address."""
        return await done(self._people, request, Fields())

    async def people(self, request: Request) -> Response:
        """The people with an answer, or to whom a statement applies."""
        return await done(self._people, request, await sent(request, self.site.settings.limits.body_bytes))

    async def person(self, request: Request) -> Response:
        """One person's answer, in full."""
        return await done(self._person, request, await sent(request, self.site.settings.limits.body_bytes))

    def _report(self, request: Request) -> Response:
        return self.site.page(request, "population.html", **self._filled())

    def _people(self, request: Request, fields: Fields) -> Response:
        wanted, start = self._wanted(fields), _start(fields)
        found = living(self.results, wanted, start) if wanted else None
        return self.site.page(
            request,
            "people.html",
            run=self.results.run,
            answers=[(stage, verdict) for stage, verdicts in NAMES.items() for verdict in verdicts],
            offered=list(self._offered()),
            wanted=wanted,
            kept=_fields(wanted),
            found=found,
            title=self._title,
            before=_before(found),
            after=_after(found),
        )

    def _wanted(self, fields: Fields) -> Wanted:
        answer, statement = fields.get("answer"), fields.get("statement")
        stage, _, verdict = answer.partition(" ")
        if answer and verdict not in NAMES.get(stage, ()):
            raise UsageError(f"there is no answer '{answer}'; choose one of the list")
        if statement and statement not in self.statements:
            raise UsageError(f"no statement of {self.drug} is called '{statement}'; choose one of the list")
        return Wanted(stage, verdict, statement, fields.chosen("status", STATUSES))

    def _offered(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """What the report names as a reason or precaution of somebody, under headings."""
        filled = self._filled()
        seen: set[str] = set()
        for heading, name in (("Reasons", "reasons"), ("Precautions", "precautions"), ("Work-up", "work_up")):
            found = {}
            for stage in filled["stages"]:
                for line in filled[name][stage]:
                    if line.known and line.finding.statement not in seen:
                        found[line.finding.statement] = line.title
            seen.update(found)
            if found:
                yield heading, list(found.items())

    def _title(self, statement: str) -> str:
        known = self.statements.get(statement)
        return (known.title if known else "") or statement.replace("-", " ")

    def _person(self, request: Request, fields: Fields) -> Response:
        from posology.screen.explain import explain

        patient, wanted = fields.get("patient"), self._wanted(fields)
        if not patient:
            raise Refused(400, "Say which patient: give the id that the patient has in the data.")
        try:
            result = explain(self.results.folder, patient, self.site.engine)
        except UsageError:
            raise Refused(404, f"No patient of this run has the id '{patient}'.") from None
        except KnowledgeError:
            raise Refused(
                409,
                "The run was made with another version of the knowledge, so its answers cannot be told in full."
                " Screen again, and start the server with the new results.",
            ) from None
        except InputError:
            raise Refused(500, "The results of the run cannot be read any more; screen again.") from None
        return self.site.page(
            request,
            "person.html",
            patient=patient,
            back=[*_fields(wanted), ("start", str(_start(fields)))] if wanted else [],
            **html.shown(result),
        )


def _start(fields: Fields) -> int:
    text = fields.get("start") or "0"
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise UsageError("'start' is a whole number, 0 or more")
    return int(text)


def _fields(wanted: Wanted) -> list[tuple[str, str]]:
    """The fields of a form that asks for the same people."""
    answer = f"{wanted.stage} {wanted.verdict}" if wanted.verdict else ""
    return [("answer", answer), ("statement", wanted.statement), ("status", wanted.status)]


def _before(found: Listed | None) -> int | None:
    return None if found is None or not found.start else max(0, found.start - SHOWN)


def _after(found: Listed | None) -> int | None:
    if found is None or found.start + len(found.people) >= found.total:
        return None
    return found.start + len(found.people)
