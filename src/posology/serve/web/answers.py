"""What was answered in the short form, or beside what an answer lacked. What was not answered is not known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from posology.check.question import day
from posology.errors import UsageError

from .choices import Measured
from .fields import Fields

ListState = Literal["unknown", "none", "these", "some"]
LIST_STATES: tuple[ListState, ...] = ("unknown", "none", "these", "some")
"""Not known; surely nothing; these and nothing else; these, and there may be more."""
SEXES = ("", "female", "male", "other")
KNOWN = ("", "no", "yes")
WHENS = ("now", "stopped", "unknown")
OLDEST = 130
_NUMBER = re.compile(r"(<=|>=|<|>)?\s*(\d+(?:[.,]\d+)?)")
_THOUSANDS = re.compile(r"[<>=\s]*[1-9]\d{0,2},\d{3}")
"""1,200 is twelve hundred to one reader and 1.2 to another: nobody guesses which."""


@dataclass(frozen=True, slots=True)
class Medicine:
    """A medicine as it was named, and if it is taken: `now`, `stopped` (on `last`, if known) or `unknown`."""

    name: str
    when: str = "now"
    last: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """The result of a concept: ``22 U/L``, ``positive`` or ``negative``, of a day."""

    concept: str
    value: str
    on: str
    limit: str = ""
    """The laboratory's upper limit of normal."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything that was answered. Each default means: not known."""

    age: int | None = None
    sex: str = ""
    pregnancy: bool | None = None
    lactation: bool | None = None
    conditions: tuple[str, ...] = ()
    conditions_are: ListState = "unknown"
    medicines: tuple[Medicine, ...] = ()
    medicines_are: ListState = "unknown"
    allergies: tuple[str, ...] = ()
    allergies_are: ListState = "unknown"
    results: tuple[Given, ...] = ()
    planned: bool = False
    planned_on: str = ""


class Wrong(UsageError):
    """Fields that cannot be understood: what is wrong with each, by its name."""

    def __init__(self, problems: dict[str, str]):
        super().__init__("; ".join(problems.values()))
        self.problems = problems


def understood(fields: Fields, measured: tuple[Measured, ...], on: date) -> Answers:
    """The answers of a form on the day `on`; raises `Wrong` with everything that cannot be understood."""
    reader = _Reader(fields, on)
    conditions_are, conditions = reader.listed(
        "conditions", [each for each in fields.all("condition") if each]
    )
    medicines = reader.medicines()
    medicines_are, _ = reader.listed("medicines", [each.name for each in medicines])
    allergies_are, allergies = reader.listed("allergies", [each for each in fields.all("allergy") if each])
    planned_on = reader.date("planned-on")
    # Whoever gives the day of an operation has one planned, whatever the choice beside it was left at.
    planned = reader.chosen("planned", ("", "yes")) == "yes" or bool(planned_on)
    answers = Answers(
        reader.age(),
        reader.chosen("sex", SEXES),
        reader.known("pregnancy"),
        reader.known("lactation"),
        tuple(conditions),
        conditions_are,
        tuple(medicines),
        medicines_are,
        tuple(allergies),
        allergies_are,
        tuple(given for each in measured if (given := reader.result(each))),
        planned,
        planned_on,
    )
    if reader.problems:
        raise Wrong(reader.problems)
    return answers


class _Reader:
    """Reads fields one by one and remembers what was wrong."""

    def __init__(self, fields: Fields, on: date) -> None:
        self.fields, self.on = fields, on
        self.problems: dict[str, str] = {}

    def chosen(self, name: str, choices: tuple[str, ...]) -> str:
        given = self.fields.get(name)
        if given in choices:
            return given
        self.problems[name] = f"{name}: choose one of {', '.join(each for each in choices if each)}"
        return choices[0]

    def known(self, name: str) -> bool | None:
        given = self.chosen(name, KNOWN)
        return given == "yes" if given else None

    def age(self) -> int | None:
        given = self.fields.get("age")
        if not given:
            return None
        if given.isascii() and given.isdigit() and len(given) <= 3 and int(given) <= OLDEST:
            return int(given)
        self.problems["age"] = f"age: a whole number of years from 0 to {OLDEST}"
        return None

    def date(self, name: str, given: str | None = None, *, future: bool = True) -> str:
        given = self.fields.get(name) if given is None else given
        if not given:
            return ""
        try:
            found = day(given)
        except UsageError as wrong:
            self.problems[name] = str(wrong)
            return ""
        if not future and found > self.on:
            self.problems[name] = f"{given} is after the day asked about, {self.on.isoformat()}"
        return given

    def listed(self, name: str, items: list[str]) -> tuple[ListState, list[str]]:
        state = self.chosen(f"{name}-are", ("", *LIST_STATES)) or "unknown"
        if state == "none" and items:
            self.problems[f"{name}-are"] = (
                f"{name}: there are none, and yet {items[0]!r} is listed; choose one"
            )
        elif state == "these" and not items:
            self.problems[f"{name}-are"] = f"{name}: name at least one, or choose that there are none"
        elif state == "unknown" and items:
            # Some were named: that there are no others was not said.
            return "some", items
        return next(each for each in LIST_STATES if each == state), items

    def medicines(self) -> list[Medicine]:
        names, whens, lasts = (
            self.fields.all(name) for name in ("medicine", "medicine-when", "medicine-last")
        )
        found = []
        for number, name in enumerate(names):
            when = whens[number] if number < len(whens) else "now"
            last = lasts[number] if number < len(lasts) else ""
            if when not in WHENS:
                self.problems["medicine-when"] = f"{name}: taken {' or '.join(WHENS)}"
                continue
            if name:
                last = self.date(f"medicine-last-{number}", last, future=False)
                if when == "now" and last and last < self.on.isoformat():
                    self.problems[f"medicine-last-{number}"] = (
                        f"{name}: taken now, and last taken on {last}; choose 'stopped', or leave the day open"
                    )
                found.append(Medicine(name, when, last))
            elif last:
                self.problems[f"medicine-last-{number}"] = f"{last}: which medicine was last taken then?"
        return found

    def limit(self, asked: Measured) -> str:
        given = self.fields.get(f"limit.{asked.id}") if asked.limited else ""
        if not given:
            return ""
        number = _NUMBER.fullmatch(given)
        if number is None or number[1] or _THOUSANDS.fullmatch(given):
            self.problems[f"limit.{asked.id}"] = (
                f"{asked.name}: the upper limit of normal is a number, such as 1.2"
            )
            return ""
        unit = self.fields.get(f"unit.{asked.id}") or asked.units[0]
        return f"{number[2].replace(',', '.')} {unit}"

    def result(self, asked: Measured) -> Given | None:
        value = self.fields.get(f"value.{asked.id}")
        on = self.date(f"on.{asked.id}", future=False)
        name = f"value.{asked.id}"
        if not value:
            if on or self.fields.get(f"limit.{asked.id}"):
                self.problems[name] = f"{asked.name}: a date or a limit is given, but no result"
            return None
        if not asked.units:
            if value not in ("positive", "negative"):
                self.problems[name] = f"{asked.name}: positive or negative"
                return None
        else:
            number = _NUMBER.fullmatch(value)
            unit = self.fields.get(f"unit.{asked.id}") or asked.units[0]
            if number is None:
                self.problems[name] = f"{asked.name}: a number, such as 22 or <5"
                return None
            if _THOUSANDS.fullmatch(value):
                self.problems[name] = (
                    f"{asked.name}: {value} can be read in two ways; write thousands without a comma, "
                    "and decimals with a point"
                )
                return None
            if unit not in asked.units:
                self.problems[name] = f"{asked.name}: in {' or '.join(asked.units)}"
                return None
            value = f"{number[1] or ''}{number[2].replace(',', '.')} {unit}"
        return Given(asked.id, value, on or self.on.isoformat(), self.limit(asked))
