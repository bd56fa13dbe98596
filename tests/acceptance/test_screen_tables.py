"""The tables say what `check` says, in the columns that are promised; and one person's rows give the answer back."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from posology.errors import InputError, KnowledgeError, RecordError, UsageError
from posology.screen import tables as promised
from tests import exports
from tests.command import run
from tests.exports import ASKED, Asked, checked, line, people, screened, table
from tests.records import alt, condition, order, patient

Json = dict[str, Any]
ENTRY = {
    "entry": "ref",
    "resource": "resource",
    "title": "title",
    "code": "code",
    "date": "date",
    "value": "value",
    "how": "how",
}


@pytest.fixture(scope="module", params=ASKED[:4:3], ids=lambda asked: asked.drug)
def results(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Asked, dict[str, Json]]:
    """Results, the question, and what `check` says of everyone."""
    place = tmp_path_factory.mktemp("tables")
    asked = request.param
    screened(exports.ndjson(place / "in", people()), place / "out", asked)
    return place / "out", asked, {person: checked(each, asked) for person, each in people().items()}


def test_columns_are_those_promised(results: tuple[Path, Asked, dict[str, Json]]) -> None:
    for name, columns in promised.TABLES.items():
        schema = pq.read_schema(results[0] / f"{name}.parquet")
        assert schema.names == [column.name for column in columns]
        for field, column in zip(schema, columns, strict=True):
            assert (field.type, field.nullable) == (column.type, column.null), f"{name}.{column.name}"
            assert column.says.endswith((".", "?"))
    told = json.loads((results[0] / "run.json").read_bytes())
    assert set(told) >= {"format", "program", "knowledge", "question", "source", "input", "patients", "rows"}


def test_what_may_not_be_null_never_is(results: tuple[Path, Asked, dict[str, Json]]) -> None:
    for name, columns in promised.TABLES.items():
        rows = table(results[0], name)
        assert rows
        for column in columns:
            empty = [row for row in rows if row[column.name] is None]
            assert column.null or not empty, f"{name}.{column.name}"


def test_verdicts(results: tuple[Path, Asked, dict[str, Json]]) -> None:
    out, _, told = results
    rows = {row["patient"]: row for row in table(out, "verdicts")}
    assert rows.keys() == told.keys()
    for person, row in rows.items():
        answer = told[person]
        assert {name: row[name] for name in answer["counts"]} == answer["counts"]
        assert row["read"] == sum(row[name] for name in ("matched", "unmatched", "set_aside", "unreadable"))
        assert (row["verdict"], row["stage"]) == (answer["verdict"], answer["stage"])
        assert row["earliest"] == (date.fromisoformat(answer["earliest"]) if answer["earliest"] else None)
        assert row["earliest_note"] == answer["earliest_note"]
        assert row["indication"] == answer["use"]["recorded"]
        entries = json.loads(row["indication_detail"]) if row["indication_detail"] else []
        assert entries == list(answer["use"]["entries"])
        assert tuple(row["notices"]) == tuple(answer["notices"])
        assert tuple(row["other_medicines"]) == tuple(answer["other_medicines"])
        fine = row["verdict"] in ("suitable", "continue")
        assert row["because"] == (
            []
            if fine
            else [each["statement"] for each in answer["findings"] if each["verdict"] == row["verdict"]]
        )
        resources = people()[person]
        assert row["sex"] == resources[0].get("gender")
        died = "deceasedDateTime" in resources[0]
        assert row["dead"] == died
        born = resources[0].get("birthDate", "")
        if len(born) == 10:
            past = (exports.ON.month, exports.ON.day) >= (int(born[5:7]), int(born[8:]))
            assert row["age"] == exports.ON.year - int(born[:4]) - (not past)
        else:
            assert row["age"] is None or born


def absent(row: Json, finding: Json) -> bool:
    """Is it met, and decided by no entry?"""
    return (
        row["entry"] is None
        and row["status"] == "met"
        and [each["resource"] for each in finding["entries"]] == ["Patient"]
    )


def test_findings(results: tuple[Path, Asked, dict[str, Json]]) -> None:
    out, asked, told = results
    rows: dict[str, dict[str, Json]] = {person: {} for person in told}
    for row in table(out, "findings"):
        assert row["statement"] not in rows[row["patient"]]
        rows[row["patient"]][row["statement"]] = row
    detailed = shared = ends = 0
    for person, answer in told.items():
        findings = {each["statement"]: each for each in answer["findings"]}
        live = {name for name, each in findings.items() if each["status"] != "not-met"}
        assert rows[person].keys() == live
        assert live <= findings.keys()
        for name, row in rows[person].items():
            finding = findings[name]
            assert (row["status"], row["kind"]) == (finding["status"], finding["kind"])
            assert row["verdict"] == finding["verdict"]
            assert row["until"] == (date.fromisoformat(finding["until"]) if finding["until"] else None)
            assert (row["note"] or "") == finding["note"]
            # What is decided by what is not there is told of the Patient.
            told_of = [] if absent(row, finding) else list(finding["entries"])
            assert row["entries"] == len(told_of)
            first = told_of[0] if told_of else None
            for column, key in ENTRY.items():
                assert row[column] == (first[key] if first else None), column
            if row["missing"] is not None:
                assert row["status"] == "unknown"
                assert row["missing"] == list(finding["missing"])
                assert len(row["why"]) == len(row["missing"])
            if row["detail"] is not None:
                detailed += 1
                entries, missing = json.loads(row["detail"])
                assert entries == told_of
                assert [gap["what"] for gap in missing] == list(finding["missing"])
                assert [gap["what"] for gap in missing] == (row["missing"] or [])
            else:
                shared += 1
                assert len(told_of) <= 1
                assert len(finding["missing"]) <= 1
            ends += row["until"] is not None
    assert detailed > 20
    assert shared > 100
    assert ends or asked.drug != "naltrexone"


def test_set_aside(results: tuple[Path, Asked, dict[str, Json]]) -> None:
    out, _, told = results
    rows = table(out, "set_aside")
    for person, answer in told.items():
        mine = [row for row in rows if row["patient"] == person]
        aside = [(row["entry"], row["title"], row["reason"]) for row in mine if row["kind"] == "set-aside"]
        assert aside == [(each["ref"], each["title"], each["reason"]) for each in answer["set_aside"]]
        bad = [(row["entry"], row["reason"]) for row in mine if row["kind"] == "unreadable"]
        assert bad == [(each["ref"], each["reason"]) for each in answer["unreadable"]]
        assert all(".ndjson:" in row["place"] for row in mine if row["kind"] == "unreadable")
        assert len(mine) == len(aside) + len(bad)


# --- explain --------------------------------------------------------------------------------------------

NASTY = "../../etc/passwd"
ODD = {
    "a.ndjson": [
        patient(),
        order(),
        condition(),
        alt(),
        patient(id="dstu2"),
        {"resourceType": "MedicationOrder", "id": "x", "patient": {"reference": "Patient/dstu2"}},
        condition(subject={"reference": "Patient/ghost"}),
        patient(id="päd-\U0001f600"),
        patient(id=NASTY),
        patient(id="' OR 1=1 --"),
    ]
}


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    files = {name: b"\n".join(map(line, each)) for name, each in ODD.items()}
    screened(exports.written(tmp_path / "in", files), tmp_path / "out")
    return tmp_path / "out"


def test_people_who_were_not_judged_are_told_of(odd: Path) -> None:
    kinds = {row["patient"]: (row["kind"], row["entry"], row["reason"]) for row in table(odd, "set_aside")}
    assert kinds["ghost"][:2] == ("no-patient", "Patient/ghost")
    assert "no Patient in the input; 1 resources" in kinds["ghost"][2]
    assert kinds["dstu2"][0] == "refused"
    assert "DSTU2" in kinds["dstu2"][2]
    told = json.loads((odd / "run.json").read_bytes())["patients"]
    assert (told["people_without_patient"], told["people_refused"]) == (1, 1)


def one_sentence(odd: Path, person: str, code: int, words: str, *more: str) -> None:
    ran = run("explain", odd, person, *more)
    assert (ran.code, ran.out) == (code, ""), ran.err
    assert ran.err.startswith("posology: ")
    assert ran.err.count("\n") == 1
    assert words in ran.err


@pytest.mark.parametrize("form", ["text", "json", "html", "fhir"])
def test_explain_shows_what_check_shows(form: str, odd: Path, tmp_path: Path) -> None:
    record = tmp_path / "p1.json"
    record.write_bytes(line(exports.bundle(ODD["a.ndjson"][:4])))
    question = ("--for", "chronic-pain", "--on", exports.ON.isoformat(), "--format", form)
    expected = run("check", "naltrexone", record, *question)
    ran = run("explain", odd, "p1", "--format", form)
    assert (ran.code, ran.err) == (0, ""), ran.err
    assert ran.out == expected.out
    assert len(ran.out) > 500


@pytest.mark.parametrize("person", ["päd-\U0001f600", NASTY, "' OR 1=1 --"])
def test_explain_finds_people_of_any_id(person: str, odd: Path) -> None:
    ran = run("explain", odd, person, "--format", "json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["patient"] == f"Patient/{person}"


PEOPLE = {
    "unknown": ("p9", UsageError, "no patient 'p9' in this run"),
    "nearly": ("P1", UsageError, "no patient 'P1' in this run"),
    "empty": ("", UsageError, "no patient '' in this run"),
    "with its type": ("Patient/p1", UsageError, "no patient 'Patient/p1'"),
    "refused": ("dstu2", RecordError, "Patient dstu2 was not judged: "),
    "without Patient": ("ghost", RecordError, "Patient ghost was not judged: no Patient in the input"),
}


@pytest.mark.parametrize("name", PEOPLE)
def test_people_whom_explain_cannot_tell_of(name: str, odd: Path) -> None:
    person, error, words = PEOPLE[name]
    one_sentence(odd, person, error.exit_code, words)


def _changed(odd: Path, **more: Any) -> None:
    told = json.loads((odd / "run.json").read_bytes())
    (odd / "run.json").write_text(json.dumps(told | more))


NOT_WRITTEN = "is not what a screening run writes"
HARM = {
    "no folder": (lambda out: out.rename(out.with_name("gone")), InputError, "is no folder with the results"),
    "no run.json": (lambda out: (out / "run.json").unlink(), InputError, "is no folder with the results"),
    "cut run.json": (
        lambda out: (out / "run.json").write_bytes(b'{"format": 1'),
        InputError,
        NOT_WRITTEN,
    ),
    "run.json a list": (
        lambda out: (out / "run.json").write_bytes(b"[]"),
        InputError,
        NOT_WRITTEN,
    ),
    "run.json binary": (
        lambda out: (out / "run.json").write_bytes(b"\xff\xfe\x00"),
        InputError,
        NOT_WRITTEN,
    ),
    "run.json bare": (
        lambda out: (out / "run.json").write_bytes(b'{"format": 1}'),
        InputError,
        NOT_WRITTEN,
    ),
    "other format": (lambda out: _changed(out, format=99), InputError, "is of format 99"),
    "other question": (
        lambda out: _changed(out, question={}),
        InputError,
        NOT_WRITTEN,
    ),
    "no knowledge": (
        lambda out: _changed(out, knowledge=None),
        InputError,
        NOT_WRITTEN,
    ),
    "other knowledge": (
        lambda out: _changed(out, knowledge={"monograph": "naltrexone 0.0.1"}),
        KnowledgeError,
        "another version of",
    ),
    "no table": (
        lambda out: (out / "findings.parquet").unlink(),
        InputError,
        "findings.parquet: is not there",
    ),
    "cut table": (
        lambda out: (out / "verdicts.parquet").write_bytes((out / "verdicts.parquet").read_bytes()[:200]),
        InputError,
        "verdicts.parquet: cannot be read",
    ),
    "other table": (
        lambda out: (out / "verdicts.parquet").write_bytes((out / "set_aside.parquet").read_bytes()),
        InputError,
        "verdicts.parquet: ",
    ),
}


@pytest.mark.parametrize("name", HARM)
def test_damaged_results_are_one_sentence(name: str, odd: Path) -> None:
    harm, error, words = HARM[name]
    harm(odd)
    one_sentence(odd, "p1", error.exit_code, words)
