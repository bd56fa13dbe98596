"""Criteria about medicines: taken or not, how much, for how long, and what changed since."""

from __future__ import annotations

from typing import NamedTuple

from posology.monograph.criterion import Amount, Criterion
from posology.record import dates, units
from posology.record.dates import show
from posology.record.match import Index
from posology.record.model import Hit
from posology.record.taken import DRAFT, during

from .answer import NO, Answer, Case, Leaf, settle, taint, unknown
from .presence import absence
from .results import Bounds, could_follow, reading, usable_results

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
                (yes if hit.certain and (told.sure or told.listed) else maybe).append(hit)
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
    hit = max(hits, key=lambda hit: (hit.entry.span.hi, hit.entry.ref))
    latest = hit.entry
    note = latest.course.note if latest.course else ""
    if not hit.certain:  # what it is, is open before when it was taken
        note = f"not certain to be this ({hit.how})"
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


class Begun(NamedTuple):
    """When the present course of a medicine began: all ordinal days."""

    first: int
    """The earliest day that its entries could mean."""
    last: int
    """The latest; the day asked about, if at the latest it has not begun."""
    perhaps: tuple[int, int]
    """The earliest and the latest, if what is not certain to have been taken was taken."""
    used: list[Hit]


def course_start(case: Case, concept: str) -> Begun | None:
    """When the present course began; None when the medicine is not surely taken now."""
    early, late = [], []
    open_early, open_late = [], []
    for hit in case.record.hits.get(concept, ()):
        told = hit.entry.course
        if told is None or told.never or told.start.lo > case.on:
            continue
        open_early.append((told.start.lo, told.possible, hit))
        open_late.append((told.start.hi, told.possible, hit))
        if hit.certain and told.sure:
            early.append((told.start.lo, told.sure, hit))
            late.append((told.start.hi, told.sure, hit))
    first, used = _reaching(early, case.on)
    if first is None:
        return None
    last = _reaching(late, case.on)[0]
    perhaps = _reaching(open_early, case.on)[0] or first, _reaching(open_late, case.on)[0] or first
    return Begun(first, last or case.on, perhaps, used)


def _reaching(stretches: list[tuple[int, int, Hit]], on: int) -> tuple[int | None, list[Hit]]:
    """First day and entries of the course that reaches the day asked about, if one does.

    Gaps of up to `BREAK` days do not end a course.
    """
    begin, reach = None, 0
    used: list[Hit] = []
    for start, end, hit in sorted(stretches, key=lambda stretch: stretch[:2]):
        if end < start or start > on:
            continue
        if begin is None or start > reach + BREAK + 1:
            begin, used, reach = start, [], end
        used.append(hit)
        reach = max(reach, end)
    return (begin, used) if reach >= on else (None, [])


def on_drug(criterion: Criterion, index: Index, adverse: bool) -> Leaf:
    """For how many days has the medicine been taken without a break?"""
    concept, what = criterion.concept, index.concepts[criterion.concept].name
    bounds = _in_unit(Bounds.of(criterion), "d")
    now = medication(Criterion("medication", concept=concept), index, adverse)

    def leaf(case: Case) -> Answer:
        begun = course_start(case, concept)
        if begun is None:
            return _how_long(now(case), what)
        used = begun.used[:1]
        long = bounds.hold(case.on - begun.last, case.on - begun.first)
        if long is None:
            if begun.first == dates.EARLIEST:
                return unknown(f"when {what} was begun", f"it is dated {show(used[0].entry.span)}", used)
            long = adverse
        shortest, longest = case.on - begun.perhaps[1], case.on - begun.perhaps[0]
        if begun.perhaps[0] < begun.first and bounds.hold(shortest, longest) != long:
            return unknown(f"when {what} was begun", "it is not certain that it was not taken before", used)
        return Answer(True, tuple(used)) if long else NO

    return leaf


def _how_long(now: Answer, what: str) -> Answer:
    """For how long, if it is not surely taken: no if it is not taken, else unknown, as of an order on hold."""
    return (
        unknown(f"for how long {what} were taken", _open_end(list(now.hits)), now.hits) if now.value else now
    )


def change(criterion: Criterion, index: Index, drug: str) -> Leaf:
    """By how many percent did the latest result fall from the last one before the medicine was begun?

    Without a baseline or a later value it is unknown, or with `absent: no` not met.
    """
    concept = index.concepts[criterion.concept]
    bounds, closed = Bounds.of(criterion), criterion.absent == "no"
    taken = medication(Criterion("medication", concept=drug), index, True)

    def leaf(case: Case) -> Answer:
        begun = course_start(case, drug)
        if begun is None:
            return NO if closed else _how_long(taken(case), index.concepts[drug].name)
        if begun.first == dates.EARLIEST:
            return NO if closed else unknown(f"when {index.concepts[drug].name} was begun", "not recorded")
        answer = since(case, begun.first, begun.last)
        before = begun.perhaps[0]
        if before < begun.first and (
            before == dates.EARLIEST or since(case, *begun.perhaps).value != answer.value
        ):
            return unknown(
                f"when {index.concepts[drug].name} was begun",
                "it is not certain that it was not taken before",
                begun.used[:1],
            )
        return answer

    def since(case: Case, begun: int, latest: int) -> Answer:
        if tainted := taint(case, concept.id, "observation", f"{concept.name} now"):
            return tainted
        usable = usable_results(case, concept)
        results = [hit for hit in usable if hit.entry.span.exact]
        before = [hit for hit in results if begun - BASELINE <= hit.entry.span.lo <= latest]
        after = [hit for hit in results if hit.entry.span.lo > latest]
        if closed and not (before and after):
            return NO
        if not before:
            return unknown(f"{concept.name} before the first dose", "no baseline is recorded")
        if not after:
            return unknown(f"{concept.name} now", "no value since the first dose is recorded")
        for hit in usable:
            if not hit.entry.span.exact and hit.entry.span.hi >= begun - BASELINE:
                return unknown(f"{concept.name} now", f"one is dated {show(hit.entry.span)} only", [hit])
        base, last = before[-1], after[-1]
        for hits, decides in ((before, base), (after, last)):
            if any(could_follow(hit.entry, decides) for hit in hits):
                why = "which of two results of one day is the later one is not recorded"
                return unknown(f"{concept.name} now", why, [decides])
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
