"""The whole answer: every statement's status, the stage and the verdict."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from .findings import allergy, condition, procedure
from .medicines import dose, medication, on_drug
from .person import age, lactation, pregnancy, sex
from .record import Json, Record, read
from .results import change, observation, recorded
from .values import NAMES, NO, OPEN, YES

LEAVES: dict[str, Callable[[Json, Record, bool, Json], int]] = {
    "condition": condition,
    "medication": medication,
    "observation": observation,
    "allergy": allergy,
    "procedure": procedure,
    "age": age,
    "sex": sex,
    "pregnancy": pregnancy,
    "lactation": lactation,
    "dose": dose,
    "on-drug": on_drug,
    "change": change,
    "recorded": recorded,
}
NESTED = ("all", "any", "not", "at-least")
KINDS = (*LEAVES, *NESTED, "use")
"""Every criterion kind that this oracle can answer."""
STARTING = ("suitable", "with-precautions", "cannot-tell", "not-now", "avoid")
TAKING = ("continue", "with-precautions", "cannot-tell", "hold", "stop")


class Answer(NamedTuple):
    """What the program should say."""

    statements: dict[str, str]
    stage: str
    verdict: str


def expected(knowledge: Json, monograph: Json, question: Json, resources: list[Json]) -> Answer:
    """The answer to a question about a record.

    `knowledge` has concepts, substances, products and forms, `monograph` the identity, uses and statements, as
    their YAML says them; `question` has use, on, region and product.
    """
    own = monograph["identity"]["concept"]
    vocabulary = {**knowledge, "own": own}
    record = read(resources, date.fromisoformat(question["on"]).toordinal())
    uses = wider(monograph["uses"], question["use"])
    stage = "taking" if surely_taken(record, own, vocabulary) else "starting"
    ranks = TAKING if stage == "taking" else STARTING
    statuses, verdict = {}, 0
    for each in monograph["statements"]:
        if in_scope(each, question, uses, stage):
            status = evaluate(each["when"], record, True, vocabulary, uses)
            statuses[each["id"]] = NAMES[status]
            verdict = max(verdict, ranks.index(imposed(each, status, stage) or ranks[0]))
    return Answer(statuses, stage, ranks[verdict])


def wider(uses: list[Json], use: str) -> set[str]:
    """A use and all that it is part of."""
    found = {use}
    for _ in uses:
        found |= {each["part-of"] for each in uses if each["id"] in found and "part-of" in each}
    return found


def in_scope(statement: Json, question: Json, uses: set[str], stage: str) -> bool:
    """Is this statement put to the record?"""
    return (
        "when" in statement
        and statement.get("stage", "any") in (stage, "any")
        and question["region"] in statement.get("regions", ["US", "EU"])
        and question["product"] in statement.get("products", [question["product"]])
        and ("uses" not in statement or bool(uses & set(statement["uses"])))
    )


def surely_taken(record: Record, own: str, knowledge: Json) -> bool:
    """Is the drug surely taken already, whichever way one doubts?"""
    return all(
        medication({"medication": own}, record, against, knowledge) == YES for against in (True, False)
    )


def imposed(statement: Json, status: int, stage: str) -> str | None:
    """The level that a statement imposes on the verdict."""
    if status == NO:
        return None
    level = statement.get("verdict")
    if level is None:
        missing = statement.get("missing") if status == OPEN else None
        return {None: None, "ask": "with-precautions", "block": "cannot-tell"}[missing]
    if stage == "taking":
        level = {"avoid": "stop", "not-now": "hold"}.get(level, level)
        level = statement.get("taking", level)
    if level == "none":
        return None
    if status == OPEN and level != "with-precautions":
        return "cannot-tell"
    return level


def evaluate(criterion: Json, record: Record, against: bool, knowledge: Json, uses: set[str]) -> int:
    """Met, not met or open; `against` says whether meeting it speaks against the medicine."""
    if "use" in criterion:
        return YES if criterion["use"] in uses else NO
    if "not" in criterion:
        return YES - evaluate(criterion["not"], record, not against, knowledge, uses)
    for kind in ("all", "any", "at-least"):
        if kind in criterion:
            of = criterion[kind]["of"] if kind == "at-least" else criterion[kind]
            parts = [evaluate(each, record, against, knowledge, uses) for each in of]
            if kind == "all":
                return min(parts)
            return max(parts) if kind == "any" else _at_least(parts, criterion[kind]["count"])
    (leaf,) = [each for each in LEAVES if each in criterion]
    return LEAVES[leaf](criterion, record, against, knowledge)


def _at_least(parts: list[int], count: int) -> int:
    """Met when enough are surely so, not met when too few could be."""
    if parts.count(YES) >= count:
        return YES
    return NO if parts.count(YES) + parts.count(OPEN) < count else OPEN
