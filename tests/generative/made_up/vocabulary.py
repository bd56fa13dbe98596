"""Made-up concepts, with made-up codes, that random monographs and records are about.

The plain form of concept files, for the program (written as JSON, which is YAML) and for the oracle alike.
Pregnancy and breastfeeding are known to the program by name: of those the packaged concepts are used, and
only the codes that records here use are said again.
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
SOURCE = "naive-made-up"
SNOMED, LOINC = "http://snomed.info/sct", "http://loinc.org"
RXNORM, ICD10CM = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://hl7.org/fhir/sid/icd-10-cm"


def _concept(kind: str, name: str, **more: Any) -> Json:
    return {"id": name, "kind": kind, "name": name.replace("-", " "), "sources": [SOURCE], **more}


def _code(system: str, code: str, display: str) -> Json:
    return {"system": system, "code": code, "display": display}


def _test(name: str, code: str, **more: Any) -> Json:
    return _concept("observation", name, codes=[_code("loinc", code, name.replace("-", " "))], **more)


def _medicine(name: str, *rules: Json) -> Json:
    return _concept("medicine", name, medicines=list(rules))


CONDITIONS = [
    _concept(
        "condition",
        "redspot",
        codes=[_code("snomed", "881000101", "Redspot")],
        prefixes=[{"system": "icd10cm", "prefix": "Q88.1", "display": "Redspot"}],
        names=["redspot", "spot of the red kind"],
    ),
    _concept(
        "condition",
        "any-spot",
        codes=[_code("snomed", "881000102", "Spot")],
        includes=["redspot"],
    ),
    _concept("condition", "gripe", codes=[_code("snomed", "881000103", "Gripe")], names=["gripe"]),
]
OBSERVATIONS = [
    {
        **_test("spleenase", "98801-1", unit="U/L", names=["serum spleenase"]),
        "plausible-from": 1,
        "plausible-to": 20000,
        "uln": "40 U/L",
        "uln-source": SOURCE,
    },
    {
        **_test("pigmentin", "98802-2", unit="mg/dL"),
        "plausible-from": 0.05,
        "plausible-to": 80,
        "conversions": [{"unit": "umol/L", "factor": 0.0625}],
    },
    {**_test("bluecells", "98803-3", unit="10*3/uL"), "plausible-from": 1, "plausible-to": 3000},
    {**_test("itchscore", "98804-4", unit="{score}"), "plausible-from": 0, "plausible-to": 10},
    _test("urine-oprixol", "98805-5", names=["urine oprixol"]),
]
ALLERGIES = [_concept("allergy", "zanexol-allergy", codes=[_code("snomed", "882000101", "Zanexol allergy")])]
PROCEDURES = [
    _concept("procedure", "snipping", codes=[_code("snomed", "883000101", "Snipping")], names=["snipping"]),
    _concept("procedure", "stitching", codes=[_code("snomed", "883000102", "Stitching")]),
]
MEDICINES = [
    _medicine("zanexol-any", {"ingredients": ["zanexol"]}),
    _medicine("zanexol-alone", {"ingredients": ["zanexol"], "alone": True}),
    _medicine("oprixol-any", {"ingredients": ["oprixol"]}),
    _medicine("oprixol-wafer", {"ingredients": ["oprixol"], "forms": ["wafer"]}),
    _medicine("oprixol-plain", {"ingredients": ["oprixol"], "not-forms": ["wafer"]}),
    _medicine("calm-or-oprixol", {"ingredients": ["calmidol"]}, {"ingredients": ["oprixol"]}),
    _medicine("zanexol-with-calmidol", {"ingredients": ["zanexol"], "with": ["calmidol"]}),
    _medicine("zanexol-without-calmidol", {"ingredients": ["zanexol"], "without": ["calmidol"]}),
]
SUBSTANCES = [
    {"id": name, "name": name, "codes": [_code("rxnorm", code, name)], "sources": [SOURCE]}
    for name, code in (("zanexol", "98800001"), ("oprixol", "98800002"), ("calmidol", "98800003"))
]
FORMS = [{"id": "wafer", "names": ["wafer", "wafers"]}, {"id": "syrupette", "names": ["syrupette"]}]
PRODUCTS = [
    {
        "id": "zanexol-store",
        "name": "zanexol store",
        "ingredients": ["zanexol"],
        "forms": [],
        "names": ["Zanexstore"],
        "lasts": 28,
        "codes": [_code("rxnorm", "98800012", "zanexol store")],
        "sources": [SOURCE],
    },
    {
        "id": "zancalm",
        "name": "zanexol with calmidol",
        "ingredients": ["zanexol", "calmidol"],
        "forms": ["wafer"],
        "names": ["Zancalm"],
        "codes": [_code("rxnorm", "98800011", "zancalm")],
        "sources": [SOURCE],
    },
]
PACKAGED = [
    _concept("condition", "pregnancy", codes=[_code("snomed", "77386006", "Pregnant")]),
    _concept("condition", "lactation", codes=[_code("snomed", "413712001", "Breastfeeding mother")]),
    _test("pregnancy-status", "82810-3"),
    _test("pregnancy-test", "2106-3"),
    _test("lactation-status", "63895-7"),
]
FILES = {
    "concepts/conditions.yaml": CONDITIONS,
    "concepts/observations.yaml": OBSERVATIONS,
    "concepts/allergies.yaml": ALLERGIES,
    "concepts/procedures.yaml": PROCEDURES,
    "concepts/medicines.yaml": MEDICINES,
    "concepts/substances.yaml": SUBSTANCES,
    "concepts/forms.yaml": FORMS,
    "concepts/products.yaml": PRODUCTS,
    "sources.yaml": [{"id": SOURCE, "title": "Made up for tests", "kind": "project"}],
}
"""What a knowledge folder holds besides monographs."""
KNOWLEDGE: Json = {
    "concepts": {
        each["id"]: each
        for each in (*CONDITIONS, *OBSERVATIONS, *ALLERGIES, *PROCEDURES, *MEDICINES, *PACKAGED)
    },
    "substances": SUBSTANCES,
    "products": PRODUCTS,
    "forms": FORMS,
}
"""The same for the oracle."""
