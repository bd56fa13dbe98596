"""Criteria about observations: the latest result beyond a bound, its meaning, its change."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from msgspec import Struct

from posology.monograph.criterion import ULN, Amount, Criterion
from posology.monograph.model import Concept
from posology.record import dates, units
from posology.record.dates import show
from posology.record.derive import egfr_entry
from posology.record.match import Index
from posology.record.model import Entry, Hit, Value

from .answer import NO, Answer, Case, Leaf, taint, unknown

DERIVED_FROM = "creatinine"
"""The concept whose results a derived concept is computed from."""


def tidied(number: float) -> float:
    """The number without the last digits that conversion makes up: exactly 3 times the limit stays 3 times."""
    return round(number, 9)


class Bounds(NamedTuple):
    """Lower and upper bound in one unit, each with whether equality is outside."""

    above: Amount | None
    from_: Amount | None
    below: Amount | None
    to: Amount | None

    @classmethod
    def of(cls, criterion: Criterion) -> Bounds:
        """The bounds that a criterion names."""
        return cls(criterion.above, criterion.from_, criterion.below, criterion.to)

    @property
    def unit(self) -> str:
        """The unit of whichever bound is given; empty for the concept's own."""
        return next(bound.unit for bound in self if bound is not None)

    def hold(self, low: float, high: float, low_open: bool = False, high_open: bool = False) -> bool | None:
        """Does every number of the interval lie within the bounds (yes), none (no), or some (unknown)?"""
        above, from_, below, to = self
        every = some = True
        if above is not None:
            limit = above.value
            every = low > limit or (low == limit and low_open)
            some = high > limit
        if from_ is not None:
            limit = from_.value
            every = every and low >= limit
            some = some and (high > limit or (high == limit and not high_open))
        if below is not None:
            limit = below.value
            every = every and (high < limit or (high == limit and high_open))
            some = some and low < limit
        if to is not None:
            limit = to.value
            every = every and high <= limit
            some = some and (low < limit or (low == limit and not low_open))
        return True if every else (None if some else False)


class Reading(Struct, frozen=True, gc=False):
    """A result in its concept's own unit, or the reason why it cannot serve as a number."""

    low: float = 0.0
    high: float = 0.0
    low_open: bool = False
    high_open: bool = False
    problem: str = ""
    upper: float | None = None
    """Upper limit of normal in the same unit; None if not known."""
    upper_note: str = ""


class Compared(Struct, frozen=True, gc=False):
    """The outcome of putting one result to a criterion, and a remark on how, or why not."""

    value: bool | None
    note: str


Test = Callable[[Case, Entry], Compared]


def reading(case: Case, entry: Entry, concept: Concept) -> Reading:
    """The result as a number of this concept; worked out once a case."""
    key = (id(entry), concept.id)
    known = case.readings.get(key)
    if known is None:
        known = case.readings[key] = _read(entry.value, concept)
    return known


def _read(value: Value | None, concept: Concept) -> Reading:
    if value is None or value.problem:
        return Reading(problem=value.problem if value else "no value")
    if value.low is None or value.high is None:
        return Reading(problem="" if value.meaning and not concept.unit else "no number")
    if not concept.unit:
        return Reading(value.low, value.high, value.low_open, value.high_open)
    factor = units.factor(value.unit, concept.unit, concept.conversions)
    if factor is None:
        return Reading(
            problem=f"the unit '{value.unit[:30]}' is not known for it"
            if value.unit
            else "the unit is missing"
        )
    low, high = value.low * factor, value.high * factor
    if (concept.plausible_from is not None and high < concept.plausible_from) or (
        concept.plausible_to is not None and low > concept.plausible_to
    ):
        return Reading(problem="an impossible value")
    return Reading(low, high, value.low_open, value.high_open, "", *_upper(value, concept))


def _upper(value: Value, concept: Concept) -> tuple[float | None, str]:
    """The upper limit of normal in the concept's unit, and where it is from."""
    if value.range_high:
        factor = units.factor(value.range_unit or value.unit, concept.unit, concept.conversions)
        if factor:
            return (
                value.range_high * factor,
                f"upper limit {value.range_high:g} from the result's reference range",
            )
    if concept.uln is not None:
        factor = units.factor(concept.uln.unit, concept.unit, concept.conversions)
        if factor:
            return (
                concept.uln.value * factor,
                f"upper limit {concept.uln} assumed: the result has no reference range",
            )
    return None, "the multiple of the upper limit of normal cannot be computed: no reference range"


def _number(bounds: Bounds, concept: Concept) -> Test:
    unit = bounds.unit or concept.unit
    scale = 1.0 if unit == ULN else _scale(concept, unit)

    def test(case: Case, entry: Entry) -> Compared:
        found = reading(case, entry, concept)
        if found.problem:
            return Compared(None, found.problem)
        low, high, note = found.low, found.high, ""
        if unit == ULN:
            if not found.upper:
                return Compared(None, found.upper_note)
            low, high, note = tidied(low / found.upper), tidied(high / found.upper), found.upper_note
        elif scale is None:
            return Compared(None, f"{concept.unit} cannot be compared with {unit}")
        else:
            low, high = tidied(low * scale), tidied(high * scale)
        return Compared(bounds.hold(low, high, found.low_open, found.high_open), note)

    return test


def _scale(concept: Concept, unit: str) -> float | None:
    """From the concept's unit to that of a bound; its conversions are written the other way round."""
    back = units.factor(unit, concept.unit, concept.conversions)
    return 1.0 / back if back else None


def _meaning(wanted: str) -> Test:
    def test(case: Case, entry: Entry) -> Compared:
        value = entry.value
        if value is None or value.problem:
            return Compared(None, value.problem if value else "no value")
        if not value.meaning:
            return Compared(None, "a number where positive or negative was expected")
        return Compared(value.meaning == wanted, "")

    return test


def results(case: Case, concept: Concept) -> list[Hit]:
    """All results of a concept, derived ones included, in order of time, then id."""
    known = case.sorted_results.get(concept.id)
    if known is None:
        known = case.sorted_results[concept.id] = _sorted(case, concept)
    return known


def _sorted(case: Case, concept: Concept) -> list[Hit]:
    hits = list(case.record.hits.get(concept.id, ()))
    if concept.derived:
        base = case.index.concepts[DERIVED_FROM]
        measured = max((hit.entry.instant for hit in hits), default=float("-inf"))
        for hit in case.record.hits.get(base.id, ()):
            if hit.certain and hit.entry.instant > measured and not reading(case, hit.entry, base).problem:
                derived = egfr_entry(hit.entry, case.record, base)
                if derived is not None:
                    hits.append(Hit(derived, f"computed from creatinine ({concept.derived})", True))
    hits.sort(key=lambda hit: (hit.entry.instant, hit.entry.ref))
    return hits


def usable_results(case: Case, concept: Concept) -> list[Hit]:
    """Results that can serve: with a value, certain, possible."""
    return [
        hit
        for hit in results(case, concept)
        if hit.certain and hit.entry.state == "yes" and not reading(case, hit.entry, concept).problem
    ]


def observation(criterion: Criterion, index: Index, adverse: bool) -> Leaf:
    """Is the latest result in the window beyond the bounds, or of the meaning asked for?"""
    concept = index.concepts[criterion.concept]
    need = concept.name + (f" within the last {criterion.within} days" if criterion.within else "")
    test = _meaning(criterion.is_) if criterion.is_ else _number(Bounds.of(criterion), concept)

    grouped, within, closed = bool(criterion.is_), criterion.within, criterion.absent == "no"
    plain = None if criterion.is_ else _plain(Bounds.of(criterion), concept)

    def leaf(case: Case) -> Answer:
        windows = _windows(case, concept, within, grouped)
        if plain is not None and len(windows) == 1 and windows[0].plain is not None:
            answer = plain(windows[0].plain)
            if answer is not None:
                return answer
        if not windows:
            tainted = taint(case, concept.id, "observation", need)
            if tainted or closed:
                return tainted or NO
            return _stale(case, concept, need, within)
        answers = [_latest(case, window, test, adverse, closed, need) for window in windows]
        yes = [answer for answer in answers if answer.value]
        if yes and not adverse and (tainted := taint(case, concept.id, "observation", need)):
            return tainted
        if yes:
            return yes[0] if len(yes) == 1 else Answer(True, tuple(hit for a in yes for hit in a.hits))
        open_ = next((answer for answer in answers if answer.value is None), None)
        return open_ or (taint(case, concept.id, "observation", need) if adverse else None) or NO

    return leaf


class Window(Struct, frozen=True, gc=False):
    """Results of one kind in a window of time: all that could be the latest in it, those partly dated last."""

    candidates: tuple[Hit, ...]
    inside: bool
    """Whether one of them surely lies in the window."""
    last: Hit
    plain: tuple[Hit, Reading] | None
    """The latest with its reading, when it is one exact number, surely dated, and nothing unreadable is about."""


def _windows(case: Case, concept: Concept, within: int | None, grouped: bool) -> list[Window]:
    """One window, or (`grouped`) one for each code: a negative test of one analyte says nothing of another."""
    key = (concept.id, within, grouped)
    known = case.windows.get(key)
    if known is not None:
        return known
    first = case.on - within + 1 if within is not None else dates.EARLIEST
    groups: dict[str, list[Hit]] = {}
    for hit in results(case, concept):
        if hit.entry.span.hi >= first:
            groups.setdefault(hit.entry.code if grouped else "", []).append(hit)
    found = case.windows[key] = [_window(case, concept, group, first) for group in groups.values()]
    return found


def _window(case: Case, concept: Concept, group: list[Hit], first: int) -> Window:
    latest, vague, after = None, [], 0
    for hit in group:
        lo, hi = hit.entry.span
        if lo == hi:
            latest = hit
        else:
            vague.append(hit)
            after = max(after, lo) if lo >= first else after
    if latest is not None and latest.entry.span.hi < after and latest.entry.instant < dates.midnight(after):
        latest = None
    floor = max(after, latest.entry.span.lo if latest is not None else 0)
    rivals = [hit for hit in vague if hit.entry.span.hi >= floor or could_follow(hit.entry, latest)]
    if latest is not None:
        rivals += [hit for hit in group if hit.entry.span.exact and could_follow(hit.entry, latest)]
    plain = None
    record = case.record
    if (
        latest is not None
        and not rivals
        and latest.certain
        and latest.entry.state == "yes"
        and not (record.tainted or record.tainted_kinds)
    ):
        number = reading(case, latest.entry, concept)
        if not number.problem and number.low == number.high:
            plain = (latest, number)
    candidates = (*((latest,) if latest is not None else ()), *rivals)
    return Window(candidates, floor > 0, group[-1], plain)


def could_follow(entry: Entry, latest: Hit | None) -> bool:
    """With and without a time of day, which of two results came later is not known.

    Nor is it where the day that one of them names had not ended, in UTC, at the moment of the other.
    """
    if latest is None or entry.timed == latest.entry.timed:
        return False
    if entry.span == latest.entry.span and entry.span.exact:
        return True
    return not entry.timed and entry.instant + dates.DAY > latest.entry.instant


def _plain(bounds: Bounds, concept: Concept) -> Callable[[tuple[Hit, Reading]], Answer | None]:
    """The quick way for one exact number: the same comparison as `_number`, without intervals."""
    multiple = bounds.unit == ULN
    scale = _scale(concept, bounds.unit or concept.unit) if not multiple else 1.0
    above, from_, below, to = (bound.value if bound is not None else None for bound in bounds)

    def test(latest: tuple[Hit, Reading]) -> Answer | None:
        hit, number = latest
        if scale is None or (multiple and not number.upper):
            return None
        value = tidied(number.low / number.upper if multiple and number.upper else number.low * scale)
        if (
            (above is not None and value <= above)
            or (from_ is not None and value < from_)
            or (below is not None and value >= below)
            or (to is not None and value > to)
        ):
            return NO
        return Answer(True, (hit,), (), number.upper_note if multiple else "")

    return test


def _stale(case: Case, concept: Concept, need: str, within: int | None) -> Answer:
    """Nothing in the window: the same answer for all criteria with this window."""
    key = (concept.id, within)
    known = case.stale.get(key)
    if known is None:
        older = results(case, concept)
        known = case.stale[key] = (
            unknown(need, f"the latest is of {show(older[-1].entry.span)}", older[-1:])
            if older
            else unknown(need, "not recorded")
        )
    return known


def _latest(case: Case, window: Window, test: Test, adverse: bool, closed: bool, need: str) -> Answer:
    """The answer of the latest result; of several that could be the latest, the less permissive one decides."""
    open_: Answer | None = None
    sure: Answer = NO
    for hit in window.candidates:
        if not hit.certain or hit.entry.state == "unsure":
            open_ = open_ or unknown(
                need, f"'{hit.entry.title}' is not confirmed or not certain to be this", [hit]
            )
            continue
        outcome = test(case, hit.entry)
        if outcome.value is None:
            why = outcome.note or "the result lies on both sides of the limit"
            open_ = open_ or unknown(need, f"{hit.entry.ref}: {why}", [hit])
            continue
        if outcome.value == adverse:
            return Answer(True, (hit,), (), outcome.note) if adverse else NO
        if outcome.value and not sure.value:
            sure = Answer(True, (hit,), (), outcome.note)
    if not window.inside and closed:
        # Outside the window it would be absent, and that is a no.
        return open_ or NO if adverse else NO
    if not window.inside:
        last = window.last
        return unknown(need, f"'{last.entry.title}' is dated {show(last.entry.span)} only", [last])
    return open_ or sure
