"""The work folder of a run: where each process writes what it did, whole or not at all.

A file gets its own name when it is whole, which is what makes a run resumable. A machine that stops may still
leave one cut short, so accounts hold the sizes of the files that they speak of.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO, TypeVar

import msgspec
from msgspec import Struct

from .quarantine import Quarantined, Tally
from .reducing import Reckoning
from .units import Unit

T = TypeVar("T")


class Mapped(Struct):
    """What was done with one unit; `parts` are the partitions of the batches in its file of rows.

    `file` is the size of that file: one that was cut short, as when a machine stops, is not taken for whole.
    """

    unit: Unit
    tally: Tally
    parts: list[int]
    bytes: int
    file: int = 0


class Done(Struct):
    """What was done with one partition; `rows` of each table, and the size of its file."""

    reckoning: Reckoning
    rows: dict[str, int]
    files: dict[str, int] = {}


class Work:
    """Names of files in the work folder, and how they are written."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def make(self) -> None:
        """Make the folder and the one it stands in, which becomes the results, for this user's eyes."""
        self.root.mkdir(parents=True, exist_ok=True)
        for folder in (self.root.parent, self.root):
            folder.chmod(0o700)
        for name in ("map", "reduce"):
            (self.root / name).mkdir(exist_ok=True, mode=0o700)

    def rows(self, unit: int) -> Path:
        """The rows of a unit."""
        return self.root / "map" / f"{unit:06d}.arrow"

    def mapped(self, unit: int) -> Path:
        """The account of a unit: there when the unit is done."""
        return self.root / "map" / f"{unit:06d}.json"

    def quarantine(self, step: str, number: int) -> Path:
        """What a unit (`map`) or a partition (`reduce`) quarantined."""
        return self.root / step / f"{number:06d}.quarantine.ndjson"

    def table(self, name: str, part: int) -> Path:
        """A table of one partition."""
        return self.root / "reduce" / f"{part:06d}.{name}.arrow"

    def done(self, part: int) -> Path:
        """The account of a partition: there when the partition is done."""
        return self.root / "reduce" / f"{part:06d}.json"

    def finished(self, part: int) -> Done | None:
        """The account of a partition, if that is done and its tables are as they were written."""
        known = read_json(self.done(part), Done)
        if known is None or any(
            size(self.table(name, part)) != bytes_ for name, bytes_ in known.files.items()
        ):
            return None
        return known

    @property
    def medications(self) -> Path:
        """What the Medications of the input are: there when the map step is done."""
        return self.root / "medications.msgpack"

    def sorted_rows(self, unit: int) -> Path:
        """The rows of a unit, each with its partition, for Spark to sort."""
        return self.root / "map" / f"{unit:06d}.rows.arrow"

    @property
    def accounts(self) -> Path:
        """The lines of each unit, for Spark's executors: there when the map step is done."""
        return self.root / "accounts.msgpack"

    @property
    def plan(self) -> Path:
        """What the run is to do: there when units are settled."""
        return self.root / "plan.json"


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A name to write to, which becomes `path` when all went well and is removed when not."""
    temporary = path.with_name(f"{path.name}.{token_hex(8)}.tmp")  # several machines may be at it
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: Path, value: Struct) -> None:
    """A struct as JSON, whole or not at all."""
    with whole(path) as temporary:
        temporary.write_bytes(msgspec.json.encode(value))


def read_json(path: Path, kind: type[T]) -> T | None:
    """A struct from JSON; None if it is not there or not whole."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError):
        return None


class SetApart:
    """Writes quarantined pieces as they come, one a line; the file is there when something came."""

    def __init__(self, path: Path, files: ExitStack) -> None:
        self._path, self._files = path, files
        self._out: BinaryIO | None = None

    def __call__(self, found: Iterable[Quarantined]) -> None:
        """Append these."""
        for each in found:
            if self._out is None:
                self._out = self._files.enter_context(self._files.enter_context(whole(self._path)).open("wb"))
            self._out.write(msgspec.json.encode(each) + b"\n")


@contextmanager
def setting_apart(path: Path) -> Iterator[SetApart]:
    """Something to call with quarantined pieces; what it wrote becomes `path` at the end, whole or not at all."""
    with ExitStack() as files:
        yield SetApart(path, files)


def size(path: Path) -> int:
    """Bytes of a file; -1 if it is not there."""
    try:
        return path.stat().st_size
    except OSError:
        return -1
