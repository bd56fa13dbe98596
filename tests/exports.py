"""FHIR exports made from records of invented people, and runs over them: in this process, or in real workers.

`screened` runs everything in this process, with the one engine that all tests share: the same code as a run
with workers, without the second that each of these needs to start.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import pyarrow.parquet as pq
from hypothesis import given

import posology
from posology.check.engine import Engine
from posology.screen import process, run
from tests.generative import knowledge
from tests.generative.broken import broken
from tests.generative.knowledge import Asked
from tests.generative.profiles import tries
from tests.generative.records import Record, by_reference, record, redirected

Json = dict[str, Any]
ON = date(2026, 6, 30)
PAIN = Asked("naltrexone", "chronic-pain", "US", "low-dose")
ASKED = (
    PAIN,
    Asked("naltrexone", "opioid-use-disorder", "US", "tablet"),
    Asked("methylnaltrexone", "oic-chronic-pain", "US", "tablet"),
    Asked("nalmefene", "alcohol-reduction", "EU", "tablet"),
    Asked("naloxone", "opioid-itch", "US", "injection"),
)
TABLES = ("verdicts", "findings", "set_aside")
NOT_OF_THE_INPUT = ("source", "partitions")
"""Keys of run.json that say how the input was written, not what it says."""


# --- people -------------------------------------------------------------------------------------------


@cache
def people(each: int = 16) -> dict[str, Record]:
    """Invented people by id, so many for each drug, always the same; some have entries that cannot be read."""
    made: list[Record] = []
    for drug in sorted({asked.drug for asked in ASKED}):
        made += _records(drug, each)
    made.append(_of_all_kinds())
    return {f"g{number}": _named(resources, f"g{number}") for number, resources in enumerate(made)}


def _of_all_kinds() -> Record:
    """A person with kinds of entries that the generator makes seldom."""
    day, opioid = {"effectiveDateTime": "2026-06-20"}, {"text": "oxycodone 5 MG Oral Tablet"}
    me = {"subject": {"reference": "Patient/p1"}}
    phq = {"linkId": "/44261-6", "text": "PHQ-9", "answer": [{"valueInteger": 17}]}
    panel = [
        {"code": {"text": name}, "valueQuantity": {"value": 900, "unit": "U/L", "code": "U/L"}}
        for name in ("Alanine aminotransferase", "Aspartate aminotransferase")
    ]
    return [
        {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1980"},
        {
            "resourceType": "Procedure",
            "id": "k1",
            "status": "completed",
            "code": {"text": "hemodialysis"},
            **me,
        },
        {
            "resourceType": "Procedure",
            "id": "k2",
            "status": "completed",
            "code": {"text": "Depression screening"},
        }
        | me,
        {"resourceType": "QuestionnaireResponse", "id": "k3", "status": "completed", "authored": "2026-06-20"}
        | {"item": [phq], **me},
        {"resourceType": "Observation", "id": "k4", "status": "final", "code": {"text": "Liver panel"}, **day}
        | {"component": panel, **me},
        {
            "resourceType": "MedicationDispense",
            "id": "k5",
            "status": "completed",
            "whenHandedOver": "2026-06-28",
        }
        | {"medicationCodeableConcept": opioid, "daysSupply": {"value": 30, "unit": "d"}, **me},
        {"resourceType": "MedicationAdministration", "id": "k6", "status": "completed", **day, **me}
        | {"medicationCodeableConcept": opioid},
        {"resourceType": "ServiceRequest", "id": "k7", "status": "active", "intent": "order", **me}
        | {"code": {"text": "Total knee replacement"}, "occurrenceDateTime": "2026-07-10"},
        {"resourceType": "Encounter", "id": "k8", "status": "planned", **me}
        | {"type": [{"text": "Surgery"}], "period": {"start": "2026-07-10"}},
        {"resourceType": "Appointment", "id": "k9", "status": "booked", "start": "2026-07-12T08:00:00Z"}
        | {"participant": [{"actor": {"reference": "Patient/p1"}}], "description": "Hip replacement"},
        {"resourceType": "Immunization", "id": "k10", "status": "completed", "patient": me["subject"]},
    ]


def _records(drug: str, count: int) -> list[Record]:
    made: list[Record] = []

    @tries(count)
    @given(record(ON, drug, most=5), broken(1))
    def collect(resources: Record, bad: list[Json]) -> None:
        made.append([*resources, *bad])

    collect()
    return made[:count]


def _named(resources: Record, person: str) -> Record:
    """The record as that person's, with ids of its own and without entries of other people."""
    own = [each for each in resources if "Patient/someone-else" not in json.dumps(each)]
    renamed: Record = [redirected(each, {"Patient/p1": f"Patient/{person}"}) for each in own]
    for each in renamed:
        each["id"] = person if each["resourceType"] == "Patient" else f"{person}-{each['id']}"
    return renamed


def referring(known: dict[str, Record]) -> dict[str, Record]:
    """The same people, their medicines as Medication resources."""
    return {person: by_reference(resources) for person, resources in known.items()}


def containing(known: dict[str, Record]) -> dict[str, Record]:
    """The same people, their medicines as Medications that each order contains."""
    return {person: [_containing(each) for each in resources] for person, resources in known.items()}


def _containing(resource: Json) -> Json:
    if "medicationCodeableConcept" not in resource:
        return resource
    rest = {key: value for key, value in resource.items() if key != "medicationCodeableConcept"}
    inner = {"resourceType": "Medication", "id": "m", "code": resource["medicationCodeableConcept"]}
    return rest | {"contained": [inner], "medicationReference": {"reference": "#m"}}


def bundle(resources: Iterable[Json]) -> Json:
    """One person's Bundle."""
    entries = [{"resource": each} for each in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def line(value: Any) -> bytes:
    """A value as one line of NDJSON, without its end."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


# --- exports ------------------------------------------------------------------------------------------


def _by_type(known: dict[str, Record]) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {}
    for resources in known.values():
        for each in resources:
            found.setdefault(each["resourceType"], []).append(line(each))
    return found


def written(place: Path, files: dict[str, bytes]) -> Path:
    """A folder with these files."""
    for name, data in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return place


def ndjson(place: Path, known: dict[str, Record]) -> Path:
    """One file a resource type, as bulk exports have it."""
    return written(place, {f"{kind}.ndjson": _joined(each) for kind, each in _by_type(known).items()})


def packed(place: Path, known: dict[str, Record]) -> Path:
    """One gzip file a resource type."""
    files = {
        f"{kind}.ndjson.gz": gzip.compress(_joined(each), mtime=0) for kind, each in _by_type(known).items()
    }
    return written(place, files)


def scattered(place: Path, known: dict[str, Record], seed: int = 1) -> Path:
    """Several files a type in folders, one of them gzip, in any order, the last line of some without an end."""
    chance, files = random.Random(seed), {}
    for kind, lines in _by_type(known).items():
        chance.shuffle(lines)
        for part in range(3):
            data = b"\r\n".join(lines[part::3])
            if data and part == 0:
                files[f"{kind.lower()}/{part}/{kind}.jsonl"] = data
            elif data and part == 1:
                files[f"{kind.lower()}/{kind}.{part}.ndjson.gz"] = gzip.compress(data + b"\n", mtime=0)
            elif data:
                files[f"{kind.lower()}/{kind}.{part}.ndjson"] = b"\xef\xbb\xbf" + data + b"\n"
    return written(place, files)


def mixed(place: Path, known: dict[str, Record], seed: int = 2) -> Path:
    """All resources in one file, in any order."""
    lines = [each for lines in _by_type(known).values() for each in lines]
    random.Random(seed).shuffle(lines)
    return written(place, {"export.ndjson": _joined(lines)})


def bundles(place: Path, known: dict[str, Record]) -> Path:
    """One Bundle a person, each in a file; every other one gzip."""
    files = {}
    for number, (person, resources) in enumerate(known.items()):
        data = json.dumps(bundle(resources), indent=1 + number % 2).encode("utf-8", "surrogatepass")
        files[f"{person}.json.gz" if number % 2 else f"{person}.json"] = (
            gzip.compress(data, mtime=0) if number % 2 else data
        )
    return written(place, files)


def bundle_lines(place: Path, known: dict[str, Record]) -> Path:
    """One Bundle a person, one a line."""
    return written(place, {"all.ndjson": _joined([line(bundle(each)) for each in known.values()])})


def one_bundle(place: Path, known: dict[str, Record]) -> Path:
    """Everyone in one Bundle."""
    return written(
        place, {"all.json": line(bundle(each for resources in known.values() for each in resources))}
    )


FORMS: dict[str, Callable[[Path, dict[str, Record]], Path]] = {
    "gzip": packed,
    "scattered": scattered,
    "mixed": mixed,
    "Bundles": bundles,
    "Bundles as lines": bundle_lines,
}
"""Ways to write the same people beside `ndjson`."""


def _joined(lines: Iterable[bytes]) -> bytes:
    return b"".join(each + b"\n" for each in lines)


# --- runs ---------------------------------------------------------------------------------------------


class _Inline:
    """A pool that does everything at once, in this process."""

    def submit(self, do: Callable[..., Any], *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(do(*arguments))
        except BaseException as wrong:
            future.set_exception(wrong)
        return future


@contextmanager
def _inline(workers: int, job: process.Job, work: Any) -> Iterator[_Inline]:
    process._process, process._mapped[:] = process.Process(job, work.root), []
    try:
        yield _Inline()
    finally:
        process._process, process._mapped[:] = None, []


@contextmanager
def units_of(size: int | None) -> Iterator[None]:
    """Pieces of about so many bytes, however little the input is; None: as they are."""
    if size is None:
        yield
        return
    with mock.patch.object(run, "_LEAST", size), mock.patch.object(run, "_MOST", size):
        yield


def _engine(library: Any) -> Engine:
    return knowledge.engine()


def screened(
    source: Path, out: Path, asked: Asked = PAIN, *, size: int | None = None, workers: int = 0, **more: Any
) -> Json:
    """Screen a source; without `workers` in this process. `size` is that of a piece of the input."""
    with units_of(size), mock.patch.object(process, "Engine", _engine):
        if workers:
            return _screen(source, out, asked, workers=workers, **more)
        with mock.patch.object(run, "_pool", _inline):
            return _screen(source, out, asked, **more)


def _screen(source: Path, out: Path, asked: Asked, **more: Any) -> Json:
    return posology.screen(
        source,
        drug=asked.drug,
        use=asked.use,
        region=asked.region,
        product=asked.product,
        out=out,
        **({"on": ON} | more),
    )


def table(out: Path, name: str) -> list[Json]:
    """The rows of a table."""
    rows: list[Json] = pq.read_table(out / f"{name}.parquet").to_pylist()
    return rows


def tables(out: Path, *without: str) -> dict[str, list[str]]:
    """All tables, each as sorted rows of JSON; columns in `without` left out."""
    return {
        name: sorted(
            json.dumps({key: value for key, value in row.items() if key not in without}, default=str)
            for row in table(out, name)
        )
        for name in TABLES
    }


def counts(told: Json) -> Json:
    """What a run counted, without how the input was written."""
    return {key: value for key, value in told.items() if key not in NOT_OF_THE_INPUT}


def quarantine(out: Path) -> list[Json]:
    """What was quarantined."""
    return [json.loads(each) for each in (out / "quarantine.ndjson").read_bytes().splitlines()]


def checked(resources: Iterable[Json], asked: Asked = PAIN, on: date = ON) -> Json:
    """What `check` says of one person's resources."""
    result = posology.check(
        line(bundle(resources)),
        drug=asked.drug,
        use=asked.use,
        on=on,
        region=asked.region,
        product=asked.product,
        monographs=knowledge.engine(),
    )
    told: Json = result.to_dict()
    return told


def explained(out: Path, person: str) -> Json:
    """What `explain` says of one person of a run."""
    told: Json = posology.explain(out, person).to_dict()
    return told


def anywhere(told: Json, medications: int = 0) -> str:
    """An answer as JSON in which every place where something unreadable stands is only 'there'.

    `medications`: how many Medication resources are counted in it that belong to no patient in a population.
    """
    own = told["counts"]
    less = {name: own[name] - medications for name in ("read", "unmatched")}
    text = json.dumps(told | {"counts": own | less}, ensure_ascii=False, default=str)
    for each in sorted(told["unreadable"], key=lambda bad: -len(bad["place"])):
        if each["place"]:
            text = text.replace(json.dumps(each["place"], ensure_ascii=False)[1:-1], "there")
    return text
