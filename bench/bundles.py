"""Deterministic FHIR R4 Bundles for the benchmarks: invented, sized and mixed like synthetic exports.

About 1 kB a resource and seven Observations in ten, as exports of synthetic-patient generators have
them. Most results are vital signs that no concept asks for; some are labs, opioids and diagnoses that
one does, so that reading, matching and judging all have work to do. The same size and seed give the
same bytes.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import orjson

Json = dict[str, Any]

ON = date(2026, 6, 30)
"""The date of the question that the benchmarks put."""

_LOINC = "http://loinc.org"
_SNOMED = "http://snomed.info/sct"
_RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_UCUM = "http://unitsofmeasure.org"
_HL7 = "http://terminology.hl7.org/CodeSystem/"

_VITALS = (
    ("8302-2", "Body Height", 150, 190, "cm"),
    ("29463-7", "Body Weight", 50, 110, "kg"),
    ("39156-5", "Body mass index (BMI) [Ratio]", 19, 38, "kg/m2"),
    ("8867-4", "Heart rate", 55, 95, "/min"),
    ("9279-1", "Respiratory rate", 11, 18, "/min"),
    ("8310-5", "Body temperature", 36, 38, "Cel"),
    ("72514-3", "Pain severity - 0-10 verbal numeric rating [Score] - Reported", 0, 10, "{score}"),
    ("2339-0", "Glucose [Mass/volume] in Blood", 70, 140, "mg/dL"),
    ("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma", 140, 250, "mg/dL"),
    ("718-7", "Hemoglobin [Mass/volume] in Blood", 11, 17, "g/dL"),
    ("777-3", "Platelets [#/volume] in Blood by Automated count", 150, 400, "10*3/uL"),
)
_LABS = (
    ("1742-6", "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma", 8, 60, "U/L"),
    ("1920-8", "Aspartate aminotransferase [Enzymatic activity/volume] in Serum or Plasma", 8, 60, "U/L"),
    ("1975-2", "Bilirubin.total [Mass/volume] in Serum or Plasma", 0.2, 1.2, "mg/dL"),
    ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", 0.5, 1.3, "mg/dL"),
    ("98979-8", "Glomerular filtration rate (CKD-EPI 2021)", 60, 110, "mL/min/{1.73_m2}"),
    ("44261-6", "Patient Health Questionnaire 9 item (PHQ-9) total score [Reported]", 0, 9, "{score}"),
)
_CONDITIONS = (
    ("203082005", "Fibromyalgia"),
    ("444814009", "Viral sinusitis"),
    ("10509002", "Acute bronchitis"),
    ("162864005", "Body mass index 30+ - obesity"),
    ("314529007", "Medication review due"),
    ("59621000", "Essential hypertension"),
)
_MEDICINES = (
    ("10689", "tramadol"),
    ("5489", "hydrocodone"),
    ("313820", "Acetaminophen 160 MG Chewable Tablet"),
    ("310798", "Hydrochlorothiazide 25 MG Oral Tablet"),
    ("314076", "lisinopril 10 MG Oral Tablet"),
    ("198405", "Ibuprofen 100 MG Oral Tablet"),
)
_PROCEDURES = (("430193006", "Medication reconciliation"), ("710824005", "Assessment of health needs"))


class _Maker:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.patient = self._uuid()
        self.encounter = self._uuid()

    def _uuid(self) -> str:
        digits = f"{self.random.getrandbits(128):032x}"
        return f"urn:uuid:{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def _when(self) -> str:
        """A moment in the ten years before `ON`; every tenth within the last sixty days."""
        days = self.random.randrange(60 if self.random.random() < 0.1 else 3650) + 1
        start = datetime(ON.year, ON.month, ON.day) - timedelta(days=days)
        return (start + timedelta(seconds=self.random.randrange(86400))).isoformat() + "-05:00"

    def entry(self, kind: str, **elements: Any) -> Json:
        uuid = self._uuid()
        return {
            "fullUrl": uuid,
            "resource": {
                "resourceType": kind,
                "id": uuid.removeprefix("urn:uuid:"),
                "meta": {
                    "profile": [f"http://hl7.org/fhir/us/core/StructureDefinition/us-core-{kind.lower()}"],
                    "versionId": "1",
                    "lastUpdated": "2026-06-30T00:00:00.000+00:00",
                },
                **elements,
            },
            "request": {"method": "POST", "url": kind},
        }

    def person(self) -> Json:
        one = self.entry(
            "Patient",
            name=[{"use": "official", "family": "Benchmark", "given": ["Invented"]}],
            gender="male",
            birthDate="1971-05-04",
            address=[{"line": ["1 Nowhere Street"], "city": "Exampleton", "country": "US"}],
            communication=[{"language": _coded("urn:ietf:bcp:47", "en-US", "English (United States)")}],
        )
        one["fullUrl"] = self.patient
        one["resource"]["id"] = self.patient.removeprefix("urn:uuid:")
        return one

    def about(self) -> Json:
        return {
            "subject": {"reference": self.patient, "display": "Invented Benchmark"},
            "encounter": {"reference": self.encounter},
        }

    def observation(self) -> Json:
        lab = self.random.random() < 0.12
        code, display, low, high, unit = self.random.choice(_LABS if lab else _VITALS)
        value = round(self.random.uniform(low, high), 1)
        quantity = {"unit": unit, "system": _UCUM, "code": unit}
        when = self._when()
        limits: Json = {}
        if lab:
            limits = {
                "referenceRange": [
                    {"low": {"value": low, **quantity}, "high": {"value": high * 0.8, **quantity}}
                ]
            }
        return self.entry(
            "Observation",
            status="final",
            category=[_plain("observation-category", "laboratory" if lab else "vital-signs")],
            code=_coded(_LOINC, code, display, text=display),
            **self.about(),
            effectiveDateTime=when,
            issued=when,
            valueQuantity={"value": value, **quantity},
            **limits,
        )

    def condition(self) -> Json:
        begun = self._when()
        over = self.random.random() < 0.6
        return self.entry(
            "Condition",
            clinicalStatus=_plain("condition-clinical", "resolved" if over else "active"),
            verificationStatus=_plain("condition-ver-status", "confirmed"),
            category=[_plain("condition-category", "encounter-diagnosis")],
            code=_named(_SNOMED, self.random.choice(_CONDITIONS)),
            **self.about(),
            onsetDateTime=begun,
            recordedDate=begun,
            **({"abatementDateTime": begun} if over else {}),
        )

    def medication(self) -> Json:
        active = self.random.random() < 0.15
        return self.entry(
            "MedicationRequest",
            status="active" if active else "stopped",
            intent="order",
            medicationCodeableConcept=_named(_RXNORM, self.random.choice(_MEDICINES)),
            **self.about(),
            authoredOn=self._when(),
            dosageInstruction=[
                {
                    "sequence": 1,
                    "timing": {"repeat": {"frequency": 2, "period": 1.0, "periodUnit": "d"}},
                    "asNeededBoolean": False,
                    "doseAndRate": [
                        {
                            "type": _coded(f"{_HL7}dose-rate-type", "ordered", "Ordered"),
                            "doseQuantity": {"value": 1.0},
                        }
                    ],
                }
            ],
            dispenseRequest={"expectedSupplyDuration": {"value": 30, "unit": "days", "code": "d"}},
        )

    def procedure(self) -> Json:
        begun = self._when()
        return self.entry(
            "Procedure",
            status="completed",
            code=_named(_SNOMED, self.random.choice(_PROCEDURES)),
            **self.about(),
            performedPeriod={"start": begun, "end": begun},
        )

    def visit(self) -> Json:
        begun = self._when()
        return self.entry(
            "Encounter",
            status="finished",
            **{"class": {"system": f"{_HL7}v3-ActCode", "code": "AMB"}},
            type=[_coded(_SNOMED, "185345009", "Encounter for symptom", text="Encounter for symptom")],
            subject={"reference": self.patient, "display": "Invented Benchmark"},
            participant=[
                {
                    "type": [_coded(f"{_HL7}v3-ParticipationType", "PPRF", "primary performer")],
                    "period": {"start": begun, "end": begun},
                    "individual": {"reference": "Practitioner/1", "display": "Dr. Nobody"},
                }
            ],
            period={"start": begun, "end": begun},
            serviceProvider={"reference": "Organization/1", "display": "Clinic of the Example"},
        )


def _coded(system: str, code: str, display: str, **more: str) -> Json:
    return {"coding": [{"system": system, "code": code, "display": display}], **more}


def _plain(codes: str, code: str) -> Json:
    return _coded(f"{_HL7}{codes}", code, code)


def _named(system: str, pair: tuple[str, str]) -> Json:
    return _coded(system, *pair, text=pair[1])


def bundle(*, resources: int = 0, size: int = 0, seed: int = 1) -> bytes:
    """A transaction Bundle of so many `resources`, or of at least so many bytes (`size`)."""
    make = _Maker(seed)
    kinds: list[Callable[[], Json]] = [
        make.observation,
        make.condition,
        make.medication,
        make.procedure,
        make.visit,
    ]
    entries = [orjson.dumps(make.person())]
    entries += [orjson.dumps(kind()) for kind in kinds]  # each kind at least once, however short
    length = sum(map(len, entries))
    while len(entries) < resources or length < size:
        kind = make.random.choices(kinds, weights=(70, 7, 5, 10, 8))[0]
        entries.append(orjson.dumps(kind()))
        length += len(entries[-1]) + 1
    return b'{"resourceType":"Bundle","type":"transaction","entry":[' + b",".join(entries) + b"]}"
