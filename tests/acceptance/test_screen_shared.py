"""The shared FHIR sets: what a screen says of people is what `check` says of each of them alone."""

from __future__ import annotations

import gzip
from collections import defaultdict
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Struct

import posology
from tests.exports import ASKED, ON, PAIN, anywhere, explained, screened, table, written
from tests.generative.bundles import data

SETS = {
    "synthea-py-r4-enriched": 240,
    "synthea-py-r4": 15,
    "synthea-java-r4": 15,
    "clinosim-icd10": 15,
    "carebundle-icd10": 15,
    "bundles": 15,
    "ecqm-qicore-2025": 15,
}
"""The sets, and how many people of each are compared."""
OTHER = {"clinosim-icd10": ASKED[1], "carebundle-icd10": ASKED[3], "bundles": ASKED[2]}
"""Questions other than the first."""


class Ref(Struct):
    reference: str | None = None


class Named(Struct):
    """What tells whose a resource is; read apart from the program."""

    resourceType: str  # noqa: N815
    id: str = ""
    subject: Ref | None = None
    patient: Ref | None = None
    medicationReference: Ref | None = None  # noqa: N815
    entry: list[dict[str, Any]] = []


decode = msgspec.json.Decoder(Named).decode


def last(reference: Ref | None) -> str:
    return ((reference and reference.reference) or "").rsplit("/", 1)[-1].rsplit(":", 1)[-1]


class Person:
    """One person's own resources as they stand in the files: lines, or a Bundle."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.medications: set[str] = set()
        self.bundle = False


def grouped(place: Path) -> tuple[dict[str, Person], dict[str, bytes]]:
    """Everyone in a set, and the Medications of all."""
    found: dict[str, Person] = defaultdict(Person)
    medications: dict[str, bytes] = {}
    for file in sorted(place.glob("*json.gz")):
        data = gzip.decompress(file.read_bytes())
        for line in data.splitlines() if "ndjson" in file.name else [data]:
            each = decode(line)
            if each.resourceType == "Bundle":
                inside = [entry["resource"] for entry in each.entry if "resource" in entry]
                person = found[next(one["id"] for one in inside if one["resourceType"] == "Patient")]
                person.bundle = True
            elif each.resourceType == "Medication":
                medications[each.id] = line
                continue
            else:
                name = each.id if each.resourceType == "Patient" else last(each.subject or each.patient)
                if not name:
                    continue
                person = found[name]
                person.medications.add(last(each.medicationReference))
            person.lines.append(line)
    return found, medications


@pytest.mark.parametrize("name", SETS)
def test_people_of_the_shared_sets_get_the_answers_of_check(name: str, tmp_path: Path) -> None:
    here = data()
    if here is None or not (here / name).is_dir():
        pytest.skip(f"{name} is not here; set POSOLOGY_DATA to the folder that holds it")
    asked = OTHER.get(name, PAIN)
    everyone, medications = grouped(here / name)
    step = len(everyone) // SETS[name]
    chosen = {person: everyone[person] for person in sorted(everyone)[::step][: SETS[name]]}
    assert len(chosen) == SETS[name]
    if step > 1:
        place = tmp_path / "some"
        files = {
            f"{person}.json" if own.bundle else f"{person}.ndjson": b"\n".join(own.lines)
            for person, own in chosen.items()
        }
        written(place, files | {"Medication.ndjson": b"\n".join(medications.values())})
    else:
        place = here / name
    told = screened(place, tmp_path / "out", asked)
    assert told["quarantined"].keys() <= {"unreadable"}
    assert {row["patient"] for row in table(tmp_path / "out", "verdicts")} == set(chosen)
    for person, own in chosen.items():
        shared = sorted(own.medications & medications.keys())
        record = b"\n".join([*own.lines, *(medications[each] for each in shared)])
        expected = posology.check(
            record, drug=asked.drug, use=asked.use, on=ON, region=asked.region, product=asked.product
        ).to_dict()
        assert anywhere(explained(tmp_path / "out", person)) == anywhere(expected, len(shared)), person
