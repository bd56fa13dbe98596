"""A source or a question that cannot be gives one clear sentence; what is in the records is never in a message."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from posology.errors import InputError, UsageError
from posology.screen.fhir_export import FhirExport
from tests import exports
from tests.command import run
from tests.exports import PAIN, line, people, quarantine, screened, table
from tests.generative.bundles import ROOT
from tests.omop import folder, three
from tests.postgres import PASSWORD, fill, program, server
from tests.records import Json, alt, bundle, condition, order, patient

ON = ("--on", "2026-06-30")
GOOD = b"\n".join(map(line, [patient(), order()])) + b"\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 20


def refused(place: Path, source: object, code: int, words: str, *more: str) -> str:
    """The one sentence with which the command line refuses; nothing is written."""
    before = sorted(place.rglob("*"))
    ran = run(
        "screen",
        "naltrexone",
        source,
        "--for",
        "chronic-pain",
        *ON,
        "--out",
        place / "out",
        "--workers",
        1,
        *more,
    )
    assert (ran.code, ran.out) == (code, ""), ran.err
    assert ran.err.count("\n") == 1
    assert ran.err.startswith("posology: ")
    assert words in ran.err
    assert "Traceback" not in ran.err
    assert sorted(place.rglob("*")) == before
    return ran.err


SOURCES: dict[str, tuple[dict[str, bytes], str]] = {
    "an empty folder": ({}, "holds nothing to screen"),
    "only foreign files": ({"a.csv": b"1,2", "b.png": PNG, "c.xml": b"<x/>"}, "holds nothing to screen"),
    "only hidden files": ({".a.ndjson": GOOD, ".git/b.ndjson": GOOD}, "holds nothing to screen"),
    "only empty files": ({"a.ndjson": b"", "b.json": b""}, "holds nothing to screen"),
    "only JSON that is not FHIR": (
        {"manifest.json": b'{"transactionTime": "2026", "output": []}'},
        "holds nothing to screen",
    ),
    "UTF-16": ({"a.ndjson": GOOD.decode().encode("utf-16")}, "a.ndjson: is UTF-16; FHIR is UTF-8"),
    "UTF-16 big-endian": ({"a.ndjson": b"\xfe\xff" + GOOD.decode().encode("utf-16-be")}, "is UTF-16"),
}


@pytest.mark.parametrize("name", SOURCES)
def test_sources_that_hold_nothing(name: str, tmp_path: Path) -> None:
    files, words = SOURCES[name]
    source = tmp_path / "in"
    source.mkdir()
    refused(tmp_path, exports.written(source, files), InputError.exit_code, words)


def test_no_such_source(tmp_path: Path) -> None:
    refused(tmp_path, tmp_path / "none", InputError.exit_code, "there is no such file or folder")
    refused(tmp_path, tmp_path / "a\x1b[31m\u202eb", InputError.exit_code, "there is no such file or folder")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_source_without_rights(tmp_path: Path) -> None:
    source = exports.written(tmp_path / "in", {"a.ndjson": GOOD})
    (source / "a.ndjson").chmod(0)
    try:
        refused(tmp_path, source, InputError.exit_code, "a.ndjson: cannot be read (Permission denied)")
    finally:
        (source / "a.ndjson").chmod(0o600)


OPTIONS = [
    (("--memory", "lots"), UsageError.exit_code, "'lots' is no size; write it as 500MB or 2GB"),
    (("--memory", "-1GB"), UsageError.exit_code, "is no size"),
    (("--memory", "1e9"), UsageError.exit_code, "is no size"),
    (("--memory", "10MB"), UsageError.exit_code, "is too little: a worker needs at least 50MB"),
    (("--memory", "0"), UsageError.exit_code, "is too little"),
    (("--for", "chronic-pian"), UsageError.exit_code, "Did you mean 'chronic-pain'?"),
    (("--product", "tablets"), UsageError.exit_code, "Did you mean 'tablet'?"),
    (("--region", "UK"), UsageError.exit_code, "Known: EU, US"),
    (("--on", "30.6.2026"), UsageError.exit_code, "YYYY-MM-DD"),
    (("--monographs", "/nowhere/at/all"), 5, "/nowhere/at/all"),
]


@pytest.mark.parametrize(("options", "code", "words"), OPTIONS, ids=[" ".join(each[0]) for each in OPTIONS])
def test_options(options: tuple[str, ...], code: int, words: str, tmp_path: Path) -> None:
    source = exports.written(tmp_path / "in", {"a.ndjson": GOOD})
    refused(tmp_path, source, code, words, *options)


def test_what_typer_refuses(tmp_path: Path) -> None:
    for options, words in (
        (("--workers", 0), "workers"),
        (("--workers", "x"), "workers"),
        (("--engine", "x"), "x"),
    ):
        ran = run("screen", "naltrexone", tmp_path, "--for", "chronic-pain", *options)
        assert ran.code == UsageError.exit_code
        assert words in ran.err
        assert "Traceback" not in ran.err
    ran = run("screen", "naltrexone", tmp_path, "--out", tmp_path / "out")
    assert ran.code == UsageError.exit_code
    assert "say what naltrexone is for with --for" in ran.err
    ran = run("screen", "naltrexon", tmp_path, "--for", "chronic-pain", "--out", tmp_path / "out")
    assert ran.code == UsageError.exit_code
    assert "Did you mean 'naltrexone'?" in ran.err


# --- what is wrong in part, and does not stop a run -------------------------------------------------------


def test_a_picture_called_ndjson_is_malformed_and_the_rest_is_read(tmp_path: Path) -> None:
    source = exports.written(tmp_path / "in", {"a.ndjson": GOOD, "scan.ndjson": PNG, "scan.json": PNG})
    told = screened(source, tmp_path / "out")
    assert told["patients"]["patients"] == 1
    files = {row["file"] for row in quarantine(tmp_path / "out")}
    assert files <= {"scan.ndjson", "scan.json"}
    assert "scan.ndjson" in files
    skipped = {each["file"] for each in told["source"]["skipped_files"]}
    assert files | skipped == {"scan.ndjson", "scan.json"}
    assert set(told["quarantined"]) == {"malformed"}


@pytest.mark.parametrize("name", ["b.ndjson.gz", "b.json.gz"])
def test_a_packed_file_that_ends_too_early_is_told_and_the_rest_is_read(name: str, tmp_path: Path) -> None:
    many = [
        condition(f"{number * 7919 % 100003}", subject={"reference": "Patient/p2"}) for number in range(2000)
    ]
    more = [patient(id="p2"), *many]
    data = line(bundle(*more)) if "json.gz" in name and "nd" not in name else b"\n".join(map(line, more))
    cut = gzip.compress(data)[:-2000]
    told = screened(exports.written(tmp_path / "in", {"a.ndjson": GOOD, name: cut}), tmp_path / "out")
    assert told["damaged_files"] == [name]
    assert told["quarantined"]["damaged"] == 1
    damaged = [row for row in quarantine(tmp_path / "out") if row["category"] == "damaged"]
    assert [row["file"] for row in damaged] == [name]
    assert "end too early or are damaged" in damaged[0]["reason"]
    answered = {row["patient"] for row in table(tmp_path / "out", "verdicts")}
    assert answered == ({"p1", "p2"} if "nd" in name else {"p1"})
    assert told["input"]["lines"] > (500 if "nd" in name else 0)


def test_one_file_is_a_source_too(tmp_path: Path) -> None:
    exports.written(
        tmp_path / "in", {"a.ndjson": GOOD, "b.ndjson": b"{", "c.json": line(bundle(patient(id="x")))}
    )
    told = screened(tmp_path / "in" / "a.ndjson", tmp_path / "out")
    assert told["input"]["lines"] == 2
    assert told["patients"]["patients"] == 1
    told = screened(tmp_path / "in" / "c.json", tmp_path / "out2")
    assert told["patients"]["patients"] == 1


def test_units_do_not_split_packed_files_and_go_by_size(tmp_path: Path) -> None:
    files = {"a.ndjson": GOOD * 50, "b.ndjson.gz": gzip.compress(GOOD)}
    files |= {f"{number}.json": line(bundle(patient(id=str(number)))) for number in range(9)}
    export = FhirExport(exports.written(tmp_path, files))
    units = export.units(1000)
    assert units == FhirExport(tmp_path).units(1000)
    assert [unit.kind for unit in units].count("packed") == 1
    assert units[0].kind == "packed"
    plain = sorted((unit.start, unit.end) for unit in units if unit.kind == "lines")
    assert plain[0][0] == 0
    assert plain[-1][1] == len(GOOD) * 50
    assert all(one[1] == other[0] for one, other in pairwise(plain))
    assert (
        sorted(name for unit in units if unit.kind == "bundles" for name in unit.files) == sorted(files)[:9]
    )


# --- OMOP ---------------------------------------------------------------------------------------------------

SECRET = "s3cr3t-%40word"


def test_a_server_that_is_not_there_never_tells_the_password(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    for address in (
        f"postgresql://me:{SECRET}@127.0.0.1:9/none",
        f"postgresql://127.0.0.1:9/none?user=me&password={SECRET}",
        f"postgresql://me:{SECRET}@127.0.0.1:99999/none",
    ):
        code = UsageError.exit_code if "99999" in address else InputError.exit_code
        words = refused(tmp_path, address, code, "postgresql://")
        assert "s3cr3t" not in words
        assert "word" not in words.replace("password", "")


TABLES: dict[str, tuple[dict[str, Any], str]] = {
    "no person": (
        {name: rows for name, rows in three().items() if name != "person"},
        "has no table 'person'",
    ),
    "nobody in person": (
        {name: rows.slice(0, 0) if name == "person" else rows for name, rows in three().items()},
        "the table person is empty",
    ),
    "only person": ({"person": three()["person"]}, "nothing to read"),
}


@pytest.mark.parametrize("name", TABLES)
def test_omop_tables_that_are_not_enough(name: str, tmp_path: Path) -> None:
    made, words = TABLES[name]
    cdm = folder(tmp_path / "cdm", made)
    ran = run("screen", "naltrexone", cdm, "--for", "chronic-pain", *ON, "--out", tmp_path / "out")
    assert ran.code == InputError.exit_code
    assert ran.err.count("\n") == 1
    if "person" in made:
        assert words in ran.err
    assert not (tmp_path / "out.partial").exists()


# --- nothing of a patient in a message ----------------------------------------------------------------------

MARKS = ("Zyxwhilde", "Qqvarn", "1931-07-29", "Xanthoprobe", "987654.25", "Kvbnm", "555-0173")
NAMED = [
    patient(name=[{"family": "Zyxwhilde", "given": ["Qqvarn"]}], telecom=[{"value": "555-0173"}])
    | {"birthDate": "1931-07-29"},
    condition(display="Xanthoprobe"),
    alt(987654.25),
    order(name="oxycodone Kvbnm 5 MG Oral Tablet"),
]
SPOILT = [
    b'{"resourceType":"Patient","id":"p1","name":[{"family":"Zyxwhilde',
    b'{"resourceType":"Condition","subject":{"reference":"Patient/p1"},"code":{"text":"Xanthoprobe \xff"}}',
    line({"resourceType": "Condition", "subject": {"reference": "Patient/p1"}, "code": "Xanthoprobe"}),
    line({"resourceType": "Condition", "id": {"Kvbnm": 1}, "subject": {"reference": "Patient/p1"}}),
    line({"resourceType": "Kvbnm", "subject": {"reference": "Patient/p1"}}),
    line({"resourceType": "Patient", "name": "Zyxwhilde", "birthDate": "1931-07-29"}),
    line({"resourceType": "Observation", "valueQuantity": {"value": "987654.25"}, "code": ["Xanthoprobe"]}),
    line(["Zyxwhilde"]),
    b'"Zyxwhilde',
    line(alt("987654.25")),
    line({"resourceType": "MedicationOrder", "patient": {"reference": "Patient/p2"}, "note": "Xanthoprobe"}),
    line(patient(id="p2", name=[{"family": "Zyxwhilde"}])),
]
QUIET = """
import sys, logging
logging.basicConfig(level=logging.DEBUG)
import posology
from posology.errors import PosologyError

def tell(*given):
    print(*given)

if __name__ == "__main__":
    try:
        posology.screen(sys.argv[1], drug="naltrexone", use="chronic-pain", on="2026-06-30", out=sys.argv[2],
                        workers=1, progress=tell)
    except PosologyError as wrong:
        print(wrong)
"""


def test_nothing_of_a_record_is_in_output_or_names(tmp_path: Path) -> None:
    files = {
        "a.ndjson": b"\n".join([*map(line, NAMED), *SPOILT]),
        "b.json": line(bundle(*NAMED, {"resourceType": "Condition", "code": "Xanthoprobe"})),
        "c.json": b'{"resourceType": "Bundle", "entry": [{"resource": {"name": "Zyxwhilde"',
        "d.ndjson.gz": gzip.compress(b"Zyxwhilde" * 5000)[:-9],
    }
    source = exports.written(tmp_path / "in", files)
    ran = subprocess.run(
        [sys.executable, "-c", QUIET, str(source), str(tmp_path / "out")],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    assert "answering" in ran.stdout
    told = (tmp_path / "out" / "run.json").read_text(encoding="utf-8")
    for mark in MARKS:
        assert mark not in ran.stdout
        assert mark not in told.replace('"Kvbnm": 1', "")  # an invented resource type is counted by its name
        assert not any(mark in path.name for path in (tmp_path / "out").rglob("*"))
    kept = (tmp_path / "out" / "quarantine.ndjson").read_text(encoding="utf-8")
    assert "Zyxwhilde" in kept  # with its text, where it belongs
    for row in quarantine(tmp_path / "out"):
        assert not any(mark in f"{row['reason']} {row['path']} {row['place']}" for mark in MARKS), row[
            "reason"
        ]
    for row in table(tmp_path / "out", "set_aside"):
        assert not any(mark in f"{row['reason']} {row['place']}" for mark in MARKS), row["reason"]


# --- shapes of scale ----------------------------------------------------------------------------------------


def sample(out: Path, records: dict[str, list[Json]], medications: int = 0) -> None:
    """These people of a run are told what `check` tells them."""
    for person, resources in records.items():
        expected = exports.anywhere(exports.checked(resources), medications)
        assert exports.anywhere(exports.explained(out, person)) == expected, person


def test_a_patient_with_a_hundred_thousand_results(tmp_path: Path) -> None:
    many = [
        alt(
            20 + number % 9,
            effectiveDateTime=f"20{number % 26:02}-0{1 + number % 6}-1{number % 9}",
            id=f"o{number}",
        )
        for number in range(3000)
    ]
    dull = line(
        {"resourceType": "Observation", "status": "final", "code": {"text": "Body Height"}}
        | {"subject": {"reference": "Patient/p1"}, "effectiveDateTime": "2026-01-01"}
    )
    lines = [line(patient()), *map(line, many), *[dull] * 97_000]
    source = exports.written(tmp_path / "in", {"a.ndjson": b"\n".join(lines)})
    told = screened(source, tmp_path / "out", size=3_000_000, memory=8_000_000)
    assert told["patients"]["read"] == 100_001
    assert told["patients"]["duplicates"] == 0
    answer = exports.explained(tmp_path / "out", "p1")
    assert answer["counts"]["unmatched"] == 97_000
    alone = exports.checked([patient(), *many])
    for key in ("verdict", "findings", "missing", "reasons"):
        assert answer[key] == alone[key]


def test_one_medication_of_thousands_of_orders(tmp_path: Path) -> None:
    medication = {"resourceType": "Medication", "id": "m", "code": {"text": "oxycodone 5 MG Oral Tablet"}}
    records: dict[str, list[Json]] = {}
    for number in range(500):
        name = f"q{number}"
        mine = [
            order(
                id=f"{name}-{each}",
                subject={"reference": f"Patient/{name}"},
                authoredOn=f"2026-0{1 + each % 6}-02",
            )
            | {"medicationReference": {"reference": "Medication/m"}}
            for each in range(10)
        ]
        for each in mine:
            del each["medicationCodeableConcept"]
        records[name] = [patient(id=name), *mine]
    lines = [line(each) for resources in records.values() for each in resources]
    files = {"MedicationRequest.ndjson": b"\n".join(lines), "Medication.ndjson": line(medication)}
    told = screened(exports.written(tmp_path / "in", files), tmp_path / "out", size=100_000)
    assert told["input"]["medications"] == 1
    assert told["patients"]["patients"] == 500
    assert told["partitions"] >= 16
    assert {row["verdict"] for row in table(tmp_path / "out", "verdicts")} == {"not-now"}
    sample(tmp_path / "out", {name: [*records[name], medication] for name in ("q0", "q250", "q499")}, 1)


def test_hundreds_of_partitions(tmp_path: Path) -> None:
    told = screened(exports.mixed(tmp_path / "in", people()), tmp_path / "out", size=2_500, memory=8 * 3_000)
    assert told["partitions"] >= 128
    assert told["patients"]["patients"] == len(people())
    sample(tmp_path / "out", dict(list(people().items())[::9]))
    ids = [row["patient"] for row in table(tmp_path / "out", "verdicts")]
    assert len(ids) == len(set(ids))
    assert json.loads((tmp_path / "out" / "run.json").read_bytes())["question"]["use"] == PAIN.use


def test_the_password_of_a_database_is_in_no_file_of_a_run(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    if program("pg_ctl") is None:
        pytest.skip("no PostgreSQL server on this machine (Debian: apt-get install postgresql)")
    secrets = [PASSWORD.encode(), b"s3cr%3At", b"s3cr", "wörd".encode()]
    written = []

    def look(*_: Any) -> None:
        written.extend(path for path in tmp_path.rglob("*") if path.is_file())
        for path in written:
            data = path.read_bytes() if path.exists() else b""
            assert not any(secret in data for secret in secrets), path.name

    with server() as running:
        fill(running.address(), three())
        told = screened(running.address(), tmp_path / "out", workers=1, progress=look)  # type: ignore[arg-type]
    look()
    assert {path.name for path in written} >= {"plan.json", "run.json", "verdicts.parquet", "000000.json"}
    assert told["source"]["kind"] == "omop-postgresql"
    assert "***" in json.dumps(told["source"])
