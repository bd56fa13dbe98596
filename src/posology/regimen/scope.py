"""For whom a plan is: the use, the product and the region that decide which statements speak to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from posology.monograph.model import Product, Statement, Use
from posology.regimen.planned import Said


@dataclass(frozen=True, slots=True)
class Scope:
    """Use, with all wider uses that it is part of (nearest first), product and region."""

    use: Use
    lineage: tuple[str, ...]
    product: Product
    region: str

    def fits(self, uses: Iterable[str], products: Iterable[str]) -> bool:
        """Is something for these uses and products (empty: for all) for this plan?"""
        uses, products = tuple(uses), tuple(products)
        return (not uses or not set(uses).isdisjoint(self.lineage)) and (
            not products or self.product.id in products
        )

    def holds(self, statement: Statement) -> bool:
        """Does a statement speak of this use, product and region?"""
        return self.fits(statement.uses, statement.products) and (
            not statement.regions or self.region in statement.regions
        )


def said(statement: Statement) -> Said:
    """A statement as a plan shows it."""
    until = str(statement.until or "")
    return Said(
        statement.id,
        statement.title,
        statement.says.replace("{until}", until),
        statement.do.replace("{until}", until),
        statement.basis,
        statement.sources,
    )
