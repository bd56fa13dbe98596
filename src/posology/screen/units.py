"""Pieces of work: what one process reads in one go.

Units depend on the input and its size only, so that a run that is taken up again finds the same ones.
"""

from __future__ import annotations

import os

from msgspec import Struct

LINES, PACKED, BUNDLES, OMOP = "lines", "packed", "bundles", "omop"


class Unit(Struct, frozen=True):
    """One piece of input: `files` are relative to the source; `start` and `end` are bytes of a plain file.

    Of an OMOP table the rows with `low` <= person_id < `high` are read (None: no bound), the `part`-th of
    `parts`; the first part also holds the rows without a person_id.
    """

    kind: str
    files: tuple[str, ...] = ()
    start: int = 0
    end: int = 0
    table: str = ""
    part: int = 0
    parts: int = 1
    low: int | None = None
    high: int | None = None
    codes: str = ""
    """The vocabulary of source values without a source concept, where the other rows of the table tell it."""


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
