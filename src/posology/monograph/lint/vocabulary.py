"""Can every concept match something, once, and is it wanted?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ..folder import Placed
from ..model import Concept, KnownProduct, Substance
from .problem import Knowledge, Problem, error, warning
from .references import used_concepts

_FOR_OBSERVATIONS = ("unit", "conversions", "plausible_from", "plausible_to", "uln", "derived")


def vocabulary_problems(knowledge: Knowledge) -> Iterator[Problem]:
    """Concepts that match nothing, twice or never; names and codes that mean two things."""
    concepts = knowledge.by_id(Concept)
    used = used_concepts(knowledge)
    whole = knowledge.shared_whole and all(drug.whole for drug in knowledge.drugs)
    for placed in knowledge.all(Concept):
        concept: Concept = placed.item
        yield from _matching(placed, concept)
        yield from _numbers(placed, concept)
        yield from _includes(placed, concept, concepts)
        if whole and concept.id not in used:
            yield warning(
                placed, message=f"no monograph uses the concept '{concept.id}'; use it or remove it"
            )
    yield from _shared_names(knowledge)


def _matching(placed: Placed, concept: Concept) -> Iterator[Problem]:
    sets = (concept.codes, concept.prefixes, concept.names, concept.medicines, concept.includes)
    if not any(sets) and not concept.derived:
        message = "matches nothing; give codes, prefixes, names, medicines or includes"
        yield error(placed, message=message)
    if concept.medicines and concept.kind not in ("medicine", "allergy"):
        yield error(
            placed, "medicines", message=f"medicines do not belong to a concept of kind {concept.kind}"
        )
    for key in ("codes", "prefixes", "names", "includes"):
        seen = set()
        for index, one in enumerate(getattr(concept, key)):
            mark = (
                one.casefold()
                if isinstance(one, str)
                else (one.system, getattr(one, "code", ""), getattr(one, "prefix", ""))
            )
            if mark in seen:
                text = one if isinstance(one, str) else " ".join(filter(None, mark))
                yield error(placed, key, index, message=f"'{text}' is listed twice; keep one")
            seen.add(mark)


def _numbers(placed: Placed, concept: Concept) -> Iterator[Problem]:
    if concept.kind != "observation":
        for key in _FOR_OBSERVATIONS:
            if getattr(concept, key) not in ("", (), None):
                yield error(
                    placed, key, message=f"{key.replace('_', '-')} is for concepts of kind observation"
                )
    low, high = concept.plausible_from, concept.plausible_to
    if low is not None and high is not None and low >= high:
        yield error(placed, "plausible_to", message=f"no value lies between {low:g} and {high:g}")
    if concept.uln and not concept.uln_source:
        yield error(placed, "uln", message="needs uln-source: the source of this upper limit of normal")
    if concept.uln and concept.uln.unit != concept.unit:
        yield error(
            placed,
            "uln",
            message=f"is in '{concept.uln.unit}'; write it in the concept's unit '{concept.unit}'",
        )
    seen = set()
    for index, conversion in enumerate(concept.conversions):
        if conversion.factor <= 0:
            yield error(placed, "conversions", index, message="factor must be above 0")
        if conversion.unit in seen or conversion.unit == concept.unit:
            yield error(
                placed, "conversions", index, message=f"'{conversion.unit}' already has a factor; keep one"
            )
        seen.add(conversion.unit)


def _includes(placed: Placed, concept: Concept, concepts: dict[str, Concept]) -> Iterator[Problem]:
    for index, name in enumerate(concept.includes):
        part = concepts.get(name)
        if part is None:
            continue
        if part.kind != concept.kind:
            message = f"'{name}' is of kind {part.kind}; include concepts of kind {concept.kind}"
            yield error(placed, "includes", index, message=message)
        if concept.id in _below(name, concepts):
            yield error(
                placed,
                "includes",
                index,
                message=f"'{name}' includes '{concept.id}' in turn; break the circle",
            )


def _below(name: str, concepts: dict[str, Concept]) -> set[str]:
    found, queue = {name}, [name]
    while queue:
        part = concepts.get(queue.pop())
        new = set(part.includes) - found if part else set()
        found |= new
        queue.extend(new)
    return found


def _shared_names(knowledge: Knowledge) -> Iterator[Problem]:
    """A name or code that stands for two substances or products makes every match doubtful."""
    for kind in (Substance, KnownProduct):
        names: dict[str, dict[str, Placed]] = defaultdict(dict)
        for placed in knowledge.all(kind):
            codes = [f"{code.system} {code.code}" for code in placed.item.codes]
            for name in {*(one.casefold() for one in (placed.item.name, *placed.item.names)), *codes}:
                names[name].setdefault(placed.item.id, placed)
        for name, owners in sorted(names.items()):
            if len(owners) > 1:
                first, second = list(owners)[:2]
                yield error(
                    owners[second], message=f"'{name}' also stands for '{first}'; keep it with one of them"
                )
