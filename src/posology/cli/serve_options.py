"""What the options of `posology serve` may say: each is checked before anything listens.

Every function gives the value that the server is set to, or raises `UsageError` with the option, what is wrong
with it, and what would be right.
"""

from __future__ import annotations

import math
import os
import re
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from posology.errors import UsageError

if TYPE_CHECKING:
    from posology.serve.settings import Issuer

_ROOT = re.compile(r"(/[A-Za-z0-9._~-]+)*")
_PORTS = {"http": 80, "https": 443}
MOST_A_SECOND = 1e6
"""A rate beyond this is a slip of the pen; 0 stands for no limit."""


def folder(path: Path | None) -> Path | None:
    """A folder of results of `posology screen`, if one was named."""
    if path is not None and not path.is_dir():
        raise UsageError(f"--results {path}: there is no such folder; give one that 'posology screen' wrote")
    return path


def feedback(path: Path | None) -> Path | None:
    """A file that can be appended to, if one was named. It is not made before there is feedback."""
    if path is None:
        return None
    if path.is_dir() or not path.parent.is_dir():
        raise UsageError(f"--feedback {path}: give a file, in a folder that is there")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise UsageError(f"--feedback {path}: it may not be written; give a file that may")
    return path


def root(path: str) -> str:
    """The path under which a proxy shows the server, without a slash at its end."""
    path = path.rstrip("/")
    if path and not path.startswith("/"):
        raise UsageError(f"--root-path {path}: a path begins with a slash: /{path}")
    if not _ROOT.fullmatch(path) or any(part in (".", "..") for part in path.split("/")):
        raise UsageError(
            f"--root-path {path!r}: give names of letters, digits, '.', '_', '~' and '-', such as /posology"
        )
    return path


def public(url: str) -> str:
    """The address at which clients reach the server, without a slash at its end."""
    if url:
        _address("--public-url", url, "https://posology.example.org")
    return url.rstrip("/")


def fhir_server(url: str) -> str:
    """The base address of a FHIR server."""
    _address("--fhir-server", url, "https://fhir.example.org/r4")
    return url.rstrip("/")


def smart_launch(url: str) -> str:
    """The launch address of a SMART app; it may have a query."""
    if url:
        _address("--smart-launch", url, "https://app.example.org/launch", query=True)
    return url


def origin(text: str) -> str:
    """An origin as browsers send it: in small letters, and without the port that its scheme has anyway."""
    right = "https://ehr.example.org"
    if text == "*":
        raise UsageError(
            f"--origin *: every page of the web would be let in; name each origin, such as {right}"
        )
    parts = _address("--origin", text, right, says="an origin")
    if parts.path not in ("", "/"):
        raise UsageError(f"--origin {text!r}: an origin has no path; write it as {right}")
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = "" if parts.port in (None, _PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def issuer(text: str) -> Issuer:
    """An EHR that is believed, written ISS=JWKS_URL."""
    from posology.serve.settings import Issuer

    iss, equals, keys = (part.strip() for part in text.partition("="))
    if not (equals and iss and keys):
        raise UsageError(f"--issuer {text}: write ISS=JWKS_URL, the issuer and the address of its keys")
    if "://" in keys:
        _address("--issuer", keys, "https://ehr.example.org/jwks.json", says="a key set", query=True)
    elif not Path(keys).is_file():
        raise UsageError(
            f"--issuer {text}: there is no file {keys}; give one, or an https address of the keys"
        )
    return Issuer(iss, keys)


def proxy(text: str) -> str:
    """The address, or network, of a proxy. Names are not looked up: what a name means may change."""
    try:
        ip_network(text)
    except ValueError as wrong:
        said = "it has bits of a host; " if "host bits" in str(wrong) else ""
        raise UsageError(
            f"--proxy {text!r}: {said}give an address such as 127.0.0.1, or a network such as 10.0.0.0/8"
        ) from None
    return text


def rate(number: float) -> float:
    """Requests a second of one address; 0 is no limit."""
    if not math.isfinite(number) or number > MOST_A_SECOND:
        raise UsageError(f"--rate {number:g}: give a number up to {MOST_A_SECOND:,.0f}; 0 is no limit")
    return number


def _address(
    option: str, url: str, right: str, *, says: str = "an address", query: bool = False
) -> SplitResult:
    """The parts of a whole http or https address that holds no password, and no fragment."""
    try:
        # What urlsplit would pass over in silence, and what nobody means.
        if not (url.isascii() and url.isprintable()) or any(letter in url for letter in ' \\"<>'):
            raise ValueError
        parts = urlsplit(url)
        port = parts.port
        if parts.scheme not in _PORTS or not parts.hostname or port == 0:
            raise ValueError
    except ValueError:
        raise UsageError(f"{option} {url!r} is not {says}; give it whole, such as {right}") from None
    if "@" in parts.netloc:
        raise UsageError(f"{option}: an address with a user or a password is not taken; give it as {right}")
    if "#" in url or ("?" in url and not query):
        raise UsageError(
            f"{option} {url!r}: leave out what follows '{'#' if '#' in url else '?'}', as in {right}"
        )
    return parts
