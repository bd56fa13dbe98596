"""The vocabulary tables of an OMOP database, looked up for as many concepts as rows bring."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from posology.record.match import Index
from posology.record.omop import vocabularies
from posology.record.omop.cells import BadRow, whole
from posology.record.omop.terms import Concept, Terms, listed, nearest

from .omop_database import Database

_COLUMNS = ("concept_id", "concept_name", "domain_id", "vocabulary_id", "concept_class_id", "concept_code")
_PAIR = ("descendant_concept_id", "ancestor_concept_id")
_LOCAL = "2b_concept"
"""Where some keep their own concepts, whose ids lie above two billion."""


class Vocabulary:
    """Fills `Terms` from CONCEPT and CONCEPT_ANCESTOR."""

    def __init__(self, database: Database, index: Index, terms: Terms) -> None:
        self._database, self._terms = database, terms
        tables = database.tables()
        self._sources = [
            tables[name]
            for name in ("concept", _LOCAL)
            if name in tables and all(column in tables[name].columns for column in _COLUMNS)
        ]
        self.named = "concept" in tables and tables["concept"] in self._sources
        """Is there a CONCEPT table that can be read?"""
        ancestor = tables.get("concept_ancestor")
        usable = self.named and ancestor is not None and all(column in ancestor.columns for column in _PAIR)
        self._ancestor = ancestor if usable else None
        self._listed = listed(index)
        self._known: set[str] = {"0"}
        self._ids: dict[int, tuple[str, str]] | None = None
        """Listed concepts: their system and code."""
        self._kinds: dict[str, frozenset[int]] = {}
        self._below: dict[int, frozenset[int]] = {}

    def describe(self, counts: dict[str, int]) -> dict[str, Any]:
        """What there is and what that means."""
        concepts, pairs = counts.get("concept", 0), counts.get("concept_ancestor", 0)
        if self.named and concepts and self._ancestor is not None and pairs:
            means = "codes widen to descendants"
        elif self.named and concepts:
            means = "names and codes of concepts; no ancestors, so codes do not widen to descendants"
        else:
            means = "source codes and names only"
        return {"concept": concepts, "concept_ancestor": pairs, "means": means}

    def learn(self, cells: set[str | None]) -> None:
        """Look up concepts that are not known yet."""
        new = _numbers(cell for cell in cells - self._known if cell is not None)
        self._known.update(cell for cell in cells if cell is not None)
        wanted = sorted(new - self._terms.concepts.keys())
        if not wanted or not self._sources:
            return
        for source in self._sources:
            columns = [source.columns[name][0] for name in _COLUMNS]
            rows = self._database.ask(
                f"SELECT {', '.join(columns)} FROM {source.sql} WHERE {columns[0]} IN {self._among('BIGINT')}",
                [wanted],
            )
            for number, *texts in rows:
                self._terms.concepts[int(number)] = Concept(int(number), *(str(text or "") for text in texts))
        if self._ancestor is not None:
            self._learn_ancestors(wanted)

    def _among(self, kind: str) -> str:
        return f"(SELECT unnest(CAST({self._database.mark} AS {kind}[])))"

    def _learn_ancestors(self, wanted: list[int]) -> None:
        if self._ids is None:
            self._ids = self._find_listed()
            for descendant, ancestor in self._pairs(sorted(self._ids)):
                self._below[ancestor] = self._below.get(ancestor, frozenset()) | {descendant}
        above: dict[int, set[int]] = {}
        for descendant, ancestor in self._pairs(wanted):
            above.setdefault(descendant, set()).add(ancestor)
        for number, ancestors in above.items():
            kept = ancestors & self._kinds["medicine"]
            for kind, ids in self._kinds.items():
                if kind != "medicine":
                    kept |= nearest(ancestors & ids, self._below)
            self._terms.above[number] = tuple(sorted(self._ids[each] for each in kept))

    def _pairs(self, wanted: list[int]) -> list[tuple[int, int]]:
        """Descendant and listed ancestor, of these descendants."""
        assert self._ancestor is not None
        below, above = (self._ancestor.columns[name][0] for name in _PAIR)
        rows = self._database.ask(
            f"SELECT {below}, {above} FROM {self._ancestor.sql} WHERE {below} IN {self._among('BIGINT')} "
            f"AND {above} IN {self._among('BIGINT')} AND {below} <> {above}",
            [wanted, sorted(self._ids or ())],
        )
        return [(int(row[0]), int(row[1])) for row in rows]

    def _find_listed(self) -> dict[int, tuple[str, str]]:
        pairs = sorted(set().union(*self._listed.values()))
        concept = self._database.tables()["concept"]
        number, code, vocabulary = (
            concept.columns[name][0] for name in ("concept_id", "concept_code", "vocabulary_id")
        )
        rows = self._database.ask(
            f"SELECT {number}, {vocabulary}, {code} FROM {concept.sql} "
            f"WHERE {code} IN {self._among('VARCHAR')} AND {vocabulary} IN {self._among('VARCHAR')}",
            [sorted({code for _, code in pairs}), sorted({name for name, _ in pairs})],
        )
        found = {(str(row[1]), str(row[2])): int(row[0]) for row in rows}
        self._kinds = {
            kind: frozenset(found[pair] for pair in listed_ if pair in found)
            for kind, listed_ in self._listed.items()
        }
        return {found[pair]: (vocabularies.uri(pair[0]), pair[1]) for pair in pairs if pair in found}


def _numbers(cells: Iterable[str]) -> set[int]:
    """The concept ids among them; what is none is for its row to report."""
    found = set()
    for cell in cells:
        try:
            if number := whole("concept_id", cell):
                found.add(number)
        except BadRow:
            continue
    return found
