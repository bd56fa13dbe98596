"""One part of an rx text: what each of its words means, and at which character it stands."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from posology.regimen.error import RxError, Unfit
from posology.regimen.measures import DAY, WEEK, minutes, unit
from posology.regimen.part import DAYS, Count, Every, For, Part, TimesADay, Until, Weekdays

if TYPE_CHECKING:
    from lark import Token

_MOST_DIGITS = 12
_LONGEST_AMOUNT = 30
"""Characters: every float in range has its digits in this, and no more are ever needed."""


@dataclass(slots=True)
class Draft:
    """What the text says of one part, and at which character it says it."""

    text: str
    values: dict[str, Any] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str, tree: Any) -> Draft:
        """The draft of a `part` of the grammar. Raises `RxError` for a value that is wrong in itself, or said twice."""
        amount, unit_token, *clauses = tree.children
        draft = cls(text)
        draft.put("amount", amount, _amount)
        plain, per_kg = unit(unit_token)
        draft.put("unit", unit_token, lambda _: plain)
        draft.values["per_kg"] = per_kg
        for clause in clauses:
            name, read = _CLAUSES[clause.data]
            draft.put(name, clause.children[0], read)
        return draft

    def put(self, name: str, token: Token, read: Callable[[str], Any]) -> None:
        """Keeps what `read` makes of a token as the field `name`."""
        place = token.start_pos or 0
        if name in self.values:
            raise RxError(
                f"'{token}' comes second: this part has {_TWICE[name]} already",
                "leave one out, or write 'then' or '&' and another amount",
                text=self.text,
                position=place,
            )
        self.places[name] = place
        try:
            if name != "amount" and re.search(rf"[0-9.]{{{_MOST_DIGITS + 1}}}", token):
                raise Unfit(name, "this number is too long", f"write at most {_MOST_DIGITS} digits")
            self.values[name] = read(token)
        except Unfit as error:
            raise RxError(error.wrong, error.right, text=self.text, position=place) from None

    def pointed(self, error: Unfit) -> RxError:
        """The error with its place in the text."""
        place = self.places.get(error.field, self.places["amount"])
        return RxError(error.wrong, error.right, text=self.text, position=place)

    @property
    def is_single(self) -> bool:
        """Whether it does not say how often."""
        return "schedule" not in self.values

    @property
    def is_open(self) -> bool:
        """Whether it repeats and neither has an end nor says that it has none."""
        return not self.is_single and "end" not in self.values

    def build(self) -> Part:
        """The part. Raises `RxError` if what it says does not fit together."""
        values = dict(self.values)
        if self.is_single and values.get("end") == Count(1):
            del values["end"]  # `x1` without an interval says what is so anyway
        if self.is_single and "end" in values and values["end"] is None:
            del values["end"]
            raise self.pointed(Unfit("end", "a single dose is not ongoing", "write how often, such as q24h"))
        try:
            return Part(**values)
        except Unfit as error:
            raise self.pointed(error) from None


def _amount(token: str) -> float:
    if len(token) > _LONGEST_AMOUNT:
        raise Unfit("amount", "this number is too long", f"write at most {_LONGEST_AMOUNT} characters")
    return float(token)


def _minutes(token: str) -> int:
    found = minutes(token)
    if found is None:
        raise Unfit(
            "", f"'{token.strip()}' is not a whole number of minutes", "write whole minutes, such as 90 min"
        )
    return found


def _weekdays(token: str) -> Weekdays:
    found: list[int] = []
    for item in token.lower().split(","):
        first, _, last = (name.strip() for name in item.partition("-"))
        begin = DAYS.index(first)
        days = (DAYS.index(last) - begin) % 7 if last else 0
        if last == first:
            raise Unfit(
                "schedule", f"'{item.strip()}' begins and ends on one day", f"write {first}, or daily"
            )
        found += [(begin + day) % 7 for day in range(days + 1)]
    if len(found) > len(set(found)):
        raise Unfit("schedule", f"'{token}' names a day twice", "write each day once")
    return Weekdays(frozenset(found))


def _often(token: str) -> Every | TimesADay:
    match token.lower():
        case "daily":
            return Every(DAY)
        case "nightly":
            return Every(DAY, nightly=True)
        case "weekly":
            return Every(WEEK)
        case word:
            return TimesADay(word)


def _date(token: str) -> Until:
    try:
        return Until(date.fromisoformat(token))
    except ValueError:
        raise Unfit(
            "end", f"there is no day {token}", "write year-month-day, such as until 2027-03-01"
        ) from None


def _clock(token: str) -> int:
    hours, past = map(int, token.split(":"))
    if hours > 23 or past > 59:
        raise Unfit("at", f"there is no time {token}", "write one from 00:00 to 23:59")
    return hours * 60 + past


_CLAUSES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "route": ("route", str.lower),
    "over": ("over_minutes", _minutes),
    "every": ("schedule", lambda token: Every(_minutes(token[1:]))),
    "often": ("schedule", _often),
    "weekdays": ("schedule", _weekdays),
    "count": ("end", lambda token: Count(int(token[1:]))),
    "span": ("end", lambda token: For(_minutes(token.lstrip("xX")))),
    "until": ("end", _date),
    "ongoing": ("end", lambda _: None),
    "at": ("at", _clock),
    "after": ("after_minutes", _minutes),
    "ss": ("ss", lambda _: True),
}
_TWICE = {
    "route": "a route",
    "over_minutes": "a duration of its dose",
    "schedule": "an interval or days",
    "end": "an end",
    "at": "a time of day",
    "after_minutes": "a delay",
    "ss": "'ss'",
}
