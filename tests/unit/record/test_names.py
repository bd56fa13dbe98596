import pytest

from posology import check
from posology.monograph.load import load_library
from posology.record.fhir_types import CodeableConcept
from posology.record.match import Index
from posology.record.medicine import Names
from tests.records import bundle, order, patient

NAMES = Names([
    ("Morphine", "m"), ("morphine sulfate", "ms"), ("morphine", "also m"), ("吗啡", "m"), ("налтрексон", "n"),
    ("sjögren syndrome", "s"), ("co-codamol", "c"), ("poly(lactide)", "p"),
])  # fmt: skip


def _found(text: str) -> list[tuple[str, int, int]]:
    return NAMES.find(text)


def test_the_longest_name_is_found_with_all_its_meanings_and_its_place() -> None:
    assert _found("give morphine sulfate now") == [("ms", 5, 21)]
    assert _found("morphine, morphine") == [("also m", 0, 8), ("m", 0, 8), ("also m", 10, 18), ("m", 10, 18)]


def test_a_name_inside_a_word_is_none() -> None:
    assert _found("apomorphine morphinew xmorphine2 morphine1") == []


def test_names_with_signs_and_in_other_scripts() -> None:
    assert _found("sjögren syndrome") == [("s", 0, 16)]
    assert _found("(co-codamol)") == [("c", 1, 11)]
    assert _found("poly(lactide)") == [("p", 0, 13)]
    assert _found("盐酸吗啡片 налтрексона") == [("m", 2, 4), ("n", 6, 16)]


@pytest.mark.parametrize(
    ("text", "ingredient"),
    [("Oxycodonne 5 mg", "oxycodone"), ("tapentadal", "tapentadol"), ("hydrocdoone/apap", "hydrocodone")],
)
def test_a_name_one_letter_off_is_uncertain(text: str, ingredient: str) -> None:
    matched = Index(load_library().vocabulary).match("medicine", CodeableConcept([], text))
    assert matched.medicine is not None
    assert ingredient in matched.medicine.nearly
    assert ("any-opioid", False) in [(match.concept, match.certain) for match in matched.matches]


@pytest.mark.parametrize(
    "text", ["hydrocortisone cream", "methylphenidate", "metformin 500 mg", "oxybutynin"]
)
def test_another_name_is_not_taken_for_a_misspelling(text: str) -> None:
    medicine = Index(load_library().vocabulary).match("medicine", CodeableConcept([], text)).medicine
    assert medicine is not None
    assert not medicine.ingredients


def test_a_name_spelt_nearly_so_is_told_as_the_reason_and_not_its_date() -> None:
    """An opioid written today under a misspelt name: what it is, is in doubt, and not how old the entry is."""
    record = bundle(patient(), order("Oxycodonne 5 mg", authoredOn="2026-06-30"))
    answer = check(record, drug="naltrexone", use="chronic-pain", on="2026-06-30")
    (why,) = {gap.why for gap in answer.missing if gap.what == "whether opioids are being taken now"}
    assert why == "Oxycodonne 5 mg (2026-06-30): not certain to be this (a name spelt nearly so)"
