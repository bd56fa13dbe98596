"""How an amount is made from a product: whole and part units, or what has to be made to order."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from posology.monograph.model import Product
from posology.regimen.measures import number

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_PARTS = {2: ("half", "halves"), 3: ("third", "thirds"), 4: ("quarter", "quarters")}


class Made(NamedTuple):
    """`taken_as`: units of the product, in words. `needs`: what to order instead where it cannot be divided so."""

    taken_as: str
    needs: str


def making(amount_mg: float, product: Product, others: Sequence[Product]) -> Made:
    """How a dose is made from the product; `others` of the drug may be made to order where it cannot be."""
    if product.unit and product.unit_mg:
        parts = _exact(amount_mg) * product.splits / _exact(product.unit_mg)
        if parts.denominator == 1:
            return Made(units(Fraction(parts, product.splits), product.unit), "")
        smallest = number(float(_exact(product.unit_mg) / product.splits))
        why = f"{number(amount_mg)} mg cannot be made from {product.name}: {smallest} mg is the smallest part of it"
        to_order = next(
            (each for each in others if each.compounded and each.rx_route == product.rx_route), None
        )
        return Made("", f"{why}. Needed: {_ordered(amount_mg, to_order)}" if to_order else f"{why}.")
    if product.compounded:
        return Made("", _ordered(amount_mg, product))
    return Made("", "")


def can_make(amount_mg: float, product: Product) -> bool:
    """Can this amount be had as the product, divided or made to order?"""
    if product.unit and product.unit_mg:
        return (_exact(amount_mg) * product.splits / _exact(product.unit_mg)).denominator == 1
    return True


def units(count: Fraction, unit: str) -> str:
    """So many units in words: ``half a tablet``, ``one and a half tablets``, ``two tablets``."""
    whole, part = divmod(count, 1)
    if not part:
        return f"{_number(int(whole))} {unit if whole == 1 else unit + 's'}"
    one, many = _PARTS.get(part.denominator, (f"1/{part.denominator}", f"{part.denominator}ths"))
    some = f"a {one}" if part.numerator == 1 else f"{_number(part.numerator)} {many}"
    if not whole:
        return f"half {_article(unit)}" if part == Fraction(1, 2) else f"{some} of {_article(unit)}"
    return f"{_number(int(whole))} and {some} {unit}s"


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def _article(unit: str) -> str:
    return f"{'an' if unit[0] in 'aeiou' else 'a'} {unit}"


def _ordered(amount_mg: float, product: Product) -> str:
    return product.compounded.replace("{mg}", number(amount_mg))


def _exact(value: float) -> Fraction:
    """The decimal number that was written: 0.1 is a tenth."""
    return Fraction(repr(value))
