"""The statements that a question brings into scope, compiled. Plans are kept, one a question form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from posology.monograph.criterion import Criterion
from posology.monograph.load import Library
from posology.monograph.model import Monograph, Statement, Use
from posology.record.match import Index
from posology.record.model import Record

from .answer import Leaf
from .compile import compile_criterion, lists_of, needs, shared_leaves
from .explain import Sources, denied, shown_disputes
from .question import Uses
from .reach import Reach, read_by
from .result import Finding
from .verdict import FINE, level


class Rule(NamedTuple):
    """A statement in scope with its compiled criterion, the rank it can impose, and its finding when not met."""

    statement: Statement
    ask: Leaf
    rank: int
    denied: Finding
    needs: frozenset[str] | None
    """Concepts without which it is not met in a record that has these `lists` (`compile.needs`)."""
    lists: frozenset[str]


class Plan:
    """Everything needed to answer one form of question. `denied` holds each rule's finding when not met."""

    def __init__(self, rules: tuple[Rule, ...], indication: Leaf | None, reach: Reach) -> None:
        self.rules, self.indication, self.reach = rules, indication, reach
        self.denied = [rule.denied for rule in rules]
        self._always = [place for place, rule in enumerate(rules) if rule.needs is None]
        self._by_concept: dict[str, list[int]] = {}
        self._by_list: dict[str, list[int]] = {}
        for place, rule in enumerate(rules):
            for concept in rule.needs or ():
                self._by_concept.setdefault(concept, []).append(place)
            for name in rule.lists if rule.needs is not None else ():
                self._by_list.setdefault(name, []).append(place)

    def asked(self, record: Record) -> Iterable[int]:
        """Places of the rules to ask; of all others it is known beforehand that they are not met."""
        if not record.readable:
            return range(len(self.rules))
        places = set(self._always)
        for concept in self._by_concept.keys() & record.hits.keys():
            places.update(self._by_concept[concept])
        for name, rules in self._by_list.items():
            if name not in record.present:
                places.update(rules)
        return sorted(places)


class Planner:
    """Compiles a monograph's statements against a library's concepts. One for each drug of a library."""

    def __init__(self, library: Library, index: Index, sources: Sources, drug: str) -> None:
        self.monograph: Monograph = library.monograph(drug)
        self.uses = Uses(self.monograph)
        self.index = index
        self.sources = sources
        self.disputes = shown_disputes(self.monograph)
        self._takes: dict[str, Leaf] = {}
        self._shared = shared_leaves(each.when for each in self.monograph.statements if each.when is not None)
        self._compiled: dict[str, Leaf] = {}
        self._reads: dict[str, frozenset[str]] = {}
        self._plans: dict[tuple[str, str, str, str], Plan] = {}

    def takes(self, use: Use) -> Leaf:
        """Is the drug, as this use has it, being taken now?"""
        concept = use.takes or self.monograph.identity.concept
        if concept not in self._takes:
            self._takes[concept] = compile_criterion(
                Criterion("medication", concept=concept), self.index, concept, adverse=False
            )
        return self._takes[concept]

    def plan(self, use: Use, region: str, product: str, stage: str) -> Plan:
        """The statements in scope: of this region, product, stage, and of this use or a wider one."""
        key = (use.id, region, product, stage)
        if key not in self._plans:
            wider = set(self.uses.lineage(use))
            rules = tuple(
                Rule(
                    statement,
                    self._leaf(statement),
                    level(statement, stage),
                    denied(statement, self.sources),
                    needs(statement.when, self.index),
                    lists_of(statement.when),
                )
                for statement in self.monograph.statements
                if statement.when is not None
                and statement.stage in (stage, "any")
                and (not statement.regions or region in statement.regions)
                and (not statement.products or product in statement.products)
                and (not statement.uses or not wider.isdisjoint(statement.uses))
            )
            indication = (
                compile_criterion(use.when, self.index, self.monograph.identity.concept)
                if use.when is not None
                else None
            )
            reach = Reach(
                self.index, [(self._read(each.statement), each.rank) for each in rules if each.rank > FINE]
            )
            self._plans[key] = Plan(rules, indication, reach)
        return self._plans[key]

    def _read(self, statement: Statement) -> frozenset[str]:
        assert statement.when is not None
        if statement.id not in self._reads:
            self._reads[statement.id] = read_by(statement.when, self.index)
        return self._reads[statement.id]

    def _leaf(self, statement: Statement) -> Leaf:
        assert statement.when is not None
        if statement.id not in self._compiled:
            self._compiled[statement.id] = compile_criterion(
                statement.when, self.index, self.monograph.identity.concept, shared=self._shared
            )
        return self._compiled[statement.id]
