"""What the packaged knowledge asks of a record: the questions, and every leaf of every criterion."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from posology import api
from posology.check.engine import Engine
from posology.monograph.criterion import Criterion
from posology.monograph.model import Concept, Monograph, Statement, Use
from posology.record.fhir_types import CodeableConcept, Coding
from posology.record.match import SYSTEMS

GROUPS = ("all", "any", "at-least", "not")
REGIONS = ("US", "EU")
URIS = {short: uri for uri, short in reversed(SYSTEMS.items())}
"""The canonical address of a code system; the urn:oid forms come later in the table."""


class Asked(NamedTuple):
    """A question without its day."""

    drug: str
    use: str
    region: str
    product: str


@cache
def engine() -> Engine:
    """The engine of the packaged knowledge, kept for all tests."""
    return api.engine()


@cache
def monographs() -> tuple[Monograph, ...]:
    """All packaged monographs."""
    library = engine().library
    return tuple(library.monograph(name) for name in library.names())


@cache
def questions(drug: str = "") -> tuple[Asked, ...]:
    """Every question that can be asked: monograph x use x region x product."""
    return tuple(
        Asked(each.identity.id, use.id, region, product.id)
        for each in monographs()
        if drug in {"", each.identity.id}
        for use in each.uses
        for region in REGIONS
        for product in each.identity.products
    )


def wider(monograph: Monograph, use: str) -> set[str]:
    """The use and all that it is part of, worked out apart from the program."""
    by_id: dict[str, Use] = {each.id: each for each in monograph.uses}
    found: set[str] = set()
    while use and use not in found:
        found.add(use)
        use = by_id[use].part_of
    return found


def in_scope(asked: Asked, stage: str) -> list[Statement]:
    """The statements that a question brings into scope, worked out apart from the program."""
    monograph = engine().library.monograph(asked.drug)
    uses = wider(monograph, asked.use)
    found = []
    for each in monograph.statements:
        here = not each.regions or asked.region in each.regions
        this = not each.products or asked.product in each.products
        wanted = not each.uses or bool(uses & set(each.uses))
        if each.when is not None and here and this and wanted and each.stage in {stage, "any"}:
            found.append(each)
    return found


def flat(criterion: Criterion) -> list[Criterion]:
    """The leaves of a criterion."""
    return [each for each in criterion.walk() if each.kind not in GROUPS]


@cache
def leaves(drug: str = "", stopping: bool = False) -> tuple[Criterion, ...]:
    """Every different leaf of the statements of a drug (or of all); `stopping`: only of those that can stop it."""
    found: dict[Criterion, None] = {}
    for monograph in monographs():
        if drug in {"", monograph.identity.id}:
            for each in monograph.statements:
                if each.when is not None and (
                    not stopping or each.verdict in {"avoid", "not-now", "stop", "hold"}
                ):
                    found.update(dict.fromkeys(flat(each.when)))
            for use in monograph.uses if not stopping else ():
                if use.when is not None:
                    found.update(dict.fromkeys(flat(use.when)))
    return tuple(found)


@cache
def stoppers(drug: str) -> tuple[tuple[Asked, Criterion], ...]:
    """Each leaf of each statement that can stop a drug, with a question that brings the statement into scope.

    Leaves that ask about no entry (age, sex, use) are left out.
    """
    found: dict[tuple[str, Criterion], Asked] = {}
    for asked in questions(drug):
        for stage in ("starting", "taking"):
            for each in in_scope(asked, stage):
                if each.verdict in {"avoid", "not-now", "stop", "hold"} and each.when is not None:
                    for leaf in flat(each.when):
                        if leaf.kind not in {"age", "sex", "use"}:
                            found.setdefault((each.id + asked.product + stage, leaf), asked)
    return tuple((asked, leaf) for (_, leaf), asked in found.items())


def concepts(kind: str) -> list[Concept]:
    """Concepts of one kind."""
    return [each for each in engine().library.vocabulary.concepts if each.kind == kind]


@cache
def below(name: str) -> tuple[Concept, ...]:
    """A concept and all that it includes, nearest first."""
    index = engine().index.concepts
    found, queue = [], [name]
    while queue:
        each = index[queue.pop(0)]
        if each not in found:
            found.append(each)
            queue.extend(each.includes)
    return tuple(found)


@cache
def names(name: str) -> tuple[str, ...]:
    """Texts that the index takes for this concept, with certainty; found by trying."""
    kind = engine().index.concepts[name].kind
    vocabulary = engine().library.vocabulary
    substances = {each.id: each.name for each in vocabulary.substances}
    forms = {each.id: each.names[0] for each in vocabulary.forms}
    tried: dict[str, None] = {}
    for concept in below(name):
        tried.update((code.display, None) for code in concept.codes)
        tried.update(dict.fromkeys(concept.names))
        for rule in concept.medicines:
            for made in rule.ingredients:
                also = [substances[each] for each in rule.with_ if each in substances]
                stem = " / ".join(dict.fromkeys([substances.get(made, made), *also]))
                for form in [
                    *(forms.get(each, "") for each in rule.forms),
                    "",
                    "10 MG Oral Tablet",
                    "injection",
                ]:
                    tried[f"{stem} {form}".strip()] = None
                for product in vocabulary.products:
                    if made in product.ingredients:
                        tried.update(dict.fromkeys((*product.names, product.name)))
    found = [text for text in tried if text and belongs(kind, CodeableConcept([], text), name)]
    return tuple(found[:40])


def belongs(kind: str, concept: CodeableConcept, name: str) -> bool:
    """Does the index take a codeable concept for this concept, with certainty?"""
    return any(
        match.concept == name and match.certain for match in engine().index.match(kind, concept).matches
    )


@cache
def codings(name: str) -> tuple[tuple[str, str, str], ...]:
    """System, code and display of every code of a concept and of those it includes; prefixes as whole codes."""
    kind = engine().index.concepts[name].kind
    found: list[tuple[str, str, str]] = []
    for each in below(name):
        found += [(URIS.get(code.system, code.system), code.code, code.display) for code in each.codes]
        found += [
            (URIS[prefix.system], prefix.prefix + ("" if "." in prefix.prefix else ".9"), prefix.display)
            for prefix in each.prefixes
        ]
    return tuple(one for one in found if belongs(kind, CodeableConcept([Coding(*one)], None), name))
