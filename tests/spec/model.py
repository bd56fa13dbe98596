"""What a spec example is: a small record, one question, the answer expected.

The same examples are tests (`test_meaning.py`) and a chapter of the manual (`generate.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

ON = "2026-06-30"
MET, NOT_MET, UNKNOWN = "met", "not-met", "unknown"


class Fhir(NamedTuple):
    """An entry in case notation with FHIR fields set over it (None: taken out)."""

    entry: str
    fields: dict[str, Any]


def fhir(entry: str, **fields: Any) -> Fhir:
    return Fhir(entry, fields)


def raw(**resource: Any) -> Fhir:
    """A FHIR resource as it stands."""
    return Fhir("", resource)


Entry = str | Fhir


@dataclass(frozen=True)
class Example:
    """One line of the manual's tables, and one test."""

    says: str
    entries: tuple[Entry, ...]
    answer: str
    when: str = ""
    on: str = ""
    patient: str = ""
    names: tuple[str, ...] | None = None
    """Ids of exactly the entries that the answer names as its reason."""
    asks: str = ""
    """Words of what has to be found out."""
    why: str = ""
    """Words of why it is open."""
    note: str = ""
    aside: str = ""
    """Words of the reason why an entry was set aside."""
    stage: str = ""
    earliest: str = ""
    either: tuple[tuple[str, str, str], ...] = ()
    """For verdicts: what to find out, the verdict if so, the verdict if not."""


def met(says: str, *entries: Entry, **more: Any) -> Example:
    return Example(says, entries, MET, **more)


def no(says: str, *entries: Entry, **more: Any) -> Example:
    return Example(says, entries, NOT_MET, **more)


def unknown(says: str, *entries: Entry, **more: Any) -> Example:
    return Example(says, entries, UNKNOWN, **more)


def verdict(answer: str, says: str, *entries: Entry, **more: Any) -> Example:
    return Example(says, entries, answer, **more)


@dataclass(frozen=True)
class Rule:
    """A choice of meaning: what it says to a clinician, why it is so, and examples."""

    title: str
    says: str
    why: str
    examples: tuple[Example, ...]
    when: str = ""
    """The criterion that the examples put, unless one has its own. Empty: the whole question is asked."""
    given: tuple[Entry, ...] = ()
    """Entries that every example of the rule has besides its own."""
    patient: str = "{sex: male, born: 1980-03-01}"
    on: str = ON


@dataclass(frozen=True)
class Topic:
    title: str
    says: str
    rules: tuple[Rule, ...]
