"""What an entry that is not there yet could lead to: the statements that read its concept."""

from __future__ import annotations

from collections.abc import Iterable

from posology.monograph.criterion import Criterion
from posology.record.match import Index

from .person import LACTATION, LACTATION_RESULT, PREGNANCY, PREGNANCY_RESULTS
from .results import DERIVED_FROM
from .verdict import FINE

BY_KIND = {
    "pregnancy": {PREGNANCY, *PREGNANCY_RESULTS},
    "lactation": {LACTATION, LACTATION_RESULT, PREGNANCY},
}
"""Concepts that criteria read which do not name one."""


class Reach:
    """For each concept, the highest rank that statements which read it can impose."""

    def __init__(self, index: Index, imposed: Iterable[tuple[frozenset[str], int]]) -> None:
        """`imposed`: of each statement the concepts that it reads (`read_by`) and its rank."""
        self._index = index
        self._imposed = imposed
        self._ranks: dict[str, int] | None = None
        self._known: dict[str, int] = {}

    def of(self, concept: str) -> int:
        """The highest rank that an entry of this concept could lead to; `FINE` if none."""
        known = self._known.get(concept)
        if known is None:
            ranks = self._by_concept()
            known = max((ranks.get(name, FINE) for name in below(concept, self._index)), default=FINE)
            self._known[concept] = known
        return known

    def names(self, concept: str) -> set[str]:
        """A concept and all that it includes."""
        return below(concept, self._index)

    def _by_concept(self) -> dict[str, int]:
        if self._ranks is None:
            ranks: dict[str, int] = {}
            for names, rank in self._imposed:
                for name in names:
                    ranks[name] = max(rank, ranks.get(name, FINE))
            self._ranks = ranks
        return self._ranks


def below(concept: str, index: Index) -> set[str]:
    """A concept and all that it includes."""
    found, queue = {concept}, [concept]
    while queue:
        known = index.concepts.get(queue.pop())
        for part in known.includes if known is not None else ():
            if part not in found:
                found.add(part)
                queue.append(part)
    return found


def read_by(criterion: Criterion, index: Index) -> frozenset[str]:
    """Every concept an entry of which a criterion could read."""
    found: set[str] = set()
    for part in criterion.walk():
        found |= BY_KIND.get(part.kind, set())
        if part.concept in index.concepts:
            found |= below(part.concept, index)
            if index.concepts[part.concept].derived:
                found.add(DERIVED_FROM)
    return frozenset(found)
