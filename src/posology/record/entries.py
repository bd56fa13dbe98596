"""One FHIR resource to one entry: what its status, dates and values mean (DESIGN section 6).

Each reader returns an `Entry`, raises `NotCounted` with the reason why the resource does not count, or
raises `Unusable` when something in it cannot be read.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from . import dates, dosing, taken, values
from .dates import EARLIEST, Span
from .fhir_types import (
    CodeableConcept,
    Component,
    Dosage,
    Period,
    Quantity,
    Reference,
    Resource,
    decode_concepts,
    decode_dosage,
    decode_dosages,
    decode_period,
    decode_quantity,
    decode_text,
)
from .match import Matched
from .model import Course, Entry, Value

NEVER_COUNTS = ("entered-in-error", "refuted")
"""Verification statuses of what is not so."""


class NotCounted(Exception):
    """The resource was read and does not count; the message is the reason."""


class Unusable(Exception):
    """Something in the resource cannot be read: its JSON path and why."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = path, reason


def _date(path: str, text: str | None) -> Span | None:
    if text is None:
        return None
    try:
        return dates.parse(text)
    except ValueError as wrong:
        raise Unusable(path, f"the date {wrong}") from None


def _start(path: str, when: str | None, period: Period | None) -> Span | None:
    return _date(path + "DateTime", when) or (_date(path + "Period.start", period.start) if period else None)


def _known(by: Span | None, on: int) -> None:
    if by is not None and by.lo > on:
        raise NotCounted("recorded after the day asked about")


def _clip(span: Span | None, on: int) -> Span:
    """An unknown or partial date cannot lie after the day that the record was read for."""
    if span is None:
        return Span(EARLIEST, on)
    return span if span.hi <= on else Span(span.lo, max(span.lo, on))


def status_of(concept: CodeableConcept | None) -> str:
    """The code of a status, in lower case: of its first coding that has one, else its text."""
    if concept is None:
        return ""
    return next((coding.code for coding in concept.coding if coding.code), concept.text or "").lower()


def _entry(kind: str, ref: str, resource: Resource, matched: Matched) -> Entry:
    return Entry(kind, ref, resource.resourceType, matched.title, matched.code)


def _verified(resource: Resource, entry: Entry) -> None:
    verification = status_of(resource.verificationStatus)
    if verification in NEVER_COUNTS:
        raise NotCounted(verification.replace("-", " "))
    if verification in ("unconfirmed", "provisional", "differential"):
        entry.state = "unsure"


def condition(resource: Resource, ref: str, matched: Matched, on: int) -> Entry:
    """A Condition. Clinical status says present or past; verification status says how sure that is."""
    entry = _entry("condition", ref, resource, matched)
    _verified(resource, entry)
    onset = _start("onset", resource.onsetDateTime, resource.onsetPeriod)
    recorded = _date("recordedDate", resource.recordedDate)
    _known(recorded or onset, on)
    end = _date("abatementDateTime", resource.abatementDateTime) or (
        _date("abatementPeriod.end", resource.abatementPeriod.end) if resource.abatementPeriod else None
    )
    entry.span = _clip(onset or recorded, on)
    entry.until = end
    status = status_of(resource.clinicalStatus)
    ended = bool(end and end.lo <= on)
    if status in ("inactive", "remission", "resolved"):
        past = end is None or end.lo <= on
    else:
        abated = bool(resource.abatementString or resource.abatementBoolean)
        past = not status and (ended or (abated and end is None))
        if status == "unknown" and entry.state == "yes":
            entry.state = "unsure now"
    if past:
        entry.state = "past" if entry.state == "yes" else "unsure past"
    return entry


def allergy(resource: Resource, ref: str, matched: Matched, on: int) -> Entry:
    """An AllergyIntolerance. One of high criticality counts as an allergy, whatever its type says."""
    entry = _entry("allergy", ref, resource, matched)
    _verified(resource, entry)
    recorded = _date("recordedDate", resource.recordedDate)
    onset = _date("onsetDateTime", resource.onsetDateTime)
    _known(recorded or onset, on)
    entry.span = _clip(recorded or onset, on)
    if status_of(resource.clinicalStatus) in ("inactive", "resolved"):
        entry.state = "past" if entry.state == "yes" else "unsure past"
    if resource.type:
        entry.reaction = _decoded("type", decode_text, resource.type)
    if resource.criticality == "high":
        entry.reaction = "allergy"
    return entry


NO_VALUE = Value(problem="no value")
"""Of a result that has neither a value nor a reason for having none: it may have been lost on the way, so an
earlier result does not stand for it."""


def observation(resource: Resource, part: Component, ref: str, matched: Matched, on: int) -> Entry:
    """An Observation, or one component of one (`part`)."""
    status = (resource.status or "").lower()
    if status in ("entered-in-error", "cancelled"):
        raise NotCounted(status.replace("-", " "))
    effective = (
        resource.effectiveDateTime
        or resource.effectiveInstant
        or (
            resource.effectivePeriod.end or resource.effectivePeriod.start
            if resource.effectivePeriod
            else None
        )
    )
    when = _date("effectiveDateTime", effective)
    issued = _date("issued", resource.issued)
    _known(when, on)
    _known(issued, on)
    entry = _entry("observation", ref, resource, matched)
    value = values.value_of(part)
    if value is None:
        reason = status_of(part.dataAbsentReason)
        if reason:
            raise NotCounted(f"no value ({reason})")
        value = NO_VALUE
    entry.value = value
    entry.span = _clip(when or issued, on)
    entry.instant = dates.instant(effective or resource.issued)
    entry.timed = "T" in (effective or resource.issued or "")
    if status in ("registered", "preliminary", "unknown"):
        entry.state = "unsure"
    return entry


def answer(resource: Resource, value: Value, ref: str, matched: Matched, on: int) -> Entry:
    """One answered item of a QuestionnaireResponse, as an observation."""
    status = (resource.status or "").lower()
    if status in ("entered-in-error", "in-progress", "stopped"):
        raise NotCounted(f"questionnaire {status.replace('-', ' ')}")
    when = _date("authored", resource.authored)
    _known(when, on)
    entry = _entry("observation", ref, resource, matched)
    entry.value = value
    entry.span = _clip(when, on)
    entry.instant = dates.instant(resource.authored)
    entry.timed = "T" in (resource.authored or "")
    return entry


def procedure(resource: Resource, ref: str, matched: Matched, on: int) -> Entry:
    """A Procedure that was done, or one that is prepared."""
    status = (resource.status or "").lower()
    if status in ("entered-in-error", "not-done"):
        raise NotCounted(status.replace("-", " "))
    when = _start("performed", resource.performedDateTime, resource.performedPeriod)
    entry = _entry("procedure", ref, resource, matched)
    entry.planned = status in ("preparation", "on-hold")
    if not entry.planned:
        _known(when, on)
    entry.span = when or (Span(on, dates.LATEST) if entry.planned else Span(EARLIEST, on))
    entry.state = "unsure" if status == "unknown" else "yes"
    return entry


def planned(resource: Resource, ref: str, matched: Matched, on: int) -> Entry:
    """A ServiceRequest, an Appointment or a planned Encounter: something that is going to be done."""
    status = (resource.status or "").lower()
    if status in ("entered-in-error", "revoked", "cancelled", "noshow", "completed", "fulfilled", "declined"):
        raise NotCounted(status.replace("-", " "))
    if resource.doNotPerform or (resource.intent or "order") == "option":
        raise NotCounted("not to be performed" if resource.doNotPerform else "an option, not an order")
    _known(_date("authoredOn", resource.authoredOn) or _date("created", resource.created), on)
    if resource.resourceType == "Appointment":
        when = _date("start", _decoded("start", decode_text, resource.start)) if resource.start else None
    elif resource.resourceType == "Encounter":
        period = _decoded("period", decode_period, resource.period) if resource.period else None
        when = _date("period.start", period.start) if period else None
    else:
        when = _start("occurrence", resource.occurrenceDateTime, resource.occurrencePeriod)
    entry = _entry("procedure", ref, resource, matched)
    entry.planned = True
    entry.span = when or Span(on, dates.LATEST)
    entry.state = "unsure" if status in ("draft", "on-hold", "unknown", "proposed", "waitlist") else "yes"
    return entry


def medication(resource: Resource, ref: str, matched: Matched, on: int) -> Entry:
    """An order, statement, dispense or administration of a medicine, with the course it tells of."""
    told = _course(resource, matched, on)
    entry = _entry("medication", ref, resource, matched)
    medicine = matched.medicine
    entry.ingredients = medicine.ingredients if medicine else frozenset()
    entry.forms = tuple(sorted(medicine.forms)) if medicine else ()
    entry.span, entry.course = told.span, told.course
    if (resource.status or "").lower() in ("stopped", "completed"):
        entry.state = "past"
        entry.until = told.over
    entry.ordered = partial(
        dosing.daily_dose,
        _dosages(resource),
        matched.title,
        len(entry.ingredients),
        medicine.lasts if medicine else 0,
    )
    return entry


def course(resource: Resource, matched: Matched, on: int) -> Course:
    """The course alone, of a medicine of which nothing else matters."""
    return _course(resource, matched, on).course


class _Told(NamedTuple):
    course: Course
    span: Span
    """When it was written, or began."""
    over: Span | None
    """When it ended, or was said to have."""


def _course(resource: Resource, matched: Matched, on: int) -> _Told:
    kind, status, medicine = resource.resourceType, (resource.status or "").lower(), matched.medicine
    if status == "entered-in-error":
        raise NotCounted("entered in error")
    begun, ended, asserted, supply, bounded = _times(resource)
    if bounded is not None and kind == "MedicationRequest":
        ended = bounded
    _known(asserted or begun, on)
    if begun is not None and begun.lo > on and kind in ("MedicationAdministration", "MedicationDispense"):
        raise NotCounted("recorded after the day asked about")
    start = begun if begun is not None and begun.lo > on else _clip(begun, on)
    if medicine is not None and medicine.lasts:
        supply = max(supply or 0, medicine.lasts)
        if kind == "MedicationAdministration":
            ended = None  # the minutes of an injection are no end of what a depot does
    begins = start
    if kind == "MedicationStatement" and not _dated(resource):
        begins = Span(EARLIEST, start.hi)  # the day on which it was said is not the day on which it began
    told = taken.course(kind, status, begins, ended, supply, asserted)
    # A plan is how some systems write what the patient reports to take: neither an order nor nothing.
    intent = resource.intent if kind == "MedicationRequest" else None
    if intent == "plan":
        told = replace(told, sure=0, least=None, listed=False, note="status plan")
    if resource.doNotPerform:
        told = replace(told, never="marked do not perform")
    elif intent in taken.NO_ORDER:
        told = replace(told, never=taken.NO_ORDER[intent])
    return _Told(told, start, ended or asserted)


def _times(resource: Resource) -> tuple[Span | None, Span | None, Span | None, int | None, Span | None]:
    """Start, end, when it was written, days of supply (refills included), end bound in the instructions."""
    kind = resource.resourceType
    if kind == "MedicationRequest":
        written = _date("authoredOn", resource.authoredOn)
        if not any(_repeats_within(dosage) for dosage in resource.dosageInstruction):
            return written, None, written, _supply(resource), None
        parts = [_bounds(number, dosage) for number, dosage in enumerate(resource.dosageInstruction)]
        starts = [start for start, _ in parts if start is not None]
        if written is not None and (not starts or len(starts) < len(parts)):
            starts.append(written)
        ends = [end for _, end in parts if end is not None]
        bounded = max(ends, key=lambda end: end.hi) if ends and len(ends) == len(parts) else None
        return (min(starts) if starts else None), None, written, _supply(resource), bounded
    if kind == "MedicationStatement":
        begun = _start("effective", resource.effectiveDateTime, resource.effectivePeriod)
        end = _date("effectivePeriod.end", resource.effectivePeriod.end) if resource.effectivePeriod else None
        asserted = _date("dateAsserted", resource.dateAsserted)
        return begun or asserted, end, asserted, None, None
    if kind == "MedicationDispense":
        handed = _date("whenHandedOver", resource.whenHandedOver) or _date(
            "whenPrepared", resource.whenPrepared
        )
        days = (
            _days("daysSupply", _decoded("daysSupply", decode_quantity, resource.daysSupply))
            if resource.daysSupply
            else None
        )
        return handed, None, handed, days, None
    begun = _start("effective", resource.effectiveDateTime, resource.effectivePeriod)
    end = _date("effectivePeriod.end", resource.effectivePeriod.end) if resource.effectivePeriod else None
    return begun, end, begun, None, None


def _dated(resource: Resource) -> bool:
    """Does a statement say when it was taken, and not only when it was said?"""
    period = resource.effectivePeriod
    return bool(resource.effectiveDateTime or (period and period.start))


def _repeats_within(dosage: Dosage) -> bool:
    """Do the instructions say from when to when?"""
    timing = dosage.timing
    return timing is not None and timing.repeat is not None and timing.repeat.boundsPeriod is not None


def _bounds(number: int, dosage: Dosage) -> tuple[Span | None, Span | None]:
    """Start and end of one part of the instructions."""
    repeat = dosage.timing.repeat if dosage.timing else None
    if repeat is None or repeat.boundsPeriod is None:
        return None, None
    path = f"dosageInstruction[{number}].timing.repeat.boundsPeriod"
    return _date(f"{path}.start", repeat.boundsPeriod.start), _date(f"{path}.end", repeat.boundsPeriod.end)


def _supply(resource: Resource) -> int | None:
    request = resource.dispenseRequest
    if request is None or request.expectedSupplyDuration is None:
        return None
    days = _days("dispenseRequest.expectedSupplyDuration", request.expectedSupplyDuration)
    return days * (1 + max(0, request.numberOfRepeatsAllowed or 0)) if days else None


def _days(path: str, quantity: Quantity) -> int | None:
    if quantity.value is None:
        return None
    unit = (quantity.code or quantity.unit or "d").lower()
    if unit not in _IN_DAYS:
        raise Unusable(path, f"the unit of the supply is not known: '{unit[:20]}'")
    return max(0, round(min(quantity.value * _IN_DAYS[unit], dates.LATEST))) or None


_IN_DAYS = {"d": 1, "day": 1, "days": 1, "wk": 7, "week": 7, "weeks": 7, "mo": 30, "month": 30, "months": 30}


def _dosages(resource: Resource) -> list:  # type: ignore[type-arg]
    if resource.dosageInstruction:
        return resource.dosageInstruction
    if not resource.dosage:
        return []
    if resource.resourceType == "MedicationAdministration":
        return [_decoded("dosage", decode_dosage, resource.dosage)]
    return _decoded("dosage", decode_dosages, resource.dosage)  # type: ignore[no-any-return]


def _decoded(path: str, decode: Callable, raw: msgspec.Raw):  # type: ignore[no-untyped-def,type-arg]
    try:
        return decode(raw)
    except (msgspec.DecodeError, RecursionError) as wrong:
        raise Unusable(path, f"has the wrong shape ({wrong})") from None


def reasons(raw: msgspec.Raw) -> list[CodeableConcept]:
    """A list of codeable concepts kept raw, such as `reasonCode` or `serviceType`; empty if there is none."""
    return _decoded("reasonCode", decode_concepts, raw) if raw else []


class _Participant(msgspec.Struct):
    actor: Reference | None = None


_decode_participants = msgspec.json.Decoder(list[_Participant]).decode


def actors(raw: msgspec.Raw) -> list[str]:
    """References to who takes part in an appointment."""
    found = _decoded("participant", _decode_participants, raw)
    return [one.actor.reference for one in found if one.actor and one.actor.reference]
