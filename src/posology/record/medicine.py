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
    nearly: frozenset[str] = frozenset()
    """Further ingredients whose names are only nearly spelt so: a misspelling may hide one."""


LONG = 7
"""Letters from which on a name is long enough that one wrong letter still tells it."""


def _without_one(word: str) -> set[str]:
    """The word, and the word without any one of its letters."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def _one_apart(one: str, other: str) -> bool:
    """Do two words differ by one letter added, left out, changed, or by two neighbours swapped?"""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    first = next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    if len(one) > len(other):
        return one[first + 1 :] == other[first:]
    if len(one) < len(other):
        return one[first:] == other[first + 1 :]
    swapped = one[first : first + 2][::-1] == other[first : first + 2]
    return one[first + 1 :] == other[first + 1 :] or (swapped and one[first + 2 :] == other[first + 2 :])


_WORD = re.compile(r"[a-z0-9]++")
_ALPHABETIC = re.compile(r"[a-z]++")


class Names:
    """Whole-word search for many names at once, the longest first.

    Names are kept by their first word, so that making one costs nothing and a text is gone through once,
    however long it is.
    """

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        meaning: dict[str, set[str]] = {}
        for name, means in names:
            meaning.setdefault(single_spaced(name.lower()), set()).add(means)
        self.meaning = {name: sorted(means) for name, means in meaning.items() if name}
        self._by_first: dict[str, list[str]] = {}
        others: list[str] = []
        for name in sorted(self.meaning, key=len, reverse=True):
            first = _WORD.match(name)
            if first is not None:
                self._by_first.setdefault(first[0], []).append(name)
            else:
                others.append(re.escape(name))
        # Names in other scripts, which may not part words by spaces.
        self._others = re.compile(f"(?:{'|'.join(others)})(?![a-z0-9])") if others else None
        self._shortened: dict[str, set[str]] = {}
        for name in self.meaning:
            if len(name) >= LONG and name.isalpha():
                for part in _without_one(name):
                    self._shortened.setdefault(part, set()).add(name)
        self._longest = max(map(len, self.meaning), default=0)

    def nearly(self, text: str) -> set[str]:
        """Meanings of names of `LONG` letters or more from which a word differs by one letter, or two swapped."""
        found: set[str] = set()
        for match in _ALPHABETIC.finditer(text.lower()):
            word = match[0]
            if LONG - 1 <= len(word) <= self._longest + 1 and word not in self.meaning:
                for part in _without_one(word):
                    for name in self._shortened.get(part, ()):
                        if _one_apart(word, name):
                            found.update(self.meaning[name])
        return found

    def find(self, text: str) -> list[tuple[str, int, int]]:
        """Each (meaning, start, end) whose name stands in the text as whole words.

        The text is lower case and `single_spaced`.
        """
        found: list[tuple[str, int, int]] = []
        reached = 0
        for word in _WORD.finditer(text):
            start = word.start()
            if start < reached:
                continue
            for name in self._by_first.get(word[0], ()):
                end = start + len(name)
                if text.startswith(name, start) and not _goes_on(text, end):
                    found.extend((means, start, end) for means in self.meaning[name])
                    reached = end
                    break
        for other in self._others.finditer(text) if self._others else ():
            found.extend((means, *other.span()) for means in self.meaning[other[0]])
        return found


_UNSEEN = dict.fromkeys(
    [0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
"""Soft hyphens, zero-width characters and marks of direction: they part no word and hide no name."""


def single_spaced(text: str) -> str:
    """The text with every run of white space as one space, none at its ends, and nothing that cannot be seen."""
    return " ".join((text if text.isascii() else text.translate(_UNSEEN)).split())


def _goes_on(text: str, end: int) -> bool:
    """Is the word that ends here only the beginning of a longer one?"""
    return text[end : end + 1] in _LETTERS


_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


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

    @property
    def listed(self) -> frozenset[tuple[str, str]]:
        """System and code of every ingredient and product."""
        return frozenset(self._codes)

    def read(
        self, codes: Iterable[tuple[str, str]], texts: Iterable[str], above: Iterable[tuple[str, str]] = ()
    ) -> Medicine:
        """What these codings and names together say: the union, so that a wrong label hides nothing.

        `above` are codes of which the medicine's own code is a descendant: its ingredients, or the product
        that a brand is one of. They are asked where its own codes are not known.
        """
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
        if not ingredients:
            for code in above:
                if made := self._codes.get(code):
                    ingredients |= made[0]
                    forms |= made[1]
                    how.append("descendant of a listed code")
                    lasts = max(lasts, made[3])
        from_code, named, words = set(ingredients), set(), False
        for text in texts:
            text = single_spaced(text.lower())
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
        nearly: set[str] = set()
        if not from_code:
            for means in {means for text in texts for means in self._names.nearly(text)}:
                nearly |= (
                    set(self._products[means[2:]].ingredients) if means.startswith("p:") else {means[2:]}
                )
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
            frozenset(nearly - ingredients),
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
