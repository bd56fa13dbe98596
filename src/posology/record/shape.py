"""From bytes to resources: one pass when all is well, entry by entry when something is wrong-shaped.

What cannot be decoded is not dropped: it becomes an `Odd`, with its place and as much of its identity as
can still be told, so that the reader can make what it could have said *unknown*.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple, Protocol

import msgspec

from posology.errors import InputError, RecordError

from .fhir_types import (
    Bundle,
    BundleEntry,
    Resource,
    decode_anything,
    decode_bundle,
    decode_raw_bundle,
    decode_raw_entry,
    decode_resource,
)

_DEEP = "JSON nested too deeply to be a FHIR resource"
_WHAT: dict[type, str] = {list: "an array", dict: "an object without resourceType"}
_EMPTY = "has no resource, no request and no response (FHIR's rule bdl-5)"
HIDDEN = "a key stands twice in one object, so part of it is hidden"
_MARK = b'"resourceType"'
_ESCAPED_LETTER = re.compile(rb"\\u00[4-7]")
# A number too large to hold spoils only its entry.
_decode_outline = msgspec.json.Decoder(float_hook=float).decode
DEEPEST = 4
"""Bundles inside each other that are opened; each level costs a pass over all that is in it."""
_VERSION = "The record looks like FHIR {}; FHIR R4 (4.0) is expected. Ask the sender for R4."


class Odd(NamedTuple):
    """An entry that could not be decoded: its place, why, and the loosely parsed JSON if it parses."""

    place: str
    reason: str
    loose: dict[str, Any] | None


class Shaped(NamedTuple):
    """All resources with their place and fullUrl, and what could not be decoded."""

    resources: list[tuple[str, str | None, Resource]]
    odd: list[Odd]


def shape(data: bytes, name: str) -> Shaped:
    """Decode a Bundle, a single resource or NDJSON.

    Raises `InputError` for what is not JSON (or too deep) and `RecordError` for JSON that is not FHIR R4.
    """
    try:
        bundle = decode_bundle(data)
    except msgspec.ValidationError:
        return _careful(data, name)
    except RecursionError:
        raise InputError(f"{name}: {_DEEP}") from None
    except msgspec.DecodeError as wrong:
        return _lines(data, name, wrong)
    if bundle.resourceType == "Bundle":
        inside = any(
            entry.resource is not None and entry.resource.resourceType == "Bundle" for entry in bundle.entry
        )
        if not inside:
            _refuse_hidden(data, bundle, name)
        return _careful(data, name) if inside else from_bundle(bundle)
    return _careful(data, name)


def _refuse_hidden(data: bytes, bundle: Bundle, name: str) -> None:
    """Raise `InputError` when resources stand in the bytes that a repeated key keeps from being decoded.

    Of two equal keys in one object JSON readers keep the last; a second `entry` would hide a whole list.
    Counting is quick; only a difference is looked into, since some elements hold resources rightly.
    """
    if marks(data) == 1 + held(bundle.entry):
        return
    if repeats_a_key(data):
        raise InputError(f"{name}: {HIDDEN}; ask the sender for clean JSON")


def held(entries: list[BundleEntry]) -> int:
    """How many resources stand in these entries, those that are contained in others included.

    Never more than `marks` tells of their bytes: what has no resourceType does not count, or it could make up
    for one that is hidden.
    """
    resources = [each.resource for each in entries if each.resource is not None]
    inner = sum([contains(each) for each in resources if each.contained])
    return inner + sum([1 for each in resources if each.resourceType])


def contains(resource: Resource) -> int:
    """How many resources are contained in this one, which have none in themselves."""
    return sum([_MARK in bytes(inner) for inner in resource.contained])


def keyed(whole: Any) -> int:
    """How many resources there are in parsed JSON, wherever they stand."""
    count, open_ = 0, [whole]
    while open_:
        part = open_.pop()
        if isinstance(part, dict):
            count += "resourceType" in part
            open_.extend(part.values())
        elif isinstance(part, list):
            open_.extend(part)
    return count


def marks(data: bytes) -> int:
    """How many resources these bytes say they hold; -1 if that cannot be told by counting.

    No encoder writes letters as escapes; who does may write ``resourceType`` so, and it would not be counted.
    """
    # The quickest to rule it out is asked first.
    if b"\\" in data and b"\\u00" in data and _ESCAPED_LETTER.search(data):
        return -1
    return data.count(_MARK)


def repeats_a_key(data: bytes) -> bool:
    """Does a key stand twice in one object? Only asked where something may be hidden: it is slow."""
    try:
        json.loads(data, object_pairs_hook=_unrepeated)
    except _Repeated:
        return True
    except (ValueError, RecursionError):
        pass  # Python's own reader is stricter in other ways; what it would say is not the matter here
    return False


class _Repeated(Exception):
    pass


def _unrepeated(pairs: list[tuple[str, Any]]) -> None:
    if len({key for key, _ in pairs}) < len(pairs):
        raise _Repeated


class _Bundled(Protocol):
    entry: list[BundleEntry]


def from_bundle(bundle: _Bundled, name: str = "Bundle") -> Shaped:
    """The resources of a decoded Bundle that has no further Bundle in it; `name` is what it is called in places."""
    resources, odd = [], []
    for number, entry in enumerate(bundle.entry):
        if entry.resource is not None:
            resources.append((f"{name}.entry[{number}]", entry.fullUrl, entry.resource))
        elif not entry.request and not entry.response:
            odd.append(Odd(f"{name}.entry[{number}]", _EMPTY, None))
    return Shaped(resources, odd)


def _careful(data: bytes, name: str, depth: int = 1) -> Shaped:
    """Entry by entry, after decoding the whole failed or showed that it is no Bundle.

    `depth` counts Bundles inside each other, from 1.
    """
    try:
        whole = _decode_outline(data)
    except RecursionError:
        raise InputError(f"{name}: {_DEEP}") from None
    except msgspec.DecodeError as wrong:
        return _lines(data, name, wrong)
    if not isinstance(whole, dict) or not isinstance(whole.get("resourceType"), str):
        what = _WHAT.get(type(whole), "a bare value")
        raise RecordError(
            f"{name}: is JSON but not FHIR ({what}); a Bundle, a resource or NDJSON is expected"
        )
    if marks(data) != keyed(whole) and repeats_a_key(data):
        raise InputError(f"{name}: {HIDDEN}; ask the sender for clean JSON")
    if whole["resourceType"] != "Bundle":
        return shape_one(data, "$", None, depth)
    if not isinstance(whole.get("entry", []), list):
        raise RecordError(f"{name}: Bundle.entry is not an array")
    parts: list[Shaped] = []
    try:
        entries = decode_raw_bundle(data).entry
    except msgspec.ValidationError:  # of two keys the last is right, as was just seen, and the first is not
        raise InputError(f"{name}: {HIDDEN}; ask the sender for clean JSON") from None
    for number, raw in enumerate(entries):
        place = f"Bundle.entry[{number}]"
        try:
            entry = decode_raw_entry(raw)
        except (msgspec.DecodeError, RecursionError) as wrong:
            parts.append(Shaped([], [Odd(place, _tidy(wrong), None)]))
            continue
        if entry.resource and bytes(entry.resource) != b"null":
            url = entry.fullUrl if isinstance(entry.fullUrl, str) else None
            parts.append(shape_one(bytes(entry.resource), place, url, depth))
        elif not entry.request and not entry.response:
            parts.append(Shaped([], [Odd(place, _EMPTY, None)]))
    return _joined(parts)


def _lines(data: bytes, name: str, wrong: Exception) -> Shaped:
    """NDJSON: one resource a line; a line that is not JSON is odd unless no line is."""
    lines = [(number, line) for number, line in enumerate(data.split(b"\n"), 1) if line.strip()]
    if len(lines) < 2:
        raise InputError(f"{name}: is not JSON ({_tidy(wrong)})")
    parts = []
    for number, line in lines:
        parts.append(shape_one(line, f"line {number}", None))
    joined = _joined(parts)
    if not joined.resources and all(odd.loose is None for odd in joined.odd):
        raise InputError(f"{name}: is not JSON ({_tidy(wrong)})")
    return joined


def shape_one(data: bytes, place: str, url: str | None, depth: int = 0) -> Shaped:
    """Decode one resource, or the resources of a Bundle that stands in its place.

    Raises `RecordError` for a resource that is plainly of another FHIR version.
    """
    try:
        resource = decode_resource(data)
        if resource.resourceType == "Bundle":
            if depth >= DEEPEST:
                return Shaped([], [Odd(place, f"Bundles inside each other more than {DEEPEST} deep", None)])
            inner = _careful(data, place, depth + 1)
            return Shaped(
                [(_inside(place, at), url_, each) for at, url_, each in inner.resources],
                [odd._replace(place=_inside(place, odd.place)) for odd in inner.odd],
            )
        return Shaped([(place, url, resource)], [])
    except RecursionError:
        return Shaped([], [Odd(place, _DEEP, None)])
    except msgspec.DecodeError as wrong:
        try:
            loose = decode_anything(data)
        except (msgspec.DecodeError, RecursionError):
            loose = None
        loose = loose if isinstance(loose, dict) else None
        if loose is not None:
            _other_version(loose)
        return Shaped([], [Odd(place, _tidy(wrong), loose)])


def _inside(place: str, inner: str) -> str:
    """The place of an entry of a Bundle that itself stands at `place`."""
    return f"{place}.resource.{inner.removeprefix('Bundle.')}"


def _tidy(wrong: BaseException) -> str:
    """The decoder's message without any value of the record: it names types and paths only."""
    text = str(wrong)
    return text.replace("`", "'") if len(text) < 200 else text[:197] + "..."


def _other_version(loose: dict[str, Any]) -> None:
    kind = loose.get("resourceType")
    if kind in ("Condition", "AllergyIntolerance") and isinstance(loose.get("clinicalStatus"), str):
        raise RecordError(_VERSION.format("DSTU2 or STU3 (clinicalStatus is a plain code)"))
    if kind == "AllergyIntolerance" and "substance" in loose:
        raise RecordError(_VERSION.format("DSTU2 (AllergyIntolerance.substance)"))


def refuse_other_versions(resources: list[tuple[str, str | None, Resource]]) -> None:
    """Raise `RecordError` if any resource is plainly of another FHIR version than R4."""
    for _, _, resource in resources:
        kind = resource.resourceType
        if kind == "MedicationOrder":
            raise RecordError(_VERSION.format("DSTU2 (MedicationOrder)"))
        if kind == "MedicationUsage" or (resource.medication and kind.startswith("Medication")):
            raise RecordError(_VERSION.format(f"R5 ({kind}.medication)"))


def _joined(parts: list[Shaped]) -> Shaped:
    return Shaped([r for part in parts for r in part.resources], [o for part in parts for o in part.odd])
