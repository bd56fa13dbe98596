"""Which kind of input a location is: a FHIR export, or an OMOP CDM in DuckDB, PostgreSQL or Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from posology.record.match import Index

from .fhir_export import FhirExport
from .omop_location import is_address, is_omop, refuse_unknown_scheme
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
        """Of each table how many rows, which keys and which days; of files size and time."""
        return self._source.fingerprint()

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
    """The location as every process of this machine finds it: a path is made absolute, an address kept.

    Raises `UsageError` for an address of a kind that is not known.
    """
    text = str(source)
    refuse_unknown_scheme(text)
    return text if is_address(text) else str(Path(text).absolute())


def open_source(location: str, index: Index) -> Source:
    """The input at a location, as `located` gives it. Raises `InputError` if there is none."""
    if is_omop(location):
        from .omop_source import OmopSource

        return OmopInput(OmopSource.open(location, index))
    return FhirExport(location)
