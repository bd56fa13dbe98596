"""A population gives everyone the answer that `check` gives, however the export is written, cut and read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests import exports
from tests.exports import ASKED, FORMS, PAIN, anywhere, checked, explained, people, screened, table, tables
from tests.generative.knowledge import Asked

Json = dict[str, Any]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everyone, one file a resource type."""
    return exports.ndjson(tmp_path_factory.mktemp("source"), people())


@pytest.fixture(scope="module")
def plain(source: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Json]:
    """The results for them, of a run in one piece, and what it said."""
    out = tmp_path_factory.mktemp("plain") / "out"
    return out, screened(source, out)


def test_the_people_are_worth_asking(plain: tuple[Path, Json]) -> None:
    """Otherwise the other tests here would compare nothing with nothing."""
    out, told = plain
    assert len(people()) == told["patients"]["patients"] >= 60
    assert {row["verdict"] for row in table(out, "verdicts")} >= {
        "cannot-tell",
        "avoid",
        "not-now",
        "with-precautions",
        "hold",
    }
    types = told["input"]["by_type"]
    assert set(types) >= {
        "AllergyIntolerance",
        "Condition",
        "Encounter",
        "FamilyMemberHistory",
        "MedicationRequest",
        "MedicationStatement",
        "Observation",
        "Procedure",
    }
    assert {row["kind"] for row in table(out, "set_aside")} == {"set-aside", "unreadable"}


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: f"{asked.drug} {asked.use}")
def test_everyone_gets_the_answer_of_check(asked: Asked, source: Path, tmp_path: Path) -> None:
    told = screened(source, tmp_path / "out", asked, size=40_000)
    assert told["patients"]["patients"] == len(people())
    for person, resources in people().items():
        assert anywhere(explained(tmp_path / "out", person)) == anywhere(checked(resources, asked)), person


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("size", [None, 30_000], ids=["whole", "in pieces"])
def test_the_form_of_the_export_changes_nothing(
    name: str, size: int | None, plain: tuple[Path, Json], tmp_path: Path
) -> None:
    out, expected = plain
    told = screened(FORMS[name](tmp_path / "in", people()), tmp_path / "out", size=size)
    assert tables(tmp_path / "out", "place", "why", "detail") == tables(out, "place", "why", "detail")
    for key in ("patients", "rows", "quarantined", "damaged_files", "question", "knowledge"):
        assert told[key] == expected[key], key
    bundles = len(people()) if "Bundles" in name else 0
    counted, plainly = told["input"], expected["input"]
    assert counted["of_patients"] == plainly["of_patients"]
    assert counted["lines"] + counted["entries"] - bundles == plainly["lines"]
    assert counted["bundles"] == bundles
    assert {key: value for key, value in counted["by_type"].items() if key != "Bundle"} == plainly["by_type"]
    for person, resources in list(people().items())[::7]:
        assert anywhere(explained(tmp_path / "out", person)) == anywhere(checked(resources)), person


def test_one_bundle_of_everyone(plain: tuple[Path, Json], tmp_path: Path) -> None:
    told = screened(exports.one_bundle(tmp_path / "in", people()), tmp_path / "out")
    out, expected = plain
    assert tables(tmp_path / "out", "place", "why", "detail") == tables(out, "place", "why", "detail")
    assert told["input"]["of_patients"] == expected["input"]["of_patients"]


@pytest.mark.parametrize("size", [7_000, 50_000])
def test_pieces_change_no_byte(size: int, source: Path, plain: tuple[Path, Json], tmp_path: Path) -> None:
    """Nor does memory: here rows are handed over again and again."""
    told = screened(source, tmp_path / "out", size=size, memory=8 * 20_000)
    out, expected = plain
    assert told["partitions"] > expected["partitions"]
    assert tables(tmp_path / "out") == tables(out)
    assert exports.counts(told) == exports.counts(expected)
    key = ["file", "line", "category", "path"]
    assert sorted(exports.quarantine(tmp_path / "out"), key=lambda row: [str(row[each]) for each in key]) == (
        sorted(exports.quarantine(out), key=lambda row: [str(row[each]) for each in key])
    )


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_change_no_byte(workers: int, source: Path, plain: tuple[Path, Json], tmp_path: Path) -> None:
    told = screened(source, tmp_path / "out", size=60_000, workers=workers)
    out, expected = plain
    assert tables(tmp_path / "out") == tables(out)
    assert exports.counts(told) == exports.counts(expected)
    inline = screened(source, tmp_path / "again", size=60_000)
    for name in (*(f"{each}.parquet" for each in exports.TABLES), "quarantine.ndjson", "run.json"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name
    assert inline == told == json.loads((tmp_path / "out" / "run.json").read_bytes())


def sound() -> dict[str, exports.Record]:
    """Those people all of whose entries can be read: of others, what could be told depends on how it is written."""
    return {
        person: resources
        for person, resources in people().items()
        if not any(each["id"].startswith(f"{person}-b") for each in resources)
    }


def of(rows: dict[str, list[str]], known: dict[str, exports.Record]) -> dict[str, list[str]]:
    """The rows of these people."""
    return {name: [row for row in each if json.loads(row)["patient"] in known] for name, each in rows.items()}


@pytest.mark.parametrize("write", [exports.ndjson, exports.scattered, exports.bundles])
def test_medicines_by_reference(write: Any, plain: tuple[Path, Json], tmp_path: Path) -> None:
    known = exports.referring(people())
    told = screened(write(tmp_path / "in", known), tmp_path / "out", size=60_000)
    out, _ = plain
    medications = {
        person: sum(each["resourceType"] == "Medication" for each in resources)
        for person, resources in known.items()
    }
    alone = write is not exports.bundles  # in one person's Bundle they are that person's
    assert sum(medications.values()) > 50
    assert told["input"]["medications"] == (sum(medications.values()) if alone else 0)
    apart = ("place", "why", "detail", "read", "unmatched")
    assert len(sound()) >= 25
    assert of(tables(tmp_path / "out", *apart), sound()) == of(tables(out, *apart), sound())
    for person, resources in known.items():
        less = medications[person] if alone else 0
        assert anywhere(explained(tmp_path / "out", person)) == anywhere(checked(resources), less), person


def test_medicines_contained(plain: tuple[Path, Json], tmp_path: Path) -> None:
    known = exports.containing(people())
    screened(exports.mixed(tmp_path / "in", known), tmp_path / "out", size=60_000)
    out, _ = plain
    apart = ("place", "why", "detail")
    assert of(tables(tmp_path / "out", *apart), sound()) == of(tables(out, *apart), sound())
    for person, resources in known.items():
        assert anywhere(explained(tmp_path / "out", person)) == anywhere(checked(resources)), person


def test_what_stands_in_ones_own_bundle_about_another_is_set_aside(tmp_path: Path) -> None:
    """As in `check`; in NDJSON it is that other person's."""
    stranger = {
        "resourceType": "Condition",
        "id": "x",
        "subject": {"reference": "Patient/someone-else"},
        "code": {"text": "acute hepatitis"},
    }
    known = {"g1": [*people()["g1"], stranger], "g2": people()["g2"]}
    screened(exports.bundles(tmp_path / "in", known), tmp_path / "out")
    assert anywhere(explained(tmp_path / "out", "g1")) == anywhere(checked(known["g1"]))
    told = screened(exports.ndjson(tmp_path / "in2", known), tmp_path / "out2")
    assert told["patients"]["people_without_patient"] == 1
    assert anywhere(explained(tmp_path / "out2", "g1")) == anywhere(checked(people()["g1"]))


FOUND = (
    "Patient/{}",
    "https://fhir.example/r4/Patient/{}",
    "Patient/{}/_history/3",
    "urn:uuid:{}",
)


@pytest.mark.parametrize("form", FOUND)
def test_references_of_every_form(form: str, plain: tuple[Path, Json], tmp_path: Path) -> None:
    """But for who takes part in an appointment: of a bare urn:uuid nobody knows what it is."""
    known = {
        person: [
            each
            if each["resourceType"] == "Appointment"
            else exports.redirected(each, {f"Patient/{person}": form.format(person)})
            for each in resources
        ]
        for person, resources in people().items()
    }
    screened(exports.mixed(tmp_path / "in", known), tmp_path / "out", PAIN)
    out, _ = plain
    assert tables(tmp_path / "out", "place", "why", "detail") == tables(out, "place", "why", "detail")


@pytest.mark.parametrize("ids", [True, False], ids=["with ids", "by fullUrl only"])
@pytest.mark.parametrize("name", ["all.json", "all.ndjson"])
def test_people_of_one_bundle_are_told_apart_by_fullurl(ids: bool, name: str, tmp_path: Path) -> None:
    """As in a transaction: entries refer to the urn:uuid of a Patient, which is not its id."""
    chosen = {person: people()[person] for person in list(people())[-12:]}
    entries = []
    for person, resources in chosen.items():
        url = f"urn:uuid:5e1f-{person}"
        for each in resources:
            made = exports.redirected(each, {f"Patient/{person}": url})
            if each["resourceType"] == "Patient":
                made = {key: value for key, value in made.items() if ids or key != "id"}
                entries.append({"fullUrl": url, "resource": made})
            else:
                entries.append({"resource": made})
    empty = {"resource": {"resourceType": "Bundle", "type": "collection", "entry": []}}
    whole = {"resourceType": "Bundle", "type": "transaction", "entry": [empty, *entries[::-1]]}
    told = screened(exports.written(tmp_path / "in", {name: exports.line(whole)}), tmp_path / "out")
    assert told["patients"]["patients"] == len(chosen)
    assert told["patients"]["people_without_patient"] == 0
    assert told["quarantined"].keys() <= {"unreadable"}
    for person, resources in chosen.items():
        answer = explained(tmp_path / "out", person if ids else f"5e1f-{person}")
        expected = checked(resources)
        for key in ("verdict", "counts", "stage", "earliest"):
            assert answer[key] == expected[key], (person, key)
        assert [each["status"] for each in answer["findings"]] == (
            [each["status"] for each in expected["findings"]]
        )
