"""The question: which drug, for what, on which day, where, and for someone starting or taking it."""

from __future__ import annotations

from datetime import date

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


def day(on: date | str | None) -> date:
    """The day asked about; raises `UsageError` for text that is no date. None is today, taken once, here."""
    if on is None:
        return date.today()
    if isinstance(on, date):
        return on
    try:
        return date.fromisoformat(on)
    except ValueError:
        raise UsageError(f"'{on}' is not a day; write it as YYYY-MM-DD, for example 2026-11-22") from None


def region_named(name: str) -> str:
    """US or EU; raises `UsageError` for anything else."""
    if name.upper() not in REGIONS:
        raise unknown_name("region", name, REGIONS)
    return name.upper()


def use_named(monograph: Monograph, name: str) -> Use:
    """The use of this id or alias; raises `UsageError` with the nearest spelling."""
    wanted = name.strip().lower().replace(" ", "-").replace("_", "-")
    for use in monograph.uses:
        if wanted == use.id or wanted in use.aliases:
            return use
    raise unknown_name("use", name, [use.id for use in monograph.uses])


def lineage(monograph: Monograph, use: Use) -> tuple[str, ...]:
    """The use and all wider uses that it is part of, nearest first."""
    by_id = {each.id: each for each in monograph.uses}
    found = [use.id]
    while use.part_of and use.part_of not in found:
        use = by_id[use.part_of]
        found.append(use.id)
    return tuple(found)


def products_of(monograph: Monograph, use: Use) -> tuple[str, ...]:
    """Products used for it: its own, else those of the wider use, else all."""
    by_id = {each.id: each for each in monograph.uses}
    for name in lineage(monograph, use):
        if by_id[name].products:
            return by_id[name].products
    return tuple(product.id for product in monograph.identity.products)


def product_named(monograph: Monograph, use: Use, name: str | None) -> str:
    """The product asked about: the one named, else the usual one for the use."""
    known = [product.id for product in monograph.identity.products]
    if name is None:
        return products_of(monograph, use)[0]
    if name not in known:
        raise unknown_name("product", name, known)
    return name
