"""Bad input gives one clear message and a documented exit code; what can still be answered is answered."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from posology.errors import InputError, KnowledgeError, RecordError, UsageError
from tests.command import Ran, run
from tests.records import Json, alt, bundle, bytes_of, condition, order, patient

ON = ("--on", "2026-06-30")
ASK = ("check", "naltrexone", "-", "--for", "chronic-pain", *ON)


def ask(data: bytes | Json, *more: str) -> Ran:
    return run(*ASK, *more, stdin=data if isinstance(data, bytes) else bytes_of(data))


def answer(data: bytes | Json) -> Json:
    ran = ask(data, "--format", "json")
    assert ran.code == 0, ran.err
    parsed: Json = json.loads(ran.out)
    return parsed


REFUSED = {
    "not JSON": (b"Dear doctor, ", InputError, "is not JSON"),
    "empty": (b"  \n", InputError, "is empty"),
    "truncated gzip": (
        gzip.compress(bytes_of(bundle(patient())))[:40],
        InputError,
        "damaged or ends too early",
    ),
    "truncated JSON": (bytes_of(bundle(patient()))[:-30], InputError, "is not JSON"),
    "an array": (b"[1, 2]", RecordError, "not FHIR (an array)"),
    "no resourceType": (b'{"id": "x"}', RecordError, "not FHIR (an object without resourceType)"),
    "wrong resourceType": (b'{"resourceType": "Questionnaire"}', RecordError, "holds no readable Patient"),
    "no patient": (bytes_of(bundle(condition())), RecordError, "holds no readable Patient"),
    "two patients": (bytes_of(bundle(patient(), patient(id="p2"))), RecordError, "holds 2 Patients"),
    "R5": (
        bytes_of(
            bundle(
                patient(),
                {
                    "resourceType": "MedicationRequest",
                    "id": "m",
                    "status": "active",
                    "medication": {"concept": {"text": "oxycodone"}},
                },
            )
        ),
        RecordError,
        "FHIR R5",
    ),
    "DSTU2 order": (bytes_of(bundle(patient(), {"resourceType": "MedicationOrder"})), RecordError, "DSTU2"),
    "DSTU2 condition": (
        bytes_of(bundle(patient(), condition() | {"clinicalStatus": "active"})),
        RecordError,
        "DSTU2",
    ),
    "nested 10,000 deep": (
        b'{"resourceType": "Bundle", "x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        InputError,
        "nested too deeply",
    ),
    "two lists of entries": (
        bytes_of(bundle(patient(), order()))[:-1]
        + b', "entry": '
        + bytes_of(bundle(patient())).partition(b'"entry": ')[2],
        InputError,
        "a key stands twice",
    ),
    "two lists of entries, and one without a type in place of the one that is hidden": (
        bytes_of(bundle(order()))[:-1]
        + b', "entry": '
        + bytes_of(bundle(patient(), {"id": "x"})).partition(b'"entry": ')[2],
        InputError,
        "a key stands twice",
    ),
    "two lists of entries, and a resource of a wrong shape": (
        bytes_of(bundle(patient(), order()))[:-1]
        + b', "entry": '
        + bytes_of(bundle(patient(), {**condition(), "code": [1]})).partition(b'"entry": ')[2],
        InputError,
        "a key stands twice",
    ),
    "two entries, the first no array": (
        b'{"resourceType": "Bundle", "entry": 1, "entry": []}',
        InputError,
        "a key stands twice",
    ),
    "entry is no array": (b'{"resourceType": "Bundle", "entry": {}}', RecordError, "entry is not an array"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    data, error, words = REFUSED[name]
    ran = ask(data)
    assert ran.code == error.exit_code
    assert ran.out == ""
    assert words in ran.err
    assert ran.err.startswith("posology: ")
    assert ran.err.count("\n") == 1
    assert "Traceback" not in ran.err


@pytest.mark.slow
def test_a_200_mb_bundle_is_refused_without_being_read_whole(tmp_path: Path) -> None:
    big = tmp_path / "big.json"
    with big.open("wb") as file:
        file.write(b'{"resourceType": "Bundle", "entry": [')
        file.write(b" " * 200_000_000)
    ran = run("check", "naltrexone", big, "--for", "chronic-pain", *ON)
    assert ran.code == InputError.exit_code
    assert "larger than 100 MB" in ran.err


def test_a_gzip_bomb_is_refused() -> None:
    ran = ask(gzip.compress(b'{"resourceType": "Bundle"}' + b" " * 150_000_000))
    assert ran.code == InputError.exit_code
    assert "larger than 100 MB" in ran.err


def test_a_missing_file(tmp_path: Path) -> None:
    ran = run("check", "naltrexone", tmp_path / "none.json", *ON)
    assert ran.code == InputError.exit_code
    assert "No such file" in ran.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("check", "naltrexon", "-"), "Did you mean 'naltrexone'?"),
        (("check", "naltrexone", "-", "--for", "chronic-pian"), "Did you mean 'chronic-pain'?"),
        (("check", "naltrexone", "-", "--region", "UK"), "Known: EU, US"),
        (("check", "naltrexone", "-", "--on", "30.6.2026"), "YYYY-MM-DD"),
        (
            ("check", "naltrexone", "-", "--for", "chronic-pain", "--product", "tablets"),
            "Did you mean 'tablet'?",
        ),
    ],
)
def test_names_nobody_knows(arguments: tuple[str, ...], words: str) -> None:
    ran = run(*arguments, stdin=bytes_of(bundle(patient())))
    assert ran.code == UsageError.exit_code
    assert words in ran.err


def unreadable(record: Json) -> Json:
    """The answer to a record, which must list exactly one thing that could not be read."""
    got = answer(record)
    assert len(got["unreadable"]) == 1, got["unreadable"]
    assert got["verdict"] not in ("suitable", "with-precautions", "continue")
    return got


def test_a_reference_that_dangles_leaves_medicines_unknown() -> None:
    dangling = order()
    del dangling["medicationCodeableConcept"]
    got = unreadable(bundle(patient(), dangling | {"medicationReference": {"reference": "Medication/gone"}}))
    assert "not in the record" in got["unreadable"][0]["reason"]
    assert any("m1" in gap["why"] for gap in got["missing"])


def test_a_day_that_does_not_exist() -> None:
    got = unreadable(bundle(patient(), order(authoredOn="2026-02-30")))
    assert got["unreadable"][0]["place"] == "Bundle.entry[1].authoredOn"
    assert "does not exist" in got["unreadable"][0]["reason"]


def test_a_birth_date_that_does_not_exist() -> None:
    got = unreadable(bundle(patient(birthDate="1980-13-01")))
    assert got["unreadable"][0]["place"] == "Bundle.entry[0].birthDate"


def test_only_a_year_counts_as_the_less_permissive_day() -> None:
    got = answer(bundle(patient(), order(status="completed", authoredOn="2026")))
    taken = [
        f
        for f in got["findings"]
        if f["status"] == "met" and any(e["ref"] == "MedicationRequest/m1" for e in f["entries"])
    ]
    open_ = [g for g in got["missing"] if any(e["ref"] == "MedicationRequest/m1" for e in g["entries"])]
    assert taken or open_
    assert got["verdict"] in ("not-now", "cannot-tell")


@pytest.mark.parametrize("unit", ["furlong", "", "U/furlong"])
def test_an_unknown_unit_is_unknown_with_the_reason(unit: str) -> None:
    got = answer(bundle(patient(), alt(400, unit)))
    assert any("unit" in gap["why"] for gap in got["missing"])
    assert not any(f["status"] == "met" and "alt" in f["statement"] and f["verdict"] for f in got["findings"])


def test_a_number_as_text_is_unreadable_not_a_number() -> None:
    got = unreadable(bundle(patient(), alt("900")))
    assert got["unreadable"][0]["place"].startswith("Bundle.entry[1]")
    assert any("cannot be read" in gap["why"] for gap in got["missing"])


def test_wrong_shapes_are_counted_and_the_rest_is_read() -> None:
    broken = condition() | {"code": "fibromyalgia"}
    got = answer(bundle(patient(), broken, order()))
    counts = got["counts"]
    assert counts["read"] == 3
    assert counts["unreadable"] == 1
    assert counts["read"] == sum(counts[key] for key in ("matched", "unmatched", "set_aside", "unreadable"))
    assert got["verdict"] == "not-now"


NASTY = "<script>alert(1)</script>\x1b[2J\x1b[31mRED\u202e"


@pytest.mark.parametrize("form", ["text", "html", "json", "fhir"])
def test_a_name_that_holds_html_or_terminal_codes_does_nothing(form: str) -> None:
    nasty = patient(name=[{"family": NASTY}])
    record = bundle(nasty, order(name=f"oxycodone {NASTY}"), condition(display=NASTY))
    ran = ask(record, "--format", form)
    assert ran.code == 0, ran.err
    assert "\x1b" not in ran.out
    if form == "html":
        assert "<script>alert" not in ran.out
    if form == "text":
        assert "\u202e" not in ran.out


def test_a_wrong_monograph_names_file_line_and_remedy(tmp_path: Path) -> None:
    made = run("monograph", "new", "examplol", "--monographs", tmp_path)
    assert made.code == 0, made.err
    safety = next((tmp_path / "examplol").glob("safety.yaml"))
    text = safety.read_text()
    safety.write_text(text.replace("verdict:", "verdikt:", 1))
    line = next(
        n
        for n, row in enumerate(text.splitlines(), 1)
        if "verdict:" in row and not row.strip().startswith("#")
    )
    ran = run("check", "examplol", "-", "--monographs", tmp_path, *ON, stdin=bytes_of(bundle(patient())))
    assert ran.code == KnowledgeError.exit_code
    assert f"safety.yaml:{line}" in ran.err
    assert "verdict" in ran.err
