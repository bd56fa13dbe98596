"""Criteria about the person: age, sex, pregnancy, breastfeeding."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from posology.monograph.criterion import Criterion
from posology.record.dates import EARLIEST, Span, show
from posology.record.match import Index
from posology.record.model import Hit

from .answer import NO, Answer, Case, Leaf, taint, unknown
from .results import Bounds

PREGNANCY, PREGNANCY_RESULTS = "pregnancy", ("pregnancy-status", "pregnancy-test")
LACTATION, LACTATION_RESULT = "lactation", "lactation-status"
TERM = 301
"""Days (43 weeks) after which a pregnancy that was recorded cannot still be the same one."""
FERTILE = (12, 55)
"""Years of age between which someone female could be pregnant (facts R9, this project's judgement)."""
NEGATIVE_LASTS = 14
"""Days for which a negative pregnancy result is believed, unless the criterion says otherwise (facts R9)."""
AFTER_BIRTH = 730
"""Days after a pregnancy ended in which breastfeeding is possible enough to ask (facts R10)."""


@lru_cache(maxsize=4096)
def years(born: Span, on: int) -> tuple[int, int]:
    """Youngest and oldest completed age in years that a birth date leaves possible."""

    def completed(day: int) -> int:
        then, now = date.fromordinal(max(day, 1)), date.fromordinal(on)
        return now.year - then.year - ((now.month, now.day) < (then.month, then.day))

    return completed(born.hi), completed(born.lo)


def _self(case: Case) -> tuple[Hit, ...]:
    return (Hit(case.record.patient, "", True),)


def age(criterion: Criterion, index: Index, adverse: bool) -> Leaf:
    """Is the age beyond the bounds? A birth date that is only partly known decides for caution.

    Bounds in years (UCUM ``a``) compare completed years, bounds in days completed days.
    """
    bounds = Bounds.of(criterion)
    in_days = bounds.unit == "d"

    def leaf(case: Case) -> Answer:
        born = case.record.born
        if born is None:
            return taint(case, "", "patient", "date of birth") or unknown("date of birth", "not recorded")
        if born.lo > case.on:
            return unknown("date of birth", "recorded as later than the day asked about")
        youngest, oldest = (case.on - born.hi, case.on - born.lo) if in_days else years(born, case.on)
        ends = (bounds.hold(float(youngest), float(youngest)), bounds.hold(float(oldest), float(oldest)))
        inside = bounds.hold(float(youngest), float(oldest))
        if inside or (adverse and (inside is None or any(ends))):
            shown = str(oldest) if youngest == oldest else f"{youngest} to {oldest}"
            return Answer(True, _self(case), (), f"age {shown} {'days' if in_days else 'years'}")
        return NO

    return leaf


def sex(criterion: Criterion, index: Index, adverse: bool) -> Leaf:
    """Is the recorded administrative gender this one?"""

    def leaf(case: Case) -> Answer:
        recorded = case.record.sex
        if recorded not in ("female", "male"):
            return unknown("sex", "not recorded as female or male")
        return Answer(True, _self(case)) if recorded == criterion.is_ else NO

    return leaf


def pregnancy(criterion: Criterion, index: Index, adverse: bool) -> Leaf:
    """Pregnant, not pregnant, or not known in someone who could be."""
    lasts = criterion.within if criterion.within is not None else NEGATIVE_LASTS
    what = f"pregnancy status within the last {lasts} days"

    def leaf(case: Case) -> Answer:
        record, on = case.record, case.on
        results = sorted(
            (
                hit
                for name in PREGNANCY_RESULTS
                for hit in record.hits.get(name, ())
                if hit.entry.value and hit.entry.span.hi >= on - TERM and hit.certain
            ),
            key=lambda hit: (hit.entry.instant, hit.entry.ref),
        )
        latest = results[-1] if results else None
        meaning = latest.entry.value.meaning if latest and latest.entry.value else ""
        recorded = [hit for hit in record.hits.get(PREGNANCY, ()) if not hit.entry.state.endswith("past")]
        current = [hit for hit in recorded if _late(hit, on) and hit.certain and hit.entry.state == "yes"]
        ruled_out = (
            meaning == "negative"
            and latest is not None
            and latest.entry.span.lo > on - lasts
            and latest.entry.state == "yes"
        )
        if record.sex == "male":
            told = [*current, *([latest] if meaning == "positive" and latest is not None else ())]
            return unknown(what, "recorded as male and as pregnant", told) if told else NO
        if meaning == "positive" and latest is not None and latest.entry.state == "yes":
            return Answer(True, (*current, latest))
        if current:
            if ruled_out and latest is not None:
                return unknown(
                    what,
                    f"{current[0].entry.ref} says pregnant, {latest.entry.ref} says not",
                    [*current, latest],
                )
            return Answer(True, tuple(current))
        if ruled_out:
            return taint(case, PREGNANCY, "condition", what) or _tainted(case, what) or NO
        hinted = (latest is not None and meaning == "positive") or any(_late(hit, on) for hit in recorded)
        if _too_young_or_old(case) and not hinted:
            return taint(case, PREGNANCY, "condition", what) or _tainted(case, what) or NO
        return _undecided(case, recorded, latest, what, criterion.absent)

    return leaf


def _late(hit: Hit, on: int) -> bool:
    """Could it still be the same pregnancy?"""
    return hit.entry.span.hi >= on - TERM


def _undecided(case: Case, recorded: list[Hit], latest: Hit | None, what: str, absent: str) -> Answer:
    if latest is not None and not (latest.entry.value and latest.entry.value.meaning):
        return unknown(what, f"{latest.entry.ref} cannot be read as yes or no", [latest])
    if recorded:
        newest = recorded[-1].entry
        return unknown(
            what, f"'{newest.title}' of {show(newest.span)} is still open or not confirmed", recorded[-1:]
        )
    if latest is not None:
        return unknown(what, f"the latest is of {show(latest.entry.span)}", [latest])
    return (
        taint(case, PREGNANCY, "condition", what)
        or _tainted(case, what)
        or (NO if absent == "no" else unknown(what, "not recorded"))
    )


def _tainted(case: Case, what: str) -> Answer | None:
    """Unknown, if an unreadable result could have told of a pregnancy."""
    return next(
        (found for name in PREGNANCY_RESULTS if (found := taint(case, name, "observation", what))), None
    )


def _too_young_or_old(case: Case) -> bool:
    if case.record.born is None:
        return False
    youngest, oldest = years(case.record.born, case.on)
    return oldest < FERTILE[0] or youngest > FERTILE[1]


def lactation(criterion: Criterion, index: Index, adverse: bool) -> Leaf:
    """Breastfeeding; asked for only where a pregnancy is recorded in the last two and a half years or so."""
    what = "whether she is breastfeeding"

    def leaf(case: Case) -> Answer:
        record, on = case.record, case.on
        if record.sex == "male":
            return NO
        results = sorted(
            (
                hit
                for hit in record.hits.get(LACTATION_RESULT, ())
                if hit.entry.value and hit.certain and hit.entry.span.hi >= on - AFTER_BIRTH
            ),
            key=lambda hit: (hit.entry.instant, hit.entry.ref),
        )
        latest = results[-1] if results else None
        meaning = latest.entry.value.meaning if latest and latest.entry.value else ""
        unsure = latest is not None and latest.entry.state != "yes"
        if latest is not None and meaning == "positive" and not unsure:
            return Answer(True, (latest,))
        no = latest if meaning == "negative" and not unsure else None
        present = [
            hit
            for hit in record.hits.get(LACTATION, ())
            if not hit.entry.state.endswith("past") and hit.entry.span.hi >= on - AFTER_BIRTH
        ]
        sure = [hit for hit in present if hit.certain and hit.entry.state == "yes"]
        if sure and no is not None and all(hit.entry.span.hi <= no.entry.span.lo for hit in sure):
            return unknown(what, f"{sure[0].entry.ref} says yes, {no.entry.ref} says no", [*sure, no])
        if sure:
            return Answer(True, tuple(sure))
        if unsure and latest is not None:
            return unknown(what, f"{latest.entry.ref} is not confirmed", [latest])
        if present:
            return unknown(what, f"'{present[0].entry.title}' is not confirmed", present)
        tainted = taint(case, LACTATION, "condition", what) or taint(
            case, LACTATION_RESULT, "observation", what
        )
        if tainted:
            return tainted
        recent = [
            hit
            for hit in record.hits.get(PREGNANCY, ())
            if (hit.entry.until or hit.entry.span).hi >= max(EARLIEST, on - AFTER_BIRTH - TERM)
        ]
        if criterion.absent == "no" or not recent or _too_young_or_old(case):
            return NO
        if no is not None and all(
            (hit.entry.until or hit.entry.span).hi <= no.entry.span.lo for hit in recent
        ):
            return NO
        return unknown(
            what, f"'{recent[-1].entry.title}' of {show(recent[-1].entry.span)} is recorded", recent[-1:]
        )

    return leaf
