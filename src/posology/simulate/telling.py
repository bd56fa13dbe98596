"""What has to be said with a simulation: outputs and readings by name, parameters with their sources, remarks."""

from __future__ import annotations

from collections.abc import Sequence

from posology.check.explain import versions
from posology.monograph.folder import KINETICS, apart_files
from posology.monograph.kinetics import Challenge, CovariateEffect, KineticModel, Remark
from posology.monograph.load import Library
from posology.monograph.snapshot import content_hash
from posology.simulate.arm import ArmPlan
from posology.simulate.challenge import effect_left
from posology.simulate.covariates import Trait
from posology.simulate.question import Question
from posology.simulate.result import (
    Arm,
    Convention,
    CovariateNote,
    Curve,
    Difference,
    Output,
    ParameterNote,
    Said,
    Simulation,
)

CALIBRATED = (
    "The model is calibrated to published summaries. It is not validated on the data of individual patients,"
    " and it never shortens an interval of a label."
)


def output_of(model: KineticModel, name: str) -> Output:
    """An analyte or receptor, with its title."""
    for analyte in model.analytes:
        if analyte.id == name:
            return Output(name, analyte.name, "concentration", "ng/mL")
    receptor = next(each for each in model.receptors if each.id == name)
    return Output(name, receptor.title, "blockade", "1", receptor.site, receptor.reading)


def challenges(model: KineticModel, curves: Sequence[Curve]) -> list[Curve]:
    """What share of an opioid's effect is left at each blockade: two curves for each challenge and receptor.

    They have the least and the greatest slope of the opioid's effect, because that slope is not known.
    """
    found = []
    for challenge in model.challenges:
        for curve in curves:
            output = curve.output
            if output.kind != "blockade" or output.site != challenge.site:
                continue
            if challenge.reading and output.reading != challenge.reading:
                continue
            for slope in dict.fromkeys((challenge.n_from, challenge.n_to)):
                found.append(_left(challenge, slope, curve))
    return found


def conventions(arm: ArmPlan) -> tuple[Convention, ...]:
    """What people go by after a last dose by this route."""
    last = max(arm.doses, key=lambda dose: dose.time)
    return tuple(
        Convention(each.says, each.from_h, each.to_h, each.basis, each.sources)
        for each in arm.model.conventions
        if last.route in each.routes
    )


def _left(challenge: Challenge, slope: float, curve: Curve) -> Curve:
    output = curve.output
    # The more is blocked, the less is left: the 95th percentile of one is the 5th of the other.
    low, median, high = (
        None if each is None else effect_left(challenge, slope, each)
        for each in (curve.high, curve.median, curve.low)
    )
    title = f"{challenge.name}: effect that is left"
    named = Output(challenge.id, title, "challenge", "1", output.site, output.reading, slope)
    return Curve(named, curve.hours, effect_left(challenge, slope, curve.typical), median, low, high)


def told(
    library: Library,
    drug: str,
    question: Question,
    arms: tuple[Arm, ...],
    *,
    differences: tuple[Difference, ...],
    population: int,
    seed: int | None,
    notes: Sequence[str] = (),
) -> Simulation:
    """The whole answer, with everything that has to be said with it; `notes` are remarks about the run."""
    models = list({arm.model.id: arm.model for arm in question.arms}.values())
    notes = [*(note for arm in arms for note in arm.notes), *notes]
    for trait in question.traits.values():
        if not trait.level and trait.low != trait.high:
            notes.append(
                f"{trait.name} is spread evenly from {trait.low:g} to {trait.high:g} over people;"
                f" the typical person has {trait.typical:g}"
            )
    alike = [each.id for each in models if not question.people[each.id].differ]
    if population > 1 and alike:
        notes.append(f"all people are alike in {', '.join(alike)}, which does not say how they differ")
    return Simulation(
        drug=drug,
        drug_name=library.monograph(drug).identity.name,
        population=population,
        seed=seed,
        covariates={name: str(trait) for name, trait in question.traits.items()},
        arms=arms,
        person=tuple(_in_words(models, trait) for trait in question.traits.values()),
        parameters=tuple(note for model in models for note in _parameters(model, question)),
        said=(*question.limits, *_said(question, models, population)),
        calibrated=CALIBRATED,
        readings=_readings(question),
        washout=question.washout,
        differences=differences,
        covariate_effects=tuple(note for model in models for note in _effects(model, question)),
        notes=tuple(dict.fromkeys(notes)),
        versions={
            **versions(library, drug),
            "kinetics": content_hash(apart_files(library.place(drug), KINETICS))[:12],
        },
    )


def _in_words(models: Sequence[KineticModel], trait: Trait) -> str:
    known = {each.id: each for model in reversed(models) for each in model.covariates}
    covariate = known.get(trait.name)
    name, unit = (covariate.name, covariate.unit) if covariate else ("Body weight", "kg")
    if trait.level:
        return f"{name}: {trait.level}"
    return f"{name} {str(trait).replace('..', ' to ')} {unit or ''}".rstrip()


def _parameters(model: KineticModel, question: Question) -> list[ParameterNote]:
    typical = question.people[model.id].typical
    return [
        ParameterNote(
            each.id, each.says, typical[each.id], each.unit, each.status, each.sources, each.omega, model.id
        )
        for each in model.parameters
    ]


def _effects(model: KineticModel, question: Question) -> list[CovariateNote]:
    """Effects that moved something: of a level that is there, or of a number that is not the reference."""
    found = []
    for each in model.covariate_effects:
        trait = question.traits[each.covariate]
        idle = (
            trait.level != each.level if each.kind == "level" else trait.low == trait.high == each.reference
        )
        if not idle:
            note = CovariateNote(
                each.covariate,
                str(trait),
                each.parameters,
                _formula(each),
                each.status,
                each.sources,
                model.id,
            )
            found.append(note)
    return found


def _formula(effect: CovariateEffect) -> str:
    name, reference = effect.covariate, f"{effect.reference or 0:g}"
    if effect.kind == "level":
        return f"× {effect.factor:g}"
    if effect.kind == "linear":
        return f"× (1 + {effect.slope:g} × ({name} − {reference}))"
    if effect.kind == "power":
        return f"× ({name}/{reference})^{effect.exponent:g}"
    least = "" if effect.least is None else f", at least {effect.least:g}"
    return f"+ {effect.slope:g} × ({name} − {reference}){least}"


def _readings(question: Question) -> tuple[tuple[str, str], ...]:
    """Rival accounts of one receptor that were computed."""
    found: dict[tuple[str, str], None] = {}
    for arm in question.arms:
        followed = [each for each in arm.model.receptors if each.id in arm.receptors and each.reading]
        for each in followed:
            if len({one.reading for one in followed if one.site == each.site}) > 1:
                found[each.title, each.says] = None
    return tuple(found)


def _said(question: Question, models: Sequence[KineticModel], population: int) -> tuple[Said, ...]:
    found: dict[str, Said] = {}
    for model in models:
        arms = [arm for arm in question.arms if arm.model.id == model.id]
        for remark in model.remarks:
            if any(_applies(remark, arm, population) for arm in arms):
                found.setdefault(remark.id, _said_of(remark))
    return tuple(found.values())


def _said_of(remark: Remark) -> Said:
    return Said(remark.id, remark.says, remark.basis, remark.sources, remark.brief)


def _applies(remark: Remark, arm: ArmPlan, population: int) -> bool:
    doses = [dose for dose in arm.doses if not remark.routes or dose.route in remark.routes]
    if not doses:
        return False
    return {
        "always": True,
        "low-dose": any(0 < dose.amount < (remark.below_mg or 0.0) for dose in doses),
        "washout": arm.washout,
        "population": population > 1,
    }.get(remark.when, False)
