"""Read one person's FHIR R4 record and match it to the concepts of the knowledge."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from posology.errors import RecordError

from . import dates, entries, taken, values
from .entries import NotCounted, Unusable
from .fhir_types import (
    ABSENT,
    CodeableConcept,
    Coding,
    Component,
    Item,
    Resource,
    decode_components,
    decode_items,
    decode_resource,
)
from .match import Index, Matched
from .model import Entry, Hit, Record, SetAside, Unreadable, Value
from .resource_types import RESOURCE_TYPES
from .shape import Odd, refuse_other_versions, shape
from .source import load

KIND_OF = {
    "Condition": "condition",
    "AllergyIntolerance": "allergy",
    "Observation": "observation",
    "QuestionnaireResponse": "observation",
    "Procedure": "procedure",
    "ServiceRequest": "procedure",
    "Appointment": "procedure",
    "MedicationRequest": "medicine",
    "MedicationStatement": "medicine",
    "MedicationDispense": "medicine",
    "MedicationAdministration": "medicine",
}
"""Resource types that are read, and the kind of concept they are matched to."""
LIST_OF = {
    "condition": "conditions",
    "allergy": "allergies",
    "medicine": "medications",
    "observation": "observations",
    "procedure": "procedures",
}
NO_KNOWN_ALLERGY = "no-known-allergy"
NAMELESS = "says nothing: no code, no name"


def read(record: bytes | str | Path | dict[str, Any], on: int, index: Index) -> Record:
    """The record as it was known on the ordinal day `on`.

    Raises `InputError` if it is not JSON and `RecordError` if it is not one person's FHIR R4 record.
    """
    data, name = load(record)
    shaped = shape(data, name)
    refuse_other_versions(shaped.resources)
    reader = _Reader(index, on, name)
    reader.sort(shaped.resources)
    for odd in shaped.odd:
        reader.odd(odd)
    return reader.finish()


class _Reader:
    """Collects one record; made for one call of `read`."""

    def __init__(self, index: Index, on: int, name: str) -> None:
        self.index, self.on, self.name = index, on, name
        self.people: list[tuple[str, str | None, Resource]] = []
        self.medications: dict[str, CodeableConcept | None] = {}
        self.waiting: list[tuple[str, str | None, Resource]] = []
        self.record = Record(patient=Entry("patient", "Patient", "Patient", "the record as a whole", ""))
        self.tally = {"read": 0, "matched": 0, "unmatched": 0, "set_aside": 0, "unreadable": 0}
        self.own: set[str] = set()

    def sort(self, resources: list[tuple[str, str | None, Resource]]) -> None:
        """Put aside at once what matches nothing; Patients and Medications must be known before the rest."""
        codes, unmatched = self.index.observation_codes, 0
        self.tally["read"] += len(resources)
        waiting = self.waiting
        for item in resources:
            resource = item[2]
            kind = resource.resourceType
            if kind == "Observation":
                concept = resource.code
                if concept is not None and concept.coding and not resource.component:
                    for coding in concept.coding:
                        if coding.code in codes:
                            waiting.append(item)
                            break
                    else:
                        # Named like a concept under a code that it does not list: an uncertain match.
                        if self.index.match("observation", concept).matches:
                            waiting.append(item)
                        else:
                            unmatched += 1
                else:
                    waiting.append(item)
            elif kind in KIND_OF or kind == "FamilyMemberHistory":
                waiting.append(item)
            elif kind == "Patient":
                self.people.append(item)
            elif kind == "Medication":
                unmatched += 1
                for key in (resource.id, item[1]):
                    if key:
                        # Two that share an id and differ name no medicine: nobody knows which one is meant.
                        known = self.medications.setdefault(key, resource.code)
                        code = resource.code if known == resource.code else CodeableConcept()
                        self.medications[key] = self.medications["Medication/" + key] = code
            elif kind in RESOURCE_TYPES:
                unmatched += 1
            else:
                self.tally["read"] -= 1  # `odd` counts it
                loose = {"resourceType": kind, "id": resource.id} if kind else {}
                self.odd(Odd(item[0], "has no resourceType of FHIR R4", loose))
        self.tally["unmatched"] += unmatched

    def finish(self) -> Record:
        """Read what waits, now that the Patient and all Medications are known."""
        self._patient()
        for place, _, resource in self.waiting:
            self._one(place, resource)
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

    # --- the person -------------------------------------------------------------------------------

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
            self.people.sort(key=lambda each: msgspec.json.encode(each[2]))
        place, url, person = self.people[0]
        self.tally["matched"] += len(self.people)
        record = self.record
        self.own = {key for key in (url, person.id, f"Patient/{person.id}", f"urn:uuid:{person.id}") if key}
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
            patients = [actor for actor in actors if "Patient/" in actor]
            return bool(patients) and all(self._other(patient) for patient in patients)
        who = resource.subject or resource.patient
        return self._other(who.reference if who else None)

    def _other(self, reference: str | None) -> bool:
        if not reference or reference in self.own:
            return False
        reference = reference.partition("/_history/")[0]
        return reference.rsplit("/", 1)[-1].rsplit(":", 1)[-1] not in self.own

    # --- entries ----------------------------------------------------------------------------------

    def _ref(self, resource: Resource, place: str) -> str:
        return (
            f"{resource.resourceType}/{resource.id}" if resource.id else f"{resource.resourceType} ({place})"
        )

    def _one(self, place: str, resource: Resource) -> None:
        ref = self._ref(resource, place)
        try:
            self.tally["matched" if self._entry(resource, ref, place) else "unmatched"] += 1
        except NotCounted as why:
            self.tally["set_aside"] += 1
            self.record.set_aside.append(
                SetAside(ref, resource.resourceType, self._title(resource), str(why))
            )
        except _Dangling as dangling:
            self.tally["unreadable"] += 1
            self._list_is_there("medicine")
            self.record.unreadable.append(dangling.unreadable)
        except Unusable as wrong:
            self.tally["unreadable"] += 1
            self._unreadable(resource, ref, f"{place}.{wrong.path}", wrong.reason)

    def _entry(self, resource: Resource, ref: str, place: str) -> bool:
        """Read one resource into the record; True if it belongs to any concept."""
        kind = resource.resourceType
        if kind == "FamilyMemberHistory":
            raise NotCounted("family history, not the patient's")
        if self._stranger(resource):
            raise NotCounted("about another person than the Patient of this record")
        if kind == "Observation":
            return self._observation(resource, ref)
        if kind == "QuestionnaireResponse":
            return self._questionnaire(resource, ref)
        if kind in ("ServiceRequest", "Appointment"):
            return self._planned(resource, ref)
        if KIND_OF[kind] == "medicine":
            return self._medication(resource, ref, place)
        return self._plain(resource, ref)

    def _title(self, resource: Resource) -> str:
        kind = KIND_OF.get(resource.resourceType)
        if kind is None:
            return resource.resourceType
        concept = resource.code or resource.medicationCodeableConcept
        if concept is None and resource.medicationReference is not None:
            try:
                concept = self._referenced(resource, "", "")
            except _Dangling:
                concept = None
        return self.index.match(kind, concept).title or resource.resourceType

    def _add(self, entry: Entry, matched: Matched) -> None:
        hits = self.record.hits
        for concept, how, certain in matched.matches:
            hit = Hit(entry, how, certain)
            if concept in hits:
                hits[concept].append(hit)
            else:
                hits[concept] = [hit]

    def _list_is_there(self, kind: str) -> None:
        self.record.present.add(LIST_OF[kind])

    def _plain(self, resource: Resource, ref: str) -> bool:
        kind = KIND_OF[resource.resourceType]
        matched = self.index.match(kind, resource.code)
        reader = {"condition": entries.condition, "allergy": entries.allergy, "procedure": entries.procedure}[
            kind
        ]
        if not matched.matches and kind == "procedure" and matched.title not in ("", "unnamed"):
            self._list_is_there(kind)
            return False
        entry = reader(resource, ref, matched, self.on)
        if not entry.title or entry.title == "unnamed":
            raise Unusable("code", NAMELESS)
        self._list_is_there(kind)
        self._add(entry, matched)
        return bool(matched.matches)

    def _observation(self, resource: Resource, ref: str) -> bool:
        found = False
        parts: list[tuple[Component, CodeableConcept | None]] = [(resource, resource.code)]
        if resource.component:
            try:
                parts.extend((part, part.code) for part in decode_components(resource.component))
            except (msgspec.DecodeError, RecursionError):
                raise Unusable("component", "has the wrong shape") from None
        self._list_is_there("observation")
        for part, concept in parts:
            matched = self.index.match("observation", concept)
            if not matched.matches:
                if matched.title in ("", "unnamed") and not (part is resource and len(parts) > 1):
                    raise Unusable("code", NAMELESS)
                continue
            alone = len(parts) == 1
            if not alone and (part is resource or part.dataAbsentReason) and values.value_of(part) is None:
                continue
            entry = entries.observation(resource, part, ref, matched, self.on)
            self._add(entry, matched)
            if alone and entry.value is entries.NO_VALUE:
                raise NotCounted("no value")
            found = True
        return found

    def _questionnaire(self, resource: Resource, ref: str) -> bool:
        found = False
        try:
            waiting = list(decode_items(resource.item)) if resource.item else []
        except (msgspec.DecodeError, RecursionError):
            raise Unusable("item", "has the wrong shape") from None
        while waiting:
            item = waiting.pop()
            waiting.extend(item.item)
            value = _answer(item)
            if value is None:
                continue
            code = (item.linkId or "").rsplit("/", 1)[-1]
            matched = self.index.match(
                "observation", CodeableConcept([Coding("http://loinc.org", code, item.text)], None)
            )
            if matched.matches:
                self._add(entries.answer(resource, value, f"{ref}#{item.linkId}", matched, self.on), matched)
                found = True
        return found

    def _planned(self, resource: Resource, ref: str) -> bool:
        concepts = [resource.code] if resource.code else []
        concepts += entries.reasons(resource.serviceType) + entries.reasons(resource.reasonCode)
        if resource.description and resource.resourceType == "Appointment":
            concepts.append(CodeableConcept([], str(msgspec.json.decode(resource.description))))
        found = named = False
        for concept in concepts:
            matched = self.index.match("procedure", concept)
            named = named or matched.title not in ("", "unnamed")
            if matched.matches and not found:
                self._add(entries.planned(resource, ref, matched, self.on), matched)
                found = True
        if not named and entries.planned(resource, ref, Matched((), "", ""), self.on).span.hi >= self.on:
            raise Unusable("code", NAMELESS)
        return found

    def _medication(self, resource: Resource, ref: str, place: str) -> bool:
        concept, status = resource.medicationCodeableConcept, (resource.status or "").lower()
        # What was surely never taken leaves nothing open, whatever it was.
        never = (
            "entered in error"
            if status == "entered-in-error"
            else (taken.NEVER[resource.resourceType].get(status, ""))
        )
        if concept is None:
            try:
                concept = self._referenced(resource, ref, place)
            except _Dangling:
                if never:
                    raise NotCounted(never) from None
                raise
        matched = self.index.match("medicine", concept)
        if matched.medicine is None or not matched.medicine.identified:
            if never:
                raise NotCounted(never)
            raise Unusable(
                "medicationCodeableConcept",
                "names no medicine that can be recognised: no known code, no name",
            )
        entry = entries.medication(resource, ref, matched, self.on)
        never = entry.course.never if entry.course else ""
        if never and never != taken.DRAFT:
            if never == taken.NOT_TAKEN:
                self._add(entry, matched)
            if matched.matches:
                raise NotCounted(never)
            return False
        if never != taken.DRAFT:
            self._list_is_there("medicine")
        self._add(entry, matched)
        return bool(matched.matches)

    def _referenced(self, resource: Resource, ref: str, place: str) -> CodeableConcept | None:
        reference = resource.medicationReference.reference if resource.medicationReference else None
        if reference and reference.startswith("#"):
            for raw in resource.contained:
                try:
                    inner = decode_resource(raw)
                except (msgspec.DecodeError, RecursionError):
                    continue
                if inner.id == reference[1:]:
                    return inner.code
        elif reference:
            plain = reference.partition("/_history/")[0]
            for key in (reference, plain.rsplit("/", 1)[-1].rsplit(":", 1)[-1]):
                if key in self.medications:
                    return self.medications[key]
        if resource.medicationReference and resource.medicationReference.display:
            return CodeableConcept([], resource.medicationReference.display)
        why = "points to a Medication that is not in the record" if reference else "names no medicine"
        raise _Dangling(Unreadable(ref, f"{place}.medicationReference", why, ("medicine",)))

    # --- what does not count, and what cannot be read ---------------------------------------------

    def _unreadable(self, resource: Resource, ref: str, place: str, reason: str) -> None:
        kind = KIND_OF[resource.resourceType]
        matched = self.index.match(kind, resource.code or resource.medicationCodeableConcept)
        concepts = tuple(match.concept for match in matched.matches)
        known = bool(concepts) or matched.code != "" or (matched.title not in ("", "unnamed"))
        if resource.component:
            inside, known = self._parts(resource.component)
            concepts = (*concepts, *inside) if known else ()
        self._list_is_there(kind)
        if known and not concepts and not (matched.medicine and not matched.medicine.identified):
            self.record.unreadable.append(Unreadable(ref, place, reason))
            return
        self.record.unreadable.append(Unreadable(ref, place, reason, (kind,), concepts))

    def _parts(self, raw: msgspec.Raw | bytes) -> tuple[tuple[str, ...], bool]:
        """Concepts of the components of an Observation, and whether all of them could be told."""
        try:
            codes = [part.code for part in _decode_codes(raw)]
        except (msgspec.DecodeError, RecursionError):
            return (), False
        matches = [match.concept for code in codes for match in self.index.match("observation", code).matches]
        return tuple(dict.fromkeys(matches)), all(code is not None for code in codes)

    def odd(self, odd: Odd) -> None:
        """Account for an entry that could not be decoded, and taint what it could have said."""
        self.tally["read"] += 1
        loose = odd.loose or {}
        kind = loose.get("resourceType")
        if isinstance(kind, str):
            kind = kind[:40]
        name = (
            f"{kind}/{loose.get('id')}" if isinstance(kind, str) and isinstance(loose.get("id"), str) else ""
        )
        ref = name or (kind if isinstance(kind, str) else "an entry")
        if kind == "Patient" and not self.people:
            self.people.append((odd.place, None, _what_is_left(loose)))
            self.record.unreadable.append(Unreadable(ref, odd.place, odd.reason, ("patient",)))
            return
        self.tally["unreadable"] += 1
        if isinstance(kind, str) and kind in RESOURCE_TYPES and kind not in KIND_OF and kind != "Medication":
            self.record.unreadable.append(Unreadable(ref, odd.place, odd.reason))
            return
        touched = (
            "medicine" if kind == "Medication" else KIND_OF.get(kind, "") if isinstance(kind, str) else ""
        )
        if not touched:
            self.record.unreadable.append(Unreadable(ref, odd.place, odd.reason, tuple(LIST_OF)))
            return
        self._list_is_there(touched)
        concepts, named = self._loose_concepts(touched, loose)
        kinds = (touched,) if concepts or not named else ()
        self.record.unreadable.append(Unreadable(ref, odd.place, odd.reason, kinds, concepts))

    def _loose_concepts(self, kind: str, loose: dict[str, Any]) -> tuple[tuple[str, ...], bool]:
        """Concepts that a wrong-shaped resource belongs to, and whether it names itself at all."""
        try:
            concept = msgspec.convert(
                loose.get("code") or loose.get("medicationCodeableConcept"), CodeableConcept
            )
        except msgspec.ValidationError:
            return (), False
        matched = self.index.match(kind, concept)
        if matched.medicine is not None and not matched.medicine.identified and kind == "medicine":
            return (), False
        if kind == "observation" and "component" in loose:
            inside, known = self._parts(msgspec.json.encode(loose["component"]))
            return (*(match.concept for match in matched.matches), *inside) if known else (), known
        return tuple(match.concept for match in matched.matches), matched.title not in ("", "unnamed")


class _Coded(msgspec.Struct):
    code: CodeableConcept | None = None


_decode_codes = msgspec.json.Decoder(list[_Coded]).decode


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


def _what_is_left(loose: dict[str, Any]) -> Resource:
    """A Patient with those of its elements that can be read."""
    left = Resource(resourceType="Patient")
    for key in ("id", "gender", "birthDate", "deceasedBoolean", "deceasedDateTime"):
        kind = bool if key == "deceasedBoolean" else str
        if isinstance(loose.get(key), kind):
            setattr(left, key, loose[key])
    return left


class _Dangling(Exception):
    def __init__(self, unreadable: Unreadable) -> None:
        super().__init__(unreadable.reason)
        self.unreadable = unreadable


def _answer(item: Item) -> Any:
    for given in item.answer:
        if given.valueCoding is not None:
            return values.from_coding(given.valueCoding)
        part = Component(
            valueInteger=given.valueInteger,
            valueBoolean=given.valueBoolean,
            valueString=given.valueString,
            valueQuantity=given.valueQuantity,
        )
        if given.valueDecimal is not None:
            return Value(given.valueDecimal, given.valueDecimal, text=f"{given.valueDecimal:g}")
        return values.value_of(part)
    return None


__all__ = ["ABSENT", "KIND_OF", "LIST_OF", "read"]
