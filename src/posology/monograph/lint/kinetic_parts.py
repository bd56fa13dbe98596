"""The parts of a model around its equations: covariates and their effects, challenges, remarks."""

from __future__ import annotations

from collections.abc import Iterator

from ..folder import Placed
from ..kinetics import Challenge, Covariate, CovariateEffect, KineticModel
from .problem import Problem, error, unknown

NEEDS = {
    "linear": ("slope", "reference"),
    "added": ("slope", "reference"),
    "power": ("exponent", "reference"),
    "level": ("level", "factor"),
}
MAY = {"added": ("least",)}
_ALL = ("slope", "reference", "exponent", "least", "level", "factor")


def covariate_problems(placed: Placed) -> Iterator[Problem]:
    """What is wrong with the covariates of a model and with what they do."""
    model: KineticModel = placed.item
    shifts = {one.covariate for one in model.covariate_effects}
    for at, covariate in enumerate(model.covariates):
        yield from _covariate(placed, at, covariate, covariate.id in shifts)
    covariates = {one.id: one for one in model.covariates}
    for at, effect in enumerate(model.covariate_effects):
        if effect.covariate not in covariates:
            message = unknown("covariate", effect.covariate, covariates)
            yield error(placed, "covariate_effects", at, "covariate", message=message)
        else:
            yield from _effect(placed, at, effect, covariates[effect.covariate])


def _covariate(placed: Placed, at: int, covariate: Covariate, shifts: bool) -> Iterator[Problem]:
    here = ("covariates", at)
    bounds = (covariate.from_, covariate.to)
    if covariate.levels:
        if covariate.default is not None or bounds != (None, None):
            message = "a covariate has either levels or numbers (default, from, to); keep one"
            yield error(placed, *here, message=message)
        names = [level.id for level in covariate.levels]
        if len(set(names)) < len(names) or len(names) < 2:
            yield error(placed, *here, "levels", message="give at least two levels, each once")
        if covariate.levels[0].refused:
            yield error(
                placed, *here, "levels", 0, message="the first level is the default and cannot be refused"
            )
        if not shifts and not any(level.refused for level in covariate.levels):
            yield error(placed, *here, message=f"'{covariate.id}' does nothing; add an effect or remove it")
        return
    if covariate.default is None:
        yield error(placed, *here, message=f"'{covariate.id}' needs a default or levels; add one")
        return
    low = covariate.from_ if covariate.from_ is not None else covariate.default
    high = covariate.to if covariate.to is not None else covariate.default
    if not low <= covariate.default <= high:
        yield error(
            placed, *here, "default", message="the default lies outside from and to; correct one of them"
        )
    if bounds != (None, None) and not covariate.says:
        yield error(placed, *here, message="a range needs says: why nothing outside it is simulated")
    if bounds == (None, None) and not shifts:
        yield error(placed, *here, message=f"'{covariate.id}' does nothing; add an effect or remove it")


def _effect(placed: Placed, at: int, effect: CovariateEffect, covariate: Covariate) -> Iterator[Problem]:
    here = ("covariate_effects", at)
    if bool(covariate.levels) != (effect.kind == "level"):
        has = "levels" if covariate.levels else "numbers"
        yield error(
            placed, *here, "kind", message=f"'{covariate.id}' has {has}, which kind: {effect.kind} cannot use"
        )
        return
    needed = NEEDS[effect.kind]
    given = [key for key in _ALL if getattr(effect, key) not in (None, "")]
    for key in needed:
        if key not in given:
            yield error(placed, *here, message=f"kind: {effect.kind} needs '{key}'; add {key}: ...")
    for key in given:
        if key not in (*needed, *MAY.get(effect.kind, ())):
            message = f"kind: {effect.kind} has no '{key}', only {', '.join(needed)}; remove it"
            yield error(placed, *here, key, message=message)
    if effect.kind == "level" and effect.level:
        levels = [level.id for level in covariate.levels]
        if effect.level not in levels:
            yield error(
                placed, *here, "level", message=unknown(f"{covariate.id} level", effect.level, levels)
            )
    if effect.kind == "power" and (effect.reference or 1) <= 0:
        yield error(placed, *here, "reference", message="kind: power needs a reference above 0")
    if effect.kind == "linear" and effect.slope is not None and effect.reference is not None:
        for end in (covariate.from_, covariate.to):
            if end is not None and 1 + effect.slope * (end - effect.reference) <= 0:
                message = f"at {covariate.id} {end:g} the parameter would not be above 0; narrow the covariate's range"
                yield error(placed, *here, "slope", message=message)


def remark_problems(placed: Placed) -> Iterator[Problem]:
    """What is wrong with the challenges, remarks and conventions of a model."""
    model: KineticModel = placed.item
    for at, challenge in enumerate(model.challenges):
        yield from _challenge(placed, at, challenge)
    routes = [route.id for route in model.routes]
    for at, remark in enumerate(model.remarks):
        if (remark.when == "low-dose") != (remark.below_mg is not None):
            message = "below-mg says what a low dose is: it stands with when: low-dose, and only there"
            yield error(placed, "remarks", at, message=message)
        for n, route in enumerate(remark.routes):
            if route not in routes:
                yield error(placed, "remarks", at, "routes", n, message=unknown("route", route, routes))
    for at, convention in enumerate(model.conventions):
        if convention.from_h > convention.to_h:
            yield error(placed, "conventions", at, "from_h", message="from-h is above to-h; exchange them")
        for n, route in enumerate(convention.routes):
            if route not in routes:
                yield error(placed, "conventions", at, "routes", n, message=unknown("route", route, routes))


def _challenge(placed: Placed, at: int, challenge: Challenge) -> Iterator[Problem]:
    here = ("challenges", at)
    readings = [one.reading for one in placed.item.receptors if one.site == challenge.site]
    if not readings:
        yield error(placed, *here, message=f"there is no receptor of site {challenge.site} to challenge")
    elif challenge.reading and challenge.reading not in readings:
        yield error(placed, *here, "reading", message=unknown("reading", challenge.reading, readings))
    if challenge.n_from > challenge.n_to:
        yield error(placed, *here, "n_from", message="n-from is above n-to; exchange them")
