"""Models held against what was published: each observation predicted, with its ratio and whether the bar passes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from posology.errors import KnowledgeError
from posology.monograph.kinetics import OBSERVED_IN, Alternative, KineticModel, Observation
from posology.monograph.load import Library
from posology.simulate.measure import measured

FOLD = 1.25
"""The strict rule: predicted within this fold of published."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One observation beside its prediction. `predicted` is in the observation's unit."""

    observation: Observation
    model: str
    """Ids of the models that predicted it, the second after a slash where a ratio needs two."""
    predicted: float

    @property
    def ratio(self) -> float | None:
        """Predicted over published; None where no number was published."""
        value = self.observation.value
        return self.predicted / value if value else None

    @property
    def passes(self) -> bool | None:
        """Whether it lies in its bar; None where there is none."""
        low, high = self.observation.bar_from, self.observation.bar_to
        if low is None and high is None:
            return None
        return (low is None or self.predicted >= low) and (high is None or self.predicted <= high)

    @property
    def within_fold(self) -> bool | None:
        """Whether it passes the strict rule; None where no number was published."""
        return None if self.ratio is None else 1 / FOLD <= self.ratio <= FOLD


def check(drug: str, models: Iterable[KineticModel], observation: Observation) -> Checked:
    """Predict one observation. Raises `KnowledgeError` if the models cannot, naming the observation."""
    chosen = [one for one in models if observation.model in ("", one.id)]
    try:
        predicted, used = measured(drug, chosen, observation.measure)
        if observation.over is not None:
            below, other = measured(drug, chosen, observation.over)
            predicted /= below
            used = used if other == used else f"{used}/{other}"
    except (KnowledgeError, ZeroDivisionError) as error:
        raise KnowledgeError(f"observation {observation.id}: {error}") from None
    return Checked(observation, used, predicted * OBSERVED_IN[observation.unit][1])


def validate(library: Library, drug: str) -> tuple[Checked, ...]:
    """All observations of a drug, in the order of its observations.yaml.

    Raises `UsageError` for an unknown drug and `KnowledgeError` for an observation that cannot be predicted.
    """
    models = library.kinetics(drug)
    return tuple(check(drug, models, one) for one in library.observations(drug))


@dataclass(frozen=True, slots=True)
class Compared:
    """Another set of values beside the model's own: what it passes and misses of the observations it bears on."""

    alternative: Alternative
    checked: tuple[Checked, ...]
    """The observations of blockade whose prediction it changes, predicted with it."""


def compare(library: Library, drug: str) -> tuple[Compared, ...]:
    """Each alternative set of values, held against the observations of blockade.

    Challenges are left out, because their stimulus would have to be set anew for each set.
    """
    models = library.kinetics(drug)
    seen = [one for one in library.observations(drug) if one.measure.kind.startswith("blockade")]
    others = [(model, other) for model in models for other in model.alternatives]
    before = [check(drug, models, one) for one in seen] if others else []
    found = []
    for model, other in others:
        changed = tuple(changed_by(other, one) if one is model else one for one in models)
        after = [check(drug, changed, one) for one in seen]
        bears = (new for old, new in zip(before, after, strict=True) if new.predicted != old.predicted)
        found.append(Compared(other, tuple(bears)))
    return tuple(found)


def changed_by(other: Alternative, model: KineticModel) -> KineticModel:
    """The model with the values of an alternative."""
    values = {one.parameter: one.value for one in other.values}
    parameters = (replace(one, value=values.get(one.id, one.value)) for one in model.parameters)
    return replace(model, parameters=tuple(parameters))
