"""Bundles among the input: opened, flattened, and whose each entry is."""

from __future__ import annotations

from typing import NamedTuple

from posology.record.fhir_types import decode_raw_bundle, decode_raw_entry
from posology.record.shape import DEEPEST, HIDDEN, repeats_a_key
from posology.record.whose import target

from .quarantine import NOT_DECODED, At
from .sieve import Head, decode_head

_NOTHING = b"{}"
"""Stands for an entry that cannot be opened: whoever it is given to, anything may have been in it."""


class Held(NamedTuple):
    """One entry; `head` is None if not even that can be decoded."""

    head: Head | None
    line: bytes
    at: At
    url: str | None


class Opened(NamedTuple):
    """All entries of a Bundle and of the Bundles in it, of which there are `inner`.

    `problem` says why it cannot be opened; then there are none.
    """

    entries: list[Held]
    inner: int = 0
    problem: str = ""


def open_bundle(data: bytes, at: At, depth: int = 1) -> Opened:
    """Open a Bundle. Raises nothing: what is wrong with it is said in the result."""
    try:
        raw_entries = decode_raw_bundle(data).entry
    except NOT_DECODED as wrong:
        return Opened([], 0, f"is a Bundle that cannot be opened ({type(wrong).__name__})")
    found: list[Held] = []
    inner = told = 0
    for number, raw in enumerate(raw_entries):
        place = at.inside(f"entry[{number}]")
        told += bytes(raw).count(b'"resourceType"')
        try:
            entry = decode_raw_entry(raw)
        except NOT_DECODED:
            found.append(Held(None, bytes(raw), place, None))
            continue
        if not entry.resource or bytes(entry.resource) == b"null":
            if not entry.request and not entry.response:
                found.append(Held(None, bytes(raw), place, None))
            continue
        resource, url = bytes(entry.resource), entry.fullUrl if isinstance(entry.fullUrl, str) else None
        head = _head(resource)
        if head is None or head.resourceType != "Bundle":
            found.append(Held(head, resource, place, url))
            continue
        inner += 1
        opened = open_bundle(resource, place, depth + 1) if depth < DEEPEST else Opened([], 0, "too deep")
        if opened.problem:
            found.append(Held(None, _NOTHING, place, None))
        found += opened.entries
        inner += opened.inner
    if data.count(b'"resourceType"') > told + 1 and repeats_a_key(data):
        return Opened([], 0, HIDDEN)
    return Opened(found, inner)


def _head(resource: bytes) -> Head | None:
    try:
        return decode_head(resource)
    except NOT_DECODED:
        return None


class People:
    """The Patients of a Bundle, by every name that its entries may call them."""

    def __init__(self, entries: list[Held]) -> None:
        self.ids: set[str] = set()
        self._by_url: dict[str, str] = {}
        for head, _, _, url in entries:
            if head is not None and head.resourceType == "Patient":
                own = head.id or (target(url)[1] if url else "")
                if own:
                    self.ids.add(own)
                    if url:
                        self._by_url[url] = self._by_url[target(url)[1]] = own

    def whose(self, reference: str | None, url: str | None = None) -> str | None:
        """The person whom a reference (or, for a Patient without an id, its URL) names; None if nobody."""
        if reference is None:
            return self._by_url.get(url) if url else None
        kind, name = target(reference)
        if kind not in ("", "Patient") or not name:
            return None
        return self._by_url.get(reference) or self._by_url.get(name) or name


def medications_of(entries: list[Held]) -> dict[str, Held]:
    """The Medications of a Bundle by id and URL."""
    found: dict[str, Held] = {}
    for held in entries:
        if held.head is not None and held.head.resourceType == "Medication":
            for key in (held.head.id, held.url):
                if key:
                    found[key] = held
    return found
