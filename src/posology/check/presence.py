"""Criteria that ask whether something stands in the record: condition, allergy, procedure, recorded."""

from __future__ import annotations

from posology.monograph.criterion import LISTS, Criterion
from posology.record import dates
from posology.record.dates import Span, show
from posology.record.match import Index
from posology.record.model import Hit

from .answer import NO, Answer, Case, Leaf, settle, taint, unknown
from .results import reading, results

_LIST_NAMES = {
    "conditions": "the problem list",
    "medications": "the current medicines",
    "allergies": "the allergy list, or that there is none",
}


def absence(case: Case, kind: str, listed: str, what: str, absent: str) -> Answer:
    """No, where such a list is there and closed; else unknown."""
    if listed not in case.record.present:
        return unknown(_LIST_NAMES.get(listed, what), f"the record has no {listed}")
    if absent == "unknown":
        return unknown(what, "not recorded")
    return NO


def condition(criterion: Criterion, index: Index, adverse: bool) -> Leaf:
    """Is the condition present now, within a time, or was it ever?"""
    concept, what = criterion.concept, index.concepts[criterion.concept].name
    within, ever, closed = criterion.within, criterion.ever, criterion.absent != "unknown"

    def holds(hit: Hit, on: int) -> bool | None:
        entry = hit.entry
        past = entry.state.endswith("past")
        answer: bool | None = True
        if past and within is not None:
            end = entry.until
            if end is not None:
                answer = (end.hi if adverse else end.lo) > on - within
            else:
                begun = entry.span.hi if adverse and entry.span.lo > dates.EARLIEST else entry.span.lo
                answer = True if begun > on - within else None
        elif past and not ever:
            answer = False
        unsure = entry.state.startswith("unsure") and not (ever and entry.state == "unsure now")
        return None if answer and (unsure or not hit.certain) else answer

    def leaf(case: Case) -> Answer:
        hits = case.record.hits.get(concept, ())
        if not hits and closed and "conditions" in case.closed:
            return NO
        yes: list[Hit] = []
        maybe: list[Hit] = []
        for hit in hits:
            answer = holds(hit, case.on)
            if answer:
                yes.append(hit)
            elif answer is None:
                maybe.append(hit)
        if yes:
            return Answer(True, tuple(yes))
        if maybe:
            return unknown(what, _unsure(maybe[0]), maybe)
        return taint(case, concept, "condition", what) or absence(
            case, "condition", "conditions", what, criterion.absent
        )

    return leaf


def _unsure(hit: Hit) -> str:
    entry = hit.entry
    if not hit.certain:
        return f"'{entry.title}' is recorded; its {hit.how} suggests this, its code does not settle it"
    return f"'{entry.title}' is recorded as not confirmed, or its end is not dated"


def allergy(criterion: Criterion, index: Index, adverse: bool) -> Leaf:
    """Is there such an allergy or intolerance? One whose type is not recorded counts as an allergy."""
    concept, what = criterion.concept, index.concepts[criterion.concept].name
    wanted = criterion.is_

    def leaf(case: Case) -> Answer:
        yes: list[Hit] = []
        maybe: list[Hit] = []
        for hit in case.record.hits.get(concept, ()):
            entry = hit.entry
            kind = entry.reaction or "allergy"
            if entry.state.endswith("past") or (wanted and kind != wanted):
                continue
            (maybe if entry.state == "unsure" or not hit.certain else yes).append(hit)
        tainted = taint(case, concept, "allergy", what) if not yes and not maybe else None
        return tainted or settle(
            yes,
            maybe,
            absence(case, "allergy", "allergies", what, criterion.absent),
            what,
            "recorded, but not confirmed",
        )

    return leaf


def procedure(criterion: Criterion, index: Index, adverse: bool) -> Leaf:
    """Was it done, within a time or ever; or is it planned within the next days?"""
    concept, what = criterion.concept, index.concepts[criterion.concept].name

    def planned(span: Span, first: int, last: int) -> bool | None:
        if span.lo > last or span.hi < first:
            return False
        if span.hi == dates.LATEST and not span.exact:
            return None
        return adverse or (span.lo >= first and span.hi <= last)

    def leaf(case: Case) -> Answer:
        yes: list[Hit] = []
        maybe: list[Hit] = []
        for hit in case.record.hits.get(concept, ()):
            entry = hit.entry
            answer: bool | None = False
            if criterion.next is not None:
                if entry.planned:
                    answer = planned(entry.span, case.on, case.on + criterion.next)
            elif not entry.planned:
                when = entry.span.hi if adverse else entry.span.lo
                answer = criterion.within is None or when > case.on - criterion.within
            if answer and (entry.state == "unsure" or not hit.certain):
                answer = None
            if answer:
                yes.append(hit)
            elif answer is None:
                maybe.append(hit)
        tainted = taint(case, concept, "procedure", what) if not yes and not maybe else None
        fallback = unknown(what, "not recorded") if criterion.absent == "unknown" else NO
        why = "planned, but not certain or without a date"
        if criterion.next is None and maybe:
            why = _unsure(maybe[0])
        return tainted or settle(yes, maybe, fallback, what, why)

    return leaf


def recorded(criterion: Criterion, index: Index, adverse: bool) -> Leaf:
    """Is it there at all, and recent enough? Met, or unknown: what is missing is never a no."""
    if criterion.concept in LISTS:
        return _list_recorded(criterion.concept)
    concept = index.concepts[criterion.concept]
    kind, within = concept.kind, criterion.within
    need = f"{concept.name}" + (f" within the last {criterion.within} days" if criterion.within else "")

    def leaf(case: Case) -> Answer:
        hits = results(case, concept) if kind == "observation" else case.record.hits.get(concept.id, [])
        first = case.on - within + 1 if within is not None else dates.EARLIEST
        for hit in reversed(hits):
            if hit.entry.span.lo >= first and serves(case, hit):
                return Answer(True, (hit,))
        newest_first = sorted(hits, key=lambda hit: hit.entry.span.hi, reverse=True)
        latest = next((hit for hit in newest_first if serves(case, hit)), None)
        if latest is not None:
            return unknown(need, f"the latest is of {show(latest.entry.span)}", [latest])
        if hits:
            return unknown(need, f"{hits[-1].entry.ref} cannot serve", hits[-1:])
        return taint(case, concept.id, kind, need) or unknown(need, "not recorded")

    def serves(case: Case, hit: Hit) -> bool:
        return kind != "observation" or (
            hit.certain and hit.entry.state == "yes" and not reading(case, hit.entry, concept).problem
        )

    return leaf


def _list_recorded(name: str) -> Leaf:
    def leaf(case: Case) -> Answer:
        if name in case.record.present:
            return Answer(True)
        return unknown(_LIST_NAMES[name], f"the record has no {name}")

    return leaf
