"""Keep validated knowledge as MessagePack, so that a run need not read YAML.

A snapshot is found by a hash of the schema's source and of the files it was made from, so a stale one
is never found. It is decoded straight into the dataclasses of `model`: a file that was tampered with
can at worst fail to decode, and a file that others could have written is not read at all.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

import msgspec

from ..errors import KnowledgeError

T = TypeVar("T")
KEPT = 64
"""How many snapshots stay in the cache directory; the oldest go."""


def cache_directory() -> Path:
    """POSOLOGY_CACHE, else XDG_CACHE_HOME/posology, else ~/.cache/posology."""
    if given := os.environ.get("POSOLOGY_CACHE"):
        return Path(given)
    if given := os.environ.get("XDG_CACHE_HOME"):
        return Path(given) / "posology"
    return Path(os.path.expanduser("~")) / ".cache" / "posology"


@cache
def schema_version() -> str:
    """A hash of the code that decides what a snapshot looks like."""
    here = Path(__file__).parent
    return content_hash(here / name for name in ("model.py", "criterion.py", "planning.py", "kinetics.py"))


def content_hash(paths: Iterable[Path]) -> str:
    """32 hex digits that change when a name or a byte of these files does.

    Raises `KnowledgeError` for what is no file that can be read: a folder, a device, a link to nowhere.
    """
    digest = blake2b(digest_size=16)
    for path in paths:
        if not path.is_file():
            raise KnowledgeError(f"{path}:1: is not a file; remove it, or put the file there")
        try:
            content = path.read_bytes()
        except OSError as wrong:
            raise KnowledgeError(f"{path}:1: cannot be read ({wrong.strerror}); check the path") from None
        digest.update(f"{path.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def through_snapshot(kind: str, shape: type[T], version: str, build: Callable[[], T]) -> T:
    """The snapshot of this kind and content hash, or what `build` gives, which is then kept.

    A cache directory that cannot be used only costs time.
    """
    key = blake2b(f"{schema_version()}{version}".encode(), digest_size=16).hexdigest()
    path = cache_directory() / f"{kind}-{key}.msgpack"
    kept = _read(path)
    if kept is not None:
        try:
            return msgspec.msgpack.decode(kept, type=shape)
        except (msgspec.MsgspecError, RecursionError):
            pass
    value = build()
    _write(path, msgspec.msgpack.encode(value))
    return value


def _read(path: Path) -> bytes | None:
    try:
        # Not blocking: what stands there may be a pipe that nobody writes to.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with open(descriptor, "rb") as file:
            found = os.fstat(file.fileno())
            mine = not hasattr(os, "geteuid") or found.st_uid in (0, os.geteuid())
            others_write = os.name == "posix" and found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
            usable = stat.S_ISREG(found.st_mode) and mine and not others_write
            return file.read() if usable else None
    except OSError:
        return None


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
        _prune(path.parent)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        # No room, no right, or another process did the same: knowledge is then read from YAML again.
        return


def _prune(directory: Path) -> None:
    snapshots = sorted(directory.glob("*.msgpack"), key=lambda path: path.stat().st_mtime)
    for path in snapshots[:-KEPT]:
        path.unlink(missing_ok=True)
