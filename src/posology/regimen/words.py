"""A part of a regimen in plain words: ``1.5 mg by mouth every evening``."""

from __future__ import annotations

from datetime import date

from posology.regimen.measures import DAY, WEEK, clock, duration
from posology.regimen.part import ROUTES, Every, Once, Part, Schedule, TimesADay, Weekdays
from posology.regimen.write import amount

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TIMES = {"bid": "twice a day", "tid": "three times a day", "qid": "four times a day"}
_ORDINALS = {2: "other", 3: "third", 4: "fourth", 5: "fifth", 6: "sixth"}


def part_in_words(part: Part) -> str:
    """Amount, route and rhythm of one part; not for how long."""
    words = [amount(part)]
    if part.route:
        words.append(ROUTES[part.route])
    if part.over_minutes is not None:
        words.append(f"over {duration(part.over_minutes)}")
    words.append(_rhythm(part.schedule))
    if part.at is not None:
        words.append(f"at {clock(part.at)}")
    return " ".join(words)


def day_in_words(day: date) -> str:
    """A day as it is written in messages: ``2026-12-01 (Tuesday)``."""
    return f"{day.isoformat()} ({_DAYS[day.weekday()]})"


def days(count: int) -> str:
    """``1 day``, ``3 days``."""
    return f"{count} day{'' if count == 1 else 's'}"


def _rhythm(schedule: Schedule) -> str:
    match schedule:
        case Once():
            return "once"
        case Every(nightly=True):
            return "every evening"
        case Every(minutes=minutes):
            return _every(minutes)
        case TimesADay(word=word):
            return _TIMES[word]
        case Weekdays(days=weekdays):
            return _weekdays(sorted(weekdays))


def _every(minutes: int) -> str:
    if minutes == DAY:
        return "once a day"
    for name, size in (("week", WEEK), ("day", DAY)):
        if minutes % size == 0:
            count = minutes // size
            if count == 1:
                return f"every {name}"
            return (
                f"every {_ORDINALS[count]} {name}"
                if name == "day" and count in _ORDINALS
                else (f"every {count} {name}s")
            )
    return f"every {duration(minutes)}"


def _weekdays(numbers: list[int]) -> str:
    if len(numbers) == len(_DAYS):
        return "every day of the week"
    if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"from {_DAYS[numbers[0]]} to {_DAYS[numbers[-1]]}"
    names = [_DAYS[number] for number in numbers]
    return f"on {names[0]}" if len(names) == 1 else f"on {', '.join(names[:-1])} and {names[-1]}"
