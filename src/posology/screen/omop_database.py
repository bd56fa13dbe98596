"""What `OmopSource` asks of a database, whichever it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

Text = str | None
BATCH = 10_000
"""Rows that are held at a time."""


class Held(NamedTuple):
    """A table that is there: its name in SQL, quoted, and its columns by lower-case name."""

    sql: str
    columns: dict[str, tuple[str, str]]
    """Name in SQL, quoted, and type in lower case."""


class Database(Protocol):
    """A connection. Statements are made of quoted names and numbered places only; values are parameters."""

    mark: str
    """How a statement marks the place of a parameter."""

    def tables(self) -> dict[str, Held]:
        """The tables of the CDM and of the vocabulary, by lower-case name."""

    def files(self) -> list[Path]:
        """The files that are read; none of a server."""

    def ask(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a small answer."""

    def stream(self, sql: str, values: Sequence[Any] = ()) -> Iterator[list[tuple[Text, ...]]]:
        """The rows of a large answer whose columns are all text, in batches."""

    def close(self) -> None:
        """Let go of the connection."""


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def is_integer(kind: str) -> bool:
    """Is this SQL type one of whole numbers?"""
    kind = kind.lower()
    if kind.startswith(("decimal", "numeric")):
        return kind == "numeric" or kind.replace(" ", "").endswith(",0)")
    return kind.endswith(("int", "integer")) or kind in ("int2", "int4", "int8", "smallint", "bigint")
