"""A PostgreSQL server for tests: made in a folder of its own, with a password, and thrown away.

PostgreSQL refuses to run as root, so root starts it as the user `postgres` (or `nobody`).
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

USER, PASSWORD = "reader", "s3cr:t/@wörd"
_KINDS = {"int64": "bigint", "double": "double precision", "string": "text", "date32[day]": "date"}


class Server(NamedTuple):
    """A running server."""

    port: int

    def address(self, database: str = "postgres", password: str = "s3cr%3At%2F%40w%C3%B6rd") -> str:
        """Its address as a URL."""
        return f"postgresql://{USER}:{password}@127.0.0.1:{self.port}/{database}"


def program(name: str) -> str | None:
    """A program of PostgreSQL's server, which Debian keeps out of the path."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return shutil.which(name) or next(
        (str(place / name) for place in places if (place / name).exists()), None
    )


def _other_user() -> str | None:
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), None)


@contextmanager
def server() -> Iterator[Server]:
    """Start a server, and stop it."""
    home = Path(tempfile.mkdtemp(prefix="posology-postgres-"))
    user = _other_user()
    if user is not None:
        shutil.chown(home, user)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def run(name: str, *arguments: str) -> None:
        subprocess.run(
            [program(name) or name, *arguments],
            check=True,
            cwd=home,
            user=user,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(home)},
        )

    secret = home / "secret"
    secret.write_text(PASSWORD, encoding="utf-8")
    if user is not None:
        shutil.chown(secret, user)
    data = str(home / "data")
    options = f"-p {port} -k {home} -c listen_addresses=127.0.0.1 -c fsync=off"
    try:
        run("initdb", "-D", data, "-U", USER, "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "-N")
        run("pg_ctl", "-D", data, "-w", "-l", str(home / "log"), "-o", options, "start")
        try:
            yield Server(port)
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def fill(address: str, tables: dict[str, pa.Table], schema: str = "public", upper: bool = False) -> None:
    """Write tables into a database."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(address) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
        for name, rows in tables.items():
            called = sql.Identifier(schema, name.upper() if upper else name)
            columns = [
                sql.SQL("{} {}").format(
                    sql.Identifier(field.name.upper() if upper else field.name),
                    sql.SQL(_KINDS.get(str(field.type), "timestamp")),
                )
                for field in rows.schema
            ]
            connection.execute(sql.SQL("CREATE TABLE {} ({})").format(called, sql.SQL(", ").join(columns)))
            with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(called)) as copy:
                for row in rows.to_pylist():
                    copy.write_row(list(row.values()))
