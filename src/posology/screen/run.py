"""A run: plan it, map, reduce, put the results together; interrupted and taken up again where it stopped.

Everything is written beside the results (`OUT.partial`) and becomes `OUT` by one rename at the end.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from posology.errors import InputError, PosologyError, UsageError
from posology.interrupts import unheard

from . import process, results
from .fhir_export import PARTIAL, FhirExport
from .process import Job
from .units import Unit
from .work import Done, Mapped, Work, read_json, write_json

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has no such locks
    fcntl = None

MEMORY = 500_000_000
"""Bytes that a worker may use, unless more or less is said."""
_LEAST, _MOST = 1_000_000, 64_000_000
"""Bytes of input of one unit."""
_PIECES = 32
"""How many units an input is parted into at least, if they are not smaller than `_LEAST` then."""


class Progress(Protocol):
    """Is told how far a run is."""

    def __call__(self, step: str, done: int, total: int, patients: int) -> None:
        """`done` of `total` units or partitions of this step are finished; so many patients are answered."""


class Source(Protocol):
    """An input: what it holds, in pieces."""

    kind: str
    shown: str
    """Its location, without a password."""

    def size(self) -> int:
        """Bytes of it, about, unpacked."""

    def fingerprint(self) -> list[Any]:
        """What tells that it is still the same."""

    def units(self, size: int) -> list[Unit]:
        """It in pieces of about `size` bytes, the same ones whenever it is the same."""

    def describe(self) -> dict[str, Any]:
        """What `run.json` says of it."""

    def close(self) -> None:
        """Let go of it."""


class Plan(Struct):
    """What a run is to do; a run that is taken up again must have the same."""

    job: Job
    fingerprint: list[Any]
    knowledge: dict[str, str]
    units: list[Unit]
    engine: str = "local"


class Interrupted(PosologyError):
    """A run that was stopped and can go on."""

    exit_code = 130


def run(
    job: Job,
    source: Source,
    out: Path,
    *,
    workers: int,
    memory: int = MEMORY,
    resume: bool = False,
    knowledge: dict[str, str],
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Screen everyone in the source; returns what `run.json` says.

    `memory` is in bytes for each worker. Raises `UsageError` if `out` is taken or holds an unfinished run
    (`resume` goes on with it), `InputError` if the disk is full, `Interrupted` after Ctrl-C.
    """
    tell = progress or nobody
    if workers < 1:
        raise UsageError("at least one worker is needed")
    partial = beside(out, job)
    work = Work(partial / "work")
    plan = plan_of(job, source, memory, knowledge)
    with kept(partial):
        begin(work, shown(plan, source), partial, resume)
        with locked(partial):
            with _pool(workers, plan.job, work) as pool:
                mapped = _map(pool, work, plan, tell)
                process.keep_medications(work, mapped)
                done = _reduce(pool, plan.job.partitions, tell)
            return finish(work, plan, source, mapped, done)


# --- what every engine does ---------------------------------------------------------------------------


def beside(out: Path, job: Job) -> Path:
    """The folder that is to become `out`. Raises `UsageError` if `out` is taken, or in the folder of the input."""
    if out.is_symlink() or out.name in ("", ".."):
        out = out.resolve()
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out}: is there already; name another folder with --out, or remove it")
    source = Path(job.source)
    if job.kind == FhirExport.kind and source.is_dir() and out.resolve().is_relative_to(source.resolve()):
        raise UsageError(
            f"{out}: is in the folder of the input, so that results would be taken for input the next time; name "
            "another folder with --out"
        )
    return out.with_name(out.name + PARTIAL)


@contextmanager
def kept(partial: Path) -> Iterator[None]:
    """Says what can be done about a run that cannot go on: what it did is kept."""
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(f"stopped; what is done is kept in {partial}: go on with --resume") from None
    except BrokenProcessPool:
        raise InputError(
            "a worker was ended from outside, as happens when memory runs out: go on with --resume and fewer "
            f"--workers or less --memory (what is done is kept in {partial}). A Python script that calls "
            "posology.screen must do so under if __name__ == '__main__'"
        ) from None
    except OSError as wrong:
        named = str(wrong.filename or "")
        if named and not Path(named).absolute().is_relative_to(partial):
            raise InputError(
                f"{named}: cannot be read ({wrong.strerror}); go on with --resume when it can"
            ) from None
        raise InputError(
            f"{partial}: cannot be written ({wrong.strerror}); make room and go on with --resume"
        ) from None


@contextmanager
def locked(partial: Path) -> Iterator[None]:
    """Keeps a second run out of the folder. Raises `UsageError` if one is at work there."""
    with (partial / "work" / "lock").open("ab") as file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise UsageError(
                    f"{partial}: another run is at work there; wait for it, or name another --out"
                ) from None
        yield


def finish(work: Work, plan: Plan, source: Source, mapped: list[Mapped], done: list[Done]) -> dict[str, Any]:
    """Put the results together and give them their name; returns what `run.json` says."""
    partial = work.root.parent
    out = partial.with_name(partial.name.removesuffix(PARTIAL))
    told = results.put_together(
        partial, work, plan.job, source.describe(), plan.knowledge, mapped, done, plan.engine
    )
    shutil.rmtree(work.root)
    if out.exists():
        out.rmdir()
    os.replace(partial, out)
    return told


def nobody(step: str, done: int, total: int, patients: int) -> None:
    """Tells nobody."""


def plan_of(
    job: Job,
    source: Source,
    memory: int,
    knowledge: dict[str, str],
    engine: str = "local",
    most: int = 4096,
) -> Plan:
    """Units and partitions (`most` at most), from the size of the input and the memory of a worker."""
    whole = source.size()
    most_bytes = min(_MOST, memory // 8)
    size = max(_LEAST, min(most_bytes, whole // _PIECES))
    partitions = 1 << max(2, (whole // most_bytes).bit_length())
    job = replace(job, partitions=min(most, partitions), limit=memory // 8)
    return Plan(job, source.fingerprint(), knowledge, source.units(size), engine)


def shown(plan: Plan, source: Source) -> Plan:
    """The plan as it is written down: without a password that the location may hold."""
    return replace(plan, job=replace(plan.job, source=source.shown))


def begin(work: Work, plan: Plan, partial: Path, resume: bool) -> None:
    """Make the work folder, or find that of the run to go on with."""
    if not partial.exists():
        work.make()
        write_json(work.plan, plan)
        return
    known = read_json(work.plan, Plan)
    if not resume:
        raise UsageError(
            f"{partial}: an unfinished run is there; add --resume to go on with it, or remove it"
        )
    if known is None:
        shutil.rmtree(work.root, ignore_errors=True)
        work.make()
        write_json(work.plan, plan)
    elif known != plan:
        changed = [name for name in plan.__struct_fields__ if getattr(known, name) != getattr(plan, name)]
        words = {
            "job": "the question or --memory",
            "fingerprint": "the input",
            "knowledge": "the knowledge or the program",
            "units": "the input",
            "engine": "--engine",
        }
        raise UsageError(
            f"{partial}: the run there cannot be gone on with, because {words[changed[0]]} is not the same as "
            "then; remove it to begin anew"
        )


def _map(pool: ProcessPoolExecutor, work: Work, plan: Plan, tell: Progress) -> list[Mapped]:
    found: dict[int, Mapped] = {}
    with unheard():
        waiting = {
            pool.submit(process.map_unit, number, unit): number for number, unit in enumerate(plan.units)
        }
    tell("reading", 0, len(waiting), 0)
    for future in _as_done(waiting):
        found[waiting[future]] = future.result()
        tell("reading", len(found), len(waiting), 0)
    return [found[number] for number in sorted(found)]


def _reduce(pool: ProcessPoolExecutor, partitions: int, tell: Progress) -> list[Done]:
    found: dict[int, Done] = {}
    with unheard():
        waiting = {pool.submit(process.reduce_part, part): part for part in range(partitions)}
    patients = 0
    tell("answering", 0, len(waiting), 0)
    for future in _as_done(waiting):
        done = future.result()
        found[waiting[future]] = done
        patients += done.reckoning.patients
        tell("answering", len(found), len(waiting), patients)
    return [found[part] for part in sorted(found)]


def _as_done(waiting: Iterable[Future[Any]]) -> Iterator[Future[Any]]:
    """Futures as they are done; an interruption is noticed within a moment."""
    left = set(waiting)
    while left:
        done, left = wait(left, timeout=0.5, return_when=FIRST_COMPLETED)
        yield from done


@contextmanager
def _pool(workers: int, job: Job, work: Work) -> Iterator[ProcessPoolExecutor]:
    """Processes of this run; ended at once when anything goes wrong."""
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), process.start, (job, work.root))
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in list((pool._processes or {}).values()):
            child.terminate()
        raise
    pool.shutdown()
