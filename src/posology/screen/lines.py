"""From the bytes of a unit to lines: byte ranges, packed files, and lines that are too long to hold."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from posology.record.source import LIMIT

BLOCK = 1_000_000
"""Bytes read at a time."""
_BOM = b"\xef\xbb\xbf"


class Damaged(Exception):
    """A packed file whose data end too early or are wrong; what was read before it stands."""


class Lines(NamedTuple):
    """Some whole lines that follow one another, and the byte offset of the first.

    `legible` is False when they are not all UTF-8. `problem` is set, and `lines` holds one empty line, for a
    line that is too long to be read.
    """

    lines: list[bytes]
    offset: int
    legible: bool = True
    problem: str = ""


def legible(text: bytes) -> bool:
    """Is it UTF-8?"""
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _lines(whole: bytes, offset: int) -> Lines:
    return Lines(whole.split(b"\n"), offset, legible(whole))


def of_range(path: Path, start: int, end: int) -> Iterator[Lines]:
    """All lines that begin in a byte range of a plain file."""
    with path.open("rb") as file:
        at = _first_line(file, start)
        if at < end:
            yield from _blocks(file, at, end)


def of_packed(path: Path) -> Iterator[Lines]:
    """All lines of a gzip file. Raises `Damaged` after all that can be read of one that is damaged."""
    with gzip.open(path) as file:
        yield from _blocks(cast("BinaryIO", file), 0, None)


def _first_line(file: BinaryIO, start: int) -> int:
    """The first byte at or after `start` that begins a line."""
    if start == 0:
        return 0
    file.seek(start - 1)
    at = start - 1
    while block := file.read(BLOCK // 16):
        found = block.find(b"\n")
        if found >= 0:
            return at + found + 1
        at += len(block)
    return at


def _read(file: BinaryIO) -> tuple[bytes, bool]:
    """The next bytes, as many as can be read, and whether what follows them is damaged."""
    pieces: list[bytes] = []
    left = BLOCK
    try:
        while left > 0 and (piece := file.read1(left)):  # type: ignore[attr-defined]
            pieces.append(piece)
            left -= len(piece)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return b"".join(pieces), True
    return b"".join(pieces), False


def _last(rest: bytes, too_long: int, at: int) -> Iterator[Lines]:
    """The line at which reading stopped: one that is too long, or one without an end, or none."""
    if too_long:
        yield Lines([b""], at, problem=f"is longer than {LIMIT // 1_000_000} MB")
    elif rest:
        yield _lines(rest, at)


def _blocks(file: BinaryIO, at: int, end: int | None) -> Iterator[Lines]:
    """Lines from offset `at` on, as long as they begin before `end`."""
    if at or end is not None:
        file.seek(at)
    rest, too_long, damaged = b"", 0, False
    while True:
        block, damaged = (b"", True) if damaged else _read(file)
        if damaged and not block:
            yield from _last(rest, too_long, at)
            raise Damaged("the packed data end too early or are damaged")
        if not at and not rest and block.startswith(_BOM):
            at, block = len(_BOM), block.removeprefix(_BOM)
        if too_long:
            # Only the end of the line is looked for; nothing of it is held.
            found = block.find(b"\n")
            too_long += len(block) if found < 0 else found
            if found < 0 and block:
                continue
            yield from _last(rest, too_long, at)
            at, rest, too_long = at + too_long + 1, block[found + 1 :] if found >= 0 else b"", 0
        else:
            rest += block
        if end is not None and at >= end:
            return
        last = rest.rfind(b"\n")
        if not block:
            yield from _last(rest, 0, at)
            return
        if last < 0:
            if len(rest) > LIMIT:
                rest, too_long = b"", len(rest)
            continue
        whole, rest = rest[:last], rest[last + 1 :]
        if end is not None and at + last >= end:
            # The line in which `end` lies is the last one that begins here.
            cut = whole.find(b"\n", max(0, end - 1 - at))
            if cut >= 0:
                yield _lines(whole[:cut], at)
                return
        yield _lines(whole, at)
        at += last + 1
