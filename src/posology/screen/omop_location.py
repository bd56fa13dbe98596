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
_SECRET = re.compile(r"(?i)((?:^|[?&;\s])(?:password|sslpassword|passfile|pwd)\s*=\s*)(?:'[^']*'|[^&;\s]*)")
_SCHEME = re.compile(r"[A-Za-z][\w+.-]*:")
_DRIVE = re.compile(r"[A-Za-z]:[\\/](?!/)")
_FORMS = "a path, duckdb:///folder/file.duckdb, or postgresql://user@host:port/database"
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
    """The location with every password in it replaced by ``***``.

    What is no address, but may have been meant as one (``name:me:secret@host``), is taken for one.
    """
    text = str(location)
    scheme = _SCHEME.search(text)
    if scheme is not None and not _DRIVE.match(text):
        # A password may itself hold an @ or a slash that was not written as %40 or %2F: the last @ decides.
        rest = text[scheme.end() :]
        user, at, tail = rest.rpartition("@")
        slashes = "/" * (len(user) - len(user.lstrip("/")))
        name, colon, _ = user.removeprefix(slashes).partition(":")
        if at and colon:
            text = f"{text[: scheme.end()]}{slashes}{name}:***@{tail}"
        elif at and len(slashes) < 2:
            text = f"{text[: scheme.end()]}{slashes}***@{tail}"
    return _SECRET.sub(r"\1***", text)


def is_address(location: str | Path) -> bool:
    """Does it begin like one of the addresses that are known, in whatever case?"""
    return str(location).lower().startswith(ADDRESSES)


def refuse_unknown_scheme(text: str) -> None:
    """Raise `UsageError` for what looks like an address, and is of no kind that is known.

    It looks like one if it begins with a name and a colon, and goes on with ``//`` or holds an ``@``. What
    exists is a path, whatever it looks like, and so is what begins with the letter of a drive.
    """
    scheme = _SCHEME.match(text)
    if scheme is None or _DRIVE.match(text):
        return
    slashed = text.startswith("//", scheme.end())
    if not slashed and ("@" not in text or _exists(text)):
        return
    if is_address(text) and (slashed or not text.lower().startswith(_POSTGRES)):
        return
    raise UsageError(f"{shown(text)}: is no kind of address that is known; write {_FORMS}")


def _exists(text: str) -> bool:
    try:
        return Path(text).exists()
    except (OSError, ValueError):
        return False


def is_omop(location: str | Path) -> bool:
    """Does the location name an OMOP database rather than FHIR files?"""
    text = str(location)
    path = text.partition("?")[0]
    if is_address(text) or path.lower().endswith(_FILES):
        return True
    folder = Path(path)
    return folder.is_dir() and parquet_of(folder, "person") != []


def parse(location: str | Path) -> Location:
    """Take a location apart.

    ``duckdb:///folder/file.duckdb``, a path to such a file, a folder of Parquet files, or
    ``postgresql://user:password@host:port/database``; each may end in ``?schema=…&vocabulary=…``.

    Raises `UsageError` for anything else, and `InputError` for a path at which there is nothing.
    """
    text, name = str(location), shown(location)
    refuse_unknown_scheme(text)
    if text.lower().startswith(_POSTGRES):
        return _postgres(text, name)
    path, _, query = text.partition("?") if not _exists(text) else (text, "", "")
    options = _options(query, name)
    for scheme in ("duckdb:", "omop:"):
        if path.lower().startswith(scheme):
            path = unquote(path[len(scheme) :].removeprefix("//"))
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
