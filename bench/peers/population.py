"""A folder of bulk NDJSON as one Bundle a patient, the same bytes for every peer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

Json = dict[str, Any]

_SUBJECTS = ("subject", "patient")


def bundles(directory: Path) -> list[bytes]:
    """One Bundle for each Patient of the folder, in the order of Patient.ndjson.

    Lines that are no JSON object are left out: how each peer fares with them is not measured here. A
    Medication stands in the Bundles of those patients whose orders refer to it.
    """
    people: dict[str, list[Json]] = {}
    medications: dict[str, Json] = {}
    rest: list[Json] = []
    for path in sorted(directory.glob("*.ndjson")):
        for resource in _resources(path):
            kind = resource.get("resourceType")
            if kind == "Patient":
                people[resource["id"]] = [resource]
            elif kind == "Medication":
                medications[resource["id"]] = resource
            else:
                rest.append(resource)
    for resource in rest:
        owner: Json = next((resource[name] for name in _SUBJECTS if name in resource), {})
        if (own := people.get(_id(owner))) is not None:
            own.append(resource)
    return [_bundle([*own, *_referenced(own, medications)]) for own in people.values()]


def _resources(path: Path) -> Iterator[Json]:
    for line in path.read_bytes().splitlines():
        try:
            resource = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        if isinstance(resource, dict):
            yield resource


def _id(reference: Json) -> str:
    return str(reference.get("reference", "")).rsplit("/", 1)[-1]


def _referenced(resources: list[Json], medications: dict[str, Json]) -> list[Json]:
    wanted = dict.fromkeys(_id(each.get("medicationReference", {})) for each in resources)
    return [medications[each] for each in wanted if each in medications]


def _bundle(resources: list[Json]) -> bytes:
    entries = [{"resource": resource} for resource in resources]
    return orjson.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})
