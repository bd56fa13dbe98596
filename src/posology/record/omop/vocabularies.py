"""The vocabularies of OMOP as code systems of FHIR, and codes that tell by themselves whose they are."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote

OHDSI = "https://fhir-terminology.ohdsi.org"
"""Code system of OMOP's own concept ids (HL7 FHIR to OMOP guide)."""
_URIS = {
    "SNOMED": "http://snomed.info/sct",
    "SNOMED Veterinary": "http://snomed.info/sct",
    "RxNorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "LOINC": "http://loinc.org",
    "ICD10CM": "http://hl7.org/fhir/sid/icd-10-cm",
    "ICD10": "http://hl7.org/fhir/sid/icd-10",
    "ICD10GM": "http://fhir.de/CodeSystem/bfarm/icd-10-gm",
    "ICD10PCS": "http://hl7.org/fhir/sid/icd-10-pcs",
    "ICD9CM": "http://hl7.org/fhir/sid/icd-9-cm",
    "ICD9Proc": "http://hl7.org/fhir/sid/icd-9-cm",
    "ATC": "http://www.whocc.no/atc",
    "NDC": "http://hl7.org/fhir/sid/ndc",
    "HCPCS": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    "CPT4": "http://www.ama-assn.org/go/cpt",
    "CVX": "http://hl7.org/fhir/sid/cvx",
    "UNII": "http://fdasis.nlm.nih.gov",
    "UCUM": "http://unitsofmeasure.org",
    "dm+d": "https://dmd.nhs.uk",
    "MedDRA": "http://terminology.hl7.org/CodeSystem/mdr",
}
LISTS = {
    "snomed": "SNOMED",
    "rxnorm": "RxNorm",
    "loinc": "LOINC",
    "icd10cm": "ICD10CM",
    "icd10": "ICD10",
}
"""Systems of the knowledge whose codes have descendants in OMOP, with the name that OMOP gives them."""
_SHAPES = {
    "RxNorm": re.compile(r"\d{1,8}"),
    "ICD10CM": re.compile(r"[A-Z]\d[0-9A-Z](?:\.?[0-9A-Z]{1,4})?", re.IGNORECASE),
    "ICD10": re.compile(r"[A-Z]\d\d(?:\.?\d{1,3})?", re.IGNORECASE),
    "NDC": re.compile(r"[\d-]{9,14}"),
}
_FLOATED = re.compile(r"(\d{6,18})\.0")
_LOINC = re.compile(r"(\d{1,7})-(\d)")
_LOCAL_NUMBER = re.compile(r"[1-9]\d{5,17}")
_NAME = re.compile(r"[^\W\d_]{3}")
_CODE_LIKE = re.compile(r"[A-Z]{1,6}[-.]?\d[\w.-]*", re.IGNORECASE)


def uri(vocabulary: str) -> str:
    """The code system of an OMOP vocabulary; a made-up URN for those that have none in FHIR."""
    return _URIS.get(vocabulary) or f"urn:omop:vocabulary:{quote(vocabulary, safe='')}"


def tidy(value: str | None) -> str:
    """A source code without padding, and without the ``.0`` of a long code that was read as a number."""
    text = (value or "").strip()
    floated = _FLOATED.fullmatch(text)
    return floated[1] if floated else text


def is_name(value: str) -> bool:
    """Is a source value words rather than a code?"""
    return bool(_NAME.search(value)) and not (" " not in value and _CODE_LIKE.fullmatch(value))


def self_told(code: str) -> str:
    """The vocabulary of a code that says it itself: SNOMED CT and LOINC codes carry a check digit.

    A SNOMED CT identifier also carries a partition ("00" or "10" for concepts), so one number of 500 passes
    by chance; the code must then still be one that the knowledge lists to mean anything.
    """
    loinc = _LOINC.fullmatch(code)
    if loinc is not None:
        return "LOINC" if _mod10(loinc[1]) == int(loinc[2]) else ""
    if _LOCAL_NUMBER.fullmatch(code) and code[-3:-1] in ("00", "10") and _verhoeff(code):
        return "SNOMED" if code[-3:-1] == "00" or len(code) > 10 else ""
    return ""


def fits(vocabulary: str, code: str) -> bool:
    """Could this be a code of that vocabulary, as far as its shape tells?"""
    if vocabulary in ("SNOMED", "LOINC"):
        return self_told(code) == vocabulary
    shape = _SHAPES.get(vocabulary)
    return shape is None or shape.fullmatch(code) is not None


def dotted(vocabulary: str, code: str) -> str:
    """An ICD-10 code with its dot after the third character."""
    if vocabulary.startswith("ICD10") and vocabulary != "ICD10PCS" and "." not in code and len(code) > 3:
        return f"{code[:3]}.{code[3:]}"
    return code


def _mod10(number: str) -> int:
    """The check digit of a LOINC code (LOINC Users' Guide, appendix on check digits; the Luhn algorithm)."""
    total = 0
    for at, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if at % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return -total % 10


def _tables() -> tuple[list[list[int]], list[list[int]]]:
    """Verhoeff's dihedral multiplication and permutation (SNOMED CT Release File Specification 5.5)."""
    times = [
        [
            (a + b) % 5
            if a < 5 and b < 5
            else (a + b) % 5 + 5
            if a < 5
            else (a - b) % 5 + 5
            if b < 5
            else (a - b) % 5
            for b in range(10)
        ]
        for a in range(10)
    ]
    first = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
    moved = [list(range(10))]
    for _ in range(7):
        moved.append([moved[-1][first[at]] for at in range(10)])
    return times, moved


_TIMES, _MOVED = _tables()


@lru_cache(maxsize=4096)
def _verhoeff(code: str) -> bool:
    check = 0
    for at, digit in enumerate(reversed(code)):
        check = _TIMES[check][_MOVED[at % 8][int(digit)]]
    return check == 0
