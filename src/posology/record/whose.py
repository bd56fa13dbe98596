"""Whose a resource is: the id that a reference gives, read in one way for one person and for many."""

from __future__ import annotations

from .kinds import RESOURCE_TYPES


def target(reference: str) -> tuple[str, str]:
    """Type and id of what a reference points to.

    The type is empty where the reference does not say it (``urn:uuid:…``), the id where it points nowhere:
    into the same resource (``#x``), or at a type without an id.
    """
    plain = reference.partition("/_history/")[0]
    *before, name = plain.rsplit("/", 2)
    kind = before[-1] if before and before[-1] in RESOURCE_TYPES else ""
    name = name.rsplit(":", 1)[-1]
    return kind, "" if plain.startswith("#") or name in RESOURCE_TYPES else name


def names_a_person(reference: str) -> bool:
    """Can it be a Patient? So with every reference that does not say that it is something else."""
    return target(reference)[0] in ("", "Patient")
