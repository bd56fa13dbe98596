"""The public keys of the EHRs that are believed: from the operator's list, never from what a token says."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import httpx
import jwt
import msgspec

from ..settings import Issuer

GOOD_FOR = 600.0
"""Seconds for which a key set is used before it is fetched again."""
AGAIN = 30.0
"""Seconds between two fetches that an unknown key asks for."""
LARGEST = 256_000
SECONDS = 5.0
MOST = 100
"""Keys of one set."""
ALGORITHMS = {
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "RS384": ("RSA", ""),
    "RS512": ("RSA", ""),
    "PS384": ("RSA", ""),
    "PS512": ("RSA", ""),
}
"""Signatures that are believed, with the key each needs: the two that are recommended, and stronger ones."""
SMALLEST_RSA = 2048


class NoKeys(Exception):
    """The key set of an issuer cannot be had."""


class Keys:
    """The key set of one issuer, fetched when it is needed and kept for a while."""

    def __init__(self, issuer: Issuer) -> None:
        self._where = issuer.jwks_url
        self._known: dict[str, dict[str, Any]] = {}
        self._read = float("-inf")
        self._lock = anyio.Lock()

    async def key(self, kid: str, algorithm: str) -> Any:
        """The public key of this id, if it can make this kind of signature; None if there is none.

        Raises `NoKeys` if no set can be had.
        """
        age = time.monotonic() - self._read
        if age > GOOD_FOR or (kid not in self._known and age > AGAIN):
            async with self._lock:
                if time.monotonic() - self._read >= age:
                    await self._fetch()
        found = self._known.get(kid)
        return _public(found, algorithm) if found is not None else None

    async def _fetch(self) -> None:
        try:
            self._known = _by_id(await _bytes(self._where))
        except (OSError, httpx.HTTPError, ValueError, msgspec.DecodeError, RecursionError):
            # Keys that were good a moment ago stay so: an EHR's key server may restart.
            if self._read == float("-inf"):
                raise NoKeys from None
            if time.monotonic() - self._read > 6 * GOOD_FOR:
                self._known = {}
                raise NoKeys from None
            return
        self._read = time.monotonic()


def is_address(where: str) -> bool:
    """Is it an address, and not a file?"""
    return where.startswith(("https://", "http://"))


def is_safe(where: str) -> bool:
    """May keys be read from there? A file, https, or http on this machine itself."""
    if not is_address(where) or where.startswith("https://"):
        return True
    return urlsplit(where).hostname in ("127.0.0.1", "localhost", "::1")


async def _bytes(where: str) -> bytes:
    if not is_address(where):
        return await anyio.Path(Path(where)).read_bytes()
    data = b""
    async with (
        httpx.AsyncClient(timeout=SECONDS, follow_redirects=False, trust_env=False) as client,
        client.stream(
            "GET", where, headers={"Accept": "application/json", "Accept-Encoding": "identity"}
        ) as response,
    ):
        if response.status_code != httpx.codes.OK:
            raise ValueError("no key set")
        async for part in response.aiter_raw():
            data += part
            if len(data) > LARGEST:
                raise ValueError("too large for a key set")
    return data


def _by_id(data: bytes) -> dict[str, dict[str, Any]]:
    """Keys that have an id of their own; two of one id are both left out, since nobody knows which is meant."""
    whole = msgspec.json.decode(data)
    listed = whole.get("keys") if isinstance(whole, dict) else None
    if not isinstance(listed, list) or len(listed) > MOST:
        raise ValueError("no key set")
    found: dict[str, dict[str, Any]] = {}
    twice = set()
    for key in listed:
        kid = key.get("kid") if isinstance(key, dict) else None
        if isinstance(kid, str) and kid:
            twice |= {kid} & set(found)
            found[kid] = key
    return {kid: key for kid, key in found.items() if kid not in twice}


def _public(key: dict[str, Any], algorithm: str) -> Any:
    """The key for this algorithm, or None if it is for another one, for another purpose, or secret."""
    kind, curve = ALGORITHMS[algorithm]
    if key.get("kty") != kind or key.get("use", "sig") != "sig" or key.get("alg", algorithm) != algorithm:
        return None
    if curve and key.get("crv") != curve:
        return None
    shown = {name: value for name, value in key.items() if name in ("kty", "crv", "x", "y", "n", "e", "kid")}
    try:
        public = jwt.PyJWK(shown, algorithm=algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    return None if kind == "RSA" and public.key_size < SMALLEST_RSA else public
