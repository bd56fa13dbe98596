"""Whatever an export holds, every line is accounted for once, and what is wrong is told with its place and text."""

from __future__ import annotations

import gzip
import json
import random
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import posology
from posology.screen import process, run
from posology.screen.quarantine import PARTS
from posology.screen.sieve import Sieve
from tests import exports
from tests.exports import anywhere, checked, explained, line, people, quarantine, screened, table, tables
from tests.generative.broken import BROKEN
from tests.generative.bundles import ROOT
from tests.generative.mutate import mutated
from tests.generative.oracle import CANNOT_TELL, RANK
from tests.generative.profiles import FACTOR, SEED, tries
from tests.records import condition, order, patient

Json = dict[str, Any]
P1 = {"reference": "Patient/p1"}
PERSON = patient()
GOOD = (
    PERSON,
    patient(),  # twice, and the same
    order(),
    order(subject={"reference": "https://x.example/fhir/Patient/p1"}),
    condition(),
    condition("38341003", "Hypertensive disorder", recordedDate="2020-01-01"),
    *BROKEN,
    {"resourceType": "Immunization", "id": "i", "patient": P1},
    {"resourceType": "FamilyMemberHistory", "id": "f", "status": "completed", "patient": P1},
    {"resourceType": "Appointment", "id": "a", "status": "booked", "participant": [{"actor": P1}]},
    {"resourceType": "Condition", "id": "c2", "code": ["an", "array"], "subject": P1},
    {"resourceType": "Condition", "id": 7, "subject": P1},
    {"resourceType": "Observation", "id": "o", "status": 5, "subject": P1},
    {"resourceType": "Observation", "id": "o", "component": {"not": "an array"}, "subject": P1},
    {"resourceType": "Invented", "id": "o", "subject": P1},
    {"resourceType": "Patient", "id": "p1", "birthDate": 1980},
    {"id": "no type", "subject": P1},
    {"resourceType": ["Condition"], "id": "no type", "subject": P1},
    {"resourceType": "Condition", "id": "n", "subject": {"reference": "Patient/nobody"}},
    {"resourceType": "Encounter", "id": "n", "subject": {"reference": "Patient/nobody-else"}},
    {"resourceType": "Patient", "id": "p2", "birthDate": "1970-01-01"},
    {"resourceType": "Patient", "id": "p3", "gender": ["x"]},
    {"resourceType": "MedicationOrder", "id": "dstu2", "patient": {"reference": "Patient/p4"}},
    {"resourceType": "Patient", "id": "p4"},
    {"resourceType": "MedicationRequest", "id": "by", "status": "active", "intent": "order", "subject": P1}
    | {
        "medicationReference": {"reference": "#in"},
        "contained": [{"resourceType": "Medication", "id": "in"}],
    },
)
"""What is somebody's."""
SHARED = (
    {"resourceType": "Medication", "id": "gone", "code": {"text": "oxycodone 5 MG Oral Tablet"}},
    {"resourceType": "Medication", "id": "m2", "code": {"coding": [{"code": "1"}]}},
)
NOBODY = (
    {"resourceType": "Patient"},
    {"resourceType": "Condition", "id": "x"},
    {"resourceType": "Observation", "id": "x", "subject": {"display": "a person"}},
    {"resourceType": "Observation", "id": "x", "subject": {"reference": "Group/g"}},
    {"resourceType": "MedicationRequest", "id": "x", "subject": {"reference": "#inside"}},
    {"resourceType": "Observation", "id": "x", "subject": {"reference": "Device/d"}},
    {"resourceType": "Appointment", "id": "x", "participant": [{"actor": {"reference": "Location/l"}}]},
)
NOT_OF_A_PATIENT = (
    {"resourceType": "Organization", "id": "o"},
    {"resourceType": "Practitioner", "id": "o", "name": [{"family": "X"}]},
    {"resourceType": "Organization", "id": ["o"]},
)
WRONG_SHAPE = (
    {"resourceType": "Condition", "id": "x", "subject": "Patient/p1"},
    {"resourceType": "Invented", "id": "x"},
    {"resourceType": 7},
    {"id": "x"},
    {},
    {"resourceType": "Medication", "id": ["x"]},
    {"resourceType": "Patient", "id": 17},
)
MALFORMED = (
    b"<html>504 Gateway Time-out</html>",
    b"",
    b"   ",
    b"[]",
    b"null",
    b"7",
    b'"text"',
    b"x\xff\xfe",
    b'{"resourceType":"Condition","id":"x","code":{"text":"caf\xe9"}}',
    b'{"resourceType":"Condition","id":"x"',
    b'{"resourceType":"Condition","subject":{"reference":"Patient/p1"},"code":{"te',
    b'{"resourceType":"Patient","id":"p1","name":[{"fam',
    b'{"resourceType":"Patient","id":"p5","name":[{"fam',
    b'{"resourceType":"Condition","subject":{"reference":"Patient/p1"},"code":{"text":"\xff"}}',
    b'{"resourceType":"Condition","subject":{"reference":"Patient/p1"},"note":[{"text":"\xff"}]}',
    b'{"resourceType":"Condition","id":"\xff","subject":{"reference":"Patient/p1"}}',
    b'{"resourceType":"Condition","subject":{"reference":"Patient/p\xff"}}',
    b'{"resourceType":"Observation\xff","subject":{"reference":"Patient/p1"}}',
    b'{"resourceType":"Medication","id":"\xff"}',
    b"[" * 2000,
    b'{"a":' * 2000,
)
LINES = st.one_of(
    st.sampled_from(GOOD).map(lambda each: ("of_patients", line(each))),
    st.sampled_from(GOOD).map(lambda each: ("of_patients", line(each))),
    st.sampled_from(SHARED).map(lambda each: ("medications", line(each))),
    st.sampled_from(NOBODY).map(lambda each: ("nobody", line(each))),
    st.sampled_from(NOT_OF_A_PATIENT).map(lambda each: ("not_of_a_patient", line(each))),
    st.sampled_from(WRONG_SHAPE).map(lambda each: ("wrong_shape", line(each))),
    st.sampled_from(MALFORMED).map(lambda each: ("malformed", each)),
)
"""What a line is counted as, and the line."""
SHOWN = {"malformed": "malformed", "nobody": "no patient", "wrong_shape": "wrong shape"}
"""What is quarantined, and as what."""


def adds_up(told: Json) -> None:
    """Everything read is accounted for, once."""
    counted, patients = told["input"], told["patients"]
    assert counted["lines"] + counted["entries"] == sum(counted[name] for name in PARTS)
    given = counted["of_patients"] + counted["copies"]
    assert given == patients["read"] + patients["no_patient"] + patients["refused"]
    assert patients["read"] == sum(
        patients[name] for name in ("matched", "unmatched", "set_aside", "unreadable")
    )


def text_of(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")


@tries(80)
@given(data=st.lists(LINES, max_size=30), size=st.sampled_from([None, 300, 1500]), ended=st.booleans())
def test_everything_is_counted_once(tmp_path_factory, data, size, ended):
    place = fresh(tmp_path_factory)
    raw = b"\n".join(each for _, each in data) + (b"\n" if ended and data else b"")
    data = data if raw.split(b"\n")[-1] or not data or ended else data[:-1]
    raw = raw + line(PERSON) + b"\n" if not raw or raw.endswith(b"\n") else raw + b"\n" + line(PERSON) + b"\n"
    data = [*data, ("of_patients", line(PERSON))]
    assert raw.split(b"\n")[:-1] == [each for _, each in data]
    exports.written(place / "in", {"a.ndjson": raw, "b/Patient.ndjson": line(PERSON)})
    told = screened(place / "in", place / "out", size=size)
    adds_up(told)
    counted = Counter(kind for kind, _ in data)
    counted["of_patients"] += 1
    assert {name: told["input"][name] for name in PARTS} == {name: counted[name] for name in PARTS}
    assert told["input"]["lines"] == len(data) + 1
    told_of = Counter(
        (row["category"], row["file"], row["line"], row["offset"], row["text"])
        for row in quarantine(place / "out")
        if row["category"] != "unreadable"
    )
    expected: Counter[tuple[str, str, int, int, str]] = Counter()
    offset = 0
    for number, (kind, each) in enumerate(data, 1):
        if kind in SHOWN:
            expected[SHOWN[kind], "a.ndjson", number, offset, text_of(each)] += 1
        offset += len(each) + 1
    assert told_of == expected
    assert told["quarantined"] == dict(Counter(row["category"] for row in quarantine(place / "out")))
    lines = [each for _, each in data]
    for row in quarantine(place / "out"):
        if row["category"] == "unreadable" and row["file"] == "a.ndjson":
            assert row["text"] == text_of(lines[row["line"] - 1])
            assert row["patient"]
    people_told = {row["patient"] for row in table(place / "out", "verdicts")}
    assert "p1" in people_told | {
        row["patient"] for row in table(place / "out", "set_aside") if row["kind"] == "refused"
    }
    assert len(people_told) == told["patients"]["patients"]


def fresh(factory: pytest.TempPathFactory) -> Path:
    """A folder of its own for each try; what the last one left is removed."""
    place = factory.getbasetemp() / "counts"
    shutil.rmtree(place, ignore_errors=True)
    return place


@tries(40)
@given(
    entries=st.lists(
        st.sampled_from([*GOOD, *SHARED, *NOBODY, *NOT_OF_A_PATIENT, *WRONG_SHAPE, 7, None, "x", []]),
        max_size=12,
    ),
    people_in=st.sampled_from([0, 1, 2]),
    form=st.sampled_from(["one.json", "all.ndjson", "all.ndjson.gz", "packed.json.gz"]),
)
def test_everything_in_bundles_is_counted_once(tmp_path_factory, entries, people_in, form):
    place = fresh(tmp_path_factory)
    entries = [*entries, *[patient(id=f"b{number}") for number in range(people_in)]]
    whole = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": each} if isinstance(each, dict) else each for each in entries],
    }
    data = line(whole)
    files = {form: gzip.compress(data) if form.endswith("gz") else data, "Patient.ndjson": line(PERSON)}
    told = screened(exports.written(place / "in", files), place / "out")
    adds_up(told)
    assert told["input"]["entries"] == len(entries)
    assert told["input"]["bundles"] == 1


NAMED = (
    line(order())[:-20],
    line(order()).replace(b'"status": "active"', b'"status": active'),
    line(order())[:-2] + b"\xff\xff}}",
    line(order()).replace(b"oxycodone", b"oxy\xffcodone"),
    line(order()).replace(b"active", b"act\xffive"),
    line(order())[:-1] + b', "note": [{"text": "\xff"}]}',
    b'{"resourceType":"Patient","id":"p1","name":[{"family":"X',
    line(condition() | {"code": ["acute hepatitis"]}),
    line(order(medicationCodeableConcept=7)),
    line({"resourceType": "Invented", "subject": P1}),
)


@pytest.mark.parametrize("bad", NAMED, ids=range(len(NAMED)))
@pytest.mark.parametrize("before", [True, False])
def test_a_broken_line_that_names_its_patient_leaves_open_what_it_could_have_said(bad, before, tmp_path):
    person = next(
        resources
        for name, resources in people().items()
        if {row["resourceType"] for row in resources} >= {"Condition", "MedicationRequest", "Observation"}
        and checked(resources)["verdict"] in ("suitable", "with-precautions")
        and not checked(resources)["unreadable"]
    )
    name = person[0]["id"]
    bad = bad.replace(b"p1", name.encode())
    lines = [line(each) for each in person]
    whole = exports.written(tmp_path / "whole", {"a.ndjson": b"\n".join(lines)})
    harmed = exports.written(
        tmp_path / "harmed", {"a.ndjson": b"\n".join([bad, *lines] if before else [*lines, bad])}
    )
    told = screened(whole, tmp_path / "out1")
    assert told["quarantined"] == {}
    told = screened(harmed, tmp_path / "out2", size=500)
    assert sum(told["quarantined"].values()) >= 1
    good, worse = explained(tmp_path / "out1", name), explained(tmp_path / "out2", name)
    assert RANK[good["verdict"]] < RANK["cannot-tell"] <= RANK[worse["verdict"]]
    assert len(worse["unreadable"]) == 1
    assert worse["counts"]["read"] == good["counts"]["read"] + 1
    for one, other in zip(good["findings"], worse["findings"], strict=True):
        assert (one["status"], other["status"]) != ("unknown", "not-met"), one["statement"]
        assert (one["status"], other["status"]) != ("met", "not-met"), one["statement"]


@tries(40)
@given(
    person=st.sampled_from([name for name in people() if len(people()[name]) > 1]),
    data=st.data(),
)
def test_a_spoilt_line_never_makes_an_answer_more_permissive(tmp_path_factory, person, data):
    place = fresh(tmp_path_factory)
    resources = people()[person]
    number = data.draw(st.integers(1, len(resources) - 1))
    lines = [line(each) for each in resources]
    harmed = lines[number]
    # Behind what says whose it is.
    after = max(harmed.find(f"Patient/{person}".encode()) + len(f"Patient/{person}") + 1, 1)
    cut = data.draw(st.integers(min(after, len(harmed) - 1), len(harmed) - 1))
    spoilt = data.draw(st.booleans())
    lines[number] = harmed[:cut] + b"\xff" + harmed[cut:] if spoilt else harmed[:cut]
    exports.written(place / "in", {"a.ndjson": b"\n".join(lines)})
    told = screened(place / "in", place / "out")
    adds_up(told)
    without = checked([each for at, each in enumerate(resources) if at != number])
    now = explained(place / "out", person)
    # What is met may become unknown, where something that is not there speaks against it; never less than that.
    assert min(RANK[now["verdict"]], CANNOT_TELL) >= min(RANK[without["verdict"]], CANNOT_TELL)
    if f"Patient/{person}".encode() in harmed[: after - 1]:
        assert now["unreadable"]
        if not spoilt:
            same = posology.check(b"\n".join(lines), drug="naltrexone", use="chronic-pain", on=exports.ON)
            assert anywhere(now) == anywhere(same.to_dict())


@pytest.mark.parametrize("size", [None, 20_000])
def test_the_malformed_lines_of_the_yardstick_are_found(size, tmp_path):
    maker = ROOT.parent / "shared" / "bench" / "gen_fhir.py"
    if not maker.exists():
        pytest.skip("gen_fhir.py of the yardstick is not here (../shared/bench)")
    made = subprocess.run(
        [sys.executable, str(maker), "--patients", "300", "--bad", "20", "--out", str(tmp_path / "in")],
        capture_output=True,
        check=False,
    )
    if made.returncode and b"numpy" in made.stderr:
        pytest.skip("gen_fhir.py needs NumPy")
    assert made.returncode == 0, made.stderr
    manifest = json.loads((tmp_path / "in" / "manifest.json").read_bytes())
    told = screened(tmp_path / "in", tmp_path / "out", size=size and size * 10)
    adds_up(told)
    expected = {
        (f"{name}.ndjson", int(number))
        for name, each in manifest["files"].items()
        for number in each["malformed"]
    }
    assert len(expected) == 60
    found = [
        (row["file"], row["line"]) for row in quarantine(tmp_path / "out") if row["category"] == "malformed"
    ]
    assert len(found) == len(set(found))
    assert set(found) == expected
    assert told["input"]["lines"] == sum(each["lines"] for each in manifest["files"].values())
    assert told["patients"]["patients"] == 300
    assert told["source"]["skipped_files"][0]["file"] == "manifest.json"


def test_the_sieve_changes_no_answer(tmp_path, monkeypatch):
    lots = [*GOOD, *SHARED, *NOBODY, *NOT_OF_A_PATIENT]
    extra = b"\n".join([line(each) for each in lots if each.get("resourceType") != "MedicationOrder"])
    source = exports.written(exports.mixed(tmp_path / "in", people()), {"extra.ndjson": extra})
    put_aside = screened(source, tmp_path / "out1")
    asked = []
    monkeypatch.setattr(Sieve, "put_aside", lambda self, head: asked.append(head) or 0)
    read = screened(source, tmp_path / "out2")
    assert len(asked) > 500
    assert tables(tmp_path / "out1") == tables(tmp_path / "out2")
    first, second = exports.counts(put_aside), exports.counts(read)
    assert first["patients"].pop("duplicates") <= second["patients"].pop("duplicates")
    assert first == second


def test_the_sieve_puts_most_aside(tmp_path):
    """Else the test before this one would show nothing."""
    rows = []
    job = process.Job("naltrexone", "chronic-pain", exports.ON, "US", "low-dose", None, str(tmp_path), "fhir")
    dull = [
        {"resourceType": "Observation", "id": f"o{number}", "status": "final", "subject": P1}
        | {"code": {"coding": [{"system": "http://loinc.org", "code": "8302-2", "display": "Body Height"}]}}
        for number in range(50)
    ]
    exports.written(tmp_path, {"a.ndjson": b"\n".join(map(line, dull))})
    one = process.Process(job, None)
    unit = run.Unit("lines", ("a.ndjson",), 0, (tmp_path / "a.ndjson").stat().st_size)
    tally = one.map_into(unit, rows.extend, list)
    assert tally.of_patients == 50
    assert [batch.num_rows for _, batch in rows] == [1]


def test_shared_medications_of_one_id_that_differ_name_no_medicine(tmp_path):
    """Nobody knows which is meant; so it is open, as in `check`."""
    person = [PERSON, order() | {"medicationReference": {"reference": "Medication/m"}}]
    del person[1]["medicationCodeableConcept"]
    both = [
        {"resourceType": "Medication", "id": "m", "code": {"text": name}}
        for name in ("oxycodone 5 MG Oral Tablet", "amoxicillin 250 MG Oral Capsule")
    ]
    lines = [line(each) for each in [*person, *both]]
    screened(exports.written(tmp_path / "in", {"a.ndjson": b"\n".join(lines)}), tmp_path / "out", size=200)
    assert anywhere(explained(tmp_path / "out", "p1")) == anywhere(checked([*person, *both]), 2)


def harmed(chance: random.Random) -> list[bytes]:
    """Lines of some people, most of them changed in structure or spoilt in their bytes."""
    lines = []
    for resources in chance.sample(list(people().values()), 4):
        for each in resources:
            if chance.random() < 0.5:
                lines.append(mutated(each, chance, chance.choice((1, 2, 6))))
                continue
            data = bytearray(line(each))
            for _ in range(chance.choice((0, 0, 1, 3))):
                at = chance.randrange(len(data))
                if chance.random() < 0.5:
                    data[at] = chance.choice(b'"{}[],:\\\x00\xff\xc3 0an')
                else:
                    del data[at : at + chance.choice((1, 5, 40))]
            lines.append(bytes(data).replace(b"\n", b" "))
    chance.shuffle(lines)
    return lines


WRITTEN: dict[str, Any] = {
    "lines": lambda lines: {"a.ndjson": b"\n".join(lines)},
    "a Bundle": lambda lines: {
        "a.json": b'{"resourceType":"Bundle","entry":[%s]}'
        % b",".join(b'{"resource":%s}' % each for each in lines),
        "b.ndjson": line(PERSON),
    },
    "Bundles": lambda lines: {
        "a.ndjson": b"\n".join(
            b'{"resourceType":"Bundle","entry":[{"resource":%s}]}' % each for each in lines
        )
    },
}


@pytest.mark.parametrize("form", WRITTEN)
def test_harm_of_any_kind_is_counted_and_never_ends_a_run(form: str, tmp_path_factory) -> None:
    answered = 0
    for seed in range(SEED, SEED + 12 * FACTOR):
        place, chance = fresh(tmp_path_factory), random.Random(f"{form} {seed}")
        exports.written(place / "in", WRITTEN[form](harmed(chance)))
        told = screened(place / "in", place / "out", size=chance.choice((None, 9000)))
        adds_up(told)
        answered += told["patients"]["patients"]
        for row in table(place / "out", "verdicts")[:1]:
            assert explained(place / "out", row["patient"])["verdict"] == row["verdict"]
    assert answered or form != "lines"


STATUS = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
LISTED: tuple[Json, ...] = (
    {"recordedDate": "2026-06-30"},
    {"recordedDate": "2026-07-01"},
    {"recordedDate": "2026-07"},
    {"recordedDate": "2027"},
    {"recordedDate": "2026"},
    {"recordedDate": "2026-02-30"},
    {"recordedDate": "2026-06-30T23:59:00-11:00"},
    {"recordedDate": None},
    {"recordedDate": "2026-01-01", "verificationStatus": {"coding": [{"system": STATUS, "code": "refuted"}]}},
    {"recordedDate": "2026-01-01", "verificationStatus": {"text": "entered-in-error"}},
    {"recordedDate": "2026-01-01", "verificationStatus": {"coding": [{"code": "Refuted"}]}},
    {"recordedDate": "2026-01-01", "verificationStatus": {"coding": []}},
    {"recordedDate": "2026-01-01", "verificationStatus": None},
    {"recordedDate": "2026-01-01", "clinicalStatus": {"coding": [{"code": "resolved"}]}},
)
"""The one entry of a list: is there such a list on the day asked about?"""


@pytest.mark.parametrize("kind", ["Condition", "AllergyIntolerance"])
def test_a_list_is_there_if_check_says_so(kind: str, tmp_path: Path) -> None:
    known = {}
    for number, more in enumerate(LISTED):
        who = {"reference": f"Patient/l{number}"}
        entry = condition("65363002", "Otitis media") | more | {"resourceType": kind, "subject": who}
        if kind == "AllergyIntolerance":
            entry |= {"code": {"text": "House dust mite"}, "patient": entry.pop("subject")}
        known[f"l{number}"] = [patient(id=f"l{number}"), entry]
    screened(exports.mixed(tmp_path / "in", known), tmp_path / "out")
    answers = {person: checked(resources) for person, resources in known.items()}
    for person, expected in answers.items():
        assert anywhere(explained(tmp_path / "out", person)) == anywhere(expected), person
    assert len({json.dumps([each["status"] for each in told["findings"]]) for told in answers.values()}) > 1
