# ruff: noqa: E501 (tables read better with a row in one line)
"""Cases: from a few lines of YAML to a Bundle, to an answer, to what differs from the one expected."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from posology.api import checker
from posology.errors import KnowledgeError, UsageError
from posology.monograph.case_codes import Words
from posology.monograph.case_entry import resource
from posology.monograph.case_model import KINDS, CaseEntry, CaseFile
from posology.monograph.cases import coverage, read_cases, run_case, run_cases, to_bundle, uncovered
from posology.monograph.model import Vocabulary
from posology.monograph.schema import validate
from posology.monograph.yaml_file import read_yaml
from tests.unit.monograph.conftest import Knowledge

FILE = "xamab/cases.yaml"


@pytest.fixture
def words(knowledge: Knowledge) -> Words:
    knowledge.add(
        "concepts/others.yaml",
        """\
- {id: operation, kind: procedure, name: an operation, names: [operation], sources: [x-label]}
- {id: x-allergy, kind: allergy, name: xamab, medicines: [{ingredients: [xamab]}], sources: [x-label]}
- id: phq9-item-9
  kind: observation
  name: PHQ-9 item 9
  unit: "{score}"
  codes: [{system: loinc, code: 44260-8, display: Thoughts of death}]
  sources: [x-label]
- {id: pregnancy-status, kind: observation, name: pregnancy status, codes: [{system: loinc, code: 82810-3, display: P}], sources: [x-label]}
- {id: lactation-status, kind: observation, name: lactation status, codes: [{system: loinc, code: 63895-7, display: L}], sources: [x-label]}
""",
    )
    return Words(knowledge.library().vocabulary)


def entry(knowledge: Knowledge, text: str) -> CaseEntry:
    path = knowledge.write(
        "one.yaml", f"cases:\n  - {{id: c, says: s, expect: {{verdict: avoid}}, entries: [{text}]}}\n"
    )
    found: CaseFile = validate(read_yaml(path), CaseFile)
    return found.cases[0].entries[0]


def made(knowledge: Knowledge, words: Words, text: str) -> dict[str, Any]:
    return resource(entry(knowledge, text), 1, words)


def has(found: Any, wanted: Any) -> bool:
    """Does `found` hold everything in `wanted`?"""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(
            key in found and has(found[key], wanted[key]) for key in wanted
        )
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and all(map(has, found, wanted))
    return bool(found == wanted)


def coded(code: str) -> dict[str, Any]:
    return {"coding": [{"code": code}]}


ENTRIES: list[tuple[str, dict[str, Any]]] = [
    (
        "{condition: gout}",
        {
            "resourceType": "Condition",
            "id": "condition-1",
            "clinicalStatus": coded("active"),
            "verificationStatus": coded("confirmed"),
            "code": {"coding": [{"system": "http://snomed.info/sct", "code": "90560007", "display": "Gout"}]},
        },
    ),
    (
        "{condition: gout, code: icd10cm M10.9, status: resolved, verification: provisional, from: '2020', to: 2021-02, recorded: 2020-03-01}",
        {
            "code": coded("M10.9"),
            "clinicalStatus": coded("resolved"),
            "verificationStatus": coded("provisional"),
            "onsetDateTime": "2020",
            "abatementDateTime": "2021-02",
            "recordedDate": "2020-03-01",
        },
    ),
    ("{condition: Sore toe}", {"code": {"text": "Sore toe"}}),
    ("{condition: gout, text: gouty}", {"code": {"text": "gouty"}}),
    (
        "{medication: yolol 5 mg tablet, status: stopped, from: 2026-06-01, to: 2026-06-29}",
        {
            "resourceType": "MedicationRequest",
            "status": "stopped",
            "intent": "order",
            "medicationCodeableConcept": {"text": "yolol 5 mg tablet"},
            "authoredOn": "2026-06-01",
            "dosageInstruction": [
                {"timing": {"repeat": {"boundsPeriod": {"start": "2026-06-01", "end": "2026-06-29"}}}}
            ],
        },
    ),
    (
        "{medication: yolol, supply: 30 days, refills: 2, dose: 4.5 mg, frequency: 1/day, instructions: at night}",
        {
            "status": "active",
            "dispenseRequest": {
                "numberOfRepeatsAllowed": 2,
                "expectedSupplyDuration": {"value": 30, "code": "d"},
            },
            "dosageInstruction": [
                {
                    "text": "at night",
                    "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
                    "doseAndRate": [{"doseQuantity": {"value": 4.5, "code": "mg"}}],
                }
            ],
        },
    ),
    ("{medication: yolol, draft: true}", {"status": "draft"}),
    ("{medication: yolol, intent: proposal}", {"intent": "proposal"}),
    ("{medication: yolol, code: rxnorm 123}", {"medicationCodeableConcept": coded("123")}),
    (
        "{medication: yolol, frequency: every 28 days}",
        {
            "dosageInstruction": [{"timing": {"repeat": {"frequency": 1, "period": 28, "periodUnit": "d"}}}],
        },
    ),
    (
        "{medication: yolol, as: statement, from: 2026-06-01, recorded: 2026-06-02}",
        {
            "resourceType": "MedicationStatement",
            "status": "active",
            "effectivePeriod": {"start": "2026-06-01"},
            "dateAsserted": "2026-06-02",
        },
    ),
    (
        "{medication: yolol, as: dispense, from: 2026-06-01, supply: 2 weeks}",
        {
            "resourceType": "MedicationDispense",
            "whenHandedOver": "2026-06-01",
            "daysSupply": {"value": 2, "code": "wk"},
        },
    ),
    (
        "{medication: yolol, as: administration, from: 2026-06-01, dose: 380 mg}",
        {
            "resourceType": "MedicationAdministration",
            "effectiveDateTime": "2026-06-01",
            "dosage": {"dose": {"value": 380.0}},
        },
    ),
    (
        "{observation: alt, value: 22 U/L, on: 2026-06-01, range-high: 40 U/L}",
        {
            "resourceType": "Observation",
            "status": "final",
            "code": coded("1742-6"),
            "effectiveDateTime": "2026-06-01",
            "valueQuantity": {"value": 22.0, "unit": "U/L", "code": "U/L"},
            "referenceRange": [{"high": {"value": 40.0}}],
        },
    ),
    (
        "{observation: alt, value: '<5 U/L', status: preliminary}",
        {
            "status": "preliminary",
            "valueQuantity": {"value": 5.0, "comparator": "<"},
        },
    ),
    ("{observation: alt, value: 22}", {"valueQuantity": {"value": 22.0}}),
    ("{observation: alt, value: positive}", {"valueCodeableConcept": coded("10828004")}),
    ("{observation: alt, value: haemolysed}", {"valueString": "haemolysed"}),
    ("{observation: alt, value: true}", {"valueBoolean": True}),
    ("{observation: phq9-item-9, value: 2}", {"valueInteger": 2}),
    ("{observation: alt, absent-reason: unknown}", {"dataAbsentReason": coded("unknown")}),
    (
        "{allergy: x-allergy, type: intolerance}",
        {
            "resourceType": "AllergyIntolerance",
            "type": "intolerance",
            "code": {"text": "xamab"},
        },
    ),
    ("{allergy: Penicillin, verification: refuted}", {"verificationStatus": coded("refuted")}),
    (
        "{procedure: operation, on: 2026-05-01}",
        {
            "resourceType": "Procedure",
            "status": "completed",
            "performedDateTime": "2026-05-01",
            "code": {"text": "operation"},
        },
    ),
    (
        "{planned: operation, on: 2026-07-10, recorded: 2026-06-01}",
        {
            "resourceType": "ServiceRequest",
            "status": "active",
            "intent": "order",
            "occurrenceDateTime": "2026-07-10",
            "authoredOn": "2026-06-01",
        },
    ),
    (
        "{appointment: operation, on: 2026-07-10}",
        {
            "resourceType": "Appointment",
            "status": "booked",
            "start": "2026-07-10T09:00:00Z",
            "reasonCode": [{"text": "operation"}],
        },
    ),
    (
        "{family-history: gout, relative: mother}",
        {
            "resourceType": "FamilyMemberHistory",
            "relationship": {"text": "mother"},
            "condition": [{"code": coded("90560007")}],
        },
    ),
    (
        "{questionnaire: phq9-item-9, value: 2, on: 2026-06-01}",
        {
            "resourceType": "QuestionnaireResponse",
            "authored": "2026-06-01",
            "item": [{"linkId": "/44260-8", "answer": [{"valueInteger": 2}]}],
        },
    ),
    (
        "{pregnancy: true, on: 2026-06-01}",
        {
            "code": coded("82810-3"),
            "valueCodeableConcept": coded("77386006"),
        },
    ),
    ("{pregnancy: false}", {"valueCodeableConcept": coded("60001007")}),
    ("{lactation: true}", {"code": coded("63895-7"), "valueCodeableConcept": coded("LA33-6")}),
    ("{conditions: none}", {"resourceType": "Condition", "code": coded("160245001")}),
    (
        "{medications: none}",
        {"resourceType": "MedicationStatement", "medicationCodeableConcept": coded("182849000")},
    ),
    ("{allergies: none}", {"resourceType": "AllergyIntolerance", "code": coded("716186003")}),
]


@pytest.mark.parametrize(("text", "wanted"), ENTRIES, ids=[text for text, _ in ENTRIES])
def test_an_entry_becomes_a_resource(
    knowledge: Knowledge, words: Words, text: str, wanted: dict[str, Any]
) -> None:
    found = made(knowledge, words, text)
    assert has(found, wanted), found


def test_every_kind_of_entry_is_in_the_table_above() -> None:
    assert all(any(text.startswith(f"{{{kind.replace('_', '-')}:") for text, _ in ENTRIES) for kind in KINDS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{medication: yolol, frequency: often}", "'often' is not a frequency"),
        ("{medication: yolol, supply: a lot}", "'a lot' is not a supply"),
        ("{medication: yolol, dose: some}", "'some' is not an amount"),
        ("{condition: gout, code: M10.9}", "'M10.9' is not a code; write for example 'icd10cm F11.20'"),
        ("{condition: gout, value: 3 U/L}", "condition: does not take 'value'"),
        ("{condition: gout, allergy: x}", "found condition and allergy"),
        ("{on: 2026-06-01}", "an entry takes one of condition, medication"),
    ],
)
def test_an_entry_that_makes_no_sense(knowledge: Knowledge, words: Words, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        made(knowledge, words, text)


def test_a_misspelt_concept_is_no_free_text(knowledge: Knowledge, words: Words) -> None:
    with pytest.raises(UsageError, match=r"unknown condition concept 'goat'\. Did you mean 'gout'\?"):
        made(knowledge, words, "{condition: goat}")


# --- files -----------------------------------------------------------------------------------------


def test_a_case_builds_on_its_base(knowledge: Knowledge) -> None:
    knowledge.add(
        FILE,
        """\
  - id: other
    says: Another day, no result.
    base: complete
    patient: {sex: male}
    question: {on: 2026-07-01, region: EU}
    without: [alt, medications]
    entries: [{condition: gout}]
    expect: {verdict: cannot-tell}
""",
    )
    library = knowledge.library()
    fine, other = read_cases(library, "xamab")
    assert fine.at.endswith("xamab/cases.yaml:9")
    assert (other.case.patient.sex, other.case.patient.born) == ("male", "1980-03-01")
    question = other.case.question
    assert (question.for_, question.on, question.region) == ("pain", "2026-07-01", "EU")
    bundle = to_bundle(other, library.vocabulary)
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "collection")
    assert [one["resource"]["resourceType"] for one in bundle["entry"]] == ["Patient", "Condition"]
    assert bundle["entry"][0]["resource"]["gender"] == "male"
    assert len({one["fullUrl"] for one in bundle["entry"]}) == 2


def test_a_monograph_without_cases(knowledge: Knowledge) -> None:
    (knowledge.path / FILE).unlink()
    assert read_cases(knowledge.library(), "xamab") == []
    assert run_cases(knowledge.library(), "xamab", answering("suitable")) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("base: complete", "base: complet", "cases.yaml:11: unknown base 'complet'; known: complete"),
        ("base: complete", "base: complete\n    without: [ast]", "the base has no 'ast' to leave out"),
        ("verdict: suitable", "verdict: suitable, mets: []", "unknown key 'mets'; did you mean 'met'?"),
        ("says: Nothing against it.", "sex: male", "cases.yaml:10: unknown key 'sex'"),
        ("{medications: none}", "{medications: none, value: 3}", "cases.yaml:7: medications: does not take 'value'"),
        ("{medications: none}", "{medications: some}", "cases.yaml:7: medications: 'some' is not known"),
        ("{medications: none}", "{medication: x, refills: two}", "refills: takes a number, found 'two'"),
    ],
)  # fmt: skip
def test_a_wrong_case_file(knowledge: Knowledge, old: str, new: str, message: str) -> None:
    knowledge.replace(FILE, old, new)
    with pytest.raises(KnowledgeError) as raised:
        read_cases(knowledge.library(), "xamab")
    assert message in str(raised.value)


def test_two_cases_of_one_name(knowledge: Knowledge) -> None:
    knowledge.add(FILE, "  - {id: fine, says: Again., base: complete, expect: {verdict: avoid}}\n")
    with pytest.raises(KnowledgeError, match=r"cases.yaml:13: the id 'fine' is given twice"):
        read_cases(knowledge.library(), "xamab")


def test_an_entry_that_cannot_be_made_names_its_case(knowledge: Knowledge) -> None:
    knowledge.replace(FILE, "{medications: none}", "{condition: goat}")
    library = knowledge.library()
    (placed,) = read_cases(library, "xamab")
    with pytest.raises(
        KnowledgeError, match=r"cases.yaml:9: case 'fine', entry 2: unknown condition concept"
    ):
        to_bundle(placed, library.vocabulary)


# --- answers ---------------------------------------------------------------------------------------


def answering(verdict: str, earliest: str | None = None, **statuses: str) -> Any:
    """A stand-in for `posology.check` that gives this answer."""
    findings = [
        SimpleNamespace(statement=name.replace("_", "-"), status=status) for name, status in statuses.items()
    ]

    def check(record: Any, **asked: Any) -> SimpleNamespace:
        check.asked = asked  # type: ignore[attr-defined]
        return SimpleNamespace(verdict=verdict, stage="starting", earliest=earliest, findings=findings)

    return check


def test_a_case_that_answers_as_expected(knowledge: Knowledge) -> None:
    library = knowledge.library()
    (placed,) = read_cases(library, "xamab")
    check = answering("suitable", liver_tests="met", yolol_taken="not-met", liver_hurt="not-met")
    result = run_case(placed, library, check)
    assert (result.ok, result.mismatches, result.verdict) == (True, (), "suitable")
    assert check.asked == {"drug": "xamab", "use": "pain", "on": "2026-06-30"}


def test_all_that_differs_is_told_at_once(knowledge: Knowledge) -> None:
    knowledge.replace(
        FILE,
        "{verdict: suitable, met: [liver-tests], unknown: []}",
        "{verdict: suitable, stage: taking, earliest: 2026-07-09, met: [liver-tests, no-such], not-met: [], unknown: []}",
    )
    library = knowledge.library()
    (placed,) = read_cases(library, "xamab")
    answer = answering("avoid", liver_tests="unknown", yolol_taken="not-met")
    assert run_case(placed, library, answer).mismatches == (
        "verdict: expected suitable, got avoid",
        "stage: expected taking, got starting",
        "earliest: expected 2026-07-09, got none",
        "liver-tests: expected met, got unknown",
        "met: there is no statement 'no-such'",
        "not-met: expected none, got yolol-taken",
        "unknown: expected none, got liver-tests",
    )


@pytest.mark.parametrize(
    ("old", "message"),
    [("on: 2026-06-30", "the question has no 'on'"), ("for: pain, ", "the question has no 'for'")],
)
def test_a_case_without_a_whole_question(knowledge: Knowledge, old: str, message: str) -> None:
    text = (knowledge.path / FILE).read_text()
    knowledge.write(FILE, text.replace(old, "", 1))
    library = knowledge.library()
    (placed,) = read_cases(library, "xamab")
    result = run_case(placed, library, answering("suitable"))
    assert not result.ok
    assert message in result.mismatches[0]


def test_an_error_of_the_reader_is_a_mismatch(knowledge: Knowledge) -> None:
    def check(record: Any, **asked: Any) -> Any:
        raise UsageError("unknown use")

    library = knowledge.library()
    (placed,) = read_cases(library, "xamab")
    assert run_case(placed, library, check).mismatches == ("unknown use",)


def test_coverage(knowledge: Knowledge) -> None:
    library = knowledge.library()
    first = run_cases(library, "xamab", answering("suitable", yolol_taken="not-met", liver_tests="met"))
    second = run_cases(library, "xamab", answering("avoid", yolol_taken="met", liver_tests="unknown"))
    results = [*first, *second]
    assert coverage(library, "xamab", results) == {
        "yolol-taken": {"met", "not-met"},
        "liver-tests": {"met", "unknown"},
        "liver-hurt": set(),
    }
    # A statement that only asks for data is never not-met, so nobody owes a case for that.
    assert uncovered(library, "xamab", results) == {
        "yolol-taken": ["unknown"],
        "liver-hurt": ["met", "not-met", "unknown"],
    }


def test_what_no_case_can_show_is_not_owed(knowledge: Knowledge) -> None:
    knowledge.add(
        "xamab/safety.yaml",
        """\
- id: not-for-gout
  kind: contraindication
  when: {use: gout-pain}
  verdict: avoid
  says: No.
  basis: label
  sources: [x-label]
- id: never
  kind: contraindication
  uses: [gout-pain]
  when: {any: [{use: gout-pain}, {use: pain}]}
  verdict: avoid
  says: Never.
  basis: label
  sources: [x-label]
""",
    )
    missing = uncovered(knowledge.library(), "xamab", [])
    assert (missing["not-for-gout"], missing["never"]) == (["met", "not-met"], ["met"])


def test_cases_go_through_the_real_reader(knowledge: Knowledge) -> None:
    library = knowledge.library()
    (result,) = run_cases(library, "xamab", checker(library))
    assert result.mismatches == ()


def test_words_without_a_vocabulary() -> None:
    words = Words(Vocabulary(concepts=(), substances=(), products=(), forms=()))
    assert words.codeable("Anything at all", "condition", "", "") == {"text": "Anything at all"}
    assert words.unit("alt") == ""
