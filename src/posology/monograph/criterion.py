"""The closed list of criterion kinds, and how one is written in YAML.

A criterion is a question put to a record. In YAML it is a mapping whose one *kind* key names the
question, and whose other keys are options of that kind::

    when: {medication: short-acting-opioid, within: 10 days}
    when: {observation: alt, above: 3 x ULN, to: 5 x ULN, within: 90 days}
    when:
      any:
        - {condition: acute-hepatitis}
        - not: {recorded: alt, within: 90 days}

There are no expression strings and there is no code. `parse` turns the YAML form into a `Criterion`
or raises `ValueError` with a sentence that says what is wrong and what would be right.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its UCUM unit; ``ULN`` is a multiple of the upper limit of normal."""

    value: float
    unit: str

    def __str__(self) -> str:
        number = f"{self.value:g}"
        return f"{number} x ULN" if self.unit == ULN else f"{number} {self.unit}".rstrip()


ULN = "[ULN]"
DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_DURATION = re.compile(r"(\d+)\s+(day|week|month|year)s?")
_ULN = re.compile(r"(\d+(?:\.\d+)?)\s*x\s*ULN", re.IGNORECASE)
_AMOUNT = re.compile(r"(-?\d+(?:\.\d+)?)(?:\s+(\S.*))?")


@dataclass(frozen=True, slots=True)
class Criterion:
    """One question put to a record. Which fields a kind uses is in `KINDS`.

    Durations are whole days (a month is 30 days, a year 365). Bounds: ``above`` >, ``from_`` >=,
    ``below`` <, ``to`` <=.
    """

    kind: str
    of: tuple[Criterion, ...] = ()
    concept: str = ""
    count: int = 0
    within: int | None = None
    ever: bool = False
    next: int | None = None
    above: Amount | None = None
    from_: Amount | None = None
    below: Amount | None = None
    to: Amount | None = None
    is_: str = ""
    absent: str = ""

    def walk(self) -> list[Criterion]:
        """This criterion and all below it, in reading order."""
        found = [self]
        for part in self.of:
            found.extend(part.walk())
        return found


class Kind(NamedTuple):
    """What a kind of criterion asks, what its key holds and which options it takes."""

    asks: str
    holds: str
    options: tuple[str, ...] = ()


_BOUNDS = ("above", "from", "below", "to")

KINDS: dict[str, Kind] = {
    "condition": Kind(
        "Is there such a condition, now (default), within a time, or ever?",
        "concept",
        ("within", "ever", "absent"),
    ),
    "medication": Kind(
        "Is such a medicine taken, now (default), within a time, ever, or ordered to begin (`next`)?",
        "concept",
        ("within", "ever", "next", "absent"),
    ),
    "observation": Kind(
        "Is the latest such result beyond a bound, or of this meaning?",
        "concept",
        (*_BOUNDS, "between", "is", "within", "absent"),
    ),
    "allergy": Kind(
        "Is there such an allergy (`is: allergy`), intolerance, or either (default)?",
        "concept",
        ("is", "absent"),
    ),
    "procedure": Kind(
        "Was it done (`within`, `ever`), or is it planned (`next`)?",
        "concept",
        ("within", "ever", "next", "absent"),
    ),
    "age": Kind("Is the person's age beyond a bound?", "bounds", _BOUNDS),
    "sex": Kind("Is the recorded administrative sex this one?", "sex"),
    "pregnancy": Kind(
        "Is the person pregnant? `within`: how old a negative may be (default 14 days).",
        "true",
        ("within", "absent"),
    ),
    "lactation": Kind("Is the person breastfeeding?", "true", ("absent",)),
    "dose": Kind(
        "Is the ordered daily dose of this medicine beyond a bound?", "concept", (*_BOUNDS, "absent")
    ),
    "on-drug": Kind("For how long has this medicine been taken without a break?", "concept", _BOUNDS),
    "change": Kind(
        "By how much did this result fall since the medicine in hand was begun?",
        "concept",
        (*_BOUNDS, "absent"),
    ),
    "recorded": Kind(
        "Is it there at all, and how old? What is not there is missing, never 'no'.", "concept", ("within",)
    ),
    "use": Kind("Is the question asked for this use?", "use"),
    "all": Kind("Do all hold (Kleene)?", "list"),
    "any": Kind("Does at least one hold (Kleene)?", "list"),
    "not": Kind("Does it not hold (Kleene)?", "criterion"),
    "at-least": Kind("Do at least `count` of them hold?", "list", ("count",)),
}
LISTS = ("conditions", "medications", "allergies")
"""What `recorded` may name besides a concept: is there such a list at all?"""


def duration(text: Any) -> int:
    """Whole days of ``10 days``, ``4 weeks``, ``3 months`` (30 days each), ``2 years`` (365)."""
    match = _DURATION.fullmatch(str(text).strip())
    if not match:
        raise ValueError(f"'{text}' is not a duration; write for example '10 days' or '12 weeks'")
    return int(match[1]) * DAYS[match[2]]


def amount(text: Any) -> Amount:
    """``3 x ULN``, ``50 mL/min/{1.73_m2}``, ``18 years``, ``6 mg/day``; scores have no unit."""
    text = str(text).strip()
    if match := _ULN.fullmatch(text):
        return Amount(float(match[1]), ULN)
    if match := _DURATION.fullmatch(text):
        if match[2] == "year":
            return Amount(float(match[1]), "a")
        return Amount(float(duration(text)), "d")
    if match := _AMOUNT.fullmatch(text):
        return Amount(float(match[1]), match[2] or "")
    raise ValueError(f"'{text}' is not an amount; write for example '50 U/L', '3 x ULN' or '18 years'")


def _nearest(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"; did you mean '{near[0]}'?" if near else f"; known: {', '.join(known)}"


def parse(node: Any) -> Criterion:
    """Turn the YAML form of a criterion into a `Criterion`.

    Raises `ValueError` with one sentence: what is wrong and what would be right.
    """
    if isinstance(node, Criterion):
        return node
    if not isinstance(node, dict) or not node:
        raise ValueError("a criterion is a mapping such as {condition: pregnancy}")
    keys = [str(key).replace("_", "-") for key in node]
    given = dict(zip(keys, node.values(), strict=True))
    kinds = [key for key in keys if key in KINDS]
    if not kinds:
        raise ValueError(f"no criterion kind among {', '.join(keys)}{_nearest(keys[0], list(KINDS))}")
    if len(kinds) > 1:
        raise ValueError(f"one criterion, two kinds: {' and '.join(kinds)}; join them with all: or any:")
    kind = kinds[0]
    spec, value = KINDS[kind], given.pop(kind)
    fields: dict[str, Any] = {"kind": kind}
    if spec.holds == "bounds":
        if not isinstance(value, dict):
            raise ValueError(f"{kind}: takes bounds, such as {{{kind}: {{below: 18 years}}}}")
        given = {**value, **given}
    elif spec.holds == "list":
        if kind == "at-least" and isinstance(value, dict):
            given = {"count": value.get("count")}
            value = value.get("of")
        if not isinstance(value, list) or not value:
            raise ValueError(f"{kind}: takes a list of criteria")
        fields["of"] = tuple(parse(part) for part in value)
    elif spec.holds == "criterion":
        fields["of"] = (parse(value),)
    elif spec.holds == "true":
        if value is not True:
            raise ValueError(f"{kind}: takes true; for its opposite write not: {{{kind}: true}}")
    elif spec.holds == "sex":
        if value not in ("female", "male"):
            raise ValueError("sex: takes female or male")
        fields["is_"] = value
    elif not isinstance(value, str):
        raise ValueError(f"{kind}: takes the name of one {spec.holds}")
    else:
        fields["concept"] = value
    for option, setting in given.items():
        if option not in spec.options:
            allowed = ", ".join(spec.options) or "no options"
            raise ValueError(f"{kind}: does not take '{option}' (it takes {allowed})")
        fields.update(_option(kind, option, setting))
    criterion = Criterion(**fields)
    _sensible(criterion)
    return criterion


def _option(kind: str, option: str, setting: Any) -> dict[str, Any]:
    if option in ("within", "next"):
        return {option: duration(setting)}
    if option == "between":
        if not isinstance(setting, list) or len(setting) != 2:
            raise ValueError("between: takes two amounts, both included")
        return {"from_": amount(setting[0]), "to": amount(setting[1])}
    if option == "from":
        return {"from_": amount(setting)}
    if option in _BOUNDS:
        return {option: amount(setting)}
    if option == "ever":
        if setting is not True:
            raise ValueError("ever: takes true")
        return {"ever": True}
    if option == "absent":
        if setting not in ("no", "unknown"):
            raise ValueError("absent: takes no (closed world) or unknown (open world)")
        return {"absent": setting}
    if option == "count":
        if not isinstance(setting, int) or setting < 1:
            raise ValueError("count: takes a whole number from 1")
        return {"count": setting}
    allowed = ("allergy", "intolerance") if kind == "allergy" else ("positive", "negative")
    if setting not in allowed:
        raise ValueError(f"is: takes {' or '.join(allowed)} here")
    return {"is_": setting}


def _sensible(criterion: Criterion) -> None:
    bounds = [criterion.above, criterion.from_, criterion.below, criterion.to]
    kind = criterion.kind
    if kind in ("age", "dose", "on-drug", "change") and not any(bounds):
        raise ValueError(f"{kind}: needs a bound (above, from, below or to)")
    if kind == "observation" and not any(bounds) and not criterion.is_:
        raise ValueError(
            "observation: needs a bound (above, from, below, to) or is: positive|negative;"
            " to ask whether it is there at all, use recorded:"
        )
    if kind == "at-least" and not 0 < criterion.count <= len(criterion.of):
        raise ValueError(f"at-least: needs count from 1 to {len(criterion.of)}")
    low, high = criterion.from_ or criterion.above, criterion.to or criterion.below
    if low and high and (low.unit != high.unit or low.value > high.value):
        raise ValueError(f"no value lies between {low} and {high}")
    if criterion.ever and criterion.within is not None:
        raise ValueError(f"{kind}: ever and within exclude each other")
