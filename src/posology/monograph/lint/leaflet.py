"""Is a leaflet whole? Names that exist, and for each product something in every section and in an emergency."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from ..folder import Placed
from ..model import Identity, Product, Use
from ..planning import LeafletItem, LeafletSection
from .problem import Drug, Knowledge, Problem, error, unknown

SECTIONS: tuple[str, ...] = get_args(LeafletSection)
CALL = "call"


def leaflet_problems(knowledge: Knowledge) -> Iterator[Problem]:
    """Repeated ids, unknown uses and products, sections without a sentence, no word on emergencies."""
    for drug in knowledge.drugs:
        items = drug.all(LeafletItem)
        yield from _repeated(items)
        for placed in items:
            yield from _names(placed, drug)
        if items and drug.whole and drug.head is not None:
            yield from _gaps(items, drug)


def _repeated(items: list[Placed]) -> Iterator[Problem]:
    seen: set[str] = set()
    for placed in items:
        if placed.item.id in seen:
            yield error(placed, "id", message=f"leaflet id '{placed.item.id}' is given twice; choose another")
        seen.add(placed.item.id)


def _names(placed: Placed, drug: Drug) -> Iterator[Problem]:
    for index, use in enumerate(placed.item.uses):
        if use not in drug.uses:
            yield error(placed, "uses", index, message=unknown("use", use, drug.uses))
    for index, product in enumerate(placed.item.products):
        if drug.head is not None and product not in drug.products:
            yield error(placed, "products", index, message=unknown("product", product, drug.products))


def _gaps(placed: list[Placed], drug: Drug) -> Iterator[Problem]:
    """What a leaflet lacks: for every product with one, in each of its regions, for each use of it."""
    items: list[LeafletItem] = [one.item for one in placed]
    head: Identity = drug.head.item  # type: ignore[union-attr]
    named = {product for item in items for product in item.products}
    covered = [product for product in head.products if product.id in named or not named]
    told: set[str] = set()
    for product in covered:
        for region in product.regions or head.regions:
            for use in _uses(drug, product):
                own = [item for item in items if _fits(item, product.id, region, use, drug.uses)]
                lacks = [name for name in SECTIONS if not any(item.section == name for item in own)]
                if not any(item.section == CALL and item.urgent for item in own):
                    lacks.append(f"an urgent sentence under {CALL}")
                for what in lacks:
                    message = f"the leaflet of {product.id} in {region} for {use or 'any use'} has nothing for {what}"
                    if message not in told:
                        told.add(message)
                        yield error(placed[0], message=f"{message}; add a sentence")


def _uses(drug: Drug, product: Product) -> list[str]:
    """The uses that a product has, or nothing in particular."""
    own = [
        use.id
        for use in drug.uses.values()
        if use.indicated and product.id in (use.products or (product.id,))
    ]
    return own or [""]


def _fits(item: LeafletItem, product: str, region: str, use: str, uses: dict[str, Use]) -> bool:
    wider = {use}
    while (use := uses[use].part_of if use in uses else "") and use not in wider:
        wider.add(use)
    return (
        (not item.products or product in item.products)
        and (not item.regions or region in item.regions)
        and (not item.uses or bool(wider & {*item.uses}))
    )
