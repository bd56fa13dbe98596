"""The question: which drug, for what, on which day, where, and for someone starting or taking it."""

from __future__ import annotations

from datetime import date, datetime

from msgspec import Struct

from posology.errors import UsageError, unknown_name
from posology.monograph.model import Monograph, Use

REGIONS = ("US", "EU")


class Question(Struct, frozen=True):
    """What is asked. `stage` is read from the record; the rest is given."""

    drug: str
    use: str
    on: date
    region: str
    product: str
    stage: str = "starting"


def day(on: date | str) -> date:
    """The day asked about; raises `UsageError` for text that is no date."""
    if isinstance(on, datetime):
        return on.date()
    if isinstance(on, date):
        return on
    try:
        # Other forms of ISO 8601, such as 2026-W47-7, are no date as people write it.
        if len(on) != len("2026-11-22") or on[4] != "-" or on[7] != "-":
            raise ValueError
        return date.fromisoformat(on)
    except ValueError:
        raise UsageError(f"'{on}' is not a day; write it as YYYY-MM-DD, for example 2026-11-22") from None


def region_named(name: str) -> str:
    """US or EU; raises `UsageError` for anything else."""
    if name.upper() not in REGIONS:
        raise unknown_name("region", name, REGIONS)
    return name.upper()


class Uses:
    """The uses and products of one monograph, looked up by name."""

    def __init__(self, monograph: Monograph) -> None:
        self._monograph = monograph
        self._by_id = {use.id: use for use in monograph.uses}
        self._by_name = {name: use for use in monograph.uses for name in (use.id, *use.aliases)}
        self._lineages: dict[str, tuple[str, ...]] = {}

    def named(self, name: str) -> Use:
        """The use of this id or alias; raises `UsageError` with the nearest spelling."""
        use = self._by_name.get(name) or self._by_name.get(
            name.strip().lower().replace(" ", "-").replace("_", "-")
        )
        if use is None:
            raise unknown_name("use", name, self._by_id)
        return use

    def lineage(self, use: Use) -> tuple[str, ...]:
        """The use and all wider uses that it is part of, nearest first."""
        if use.id not in self._lineages:
            found, wider = [use.id], use.part_of
            while wider and wider not in found:
                found.append(wider)
                wider = self._by_id[wider].part_of
            self._lineages[use.id] = tuple(found)
        return self._lineages[use.id]

    def product(self, use: Use, name: str | None) -> str:
        """The product asked about: the one named, else the usual one for the use or for a wider one."""
        known = [product.id for product in self._monograph.identity.products]
        if name is None:
            return next(
                (self._by_id[each].products[0] for each in self.lineage(use) if self._by_id[each].products),
                known[0],
            )
        if name not in known:
            raise unknown_name("product", name, known)
        return name
