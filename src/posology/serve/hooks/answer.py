"""From a call to what is said: which questions are put to which record, and which answers deserve a card.

The use is the one that the order gives as its reason; else those that the record gives a reason for; else
all that the ordered product has. Of several the least permissive answer leads, and the others are told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from posology.check.answer import Case
from posology.check.engine import Engine
from posology.check.judge import Judgement, Refs, Told
from posology.check.plan import Planner
from posology.check.result import EntryRef, Finding, Gap, Result
from posology.check.verdict import CAREFUL, LATER, NAMES, RANKS
from posology.monograph.model import Use
from posology.record.entries import Unusable, reasons
from posology.record.fhir_types import CodeableConcept
from posology.record.model import Entry, Hit, Record
from posology.record.shape import Shaped, shape_one

from .concern import Concern, Ordered, product_of, uses_of
from .gather import Gathered, record_of
from .prefetch import Wanted


class Said(NamedTuple):
    """One thing to say: the answer that leads, the finding it rests on, and the verdict of each use asked for."""

    concern: Concern
    result: Result
    leading: Finding
    against: Ordered | None
    """The other medicine whose order is what is spoken of; None: the drug's own order, or that it is taken."""
    uses: tuple[tuple[str, str], ...]
    use_given: bool
    """Did the order itself say what it is for?"""
    taken: tuple[EntryRef, ...] = ()
    """Beside the order of another medicine: the entries by which the drug is, or may be, taken."""

    @property
    def rank(self) -> int:
        """How much it limits: of the whole answer, or of the one finding about another medicine."""
        verdict = self.leading.verdict if self.against else self.result.verdict
        return RANKS[verdict] if verdict else 0


class _Judged(NamedTuple):
    use: Use
    product: str
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Desk:
    """Puts questions for one call: the knowledge, what was had of the record, the day and the region."""

    engine: Engine
    gathered: Gathered
    wants: dict[str, Wanted]
    on: date
    region: str

    def orders(self, found: list[Concern], drafts: list[Ordered]) -> list[Said]:
        """What there is to say about these orders."""
        said: list[Said] = []
        record: Record | None = None
        for concern in sorted(found, key=lambda each: not each.own):
            # Who takes a drug that is not ordered can be seen in any of the records, which differ in orders only.
            if record is not None and not concern.own and not self._uses_taken(concern, record):
                continue
            record = self._record(_written(drafts, concern, self.on))
            said += self._of_order(concern, record)
        return said

    def patient(self) -> list[Said]:
        """To somebody who opens the record: only of drugs that are taken, and only what stops them."""
        record = self._record(Shaped([], []))
        said = []
        for drug in self.engine.library.names():
            planner = self.engine.planner(drug)
            uses = [use for use in planner.monograph.uses if self._takes(record, planner, use)]
            concern = Concern(drug, (), ())
            if uses:
                asked = self._recorded(uses, record, planner) or uses
                spoken = self._worst(concern, self._judged(concern, record, asked), given=False)
                if spoken is not None and spoken.rank >= LATER:
                    said.append(spoken)
        return said

    def _record(self, orders: Shaped) -> Record:
        return record_of(self.gathered, orders, self.wants, self.on.toordinal(), self.engine.index)

    def _of_order(self, concern: Concern, record: Record) -> Iterable[Said]:
        planner = self.engine.planner(concern.drug)
        if any(each.order.selected for each in concern.own):
            uses, given = self._uses(concern, record, planner)
            spoken = self._worst(concern, self._judged(concern, record, uses), given)
            if spoken is not None and spoken.rank >= CAREFUL:
                yield spoken
            return
        uses = uses_of(concern, planner) if concern.own else self._uses_taken(concern, record)
        judged = self._judged(concern, record, uses)
        for other in concern.against:
            if (spoken := self._meeting(concern, judged, other, record)) is not None:
                yield spoken

    # --- which questions --------------------------------------------------------------------------

    def _uses_taken(self, concern: Concern, record: Record) -> list[Use]:
        """The uses for which the drug is, or may be, taken."""
        planner = self.engine.planner(concern.drug)
        return [use for use in uses_of(concern, planner) if self._takes(record, planner, use) is not False]

    def _takes(self, record: Record, planner: Planner, use: Use) -> bool | None:
        """Is the drug taken now, or perhaps? Where no entry points to it, it is not asked about further."""
        answer = planner.takes(use)(self._case(record, planner, use))
        return answer.value if answer.value is not None or any(gap.hits for gap in answer.missing) else False

    def _case(self, record: Record, planner: Planner, use: Use) -> Case:
        return Case(record, self.on.toordinal(), self.engine.index, planner.uses.lineage(use), record.closed)

    def _uses(self, concern: Concern, record: Record, planner: Planner) -> tuple[list[Use], bool]:
        """The uses to ask about, and whether the order itself gave them."""
        possible = [use for use in uses_of(concern, planner) if use.indicated]
        if reason := self._reason(concern, record):
            given = self._recorded(list(planner.monograph.uses), reason, planner)
            wider = {name for use in given for name in planner.uses.lineage(use)[1:]}
            # Chronic pain is not asked about where fibromyalgia is meant.
            if given := [use for use in given if use.id not in wider]:
                return given, True
        product = product_of(concern, planner)
        if product is not None:
            possible = [use for use in possible if not use.products or product.id in use.products] or possible
        possible = possible or list(planner.monograph.uses)
        return self._recorded(possible, record, planner) or possible, False

    def _recorded(self, uses: list[Use], record: Record, planner: Planner) -> list[Use]:
        """Those for which the record surely gives a reason."""
        found = []
        for use in uses:
            plan = planner.plan(use, self.region, planner.uses.product(use, None), "starting")
            if (
                plan.indication is not None
                and plan.indication(self._case(record, planner, use)).value is True
            ):
                found.append(use)
        return found

    def _reason(self, concern: Concern, record: Record) -> Record | None:
        """A record that holds nothing but the reasons that the orders give, as conditions; None if they give none."""
        hits: dict[str, list[Hit]] = {}
        for each in concern.own:
            entry = Entry("condition", each.order.ref, "MedicationRequest", "the reason of the order", "")
            coded, pointed = _reasons(each)
            for reason in coded:
                for match in self.engine.index.match("condition", reason).matches:
                    hits.setdefault(match.concept, []).append(Hit(entry, match.how, True))
            for concept, known in record.hits.items():
                hits.setdefault(concept, []).extend(hit for hit in known if hit.entry.ref in pointed)
        hits = {concept: found for concept, found in hits.items() if found}
        if not hits:
            return None
        return Record(
            Entry("patient", "Patient", "Patient", "Patient", ""), hits=hits, present={"conditions"}
        )

    # --- the answers ------------------------------------------------------------------------------

    def _judged(self, concern: Concern, record: Record, uses: list[Use]) -> list[_Judged]:
        planner = self.engine.planner(concern.drug)
        product = product_of(concern, planner)
        found, known = [], {}
        for use in uses:
            made = planner.uses.product(use, product.id if product else None)
            scope = _scope(planner, use.id, self.region, made)
            if scope not in known:
                known[scope] = self.engine.judge(record, concern.drug, use, self.on, self.region, made)
            found.append(_Judged(use, made, known[scope]))
        return found

    def _explained(self, drug: str, judged: _Judged) -> Result:
        return self.engine.explain(judged.judgement, drug, judged.use, self.on, self.region, judged.product)

    def _worst(self, concern: Concern, judged: list[_Judged], given: bool) -> Said | None:
        """The least permissive of these answers; None where it rests on nothing."""
        worst = max(judged, key=lambda each: each.judgement.rank)
        told = [each for each in worst.judgement.told if each.adds == worst.judgement.rank and each.adds]
        if not told:
            return None
        result = self._explained(concern.drug, worst)
        uses = tuple([(each.use.name, each.judgement.verdict) for each in judged])
        return Said(concern, result, _leading(result, told), None, uses, given)

    def _meeting(
        self, concern: Concern, judged: list[_Judged], other: Ordered, record: Record
    ) -> Said | None:
        """What the drug's statements say to the order of another medicine; None if they say nothing."""
        ref = other.entry
        met = [
            (each, told)
            for each in judged
            for told in each.judgement.told
            if told.met and told.adds >= CAREFUL and any(entry.ref == ref for entry in told.entries)
        ]
        if not met:
            return None
        worst, told = max(met, key=lambda each: each[1].adds)
        result = self._explained(concern.drug, worst)
        taken = self._entries_of(concern, record, worst.use)
        return Said(concern, result, result.findings[told.place], other, (), use_given=False, taken=taken)

    def _entries_of(self, concern: Concern, record: Record, use: Use) -> tuple[EntryRef, ...]:
        """Why it is said that the drug is, or may be, taken: its order, or what the record has."""
        planner = self.engine.planner(concern.drug)
        answer = planner.takes(use)(self._case(record, planner, use))
        hits = answer.hits or tuple([hit for gap in answer.missing for hit in gap.hits])
        return Refs(self.on.toordinal()).listed(hits)


@lru_cache(maxsize=10_000)
def _scope(planner: Planner, name: str, region: str, product: str) -> tuple[object, ...]:
    """What decides an answer beside the record: uses with the same scope have the same verdict and findings."""
    use = planner.uses.named(name)
    plans = [planner.plan(use, region, product, stage) for stage in NAMES]
    rules = [rule.statement for plan in plans for rule in plan.rules]
    asked = {part.concept for each in rules if each.when for part in each.when.walk() if part.kind == "use"}
    mine = frozenset(asked.intersection(planner.uses.lineage(use)))
    return product, use.takes, mine, tuple([each.id for each in rules])


def most_open(result: Result) -> Gap | None:
    """Of what an answer waits for, that for which most statements wait."""
    return max(
        (gap for gap in result.missing if gap.blocks), key=lambda gap: len(gap.statements), default=None
    )


def _leading(result: Result, told: list[Told]) -> Finding:
    """The finding that an answer rests on: of those that impose it, the first reason, else what is most open."""
    imposing = [result.findings[each.place] for each in told]
    waiting = gap.statements if (gap := most_open(result)) else ()
    return next(
        (each for each in result.reasons if each in imposing),
        next((each for each in imposing if each.statement in waiting), imposing[0]),
    )


def _reasons(ordered: Ordered) -> tuple[list[CodeableConcept], set[str]]:
    """What an order says it is for, and what it points to for that."""
    try:
        coded = reasons(ordered.resource.reasonCode)
    except Unusable:
        coded = []
    pointed = ordered.order.resource.get("reasonReference")
    listed = [each for each in pointed if isinstance(each, dict)] if isinstance(pointed, list) else []
    return coded, {each["reference"] for each in listed if isinstance(each.get("reference"), str)}


def _written(drafts: list[Ordered], concern: Concern, on: date) -> Shaped:
    """The orders as the record has them when the drug is asked about: its own as drafts, the others as given."""
    shaped = Shaped([], [])
    for each in drafts:
        order = dict(each.order.resource)
        order["status"] = "draft" if each in concern.own else "active"
        written = order.get("authoredOn")
        if not isinstance(written, str) or written[:10] > on.isoformat() or each not in concern.own:
            order["authoredOn"] = on.isoformat()
        order.setdefault("intent", "order")
        for key in ("subject", "patient"):
            if _in_the_call(order.get(key)):
                del order[key]
        read = shape_one(msgspec.json.encode(order), each.order.place, None)
        shaped.resources.extend(read.resources)
        shaped.odd.extend(read.odd)
    return shaped


def _in_the_call(reference: Any) -> bool:
    """Does it name somebody by what has a meaning in the call alone? Then it is the Patient of the call."""
    target = reference.get("reference") if isinstance(reference, dict) else None
    return isinstance(target, str) and target.startswith(("urn:", "#"))
