"""A PostgreSQL database, read only, its large answers over the wire protocol's COPY."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posology.errors import InputError, UsageError

from .omop_database import BATCH, Held, Text
from .omop_duckdb import from_catalogue
from .omop_location import Location

if TYPE_CHECKING:
    import psycopg

_WAIT = 15
"""Seconds to wait for a server, unless the address says otherwise."""
_SETTINGS = (
    "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
    "SET TIME ZONE 'UTC'",
    "SET datestyle TO 'ISO, YMD'",
    "SET client_encoding TO 'UTF8'",
)
_REFUSED = {
    "28P01": "the server refused the user or the password",
    "28000": "the server refused the user or the password",
    "3D000": "there is no such database on the server",
    "42501": "the user may not read a table that is needed",
    "53300": "the server has no free connection left",
    "57P03": "the server is starting up or shutting down; try again",
}


def _library() -> Any:
    try:
        import psycopg
    except ImportError:
        raise UsageError(
            "reading OMOP from PostgreSQL needs the package psycopg: pip install 'posology[postgres]'"
        ) from None
    return psycopg


class PostgresDatabase:
    """An open PostgreSQL connection. Every message is our own: the driver's may quote the address."""

    mark = "%s"

    def __init__(self, where: Location) -> None:
        self.where = where
        self._errors = _library().Error
        self._connection = self._open()
        try:
            rows = self.ask(
                "SELECT '', n.nspname::text, c.relname::text, a.attname::text, "
                "lower(format_type(a.atttypid, a.atttypmod)) "
                "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
                "JOIN pg_namespace n ON n.oid = c.relnamespace "
                "WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND a.attnum > 0 AND NOT a.attisdropped "
                "AND n.nspname NOT IN ('pg_catalog', 'information_schema') "
                "ORDER BY 2, 3, a.attnum"
            )
            self._tables = {
                name: _doubled(held) for name, held in from_catalogue(rows, where, "public").items()
            }
        except BaseException:
            self.close()
            raise

    def _open(self) -> psycopg.Connection[tuple[Any, ...]]:
        library = _library()
        try:
            options = library.conninfo.conninfo_to_dict(self.where.address)
        except library.Error:
            raise UsageError(
                f"{self.where.shown}: is no address of a PostgreSQL database; "
                "write postgresql://user:password@host:port/database"
            ) from None
        options = {"connect_timeout": _WAIT, "application_name": "posology", **options}
        try:
            made: psycopg.Connection[tuple[Any, ...]] = library.connect(**options, autocommit=True)
            for setting in _SETTINGS:
                made.execute(setting)
        except library.Error as wrong:
            raise InputError(f"{self.where.shown}: {_why(wrong)}") from None
        return made

    def tables(self) -> dict[str, Held]:
        """The tables that are there."""
        return self._tables

    def files(self) -> list[Path]:
        """None: a server's files are its own."""
        return []

    def ask(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a small answer."""
        try:
            cursor = self._connection.execute(*_statement(sql, values))
            return cursor.fetchall() if cursor.description else []
        except self._errors as wrong:
            raise InputError(f"{self.where.shown}: {_why(wrong, 'reading failed')}") from None

    def stream(self, sql: str, values: Sequence[Any] = ()) -> Iterator[list[tuple[Text, ...]]]:
        """Batches of a large answer, on a connection of its own: questions may be asked in between."""
        batch: list[tuple[Text, ...]] = []
        connection = self._open()
        try:
            with (
                connection.cursor() as cursor,
                cursor.copy(*_statement(f"COPY ({sql}) TO STDOUT", values)) as copy,
            ):
                for row in copy.rows():
                    batch.append(row)
                    if len(batch) == BATCH:
                        yield batch
                        batch = []
            if batch:
                yield batch
        except self._errors as wrong:
            raise InputError(f"{self.where.shown}: {_why(wrong, 'reading failed')}") from None
        finally:
            connection.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()


def _doubled(held: Held) -> Held:
    """With every ``%`` of a name written twice, as the driver wants it beside places of parameters."""
    columns = {name: (sql.replace("%", "%%"), kind) for name, (sql, kind) in held.columns.items()}
    return Held(held.sql.replace("%", "%%"), columns)


def _statement(sql: str, values: Sequence[Any]) -> tuple[Any, list[Any] | None]:
    """Without parameters the driver reads no ``%``, so that it stands there once again."""
    return (sql, list(values)) if values else (sql.replace("%%", "%"), None)


def _why(wrong: Any, else_: str = "the server cannot be reached") -> str:
    """What an error of the driver means; never its own words."""
    state = getattr(wrong, "sqlstate", None)
    if state in _REFUSED:
        return _REFUSED[state]
    text = str(wrong)
    for sign, meaning in _SIGNS.items():
        if sign in text:
            return meaning
    return f"{else_} (SQLSTATE {state})" if state else else_


_SIGNS = {
    "password authentication failed": _REFUSED["28P01"],
    "no password supplied": "the server wants a password, and none was given",
    "no pg_hba.conf entry": "the server does not let this user in from here",
    "does not exist": "there is no such database or user on the server",
    "timeout": "the server did not answer in time",
    "Connection refused": "the server cannot be reached: nothing listens at that address and port",
    "could not translate host name": "the server cannot be reached: its name is not known",
    "failed to resolve host": "the server cannot be reached: its name is not known",
}
"""Of a connection that was never made there is no SQLSTATE, only text."""
