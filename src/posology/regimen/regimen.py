"""A regimen: tracks of parts that run in parallel, and what they come to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from posology.regimen.dose import CalendarDose, Dose
from posology.regimen.error import RxError, Unfit
from posology.regimen.expand import Slot, history, origin, slots
from posology.regimen.measures import DAY, in_mg
from posology.regimen.part import Once, Part
from posology.regimen.write import amount, write

MOST_PARTS = 100
HEAVIEST = 1000.0
"""kg"""


@dataclass(frozen=True, slots=True)
class Regimen:
    """What to give and when. `parts` are the parallel tracks, each a tuple of parts that follow one another.

    `str(regimen)` is its canonical text; `parse_rx` of that gives an equal regimen.
    """

    parts: tuple[tuple[Part, ...], ...]

    def __post_init__(self) -> None:
        if not self.parts or not all(self.parts):
            raise Unfit("amount", "a regimen has at least one part", "give one, such as 50 mg po q24h")
        if sum(map(len, self.parts)) > MOST_PARTS:
            raise Unfit("amount", f"more than {MOST_PARTS} parts", "write a shorter regimen", MOST_PARTS)
        number = 0
        for track in self.parts:
            _follows(track, number)
            try:
                history(self.parts, track, number)
            except RxError as error:
                raise Unfit("ss", error.wrong, error.right, number) from None
            number += len(track)

    def __str__(self) -> str:
        return write(self.parts)

    @property
    def all_parts(self) -> tuple[Part, ...]:
        """Every part, in the order of the text; `Dose.part` counts in it."""
        return tuple(part for track in self.parts for part in track)

    @property
    def is_endless(self) -> bool:
        """Whether its doses go on for ever."""
        return any(track[-1].is_endless for track in self.parts)

    def doses(
        self, *, until_hours: float | None = None, start: date | None = None, weight: float | None = None
    ) -> list[Dose]:
        """Its doses before `until_hours`, in order of time and then of the text.

        Hour 0 is the clock time at which the earliest track begins on the first day; `after` moves a dose away from it.
        The first day is `start`, or some Monday. `weight` (kg) is needed for amounts per kg. Doses that stand for a
        steady state may come before hour 0 (`Dose.ss`).

        Raises `RxError` if the regimen is endless and `until_hours` is not given, ends on a date and `start` is not
        given, has amounts per kg and `weight` is not given, or has more than a million doses.
        """
        if until_hours is not None and not until_hours >= 0:
            raise RxError(f"doses until hour {until_hours}", "give a number of hours from 0 on")
        zero = origin(self.parts)
        horizon = None if until_hours is None else zero + until_hours * 60
        return self._doses(slots(self.parts, horizon, start), zero, weight)

    def calendar(
        self, start: date, until: date | None = None, *, weight: float | None = None
    ) -> list[CalendarDose]:
        """Its doses as dates and clock times, from the day `start` to the day `until`, both included.

        Times have no zone. Intervals that are not whole days count hours on the clock, so a change to summer time
        (or back) between two doses makes that interval an hour shorter (or longer).
        Raises `RxError` as `doses` does, and if `until` is before `start`.
        """
        if until is not None and until < start:
            raise RxError(f"the calendar ends on {until}, before it starts on {start}", "give a later end")
        horizon = None if until is None else ((until - start).days + 1) * DAY
        zero = origin(self.parts)
        found = slots(self.parts, horizon, start)
        doses = zip(found, self._doses(found, zero, weight), strict=True)
        midnight = datetime.combine(start, time())
        try:
            return [
                CalendarDose(midnight + timedelta(minutes=slot.minute), dose)
                for slot, dose in doses
                if slot.minute >= zero
            ]
        except OverflowError:
            raise RxError("the calendar goes past the year 9999", "give an earlier end") from None

    def _doses(self, found: list[Slot], zero: int, weight: float | None) -> list[Dose]:
        parts = self.all_parts
        amounts = [dose_mg(part, weight) for part in parts]
        texts = [amount(part) for part in parts]
        # A steady state that begins at hour 0 has no doses before it: the first one stands for them.
        waiting = {n for n, part in enumerate(parts) if part.ss} - {slot.part for slot in found if slot.ss}
        doses = []
        for slot in found:
            part = parts[slot.part]
            ss = slot.ss or slot.part in waiting
            waiting.discard(slot.part)
            doses.append(
                Dose(
                    time=(slot.minute - zero) / 60,
                    amount=amounts[slot.part],
                    text=texts[slot.part],
                    route=part.route,
                    duration=part.over or 0.0,
                    ss=ss,
                    ii=part.cycle[0] / 60 if ss else 0.0,
                    part=slot.part,
                )
            )
        return doses


def dose_mg(part: Part, weight: float | None = None) -> float:
    """The mg of one dose of a part for someone of `weight` kg, which only an amount per kg needs.

    Raises `RxError` if that is missing or is not the weight of a person.
    """
    if weight is not None and not 0 < weight <= HEAVIEST:
        raise RxError(f"a weight of {weight:g} kg", f"give one above 0 and up to {HEAVIEST:g} kg")
    if part.per_kg and weight is None:
        raise RxError(f"{amount(part)} needs a body weight", "give it in kg")
    return in_mg(part.amount, part.unit, weight if part.per_kg else None)


def _follows(track: tuple[Part, ...], number: int) -> None:
    """Raises `Unfit` if one part of a track cannot follow the part before it."""
    for before, (place, part) in zip(track, enumerate(track[1:], number + 1), strict=False):
        if before.is_endless:
            raise Unfit(
                "amount",
                "the part before 'then' has no end",
                "give it one, such as x28 or for 4 weeks",
                place,
            )
        if isinstance(before.schedule, Once) and not part.after_minutes:
            raise Unfit(
                "amount",
                "a single dose says not when the next part begins",
                "give it an interval, such as q24h x1, or write 'after 1 day' here",
                place,
            )
        if part.ss:
            raise Unfit("ss", "a part after 'then' cannot begin in a steady state", "leave out 'ss'", place)
