"""How entries are matched to concepts."""

from __future__ import annotations

from .model import Fhir, Rule, Topic, fhir, met, no, raw, unknown

POX = "{condition: liverpox}"
SNOMED, ICD = "http://snomed.info/sct", "http://hl7.org/fhir/sid/icd-10-cm"


def _pox(system: str | None, code: str, display: str = "", text: str = "") -> Fhir:
    coding = {
        key: value for key, value in (("system", system), ("code", code), ("display", display)) if value
    }
    return fhir(
        "{condition: gloomitis, id: c}", code={"coding": [coding], **({"text": text} if text else {})}
    )


TOPIC = Topic(
    "Which disease an entry means",
    "By code, then by the beginning of a code, then by name. A name is only certain where no code "
    "contradicts it.",
    (
        Rule(
            "Codes and beginnings of codes",
            "A listed code, or a code that begins as listed, is certain.",
            "ICD-10-CM codes are hierarchies: F11.2 means all codes that begin so.",
            (
                met("a listed code", _pox(SNOMED, "991000101")),
                met("a longer code with a listed beginning", _pox(ICD, "Q77.123")),
                met("the same without the dot", _pox(ICD, "Q77123")),
                met("in small letters", _pox(ICD, "q77.1")),
                no("another code", _pox(ICD, "Q77.2")),
                no("a shorter code than listed", _pox(ICD, "Q77")),
                met(
                    "a narrower concept by its longer beginning",
                    _pox(ICD, "Q77.12"),
                    when="{condition: chronic-liverpox}",
                ),
                no("which the wider code is not", _pox(ICD, "Q77.1"), when="{condition: chronic-liverpox}"),
                met(
                    "a concept includes another",
                    _pox(SNOMED, "991000101"),
                    when="{condition: any-liver-disease}",
                ),
                no("not the other way round", _pox(SNOMED, "991000105")),
                met(
                    "a second coding counts as well",
                    fhir(
                        "{condition: gloomitis}",
                        code={
                            "coding": [
                                {"system": "urn:local", "code": "77"},
                                {"system": SNOMED, "code": "991000101"},
                            ]
                        },
                    ),
                ),
                unknown("a code without a system", _pox(None, "991000101"), why="code without a system"),
                no("the code in another system", _pox("http://loinc.org", "991000101")),
            ),
            when=POX,
            given=("{conditions: none}",),
        ),
        Rule(
            "Names",
            "Found in an entry without a code, a name is certain. Beside a code that the concept does not "
            "list it is "
            "not, and the answer is unknown rather than yes.",
            "A code that says something else may be right, or the name may.",
            (
                met("text only", "{condition: x, text: Liverpox}"),
                met("inside a longer text", "{condition: x, text: 'Severe pox of the liver, left lobe'}"),
                no("inside another word", "{condition: x, text: Liverpoxoid change}"),
                unknown(
                    "beside an unlisted code",
                    _pox(SNOMED, "123456789", "Liverpox variant"),
                    why="its code does not settle it",
                    asks="liverpox",
                ),
                met("beside a code of a local system", _pox("urn:local", "77", text="Liverpox")),
                met("beside a listed code", _pox(SNOMED, "991000101", "Something else")),
            ),
            when=POX,
            given=("{conditions: none}",),
        ),
        Rule(
            "Words that hedge",
            "'History of', 'no', 'rule out', 'screening for', 'family' and the like around a name make it "
            "uncertain.",
            "'No liverpox' must not be read as liverpox, nor 'history of' as present.",
            tuple(
                unknown(text, f"{{condition: x, text: {text}}}")
                for text in (
                    "History of liverpox",
                    "No liverpox",
                    "Rule out liverpox",
                    "Liverpox screening",
                    "Family history of liverpox",
                    "Suspected liverpox",
                    "Liverpox vaccination",
                )
            ),
            when=POX,
            given=("{conditions: none}",),
        ),
        Rule(
            "Names of results",
            "The same holds for results: a name without a code is certain, beside an unlisted code it is "
            "not.",
            "A newer result under an unlisted code must not be passed over in favour of an older one.",
            (
                met("text only", "{observation: x, text: Serum liverase, value: 200 U/L, on: 2026-06-20}"),
                unknown(
                    "beside an unlisted code",
                    raw(
                        resourceType="Observation",
                        id="o",
                        status="final",
                        effectiveDateTime="2026-06-20",
                        code={
                            "coding": [
                                {"system": "http://loinc.org", "code": "77777-7", "display": "Serum liverase"}
                            ]
                        },
                        valueQuantity={"value": 200, "unit": "U/L", "code": "U/L"},
                    ),
                    why="not certain to be this",
                ),
                unknown(
                    "newer and beside an unlisted code, older and listed",
                    "{observation: liverase, value: 20 U/L, on: 2026-06-01}",
                    raw(
                        resourceType="Observation",
                        id="o",
                        status="final",
                        effectiveDateTime="2026-06-20",
                        code={
                            "coding": [{"system": "http://loinc.org", "code": "77777-7"}],
                            "text": "Serum liverase",
                        },
                        valueQuantity={"value": 200, "unit": "U/L", "code": "U/L"},
                    ),
                    names=("o",),
                ),
                unknown(
                    "another test",
                    "{observation: x, text: Urine liverase ratio, value: 200 U/L, on: 2026-06-20}",
                    why="not recorded",
                ),
            ),
            when="{observation: liverase, above: 100 U/L}",
        ),
    ),
)
