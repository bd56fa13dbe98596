"""What a record says to each statement: the small, plain form of an answer, from which all prose follows.

`Judgement` holds nothing of the knowledge and no reference into the record, so it can be kept in a table
and told in full later (`explain`): `check` does so at once, `screen` only for whoever is asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from posology.monograph.model import Statement, Use
from posology.record import dates
from posology.record.model import Entry, Hit, Record

from .answer import Answer, Missing
from .result import DOUBTFUL, Aside, EntryRef
from .verdict import CANNOT_TELL, FINE, LATER, NAMES, NEVER, contribution


class Open(Struct, frozen=True, gc=False):
    """One thing to find out for a statement: what, why it is open, the entries that leave it open.

    `concept` is that of an entry which would answer it; empty where only this statement asks for it.
    """

    what: str
    why: str
    concept: str
    entries: tuple[EntryRef, ...]


class Told(Struct, frozen=True, gc=False):
    """What the record says to one statement that is met or open; one that is not met has nothing to tell.

    `place` is the statement's among those in scope (`Plan.rules`), `adds` the rank that it adds to the
    verdict, `until` the ordinal day on which it ends. Met without `entries`: decided by what is not there.
    """

    place: int
    met: bool
    adds: int
    note: str
    entries: tuple[EntryRef, ...]
    missing: tuple[Open, ...]
    until: int | None


class Judgement(Struct, frozen=True, gc=False):
    """One record's answer to one question, without the words of the knowledge.

    `recorded`: does the record give a reason for the use (None: not known), and `use_entries` which.
    """

    patient: str
    stage: str
    rank: int
    told: tuple[Told, ...]
    recorded: bool | None
    use_entries: tuple[EntryRef, ...]
    notices: tuple[str, ...]
    others: tuple[str, ...]
    set_aside: tuple[Aside, ...]
    unreadable: tuple[Aside, ...]
    counts: dict[str, int]

    @property
    def verdict(self) -> str:
        """The verdict's name at this stage."""
        return NAMES[self.stage][self.rank]


def patient_ref(patient: str) -> EntryRef:
    """The person as what decided a finding."""
    return EntryRef(patient, "Patient", "Patient", "", "", "", "")


class Refs:
    """Names the entries of one record, each once."""

    def __init__(self, on: int) -> None:
        self._on = on
        self._known: dict[int, EntryRef] = {}
        self._open: dict[int, tuple[Missing, Open]] = {}

    def open(self, gap: Missing) -> Open:
        """A gap in its plain form; several statements may share one."""
        known = self._open.get(id(gap))
        if known is None:
            # The gap is kept beside its plain form, so that its id is not used again.
            known = self._open[id(gap)] = gap, Open(gap.what, gap.why, gap.concept, self.listed(gap.hits))
        return known[1]

    def entry(self, hit: Hit) -> EntryRef:
        """An entry as it is named in a result."""
        entry = hit.entry
        known = self._known.get(id(entry))
        if known is None or known.how != hit.how:
            known = self._known[id(entry)] = EntryRef(
                entry.ref,
                entry.resource,
                entry.title,
                entry.code,
                _when(entry),
                _value(entry, self._on),
                hit.how,
            )
        return known

    def listed(self, hits: Sequence[Hit]) -> tuple[EntryRef, ...]:
        """Entries once each, the newest first."""
        if len(hits) == 1:
            return (self.entry(hits[0]),)
        return newest_first([self.entry(hit) for hit in hits]) if hits else ()


def newest_first(refs: Iterable[EntryRef]) -> tuple[EntryRef, ...]:
    """Each once, in an order that does not depend on hashes: the parts of one panel share day and reference."""
    return tuple(
        sorted(
            set(refs),
            key=lambda ref: (ref.date, ref.ref, ref.title, ref.code, ref.value, ref.how),
            reverse=True,
        )
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


def tell(place: int, statement: Statement, rank: int, answer: Answer, refs: Refs, on: int) -> Told:
    """The plain form of the answer of one statement that is met or open."""
    hits: Sequence[Hit] = answer.hits
    if not hits and answer.missing:
        hits = [hit for gap in answer.missing for hit in gap.hits]
    return Told(
        place,
        bool(answer.value),
        contribution(statement, answer.value, rank),
        answer.note,
        refs.listed(hits) if hits else (),
        tuple([refs.open(gap) for gap in answer.missing]) if answer.missing else (),
        _until_day(statement, answer, on) if statement.until is not None else None,
    )


def _until_day(statement: Statement, answer: Answer, on: int) -> int | None:
    """The ordinal day on which a met `not-now` ends, counted from the latest of what decided it."""
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


def earliest(told: Sequence[Told], names: Sequence[str], on: int) -> tuple[str | None, str]:
    """The first day on which nothing known would stop it, and what that depends on.

    `names` are those of the statements, by place.
    """
    stopping = [each for each in told if each.adds >= LATER]
    if any(each.adds == NEVER for each in stopping):
        return None, "a reason to avoid it does not pass with time alone"
    open_ended = [each for each in stopping if each.until is None]
    if open_ended:
        return None, f"it depends on {', '.join(names[each.place] for each in open_ended[:3])}"
    days = [each.until for each in stopping if each.until is not None]
    first = max([on, *days])
    if any(not each.met and each.missing and each.adds >= CANNOT_TELL for each in told):
        return (dates.iso(first) if days else None), "not before what is missing is known"
    return dates.iso(first), "" if not days else "if no further dose is taken"


def notices(
    record: Record, name: str, takes: Answer, indication: Answer, use: Use, region: str
) -> tuple[str, ...]:
    """What a reader must know about the record before the verdict. `name` is the drug's."""
    found = []
    if record.dead:
        died = f" on {dates.show(record.died)}" if record.died else ""
        found.append(f"The record says that this person died{died}.")
    if takes.value is None and takes.missing and takes.missing[0].hits:
        found.append(
            f"It is not certain whether this person already takes {name}: "
            f"{takes.missing[0].why}. The answer is for starting it."
        )
    if use.grade in DOUBTFUL and region not in use.labelled and use.indicated:
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


def set_aside(record: Record) -> tuple[Aside, ...]:
    """Entries that were read and do not count."""
    return tuple([Aside(aside.ref, aside.title, aside.reason) for aside in record.set_aside])


def unreadable(record: Record) -> tuple[Aside, ...]:
    """Entries that could not be read, with place and reason."""
    return tuple([Aside(bad.ref, "", bad.reason, bad.place) for bad in record.unreadable])


def worst(told: Sequence[Told]) -> int:
    """The rank of the verdict that these findings give together."""
    return max([each.adds for each in told], default=FINE)
