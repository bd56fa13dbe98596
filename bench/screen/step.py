"""The reduce step by itself, in process: from a record to its judgement, with more and more statements."""

from __future__ import annotations

import gc
from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from posology.check.engine import Engine
from posology.check.reach import below
from posology.monograph.criterion import Criterion
from posology.monograph.load import load_library
from posology.monograph.model import Statement
from posology.record.fhir import assemble
from posology.record.fhir_types import Resource, decode_resource
from posology.record.model import Record
from posology.record.shape import Shaped

from ..peers.population import bundles
from .runs import DRUG, ON, USE

PER = 40
"""Statements for which the target is stated."""


def records(engine: Engine, export: Path, day: date, limit: int) -> list[Record]:
    """Records of some people of an export, read as a run reads them."""
    import orjson

    found = []
    for bundle in bundles(export)[:limit]:
        raw = [orjson.dumps(entry["resource"]) for entry in orjson.loads(bundle)["entry"]]
        resources: list[tuple[str, str | None, Resource]] = [
            ("", None, decode_resource(each)) for each in raw
        ]
        found.append(assemble(Shaped(resources, []), "bench", day.toordinal(), engine.index, {}))
    return found


def more(engine: Engine, count: int, people: list[Record]) -> None:
    """Give the engine's monograph so many statements that none of these records has anything to say to."""
    planner = engine.planner(DRUG)
    base = next(
        each for each in planner.monograph.statements if each.when is not None and each.verdict == "avoid"
    )
    hit = {concept for record in people for concept in record.hits}
    rare = [
        concept.id
        for concept in engine.library.vocabulary.concepts
        if concept.kind == "condition" and hit.isdisjoint(below(concept.id, engine.index))
    ]
    extra: list[Statement] = []
    for number in range(count):
        when = Criterion("condition", concept=rare[number % len(rare)], within=1 + number)
        changes: dict[str, Any] = {"stage": "any", "regions": (), "products": (), "uses": (), "until": None}
        extra.append(replace(base, id=f"bench-{number}", when=when, **changes))
    planner.monograph = replace(planner.monograph, statements=(*planner.monograph.statements, *extra))


def judge(engine: Engine, people: list[Record], day: date) -> tuple[float, int]:
    """Seconds to judge everyone, and the statements in scope."""
    planner = engine.planner(DRUG)
    use = planner.uses.named(USE)
    product = planner.uses.product(use, None)
    scope = len(planner.plan(use, "US", product, "starting").rules)
    begun = perf_counter()
    for record in people:
        engine.judge(record, DRUG, use, day, "US", product)
    return perf_counter() - begun, scope


def reduce_step(export: Path, limit: int = 2000, turns: int = 7) -> dict[str, Any]:
    """Microseconds a patient, as the monograph is and with as many statements more that hit nothing."""
    day = date.fromisoformat(ON)
    plain, longer = Engine(load_library()), Engine(load_library())
    people = records(plain, export, day, limit)
    more(longer, judge(plain, [], day)[1], people)
    gc.collect()
    gc.freeze()
    gc.disable()
    times: dict[str, list[float]] = {"plain": [], "longer": []}
    scopes = {}
    for _ in range(turns):
        for name, engine in (("plain", plain), ("longer", longer)):
            seconds, scopes[name] = judge(engine, people, day)
            times[name].append(seconds / len(people) * 1e6)
    gc.enable()
    gc.unfreeze()
    base = median(times["plain"])
    return {
        "patients": len(people),
        "statements": scopes["plain"],
        "us_per_patient": round(base, 1),
        "us_per_patient_per_40_statements": round(base * PER / scopes["plain"], 1),
        "statements_that_hit_nothing": scopes["longer"] - scopes["plain"],
        "cost_of_these_percent": round(100 * (median(times["longer"]) / base - 1), 1),
    }
