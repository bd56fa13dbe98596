"""The statements that a question brings into scope, compiled. Plans are kept, one a question form."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

from posology.monograph.criterion import LISTS, Criterion
from posology.monograph.load import Library
from posology.monograph.model import Monograph, Statement, Use
from posology.record.dates import LATEST
from posology.record.match import Index
from posology.record.model import Entry, Record

from .answer import Case, Leaf
from .compile import compile_criterion, lists_of, needs, shared_leaves
from .explain import Sources, denied, shown_disputes
from .judge import Refs, Told, tell
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
    reads: frozenset[str]
    """Concepts an entry of which it could read."""
    personal: bool
    """Does it ask about the person, so that it must be asked whatever is recorded?"""
    needs: frozenset[str] | None
    """Concepts without which it is not met in a record that has these `lists` (`compile.needs`)."""
    lists: frozenset[str]


Silent = Callable[[frozenset[str]], Case]
"""A case in which nothing is recorded but that there are these lists."""
_LISTS = frozenset(LISTS)


_ABOUT_THE_PERSON = {"age", "sex", "pregnancy", "lactation", "use"}
"""Kinds whose answer names the person, or depends on more than the entries of concepts."""


class Plan:
    """Everything needed to answer one form of question. `denied` holds each rule's finding when not met.

    Most statements read concepts of which a record holds nothing. What these say then depends only on which
    lists the record has, so it is worked out once (`quiet`) and not for each record.
    """

    def __init__(
        self, rules: tuple[Rule, ...], indication: Leaf | None, reach: Reach, silent: Silent
    ) -> None:
        self.rules, self.indication, self.reach = rules, indication, reach
        self.denied = [rule.denied for rule in rules]
        self.names = [rule.statement.title or rule.statement.id for rule in rules]
        self.asks = frozenset(rule.statement.id for rule in rules if rule.statement.missing)
        self._silent = silent
        self._quiet: dict[frozenset[str], tuple[Told, ...]] = {}
        self._constant: set[int] = set()
        self._always: set[int] = set()
        self._by_concept: dict[str, list[int]] = {}
        self._by_list: dict[str, list[int]] = {}
        for place, rule in enumerate(rules):
            concepts = rule.reads
            if rule.personal and rule.needs is not None:
                concepts = rule.needs
                for name in rule.lists:
                    self._by_list.setdefault(name, []).append(place)
            elif rule.personal:
                self._always.add(place)
            for concept in concepts:
                self._by_concept.setdefault(concept, []).append(place)

    def asked(self, record: Record) -> set[int]:
        """Places of the rules to ask; what all others say is known beforehand (`quiet`)."""
        if not record.readable:
            return set(range(len(self.rules)))
        places = set(self._always)
        by_concept = self._by_concept
        for concept in record.hits:
            if concept in by_concept:
                places.update(by_concept[concept])
        for name, rules in self._by_list.items():
            if name not in record.present:
                places.update(rules)
        return places

    def quiet(self, present: Iterable[str]) -> tuple[Told, ...]:
        """What the rules say that are not about the person, of a record with these lists and nothing they read."""
        lists = _LISTS.intersection(present)
        if lists not in self._quiet:
            case = self._silent(lists)
            self._quiet[lists] = tuple(
                tell(place, rule.statement, rule.rank, answer, Refs(case.on), case.on)
                for place, rule in enumerate(self.rules)
                if not rule.personal and (answer := rule.ask(case)).value is not False
            )
            self._constant.update(map(id, self._quiet[lists]))
        return self._quiet[lists]

    def is_constant(self, told: Told) -> bool:
        """Is it one of those that `quiet` gives, the same object for every record?"""
        return id(told) in self._constant


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
                self._rule(statement, stage)
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
            reach = Reach(self.index, [(each.reads, each.rank) for each in rules if each.rank > FINE])
            self._plans[key] = Plan(rules, indication, reach, partial(self._silent, use))
        return self._plans[key]

    def _rule(self, statement: Statement, stage: str) -> Rule:
        assert statement.when is not None
        kinds = {part.kind for part in statement.when.walk()}
        return Rule(
            statement,
            self._leaf(statement),
            level(statement, stage),
            denied(statement, self.sources),
            self._read(statement, kinds),
            not kinds.isdisjoint(_ABOUT_THE_PERSON),
            needs(statement.when, self.index),
            lists_of(statement.when),
        )

    def _read(self, statement: Statement, kinds: set[str]) -> frozenset[str]:
        assert statement.when is not None
        if statement.id not in self._reads:
            read = read_by(statement.when, self.index)
            # A change is counted from the first dose of the drug in hand.
            self._reads[statement.id] = (
                read | {self.monograph.identity.concept} if "change" in kinds else read
            )
        return self._reads[statement.id]

    def _silent(self, use: Use, lists: frozenset[str]) -> Case:
        """The case of a record that has these lists and not one entry that any concept knows.

        Its day is not used: what is not there has no date.
        """
        record = Record(Entry("patient", "Patient", "Patient", "Patient", ""), present=set(lists))
        return Case(record, LATEST, self.index, self.uses.lineage(use), record.closed)

    def _leaf(self, statement: Statement) -> Leaf:
        assert statement.when is not None
        if statement.id not in self._compiled:
            self._compiled[statement.id] = compile_criterion(
                statement.when, self.index, self.monograph.identity.concept, shared=self._shared
            )
        return self._compiled[statement.id]
