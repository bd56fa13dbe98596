"""The statements that a question brings into scope, compiled. Plans are kept, one a question form."""

from __future__ import annotations

from typing import NamedTuple

from posology.monograph.criterion import Criterion
from posology.monograph.load import Library
from posology.monograph.model import Monograph, Statement, Use
from posology.record.match import Index

from .answer import Leaf
from .compile import compile_criterion, lists_of, needs, shared_leaves
from .explain import Sources, denied
from .question import lineage
from .result import Finding
from .verdict import level


class Rule(NamedTuple):
    """A statement in scope with its compiled criterion, the rank it can impose, and its finding when not met."""

    statement: Statement
    ask: Leaf
    rank: int
    denied: Finding
    needs: frozenset[str] | None
    """Concepts without which it is not met in a record that has these `lists` (`compile.needs`)."""
    lists: frozenset[str]


class Plan(NamedTuple):
    """Everything needed to answer one form of question."""

    rules: tuple[Rule, ...]
    indication: Leaf | None


class Planner:
    """Compiles a monograph's statements against a library's concepts. One for each drug of a library."""

    def __init__(self, library: Library, index: Index, sources: Sources, drug: str) -> None:
        self.monograph: Monograph = library.monograph(drug)
        self.index = index
        self.sources = sources
        concept = self.monograph.identity.concept
        self.takes = compile_criterion(Criterion("medication", concept=concept), index, concept)
        self._shared = shared_leaves(each.when for each in self.monograph.statements if each.when is not None)
        self._compiled: dict[str, Leaf] = {}
        self._plans: dict[tuple[str, str, str, str], Plan] = {}

    def plan(self, use: Use, region: str, product: str, stage: str) -> Plan:
        """The statements in scope: of this region, product, stage, and of this use or a wider one."""
        key = (use.id, region, product, stage)
        if key not in self._plans:
            wider = set(lineage(self.monograph, use))
            rules = tuple(
                Rule(statement, self._leaf(statement), level(statement, stage), denied(statement, self.sources),
                     needs(statement.when, self.index), lists_of(statement.when))
                for statement in self.monograph.statements
                if statement.when is not None
                and statement.stage in (stage, "any")
                and (not statement.regions or region in statement.regions)
                and (not statement.products or product in statement.products)
                and (not statement.uses or not wider.isdisjoint(statement.uses))
            )
            indication = (compile_criterion(use.when, self.index, self.monograph.identity.concept)
                          if use.when is not None else None)
            self._plans[key] = Plan(rules, indication)
        return self._plans[key]

    def _leaf(self, statement: Statement) -> Leaf:
        assert statement.when is not None
        if statement.id not in self._compiled:
            self._compiled[statement.id] = compile_criterion(
                statement.when, self.index, self.monograph.identity.concept, shared=self._shared)
        return self._compiled[statement.id]
