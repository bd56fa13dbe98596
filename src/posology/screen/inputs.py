"""Which kind of input a location is: a FHIR export, or an OMOP CDM in DuckDB, PostgreSQL or Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from posology.record.match import Index

from .fhir_export import FhirExport
from .omop_location import ADDRESSES, is_omop
from .units import Unit

if TYPE_CHECKING:
    from .omop_source import OmopSource
    from .run import Source

ROW = 300
"""Bytes that a row of a table is counted as, about."""


class OmopInput:
    """An OMOP database as the input of a run."""

    def __init__(self, source: OmopSource) -> None:
        self._source = source
        self.kind, self.shown = source.kind, source.shown
        self._described = source.describe()
        self._rows: dict[str, int] = self._described["tables"]

    def size(self) -> int:
        """Bytes, about."""
        return ROW * sum(self._rows.values())

    def fingerprint(self) -> list[Any]:
        """Tables and how many rows each has."""
        return [self.shown, self._rows]

    def units(self, size: int) -> list[Unit]:
        """Ranges of people in each table, of about `size` bytes."""
        return self._source.units(max(1, size // ROW))

    def describe(self) -> dict[str, Any]:
        """The database, for `run.json`; its password is not in it."""
        return self._described

    def close(self) -> None:
        """Let go of the database."""
        self._source.close()


def located(source: str | Path) -> str:
    """The location as every process of this machine finds it: a path is made absolute, an address kept."""
    text = str(source)
    return text if text.startswith(ADDRESSES) else str(Path(text).absolute())


def open_source(location: str, index: Index) -> Source:
    """The input at a location, as `located` gives it. Raises `InputError` if there is none."""
    if is_omop(location):
        from .omop_source import OmopSource

        return OmopInput(OmopSource.open(location, index))
    return FhirExport(location)
