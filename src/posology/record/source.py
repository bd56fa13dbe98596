"""Where a record's bytes come from: a path, standard input, bytes, or a parsed object; plain or gzip."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from pathlib import Path
from typing import Any

import msgspec

from posology.errors import InputError

LIMIT = 100_000_000
"""Bytes of one person's record, unpacked. More is an export of many, which `screen` is for."""
_GZIP = b"\x1f\x8b"


def load(record: bytes | str | Path | dict[str, Any]) -> tuple[bytes, str]:
    """The record's bytes, unpacked, and a name for it in messages.

    Raises `InputError` if it cannot be read, is truncated, or is larger than `LIMIT`.
    """
    if isinstance(record, bytes):
        return _unpack(record, "the record"), "the record"
    if isinstance(record, dict):
        return _encoded(record), "the record"
    if not isinstance(record, str | Path):
        raise InputError(
            f"a record is a path, bytes of FHIR JSON or a parsed object, not {type(record).__name__}"
        )
    name = str(record)
    if name.lstrip()[:1] in ("{", "["):
        # Neither opened nor quoted: it would be somebody's record in an error message.
        raise InputError("the record is JSON in a str, which is read as a path; give it as bytes (.encode())")
    try:
        if name == "-":
            data = sys.stdin.buffer.read(LIMIT + 1)
            name = "standard input"
        else:
            with Path(name).open("rb") as file:
                data = file.read(LIMIT + 1)
    except OSError as wrong:
        raise InputError(f"{name}: cannot be read ({wrong.strerror or 'input/output error'})") from None
    except ValueError:
        raise InputError("the path of the record holds a character that no path can hold") from None
    return _unpack(data, name), name


def _encoded(record: dict[str, Any]) -> bytes:
    try:
        return msgspec.json.encode(record)
    except (TypeError, ValueError, RecursionError) as wrong:
        # Of the error only its kind: some carry the text that they could not write.
        raise InputError(f"the record is no JSON object: {type(wrong).__name__} when writing it") from None


def _unpack(data: bytes, name: str) -> bytes:
    if data[:2] == _GZIP:
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
                data = packed.read(LIMIT + 1)
        except (EOFError, OSError, zlib.error):
            raise InputError(f"{name}: the gzip data is damaged or ends too early; fetch it again") from None
    if len(data) > LIMIT:
        raise InputError(
            f"{name}: larger than {LIMIT // 1_000_000} MB. One person's record is expected; "
            "for an export of many people use 'posology screen'"
        )
    if not data or data.isspace():
        raise InputError(f"{name}: is empty; a FHIR R4 Bundle, resource or NDJSON is expected")
    if not data.isascii():
        try:
            data.decode()
        except UnicodeDecodeError:
            raise InputError(f"{name}: is not JSON in UTF-8; save or send it in that encoding") from None
    return data.removeprefix(b"\xef\xbb\xbf")
