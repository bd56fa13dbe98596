"""What is missing in an answer, as questions that can be answered on the same page."""

from __future__ import annotations

from dataclasses import dataclass, replace

from posology.check.result import Gap, Result
from posology.monograph.load import Library

from .choices import Measured, every_result

_LISTS = {
    "the problem list": ("conditions", "condition"),
    "the current medicines": ("medicines", "medicine"),
    "the allergy list, or that there is none": ("allergies", "allergy"),
}
_PERSON = {"date of birth": "age", "sex": "sex", "whether she is breastfeeding": "lactation"}
_STATES = {"pregnancy": ("pregnancy status",), "lactation": ("breastfeeding status",)}


@dataclass(frozen=True, slots=True)
class Question:
    """A field beside a gap: `kind` is age, sex, state, list, result, or empty where the record has to be amended."""

    gap: Gap
    kind: str
    name: str = ""
    item: str = ""
    measured: Measured | None = None
    also: tuple[Gap, ...] = ()
    """Further gaps that the same field fills."""


def questions(result: Result, library: Library) -> list[Question]:
    """One for each field that fills a gap, in the order of the answer."""
    measured = sorted(every_result(library), key=lambda each: -len(each.name))
    found: dict[str, Question] = {}
    for gap in result.missing:
        question = _question(gap, measured)
        before = found.get(question.name)
        found[question.name] = replace(before, also=(*before.also, gap)) if before else question
    return list(found.values())


def _question(gap: Gap, measured: list[Measured]) -> Question:
    if gap.what in _LISTS:
        name, item = _LISTS[gap.what]
        return Question(gap, "list", name, item)
    if gap.what in _PERSON:
        name = _PERSON[gap.what]
        return Question(gap, "state" if name == "lactation" else name, name)
    for name, begins in _STATES.items():
        if gap.what.startswith(begins):
            return Question(gap, "state", name)
    for each in measured:
        if gap.what == each.name or gap.what.startswith(f"{each.name} "):
            return Question(gap, "result", f"value.{each.id}", measured=each)
    return Question(gap, "", f"gap.{gap.what}")
