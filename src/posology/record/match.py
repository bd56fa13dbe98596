"""Matching codings and names to concepts.

By code first, then by code prefix, then by ingredient and form (medicines) or by name. A name found in an
entry that has no code is a match; a name found beside a code that the concept does not list is an
*uncertain* one, which makes an answer unknown rather than yes. So is a name beside words such as
"history of" or "screening", and a code whose system is not given.

Codings whose system begins with `ABOVE` are ancestors of the entry's own code in a vocabulary (OMOP). They
are asked only where the entry's own codes and product say nothing. They never decide which set of medicines
something belongs to; there they tell ingredients.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import chain
from typing import NamedTuple

from posology.monograph.model import Concept, MedicineRule, Vocabulary

from .fhir_types import CodeableConcept
from .medicine import Medicine, Names, Pharmacopoeia, belongs, single_spaced

SYSTEMS = {
    "http://snomed.info/sct": "snomed",
    "urn:oid:2.16.840.1.113883.6.96": "snomed",
    "http://hl7.org/fhir/sid/icd-10-cm": "icd10cm",
    "urn:oid:2.16.840.1.113883.6.90": "icd10cm",
    "http://hl7.org/fhir/sid/icd-10": "icd10",
    "urn:oid:2.16.840.1.113883.6.3": "icd10",
    "http://loinc.org": "loinc",
    "urn:oid:2.16.840.1.113883.6.1": "loinc",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "rxnorm",
    "urn:oid:2.16.840.1.113883.6.88": "rxnorm",
    "http://www.whocc.no/atc": "atc",
    "urn:oid:2.16.840.1.113883.6.73": "atc",
    "http://fdasis.nlm.nih.gov": "unii",
    "http://hl7.org/fhir/sid/ndc": "ndc",
    "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": "hcpcs",
    "urn:oid:2.16.840.1.113883.6.285": "hcpcs",
}
_NATIONAL_ICD10 = re.compile(r"icd-?10(?!-?pcs)", re.IGNORECASE)

KNOWN_SYSTEMS = frozenset(SYSTEMS.values())
ABOVE = "urn:posology:ancestor:"
"""Before the system of a coding: not the entry's own code, but one that stands above it in a hierarchy."""


def _system(url: str) -> str:
    """The short name of a code system; national editions of ICD-10 are read as ICD-10."""
    return SYSTEMS.get(url) or ("icd10" if _NATIONAL_ICD10.search(url) else url)


_HEDGED = re.compile(
    r"\b(?:no|not|without|denies|history|hx|family|fh|screening|screen|risk|rule out|r/o|suspected|possible|"
    r"probable|exposure|vaccin\w*|immuni[sz]\w*|status post|remission|resolved|past|previous|prior|at risk)\b"
)
_WORD = re.compile(r"[^\W\d_]{3}")
_CACHE_LIMIT = 50_000
_REMEMBERED = 1000
"""Characters of the longest codings and text whose match is kept."""


class Match(NamedTuple):
    """A concept that an entry belongs to, how that was seen, and whether it is certain."""

    concept: str
    how: str
    certain: bool


class Matched(NamedTuple):
    """All that matching says about one codeable concept."""

    matches: tuple[Match, ...]
    title: str
    code: str
    medicine: Medicine | None = None
    legible: bool = True
    """False when there is neither a name nor a code of a system that is known here."""

    @property
    def none_surely(self) -> bool:
        """Is it named, and in no concept?"""
        return not self.matches and self.legible and self.title != "unnamed"


class Index:
    """The concepts of a vocabulary, arranged for looking up one entry at a time."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.concepts: dict[str, Concept] = {concept.id: concept for concept in vocabulary.concepts}
        self.pharmacopoeia = Pharmacopoeia(vocabulary)
        self.substances = {substance.id: substance.name for substance in vocabulary.substances}
        above = self._above()
        self._codes: dict[str, dict[tuple[str, str], tuple[str, ...]]] = {}
        self._prefixes: dict[str, dict[tuple[str, str], tuple[str, ...]]] = {}
        self._names: dict[str, Names] = {}
        self._rules: dict[str, list[tuple[MedicineRule, tuple[str, ...]]]] = {"medicine": [], "allergy": []}
        for kind in ("medicine", "condition", "observation", "allergy", "procedure"):
            members = [concept for concept in vocabulary.concepts if concept.kind == kind]
            codes: dict[tuple[str, str], set[str]] = defaultdict(set)
            prefixes: dict[tuple[str, str], set[str]] = defaultdict(set)
            for concept in members:
                for code in concept.codes:
                    codes[(code.system, code.code.upper())] |= above[concept.id]
                for prefix in concept.prefixes:
                    prefixes[(prefix.system, prefix.prefix.upper())] |= above[concept.id]
                for rule in concept.medicines:
                    self._rules[kind].append((rule, tuple(sorted(above[concept.id]))))
            self._codes[kind] = {key: tuple(sorted(ids)) for key, ids in codes.items()}
            self._prefixes[kind] = {key: tuple(sorted(ids)) for key, ids in prefixes.items()}
            self._names[kind] = Names(
                (name, up) for concept in members for name in concept.names for up in above[concept.id]
            )
        self._longest_prefix = max((len(prefix) for _, prefix in chain(*self._prefixes.values())), default=0)
        self._seen: dict[object, Matched] = {}

    @property
    def listed(self) -> dict[str, frozenset[tuple[str, str]]]:
        """System and code of everything listed, by kind; for medicines, of ingredients and products."""
        codes = {kind: frozenset(table) for kind, table in self._codes.items()}
        return codes | {"medicine": self.pharmacopoeia.listed}

    def _above(self) -> dict[str, set[str]]:
        """Every concept with itself and all concepts that include it."""
        parents: dict[str, set[str]] = defaultdict(set)
        for concept in self.concepts.values():
            for part in concept.includes:
                parents[part].add(concept.id)
        above: dict[str, set[str]] = {}
        for name in self.concepts:
            found, queue = {name}, [name]
            while queue:
                for parent in parents[queue.pop()] - found:
                    found.add(parent)
                    queue.append(parent)
            above[name] = found
        return above

    def unrelated(self, kind: str, concept: CodeableConcept | None) -> bool:
        """Is it coded, named, and surely in no concept of this kind? Then nothing else of it need be read."""
        if concept is None or not concept.coding:
            return False
        return self.match(kind, concept).none_surely

    def match(self, kind: str, concept: CodeableConcept | None) -> Matched:
        """The concepts of a kind to which a codeable concept belongs. Answers are remembered."""
        if concept is None:
            return Matched((), "", "")
        codings = concept.coding
        key: object
        if len(codings) == 1:
            (one,) = codings
            key = (kind, one.system, one.code, one.display, concept.text)
        elif len(codings) == 2:
            one, two = codings
            key = (kind, one.system, one.code, one.display, two.system, two.code, two.display, concept.text)
        else:
            key = (kind, tuple((c.system, c.code, c.display) for c in codings), concept.text)
        known = self._seen.get(key)
        if known is None:
            known = self._match(kind, concept)
            # What is longer is no name that comes again, but a person's story.
            if len(repr(key)) <= _REMEMBERED:
                if len(self._seen) > _CACHE_LIMIT:
                    self._seen.clear()
                self._seen[key] = known
        return known

    def _match(self, kind: str, concept: CodeableConcept) -> Matched:
        codes, above = [], []
        for c in concept.coding:
            if c.code and c.system and c.system.startswith(ABOVE):
                above.append((_system(c.system[len(ABOVE) :]), c.code.strip()))
            elif c.code:
                codes.append((_system(c.system or ""), c.code.strip()))
        texts = [text for text in (concept.text, *(c.display for c in concept.coding)) if text]
        title = (
            concept.text
            or next((c.display for c in concept.coding if c.display), None)
            or (codes[0][1] if codes else "unnamed")
        )
        shown = f"{codes[0][0] or '?'} {codes[0][1]}" if codes else ""
        found = self._by_code(kind, codes)
        if above and not found and kind != "medicine":
            found = self._by_ancestor(kind, above, texts)
        medicine = None
        if kind in self._rules:
            medicine = self.pharmacopoeia.read(codes, texts, above)
            wide = medicine._replace(ingredients=medicine.ingredients | medicine.nearly)
            for rule, names in self._rules[kind]:
                sure = belongs(medicine, rule)
                if sure == belongs(wide, rule):
                    for name in names if sure else ():
                        if name not in found or not found[name].certain:
                            found[name] = Match(name, medicine.how, True)
                else:
                    for name in names:
                        found.setdefault(name, Match(name, "a name spelt nearly so", False))
        coded = any(system in KNOWN_SYSTEMS for system, _ in codes)
        for name, hedged in self._by_name(kind, texts):
            if name not in found or not found[name].certain:
                found[name] = Match(name, "name", not coded and not hedged)
        legible = coded or any(_WORD.search(text) for text in texts)
        return Matched(tuple(found[name] for name in sorted(found)), title, shown, medicine, legible)

    def _by_code(self, kind: str, codes: list[tuple[str, str]]) -> dict[str, Match]:
        found: dict[str, Match] = {}
        table, prefixes = self._codes[kind], self._prefixes[kind]
        for system, code in codes:
            code = code.upper()
            if system in ("icd10cm", "icd10"):
                code = code if "." in code or len(code) < 4 else f"{code[:3]}.{code[3:]}"
            alike = "icd10cm" if system == "icd10" else system
            for name in table.get((system, code)) or table.get((alike, code), ()):
                found[name] = Match(name, "code", True)
            for end in range(min(len(code), self._longest_prefix), 0, -1):
                for name in prefixes.get((alike, code[:end]), ()):
                    found.setdefault(name, Match(name, "code prefix", True))
            if not system:
                for (_, known), names in table.items():
                    if known == code:
                        for name in names:
                            found.setdefault(name, Match(name, "code without a system", False))
        return found

    def _by_ancestor(self, kind: str, above: list[tuple[str, str]], texts: list[str]) -> dict[str, Match]:
        """Concepts that list a code above the entry's own; uncertain where the entry's name is hedged."""
        sure = not any(_HEDGED.search(single_spaced(text.lower())) for text in texts)
        table = self._codes[kind]
        names = {name for system, code in above for name in table.get((system, code.upper()), ())}
        return {name: Match(name, "descendant of a listed code", sure) for name in names}

    def _by_name(self, kind: str, texts: list[str]) -> list[tuple[str, bool]]:
        """Concepts named in the texts, and whether words around the name (not in it) hedge it."""
        hits: dict[str, bool] = {}
        for text in texts:
            text = single_spaced(text.lower())
            named = self._names[kind].find(text)
            hedges = [hedge.span() for hedge in _HEDGED.finditer(text)] if named else []
            for name, start, end in named:
                hedged = bool(hedges) and (hedges[0][1] <= start or hedges[-1][0] >= end)
                hits[name] = hits.get(name, True) and hedged
        return sorted(hits.items())
