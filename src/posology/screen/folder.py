"""The folder that a run wrote, opened for reading: what `run.json` says, the tables, what was quarantined."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.dataset
from msgspec import Struct

from posology.errors import InputError
from posology.record.kinds import RESOURCE_TYPES

from .results import FORMAT
from .tables import SCHEMAS

_BULK = re.compile(r"(?:\d{1,4}[._-])?([A-Za-z]+)(?:[._-]\d{1,4})*\.(?:ndjson|jsonl)(?:\.gz)?")
_PLACE = re.compile(r"entry\[\d{1,9}\](?:\.entry\[\d{1,9}\])*")


class Asked(Struct, frozen=True):
    """The question of a run."""

    drug: str
    use: str
    on: str
    region: str
    product: str


class File(Struct, frozen=True):
    """A file, or table, of the input."""

    file: str
    bytes: int = 0


class Skipped(Struct, frozen=True):
    """A file that was not read, and why."""

    file: str
    reason: str


class Vocabulary(Struct, frozen=True):
    """What an OMOP database holds of its vocabulary, and what that means for which codes are known."""

    concept: int = 0
    concept_ancestor: int = 0
    means: str = ""


class Source(Struct, frozen=True):
    """The input of a run. What comes after `skipped_files` is of OMOP."""

    kind: str
    files: tuple[File, ...] = ()
    skipped_files: tuple[Skipped, ...] = ()
    cdm_version: str = ""
    tables: dict[str, int] = {}
    missing_tables: tuple[str, ...] = ()
    vocabulary: Vocabulary | None = None

    @property
    def omop(self) -> bool:
        """Is it a database, and not FHIR?"""
        return self.kind.startswith("omop")


class Input(Struct, frozen=True):
    """What became of all that was read (`mapping.Tally`)."""

    lines: int
    entries: int
    bundles: int
    malformed: int
    wrong_shape: int
    nobody: int
    not_of_a_patient: int
    medications: int
    of_patients: int
    copies: int
    by_type: dict[str, int]


class People(Struct, frozen=True):
    """What became of the resources of patients (`reducing.Reckoning`)."""

    patients: int
    read: int
    matched: int
    unmatched: int
    set_aside: int
    unreadable: int
    duplicates: int
    no_patient: int
    people_without_patient: int
    refused: int
    people_refused: int


class Run(Struct, frozen=True):
    """What `run.json` says."""

    format: int
    program: str
    knowledge: dict[str, str]
    question: Asked
    source: Source
    input: Input
    damaged_files: tuple[str, ...]
    patients: People
    quarantined: dict[str, int]


class Piece(Struct, frozen=True):
    """A quarantined piece of input, without its text and whose it is."""

    file: str
    category: str
    reason: str = ""
    line: int | None = None
    place: str = ""


class _Format(Struct):
    format: Any = None


class Results:
    """The results of a run. Raises `InputError` if the folder holds none, or of another format."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run = _run(folder)
        self._numbers = {each.file: number for number, each in enumerate(self.run.source.files, 1)}

    def table(self, name: str) -> Any:
        """A table, to be scanned. Raises `InputError` if it is not there, or not as this program writes it."""
        path = self.folder / f"{name}.parquet"
        if not path.is_file():
            raise InputError(f"{path}: is not there; the results are not complete: screen again")
        try:
            found = pyarrow.dataset.dataset([str(path)], format="parquet", filesystem=_local())
            missing = [field.name for field in SCHEMAS[name] if not _has(found.schema, field)]
        except (pa.ArrowInvalid, OSError):
            raise InputError(f"{path}: cannot be read as Parquet; screen again") from None
        if missing:
            raise InputError(
                f"{path}: is not a table as this program writes it (not as expected: {', '.join(missing)})"
            )
        return found

    def quarantined(self) -> Iterator[Piece]:
        """All that was quarantined."""
        path = self.folder / "quarantine.ndjson"
        decode = msgspec.json.Decoder(Piece).decode
        try:
            with path.open("rb") as file:
                for number, line in enumerate(file, 1):
                    try:
                        yield decode(line)
                    except msgspec.DecodeError:
                        raise InputError(f"{path}:{number}: is not as this program writes it") from None
        except OSError as wrong:
            raise InputError(f"{path}: cannot be read ({wrong.strerror})") from None

    def label(self, file: str) -> str:
        """A file's name, or where that could name a person, only its number in `run.json`.

        Exports of many name a file after what it holds; a file of one person is often named after that person.
        """
        name = file.replace("\\", "/").rpartition("/")[2]
        found = _BULK.fullmatch(name)
        if (found and found[1] in RESOURCE_TYPES) or self.run.source.kind != "fhir":
            return name
        number = self._numbers.get(file)
        return f"file {number} of {len(self._numbers)}" if number else "a file that was not read"

    @staticmethod
    def place(piece: Piece) -> str:
        """Where a piece stands in its file: a line or an entry of a Bundle; nothing else, so no name."""
        if piece.line is not None:
            return f"line {piece.line:,}"
        return piece.place if _PLACE.fullmatch(piece.place) else ""


def _has(schema: Any, field: Any) -> bool:
    """Is there such a column? Other writers name the items of a list otherwise, or allow nulls everywhere."""
    number = schema.get_field_index(field.name)
    if number < 0:
        return False
    there = schema.field(number).type
    return bool(there == field.type or (pa.types.is_list(there) and pa.types.is_list(field.type)))


def _local() -> Any:
    from pyarrow import fs

    return fs.LocalFileSystem()


def _run(folder: Path) -> Run:
    path = folder / "run.json"
    if not path.is_file():
        raise InputError(
            f"{folder}: is no folder with the results of a screening run: there is no run.json in it"
        )
    try:
        told = path.read_bytes()
        found = msgspec.json.decode(told, type=_Format).format
    except OSError as wrong:
        raise InputError(f"{path}: cannot be read ({wrong.strerror})") from None
    except (msgspec.DecodeError, RecursionError):
        raise InputError(f"{path}: is not what a screening run writes") from None
    if found != FORMAT or isinstance(found, bool):
        raise InputError(
            f"{path}: is of format {str(found)[:20]}, and this program reads format {FORMAT}; make the report with the "
            "program that made the run, or screen again"
        )
    try:
        return msgspec.json.decode(told, type=Run)
    except (msgspec.DecodeError, RecursionError) as wrong:
        raise InputError(f"{path}: is not what a screening run writes ({wrong})") from None
