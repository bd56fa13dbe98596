"""Results: which one is the latest, what it says, whether it is there, and how it changed."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from .coded import belongs
from .findings import tainted
from .medicines import began, entries
from .record import Json, Record, when
from .values import DAY, LONG_AGO, NO, OPEN, YES, Span, bounds, days_of, holds, number, pick, undated

UNITS = {
    "U/L": ("enzyme", Fraction(1)),
    "IU/L": ("enzyme", Fraction(1)),
    "ukat/L": ("enzyme", Fraction(60)),
    "mg/dL": ("mass", Fraction(1)),
    "mg/L": ("mass", Fraction(1, 10)),
    "umol/L": ("substance", Fraction(1)),
    "10*3/uL": ("cells", Fraction(1)),
    "10*9/L": ("cells", Fraction(1)),
    "10*6/L": ("cells", Fraction(1, 1000)),
    "{score}": ("score", Fraction(1)),
}
UNSURE = {"preliminary", "registered", "unknown"}
WORDS = {
    "positive": "positive",
    "detected": "positive",
    "10828004": "positive",
    "260373001": "positive",
    "POS": "positive",
    "negative": "negative",
    "none detected": "negative",
    "260385009": "negative",
    "260415000": "negative",
    "NEG": "negative",
}
BASELINE = 28


class Outcome(NamedTuple):
    """A result that counts: the moments it could be of, and how sure it is to be one of this test."""

    entry: Json
    span: Span
    sure: int


def outcomes(record: Record, name: str, knowledge: Json) -> list[Outcome]:
    """Every result of a test, and every entry that could be one and cannot be read."""
    concept = knowledge["concepts"][name]
    found = []
    for each in record.of("Observation"):
        sure = belongs(each["code"], concept, knowledge["concepts"])
        if sure:
            sure = OPEN if each["status"] in UNSURE else sure
            key = "effectiveDateTime" if "effectiveDateTime" in each else "issued"
            found.append(Outcome(each, when(each, key, record.on), sure))
    if tainted(record, "observation", name, knowledge):
        found.append(Outcome({}, undated(record.on), OPEN))
    return found


def latest(found: list[Outcome]) -> list[tuple[Outcome, int]]:
    """Every result that could be the latest, with each day on which it would be."""
    possible = []
    for each in found:
        for day in each.span.days():
            # A date without a time could be of any moment of its day, up to the last.
            moment = each.span.latest if each.span.first == each.span.last else day * DAY + DAY - 1
            if not any(_after(other, each, day, moment) for other in found if other is not each):
                possible.append((each, day))
    of_one_day = [
        (each, each.span.first)
        for each in found
        for other, day in possible
        if other is not each
        and each.span.first == each.span.last == day == other.span.first == other.span.last
        if each.span.earliest < each.span.latest and other.span.earliest == other.span.latest
    ]
    return [*possible, *of_one_day]


def _after(other: Outcome, this: Outcome, day: int, moment: int) -> bool:
    """Is the other one surely later than this one is at the latest? At one moment, or on one day, the higher id is."""
    if this.span == other.span and this.span.first == this.span.last:
        return str(other.entry.get("id")) > str(this.entry.get("id"))
    timed = [each.span.earliest == each.span.latest for each in (this, other)]
    if not all(timed) and other.span.first <= day:
        return False  # perhaps of one day, and one of them without a time
    return other.span.earliest > moment


def observation(criterion: Json, record: Record, against: bool, knowledge: Json) -> int:
    """Is the latest result beyond a bound, or of this meaning? An older one does not stand in for it."""
    name = criterion["observation"]
    silent = NO if criterion.get("absent") == "no" else OPEN
    first = record.on - days_of(criterion["within"]) + 1 if "within" in criterion else 0
    answers = []
    asked_for = [one for one in outcomes(record, name, knowledge) if one.span.last >= first]
    inside = any(one.span.first >= first for one in asked_for)
    for each, day in latest(asked_for):
        if day < first and inside and each.entry:
            continue  # of those in the time another one is the latest
        value = _answer(each.entry, criterion, knowledge["concepts"][name])
        if each.sure == OPEN:
            value = OPEN
        answers.append(value if day >= first or not each.entry else silent)
    return pick(answers, against, nothing=silent)


def _answer(entry: Json, criterion: Json, concept: Json) -> int:
    if not entry:
        return OPEN
    if "is" in criterion:
        word = meaning(entry)
        return OPEN if word is None else (YES if word == criterion["is"] else NO)
    read = interval(entry, concept)
    if read is None:
        return OPEN
    low, high, low_in, high_in = read
    answers = []
    for bound, limit, unit in bounds(criterion):
        scaled = _limit(limit, unit, entry, concept)
        answers.append(OPEN if scaled is None else _compare(low, high, low_in, high_in, bound, scaled))
    return min(answers)


def _compare(
    low: Fraction | None, high: Fraction | None, low_in: bool, high_in: bool, bound: str, limit: Fraction
) -> int:
    """An interval on both sides of a bound is open."""
    if bound in ("above", "from"):
        # Every number of it is beyond, or none is.
        if low is not None and (low > limit or (low == limit and (bound == "from" or not low_in))):
            return YES
        if high is not None and (high < limit or (high == limit and (bound == "above" or not high_in))):
            return NO
        return OPEN
    opposite = {"below": "from", "to": "above"}[bound]
    return 2 - _compare(low, high, low_in, high_in, opposite, limit)


def interval(entry: Json, concept: Json) -> tuple[Fraction | None, Fraction | None, bool, bool] | None:
    """The numbers that a result could mean, in the concept's unit; None if it gives no usable number."""
    if "valueInteger" in entry:
        quantity = {"value": entry["valueInteger"]}
    else:
        quantity = entry.get("valueQuantity", {})
    value = scaled(quantity, concept)
    if value is None or not concept["plausible-from"] <= value <= concept["plausible-to"]:
        return None
    sign = quantity.get("comparator")
    ends = {
        None: (value, value, True, True),
        "<": (None, value, False, False),
        "<=": (None, value, False, True),
        ">": (value, None, False, False),
        ">=": (value, None, True, False),
    }
    return ends.get(sign)


def scaled(quantity: Json, concept: Json) -> Fraction | None:
    """A quantity in the concept's own unit; only a score needs none."""
    unit = quantity.get("code", quantity.get("unit", "{score}" if concept["unit"] == "{score}" else ""))
    if "value" not in quantity or unit not in UNITS:
        return None
    for known in concept.get("conversions", []):
        if unit == known["unit"]:
            return number(quantity["value"]) * number(known["factor"])
    (kind, factor), (wanted, own) = UNITS[unit], UNITS[concept["unit"]]
    return number(quantity["value"]) * factor / own if kind == wanted else None


def _limit(limit: Fraction, unit: str, entry: Json, concept: Json) -> Fraction | None:
    """A bound in the concept's unit; multiples of the upper limit by the result's own range, else the default."""
    if unit != "x ULN":
        return scaled({"value": limit, **({"unit": unit} if unit else {})}, concept)
    for each in entry.get("referenceRange", []):
        if "type" not in each:
            high = scaled(each["high"], concept)
            return None if high is None else limit * high
    if "uln" not in concept:
        return None
    value, unit = concept["uln"].split()
    high = scaled({"value": value, "unit": unit}, concept)
    return None if high is None else limit * high


def meaning(entry: Json) -> str | None:
    """Positive, negative, or neither."""
    if "valueBoolean" in entry:
        return "positive" if entry["valueBoolean"] else "negative"
    if "valueString" in entry:
        return WORDS.get(entry["valueString"].lower())
    for key in ("valueCodeableConcept", "interpretation"):
        if key in entry:
            codeable = entry[key][0] if key == "interpretation" else entry[key]
            return WORDS.get(codeable["coding"][0]["code"])
    return None


def recorded(criterion: Json, record: Record, against: bool, knowledge: Json) -> int:
    """Is it there, and recent enough? Met or open, never no; only the earliest day proves that it is recent."""
    name = criterion["recorded"]
    lists = {"conditions": "condition", "medications": "medicine", "allergies": "allergy"}
    if name in lists:
        return YES if record.listed(lists[name]) else OPEN
    concept = knowledge["concepts"][name]
    first = record.on - days_of(criterion["within"]) + 1 if "within" in criterion else 0
    for each in outcomes(record, name, knowledge):
        if each.sure == YES and each.span.first >= first and _usable(each.entry, concept):
            return YES
    return OPEN


def _usable(entry: Json, concept: Json) -> bool:
    if concept.get("unit"):
        return interval(entry, concept) is not None
    return meaning(entry) is not None or "value" in entry.get("valueQuantity", {})


def change(criterion: Json, record: Record, against: bool, knowledge: Json) -> int:
    """By how much did it fall, in percent, since the medicine in hand was begun?"""
    starts = began(record, knowledge["own"], knowledge, True)
    name = criterion["change"]
    if isinstance(starts, int):
        return NO if criterion.get("absent") == "no" else starts
    results = outcomes(record, name, knowledge)
    answers = []
    undated_now = [
        each
        for each in entries(record, knowledge["own"], knowledge)
        if each.worlds[0].start == LONG_AGO and each.sure[1] == YES
        if each.within(record.on, record.on, True) == YES
    ]
    if undated_now or any(late > record.on for late, _ in starts):
        # Nobody recorded since when, or it is not certainly taken.
        return NO if criterion.get("absent") == "no" else OPEN
    if any(early == LONG_AGO for _, early in starts):
        return OPEN  # perhaps taken before
    for late, early in starts:
        worlds = {_fell(criterion, results, day, knowledge["concepts"][name]) for day in (late, early)}
        answers.append(worlds.pop() if len(worlds) == 1 else OPEN)
    return pick(answers, against)


def _fell(criterion: Json, results: list[Outcome], start: int, concept: Json) -> int:
    """The last value of the 28 days before the first dose, that day included, and the latest since."""
    if any(not each.entry for each in results):
        return OPEN
    usable = [each for each in results if each.sure == YES and interval(each.entry, concept) is not None]
    dated = [each for each in usable if each.span.first == each.span.last]
    before = latest([each for each in dated if start - BASELINE <= each.span.first <= start])
    since = latest([each for each in dated if each.span.first > start])
    if not before or not since:
        return NO if criterion.get("absent") == "no" else OPEN
    if any(each not in dated and each.span.last >= start - BASELINE for each in usable):
        return OPEN  # it could be the baseline, or the latest since
    values = [_exact(each[0][0], concept) for each in (before, since)]
    if len({str(one[0].entry) for one in before}) > 1 or len({str(one[0].entry) for one in since}) > 1:
        return OPEN
    baseline, value = values
    if not baseline or value is None:
        return OPEN
    fall = (baseline - value) / baseline * 100
    return YES if all(holds(fall, bound, limit) for bound, limit, _ in bounds(criterion)) else NO


def _exact(each: Outcome, concept: Json) -> Fraction | None:
    read = interval(each.entry, concept)
    return read[0] if read and each.sure == YES and read[0] == read[1] else None
