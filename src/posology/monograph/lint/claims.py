"""Is every claim of the ledger answered?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..claims import ARTICLE
from ..model import Citation, Dispute, Statement, Use
from ..yaml_file import shown
from .problem import Knowledge, Problem, error, unknown


def claim_problems(knowledge: Knowledge) -> Iterator[Problem]:
    """Claims that no statement, use or dispute cites, and citations of claims that do not exist."""
    known = {claim.id for _, claim in knowledge.claims}
    cited: set[str] = set()
    for drug in knowledge.drugs:
        for placed in drug.placed:
            if not isinstance(placed.item, (Statement, Use, Dispute)):
                continue
            for key in _sources(placed.item):
                citation = Citation.parse(key)
                if citation.source != ARTICLE:
                    continue
                places = set(citation.place.replace(",", " ").split())
                cited |= places
                for place in sorted(places - known):
                    yield error(placed, "sources", message=unknown("claim", place, known))
    if not all(drug.whole for drug in knowledge.drugs):
        return
    for line, (ledger, claim) in enumerate(knowledge.claims, start=2):
        if claim.id not in cited:
            message = (
                f"no statement, use or dispute cites claim {claim.id} ({claim.claim}); cite"
                f" {ARTICLE}#{claim.id}"
            )
            yield Problem(shown(ledger), line, "error", message)


def _sources(item: Any) -> Iterable[str]:
    yield from getattr(item, "sources", ())
    for part in (*getattr(item, "positions", ()), *getattr(item, "frequencies", ())):
        yield from part.sources
