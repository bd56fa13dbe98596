"""Criteria, compiled once into closures. A leaf that several statements share is evaluated once a record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import count

from msgspec.structs import force_setattr

from posology.errors import KnowledgeError
from posology.monograph.criterion import LISTS, Criterion
from posology.record.match import Index
from posology.record.model import Hit

from . import medicines, person, presence, results
from .answer import NO, Answer, Case, Leaf, all_of, any_of, at_least, negation

LEAVES: dict[str, Callable[[Criterion, Index, bool], Leaf]] = {
    "condition": presence.condition,
    "allergy": presence.allergy,
    "procedure": presence.procedure,
    "recorded": presence.recorded,
    "observation": results.observation,
    "medication": medicines.medication,
    "dose": medicines.dose,
    "on-drug": medicines.on_drug,
    "age": person.age,
    "sex": person.sex,
    "pregnancy": person.pregnancy,
    "lactation": person.lactation,
}


def compile_criterion(
    criterion: Criterion,
    index: Index,
    drug: str,
    adverse: bool = True,
    shared: frozenset[tuple[Criterion, bool]] = frozenset(),
) -> Leaf:
    """A closure that puts the criterion to a case.

    `drug` is the concept of the medicine in hand (for `change`). `adverse` says whether meeting the
    criterion is the cautious side: dates and ages that are only partly known are then read that way. It
    turns round under `not`, and for `recorded`-like questions has no effect. Answers of `shared` leaves
    are remembered for the case.
    """
    kind = criterion.kind
    if kind in ("all", "any", "at-least", "not"):
        parts = [
            compile_criterion(part, index, drug, adverse != (kind == "not"), shared) for part in criterion.of
        ]
        return _group(kind, parts, criterion.count)
    if kind == "use":
        return _use(criterion.concept)
    if criterion.concept and criterion.concept not in index.concepts and criterion.concept not in LISTS:
        raise KnowledgeError(
            f"{drug}: a criterion asks for the concept '{criterion.concept}', which no concepts file "
            "defines; run 'posology monograph lint' for the file and line"
        )
    leaf = (
        medicines.change(criterion, index, drug)
        if kind == "change"
        else LEAVES[kind](criterion, index, adverse)
    )
    if kind in ("observation", "recorded") and criterion.concept not in LISTS:
        leaf = _about(criterion.concept, leaf)
    if (criterion, adverse) in shared:
        leaf = _once(leaf, (criterion, adverse))
    return _quick(leaf, criterion, index) if kind in _OF_ENTRIES else leaf


def shared_leaves(criteria: Iterable[Criterion]) -> frozenset[tuple[Criterion, bool]]:
    """Leaves, with their polarity, that stand more than once in these criteria: worth remembering."""
    counts = Counter(leaf for criterion in criteria for leaf in _leaves(criterion, True))
    return frozenset(leaf for leaf, count in counts.items() if count > 1)


def _leaves(criterion: Criterion, adverse: bool) -> Iterator[tuple[Criterion, bool]]:
    if not criterion.of:
        yield criterion, adverse
    for part in criterion.of:
        yield from _leaves(part, adverse != (criterion.kind == "not"))


_CLOSED = {"condition", "medication", "allergy", "procedure", "dose", "on-drug"}


def needs(criterion: Criterion, index: Index) -> frozenset[str] | None:
    """Concepts without any of which the criterion is surely not met, in a record whose lists are all there.

    None where no such set exists: the answer may then be other than no although nothing is recorded.
    """
    concepts = {part.concept for part in criterion.walk() if part.concept}
    if any(name in index.concepts and index.concepts[name].derived for name in concepts):
        concepts.add(results.DERIVED_FROM)
    return frozenset(concepts) if _when_nothing_is_recorded(criterion) is False else None


_LISTS = {
    "condition": "conditions",
    "medication": "medications",
    "dose": "medications",
    "on-drug": "medications",
    "allergy": "allergies",
}


def lists_of(criterion: Criterion) -> frozenset[str]:
    """The lists that must be there before absence from them means no."""
    return frozenset(_LISTS[part.kind] for part in criterion.walk() if part.kind in _LISTS)


def _when_nothing_is_recorded(criterion: Criterion) -> bool | None:
    """Kleene value when no concept of the criterion has an entry and every list is there; None if it may vary."""
    kind = criterion.kind
    if kind in _CLOSED or kind == "observation":
        closed = criterion.absent == "no" if kind == "observation" else criterion.absent != "unknown"
        return False if closed else None
    values = [_when_nothing_is_recorded(part) for part in criterion.of]
    if kind == "not":
        return None if values[0] is None else not values[0]
    if kind == "all":
        return False if False in values else None if None in values else True
    if kind == "any":
        return True if True in values else None if None in values else False
    if kind == "at-least":
        return False if values.count(False) > len(values) - criterion.count else None
    return None


def _group(kind: str, parts: list[Leaf], count: int) -> Leaf:
    if kind == "not":
        inner = parts[0]
        return lambda case: negation(inner(case))
    if kind == "any":
        return lambda case: any_of([part(case) for part in parts])
    if kind == "all":
        return lambda case: all_of(part(case) for part in parts)
    return lambda case: at_least(count, [part(case) for part in parts])


def _about(concept: str, leaf: Leaf) -> Leaf:
    """The same answers; what is missing names the concept, because other statements may read it too."""

    def leaf_about(case: Case) -> Answer:
        answer = leaf(case)
        if answer.value is not None:
            return answer
        for gap in answer.missing:
            force_setattr(gap, "concept", concept)  # the leaf made it just now; nobody else holds it
        return answer

    return leaf_about


_OF_ENTRIES = {
    "condition",
    "medication",
    "observation",
    "allergy",
    "procedure",
    "dose",
    "on-drug",
    "recorded",
}
"""Kinds whose answer depends on the entries of their concept, and where there are none on the lists there are."""


def _quick(leaf: Leaf, criterion: Criterion, index: Index) -> Leaf:
    """The same answers; what is said of a record that holds nothing of the concept is worked out once."""
    concept = criterion.concept
    other = results.DERIVED_FROM if concept in index.concepts and index.concepts[concept].derived else concept
    silent: dict[frozenset[str], Answer] = {}

    def quick(case: Case) -> Answer:
        hits = case.record.hits
        if concept in hits or other in hits or not case.readable:
            return leaf(case)
        answer = silent.get(case.lists)
        if answer is None:
            answer = silent[case.lists] = leaf(case)
        return answer

    return quick


def _use(use: str) -> Leaf:
    def leaf(case: Case) -> Answer:
        return Answer(True, (Hit(case.record.patient, "", True),)) if use in case.use else NO

    return leaf


def _once(leaf: Leaf, key: tuple[Criterion, bool]) -> Leaf:
    number = _NUMBERS.setdefault(key, next(_COUNT))

    def once(case: Case) -> Answer:
        memo = case.memo
        answer = memo.get(number)
        if answer is None:
            answer = memo[number] = leaf(case)
        return answer

    return once


_NUMBERS: dict[tuple[Criterion, bool], int] = {}
_COUNT = count()
"""A counter and not the size of `_NUMBERS`: two threads that compile at once must not get one number for two leaves."""
