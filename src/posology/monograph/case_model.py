"""What a case is: a patient in a few lines, a question, and the answer that is expected.

::

    bases:
      - id: complete                  # nothing missing, nothing wrong
        patient: {sex: female, born: 1980-03-01}
        question: {on: 2026-06-30}
        entries:
          - {observation: alt, value: 22 U/L, on: 2026-06-01}
          - {allergies: none}
    cases:
      - id: result-too-old
        says: The liver was last looked at a year ago.
        base: complete
        question: {for: some-use}
        without: [alt]
        entries:
          - {observation: alt, value: 22 U/L, on: 2025-06-01}
        expect: {verdict: cannot-tell, unknown: [liver-tests-needed]}
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated, Literal

from annotated_types import MinLen

from .model import Region, Text

ListState = Literal["none"]
Given = str | int | float | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEntry:
    """One thing in the record: exactly one of the keys of `KINDS`, with that kind's options.

    Dates are FHIR dates (``2026``, ``2026-06``, ``2026-06-30``, or with a time). A name is a
    concept's id, which gives its first code, or else free text.
    """

    condition: str = ""
    medication: str = ""
    """Free text, as in a product's name; add `code` for a coded one."""
    observation: str = ""
    allergy: str = ""
    procedure: str = ""
    planned: str = ""
    """A ServiceRequest."""
    appointment: str = ""
    family_history: str = ""
    questionnaire: str = ""
    """One answered question: an observation concept, whose LOINC code becomes the linkId."""
    pregnancy: bool | None = None
    lactation: bool | None = None
    conditions: ListState | None = None
    """`none`: the list is there and says that there is nothing."""
    medications: ListState | None = None
    allergies: ListState | None = None
    id: str = ""
    code: str = ""
    """``icd10cm F11.20``, ``rxnorm 1483744``; several with commas."""
    text: str = ""
    """Free text instead of the concept's name and codes."""
    status: str = ""
    verification: str = ""
    from_: str = ""
    to: str = ""
    on: str = ""
    recorded: str = ""
    """When it was written down: recordedDate, authoredOn, dateAsserted, issued."""
    as_: Literal["request", "statement", "dispense", "administration", ""] = ""
    supply: str = ""
    """``30 days``."""
    refills: int | None = None
    dose: str = ""
    """``4.5 mg``."""
    frequency: str = ""
    """``1/day``, ``2/day``, ``1/week`` or ``every 28 days``."""
    instructions: str = ""
    intent: str = ""
    draft: bool = False
    value: Given | None = None
    """``22 U/L``, ``<5 U/L``, ``positive``, ``negative``, true, a number or free text."""
    range_high: str = ""
    """Upper limit of the reference range: ``40 U/L``."""
    absent_reason: str = ""
    type: Literal["allergy", "intolerance", ""] = ""
    criticality: Literal["low", "high", "unable-to-assess", ""] = ""
    relative: str = ""


_MEDICINE = ("status", "from", "to", "recorded", "as", "supply", "refills", "dose", "frequency",
             "instructions", "intent", "draft")  # fmt: skip
_RESULT = ("status", "value", "on", "recorded", "range_high", "absent_reason")
KINDS: dict[str, tuple[str, ...]] = {
    "condition": ("status", "verification", "from", "to", "recorded"),
    "medication": _MEDICINE,
    "observation": _RESULT,
    "allergy": ("status", "verification", "type", "criticality", "from", "recorded"),
    "procedure": ("status", "on", "from", "to"),
    "planned": ("status", "on", "recorded", "intent"),
    "appointment": ("status", "on", "recorded"),
    "family_history": ("relative", "recorded"),
    "questionnaire": ("status", "value", "on"),
    "pregnancy": ("status", "on"),
    "lactation": ("status", "on"),
    "conditions": (),
    "medications": (),
    "allergies": (),
}
"""The kinds of entry, and which options each takes besides `id`, `code` and `text`."""
_ALWAYS = ("id", "code", "text")


def kind_of(entry: CaseEntry) -> str:
    """The kind of an entry; raises ValueError if it has none, two, or an option of another kind."""
    given = [field.name for field in fields(entry) if getattr(entry, field.name) not in ("", None, False)]
    # `pregnancy: false` says something, unlike an option that is left at its default.
    given += [name for name in ("pregnancy", "lactation") if getattr(entry, name) is False]
    kinds = [name for name in given if name in KINDS]
    known = ", ".join(KINDS).replace("_", "-")
    if len(kinds) != 1:
        found = " and ".join(kinds).replace("_", "-") or "none"
        raise ValueError(f"an entry takes one of {known}; found {found}")
    for name in given:
        option = name.rstrip("_")
        if option != kinds[0] and option not in (*KINDS[kinds[0]], *_ALWAYS):
            allowed = ", ".join((*KINDS[kinds[0]], *_ALWAYS)).replace("_", "-")
            raise ValueError(f"{kinds[0]}: does not take '{option.replace('_', '-')}' (it takes {allowed})")
    return kinds[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePatient:
    """Who; what is left out is not recorded."""

    sex: Literal["female", "male", "other", "unknown", ""] = ""
    born: str = ""
    died: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseQuestion:
    """What is asked. `for` is a use, `on` the date asked about."""

    for_: str = ""
    on: str = ""
    region: Region | None = None
    product: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """A patient to build cases on."""

    id: Text
    says: str = ""
    patient: CasePatient = CasePatient()
    question: CaseQuestion = CaseQuestion()
    entries: tuple[CaseEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """The answer: a verdict, and statements that must be met, not met or unknown.

    An empty list says more than one left out: that no statement which drives the verdict is so.
    """

    verdict: Text
    stage: Literal["starting", "taking", ""] = ""
    met: tuple[str, ...] | None = None
    not_met: tuple[str, ...] | None = None
    unknown: tuple[str, ...] | None = None
    earliest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A patient, a question, and the answer expected."""

    id: Text
    says: Text
    expect: Expect
    base: str = ""
    patient: CasePatient = CasePatient()
    question: CaseQuestion = CaseQuestion()
    entries: tuple[CaseEntry, ...] = ()
    without: tuple[str, ...] = ()
    """Entries of the base to leave out: by id, by the name given to the kind, or by the kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """What cases.yaml holds."""

    cases: Annotated[tuple[Case, ...], MinLen(1)]
    bases: tuple[Base, ...] = ()
