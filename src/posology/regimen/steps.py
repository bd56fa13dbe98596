"""Steps: the stretches of a regimen with one dose and one rhythm."""

from __future__ import annotations

from collections.abc import Sequence

from posology.monograph.model import Product
from posology.regimen.dose import CalendarDose
from posology.regimen.making import Made, making
from posology.regimen.measures import in_mg
from posology.regimen.part import Part
from posology.regimen.planned import Appointment, PlannedDose, Said, Step
from posology.regimen.regimen import Regimen
from posology.regimen.words import part_in_words
from posology.regimen.write import amount, write_part


def steps(
    regimen: Regimen, doses: Sequence[CalendarDose], product: Product, others: Sequence[Product]
) -> tuple[Step, ...]:
    """One step for each part, in the order of the text. `doses` reach at least to the first of each part."""
    found = []
    for number, (part, made) in enumerate(
        zip(regimen.all_parts, made_from(regimen, product, others), strict=True)
    ):
        days = [each.when.date() for each in doses if each.dose.part == number]
        goes_on = part.is_endless
        found.append(
            Step(
                write_part(part),
                part_in_words(part),
                days[0],
                None if goes_on else days[-1],
                None if goes_on else len(days),
                made.taken_as,
                made.needs,
            )
        )
    return tuple(found)


def made_from(regimen: Regimen, product: Product, others: Sequence[Product]) -> tuple[Made, ...]:
    """How the dose of each part is made from the product."""
    return tuple(making(in_mg(part.amount, part.unit), product, others) for part in regimen.all_parts)


def planned(doses: Sequence[CalendarDose], made: Sequence[Made]) -> tuple[PlannedDose, ...]:
    """Doses as the plan shows them; `made` has one for each part."""
    return tuple(
        PlannedDose(
            each.when,
            each.dose.amount,
            each.dose.text,
            each.dose.route or "",
            each.dose.part,
            made[each.dose.part].taken_as,
        )
        for each in doses
    )


def changes(regimen: Regimen, in_steps: Sequence[Step], source: Said | None) -> list[Appointment]:
    """An appointment on each day from which another dose or rhythm holds."""
    found, number = [], 0
    for track in regimen.parts:
        for before, part in zip((None, *track), track, strict=False):
            if before is not None:
                found.append(_change(before, part, in_steps[number], source))
            number += 1
    return found


def _change(before: Part, part: Part, step: Step, source: Said | None) -> Appointment:
    same = amount(before) == amount(part)
    return Appointment(
        step.first,
        "step",
        f"From this day {step.says if same else amount(part)}",
        f"{step.says}{f', {step.taken_as}' if step.taken_as else ''}. {step.needs}".strip(),
        source.statement if source else "",
        source.basis if source else "",
        source.sources if source else (),
    )
