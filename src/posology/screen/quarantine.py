"""What a run cannot use, and the account of what became of everything else."""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec
from msgspec import Struct

from posology.record.fhir_types import decode_resource

_PATH = re.compile(r" - at `\$\.?(.+)`$")
NOT_DECODED = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
"""What decoding raises: not JSON, or of another shape; too deep; a text that is not UTF-8."""
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


class At(NamedTuple):
    """Where something stands: the line within the unit from 0, its byte, the place in it."""

    number: int | None
    offset: int | None
    place: str

    def inside(self, place: str) -> At:
        """Something within it."""
        return self._replace(place=f"{self.place}.{place}" if self.place else place)


def why_not(line: bytes) -> tuple[str, str]:
    """Why a line cannot be decoded as a resource, and the JSON path; of what it says, nothing."""
    try:
        decode_resource(line)
    except NOT_DECODED as wrong:
        text = str(wrong)
        found = _PATH.search(text)
        return text.partition(" - at ")[0], found[1] if found else ""
    return "has no resourceType of FHIR R4", "resourceType"
