"""Which monographs a call is about: the drugs being ordered, and what else is ordered that they must not meet.

A medicine is recognised as in any record, by code, ingredient, form and name. An order that no monograph
reads concerns nobody, and then nothing is asked for and nothing is said.
"""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

import msgspec

from posology.check.engine import Engine
from posology.check.plan import Planner
from posology.check.reach import below, read_by
from posology.check.verdict import FINE, level
from posology.monograph.model import Product, Use
from posology.record.collect import Medications, made_of
from posology.record.fhir_types import CodeableConcept, Resource, decode_resource
from posology.record.match import Index, Matched
from posology.record.medicine import Names

from .medication import meant, of_order
from .request import Order

_SIGNED = ("draft", "active", "on-hold", "unknown", "")
"""Statuses of an order that is going to be given; one that is being stopped is none."""


class Ordered(NamedTuple):
    """A draft order of a medicine, and what it is known to be."""

    order: Order
    resource: Resource
    matched: Matched

    @property
    def concepts(self) -> frozenset[str]:
        """Concepts that it belongs to, surely or perhaps."""
        return frozenset(match.concept for match in self.matched.matches)

    @property
    def entry(self) -> str:
        """What the entry of a record is called that is made from it."""
        return self.order.ref or f"MedicationRequest ({self.order.place})"


class Concern(NamedTuple):
    """A drug that a call is about: the orders of it, and selected orders of medicines that it must not meet."""

    drug: str
    own: tuple[Ordered, ...]
    against: tuple[Ordered, ...]


def medicines(orders: tuple[Order, ...], index: Index, known: Medications = {}) -> list[Ordered]:  # noqa: B006
    """The draft orders of medicines that are going to be given and can be recognised, or say nothing of what they are.

    `known` says what Medications are that orders point to.
    """
    found = []
    for order in _given(orders):
        resource = _read(order)
        if known and (pointed := of_order(order)):
            resource.medicationCodeableConcept = meant(pointed, known)
        concept = _concept(resource)
        matched = index.match("medicine", concept)
        if matched.matches or not _says(concept):
            found.append(Ordered(order, resource, matched))
    return found


def nameless(ordered: list[Ordered]) -> list[Order]:
    """Selected orders that do not say of what they are, or say it with a reference that leads nowhere."""
    return [each.order for each in ordered if each.order.selected and not _says(_concept(each.resource))]


def _given(orders: tuple[Order, ...]) -> list[Order]:
    """Those of medicines that are going to be given."""
    return [
        each
        for each in orders
        if each.resource["resourceType"] == "MedicationRequest"
        and each.resource.get("doNotPerform") is not True
        and (_read(each).status or "").lower() in _SIGNED
    ]


def _read(order: Order) -> Resource:
    """The order; its status and medicine alone, as far as they can be read, if the rest has the wrong shape."""
    try:
        return decode_resource(msgspec.json.encode(order.resource))
    except (msgspec.DecodeError, RecursionError):
        pass
    said, status = None, order.resource.get("status")
    with suppress(msgspec.ValidationError):
        said = msgspec.convert(order.resource.get("medicationCodeableConcept"), CodeableConcept | None)
    kept = status if isinstance(status, str) else None
    return Resource(resourceType="MedicationRequest", status=kept, medicationCodeableConcept=said)


def _says(concept: CodeableConcept | None) -> bool:
    """Does it say of what it is, if only in a code that nobody knows here?"""
    return concept is not None and bool(
        concept.text or any(coding.code or coding.display for coding in concept.coding)
    )


def _concept(resource: Resource) -> CodeableConcept | None:
    if resource.medicationCodeableConcept is not None:
        return resource.medicationCodeableConcept
    reference = resource.medicationReference
    if reference is None:
        return None
    if reference.reference and reference.reference.startswith("#"):
        for raw in resource.contained:
            try:
                inner = decode_resource(raw)
            except (msgspec.DecodeError, RecursionError):
                continue
            if inner.id == reference.reference[1:] and (made := made_of(inner)) is not None:
                return made
    return CodeableConcept([], reference.display) if reference.display else None


def concerns(ordered: list[Ordered], engine: Engine) -> list[Concern]:
    """The drugs that these orders are about, in the order of the library."""
    found = []
    for drug in engine.library.names():
        planner = engine.planner(drug)
        mine = taken(planner).keys()
        own = tuple([each for each in ordered if not mine.isdisjoint(each.concepts)])
        feared = minded(planner)
        against = tuple(
            [
                each
                for each in ordered
                if each not in own and each.order.selected and not feared.isdisjoint(each.concepts)
            ]
        )
        if any(each.order.selected for each in own) or against:
            found.append(Concern(drug, own, against))
    return found


@lru_cache(maxsize=256)
def taken(planner: Planner) -> dict[str, list[Use]]:
    """Concepts that mean: takes this drug, each with the uses for which it means that."""
    found: dict[str, list[Use]] = {}
    for use in planner.monograph.uses:
        found.setdefault(use.takes or planner.monograph.identity.concept, []).append(use)
    return found


@lru_cache(maxsize=256)
def minded(planner: Planner) -> frozenset[str]:
    """Medicines that a statement about somebody who takes the drug reads, and that can change the verdict."""
    names: set[str] = set()
    for statement in planner.monograph.statements:
        if statement.when is None or statement.stage == "starting" or level(statement, "taking") <= FINE:
            continue
        medicine = [part for part in statement.when.walk() if part.kind == "medication"]
        for part in medicine:
            names |= read_by(part, planner.index)
    own = set().union(*(below(concept, planner.index) for concept in taken(planner)))
    return frozenset(names - own)


def uses_of(concern: Concern, planner: Planner) -> list[Use]:
    """Uses for which what is ordered, or taken, counts as the drug: all, if nothing of the drug is ordered."""
    if not concern.own:
        return list(planner.monograph.uses)
    concepts = frozenset().union(*(each.concepts for each in concern.own))
    return [use for concept, uses in taken(planner).items() if concept in concepts for use in uses]


def product_of(concern: Concern, planner: Planner) -> Product | None:
    """The product that is ordered, by its code, its brand, or else by ingredients and form; None if not told."""
    for each in concern.own:
        for find in (_by_code, _by_brand, _by_form):
            if found := find(each, planner):
                return found
    return None


def _by_code(ordered: Ordered, planner: Planner) -> Product | None:
    concept, products = _concept(ordered.resource), planner.monograph.identity.products
    codes = {coding.code for coding in concept.coding if coding.code} if concept else set()
    return next((each for each in products if any(code.code in codes for code in each.codes)), None)


@lru_cache(maxsize=256)
def _brands(planner: Planner) -> Names:
    return Names([(brand, each.id) for each in planner.monograph.identity.products for brand in each.brands])


def _by_brand(ordered: Ordered, planner: Planner) -> Product | None:
    concept, brands = _concept(ordered.resource), _brands(planner)
    texts = [concept.text or "", *(coding.display or "" for coding in concept.coding)] if concept else []
    named = {means for text in texts for means, _, _ in brands.find(" ".join(text.lower().split()))}
    products = planner.monograph.identity.products
    return next((each for each in products if each.id in named), None) if len(named) == 1 else None


def _by_form(ordered: Ordered, planner: Planner) -> Product | None:
    medicine = ordered.matched.medicine
    if medicine is None:
        return None
    alike = [
        each
        for each in planner.monograph.identity.products
        if each.form in medicine.forms and set(each.ingredients) == set(medicine.ingredients)
    ]
    return alike[0] if len(alike) == 1 else None
