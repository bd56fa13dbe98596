"""Citations of a plan or a leaflet, with the titles of their sources."""

from __future__ import annotations

from collections.abc import Iterable

from posology.check.explain import Sources
from posology.check.result import CitedSource
from posology.monograph.load import Library


def cited(library: Library, citations: Iterable[str]) -> list[CitedSource]:
    """Each citation once, in the order given, with the title and address of its source."""
    return list(Sources(library).cited(tuple(dict.fromkeys(citations))))
