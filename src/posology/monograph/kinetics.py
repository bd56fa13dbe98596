"""The shape of `kinetics.yaml` and `observations.yaml`: models that can be run, and what they are held against.

A model is a linear system of compartments (amounts move at rates proportional to what is there) with
receptors that read its concentrations. Everything is data: a closed list of ways in which an amount
enters, moves, binds and varies, and no expressions. `simulate` runs it.

Units are written with each value; `simulate` works in hours, litres, micrograms and ng/mL (= µg/L).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, MinLen

Text = Annotated[str, MinLen(1)]
Status = Literal["verified", "secondary", "derived", "assumed", "fitted"]
"""How a number came about: read in its source; read in a source that quotes it; arithmetic on such
numbers; a choice of this project; tuned to observations."""
Unit = Literal[
    "1", "1/h", "1/min", "1/s", "h", "min", "L", "L/h", "mL/min", "mL/s", "ng/mL", "nM", "pM", "1/(pM^n.s)"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A number of a model, the typical person's, and how it differs between people.

    `omega` is the standard deviation of the random effect: of the logarithm (`lognormal`) or of the logit
    (`logit`, for fractions). Parameters with the same `shared` name move with one random effect of the same
    omega. `occasion` is the standard deviation of the logarithm between doses in one person. Values drawn
    are cut off at `most`.
    """

    id: Text
    value: float
    unit: Unit
    says: Text
    status: Status
    sources: Annotated[tuple[str, ...], MinLen(1)]
    omega: Annotated[float, Ge(0)] = 0.0
    spread: Literal["lognormal", "logit"] = "lognormal"
    shared: str = ""
    occasion: Annotated[float, Ge(0)] = 0.0
    most: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyte:
    """A substance whose concentration the model gives."""

    id: Text
    name: Text
    molar_mass: Annotated[float, Gt(0)]
    """g/mol; turns ng/mL into nM."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compartment:
    """A place where an amount is. With `volume` (a parameter) and `analyte` it has a concentration."""

    id: Text
    analyte: str = ""
    volume: str = ""
    plasma: bool = False
    """Is its concentration the one that is measured? At most one compartment an analyte."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """An amount on its way `from` one compartment `to` another, or out of the body when `to` is empty.

    Either `rate` (a parameter in 1/time) or `clearance` (in volume/time, divided by the volume of `from`).
    """

    from_: Text
    to: str = ""
    rate: str = ""
    clearance: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """An effect site: a concentration E that follows that of compartment `follows`, dE/dt = rate·(C − E)."""

    id: Text
    follows: Text
    rate: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """Where a part of each dose goes: the parameter `fraction` of it, minus the parameter `less`.

    `of_the_rest`: the fraction is of what the portions before have left. Without `fraction`: all that is left.
    """

    into: Text
    fraction: str = ""
    less: str = ""
    of_the_rest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How a dose by this route of rx notation enters. `salt` is a parameter: base per unit of dose.

    `doses` says for how many doses in a row the model was made; a regimen with more is refused with `says`.
    """

    id: Text
    portions: Annotated[tuple[Portion, ...], MinLen(1)]
    salt: str = ""
    doses: Annotated[int, Gt(0)] | None = None
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ligand:
    """A concentration that drives a receptor: of a compartment or an effect site, times the parameter `potency`."""

    of: Text
    potency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receptor:
    """How much of a receptor is occupied, from the drive L = Σ potency·concentration.

    `equilibrium`: L/(half + L).
    `retention` (two steps): s = X/(1 + X + a) with X = L/half and a an agonist's own A/K_A;
    dq/dt = capture·s·(1 − q) − release·q; occupied q + (1 − q)·s.
    `association`: db/dt = on·Lⁿ·(1 − b) − off·b, with L in pM and n the parameter `exponent`.

    Receptors of one `site` that have different `reading`s are rival accounts of it: results show all of
    them side by side.
    """

    id: Text
    site: Literal["mu", "kappa", "delta"]
    title: Text
    says: Text
    sources: Annotated[tuple[str, ...], MinLen(1)]
    binding: Literal["equilibrium", "retention", "association"]
    ligands: Annotated[tuple[Ligand, ...], MinLen(1)]
    reading: str = ""
    half: str = ""
    capture: str = ""
    release: str = ""
    on: str = ""
    off: str = ""
    exponent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One value of a covariate that has names instead of numbers, for example Child-Pugh B."""

    id: Text
    refused: str = ""
    """Why nothing is simulated for it; empty: simulated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Covariate:
    """A trait that shifts parameters: a number with a range, or one of some levels (the first is the default)."""

    id: Text
    name: Text
    unit: str = ""
    default: float | None = None
    from_: float | None = None
    to: float | None = None
    says: str = ""
    """Why values outside the range are refused."""
    levels: tuple[Level, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CovariateEffect:
    """What a covariate does to a parameter.

    `linear`: × (1 + slope·(x − reference)). `added`: + slope·(x − reference), in the parameter's unit, not
    below `least`. `power`: × (x/reference)^exponent. `level`: × factor if the covariate has that level.
    """

    covariate: Text
    parameters: Annotated[tuple[str, ...], MinLen(1)]
    kind: Literal["linear", "added", "power", "level"]
    status: Status
    sources: Annotated[tuple[str, ...], MinLen(1)]
    slope: float | None = None
    reference: float | None = None
    exponent: float | None = None
    least: float | None = None
    level: str = ""
    factor: Annotated[float, Gt(0)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """An opioid dose given to see how much of its effect is blocked: operational model of agonism.

    With x0 the stimulus without antagonist and RO the share of receptors blocked, x = x0·(1 − RO), effect
    e(x) = xⁿ/(1 + xⁿ), blocked share 1 − e(x)/e(x0). Shown as a band from slope `n_from` to `n_to`.
    """

    id: Text
    name: Text
    x0: Annotated[float, Gt(0)]
    n_from: Annotated[float, Gt(0)] = 1.0
    n_to: Annotated[float, Gt(0)] = 3.0
    site: Literal["mu"] = "mu"
    reading: str = ""
    status: Status
    sources: Annotated[tuple[str, ...], MinLen(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A sentence that results of a model must show: always, or only on `when`.

    `low-dose`: some dose is below `below_mg`. `washout`: the time after the last dose is asked about.
    `population`: more than the typical person is simulated. `validation`: only where the model is held
    against observations.
    """

    id: Text
    says: Text
    sources: Annotated[tuple[str, ...], MinLen(1)]
    basis: Literal["label", "guideline", "trial", "review", "article", "judgement"]
    when: Literal["always", "low-dose", "washout", "population", "validation"] = "always"
    below_mg: float | None = None
    routes: tuple[str, ...] = ()
    brief: str = ""
    """The same in one short sentence, for charts of receptors, which travel without the page around them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Convention:
    """A span after the last dose that people go by, whatever a model says: charts of a washout mark it."""

    id: Text
    says: Text
    """What it is, in a few words."""
    from_h: Annotated[float, Ge(0)]
    to_h: Annotated[float, Gt(0)]
    """Hours after the last dose."""
    routes: Annotated[tuple[str, ...], MinLen(1)]
    """Of the last dose."""
    basis: Literal["label", "guideline", "trial", "review", "article", "judgement"]
    sources: Annotated[tuple[str, ...], MinLen(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """Another value of a parameter, in its unit."""

    parameter: Text
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Another set of values that was compared with the model's own. It is held against the same observations."""

    id: Text
    name: Text
    says: Text
    """What was found with it."""
    values: Annotated[tuple[Changed, ...], MinLen(1)]
    sources: Annotated[tuple[str, ...], MinLen(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class KineticModel:
    """One model of a drug: which routes it covers, how amounts move, what they block."""

    id: Text
    name: Text
    says: Text
    sources: Annotated[tuple[str, ...], MinLen(1)]
    parameters: Annotated[tuple[Parameter, ...], MinLen(1)]
    analytes: Annotated[tuple[Analyte, ...], MinLen(1)]
    compartments: Annotated[tuple[Compartment, ...], MinLen(1)]
    flows: Annotated[tuple[Flow, ...], MinLen(1)]
    routes: Annotated[tuple[Route, ...], MinLen(1)]
    effects: tuple[Effect, ...] = ()
    receptors: tuple[Receptor, ...] = ()
    covariates: tuple[Covariate, ...] = ()
    covariate_effects: tuple[CovariateEffect, ...] = ()
    challenges: tuple[Challenge, ...] = ()
    remarks: tuple[Remark, ...] = ()
    conventions: tuple[Convention, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    levels: tuple[Annotated[float, Gt(0), Le(1)], ...] = (0.5, 0.8, 0.9)
    """Levels of blockade that summaries count time above."""


MeasureKind = Literal[
    "concentration",
    "cmax",
    "cmin",
    "tmax",
    "first-peak",
    "auc",
    "half-life",
    "volume",
    "blockade",
    "blockade-half-life",
    "challenge",
    "excreted",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A number that a model gives for the typical person.

    `of` an analyte, or a receptor (blockade…), or a challenge. Hours count from the first dose: `at_h` for
    one moment, `from_h` to `to_h` for a window (for `auc` and `excreted` an absent `to_h` is infinity).

    `concentration`, `blockade`, `challenge` (share of the effect that is blocked): at `at_h`, just after a dose.
    `cmax`, `cmin`, `tmax`: in the window, or ever. `first-peak`: the hour of the first maximum over time.
    `half-life`, `blockade-half-life`: by regression of the logarithm on time over the window.
    `volume`: terminal volume of distribution after a dose straight into the plasma compartment.
    `excreted`: share of the dose that `renal_clearance_l_h` takes from the plasma. Amounts of a metabolite are
    carried in µg of what was given.
    """

    kind: MeasureKind
    of: Text
    rx: Text
    at_h: float | None = None
    from_h: float | None = None
    to_h: float | None = None
    renal_clearance_l_h: float | None = None
    slope: float | None = None
    """For `challenge`: the slope n."""
    covariates: tuple[str, ...] = ()
    """``name=value``, for example ``child-pugh=C``; the others have their defaults."""


OBSERVED_IN: dict[str, tuple[str, float]] = {
    "ng/mL": ("ng/mL", 1.0),
    "h": ("h", 1.0),
    "min": ("h", 60.0),
    "d": ("h", 1 / 24),
    "ng·h/mL": ("ng·h/mL", 1.0),
    "ng·d/mL": ("ng·h/mL", 1 / 24),
    "L": ("L", 1.0),
    "1": ("1", 1.0),
    "%": ("1", 100.0),
}
"""Units of observations: the unit a measure gives, and what its number is multiplied by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Something published that a model is held against.

    Predicted is `measure`, divided by `over` where given, in `unit` (`OBSERVED_IN`). `published` is what
    the source says, in words; `value` the number that a ratio is taken with. The bar passes when predicted
    lies in [`bar_from`, `bar_to`]; `bar` says in words where the bar comes from. Without a bar it is shown
    and not judged. `use` tells what passing is worth: a number that the model was fitted to is no evidence
    for it, and `structure` follows from how the model is built.
    """

    id: Text
    says: Text
    published: Text
    unit: Literal["ng/mL", "h", "min", "d", "ng·h/mL", "ng·d/mL", "L", "1", "%"]
    measure: Measure
    over: Measure | None = None
    value: float | None = None
    bar_from: float | None = None
    bar_to: float | None = None
    bar: str = ""
    use: Literal["fit", "check", "structure"]
    status: Literal["verified", "secondary", "derived", "recalled"]
    sources: Annotated[tuple[str, ...], MinLen(1)]
    model: str = ""
    """Id of the model; empty: the first one that covers the route."""
    remark: str = ""
