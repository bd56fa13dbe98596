"""The canonical text of a regimen: one way to write each meaning, which parses back to the same."""

from __future__ import annotations

from collections.abc import Sequence

from posology.regimen.measures import clock, duration, interval, number
from posology.regimen.part import (
    DAYS,
    Count,
    End,
    Every,
    For,
    Once,
    Part,
    Schedule,
    TimesADay,
    Until,
    Weekdays,
)


def write(tracks: Sequence[Sequence[Part]]) -> str:
    """The text of tracks in parallel."""
    if len(tracks) == 1:
        return " then ".join(map(write_part, tracks[0]))
    # An end on the last part would otherwise hold for the others too.
    shared = len(tracks[-1]) == 1 and tracks[-1][0].end is not None
    return " & ".join(_track(track, ongoing=shared and track[-1].is_endless) for track in tracks)


def write_part(part: Part, *, ongoing: bool = False) -> str:
    """The text of one part. `ongoing` says in so many words that it has no end."""
    words = [
        amount(part),
        part.route,
        f"over {_over(part.over_minutes)}" if part.over_minutes is not None else None,
        _schedule(part.schedule),
        "ongoing" if ongoing else _end(part.end),
        f"at {clock(part.at)}" if part.at is not None else None,
        f"after {duration(part.after_minutes)}" if part.after_minutes else None,
        "ss" if part.ss else None,
    ]
    return " ".join(word for word in words if word)


def amount(part: Part) -> str:
    """The amount as written: `50 mg`, `0.1 mg/kg`."""
    return f"{number(part.amount)} {part.unit}{'/kg' if part.per_kg else ''}"


def _over(minutes: int) -> str:
    """How long a dose takes: `30 min`, `2 h`."""
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"


def _track(track: Sequence[Part], *, ongoing: bool) -> str:
    texts = [write_part(part) for part in track[:-1]] + [write_part(track[-1], ongoing=ongoing)]
    return texts[0] if len(texts) == 1 else f"({' then '.join(texts)})"


def _schedule(schedule: Schedule) -> str | None:
    match schedule:
        case Once():
            return None
        case Every(nightly=True):
            return "nightly"
        case Every(minutes=minutes):
            return f"q{interval(minutes)}"
        case TimesADay(word=word):
            return word
        case Weekdays(days=days):
            return weekdays(days)


def weekdays(days: frozenset[int]) -> str:
    """Days of the week from Monday on, three or more in a row as a range: `mon-fri`, `mon,wed,fri`."""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(
        f"{DAYS[run[0]]}-{DAYS[run[-1]]}" if len(run) > 2 else ",".join(DAYS[day] for day in run)
        for run in runs
    )


def _end(end: End | None) -> str | None:
    match end:
        case None:
            return None
        case Count(doses=doses):
            return f"x{doses}"
        case For(minutes=minutes):
            return f"for {duration(minutes)}"
        case Until(day=day):
            return f"until {day.isoformat()}"
