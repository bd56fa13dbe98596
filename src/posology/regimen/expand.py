"""When the doses of a regimen are due, in whole minutes since midnight of its first day.

A *track* is a sequence of parts. It is *due* when its next dose would come: at first its clock time on the first day,
then one interval after the last dose of the part before, whatever that part's schedule is.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from posology.regimen.error import RxError
from posology.regimen.measures import DAY
from posology.regimen.part import (
    MORNING,
    MOST_DOSES,
    TIMES_A_DAY,
    Count,
    Every,
    For,
    Once,
    Part,
    TimesADay,
    Until,
    Weekdays,
)


class Slot(NamedTuple):
    """A moment at which a dose is due, and the number of its part."""

    minute: int
    part: int
    ss: bool = False


def origin(tracks: Sequence[Sequence[Part]]) -> int:
    """The first moment of a regimen (its hour 0): the earliest clock time at which a track may begin."""
    return min(_anchor(track) for track in tracks)


def slots(tracks: Sequence[Sequence[Part]], horizon: float | None, start: date | None) -> list[Slot]:
    """All doses due before `horizon` (minutes), in order of time and then of the text.

    Without `start` the first day is a Monday. Raises `RxError` if the doses never end, are too many, or end on a date
    while `start` is not known or later.
    """
    if horizon is None and any(track[-1].is_endless for track in tracks):
        raise RxError("the regimen has no end", "say until when its doses are wanted")
    found: list[Slot] = []
    number = 0
    for track in tracks:
        for slot in itertools.chain(history(tracks, track, number), _due(track, number, horizon, start)):
            found.append(slot)
            if len(found) > MOST_DOSES:
                raise RxError(f"the regimen has more than {MOST_DOSES} doses", "ask for a shorter time")
        number += len(track)
    found.sort()
    return found


def history(tracks: Sequence[Sequence[Part]], track: Sequence[Part], number: int) -> list[Slot]:
    """The doses before hour 0 which stand for the steady state of a track that begins with `ss`, as part `number`.

    There are none if its first dose falls on hour 0: that dose can stand for them itself (`Slot.ss`).
    """
    part, zero = track[0], origin(tracks)
    period, doses = part.cycle
    if not part.ss or _stands_for_itself(part, _anchor(track), zero):
        return []
    # Its days of the week follow a Monday here: which day it is does not matter for one whole cycle.
    before = [
        Slot(minute - period, number, ss=True)
        for minute in itertools.islice(_times(part, _anchor(track), 0), doses)
    ]
    if before[-1].minute >= zero:
        late = (before[-1].minute + period - zero) / 60
        raise RxError(
            f"a part with 'ss' begins {late:g} hours after the regimen, which is more than its interval",
            "give it an earlier clock time",
        )
    return before


def _stands_for_itself(part: Part, begin: int, zero: int) -> bool:
    return isinstance(part.schedule, Every) and begin == zero


def _anchor(track: Sequence[Part]) -> int:
    clock = track[0].clock
    return MORNING if clock is None else clock


def _due(track: Sequence[Part], number: int, horizon: float | None, start: date | None) -> Iterator[Slot]:
    due = _anchor(track)
    first_weekday = start.weekday() if start else 0
    for place, part in enumerate(track, number):
        begin = due + part.after_minutes
        stop = _stop(part, begin, start)
        most = part.end.doses if isinstance(part.end, Count) else None
        for given, due in enumerate(_times(part, begin, first_weekday)):
            if given == most or (stop is not None and due >= stop):
                break
            if horizon is not None and due >= horizon:
                return
            yield Slot(due, place)


def _stop(part: Part, begin: int, start: date | None) -> int | None:
    """The minute from which a part's time is over; None if no time ends it."""
    if isinstance(part.end, For):
        return begin + part.end.minutes
    if not isinstance(part.end, Until):
        return None
    if start is None:
        raise RxError(f"the regimen ends on a date ({part.end.day})", "say on which date it starts")
    stop = ((part.end.day - start).days + 1) * DAY
    if stop <= begin:
        raise RxError(
            f"a part ends on {part.end.day}, before it begins", "give a later end or an earlier start"
        )
    return stop


def _times(part: Part, begin: int, first_weekday: int) -> Iterator[int]:
    """Every moment at which the schedule is due from `begin` on, without an end."""
    first = begin if part.clock is None else begin + (part.clock - begin) % DAY
    match part.schedule:
        case Once():
            yield first
        case Every(minutes=minutes):
            yield from itertools.count(first, minutes)
        case Weekdays(days=days):
            for minute in itertools.count(first, DAY):
                if (minute // DAY + first_weekday) % 7 in days:
                    yield minute
        case TimesADay(word=word):
            for day in itertools.count(begin // DAY):
                yield from (m for hour in TIMES_A_DAY[word] if (m := day * DAY + hour * 60) >= begin)
