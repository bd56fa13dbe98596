"""What the short form asks about a drug: the concepts that its statements ask for, and names to choose from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from posology.monograph.criterion import ULN, Criterion
from posology.monograph.load import Library
from posology.monograph.model import Concept

STATES = ("pregnancy", "lactation")
"""Concepts that the form asks in a question of their own."""
_STATE_RESULTS = tuple(f"{name}-status" for name in STATES)


def today() -> date:
    """The day that is asked about where none is given. The edge of the program is the only place that knows it."""
    return date.today()  # noqa: TID251, DTZ011


@dataclass(frozen=True, slots=True)
class Measured:
    """A result that can be given: a number in one of `units`, or, without any, positive or negative."""

    id: str
    name: str
    units: tuple[str, ...]
    limited: bool = False
    """Is it judged by its upper limit of normal, which only the laboratory knows?"""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the form of one drug offers. `needed` are results without which there may be no answer."""

    needed: tuple[Measured, ...]
    further: tuple[Measured, ...]
    conditions: tuple[str, ...]
    medicines: tuple[str, ...]
    allergies: tuple[str, ...]
    planned: str
    """The concept of a procedure that the drug asks about before it is done; empty if there is none."""
    planned_name: str


def choices(library: Library, drug: str) -> Choices:
    """What the form for this drug offers; raises `UsageError` for a drug that is not known."""
    monograph = library.monograph(drug)
    concepts = {each.id: each for each in library.vocabulary.concepts}
    weighty: dict[str, None] = {}
    asked: dict[str, None] = {}
    planned = ""
    for statement in monograph.statements:
        if statement.when is None:
            continue
        for part in statement.when.walk():
            asked.setdefault(part.concept)
            if statement.missing == "block":
                weighty.setdefault(part.concept)
            planned = planned or _planned(part)
    for use in monograph.uses:
        for part in use.when.walk() if use.when else ():
            asked.setdefault(part.concept)
    results = {each.id: each for each in every_result(library)}
    measured = [results[name] for name in asked if name in results]
    vocabulary = library.vocabulary
    medicines = {name for each in vocabulary.substances for name in (each.name, *each.names)}
    medicines |= {name for made in vocabulary.products for name in (made.name, *made.names)}
    return Choices(
        tuple(each for each in measured if each.id in weighty),
        tuple(each for each in measured if each.id not in weighty),
        _names(
            (each for each in concepts.values() if each.kind == "condition" and each.id not in STATES), asked
        ),
        tuple(sorted(medicines, key=str.casefold)),
        _names((each for each in concepts.values() if each.kind == "allergy"), asked),
        planned,
        concepts[planned].name if planned in concepts else "",
    )


@lru_cache(maxsize=4)
def every_result(library: Library) -> tuple[Measured, ...]:
    """Every result that a form could hold."""
    judged = {
        part.concept
        for name in library.names()
        for statement in library.monograph(name).statements
        for part in (statement.when.walk() if statement.when else ())
        if any(bound and bound.unit == ULN for bound in (part.above, part.from_, part.below, part.to))
    }
    return tuple(
        _offered(each, each.id in judged and each.uln is None)
        for each in library.vocabulary.concepts
        if _measured(each)
    )


def _measured(concept: Concept) -> bool:
    return concept.kind == "observation" and concept.id not in _STATE_RESULTS


def _offered(concept: Concept, limited: bool) -> Measured:
    units = (concept.unit, *(each.unit for each in concept.conversions)) if concept.unit else ()
    return Measured(concept.id, concept.name, tuple(dict.fromkeys(units)), limited and bool(units))


def _planned(part: Criterion) -> str:
    return part.concept if part.kind == "procedure" and part.next is not None else ""


def _names(concepts: Iterable[Concept], asked: Iterable[str]) -> tuple[str, ...]:
    """Names to choose from, those that matter to the drug first."""
    first = set(asked)
    found = sorted(concepts, key=lambda each: (each.id not in first, each.name.casefold()))
    return tuple(each.name for each in found)
