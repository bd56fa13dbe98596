"""Which resources need not be read at all: those that surely belong to no concept of the knowledge.

Most of an export is of that kind. Of each line only its head is decoded: type, id, whose it is, status and
code, the code as raw bytes, because the same ones come again and again. A resource is put aside here only if
`check` would count it as unmatched and read no more of it; whatever is not sure is kept.
"""

from __future__ import annotations

import msgspec
from msgspec import Raw, Struct

from posology.record import dates, entries
from posology.record.fhir_types import ABSENT, CodeableConcept, decode_concept
from posology.record.kinds import KIND_OF, LIST_OF, RESOURCE_TYPES
from posology.record.match import Index

from .quarantine import NOT_DECODED

LISTS = {"conditions": 1, "medications": 2, "allergies": 4}
"""Lists whose presence means something, as bits."""
ONE = 8
"""One resource that was put aside, in a number whose three lowest bits are `LISTS`."""
NOT_READ = RESOURCE_TYPES - {*KIND_OF, "Patient", "Medication", "Bundle", "FamilyMemberHistory"}
"""Types of which nothing is read, whatever they say."""
_FORGET = 100_000


class Ref(Struct, gc=False):
    """A reference, without its display."""

    reference: str | None = None


class Head(Struct, gc=False):
    """What is read of every resource."""

    resourceType: str = ""  # noqa: N815
    id: str | None = None
    status: str | None = None
    subject: Ref | None = None
    patient: Ref | None = None
    code: Raw = ABSENT
    component: Raw = ABSENT
    verificationStatus: Raw = ABSENT  # noqa: N815
    recordedDate: str | None = None  # noqa: N815
    medicationReference: Ref | None = None  # noqa: N815
    participant: Raw = ABSENT


class Part(Struct, gc=False):
    """What is read of a component."""

    code: Raw = ABSENT


_decode_parts = msgspec.json.Decoder(list[Part]).decode
decode_head = msgspec.json.Decoder(Head).decode


class Sieve:
    """Tells which resources can be put aside; remembers what it found out about codes."""

    def __init__(self, index: Index, on: int) -> None:
        self._index, self._on = index, on
        self._codes: dict[str, dict[bytes, bool]] = {
            "observation": {},
            "procedure": {},
            "condition": {},
            "allergy": {},
        }
        self._counts: dict[bytes, bool] = {b"": True}

    def put_aside(self, head: Head) -> int:
        """0 for a resource that has to be read; else `ONE`, with the bit of the list that it belongs to."""
        resource = head.resourceType
        if resource == "Observation":
            known = self._unrelated("observation", head.code)
            return ONE if known and (not head.component or self._parts_unrelated(head.component)) else 0
        if resource == "Encounter":
            return 0 if head.status == "planned" else ONE
        if resource == "Procedure":
            return ONE if self._unrelated("procedure", head.code) else 0
        if resource in ("Condition", "AllergyIntolerance"):
            kind = KIND_OF[resource]
            known = self._unrelated(kind, head.code) and self._is_on_the_list(head)
            return ONE | LISTS[LIST_OF[kind]] if known else 0
        return ONE if resource in NOT_READ else 0

    def _unrelated(self, kind: str, code: Raw) -> bool:
        known = self._codes[kind]
        raw = bytes(code)
        found = known.get(raw)
        if found is None:
            if len(known) > _FORGET:
                known.clear()
            found = known[raw] = self._index.unrelated(kind, _concept(raw))
        return found

    def _parts_unrelated(self, component: Raw) -> bool:
        try:
            parts = _decode_parts(component)
        except NOT_DECODED:
            return False
        return all(self._unrelated("observation", part.code) for part in parts)

    def _is_on_the_list(self, head: Head) -> bool:
        """Is it known by that day, and neither an error nor refuted? Then there is such a list."""
        raw, recorded = bytes(head.verificationStatus), head.recordedDate
        counts = self._counts.get(raw)
        if counts is None:
            if len(self._counts) > _FORGET:
                self._counts.clear()
            counts = self._counts[raw] = _counts(raw)
        if not counts or recorded is None:
            return False
        try:
            return dates.parse(recorded).lo <= self._on
        except ValueError:
            return False


def _concept(raw: bytes) -> CodeableConcept | None:
    if not raw or raw == b"null":
        return None
    try:
        return decode_concept(raw)
    except NOT_DECODED:
        return None


def _counts(raw: bytes) -> bool:
    """Does a verification status leave no doubt that the entry stands on a list?"""
    status = _concept(raw)
    return status is not None and entries.status_of(status) not in entries.NEVER_COUNTS
