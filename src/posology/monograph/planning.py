"""What a statement says to a plan: limits of dose, pauses, missed doses, appointments; and leaflets.

Plain frozen dataclasses like those of `model`, of which they are part. Every number carries its unit in
its name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, MinLen

Text = Annotated[str, MinLen(1)]
Positive = Annotated[float, Gt(0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """Doses that a regimen must not have, or only with a warning.

    One of three: an amount beyond bounds (`above_mg` or `from_mg` on, `below_mg` not reached), an amount other
    than those in `only_mg`, or doses that follow each other in fewer than `days_between` days. Amounts are
    `per` single dose, calendar day, or week: a quarter of what any four weeks hold, so that a schedule of every other
    or every third day is not judged by its fullest week. Amounts per kg are not compared: nobody's weight is known to
    a plan.
    """

    answer: Literal["refuse", "warn"]
    above_mg: Positive | None = None
    """More than this."""
    from_mg: Positive | None = None
    """This or more."""
    below_mg: Positive | None = None
    """Less than this."""
    only_mg: tuple[Positive, ...] = ()
    per: Literal["dose", "day", "week"] = "day"
    days_between: Positive | None = None
    routes: tuple[str, ...] = ()
    """Only for these routes of rx notation; empty: all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A pause around an operation: last dose so many days before it, first again so many days after.

    The days after count from the last opioid, which before an operation can only be assumed to be
    given on its day.
    """

    days_before: Annotated[int, Ge(0)]
    days_after: Annotated[int, Ge(0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """What to do after a gap: `days_from` to `days_to` (both included) since a dose was due and not taken.

    `late` takes it now and goes on from there; `skip` leaves it out and goes on at the same dose;
    `step-back` goes on with the step of the regimen before; `recheck` goes on only after the checks of a
    first start; several statements may apply to one gap, and each is shown.
    """

    answer: Literal["late", "skip", "step-back", "recheck"]
    days_from: Annotated[int, Ge(0)] = 0
    days_to: Annotated[int, Ge(0)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When something is looked at: in weeks counted from the first dose, or before each dose.

    Week 0 is before the first dose, on its day at the latest. With `every_weeks` it comes again so many weeks
    after the last of `weeks`, for as long as the drug is taken. Either `weeks` or `each_dose` is given.
    """

    weeks: tuple[Annotated[int, Ge(0)], ...] = ()
    every_weeks: Annotated[int, Gt(0)] | None = None
    each_dose: bool = False
    title: str = ""
    """What the calendar calls it; empty: the statement's title."""
    what: Literal["check", "look", "decide"] = "check"
    """A test or score, a visit that only looks, or a decision about going on."""
    uses: tuple[str, ...] = ()
    """Only for these uses (or a use that is part of one); empty: those of the statement. Likewise `products`."""
    products: tuple[str, ...] = ()


LeafletSection = Literal[
    "what-it-is", "before", "how-to-take", "expect", "missed", "avoid", "call", "stopping"
]
"""Parts of a leaflet, in the order they are printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafletItem:
    """A sentence or two for the person who takes the drug, in plain words."""

    id: Text
    section: LeafletSection
    says: Text
    sources: Annotated[tuple[str, ...], MinLen(1)]
    basis: Literal["label", "guideline", "trial", "review", "article", "judgement"]
    urgent: bool = False
    """Printed so that it cannot be overlooked: what needs help at once."""
    uses: tuple[str, ...] = ()
    """Only for these uses; empty: for every use. Likewise `products` and `regions`."""
    products: tuple[str, ...] = ()
    regions: tuple[Literal["US", "EU"], ...] = ()
