"""Map: read the lines of a unit, put aside what matters to nobody, and sort the rest by patient.

Whatever cannot be given to a patient is quarantined with its text; nothing is dropped without being counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from posology.record import entries
from posology.record.fhir_types import decode_anything, decode_raw_bundle, decode_raw_entry, decode_resource
from posology.record.kinds import KIND_OF, RESOURCE_TYPES

from .lines import Lines, legible
from .sieve import NOT_READ, ONE, Head, Sieve, decode_head
from .spill import Buckets, Row

Flush = Callable[[], None]
_SUBJECT = re.compile(rb'"(?:subject|patient)"\s*:\s*\{[^{}]{0,500}?"reference"\s*:\s*"([^"\\]{1,200})"')
_PERSON = re.compile(rb'\s*\{\s*"resourceType"\s*:\s*"Patient"\s*,\s*"id"\s*:\s*"([^"\\]{1,64})"')
_PATH = re.compile(r" - at `\$\.?(.+)`$")
READ = frozenset([*KIND_OF, "FamilyMemberHistory"])
"""Types of which a resource must say whose it is."""
_HAVE_A_SUBJECT = READ - {"Appointment"}
ROW = 150
"""Bytes that a row takes besides its line, about."""
_FORGET = 500_000
RAW_TEXT = 1_000_000
"""Characters of a quarantined text that are kept."""


class Quarantined(Struct):
    """A piece of input that cannot be used. `line` counts from 1 (within the unit, until the run is put together).

    `patient` is whose it is, where that can be told: for that person it then leaves something open.
    """

    file: str
    line: int | None
    offset: int | None
    place: str
    path: str
    category: str
    reason: str
    patient: str | None
    text: str


class Tally(Struct):
    """What became of what a unit held: `lines` and `entries` add up from `PARTS`."""

    lines: int = 0
    entries: int = 0
    """Of Bundles."""
    bundles: int = 0
    malformed: int = 0
    """Not JSON, or not UTF-8, or empty, or too long."""
    wrong_shape: int = 0
    """JSON, but nothing that could be given to anybody."""
    nobody: int = 0
    """Of a kind that is read, but naming no patient."""
    not_of_a_patient: int = 0
    """Of a kind that is not read, and naming no patient: organizations, practitioners."""
    medications: int = 0
    of_patients: int = 0
    """Given to a patient."""
    copies: int = 0
    """Given to a further patient, or given to the patient that a malformed line names: counted above already."""
    by_type: dict[str, int] = {}
    damaged: list[str] = []


PARTS = ("bundles", "malformed", "wrong_shape", "nobody", "not_of_a_patient", "medications", "of_patients")


class Mapper:
    """Sorts resources by patient. One for a unit; `flush` is called whenever enough is held."""

    def __init__(self, sieve: Sieve, buckets: Buckets, limit: int, flush: Flush) -> None:
        self._sieve, self._buckets, self._limit, self._flush = sieve, buckets, limit, flush
        self.tally = Tally()
        self.quarantine: list[Quarantined] = []
        self._file = ""
        self._keys: dict[str, str] = {}
        self._aside: dict[str, int] = {}

    def begin(self, file: str) -> None:
        """What follows is from this file, or table."""
        self._file = file

    def damaged(self, reason: str) -> None:
        """What follows in this file cannot be had."""
        self.tally.damaged.append(self._file)
        self._refuse(_At(None, None, ""), "damaged", reason, "", None, b"")

    def finish(self) -> None:
        """Hand over all that is held."""
        for patient, packed in self._aside.items():
            self._buckets.bucket(patient).append((patient, -1, -1, None, None, None, packed))
        self._aside.clear()
        self._flush()

    def _check_limit(self) -> None:
        if self._buckets.held + 100 * len(self._aside) > self._limit:
            self.finish()
        if len(self._keys) > _FORGET:
            self._keys.clear()

    # --- where it comes from ------------------------------------------------------------------------

    def lines(self, block: Lines) -> None:
        """Lines of NDJSON that follow one another."""
        number, offset, tally = self.tally.lines, block.offset, self.tally
        put_aside, keys, aside, buckets = self._sieve.put_aside, self._keys, self._aside, self._buckets
        dropped = given = held = same = 0
        last = ""
        for line in block.lines:
            try:
                head = decode_head(line)
            except (msgspec.DecodeError, RecursionError):
                head = None
            if head is None or not (block.legible or legible(line)):
                self._odd(line, _At(number, offset, ""), None, block.problem)
            else:
                kind = head.resourceType
                if kind == last:
                    same += 1
                else:
                    self._count(last, same)
                    last, same = kind, 1
                who = head.subject or head.patient
                patient = None
                if who is not None and who.reference is not None:
                    patient = keys.get(who.reference) or self._key(who.reference)
                if patient is None:
                    self._keep(head, None, line, _At(number, offset, ""), None)
                elif drop := put_aside(head):
                    aside[patient] = (aside.get(patient, 0) + ONE) | (drop & 7)
                    dropped += 1
                elif kind in _HAVE_A_SUBJECT:
                    buckets.bucket(patient).append((patient, number, offset, None, None, line, 0))
                    held += len(line) + ROW
                    given += 1
                else:
                    self._keep(head, patient, line, _At(number, offset, ""), None)
            number += 1
            offset += len(line) + 1
        self._count(last, same)
        tally.lines = number
        tally.of_patients += dropped + given
        buckets.held += held
        self._check_limit()

    def _count(self, kind: str, many: int) -> None:
        if many:
            self.tally.by_type[kind] = self.tally.by_type.get(kind, 0) + many

    def row(self, patient: str, place: str, line: bytes) -> None:
        """A resource that a row of a table stands for."""
        self.tally.lines += 1
        head = decode_head(line)
        self._count(head.resourceType, 1)
        if drop := self._sieve.put_aside(head):
            self._aside[patient] = (self._aside.get(patient, 0) + ONE) | (drop & 7)
            self.tally.of_patients += 1
        else:
            self._keep(head, patient, line, _At(None, None, place), None)
        self._check_limit()

    def bad_row(self, patient: str, place: str, problem: str) -> None:
        """A row of a table that could not be made into a resource."""
        self.tally.lines += 1
        self.tally.wrong_shape += 1
        self._refuse(_At(None, None, place), "wrong shape", problem, "", patient or None, b"")

    def whole_file(self, data: bytes) -> None:
        """A file that holds one Bundle, or one resource."""
        self.tally.lines += 1
        try:
            head = decode_head(data)
        except (msgspec.DecodeError, RecursionError):
            head = None
        if head is None or not legible(data):
            self._odd(data, _At(None, 0, self._file), None)
            return
        self._any(head, data, _At(None, 0, self._file), None)
        self._check_limit()

    def _any(self, head: Head, line: bytes, at: _At, url: str | None) -> None:
        self._count(head.resourceType, 1)
        who = head.subject or head.patient
        self._keep(head, self._key(who.reference) if who and who.reference else None, line, at, url)

    # --- what becomes of it -------------------------------------------------------------------------

    def _keep(self, head: Head, patient: str | None, line: bytes, at: _At, url: str | None) -> None:
        """Give a resource to its patient, if it has one."""
        kind = head.resourceType
        if kind == "Medication":
            self.tally.medications += 1
            self._buckets.share(_row("", line, at, url))
            self._buckets.held += len(line) + ROW
        elif kind == "Bundle":
            self.tally.bundles += 1
            self._bundle(line, at)
        elif kind in NOT_READ:
            if patient is None:
                self.tally.not_of_a_patient += 1
            else:
                self._aside[patient] = self._aside.get(patient, 0) + ONE
                self.tally.of_patients += 1
        else:
            if kind == "Patient":
                patients = [head.id] if head.id else []
            elif kind == "Appointment":
                patients = self._participants(head)
            else:
                patients = [patient] if patient is not None else []
            if patients:
                self._give(patients, line, at, url)
            elif kind in READ or kind == "Patient":
                self.tally.nobody += 1
                what = "is a Patient without an id" if kind == "Patient" else "does not say whose it is"
                self._refuse(at, "no patient", what, "id" if kind == "Patient" else "subject", None, line)
            else:
                self.tally.wrong_shape += 1
                self._refuse(at, "wrong shape", "has no resourceType of FHIR R4", "resourceType", None, line)

    def _give(self, patients: list[str], line: bytes, at: _At, url: str | None) -> None:
        for patient in patients:
            self._buckets.bucket(patient).append(_row(patient, line, at, url))
            self._buckets.held += len(line) + ROW
        self.tally.of_patients += 1
        self.tally.copies += len(patients) - 1

    def _participants(self, head: Head) -> list[str]:
        try:
            actors = entries.actors(head.participant) if head.participant else []
        except entries.Unusable:
            actors = []
        found = [self._key(actor) for actor in actors if "Patient/" in actor]
        return [patient for patient in dict.fromkeys(found) if patient]

    def _key(self, reference: str) -> str | None:
        """The id of the Patient that a reference names; None for what is no Patient."""
        plain = reference.partition("/_history/")[0]
        *before, name = plain.rsplit("/", 2)
        kind = before[-1] if before else "Patient"
        name = name.rsplit(":", 1)[-1]
        if not name or plain.startswith("#") or (kind != "Patient" and kind in RESOURCE_TYPES):
            return None
        self._keys[reference] = name
        return name

    # --- Bundles ------------------------------------------------------------------------------------

    def _bundle(self, data: bytes, at: _At) -> None:
        """All entries of a Bundle. What stands in one person's Bundle is that person's, as in `check`."""
        try:
            raw_entries = decode_raw_bundle(data).entry
        except (msgspec.DecodeError, RecursionError) as wrong:
            self.tally.entries += 1
            self.tally.wrong_shape += 1
            self._refuse(at, "wrong shape", str(wrong), "", None, data)
            return
        found: list[tuple[Head | None, bytes, _At, str | None]] = []
        for number, raw in enumerate(raw_entries):
            place = at.inside(f"entry[{number}]")
            try:
                entry = decode_raw_entry(raw)
            except (msgspec.DecodeError, RecursionError):
                found.append((None, bytes(raw), place, None))
                continue
            if not entry.resource or bytes(entry.resource) == b"null":
                if not entry.request and not entry.response:
                    found.append((None, bytes(raw), place, None))
                continue
            url = entry.fullUrl if isinstance(entry.fullUrl, str) else None
            resource = bytes(entry.resource)
            try:
                head = decode_head(resource)
            except (msgspec.DecodeError, RecursionError):
                head = None
            found.append((head, resource, place, url))
        self.tally.entries += len(found)
        people = {
            head.id or self._key(url or "")
            for head, _, _, url in found
            if head and head.resourceType == "Patient"
        }
        if len(people) == 1 and (person := people.pop()):
            for head, resource, place, url in found:
                if head is not None:
                    self._count(head.resourceType, 1)
                self._give([person], resource, place, url)
            return
        self._of_many(found)

    def _of_many(self, found: list[tuple[Head | None, bytes, _At, str | None]]) -> None:
        """Entries of a Bundle of several people, or of none. Its Medications go to those who refer to them."""
        medications: dict[str, Row] = {}
        for head, resource, place, url in found:
            if head is None:
                continue
            if head.resourceType == "Patient" and head.id and url:
                self._keys[url] = head.id
            for key in (head.id, url) if head.resourceType == "Medication" else ():
                if key:
                    medications[key] = _row("", resource, place, url)
        given: set[tuple[str, str]] = set()
        for head, resource, place, url in found:
            if head is None:
                self._odd(resource, place, url)
                continue
            if head.resourceType == "Medication":
                self.tally.medications += 1
                continue
            self._any(head, resource, place, url)
            reference = head.medicationReference.reference if head.medicationReference else None
            who = head.subject or head.patient
            patient = self._key(who.reference) if who and who.reference else None
            if reference and patient:
                plain = reference.partition("/_history/")[0]
                for key in (reference, plain.rsplit("/", 1)[-1].rsplit(":", 1)[-1]):
                    if key in medications and (patient, key) not in given:
                        given.add((patient, key))
                        self._buckets.bucket(patient).append((patient, *medications[key][1:]))
                        self.tally.copies += 1
                        break

    # --- what is wrong --------------------------------------------------------------------------------

    def _odd(self, line: bytes, at: _At, url: str | None, problem: str = "") -> None:
        """What is not JSON, or JSON of a shape in which not even the head can be read."""
        readable = legible(line)
        try:
            loose = decode_anything(line) if line.strip() and readable and not problem else None
        except (msgspec.DecodeError, RecursionError) as wrong:
            loose = None
            problem = (
                "is nested too deeply" if isinstance(wrong, RecursionError) else f"is not JSON ({wrong})"
            )
        if isinstance(loose, dict):
            self._loose(loose, line, at, url)
            return
        if loose is not None:
            problem = "is JSON, but no object"
        if not problem:
            problem = "is empty" if not line.strip() else "is not UTF-8"
        named = _SUBJECT.search(line) or _PERSON.match(line)
        patient = self._key(named[1].decode("utf-8", "replace")) if named else None
        self.tally.malformed += 1
        self._refuse(at, "malformed", problem, "", patient, line)
        if patient is not None:
            # Whatever it was going to say of this person, it is not known.
            self._buckets.bucket(patient).append(_row(patient, line, at, url))
            self.tally.copies += 1

    def _loose(self, loose: dict[str, Any], line: bytes, at: _At, url: str | None) -> None:
        kind = loose.get("resourceType")
        kind = kind if isinstance(kind, str) else ""
        self._count(kind, 1)
        patient = _loose_id(loose) if kind == "Patient" else None
        for key in ("subject", "patient"):
            who = loose.get(key)
            if patient is None and isinstance(who, dict) and isinstance(who.get("reference"), str):
                patient = self._key(who["reference"])
        if kind in NOT_READ and patient is None:
            self.tally.not_of_a_patient += 1
        elif kind in NOT_READ and patient is not None:
            self._aside[patient] = self._aside.get(patient, 0) + ONE
            self.tally.of_patients += 1
        elif patient is not None and kind != "Medication":
            self._give([patient], line, at, url)
        else:
            reason, path = why_not(line)
            self.tally.wrong_shape += 1
            self._refuse(at, "wrong shape", reason, path, None, line)

    def _refuse(
        self, at: _At, category: str, reason: str, path: str, patient: str | None, line: bytes
    ) -> None:
        text = line.decode("utf-8", "backslashreplace")
        place = at.place.removeprefix(self._file).lstrip(".:")
        self.quarantine.append(
            Quarantined(
                self._file, at.number, at.offset, place, path, category, reason, patient, text[:RAW_TEXT]
            )
        )
        self._buckets.held += len(text)


class _At(NamedTuple):
    """Where something stands: the line within the unit from 0, its byte, the place in it."""

    number: int | None
    offset: int | None
    place: str

    def inside(self, place: str) -> _At:
        return self._replace(place=f"{self.place}.{place}" if self.place else place)


def _row(patient: str, line: bytes, at: _At, url: str | None) -> Row:
    number = -1 if at.number is None else at.number
    return (patient, number, -1 if at.offset is None else at.offset, at.place or None, url, line, 0)


def _loose_id(loose: dict[str, Any]) -> str | None:
    name = loose.get("id")
    return name if isinstance(name, str) and name else None


def why_not(line: bytes) -> tuple[str, str]:
    """Why a line cannot be decoded as a resource, and the JSON path; of what it says, nothing."""
    try:
        decode_resource(line)
    except (msgspec.DecodeError, RecursionError) as wrong:
        text = str(wrong)
        found = _PATH.search(text)
        return text.partition(" - at ")[0], found[1] if found else ""
    return "has no resourceType of FHIR R4", "resourceType"
