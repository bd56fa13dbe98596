"""The simulation page: a dose to move, and what it does. A plain form without JavaScript; no patient is in it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from posology.errors import UsageError
from posology.monograph.kinetics import Covariate, KineticModel
from posology.regimen.named import regimens
from posology.serve.problem import Refused
from posology.serve.work import done
from posology.simulate.telling import CALIBRATED

from .fields import Fields, sent
from .pages import Site
from .sketching import PEOPLE, Drawn, Regimen, Rhythm, Sketches, regimen, rhythms

MOST_DAYS = 90
NICE = (0.1, 0.25, 0.5, 1, 1.5, 2, 3, 4.5, 6, 8, 10, 15, 20, 25, 37.5, 50, 75, 100, 125, 150, 200, 300, 380)
"""Doses in mg between which a slider moves, beside those of the regimens."""
ARMS = ("a", "b")


@dataclass(frozen=True, slots=True)
class Chosen:
    """One regimen of the form: a name of the monograph, or a dose and a rhythm."""

    key: str
    dose: float
    rhythm: str
    named: str
    on: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What the part of the page below the form is made of."""

    arms: list[Regimen]
    drawn: list[Drawn]
    wrong: str


class Simulations:
    """Pages of simulations."""

    def __init__(self, site: Site, usual: str) -> None:
        self.site, self.library, self.usual = site, site.engine.library, usual
        self.drugs = [name for name in self.library.names() if self.library.kinetics(name)]
        self.sketches = Sketches(self.library)
        self._rhythms: dict[str, list[Rhythm]] = {}

    def routes(self, router: APIRouter) -> None:
        """Add the routes."""
        router.add_api_route("/simulate", self.page, methods=["GET"], include_in_schema=False)
        router.add_api_route("/simulate", self.posted, methods=["POST"], include_in_schema=False)
        router.add_api_route("/simulate/live", self.live, methods=["POST"], include_in_schema=False)

    async def page(self, request: Request) -> Response:
        """The page for what its address asks; traits of a person are not read from an address."""
        texts: dict[str, list[str]] = {}
        for name, value in request.query_params.multi_items():
            if not name.startswith("trait."):
                texts.setdefault(name, []).append(value)
        return await done(self._page, request, Fields(texts), "simulate.html")

    async def posted(self, request: Request) -> Response:
        """The same for a form that was sent with traits."""
        fields = await sent(request, self.site.settings.limits.body_bytes)
        return await done(self._page, request, fields, "simulate.html")

    async def live(self, request: Request) -> Response:
        """Only what is below the form, for a slider that was moved."""
        fields = await sent(request, self.site.settings.limits.body_bytes)
        return await done(self._page, request, fields, "simulate_result.html")

    def _page(self, request: Request, fields: Fields, template: str) -> Response:
        if not self.drugs:
            raise Refused(404, "No monograph here has a model to simulate.")
        drug = fields.get("drug") or (self.usual if self.usual in self.drugs else self.drugs[0])
        if drug not in self.drugs:
            raise UsageError(f"there is no model of '{drug}'; there is one of {', '.join(self.drugs)}")
        arms: list[Chosen] = []
        days, stop = 7, 0
        traits: dict[str, str] = fields.starting("trait.")
        try:
            arms = self._chosen(fields, drug)
            days, stop = _whole(fields, "days", 7, MOST_DAYS), _whole(fields, "stop", 0, MOST_DAYS)
            whole = template == "simulate.html" or bool(fields.get("others"))
            shown = self._shown(drug, arms, days, stop, traits, whole)
        except UsageError as wrong:
            shown = Shown([], [], str(wrong))
        return self.site.page(
            request,
            template,
            422 if shown.wrong else 200,
            drug=drug,
            name=self.library.monograph(drug).identity.name,
            others=[
                (each, self.library.monograph(each).identity.name) for each in self.drugs if each != drug
            ],
            rhythms=self._of(drug),
            named=regimens(self.library.monograph(drug)),
            arms=arms or self._chosen(Fields(), drug),
            doses=self._doses(drug),
            days=days,
            stop=stop,
            covariates=_covariates(self.library.kinetics(drug)),
            traits=traits,
            people=PEOPLE,
            calibrated=CALIBRATED,
            shown=shown,
        )

    def _shown(
        self, drug: str, arms: list[Chosen], days: int, stop: int, traits: dict[str, str], whole: bool
    ) -> Shown:
        hours = 24.0 * days
        asked = [
            regimen(
                self.library,
                drug,
                dose=each.dose,
                rhythm=each.rhythm,
                named=each.named,
                hours=hours,
                stop=24.0 * stop,
            )
            for each in arms
            if each.on
        ]
        given = tuple(f"{name}={value}" for name, value in sorted(traits.items()))
        return Shown(asked, self.sketches.drawn(drug, asked, hours, given, whole=whole), "")

    def _of(self, drug: str) -> list[Rhythm]:
        if drug not in self._rhythms:
            self._rhythms[drug] = rhythms(self.library, drug)
        return self._rhythms[drug]

    def _doses(self, drug: str) -> list[float]:
        own = {dose for each in self._of(drug) for dose in each.doses}
        return sorted({*own, *(each for each in NICE if min(own) / 10 <= each <= 2 * max(own))})

    def _chosen(self, fields: Fields, drug: str) -> list[Chosen]:
        """The regimens of the form; at first the usual low dose, and the greatest of the most usual rhythm."""
        known = self._of(drug)
        usual = max(known, key=lambda each: len(each.doses))
        route = usual.rx.split()[0]
        low = min(
            (each for each in known if each.rx.split()[0] == route and (" " in each.rx or len(known) == 1)),
            key=lambda each: each.usual,
            default=usual,
        )
        first = {"a": (low.usual, low.rx), "b": (usual.doses[-1], usual.rx)}
        found = []
        for key in ARMS:
            choice = fields.get(f"regimen-{key}") or first[key][1]
            named = choice.removeprefix("named:") if choice.startswith("named:") else ""
            text = fields.get(f"dose-{key}")
            try:
                dose = float(text) if text else first[key][0]
            except ValueError:
                raise UsageError(f"'{text}' is no dose; give a number of mg, such as 4.5") from None
            if not math.isfinite(dose):
                raise UsageError("give a dose as a number of mg, such as 4.5")
            on = key == "a" or not fields.texts or bool(fields.get("compare"))
            if len(fields.texts) == 1 and fields.get("drug"):
                on = True
            found.append(Chosen(key, dose, "" if named else choice, named, on))
        return found


def _covariates(models: tuple[KineticModel, ...]) -> list[Covariate]:
    found: dict[str, Covariate] = {}
    for model in models:
        for each in model.covariates:
            found.setdefault(each.id, each)
    return list(found.values())


def _whole(fields: Fields, name: str, default: int, most: int) -> int:
    text = fields.get(name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 5 and int(text) <= most) or (
        default and text == "0"
    ):
        raise UsageError(f"{name}: a whole number of days, {1 if default else 0} to {most}")
    return int(text)
