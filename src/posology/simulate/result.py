"""What a simulation gives: curves, summaries, and what has to be said with them. Arrays are NumPy, float64."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Output:
    """One thing that is followed over time: a plasma concentration, or a receptor's blockade."""

    id: str
    """Analyte or receptor id of the model, for example ``mu-retained``."""
    title: str
    kind: str
    """``concentration``; ``blockade``; ``challenge``: the share of an opioid's effect that is left."""
    unit: str
    """``ng/mL``, or ``1`` for a share from 0 to 1."""
    site: str = ""
    """Of a blockade or challenge: ``mu``, ``kappa`` or ``delta``."""
    reading: str = ""
    """Of which of several rival accounts of the same receptor this is; empty when there is one."""
    slope: float | None = None
    """Of a challenge: the slope of the opioid's effect. It is not known, so there are two curves of the same
    `id` and `reading`, with the least and the greatest slope; show what lies between as a band."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One output over time: the typical person, and the median and 5th to 95th percentile of people."""

    output: Output
    hours: Floats
    """Shape (times,), since the first moment of the regimen."""
    typical: Floats
    median: Floats | None = None
    low: Floats | None = None
    high: Floats | None = None
    """None when only the typical person was simulated."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A number of the typical person, and its median, 5th and 95th percentile among people.

    NaN: does not occur (a level never reached). `reached` is the share of people in whom it occurs.
    """

    typical: float
    median: float | None = None
    low: float | None = None
    high: float | None = None
    reached: float | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """A number that summarises one output of one arm."""

    output: str
    kind: str
    """One of the keys of `summaries.KINDS`, which says what each means: ``cmax``, ``auc``, ``hours-above``…"""
    title: str
    unit: str
    value: Spread
    level: float | None = None
    window: str = ""
    """Over which time, in words: ``last dosing interval (24 h)``."""
    reading: str = ""
    """The reading of the output, where there are rival ones."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A summary of one arm minus the same of another, in the same people."""

    arm: str
    minus: str
    output: str
    kind: str
    title: str
    unit: str
    value: Spread
    level: float | None = None
    window: str = ""
    reading: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence that has to stand with the result, with its basis and sources."""

    id: str
    says: str
    basis: str
    sources: tuple[str, ...]
    brief: str = ""
    """In one short sentence, for charts; empty where charts need not say it."""


@dataclass(frozen=True, slots=True)
class Convention:
    """A span after the last dose that people go by, in hours, to be seen beside the model's."""

    says: str
    from_hours: float
    to_hours: float
    basis: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Arm:
    """One regimen's result."""

    name: str
    rx: str
    model: str
    curves: tuple[Curve, ...]
    summaries: tuple[Summary, ...]
    dose_hours: Floats
    last_dose_hour: float
    end_hour: float = 0.0
    """When the dose after the last one would be due."""
    notes: tuple[str, ...] = ()
    """What was assumed for this arm, such as the length of a regimen that has no end."""
    conventions: tuple[Convention, ...] = ()
    """Of a washout: what is usually kept to after such a last dose."""


@dataclass(frozen=True, slots=True)
class ParameterNote:
    """A parameter as it was used, for the list under each result."""

    id: str
    says: str
    value: float
    unit: str
    status: str
    sources: tuple[str, ...]
    omega: float = 0.0
    model: str = ""


@dataclass(frozen=True, slots=True)
class CovariateNote:
    """An effect of a covariate as it was used."""

    covariate: str
    value: str
    parameters: tuple[str, ...]
    says: str
    """The effect in a formula: ``× (weight/70)^0.75``."""
    status: str
    sources: tuple[str, ...]
    model: str = ""


@dataclass(frozen=True, slots=True)
class Individuals:
    """One number of every simulated person, for one arm; see `Summary`. NaN or infinity: does not occur."""

    arm: str
    output: str
    reading: str
    kind: str
    window: str
    level: float | None
    unit: str
    values: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Simulation:
    """The whole answer of `simulate`. `to_dict` gives plain data."""

    drug: str
    drug_name: str
    population: int
    seed: int | None
    covariates: dict[str, Any]
    arms: tuple[Arm, ...]
    parameters: tuple[ParameterNote, ...]
    said: tuple[Said, ...]
    """Remarks of the model and sentences of the monograph that results must carry."""
    calibrated: str
    """That the model is calibrated and not validated, in a sentence."""
    readings: tuple[tuple[str, str], ...] = ()
    """(title, says) of rival readings of one receptor, each shown."""
    person: tuple[str, ...] = ()
    """`covariates` in words: ``Body weight 75 kg``."""
    washout: bool = False
    differences: tuple[Difference, ...] = ()
    covariate_effects: tuple[CovariateNote, ...] = ()
    notes: tuple[str, ...] = ()
    """Plain remarks of the program about this run."""
    versions: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, arrays as lists, NaN as None."""
        from dataclasses import asdict

        return _plain(asdict(self))  # type: ignore[no-any-return]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, np.ndarray):
        return [_plain(each) for each in value.tolist()]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
