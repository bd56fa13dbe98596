"""Does every statement make sense as a rule: verdict, criterion, times, thresholds, basis?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from ..criterion import Criterion
from ..folder import Placed
from ..model import Citation, Concept, Dispute, Source, Statement, Use
from .problem import Drug, Knowledge, Problem, error, warning
from .references import located
from .thresholds import bound_problems, empty_range

STARTING = ("avoid", "not-now", "with-precautions")
TAKING = ("stop", "hold", "with-precautions")
JUDGEMENT = "posology-judgement"
_BASIS_SOURCES = {"label": ("label",), "guideline": ("guideline",), "article": ("article",)}


def rule_problems(knowledge: Knowledge) -> Iterator[Problem]:
    """Statements and uses whose parts contradict each other."""
    concepts, sources = knowledge.by_id(Concept), knowledge.by_id(Source)
    for drug in knowledge.drugs:
        for placed in drug.all(Statement):
            yield from _verdict(placed, placed.item)
            yield from _missing(placed, placed.item)
            yield from _until(placed, placed.item)
        for placed in [*drug.all(Statement), *drug.all(Use)]:
            yield from _basis(placed, placed.item, sources)
            if placed.item.when is None:
                continue
            for criterion, trail in located(placed.item.when, ("when",)):
                yield from bound_problems(placed, criterion, trail, concepts)
                yield from _contradiction(placed, criterion, trail)
                if criterion.within == 0 or criterion.next == 0:
                    yield error(
                        placed, *trail, message="a window of 0 days holds nothing; leave it out or widen it"
                    )
        yield from _not_indicated(drug)
        for placed in drug.all(Dispute):
            positions = placed.item.positions
            if len({position.says for position in positions}) < len(positions):
                yield error(
                    placed, "positions", message="two positions say the same; a dispute needs two that differ"
                )


def _not_indicated(drug: Drug) -> Iterator[Problem]:
    """A use in which the drug has no place must be answered with avoid, whatever the record holds."""
    statements = [placed.item for placed in drug.all(Statement)]
    refused = {s.when.concept for s in statements if s.when and s.when.kind == "use" and s.verdict == "avoid"}
    for placed in drug.all(Use):
        if not placed.item.indicated and placed.item.id not in refused:
            name = placed.item.id
            message = (
                f"not indicated, yet no statement says so to a prescriber; add one with when: {{use: {name}}}"
            )
            yield error(placed, "indicated", message=f"{message} and verdict: avoid")


def _verdict(placed: Placed, statement: Statement) -> Iterator[Problem]:
    if statement.verdict is None:
        for key in ("taking", "until"):
            if getattr(statement, key):
                yield error(placed, key, message=f"{key} stands without a verdict; add verdict, or remove it")
        return
    if statement.when is None:
        yield error(placed, "verdict", message="a verdict without when; say in when: for whom it holds")
    allowed = TAKING if statement.stage == "taking" else STARTING
    if statement.verdict not in allowed:
        message = (
            f"'{statement.verdict}' does not belong to stage '{statement.stage}'; write {', '.join(allowed)}"
        )
        yield error(placed, "verdict", message=message)
    if statement.taking and statement.stage != "any":
        yield error(placed, "taking", message=f"has no effect at stage '{statement.stage}'; remove it")


def _missing(placed: Placed, statement: Statement) -> Iterator[Problem]:
    if statement.missing is None:
        return
    if statement.verdict:
        yield error(placed, "missing", message="stands together with verdict; split into two statements")
    if statement.when is None or not any(part.kind == "recorded" for part in statement.when.walk()):
        yield error(placed, "missing", message="needs a criterion with recorded: in when")


def _until(placed: Placed, statement: Statement) -> Iterator[Problem]:
    if "{until}" in statement.do and not statement.until:
        yield error(placed, "do", message="names {until}, but there is no until:; add it")
    until = statement.until
    if not until or statement.verdict is None or statement.when is None:
        return
    if statement.verdict not in ("not-now", "hold") and statement.taking != "hold":
        yield error(placed, "until", message=f"until is for not-now and hold, not for {statement.verdict}")
    kinds = {
        "last dose": "medication",
        "result": "observation",
        "onset": "condition",
        "procedure": "procedure",
    }
    wanted = [part for part in statement.when.walk() if part.kind == kinds[until.after]]
    if not wanted:
        message = f"'after the {until.after}' needs a criterion of kind {kinds[until.after]} in when"
        yield error(placed, "until", message=message)
    # Waiting shorter or longer than the window would give a date on which the statement still holds,
    # or days on which nothing is left to wait for.
    for part in wanted:
        if part.within is not None and part.within != until.days:
            message = f"{until.days} days, but when: looks back {part.within} days; make them the same"
            yield warning(placed, "until", message=message)


def _basis(placed: Placed, item: Statement | Use, sources: dict[str, Source]) -> Iterator[Problem]:
    cited = [Citation.parse(key).source for key in item.sources]
    if item.basis == "judgement" and JUDGEMENT not in cited:
        yield error(placed, "basis", message=f"judgement needs the source {JUDGEMENT}; add it to sources")
    wanted = _BASIS_SOURCES.get(item.basis, ())
    kinds = {sources[key].kind for key in cited if key in sources}
    if wanted and all(key in sources for key in cited) and not kinds.intersection(wanted):
        found = error if item.basis == "label" else warning
        yield found(
            placed, "basis", message=f"{item.basis} needs a source of kind {' or '.join(wanted)}; add one"
        )


def _contradiction(placed: Placed, criterion: Criterion, trail: tuple[str | int, ...]) -> Iterator[Problem]:
    """Parts of one `all` (or `any`) that can never hold (or never fail) together."""
    if criterion.kind not in ("all", "any"):
        return
    for (at, first), (_, second) in combinations(enumerate(criterion.of), 2):
        here = (*trail, criterion.kind, at)
        if first == second:
            yield warning(placed, *here, message=f"stands twice in one {criterion.kind}; keep one")
        if Criterion("not", of=(first,)) == second or Criterion("not", of=(second,)) == first:
            always = "never hold" if criterion.kind == "all" else "always hold"
            yield error(
                placed, *here, message=f"a criterion and its opposite in one {criterion.kind} {always}"
            )
        if criterion.kind == "all" and empty_range(first, second):
            message = (
                f"no {first.concept or first.kind} satisfies both bounds of this all; use any, or correct one"
            )
            yield error(placed, *here, message=message)
