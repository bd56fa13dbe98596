import pytest

from posology.record.fhir_types import CodeableConcept, Coding, Component
from posology.record.values import value_of

SNOMED, HL7 = "http://snomed.info/sct", "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
NEGATIVE, POSITIVE = Coding(SNOMED, "260385009", "Negative"), Coding(SNOMED, "10828004", "Positive")


@pytest.mark.parametrize(
    ("concept", "meaning"),
    [
        (CodeableConcept([NEGATIVE]), "negative"),
        (CodeableConcept([NEGATIVE], "None detected"), "negative"),
        (CodeableConcept([NEGATIVE], "Positive for opiates"), ""),
        (CodeableConcept([NEGATIVE, POSITIVE]), ""),
        (CodeableConcept([Coding(HL7, "N", "Normal")]), "negative"),
        (CodeableConcept([Coding("http://lab.test/codes", "N", "Not enough urine")]), ""),
        (CodeableConcept([Coding("http://lab.test/codes", "N", "Positive")]), "positive"),
    ],
)
def test_what_a_coded_result_means(concept: CodeableConcept, meaning: str) -> None:
    value = value_of(Component(valueCodeableConcept=concept))
    assert value is not None
    assert value.meaning == meaning
    assert bool(value.problem) == (not meaning)
