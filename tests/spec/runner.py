"""Runs an example the whole way: entries, FHIR bytes, the reader, the compiled criterion or the engine."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from posology import api
from posology.check.answer import Case
from posology.check.compile import compile_criterion
from posology.check.engine import Engine
from posology.monograph.case_codes import Words
from posology.monograph.case_entry import resource
from posology.monograph.case_model import CaseEntry
from posology.monograph.criterion import parse
from posology.monograph.load import Library
from posology.monograph.yaml_file import read_yaml
from posology.record.fhir import read

from .model import Entry, Example, Fhir, Rule

KNOWLEDGE = Path(__file__).parent / "knowledge"
DRUG, CONCEPT, USE = "examplol", "examplol-alone", "ache"
DATES = ("from_", "to", "on", "recorded")
STATUS = {True: "met", False: "not-met", None: "unknown"}
IRRELEVANT: tuple[dict[str, Any], ...] = (
    {"resourceType": "Encounter", "id": "irrelevant-1", "status": "finished"},
    {
        "resourceType": "Observation",
        "id": "irrelevant-2",
        "status": "final",
        "effectiveDateTime": "2026-06-29",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8302-2", "display": "Body height"}]},
        "valueQuantity": {"value": 170, "unit": "cm", "code": "cm"},
    },
)


class Outcome(NamedTuple):
    """What an example can be compared with."""

    answer: str
    names: frozenset[str]
    asks: tuple[str, ...]
    why: tuple[str, ...]
    note: str
    aside: tuple[str, ...]
    stage: str = ""
    earliest: str = ""
    either: frozenset[tuple[str, str, str]] = frozenset()


@cache
def engine() -> Engine:
    """The engine of the spec's own knowledge, and of no other: clinical changes never break the spec."""
    return Engine(Library((KNOWLEDGE,)))


def plain(text: str) -> Any:
    """YAML as the knowledge is written: dates stay text, `no` is a word."""
    return read_yaml(Path("example.yaml"), text.encode()).data


def fhir_of(entry: Entry, number: int) -> dict[str, Any]:
    """The FHIR resource that an entry stands for."""
    over: dict[str, Any] = {}
    if isinstance(entry, Fhir):
        over = entry.fields
        if not entry.entry:
            return over
        entry = entry.entry
    fields = plain(entry)
    given: dict[str, Any] = {
        {"from": "from_", "as": "as_"}.get(key.rstrip("_"), key): value for key, value in fields.items()
    }
    given = {key: str(value) if key in DATES else value for key, value in given.items()}
    made = resource(CaseEntry(**given), number, Words(engine().library.vocabulary))
    return {key: value for key, value in {**made, **over}.items() if value is not None}


def resources(rule: Rule, example: Example) -> list[dict[str, Any]]:
    who = plain(example.patient or rule.patient)
    names = {"sex": "gender", "born": "birthDate"}
    who = {names.get(key, key): str(value) if key == "born" else value for key, value in who.items()}
    patient = {"resourceType": "Patient", "id": "case", **who}
    entries = (*rule.given, *example.entries)
    return [patient, *(fhir_of(entry, number) for number, entry in enumerate(entries, start=1))]


def run(rule: Rule, example: Example, found: list[dict[str, Any]] | None = None) -> Outcome:
    """Put the question of the example to its record."""
    found = resources(rule, example) if found is None else found
    data = json.dumps(
        {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in found]}
    )
    on = date.fromisoformat(example.on or rule.on)
    record = read(data.encode(), on.toordinal(), engine().index)
    aside = tuple(one.reason for one in record.set_aside)
    when = example.when or rule.when
    if not when:
        return _whole(data.encode(), on)
    case = Case(record, on.toordinal(), engine().index, (USE,), record.closed)
    answer = compile_criterion(parse(plain(when)), engine().index, CONCEPT)(case)
    hits = answer.hits or [hit for gap in answer.missing for hit in gap.hits]
    return Outcome(
        STATUS[answer.value],
        frozenset(hit.entry.ref.rsplit("/", 1)[-1] for hit in hits),
        tuple(gap.what for gap in answer.missing),
        tuple(gap.why for gap in answer.missing),
        answer.note,
        aside,
    )


def _whole(data: bytes, on: date) -> Outcome:
    result = api.check(data, drug=DRUG, use=USE, on=on, product="tablet", monographs=engine())
    gaps = result.missing
    return Outcome(
        result.verdict,
        frozenset(entry.ref.rsplit("/", 1)[-1] for finding in result.reasons for entry in finding.entries),
        tuple(gap.what for gap in gaps),
        tuple(gap.why for gap in gaps),
        " ".join(result.notices),
        tuple(one.reason for one in result.set_aside),
        result.stage,
        str(result.earliest or ""),
        frozenset((gap.what, gap.if_so, gap.if_not) for gap in gaps),
    )
