"""From a judgement to what a person reads: findings, gaps, next steps."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from posology.monograph.load import Library
from posology.monograph.model import Citation, Monograph, Statement, Use
from posology.record import dates
from posology.version import VERSION

from .judge import Judgement, Open, Told, newest_first, patient_ref
from .question import Question
from .result import CitedSource, Finding, Gap, ShownDispute, UseShown
from .verdict import CANNOT_TELL, FINE, NAMES, RANKS, Tally

if TYPE_CHECKING:
    from .plan import Plan

STOPPERS = ("avoid", "not-now", "stop", "hold")


class Sources:
    """Resolves citations to titles; one for each library, because the same ones are asked for again and again."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._known: dict[tuple[str, ...], tuple[CitedSource, ...]] = {}

    def cited(self, citations: tuple[str, ...]) -> tuple[CitedSource, ...]:
        """Citations with the titles of their sources."""
        if citations not in self._known:
            self._known[citations] = tuple(self._one(text) for text in citations)
        return self._known[citations]

    def _one(self, text: str) -> CitedSource:
        citation = Citation.parse(text)
        source = self._library.sources.get(citation.source)
        return CitedSource(
            text, source.title if source else citation.source, citation.place, source.url if source else ""
        )


def denied(statement: Statement, sources: Sources) -> Finding:
    """The finding of a statement whose criterion is not met. It holds nothing of the record."""
    until = str(statement.until or "")
    return Finding(
        statement=statement.id,
        kind=statement.kind,
        title=statement.title,
        status="not-met",
        verdict=None,
        would_be=None,
        basis=statement.basis,
        says=statement.says.replace("{until}", until),
        do=statement.do.replace("{until}", until),
        note="",
        until=None,
        due=statement.due,
        group=statement.group,
        entries=(),
        missing=(),
        sources=sources.cited(statement.sources),
    )


def shown_disputes(monograph: Monograph) -> tuple[ShownDispute, ...]:
    """All disputes of a monograph as an answer shows them. They hold nothing of the record."""
    return tuple(
        ShownDispute(
            dispute.id,
            dispute.about,
            tuple(
                {"says": position.says, "sources": list(position.sources)} for position in dispute.positions
            ),
            dispute.follows,
            dispute.because,
            dispute.statements,
        )
        for dispute in monograph.disputes
    )


def concerned(disputes: Iterable[ShownDispute], live: set[str]) -> tuple[ShownDispute, ...]:
    """Disputes on which a finding that is met or open depends; `live` are the statements of those."""
    return tuple([dispute for dispute in disputes if not live.isdisjoint(dispute.statements)])


class Words:
    """Tells a judgement in full: findings with the words and citations of the knowledge, gaps, next steps."""

    def __init__(
        self, library: Library, sources: Sources, plan: Plan, question: Question, judgement: Judgement
    ) -> None:
        self._library, self._sources, self._plan, self._question = library, sources, plan, question
        self._judgement = judgement
        self._names = NAMES[question.stage]

    # --- findings ---------------------------------------------------------------------------------

    def finding(self, told: Told, tally: Tally) -> Finding:
        """The finding of one statement."""
        rule, adds = self._plan.rules[told.place], told.adds
        found = replace(
            rule.denied,
            status="met" if told.met else "unknown",
            verdict=self._names[adds] if adds > FINE else None,
            would_be=self._names[tally.without_one(adds)] if adds > FINE else None,
            note=told.note,
            entries=told.entries or ((patient_ref(self._judgement.patient),) if told.met else ()),
            missing=tuple([gap.what for gap in told.missing]),
        )
        if told.until is None:
            return found
        day, statement = dates.iso(told.until), rule.statement
        return replace(
            found,
            until=day,
            says=statement.says.replace("{until}", day),
            do=statement.do.replace("{until}", day),
        )

    # --- what is missing --------------------------------------------------------------------------

    def gaps(self, tally: Tally) -> tuple[Gap, ...]:
        """Everything to find out, each once, those that block the answer first."""
        waiting: dict[str, list[tuple[Told, Open]]] = {}
        for told in self._judgement.told:
            if not told.met and told.adds > FINE:
                for gap in told.missing:
                    waiting.setdefault(gap.what, []).append((told, gap))
        found = [self._gap(what, parts, tally) for what, parts in waiting.items()]
        return tuple(sorted(found, key=lambda gap: (not gap.blocks, -RANKS[gap.if_so], gap.what)))

    def _gap(self, what: str, parts: list[tuple[Told, Open]], tally: Tally) -> Gap:
        rules, reach = self._plan.rules, self._plan.reach
        waits = {told.place: told for told, _ in parts}
        # A result that is not as bad takes the place of older ones, and of what they said.
        renewed = [
            told for told in self._judgement.told if told.place not in waits and self._renewed(told, parts)
        ]
        rest = tally.without([told.adds for told in (*waits.values(), *renewed)])
        # An answer is an entry, and statements that do not wait for it may read it too.
        read = {reach.of(gap.concept) for _, gap in parts if gap.concept}
        worst = max([rest, *(rules[place].rank for place in waits), *read])
        entries = [entry for _, gap in parts for entry in gap.entries]
        return Gap(
            what=what,
            why="; ".join(dict.fromkeys([gap.why for _, gap in parts])),
            statements=tuple([rules[place].statement.id for place in waits]),
            blocks=any(told.adds >= CANNOT_TELL for told in waits.values()),
            if_so=self._names[worst],
            if_not=self._names[rest],
            entries=newest_first(entries) if len(entries) > 1 else tuple(entries),
        )

    def _renewed(self, told: Told, parts: list[tuple[Told, Open]]) -> bool:
        """Is a finding met by results alone, of which one that answers the gap would be the latest?"""
        if not told.met or told.adds <= FINE or any(each.resource != "Observation" for each in told.entries):
            return False
        reads = self._plan.rules[told.place].reads
        concepts = {gap.concept for _, gap in parts if gap.concept}
        return bool(told.entries) and any(
            not reads.isdisjoint(self._plan.reach.names(concept)) for concept in concepts
        )

    # --- the rest ---------------------------------------------------------------------------------

    def use(self, use: Use) -> UseShown:
        """The use asked about and whether the record gives a reason for it."""
        recorded = self._judgement.recorded
        return UseShown(
            use.id,
            use.name,
            self._question.region in use.labelled,
            use.indicated,
            use.grade,
            use.says,
            "unknown" if recorded is None else "met" if recorded else "not-met",
            self._judgement.use_entries,
            self._sources.cited(use.sources),
        )

    def versions(self) -> dict[str, str]:
        """Program and knowledge that this answer is from."""
        return versions(self._library, self._question.drug)


def versions(library: Library, drug: str) -> dict[str, str]:
    """Program and knowledge, as an answer names them."""
    known = library.versions
    return {
        "posology": VERSION,
        "monograph": known[drug],
        "vocabulary": known["vocabulary"],
        "sources": known["sources"],
        "schema": known["schema"],
    }


class SortedOut(NamedTuple):
    """Met findings by the part of an answer they belong to, heaviest first."""

    reasons: tuple[Finding, ...]
    precautions: tuple[Finding, ...]
    monitoring: tuple[Finding, ...]


def sort_out(findings: Sequence[Finding], asks: Container[str]) -> SortedOut:
    """Part met findings into what stops it, what to mind, and what is due.

    A request for data that is there (`asks`: the statements with `missing`) belongs to none of them, nor
    does an indication that the record supports.
    """
    met = [finding for finding in findings if finding.status == "met" and finding.statement not in asks]
    reasons = [finding for finding in met if finding.verdict in STOPPERS]
    due = [finding for finding in met if finding.kind == "monitoring" and finding.verdict is None]
    minded = [
        finding
        for finding in met
        if finding.verdict == "with-precautions"
        or (finding.verdict is None and finding.kind not in ("monitoring", "indication"))
    ]
    return SortedOut(_by_weight(reasons), _by_weight(minded), tuple(due))


def _by_weight(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: -RANKS.get(finding.verdict or "suitable", 0)))


def next_steps(sorted_out: SortedOut, missing: Sequence[Gap]) -> tuple[str, ...]:
    """What to do, in order of weight, each once."""
    steps = [finding.do for finding in sorted_out.reasons if finding.do]
    steps += _questions("Find out", [gap for gap in missing if gap.blocks])
    steps += [finding.do for finding in sorted_out.precautions if finding.do]
    steps += _questions("Ask", [gap for gap in missing if not gap.blocks])
    steps += [finding.do for finding in sorted_out.monitoring if finding.do]
    return tuple(dict.fromkeys(steps))


def _questions(verb: str, gaps: Sequence[Gap]) -> list[str]:
    """One step for all gaps that are open for the same reason."""
    reasons: dict[str, list[str]] = {}
    for gap in gaps:
        reasons.setdefault(gap.why, []).append(gap.what)
    return [f"{verb}: {'; '.join(what)} ({why})." for why, what in reasons.items()]
