"""Traits of people, as asked for (`weight=90`, `weight=50..110`, `child-pugh=B`), and what they do to a model.

A single value holds for everybody. A range is spread evenly over people, and the typical person has its middle.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from posology.errors import KnowledgeError, UsageError, unknown_name
from posology.monograph.kinetics import Covariate, CovariateEffect, KineticModel
from posology.simulate.draws import Draws

Floats = npt.NDArray[np.float64]
Given = Mapping[str, object] | Iterable[str]
WEIGHT = "weight"
"""The covariate that amounts per kg are multiplied with; in kg."""
_HEAVIEST = 650.0
"""kg; about the heaviest person on record."""


@dataclass(frozen=True, slots=True)
class Trait:
    """One covariate of everybody: a number from `low` to `high`, or a `level`."""

    name: str
    low: float = math.nan
    high: float = math.nan
    level: str = ""

    @property
    def typical(self) -> float:
        """The number of the typical person: the middle of the range."""
        return (self.low + self.high) / 2

    def of(self, draws: Draws, start: int, stop: int) -> float | Floats:
        """The numbers of the people from `start` to before `stop`; one number where all are alike."""
        if self.low == self.high:
            return self.low
        return self.low + (self.high - self.low) * draws.uniform(f"covariate {self.name}", start, stop)

    def __str__(self) -> str:
        if self.level:
            return self.level
        return f"{self.low:g}" if self.low == self.high else f"{self.low:g}..{self.high:g}"


def given_texts(given: Given | None) -> dict[str, str]:
    """What was asked for by name: from ``["weight=90"]``, or ``{"weight": 90}`` where a pair means a range.

    Raises `UsageError` for a text without ``=`` and for a name given twice.
    """
    if given is None:
        return {}
    if isinstance(given, Mapping):
        return {str(name).strip().lower(): _text(value) for name, value in given.items()}
    texts: dict[str, str] = {}
    for each in [given] if isinstance(given, str) else given:
        name, equals, value = str(each).partition("=")
        name, value = name.strip().lower(), value.strip()
        if not (equals and name and value):
            raise UsageError(
                f"covariate '{each}': write NAME=VALUE, such as weight=90, weight=50..110 or child-pugh=B"
            )
        if name in texts:
            raise UsageError(f"covariate {name} is given twice: {texts[name]} and {value}")
        texts[name] = value
    return texts


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (tuple, list)) and len(value) == 2:
        return f"{value[0]}..{value[1]}"
    return str(value)


def settle(models: Sequence[KineticModel], given: Given | None, *, per_kg: bool = False) -> dict[str, Trait]:
    """Every covariate of the models, as asked for or with its default.

    With `per_kg` a weight may be given even if no model depends on it, because amounts do, and must be.
    Raises `UsageError` for an unknown covariate or level, a value that is no number or out of range, and for
    people whom the knowledge refuses to simulate, with its reason.
    """
    known: dict[str, list[Covariate]] = {}
    for model in models:
        for covariate in model.covariates:
            known.setdefault(covariate.id, []).append(covariate)
    texts = given_texts(given)
    traits: dict[str, Trait] = {}
    for name, text in texts.items():
        if name in known:
            # Of models that know the same covariate with different ranges, each must accept it.
            for covariate in reversed(known[name]):
                traits[name] = _trait(covariate, text)
        elif name == WEIGHT and per_kg:
            traits[name] = _trait(
                Covariate(id=WEIGHT, name="body weight", unit="kg", from_=0.1, to=_HEAVIEST), text
            )
        else:
            raise unknown_name("covariate", name, known)
    if per_kg and WEIGHT not in texts:
        raise UsageError("amounts per kg need a body weight: give one in kg, such as --covariate weight=70")
    if per_kg and traits[WEIGHT].low != traits[WEIGHT].high:
        raise UsageError(f"amounts per kg need one body weight: weight={traits[WEIGHT]} is a range")
    for name, covariates in known.items():
        if name not in traits:
            traits[name] = _default(covariates[0])
    return traits


def _default(covariate: Covariate) -> Trait:
    if covariate.levels:
        return Trait(covariate.id, level=covariate.levels[0].id)
    if covariate.default is None:
        raise KnowledgeError(f"covariate {covariate.id}: has neither levels nor a default")
    return Trait(covariate.id, covariate.default, covariate.default)


def _trait(covariate: Covariate, text: str) -> Trait:
    if covariate.levels:
        levels = {level.id.lower(): level for level in covariate.levels}
        if text.lower() not in levels:
            raise unknown_name(f"{covariate.id} level", text, [level.id for level in covariate.levels])
        level = levels[text.lower()]
        if level.refused:
            raise UsageError(f"{covariate.id}={level.id} is not simulated: {level.refused}")
        return Trait(covariate.id, level=level.id)
    low, dots, high = text.partition("..")
    bounds = [_number(covariate, text, part) for part in ((low, high) if dots else (low, low))]
    if bounds[0] > bounds[1]:
        raise UsageError(
            f"{covariate.id}={text}: the range is upside down; write {bounds[1]:g}..{bounds[0]:g}"
        )
    for bound in bounds:
        _within(covariate, text, bound)
    return Trait(covariate.id, bounds[0], bounds[1])


def _number(covariate: Covariate, text: str, part: str) -> float:
    try:
        value = float(part)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        unit = f" in {covariate.unit}" if covariate.unit else ""
        raise UsageError(
            f"{covariate.id}={text}: '{part}' is not a number; write a number{unit} without its unit,"
            " or a range such as 50..110"
        )
    return value


def _within(covariate: Covariate, text: str, value: float) -> None:
    least = -math.inf if covariate.from_ is None else covariate.from_
    most = math.inf if covariate.to is None else covariate.to
    if least <= value <= most:
        return
    unit = f" {covariate.unit}" if covariate.unit else ""
    if most == math.inf:
        bounds = f"from {least:g}{unit} on"
    elif least == -math.inf:
        bounds = f"up to {most:g}{unit}"
    else:
        bounds = f"from {least:g} to {most:g}{unit}"
    raise UsageError(
        f"{covariate.id}={text} is not simulated: {covariate.says or f'{value:g} is out of range'} ({bounds})"
    )


def shifted(
    model: KineticModel,
    values: Mapping[str, float | Floats],
    numbers: Mapping[str, float | Floats],
    traits: Mapping[str, Trait],
) -> dict[str, float | Floats]:
    """The parameters of a model after the effects of covariates, in the order of its kinetics.yaml.

    `values` are the typical values by parameter id; `numbers` the numbers of the numeric covariates, one for
    everybody or one for each person of a block.
    """
    shifted = dict(values)
    for effect in model.covariate_effects:
        for name in effect.parameters:
            shifted[name] = _after(effect, shifted[name], numbers, traits)
    return shifted


def _after(
    effect: CovariateEffect,
    value: float | Floats,
    numbers: Mapping[str, float | Floats],
    traits: Mapping[str, Trait],
) -> float | Floats:
    if effect.kind == "level":
        return (
            value * _needed(effect, effect.factor)
            if traits[effect.covariate].level == effect.level
            else value
        )
    x = numbers[effect.covariate]
    reference = _needed(effect, effect.reference)
    if effect.kind == "linear":
        return value * np.maximum(1.0 + _needed(effect, effect.slope) * (x - reference), 0.0)
    if effect.kind == "power":
        return value * (x / reference) ** _needed(effect, effect.exponent)
    moved = value + _needed(effect, effect.slope) * (x - reference)
    return np.maximum(moved, effect.least) if effect.least is not None else moved


def _needed(effect: CovariateEffect, number: float | None) -> float:
    if number is None:
        raise KnowledgeError(f"covariate effect of {effect.covariate} ({effect.kind}): a number is missing")
    return number
