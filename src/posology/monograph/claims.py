"""The founding article's claims, and which knowledge answers each.

A claim is answered when a statement, a use or a dispute cites it: ``article#C52``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..errors import KnowledgeError
from .model import Citation, Claim, Monograph

if TYPE_CHECKING:
    from .load import Library

LEDGER = "claims.csv"
ARTICLE = "article"
_COLUMNS = ("id", "section", "claim", "feature")


class Answer(NamedTuple):
    """Something in a monograph that cites a claim."""

    monograph: str
    what: str
    """`statement`, `use` or `dispute`."""
    id: str


def read_claims(folder: Path) -> tuple[Claim, ...]:
    """The ledger of a knowledge folder; empty if it has none. Raises `KnowledgeError` if it is wrong."""
    path = folder / LEDGER
    if not path.exists():
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != _COLUMNS:
            raise KnowledgeError(f"{path}:1: wrong columns; the first line reads {','.join(_COLUMNS)}")
        claims = []
        for row in reader:
            if None in row or None in row.values() or not row["id"] or not row["claim"]:
                raise KnowledgeError(f"{path}:{reader.line_num}: not a claim; give {', '.join(_COLUMNS)}")
            claims.append(Claim(**row))
    return tuple(claims)


def answers(library: Library) -> dict[str, list[Answer]]:
    """For each claim of the ledger, in its order, what cites it in any monograph."""
    found: dict[str, list[Answer]] = {claim.id: [] for claim in library.claims}
    for name in library.names():
        for answer, source in _citing(name, library.monograph(name)):
            citation = Citation.parse(source)
            if citation.source != ARTICLE:
                continue
            for place in citation.place.replace(",", " ").split():
                if place in found and answer not in found[place]:
                    found[place].append(answer)
    return found


def unanswered(library: Library) -> list[Claim]:
    """Claims that nothing cites."""
    found = answers(library)
    return [claim for claim in library.claims if not found[claim.id]]


def _citing(name: str, monograph: Monograph) -> Iterable[tuple[Answer, str]]:
    for use in monograph.uses:
        yield from ((Answer(name, "use", use.id), source) for source in use.sources)
    for statement in monograph.statements:
        rates = (source for frequency in statement.frequencies for source in frequency.sources)
        yield from (
            (Answer(name, "statement", statement.id), source) for source in (*statement.sources, *rates)
        )
    for dispute in monograph.disputes:
        sides = (source for position in dispute.positions for source in position.sources)
        yield from ((Answer(name, "dispute", dispute.id), source) for source in sides)
