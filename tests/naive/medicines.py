"""Is it taken, was it, is it ordered, for how long, and how much a day?"""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import NamedTuple

from .coded import Medicine, texts
from .courses import Course, certainty, courses
from .record import KINDS, Json, Record
from .values import LONG_AGO, NO, OPEN, YES, bounds, days_of, holds, number, pick

GAP = 14
"""Days without the medicine that do not end a course."""
PERIODS = {"h": Fraction(1, 24), "d": Fraction(1), "wk": Fraction(7)}
MILLIGRAMS = {"mg": Fraction(1), "g": Fraction(1000), "ug": Fraction(1, 1000)}


class Taken(NamedTuple):
    """An entry of the medicine asked about, with every world of it."""

    entry: Json
    worlds: list[Course]
    sure: tuple[int, int]

    def within(self, first: int, last: int, against: bool) -> int:
        """Was it taken on one of these days, as this entry tells?"""
        found = [each.within(first, last) for each in self.worlds]
        return min(pick(found, against), self.sure[0] if against else self.sure[1])


def entries(record: Record, name: str, knowledge: Json, drafts: bool = False) -> list[Taken]:
    """The entries about a medicine; drafts were never taken."""
    found = []
    for each in record.entries:
        if KINDS[each["resourceType"]] != "medicine" or (each.get("status") == "draft") != drafts:
            continue
        medicine = Medicine(each["medicationCodeableConcept"], knowledge)
        certain = medicine.belongs(knowledge["concepts"][name])
        if certain:
            sure = certainty(each)
            worlds = courses(each, medicine, record, knowledge)
            found.append(Taken(each, worlds, (min(certain, sure[0]), min(certain, sure[1]))))
    return found


def tainted(record: Record, name: str, knowledge: Json) -> bool:
    """Could an entry that cannot be read be about this medicine?"""
    for each in record.broken:
        kind = each.get("resourceType")
        if not isinstance(kind, str):
            return True
        if KINDS[kind] == "medicine":
            code = each.get("medicationCodeableConcept")
            if not isinstance(code, dict) or not texts(code):
                return True
            if Medicine(code, knowledge).belongs(knowledge["concepts"][name]):
                return True
    return False


def medication(criterion: Json, record: Record, against: bool, knowledge: Json) -> int:
    """Is such a medicine taken, was it, or is it ordered to begin?"""
    name, on = criterion["medication"], record.on
    found = []
    for each in entries(record, name, knowledge):
        if "next" in criterion:
            last = on + days_of(criterion["next"])
            begins = [YES if on < world.start <= last else NO for world in each.worlds]
            found.append(min(pick(begins, against), each.sure[0] if against else each.sure[1]))
        else:
            first = LONG_AGO if criterion.get("ever") else on
            if "within" in criterion:
                first = on - days_of(criterion["within"]) + 1
            found.append(each.within(first, on, against))
    if tainted(record, name, knowledge):
        found.append(OPEN)
    if max(found, default=NO) != NO:
        return max(found)
    if "next" in criterion:
        return NO  # what is not ordered is not
    return NO if record.listed("medicine") and criterion.get("absent") != "unknown" else OPEN


def began(record: Record, name: str, knowledge: Json, against: bool) -> list[tuple[int, int]] | int:
    """First days of the present course, in every world: the latest and the earliest that it may have been.

    NO if the medicine is not taken, OPEN if that is not certain.
    """
    now = medication({"medication": name}, record, against, knowledge)
    if now != YES:
        return now
    taken = entries(record, name, knowledge)
    found = []
    for world in product(*[each.worlds for each in taken]):
        both = list(zip(taken, world, strict=True))
        sure = [(one.start, one.sure) for each, one in both if each.sure[1] == YES]
        perhaps = [(one.start, one.perhaps) for each, one in both]
        found.append((_back(sure, record.on), _back(perhaps, record.on)))
    return found


def _back(stretches: list[tuple[int, int]], on: int) -> int:
    """The first day of the course that reaches the day asked about: gaps of up to 14 days do not end it."""
    first = on + 1
    for _ in stretches:
        for start, end in stretches:
            # The days between, without the medicine; a stretch that is over before it began is none.
            if start <= on and start <= end and end >= first - GAP - 1 and (first <= on or end >= on):
                first = min(first, start)
    return first


def on_drug(criterion: Json, record: Record, against: bool, knowledge: Json) -> int:
    """For how long has it been taken without a break?"""
    found = began(record, criterion["on-drug"], knowledge, against)
    if isinstance(found, int):
        return found
    if all(latest > record.on for latest, _ in found):
        return OPEN  # surely taken in no world, as of an order on hold
    answers = []
    for latest, earliest in found:
        if earliest > record.on:
            answers.append(NO)
            continue
        # Where it is only perhaps taken, it is not at all or for as long as that.
        worlds = {NO if day > record.on else _long(criterion, record.on - day) for day in (latest, earliest)}
        answers.append(worlds.pop() if len(worlds) == 1 else OPEN)
    taken = entries(record, criterion["on-drug"], knowledge)
    if any(world.start == LONG_AGO for each in taken for world in each.worlds):
        return answers[0] if len(set(answers)) == 1 else OPEN  # begun, and nobody recorded when
    return pick(answers, against)


def _long(criterion: Json, days: int) -> int:
    for bound, limit, unit in bounds(criterion):
        if not holds(Fraction(days), bound, limit * days_of(f"1 {unit}")):
            return NO
    return YES


def dose(criterion: Json, record: Record, against: bool, knowledge: Json) -> int:
    """Is the ordered daily dose beyond a bound? What is being taken counts, and drafts; without these there is none."""
    name = criterion["dose"]
    found = []
    for drafts in (False, True):
        for each in entries(record, name, knowledge, drafts):
            taken = YES if drafts else each.within(record.on, record.on, against)
            if taken != NO:
                found.append(min(taken, _beyond(each.entry, criterion)))
    if tainted(record, name, knowledge):
        found.append(OPEN)
    return max(found, default=NO)


def _beyond(order: Json, criterion: Json) -> int:
    """Of several instructions the highest counts."""
    daily = [_daily(each) for each in order.get("dosageInstruction", [])]
    if not daily or None in daily:
        return NO if criterion.get("absent") == "no" else OPEN
    highest = max(each for each in daily if each is not None)
    for bound, limit, unit in bounds(criterion):
        if not holds(highest, bound, limit * MILLIGRAMS[unit.removesuffix("/day")]):
            return NO
    return YES


def _daily(instruction: Json) -> Fraction | None:
    repeat = instruction.get("timing", {}).get("repeat", {})
    amounts = instruction.get("doseAndRate")
    if not amounts or "period" not in repeat:
        return None
    quantity = amounts[0]["doseQuantity"]
    if quantity["unit"] not in MILLIGRAMS:
        return None
    amount = number(quantity["value"]) * MILLIGRAMS[quantity["unit"]]
    return amount * repeat["frequency"] / (repeat["period"] * PERIODS[repeat["periodUnit"]])
