"""A run on Spark: the functions of `process`, where the executors of a cluster are; same results as a local run.

Two jobs. The first maps units and writes their rows to the work folder (`OUT.partial/work`, which every
executor sees), so that nothing is mapped twice: only when all units are mapped is it known what Medications
are, and how many lines stand before a unit, which the second job needs from the beginning. The second reads
those rows, lets Spark sort them by partition, and reduces each partition to files in the work folder.

A unit or partition that is done stays done: when an executor is lost, or the whole run and is then taken up
again. Spark moves rows and repeats what failed; it decides nothing about a patient.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from msgspec.structs import replace

from posology.errors import UsageError

from . import process, spark_session, spark_tasks
from .fhir_export import FhirExport
from .process import Job, Process
from .run import MEMORY, Plan, Progress, Source, begin, beside, finish, kept, nobody, plan_of, shown
from .spark_tasks import ANSWER_TYPE, SENT_TYPE, Settings
from .work import Done, Mapped, Work, read_json

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

T = TypeVar("T")
PARTITIONS = 16_384
"""At most: four times those of a local run, which holds a file open for each."""


def run(
    job: Job,
    source: FhirExport | Source,
    out: Path,
    *,
    master: str | None = None,
    workers: int | None = None,
    memory: int = MEMORY,
    knowledge: dict[str, str],
    progress: Progress | None = None,
    resume: bool = False,
) -> dict[str, Any]:
    """Screen everyone in the source with Spark; returns what `run.json` says.

    `master` is Spark's; None: what Spark is set up for, or else this machine with so many `workers` (None: one
    a core). `memory` is in bytes for each task. Input, `out` and an outside monographs folder must stand under
    the same path on every machine. Raises `UsageError` if there is no PySpark or Java, and what `run.run` raises.
    """
    spark_session.check(master)
    tell = progress or nobody
    partial = beside(Path(os.path.abspath(out)), job)
    work = Work(partial / "work")
    plan = plan_of(_everywhere(job), source, memory, knowledge, "spark", PARTITIONS)
    with kept(partial), _nothing_left(partial):
        begin(work, shown(plan, source), partial, resume)
        scratch = work.root / "spark"
        scratch.mkdir(exist_ok=True, mode=0o700)
        with spark_session.session(master, scratch, workers) as spark:
            settings = Settings(plan.job, str(work.root), knowledge, token_hex(8))
            mapped = _map(spark, settings, work, plan, tell)
            process.keep_medications(work, mapped)
            spark_tasks.write_accounts(work, mapped)
            done = _reduce(spark, settings, work, plan, tell)
        return finish(work, plan, source, mapped, done)


@contextmanager
def _nothing_left(partial: Path) -> Iterator[None]:
    """A run that cannot be begun leaves no folder behind to be gone on with."""
    there = partial.exists()
    try:
        yield
    except UsageError:
        if not there:
            shutil.rmtree(partial, ignore_errors=True)
        raise


def _everywhere(job: Job) -> Job:
    """The job with paths that mean the same wherever a process is started."""
    paths = {name: getattr(job, name) for name in ("source", "monographs")}
    return replace(
        job, **{name: os.path.abspath(path) for name, path in paths.items() if path and Path(path).exists()}
    )


def _units(spark: SparkSession, plan: Plan, numbers: list[int]) -> DataFrame:
    """One row a unit, and one task a row: rows of a single partition are dealt out one by one."""
    rows = [(number, msgspec.json.encode(plan.units[number]).decode()) for number in numbers]
    return spark.createDataFrame(rows, "number int, unit string").coalesce(1).repartition(len(rows))


def _map(spark: SparkSession, settings: Settings, work: Work, plan: Plan, tell: Progress) -> list[Mapped]:
    """Map all units that are not yet mapped; the accounts of all."""
    total = len(plan.units)
    found = _known(range(total), work.mapped, Mapped)
    tell("reading", len(found), total, 0)
    if missing := [number for number in range(total) if number not in found]:
        task = spark_tasks.mapping(msgspec.json.encode(settings))
        frame = _units(spark, plan, missing).mapInArrow(task, ANSWER_TYPE)
        found |= _answers(spark, frame, Mapped, lambda: tell("reading", _count(work.root / "map"), total, 0))
    tell("reading", total, total, 0)
    return [found[number] for number in range(total)]


def _reduce(spark: SparkSession, settings: Settings, work: Work, plan: Plan, tell: Progress) -> list[Done]:
    """Reduce all partitions that are not yet reduced; the accounts of all."""
    total = plan.job.partitions
    found = _known(range(total), work.done, Done)
    tell("answering", len(found), total, _patients(found.values()))
    if len(found) < total:
        said = msgspec.json.encode(settings)
        rows = _units(spark, plan, list(range(len(plan.units)))).mapInArrow(
            spark_tasks.rows_of(said, sorted(found)), SENT_TYPE
        )
        grouped = rows.repartition(min(total, total - len(found)), "part").groupBy("part")
        frame = grouped.applyInArrow(spark_tasks.reducing(said), ANSWER_TYPE)
        before = _patients(found.values())
        found |= _answers(
            spark, frame, Done, lambda: tell("answering", _count(work.root / "reduce"), total, before)
        )
        # A partition without rows is a group that Spark does not have.
        here = Process(plan.job, work.root)
        for part in range(total):
            if part not in found:
                found[part] = here.reduce_rows(part, [])
    tell("answering", total, total, _patients(found.values()))
    return [found[part] for part in range(total)]


def _patients(done: Iterable[Done]) -> int:
    return sum(each.reckoning.patients for each in done)


def _known(numbers: range, path: Callable[[int], Path], kind: type[T]) -> dict[int, T]:
    """The accounts of units or partitions that were done before."""
    found = ((number, read_json(path(number), kind)) for number in numbers)
    return {number: account for number, account in found if account is not None}


def _answers(spark: SparkSession, frame: DataFrame, kind: type[T], look: Callable[[], None]) -> dict[int, T]:
    """Run a job; its answers by number. The job ends with this call, also when it is interrupted."""
    tag = f"posology-{token_hex(8)}"

    def collected() -> list[Any]:
        spark.sparkContext.addJobTag(tag)
        return frame.collect()

    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(collected)
        try:
            pause = 0.5
            while not wait([waiting], pause).done:
                start = time.perf_counter()
                look()
                pause = max(1.0, 10 * (time.perf_counter() - start))
            rows = waiting.result()
        except BaseException:
            with suppress(Exception):
                spark.sparkContext.cancelJobsWithTag(tag)
            raise
    for row in rows:
        if row.problem is not None:
            raise spark_session.raised(row.problem)
    return {row.number: msgspec.json.decode(bytes(row.answer), type=kind) for row in rows}


def _count(folder: Path) -> int:
    """Accounts in a folder of the work folder."""
    return sum(entry.name[:-5].isdigit() for entry in os.scandir(folder) if entry.name.endswith(".json"))
