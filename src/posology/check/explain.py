"""From judged statements to what a person reads: findings, gaps, dates, next steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from posology.monograph.load import Library
from posology.monograph.model import Citation, Monograph, Statement, Use
from posology.record import dates
from posology.record.model import Entry, Hit
from posology.version import VERSION

from .answer import Answer, Case, Missing
from .question import Question
from .result import DOUBTFUL, Aside, CitedSource, EntryRef, Finding, Gap, ShownDispute, UseShown
from .verdict import CANNOT_TELL, FINE, LATER, NAMES, NEVER, RANKS, Tally

if TYPE_CHECKING:
    from .engine import Judged
    from .reach import Reach

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


def concerned(disputes: Iterable[ShownDispute], judged: Sequence[Judged]) -> tuple[ShownDispute, ...]:
    """Disputes on which a finding that is met or open depends."""
    live = {each.statement.id for each in judged if not (each.statement.missing and each.answer.value)}
    return tuple([dispute for dispute in disputes if not live.isdisjoint(dispute.statements)])


class Words:
    """Turns one case's answers into result objects, with citations resolved and entries named."""

    def __init__(self, library: Library, sources: Sources, case: Case, question: Question) -> None:
        self._library, self._case, self._question = library, case, question
        self._sources = sources
        self._monograph = library.monograph(question.drug)
        self._names = NAMES[question.stage]
        self._refs: dict[int, EntryRef] = {}

    # --- findings ---------------------------------------------------------------------------------

    def finding(self, judged: Judged, tally: Tally) -> Finding:
        """The finding of one statement."""
        statement, answer, adds = judged.statement, judged.answer, judged.adds
        met = bool(answer.value)
        found = replace(
            judged.denied,
            status="met" if met else "unknown",
            verdict=self._names[adds] if adds > FINE else None,
            would_be=self._names[tally.without_one(adds)] if adds > FINE else None,
            note=answer.note,
            entries=self._decided(answer, met),
            missing=tuple([gap.what for gap in answer.missing]),
        )
        until = until_day(judged, self._case.on) if statement.until is not None else None
        if until is None:
            return found
        day = dates.iso(until)
        return replace(
            found,
            until=day,
            says=statement.says.replace("{until}", day),
            do=statement.do.replace("{until}", day),
        )

    def _decided(self, answer: Answer, met: bool) -> tuple[EntryRef, ...]:
        hits = answer.hits or [hit for gap in answer.missing for hit in gap.hits]
        if not hits:
            return (self.entry(Hit(self._case.record.patient, "", True)),) if met else ()
        return self._listed(hits)

    def _listed(self, hits: Sequence[Hit]) -> tuple[EntryRef, ...]:
        """Entries once each, the newest first."""
        if len(hits) == 1:
            return (self.entry(hits[0]),)
        return tuple(_newest_first({self.entry(hit) for hit in hits}))

    def entry(self, hit: Hit) -> EntryRef:
        """An entry as it is named in a result."""
        known = self._refs.get(id(hit.entry))
        if known is None or known.how != hit.how:
            entry = hit.entry
            known = self._refs[id(entry)] = EntryRef(
                entry.ref,
                entry.resource,
                entry.title,
                entry.code,
                _when(entry),
                _value(entry, self._case.on),
                hit.how,
            )
        return known

    # --- what is missing --------------------------------------------------------------------------

    def gaps(self, judged: Sequence[Judged], tally: Tally, reach: Reach) -> tuple[Gap, ...]:
        """Everything to find out, each once, those that block the answer first."""
        waiting: dict[str, list[tuple[Judged, Missing]]] = {}
        for each in judged:
            if each.answer.value is None and each.adds > FINE:
                for gap in each.answer.missing:
                    waiting.setdefault(gap.what, []).append((each, gap))
        found = [self._gap(what, parts, tally, reach) for what, parts in waiting.items()]
        return tuple(sorted(found, key=lambda gap: (not gap.blocks, -RANKS[gap.if_so], gap.what)))

    def _gap(self, what: str, parts: list[tuple[Judged, Missing]], tally: Tally, reach: Reach) -> Gap:
        judged = {each.statement.id: each for each, _ in parts}
        rest = tally.without([each.adds for each in judged.values()])
        # An answer is an entry, and statements that do not wait for it may read it too.
        read = {reach.of(gap.concept) for _, gap in parts if gap.concept}
        worst = max([rest, *(each.rank for each in judged.values()), *read])
        hits = [hit for _, gap in parts for hit in gap.hits]
        return Gap(
            what=what,
            why="; ".join(dict.fromkeys([gap.why for _, gap in parts])),
            statements=tuple(judged),
            blocks=any(each.adds >= CANNOT_TELL for each in judged.values()),
            if_so=self._names[worst],
            if_not=self._names[rest],
            entries=self._listed(hits) if hits else (),
        )

    # --- the rest ---------------------------------------------------------------------------------

    def use(self, use: Use, indication: Answer) -> UseShown:
        """The use asked about and whether the record gives a reason for it."""
        recorded = "unknown" if indication.value is None else "met" if indication.value else "not-met"
        return UseShown(
            use.id,
            use.name,
            self._question.region in use.labelled,
            use.indicated,
            use.grade,
            use.says,
            recorded,
            self._decided(indication, False),
            self._sources.cited(use.sources),
        )

    def notices(self, takes: Answer, indication: Answer, use: Use) -> tuple[str, ...]:
        """What a reader must know about the record before the verdict."""
        record, found = self._case.record, []
        if record.dead:
            died = f" on {dates.show(record.died)}" if record.died else ""
            found.append(f"The record says that this person died{died}.")
        if takes.value is None and takes.missing and takes.missing[0].hits:
            found.append(
                f"It is not certain whether this person already takes {self._monograph.identity.name}: "
                f"{takes.missing[0].why}. The answer is for starting it."
            )
        if use.grade in DOUBTFUL and self._question.region not in use.labelled and use.indicated:
            found.append(f"Off-label; {DOUBTFUL[use.grade]}. See what is said of it under evidence.")
        if not indication.value and use.when is not None:
            found.append(
                f"Nothing in the record gives a reason for this use ({use.name}); confirm why it is asked."
            )
        if record.unreadable:
            count = len(record.unreadable)
            found.append(
                f"{count} {'entry' if count == 1 else 'entries'} could not be read; what was there "
                "is treated as unknown."
            )
        return tuple(found)

    def set_aside(self) -> tuple[Aside, ...]:
        """Entries that were read and do not count."""
        return tuple(Aside(aside.ref, aside.title, aside.reason) for aside in self._case.record.set_aside)

    def unreadable(self) -> tuple[Aside, ...]:
        """Entries that could not be read, with place and reason."""
        return tuple(Aside(bad.ref, "", bad.reason, bad.place) for bad in self._case.record.unreadable)

    def versions(self) -> dict[str, str]:
        """Program and knowledge that this answer is from."""
        known = self._library.versions
        return {
            "posology": VERSION,
            "monograph": known[self._question.drug],
            "vocabulary": known["vocabulary"],
            "sources": known["sources"],
            "schema": known["schema"],
        }


def _newest_first(refs: set[EntryRef]) -> list[EntryRef]:
    """In an order that does not depend on hashes: the parts of one panel share day and reference."""
    return sorted(
        refs, key=lambda ref: (ref.date, ref.ref, ref.title, ref.code, ref.value, ref.how), reverse=True
    )


def _when(entry: Entry) -> str:
    if entry.kind == "patient":
        return ""
    return dates.show(entry.span)


def _value(entry: Entry, on: int) -> str:
    if entry.value is not None:
        return entry.value.text
    if entry.course is not None:
        return entry.course.note if entry.course.sure < on else ""
    return "past" if entry.state.endswith("past") else ""


def until_day(judged: Judged, on: int) -> int | None:
    """The ordinal day on which a met `not-now` ends, counted from the latest of what decided it."""
    statement, answer = judged.statement, judged.answer
    if not answer.value or statement.until is None or not answer.hits:
        return None
    ends = []
    for hit in answer.hits:
        entry = hit.entry
        if statement.until.after == "last dose" and entry.course is not None:
            ends.append(min(entry.course.possible, on))
        elif entry.kind != "patient":
            ends.append(
                min((entry.until or entry.span).hi, on)
                if statement.until.after != "procedure"
                else entry.span.hi
            )
    return max(ends) + statement.until.days if ends else None


def earliest(judged: Sequence[Judged], on: int, missing: Sequence[Gap]) -> tuple[str | None, str]:
    """The first day on which nothing known would stop it, and what that depends on."""
    stopping = [each for each in judged if each.adds >= LATER]
    if any(each.adds == NEVER for each in stopping):
        return None, "a reason to avoid it does not pass with time alone"
    open_ended = [each for each in stopping if until_day(each, on) is None]
    if open_ended:
        names = ", ".join(each.statement.title or each.statement.id for each in open_ended[:3])
        return None, f"it depends on {names}"
    days = [day for each in stopping if (day := until_day(each, on)) is not None]
    first = max([on, *days])
    if any(gap.blocks for gap in missing):
        return (dates.iso(first) if days else None), "not before what is missing is known"
    return dates.iso(first), "" if not days else "if no further dose is taken"


class SortedOut(NamedTuple):
    """Met findings by the part of an answer they belong to, heaviest first."""

    reasons: tuple[Finding, ...]
    precautions: tuple[Finding, ...]
    monitoring: tuple[Finding, ...]


def sort_out(findings: Sequence[Finding], judged: Sequence[Judged]) -> SortedOut:
    """Part met findings into what stops it, what to mind, and what is due.

    A request for data that is there (a statement with `missing`) belongs to none of them, nor does an
    indication that the record supports.
    """
    asks = {each.statement.id for each in judged if each.statement.missing}
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
