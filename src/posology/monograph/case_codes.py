"""Which codes and words stand for what a case's entry names."""

from __future__ import annotations

from typing import Any

from ..errors import unknown_name
from .model import Concept, Vocabulary

SYSTEM_URI = {
    "snomed": "http://snomed.info/sct",
    "icd10cm": "http://hl7.org/fhir/sid/icd-10-cm",
    "icd10": "http://hl7.org/fhir/sid/icd-10",
    "loinc": "http://loinc.org",
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "atc": "http://www.whocc.no/atc",
    "unii": "http://fdasis.nlm.nih.gov",
    "ndc": "http://hl7.org/fhir/sid/ndc",
    "hcpcs": "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    "cvx": "http://hl7.org/fhir/sid/cvx",
}
HL7 = "http://terminology.hl7.org/CodeSystem/"
UCUM = "http://unitsofmeasure.org"


class Words:
    """Finds the concept that a name means, and writes it as a CodeableConcept."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.concepts = {concept.id: concept for concept in vocabulary.concepts}
        self.substances = {substance.id: substance for substance in vocabulary.substances}

    def concept(self, name: str, kind: str) -> Concept | None:
        """The concept of this id and kind; None if the name is free text (it has a space or capital).

        Raises `UsageError` for a word that looks like an id and is none, so that a slip of the pen
        does not turn into a patient without the disease.
        """
        found = self.concepts.get(name)
        if found is not None and found.kind == kind:
            return found
        if " " in name or name != name.lower():
            return None
        raise unknown_name(f"{kind} concept", name, (c.id for c in self.concepts.values() if c.kind == kind))

    def codeable(self, name: str, kind: str, code: str, text: str) -> dict[str, Any]:
        """A CodeableConcept: the codes given, else the concept's first, else its name as text."""
        if code:
            codings = [self._coding(one) for one in code.split(",")]
            return {"coding": codings, "text": text or name} if text else {"coding": codings}
        if text or kind == "medicine":
            return {"text": text or name}
        concept = self.concept(name, kind)
        return self._first(concept, set()) if concept else {"text": name}

    def loinc(self, name: str) -> str:
        """The LOINC code of an observation concept, or the name itself if it has none."""
        concept = self.concept(name, "observation")
        codes = concept.codes if concept else ()
        return next((code.code for code in codes if code.system == "loinc"), name)

    def unit(self, name: str) -> str:
        """The unit of an observation concept; empty if it has none."""
        concept = self.concepts.get(name)
        return concept.unit if concept else ""

    def _coding(self, text: str) -> dict[str, str]:
        system, _, code = text.strip().partition(" ")
        if system not in SYSTEM_URI or not code:
            raise ValueError(f"'{text}' is not a code; write for example 'icd10cm F11.20'")
        display = self._display(system, code)
        return {"system": SYSTEM_URI[system], "code": code, **({"display": display} if display else {})}

    def _display(self, system: str, code: str) -> str:
        known = [code for concept in self.concepts.values() for code in concept.codes]
        known += [code for substance in self.substances.values() for code in substance.codes]
        return next((one.display for one in known if (one.system, one.code) == (system, code)), "")

    def _first(self, concept: Concept, seen: set[str]) -> dict[str, Any]:
        """The most certain way to name a concept: a code, a prefix taken as a code, a name, a part of it."""
        for code in concept.codes:
            return {
                "coding": [{"system": SYSTEM_URI[code.system], "code": code.code, "display": code.display}]
            }
        for prefix in concept.prefixes:
            coding = {"system": SYSTEM_URI[prefix.system], "code": prefix.prefix, "display": prefix.display}
            return {"coding": [coding]}
        for name in concept.names:
            return {"text": name}
        for rule in concept.medicines:
            substance = self.substances.get(rule.ingredients[0])
            return {"text": substance.name if substance else rule.ingredients[0]}
        for name in concept.includes:
            if name in self.concepts and name not in seen:
                return self._first(self.concepts[name], {*seen, concept.id})
        return {"text": concept.name}
