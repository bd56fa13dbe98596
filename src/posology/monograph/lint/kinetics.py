"""Does a model that can be run hold together: every name, every unit, every part that its kind needs?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..folder import Placed
from ..kinetics import KineticModel, Observation, Receptor
from ..model import Statement
from .kinetic_names import CONSTANTS, Names
from .kinetic_parts import covariate_problems, remark_problems
from .observations import observation_problems
from .problem import Drug, Knowledge, Problem, error, warning

BINDINGS = {
    "equilibrium": ("half",),
    "retention": ("half", "capture", "release"),
    "association": ("on", "off", "exponent"),
}
"""The constants that each kind of binding has, and no others."""
_SLACK = 1e-9


def kinetic_problems(knowledge: Knowledge) -> Iterator[Problem]:
    """What is wrong in the kinetics.yaml and observations.yaml of each monograph."""
    every_route = {
        route.id for drug in knowledge.drugs for one in drug.all(KineticModel) for route in one.item.routes
    } | {product.rx_route for drug in knowledge.drugs if drug.head for product in drug.head.item.products}
    for drug in knowledge.drugs:
        models = drug.all(KineticModel)
        for kind, what in ((KineticModel, "model"), (Observation, "observation")):
            yield from _repeated(drug.all(kind), what)
        for placed in models:
            yield from _model(placed)
        if models:
            yield from _uncovered(drug, every_route)
        for placed in drug.all(Observation):
            yield from observation_problems(placed, drug)


def _repeated(items: list[Placed], what: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for placed in items:
        if placed.item.id in seen:
            message = f"{what} id '{placed.item.id}' is given twice; choose another"
            yield error(placed, "id", message=message)
        seen.add(placed.item.id)


def _model(placed: Placed) -> Iterator[Problem]:
    model: KineticModel = placed.item
    yield from _ids(placed)
    named = Names(placed)
    yield from named.problems()
    yield from _parameters(placed, named.used)
    yield from _compartments(placed)
    if not named.wrong:
        yield from _routes(placed)
    for index, receptor in enumerate(model.receptors):
        yield from _receptor(placed, index, receptor)
    yield from _rivals(placed)
    yield from covariate_problems(placed)
    yield from remark_problems(placed)


def _ids(placed: Placed) -> Iterator[Problem]:
    model: KineticModel = placed.item
    groups = [
        [(name, index, one.id) for name in names for index, one in enumerate(getattr(model, name))]
        for names in (
            ("parameters",), ("analytes", "receptors"), ("compartments", "effects"), ("routes",), ("covariates",),
            ("challenges",), ("remarks",), ("conventions",), ("alternatives",),
        )
    ]  # fmt: skip
    for group in groups:
        seen: set[str] = set()
        for name, index, one in group:
            if one in seen:
                message = f"'{one}' is given twice among {name.replace('_', ' ')}; choose another id"
                yield error(placed, name, index, message=message)
            seen.add(one)


def _parameters(placed: Placed, used: set[str]) -> Iterator[Problem]:
    model: KineticModel = placed.item
    shares = {name for route in model.routes for one in route.portions for name in (one.fraction, one.less)}
    shared: dict[str, list[int]] = {}
    for at, one in enumerate(model.parameters):
        here = ("parameters", at)
        if one.id not in used:
            message = f"nothing uses the parameter '{one.id}'; use it or remove it"
            yield error(placed, *here, message=message)
        if not one.value > 0:
            message = f"'{one.id}' is {one.value:g}; a value has to be above 0"
            yield error(placed, *here, "value", message=message)
        if one.most is not None and one.most < one.value:
            message = f"'{one.id}' is above its own most; raise most or lower the value"
            yield error(placed, *here, "most", message=message)
        if one.spread == "logit" and (one.unit != "1" or not 0 < one.value < 1 or not one.omega):
            message = f"'{one.id}': spread: logit is for a share between 0 and 1 with an omega; use lognormal"
            yield error(placed, *here, "spread", message=message)
        if one.occasion and one.id not in shares:
            message = f"'{one.id}': occasion is for the fractions of a route; remove it"
            yield error(placed, *here, "occasion", message=message)
        if one.id in shares and one.value > 1:
            message = f"'{one.id}' is a share of a dose and is {one.value:g}; it is at most 1"
            yield error(placed, *here, "value", message=message)
        spreads = one.occasion or (one.omega and one.spread == "lognormal")
        if one.id in shares and spreads and (one.most is None or one.most > 1):
            message = f"'{one.id}' is a share of a dose and spreads without end; give most: 1 or less"
            yield error(placed, *here, message=message)
        if one.shared:
            shared.setdefault(one.shared, []).append(at)
    for name, members in shared.items():
        first = model.parameters[members[0]]
        if len(members) == 1:
            message = f"only '{first.id}' has shared: {name}; remove it or give it to another"
            yield error(placed, "parameters", members[0], "shared", message=message)
        for at in members:
            one = model.parameters[at]
            if not one.omega or (one.omega, one.spread) != (first.omega, first.spread):
                message = f"parameters with shared: {name} need one and the same omega and spread"
                yield error(placed, "parameters", at, "shared", message=message)


def _compartments(placed: Placed) -> Iterator[Problem]:
    model: KineticModel = placed.item
    filled = {one.to for one in model.flows} | {p.into for route in model.routes for p in route.portions}
    left = {one.from_ for one in model.flows}
    plasma: set[str] = set()
    for at, one in enumerate(model.compartments):
        here = ("compartments", at)
        if one.id not in filled:
            message = f"nothing flows into '{one.id}'; add a flow or a portion, or remove it"
            yield error(placed, *here, message=message)
        if one.id not in left:
            message = f"nothing flows out of '{one.id}'; add a flow"
            yield error(placed, *here, message=message)
        if not one.plasma:
            continue
        if not (one.volume and one.analyte):
            yield error(placed, *here, message=f"'{one.id}' is plasma, which needs an analyte and a volume")
        if one.analyte in plasma:
            message = f"'{one.analyte}' has two plasma compartments; keep plasma: true at one"
            yield error(placed, *here, "plasma", message=message)
        plasma.add(one.analyte)
    for at, analyte in enumerate(model.analytes):
        if analyte.id not in plasma:
            message = (
                f"no compartment of '{analyte.id}' is plasma; mark the one that is measured with plasma: true"
            )
            yield error(placed, "analytes", at, message=message)


def _routes(placed: Placed) -> Iterator[Problem]:
    model: KineticModel = placed.item
    values = {one.id: one.value for one in model.parameters}
    for at, route in enumerate(model.routes):
        here, left = ("routes", at), 1.0
        if bool(route.says) != (route.doses is not None):
            message = "doses: and says: stand together: for how many doses, and why no more"
            yield error(placed, *here, message=message)
        for n, portion in enumerate(route.portions):
            there = (*here, "portions", n)
            if not portion.fraction and (portion.less or portion.of_the_rest):
                yield error(
                    placed, *there, message="less: and of-the-rest: need a fraction; add fraction: ..."
                )
            if not portion.fraction and n < len(route.portions) - 1:
                message = "a portion without fraction takes all that is left, so it comes last"
                yield error(placed, *there, message=message)
            share = values[portion.fraction] if portion.fraction else left
            share = (share * left if portion.of_the_rest else share) - values.get(portion.less, 0.0)
            if share < 0:
                yield error(
                    placed, *there, "less", message="takes away more than the fraction; the share is below 0"
                )
            left -= share
        if left < -_SLACK:
            message = f"the portions of '{route.id}' add up to {1 - left:g} of a dose; at most 1"
            yield error(placed, *here, "portions", message=message)


def _receptor(placed: Placed, at: int, receptor: Receptor) -> Iterator[Problem]:
    model: KineticModel = placed.item
    needed = BINDINGS[receptor.binding]
    for key in CONSTANTS:
        if key in needed and not getattr(receptor, key):
            yield error(
                placed, "receptors", at, message=f"binding: {receptor.binding} needs '{key}'; add {key}: ..."
            )
        if key not in needed and getattr(receptor, key):
            message = f"binding: {receptor.binding} has no '{key}', only {', '.join(needed)}; remove it"
            yield error(placed, "receptors", at, key, message=message)
    units = {one.id: one.unit for one in model.parameters}
    if receptor.binding != "association" and units.get(receptor.half, "ng/mL") == "ng/mL":
        return
    holds = {one.id: one.analyte for one in model.compartments}
    follows = {one.id: one.follows for one in model.effects}
    analytes = {holds.get(follows.get(one.of, one.of), "") for one in receptor.ligands}
    if "" in analytes or len(analytes) > 1:
        message = (
            "molar constants need ligands of one analyte each, and the same; give the compartment its analyte"
        )
        yield error(placed, "receptors", at, "ligands", message=message)


def _rivals(placed: Placed) -> Iterator[Problem]:
    readings: dict[str, list[str]] = {}
    for receptor in placed.item.receptors:
        readings.setdefault(receptor.site, []).append(receptor.reading)
    for at, receptor in enumerate(placed.item.receptors):
        others = readings[receptor.site]
        if len(others) > 1 and (not receptor.reading or others.count(receptor.reading) > 1):
            message = (
                f"there are {len(others)} receptors of site {receptor.site}; give each a reading of its own"
            )
            yield error(placed, "receptors", at, "reading", message=message)


def _uncovered(drug: Drug, every_route: set[str]) -> Iterator[Problem]:
    """Regimens by a route that no model covers: what such a statement says can be planned, but not simulated."""
    covered = {route.id for one in drug.all(KineticModel) for route in one.item.routes}
    for placed in drug.all(Statement):
        for route in re.findall(r"[a-z][a-z-]*", placed.item.rx or ""):
            if route in every_route - covered:
                message = (
                    f"no model in kinetics.yaml covers the route {route}; it has {', '.join(sorted(covered))}"
                )
                yield warning(placed, "rx", message=message)
