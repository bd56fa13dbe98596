"""What each process of a run does: map one unit, reduce one partition.

Engine, sieve and question are made once a process, from plain parameters.
"""

from __future__ import annotations

import atexit
import gc
import gzip
import multiprocessing
import os
import signal
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
from msgspec import Struct

from posology.check.engine import Engine
from posology.check.question import Question
from posology.errors import InputError
from posology.monograph.load import load_library
from posology.record.collect import keep_medication
from posology.record.fhir_types import CodeableConcept, decode_resource
from posology.record.source import LIMIT

from . import lines, spill
from .mapping import Mapper
from .quarantine import Quarantined, Tally
from .reducing import Reckoning, Reducer, Where
from .sieve import Sieve
from .tables import SCHEMAS, TABLES
from .units import BUNDLES, LINES, OMOP, PACKED, Unit
from .work import Done, Mapped, Work, read_json, setting_apart, size, whole, write_json

if TYPE_CHECKING:
    from .omop_source import OmopSource


_KIND_OF_TABLE = {
    "person": "Patient",
    "condition_occurrence": "Condition",
    "drug_exposure": "MedicationRequest",
    "measurement": "Observation",
    "procedure_occurrence": "Procedure",
}
"""What a row that cannot be read would have been. A row of OBSERVATION may be of any kind."""


class Job(Struct, frozen=True):
    """All that a process has to know of a run; plain, so that it can be sent to any process."""

    drug: str
    use: str
    on: date
    region: str
    product: str
    monographs: str | None
    source: str
    """Where the input is; it may hold a password, and is never written down."""
    kind: str
    partitions: int = 1
    limit: int = 1 << 26
    """Bytes of rows that the map step holds before it writes them down."""

    @property
    def question(self) -> Question:
        """The question that is put to every patient."""
        return Question(self.drug, self.use, self.on, self.region, self.product)


class Process:
    """One process's engine and work folder."""

    def __init__(self, job: Job, root: Path | None) -> None:
        self.job = job
        self.engine = Engine(load_library(Path(job.monographs) if job.monographs else None))
        self.sieve = Sieve(self.engine.index, job.on.toordinal())
        self._work = Work(root) if root is not None else None
        self._reducer: Reducer | None = None
        self._omop: OmopSource | None = None

    # --- map --------------------------------------------------------------------------------------

    def map_into(
        self,
        unit: Unit,
        write: Callable[[list[tuple[int, pa.RecordBatch]]], None],
        set_apart: Callable[[list[Quarantined]], None],
    ) -> Tally:
        """Read a unit and hand over its rows, partition by partition, and what cannot be used."""
        buckets = spill.Buckets(self.job.partitions)
        mapper = Mapper(self.sieve, buckets, self.job.limit, lambda: write(buckets.batches()), set_apart)
        if unit.kind == OMOP:
            self._map_table(unit, mapper)
        else:
            root = Path(self.job.source)
            root = root.parent if root.is_file() else root
            for file in unit.files:
                mapper.begin(file)
                _map_file(unit, root / file, mapper)
        mapper.finish()
        return mapper.tally

    def _map_table(self, unit: Unit, mapper: Mapper) -> None:
        from .omop_source import OmopSource

        if self._omop is None:
            self._omop = OmopSource.open(self.job.source, self.engine.index)
        mapper.begin(unit.table)
        for patient, place, line, problem in self._omop.lines(unit):
            if line is None:
                stray = unit.table == "death"  # of somebody who is not among the persons
                mapper.bad_row("" if stray else patient, place, problem, _KIND_OF_TABLE.get(unit.table, ""))
            else:
                mapper.row(patient, place, line)

    def map(self, number: int, unit: Unit) -> Mapped:
        """Map one unit into the work folder, unless that was done before."""
        assert self._work is not None
        work = self._work
        known = read_json(work.mapped(number), Mapped)
        if known is not None and known.file == size(work.rows(number)):
            return known
        with (
            whole(work.rows(number)) as temporary,
            setting_apart(work.quarantine("map", number)) as set_apart,
        ):
            writer = spill.SpillWriter(temporary)
            tally = self.map_into(unit, writer.write, set_apart)
            writer.close()
        mapped = Mapped(unit, tally, writer.parts, writer.bytes, size(work.rows(number)))
        write_json(work.mapped(number), mapped)
        return mapped

    # --- reduce -----------------------------------------------------------------------------------

    def reducer(self) -> Reducer:
        """The reducer of this process, with the Medications of the input."""
        if self._reducer is None:
            assert self._work is not None
            self._reducer = Reducer(self.engine, self.job.question, load_medications(self._work))
        return self._reducer

    def reduce(self, part: int, mapped: list[Mapped]) -> Done:
        """Reduce one partition into the work folder, unless that was done before."""
        assert self._work is not None
        work = self._work
        if (known := work.finished(part)) is not None:
            return known
        return self.reduce_rows(
            part,
            (
                (where, batch)
                for number, (each, where) in enumerate(zip(mapped, wheres(mapped), strict=True))
                for batch in spill.read(work.rows(number), each.parts, part)
            ),
        )

    def reduce_rows(self, part: int, batches: Iterable[tuple[Where, pa.RecordBatch]]) -> Done:
        """Reduce the rows of one partition, in the order of units, into the work folder."""
        assert self._work is not None
        work = self._work
        reckoning, rows = Reckoning(), dict.fromkeys(TABLES, 0)
        with ExitStack() as files:
            set_apart = files.enter_context(setting_apart(work.quarantine("reduce", part)))
            writers = {
                name: files.enter_context(_table_file(work.table(name, part), name)) for name in TABLES
            }
            for reduced in self.reducer().reduce(batches, reckoning):
                for name, table in reduced.tables.items():
                    writers[name].write_table(table)
                    rows[name] += table.num_rows
                set_apart(reduced.quarantine)
        done = Done(reckoning, rows, {name: size(work.table(name, part)) for name in TABLES})
        write_json(work.done(part), done)
        return done


@contextmanager
def _table_file(path: Path, name: str) -> Iterator[pa.RecordBatchFileWriter]:
    """A table of one partition, being written; there under its name when it is whole."""
    with (
        whole(path) as temporary,
        pa.OSFile(str(temporary), "wb") as file,
        pa.ipc.new_file(file, SCHEMAS[name]) as writer,
    ):
        yield writer


def _map_file(unit: Unit, path: Path, mapper: Mapper) -> None:
    try:
        if unit.kind == LINES:
            for block in lines.of_range(path, unit.start, unit.end):
                mapper.lines(block)
        elif unit.kind == PACKED:
            for block in lines.of_packed(path):
                mapper.lines(block)
        elif unit.kind == BUNDLES:
            with path.open("rb") as raw:
                packed = raw.read(2) == b"\x1f\x8b"
            with gzip.open(path) if packed else path.open("rb") as file:
                data = file.read(LIMIT + 1)
            if len(data) > LIMIT:
                mapper.damaged(f"is larger than {LIMIT // 1_000_000} MB, which no Bundle may be; use NDJSON")
            else:
                mapper.whole_file(data.removeprefix(b"\xef\xbb\xbf"))
    except (lines.Damaged, EOFError, zlib.error, gzip.BadGzipFile):
        mapper.damaged("the packed data end too early or are damaged; fetch the file again")


def wheres(mapped: list[Mapped]) -> list[Where]:
    """For each unit how its row numbers become file and line: lines count on from the ranges before it."""
    before: dict[int, int] = {}
    reached: dict[str, int] = {}
    for number, each in sorted(enumerate(mapped), key=lambda one: (one[1].unit.files, one[1].unit.start)):
        if each.unit.kind in (LINES, PACKED):
            file = each.unit.files[0]
            before[number] = reached.get(file, 0)
            reached[file] = before[number] + each.tally.lines
    return [_where(each.unit, before.get(number, 0)) for number, each in enumerate(mapped)]


def _where(unit: Unit, before: int) -> Where:
    if unit.kind in (LINES, PACKED):
        name = unit.files[0]
        return lambda number, place: (name, before + number + 1, place or "")
    names = unit.files or (unit.table,)

    def within(number: int, place: str | None) -> tuple[str, int | None, str]:
        place = place or ""
        for name in names:
            if place.startswith(name) and place[len(name) : len(name) + 1] in ("", ".", ":"):
                return name, None, place[len(name) + 1 :]
        return names[0], None, place

    return within


# --- Medications ------------------------------------------------------------------------------------


class Kept(Struct):
    """What Medications are: each different thing once, and which id means which."""

    things: list[CodeableConcept | None]
    ids: dict[str, int]


def keep_medications(work: Work, mapped: list[Mapped]) -> None:
    """Gather all Medications that the map step found, for the processes of the reduce step."""
    kept: dict[str, CodeableConcept | None] = {}
    for number, each in enumerate(mapped):
        for batch in spill.read(work.rows(number), each.parts, spill.SHARED):
            for line, url in zip(
                batch.column("line").to_pylist(), batch.column("url").to_pylist(), strict=True
            ):
                try:
                    keep_medication(kept, decode_resource(line), url)
                except (msgspec.DecodeError, RecursionError):
                    continue  # orders that point to it are then pointing nowhere, and are reported so
    things: dict[bytes, int] = {}
    ids = {key: things.setdefault(msgspec.json.encode(thing), len(things)) for key, thing in kept.items()}
    decoded = [msgspec.json.decode(thing, type=CodeableConcept | None) for thing in things]
    with whole(work.medications) as temporary:
        temporary.write_bytes(msgspec.msgpack.encode(Kept(decoded, ids)))


def load_medications(work: Work) -> dict[str, CodeableConcept | None]:
    """What each Medication of the input is."""
    kept = msgspec.msgpack.decode(work.medications.read_bytes(), type=Kept)
    return {key: kept.things[thing] for key, thing in kept.ids.items()}


# --- in a pool --------------------------------------------------------------------------------------

_process: Process | None = None
_mapped: list[Mapped] = []


def start(job: Job, root: Path) -> None:
    """Make this process's engine; the process that started it decides about interruption."""
    global _process  # noqa: PLW0603
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _process = Process(job, root)
    # A partition's objects are let go together when it is done; looking through them all the time costs a third.
    gc.freeze()
    gc.disable()
    atexit.register(_let_go)


def _end_with_parent() -> None:
    """End when the process that started this one is gone, even killed: nobody would ever give it work again."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _let_go() -> None:
    """Free what was kept for the whole life of the process, so that libraries do not complain of leaks."""
    global _process  # noqa: PLW0603
    _process = None
    gc.unfreeze()
    gc.collect()


def map_unit(number: int, unit: Unit) -> Mapped:
    """Map one unit in a pool's process."""
    assert _process is not None
    return _process.map(number, unit)


def reduce_part(part: int) -> Done:
    """Reduce one partition in a pool's process."""
    assert _process is not None
    if not _mapped:
        _mapped.extend(all_mapped(_process._work))
    return _process.reduce(part, _mapped)


def all_mapped(work: Work | None) -> list[Mapped]:
    """The accounts of all units, in their order. Raises `InputError` if one of them is not there."""
    assert work is not None
    found = []
    for number, path in enumerate(sorted((work.root / "map").glob("[0-9]*.json"))):
        each = read_json(path, Mapped)
        if each is None or path != work.mapped(number):
            raise InputError(
                f"{work.root}: the account of a piece of input is damaged; remove the folder, begin anew"
            )
        found.append(each)
    return found
