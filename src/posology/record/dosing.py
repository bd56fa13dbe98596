"""How much an order says to take in a day, in milligrams."""

from __future__ import annotations

import math
import re

from .fhir_types import Dosage, Quantity, Repeat
from .model import Dose

_PER_DAY = {"s": 86400.0, "min": 1440.0, "h": 24.0, "d": 1.0, "wk": 1 / 7, "mo": 1 / 30, "a": 1 / 365}
_MILLIGRAMS = {
    "mg": 1.0,
    "g": 1000.0,
    "ug": 0.001,
    "mcg": 0.001,
    "µg": 0.001,
    "milligram": 1.0,
    "milligrams": 1.0,
    "gram": 1000.0,
    "grams": 1000.0,
    "microgram": 0.001,
    "micrograms": 0.001,
}
_UNITS = {
    "",
    "1",
    "{tbl}",
    "{tablet}",
    "{capsule}",
    "{dose}",
    "{each}",
    "tablet",
    "tablets",
    "tab",
    "tabs",
    "tablet(s)",
    "capsule",
    "capsules",
    "cap",
    "caps",
    "capsule(s)",
    "pill",
    "pills",
    "each",
    "unit",
    "dose",
    "film",
    "films",
    "patch",
    "patches",
    "injection",
    "kit",
    "vial",
    "spray",
}
"""Units that count pieces of a product, so that its strength tells the amount."""
_CODES = {
    "QD": 1.0,
    "BID": 2.0,
    "TID": 3.0,
    "QID": 4.0,
    "QOD": 0.5,
    "AM": 1.0,
    "PM": 1.0,
    "BED": 1.0,
    "HS": 1.0,
    "Q4H": 6.0,
    "Q6H": 4.0,
    "Q8H": 3.0,
    "Q12H": 2.0,
    "Q24H": 1.0,
    "WK": 1 / 7,
    "MO": 1 / 30,
}
_WORD = {
    "half": 0.5,
    "once": 1.0,
    "one": 1.0,
    "twice": 2.0,
    "two": 2.0,
    "three": 3.0,
    "four": 4.0,
    "five": 5.0,
    "six": 6.0,
    "eight": 8.0,
    "twelve": 12.0,
}
# Possessive: half of a number is none ("50 mg tablet" is no five), and a long one costs no backtracking.
_NUMBER = r"\d++/\d++|\d++(?:[.,]\d++)?|" + "|".join(word for word in _WORD if word not in ("once", "twice"))
_AMOUNT = re.compile(r"(?<!\d)(\d++(?:[.,]\d++)?)\s*+(mg|mcg|µg|ug|g)\b(?!\s*/\s*m)", re.IGNORECASE)
_PIECES = re.compile(
    rf"\b({_NUMBER})(?:\s*(?:-|to|or)\s*({_NUMBER}))?\s*(?:x\s*)?(?:\d++(?:[.,]\d++)?\s*(?:mg|mcg|µg|ug|g)\s+)?"
    r"(?:(?:an?|oral|whole|full)\s+)*(?:tablets?|tabs?|capsules?|caps?|pills?|films?|patch(?:es)?)\b"
)
_LIMIT = re.compile(r"\b(?:max(?:imum)?|not (?:to )?exceed|no more than)\b")
_EVERY = re.compile(
    rf"\bevery ({_NUMBER})?(?:\s*(?:-|to)\s*\d+)?\s*(other day|hour|day|week|month|morning|evening|night)"
)
_Q = re.compile(r"\bq\s?(\d+)\s?(h|d|w)")
_TIMES = re.compile(
    rf"\b(?:(once|twice)|({_NUMBER})\s*(?:times|x(?!\s*\d)))(?:\s*(?:-|to)\s*\d+)?"
    r"(?:\s*(?:an?|per|each|every|/)?\s*(week|month))?"
)
_HOURS = {
    "hour": 1,
    "h": 1,
    "day": 24,
    "d": 24,
    "morning": 24,
    "evening": 24,
    "night": 24,
    "week": 168,
    "w": 168,
    "month": 720,
}
_SAID = [
    (re.compile(r"alternate days|\bqod\b"), 0.5),
    (re.compile(r"\bmonthly\b"), 1 / 30),
    (re.compile(r"\bweekly\b"), 1 / 7),
    (re.compile(r"\bqid\b"), 4.0),
    (re.compile(r"\btid\b"), 3.0),
    (re.compile(r"\bbid\b"), 2.0),
    (re.compile(r"\b(?:daily|nightly|each day|qd|qhs|at noon|bedtime|morning|evening|night)\b"), 1.0),
    (re.compile(r"(?s)\A(?>.*?\bmorning\b).*\b(?:evening|night|bedtime)"), 2.0),
]


def strength_of(title: str) -> float | None:
    """Milligrams in one unit of a single-ingredient product, from its name; None if not one number."""
    found = {
        float(number.replace(",", ".")) * _MILLIGRAMS[unit.lower()] for number, unit in _AMOUNT.findall(title)
    }
    return found.pop() if len(found) == 1 else None


def _number(text: str) -> float:
    if text in _WORD:
        return _WORD[text]
    over, _, under = text.partition("/")
    return float(over.replace(",", ".")) / (float(under) or 1.0) if under else float(over.replace(",", "."))


def _in_words(text: str) -> float | None:
    """The highest number of times a day that plain words name."""
    rates = [rate for words, rate in _SAID if words.search(text)]
    for number, what in _EVERY.findall(text):
        rates.append(0.5 if what == "other day" else 24 / _HOURS[what] / (_number(number or "1") or 1.0))
    rates += [24 / _HOURS[what] / (float(number) or 1.0) for number, what in _Q.findall(text)]
    for word, number, period in _TIMES.findall(text):
        rates.append(_number(word or number) / (_HOURS[period or "day"] / 24))
    return max(rates, default=None)


def _often(repeat: Repeat | None, code: str, text: str) -> float | None:
    if repeat is not None:
        times = max(repeat.frequency or 1, repeat.frequencyMax or 1)
        if repeat.period and repeat.periodUnit in _PER_DAY:
            return times * _PER_DAY[repeat.periodUnit] / repeat.period
        if repeat.dayOfWeek:
            return len(repeat.dayOfWeek) * times / 7
    return _CODES[code] if code in _CODES else _in_words(text.lower())


def _said(text: str, strength: float | None) -> float | None:
    """Milligrams at a time, from words; the higher reading where there are two. One piece if nothing else is said."""
    text = _LIMIT.split(text.lower())[0]
    named = max(
        (float(n.replace(",", ".")) * _MILLIGRAMS[unit] for n, unit in _AMOUNT.findall(text)), default=None
    )
    pieces = max((_number(n) for found in _PIECES.findall(text) for n in found if n), default=None)
    one = strength if strength is not None else named
    if pieces is not None and one is not None:
        return max(pieces * one, named or 0.0) if named != strength else pieces * one
    return named if named is not None else strength


def _quantity(dosage: Dosage) -> Quantity | None:
    for rate in dosage.doseAndRate:
        if rate.doseQuantity:
            return rate.doseQuantity
        if rate.doseRange:
            return rate.doseRange.high or rate.doseRange.low
    return dosage.dose


def _one(dosage: Dosage, strength: float | None, title: str, lasts: int) -> Dose:
    text = dosage.text or ""
    quantity = _quantity(dosage)
    amount: float | None = None
    if quantity is not None and quantity.value is not None:
        unit = (quantity.code or quantity.unit or "").lower()
        if unit in _MILLIGRAMS:
            amount = quantity.value * _MILLIGRAMS[unit]
        elif strength is not None and unit in _UNITS:
            amount = quantity.value * strength
    else:
        amount = _said(text, strength)
    code = (
        next((c.code for c in dosage.timing.code.coding if c.code), "")
        if dosage.timing and dosage.timing.code
        else ""
    )
    often = _often(dosage.timing.repeat if dosage.timing else None, code or "", text or title)
    if often is None and lasts:
        often = 1 / lasts
    shown = text or title
    if amount is None:
        return Dose(None, shown, "how much is not recorded")
    if often is None:
        return Dose(None, shown, f"{amount:g} mg, but how often is not recorded")
    daily = amount * often
    if not 0.0 <= daily < math.inf or amount < 0:
        return Dose(None, shown, "an impossible dose")
    return Dose(daily, shown, mg_on_a_day=max(amount, daily))


def daily_dose(dosages: list[Dosage], title: str, ingredients: int, lasts: int = 0) -> Dose:
    """The highest daily dose that an order's instructions mean.

    `ingredients` is how many the product has (a strength in the name belongs to one), `lasts` the days
    that one administration of a depot lasts, for orders that do not say how often.
    """
    strength = strength_of(title) if ingredients == 1 else None
    doses = [_one(dosage, strength, title, lasts) for dosage in dosages] or [
        _one(Dosage(), strength, title, lasts)
    ]
    known = [dose for dose in doses if dose.mg_per_day is not None]
    return max(known, key=lambda dose: dose.mg_per_day or 0.0) if known else doses[0]
