"""What Spark's executors do: the map and the reduce step of `process`, one unit or one partition at a time.

Units become files in the work folder, as in a local run, which is what makes a run resumable; Spark sorts the
rows in them by partition, on the executors' own disks. What a task says of itself is a row of `ANSWER`: an
error of this program travels in it as a sentence. Any other error is stripped to its kind and place, because
Spark writes the text of errors to its logs, and no patient value may get there.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache, partial
from itertools import groupby, repeat
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct

from posology.errors import KnowledgeError, PosologyError
from posology.version import VERSION

from . import spill
from .process import Job, Process, wheres
from .quarantine import Tally
from .reducing import Where
from .results import knowledge_of
from .units import Unit
from .work import Done, Mapped, Work, read_json, setting_apart, size, whole, write_json

Batches = Iterator[pa.RecordBatch]

ANSWER = pa.schema([("number", pa.int32()), ("answer", pa.binary()), ("problem", pa.string())])
"""`number` is that of the unit or partition; `answer` is a `Mapped` or a `Done` as JSON."""
ANSWER_TYPE = "number int, answer binary, problem string"
_STORED = pa.schema([("part", pa.int32()), ("seq", pa.int64()), *spill.ROWS])
_SENT = pa.schema([("unit", pa.int32()), *_STORED])
SENT_TYPE = (
    "unit int, part int, seq long, patient string, number long, `offset` long, place string, url string, "
    "line binary, put_aside long"
)
_BATCH = 4_000_000
"""Bytes of rows that go through Spark in one piece."""
_ZSTD = pa.ipc.IpcWriteOptions(compression=pa.Codec("zstd", compression_level=1))
"""What is written to storage that machines share is packed: the network is slower than this."""
MARK = "[[posology: ", "]]"


class Settings(Struct, frozen=True):
    """All that an executor has to know of a run. `run` tells runs apart where a process serves several."""

    job: Job
    root: str
    knowledge: dict[str, str]
    run: str
    version: str = VERSION


class Trouble(Exception):
    """An error without anybody's data in it, marked so that the driver finds it in Spark's message."""

    def __init__(self, says: str) -> None:
        super().__init__(says.join(MARK))


class Task:
    """One executor process: engine and work folder of one run, made once."""

    def __init__(self, settings: Settings) -> None:
        self.work = Work(Path(settings.root))
        self.process = Process(settings.job, self.work.root)
        known = knowledge_of(self.process.engine.library, settings.job.drug)
        if settings.version != VERSION or known != settings.knowledge:
            raise KnowledgeError(
                f"{socket.gethostname()}: has another version of posology, or of the knowledge, than the "
                "machine where the run was started; every machine needs the same"
            )
        self._wheres: list[Where] = []

    @property
    def wheres(self) -> list[Where]:
        """How row numbers become lines, for each unit."""
        if not self._wheres:
            self._wheres = wheres(read_accounts(self.work))
        return self._wheres

    def map(self, number: int, unit: Unit) -> Mapped:
        """Map one unit into the work folder, unless that was done before."""
        work = self.work
        known = read_json(work.mapped(number), Mapped)
        if known is not None and known.file == size(work.sorted_rows(number)):
            return known
        with ExitStack() as files:
            rows = _RowWriter(files.enter_context(whole(work.sorted_rows(number))))
            shared: list[spill.SpillWriter] = []

            def write(batches: list[tuple[int, pa.RecordBatch]]) -> None:
                if batches and batches[0][0] == spill.SHARED:
                    if not shared:
                        shared.append(spill.SpillWriter(files.enter_context(whole(work.rows(number)))))
                    shared[0].write(batches[:1])
                    batches = batches[1:]
                rows.write(batches)

            set_apart = files.enter_context(setting_apart(work.quarantine("map", number)))
            tally = self.process.map_into(unit, write, set_apart)
            rows.close()
            for each in shared:
                each.close()
        file = size(work.sorted_rows(number))
        mapped = Mapped(unit, tally, shared[0].parts if shared else [], rows.bytes, file)
        write_json(work.mapped(number), mapped)
        return mapped

    def rows(self, number: int, done: pa.Array) -> Batches:
        """The rows of one unit, but for those of partitions that are done."""
        with pa.OSFile(str(self.work.sorted_rows(number))) as file, pa.ipc.open_file(file) as reader:
            for at in range(reader.num_record_batches):
                batch = reader.get_batch(at)
                if len(done):
                    batch = batch.filter(pc.invert(pc.is_in(batch.column(0), done)))
                unit = pa.array(repeat(number, batch.num_rows), pa.int32())
                yield pa.record_batch([unit, *batch.columns], schema=_SENT)

    def reduce(self, part: int, table: pa.Table) -> Done:
        """Reduce one partition into the work folder, unless that was done before."""
        known = self.work.finished(part)
        return known or self.process.reduce_rows(part, self._in_order(table))

    def _in_order(self, table: pa.Table) -> Iterator[tuple[Where, pa.RecordBatch]]:
        """The rows of one partition in the order in which a local run has them."""
        table = table.cast(_SENT)
        table = table.take(pc.sort_indices(table, [("unit", "ascending"), ("seq", "ascending")]))
        at = 0
        for unit, same in groupby(table.column(0).to_pylist()):
            count = sum(1 for _ in same)
            for batch in table.slice(at, count).select(spill.ROWS.names).to_batches():
                yield self.wheres[unit], batch
            at += count


class _RowWriter:
    """The rows of one unit, in one file of batches of a bounded size."""

    def __init__(self, path: Path) -> None:
        self._file = pa.OSFile(str(path), "wb")
        self._writer = pa.ipc.new_file(self._file, _STORED, options=_ZSTD)
        self._rows = 0
        self.bytes = 0

    def write(self, batches: list[tuple[int, pa.RecordBatch]]) -> None:
        """Append the rows of some partitions."""
        if not batches:
            return
        parts = [part for part, batch in batches for _ in range(batch.num_rows)]
        table = pa.Table.from_batches([batch for _, batch in batches]).combine_chunks()
        places = pa.array(range(self._rows, self._rows + len(parts)), pa.int64())
        table = pa.table([pa.array(parts, pa.int32()), places, *table.columns], schema=_STORED)
        each = max(1, len(parts) * _BATCH // max(1, table.nbytes))
        self._writer.write_table(table, each)
        self._rows += len(parts)
        self.bytes += table.nbytes

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()
        self._file.close()


# --- accounts of units --------------------------------------------------------------------------------


def write_accounts(work: Work, mapped: list[Mapped]) -> None:
    """Write down how many lines each unit has, for all executors."""
    short = [Mapped(each.unit, Tally(lines=each.tally.lines), [], 0) for each in mapped]
    with whole(work.accounts) as temporary:
        temporary.write_bytes(msgspec.msgpack.encode(short))


def read_accounts(work: Work) -> list[Mapped]:
    """Units with how many lines each has."""
    return msgspec.msgpack.decode(work.accounts.read_bytes(), type=list[Mapped])


# --- what Spark calls ---------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def task_of(settings: bytes) -> Task:
    """This process's task; a process serves many units and partitions of a run."""
    return Task(msgspec.json.decode(settings, type=Settings))


def mapping(settings: bytes) -> Callable[[Batches], Batches]:
    """For `mapInArrow`: units to their accounts; the rows go to the work folder."""

    def mapped(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number, unit in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                yield answer(number, partial(_map, settings, number, unit))

    return mapped


def rows_of(settings: bytes, done: list[int]) -> Callable[[Batches], Batches]:
    """For `mapInArrow`: units to their rows, for those partitions that are not done."""

    def rows(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                with stripped():
                    yield from task_of(settings).rows(number, pa.array(done, pa.int32()))

    return rows


def reducing(settings: bytes) -> Callable[[tuple[Any, ...], pa.Table], pa.Table]:
    """For `applyInArrow`: the rows of a partition to its account; the tables go to the work folder."""

    def reduced(key: tuple[Any, ...], table: pa.Table) -> pa.Table:
        part = key[0].as_py()
        return pa.Table.from_batches([answer(part, partial(_reduce, settings, part, table))])

    return reduced


def _map(settings: bytes, number: int, unit: str) -> Mapped:
    return task_of(settings).map(number, msgspec.json.decode(unit, type=Unit))


def _reduce(settings: bytes, part: int, table: pa.Table) -> Done:
    return task_of(settings).reduce(part, table)


def answer(number: int, action: Callable[[], Struct]) -> pa.RecordBatch:
    """What an action answers, or the sentence of the error of this program that it met."""
    found, problem = None, None
    try:
        with stripped():
            found = msgspec.json.encode(action())
    except PosologyError as wrong:
        problem = f"{type(wrong).__name__}: {wrong}"
    return pa.record_batch([[number], [found], [problem]], schema=ANSWER)


@contextmanager
def stripped() -> Iterator[None]:
    """Errors without the values that they speak of."""
    try:
        yield
    except PosologyError:
        raise
    except OSError as wrong:
        raise Trouble(
            f"{socket.gethostname()}: cannot read the input or use the work folder ({wrong.strerror}); both "
            "must stand under the same path on every machine"
        ) from None
    except Exception as wrong:
        raise Trouble(f"{type(wrong).__name__} in {_place(wrong)}") from None


def _place(wrong: Exception) -> str:
    """The line of this program where an error came up."""
    found, at = "?", wrong.__traceback__
    while at is not None:
        path = Path(at.tb_frame.f_code.co_filename)
        if "posology" in path.parts:
            found = f"{path.name}:{at.tb_lineno}"
        at = at.tb_next
    return found
