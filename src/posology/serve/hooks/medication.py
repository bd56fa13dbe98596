"""What a reference to a Medication means: it was sent along, stands among the orders, or is fetched.

``_include`` is not in the subset of FHIR that the specification recommends for prefetch, so queries do not ask
for Medications: they are fetched one by one, as far as nothing else says what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from posology.errors import InputError, RecordError
from posology.record.collect import Medications, keep_medication
from posology.record.fhir_types import CodeableConcept

from .address import same
from .gather import Gathered
from .prefetch import Wanted
from .request import HookRequest, Order

MOST = 50
"""Medications that are fetched for one call; entries that point to others stay unknown."""
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")


def of_order(order: Order) -> str:
    """What an order of a medicine points to outside itself, where it says in no other way what it is; else empty."""
    resource = order.resource
    if (
        resource["resourceType"] != "MedicationRequest"
        or resource.get("medicationCodeableConcept") is not None
    ):
        return ""
    reference = resource.get("medicationReference")
    target = reference.get("reference") if isinstance(reference, dict) else None
    return target if isinstance(target, str) and not target.startswith("#") else ""


def among_orders(gathered: Gathered, asked: HookRequest) -> None:
    """Add the Medications that stand among the draft orders to what was gathered."""
    for order in asked.orders:
        if order.resource["resourceType"] == "Medication":
            try:
                gathered.add(msgspec.json.encode(order.resource), order.place.removeprefix("$."))
            except (InputError, RecordError):
                continue  # what points to it stays unknown


def known(gathered: Gathered) -> Medications:
    """What the Medications are that were gathered, by id and by URL."""
    found: dict[str, CodeableConcept | None] = {}
    for _, url, resource in gathered.shaped.resources:
        if resource.resourceType == "Medication":
            keep_medication(found, resource, url)
    return found


def meant(reference: str, medications: Medications) -> CodeableConcept | None:
    """What the Medication is that this reference names; None if that is not known."""
    plain = reference.partition("/_history/")[0]
    for key in (reference, plain.rsplit("/", 1)[-1].rsplit(":", 1)[-1]):
        if key in medications:
            return medications[key]
    return None


def lacking(gathered: Gathered, asked: HookRequest) -> list[Wanted]:
    """Queries for the Medications that are pointed to and were not gathered, on the server that the call names."""
    have = known(gathered)
    found: dict[str, Wanted] = {}
    for reference in _references(gathered, asked):
        id_ = _on_server(reference, asked.server)
        if id_ and id_ not in have and reference not in have and len(found) < MOST:
            found[id_] = Wanted(_key(id_), f"Medication/{id_}", "Medication", "")
    return [each for each in found.values() if each.key not in gathered.lacking]


def why(reference: str, gathered: Gathered, asked: HookRequest) -> str:
    """Why the Medication of a reference is not known."""
    id_ = _on_server(reference, asked.server)
    return gathered.lacking.get(_key(id_), "it was not sent along") if id_ else "it is not on fhirServer"


def _references(gathered: Gathered, asked: HookRequest) -> Iterator[str]:
    yield from filter(None, map(of_order, asked.orders))
    for _, _, resource in gathered.shaped.resources:
        reference = resource.medicationReference
        if reference is not None and reference.reference and resource.medicationCodeableConcept is None:
            yield reference.reference


def _on_server(reference: str, server: str) -> str:
    """The id in ``Medication/ID``, or in the same of this server; empty for anything else."""
    base, kind, id_ = reference.partition("/_history/")[0].rpartition("Medication/")
    here = base == "" or (base.endswith("/") and same(base, server))
    return id_ if kind and here and _ID.fullmatch(id_) and id_.strip(".") else ""


def _key(id_: str) -> str:
    return f"Medication/{id_}"
