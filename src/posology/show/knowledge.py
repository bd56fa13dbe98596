"""What `monograph lint`, `cases` and `claims` print."""

from __future__ import annotations

from collections.abc import Sequence

from posology.monograph.cases import CaseResult
from posology.monograph.claims import answers
from posology.monograph.lint import Problem
from posology.monograph.load import Library

from .escape import plain


def lint_report(problems: Sequence[Problem]) -> str:
    """Every problem on a line of its own, then how many there are."""
    errors = sum(problem.severity == "error" for problem in problems)
    lines = [plain(str(problem)) for problem in problems]
    lines.append(f"{_count(errors, 'error')}, {_count(len(problems) - errors, 'warning')}")
    return "\n".join(lines) + "\n"


def cases_report(results: Sequence[CaseResult], uncovered: Sequence[str]) -> str:
    """The cases that do not give what they should, what no case shows, and the counts."""
    lines = []
    for result in results:
        if result.mismatches:
            lines.append(f"{result.at}: case '{result.case}': {plain(result.says)}")
            lines.extend(f"  {plain(mismatch)}" for mismatch in result.mismatches)
    lines.extend(f"not shown by any case: {gap}" for gap in uncovered)
    failed = sum(bool(result.mismatches) for result in results)
    lines.append(f"{_count(len(results), 'case')}: {len(results) - failed} as expected, {failed} not")
    return "\n".join(lines) + "\n"


def claims_report(library: Library, name: str | None) -> tuple[str, bool]:
    """Each claim of the ledger with what answers it, then how many are answered; and whether all are."""
    if name is not None:
        library.place(name)
    lines, answered = [], 0
    found = answers(library)
    for claim in library.claims:
        mine = [each for each in found[claim.id] if name in (None, each.monograph)]
        answered += bool(mine)
        lines.append(f"{claim.id}  {claim.claim}")
        lines.extend(f"     {each.monograph}: {each.what} {each.id}" for each in mine)
        if not mine:
            lines.append("     not answered")
    lines.append(f"{answered} of {len(library.claims)}")
    return "\n".join(lines) + "\n", answered == len(library.claims)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
