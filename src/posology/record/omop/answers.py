"""What the value of a row says of a finding: that the person has it, that they do not, or something else.

Values are compared as a whole and without regard to case: "no longer", "normal" and "nothing of note" are no
"no". What is understood is listed here; everything else is not, and is for the caller to take to the safe side.
"""

from __future__ import annotations

import re

from .cells import decimal, whole
from .terms import Terms

HAS, HAS_NOT, UNCLEAR = "has", "has not", "unclear"
_YES = frozenset([4188539, 45877994, 4181412, 9191, 45884084])
_NO = frozenset([4188540, 45878245, 4132135, 9189, 45878583])
"""Yes, present, positive; no, absent, negative: as SNOMED CT and LOINC answers."""
_SAYS_NO = frozenset(["n", "no", "none", "absent", "negative", "denied"])
_SAYS_YES = frozenset(
    [
        *("y", "yes", "true", "1", "1.0", "present", "positive", "confirmed", "active", "current"),
        *("mild", "moderate", "severe", "very severe", "mild to moderate", "moderate to severe"),
    ]
)
_KIND = re.compile(r" \((?:qualifier value|finding|severity modifier)[^()]*\)$")
"""What SNOMED CT's full names end in."""


def reading(
    terms: Terms, concepts: tuple[str | None, ...], texts: tuple[str | None, ...], number: str | None
) -> str:
    """One of `HAS`, `HAS_NOT` and `UNCLEAR`; empty where nothing is said.

    `concepts` are ids of values and qualifiers, `texts` those in words. `HAS_NOT` only if all that is said
    says so.
    """
    told = [_of_concept(terms, concept) for concept in concepts if whole("value_as_concept_id", concept)]
    told += [_of_text(text) for text in texts if text and text.strip()]
    if (value := decimal("value_as_number", number)) is not None:
        told.append(HAS if value == 1 else UNCLEAR)
    if not told:
        return ""
    if set(told) == {HAS_NOT}:
        return HAS_NOT
    return HAS if HAS in told and HAS_NOT not in told else UNCLEAR


def _of_concept(terms: Terms, text: str | None) -> str:
    number = whole("value_as_concept_id", text)
    if number in _YES | _NO:
        return HAS if number in _YES else HAS_NOT
    concept = terms.concept(text)
    return _of_text(concept.name) if concept is not None else UNCLEAR


def _of_text(text: str) -> str:
    said = _KIND.sub("", text.strip().lower())
    return HAS if said in _SAYS_YES else HAS_NOT if said in _SAYS_NO else UNCLEAR
