"""From resources to the hits of a record: one way of reading for each kind of resource."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from . import entries, taken, values
from .entries import NotCounted, Unusable
from .fhir_types import (
    CodeableConcept,
    Coding,
    Component,
    Item,
    Resource,
    decode_components,
    decode_items,
    decode_resource,
)
from .kinds import KIND_OF, LIST_OF
from .match import Index, Matched
from .model import Entry, Hit, Record, Unreadable, Value

NAMELESS = "says nothing: no code, no name"


class Dangling(Exception):
    """A reference to a Medication that is not in the record; carries what that leaves open."""

    def __init__(self, unreadable: Unreadable) -> None:
        super().__init__(unreadable.reason)
        self.unreadable = unreadable


Medications = Mapping[str, CodeableConcept | None]
"""What Medication resources are, by id and by URL; None for one that says neither code nor ingredients."""


def keep_medication(kept: dict[str, CodeableConcept | None], resource: Resource, url: str | None) -> None:
    """Remember what a Medication is for the entries that point to it."""
    for key in (resource.id, url):
        if key:
            # Two that share an id and differ name no medicine: nobody knows which one is meant.
            made = made_of(resource)
            known = kept.setdefault(key, made)
            kept[key] = made if known == made else CodeableConcept()


class Collector:
    """Adds entries to one record. Medications of the record itself go before those that many records share."""

    def __init__(self, index: Index, on: int, record: Record, shared: Medications) -> None:
        self.index, self.on, self.record = index, on, record
        self.medications: dict[str, CodeableConcept | None] = {}
        self._shared = shared

    def keep_medication(self, resource: Resource, url: str | None) -> None:
        """Remember what a Medication of the record is."""
        keep_medication(self.medications, resource, url)

    def add(self, resource: Resource, ref: str, place: str, matched: Matched | None = None) -> bool:
        """Read one resource into the record; True if it belongs to any concept.

        `matched` is what an Observation's code belongs to, where that was looked up before.

        Raises `NotCounted`, `Unusable` or `Dangling` if it does not become an entry.
        """
        kind = resource.resourceType
        if kind == "Observation":
            return self._observation(resource, ref, matched)
        if kind == "QuestionnaireResponse":
            return self._questionnaire(resource, ref)
        if kind in ("ServiceRequest", "Appointment", "Encounter"):
            return self._planned(resource, ref)
        if KIND_OF[kind] == "medicine":
            return self._medication(resource, ref, place)
        return self._plain(resource, ref)

    def title(self, resource: Resource) -> str:
        """What the resource is called, or its type."""
        kind = KIND_OF.get(resource.resourceType)
        if kind is None:
            return resource.resourceType
        concept = resource.code or resource.medicationCodeableConcept
        if concept is None and resource.medicationReference is not None:
            try:
                concept = self._referenced(resource, "", "")
            except Dangling:
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

    def list_is_there(self, kind: str) -> None:
        """There is a list of this kind, whatever stands in it."""
        self.record.present.add(LIST_OF[kind])

    def _plain(self, resource: Resource, ref: str) -> bool:
        kind = KIND_OF[resource.resourceType]
        matched = self.index.match(kind, resource.code)
        reader = {"condition": entries.condition, "allergy": entries.allergy, "procedure": entries.procedure}[
            kind
        ]
        if not matched.matches and kind == "procedure" and matched.title not in ("", "unnamed"):
            self.list_is_there(kind)
            return False
        entry = reader(resource, ref, matched, self.on)
        if not entry.title or entry.title == "unnamed":
            raise Unusable("code", NAMELESS)
        if not matched.matches and not matched.legible:
            raise Unusable("code", "a code of a system that is not known here, and no name")
        self.list_is_there(kind)
        self._add(entry, matched)
        return bool(matched.matches)

    def _observation(self, resource: Resource, ref: str, known: Matched | None) -> bool:
        found = False
        parts: list[tuple[Component, CodeableConcept | None]] = [(resource, resource.code)]
        if resource.component:
            try:
                parts.extend((part, part.code) for part in decode_components(resource.component))
            except (msgspec.DecodeError, RecursionError):
                raise Unusable("component", "has the wrong shape") from None
        self.list_is_there("observation")
        for part, concept in parts:
            if part is resource and known is not None:
                matched = known
            else:
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
        if resource.resourceType == "Encounter":
            concepts += entries.reasons(resource.type) + entries.reasons(resource.reasonCode)
        else:
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
        if resource.resourceType == "Encounter":
            return found
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
            except Dangling:
                if never:
                    raise NotCounted(never) from None
                raise
        matched = self.index.match("medicine", concept)
        if matched.medicine is None or not matched.medicine.identified:
            never = never or entries.course(resource, matched, self.on).never
            if never:
                raise NotCounted(never)
            raise Unusable(
                "medicationCodeableConcept",
                "names no medicine that can be recognised: no known code, no name",
            )
        if not matched.matches:
            return self._unknown_medicine(resource, matched)
        entry = entries.medication(resource, ref, matched, self.on)
        never = entry.course.never if entry.course else ""
        if never and never != taken.DRAFT:
            if never == taken.NOT_TAKEN:
                self._add(entry, matched)
            raise NotCounted(never)
        if never != taken.DRAFT:
            self.list_is_there("medicine")
        self._add(entry, matched)
        return True

    def _unknown_medicine(self, resource: Resource, matched: Matched) -> bool:
        """One that belongs to no concept: its name is kept if it may be taken now."""
        told = entries.course(resource, matched, self.on)
        if not told.never:
            self.list_is_there("medicine")
            if taken.during(told, self.on, self.on) is not False:
                self.record.others.add(matched.title)
        return False

    def _referenced(self, resource: Resource, ref: str, place: str) -> CodeableConcept | None:
        reference = resource.medicationReference.reference if resource.medicationReference else None
        if reference and reference.startswith("#"):
            for raw in resource.contained:
                try:
                    inner = decode_resource(raw)
                except (msgspec.DecodeError, RecursionError):
                    why = "points into contained resources that cannot be read"
                    raise Dangling(Unreadable(ref, f"{place}.contained", why, ("medicine",))) from None
                if inner.id == reference[1:]:
                    return made_of(inner)
        elif reference:
            plain = reference.partition("/_history/")[0]
            for key in (reference, plain.rsplit("/", 1)[-1].rsplit(":", 1)[-1]):
                for known in (self.medications, self._shared):
                    if key in known:
                        return known[key]
        if resource.medicationReference and resource.medicationReference.display:
            return CodeableConcept([], resource.medicationReference.display)
        why = "points to a Medication that is not in the record" if reference else "names no medicine"
        raise Dangling(Unreadable(ref, f"{place}.medicationReference", why, ("medicine",)))


def made_of(medication: Resource) -> CodeableConcept | None:
    """What a Medication is: its code together with its active ingredients; None if it says neither."""
    parts = [part for part in medication.ingredient if part.isActive is not False]
    if not parts:
        return medication.code
    own = medication.code or CodeableConcept()
    codings = list(own.coding)
    for part in parts:
        if part.itemCodeableConcept is not None:
            codings += part.itemCodeableConcept.coding
            if part.itemCodeableConcept.text:
                codings.append(Coding(display=part.itemCodeableConcept.text))
        elif part.itemReference is not None and part.itemReference.display:
            codings.append(Coding(display=part.itemReference.display))
    return CodeableConcept(codings, own.text)


def _answer(item: Item) -> Value | None:
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
