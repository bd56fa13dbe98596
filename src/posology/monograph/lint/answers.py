"""Do the statements answer as they should: nothing is allowed on an empty record, and cases show each one?"""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import KnowledgeError
from ..cases import CaseResult, Check, cases_path, run_cases, uncovered
from ..folder import Placed
from ..load import Library
from ..model import Statement
from ..yaml_file import shown
from .problem import Drug, Knowledge, Problem, error, from_text, warning

PERMISSIVE = ("suitable", "with-precautions", "continue")
EMPTY = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [{"resource": {"resourceType": "Patient", "id": "case"}}],
}
ANY_DAY = "2026-01-01"


def answer_problems(knowledge: Knowledge, library: Library, check: Check) -> Iterator[Problem]:
    """What an empty record gives, and which statements no case shows met, not met and unknown.

    Call it only when nothing else is wrong: it needs knowledge that loads.
    """
    for drug in knowledge.drugs:
        yield from _empty_record(drug, library, check)
        try:
            results = run_cases(library, drug.name, check)
        except KnowledgeError as wrong:
            yield from map(from_text, str(wrong).splitlines())
            continue
        yield from _cases(drug, library, results)


def _empty_record(drug: Drug, library: Library, check: Check) -> Iterator[Problem]:
    monograph = library.monograph(drug.name)
    for use in monograph.uses:
        for region in monograph.identity.regions:
            verdict = check(EMPTY, drug=drug.name, use=use.id, on=ANY_DAY, region=region).verdict
            if verdict in PERMISSIVE and drug.head is not None:
                message = (
                    f"for '{use.id}' in {region} an empty record gives {verdict}; add a statement that"
                    " cannot be answered without data, such as missing: block"
                )
                yield error(drug.head, message=message)


def _cases(drug: Drug, library: Library, results: list[CaseResult]) -> Iterator[Problem]:
    places: dict[str, Placed] = {placed.item.id: placed for placed in drug.all(Statement)}
    path = shown(cases_path(library, drug.name))
    for result in results:
        if not result.ok:
            yield from_text(f"{result.at}: case '{result.case}': {'; '.join(result.mismatches)}")
    for name, statuses in uncovered(library, drug.name, results).items():
        message = f"no case in {path} shows '{name}' {' or '.join(statuses)}; add one for each"
        yield warning(places[name], message=message)
