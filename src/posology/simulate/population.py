"""The parameters of people: typical values, moved by covariates, spread by random effects.

The typical person has every random effect at 0 and every covariate in the middle of its range. What is handed
on is in the units of the equations (`units`): hours, litres, ng/mL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from posology.errors import KnowledgeError
from posology.monograph.kinetics import KineticModel, Parameter
from posology.simulate.covariates import Trait, shifted
from posology.simulate.draws import Draws
from posology.simulate.units import factor

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Population:
    """People as a model describes them, with these traits and these random numbers."""

    model: KineticModel
    traits: Mapping[str, Trait]
    draws: Draws

    @cached_property
    def varying(self) -> tuple[Parameter, ...]:
        """Parameters that differ between doses in one person."""
        return tuple(parameter for parameter in self.model.parameters if parameter.occasion > 0)

    @property
    def differ(self) -> bool:
        """Whether the model says how people differ, or they are asked to."""
        spread = any(each.omega or each.occasion for each in self.model.parameters)
        return spread or any(trait.low != trait.high for trait in self.traits.values() if not trait.level)

    @cached_property
    def typical(self) -> dict[str, float]:
        """The parameters of the typical person by id, in the units of kinetics.yaml."""
        numbers: dict[str, float | Floats] = {
            name: trait.typical for name, trait in self.traits.items() if not trait.level
        }
        moved = self._moved(numbers)
        return {each.id: float(_cut(each, moved[each.id])) for each in self.model.parameters}

    @cached_property
    def typical_values(self) -> dict[str, Floats]:
        """The parameters of the typical person by id, shape (1,), for the equations."""
        return self._in_units({name: np.array([value]) for name, value in self.typical.items()})

    def number(self, covariate: str, start: int, stop: int) -> float | Floats:
        """A numeric covariate of the people from `start` to before `stop`: one number if they are alike."""
        return self.traits[covariate].of(self.draws, start, stop)

    def values(self, start: int, stop: int) -> dict[str, Floats]:
        """The parameters of the people from `start` to before `stop` by id, for the equations.

        Shape (people,), or (1,) for a parameter in which all are alike; at least one has the shape (people,).
        What differs between doses comes on top (`occasion`).
        """
        values = self._in_units(self.drawn(start, stop))
        if all(each.size == 1 for each in values.values()):
            first = self.model.parameters[0].id
            values[first] = np.repeat(values[first], stop - start)
        return values

    def drawn(self, start: int, stop: int) -> dict[str, Floats]:
        """The same in the units of kinetics.yaml."""
        numbers = {
            name: self.number(name, start, stop) for name, trait in self.traits.items() if not trait.level
        }
        moved = self._moved(numbers)
        normals: dict[str, Floats] = {}
        values: dict[str, Floats] = {}
        for each in self.model.parameters:
            value = np.atleast_1d(np.asarray(moved[each.id], dtype=np.float64))
            if each.omega > 0:
                name = f"shared {each.shared}" if each.shared else f"parameter {each.id}"
                if name not in normals:
                    normals[name] = self.draws.normal(name, start, stop)
                value = _spread(each, value, normals[name])
            values[each.id] = _cut(each, value)
        return values

    def occasion(self, start: int, stop: int, dose: int) -> dict[str, Floats]:
        """Factors on the parameters that differ between doses, for dose number `dose`; shape (people,) each.

        They are for `System.entry`, which cuts the products off at `most`.
        """
        return {
            each.id: np.exp(each.occasion * self.draws.normal(f"occasion {each.id}", start, stop, dose))
            for each in self.varying
        }

    def _in_units(self, values: Mapping[str, Floats]) -> dict[str, Floats]:
        return {each.id: values[each.id] * factor(self.model, each) for each in self.model.parameters}

    def _moved(self, numbers: Mapping[str, float | Floats]) -> dict[str, float | Floats]:
        values: dict[str, float | Floats] = {each.id: each.value for each in self.model.parameters}
        return shifted(self.model, values, numbers, self.traits)


def _spread(parameter: Parameter, value: Floats, normal: Floats) -> Floats:
    moved = parameter.omega * normal
    if parameter.spread == "lognormal":
        return value * np.exp(moved)
    if not ((value > 0) & (value < 1)).all():
        raise KnowledgeError(
            f"parameter {parameter.id}: spread on the logit scale, but is not between 0 and 1"
        )
    odds = value / (1 - value) * np.exp(moved)
    return odds / (1 + odds)


def _cut(parameter: Parameter, value: Floats | float) -> Floats:
    cut = value if parameter.most is None else np.minimum(value, parameter.most)
    return np.asarray(cut, dtype=np.float64)
