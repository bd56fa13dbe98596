"""The addresses of the service: discovery, one for each hook, and feedback."""

from __future__ import annotations

import logging
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Request, Response

from posology.check.engine import Engine
from posology.errors import RecordError

from ..problem import Refused
from ..settings import Settings
from ..work import done
from . import clock, feedback, fetch, gather, medication, request
from .address import Forbidden, listed, target
from .answer import Desk
from .card import Json, cards
from .concern import Concern, Ordered, concerns, medicines, nameless
from .cross_origin import CrossOrigin
from .gather import Gathered
from .openapi import answers, asks
from .prefetch import Wanted, wanted
from .request import HookRequest
from .trust import Trust

ABOUT = {
    "patient-view": "Speaks when a medicine of a monograph is taken that should be held or stopped.",
    "order-select": "Checks a selected medicine of a monograph, or one that must not meet it, against the record.",
    "order-sign": "Checks ordered medicines of a monograph, or those that must not meet them, against the record.",
}
IDS = {f"posology-{hook}": hook for hook in request.HOOKS}
"""Services by their id, and the hook of each."""
ServiceId = Annotated[str, Path(json_schema_extra={"enum": list[Any](IDS)})]
_NEEDED = ("patient", "medications")
_log = logging.getLogger("posology.serve")


def router(settings: Settings, engine: Engine) -> APIRouter:
    """``/cds-services`` and what is below it. Raises `UsageError` for settings that cannot be."""
    service = _Service(settings, engine)
    routes = APIRouter(tags=["CDS Hooks"])
    origins = CrossOrigin(settings.origins)

    async def discovery(request: Request) -> Response:
        """The services, what each needs, and when it speaks."""
        return origins.on(request, Response(service.discovery, media_type="application/json"))

    async def call(id: ServiceId, request: Request) -> Response:
        """Cards for one hook call; an empty list where there is nothing to say."""
        return origins.on(request, await service.call(id, request))

    async def told(id: ServiceId, request: Request) -> Response:
        """Keep what became of cards, without anything about a patient."""
        return origins.on(request, await service.feedback(id, request))

    routes.add_api_route(
        "/cds-services",
        discovery,
        methods=["GET"],
        response_class=Response,
        responses=answers("CdsServices", called=False),
    )
    routes.add_api_route(
        "/cds-services/{id}",
        call,
        methods=["POST"],
        response_class=Response,
        responses=answers("CdsCards", needs=True),
        openapi_extra=asks("CdsCall"),
    )
    routes.add_api_route(
        "/cds-services/{id}/feedback",
        told,
        methods=["POST"],
        response_class=Response,
        responses=answers(""),
        openapi_extra=asks("CdsFeedback"),
    )
    if settings.origins:
        for path in ("/cds-services", "/cds-services/{id}", "/cds-services/{id}/feedback"):
            routes.add_api_route(path, origins.preflight, methods=["OPTIONS"], include_in_schema=False)
    return routes


class _Service:
    """What the addresses share: the knowledge, the queries, and who is believed."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self._settings, self._engine = settings, engine
        self._wants = wanted(engine)
        self._trust = Trust(settings)
        queries = {key: each.template for key, each in self._wants.items()}
        self.discovery = msgspec.json.encode(
            {
                "services": [
                    {
                        "hook": hook,
                        "title": f"Posology, {hook}",
                        "description": ABOUT[hook],
                        "id": id_,
                        "prefetch": queries,
                        "usageRequirements": (
                            "A prefetch key with null means that there is no such data. A key that is left out means "
                            "that nobody looked, and makes answers less certain."
                        ),
                    }
                    for id_, hook in IDS.items()
                ]
            }
        )

    async def call(self, id_: str, request_: Request) -> Response:
        """The answer of one service."""
        hook = self._hook(id_)
        await self._trusted(request_, f"/cds-services/{id_}")
        body = await _body(request_)
        asked = request.parsed(body, hook)
        drafts = medicines(asked.orders, self._engine.index)
        identified: Gathered | None = None
        if any(map(medication.of_order, asked.orders)):
            identified = await self._identified(asked)
            drafts = medicines(asked.orders, self._engine.index, medication.known(identified))
        about = concerns(drafts, self._engine)
        if hook != "patient-view" and not about:
            _all_named(drafts, identified or Gathered(), asked)
            return _answered([])
        gathered, found = (identified, None) if identified else await done(self._sent, asked, drafts, about)
        if found is None:
            await self._complete(gathered, asked)
            found = await done(self._cards, gathered, asked, drafts, about)
        return _answered(found)

    async def feedback(self, id_: str, request_: Request) -> Response:
        """Feedback, kept; nothing is answered to it."""
        self._hook(id_)
        await self._trusted(request_, f"/cds-services/{id_}/feedback")
        lines = feedback.parsed(await _body(request_), id_)
        try:
            await done(feedback.keep, lines, self._settings.feedback)
        except OSError:
            _log.error("The file for feedback cannot be written.")
            raise Refused(503, "Feedback cannot be kept at the moment.") from None
        return Response(status_code=200)

    def _hook(self, id_: str) -> str:
        if id_ not in IDS:
            raise Refused(404, f"There is no such service. There are: {', '.join(IDS)}.")
        return IDS[id_]

    async def _trusted(self, request_: Request, path: str) -> None:
        await self._trust.check(request_.headers.get("authorization", ""), path)

    def _sent(
        self, asked: HookRequest, drafts: list[Ordered], about: list[Concern]
    ) -> tuple[Gathered, list[Json] | None]:
        """What was sent, and the cards, unless something is to be fetched first."""
        gathered = gather.sent(asked, self._wants)
        if asked.server and (gathered.lacking or medication.lacking(gathered, asked)):
            return gathered, None
        return gathered, self._cards(gathered, asked, drafts, about)

    async def _identified(self, asked: HookRequest) -> Gathered:
        """What was sent, with the Medications that orders point to fetched."""
        gathered = await done(gather.sent, asked, self._wants)
        medication.among_orders(gathered, asked)
        await self._medications(gathered, asked)
        return gathered

    async def _complete(self, gathered: Gathered, asked: HookRequest) -> None:
        """Fetch what was not sent, if the call gives the means."""
        await self._fetched(
            gathered, asked, [each for key, each in self._wants.items() if key in gathered.lacking]
        )
        await self._medications(gathered, asked)

    async def _medications(self, gathered: Gathered, asked: HookRequest) -> None:
        queries = medication.lacking(gathered, asked)
        gathered.lacking |= {each.key: "it was not sent along" for each in queries}
        await self._fetched(gathered, asked, queries)

    async def _fetched(self, gathered: Gathered, asked: HookRequest, queries: list[Wanted]) -> None:
        if not queries or not asked.server:
            return
        if not asked.token and not listed(asked.server, self._settings):
            _say(gathered, queries, "no fhirAuthorization was given to fetch it with")
            return
        try:
            where = await target(asked.server, self._settings)
        except Forbidden as why:
            _say(gathered, queries, f"it is not fetched: {why}")
            return
        fetched = await fetch.fetch(where, queries, asked.patient, asked.token, self._settings)
        await done(gather.complete, gathered, fetched, asked.patient)

    def _enough(self, gathered: Gathered, hook: str, about: list[Concern]) -> None:
        """Raises `Refused` (412) when an answer would say nothing for want of what was not had.

        Whose record it is has to be known. What is taken has to be known where the question is whether the
        drug is taken at all: silence would then mean that nobody looked.
        """
        own = any(each.order.selected for concern in about for each in concern.own)
        keys = _NEEDED[:1] if own and hook != "patient-view" else _NEEDED
        missing = gather.needed(gathered, keys)
        if missing:
            said = "; ".join(f"{key} ({self._wants[key].template}): {why}" for key, why in missing.items())
            raise Refused(412, f"Needed and not had: {said}.", f"$.prefetch.{next(iter(missing))}")

    def _cards(
        self, gathered: Gathered, asked: HookRequest, drafts: list[Ordered], about: list[Concern]
    ) -> list[Json]:
        self._enough(gathered, asked.hook, about)
        desk = Desk(self._engine, gathered, self._wants, clock.today(), self._settings.region)
        try:
            if asked.hook == "patient-view":
                said = desk.patient()
            else:
                said = desk.orders(about, drafts)
        except RecordError as error:
            raise Refused(400, str(error), "$") from None
        return cards(said, f"{asked.hook}:{asked.instance}", self._engine, self._settings)


def _all_named(drafts: list[Ordered], gathered: Gathered, asked: HookRequest) -> None:
    """Raises `Refused` (412) when nobody said of what an order is: silence would mean that it was looked at."""
    for order in nameless(drafts):
        what = f"what is ordered in {order.place}"
        reason = "neither medicationCodeableConcept nor medicationReference says it"
        if pointed := medication.of_order(order):
            what = f"the Medication that {order.place} points to"
            reason = medication.why(pointed, gathered, asked)
        raise Refused(412, f"Needed and not had: {what}: {reason}.", order.place)


def _say(gathered: Gathered, queries: list[Wanted], why: str) -> None:
    for each in queries:
        gathered.lacking[each.key] += f", and {why}"


async def _body(request_: Request) -> bytes:
    kind = request_.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and kind != "application/json" and not kind.endswith("+json"):
        raise Refused(415, "A call is sent as application/json.")
    return await request_.body()


def _answered(found: list[Json]) -> Response:
    return Response(msgspec.json.encode({"cards": found}), media_type="application/json")
