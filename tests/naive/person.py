"""Age, sex, pregnancy and breastfeeding."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from .coded import belongs
from .findings import UNSURE, present, tainted
from .record import Json, Record, dated, said, when
from .results import latest, meaning, outcomes
from .values import NO, OPEN, YES, BrokenError, bounds, days_of, holds, pick, span

FERTILE = (12, 55)
LASTS = 301
NEGATIVE = "14 days"
RESULTS = ("pregnancy-test", "pregnancy-status")
NURSING = 913
"""Days in which a pregnancy is recent enough to ask about breastfeeding: two and a half years or so."""


def born(record: Record) -> list[int]:
    """Every day that the birth date could mean; none if it is not known."""
    try:
        found = record.patient.get("birthDate")
        return [] if found is None else list(span(found).until(record.on).days())
    except BrokenError:
        return []


def years(birth: int, on: int) -> int:
    """Completed years, by the calendar."""
    first, now = date.fromordinal(birth), date.fromordinal(on)
    return now.year - first.year - ((now.month, now.day) < (first.month, first.day))


def age(criterion: Json, record: Record, against: bool, knowledge: Json) -> int:
    """Is the person's age beyond a bound? In days where the rule is written in days, weeks or months."""
    answers = []
    for birth in born(record):
        answer = YES
        for bound, limit, unit in bounds(criterion["age"]):
            if unit.startswith("year"):
                value, wanted = years(birth, record.on), limit
            else:
                value, wanted = record.on - birth, limit * days_of(f"1 {unit}")
            if not holds(Fraction(value), bound, wanted):
                answer = NO
        answers.append(answer)
    return pick(answers, against, nothing=OPEN)


def sex(criterion: Json, record: Record, against: bool, knowledge: Json) -> int:
    """Is the recorded sex this one? *Other* and *unknown* are not known."""
    recorded = record.patient.get("gender")
    if recorded not in ("female", "male"):
        return OPEN
    return YES if recorded == criterion["sex"] else NO


def _of_age(record: Record) -> bool:
    ages = [years(birth, record.on) for birth in born(record)]
    return not ages or any(FERTILE[0] <= one <= FERTILE[1] for one in ages)


def _could_be(record: Record) -> bool:
    return _of_age(record) and record.patient.get("gender") != "male"


def pregnancy(criterion: Json, record: Record, against: bool, knowledge: Json) -> int:
    """Is the person pregnant? A problem list and tests may disagree."""
    believed = days_of(criterion.get("within", NEGATIVE))
    listed = _listed(record, knowledge, "pregnancy")
    tests = _tests(record, knowledge, believed)
    if record.patient.get("gender") == "male":
        return OPEN if YES in listed or YES in tests or _hinted(record, knowledge) else NO
    if YES in listed:
        return OPEN if NO in tests else YES
    if YES in tests:
        return YES if tests == {YES} else OPEN
    unread = any(
        tainted(record, kind, each, knowledge)
        for kind, each in (("condition", "pregnancy"), *[("observation", one) for one in RESULTS])
    )
    if unread or OPEN in tests or (OPEN in listed and NO not in tests):
        return OPEN
    if NO in tests or not _could_be(record) or criterion.get("absent") == "no":
        return NO
    return OPEN


def _hinted(record: Record, knowledge: Json) -> bool:
    """Does the latest result say pregnant, though it is not confirmed?"""
    both = [each for name in RESULTS for each in outcomes(record, name, knowledge)]
    return any(_word(each.entry) == "positive" and day >= record.on - LASTS for each, day in latest(both))


def _listed(record: Record, knowledge: Json, name: str) -> set[int]:
    """What the problem list says: a present one of the last 43 weeks is a yes, an older one is open."""
    found = set()
    for each in record.of("Condition"):
        if belongs(each["code"], knowledge["concepts"][name], knowledge["concepts"]) and present(
            each, record.on
        ):
            onset = dated(each, "onsetDateTime")
            fresh = onset is not None and onset.first >= record.on - LASTS
            sure = said(each, "verificationStatus") not in UNSURE and present(each, record.on) == YES
            if fresh or _could_be(record):
                found.add(YES if sure and fresh else OPEN)
    return found


def _tests(record: Record, knowledge: Json, believed: int) -> set[int]:
    """What the latest test or recorded status says."""
    both = [each for name in RESULTS for each in outcomes(record, name, knowledge)]
    found = set()
    for each, day in latest(both):
        word = _word(each.entry) if each.sure == YES else ""
        if word == "positive":
            found |= {YES} if day >= record.on - LASTS else set()
        elif word == "negative":
            if each.span.first >= record.on - believed + 1:
                found.add(NO)
            elif each.span.last >= record.on - LASTS and _could_be(record):
                found.add(OPEN)
        elif (
            each.entry
            and each.span.last >= record.on - LASTS
            and (_could_be(record) or _word(each.entry) == "positive")
        ):
            found.add(OPEN)
    return found


PREGNANT = {"77386006": "positive", "60001007": "negative", "LA33-6": "positive", "LA32-8": "negative"}


def _word(entry: Json) -> str:
    return meaning(entry) or PREGNANT.get(_code(entry), "")


def _code(entry: Json) -> str:
    return entry.get("valueCodeableConcept", {"coding": [{}]})["coding"][0].get("code", "")


def lactation(criterion: Json, record: Record, against: bool, knowledge: Json) -> int:
    """Is the person breastfeeding? Asked where a pregnancy is recorded in the last two and a half years or so."""
    if record.patient.get("gender") == "male":
        return NO
    found = [each for each in outcomes(record, "lactation-status", knowledge) if each.entry]
    said_so = {PREGNANT.get(_code(each.entry), "") if each.sure == YES else "" for each, _ in latest(found)}
    listed = [
        (
            present(each, record.on),
            said(each, "verificationStatus") in UNSURE,
            when(each, "onsetDateTime", record.on),
        )
        for each in record.of("Condition")
        if belongs(each["code"], knowledge["concepts"]["lactation"], knowledge["concepts"])
    ]
    there = [each for each in listed if each[0] != NO]
    no_on = max((each.span.first for each, _ in latest(found)), default=0) if said_so == {"negative"} else 0
    if said_so == {"positive"}:
        return YES
    if there:
        sure = any(each[0] == YES and not each[1] and each[2].first > no_on for each in there)
        return YES if sure else OPEN
    if said_so not in (set(), {"negative"}):
        return OPEN
    births = [
        when(each, "abatementDateTime" if "abatementDateTime" in each else "onsetDateTime", record.on)
        for each in record.of("Condition")
        if belongs(each["code"], knowledge["concepts"]["pregnancy"], knowledge["concepts"])
    ]
    recent = [each for each in births if each.last >= record.on - NURSING and each.last > no_on]
    if tainted(record, "condition", "lactation", knowledge) or tainted(
        record, "observation", "lactation-status", knowledge
    ):
        return OPEN
    return OPEN if recent and _of_age(record) and criterion.get("absent") != "no" else NO
