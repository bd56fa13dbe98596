"""What a statement says to a plan: limits of dose, pauses, missed doses, appointments; and leaflets.

Plain frozen dataclasses like those of `model`, of which they are part. Every number carries its unit in
its name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Gt, MinLen

Text = Annotated[str, MinLen(1)]
Positive = Annotated[float, Gt(0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """Doses that a regimen must not have, or only with a warning.

    With `above_mg` (and `to_mg`) it concerns an amount, `per` single dose or calendar day: more than
    `above_mg`, at most `to_mg` where given. With `days_between` it concerns doses that follow each other
    in fewer days. `per_kg` amounts are compared after multiplying with the weight.
    """

    answer: Literal["refuse", "warn"]
    above_mg: Annotated[float, Gt(0)] | None = None
    to_mg: Annotated[float, Gt(0)] | None = None
    per: Literal["dose", "day"] = "day"
    days_between: Annotated[int, Gt(0)] | None = None
    routes: tuple[str, ...] = ()
    """Only for these routes of rx notation; empty: all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A pause around an operation: last dose so many days before it, first again so many days after.

    The days after count from the last opioid, which before an operation can only be assumed to be
    given on its day.
    """

    days_before: int
    days_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """What to do after a gap: `days_from` to `days_to` (both included) since a dose was due and not taken.

    `late` takes it now and goes on from there; `skip` leaves it out and goes on at the same dose;
    `step-back` goes on with the step of the regimen before; `recheck` goes on only after the checks of a
    first start; several statements may apply to one gap, and each is shown.
    """

    answer: Literal["late", "skip", "step-back", "recheck"]
    days_from: int = 0
    days_to: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When something is looked at: in a week counted from the first dose (week 0: before it).

    With `every_weeks` it comes again so many weeks later, for as long as the drug is taken.
    """

    week: Annotated[int, Gt(-1)]
    every_weeks: Annotated[int, Gt(0)] | None = None


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
