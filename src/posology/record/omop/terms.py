"""What a row is about: concept, source concept and source value as one codeable concept, made once for each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from posology.record.fhir_types import CodeableConcept
from posology.record.match import ABOVE, Index

from . import cells, vocabularies

_ALLERGY = re.compile(
    r"\b(?:allergy to|allergic to|hypersensitivity to|intolerance to|no known (?:\w+ )?allerg(?:y|ies))\b|"
    r"\ballergy$",
    re.IGNORECASE,
)
_CACHE_LIMIT = 200_000


class Concept(NamedTuple):
    """A row of CONCEPT."""

    id: int
    name: str
    domain: str
    vocabulary: str
    kind: str
    """Its `concept_class_id`."""
    code: str


class Coded(NamedTuple):
    """A codeable concept, encoded, and what decides which resource a row about it becomes."""

    json: msgspec.Raw
    name: str
    concept: Concept | None
    means: str
    """Kind of the knowledge's concept that lists one of its codes, or that its name tells: ``allergy``,
    ``condition``, ``procedure``, ``observation`` or empty."""


class Terms:
    """Codeable concepts by concept id, source concept id and source value.

    The reader of a database fills `concepts` and `above` (system and code of those ancestors of a concept
    that the knowledge lists) with what a batch of rows needs; both stay empty without a vocabulary.
    """

    def __init__(self, index: Index) -> None:
        self.index = index
        self.concepts: dict[int, Concept] = {}
        self.above: dict[int, tuple[tuple[str, str], ...]] = {}
        self._made: dict[tuple[str | None, str | None, str | None, str, bool], Coded] = {}

    def coded(
        self,
        standard: str | None,
        source: str | None = None,
        value: str | None = None,
        codes: str = "",
        both_names: bool = False,
    ) -> Coded:
        """The codeable concept of a row.

        `codes` is the vocabulary in which a source value without a source concept is written, where that is
        known. With `both_names` a source value in words stands beside the name of the concept.
        """
        key = (standard, source, value, codes, both_names)
        known = self._made.get(key)
        if known is None:
            known = self._make(*key)
            if len(self._made) > _CACHE_LIMIT:
                self._made.clear()
            self._made[key] = known
        return known

    def concept(self, text: str | None) -> Concept | None:
        """The concept with this id; None for 0, NULL or one that the vocabulary does not hold."""
        number = cells.whole("concept_id", text)
        return self.concepts.get(number) if number else None

    def _make(
        self, standard: str | None, source: str | None, value: str | None, codes: str, both_names: bool
    ) -> Coded:
        ids = [cells.whole("concept_id", standard) or 0, cells.whole("source_concept_id", source) or 0]
        found = [self.concepts.get(number) for number in ids]
        text = vocabularies.tidy(value)
        named = vocabularies.is_name(text)
        codings: list[dict[str, str]] = []
        for concept in dict.fromkeys(concept for concept in found if concept is not None):
            code = vocabularies.dotted(concept.vocabulary, concept.code.strip())
            codings.append(
                {
                    "system": vocabularies.uri(concept.vocabulary),
                    "code": code,
                    "display": concept.name.strip(),
                }
            )
        if text and not named and found[1] is None and all(coding["code"] != text for coding in codings):
            codings.append(_bare(text, codes))
        if not codings and not text and any(ids):
            codings.append({"system": vocabularies.OHDSI, "code": str(ids[0] or ids[1])})
        name = next((concept.name.strip() for concept in found if concept is not None), "")
        if named and name and both_names and text.lower() != name.lower():
            codings.append({"display": text})
        name = name or (text if named else "")
        for system, code in dict.fromkeys(pair for number in ids for pair in self.above.get(number, ())):
            codings.append({"system": ABOVE + system, "code": code})
        made: dict[str, object] = {}
        if codings:
            made["coding"] = codings
        if name:
            made["text"] = name
        return Coded(
            msgspec.Raw(msgspec.json.encode(made)),
            name,
            found[0] or found[1],
            self._means(msgspec.convert(made, CodeableConcept), name),
        )

    def _means(self, concept: CodeableConcept, name: str) -> str:
        if _ALLERGY.search(name):
            return "allergy"
        for kind in ("condition", "allergy", "procedure", "observation"):
            if any(match.how in _BY_CODE for match in self.index.match(kind, concept).matches):
                return kind
        return ""


_BY_CODE = ("code", "code prefix", "descendant of a listed code")


def _bare(code: str, vocabulary: str) -> dict[str, str]:
    """A source value that is a code, with its system where that can be told."""
    if not (vocabulary and vocabularies.fits(vocabulary, code)):
        vocabulary = vocabularies.self_told(code)
    if not vocabulary:
        return {"code": code}
    return {"system": vocabularies.uri(vocabulary), "code": vocabularies.dotted(vocabulary, code)}


def listed(index: Index) -> dict[str, frozenset[tuple[str, str]]]:
    """Vocabulary and code of everything that the knowledge lists and that has descendants, by kind.

    Kind ``medicine`` stands for ingredients and products: which set of medicines something belongs to is
    decided by ingredient, form and route, never by an ancestor (DESIGN 6).
    """
    return {
        kind: frozenset(
            (vocabularies.LISTS[system], code) for system, code in pairs if system in vocabularies.LISTS
        )
        for kind, pairs in index.listed.items()
    }


def nearest(ancestors: Iterable[int], below: dict[int, frozenset[int]]) -> set[int]:
    """Those ancestors that have no other one of them below: the most specific that the knowledge lists.

    `below` tells for a listed concept which listed concepts descend from it. What the knowledge lists apart
    is so never taken for the wider concept as well.
    """
    found = set(ancestors)
    return {each for each in found if not (below.get(each, frozenset()) & found) - {each}}
