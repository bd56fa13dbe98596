import json
import tracemalloc
from typing import Any

import pytest

import posology
from posology.check.result import Result
from posology.errors import InputError

from ...records import bundle, condition, order, patient

Json = dict[str, Any]


def _check(record: Any) -> Result:
    return posology.check(record, drug="naltrexone", use="chronic-pain", on="2026-06-30")


@pytest.mark.parametrize(
    "entry", [{}, {"fullUrl": "urn:x"}, {"resource": None}, {"Resource": order()}, {"resourse": order()}]
)
@pytest.mark.parametrize("shaped", [True, False])
def test_an_entry_without_a_resource_is_counted_and_leaves_all_open(entry: Json, shaped: bool) -> None:
    record = bundle(patient(), condition())
    record["entry"] += [entry] if shaped else [entry, 5]
    result = _check(record)
    assert {bad.place for bad in result.unreadable} >= {"Bundle.entry[2]"}
    assert any("cannot be read" in gap.why for gap in result.missing if gap.blocks)


@pytest.mark.parametrize("entry", [{"request": {"method": "DELETE"}}, {"response": {"status": "204"}}])
@pytest.mark.parametrize("shaped", [True, False])
def test_an_entry_that_only_asks_or_answers_is_complete(entry: Json, shaped: bool) -> None:
    record = bundle(patient(), condition())
    record["entry"] += [entry] if shaped else [entry, 5]
    assert "Bundle.entry[2]" not in {bad.place for bad in _check(record).unreadable}


def test_bundles_inside_bundles_are_not_opened_without_end() -> None:
    inner = json.dumps(bundle(patient(), order()))[:-1] + f', "x": "{"y" * 1_000_000}"}}'
    for _ in range(100):
        inner = f'{{"resourceType": "Bundle", "entry": [{{"resource": {inner}}}]}}'
    outer = bundle(patient())
    data = json.dumps(outer)[:-2] + f', {{"resource": {inner}}}]}}'
    tracemalloc.start()
    result = _check(data.encode())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [bad.reason for bad in result.unreadable] == ["Bundles inside each other more than 4 deep"]
    assert result.verdict == "cannot-tell"
    assert peak < 50_000_000


@pytest.mark.parametrize(
    "record",
    [
        json.dumps(bundle(patient(name=[{"family": "Geheim"}]))),
        "Geheim\0",
        {"resourceType": "Bundle", "entry": [{"Geheim"}, object()]},
        {"resourceType": "Patient", "id": "Geheim\ud800"},
        bytearray(b'{"id": "Geheim"}'),
        None,
    ],
    ids=["JSON as str", "NUL", "object", "surrogate", "bytearray", "None"],
)
def test_what_is_no_record_is_refused_without_quoting_it(record: Any) -> None:
    with pytest.raises(InputError) as wrong:
        _check(record)
    assert "Geheim" not in str(wrong.value)
    assert wrong.value.__cause__ is None


def test_a_dict_that_is_too_deep_is_refused() -> None:
    deep: Json = {}
    for _ in range(100_000):
        deep = {"a": deep}
    with pytest.raises(InputError):
        _check(deep)


@pytest.mark.parametrize(
    "more", [{"modifierExtension": [{"url": "urn:not-so"}]}, {"implicitRules": "urn:rules"}]
)
def test_what_changes_the_meaning_of_an_entry_leaves_it_open(more: dict[str, object]) -> None:
    """FHIR R4, Extensibility: who does not know a modifier extension must not process what it modifies."""
    record = json.dumps(bundle(patient(), order(**more))).encode()
    answer = posology.check(record, drug="naltrexone", use="chronic-pain", on="2026-06-30")
    assert [bad.ref for bad in answer.unreadable] == ["MedicationRequest/m1"]
    assert answer.verdict == "cannot-tell"


@pytest.mark.parametrize("name", ["mor\u00adphine 10 mg", "mor\u200bphine 10 mg", "\u202emorphine 10 mg"])
def test_what_cannot_be_seen_hides_no_name(name: str) -> None:
    record = json.dumps(bundle(patient(), order(name))).encode()
    assert posology.check(record, drug="naltrexone", use="chronic-pain", on="2026-06-30").verdict == "not-now"


def _asked(*entries: Any) -> Result:
    record = json.dumps(bundle(patient(), *entries)).encode()
    return posology.check(record, drug="naltrexone", use="chronic-pain", on="2026-06-30")


def test_a_code_of_an_unknown_system_without_a_name_leaves_conditions_open() -> None:
    asked = _asked(
        condition(code="X1", display="") | {"code": {"coding": [{"system": "urn:local", "code": "X1"}]}}
    )
    assert [bad.reason for bad in asked.unreadable] == [
        "a code of a system that is not known here, and no name"
    ]
    assert asked.verdict == "cannot-tell"


def test_a_national_edition_of_icd_10_is_read_as_icd_10() -> None:
    coded = {"coding": [{"system": "http://fhir.de/CodeSystem/bfarm/icd-10-gm", "code": "F11.2"}]}
    asked = _asked(condition() | {"code": coded})
    assert "opioid-use-disorder-current" in [reason.statement for reason in asked.reasons]


def test_current_medicines_that_no_concept_knows_are_listed() -> None:
    asked = _asked(order("Lisinopril 10 MG Oral Tablet"), order("Aspirin 81 MG", id="m2", status="cancelled"))
    assert asked.other_medicines == ("Lisinopril 10 MG Oral Tablet",)
