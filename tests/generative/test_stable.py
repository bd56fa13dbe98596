"""Invariant 6: order, duplicates and the form in which a record arrives change no byte of the answer."""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posology.check.result import Result

from . import dates, knowledge
from .broken import broken
from .knowledge import Asked
from .oracle import Json, ask, bytes_of
from .profiles import tries
from .records import Record, bundle, by_reference, noise, record, redirected

DRUGS = [each.identity.id for each in knowledge.monographs()]
PLACE = re.compile(r"(?:Bundle\.entry\[\d+\]|line \d+)(?:\.resource\.entry\[\d+\])*")


def said(result: Result, *without: str) -> str:
    """The answer as JSON, in which the place of an entry is only 'there'."""
    plain = {key: value for key, value in result.to_dict().items() if key not in without}
    return PLACE.sub("there", json.dumps(plain, ensure_ascii=False))


def shuffled(resources: Record) -> Record:
    """The same entries in another order, the same each time."""
    mixed = list(resources)
    random.Random(len(resources)).shuffle(mixed)
    return mixed


def ndjson(resources: Record) -> bytes:
    """One resource a line."""
    return b"\n".join(bytes_of(each) for each in resources) + b"\n"


FORMS: dict[str, Callable[[Record], Any]] = {
    "again": bundle,
    "reversed": lambda resources: bundle(resources[::-1]),
    "shuffled": lambda resources: bundle(shuffled(resources)),
    "searchset": lambda resources: bundle(resources, "searchset"),
    "transaction with urn:uuid": lambda resources: bundle(resources, "transaction", urls=True),
    "batch": lambda resources: bundle(resources, "batch"),
    "NDJSON": ndjson,
    "NDJSON, shuffled, CRLF": lambda resources: ndjson(shuffled(resources)).replace(b"\n", b"\r\n"),
    "gzip": lambda resources: gzip.compress(bytes_of(bundle(resources))),
    "gzip of NDJSON": lambda resources: gzip.compress(ndjson(resources)),
    "indented": lambda resources: json.dumps(bundle(resources), indent=2).encode(),
    "byte order mark": lambda resources: b"\xef\xbb\xbf" + bytes_of(bundle(resources)),
    "absolute references": lambda resources: bundle(
        [redirected(each, {"Patient/p1": "https://fhir.example/r4/Patient/p1"}) for each in resources]
    ),
    "versioned references": lambda resources: bundle(
        [redirected(each, {"Patient/p1": "Patient/p1/_history/3"}) for each in resources]
    ),
    "a Bundle in a Bundle": lambda resources: bundle([bundle(resources, "searchset")], "batch-response"),
}
"""Ways to write the same record; none may change the answer."""


@st.composite
def put(draw: st.DrawFn, drug: str, broken_too: bool = True) -> tuple[Asked, date, Record]:
    """A question, a day and a record, some of whose entries may be unreadable."""
    on = draw(st.sampled_from(dates.DAYS))
    resources = draw(record(on, drug, most=5))
    if broken_too:
        resources += draw(broken())
    return draw(st.sampled_from(knowledge.questions(drug))), on, resources


@pytest.mark.parametrize("drug", DRUGS)
@tries(25)
@given(data=st.data())
def test_the_form_changes_no_byte(drug: str, data: st.DataObject) -> None:
    asked, on, resources = data.draw(put(drug))
    expected = said(ask(bundle(resources), asked, on))
    for name, form in FORMS.items():
        assert said(ask(form(resources), asked, on)) == expected, name


@pytest.mark.parametrize("drug", DRUGS)
@tries(25)
@given(data=st.data())
def test_medicines_by_reference_are_the_same(drug: str, data: st.DataObject) -> None:
    asked, on, resources = data.draw(put(drug, broken_too=False))
    expected = said(ask(bundle(resources), asked, on), "counts")
    apart = by_reference(resources)
    assert said(ask(bundle(apart), asked, on), "counts") == expected
    assert said(ask(bundle(apart[::-1], urls=True), asked, on), "counts") == expected


@pytest.mark.parametrize("drug", DRUGS)
@tries(60)
@given(data=st.data())
def test_duplicates_change_nothing(drug: str, data: st.DataObject) -> None:
    asked, on, resources = data.draw(put(drug))
    twice = shuffled(resources + data.draw(st.lists(st.sampled_from(resources), min_size=1, max_size=4)))
    apart = ("counts", "set_aside", "unreadable", "notices")
    assert said(ask(bundle(twice), asked, on), *apart) == said(ask(bundle(resources), asked, on), *apart)


@pytest.mark.parametrize("drug", DRUGS)
@tries(60)
@given(data=st.data())
def test_two_entries_of_one_id_need_no_order(drug: str, data: st.DataObject) -> None:
    """Two versions of one resource in one record: whichever comes first, the answer is the same."""
    asked, on, resources = data.draw(put(drug, broken_too=False))
    same = [each if each["resourceType"] == "Patient" else each | {"id": "same"} for each in resources]
    assert said(ask(bundle(same), asked, on)) == said(ask(bundle(same[::-1]), asked, on))


@pytest.mark.parametrize("drug", DRUGS)
@tries(60)
@given(data=st.data())
def test_what_no_concept_is_about_changes_nothing(drug: str, data: st.DataObject) -> None:
    """Where the list in question exists: a first entry of a list is what says that there is one."""
    asked, on, resources = data.draw(put(drug))
    day = on.isoformat()
    resources = [
        *resources,
        {"resourceType": "Condition", "id": "l1", "code": {"text": "Otitis media"}, "recordedDate": day},
        {
            "resourceType": "MedicationRequest",
            "id": "l2",
            "status": "active",
            "intent": "order",
            "authoredOn": day,
            "medicationCodeableConcept": {"text": "cetirizine 10 MG Oral Tablet"},
        },
        {
            "resourceType": "AllergyIntolerance",
            "id": "l3",
            "code": {"text": "House dust mite"},
            "recordedDate": day,
        },
    ]
    others = [data.draw(noise(on)) | {"id": f"n{number}"} for number in range(3)]
    apart = ("counts", "set_aside", "other_medicines")
    assert said(ask(bundle([*others, *resources]), asked, on), *apart) == said(
        ask(bundle(resources), asked, on), *apart
    )


PANEL = """
import sys, posology
from posology.show.json import render
sys.stdout.write(render(posology.check(sys.argv[1], drug="naltrexone", use="chronic-pain", on="2026-06-30")))
"""


def test_two_runs_of_the_program_give_the_same_bytes(tmp_path: Path) -> None:
    """Entries that share id and day are told apart the same way in every process (no order of hashes)."""
    parts = [("1742-6", "ALT"), ("1920-8", "AST"), ("1975-2", "Bilirubin")]
    panel = {
        "resourceType": "Observation",
        "id": "o1",
        "status": "final",
        "effectiveDateTime": "2026-06-20",
        "code": {"text": "a panel"},
        "component": [
            {
                "code": {"coding": [{"system": "http://loinc.org", "code": code}], "text": text},
                "valueQuantity": {"value": 900, "unit": "U/L", "code": "U/L"},
            }
            for code, text in parts
        ],
    }
    orders = [
        {
            "resourceType": "MedicationRequest",
            "id": "m",
            "status": "active",
            "intent": "order",
            "authoredOn": "2026-06-20",
            "medicationCodeableConcept": {"text": f"{name} 5 MG Oral Tablet"},
        }
        for name in ("oxycodone", "morphine", "tramadol", "codeine")
    ]
    file = tmp_path / "record.json"
    file.write_bytes(bytes_of(bundle([{"resourceType": "Patient", "id": "p1"}, panel, *orders])))
    seen = {run(file, seed) for seed in range(3)}
    assert len(seen) == 1


def run(file: Path, seed: int) -> bytes:
    """Answer in a process of its own with this hash seed."""
    done = subprocess.run(
        [sys.executable, "-c", PANEL, str(file)],
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONHASHSEED": str(seed)},
    )
    return done.stdout


def test_each_form_is_the_same_record() -> None:
    """The forms themselves are right: each holds what the plain one holds."""
    person: list[Json] = [{"resourceType": "Patient", "id": "p1"}]
    asked = knowledge.questions(DRUGS[0])[0]
    assert all(ask(form(person), asked, dates.DAYS[0]).counts["read"] == 1 for form in FORMS.values())
