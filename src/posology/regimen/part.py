"""One part of a regimen: an amount, how it is given, when, and until when.

A part that means nothing cannot be made: its constructor raises `Unfit`, which names the field.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from posology.regimen.error import Unfit
from posology.regimen.measures import DAY, LONGEST, UNITS, WEEK, clock, number

ROUTES = {
    "po": "by mouth",
    "sl": "under the tongue",
    "buccal": "inside the cheek",
    "nasal": "into the nose",
    "inh": "inhaled",
    "iv": "into a vein",
    "io": "into the marrow",
    "im": "into a muscle",
    "im-xr": "into a muscle, extended release",
    "sc": "under the skin",
    "sc-xr": "under the skin, extended release",
    "implant": "implanted",
    "td": "through the skin",
    "pr": "by rectum",
    "pv": "by vagina",
}
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TIMES_A_DAY = {"bid": (8, 20), "tid": (8, 14, 20), "qid": (8, 12, 16, 20)}
"""Waking hours at which a dose is due. `q8h` is the way to say every eight hours, night included."""
MORNING, EVENING = 8 * 60, 21 * 60
"""The time of day (minutes) of a dose whose part names none; the second is `nightly`."""

SMALLEST, LARGEST = 1e-6, 1e6
MOST_DOSES = 1_000_000


@dataclass(frozen=True, slots=True)
class Once:
    """A single dose."""


@dataclass(frozen=True, slots=True)
class Every:
    """A dose every so many minutes, counted from the first. `nightly` is every 24 hours, in the evening."""

    minutes: int
    nightly: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.minutes <= LONGEST:
            raise Unfit("schedule", *_out_of_range("the interval", self.minutes, "q24h"))
        if self.nightly and self.minutes != DAY:
            raise Unfit("schedule", "nightly is every 24 hours", f"give {DAY} minutes")

    @property
    def hours(self) -> float:
        """The interval in hours."""
        return self.minutes / 60


@dataclass(frozen=True, slots=True)
class TimesADay:
    """A dose at each of the waking hours of `bid`, `tid` or `qid`."""

    word: str

    def __post_init__(self) -> None:
        if self.word not in TIMES_A_DAY:
            raise Unfit("schedule", f"{self.word!r} is not a schedule", f"write {', '.join(TIMES_A_DAY)}")


@dataclass(frozen=True, slots=True)
class Weekdays:
    """A dose on each of these days of the week; 0 is Monday."""

    days: frozenset[int]

    def __post_init__(self) -> None:
        if not self.days or not self.days <= set(range(7)):
            raise Unfit("schedule", "a weekday schedule needs days from 0 (Monday) to 6", "give at least one")


@dataclass(frozen=True, slots=True)
class Count:
    """Ends after so many doses."""

    doses: int

    def __post_init__(self) -> None:
        if not 0 < self.doses <= MOST_DOSES:
            raise Unfit("end", f"the number of doses is {self.doses}", f"write x1 to x{MOST_DOSES}")


@dataclass(frozen=True, slots=True)
class For:
    """Ends so many minutes after the part began; a dose that would fall on the end is not given."""

    minutes: int

    def __post_init__(self) -> None:
        if not 0 < self.minutes <= LONGEST:
            raise Unfit("end", *_out_of_range("the duration", self.minutes, "for 4 weeks"))

    @property
    def hours(self) -> float:
        """The duration in hours."""
        return self.minutes / 60


@dataclass(frozen=True, slots=True)
class Until:
    """Ends with this day; a dose on it is given."""

    day: date


Schedule = Once | Every | TimesADay | Weekdays
End = Count | For | Until


@dataclass(frozen=True, slots=True)
class Part:
    """Doses of one amount on one schedule. Times are whole minutes; `over`, `after` tell them in hours.

    `at` is the minute of the day of its doses (of its first, for an interval that is not whole days). `after_minutes`
    moves the beginning of the part. An `end` of None goes on for ever, except after a single dose.
    """

    amount: float
    unit: str = "mg"
    per_kg: bool = False
    route: str | None = None
    over_minutes: int | None = None
    schedule: Schedule = Once()
    end: End | None = None
    at: int | None = None
    after_minutes: int = 0
    ss: bool = False

    def __post_init__(self) -> None:
        if not SMALLEST <= self.amount <= LARGEST:
            said = number(self.amount) if abs(self.amount) < 1e15 else "out of reach"
            raise Unfit(
                "amount", f"the amount is {said}", f"write an amount from {number(SMALLEST)} to 1000000"
            )
        if self.unit not in UNITS:
            raise Unfit("unit", f"{self.unit!r} is not a unit", f"write one of {', '.join(UNITS)}")
        if self.route is not None and self.route not in ROUTES:
            raise Unfit("route", f"{self.route!r} is not a route", f"write one of {', '.join(ROUTES)}")
        if self.over_minutes is not None and not 0 < self.over_minutes <= LONGEST:
            raise Unfit("over_minutes", *_out_of_range("the duration", self.over_minutes, "over 30 min"))
        if not 0 <= self.after_minutes <= LONGEST:
            raise Unfit("after_minutes", *_out_of_range("the delay", self.after_minutes, "after 2 days"))
        if self.at is not None and not 0 <= self.at < DAY:
            raise Unfit("at", f"{self.at} is not a minute of the day", f"give 0 to {DAY - 1}")
        self._fits_together()

    def _fits_together(self) -> None:
        if isinstance(self.schedule, Once) and self.end is not None:
            raise Unfit(
                "end", "a single dose needs no end", "write how often it is given before it, such as q24h x28"
            )
        if isinstance(self.schedule, TimesADay) and self.at is not None:
            hours = ", ".join(clock(hour * 60) for hour in TIMES_A_DAY[self.schedule.word])
            raise Unfit(
                "at", f"{self.schedule.word} has its own times ({hours})", "write an interval: q12h at 07:00"
            )
        if self.ss and isinstance(self.schedule, Once):
            raise Unfit("ss", "a steady state needs an interval", "write one before it, such as q24h ss")
        if self.ss and self.after_minutes:
            raise Unfit(
                "ss",
                "'ss' says that doses went before, 'after' that the part begins later",
                "leave one of them out",
            )

    @property
    def over(self) -> float | None:
        """How long one dose takes, in hours."""
        return None if self.over_minutes is None else self.over_minutes / 60

    @property
    def after(self) -> float:
        """How much later the part begins, in hours."""
        return self.after_minutes / 60

    @property
    def nightly(self) -> bool:
        """Whether its doses are for the evening."""
        return isinstance(self.schedule, Every) and self.schedule.nightly

    @property
    def is_endless(self) -> bool:
        """Whether its doses go on for ever."""
        return self.end is None and not isinstance(self.schedule, Once)

    @property
    def clock(self) -> int | None:
        """The minute of the day that its doses are bound to; None if they only keep their distance."""
        if self.at is not None:
            return self.at
        if isinstance(self.schedule, (Weekdays, TimesADay)):
            return MORNING
        return EVENING if self.nightly else None

    @property
    def cycle(self) -> tuple[int, int]:
        """After how many minutes its schedule repeats, and with how many doses in between; (0, 1) for one dose."""
        match self.schedule:
            case Once():
                return 0, 1
            case Every(minutes=minutes):
                return minutes, 1
            case TimesADay(word=word):
                return DAY, len(TIMES_A_DAY[word])
            case Weekdays(days=days):
                return WEEK, len(days)


def _out_of_range(what: str, minutes: int, example: str) -> tuple[str, str]:
    if minutes <= 0:
        return f"{what} is not above zero", f"write for example {example}"
    return f"{what} is longer than {LONGEST // WEEK} weeks", f"write a shorter one, such as {example}"
