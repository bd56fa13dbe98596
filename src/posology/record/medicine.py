"""A medicine is a set of ingredients plus route and form.

Recognised by product code, ingredient code, then by ingredient and form words in its name. Names are
matched as whole words, never as fragments: many names end in the name of another drug.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from posology.monograph.model import MedicineRule, Vocabulary


class Medicine(NamedTuple):
    """What a medicine entry says it is; `identified` is False when nothing in it can be read as a name."""

    ingredients: frozenset[str]
    forms: frozenset[str]
    how: str
    lasts: int
    identified: bool = True


class Names:
    """Whole-word search for many names at once, the longest first."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        self.meaning: dict[str, set[str]] = {}
        for name, means in names:
            self.meaning.setdefault(" ".join(name.lower().split()), set()).add(means)
        ordered = sorted(self.meaning, key=len, reverse=True)
        body = "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in ordered)
        self._find = re.compile(rf"(?<![a-z0-9])(?:{body})(?![a-z0-9])" if body else r"(?!)").finditer

    def find(self, text: str) -> list[tuple[str, int, int]]:
        """Each (meaning, start, end) whose name stands in the text as whole words."""
        found: list[tuple[str, int, int]] = []
        for match in self._find(text.lower()):
            for means in self.meaning[" ".join(match[0].split())]:
                found.append((means, match.start(), match.end()))
        return found


class Pharmacopoeia:
    """Looks up what a coding or a name of a medicine is made of."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._codes: dict[tuple[str, str], tuple[frozenset[str], frozenset[str], str, int]] = {}
        for substance in vocabulary.substances:
            for code in substance.codes:
                self._codes[(code.system, code.code)] = (
                    frozenset([substance.id]),
                    frozenset(),
                    "ingredient code",
                    0,
                )
        for product in vocabulary.products:
            made = (frozenset(product.ingredients), frozenset(product.forms), "product code", product.lasts)
            for code in product.codes:
                self._codes[(code.system, code.code)] = made
        self._products = {product.id: product for product in vocabulary.products}
        self._names = Names(
            [(name, f"s:{s.id}") for s in vocabulary.substances for name in (s.name, *s.names)]
            + [(name, f"p:{p.id}") for p in vocabulary.products for name in p.names]
        )
        self._forms = Names([(name, form.id) for form in vocabulary.forms for name in form.names])

    def read(self, codes: Iterable[tuple[str, str]], texts: Iterable[str]) -> Medicine:
        """What these codings and names together say: the union, so that a wrong label hides nothing."""
        ingredients: set[str] = set()
        forms: set[str] = set()
        how: list[str] = []
        lasts = 0
        for code in codes:
            if made := self._codes.get(code):
                ingredients |= made[0]
                forms |= made[1]
                how.append(made[2])
                lasts = max(lasts, made[3])
        from_code, named, words = set(ingredients), set(), False
        for text in texts:
            words = words or bool(re.search(r"[^\W\d_]{3}", text))
            for means, _, _ in self._names.find(text):
                if means.startswith("p:"):
                    product = self._products[means[2:]]
                    named |= set(product.ingredients)
                    forms |= set(product.forms)
                    lasts = max(lasts, product.lasts)
                else:
                    named.add(means[2:])
            forms.update(form for form, _, _ in self._forms.find(text))
        ingredients |= named
        if from_code and named - from_code:
            how.append("code and name disagree")
        elif not from_code:
            how.append("name")
        return Medicine(
            frozenset(ingredients),
            frozenset(forms),
            " and ".join(dict.fromkeys(how)),
            lasts,
            bool(ingredients) or words,
        )


def belongs(medicine: Medicine, rule: MedicineRule) -> bool:
    """Does a medicine satisfy one rule of a concept?"""
    inside, forms = medicine.ingredients, medicine.forms
    if inside.isdisjoint(rule.ingredients) or not inside.issuperset(rule.with_):
        return False
    if not inside.isdisjoint(rule.without) or (rule.alone and not inside.issubset(rule.ingredients)):
        return False
    if rule.forms and forms.isdisjoint(rule.forms):
        return False
    return forms.isdisjoint(rule.not_forms)
