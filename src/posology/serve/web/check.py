"""The check: a record, a pasted text or a short form in, an answer out, and again with what was missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from posology import api
from posology.check.question import REGIONS, day, region_named
from posology.check.result import Result, Survey
from posology.errors import InputError, NotPossible, RecordError, UsageError
from posology.regimen.planned import Plan
from posology.serve.problem import Refused
from posology.serve.work import done
from posology.show import citing, fhir, html, json, leaflet

from . import carried, files, form_record
from .answers import Answers, Wrong, understood
from .choices import Choices, choices, every_result, today
from .fields import MOST_FIELDS, Fields, sent
from .filling import questions
from .pages import Site, download

ROWS = {"condition": 4, "medicine": 4, "allergy": 2}
"""Lines of each list that an empty form has."""
MORE = 4
WAYS = ("form", "file", "paste", "more", "edit")
_NOT_ANSWERS = ("way", "paste", "record", "answers")
_LINES = (("condition",), ("allergy",), ("medicine", "medicine-when", "medicine-last"))
_QUESTION = ("drug", "use", "on", "region", "product")
_UNITS = {
    "{score}": "points",
    "{INR}": "INR",
    "mL/min/{1.73_m2}": "mL/min/1.73 m²",
    "10*9/L": "10⁹/L",
    "10*3/uL": "10³/µL",
}


def spoken_unit(unit: str) -> str:
    """A UCUM unit as people write it."""
    return _UNITS.get(
        unit, unit.replace("[", "").replace("]", "").replace("umol", "µmol").replace("ukat", "µkat")
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a record."""

    record: bytes
    drug: str
    use: str
    on: date
    region: str
    product: str

    def fields(self) -> list[tuple[str, str]]:
        """What travels in the forms of the answer: the question, and the record itself."""
        asked = (self.drug, self.use, self.on.isoformat(), self.region, self.product)
        return [*zip(_QUESTION, asked, strict=True), ("record", carried.pack(self.record))]


class Check:
    """Pages of the check."""

    def __init__(self, site: Site) -> None:
        self.site, self.engine, self.library = site, site.engine, site.engine.library
        self.most = site.settings.limits.body_bytes
        self._choices: dict[str, Choices] = {}

    def routes(self, router: APIRouter) -> None:
        """Add the routes."""
        hidden: dict[str, Any] = {"include_in_schema": False}
        router.add_api_route("/check", self.form, methods=["GET"], **hidden)
        router.add_api_route("/check", self.answer, methods=["POST"], **hidden)
        router.add_api_route("/check/again", self.again, methods=["POST"], **hidden)
        router.add_api_route("/check/file", self.file, methods=["POST"], **hidden)

    async def form(self, request: Request) -> Response:
        """The empty form of a drug; nothing of a patient is in its address."""
        drug = request.query_params.get("drug") or self.usual()
        return await done(self._form, request, drug, request.query_params.get("use", ""), Fields(), {})

    async def answer(self, request: Request) -> Response:
        """The answer to a filled form."""
        fields = await sent(request, self.most)
        return await done(self._answer, request, fields)

    async def again(self, request: Request) -> Response:
        """The same question about the same record, with what was missing, or for one of its uses."""
        fields = await sent(request, self.most)
        return await done(self._again, request, fields)

    async def file(self, request: Request) -> Response:
        """An answer as a file to keep."""
        fields = await sent(request, self.most)
        return await done(self._file, fields)

    def usual(self) -> str:
        """The drug whose form is shown first: that of most uses."""
        return max(self.library.names(), key=lambda name: len(self.library.monograph(name).uses))

    def _form(
        self, request: Request, drug: str, use: str, fields: Fields, wrong: dict[str, str], more: int = 0
    ) -> Response:
        monograph = self.library.monograph(drug)
        given = {name: sum(map(bool, fields.all(name))) for name in ROWS}
        rows = {
            name: max(least, given[name] + (1 if given[name] else 0)) + more for name, least in ROWS.items()
        }
        offered = self._offered(drug)
        asked = (use or fields.get("use")).strip()
        try:
            chosen = self._use(drug, asked)
        except UsageError as unknown:
            # Which there are stands in the list of choices.
            chosen, wrong = "", wrong | {"use": str(unknown).partition(" Known: ")[0]}
        return self.site.page(
            request,
            "check.html",
            422 if wrong else 200,
            drug=drug,
            name=monograph.identity.name,
            uses=monograph.uses,
            products=monograph.identity.products,
            regions=REGIONS,
            region=self.site.settings.region,
            chosen=chosen,
            choices=offered,
            further=any(fields.get(f"value.{each.id}") for each in offered.further),
            today=today().isoformat(),
            v=fields,
            wrong=wrong,
            rows=rows,
            spoken_unit=spoken_unit,
        )

    def _use(self, drug: str, asked: str) -> str:
        """The id of a use by any of its names; empty if none is asked for."""
        by_name = {each.name.casefold(): each.id for each in self.library.monograph(drug).uses}
        return by_name.get(asked.casefold(), "") or (
            self.engine.planner(drug).uses.named(asked).id if asked else ""
        )

    def _offered(self, drug: str) -> Choices:
        if drug not in self._choices:
            self._choices[drug] = choices(self.library, drug)
        return self._choices[drug]

    def _answer(self, request: Request, fields: Fields) -> Response:
        drug = fields.get("drug") or self.usual()
        way = fields.chosen("way", WAYS)
        if way == "edit":
            answers = Fields(self._before(fields.get("answers")))
            return self._form(request, drug, "", answers, {})
        if way == "more":
            return self._form(request, drug, "", fields, {}, MORE)
        if way == "form" and not _filled(fields):  # the form was sent by the Enter key
            way = "file" if "file" in fields.files else "paste" if fields.get("paste") else way
        try:
            asked = self._asked(fields, self._record(fields, drug, way))
            kept = _kept({}, fields) if way == "form" else ""
            return self._show(request, asked, kept=kept, unused=_unused(fields, way))
        except Wrong as wrong:
            return self._form(request, drug, "", fields, wrong.problems)
        except (InputError, RecordError) as wrong:
            return self._form(request, drug, "", fields, {way: str(wrong)})

    def _before(self, packed: str) -> dict[str, list[str]]:
        return carried.unpack_texts(packed, self.most, MOST_FIELDS)

    def _record(self, fields: Fields, drug: str, way: str) -> bytes:
        """The record that was given. Of two that were, the button that was pressed decides."""
        if way == "file":
            if "file" not in fields.files:
                raise Wrong({"file": "choose a file first, or answer the questions below it"})
            return carried.plain(fields.files["file"], self.most)
        if way == "paste":
            if not fields.get("paste"):
                raise Wrong({"paste": "paste a record first, or answer the questions below it"})
            return fields.get("paste").encode("utf-8", "surrogatepass")
        answers = understood(fields, every_result(self.library), self._on(fields))
        planned = self._offered(drug).planned
        return form_record.written(
            form_record.bundle(answers, self._on(fields), self.library.vocabulary, planned)
        )

    @staticmethod
    def _on(fields: Fields) -> date:
        try:
            return day(fields.get("on")) if fields.get("on") else today()
        except UsageError as wrong:
            raise Wrong({"on": str(wrong)}) from None

    def _asked(self, fields: Fields, record: bytes) -> Asked:
        drug = fields.get("drug") or self.usual()
        use = fields.get("use")
        named = self.engine.planner(drug).uses.named(use).id if use else ""
        region = region_named(fields.get("region") or self.site.settings.region)
        return Asked(record, drug, named, self._on(fields), region, fields.get("product"))

    def _put(self, asked: Asked) -> Result | Survey:
        return api.check(
            asked.record,
            drug=asked.drug,
            use=asked.use or None,
            on=asked.on,
            region=asked.region,
            product=asked.product or None,
            monographs=self.engine,
        )

    def _planned(self, result: Result) -> Plan | str:
        try:
            return api.plan_after(result, monographs=self.engine)
        except (NotPossible, UsageError) as why:
            return str(why)

    def _leaflet(self, plan: Plan | str) -> bool:
        if isinstance(plan, str):
            return False
        try:
            leaflet.items_for(self.library, plan.drug, plan.product, plan.use, plan.region)
        except UsageError:
            return False
        return True

    def _again(self, request: Request, fields: Fields) -> Response:
        asked = self._asked(fields, carried.unpack(fields.get("record"), self.most))
        kept = fields.get("answers")
        try:
            answers = understood(fields, every_result(self.library), asked.on)
        except Wrong as wrong:
            return self._show(request, asked, fields=fields, wrong=wrong.problems, kept=kept)
        if answers != Answers():
            result = self._put(asked)
            patient = (result.results[0] if isinstance(result, Survey) else result).patient
            record = form_record.amended(asked.record, answers, asked.on, self.library.vocabulary, patient)
            asked = Asked(record, asked.drug, asked.use, asked.on, asked.region, asked.product)
            kept = kept and _kept(self._before(kept), fields)
        return self._show(request, asked, kept=kept)

    def _show(
        self,
        request: Request,
        asked: Asked,
        *,
        fields: Fields | None = None,
        wrong: dict[str, str] | None = None,
        kept: str = "",
        unused: tuple[str, ...] = (),
    ) -> Response:
        result = self._put(asked)
        if isinstance(result, Survey):
            shown = html.surveyed(result)
            travels = [pair for pair in asked.fields() if pair[0] != "use"]
            travels += [("answers", kept)] if kept else []
            return self.site.page(request, "answers.html", carried=travels, kept=kept, unused=unused, **shown)
        plan = self._planned(result)
        more = citing.of_plan(self.library, plan) if isinstance(plan, Plan) else ()
        asks = questions(result, self.library)
        return self.site.page(
            request,
            "answer.html",
            422 if wrong else 200,
            carried=asked.fields(),
            questions=asks,
            lists=any(each.kind == "list" for each in asks),
            choices=self._offered(asked.drug),
            leaflet=self._leaflet(plan),
            v=fields or Fields(),
            wrong=wrong or {},
            kept=kept,
            unused=unused,
            spoken_unit=spoken_unit,
            unlisted=self._unlisted(kept),
            **html.shown(result, plan, more),
        )

    def _unlisted(self, kept: str) -> list[str]:
        """Conditions and allergies of the form that are no name offered there: perhaps nothing read them."""
        texts = self._before(kept)
        named = {each.name.casefold() for each in self.library.vocabulary.concepts}
        given = [each.strip() for name in ("condition", "allergy") for each in texts.get(name, [])]
        return [each for each in given if each and each.casefold() not in named]

    def _file(self, fields: Fields) -> Response:
        asked = self._asked(fields, carried.unpack(fields.get("record"), self.most))
        form = fields.chosen("form", ("html", "json", "fhir", "record", *files.OF_PLAN))
        if form == "record":
            return download(asked.record, "record.json", "application/fhir+json")
        result = self._put(asked)
        if isinstance(result, Survey):
            raise UsageError("choose one use first; a file is of one answer")
        plan = self._planned(result)
        if form == "json":
            return download(json.render(result, plan), "answer.json", "application/json")
        if form == "fhir":
            return download(fhir.render(result), "answer-fhir.json", "application/fhir+json")
        if form == "html":
            more = citing.of_plan(self.library, plan) if isinstance(plan, Plan) else ()
            return download(html.render(result, plan, more), "answer.html", "text/html")
        if isinstance(plan, str):
            raise Refused(409, plan)
        return files.of_plan(plan, form, self.library)


def _filled(fields: Fields) -> bool:
    """Was anything of the short form answered?"""
    names = (
        "age",
        "sex",
        "pregnancy",
        "lactation",
        "condition",
        "medicine",
        "allergy",
        "planned",
        "planned-on",
    )
    given = any(any(fields.all(name)) for name in names) or bool(fields.starting("value."))
    states = {fields.get(f"{name}-are") for name in ("conditions", "medicines", "allergies")}
    return given or bool(states - {"", "unknown"})


def _kept(before: dict[str, list[str]], fields: Fields) -> str:
    """The answers of a short form, and what was answered since, packed: to go back to the form with them."""
    given = {name: texts for name, texts in fields.texts.items() if name not in _NOT_ANSWERS and any(texts)}
    merged = before | given
    for names in _LINES:
        # Lines that were answered since come after those of the form, and never in their place.
        earlier, later = _lines(before, names), _lines(given, names)
        if not (earlier and later):
            merged |= {name: before[name] for name in names if earlier and name in before}
            continue
        lines = [*earlier, *later]
        for number, name in enumerate(names):
            merged[name] = [line[number] for line in lines]
    return carried.pack_texts({name: texts for name, texts in merged.items() if any(texts)})


def _lines(texts: dict[str, list[str]], names: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Lines of a list that hold anything but the choice that an empty line begins with."""
    columns = [texts.get(name, []) for name in names]
    lines = zip_longest(*columns, fillvalue="")
    return [line for line in lines if line[0].strip() or (len(line) > 2 and line[2].strip())]


def _unused(fields: Fields, way: str) -> tuple[str, ...]:
    """What was sent beside what was asked about: it is no part of the answer, and the answer says so."""
    given = {
        "file": ("the file", "file" in fields.files),
        "paste": ("the pasted text", bool(fields.get("paste"))),
        "form": ("the answers of the short form", _filled(fields)),
    }
    return tuple(name for other, (name, there) in given.items() if there and other != way)
