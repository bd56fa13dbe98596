"""The plan: which doses on which days, as a page and as files. Days are sent in a body, never in an address."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from posology import api
from posology.check.question import REGIONS
from posology.errors import NotPossible, PosologyError, UsageError
from posology.regimen.named import regimens
from posology.regimen.planned import Plan
from posology.serve.work import done
from posology.show import citing, html, leaflet, plan_words

from . import files
from .choices import choices, today
from .fields import Fields, sent
from .pages import Site

LINES = 2


class Plans:
    """Pages of plans."""

    def __init__(self, site: Site, usual: str) -> None:
        self.site, self.engine, self.library, self.usual = site, site.engine, site.engine.library, usual

    def routes(self, router: APIRouter) -> None:
        """Add the routes."""
        router.add_api_route("/plan", self.form, methods=["GET"], include_in_schema=False)
        router.add_api_route("/plan", self.answer, methods=["POST"], include_in_schema=False)

    async def form(self, request: Request) -> Response:
        """The empty form."""
        drug = request.query_params.get("drug") or self.usual
        return await done(self._page, request, Fields({"drug": [drug]}), None, "")

    async def answer(self, request: Request) -> Response:
        """The plan, as a page or as the file that was asked for."""
        fields = await sent(request, self.site.settings.limits.body_bytes)
        return await done(self._answer, request, fields)

    def _answer(self, request: Request, fields: Fields) -> Response:
        form = fields.chosen("form", ("page", *files.OF_PLAN))
        try:
            plan = self._planned(fields)
            if form != "page":
                return files.of_plan(plan, form, self.library)
        except (UsageError, NotPossible) as wrong:
            return self._page(request, fields, None, str(wrong))
        return self._page(request, fields, plan, "")

    def _planned(self, fields: Fields) -> Plan:
        names, days = fields.all("opioid"), fields.all("opioid-last")
        last = []
        for name, when in zip(names, days, strict=False):
            if name and not when:
                raise UsageError(f"say on which day {name} was last taken")
            if when and not name:
                raise UsageError(f"say which medicine was last taken on {when}")
            if name:
                last.append((name, when))
        rx = fields.get("rx")
        if rx and fields.get("regimen"):
            raise UsageError("choose a regimen of the monograph or write your own, not both")
        return api.plan(
            fields.get("drug") or self.usual,
            regimen=fields.get("regimen") or None,
            rx=rx or None,
            start=fields.get("start") or None,
            use=fields.get("use") or None,
            product=fields.get("product") or None,
            region=fields.get("region") or self.site.settings.region,
            last_opioid=last,
            surgery=[each for each in fields.all("surgery") if each],
            until=fields.get("until") or None,
            monographs=self.engine,
        )

    def _page(self, request: Request, fields: Fields, plan: Plan | None, wrong: str) -> Response:
        drug = fields.get("drug") or self.usual
        monograph = self.library.monograph(drug)
        told = leaf = None
        index = html.documents(())
        if plan is not None:
            told, index = plan_words, html.documents(citing.of_plan(self.library, plan))
            try:
                leaf = leaflet.leaflet(plan, self.library)
            except PosologyError:
                leaf = None
        kept = [(name, text) for name, texts in fields.texts.items() if name != "form" for text in texts]
        return self.site.page(
            request,
            "plan_page.html",
            422 if wrong else 200,
            drug=drug,
            m=monograph,
            regimens=regimens(monograph),
            regions=REGIONS,
            region=self.site.settings.region,
            medicines=choices(self.library, drug).medicines,
            today=today().isoformat(),
            v=fields,
            rows=max(LINES, len([each for each in fields.all("opioid") if each]) + 1),
            wrong=wrong,
            plan=plan,
            told=told,
            leaf=leaf,
            kept=kept,
            **index,
        )
