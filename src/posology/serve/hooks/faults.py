"""What is wrong with a body, told with its JSON path."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

import msgspec

from ..problem import Refused

T = TypeVar("T")
_PATH = re.compile(r" - at `(.+)`$")
_MISSING = re.compile(r"missing required field `(\w+)`")
_BYTE = re.compile(r"\(byte (\d+)\)")


def wrong(pointer: str, says: str) -> Refused:
    """A 400 that names the place and what would be right there."""
    return Refused(400, f"{pointer} {says}", pointer)


def decoded(decode: Callable[[bytes], T], body: bytes) -> T:
    """The body as `decode` reads it. Raises `Refused` (400) with the path of what has the wrong shape."""
    try:
        return decode(body)
    except msgspec.ValidationError as error:
        said = str(error)
        at = _PATH.search(said)
        pointer = at[1] if at else "$"
        if missing := _MISSING.search(said):
            pointer = f"{pointer}.{missing[1]}"
        raise Refused(400, f"{pointer}: {_PATH.sub('', said).replace('`', chr(39))}", pointer) from None
    except RecursionError:
        raise Refused(400, "The body is nested too deeply.", "$") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(400, f"The body is not one JSON object: {_where(error, body)}.", "$") from None


def _where(error: Exception, body: bytes) -> str:
    """What the decoder found, with line and column, so that a surplus brace can be found."""
    said = str(error).removeprefix("JSON is malformed: ")
    if at := _BYTE.search(said):
        before = body[: int(at[1])]
        line, column = before.count(b"\n") + 1, len(before) - (before.rfind(b"\n") + 1) + 1
        said = f"{_BYTE.sub('', said).strip()} at line {line}, column {column} (byte {at[1]} of {len(body)})"
    return said
