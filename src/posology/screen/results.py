"""The results of a run: the tables in one file each, the quarantine, and `run.json`, whose counts add up."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from posology.check.explain import versions
from posology.monograph.load import Library
from posology.version import VERSION

from .process import Job, wheres
from .quarantine import PARTS, Quarantined, Tally
from .reducing import Reckoning
from .tables import SCHEMAS
from .work import Done, Mapped, Work

ROW_GROUP = 200_000
FORMAT = 1
"""Version of what is written: raised when a column or key changes its meaning or goes."""


def knowledge_of(library: Library, drug: str) -> dict[str, str]:
    """Program and knowledge of a run, as an answer names them."""
    return versions(library, drug)


def put_together(
    folder: Path,
    work: Work,
    job: Job,
    source: dict[str, Any],
    knowledge: dict[str, str],
    mapped: list[Mapped],
    done: list[Done],
    engine: str = "local",
) -> dict[str, Any]:
    """Write the tables, the quarantine and `run.json` into the folder; returns the last."""
    for name in SCHEMAS:
        _join(name, folder / f"{name}.parquet", [work.table(name, part) for part in range(len(done))])
    quarantined = _quarantine(folder / "quarantine.ndjson", work, mapped, len(done))
    told = summary(job, source, knowledge, [each.tally for each in mapped], [each.reckoning for each in done])
    told["quarantined"] = dict(sorted(quarantined.items()))
    told["rows"] = {name: sum(each.rows[name] for each in done) for name in SCHEMAS}
    told["partitions"] = job.partitions
    told["engine"] = engine
    (folder / "run.json").write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return told


def _join(name: str, path: Path, parts: list[Path]) -> None:
    """Tables of all partitions in one file, in the order of partitions."""
    with pq.ParquetWriter(path, SCHEMAS[name], compression="zstd", compression_level=1) as writer:
        held: list[pa.RecordBatch] = []
        rows = 0
        for part in parts:
            with pa.memory_map(str(part)) as file:
                reader = pa.ipc.open_file(file)
                for number in range(reader.num_record_batches):
                    held.append(reader.get_batch(number))
                    rows += held[-1].num_rows
                    if rows >= ROW_GROUP:
                        writer.write_table(pa.Table.from_batches(held), ROW_GROUP)
                        held, rows = [], 0
        if held:
            writer.write_table(pa.Table.from_batches(held), ROW_GROUP)


def _quarantine(path: Path, work: Work, mapped: list[Mapped], partitions: int) -> Counter[str]:
    """All quarantined pieces in one file, lines counted within the whole file; how many of each category."""
    count: Counter[str] = Counter()
    with path.open("wb") as out:
        for number, where in enumerate(wheres(mapped)):
            for each in _read(work.quarantine("map", number)):
                if each.line is not None:
                    each.line = where(each.line, None)[1]
                count[each.category] += 1
                out.write(msgspec.json.encode(each) + b"\n")
        for part in range(partitions):
            for each in _read(work.quarantine("reduce", part)):
                count[each.category] += 1
                out.write(msgspec.json.encode(each) + b"\n")
    return count


def _read(path: Path) -> Iterable[Quarantined]:
    if path.exists():
        with path.open("rb") as file:
            for line in file:
                yield msgspec.json.decode(line, type=Quarantined)


def summary(
    job: Job,
    source: dict[str, Any],
    knowledge: dict[str, str],
    tallies: list[Tally],
    reckonings: list[Reckoning],
) -> dict[str, Any]:
    """What `run.json` says of question, input and counts. Raises `AssertionError` if counts do not add up."""
    tally = {
        name: sum(getattr(each, name) for each in tallies) for name in ("lines", "entries", *PARTS, "copies")
    }
    people = {name: sum(getattr(each, name) for each in reckonings) for name in Reckoning.__struct_fields__}
    by_type: Counter[str] = Counter()
    for each in tallies:
        by_type.update(each.by_type)
    _adds_up(tally, people)
    return {
        "format": FORMAT,
        "program": f"posology {VERSION}",
        "knowledge": knowledge,
        "question": {
            "drug": job.drug,
            "use": job.use,
            "on": job.on.isoformat(),
            "region": job.region,
            "product": job.product,
        },
        "source": source,
        "input": {**tally, "by_type": dict(sorted(by_type.items()))},
        "damaged_files": sorted({name for each in tallies for name in each.damaged}),
        "patients": people,
    }


def _adds_up(tally: dict[str, int], people: dict[str, int]) -> None:
    """Everything read is accounted for, once."""
    read = tally["lines"] + tally["entries"]
    told = sum(tally[name] for name in PARTS)
    given = tally["of_patients"] + tally["copies"]
    answered = people["read"] + people["no_patient"] + people["refused"]
    parts = people["matched"] + people["unmatched"] + people["set_aside"] + people["unreadable"]
    if read != told or given != answered or people["read"] != parts:
        raise AssertionError(
            f"counts do not add up: {read} read, {told} told; {given} given, {answered} answered; "
            f"{people['read']} of patients, {parts} told"
        )
