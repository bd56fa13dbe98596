"""Which kind of input a location is: a FHIR export, or an OMOP CDM in DuckDB, PostgreSQL or Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from posology.record.match import Index

from .units import FhirExport

if TYPE_CHECKING:
    from .run import Source

_DATABASES = ("duckdb://", "postgresql://", "postgres://")
_PERSON = "person"


def located(source: str | Path) -> str:
    """The location as every process of this machine finds it: a path is made absolute, an address kept."""
    text = str(source)
    return text if text.startswith(_DATABASES) else str(Path(text).absolute())


def open_source(location: str, index: Index) -> Source:
    """The input at a location, as `located` gives it. Raises `InputError` if there is none."""
    if location.startswith(_DATABASES) or _is_omop(Path(location)):
        from .omop_source import OmopSource

        source: Source = OmopSource.open(location, index)
        return source
    return FhirExport(location)


def _is_omop(folder: Path) -> bool:
    """Is it a folder with a table of persons, as files or folders named after the tables?"""
    if not folder.is_dir():
        return False
    return any(
        each.name.split(".")[0].lower() == _PERSON and each.suffix != ".ndjson" for each in folder.iterdir()
    )
