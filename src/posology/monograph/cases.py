"""Cases: patients in a few lines of YAML with the answers expected (`case_model` says what one is).

A case becomes a FHIR Bundle and goes the whole way a patient's record goes; all that differs from what
was expected is told at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import KnowledgeError, PosologyError, UsageError
from .case_codes import Words
from .case_entry import resource
from .case_model import Base, Case, CaseEntry, CaseFile, kind_of
from .folder import CASES
from .model import Monograph, Statement, Vocabulary

if TYPE_CHECKING:
    from .load import Library
    from .yaml_file import YamlFile

T = TypeVar("T")
Check = Callable[..., Any]
STATUSES = ("met", "not-met", "unknown")


@dataclass(frozen=True, slots=True)
class PlacedCase:
    """A case with its base worked in, the drug it is about, and where it stands."""

    case: Case
    drug: str
    at: str
    """``path/cases.yaml:LINE``."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What came of a case. `mismatches` is empty if all is as expected."""

    drug: str
    case: str
    says: str
    at: str
    verdict: str
    mismatches: tuple[str, ...]
    statuses: dict[str, str]
    """Each statement put to the record, and what was found."""

    @property
    def ok(self) -> bool:
        """Is everything as expected?"""
        return not self.mismatches


def read_cases(library: Library, drug: str) -> list[PlacedCase]:
    """The cases of a monograph, in the file's order; none if it has no cases.yaml.

    Raises `KnowledgeError` with every error of the file.
    """
    path = library.place(drug) / CASES
    if not path.exists():
        return []
    from .schema import validate
    from .yaml_file import read_yaml

    file = read_yaml(path)
    found: CaseFile = validate(file, CaseFile)
    problems = _problems(found, file)
    if problems:
        raise KnowledgeError("\n".join(problems))
    bases = {base.id: base for base in found.bases}
    return [
        PlacedCase(_with_base(case, bases.get(case.base)), drug, file.at(("cases", index)))
        for index, case in enumerate(found.cases)
    ]


def _problems(found: CaseFile, file: YamlFile) -> list[str]:
    bases = {base.id: base for base in found.bases}
    problems: list[str] = []
    groups: tuple[tuple[str, tuple[Base | Case, ...]], ...] = (("bases", found.bases), ("cases", found.cases))
    for key, items in groups:
        seen: set[str] = set()
        for index, item in enumerate(items):
            if item.id in seen:
                problems.append(f"{file.at((key, index))}: the id '{item.id}' is given twice; choose another")
            seen.add(item.id)
            for at, entry in enumerate(item.entries):
                try:
                    kind_of(entry)
                except ValueError as error:
                    problems.append(f"{file.at((key, index, 'entries', at))}: {error}")
    if problems:
        return problems
    for index, case in enumerate(found.cases):
        base = bases.get(case.base)
        if case.base and base is None:
            known = ", ".join(bases) or "none"
            problems.append(
                f"{file.at(('cases', index, 'base'))}: unknown base '{case.base}'; known: {known}"
            )
        for at, name in enumerate(case.without):
            if base is None or not any(name in _names(entry) for entry in base.entries):
                where = file.at(("cases", index, "without", at))
                problems.append(f"{where}: the base has no '{name}' to leave out; correct the name")
    return problems


def _names(entry: CaseEntry) -> set[str]:
    """What `without` may call an entry."""
    kind = kind_of(entry)
    given = getattr(entry, kind)
    return {entry.id, kind.replace("_", "-"), given if isinstance(given, str) else kind} - {""}


def _with_base(case: Case, base: Base | None) -> Case:
    if base is None:
        return case
    kept = [entry for entry in base.entries if not _names(entry) & set(case.without)]
    return replace(
        case,
        patient=_over(case.patient, base.patient),
        question=_over(case.question, base.question),
        entries=(*kept, *case.entries),
    )


def _over(mine: T, below: T) -> T:
    """My fields where they are given, else those below."""
    given = {f.name: getattr(mine, f.name) or getattr(below, f.name) for f in fields(mine)}  # type: ignore[arg-type]
    return type(mine)(**given)


def to_bundle(placed: PlacedCase, vocabulary: Vocabulary) -> dict[str, Any]:
    """The case as a FHIR R4 collection Bundle.

    Raises `KnowledgeError` naming the case and the entry that cannot be made into a resource.
    """
    case, words = placed.case, Words(vocabulary)
    known = {
        "gender": case.patient.sex,
        "birthDate": case.patient.born,
        "deceasedDateTime": case.patient.died,
    }
    patient = {
        "resourceType": "Patient",
        "id": "case",
        **{key: value for key, value in known.items() if value},
    }
    resources = [patient]
    for number, entry in enumerate(case.entries, start=1):
        try:
            resources.append(resource(entry, number, words))
        except (ValueError, UsageError) as error:
            raise KnowledgeError(f"{placed.at}: case '{case.id}', entry {number}: {error}") from None
    entries = [
        {"fullUrl": f"urn:case:{one['resourceType']}:{one['id']}", "resource": one} for one in resources
    ]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def run_case(placed: PlacedCase, library: Library, check: Check) -> CaseResult:
    """Put a case to `check` and compare the answer with what is expected.

    `check` answers as `posology.check` does with this library (`posology.api.checker`); it is handed in,
    because this room lies below the one that answers.
    """
    case, question = placed.case, placed.case.question
    ask = {"use": question.for_, "on": question.on, "region": question.region, "product": question.product}
    try:
        for key, name in (("use", "for"), ("on", "on")):
            if not ask[key]:
                raise KnowledgeError(f"the question has no '{name}'; write question: {{{name}: ...}}")
        bundle = to_bundle(placed, library.vocabulary)
        given = {key: value for key, value in ask.items() if value}
        answer = check(bundle, drug=placed.drug, **given)
    except PosologyError as error:
        return CaseResult(placed.drug, case.id, case.says, placed.at, "", (str(error),), {})
    statuses = {finding.statement: finding.status for finding in answer.findings}
    wrong = tuple(_mismatches(case, answer, statuses, library.monograph(placed.drug)))
    return CaseResult(placed.drug, case.id, case.says, placed.at, answer.verdict, wrong, statuses)


def _mismatches(case: Case, answer: Any, statuses: dict[str, str], monograph: Monograph) -> Iterable[str]:
    expect = case.expect
    if answer.verdict != expect.verdict:
        yield f"verdict: expected {expect.verdict}, got {answer.verdict}"
    if expect.stage and answer.stage != expect.stage:
        yield f"stage: expected {expect.stage}, got {answer.stage}"
    if expect.earliest and str(answer.earliest) != expect.earliest:
        yield f"earliest: expected {expect.earliest}, got {answer.earliest or 'none'}"
    driving = {statement.id for statement in monograph.statements if drives(statement)}
    known = {statement.id for statement in monograph.statements}
    for status, wanted in zip(STATUSES, (expect.met, expect.not_met, expect.unknown), strict=True):
        for name in wanted or ():
            if name not in known:
                yield f"{status}: there is no statement '{name}'"
            elif statuses.get(name) != status:
                yield f"{name}: expected {status}, got {statuses.get(name, 'not asked')}"
        if wanted == ():
            found = sorted(name for name in driving if statuses.get(name) == status)
            if found:
                yield f"{status}: expected none, got {', '.join(found)}"


def drives(statement: Statement) -> bool:
    """Can this statement change a verdict?"""
    return statement.when is not None and (statement.verdict is not None or statement.missing is not None)


def run_cases(library: Library, drug: str, check: Check) -> list[CaseResult]:
    """Run all cases of a monograph, in the file's order."""
    return [run_case(one, library, check) for one in read_cases(library, drug)]


def coverage(library: Library, drug: str, results: Iterable[CaseResult]) -> dict[str, set[str]]:
    """For each statement that drives a verdict, which of met, not-met and unknown some case has shown."""
    seen: dict[str, set[str]] = {s.id: set() for s in library.monograph(drug).statements if drives(s)}
    for result in results:
        for name, status in result.statuses.items():
            if name in seen:
                seen[name].add(status)
    return seen


def owed(statement: Statement) -> tuple[str, ...]:
    """The statuses that a statement can have at all, and that cases therefore owe.

    What only asks for data is met or unknown, never not-met. What only asks for which use the
    question is put is never unknown, and always met if the statement is limited to some uses anyway.
    """
    if statement.verdict is None:
        return ("met", "unknown")
    if statement.when is not None and all(
        part.kind == "use" for part in statement.when.walk() if not part.of
    ):
        return ("met",) if statement.uses else ("met", "not-met")
    return STATUSES


def uncovered(library: Library, drug: str, results: Iterable[CaseResult]) -> dict[str, list[str]]:
    """Statements that drive a verdict, with the statuses they can have that no case has shown."""
    statements = {statement.id: statement for statement in library.monograph(drug).statements}
    missing = {
        name: [status for status in owed(statements[name]) if status not in seen]
        for name, seen in coverage(library, drug, results).items()
    }
    return {name: statuses for name, statuses in missing.items() if statuses}


def cases_path(library: Library, drug: str) -> Path:
    """Where the cases of a monograph stand, or would stand."""
    return library.place(drug) / CASES
