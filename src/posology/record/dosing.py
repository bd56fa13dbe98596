"""How much an order says to take in a day, in milligrams."""

from __future__ import annotations

import re

from .fhir_types import Dosage, Repeat
from .model import Dose

_PER_DAY = {"s": 86400.0, "min": 1440.0, "h": 24.0, "d": 1.0, "wk": 1 / 7, "mo": 1 / 30, "a": 1 / 365}
_MILLIGRAMS = {"mg": 1.0, "g": 1000.0, "ug": 0.001, "mcg": 0.001, "µg": 0.001}
_CODES = {"QD": 1.0, "BID": 2.0, "TID": 3.0, "QID": 4.0, "QOD": 0.5, "AM": 1.0, "PM": 1.0, "BED": 1.0, "HS": 1.0,
          "Q4H": 6.0, "Q6H": 4.0, "Q8H": 3.0, "Q12H": 2.0, "Q24H": 1.0, "WK": 1 / 7, "MO": 1 / 30}
_WORDS = [
    (re.compile(r"every other day|alternate days"), 0.5),
    (re.compile(r"every (?:4|four) weeks|q4w|q28d|every 28 days"), 1 / 28),
    (re.compile(r"monthly|once a month|every month"), 1 / 30),
    (re.compile(r"weekly|once a week|every week"), 1 / 7),
    (re.compile(r"four times|qid|every 6 hours"), 4.0),
    (re.compile(r"three times|tid|every 8 hours"), 3.0),
    (re.compile(r"twice|\bbid\b|two times|every 12 hours"), 2.0),
    (re.compile(r"daily|nightly|bedtime|every day|once a day|each day|\bqd\b|\bqhs\b|every night|every evening|"
                r"every morning|at night"), 1.0),
]
_AMOUNT = re.compile(r"(\d+(?:[.,]\d+)?)\s*(mg|mcg|µg|ug|g)\b(?!\s*/\s*m)", re.IGNORECASE)


def strength_of(title: str) -> float | None:
    """Milligrams in one unit of a single-ingredient product, from its name; None if not one number."""
    found = {float(number.replace(",", ".")) * _MILLIGRAMS[unit.lower()] for number, unit in _AMOUNT.findall(title)}
    return found.pop() if len(found) == 1 else None


def _often(repeat: Repeat | None, code: str, text: str) -> float | None:
    if repeat is not None and repeat.period and repeat.periodUnit in _PER_DAY:
        return (repeat.frequency or 1) * _PER_DAY[repeat.periodUnit] / repeat.period
    if repeat is not None and repeat.dayOfWeek:
        return len(repeat.dayOfWeek) * (repeat.frequency or 1) / 7
    if code in _CODES:
        return _CODES[code]
    text = text.lower()
    return next((rate for words, rate in _WORDS if words.search(text)), None)


def _one(dosage: Dosage, strength: float | None, title: str, lasts: int) -> Dose:
    text = dosage.text or ""
    quantity = next((rate.doseQuantity for rate in dosage.doseAndRate if rate.doseQuantity), None) or dosage.dose
    amount: float | None = None
    if quantity is not None and quantity.value is not None:
        unit = (quantity.code or quantity.unit or "").lower()
        if unit in _MILLIGRAMS:
            amount = quantity.value * _MILLIGRAMS[unit]
        elif strength is not None and "ml" not in unit:
            amount = quantity.value * strength
    elif text:
        amount = strength_of(text) or (strength if strength is not None else None)
    else:
        amount = strength
    code = next((c.code for c in dosage.timing.code.coding if c.code), "") if dosage.timing and dosage.timing.code else ""
    often = _often(dosage.timing.repeat if dosage.timing else None, code or "", text or title)
    if often is None and lasts:
        often = 1 / lasts
    shown = text or title
    if amount is None:
        return Dose(None, shown, "how much is not recorded")
    if often is None:
        return Dose(None, shown, f"{amount:g} mg, but how often is not recorded")
    return Dose(amount * often, shown)


def daily_dose(dosages: list[Dosage], title: str, ingredients: int, lasts: int = 0) -> Dose:
    """The highest daily dose that an order's instructions mean.

    `ingredients` is how many the product has (a strength in the name belongs to one), `lasts` the days
    that one administration of a depot lasts, for orders that do not say how often.
    """
    strength = strength_of(title) if ingredients == 1 else None
    doses = [_one(dosage, strength, title, lasts) for dosage in dosages] or [
        _one(Dosage(), strength, title, lasts)]
    known = [dose for dose in doses if dose.mg_per_day is not None]
    return max(known, key=lambda dose: dose.mg_per_day or 0.0) if known else doses[0]
