"""Which concept an entry means, and how sure that is."""

from __future__ import annotations

import re
from typing import Any

from .values import NO, OPEN, YES, BrokenError

SYSTEMS = {
    "http://snomed.info/sct": "snomed",
    "http://loinc.org": "loinc",
    "http://hl7.org/fhir/sid/icd-10-cm": "icd10cm",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "rxnorm",
}
HEDGES = re.compile(r"\b(history of|no|rule out|screening|family|suspected|vaccination)\b", re.IGNORECASE)


def codings(codeable: Any) -> list[tuple[str | None, str]]:
    """System (short; None: not given) and code of every coding."""
    if not isinstance(codeable, dict):
        raise BrokenError
    found = []
    for each in codeable.get("coding", []):
        if "code" in each:
            system = each.get("system")
            found.append((None if system is None else SYSTEMS.get(system, "local"), each["code"]))
    return found


def texts(codeable: dict[str, Any]) -> list[str]:
    """Every text of a codeable concept."""
    found = [codeable["text"]] if "text" in codeable else []
    return found + [each["display"] for each in codeable.get("coding", []) if "display" in each]


def word_in(word: str, text: str) -> bool:
    """Whole words only, without regard to case."""
    return re.search(rf"(?<![a-z0-9]){re.escape(word.lower())}(?![a-z0-9])", text.lower()) is not None


def belongs(codeable: Any, concept: dict[str, Any], concepts: dict[str, dict[str, Any]]) -> int:
    """Does this entry mean this concept? A concept includes others."""
    here = max([_listed(coding, concept) for coding in codings(codeable)], default=NO)
    own = [system for system, _ in codings(codeable) if system not in (None, "local")]
    for name in concept.get("names", []):
        for text in texts(codeable):
            if word_in(name, text):
                here = max(here, OPEN if own or HEDGES.search(text) else YES)
    below = [belongs(codeable, concepts[name], concepts) for name in concept.get("includes", [])]
    return max([here, *below])


def _listed(coding: tuple[str | None, str], concept: dict[str, Any]) -> int:
    system, code = coding
    for listed in concept.get("codes", []):
        if code == listed["code"] and system in (None, listed["system"]):
            return OPEN if system is None else YES
    for listed in concept.get("prefixes", []):
        start = listed["prefix"].replace(".", "")
        if system == listed["system"] and code.replace(".", "").upper().startswith(start):
            return YES
    return NO


class Medicine:
    """What a medicine is: its ingredients, its forms, how long a depot lasts; and whether it was recognised."""

    def __init__(self, codeable: Any, knowledge: dict[str, Any]) -> None:
        found = codings(codeable)
        written = texts(codeable)
        self.ingredients: set[str] = set()
        self.forms: set[str] = set()
        self.lasts = 0
        for product in knowledge["products"]:
            coded = any(("rxnorm", code["code"]) in found for code in product["codes"])
            if coded or any(word_in(name, text) for name in product["names"] for text in written):
                self.ingredients |= set(product["ingredients"])
                self.forms |= set(product["forms"])
                self.lasts = max(self.lasts, product.get("lasts", 0))
        for substance in knowledge["substances"]:
            coded = any(("rxnorm", code["code"]) in found for code in substance["codes"])
            if coded or any(word_in(substance["name"], text) for text in written):
                self.ingredients.add(substance["id"])
        for form in knowledge["forms"]:
            if any(word_in(name, text) for name in form["names"] for text in written):
                self.forms.add(form["id"])

    def belongs(self, concept: dict[str, Any]) -> int:
        """Is it one of these medicines?"""
        return YES if any(self._fits(rule) for rule in concept["medicines"]) else NO

    def _fits(self, rule: dict[str, Any]) -> bool:
        return (
            any(each in self.ingredients for each in rule["ingredients"])
            and all(each in self.ingredients for each in rule.get("with", []))
            and not any(each in self.ingredients for each in rule.get("without", []))
            and (not rule.get("alone") or len(self.ingredients) == 1)
            and (not rule.get("forms") or any(each in self.forms for each in rule["forms"]))
            and not any(each in self.forms for each in rule.get("not-forms", []))
        )
