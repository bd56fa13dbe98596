"""What the map step hands to the reduce step: rows by partition, in Arrow files on disk.

A partition holds some of the patients, chosen by a hash of their id, and is the unit of memory, progress and
resumption. A row is a resource that has to be read, as it stood in the input; or, without a line, how many
resources of a patient were put aside (`sieve.ONE` and list bits).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zlib import crc32

import pyarrow as pa

ROWS = pa.schema(
    [
        ("patient", pa.string()),
        ("number", pa.int64()),
        ("offset", pa.int64()),
        ("place", pa.string()),
        ("url", pa.string()),
        ("line", pa.large_binary()),
        ("put_aside", pa.int64()),
    ]
)
"""`number` is the line within the unit, from 0; `place` stands where there are no lines (in a Bundle, a table)."""
SAID = -2
"""The offset of a row whose line the map step has quarantined: it is not quarantined again."""
SHARED = -1
"""The partition of Medication resources, which the patients of all partitions may point to."""


def partition_of(patient: str, partitions: int) -> int:
    """The partition of a patient: the same in every run, on every machine."""
    return crc32(patient.encode("utf-8", "surrogatepass")) % partitions


Row = tuple[str, int, int, str | None, str | None, bytes | None, int]
"""The columns of `ROWS`: a plain tuple, because there are millions."""


class Buckets:
    """Rows on their way to their partitions; handed over by `batches` when `held` bytes are too many."""

    def __init__(self, partitions: int) -> None:
        self.partitions = partitions
        self.held = 0
        self._rows: dict[int, list[Row]] = {}
        self._of: dict[str, list[Row]] = {}

    def bucket(self, patient: str) -> list[Row]:
        """Where the rows of a patient are put."""
        bucket = self._of.get(patient)
        if bucket is None:
            bucket = self._of[patient] = self._rows.setdefault(partition_of(patient, self.partitions), [])
        return bucket

    def share(self, row: Row) -> None:
        """Put a Medication where all partitions find it."""
        self._rows.setdefault(SHARED, []).append(row)

    def batches(self) -> list[tuple[int, pa.RecordBatch]]:
        """All rows by partition; nothing is held any more."""
        found = [(part, batch(rows)) for part, rows in sorted(self._rows.items()) if rows]
        self._rows, self._of, self.held = {}, {}, 0
        return found


def batch(rows: list[Row]) -> pa.RecordBatch:
    """Rows as one Arrow batch."""
    columns: list[Any] = list(zip(*rows, strict=True))
    return pa.record_batch(
        [pa.array(column, type=field.type) for column, field in zip(columns, ROWS, strict=True)], schema=ROWS
    )


class SpillWriter:
    """One unit's rows in one file; `parts` says which partition each batch belongs to."""

    def __init__(self, path: Path) -> None:
        self._file = pa.OSFile(str(path), "wb")
        self._writer = pa.ipc.new_file(self._file, ROWS)
        self.parts: list[int] = []
        self.bytes = 0

    def write(self, batches: list[tuple[int, pa.RecordBatch]]) -> None:
        """Append batches."""
        for part, rows in batches:
            self._writer.write_batch(rows)
            self.parts.append(part)
            self.bytes += rows.nbytes

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()
        self._file.close()


def read(path: Path, parts: list[int], part: int) -> list[pa.RecordBatch]:
    """The batches of one partition in a unit's file, mapped into memory and not copied."""
    wanted = [number for number, each in enumerate(parts) if each == part]
    if not wanted:
        return []
    with pa.memory_map(str(path)) as file:
        reader = pa.ipc.open_file(file)
        return [reader.get_batch(number) for number in wanted]
