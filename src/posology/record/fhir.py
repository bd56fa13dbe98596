"""Read one person's FHIR R4 record and match it to the concepts of the knowledge."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from posology.errors import RecordError

from . import dates, entries, lost, taken
from .collect import Collector, Dangling, Medications
from .entries import NotCounted, Unusable
from .fhir_types import Resource
from .kinds import KIND_OF, RESOURCE_TYPES
from .match import Index, Matched
from .model import Entry, Hit, Record, SetAside, Unreadable
from .shape import Odd, Shaped, refuse_other_versions, shape
from .source import load
from .whose import names_a_person, target


def read(record: bytes | str | Path | dict[str, Any], on: int, index: Index) -> Record:
    """The record as it was known on the ordinal day `on`.

    Raises `InputError` if it is not JSON and `RecordError` if it is not one person's FHIR R4 record.
    """
    data, name = load(record)
    return assemble(shape(data, name), name, on, index, {})


def assemble(shaped: Shaped, name: str, on: int, index: Index, medications: Medications) -> Record:
    """The record that these resources of one person make; `medications` are further ones they may point to.

    Raises `RecordError` if they are not one person's, or not of FHIR R4. `name` is for messages.
    """
    refuse_other_versions(shaped.resources)
    reader = _Reader(index, on, name, medications)
    reader.sort(shaped.resources)
    for odd in shaped.odd:
        reader.odd(odd)
    return reader.finish()


class _Reader:
    """Collects one record; made for one call of `assemble`."""

    def __init__(self, index: Index, on: int, name: str, medications: Medications) -> None:
        self.index, self.on, self.name = index, on, name
        self.people: list[tuple[str, str | None, Resource]] = []
        self.waiting: list[tuple[str, Resource, Matched | None]] = []
        self.record = Record(patient=Entry("patient", "Patient", "Patient", "the record as a whole", ""))
        self.collector = Collector(index, on, self.record, medications)
        self.tally = {"read": 0, "matched": 0, "unmatched": 0, "set_aside": 0, "unreadable": 0}
        self.own: set[str] = set()

    def sort(self, resources: list[tuple[str, str | None, Resource]]) -> None:
        """Put aside at once what matches nothing; Patients and Medications must be known before the rest."""
        index, unmatched = self.index, 0
        self.tally["read"] += len(resources)
        waiting = self.waiting
        for item in resources:
            resource = item[2]
            kind = resource.resourceType
            if kind == "Observation":
                matched = index.match("observation", resource.code)
                if matched.none_surely and not resource.component and resource.code and resource.code.coding:
                    unmatched += 1
                else:
                    waiting.append((item[0], resource, matched))
            elif kind == "Encounter" and resource.status != "planned":
                unmatched += 1  # what was done or found there stands in entries of its own
            elif kind in KIND_OF or kind == "FamilyMemberHistory":
                waiting.append((item[0], resource, None))
            elif kind == "Patient":
                self.people.append(item)
            elif kind == "Medication":
                unmatched += 1
                self.collector.keep_medication(resource, item[1])
            elif kind in RESOURCE_TYPES:
                unmatched += 1
            else:
                self.tally["read"] -= 1  # `odd` counts it
                loose = {"resourceType": kind, "id": resource.id} if kind else {}
                self.odd(Odd(item[0], "has no resourceType of FHIR R4", loose))
        self.tally["unmatched"] += unmatched

    def odd(self, odd: Odd) -> None:
        """Account for an entry that could not be decoded."""
        self.tally["read"] += 1
        bad = lost.of_odd(self.index, odd)
        if not bad.kinds and not bad.concepts:
            # What it says is not known, but that it is about nothing that matters here is.
            self.tally["unmatched"] += 1
            if kind := lost.touched_by(odd):
                self.collector.list_is_there(kind)
            return
        self.record.unreadable.append(bad)
        if bad.kinds == ("patient",) and not self.people:
            self.people.append((odd.place, None, lost.what_is_left(odd.loose or {})))
            return
        self.tally["unreadable"] += 1
        if kind := lost.touched_by(odd):
            self.collector.list_is_there(kind)

    def finish(self) -> Record:
        """Read what waits, now that the Patient and all Medications are known."""
        self._patient()
        for place, resource, matched in self.waiting:
            self._one(place, resource, matched)
        record = self.record
        medicines = list(
            {
                id(hit.entry): hit.entry
                for hits in record.hits.values()
                for hit in hits
                if hit.entry.kind == "medication"
            }.values()
        )
        taken.settle(medicines)
        record.unreadable.sort(key=lambda bad: (bad.ref, bad.reason, bad.place))
        for bad in record.unreadable:
            record.tainted_kinds.update(bad.kinds if not bad.concepts else ())
            for concept in bad.concepts:
                record.tainted.setdefault(concept, []).append(bad)
        for hits in record.hits.values():
            _in_order(hits)
        record.set_aside.sort(key=lambda aside: (aside.ref, aside.reason, aside.title))
        record.counts = self.tally
        return record

    def _patient(self) -> None:
        names = {person.id or url or place for place, url, person in self.people}
        if len(names) > 1:
            raise RecordError(
                f"{self.name}: holds {len(names)} Patients; 'check' answers for one person. "
                "For many people use 'posology screen'"
            )
        if not self.people:
            raise RecordError(
                f"{self.name}: holds no readable Patient resource; without it nobody can say whose "
                "record this is, or how old the person is"
            )
        if len(self.people) > 1:
            for field in ("birthDate", "gender"):
                if len({value for _, _, each in self.people if (value := getattr(each, field))}) > 1:
                    raise RecordError(
                        f"{self.name}: holds Patients with one id and different {field}s, so entries of two people "
                        "may be mixed; nobody can be answered for until that is settled"
                    )
            self.people.sort(key=lambda each: msgspec.json.encode(each[2]))
        place, url, person = self.people[0]
        self.tally["matched"] += len(self.people)
        record = self.record
        self.own = {key for key in (url, person.id) if key}
        ref = f"Patient/{person.id}" if person.id else "Patient"
        record.patient = Entry("patient", ref, "Patient", "Patient", "")
        record.sex = person.gender or ""
        for field, text in (("birthDate", person.birthDate), ("deceasedDateTime", person.deceasedDateTime)):
            if text is None:
                continue
            try:
                span = dates.parse(text)
            except ValueError as wrong:
                record.unreadable.append(
                    Unreadable(ref, f"{place}.{field}", f"the date {wrong}", ("patient",))
                )
                continue
            if field == "birthDate":
                record.born = span
                record.patient.span = span
            elif span.lo <= self.on:
                record.died, record.dead = span, True
        record.dead = record.dead or bool(person.deceasedBoolean)

    def _stranger(self, resource: Resource) -> bool:
        if resource.resourceType == "Appointment" and resource.participant:
            actors = entries.actors(resource.participant)
            patients = [actor for actor in actors if names_a_person(actor)]
            return bool(patients) and all(self._other(patient) for patient in patients)
        who = resource.subject or resource.patient
        return self._other(who.reference if who else None)

    def _other(self, reference: str | None) -> bool:
        if not reference or reference in self.own:
            return False
        if not self._is_other(reference):
            self.own.add(reference)
            return False
        return True

    def _is_other(self, reference: str) -> bool:
        kind, name = target(reference)
        if kind not in ("", "Patient"):
            return True
        if name in self.own:
            return False
        if not name or name == reference:
            raise Unusable("subject", "does not say whose it is: no type and id that can be followed")
        if not self.own:
            raise Unusable("subject", "names a person, and the Patient of this record has no id")
        return True

    def _ref(self, resource: Resource, place: str) -> str:
        return (
            f"{resource.resourceType}/{resource.id}" if resource.id else f"{resource.resourceType} ({place})"
        )

    def _one(self, place: str, resource: Resource, matched: Matched | None) -> None:
        ref = self._ref(resource, place)
        try:
            self.tally["matched" if self._counts(resource, ref, place, matched) else "unmatched"] += 1
        except NotCounted as why:
            self.tally["set_aside"] += 1
            self.record.set_aside.append(
                SetAside(ref, resource.resourceType, self.collector.title(resource), str(why))
            )
        except Dangling as dangling:
            self.tally["unreadable"] += 1
            self.collector.list_is_there("medicine")
            self.record.unreadable.append(dangling.unreadable)
        except Unusable as wrong:
            self.collector.list_is_there(KIND_OF[resource.resourceType])
            bad = lost.of_resource(self.index, resource, ref, f"{place}.{wrong.path}", wrong.reason)
            if bad.kinds or bad.concepts:
                self.tally["unreadable"] += 1
                self.record.unreadable.append(bad)
            else:
                self.tally["unmatched"] += 1

    def _counts(self, resource: Resource, ref: str, place: str, matched: Matched | None) -> bool:
        """Read one resource, if it is the patient's own; True if it belongs to any concept."""
        if resource.resourceType == "FamilyMemberHistory":
            raise NotCounted("family history, not the patient's")
        if self._stranger(resource):
            raise NotCounted("about another person than the Patient of this record")
        if resource.modifierExtension or resource.implicitRules:
            raise Unusable(
                "modifierExtension", "changes what the entry means, in a way that is not known here"
            )
        return self.collector.add(resource, ref, place, matched)


def _in_order(hits: list[Hit]) -> None:
    """By day, then reference; versions of one resource by all they say, so that their order decides nothing."""
    hits.sort(key=lambda hit: (hit.entry.span, hit.entry.ref))
    if any(one.entry.ref == next_.entry.ref for one, next_ in pairwise(hits)):
        hits.sort(
            key=lambda hit: (
                hit.entry.span,
                hit.entry.ref,
                hit.entry.instant,
                repr(
                    [
                        hit.how,
                        *(
                            getattr(hit.entry, slot)
                            for slot in Entry.__struct_fields__
                            if slot != "ingredients"
                        ),
                    ]
                ),
            )
        )
