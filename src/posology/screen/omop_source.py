"""An OMOP database as a source of patients' resources: a line of FHIR R4 JSON for each that a row becomes.

Read in units of about so many rows of one table, each a range of `person_id`, so that an index or the
statistics of a file spare the rest. A source is opened anew in each process.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from posology.errors import InputError
from posology.record.match import Index
from posology.record.omop.tables import CLINICAL, PERSON, TABLES, Line, Table
from posology.record.omop.tables import lines as lines_of
from posology.record.omop.terms import Terms

from .omop_database import Database, Held, is_integer
from .omop_duckdb import VOCABULARY, DuckDatabase
from .omop_location import Location, is_omop, parse, shown
from .omop_postgres import PostgresDatabase
from .omop_words import Vocabulary
from .units import OMOP, Unit

__all__ = ["Line", "OmopSource", "Unit", "is_omop", "shown"]

UNREAD = (
    "visit_occurrence",
    "visit_detail",
    "device_exposure",
    "note",
    "note_nlp",
    "specimen",
    "episode",
    "episode_event",
    "condition_era",
    "drug_era",
    "dose_era",
    "observation_period",
    "fact_relationship",
)
"""Clinical tables that are counted and not read (`posology.record.omop` says why)."""
_KNOWN = (*TABLES, "death", "cdm_source", *VOCABULARY, *UNREAD)
_WHOLE = {
    "death": ("person_id",),
    "concept": ("concept_id",),
    "2b_concept": ("concept_id",),
    "concept_ancestor": ("ancestor_concept_id", "descendant_concept_id"),
}
"""Columns of other tables that are compared with ids."""
_AGREE, _ENOUGH = 0.99, 20
"""Share, and number, of coded rows that must agree for their vocabulary to be taken for that of a column."""


class OmopSource:
    """An open OMOP database. Not for sending to another process: open it there from `location` and index."""

    def __init__(self, location: str | Path, where: Location, database: Database, index: Index) -> None:
        self.location, self.kind, self.shown = str(location), where.kind, where.shown
        self._database = database
        self._tables = database.tables()
        self._check()
        self._terms = Terms(index)
        self._vocabulary = Vocabulary(database, index, self._terms)

    @classmethod
    def open(cls, location: str | Path, index: Index) -> OmopSource:
        """Open a DuckDB file, a folder of Parquet files or a PostgreSQL database.

        `location` as in `posology.screen.omop_location.parse`; `index` is that of the knowledge.

        Raises `UsageError` for a location that is none or a library that is not installed, `InputError` for
        a database that cannot be opened or is no OMOP CDM with persons and at least one clinical table.
        """
        where = parse(location)
        database: Database = (
            PostgresDatabase(where) if where.kind == "omop-postgresql" else DuckDatabase(where, _KNOWN)
        )
        try:
            return cls(location, where, database, index)
        except BaseException:
            database.close()
            raise

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def __enter__(self) -> OmopSource:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> Any:
        raise TypeError("an open OmopSource cannot be sent to another process; open it there")

    def _check(self) -> None:
        if PERSON.name not in self._tables:
            raise InputError(f"{self.shown}: has no table 'person', so it is no OMOP CDM")
        if not any(table.name in self._tables for table in CLINICAL):
            names = ", ".join(table.name for table in CLINICAL)
            raise InputError(f"{self.shown}: has none of the tables {names}; nothing to read")
        for table in TABLES.values():
            held = self._tables.get(table.name)
            if held is None:
                continue
            for column in table.needed:
                if column not in held.columns:
                    raise InputError(f"{self.shown}: the table {table.name} has no column {column}")
            self._integer(table.name, held)
        for name, columns in _WHOLE.items():
            for column in columns:
                if name in self._tables and column in self._tables[name].columns:
                    self._integer(name, self._tables[name], column)
        if not self._database.ask(f"SELECT 1 FROM {self._tables['person'].sql} LIMIT 1"):
            raise InputError(f"{self.shown}: the table person is empty, so there is nobody to answer for")

    def _integer(self, table: str, held: Held, column: str = "person_id") -> None:
        kind = held.columns[column][1]
        if not is_integer(kind):
            raise InputError(
                f"{self.shown}: {column} of {table} is of type {kind}; the CDM has whole numbers there"
            )

    def describe(self) -> dict[str, Any]:
        """What the database holds and what is read of it, for the account of a run."""
        counts = {name: self._count(self._tables[name].sql) for name in _KNOWN if name in self._tables}
        version, told = self._version()
        return {
            "kind": self.kind,
            "location": self.shown,
            "cdm_version": version,
            "cdm_version_from": told,
            "tables": {name: counts[name] for name in (*TABLES, "death") if name in counts},
            "missing_tables": [table.name for table in CLINICAL if table.name not in counts],
            "unread_tables": {name: counts[name] for name in UNREAD if name in counts},
            "vocabulary": self._vocabulary.describe(counts),
        }

    def fingerprint(self) -> list[Any]:
        """What tells whether the data are those of an earlier run: cheap to ask for, and to be compared as a whole.

        Of each table that is read, the number of rows, the least and the greatest key and first day; of each
        file its name, size and time of change. It is not proof: a changed value within a row of a server's
        table leaves it as it is.
        """
        found: list[Any] = [["location", self.shown]]
        for name in (*TABLES, "death", *VOCABULARY):
            held = self._tables.get(name)
            if held is None:
                continue
            key, day = _marks(name)
            asked = [
                f"CAST({which}({held.columns[column][0]}) AS VARCHAR)" if column in held.columns else "NULL"
                for column in (key, day)
                for which in ("min", "max")
            ]
            row = self._database.ask(f"SELECT count(*), {', '.join(asked)} FROM {held.sql}")[0]
            found.append(["table", name, int(row[0]), *row[1:]])
        for file in self._database.files():
            try:
                told = file.stat()
            except OSError:
                raise InputError(f"{self.shown}: a file of it is gone") from None
            found.append(["file", file.name, told.st_size, told.st_mtime_ns])
        return found

    def _count(self, sql: str) -> int:
        return int(self._database.ask(f"SELECT count(*) FROM {sql}")[0][0])

    def _version(self) -> tuple[str, str]:
        held = self._tables.get("cdm_source")
        if held is not None and "cdm_version" in held.columns:
            rows = self._database.ask(f"SELECT max({held.columns['cdm_version'][0]}) FROM {held.sql}")
            if rows and rows[0][0]:
                return str(rows[0][0])[:40], "cdm_source"
        newer = ("procedure_occurrence", "procedure_end_date"), ("measurement", "unit_source_concept_id")
        for table, column in newer:
            if table in self._tables and column in self._tables[table].columns:
                return "5.4", "its columns"
        return "5.3", "its columns"

    def units(self, rows: int) -> list[Unit]:
        """The whole database as units of about `rows` rows; the same for the same database."""
        found: list[Unit] = []
        for table in TABLES.values():
            held = self._tables.get(table.name)
            if held is None or not self._database.ask(f"SELECT 1 FROM {held.sql} LIMIT 1"):
                continue
            bounds = self._bounds(held, max(1, rows))
            codes = self._codes_of(table, held)
            for part in range(max(1, len(bounds))):
                low = bounds[part] if part else None
                high = bounds[part + 1] if part + 1 < len(bounds) else None
                found.append(
                    Unit(
                        OMOP,
                        table=table.name,
                        part=part,
                        parts=max(1, len(bounds)),
                        low=low,
                        high=high,
                        codes=codes,
                    )
                )
        if self._deaths() is not None:
            found.append(Unit(OMOP, table="death"))
        return found

    def _bounds(self, held: Held, rows: int) -> list[int]:
        person = f"CAST({held.columns['person_id'][0]} AS BIGINT)"
        found = self._database.ask(
            f"WITH counted AS (SELECT {person} AS person, count(*) AS rows FROM {held.sql} "
            f"WHERE {held.columns['person_id'][0]} IS NOT NULL GROUP BY 1), "
            "summed AS (SELECT person, sum(rows) OVER (ORDER BY person) - rows AS before FROM counted) "
            f"SELECT min(person) FROM summed GROUP BY floor(before / CAST({rows} AS DOUBLE PRECISION)) ORDER BY 1"
        )
        return [int(row[0]) for row in found]

    def _codes_of(self, table: Table, held: Held) -> str:
        """The vocabulary in which the source values of a table are written, if its coded rows agree."""
        value, concept = (held.columns.get(name) for name in table.source)
        if value is None or concept is None or not is_integer(concept[1]) or not self._vocabulary.named:
            return ""
        words = self._tables["concept"]
        columns = {
            name: f"c.{words.columns[name][0]}" for name in ("concept_id", "concept_code", "vocabulary_id")
        }
        rows = self._database.ask(
            f"SELECT {columns['vocabulary_id']}, count(*), "
            f"sum(CASE WHEN trim(CAST(t.{value[0]} AS VARCHAR)) = {columns['concept_code']} THEN 1 ELSE 0 END) "
            f"FROM {held.sql} t JOIN {words.sql} c ON CAST(t.{concept[0]} AS BIGINT) = {columns['concept_id']} "
            f"WHERE CAST(t.{concept[0]} AS BIGINT) <> 0 GROUP BY 1 ORDER BY 2 DESC, 1"
        )
        total = sum(int(row[1]) for row in rows)
        if not rows or int(rows[0][2] or 0) < max(_ENOUGH, _AGREE * total):
            return ""
        return str(rows[0][0])

    def lines(self, unit: Unit) -> Iterator[Line]:
        """The rows of a unit as lines, mostly one each. A row that cannot become a resource has a problem instead."""
        if unit.table == "death":
            yield from self._strays()
            return
        table, held = TABLES[unit.table], self._tables[unit.table]
        sql = f"SELECT {', '.join(self._cells(table, held))} FROM {held.sql} t"
        if table is PERSON and self._deaths() is not None:
            sql += self._join_deaths()
        where, values = self._range(f"t.{held.columns['person_id'][0]}", unit)
        if where:
            sql += f" WHERE {where}"
        terms, codes = self._terms, unit.codes
        for batch in self._database.stream(sql, values):
            if table.concepts:
                self._vocabulary.learn({cell for row in batch for cell in [row[at] for at in table.concepts]})
            for row in batch:
                yield from lines_of(table, row, terms, codes)

    def _cells(self, table: Table, held: Held) -> list[str]:
        deaths = self._deaths() if table is PERSON else None
        cells = []
        for column in table.columns:
            if column == "person_id":
                cells.append(f"CAST(CAST(t.{held.columns[column][0]} AS BIGINT) AS VARCHAR)")
            elif column in ("death_date", "death_datetime", "deaths") and table is PERSON:
                cells.append(
                    f"CAST(d.{column} AS VARCHAR)" if deaths is not None else "CAST(NULL AS VARCHAR)"
                )
            elif column in held.columns:
                cells.append(f"CAST(t.{held.columns[column][0]} AS VARCHAR)")
            else:
                cells.append("CAST(NULL AS VARCHAR)")
        return cells

    def _range(self, person: str, unit: Unit) -> tuple[str, list[int]]:
        mark, low, high = self._database.mark, unit.low, unit.high
        if low is None and high is None:
            return "", []
        if low is None:
            return f"({person} < {mark} OR {person} IS NULL)", [high or 0]
        if high is None:
            return f"{person} >= {mark}", [low]
        return f"{person} >= {mark} AND {person} < {mark}", [low, high]

    def _deaths(self) -> Held | None:
        held = self._tables.get("death")
        return held if held is not None and "person_id" in held.columns else None

    def _join_deaths(self) -> str:
        held = self._tables["death"]
        person = held.columns["person_id"][0]
        earliest = [
            f"min({held.columns[name][0]}) AS {name}" if name in held.columns else f"NULL AS {name}"
            for name in ("death_date", "death_datetime")
        ]
        return (
            f" LEFT JOIN (SELECT {person} AS person, {', '.join(earliest)}, count(*) AS deaths "
            f"FROM {held.sql} GROUP BY 1) d ON d.person = t.{self._tables['person'].columns['person_id'][0]}"
        )

    def _strays(self) -> Iterator[Line]:
        """Rows of DEATH whose person is not in PERSON: they stand for nobody."""
        death, person = self._tables["death"], self._tables["person"]
        who, whose = death.columns["person_id"][0], person.columns["person_id"][0]
        rows = self._database.ask(
            f"SELECT CAST(CAST(d.{who} AS BIGINT) AS VARCHAR), count(*) FROM {death.sql} d "
            f"LEFT JOIN {person.sql} p ON p.{whose} = d.{who} WHERE p.{whose} IS NULL GROUP BY 1 ORDER BY 1"
        )
        for name, many in rows:
            for _ in range(many):
                place = f"death:person_id={name}" if name else "death:a row without an id"
                why = (
                    "person_id is not in the table person"
                    if name
                    else "person_id is empty, so nobody can say whose it is"
                )
                yield Line(name or "", place, None, why)


def _marks(name: str) -> tuple[str, str]:
    """Columns of a table that hold its key, and the day of a row (empty if there is none)."""
    if name in TABLES:
        columns = TABLES[name].columns
        return columns[0], next((column for column in columns if column.endswith("_date")), "")
    return _WHOLE[name][0], "death_date" if name == "death" else ""
