"""Records to mutate: the project's own examples always, the shared ones where they are."""

from __future__ import annotations

import gzip
import json
import os
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
EXAMPLES = tuple(sorted((ROOT / "examples").glob("*.json")))


def data() -> Path | None:
    """The folder of shared test data (``POSOLOGY_DATA``, else ``../shared/data``), or None if it is absent."""
    place = Path(os.environ.get("POSOLOGY_DATA") or ROOT.parent / "shared" / "data")
    return place if (place / "bundles").is_dir() else None


def shared() -> tuple[Path, ...]:
    """The shared Bundles; empty where they are absent."""
    place = data()
    return tuple(sorted((place / "bundles").glob("*.json.gz"))) if place is not None else ()


class Parts(NamedTuple):
    """A Bundle taken apart: each resource parsed and as bytes, so that one can be changed cheaply."""

    name: str
    resources: list[Any]
    raw: list[bytes]


@cache
def parts(path: Path) -> Parts:
    """A Bundle's resources. Kept: the same file is mutated many times."""
    packed = path.read_bytes()
    whole = json.loads(gzip.decompress(packed) if path.suffix == ".gz" else packed)
    resources = [entry["resource"] for entry in whole["entry"] if "resource" in entry]
    return Parts(path.name, resources, [json.dumps(each).encode() for each in resources])


def joined(raw: list[bytes]) -> bytes:
    """A Bundle of resources that are JSON already."""
    return (
        b'{"resourceType":"Bundle","type":"collection","entry":['
        + b",".join(b'{"resource":' + each + b"}" for each in raw)
        + b"]}"
    )
