"""When the first dose may be: after medicines that were taken, and away from operations.

Each of them is put to the monograph (`check.interval`); this module only looks for the first day on which no
statement stops the start. It never shortens what a statement asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from posology.check.engine import Engine
from posology.check.interval import (
    Answered,
    Starting,
    after_medicine,
    after_operation,
    before_operation,
    recognised,
)
from posology.errors import NotPossible
from posology.regimen.build import first_dose, refusal
from posology.regimen.planned import Said, Wait
from posology.regimen.regimen import Regimen
from posology.regimen.scope import said
from posology.regimen.words import days

ROUNDS = 200
"""More moves of a start than any set of waits needs; it ends statements that chase each other."""
OPERATION = "operation"
REMOVED = "removed"
"""Said after a medicine's name: its patch, implant or the like was taken away on that day."""


class Taken(NamedTuple):
    """A medicine and the day on which it was given last; `removed`: taken off or out on that day."""

    name: str
    last: date
    removed: bool = False


class Settled(NamedTuple):
    """The earliest day from which the regimen may begin, why, and what to mind."""

    start: date
    waits: tuple[Wait, ...]
    warnings: tuple[Said, ...]
    notes: tuple[str, ...]


def settle(
    engine: Engine,
    asked: Starting,
    regimen: Regimen,
    start: date,
    taken: Sequence[Taken],
    operations: Sequence[date],
) -> Settled:
    """The first day from `start` on whose first dose no statement about these medicines and operations stops.

    Raises `NotPossible` with the statement's words if one of them gives no day, `UsageError` for a medicine
    nobody knows.
    """
    for each in taken:
        recognised(engine, each.name)
    alone = [_wait(engine, asked, each) for each in taken]
    # What was said on the day a medicine was taken holds until its day, also where the rule looks only at what is
    # taken now (such as a dose above a limit).
    over = max((wait.until for wait in alone if wait is not None and wait.until is not None), default=start)
    begin, operated = _free(engine, asked, regimen, start, taken, operations, over)
    first = first_dose(regimen, begin)
    waits, notes, warnings = [], [], []
    for each, wait in zip(taken, alone, strict=True):
        waits += [wait] if wait else []
        answers = _after(engine, asked, each)(first)
        warnings += [said(answer.statement) for answer in answers if not answer.stops and not answer.open]
        if wait is not None and wait.until is None:
            # It stops no longer, but nobody said from which day that is safe.
            warnings.append(wait.said)
        notes += _remarks(engine, asked, each, wait, bool(answers), start, first)
    waits += operated
    for day in operations:
        if day <= first:
            answers = after_operation(engine, asked, day, first)
            warnings += [said(answer.statement) for answer in answers if not answer.stops]
    return Settled(begin, tuple(waits), tuple(dict.fromkeys(warnings)), tuple(dict.fromkeys(notes)))


class _Question(NamedTuple):
    """What stops a first dose on a day because of one medicine, last taken on `day`, or one operation on it."""

    about: str
    day: date
    medicine: bool
    ask: Callable[[date], tuple[Answered, ...]]


def _free(
    engine: Engine,
    asked: Starting,
    regimen: Regimen,
    start: date,
    taken: Sequence[Taken],
    operations: Sequence[date],
    over: date,
) -> tuple[date, list[Wait]]:
    """The first day of the regimen on whose first dose nothing stops it, and the operations that moved it.

    Not before the day `over` on which what was taken has been waited for.
    """
    questions = [
        *(
            _Question(f"{each.name}, last on {each.last}", each.last, True, _after(engine, asked, each))
            for each in taken
        ),
        *(_Question(f"operation on {day}", day, False, _near(engine, asked, day)) for day in operations),
    ]
    begin, operated = max([start, *(each.last for each in taken)]), {}
    for _ in range(ROUNDS):
        first = first_dose(regimen, begin)
        later = max(first, over)
        for question in questions:
            for answer in question.ask(first):
                if answer.open:
                    raise NotPossible(
                        f"no plan ({question.about}): '{answer.statement.title or answer.statement.id}' cannot be"
                        f" decided ({answer.missing}); name the medicine more exactly"
                    )
                if not answer.stops:
                    continue
                # What gives no day on the day itself may be over on the next: it was about taking it now.
                if answer.until is None and not (question.medicine and first <= question.day):
                    raise refusal(answer.statement, question.about)
                later = max(later, answer.until or first, first + timedelta(days=1))
                if not question.medicine:
                    operated[question.day] = Wait(OPERATION, question.day, answer.until, _told(answer))
        if later == first:
            return begin, list(operated.values())
        begin = later
    raise NotPossible(f"no plan: no day from {start} to {begin} is free of what stops the start")


def _after(engine: Engine, asked: Starting, taken: Taken) -> Callable[[date], tuple[Answered, ...]]:
    return lambda first: after_medicine(engine, asked, taken.name, taken.last, first, taken.removed)


def _near(engine: Engine, asked: Starting, day: date) -> Callable[[date], tuple[Answered, ...]]:
    """What an operation says: planned, before it; and after it, what was said on its day until that has passed."""

    def ask(first: date) -> tuple[Answered, ...]:
        answers = before_operation(engine, asked, day, min(first, day))
        return tuple(
            each for each in answers if first <= day or (each.until is not None and each.until > first)
        )

    return ask


def _wait(engine: Engine, asked: Starting, taken: Taken) -> Wait | None:
    """What is to be waited for after one medicine alone; None if nothing is."""
    ask = _after(engine, asked, taken)
    day, stopped, dated = taken.last, None, False
    for _ in range(ROUNDS):
        found = [one for one in ask(day) if one.stops]
        if not found:
            break
        stopped = found[0]
        dated = dated or any(one.until is not None for one in found)
        if day > taken.last and any(one.until is None for one in found):
            undated = next(one for one in found if one.until is None)
            return Wait(taken.name, taken.last, None, _told(undated))
        # What stops only while the medicine is taken gives no day and is over on the next.
        day = max([day + timedelta(days=1), *(one.until for one in found if one.until is not None)])
    if stopped is None:
        return None
    if not dated:
        # It speaks of taking the medicine now, and nothing says how long afterwards it is safe.
        return Wait(taken.name, taken.last, None, _told(stopped))
    # Of several that end on one day, the one that still holds on the day before says it best.
    eve = [one for one in ask(day - timedelta(days=1)) if one.stops]
    return Wait(taken.name, taken.last, day, _told(eve[0] if eve else stopped))


def _told(answer: Answered) -> Said:
    """The statement, with its day in place of the rule for it."""
    words, day = said(answer.statement), answer.until
    if day is None:
        return words
    return replace(
        words,
        says=answer.statement.says.replace("{until}", day.isoformat()),
        do=answer.statement.do.replace("{until}", day.isoformat()),
    )


def _remarks(
    engine: Engine, asked: Starting, taken: Taken, wait: Wait | None, speaks: bool, start: date, first: date
) -> list[str]:
    notes = []
    medicine = recognised(engine, taken.name)
    if wait is None and not speaks:
        # What the name was read as is told, so that a reader sees if something else was meant.
        made_of = " and ".join(sorted(engine.index.substances[each] for each in medicine.ingredients))
        notes.append(
            f"{taken.name} (read as {made_of}) imposes no wait: no statement of {asked.drug} asks for one after it."
        )
    elif wait is not None and wait.until is None:
        notes.append(
            f"{taken.name}: '{wait.said.title}' no longer holds; it gives no day from which that is so."
        )
    if taken.last >= start:
        notes.append(
            f"The last {taken.name} is on {taken.last}, not before the start asked for ({start}): the wait is"
            " counted from that day, and anew if one more is taken."
        )
    if medicine.lasts and not taken.removed:
        notes.append(
            f"{taken.name} is counted as given on {taken.last}, and one lasts {days(medicine.lasts)}. If it was taken"
            f" off or out on that day, write '{taken.name} {REMOVED} {taken.last}'."
        )
    return notes + _other_forms(engine, asked, taken, first)


def _other_forms(engine: Engine, asked: Starting, taken: Taken, first: date) -> list[str]:
    """A medicine named without its form may be one that still stops the start on the day of the first dose."""
    medicine = recognised(engine, taken.name)
    if medicine.forms:
        return []
    rules = [rule for each in engine.index.concepts.values() for rule in each.medicines]
    matter = {
        form
        for rule in rules
        if not medicine.ingredients.isdisjoint(rule.ingredients)
        for form in (*rule.forms, *rule.not_forms)
    }
    spoken = {each.id: each.names[0] for each in engine.library.vocabulary.forms if each.id in matter}
    longer: dict[date | None, list[str]] = {}
    for name in spoken.values():
        other = taken._replace(name=f"{taken.name} {name}")
        if any(one.stops for one in _after(engine, asked, other)(first)):
            wait = _wait(engine, asked, other)
            longer.setdefault(wait.until if wait else None, []).append(name)
    if not longer:
        return []
    told = "; ".join(
        f"as {' or '.join(sorted(names))} {f'the wait is until {until}' if until else 'no day can be given'}"
        for until, names in sorted(longer.items(), key=lambda one: (one[0] is None, one[0] or date.max))
    )
    return [f"'{taken.name}' names no form: {told}. Name the form if it was one of these."]
