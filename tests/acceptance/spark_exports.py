"""Small exports for the tests of Spark: one of our own with all that can go wrong, and a part of a large one."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from tests.records import LOINC, RXNORM, SNOMED, bundle, coded, order, patient, result

PEOPLE = 60
_NOTE = [{"text": "told at length " * 130}]
"""Makes a file long enough to be read in several pieces."""


def _lines(*resources: Any) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in resources)


def of(number: int) -> dict[str, Any]:
    """What makes a resource that of a person."""
    return {"subject": {"reference": f"Patient/p{number}"}}


def own(folder: Path) -> Path:
    """NDJSON in several pieces, packed NDJSON, Bundles, shared Medications; with malformed and damaged pieces."""
    folder.mkdir()
    people = range(PEOPLE)
    (folder / "Patient.ndjson").write_bytes(_lines(*(patient(id=f"p{number}") for number in people)))
    pain = coded(SNOMED, "203082005", "Fibromyalgia")
    conditions = [
        _lines(
            {
                "resourceType": "Condition",
                "id": f"c{number}",
                **of(number % PEOPLE),
                "code": pain if number % 7 == 0 else {"text": f"complaint {number % 50}"},
                "recordedDate": "2026-01-05",
                "note": _NOTE,
            }
        )
        for number in range(1200)
    ]
    for at, odd in (
        (30, b'{"resourceType":"Condition","subject":{"reference":"Patient/p3"},"code":\n'),
        (400, b"no JSON at all\n"),
        (700, b"\n"),
        (701, b'{"resourceType":"Condition","id":"nobody","code":{"text":"migraine"}}\n'),
        (702, b'{"resourceType":"Condition","subject":{"reference":"Patient/p4"},"code":"no object"}\n'),
        (1100, b'{"resourceType":"Condition","subject":{"reference":"Patient/p5"},"code":{"text":"\xff"}}\n'),
        (1101, _lines({"resourceType": "Condition", **of(999), "code": pain})),
    ):
        conditions.insert(at, odd)
    (folder / "Condition.ndjson").write_bytes(b"".join(conditions))
    medications = [
        {"resourceType": "Medication", "id": "m-oxy", "code": {"text": "oxycodone 5 MG Oral Tablet"}},
        {"resourceType": "Medication", "id": "m-met", "code": coded(RXNORM, "860975", "metformin 500 MG")},
    ]
    (folder / "Medication.ndjson").write_bytes(_lines(*medications))
    orders = []
    for number in people:
        one = order(id=f"o{number}", **of(number), medicationReference={"reference": "Medication/m-oxy"})
        del one["medicationCodeableConcept"]
        if number % 3:
            one["medicationReference"] = {"reference": f"Medication/{'m-met' if number % 2 else 'm-none'}"}
        orders.append(one)
    (folder / "MedicationRequest.ndjson").write_bytes(_lines(*orders))
    results = [result("1742-6", "ALT", 20 + number * 5, "U/L", **of(number)) for number in people]
    (folder / "Observation.ndjson.gz").write_bytes(gzip.compress(_lines(*results, *results[:5])))
    packed = gzip.compress(_lines(*results))
    (folder / "Encounter.ndjson.gz").write_bytes(packed[: len(packed) * 2 // 3])
    (folder / "bundles").mkdir()
    for number in range(3):
        whole = bundle(
            patient(id=f"b{number}"),
            {**order(), "subject": {"reference": f"Patient/b{number}"}},
            {
                **result("2160-0", "Creatinine", "high", "mg/dL"),
                "subject": {"reference": f"Patient/b{number}"},
            },
            {"resourceType": "Observation", "status": 7, "code": coded(LOINC, "1742-6", "ALT")},
        )
        (folder / "bundles" / f"b{number}.json").write_bytes(json.dumps(whole).encode())
    (folder / "notes.txt").write_text("not for reading", encoding="utf-8")
    return folder


def part_of(large: Path, folder: Path, people: int) -> Path:
    """The first people of a packed export, with what is theirs."""
    folder.mkdir()
    with gzip.open(large / "Patient.ndjson.gz") as file:
        patients = [line for line, _ in zip(file, range(people), strict=False)]
    names = [f'"Patient/{json.loads(line)["id"]}"'.encode() for line in patients]
    (folder / "Patient.ndjson").write_bytes(b"".join(patients))
    for path in sorted(large.glob("*.ndjson.gz")):
        if path.name == "Patient.ndjson.gz":
            continue
        with gzip.open(path) as file:
            everyone = path.name == "Medication.ndjson.gz"
            theirs = [line for line in file if everyone or any(name in line for name in names)]
        (folder / path.name.removesuffix(".gz")).write_bytes(b"".join(theirs))
    return folder
