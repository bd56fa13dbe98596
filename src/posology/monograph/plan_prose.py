"""What a statement says to a plan, in words: names of its regimen, limits, pauses, missed doses, dates.

Pure functions, as in `prose`: the page of a monograph shows with them what `posology plan` executes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .model import Statement
from .planning import Cap, Due, Hold, Missed

ANSWERS = {
    "late": "take it now and go on from there",
    "skip": "leave it out and go on at the same dose",
    "step-back": "go back to the step before",
    "recheck": "do not go on before the checks of a first start",
}
"""What each answer to a missed dose means."""
_PER = {"dose": "in one dose", "day": "a day", "week": "a week, on average over four weeks"}


def plan_sentences(statement: Statement) -> Iterator[str]:
    """The sentences, without their full stops; none for a statement that no plan uses."""
    if statement.rx:
        named = f" {joined([f'`{name}`' for name in statement.names], 'or')}" if statement.names else ""
        yield f"Regimen{named}: `{statement.rx}`"
    if statement.cap is not None:
        yield limit(statement.cap)
    if statement.hold is not None:
        yield pause(statement.hold)
    if statement.missed is not None:
        yield gap(statement.missed)
    if statement.schedule:
        title = statement.title or statement.id
        yield f"In the calendar of a plan: {'; '.join(date(each, title) for each in statement.schedule)}"


def limit(cap: Cap) -> str:
    """``A plan refuses more than 150 mg a day (po)``."""
    if cap.days_between is not None:
        what = f"doses less than {cap.days_between:g} days apart"
    elif cap.only_mg:
        what = f"any amount but {joined([f'{each:g} mg' for each in cap.only_mg], 'or')} {_PER[cap.per]}"
    else:
        bounds = (("more than", cap.above_mg), ("at least", cap.from_mg), ("less than", cap.below_mg))
        words = [f"{word} {bound:g} mg" for word, bound in bounds if bound is not None]
        what = f"{' and '.join(words)} {_PER[cap.per]}"
    routes = f" ({joined(cap.routes, 'or')})" if cap.routes else ""
    return f"A plan {'refuses' if cap.answer == 'refuse' else 'warns of'} {what}{routes}"


def pause(hold: Hold) -> str:
    """When doses stop before an operation and go on after it."""
    return (
        f"Around an operation a plan has the last dose {_days(hold.days_before)} before it and the next"
        f" {_days(hold.days_after)} after it at the earliest"
    )


def gap(missed: Missed) -> str:
    """``After a gap of 1 to 14 days: leave it out and go on at the same dose``."""
    first, last = missed.days_from, missed.days_to
    if last is None:
        told = "After any gap" if first == 0 else f"After a gap of {_days(first)} or more"
    elif first == last:
        told = "On the day itself" if first == 0 else f"After a gap of {_days(first)}"
    else:
        told = f"After a gap of {first} to {_days(last)}"
    return f"{told}: {ANSWERS[missed.answer]}"


def date(due: Due, title: str) -> str:
    """``Mood (PHQ-9) in weeks 4, 8 and 12``; `title` is that of the statement."""
    if due.each_dose:
        when = "before each dose"
    else:
        when = (
            f"in week{'' if len(due.weeks) == 1 else 's'} {joined([str(week) for week in due.weeks], 'and')}"
        )
        if due.every_weeks is not None:
            when += f", then every {due.every_weeks} weeks" if due.every_weeks > 1 else ", then every week"
    only = ", ".join((*due.products, *due.uses))
    return f"{due.title or title} {when}{f' (only {only})' if only else ''}"


def joined(words: Sequence[str], last: str) -> str:
    """``a, b and c``."""
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"
