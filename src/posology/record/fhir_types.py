"""The few FHIR R4 elements that are read, as narrow msgspec structs.

One flat `Resource` serves every resource type: unknown fields cost nothing, and one decoding pass reads
a whole Bundle. Elements whose shape differs between resource types are kept raw and decoded by the code
that knows the type.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw, Struct

ABSENT = Raw()


class Coding(Struct, gc=False):
    system: str | None = None
    code: str | None = None
    display: str | None = None


class CodeableConcept(Struct, gc=False):
    coding: list[Coding] = []
    text: str | None = None


class Reference(Struct, gc=False):
    reference: str | None = None
    display: str | None = None


class Quantity(Struct, gc=False):
    value: float | None = None
    comparator: str | None = None
    unit: str | None = None
    code: str | None = None


class Period(Struct, gc=False):
    start: str | None = None
    end: str | None = None


class ReferenceRange(Struct, gc=False):
    low: Quantity | None = None
    high: Quantity | None = None
    type: CodeableConcept | None = None


class Repeat(Struct, gc=False):
    boundsPeriod: Period | None = None
    frequency: int | None = None
    frequencyMax: int | None = None
    period: float | None = None
    periodUnit: str | None = None
    dayOfWeek: list[str] = []


class Timing(Struct, gc=False):
    repeat: Repeat | None = None
    code: CodeableConcept | None = None
    event: list[str] = []


class Range(Struct, gc=False):
    low: Quantity | None = None
    high: Quantity | None = None


class DoseAndRate(Struct, gc=False):
    doseQuantity: Quantity | None = None
    doseRange: Range | None = None


class Dosage(Struct, gc=False):
    text: str | None = None
    timing: Timing | None = None
    route: CodeableConcept | None = None
    doseAndRate: list[DoseAndRate] = []
    dose: Quantity | None = None


class DispenseRequest(Struct, gc=False):
    numberOfRepeatsAllowed: int | None = None
    expectedSupplyDuration: Quantity | None = None


class Component(Struct, gc=False):
    code: CodeableConcept | None = None
    valueQuantity: Quantity | None = None
    valueCodeableConcept: CodeableConcept | None = None
    valueString: str | None = None
    valueBoolean: bool | None = None
    valueInteger: int | None = None
    valueRange: Raw = ABSENT
    valueRatio: Raw = ABSENT
    valueSampledData: Raw = ABSENT
    interpretation: list[CodeableConcept] = []
    referenceRange: list[ReferenceRange] = []
    dataAbsentReason: CodeableConcept | None = None


class Answer(Struct, gc=False):
    valueCoding: Coding | None = None
    valueInteger: int | None = None
    valueDecimal: float | None = None
    valueString: str | None = None
    valueBoolean: bool | None = None
    valueQuantity: Quantity | None = None


class Item(Struct):
    linkId: str | None = None
    text: str | None = None
    answer: list[Answer] = []
    item: list[Item] = []


class Ingredient(Struct, gc=False):
    itemCodeableConcept: CodeableConcept | None = None
    itemReference: Reference | None = None
    isActive: bool | None = None


class Resource(Component):
    """Every element that is read of any resource; what a type does not have stays None."""

    resourceType: str = ""
    id: str | None = None
    status: str | None = None
    intent: str | None = None
    subject: Reference | None = None
    patient: Reference | None = None
    clinicalStatus: CodeableConcept | None = None
    verificationStatus: CodeableConcept | None = None
    medicationCodeableConcept: CodeableConcept | None = None
    medicationReference: Reference | None = None
    medication: Raw = ABSENT
    ingredient: list[Ingredient] = []
    contained: list[Raw] = []
    authoredOn: str | None = None
    recordedDate: str | None = None
    onsetDateTime: str | None = None
    onsetPeriod: Period | None = None
    abatementDateTime: str | None = None
    abatementPeriod: Period | None = None
    abatementString: str | None = None
    abatementBoolean: bool | None = None
    effectiveDateTime: str | None = None
    effectiveInstant: str | None = None
    effectivePeriod: Period | None = None
    performedDateTime: str | None = None
    performedPeriod: Period | None = None
    occurrenceDateTime: str | None = None
    occurrencePeriod: Period | None = None
    issued: str | None = None
    dateAsserted: str | None = None
    whenHandedOver: str | None = None
    whenPrepared: str | None = None
    authored: str | None = None
    created: str | None = None
    start: Raw = ABSENT
    description: Raw = ABSENT
    serviceType: Raw = ABSENT
    reasonCode: Raw = ABSENT
    participant: Raw = ABSENT
    daysSupply: Raw = ABSENT
    period: Raw = ABSENT
    modifierExtension: Raw = ABSENT
    implicitRules: str | None = None
    criticality: str | None = None
    doNotPerform: bool | None = None
    dosageInstruction: list[Dosage] = []
    dosage: Raw = ABSENT
    dispenseRequest: DispenseRequest | None = None
    component: Raw = ABSENT
    item: Raw = ABSENT
    type: Raw = ABSENT
    gender: str | None = None
    birthDate: str | None = None
    deceasedBoolean: bool | None = None
    deceasedDateTime: str | None = None


class BundleEntry(Struct, gc=False):
    fullUrl: str | None = None
    resource: Resource | None = None
    request: Raw = ABSENT
    response: Raw = ABSENT


class RawEntry(Struct, gc=False):
    fullUrl: Any = None
    resource: Raw = ABSENT
    request: Raw = ABSENT
    response: Raw = ABSENT


class Bundle(Struct):
    resourceType: str
    entry: list[BundleEntry] = []


class RawBundle(Struct):
    resourceType: str
    entry: list[Raw] = []


decode_bundle = msgspec.json.Decoder(Bundle).decode
decode_raw_bundle = msgspec.json.Decoder(RawBundle).decode
decode_raw_entry = msgspec.json.Decoder(RawEntry).decode
decode_resource = msgspec.json.Decoder(Resource).decode
decode_concept = msgspec.json.Decoder(CodeableConcept).decode
decode_concepts = msgspec.json.Decoder(list[CodeableConcept]).decode
decode_components = msgspec.json.Decoder(list[Component]).decode
decode_dosage = msgspec.json.Decoder(Dosage).decode
decode_dosages = msgspec.json.Decoder(list[Dosage]).decode
decode_items = msgspec.json.Decoder(list[Item]).decode
decode_period = msgspec.json.Decoder(Period).decode
decode_quantity = msgspec.json.Decoder(Quantity).decode
decode_text = msgspec.json.Decoder(str).decode
decode_anything = msgspec.json.Decoder().decode
