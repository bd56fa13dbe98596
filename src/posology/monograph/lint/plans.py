"""Does what statements and products say to a plan make sense: names, caps, pauses, missed doses, visits, units?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations, pairwise

from ..folder import Placed
from ..model import Identity, Product, Statement
from ..planning import Cap, Due
from .problem import Drug, Knowledge, Problem, error, unknown

Trial = Callable[[str, Statement], str]
"""Tries the regimen of a drug's statement: what is wrong with it, in words, or nothing."""

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MADE = "{mg}"
"""In `compounded`: the amount that was asked for."""


def plan_problems(knowledge: Knowledge) -> Iterator[Problem]:
    """Parts of statements and products that no plan could follow."""
    for drug in knowledge.drugs:
        yield from _names(drug)
        statements = drug.all(Statement)
        for placed in statements:
            statement: Statement = placed.item
            if statement.cap is not None:
                yield from _cap(placed, statement.cap, drug)
            missed = statement.missed
            if missed is not None and missed.days_to is not None and missed.days_to < missed.days_from:
                yield error(placed, "missed", message="days-to is less than days-from; exchange them")
            yield from _schedule(placed, statement, drug)
        yield from _two_holds([placed for placed in statements if placed.item.hold is not None])
        if drug.head is not None:
            yield from _products(drug.head, drug.head.item)


def regimen_problems(knowledge: Knowledge, trial: Trial) -> Iterator[Problem]:
    """Regimens that cannot be read or planned. Call it only when nothing else is wrong."""
    for drug in knowledge.drugs:
        for placed in drug.all(Statement):
            if placed.item.rx and (wrong := trial(drug.name, placed.item)):
                yield error(placed, "rx", message=" ".join(wrong.split()))


def _names(drug: Drug) -> Iterator[Problem]:
    ids = {placed.item.id for placed in drug.all(Statement)}
    first: dict[str, str] = {}
    for placed in drug.all(Statement):
        statement: Statement = placed.item
        if statement.names and not statement.rx:
            yield error(placed, "names", message="names without rx; add the regimen, or remove the names")
        for index, name in enumerate(statement.names):
            if not _NAME.fullmatch(name):
                yield error(
                    placed,
                    "names",
                    index,
                    message=f"'{name}' is not a name; write small letters, digits, hyphens",
                )
            other = first.setdefault(name, statement.id)
            if other != statement.id or (name in ids and name != statement.id):
                of = f"a name of '{other}'" if other != statement.id else "the id of another statement"
                yield error(placed, "names", index, message=f"'{name}' is already {of}; choose another")


def _cap(placed: Placed, cap: Cap, drug: Drug) -> Iterator[Problem]:
    bounds = (cap.above_mg, cap.from_mg, cap.below_mg)
    kinds = [any(bound is not None for bound in bounds), bool(cap.only_mg), cap.days_between is not None]
    if sum(kinds) != 1:
        yield error(
            placed, "cap", message="gives not one limit; write bounds in mg, or only-mg, or days-between"
        )
    if cap.above_mg is not None and cap.from_mg is not None:
        yield error(placed, "cap", message="has both above-mg and from-mg; keep one")
    low = cap.above_mg if cap.above_mg is not None else cap.from_mg
    if low is not None and cap.below_mg is not None and low >= cap.below_mg:
        yield error(
            placed, "cap", message=f"no dose is above {low:g} and below {cap.below_mg:g} mg; correct one"
        )
    if cap.per == "week" and (cap.only_mg or (cap.above_mg is None and cap.from_mg is None)):
        # The first weeks of every regimen hold little; a lower bound would always be passed.
        yield error(placed, "cap", "per", message="a week has an upper bound only; write above-mg or from-mg")
    routes = {product.rx_route for product in _all_products(drug) if product.rx_route}
    for index, route in enumerate(cap.routes):
        if drug.head is not None and route not in routes:
            yield error(placed, "cap", "routes", index, message=unknown("route of a product", route, routes))


def _schedule(placed: Placed, statement: Statement, drug: Drug) -> Iterator[Problem]:
    if statement.schedule and statement.kind != "monitoring":
        yield error(placed, "schedule", message=f"belongs to kind monitoring, not to {statement.kind}")
    for index, due in enumerate(statement.schedule):
        here = ("schedule", index)
        for wrong in _due(due):
            yield error(placed, *here, message=wrong)
        for key, ids, known in (
            ("uses", due.uses, set(drug.uses)),
            ("products", due.products, drug.products),
        ):
            for at, one in enumerate(ids):
                if known and one not in known:
                    yield error(placed, *here, key, at, message=unknown(key[:-1], one, known))


def _due(due: Due) -> Iterator[str]:
    if bool(due.weeks) == due.each_dose:
        yield "gives neither weeks nor each-dose, or both; write one"
    if due.every_weeks is not None and not due.weeks:
        yield "every-weeks counts from weeks; give the first week"
    if any(later <= before for before, later in pairwise(due.weeks)):
        yield "weeks are not in order; write each once, the earliest first"


def _two_holds(holding: Iterable[Placed]) -> Iterator[Problem]:
    """Two pauses that a plan could not choose between."""
    for first, second in combinations(holding, 2):
        one, two = first.item, second.item
        if all(_overlap(getattr(one, key), getattr(two, key)) for key in ("products", "uses", "regions")):
            yield error(
                second, "hold", message=f"'{one.id}' already says how long to pause; limit one of them"
            )


def _overlap(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    return not one or not two or not set(one).isdisjoint(two)


def _all_products(drug: Drug) -> tuple[Product, ...]:
    return drug.head.item.products if drug.head else ()


def _products(head: Placed, identity: Identity) -> Iterator[Problem]:
    for index, product in enumerate(identity.products):
        here = ("products", index)
        if bool(product.unit) != (product.unit_mg is not None):
            yield error(
                head, *here, message=f"product '{product.id}': unit and unit-mg go together; give both"
            )
        if product.unit_mg is not None and product.unit_mg <= 0:
            yield error(head, *here, "unit_mg", message=f"{product.unit_mg:g} mg is no strength")
        if product.splits < 1 or (product.splits > 1 and not product.unit):
            yield error(
                head, *here, message=f"product '{product.id}': splits needs a unit, and is at least 1"
            )
        if product.compounded and MADE not in product.compounded:
            yield error(
                head, *here, message=f"product '{product.id}': compounded names no amount; write {MADE}"
            )
        if (product.unit or product.compounded) and not product.rx_route:
            yield error(head, *here, message=f"product '{product.id}': has units but no rx-route; add it")
