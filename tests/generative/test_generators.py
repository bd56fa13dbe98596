"""The generators cover all there is: a new criterion kind or resource type without one fails here."""

from __future__ import annotations

import pytest

from posology.monograph.criterion import KINDS
from posology.record.fhir_types import CodeableConcept, Coding
from posology.record.kinds import KIND_OF

from . import knowledge
from .codes import LOCAL, NOISE
from .entries import MAKERS
from .records import ABOUT, HEALTHY, TYPES

CONCEPT_KINDS = ("medicine", "condition", "observation", "allergy", "procedure")


def test_every_criterion_kind_has_a_generator() -> None:
    assert set(ABOUT) == set(KINDS)


def test_every_kind_that_holds_a_concept_aims_at_one() -> None:
    aimless = [
        leaf
        for leaf in knowledge.leaves()
        if leaf.concept and leaf.kind != "use" and not ABOUT[leaf.kind](leaf)
    ]
    assert aimless == []


def test_every_resource_type_that_is_read_has_a_generator() -> None:
    assert set(MAKERS) == set(KIND_OF) | {"FamilyMemberHistory"}
    assert {made for types in TYPES.values() for made in types} == set(MAKERS)


def test_every_concept_can_be_named() -> None:
    unnamed = [
        each.id
        for kind in CONCEPT_KINDS
        for each in knowledge.concepts(kind)
        if not knowledge.codings(each.id) and not knowledge.names(each.id)
    ]
    assert unnamed == []


def test_the_knowledge_asks_every_kind_somewhere() -> None:
    """Otherwise the properties say nothing about that kind."""
    asked = {
        each.kind
        for monograph in knowledge.monographs()
        for statement in monograph.statements
        if statement.when is not None
        for each in statement.when.walk()
    }
    assert asked == set(KINDS)


@pytest.mark.parametrize("kind", NOISE)
def test_noise_is_noise(kind: str) -> None:
    for text in NOISE[kind]:
        concept = CodeableConcept([Coding(LOCAL, "9", text)], None)
        assert knowledge.engine().index.match(kind, concept).matches == ()


def test_healthy_results_exist() -> None:
    assert set(HEALTHY) <= {each.id for each in knowledge.concepts("observation")}
