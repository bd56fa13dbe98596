"""Whose an entry is, in Bundles and elsewhere; and what is refused because nobody can say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from posology.errors import InputError, RecordError
from posology.screen import mapping, process, reducing, run, work
from posology.screen.fhir_export import FhirExport
from tests import exports
from tests.exports import checked, explained, line, people, quarantine, screened, table

Json = dict[str, Any]
OPIOID = {
    "resourceType": "MedicationRequest",
    "id": "o",
    "status": "active",
    "intent": "order",
    "authoredOn": exports.ON.isoformat(),
    "medicationCodeableConcept": {"text": "oxycodone 5 MG Oral Tablet"},
}


def person(name: str, **more: Any) -> Json:
    return {"resourceType": "Patient", "id": name, "gender": "female", "birthDate": "1970-01-01", **more}


def of(name: str, resource: Json = OPIOID, **more: Any) -> Json:
    return {**resource, "subject": {"reference": f"Patient/{name}"}, **more}


def bundle(*resources: Json) -> Json:
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": each} for each in resources],
    }


def stopped_by(out: Path, name: str) -> set[str]:
    return {
        row["statement"]
        for row in table(out, "findings")
        if row["patient"] == name and row["status"] == "met"
    }


def test_another_persons_entry_in_ones_own_bundle_counts_for_that_other(tmp_path: Path) -> None:
    """A page of search results holds whoever was found."""
    files = {"a.json": line(bundle(person("A"), of("B"))), "b.json": line(bundle(person("B")))}
    told = screened(exports.written(tmp_path / "in", files), tmp_path / "out")
    assert told["patients"]["patients"] == 2
    assert "opioid-taken-now" in stopped_by(tmp_path / "out", "B")
    assert "opioid-taken-now" not in stopped_by(tmp_path / "out", "A")


@pytest.mark.parametrize("deep", [1, 2])
def test_a_bundle_in_a_bundle(deep: int, tmp_path: Path) -> None:
    inner: Json = of("A")
    for _ in range(deep):
        inner = bundle(inner, bundle())
    whole = bundle(person("A"), inner)
    told = screened(exports.written(tmp_path / "in", {"a.json": line(whole)}), tmp_path / "out")
    assert told["input"]["bundles"] == 1 + 2 * deep
    answer = explained(tmp_path / "out", "A")
    assert [each["status"] for each in answer["findings"]] == [
        each["status"] for each in exports.checked([person("A"), of("A")])["findings"]
    ]


def test_bundles_too_deep_in_each_other_leave_everything_open(tmp_path: Path) -> None:
    inner: Json = of("A")
    for _ in range(8):
        inner = bundle(inner)
    screened(exports.written(tmp_path / "in", {"a.json": line(bundle(person("A"), inner))}), tmp_path / "out")
    statuses = {each["statement"]: each["status"] for each in explained(tmp_path / "out", "A")["findings"]}
    assert statuses["opioid-taken-now"] == "unknown"


@pytest.mark.parametrize("differs", [{"birthDate": "2015-01-01"}, {"gender": "male"}])
def test_two_people_under_one_id_are_answered_for_neither(differs: Json, tmp_path: Path) -> None:
    files = {"a.json": line(bundle(person("1"), of("1"))), "b.json": line(bundle(person("1", **differs)))}
    told = screened(exports.written(tmp_path / "in", files), tmp_path / "out")
    assert told["patients"]["people_refused"] == 1
    (aside,) = table(tmp_path / "out", "set_aside")
    assert aside["kind"] == "refused"
    assert next(iter(differs)) in aside["reason"]
    with pytest.raises(RecordError, match="two people"):
        checked([person("1"), person("1", **differs)])


def test_one_person_written_twice_is_one(tmp_path: Path) -> None:
    assert checked([person("1"), person("1", active=True), of("1")])["verdict"] == "not-now"


def test_a_hidden_key_is_seen(tmp_path: Path) -> None:
    """Of two equal keys JSON readers keep the last; what the first held would be gone."""
    first, second = (json.dumps(bundle(each)["entry"]) for each in (of("A"), person("A")))
    text = f'{{"resourceType":"Bundle","type":"collection","entry":{first},"entry":{second}}}'
    told = screened(
        exports.written(tmp_path / "in", {"a.json": text.encode(), "b.json": line(bundle(person("B")))}),
        tmp_path / "out",
    )
    assert told["patients"]["patients"] == 1
    (apart,) = quarantine(tmp_path / "out")
    assert "stands twice" in apart["reason"]


def test_medications_of_a_bundle_without_people_are_everybodys(tmp_path: Path) -> None:
    medication = {"resourceType": "Medication", "id": "m", "code": {"text": "oxycodone 5 MG Oral Tablet"}}
    order = {key: value for key, value in of("A").items() if key != "medicationCodeableConcept"}
    order["medicationReference"] = {"reference": "Medication/m"}
    files = {"m.json": line(bundle(medication)), "all.ndjson": line(person("A")) + b"\n" + line(order)}
    screened(exports.written(tmp_path / "in", files), tmp_path / "out")
    assert "opioid-taken-now" in stopped_by(tmp_path / "out", "A")


def test_lines_in_a_file_named_json(tmp_path: Path) -> None:
    lines = b"\n".join([line(person("A")), line(of("A")), b"garbage", line(person("B"))])
    told = screened(exports.written(tmp_path / "in", {"all.json": lines}), tmp_path / "out")
    assert told["patients"]["patients"] == 2
    assert told["input"]["malformed"] == 1
    assert [row["line"] for row in quarantine(tmp_path / "out")] == [3]


@pytest.mark.parametrize(
    "status",
    [
        {"coding": [{"system": "x"}], "text": "refuted"},
        {"coding": [{"code": "Refuted"}]},
        {"text": "Entered-In-Error"},
        {"coding": [{"code": "confirmed"}, {"code": "refuted"}]},
    ],
)
def test_the_sieve_reads_a_verification_status_as_check_does(status: Json, tmp_path: Path) -> None:
    gout = {
        "resourceType": "Condition",
        "id": "c",
        "recordedDate": "2020-01-01",
        "verificationStatus": status,
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "1", "display": "An ingrown nail"}]},
    }
    record = [person("A"), of("A", gout)]
    screened(exports.ndjson(tmp_path / "in", {"A": record}), tmp_path / "out")
    told = explained(tmp_path / "out", "A")
    expected = checked(record)
    assert [each["status"] for each in told["findings"]] == [each["status"] for each in expected["findings"]]
    assert told["set_aside"] == expected["set_aside"]


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "Group/A"},
        {"reference": "Device/A"},
        {"reference": "http://other.example/fhir/Practitioner/A"},
    ],
)
def test_what_is_about_no_patient_is_nobodys(subject: Json, tmp_path: Path) -> None:
    """Though the ids are equal."""
    stray = {**OPIOID, "subject": subject}
    assert checked([person("A"), stray])["set_aside"][0]["reason"].startswith("about another person")
    told = screened(exports.ndjson(tmp_path / "in", {"A": [person("A"), stray]}), tmp_path / "out")
    assert told["input"]["nobody"] == 1
    assert told["quarantined"] == {"no patient": 1}


def test_a_version_that_is_not_r4_is_refused_as_in_check(tmp_path: Path) -> None:
    old = of(
        "A", {"resourceType": "Condition", "id": "c", "clinicalStatus": "active", "code": {"text": "gout"}}
    )
    known = {"A": [person("A"), old], "B": [person("B")]}
    told = screened(exports.ndjson(tmp_path / "in", known), tmp_path / "out")
    assert told["patients"]["people_refused"] == 1
    assert told["patients"]["patients"] == 1
    with pytest.raises(RecordError, match="STU3"):
        checked(known["A"])


# --- work that was cut short ----------------------------------------------------------------------


def a_process(tmp_path: Path) -> tuple[process.Process, work.Work, list[run.Unit]]:
    source = exports.ndjson(tmp_path / "in", people())
    job = process.Job(
        "naltrexone", "chronic-pain", exports.ON, "US", "low-dose", None, str(source), "fhir", partitions=2
    )
    place = work.Work(tmp_path / "partial" / "work")
    place.make()
    return process.Process(job, place.root), place, FhirExport(source).units(1 << 30)


def test_files_that_were_cut_short_are_made_again(tmp_path: Path) -> None:
    """A machine that stops may leave a file that has its name and not all of its bytes."""
    one, place, units = a_process(tmp_path)
    mapped = [one.map(number, unit) for number, unit in enumerate(units)]
    process.keep_medications(place, mapped)
    done = one.reduce(0, mapped)
    for path in (place.rows(0), place.table("findings", 0)):
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        again = one.map(0, units[0]) if path == place.rows(0) else one.reduce(0, mapped)
        assert again in (mapped[0], done)
        assert path.read_bytes() == whole


def test_a_damaged_account_is_no_reason_to_miscount(tmp_path: Path) -> None:
    one, place, units = a_process(tmp_path)
    for number, unit in enumerate(units):
        one.map(number, unit)
    place.mapped(1).write_bytes(b"{")
    with pytest.raises(InputError, match="is damaged"):
        process.all_mapped(place)


def test_findings_are_written_a_few_people_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = exports.ndjson(tmp_path / "in", people())
    screened(source, tmp_path / "all")
    monkeypatch.setattr(reducing, "PEOPLE", 3)
    screened(source, tmp_path / "few")
    assert exports.tables(tmp_path / "few") == exports.tables(tmp_path / "all")


def test_quarantine_is_written_as_it_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Millions of lines may be malformed."""
    monkeypatch.setattr(mapping, "QUARANTINED", 1 << 40)
    held = []
    monkeypatch.setattr(work.SetApart, "__call__", lambda self, found: held.append(len(list(found))))
    files = {"a.ndjson": b"\n" * 3_000_000 + line(person("A"))}
    one = process.Job(
        "naltrexone", "chronic-pain", exports.ON, "US", "low-dose", None, str(tmp_path / "in"), "fhir"
    )
    source = exports.written(tmp_path / "in", files)
    place = work.Work(tmp_path / "partial" / "work")
    place.make()
    process.Process(one, place.root).map(0, FhirExport(source).units(1 << 30)[0])
    assert sum(held) == 3_000_000
    assert max(held) <= 1_000_001  # those of one block of bytes
