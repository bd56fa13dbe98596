"""What a plan is asked for: regimen, purpose, product and region, from what somebody names."""

from __future__ import annotations

from dataclasses import dataclass, replace

from posology.check.engine import Engine
from posology.errors import UsageError
from posology.monograph.model import Monograph, Product, Statement, Use
from posology.regimen.making import can_make
from posology.regimen.measures import in_mg
from posology.regimen.named import alike, regimen_named, usual_regimen
from posology.regimen.parse import parse_rx
from posology.regimen.part import ROUTES
from posology.regimen.regimen import Regimen
from posology.regimen.scope import Scope


@dataclass(frozen=True, slots=True)
class Asked:
    """A regimen with its scope. `statement` holds it in the knowledge; None if it was written as rx.

    `like` is then the statement whose regimen has the same doses, if one has.
    """

    monograph: Monograph
    scope: Scope
    regimen: Regimen
    statement: Statement | None
    like: Statement | None = None
    notes: tuple[str, ...] = ()


def understood(
    engine: Engine,
    drug: str,
    region: str,
    *,
    regimen: str | None,
    rx: str | None,
    use: str | None,
    product: str | None,
) -> Asked:
    """The regimen named, or written as rx, or the usual one for the use; for that use, product and region.

    Raises `UsageError` for names nobody knows and for parts that do not belong together.
    """
    planner = engine.planner(drug)
    monograph, uses = planner.monograph, planner.uses
    if regimen is not None and rx is not None:
        raise UsageError("give a regimen by name or as rx, not both")
    wanted = uses.named(use) if use is not None else None
    if regimen is None and rx is None:
        if wanted is None:
            raise UsageError("give a regimen by name, as rx, or the use whose usual regimen is meant")
        scope = _scope(engine, drug, wanted, uses.product(wanted, product), region)
        statement = usual_regimen(monograph, scope)
        return Asked(monograph, scope, _routed(parse_rx(statement.rx), scope.product), statement)
    if regimen is not None:
        return _by_name(engine, drug, region, regimen_named(monograph, regimen), wanted, product)
    assert rx is not None
    written = parse_rx(rx)
    if any(part.per_kg for part in written.all_parts):
        raise UsageError("a plan needs amounts in mg, not per kg; multiply with the weight and round")
    known = alike(monograph, written, region)
    if known is not None and wanted is not None and known.uses:
        # The doses of a trial in one disease are no regimen for another.
        known = known if set(uses.lineage(wanted)) & set(known.uses) else None
    chosen, notes = _known(monograph, product) if product else None, []
    if known is not None:
        notes.append(f"The doses are those of the regimen {known.names[0]}.")
        wanted = wanted or (uses.named(known.uses[0]) if known.uses else None)
        if chosen is None and known.products:
            chosen = _known(monograph, known.products[0])
    chosen = chosen or _suited(monograph, written, wanted, region)
    if wanted is None:
        wanted = _usual_use(monograph, chosen)
        notes.append(
            f"Planned for {wanted.name}, the usual use of this product; name another if it is not that."
        )
    scope = _scope(engine, drug, wanted, chosen.id, region)
    fits = known if known is not None and scope.holds(known) else None
    return Asked(monograph, scope, _routed(written, scope.product), None, fits, tuple(notes))


def _by_name(
    engine: Engine, drug: str, region: str, statement: Statement, use: Use | None, product: str | None
) -> Asked:
    uses, monograph, name = engine.planner(drug).uses, engine.planner(drug).monograph, statement.names[0]
    if statement.regions and region not in statement.regions:
        raise UsageError(
            f"the regimen {name} is for {', '.join(statement.regions)}; ask with region {statement.regions[0]}"
        )
    notes = []
    written = parse_rx(statement.rx)
    if use is None and statement.uses:
        use = uses.named(statement.uses[0])
        if len(statement.uses) > 1:
            others = ", ".join(statement.uses[1:])
            notes.append(f"Planned for {use.name}; the regimen is also for: {others}.")
    elif use is not None and statement.uses and set(uses.lineage(use)).isdisjoint(statement.uses):
        raise UsageError(
            f"the regimen {name} is for {', '.join(statement.uses)}, not for {use.id}; for that, write it as"
            f" rx: {statement.rx}"
        )
    if product is not None and statement.products and product not in statement.products:
        _known(monograph, product)
        raise UsageError(f"the regimen {name} is of {', '.join(statement.products)}, not of {product}")
    if product is not None:
        chosen = _known(monograph, product)
    elif statement.products:
        chosen = _known(monograph, statement.products[0])
    else:
        chosen = _suited(monograph, written, use, region)
    if use is None:
        use = _usual_use(monograph, chosen)
    scope = _scope(engine, drug, use, chosen.id, region)
    return Asked(monograph, scope, _routed(written, scope.product), statement, None, tuple(notes))


def _scope(engine: Engine, drug: str, use: Use, product: str, region: str) -> Scope:
    planner = engine.planner(drug)
    return Scope(use, planner.uses.lineage(use), _known(planner.monograph, product), region)


def _known(monograph: Monograph, name: str) -> Product:
    products = {each.id: each for each in monograph.identity.products}
    if name not in products:
        raise UsageError(
            f"unknown product '{name}' of {monograph.identity.id}. Known: {', '.join(products)}."
        )
    return products[name]


def _suited(monograph: Monograph, regimen: Regimen, use: Use | None, region: str) -> Product:
    """The product for a regimen that names none: of its route, and one that can be divided into its amounts."""
    routes = {part.route for part in regimen.all_parts if part.route}
    if len(routes) > 1:
        raise UsageError(
            f"the regimen has several routes ({', '.join(sorted(routes))}); plan each product by itself"
        )
    known = [each for each in monograph.identity.products if each.rx_route]
    route = next(iter(routes), None)
    fitting = [each for each in known if route in (None, each.rx_route)]
    if not fitting:
        has = ", ".join(sorted({each.rx_route for each in known})) or "none"
        told = f"is not given by the route {route} ({ROUTES[route]})" if route else "has no route to plan for"
        raise UsageError(f"{monograph.identity.name} {told}; its routes: {has}")
    order = list(use.products) if use is not None else []
    amounts = [in_mg(part.amount, part.unit) for part in regimen.all_parts]

    def rank(product: Product) -> tuple[bool, int, bool]:
        makes = all(can_make(each, product) for each in amounts)
        ready = 0 if product.unit_mg and makes else 1 if product.compounded else 2 if makes else 3
        here = not product.regions or region in product.regions
        return product.id not in order and bool(order), ready, not here

    return min(fitting, key=rank)


def _usual_use(monograph: Monograph, product: Product) -> Use:
    """The first use of which this is the usual product, or one of the products."""
    uses = [each for each in monograph.uses if each.indicated] or list(monograph.uses)
    for wanted in (lambda use: use.products[:1] == (product.id,), lambda use: product.id in use.products):
        found = next(filter(wanted, uses), None)
        if found is not None:
            return found
    return next((each for each in uses if not each.products), uses[0])


def _routed(regimen: Regimen, product: Product) -> Regimen:
    """The regimen with the product's route where it names none; raises `UsageError` where it names another."""
    if not product.rx_route:
        raise UsageError(f"{product.name} has no regimen in rx: it is not a product of this drug alone")
    for part in regimen.all_parts:
        if part.route not in (None, product.rx_route):
            raise UsageError(
                f"{product.name} is given {ROUTES.get(product.rx_route, product.rx_route)}"
                f" ({product.rx_route}), not by the route {part.route}"
            )
    return Regimen(
        tuple(tuple(replace(part, route=product.rx_route) for part in track) for track in regimen.parts)
    )
