"""Can every bound be compared with what it is put to, and can it be met?"""

from __future__ import annotations

from collections.abc import Iterator

from posology.record import units

from ..criterion import ULN, Amount, Criterion
from ..folder import Placed
from ..model import Concept
from .problem import Problem, error

_NAMES = {"above": "above", "from_": "from", "below": "below", "to": "to"}
_OLDEST = 130
"""Years of age that no one reaches."""


def bound_problems(
    placed: Placed, criterion: Criterion, trail: tuple[str | int, ...], concepts: dict[str, Concept]
) -> Iterator[Problem]:
    """Bounds of one criterion that have a wrong unit, or that nothing can meet."""
    bounds = {key: getattr(criterion, key) for key in _NAMES if getattr(criterion, key) is not None}
    for key, bound in bounds.items():
        where = (*trail, _NAMES[key])
        if text := _wrong(criterion, bound, concepts.get(criterion.concept)):
            yield error(placed, *where, message=f"{_NAMES[key]} {bound}: {text}")
    if empty_range(criterion, criterion):
        yield error(placed, *trail, message=f"no value is {_told(bounds)}")
    if criterion.above and criterion.from_:
        yield error(placed, *trail, message="above and from are both lower bounds; keep one")
    if criterion.below and criterion.to:
        yield error(placed, *trail, message="below and to are both upper bounds; keep one")


def _told(bounds: dict[str, Amount]) -> str:
    return " and ".join(f"{_NAMES[key]} {bound}" for key, bound in bounds.items())


def _wrong(criterion: Criterion, bound: Amount, concept: Concept | None) -> str:
    kind = criterion.kind
    if kind == "age":
        if bound.unit not in ("a", "d"):
            return "age takes a time, such as 18 years"
        limit = _OLDEST if bound.unit == "a" else _OLDEST * 366
        return "" if 0 <= bound.value <= limit else f"no one is of that age; write 0 to {_OLDEST} years"
    if kind == "on-drug":
        return "" if bound.unit in ("a", "d") else "on-drug takes a time, such as 12 weeks"
    if kind == "change":
        if bound.unit != "%":
            return "change takes a fall in percent, such as 30 %"
        return "" if bound.value <= 100 else "nothing falls by more than 100 %"
    if kind == "dose":
        per_time = "/" in bound.unit or units.factor(bound.unit, "mg") is not None
        return (
            "" if per_time else "dose takes 6 mg/day (an average day) or 150 mg (a day on which it is taken)"
        )
    if kind == "observation" and concept is not None:
        return _against(bound, concept)
    return ""


def _against(bound: Amount, concept: Concept) -> str:
    if bound.unit == ULN:
        return (
            ""
            if concept.kind == "observation" and concept.unit
            else "the concept has no unit, hence no limit of normal"
        )
    if bool(bound.unit) != bool(concept.unit) and concept.unit not in ("{score}", "1"):
        if concept.unit:
            return f"has no unit; write it in {concept.unit}"
        return f"has a unit, but the concept '{concept.id}' has none; add unit: {bound.unit} there"
    factor = _factor(bound.unit, concept)
    if factor is None:
        return f"cannot be compared with {concept.unit}; write it in that, or add a conversion to the concept"
    value = bound.value * factor
    low, high = concept.plausible_from, concept.plausible_to
    if (low is not None and value < low) or (high is not None and value > high):
        plausible = f"{_number(low)} to {_number(high)} {concept.unit}"
        return f"lies outside what is plausible for '{concept.id}' ({plausible})"
    return ""


def _number(value: float | None) -> str:
    return "any" if value is None else f"{value:g}"


def _factor(unit: str, concept: Concept) -> float | None:
    """What turns `unit` into the concept's own; None if nothing does."""
    if unit == concept.unit or not unit:
        return 1.0
    for conversion in concept.conversions:
        if conversion.unit == unit:
            return conversion.factor
    return units.factor(unit, concept.unit, concept.conversions)


def empty_range(first: Criterion, second: Criterion) -> bool:
    """Do the bounds of these two criteria about one thing leave no value?

    Only for a criterion with itself, or two that ask the same of the same concept.
    """
    if (first.kind, first.concept, first.within) != (second.kind, second.concept, second.within):
        return False
    lows = [
        (bound, strict)
        for c in (first, second)
        for bound, strict in ((c.above, True), (c.from_, False))
        if bound
    ]
    highs = [
        (bound, strict)
        for c in (first, second)
        for bound, strict in ((c.below, True), (c.to, False))
        if bound
    ]
    return any(
        low.unit == high.unit and (low.value > high.value or (low.value == high.value and (one or other)))
        for low, one in lows
        for high, other in highs
    )
