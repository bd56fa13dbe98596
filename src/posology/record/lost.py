"""What could not be read, and what that leaves open.

An entry that cannot be read makes what it could have said unknown, never false. The more of it can still
be told, the less stays open: its concepts, else its kind, else everything.
"""

from __future__ import annotations

from typing import Any

import msgspec

from .fhir_types import CodeableConcept, Resource
from .kinds import KIND_OF, LIST_OF, RESOURCE_TYPES
from .match import Index
from .model import Unreadable
from .shape import Odd


def of_resource(index: Index, resource: Resource, ref: str, place: str, reason: str) -> Unreadable:
    """What a resource leaves open of which one element cannot be read."""
    kind = KIND_OF[resource.resourceType]
    matched = index.match(kind, resource.code or resource.medicationCodeableConcept)
    concepts = tuple(match.concept for match in matched.matches)
    known = bool(concepts) or (matched.legible and matched.title not in ("", "unnamed"))
    if resource.component:
        inside, known = _parts(index, resource.component)
        concepts = (*concepts, *inside) if known else ()
    if known and not concepts and not (matched.medicine and not matched.medicine.identified):
        return Unreadable(ref, place, reason)
    return Unreadable(ref, place, reason, (kind,), concepts)


def touched_by(odd: Odd) -> str:
    """The kind of concept that an undecodable entry could have been about; empty if that cannot be told."""
    kind = (odd.loose or {}).get("resourceType")
    if kind == "Medication":
        return "medicine"
    return KIND_OF.get(kind, "") if isinstance(kind, str) else ""


def of_odd(index: Index, odd: Odd) -> Unreadable:
    """What an entry leaves open that could not be decoded at all."""
    loose = odd.loose or {}
    kind, name = loose.get("resourceType"), loose.get("id")
    if isinstance(kind, str):
        kind = kind[:40]
    ref = f"{kind}/{name}" if isinstance(kind, str) and isinstance(name, str) else kind
    ref = ref if isinstance(ref, str) else "an entry"
    if kind == "Patient":
        return Unreadable(ref, odd.place, odd.reason, ("patient",))
    touched = touched_by(odd)
    if kind == "Encounter" and isinstance(loose.get("status"), str) and loose["status"] != "planned":
        return Unreadable(ref, odd.place, odd.reason)
    if not touched:
        harmless = isinstance(kind, str) and kind in RESOURCE_TYPES
        return Unreadable(ref, odd.place, odd.reason, () if harmless else tuple(LIST_OF))
    concepts, named = _loose_concepts(index, touched, loose)
    kinds = (touched,) if concepts or not named else ()
    return Unreadable(ref, odd.place, odd.reason, kinds, concepts)


def _parts(index: Index, raw: msgspec.Raw | bytes) -> tuple[tuple[str, ...], bool]:
    """Concepts of the components of an Observation, and whether all of them could be told."""
    try:
        codes = [part.code for part in _decode_codes(raw)]
    except (msgspec.DecodeError, RecursionError):
        return (), False
    matches = [match.concept for code in codes for match in index.match("observation", code).matches]
    return tuple(dict.fromkeys(matches)), all(code is not None for code in codes)


def _loose_concepts(index: Index, kind: str, loose: dict[str, Any]) -> tuple[tuple[str, ...], bool]:
    """Concepts that a wrong-shaped resource belongs to, and whether it names itself at all."""
    try:
        concept = msgspec.convert(
            loose.get("code") or loose.get("medicationCodeableConcept"), CodeableConcept
        )
    except msgspec.ValidationError:
        return (), False
    matched = index.match(kind, concept)
    if matched.medicine is not None and not matched.medicine.identified and kind == "medicine":
        return (), False
    if kind == "observation" and "component" in loose:
        inside, known = _parts(index, msgspec.json.encode(loose["component"]))
        return (*(match.concept for match in matched.matches), *inside) if known else (), known
    return tuple(match.concept for match in matched.matches), matched.title not in ("", "unnamed")


class _Coded(msgspec.Struct):
    code: CodeableConcept | None = None


_decode_codes = msgspec.json.Decoder(list[_Coded]).decode


def what_is_left(loose: dict[str, Any]) -> Resource:
    """A Patient with those of its elements that can be read."""
    left = Resource(resourceType="Patient")
    for key in ("id", "gender", "birthDate", "deceasedBoolean", "deceasedDateTime"):
        kind = bool if key == "deceasedBoolean" else str
        if isinstance(loose.get(key), kind):
            setattr(left, key, loose[key])
    return left
