"""Results in words and codes."""

from __future__ import annotations

from .model import Rule, Topic, fhir, met, no, unknown

URINE = "{observation: urine-opexol, id: u, on: 2026-06-25}"


def _coded(code: str, system: str = "http://snomed.info/sct") -> dict[str, object]:
    return {"coding": [{"system": system, "code": code}]}


TOPIC = Topic(
    "Results in words",
    "A test may answer yes or no, as a code, in words or by its interpretation.",
    (
        Rule(
            "Positive, negative, and neither",
            "Codes and plain words are read; what is neither is unknown.",
            "'Equivocal' is not negative.",
            (
                met(
                    "coded positive",
                    "{observation: urine-opexol, id: u, value: positive, on: 2026-06-25}",
                    names=("u",),
                ),
                no("coded negative", "{observation: urine-opexol, value: negative, on: 2026-06-25}"),
                met("detected (code)", fhir(URINE, valueCodeableConcept=_coded("260373001"))),
                no("not detected (code)", fhir(URINE, valueCodeableConcept=_coded("260415000"))),
                met("true", "{observation: urine-opexol, value: true, on: 2026-06-25}"),
                no("false", fhir(URINE, valueBoolean=False)),
                met("the word", fhir(URINE, valueString="POSITIVE")),
                no("none detected", fhir(URINE, valueString="None detected")),
                no("no opioids detected", fhir(URINE, valueString="No opioids detected")),
                unknown("equivocal", fhir(URINE, valueString="equivocal"), why="not known"),
                unknown(
                    "both words in one text",
                    fhir(URINE, valueString="Positive for opexol, negative for steadol"),
                    why="not known",
                ),
                unknown("a code that is not known", fhir(URINE, valueCodeableConcept=_coded("419984006"))),
                met(
                    "only an interpretation",
                    fhir(
                        URINE,
                        interpretation=[
                            _coded(
                                "POS", "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
                            )
                        ],
                    ),
                ),
                unknown(
                    "a number where yes or no is expected",
                    "{observation: urine-opexol, value: 300 ng/mL, on: 2026-06-25}",
                ),
                no(
                    "asked whether negative: it is positive",
                    "{observation: urine-opexol, value: positive, on: 2026-06-25}",
                    when="{observation: urine-opexol, is: negative}",
                ),
            ),
            when="{observation: urine-opexol, is: positive}",
        ),
        Rule(
            "Questionnaires",
            "An answered item counts as a result if it carries the code of one.",
            "A score that a patient typed in is as good as one that a nurse typed in.",
            (
                met("completed", "{questionnaire: ache-score, value: 7, on: 2026-06-20}"),
                met("amended", "{questionnaire: ache-score, value: 7, on: 2026-06-20, status: amended}"),
                unknown(
                    "still being filled in",
                    "{questionnaire: ache-score, value: 7, on: 2026-06-20, status: in-progress}",
                    aside="in progress",
                ),
                unknown(
                    "broken off", "{questionnaire: ache-score, value: 7, on: 2026-06-20, status: stopped}"
                ),
                unknown(
                    "entered in error",
                    "{questionnaire: ache-score, value: 7, on: 2026-06-20, status: entered-in-error}",
                ),
                unknown("another question", "{questionnaire: liverase, value: 7, on: 2026-06-20}"),
            ),
            when="{observation: ache-score, from: 5}",
        ),
    ),
)
