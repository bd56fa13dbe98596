"""Can each published observation be predicted by the models beside it, and is its bar a bar?"""

from __future__ import annotations

from collections.abc import Iterator

from ..folder import Placed
from ..kinetics import OBSERVED_IN, KineticModel, Measure, Observation
from .problem import Drug, Problem, error, unknown

UNITS = {
    "concentration": "ng/mL", "cmax": "ng/mL", "cmin": "ng/mL", "tmax": "h", "first-peak": "h",
    "auc": "ng·h/mL", "half-life": "h", "volume": "L", "blockade": "1", "blockade-half-life": "h",
    "challenge": "1", "excreted": "1",
}  # fmt: skip
"""The unit that each kind of measure gives; an observation may have another of the same quantity."""
NEEDS = {
    "concentration": ("at_h",),
    "blockade": ("at_h",),
    "challenge": ("at_h", "slope"),
    "half-life": ("from_h", "to_h"),
    "blockade-half-life": ("from_h", "to_h"),
    "excreted": ("renal_clearance_l_h",),
}
MAY = {
    "cmax": ("from_h", "to_h"),
    "cmin": ("from_h", "to_h"),
    "tmax": ("from_h", "to_h"),
    "auc": ("from_h", "to_h"),
    "excreted": ("from_h", "to_h"),
}
_NUMBERS = ("at_h", "from_h", "to_h", "renal_clearance_l_h", "slope")


def observation_problems(placed: Placed, drug: Drug) -> Iterator[Problem]:
    """What is wrong with one observation of a drug."""
    seen: Observation = placed.item
    models = {one.item.id: one.item for one in drug.all(KineticModel)}
    if not models:
        if drug.whole:
            yield error(placed, message="there is no kinetics.yaml beside it to predict this; add one")
        return
    if seen.model and seen.model not in models:
        yield error(placed, "model", message=unknown("model", seen.model, models))
        return
    chosen = [models[seen.model]] if seen.model else list(models.values())
    yield from _measure(placed, "measure", seen.measure, chosen)
    if seen.over is not None:
        yield from _measure(placed, "over", seen.over, chosen)
    yield from _unit(placed)
    yield from _bar(placed)


def _measure(placed: Placed, key: str, measure: Measure, models: list[KineticModel]) -> Iterator[Problem]:
    kind = "receptors" if measure.kind.startswith("blockade") else "analytes"
    kind = "challenges" if measure.kind == "challenge" else kind
    known = [one.id for model in models for one in getattr(model, kind)]
    if measure.of not in known:
        yield error(placed, key, "of", message=unknown(kind[:-1], measure.of, known))
    needed, may = NEEDS.get(measure.kind, ()), MAY.get(measure.kind, ())
    for name in _NUMBERS:
        written = name.replace("_", "-")
        given = getattr(measure, name) is not None
        if name in needed and not given:
            yield error(placed, key, message=f"kind: {measure.kind} needs '{written}'; add {written}: ...")
        if given and name not in (*needed, *may):
            yield error(placed, key, name, message=f"kind: {measure.kind} has no '{written}'; remove it")
    if measure.from_h is not None and measure.to_h is not None and measure.from_h >= measure.to_h:
        yield error(placed, key, "to_h", message="to-h is not after from-h; correct one of them")
    covariates = {one.id: one for model in models for one in model.covariates}
    for index, pair in enumerate(measure.covariates):
        name, _, value = pair.partition("=")
        if name not in covariates or not value:
            message = unknown("covariate", name, covariates) if value else f"'{pair}': write NAME=VALUE"
            yield error(placed, key, "covariates", index, message=message)


def _unit(placed: Placed) -> Iterator[Problem]:
    seen: Observation = placed.item
    gives = UNITS[seen.measure.kind]
    if seen.over is not None:
        if gives != UNITS[seen.over.kind]:
            message = f"{seen.measure.kind} and {seen.over.kind} are in different units; a ratio needs one"
            yield error(placed, "over", "kind", message=message)
        gives = "1"
    if OBSERVED_IN[seen.unit][0] != gives:
        allowed = " or ".join(unit for unit, (base, _) in OBSERVED_IN.items() if base == gives)
        ratio = " over another" if seen.over else ""
        yield error(
            placed, "unit", message=f"unit is '{seen.unit}'; {seen.measure.kind}{ratio} is in {allowed}"
        )


def _bar(placed: Placed) -> Iterator[Problem]:
    seen: Observation = placed.item
    low, high = seen.bar_from, seen.bar_to
    if (low is None and high is None) == bool(seen.bar):
        message = "bar: says where bar-from and bar-to come from; they stand together"
        yield error(placed, "bar", message=message)
    if low is not None and high is not None and low >= high:
        yield error(placed, "bar_to", message="bar-to is not above bar-from; correct one of them")
