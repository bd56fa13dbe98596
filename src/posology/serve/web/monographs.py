"""Monographs to read, generated from the knowledge: for professionals, every statement an anchor; in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from posology.errors import UsageError
from posology.monograph.model import Citation, Monograph, Product, Statement, Use
from posology.monograph.page import SECTIONS
from posology.monograph.plan_prose import plan_sentences
from posology.monograph.prose import Teller, statement_text
from posology.serve.problem import Refused
from posology.serve.work import done
from posology.show.citing import cited
from posology.show.html import documents
from posology.show.leaflet import SECTIONS as PLAIN

from .pages import Site
from .search import Found, index, search
from .unchanging import Unchanging

LONGEST = 200
"""Characters of a search that are looked for."""


@dataclass(frozen=True, slots=True)
class Told:
    """A statement as it is read: its text and the facts that stand beside it."""

    statement: Statement
    text: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Statements under one small heading, which may be empty."""

    name: str
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with the statements under it."""

    id: str
    title: str
    groups: tuple[Group, ...]

    @property
    def count(self) -> int:
        """How many statements it has."""
        return sum(len(group.told) for group in self.groups)


class Monographs:
    """Pages of the monographs."""

    def __init__(self, site: Site, unchanging: Unchanging) -> None:
        self.site, self.library, self.unchanging = site, site.engine.library, unchanging
        self._index = lru_cache(maxsize=1)(lambda: index(self.library))

    def routes(self, router: APIRouter) -> None:
        """Add the routes."""
        router.add_api_route("/monographs", self.all, methods=["GET"], include_in_schema=False)
        router.add_api_route("/monographs/{drug}", self.one, methods=["GET"], include_in_schema=False)
        router.add_api_route("/monographs/{drug}/plain", self.plain, methods=["GET"], include_in_schema=False)
        router.add_api_route("/search", self.search, methods=["GET"], include_in_schema=False)

    async def all(self, request: Request) -> Response:
        """The list of drugs."""
        monographs = [self.library.monograph(name) for name in self.library.names()]
        return self.unchanging.page(
            request, "all", lambda: self.site.fill(request, "monographs.html", monographs=monographs)
        )

    async def one(self, request: Request, drug: str) -> Response:
        """A monograph for professionals."""
        return await done(self._one, request, self._known(drug))

    async def plain(self, request: Request, drug: str) -> Response:
        """The same drug in plain words."""
        return await done(self._plain, request, self._known(drug))

    async def search(self, request: Request) -> Response:
        """Statements of every monograph with these words."""
        query = request.query_params.get("q", "").strip()[:LONGEST]
        found: list[Found] = await done(lambda: search(self._index(), query)) if query else []
        return self.site.page(request, "search.html", query=query, found=found)

    def _known(self, drug: str) -> str:
        if drug not in self.library.names():
            known = ", ".join(self.library.names())
            raise Refused(404, f"There is no monograph of this name. There are: {known}.")
        return drug

    def _one(self, request: Request, drug: str) -> Response:
        return self.unchanging.page(request, ("one", drug), lambda: self._filled(request, drug))

    def _filled(self, request: Request, drug: str) -> str:
        monograph = self.library.monograph(drug)
        identity = monograph.identity
        citations = [
            *identity.sources,
            *(source for each in identity.products for source in each.sources),
            *(source for each in monograph.uses for source in each.sources),
            *(source for each in monograph.statements for source in each.sources),
            *(
                source
                for each in monograph.statements
                for rate in each.frequencies
                for source in rate.sources
            ),
            *(source for each in monograph.disputes for side in each.positions for source in side.sources),
        ]
        known = self.library.sources
        found = [each for each in citations if Citation.parse(each).source in known]
        return self.site.fill(
            request,
            "monograph_page.html",
            drug=drug,
            m=monograph,
            sections=self._sectioned(drug),
            teller=self._teller(monograph),
            has_leaflet=bool(self.library.leaflet(drug)),
            simulated=bool(self.library.kinetics(drug)),
            known=known,
            **documents(cited(self.library, found)),
        )

    def _plain(self, request: Request, drug: str) -> Response:
        product = request.query_params.get("product", "")
        products = self._products(drug)
        if product and product not in products:
            raise UsageError(f"there is no such product; choose one of {', '.join(products)}")
        return self.unchanging.page(
            request, ("plain", drug, product), lambda: self._filled_plain(request, drug, product)
        )

    def _products(self, drug: str) -> dict[str, Product]:
        """The products of which something is said in plain words, by id."""
        items = self.library.leaflet(drug)
        return {
            each.id: each
            for each in self.library.monograph(drug).identity.products
            if not items or any(not item.products or each.id in item.products for item in items)
        }

    def _filled_plain(self, request: Request, drug: str, product: str) -> str:
        monograph = self.library.monograph(drug)
        items = self.library.leaflet(drug)
        region = self.site.settings.region
        shown = [
            each
            for each in items
            if (not each.regions or region in each.regions)
            and (not each.products or product in each.products)
        ]
        sections = [
            (title, [each for each in shown if each.section == name]) for name, title in PLAIN.items()
        ]
        return self.site.fill(
            request,
            "monograph_plain.html",
            drug=drug,
            m=monograph,
            product=product,
            products=list(self._products(drug).values()),
            uses=_plain_uses(monograph, product),
            sections=[(title, own) for title, own in sections if own],
            has_leaflet=bool(items),
            region=region,
        )

    def _teller(self, monograph: Monograph) -> Teller:
        return Teller.of(self.library.vocabulary, monograph.uses)

    def _sectioned(self, drug: str) -> tuple[Section, ...]:
        monograph = self.library.monograph(drug)
        teller = self._teller(monograph)
        made = []
        for title, kinds in SECTIONS:
            found = [each for each in monograph.statements if each.kind in kinds]
            names = sorted(dict.fromkeys(each.group for each in found), key=bool)
            groups = tuple(
                Group(name, tuple(_told(each, teller) for each in found if each.group == name))
                for name in names
            )
            if found:
                made.append(Section(title.lower().replace(" ", "-"), title, groups))
        return tuple(made)


def _told(statement: Statement, teller: Teller) -> Told:
    facts = list(plan_sentences(statement))
    facts += [f"Due: {statement.due}"] if statement.due else []
    facts += [f"Evidence: {statement.grade}"] if statement.grade else []
    return Told(statement, statement_text(statement, teller), tuple(facts))


def _plain_uses(monograph: Monograph, product: str) -> list[Use]:
    return [each for each in monograph.uses if each.indicated and (not product or product in each.products)]
