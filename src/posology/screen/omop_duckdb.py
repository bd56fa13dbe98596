"""A DuckDB file, or a folder of Parquet files read through DuckDB. Nothing is written, nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posology.errors import InputError, UsageError

from .omop_database import BATCH, Held, Text, quoted
from .omop_location import Location, parquet_of

if TYPE_CHECKING:
    import duckdb

_OFFLINE = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
_CLOSED = {**_OFFLINE, "enable_external_access": "false"}
"""For a file, whose own views could otherwise read any file of this machine."""


def _library() -> Any:
    try:
        import duckdb
    except ImportError:
        raise UsageError(
            "reading OMOP from DuckDB or Parquet needs the package duckdb: pip install 'posology[screen]'"
        ) from None
    return duckdb


class DuckDatabase:
    """An open DuckDB connection. `names` are the tables looked for in a folder of Parquet files."""

    mark = "?"

    def __init__(self, where: Location, names: Sequence[str]) -> None:
        self.where = where
        self._errors = _library().Error
        self._connection = self._open()
        try:
            self._connection.execute("SET TimeZone = 'UTC'")
            self._tables = self._views(names) if where.kind == "omop-parquet" else self._schema()
        except BaseException:
            self.close()
            raise

    def _open(self) -> duckdb.DuckDBPyConnection:
        library, parquet = _library(), self.where.kind == "omop-parquet"
        path = ":memory:" if parquet else self.where.address
        try:
            config = _OFFLINE if parquet else _CLOSED
            return library.connect(path, read_only=not parquet, config=config)  # type: ignore[no-any-return]
        except library.Error as wrong:
            why = "is in use by a program that writes to it" if "lock" in str(wrong).lower() else ""
            why = why or "cannot be opened as a DuckDB database (damaged, or of another format or version)"
            raise InputError(f"{self.where.shown}: {why}") from None

    def _views(self, names: Sequence[str]) -> dict[str, Held]:
        folders = [Path(self.where.address)]
        if self.where.vocabulary:
            folders.insert(0, Path(self.where.vocabulary))
            if not folders[0].is_dir():
                raise InputError(f"{self.where.shown}: the folder of the vocabulary is not there")
        found: dict[str, Held] = {}
        self._files: list[Path] = []
        for number, name in enumerate(names):
            files = next((files for folder in folders if (files := parquet_of(folder, name))), [])
            if not files:
                continue
            self._files += [Path(file) for file in files]
            view = f"t{number}"
            try:
                self._connection.read_parquet(files, union_by_name=True).create_view(view)
                found[name] = Held(quoted(view), self._columns(f"DESCRIBE {quoted(view)}"))
            except self._errors:
                raise InputError(
                    f"{self.where.shown}: '{name}' cannot be read as Parquet (damaged, or not Parquet)"
                ) from None
        return found

    def _columns(self, describe: str) -> dict[str, tuple[str, str]]:
        rows = self._connection.execute(describe).fetchall()
        return {row[0].lower(): (quoted(row[0]), row[1].lower()) for row in rows}

    def _schema(self) -> dict[str, Held]:
        rows = self.ask(
            "SELECT table_catalog, table_schema, table_name, column_name, lower(data_type) "
            "FROM information_schema.columns ORDER BY 1, 2, 3, ordinal_position"
        )
        return from_catalogue(rows, self.where, "main")

    def tables(self) -> dict[str, Held]:
        """The tables that are there."""
        return self._tables

    def files(self) -> list[Path]:
        """The files that are read."""
        return self._files if self.where.kind == "omop-parquet" else [Path(self.where.address)]

    def ask(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a small answer."""
        try:
            return self._connection.execute(sql, list(values)).fetchall()
        except self._errors:
            raise InputError(f"{self.where.shown}: reading failed; the file may be damaged") from None

    def stream(self, sql: str, values: Sequence[Any] = ()) -> Iterator[list[tuple[Text, ...]]]:
        """Batches of a large answer, on a cursor of its own."""
        cursor = self._connection.cursor()
        try:
            cursor.execute(sql, list(values))
            while rows := cursor.fetchmany(BATCH):
                yield rows
        except self._errors:
            raise InputError(f"{self.where.shown}: reading failed; the file may be damaged") from None
        finally:
            cursor.close()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def from_catalogue(rows: list[tuple[Any, ...]], where: Location, usual: str) -> dict[str, Held]:
    """The tables of one schema out of a catalogue's columns; those of the vocabulary from theirs.

    `rows`: catalogue (or an empty text), schema, table, column, type. Without a schema in the location it is
    the one that holds `person`: `usual` if that does, else the only one.

    Raises `InputError` if that is not clear.
    """
    held: dict[str, dict[str, Held]] = {}
    for catalogue, schema, table, column, kind in rows:
        sql = ".".join(quoted(part) for part in (catalogue, schema, table) if part)
        tables = held.setdefault(schema, {})
        tables.setdefault(table.lower(), Held(sql, {})).columns[column.lower()] = (quoted(column), kind)
    schema = where.schema
    if schema and schema not in held:
        schema = next((name for name in held if name.lower() == schema.lower()), "")
        if not schema:
            raise InputError(
                f"{where.shown}: there is no schema '{where.schema}', or no table in it that may be read"
            )
    if not schema:
        having = sorted(name for name, tables in held.items() if "person" in tables)
        if len(having) > 1 and usual not in having:
            raise InputError(
                f"{where.shown}: {len(having)} schemas hold a table 'person' ({', '.join(having[:5])}); "
                "say which with ?schema=NAME"
            )
        schema = usual if usual in having or not having else having[0]
    found = dict(held.get(schema, {}))
    if where.vocabulary:
        words = next(
            (tables for name, tables in held.items() if name.lower() == where.vocabulary.lower()), None
        )
        if words is None:
            raise InputError(f"{where.shown}: there is no schema '{where.vocabulary}' for the vocabulary")
        found.update({name: words[name] for name in VOCABULARY if name in words})
    return found


VOCABULARY = ("concept", "concept_ancestor", "2b_concept")
