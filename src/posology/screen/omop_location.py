"""Where an OMOP database is, as the command line names it, and how a message may name it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from posology.errors import InputError, UsageError

_POSTGRES = ("postgresql:", "postgres:")
ADDRESSES = (*_POSTGRES, "duckdb:", "omop:")
"""Beginnings of locations that are no paths."""
_SECRET = re.compile(r"(?i)([?&;\s](?:password|sslpassword|passfile)=)[^&;\s]*")
_FILES = (".duckdb", ".ddb", ".db")
_OPTIONS = frozenset(["schema", "vocabulary"])


class Location(NamedTuple):
    """A location, taken apart. `address` is a path or a PostgreSQL address without `schema` and `vocabulary`."""

    kind: str
    """``omop-duckdb``, ``omop-parquet`` or ``omop-postgresql``."""
    address: str
    schema: str
    vocabulary: str
    """Schema, or folder, of the vocabulary tables; empty: where the other tables are."""
    shown: str
    """For messages: without any password."""


def shown(location: str | Path) -> str:
    """The location with every password in it replaced by ``***``."""
    text = str(location)
    head, mark, rest = text.partition("://")
    if mark:
        # A password may itself hold an @ or a slash that was not written as %40 or %2F: the last @ decides.
        user, at, tail = rest.rpartition("@")
        if at and ":" in user:
            user = user.partition(":")[0] + ":***"
        text = head + mark + user + at + tail
    return _SECRET.sub(r"\1***", text)


def is_omop(location: str | Path) -> bool:
    """Does the location name an OMOP database rather than FHIR files?"""
    text = str(location)
    if text.startswith(ADDRESSES) or text.lower().endswith(_FILES):
        return True
    folder = Path(text.partition("?")[0])
    return folder.is_dir() and parquet_of(folder, "person") != []


def parse(location: str | Path) -> Location:
    """Take a location apart.

    ``duckdb:///folder/file.duckdb``, a path to such a file, a folder of Parquet files, or
    ``postgresql://user:password@host:port/database``; each may end in ``?schema=…&vocabulary=…``.

    Raises `UsageError` for anything else, and `InputError` for a path at which there is nothing.
    """
    text, name = str(location), shown(location)
    if text.startswith(_POSTGRES):
        return _postgres(text, name)
    path, _, query = text.partition("?") if not Path(text).exists() else (text, "", "")
    options = _options(query, name)
    for scheme in ("duckdb:", "omop:"):
        if path.startswith(scheme):
            path = path.removeprefix(scheme)
            path = unquote(path.removeprefix("//"))
    where = Path(path)
    if where.is_dir():
        return Location("omop-parquet", path, "", options.get("vocabulary", ""), name)
    if not where.exists():
        raise InputError(f"{name}: there is no such file or folder")
    return Location("omop-duckdb", path, options.get("schema", ""), options.get("vocabulary", ""), name)


def _postgres(text: str, name: str) -> Location:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise UsageError(
            f"{name}: is no address of a PostgreSQL database; write postgresql://user:password@host:port/database"
        ) from None
    del port
    if parts.fragment:
        raise UsageError(f"{name}: holds a '#'; write it as %23")
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    options = {key: value for key, value in pairs if key in _OPTIONS}
    kept = "&".join(part for part in parts.query.split("&") if part.partition("=")[0] not in _OPTIONS)
    address = parts._replace(query=kept).geturl()
    return Location(
        "omop-postgresql", address, options.get("schema", ""), options.get("vocabulary", ""), name
    )


def _options(query: str, name: str) -> dict[str, str]:
    options = dict(parse_qsl(query, keep_blank_values=True))
    if unknown := sorted(set(options) - _OPTIONS):
        raise UsageError(f"{name}: the option '{unknown[0][:40]}' is not known; known: schema, vocabulary")
    return options


def parquet_of(folder: Path, table: str) -> list[str]:
    """The Parquet files of a table: ``TABLE.parquet``, or a folder ``TABLE`` or ``TABLE.parquet`` of such files.

    Names may be in upper case.
    """
    found: list[str] = []
    for entry in sorted(folder.iterdir()):
        name = entry.name.lower()
        if name in (table, f"{table}.parquet"):
            if entry.is_dir():
                found += [
                    str(file) for file in sorted(entry.rglob("*")) if file.name.lower().endswith(".parquet")
                ]
            elif name != table:
                found.append(str(entry))
    return found
