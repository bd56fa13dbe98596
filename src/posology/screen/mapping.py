"""Map: read the lines of a unit, put aside what matters to nobody, and sort the rest by patient.

Whatever cannot be given to a patient is quarantined with its text; nothing is dropped without being counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from posology.record import entries
from posology.record.fhir_types import decode_anything
from posology.record.kinds import KIND_OF, RESOURCE_TYPES
from posology.record.whose import target

from .bundles import Held, People, medications_of, open_bundle
from .lines import Lines, legible
from .quarantine import NOT_DECODED, RAW_TEXT, At, Quarantined, Tally, why_not
from .sieve import NOT_READ, ONE, Head, Sieve, decode_head
from .spill import SAID, Buckets, Row

Flush = Callable[[], None]
SetApart = Callable[[list[Quarantined]], None]
_SUBJECT = re.compile(rb'"(?:subject|patient)"\s*:\s*\{[^{}]{0,500}?"reference"\s*:\s*"([^"\\]{1,200})"')
_PERSON = re.compile(rb'\s*\{\s*"resourceType"\s*:\s*"Patient"\s*,\s*"id"\s*:\s*"([^"\\]{1,64})"')
READ = frozenset([*KIND_OF, "FamilyMemberHistory"])
"""Types of which a resource must say whose it is."""
QUARANTINED = 600
"""Bytes that a quarantined piece takes besides its text, about."""
OTHER = "other"
"""In place of a resource type that FHIR R4 does not have."""
_HAVE_A_SUBJECT = READ - {"Appointment"}
ROW = 150
"""Bytes that a row takes besides its line, about."""
_FORGET = 500_000


class Mapper:
    """Sorts resources by patient. One for a unit.

    Whenever enough is held, `flush` is called for the rows in the buckets, `set_apart` for what is quarantined.
    """

    def __init__(self, sieve: Sieve, buckets: Buckets, limit: int, flush: Flush, set_apart: SetApart) -> None:
        self._sieve, self._buckets, self._limit = sieve, buckets, limit
        self._flush, self._set_apart = flush, set_apart
        self.tally = Tally()
        self._quarantine: list[Quarantined] = []
        self._file = ""
        self._keys: dict[str, str] = {}
        self._people: People | None = None
        """Of the Bundle at hand."""
        self._aside: dict[str, int] = {}

    def begin(self, file: str) -> None:
        """What follows is from this file, or table."""
        self._file = file

    def damaged(self, reason: str) -> None:
        """What follows in this file cannot be had."""
        self.tally.damaged.append(self._file)
        self._refuse(At(None, None, ""), "damaged", reason, "", None, b"")

    def finish(self) -> None:
        """Hand over all that is held."""
        for patient, packed in self._aside.items():
            self._buckets.bucket(patient).append((patient, -1, -1, None, None, None, packed))
        self._aside.clear()
        self._flush()
        self._set_apart(self._quarantine)
        self._quarantine = []

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
            except NOT_DECODED:
                head = None
            if head is None or not (block.legible or legible(line)):
                self._odd(line, At(number, offset, ""), None, block.problem)
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
                    self._keep(head, None, line, At(number, offset, ""), None)
                elif drop := put_aside(head):
                    aside[patient] = (aside.get(patient, 0) + ONE) | (drop & 7)
                    dropped += 1
                elif kind in _HAVE_A_SUBJECT:
                    buckets.bucket(patient).append((patient, number, offset, None, None, line, 0))
                    held += len(line) + ROW
                    given += 1
                else:
                    self._keep(head, patient, line, At(number, offset, ""), None)
            number += 1
            offset += len(line) + 1
        self._count(last, same)
        tally.lines = number
        tally.of_patients += dropped + given
        buckets.held += held
        self._check_limit()

    def _count(self, kind: str, many: int) -> None:
        if many:
            kind = kind if kind in RESOURCE_TYPES else OTHER  # any other text may be somebody's
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
            self._keep(head, patient, line, At(None, None, place), None)
        self._check_limit()

    def bad_row(self, patient: str, place: str, problem: str, kind: str) -> None:
        """A row of a table that could not be made into a resource, which would have been of this kind.

        What it could have said of its patient is not known; an empty kind: it could have said anything.
        """
        self.tally.lines += 1
        at = At(None, None, place)
        self._refuse(at, "wrong shape", problem, "", patient or None, b"")
        if patient:
            name = place.rpartition("=")[2]
            self._give(
                [patient], msgspec.json.encode({"resourceType": kind or 0, "id": name, "code": 0}), at, None
            )
        else:
            self.tally.wrong_shape += 1

    def whole_file(self, data: bytes) -> None:
        """A file that holds one Bundle, or one resource."""
        self.tally.lines += 1
        try:
            head = decode_head(data)
        except NOT_DECODED:
            head = None
        if head is None and b"\n" in data.strip():
            self.tally.lines -= 1
            self.lines(Lines(data.rstrip(b"\n").split(b"\n"), 0, legible(data)))
            return
        if head is None or not legible(data):
            self._odd(data, At(None, 0, self._file), None)
            return
        self._any(head, data, At(None, 0, self._file), None)
        self._check_limit()

    def _any(self, head: Head, line: bytes, at: At, url: str | None) -> None:
        self._count(head.resourceType, 1)
        who = head.subject or head.patient
        self._keep(head, self._key(who.reference) if who and who.reference else None, line, at, url)

    # --- what becomes of it -------------------------------------------------------------------------

    def _keep(self, head: Head, patient: str | None, line: bytes, at: At, url: str | None) -> None:
        """Give a resource to its patient, if it has one."""
        kind = head.resourceType
        if kind == "Medication":
            self.tally.medications += 1
            self._buckets.share(_row("", line, at, url))
            self._buckets.held += len(line) + ROW
        elif kind == "Bundle":
            self._bundle(line, at)
        elif kind in NOT_READ:
            if patient is None:
                self.tally.not_of_a_patient += 1
            else:
                self._aside[patient] = self._aside.get(patient, 0) + ONE
                self.tally.of_patients += 1
        else:
            if kind == "Patient":
                own = head.id or patient
                patients = [own] if own else []
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

    def _give(self, patients: list[str], line: bytes, at: At, url: str | None) -> None:
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
        found = [self._whose(actor) for actor in actors]
        return [patient for patient in dict.fromkeys(found) if patient]

    def _whose(self, reference: str) -> str | None:
        """The id of the Patient that a reference names, as the Bundle at hand has it."""
        return self._people.whose(reference) if self._people is not None else self._key(reference)

    def _key(self, reference: str) -> str | None:
        """The id of the Patient that a reference names; None for what is no Patient."""
        kind, name = target(reference)
        if kind not in ("", "Patient") or not name:
            return None
        self._keys[reference] = name
        return name

    # --- Bundles ------------------------------------------------------------------------------------

    def _bundle(self, data: bytes, at: At) -> None:
        """All entries of a Bundle. What stands in one person's Bundle is that person's, as in `check`."""
        opened = open_bundle(data, at)
        if opened.problem:
            self.tally.malformed += 1
            self._refuse(at, "malformed", opened.problem, "", None, data)
            return
        self.tally.bundles += 1 + opened.inner
        self.tally.entries += len(opened.entries) + opened.inner
        people = People(opened.entries)
        if len(people.ids) == 1:
            self._of_one(next(iter(people.ids)), people, opened.entries)
        else:
            self._people = people
            self._of_many(people, opened.entries)
            self._people = None

    def _of_one(self, person: str, people: People, entries: list[Held]) -> None:
        for head, resource, at, url in entries:
            patients = [person]
            if head is not None:
                self._count(head.resourceType, 1)
                who = head.subject or head.patient
                other = people.whose(who.reference) if who else None
                if other and other != person and head.resourceType in READ:
                    patients.append(other)  # it is set aside for the one, and counts for the other
            self._give(patients, resource, at, url)

    def _of_many(self, people: People, entries: list[Held]) -> None:
        """Entries of a Bundle of several people, or of none. Its Medications go to those who refer to them."""
        medications = medications_of(entries) if people.ids else {}
        given: set[tuple[str, str]] = set()
        for head, resource, at, url in entries:
            if head is None:
                self._odd(resource, at, url)
                continue
            if head.resourceType == "Medication" and people.ids:
                self._count("Medication", 1)
                self.tally.medications += 1
                continue
            who = head.subject or head.patient
            patient = people.whose(who.reference if who else None, url)
            self._count(head.resourceType, 1)
            self._keep(head, patient, resource, at, url)
            reference = head.medicationReference.reference if head.medicationReference else None
            for key in (reference, target(reference)[1]) if reference and patient else ():
                if patient and key in medications and (patient, key) not in given:
                    given.add((patient, key))
                    held = medications[key]
                    self._buckets.bucket(patient).append(_row(patient, held.line, held.at, held.url))
                    self.tally.copies += 1
                    break

    # --- what is wrong --------------------------------------------------------------------------------

    def _odd(self, line: bytes, at: At, url: str | None, problem: str = "") -> None:
        """What is not JSON, or JSON of a shape in which not even the head can be read."""
        readable = legible(line)
        try:
            loose = decode_anything(line) if line.strip() and readable and not problem else None
        except NOT_DECODED as wrong:
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
            self._buckets.bucket(patient).append(_row(patient, line, at._replace(offset=SAID), url))
            self.tally.copies += 1

    def _loose(self, loose: dict[str, Any], line: bytes, at: At, url: str | None) -> None:
        kind = loose.get("resourceType")
        kind = kind if isinstance(kind, str) else ""
        self._count(kind, 1)
        patient = _loose_id(loose) if kind == "Patient" else None
        for key in ("subject", "patient"):
            who = loose.get(key)
            if patient is None and isinstance(who, dict) and isinstance(who.get("reference"), str):
                patient = self._whose(who["reference"])
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
        self, at: At, category: str, reason: str, path: str, patient: str | None, line: bytes
    ) -> None:
        text = line.decode("utf-8", "backslashreplace")
        place = at.place.removeprefix(self._file).lstrip(".:")
        self._quarantine.append(
            Quarantined(
                self._file, at.number, at.offset, place, path, category, reason, patient, text[:RAW_TEXT]
            )
        )
        self._buckets.held += len(text) + QUARANTINED


def _row(patient: str, line: bytes, at: At, url: str | None) -> Row:
    number = -1 if at.number is None else at.number
    return (patient, number, -1 if at.offset is None else at.offset, at.place or None, url, line, 0)


def _loose_id(loose: dict[str, Any]) -> str | None:
    name = loose.get("id")
    return name if isinstance(name, str) and name else None
