"""The shared FHIR sets: what a screen says of people is what `check` says of each of them alone."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.exports import ASKED, PAIN, anywhere, checked, explained, screened, table
from tests.generative.bundles import data

Json = dict[str, Any]
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


def resources(place: Path) -> Iterator[Json]:
    """All resources of a set, with those of a Bundle after it."""
    for file in sorted(place.glob("*json.gz")):
        with gzip.open(file) as opened:
            for each in opened if "ndjson" in file.name else [opened.read()]:
                yield json.loads(each)


def whose(resource: Json) -> str:
    """The id of the person whom a resource names."""
    if resource["resourceType"] == "Patient":
        return str(resource["id"])
    reference = (resource.get("subject") or resource.get("patient") or {}).get("reference", "")
    return str(reference).rsplit("/", 1)[-1].rsplit(":", 1)[-1]


def grouped(place: Path) -> tuple[dict[str, list[Json]], bool]:
    """Each person's own resources, as this test tells them apart; True: they stood in Bundles of one person."""
    own: dict[str, list[Json]] = defaultdict(list)
    medications: dict[str, Json] = {}
    in_bundles = False
    for each in resources(place):
        if each["resourceType"] == "Bundle":
            in_bundles = True
            inside = [entry["resource"] for entry in each["entry"] if "resource" in entry]
            own[next(one["id"] for one in inside if one["resourceType"] == "Patient")] = inside
        elif each["resourceType"] == "Medication":
            medications[each["id"]] = each
        elif person := whose(each):
            own[person].append(each)
    for mine in own.values() if medications else ():
        pointed = {
            (each.get("medicationReference") or {}).get("reference", "").split("/")[-1] for each in mine
        }
        mine += [medications[name] for name in sorted(pointed & medications.keys())]
    return own, in_bundles


@pytest.mark.parametrize("name", SETS)
def test_people_of_the_shared_sets_get_the_answers_of_check(name: str, tmp_path: Path) -> None:
    here = data()
    if here is None or not (here / name).is_dir():
        pytest.skip(f"{name} is not here; set POSOLOGY_DATA to the folder that holds it")
    asked = OTHER.get(name, PAIN)
    told = screened(here / name, tmp_path / "out", asked)
    own, in_bundles = grouped(here / name)
    assert told["quarantined"].keys() <= {"unreadable"}
    ids = [row["patient"] for row in table(tmp_path / "out", "verdicts")]
    assert len(ids) == len(set(ids)) == told["patients"]["patients"]
    compared = ids[:: max(1, len(ids) // SETS[name])][: SETS[name]]
    assert len(compared) == SETS[name]
    for person in compared:
        mine = own[person]
        shared = 0 if in_bundles else sum(each["resourceType"] == "Medication" for each in mine)
        expected = checked(mine, asked)
        assert expected["counts"]["read"] == len(mine)
        assert anywhere(explained(tmp_path / "out", person)) == anywhere(expected, shared), person
