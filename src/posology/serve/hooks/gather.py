"""One record from all that was sent along and fetched, and an account of what could not be had.

A list that nobody sent is not an empty list. What it could have held is made *unknown* in the same way as
an entry that cannot be read, so that no statement is taken as not met because nobody looked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from posology.errors import InputError, RecordError
from posology.record.fhir import assemble
from posology.record.match import Index
from posology.record.model import Record, Unreadable
from posology.record.shape import Odd, Shaped, from_bundle, shape

from .faults import wrong
from .fetch import Fetched
from .prefetch import Wanted
from .request import HookRequest
from .sent import Head, Link, Sent, decode_head

_MEDICINES = ("MedicationRequest", "MedicationStatement", "MedicationDispense", "MedicationAdministration")
_NEXT = "only its first page was sent, and prefetch has no way to the next"
_WHOSE = "an entry of it names a person with a reference that leads nowhere, so nobody can tell whose it is"
_TOTAL = "it says that there are more entries than were sent"


@dataclass(slots=True)
class Gathered:
    """Resources of one person, and the queries that nothing answers in full, with the reason."""

    shaped: Shaped = field(default_factory=lambda: Shaped([], []))
    lacking: dict[str, str] = field(default_factory=dict)
    types: set[str] = field(default_factory=set)
    """Resource types that were sent under keys of the sender's own, whole."""

    def add(self, data: Sent | bytes, name: str) -> set[str]:
        """Read a resource or Bundle that stands at `name`; the resource types in it."""
        if isinstance(data, Sent):
            read = (
                from_bundle(data, name) if data.resourceType == "Bundle" else Shaped([(name, None, data)], [])
            )
            self.shaped.resources.extend(read.resources)
            self.shaped.odd.extend(read.odd)
            return {each.resourceType for _, _, each in read.resources}
        read = shape(_utf8(data, name), name)
        self.shaped.resources.extend([(_at(name, place), url, each) for place, url, each in read.resources])
        self.shaped.odd.extend(Odd(_at(name, each.place), each.reason, each.loose) for each in read.odd)
        return {each.resourceType for _, _, each in read.resources}


def sent(asked: HookRequest, wants: dict[str, Wanted]) -> Gathered:
    """What came with the call. Raises `Refused` (400) for prefetch that is no FHIR or another person's."""
    gathered = Gathered()
    for key, value in asked.prefetch.items():
        if value is not None:
            _one(gathered, key, value, wants.get(key))
    for place, _, resource in gathered.shaped.resources:
        if resource.resourceType == "Patient" and resource.id and resource.id != asked.patient:
            raise wrong(f"$.{place}", "is another Patient than $.context.patientId")
    _of_nobody(gathered)
    for key, want in wants.items():
        there = key in asked.prefetch and (key != "patient" or asked.prefetch[key] is not None)
        if key not in gathered.lacking and not there and want.type not in gathered.types:
            gathered.lacking[key] = "it was not sent along"
    return gathered


def _of_nobody(gathered: Gathered) -> None:
    """Lists with entries of which it cannot be told whose they are: set aside alone, they would hide in silence.

    Such references have a meaning only in the Bundle that they come from, which a Patient sent alone has left.
    """
    people = {url for _, url, each in gathered.shaped.resources if each.resourceType == "Patient"}
    for place, _, resource in gathered.shaped.resources:
        who = resource.subject or resource.patient
        reference = who.reference if who else None
        if reference and reference.startswith(("urn:", "#")) and reference not in people:
            gathered.lacking[place.removeprefix("prefetch.").partition(".")[0]] = _WHOSE
            gathered.types.discard(resource.resourceType)


def _one(gathered: Gathered, key: str, value: Sent | bytes, want: Wanted | None) -> None:
    name = f"prefetch.{key}"
    head = value.head if isinstance(value, Sent) else _head(value, want)
    if head is None or not head.resourceType:
        if want is not None:
            raise wrong(f"$.{name}", f"is what {want.template} gives, or null: a FHIR resource or Bundle")
        return
    if head.resourceType == "OperationOutcome":
        gathered.lacking[key] = "an OperationOutcome was sent in its place"
        return
    if key == "patient" and head.resourceType not in ("Patient", "Bundle"):
        raise wrong(f"$.{name}", f"is a Patient, not a {head.resourceType[:40]}")
    try:
        types = gathered.add(value, name)
    except (InputError, RecordError) as error:
        raise wrong(f"$.{name}", f"is not FHIR R4: {error}") from None
    listed = head.resourceType == "Bundle"
    whole = not listed or (not head.next and (head.total is None or head.total <= _entries(value)))
    if want is None:
        gathered.types |= types if whole else set()
    elif not want.limited and not whole:
        gathered.lacking[key] = _NEXT if head.next else _TOTAL
    elif key == "patient" and "Patient" not in types:
        gathered.lacking[key] = "no Patient was sent"


def _utf8(data: bytes, name: str) -> bytes:
    """The same bytes. Raises `InputError` if they are no text."""
    try:
        data.isascii() or data.decode()
    except UnicodeDecodeError:
        raise InputError(f"{name}: is not JSON in UTF-8") from None
    return data


class _Kind(msgspec.Struct):
    resourceType: str = ""  # noqa: N815


_kind_of = msgspec.json.Decoder(_Kind).decode


def _head(value: bytes, want: Wanted | None) -> Head | None:
    """What can be told of a resource at once; of one that nobody asked for, its type and that it may go on."""
    for decode in (decode_head, *(() if want else (_kind_of,))):
        try:
            head = decode(value)
        except (msgspec.DecodeError, RecursionError):
            continue
        return head if isinstance(head, Head) else Head(head.resourceType, link=[Link("next", "unread")])
    return None


class _Entries(msgspec.Struct):
    entry: list[msgspec.Raw] = []


_entries_of = msgspec.json.Decoder(_Entries).decode


def _entries(value: Sent | bytes) -> int:
    return len(value.entry if isinstance(value, Sent) else _entries_of(value).entry)


def complete(gathered: Gathered, fetched: dict[str, Fetched], patient: str) -> None:
    """Add what was fetched; what failed stays lacking, with both reasons."""
    for key, answer in fetched.items():
        if not answer.pages and answer.lacking:
            gathered.lacking[key] += f", and {answer.lacking}"
            continue
        before = len(gathered.shaped.resources), len(gathered.shaped.odd)
        try:
            for number, page in enumerate(answer.pages):
                gathered.add(page, f"fhirServer.{key}" + (f".page[{number}]" if number else ""))
        except (InputError, RecordError):
            answer = answer._replace(lacking="the FHIR server answered with something that is not FHIR R4")
        new = gathered.shaped.resources[before[0] :]
        if any(each.resourceType == "Patient" and each.id != patient for _, _, each in new):
            del gathered.shaped.resources[before[0] :], gathered.shaped.odd[before[1] :]
            answer = answer._replace(lacking="the FHIR server answered about another Patient")
        if answer.lacking:
            gathered.lacking[key] += f", and {answer.lacking}"
        else:
            del gathered.lacking[key]


def record_of(gathered: Gathered, orders: Shaped, wants: dict[str, Wanted], on: int, index: Index) -> Record:
    """The record with these orders in it, in which every list that was not had in full is open.

    Raises `RecordError` if the resources are not one person's.
    """
    shaped = Shaped(gathered.shaped.resources + orders.resources, gathered.shaped.odd + orders.odd)
    record = assemble(shaped, "the request", on, index, {})
    for want in (wants[key] for key in wants if key in gathered.lacking and wants[key].kind):
        why = gathered.lacking[want.key]
        bad = Unreadable(f"the {want.type} list", f"prefetch.{want.key}", why, (want.kind,), want.concepts)
        record.unreadable.append(bad)
        if not want.concepts:
            record.tainted_kinds.add(want.kind)
        for concept in want.concepts:
            record.tainted.setdefault(concept, []).append(bad)
        record.present.discard(want.list)
    if not _listed(gathered):
        record.present.discard("medications")  # what is being ordered is no list of what is taken
    return record


def _listed(gathered: Gathered) -> bool:
    """Is any medicine there that is no draft and was not withdrawn?"""
    return any(
        each.resourceType in _MEDICINES
        and (each.status or "") not in ("draft", "cancelled", "entered-in-error")
        for _, _, each in gathered.shaped.resources
    )


def needed(gathered: Gathered, keys: Iterable[str]) -> dict[str, str]:
    """Those of these queries that nothing answers, with the reason."""
    return {key: gathered.lacking[key] for key in keys if key in gathered.lacking}


def _at(name: str, place: str) -> str:
    if place[:6] == "Bundle":
        return name + place[6:]
    return name + place[1:] if place[:1] == "$" else f"{name}.{place}"
