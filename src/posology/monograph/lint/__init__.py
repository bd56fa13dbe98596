"""Checks across files that a schema cannot make: references, rules, vocabulary, claims."""

from __future__ import annotations

from collections.abc import Iterator

from ..cases import Check
from ..load import Library
from ..yaml_file import shown
from .answers import answer_problems
from .claims import claim_problems
from .kinetics import kinetic_problems
from .leaflet import leaflet_problems
from .plans import Trial, plan_problems, regimen_problems
from .problem import Knowledge, Problem, read_knowledge
from .references import reference_problems
from .rules import rule_problems
from .text import text_problems
from .vocabulary import vocabulary_problems

__all__ = ["Problem", "lint"]


def lint(
    library: Library,
    name: str | None = None,
    check: Check | None = None,
    trial: Trial | None = None,
) -> list[Problem]:
    """Everything doubtful or wrong in the library's folders, sorted by file and line.

    With `name`, only what lies in that monograph's folder. With `check` (which answers as
    `posology.check` does with this library), and if nothing else is wrong, the empty record and the cases
    are tried too; with `trial`, the regimens. Raises `UsageError` if there is no such monograph.
    """
    knowledge = read_knowledge(library.folders)
    found = sorted({*knowledge.problems, *_problems(knowledge)})
    if check is not None and not any(problem.severity == "error" for problem in found):
        found = sorted({*found, *answer_problems(knowledge, library, check)})
    if trial is not None and not any(problem.severity == "error" for problem in found):
        found = sorted({*found, *regimen_problems(knowledge, trial)})
    if name is None:
        return found
    inside = shown(library.place(name)) + "/"
    return [problem for problem in found if problem.file.startswith(inside)]


def _problems(knowledge: Knowledge) -> Iterator[Problem]:
    yield from reference_problems(knowledge)
    yield from rule_problems(knowledge)
    yield from vocabulary_problems(knowledge)
    yield from text_problems(knowledge)
    yield from claim_problems(knowledge)
    yield from plan_problems(knowledge)
    yield from leaflet_problems(knowledge)
    yield from kinetic_problems(knowledge)
