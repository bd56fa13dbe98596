"""Codes of the knowledge reach their descendants, and no further than the knowledge allows."""

from posology.record.fhir_types import CodeableConcept, Coding
from posology.record.match import ABOVE
from posology.record.omop.terms import nearest
from tests.omop import index

SNOMED, RXNORM = "http://snomed.info/sct", "http://www.nlm.nih.gov/research/umls/rxnorm"
PAIN = Coding(ABOVE + SNOMED, "82423001")


def hits(kind, *codings, text=None):
    matched = index().match(kind, CodeableConcept(list(codings), text))
    return {match.concept: (match.how, match.certain) for match in matched.matches}


def test_a_descendant_belongs_and_says_how():
    found = hits("condition", Coding(SNOMED, "999000001", "Persistent ache"), PAIN)
    assert found["chronic-pain"] == ("descendant of a listed code", True)


def test_a_hedged_descendant_is_uncertain():
    found = hits("condition", Coding(SNOMED, "999000001", "Persistent ache in remission"), PAIN)
    assert found["chronic-pain"] == ("descendant of a listed code", False)


def test_the_entrys_own_code_wins():
    own = Coding(SNOMED, "203082005", "Fibromyalgia")
    assert hits("condition", own, PAIN) == hits("condition", own)
    assert hits("condition", own)


def test_ancestors_never_count_as_names_or_titles():
    matched = index().match("condition", CodeableConcept([PAIN]))
    assert (matched.title, matched.code, matched.legible) == ("unnamed", "", False)


def test_a_combination_keeps_all_its_ingredients():
    embeda = [
        Coding(RXNORM, "999999", "Embedded 20/0.8 Oral Capsule"),
        Coding(ABOVE + RXNORM, "7243"),
        Coding(ABOVE + RXNORM, "7052"),
    ]
    medicine = index().match("medicine", CodeableConcept(embeda)).medicine
    assert medicine.ingredients == {"naltrexone", "morphine"}
    assert medicine.how == "descendant of a listed code"
    assert "naltrexone" not in hits("medicine", *embeda) or "any-opioid" in hits("medicine", *embeda)


def test_form_comes_from_the_name_not_from_the_ancestor():
    patch = [
        Coding(RXNORM, "999998", "72 HR fentanyl 0.025 MG/HR Transdermal System"),
        Coding(ABOVE + RXNORM, "4337"),
    ]
    found = hits("medicine", *patch)
    assert "long-acting-opioid" in found
    assert "short-acting-opioid" not in found


def test_only_the_nearest_ancestors_are_kept():
    below = {1: frozenset({2, 3}), 2: frozenset({3})}
    assert nearest([1, 2], below) == {2}
    assert nearest([1, 2, 3], below) == {3}
    assert nearest([1, 4], below) == {1, 4}
