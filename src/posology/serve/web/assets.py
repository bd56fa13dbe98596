"""Style sheets and scripts: shipped in the package, served under the hash of their content, kept for a year.

The style sheet is that of the pages which `posology.show` writes, followed by what only an application needs.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

from posology.serve.problem import Refused

from .unchanging import Packed

YEAR = 31_536_000
_SHARED = ("page.css", "simulate.css", "screen.css")
_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: the name that its address ends in, its content and media type."""

    address: str
    packed: Packed
    media_type: str


@cache
def _assets() -> dict[str, Asset]:
    """Every asset by its plain name."""
    found = {}
    for place in files("posology.serve").joinpath("assets").iterdir():
        stem, _, kind = place.name.rpartition(".")
        if kind not in _TYPES:
            continue
        content = place.read_bytes()
        if place.name == "site.css":
            shared = files("posology.show").joinpath("templates")
            content = b"\n".join([*(shared.joinpath(name).read_bytes() for name in _SHARED), content])
        digest = hashlib.sha256(content).hexdigest()[:12]
        found[place.name] = Asset(f"{stem}.{digest}.{kind}", Packed.of(content), _TYPES[kind])
    return found


def address(name: str) -> str:
    """The last part of the address of an asset: ``site.css`` with the hash of its content."""
    return _assets()[name].address


def serve(request: Request, file: str) -> Response:
    """The asset of this address; raises `Refused` if there is none."""
    for asset in _assets().values():
        if asset.address == file:
            return asset.packed.response(request, asset.media_type, f"public, max-age={YEAR}, immutable")
    raise Refused(404, "There is no such file here.")
