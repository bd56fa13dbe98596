"""Verdicts are ranked; the least permissive finding decides (DESIGN section 2)."""

from __future__ import annotations

from posology.monograph.model import Statement

FINE, CAREFUL, CANNOT_TELL, LATER, NEVER = range(5)
NAMES = {
    "starting": ("suitable", "with-precautions", "cannot-tell", "not-now", "avoid"),
    "taking": ("continue", "with-precautions", "cannot-tell", "hold", "stop"),
}
RANKS = {name: rank for names in NAMES.values() for rank, name in enumerate(names)}


def level(statement: Statement, stage: str) -> int:
    """The rank that a statement imposes when its criterion is met, at this stage; `FINE` if none."""
    if stage == "taking" and statement.taking is not None:
        return FINE if statement.taking == "none" else RANKS[statement.taking]
    return RANKS[statement.verdict] if statement.verdict else FINE


def contribution(statement: Statement, value: bool | None, rank: int) -> int:
    """What a finding adds to the verdict. An unknown never counts as a no.

    Met: the statement's rank. Unknown: `cannot-tell` if the statement would impose more than that, else
    its rank; and for missing data `cannot-tell` (block) or `with-precautions` (ask).
    """
    if value is None:
        if statement.missing:
            return CANNOT_TELL if statement.missing == "block" else CAREFUL
        return min(rank, CANNOT_TELL)
    if value and not statement.missing:
        return rank
    return FINE


class Tally:
    """Contributions of all findings, to see what the verdict would be without some of them."""

    def __init__(self, ranks: list[int]) -> None:
        self._counts = [0] * 5
        self._less: dict[int, int] = {}
        for rank in ranks:
            self._counts[rank] += 1

    def worst(self) -> int:
        """The rank of the verdict."""
        return self.without([])

    def without_one(self, rank: int) -> int:
        """The verdict's rank without one finding of this contribution."""
        if rank not in self._less:
            self._less[rank] = self.without([rank])
        return self._less[rank]

    def without(self, ranks: list[int]) -> int:
        """The verdict's rank if findings of these contributions were not there."""
        counts = list(self._counts)
        for rank in ranks:
            counts[rank] -= 1
        for rank in (NEVER, LATER, CANNOT_TELL, CAREFUL):
            if counts[rank] > 0:
                return rank
        return FINE
