"""Small OMOP databases for tests, made from invented people."""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from posology.api import engine
from posology.record.fhir import read
from posology.record.match import Index
from posology.record.model import Record
from posology.record.omop.tables import TABLES, line
from posology.record.omop.terms import Concept, Terms

Row = dict[str, Any]
ON = date(2026, 6, 30)
LATE = -(2**62) - 11
"""A person_id like those of MIMIC: 64 bits, and negative."""
_TEXT = ("value", "sig", "reason", "_name", "_code", "domain_id", "vocabulary_id", "class_id", "version")


@cache
def index() -> Index:
    """The index of the packaged knowledge."""
    return engine().index


def terms(*concepts: Concept, above: dict[int, tuple[tuple[str, str], ...]] | None = None) -> Terms:
    """Terms that know these concepts."""
    made = Terms(index())
    made.concepts.update({concept.id: concept for concept in concepts})
    made.above.update(above or {})
    return made


def resource(table: str, known: Terms | None = None, codes: str = "", **cells: Any) -> Row:
    """The resource that a row with these cells becomes."""
    cells = {TABLES[table].columns[0]: 7, "person_id": 1, **cells}
    assert not set(cells) - set(TABLES[table].columns), "no such column"
    texts = tuple(None if cells.get(name) is None else str(cells[name]) for name in TABLES[table].columns)
    made = line(TABLES[table], texts, known or terms(), codes)
    assert not made.problem, made.problem
    return json.loads(made.json or b"")


def record(*resources: Row, on: date = ON) -> Record:
    """What the FHIR reader makes of resources, with a Patient of id 1."""
    patient = {"resourceType": "Patient", "id": "1", "gender": "female", "birthDate": "1980"}
    lines = [json.dumps(each).encode() for each in (patient, *resources)]
    return read(b"\n".join(lines), on.toordinal(), index())


def kind_of(column: str) -> pa.DataType:
    """The type that the CDM gives a column."""
    if column.endswith("_date"):
        return pa.date32()
    if column.endswith("_datetime"):
        return pa.timestamp("us")
    if column in ("value_as_number", "range_low", "range_high", "quantity"):
        return pa.float64()
    if column == "value_as_concept_id" or not any(part in column for part in _TEXT):
        return pa.int64()
    return pa.string()


def table(rows: list[Row], **kinds: pa.DataType) -> pa.Table:
    """Rows as a table with the types of the CDM, except as said."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.table(
        {name: pa.array([row.get(name) for row in rows], kinds.get(name, kind_of(name))) for name in names}
    )


def three() -> dict[str, pa.Table]:
    """Three people: one on oxycodone with raised ALT, one who died, one with a 64-bit negative id."""
    at = datetime(2026, 6, 20, 8, 30)
    day = at.date()
    return {
        "person": table(
            [
                {"person_id": 1, "gender_concept_id": 8532, "year_of_birth": 1980, "month_of_birth": 3},
                {"person_id": 2, "gender_concept_id": 8507, "year_of_birth": 1941, "day_of_birth": None},
                {
                    "person_id": LATE,
                    "gender_concept_id": 0,
                    "year_of_birth": 1990,
                    "gender_source_value": "F",
                },
            ]
        ),
        "death": table([{"person_id": 2, "death_date": date(2020, 2, 2)}]),
        "condition_occurrence": table(
            [
                {
                    "condition_occurrence_id": -5,
                    "person_id": LATE,
                    "condition_concept_id": 0,
                    "condition_start_date": date(2020, 1, 5),
                    "condition_source_value": "82423001  ",
                },
                {
                    "condition_occurrence_id": 6,
                    "person_id": 1,
                    "condition_concept_id": 77,
                    "condition_start_date": date(2020, 1, 5),
                    "condition_source_value": "chronic pain",
                },
            ]
        ),
        "drug_exposure": table(
            [
                {
                    "drug_exposure_id": 3,
                    "person_id": 1,
                    "drug_concept_id": 0,
                    "drug_exposure_start_date": date(2026, 6, 1),
                    "drug_exposure_end_date": date(2026, 6, 30),
                    "drug_type_concept_id": 32838,
                    "drug_source_value": "oxycodone 5 mg tablet",
                    "sig": "1 tablet every 6 hours",
                }
            ]
        ),
        "measurement": table(
            [
                {
                    "measurement_id": 9,
                    "person_id": 1,
                    "measurement_concept_id": 0,
                    "measurement_date": day,
                    "measurement_datetime": at,
                    "value_as_number": 140.0,
                    "range_high": 40.0,
                    "unit_source_value": "U/L",
                    "measurement_source_value": "1742-6",
                }
            ]
        ),
        "cdm_source": table([{"cdm_version": "5.4"}]),
    }


def folder(place: Path, tables: dict[str, pa.Table]) -> Path:
    """The tables as a folder of Parquet files."""
    place.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        pq.write_table(rows, place / f"{name}.parquet")
    return place


def duck(file: Path, tables: dict[str, pa.Table], schema: str = "main") -> Path:
    """The tables as a DuckDB file."""
    with duckdb.connect(str(file)) as connection:
        schema = schema.replace('"', '""')
        connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
        for name, rows in tables.items():
            connection.register("rows", rows)
            connection.execute(f'CREATE TABLE "{schema}"."{name}" AS SELECT * FROM rows')
    return file


def concept(number: int, name: str, vocabulary: str, code: str, kind: str = "", domain: str = "") -> Concept:
    """A concept."""
    return Concept(number, name, domain, vocabulary, kind, code)


def vocabulary(concepts: list[Concept], pairs: list[tuple[int, int]] | None) -> dict[str, pa.Table]:
    """CONCEPT, and CONCEPT_ANCESTOR of (descendant, ancestor)."""
    names = ("concept_id", "concept_name", "domain_id", "vocabulary_id", "concept_class_id", "concept_code")
    made = {"concept": table([dict(zip(names, each, strict=True)) for each in concepts])}
    if pairs is not None:
        rows = [{"descendant_concept_id": below, "ancestor_concept_id": above} for below, above in pairs]
        made["concept_ancestor"] = table(rows or [{"descendant_concept_id": 0, "ancestor_concept_id": 0}])
    return made
