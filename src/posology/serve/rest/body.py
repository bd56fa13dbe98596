"""From the bytes of a request to what was asked; what is wrong is refused with its JSON path."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request

from posology.errors import InputError, RecordError, UsageError

from ..problem import Refused

T = TypeVar("T", bound=msgspec.Struct)
JSON, FHIR = "application/json", "application/fhir+json"
_PLACE = re.compile(r" - at `(\$.*?)`(?: in .*)?$")
_FIELD = re.compile(r"field `(.*?)`")
_NAMED = re.compile(r"unknown (\w+) '")
_IN_RECORD = re.compile(r"\bBundle((?:\.\w+|\[\d+\])+)")
_KNOWN_FIELD = {
    "opioid": "last_opioid",
    "medicine": "last_opioid",
    "output": "outputs",
    "covariate": "covariates",
}


def content_type(request: Request, allowed: Sequence[str]) -> str:
    """The media type of the body; refuses with 415 what is not among `allowed`, and packed bodies."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in allowed:
        raise Refused(
            415,
            f"send the body as {' or '.join(allowed)}, and say so in Content-Type",
            headers={"Accept": ", ".join(allowed)},
        )
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refused(
            415, "send the body unpacked, without Content-Encoding", headers={"Accept-Encoding": "identity"}
        )
    return given


def decoded(data: bytes, kind: type[T]) -> T:
    """The body as `kind`. Refuses with 400 what is not JSON, of another shape, or says a thing twice."""
    try:
        asked = msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as wrong:
        raise _misshapen(str(wrong), kind) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise Refused(400, f"The body is not JSON in UTF-8: {wrong}.", "$") from None
    rest = data
    if (raw := getattr(asked, "record", None)) is not None:
        record = bytes(raw)
        if record[:1] != b"{":
            raise Refused(400, "Expected a FHIR resource: a JSON object with resourceType.", "$.record")
        rest = _without(data, record)  # a key that stands twice in there is the reader's matter
    try:
        json.loads(rest, object_pairs_hook=_once)
    except _Twice as twice:
        raise Refused(400, f"The field '{twice}' stands twice in one object; say it once.", "$") from None
    except (ValueError, RecursionError) as wrong:
        raise Refused(400, f"The body is not JSON in UTF-8: {type(wrong).__name__}.", "$") from None
    return asked


def _without(data: bytes, record: bytes) -> bytes:
    """The body with a number in place of the record. Looking for its first bytes is quicker than for all."""
    place = data.find(record[:40])
    while not data.startswith(record, place):
        place = data.find(record[:40], place + 1)
    return data[:place] + b"0" + data[place + len(record) :]


class _Twice(Exception):
    pass


def _once(pairs: list[tuple[str, Any]]) -> None:
    seen = set()
    for key, _ in pairs:
        if key in seen:
            raise _Twice(key[:60])
        seen.add(key)


def _misshapen(told: str, kind: type[msgspec.Struct]) -> Refused:
    """The decoder's message as a problem: with the path of the field, and for an unknown one the nearest."""
    place = _PLACE.search(told)
    pointer = place[1] if place else "$"
    detail = told[: place.start()] if place else told
    field = _FIELD.search(detail)
    if field and detail.startswith("Object contains unknown"):
        names = _fields_at(kind, pointer)
        near = difflib.get_close_matches(field[1][:100].lower(), names, n=1, cutoff=0.5)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        known = f" Known: {', '.join(names)}." if names else ""
        return Refused(400, f"unknown field '{field[1][:100]}'.{hint}{known}", pointer)
    if field and detail.startswith("Object missing"):
        return Refused(400, f"the field '{field[1]}' is missing", f"{pointer}.{field[1]}")
    return Refused(400, detail.replace("`", "'"), pointer)


def _fields_at(kind: type[msgspec.Struct], pointer: str) -> list[str]:
    """Fields of the structure at a path such as ``$.agonist[...]``."""
    info = msgspec.inspect.type_info(kind)
    for name in re.findall(r"\.(\w+)", pointer):
        struct = _struct(info)
        info = next((each.type for each in struct.fields if each.name == name), info) if struct else info
    struct = _struct(info)
    return [each.encode_name for each in struct.fields] if struct else []


def _struct(info: Any) -> msgspec.inspect.StructType | None:
    if isinstance(info, msgspec.inspect.StructType):
        return info
    if isinstance(info, msgspec.inspect.UnionType):
        return next((found for each in info.types if (found := _struct(each))), None)
    inner = getattr(info, "type", None) or getattr(info, "item_type", None)
    return _struct(inner) if inner is not None else None


@contextmanager
def at(pointer: str) -> Iterator[None]:
    """Whatever is wrong in here is wrong with the field at `pointer`."""
    try:
        yield
    except UsageError as wrong:
        raise Refused(400, str(wrong), pointer) from None


@contextmanager
def asked_with(fields: Sequence[str], record: str = "$.record") -> Iterator[None]:
    """Errors of an answer with their JSON path where it can be told: the field by its name, or the record's entry."""
    try:
        yield
    except UsageError as wrong:
        named = _NAMED.match(str(wrong))
        field = _KNOWN_FIELD.get(named[1], named[1]) if named else ""
        raise Refused(400, str(wrong), f"$.{field}" if field in fields else "$") from None
    except (InputError, RecordError) as wrong:
        status = 400 if isinstance(wrong, InputError) else 422
        entry = _IN_RECORD.search(str(wrong))
        raise Refused(status, str(wrong), f"{record}{entry[1] if entry else ''}") from None
