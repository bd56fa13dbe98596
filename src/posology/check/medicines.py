"""Criteria about medicines: taken or not, how much, for how long, and what changed since."""

from __future__ import annotations

from posology.monograph.criterion import Amount, Criterion
from posology.record import dates, units
from posology.record.dates import show
from posology.record.match import Index
from posology.record.model import Hit
from posology.record.taken import DRAFT, during

from .answer import NO, Answer, Case, Leaf, settle, taint, unknown
from .presence import absence
from .results import Bounds, reading, usable_results

BREAK = 14
"""Days without the medicine that do not yet end a course."""
BASELINE = 28
"""Days before the first dose in which the last result is the baseline."""


def medication(criterion: Criterion, index: Index, adverse: bool) -> Leaf:
    """Is such a medicine taken now, was it within the last days, or ever; or is it ordered to begin soon?"""
    if criterion.next is not None:
        return _ordered(criterion, index)
    concept, what = criterion.concept, index.concepts[criterion.concept].name
    within, ever, closed = criterion.within, criterion.ever, criterion.absent != "unknown"

    def leaf(case: Case) -> Answer:
        hits = case.record.hits.get(concept, ())
        if not hits and closed and "medications" in case.closed:
            return NO
        on = case.on
        first = dates.EARLIEST if ever else on - within + 1 if within is not None else on
        yes: list[Hit] = []
        maybe: list[Hit] = []
        for hit in hits:
            told = hit.entry.course
            assert told is not None
            answer = during(told, first, on, adverse)
            if answer and hit.certain:
                yes.append(hit)
            elif answer is not False:
                maybe.append(hit)
        if yes:
            return Answer(True, tuple(yes))
        if maybe:
            return unknown(_question(what, within, ever), _open_end(maybe), maybe)
        return taint(case, concept, "medicine", what) or absence(
            case, "medicine", "medications", what, criterion.absent
        )

    return leaf


def _ordered(criterion: Criterion, index: Index) -> Leaf:
    """Is an order, not a draft, there by now for a course that begins in the next days? What is not ordered is not."""
    concept, days = criterion.concept, criterion.next or 0
    what = f"whether {index.concepts[concept].name} are ordered"

    def leaf(case: Case) -> Answer:
        yes: list[Hit] = []
        maybe: list[Hit] = []
        for hit in case.record.hits.get(concept, ()):
            told = hit.entry.course
            if told and not told.never and case.on < told.start.lo <= case.on + days:
                (yes if hit.certain else maybe).append(hit)
        tainted = taint(case, concept, "medicine", what) if not yes else None
        return tainted or settle(yes, maybe, NO, what, _open_end(maybe) if maybe else "")

    return leaf


def _question(what: str, within: int | None, ever: bool) -> str:
    if ever:
        return f"whether {what} were ever taken"
    if within is not None:
        return f"the last dose of {what}: was it within the last {within} days?"
    return f"whether {what} are being taken now"


def _open_end(hits: list[Hit]) -> str:
    latest = max(hits, key=lambda hit: (hit.entry.span.hi, hit.entry.ref)).entry
    note = latest.course.note if latest.course else ""
    return f"{latest.title} ({show(latest.span)}): {note or 'not certain'}"


def dose(criterion: Criterion, index: Index, adverse: bool) -> Leaf:
    """Is the ordered dose beyond the bounds? Draft orders count: they are what is being decided.

    Bounds in ``mg/day`` look at the average day, bounds in ``mg`` at a day on which it is taken.
    A dose that the order does not state is unknown, or with `absent: no` not beyond.
    """
    concept, what = criterion.concept, index.concepts[criterion.concept].name
    single = "/" not in Bounds.of(criterion).unit
    bounds, closed = _in_unit(Bounds.of(criterion), "mg" if single else "mg/d"), criterion.absent == "no"

    def leaf(case: Case) -> Answer:
        yes: list[Hit] = []
        maybe: list[Hit] = []
        why = "the daily dose is not recorded"
        for hit in case.record.hits.get(concept, ()):
            told, ordered = hit.entry.course, hit.entry.ordered
            assert told is not None
            draft = told.never == DRAFT
            now = True if draft else during(told, case.on, case.on, adverse)
            if now is False or ordered is None:
                continue
            amount = ordered()
            taken = amount.mg_on_a_day if single else amount.mg_per_day
            if taken is None:
                if not closed:
                    maybe.append(hit)
                    why = amount.problem
                continue
            beyond = bounds.hold(taken, taken)
            if beyond and now and hit.certain:
                yes.append(hit)
            elif beyond:
                maybe.append(hit)
                why = _open_end([hit])
        return settle(
            yes, maybe, taint(case, concept, "medicine", what) or NO, f"the daily dose of {what}", why
        )

    return leaf


def _in_unit(bounds: Bounds, unit: str) -> Bounds:
    """The same bounds in this unit; a unit that means nothing here is left to lint."""
    given = bounds.unit.replace("/day", "/d")
    scale = {"a": 365.0}.get(given) if unit == "d" else units.factor(given, unit)
    if scale in (None, 1.0):
        return bounds
    return Bounds(*(Amount(bound.value * scale, unit) if bound is not None else None for bound in bounds))


def course_start(case: Case, concept: str) -> tuple[int | None, int, list[Hit]]:
    """First and last possible ordinal day on which the present course began, and the entries it is read from.

    None when the medicine is not surely taken now. Gaps of up to `BREAK` days do not end a course.
    """
    told = [
        (hit, hit.entry.course)
        for hit in case.record.hits.get(concept, ())
        if hit.certain and hit.entry.course
    ]
    spans = sorted(
        (
            (course.start.lo, course.start.hi, min(course.sure, case.on), hit)
            for hit, course in told
            if not course.never and course.sure and course.start.lo <= case.on
        ),
        key=lambda span: span[:3],
    )
    if not any(end >= case.on for _, _, end, _ in spans):
        return None, 0, []
    begin_lo = begin_hi = reach = None
    used: list[Hit] = []
    for lo, hi, end, hit in spans:
        if reach is None or lo > reach + BREAK:
            begin_lo, begin_hi, used, reach = lo, hi, [], end
        used.append(hit)
        reach = max(reach, end)
    return begin_lo, begin_hi or 0, used


def on_drug(criterion: Criterion, index: Index, adverse: bool) -> Leaf:
    """For how many days has the medicine been taken without a break?"""
    concept, what = criterion.concept, index.concepts[criterion.concept].name
    bounds = _in_unit(Bounds.of(criterion), "d")
    now = medication(Criterion("medication", concept=concept), index, adverse)

    def leaf(case: Case) -> Answer:
        begun, latest, used = course_start(case, concept)
        if begun is None:
            return now(case) if now(case).value is None else NO
        long = bounds.hold(case.on - latest, case.on - begun)
        if long is None:
            if begun == dates.EARLIEST:
                return unknown(f"when {what} was begun", f"it is dated {show(used[0].entry.span)}", used[:1])
            long = adverse
        return Answer(True, tuple(used[:1])) if long else NO

    return leaf


def change(criterion: Criterion, index: Index, drug: str) -> Leaf:
    """By how many percent did the latest result fall from the last one before the medicine was begun?

    Without a baseline or a later value it is unknown, or with `absent: no` not met.
    """
    concept = index.concepts[criterion.concept]
    bounds, closed = Bounds.of(criterion), criterion.absent == "no"
    taken = medication(Criterion("medication", concept=drug), index, True)

    def leaf(case: Case) -> Answer:
        begun, latest, _ = course_start(case, drug)
        if begun is None:
            answer = taken(case)
            return answer if answer.value is None and not closed else NO
        if tainted := taint(case, concept.id, "observation", f"{concept.name} now"):
            return tainted
        results = [hit for hit in usable_results(case, concept) if hit.entry.span.exact]
        before = [hit for hit in results if begun - BASELINE <= hit.entry.span.lo <= latest]
        after = [hit for hit in results if hit.entry.span.lo > latest]
        if closed and not (before and after):
            return NO
        if not before:
            return unknown(f"{concept.name} before the first dose", "no baseline is recorded")
        if not after:
            return unknown(f"{concept.name} now", "no value since the first dose is recorded")
        base, last = before[-1], after[-1]
        one, two = reading(case, base.entry, concept), reading(case, last.entry, concept)
        first, now = one.low, two.low
        if not first or first != one.high or now != two.high:
            return unknown(f"{concept.name} before the first dose", "the baseline is zero or not one number")
        fall = 100.0 * (first - now) / first
        note = (
            f"from {first:g} to {now:g}: a fall of {fall:.0f} %"
            if fall >= 0
            else (f"from {first:g} to {now:g}: a rise of {-fall:.0f} %")
        )
        return Answer(True, (base, last), (), note) if bounds.hold(fall, fall) else NO

    return leaf
