"""Does every name point at something, and does every id stand once?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from ..criterion import LISTS, Criterion
from ..folder import Placed
from ..kinetics import KineticModel
from ..model import (
    Citation,
    Concept,
    Dispute,
    Form,
    Identity,
    KnownProduct,
    Source,
    Statement,
    Substance,
    Use,
)
from .problem import SHARED, Drug, Knowledge, Problem, error, unknown, warning

CONCEPT_KIND = {
    "condition": "condition",
    "medication": "medicine",
    "dose": "medicine",
    "on-drug": "medicine",
    "observation": "observation",
    "change": "observation",
    "allergy": "allergy",
    "procedure": "procedure",
}
"""The kind of concept that a kind of criterion asks for."""

ASKED_BY_NAME = {
    "pregnancy", "pregnancy-status", "pregnancy-test", "lactation", "lactation-status",
    "creatinine", "no-known-allergy",
}  # fmt: skip
"""Concepts that the reader and the criteria `pregnancy`, `lactation` and derived results ask for by id."""


def reference_problems(knowledge: Knowledge) -> Iterator[Problem]:
    """Unresolved or repeated ids, in the shared files and in each monograph."""
    for kind in SHARED:
        yield from _repeated(knowledge.all(kind), kind.__name__.lower())
    yield from _sources(knowledge)
    yield from _vocabulary_ids(knowledge)
    concepts = knowledge.by_id(Concept)
    for drug in knowledge.drugs:
        for own in (Statement, Use, Dispute):
            yield from _repeated(drug.all(own), own.__name__.lower())
        yield from _head(drug, knowledge)
        for placed in drug.all(Statement):
            yield from _criterion(placed, drug, concepts)
            yield from _ids(placed, "uses", "use", placed.item.uses, drug.uses)
            yield from _products(placed, drug)
        for placed in drug.all(Use):
            yield from _use(placed, drug, concepts)
        statements = {one.item.id for one in drug.all(Statement)}
        for placed in drug.all(Dispute):
            if drug.whole:
                yield from _ids(placed, "statements", "statement", placed.item.statements, statements)


def _repeated(items: Iterable[Placed], what: str) -> Iterator[Problem]:
    first: dict[str, Placed] = {}
    for placed in items:
        before = first.setdefault(placed.item.id, placed)
        if before is not placed:
            place = f"{before.file.path.name}:{before.file.line(before.trail)}"
            yield error(
                placed, "id", message=f"{what} id '{placed.item.id}' is already at {place}; choose another"
            )


def _ids(placed: Placed, key: str, what: str, ids: Iterable[str], known: Iterable[str]) -> Iterator[Problem]:
    known = set(known)
    for index, one in enumerate(ids):
        if one not in known:
            yield error(placed, key, index, message=unknown(what, one, known))


def _products(placed: Placed, drug: Drug) -> Iterator[Problem]:
    if drug.head is not None:
        yield from _ids(placed, "products", "product", placed.item.products, drug.products)


def _sources(knowledge: Knowledge) -> Iterator[Problem]:
    known = set(knowledge.by_id(Source))
    for placed in [*knowledge.shared, *(one for drug in knowledge.drugs for one in drug.placed)]:
        for trail, key in _keys(placed.item, ()):
            source = Citation.parse(key).source
            if source not in known:
                yield error(placed, *trail, message=unknown("source", source, known))


def _keys(item: Any, trail: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every source key of an item, with its trail inside it."""
    for index, key in enumerate(getattr(item, "sources", ())):
        yield (*trail, "sources", index), key
    if uln_source := getattr(item, "uln_source", ""):
        yield (*trail, "uln_source"), uln_source
    parts: tuple[str, ...] = ("positions", "frequencies")
    if isinstance(item, Identity):
        parts = ("products",)
    if isinstance(item, KineticModel):
        parts = (
            "parameters",
            "receptors",
            "covariate_effects",
            "challenges",
            "remarks",
            "conventions",
            "alternatives",
        )
    for name in parts:
        for index, part in enumerate(getattr(item, name, ())):
            yield from _keys(part, (*trail, name, index))


def _vocabulary_ids(knowledge: Knowledge) -> Iterator[Problem]:
    substances, forms = knowledge.by_id(Substance), knowledge.by_id(Form)
    concepts = knowledge.by_id(Concept)
    for placed in knowledge.all(KnownProduct):
        yield from _ids(placed, "ingredients", "substance", placed.item.ingredients, substances)
        yield from _ids(placed, "forms", "form", placed.item.forms, forms)
    for placed in knowledge.all(Concept):
        yield from _ids(placed, "includes", "concept", placed.item.includes, concepts)
        for index, rule in enumerate(placed.item.medicines):
            for key in ("ingredients", "with_", "without"):
                for at, one in enumerate(getattr(rule, key)):
                    if one not in substances:
                        yield error(
                            placed, "medicines", index, key, at, message=unknown("substance", one, substances)
                        )
            for key in ("forms", "not_forms"):
                for at, one in enumerate(getattr(rule, key)):
                    if one not in forms:
                        yield error(placed, "medicines", index, key, at, message=unknown("form", one, forms))


def _head(drug: Drug, knowledge: Knowledge) -> Iterator[Problem]:
    head = drug.head
    if head is None:
        return
    identity, substances = head.item, knowledge.by_id(Substance)
    if identity.id != drug.name:
        yield error(
            head, "id", message=f"id is '{identity.id}' in the folder '{drug.name}'; make them the same"
        )
    if identity.substance not in substances:
        yield error(head, "substance", message=unknown("substance", identity.substance, substances))
    yield from _concept(head, ("concept",), identity.concept, "medicine", knowledge.by_id(Concept))
    seen: set[str] = set()
    for index, product in enumerate(identity.products):
        if product.id in seen:
            yield error(
                head, "products", index, message=f"product id '{product.id}' is given twice; choose another"
            )
        seen.add(product.id)
        for at, one in enumerate(product.ingredients):
            if one not in substances:
                yield error(
                    head, "products", index, "ingredients", at, message=unknown("substance", one, substances)
                )
        if product.form not in knowledge.by_id(Form):
            message = unknown("form", product.form, knowledge.by_id(Form))
            yield warning(head, "products", index, "form", message=message)


def _use(placed: Placed, drug: Drug, concepts: dict[str, Concept]) -> Iterator[Problem]:
    use: Use = placed.item
    uses = drug.uses
    yield from _products(placed, drug)
    yield from _criterion(placed, drug, concepts)
    if use.takes:
        yield from _concept(placed, ("takes",), use.takes, "medicine", concepts)
    if use.part_of and use.part_of not in uses:
        yield error(placed, "part_of", message=unknown("use", use.part_of, uses))
    path, here = [use.id], use.part_of
    while here in uses and here not in path:
        path.append(here)
        here = uses[here].part_of
    if here == use.id:
        yield error(
            placed, "part_of", message=f"goes round in a circle ({' -> '.join([*path, here])}); break it"
        )


def _concept(
    placed: Placed, trail: tuple[str | int, ...], name: str, kind: str, concepts: dict[str, Concept]
) -> Iterator[Problem]:
    if name not in concepts:
        alike = [one.id for one in concepts.values() if one.kind == kind]
        yield error(placed, *trail, message=unknown("concept", name, alike or concepts))
    elif kind and concepts[name].kind != kind:
        message = f"'{name}' is a concept of kind {concepts[name].kind}; {trail[-1]} takes one of kind {kind}"
        yield error(placed, *trail, message=message)


def _criterion(placed: Placed, drug: Drug, concepts: dict[str, Concept]) -> Iterator[Problem]:
    if placed.item.when is None:
        return
    for criterion, trail in located(placed.item.when, ("when",)):
        here = (*trail, criterion.kind.replace("-", "_"))
        if criterion.kind == "use":
            if criterion.concept not in drug.uses:
                yield error(placed, *here, message=unknown("use", criterion.concept, drug.uses))
        elif criterion.kind == "recorded":
            if criterion.concept not in LISTS and criterion.concept not in concepts:
                yield error(placed, *here, message=unknown("concept", criterion.concept, [*LISTS, *concepts]))
        elif criterion.kind in CONCEPT_KIND:
            yield from _concept(placed, here, criterion.concept, CONCEPT_KIND[criterion.kind], concepts)


def located(
    criterion: Criterion, trail: tuple[str | int, ...]
) -> Iterator[tuple[Criterion, tuple[str | int, ...]]]:
    """A criterion and all below it, each with its trail in the YAML."""
    yield criterion, trail
    key = criterion.kind.replace("-", "_")
    for index, part in enumerate(criterion.of):
        below = (*trail, key) if criterion.kind == "not" else (*trail, key, index)
        yield from located(part, below)


def used_concepts(knowledge: Knowledge) -> set[str]:
    """Concepts that a monograph asks about, and those which these include."""
    used = set(ASKED_BY_NAME)
    for drug in knowledge.drugs:
        if drug.head:
            used.add(drug.head.item.concept)
        used.update(placed.item.takes for placed in drug.all(Use) if placed.item.takes)
        for placed in [*drug.all(Statement), *drug.all(Use)]:
            if placed.item.when is not None:
                used.update(part.concept for part in placed.item.when.walk() if part.concept)
    includes: dict[str, tuple[str, ...]] = defaultdict(tuple)
    includes |= {name: concept.includes for name, concept in knowledge.by_id(Concept).items()}
    queue = list(used)
    while queue:
        for below in includes[queue.pop()]:
            if below not in used:
                used.add(below)
                queue.append(below)
    return used
